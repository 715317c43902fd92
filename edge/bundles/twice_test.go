package bundles

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"rapport/account"
	"rapport/fhir"
	"rapport/record"
)

func TestWhatIsHereStays(t *testing.T) {
	t.Parallel()
	first := obs("o", about("Patient/p")+`,"effectiveDateTime":"2020"`)
	other := "is here with other content, and the file does not say by meta.lastUpdated that it is newer"
	dated := func(when string) string {
		return strings.Replace(obs("o", about("Patient/p")+`,"effectiveDateTime":"2021"`), `"id":"o"`, `"id":"o","meta":{"lastUpdated":"`+when+`"}`, 1)
	}
	for _, c := range []struct {
		name, before, after, says string
		version                   string
	}{
		{"alike", first, first, "", "1"},
		{"in another order and with escapes", first, `{"effectiveDateTime":"2020", "code":{"text":"\u0078"},"id":"o","status":"final","subject":{"reference":"Patient\/p"},"resourceType":"Observation"}`, "", "1"},
		{"with other digits", obs("o", about("Patient/p")+`,"valueQuantity":{"value":1.10}`), obs("o", about("Patient/p")+`,"valueQuantity":{"value":1.1}`), "entry 1: " + other, "1"},
		{"not alike, without a date", first, obs("o", about("Patient/p")), "entry 1: " + other, "1"},
		{"not alike, newer", dated("2020-01-01T00:00:00Z"), strings.Replace(dated("2020-01-01T00:00:01Z"), "2021", "2022", 1), "", "2"},
		{"not alike, older", dated("2020-01-02T00:00:00Z"), strings.Replace(dated("2020-01-01T00:00:01Z"), "2021", "2022", 1), "entry 1: " + other, "1"},
		{"not alike, as old", dated("2020-01-02T00:00:00Z"), strings.Replace(dated("2020-01-02T01:00:00+01:00"), "2021", "2022", 1), "entry 1: " + other, "1"},
		{"not alike, and only the new one has a date", first, dated("2020-01-01T00:00:01Z"), "entry 1: " + other, "1"},
	} {
		for _, name := range []string{"f.json", "f.ndjson"} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				t.Parallel()
				v := vault(t)
				bring(t, v, file(t, "a.json", collection(patient("p"), c.before)))
				content, says := collection(c.after), c.says
				if name == "f.ndjson" {
					content, says = c.after+"\n", strings.Replace(says, "entry", "line", 1)
				}
				f := file(t, name, content)
				rep := bring(t, v, f)
				if got := strings.Join(reasons(rep), "; "); got != says {
					t.Errorf("said %q, want %q", got, says)
				}
				got := state(t, v)["p/Observation/o"]
				if !strings.HasPrefix(got, c.version+" ") {
					t.Errorf("is at %.20s, want version %s", got, c.version)
				}
				if again := bring(t, v, file(t, "again"+name, content+"\n")); again.Written != 0 || len(again.Refused) != len(rep.Refused) {
					t.Errorf("again: %+v", again)
				}
			})
		}
	}
}

func TestSomebodyElseWithTheSameId(t *testing.T) {
	t.Parallel()
	p := res("Patient", "1", `"name":[{"family":"Zebrafink","given":["Ann"]}],"birthDate":"1980-01-01","identifier":[{"system":"http://mrn.example","value":"77"}]`)
	moved := res("Patient", "1", `"name":[{"family":"Zebrafink","given":["Ann"]}],"birthDate":"1980-01-01","address":[{"city":"Zebrafink"}]`)
	renamed := res("Patient", "1", `"name":[{"family":"Other"}],"identifier":[{"system":"http://mrn.example","value":"77"}]`)
	stranger := res("Patient", "1", `"name":[{"family":"Zebrafink","given":["Ann"]}],"birthDate":"1991-01-01","meta":{"lastUpdated":"2030-01-01T00:00:00Z"}`)
	other := "is here with other content, and the file does not say by meta.lastUpdated that it is newer"
	for _, c := range []struct{ name, patient, says string }{
		{"the same", p, ""},
		{"who moved", moved, "entry 1: " + other},
		{"with another name and the same number", renamed, "entry 1: " + other},
		{"somebody else", stranger, "entry 1: " + strangerHere + "; entry 2: " + disputedPerson},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			bring(t, v, file(t, "a.json", collection(p)))
			rep := bring(t, v, file(t, "b.json", collection(c.patient, obs("o", about("Patient/1")))))
			if got := strings.Join(reasons(rep), "; "); got != c.says {
				t.Errorf("said %q, want %q", got, c.says)
			}
			if _, taken := state(t, v)["1/Observation/o"]; taken != !strings.Contains(c.says, strangerHere) {
				t.Errorf("the observation was taken: %t", taken)
			}
		})
		t.Run(c.name+", in a transaction", func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			bring(t, v, file(t, "a.json", collection(p)))
			was := state(t, v)
			f := bundleOf("transaction", entryOf("", c.patient, "PUT Patient/1"), entryOf("", obs("o", about("Patient/1")), "PUT Observation/o"), entryOf("", npi("n", "1"), "PUT Practitioner/n"))
			rep := bring(t, v, file(t, "b.json", f))
			if c.says == "" {
				if rep.Written != 2 || len(rep.Refused) > 0 {
					t.Errorf("%+v", rep)
				}
				return
			}
			if rep.Written != 0 || len(rep.Refused) == 0 {
				t.Errorf("%+v", rep)
			}
			sameState(t, state(t, v), was)
		})
	}
	t.Run("in other files", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		bring(t, v, file(t, "a.json", collection(p)))
		rep := bring(t, v, file(t, "Patient.ndjson", stranger), file(t, "Observation.ndjson", obs("o", about("Patient/1"))))
		if got := strings.Join(reasons(rep), "; "); got != "line 1: "+strangerHere+"; line 1: "+disputedPerson || rep.Written != 0 {
			t.Errorf("said %q", got)
		}
	})
}

