package bundles

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf16"
)

type atomicSum struct{ n atomic.Int64 }

func (s *atomicSum) add(n int64) { s.n.Add(n) }
func (s *atomicSum) sum() int64  { return s.n.Load() }

func utf16File(s string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// deep is a resource nested n times, by arrays or by objects.
func deep(n int, objects bool) string {
	open, end := "[", "]"
	if objects {
		open, end = `{"extension":[`, `]}`
	}
	return `{"resourceType":"Patient","id":"p","extension":` + "[" + strings.Repeat(open, n) + strings.Repeat(end, n) + "]}"
}

func TestWhatIsNotABundleIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	good := collection(patient("p"), observation("o", "Patient/p"))
	for _, c := range []struct{ name, content, want string }{
		{"empty", "", "is empty"},
		{"blank", " \n\t\r\n", "is empty"},
		{"binary", "\x00\x01\x02\x03" + marker, "is not JSON"},
		{"zeros", strings.Repeat("\x00", 4096), "is not JSON"},
		{"gzip", "\x1f\x8b\x08\x00" + marker, "is compressed: unpack it first"},
		{"zip", "PK\x03\x04" + marker, "is compressed: unpack it first"},
		{"xml", `<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"/>`, "is XML: give FHIR's JSON"},
		{"utf16le", utf16File(good, binary.LittleEndian, true), "is UTF-16: save it as UTF-8"},
		{"utf16be", utf16File(good, binary.BigEndian, true), "is UTF-16: save it as UTF-8"},
		{"utf16le bare", utf16File(good, binary.LittleEndian, false), "is UTF-16: save it as UTF-8"},
		{"utf16be bare", utf16File(good, binary.BigEndian, false), "is UTF-16: save it as UTF-8"},
		{"latin1", `{"resourceType":"Patient","id":"p","name":[{"family":"Zebrafink` + "\xe9" + `"}]}`, "is not JSON: a string is not UTF-8"},
		{"text", marker + " was here", "is not JSON"},
		{"list", "[" + patient("p") + "]", "is not FHIR: it is a list, not a resource"},
		{"number", "12", "is not JSON"},
		{"not fhir", `{"name":"` + marker + `"}`, "is not FHIR: it has no resourceType"},
		{"empty object", `{}`, "is not FHIR: it has no resourceType"},
		{"no such type", `{"resourceType":"` + marker + `","id":"p"}`, "is not FHIR: resourceType is missing or unknown"},
		{"capitals", `{"RESOURCETYPE":"Bundle","TYPE":"collection","ENTRY":[{"resource":` + patient("p") + `}]}`, "is not FHIR: it has no resourceType"},
		{"entry in capitals", strings.Replace(good, `"entry"`, `"Entry"`, 1), "is not valid FHIR: Bundle: an element R4 does not have here"},
		{"two values", patient("p") + "\n" + patient("q"), "holds more than one JSON value: if it is NDJSON, give it a name that ends in .ndjson"},
		{"more behind", good + "}", "holds more than one JSON value: if it is NDJSON, give it a name that ends in .ndjson"},
		{"kind", bundleOf("history", entryOf("", patient("p"), "")), "is a Bundle of a kind that is not taken: give a transaction, batch, collection, searchset or document"},
		{"no kind", strings.Replace(good, `"type":"collection",`, "", 1), "is a Bundle of a kind that is not taken: give a transaction, batch, collection, searchset or document"},
		{"nothing in it", `{"resourceType":"Bundle","type":"collection"}`, "is a Bundle with nothing in it"},
		{"no entries", `{"resourceType":"Bundle","type":"collection","entry":[]}`, "is not valid FHIR: Bundle.entry: an array may not be empty"},
		{"entry no list", `{"resourceType":"Bundle","type":"collection","entry":{}}`, "is not valid FHIR: Bundle.entry: an array is expected"},
		{"entry of scalars", `{"resourceType":"Bundle","type":"collection","entry":[1,2]}`, "is not valid FHIR: Bundle.entry: an object is expected"},
		{"arrays, 10,000 deep", deep(10_000, false), "is nested too deeply to be FHIR"},
		{"objects, 10,000 deep", deep(10_000, true), "is nested too deeply to be FHIR"},
		{"arrays, 10,000 deep in an entry", collection(patient("q"), deep(10_000, false)), "is nested too deeply to be FHIR"},
		{"objects, 10,000 deep in an entry", collection(patient("q"), deep(10_000, true)), "is nested too deeply to be FHIR"},
		{"10,000 deep beside the entries", `{"resourceType":"Bundle","type":"collection","x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`, "is nested too deeply to be FHIR"},
		{"10,000 open", strings.Repeat(`{"a":[`, 10_000), "is nested too deeply to be FHIR"},
		{"comma", strings.Replace(good, `"p",`, `"p",,`, 1), "entry 1: is not JSON"},
		{"comma outside", strings.Replace(good, `"type":`, `,"type":`, 1), "is not JSON"},
		{"brackets crossed", collection(`{"resourceType":"Patient","id":"p","name":[{]}}`, patient("q")), "entry 1: is not JSON"},
		{"entries twice", strings.Replace(good, `"entry":`, `"entry":[{"resource":`+patient("x")+`}],"entry":`, 1), "is not valid FHIR: Bundle.entry: a property is given twice"},
		{"entries twice by an escape", strings.Replace(good, `"entry":`, `"entr\u0079":[{"resource":`+patient("x")+`}],"entry":`, 1), "is not valid FHIR: Bundle.entry: a property is given twice"},
		{"resource twice", bundleOf("collection", `{"resource":`+patient("p")+`,"resource":`+patient("q")+`}`), "is not valid FHIR: Bundle.entry[0].resource: a property is given twice"},
		{"resource twice by an escape", bundleOf("collection", `{"resource":`+patient("p")+`,"r\u0065source":`+patient("q")+`}`), "is not valid FHIR: Bundle.entry[0].resource: a property is given twice"},
		{"resourceType twice", strings.Replace(good, `"type":`, `"resourceType":"Patient","type":`, 1), "is not valid FHIR: Bundle.resourceType: a property is given twice"},
		{"key twice in an entry", collection(patient("q"), strings.Replace(patient("p"), `"id":`, `"id":"a","id":`, 1)), "entry 2: is not valid FHIR: Patient.id: a property is given twice"},
		{"key twice by an escape", collection(patient("q"), strings.Replace(patient("p"), `"id":`, `"\u0069d":"a","id":`, 1)), "entry 2: is not valid FHIR: Patient.id: a property is given twice"},
		{"not valid", `{"resourceType":"Patient","id":"p","birthDate":"` + marker + `"}`, "is not valid FHIR: Patient.birthDate: not a valid date"},
		{"an element in other letters", `{"resourceType":"Patient","id":"p","Gender":"` + marker + `"}`, "is not valid FHIR: Patient: an element R4 does not have here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			f := file(t, "f.json", c.content)
			rep := bring(t, v, f)
			if got := reasons(rep); len(got) != 1 || got[0] != c.want {
				t.Errorf("said %q\nwant %q", got, c.want)
			}
			left := state(t, v)
			for k := range left {
				if !strings.HasPrefix(c.want, "entry 2") || k != "q/Patient/q" {
					t.Errorf("kept %s", k)
				}
			}
			if again := bring(t, v, f); len(again.Refused) != 1 || again.Written != 0 {
				t.Errorf("the second time: %+v", again)
			}
		})
	}
}

