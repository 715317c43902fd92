package bundles

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLinesAreTakenOneByOne(t *testing.T) {
	t.Parallel()
	big := `{"resourceType":"Binary","id":"b","contentType":"text/plain","data":"` + strings.Repeat("AAAA", 5<<20) + `"}`
	p, q := patient("p"), patient("q")
	lost := "names no person; if what it belongs to does, give them together in a Bundle"
	for _, c := range []struct{ name, content, keeps, says string }{
		{"plain", p + "\n" + q + "\n", "p/Patient/p q/Patient/q", ""},
		{"no newline at the end", p + "\n" + q, "p/Patient/p q/Patient/q", ""},
		{"CRLF", p + "\r\n" + q + "\r\n", "p/Patient/p q/Patient/q", ""},
		{"blank lines", "\n\r\n" + p + "\n \t\n\n" + q + "\n\n", "p/Patient/p q/Patient/q", ""},
		{"only blank lines", "\n\n", "", ""},
		{"a broken line", p + "\n\n{\"resourceType\":\"Patient\",\n" + q, "p/Patient/p q/Patient/q", "line 3: is not JSON"},
		{"a line cut short at the end", p + "\n" + q[:len(q)-4], "p/Patient/p", "line 2: is not JSON"},
		{"two on a line", p + " " + q + "\n" + q, "q/Patient/q", "line 1: is not JSON"},
		{"a line of 20 MB", p + "\n" + big + "\n" + q, "p/Patient/p q/Patient/q", "line 2: is larger than 16 MB"},
		{"a line of zeros", p + "\n\x00\x00\x00\n" + q, "p/Patient/p q/Patient/q", "line 2: is not JSON"},
		{"a line 10,000 deep", p + "\n" + deep(10_000, true) + "\n" + q, "p/Patient/p q/Patient/q", "line 2: is nested too deeply to be FHIR"},
		{"a Bundle on a line", p + "\n" + collection(q) + "\n", "p/Patient/p", "line 2: has neither an id nor a fullUrl, so a second import could not know it again: give it an id"},
		{"the person after", obs("o", about("Patient/p")) + "\n" + p, "p/Observation/o p/Patient/p", ""},
		{"the person never", p + "\n" + obs("o", about("Patient/z")), "p/Patient/p", "line 2: is about a person who is not here: import the file with that Patient too"},
		{"nobody, though the next line is", p + "\n" + obs("o", about("Patient/p")) + "\n" + res("List", "l", `"status":"current","mode":"working","entry":[{"item":{"reference":"Observation/o"}}]`),
			"p/Observation/o p/Patient/p", "line 3: " + lost},
		{"one line twice", p + "\n" + p + "\n", "p/Patient/p", ""},
		{"one id twice", p + "\n" + obs("o", about("Patient/p")) + "\n" + obs("o", about("Patient/p")+`,"effectiveDateTime":"2020"`), "p/Observation/o p/Patient/p", "line 3: is another Observation with the id of line 2, and other content"},
		{"gzip", "\x1f\x8b\x08\x00", "", "is compressed: unpack it first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			f := file(t, "f.ndjson", c.content)
			rep := bring(t, v, f)
			if got := strings.Join(reasons(rep), "; "); got != c.says {
				t.Errorf("said  %s\nwant  %s", got, c.says)
			}
			if got := keys(t, v); got != c.keeps {
				t.Errorf("keeps %s\nwant  %s", got, c.keeps)
			}
			was := state(t, v)
			if rep.Written != len(was) {
				t.Errorf("says that it wrote %d, and %d are there", rep.Written, len(was))
			}
			again := bring(t, v, f)
			if again.Written != 0 || len(again.Refused) != len(rep.Refused) || (len(rep.Refused) == 0) != (again.Skipped == 1) {
				t.Errorf("again: %+v", again)
			}
			sameState(t, state(t, v), was)
		})
	}
}

// manyLines is n lines about a person, the person first or last.
func manyLines(n int, last bool) string {
	var b strings.Builder
	if !last {
		b.WriteString(patient("p") + "\n")
	}
	for i := range n {
		b.WriteString(observation(fmt.Sprint("o", i), "Patient/p") + "\n")
	}
	if last {
		b.WriteString(patient("p") + "\n")
	}
	return b.String()
}

