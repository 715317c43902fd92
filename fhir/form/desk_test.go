package form

import (
	"strings"
	"testing"

	"rapport/fhir"
)

// desk is a sheet under test.
type desk struct {
	*testing.T
	*Sheet
}

func sit(t *testing.T, f *Form, env Env) desk {
	t.Helper()
	if env.Now.IsZero() {
		env.Now = theDay
	}
	s, err := Start(f, env)
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, s}
}

func read(t testing.TB, src string) *Form {
	t.Helper()
	f, err := Read([]byte(src), listed)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// items makes a form of items in JSON.
func items(t testing.TB, list ...string) *Form {
	t.Helper()
	return read(t, `{"resourceType":"Questionnaire","status":"active","url":"urn:test","version":"1","item":[`+strings.Join(list, ",")+`]}`)
}

// row finds the nth row of a linkId that is asked.
func (d desk) row(link string, nth int) *row {
	var found *row
	d.root.each(func(r *row) bool {
		if r.item.LinkID == link && !r.off() {
			if nth--; nth < 0 {
				found = r
				return false
			}
		}
		return true
	})
	return found
}

func (d desk) at(link string) Place {
	d.Helper()
	r := d.row(link, 0)
	if r == nil {
		d.Fatalf("%s is not asked", link)
	}
	return r.place()
}

// put answers a question with what somebody would type or choose, by code or by
// words, and returns the issues.
func (d desk) put(at Place, words ...string) []Issue {
	d.Helper()
	q, ok := d.Question(at)
	if !ok {
		d.Fatalf("there is no question at %s", at)
	}
	var typed []Typed
	for _, w := range words {
		ty := Typed{Text: w}
		if n, unit, ok := strings.Cut(w, " "); ok && q.Item.Type == "quantity" {
			ty = Typed{Text: n, Unit: unit}
		}
		for n, o := range q.Options {
			if o.Value.Code == w || o.Text("") == w {
				ty = Typed{Option: string(itoa(n))}
			}
		}
		typed = append(typed, ty)
	}
	as, bad, ok := q.Read(typed...)
	if !ok {
		d.Fatalf("%s: answer %d cannot be read", q.Item.LinkID, bad)
	}
	is, err := d.Set(at, as)
	if err != nil {
		d.Fatalf("%s: %v", q.Item.LinkID, err)
	}
	return is
}

// say answers a question by its linkId and expects no issues.
func (d desk) say(link string, words ...string) {
	d.Helper()
	if is := d.put(d.at(link), words...); len(is) > 0 {
		d.Fatalf("%s: %v", link, is)
	}
}

// get returns the answers of a question in words.
func (d desk) get(link string) string {
	r := d.row(link, 0)
	if r == nil {
		return "(not asked)"
	}
	return words(r.answers)
}

func words(as []Answer) string {
	var out []string
	for _, a := range as {
		switch {
		case a.Type == "Quantity":
			out = append(out, a.Text+" "+a.unit())
		case a.Type == "Reference", a.Text == "" && a.Code == "":
			out = append(out, a.URL)
		case a.Text == "":
			out = append(out, a.Code)
		default:
			out = append(out, a.Text)
		}
	}
	return strings.Join(out, ", ")
}

func (d desk) want(link, words string) {
	d.Helper()
	if got := d.get(link); got != words {
		d.Errorf("%s is %q, want %q", link, got, words)
	}
}

// asked reports whether a question is on a page now.
func (d desk) asked(link string) bool {
	for _, q := range d.Questions() {
		if q.Item.LinkID == link {
			return true
		}
		for _, n := range q.Notes {
			if n.Item.LinkID == link {
				return true
			}
		}
	}
	return false
}

// stated extracts and returns the resources by type, each checked to be R4.
func (d desk) stated() map[string][]*fhir.Doc {
	d.Helper()
	st, err := d.Extract()
	if err != nil {
		d.Fatal(err)
	}
	out := map[string][]*fhir.Doc{}
	for _, s := range st {
		doc, err := fhir.Parse(s.JSON)
		if err != nil {
			d.Fatalf("%v\n%s", err, s.JSON)
		}
		if doc.ID() != "" || len(s.Links) == 0 || len(s.Places) == 0 {
			d.Errorf("an id, or nowhere it comes from: %s", s.JSON)
		}
		out[s.Type] = append(out[s.Type], doc)
	}
	return out
}
