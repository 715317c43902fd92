package forms_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/fhir/form"
	"rapport/fhir/path"
	"rapport/forms"

	"rapport/fhir"
)

// now is when the made-up people answer.
var now = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

// person is somebody made up: what they answer, by linkId, and what is on record.
// A repeating group is a list of such answers, one for each of its instances.
type person struct {
	Who, Lang, Gender, BirthDate, Form string
	Chart                              []json.RawMessage
	Answers                            map[string]any
}

func readPerson(t testing.TB, name string) person {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "people", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var p person
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p
}

func (p person) patient() []byte {
	if p.Gender == "" {
		return []byte(`{"resourceType":"Patient","id":"1"}`)
	}
	return fmt.Appendf(nil, `{"resourceType":"Patient","id":"1","gender":%q,"birthDate":%q}`, p.Gender, p.BirthDate)
}

// of returns what is on record of a type.
func (p person) of(typ string) [][]byte {
	var out [][]byte
	for _, r := range p.Chart {
		if strings.Contains(string(r), `"resourceType":"`+typ+`"`) || strings.Contains(string(r), `"resourceType": "`+typ+`"`) {
			out = append(out, r)
		}
	}
	return out
}

func (p person) env(t testing.TB) form.Env {
	t.Helper()
	patient, err := fhir.Parse(p.patient())
	if err != nil {
		t.Fatal(err)
	}
	return form.Env{Now: now, Subject: "Patient/1", Author: "Patient/1",
		Vars: func(name string) ([]path.Value, bool) {
			return []path.Value{path.Of(patient.Root())}, name == "patient"
		},
		Query: func(q string) ([]byte, bool) {
			typ, _, _ := strings.Cut(q, "?")
			var entries []string
			for _, r := range p.of(typ) {
				entries = append(entries, `{"resource":`+string(r)+`}`)
			}
			return []byte(`{"resourceType":"Bundle","type":"searchset","entry":[` + strings.Join(entries, ",") + `]}`), true
		}}
}

func shipped(t testing.TB, name string) *form.Form {
	t.Helper()
	r, ok := forms.Find("urn:rapport:form:" + name)
	if !ok {
		t.Fatalf("no form %s", name)
	}
	f, err := form.Read(r.JSON, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

// fill answers the person's form as a person would, question by question, and
// fails for every answer of theirs that was never asked for.
func (p person) fill(t testing.TB) *form.Sheet {
	t.Helper()
	s, err := form.Start(shipped(t, p.Form), p.env(t))
	if err != nil {
		t.Fatal(err)
	}
	done := map[form.Place]bool{}
	used := map[string]bool{}
	for next(t, p, s, done, used) {
	}
	for _, l := range slices.Sorted(maps.Keys(p.Answers)) {
		if !used[l] {
			t.Errorf("%s was never asked", l)
		}
	}
	return s
}

// next answers one more question and reports whether there was one.
func next(t testing.TB, p person, s *form.Sheet, done map[form.Place]bool, used map[string]bool) bool {
	t.Helper()
	qs := s.Questions()
	for _, q := range qs {
		given := p.at(q.Trail)[q.Item.LinkID]
		if given == nil || done[q.Place] {
			continue
		}
		used[q.Item.LinkID] = true
		if len(q.Trail) > 0 {
			for _, l := range q.Trail {
				used[l.Item.LinkID] = true
			}
		}
		if q.Another {
			if list := given.([]any); instances(qs, q.Place) < len(list) {
				if _, err := s.Add(q.Place); err != nil {
					t.Fatalf("%s: %v", q.Item.LinkID, err)
				}
				return true
			}
			continue
		}
		done[q.Place] = true
		if issues, err := s.Set(q.Place, answers(t, q, given)); err != nil || len(issues) > 0 {
			t.Fatalf("%s: %v %v", q.Item.LinkID, issues, err)
		}
		return true
	}
	return false
}

// at returns the person's answers for the instance a question lies in.
func (p person) at(trail []form.Line) map[string]any {
	here := p.Answers
	for _, l := range trail {
		if l.Instance == 0 {
			continue
		}
		list, _ := here[l.Item.LinkID].([]any)
		if l.Instance > len(list) {
			return nil
		}
		here = list[l.Instance-1].(map[string]any)
	}
	return here
}

func instances(qs []form.Question, group form.Place) int {
	seen := map[form.Place]bool{}
	for _, q := range qs {
		for _, l := range q.Trail {
			if rest, ok := strings.CutPrefix(string(l.Place), string(group)+"."); ok && !strings.Contains(rest, ".") {
				seen[l.Place] = true
			}
		}
	}
	return len(seen)
}

// answers turns JSON into answers: codes into the options they name.
func answers(t testing.TB, q form.Question, v any) []form.Answer {
	t.Helper()
	switch x := v.(type) {
	case []any:
		var out []form.Answer
		for _, one := range x {
			out = append(out, answers(t, q, one)...)
		}
		return out
	case bool:
		return []form.Answer{{Type: "boolean", Text: fmt.Sprint(x)}}
	case float64:
		return []form.Answer{{Type: q.Item.Type, Text: fmt.Sprint(x)}}
	case string:
		for _, o := range q.Options {
			if o.Value.Code == x {
				return []form.Answer{o.Value}
			}
		}
		if len(q.Options) > 0 && !q.Item.Open {
			t.Fatalf("%s has no option %q", q.Item.LinkID, x)
		}
		return []form.Answer{{Type: "string", Text: x}}
	}
	t.Fatalf("%s: %T", q.Item.LinkID, v)
	return nil
}