func TestTheCountsOfWhatWaitsAreTrue(t *testing.T) {
	t.Parallel()
	n := 2*maxLines + 17
	t.Run("the person is the last line", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		rep := bring(t, v, file(t, "f.ndjson", manyLines(n, true)))
		if rep.Written != n+1 || rep.Unchanged != 0 || rep.Clients != 1 || rep.Files != 1 || len(rep.Refused) > 0 || len(state(t, v)) != n+1 {
			t.Errorf("%d lines: %+v", n+1, rep)
		}
	})
	t.Run("the person is in a later file", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		rest := strings.SplitAfter(manyLines(n, false), "\n")
		other := strings.Join(rest[1:], "") + patient("z") + "\n"
		rep := bring(t, v, file(t, "a.ndjson", other), file(t, "b.json", patient("p")))
		if rep.Written != n+2 || rep.Unchanged != 0 || len(rep.Refused) > 0 || len(state(t, v)) != n+2 {
			t.Errorf("%d lines: %+v", n+2, rep)
		}
	})
	t.Run("a conditional reference in the middle", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		lines := strings.SplitAfter(manyLines(n, false), "\n")
		lines[maxLines+5] = obs("c", about("Patient/p")+performer("Practitioner?identifier=http://npi.example|1")) + "\n"
		rep := bring(t, v, file(t, "a.ndjson", strings.Join(lines, "")), file(t, "z.json", collection(npi("n", "1"))))
		if rep.Written != n+2 || rep.Unchanged != 0 || len(rep.Refused) > 0 {
			t.Errorf("%d lines: %+v", n+2, rep)
		}
	})
	t.Run("what never comes", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		lines := strings.SplitAfter(manyLines(n, false), "\n")
		lines[maxLines+5] = obs("c", about("Patient/z")) + "\n"
		f := file(t, "a.ndjson", strings.Join(lines, ""))
		rep := bring(t, v, f)
		if rep.Written != n || rep.Unchanged != 0 || len(rep.Refused) != 1 || rep.Refused[0].Entry != fmt.Sprint("line ", maxLines+6) {
			t.Errorf("%d lines: %+v", n+1, rep)
		}
		// the next import looks at the batch it is in again, not at what was clean
		if again := bring(t, v, f); again.Written != 0 || again.Unchanged != n-maxLines || len(again.Refused) != 1 || again.Refused[0].Entry != rep.Refused[0].Entry {
			t.Errorf("again: %+v", again)
		}
	})
	t.Run("nobody ever", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		lines := strings.SplitAfter(manyLines(maxRefusals+9, false), "\n")
		rep := bring(t, v, file(t, "a.ndjson", strings.Join(lines[1:], "")))
		if rep.Written != 0 || len(rep.Refused) != maxRefusals+1 || rep.Refused[maxRefusals].Reason != "9 more lines were not taken" {
			t.Errorf("%d refused, the last: %v", len(rep.Refused), rep.Refused[len(rep.Refused)-1])
		}
	})
}

func TestAFileThatChangedIsReadAgain(t *testing.T) {
	t.Parallel()
	v := vault(t)
	for _, name := range []string{"f.ndjson", "f.json"} {
		f := filepath.Join(t.TempDir(), name)
		write := func(s string) {
			t.Helper()
			if err := os.WriteFile(f, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		id := name[2:]
		content := func(rs ...string) string {
			if name == "f.json" {
				return collection(rs...)
			}
			return strings.Join(rs, "\n")
		}
		write(content(patient(id)))
		bring(t, v, f)
		write(content(patient(id), observation("o", "Patient/"+id)))
		if rep := bring(t, v, f); rep.Written != 1 || rep.Unchanged != 1 {
			t.Errorf("%s, grown: %+v", name, rep)
		}
		write(content(patient(id)))
		if rep := bring(t, v, f); rep.Skipped != 1 {
			t.Errorf("%s, as it was at first: %+v", name, rep)
		}
		// and while it is being read: seen at the end, never taken for finished
		write(content(patient(id), observation("x", "Patient/"+id)))
		s := order([]string{f})[0]
		if name == "f.ndjson" {
			s.changed = s.changed.Add(-time.Hour)
		} else {
			s.size--
		}
		im := importer(t, v)
		im.claimed, im.disputes = map[[32]byte]*source{}, map[string]bool{}
		rep, err := im.file(t.Context(), s, true)
		if err != nil || len(rep.Refused) != 1 || !strings.HasSuffix(rep.Refused[0].Reason, errMoved.Error()) {
			t.Errorf("%s, changed on the way: %+v, %v", name, rep, err)
		}
		if rep := bring(t, v, f); rep.Skipped != 0 {
			t.Errorf("%s was taken for finished", name)
		}
	}
}