func TestWhatIsSharedStays(t *testing.T) {
	t.Parallel()
	v := vault(t)
	bring(t, v, file(t, "a.json", collection(npi("n", "1"))))
	was := state(t, v)
	f := bundleOf("transaction", entryOf("", npi("n", "2"), "PUT Practitioner/n"), entryOf("", patient("p"), "PUT Patient/p"))
	rep := bring(t, v, file(t, "b.json", f))
	if rep.Written != 1 || rep.Kept != 1 || len(rep.Refused) > 0 || state(t, v)["shared/Practitioner/n"] != was["shared/Practitioner/n"] {
		t.Errorf("%+v", rep)
	}
	newer := strings.Replace(npi("n", "3"), `"id":"n"`, `"id":"n","meta":{"lastUpdated":"2030-01-01T00:00:00Z"}`, 1)
	bring(t, v, file(t, "c.json", collection(strings.Replace(npi("m", "1"), `"id":"m"`, `"id":"m","meta":{"lastUpdated":"2029-01-01T00:00:00Z"}`, 1))))
	rep = bring(t, v, file(t, "d.json", collection(strings.Replace(newer, `"id":"n"`, `"id":"m"`, 1))))
	if rep.Written != 1 || rep.Kept != 0 {
		t.Errorf("a newer one: %+v", rep)
	}
	// a condition that another one fits already makes nothing
	rep = bring(t, v, file(t, "e.json", bundleOf("batch", ask(npi("other", "1"), `"method":"POST","url":"Practitioner","ifNoneExist":"identifier=http://npi.example|1"`))))
	if rep.Written != 0 || rep.Unchanged != 1 || len(rep.Refused) > 0 {
		t.Errorf("ifNoneExist: %+v", rep)
	}
}

func TestWhatWasDeletedStaysDeleted(t *testing.T) {
	t.Parallel()
	v := vault(t)
	bring(t, v, file(t, "a.json", collection(patient("p"), obs("o", about("Patient/p")))))
	dir, err := v.OpenDirectory(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := dir.ByPerson("p")
	c, err := v.Open(t.Context(), account.AsSystem(account.Importer), record.Importing, id, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Apply(t.Context(), record.Change{Resource: fhir.Resource{Type: "Observation", ID: "o"}, Delete: true}); err != nil {
		t.Fatal(err)
	}
	rep := bring(t, v, file(t, "b.json", collection(patient("p"), obs("o", about("Patient/p")))+"\n"))
	if got := reasons(rep); len(got) != 1 || got[0] != "entry 2: was deleted here, and an import does not bring it back" {
		t.Errorf("said %q", got)
	}
}

// TestTheOrderOfFilesDecidesNothing brings the same files in in many orders and
// under many names; what is kept is always the same.
func TestTheOrderOfFilesDecidesNothing(t *testing.T) {
	t.Parallel()
	content := map[string]string{
		"doctors.json":       collection(npi("n", "1"), npi("m", "2")),
		"visit.json":         collection(obs("v", about("Patient/p")+performer("Practitioner?identifier=2"))),
		"p.json":             bundleOf("transaction", entryOf("urn:uuid:"+uuidP, patient("p"), "POST Patient"), entryOf("", obs("t", about("urn:uuid:"+uuidP)+performer("Practitioner?identifier=1")), "POST Observation")),
		"Patient.ndjson":     patient("q") + "\n" + patient("r") + "\n",
		"Observation.ndjson": obs("x", about("Patient/q")) + "\n" + obs("y", about("Patient/p")) + "\n" + obs("z", about("Patient/r")),
		"twin.json":          collection(patient("p"), obs("y", about("Patient/p"))),
	}
	var names []string
	for n := range content {
		names = append(names, n)
	}
	var want map[string]string
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		v := vault(t)
		var files []string
		for _, n := range names {
			files = append(files, file(t, n, content[n]))
		}
		files = append(files, files[0]) // and one of them twice
		rep := bring(t, v, files...)
		if len(rep.Refused) > 0 || rep.Written != 10 || rep.Unchanged != 2 || rep.Skipped != 1 {
			t.Errorf("order %d: %+v", seed, rep)
		}
		got := state(t, v)
		if want == nil {
			want = got
		}
		sameState(t, got, want)
		for k, s := range got {
			if !strings.HasPrefix(s, "1 ") {
				t.Errorf("order %d: %s was written more than once: %s", seed, k, s)
			}
		}
		r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		if again := bring(t, v, files...); again.Skipped != len(files) {
			t.Errorf("order %d, again: %+v", seed, again)
		}
		var others []string
		for i, n := range names {
			s := content[n]
			if strings.HasSuffix(n, ".json") {
				s = strings.ReplaceAll(s, `":`, `" : `)
			} else {
				s += "\n\n"
			}
			others = append(others, file(t, fmt.Sprint(i, n), s))
		}
		if again := bring(t, v, others...); again.Written != 0 || again.Unchanged != 12 || len(again.Refused) > 0 {
			t.Errorf("order %d, under other names: %+v", seed, again)
		}
		sameState(t, state(t, v), want)
	}
}