func TestAFileCutAnywhereIsRefusedWhole(t *testing.T) {
	t.Parallel()
	v := vault(t)
	good := bundleOf("transaction", entryOf("urn:uuid:0b0d4dc6-3b1c-4a1f-8a5c-6d2b0a9f0c11", patient("p"), "POST Patient"),
		entryOf("", observation("o", "urn:uuid:0b0d4dc6-3b1c-4a1f-8a5c-6d2b0a9f0c11"), "POST Observation"))
	var files []string
	dir := t.TempDir()
	for n := 1; n < len(good); n++ {
		p := filepath.Join(dir, fmt.Sprintf("%d.json", n))
		if err := os.WriteFile(p, []byte(good[:n]), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, p)
	}
	rep := bring(t, v, files...)
	if len(rep.Refused) != len(files) || rep.Written != 0 || len(state(t, v)) != 0 {
		t.Fatalf("%d of %d refused, %d written", len(rep.Refused), len(files), rep.Written)
	}
	for _, r := range rep.Refused {
		if r.Reason != "is cut short: get the file again" {
			t.Errorf("%s: %s", filepath.Base(r.File), r.Reason)
		}
	}
	if rep := bring(t, v, file(t, "whole.json", good)); rep.Written != 2 || len(rep.Refused) > 0 {
		t.Errorf("the whole file after its pieces: %+v", rep)
	}
}

