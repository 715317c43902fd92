package form

import (
	"os"
	"path/filepath"
	"testing"

	"rapport/fhir"
)

func seeds(f *testing.F, pattern string) {
	root := filepath.Join("..", "..", "..", "shared", "data", "questionnaires")
	names, _ := filepath.Glob(filepath.Join(root, pattern))
	for _, n := range names {
		if b, err := os.ReadFile(n); err == nil && len(b) < 12_000 {
			f.Add(b)
		}
	}
}

// FuzzRead: any form is refused or can be filled, and what is written is R4.
func FuzzRead(f *testing.F) {
	seeds(f, "dev/lforms-R4/*.json")
	seeds(f, "dev/android-fhir-catalog/*.json")
	for n := range 20 {
		d := dice(n)
		f.Add([]byte(randomForm(&d)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		form, err := Read(b, nil)
		if err != nil {
			return
		}
		s, err := Start(form, Env{Now: theDay})
		if err != nil {
			if form.strict {
				t.Fatalf("valid R4 and cannot be filled: %v", err)
			}
			return
		}
		d := dice(len(b))
		for range 8 {
			click(t, &d, s)
		}
		_, done := s.Complete(theDay)
		for _, out := range [][]byte{s.JSON(), done} {
			if _, err := fhir.Parse(out); err != nil && form.strict {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		_, _ = s.Extract() // what cannot be valid is an error, never a panic
		s.Scores()
		s.Alarms()
	})
}

// FuzzResume: any response is refused or can be gone on with.
func FuzzResume(f *testing.F) {
	d := dice(5)
	src := randomForm(&d)
	form, err := Read([]byte(src), nil)
	if err != nil {
		f.Fatal(err)
	}
	s, err := Start(form, Env{Now: theDay})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.JSON())
	f.Add([]byte(`{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"urn:random|1","item":[{"linkId":"i1","answer":[{"valueString":"x","item":[{"linkId":"i2"}]}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		Validate(form, b, Env{Now: theDay})
		s, err := Resume(form, b, Env{Now: theDay})
		if err != nil {
			return
		}
		draft := s.JSON()
		if _, err := fhir.Parse(draft); err != nil {
			t.Fatalf("%v\n%s", err, draft)
		}
		again, err := Resume(form, draft, Env{Now: theDay})
		if err != nil {
			t.Fatalf("%v\n%s", err, draft)
		}
		if string(again.JSON()) != string(draft) {
			t.Fatalf("another draft:\n%s\n%s", draft, again.JSON())
		}
		dd := dice(len(b))
		for range 6 {
			click(t, &dd, s)
		}
		if _, err := fhir.Parse(s.JSON()); err != nil {
			t.Fatalf("%v\n%s", err, s.JSON())
		}
	})
}