func TestTwoGigabytesAreRefusedWithoutReadingThem(t *testing.T) {
	t.Parallel()
	v := vault(t)
	head := `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + patient("p")
	f := file(t, "huge.json", head)
	if err := os.Truncate(f, 2<<30); err != nil {
		t.Skip("no sparse files here: ", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rep := bring(t, v, f)
	runtime.ReadMemStats(&after)
	if got := reasons(rep); len(got) != 1 || !strings.HasPrefix(got[0], "is one file of more than 256 MB") {
		t.Errorf("said %q", got)
	}
	s := order([]string{f})[0]
	if s.digest != nil {
		t.Error("it was hashed although it is refused")
	}
	// other tests run beside this one, so the bound is wide; 2 GB it is not
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
		t.Errorf("%d MB were taken for it", used>>20)
	}
}

func TestTwoGigabytesOfOneLineAreRefusedInLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 2 GB")
	}
	t.Parallel()
	v := vault(t)
	f := file(t, "huge.ndjson", patient("p")+"\n{")
	if err := os.Truncate(f, 2<<30); err != nil {
		t.Skip("no sparse files here: ", err)
	}
	rep := bring(t, v, f)
	if got := reasons(rep); len(got) != 1 || got[0] != "line 2: is larger than 16 MB" || rep.Written != 1 {
		t.Errorf("%d written, said %q", rep.Written, got)
	}
}

func TestABundleMayHaveAHundredThousandEntries(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100,000 resources")
	}
	t.Parallel()
	v := vault(t)
	rs := []string{patient("p")}
	for i := 1; i < 100_000; i++ {
		rs = append(rs, observation(fmt.Sprint("o", i), "Patient/p"))
	}
	f := file(t, "many.json", collection(rs...))
	if rep := bring(t, v, f); rep.Written != 100_000 || len(rep.Refused) > 0 {
		t.Errorf("%d written, said %q", rep.Written, reasons(rep))
	}
	f = file(t, "toomany.json", collection(append(rs, observation("last", "Patient/p"))...))
	if got := reasons(bring(t, v, f)); len(got) != 1 || got[0] != errMany.Error() {
		t.Errorf("said %q", got)
	}
}

func TestOneEntryMayBeTooLarge(t *testing.T) {
	t.Parallel()
	v := vault(t)
	big := fmt.Sprintf(`{"resourceType":"Binary","id":"b","contentType":"text/plain","securityContext":{"reference":"Patient/p"},"data":"%s"}`, strings.Repeat("AAAA", 17<<18))
	rep := bring(t, v, file(t, "f.json", collection(patient("p"), big)))
	if got := reasons(rep); len(got) != 1 || got[0] != "entry 2: is larger than 16 MB" || rep.Written != 1 {
		t.Errorf("%d written, said %q", rep.Written, got)
	}
}

func TestWhatIsNoFileIsListedAndTheRestTaken(t *testing.T) {
	t.Parallel()
	v := vault(t)
	dir := t.TempDir()
	good := file(t, "good.json", patient("p"))
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop.json")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	rep := bring(t, v, dir, filepath.Join(dir, "none.json"), link, loop, "/dev/null", good)
	want := []string{"is a folder: give the files in it", "cannot be read: no such file or directory", "cannot be read: too many levels of symbolic links", "is not a file"}
	if got := reasons(rep); !slices.Equal(got, want) {
		t.Errorf("said %q", got)
	}
	if rep.Written != 1 || rep.Skipped != 1 {
		t.Errorf("a file and a link to it: %+v", rep)
	}
	if os.Geteuid() != 0 { // nothing is forbidden to root
		if err := os.Chmod(good, 0); err != nil {
			t.Fatal(err)
		}
		if got := reasons(bring(t, v, good)); len(got) != 1 || got[0] != "cannot be read: permission denied" {
			t.Errorf("said %q", got)
		}
	}
}

func TestAByteOrderMarkIsTaken(t *testing.T) {
	t.Parallel()
	v := vault(t)
	rep := bring(t, v, file(t, "a.json", "\xef\xbb\xbf"+patient("p")), file(t, "b.ndjson", "\xef\xbb\xbf"+patient("q")+"\r\n"+patient("r")))
	if rep.Written != 3 || len(rep.Refused) > 0 {
		t.Errorf("%+v", rep)
	}
}

func TestOddFilesOfOthersNeverStopAnImport(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"fhir-r4/examples-instances/dev", "validator/dev"} {
		t.Run(strings.ReplaceAll(dir, "/", " "), func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			var files []string
			for _, f := range outside(t, dir) {
				if st, err := os.Stat(f); errors.Is(err, nil) && st.Mode().IsRegular() && filepath.Ext(f) == ".json" {
					files = append(files, f)
				}
			}
			rep := bring(t, v, files...)
			t.Logf("%d files: %d written, %d refused", len(files), rep.Written, len(rep.Refused))
			was := state(t, v)
			again := bring(t, v, files...)
			if again.Written != 0 {
				t.Errorf("a second import wrote %d", again.Written)
			}
			sameState(t, state(t, v), was)
		})
	}
}

// sameState holds what is kept against what should be.
func sameState(t testing.TB, got, want map[string]string) {
	t.Helper()
	bad := 0
	for k, w := range want {
		if g, ok := got[k]; !ok || g != w {
			if bad++; bad <= 5 {
				t.Errorf("%s: there: %t, %.80q, want %.80q", k, ok, g, w)
			}
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			if bad++; bad <= 5 {
				t.Errorf("%s is there and should not be", k)
			}
		}
	}
}
