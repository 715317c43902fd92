package form

import (
	"fmt"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir"
)

// dice are seeded: the same seed, the same form and the same clicks.
type dice uint64

func (d *dice) roll(n int) int {
	*d = *d*6364136223846793005 + 1442695040888963407
	return int(uint64(*d)>>33) % n
}

func (d *dice) one(of ...string) string { return of[d.roll(len(of))] }

// randomForm makes a form with a bit of everything.
func randomForm(d *dice) string {
	n := 0
	var links, kinds []string
	var item func(depth int) string
	item = func(depth int) string {
		n++
		link := fmt.Sprintf("i%d", n)
		kind := d.one("group", "group", "boolean", "integer", "decimal", "string", "text", "date", "time", "choice", "choice", "open-choice", "quantity", "display", "url", "reference")
		if depth > 2 && kind == "group" {
			kind = "string"
		}
		var b strings.Builder
		fmt.Fprintf(&b, `{"linkId":%q,"type":%q,"text":"Item %d"`, link, kind, n)
		if len(links) > 0 && d.roll(3) == 0 {
			k := d.roll(len(links))
			cond := map[string]string{"boolean": `"operator":"=","answerBoolean":true`, "integer": `"operator":">","answerInteger":3`,
				"choice": `"operator":"!=","answerCoding":{"system":"s","code":"a"}`, "date": `"operator":"<=","answerDate":"2020-06"`}[kinds[k]]
			if cond == "" {
				cond = `"operator":"exists","answerBoolean":` + d.one("true", "false")
			}
			fmt.Fprintf(&b, `,"enableWhen":[{"question":%q,%s},{"question":%q,"operator":"exists","answerBoolean":false}],"enableBehavior":%q`, links[k], cond, links[d.roll(len(links))], d.one("all", "any"))
		}
		if kind != "display" && d.roll(4) == 0 {
			b.WriteString(`,"repeats":true`)
		}
		if kind != "display" && d.roll(4) == 0 {
			b.WriteString(`,"required":true`)
		}
		var ext []string
		if d.roll(12) == 0 {
			ext = append(ext, `{"url":"`+core+`questionnaire-hidden","valueBoolean":true}`)
		}
		switch kind {
		case "choice", "open-choice":
			b.WriteString(`,"answerOption":[{"valueCoding":{"system":"s","code":"a","display":"A"}},{"valueCoding":{"system":"s","code":"b","display":"B"},"initialSelected":` + d.one("true", "false") + `},{"valueCoding":{"system":"s","code":"none","display":"None"},"extension":[{"url":"` + core + `questionnaire-optionExclusive","valueBoolean":true}]}]`)
		case "integer":
			ext = append(ext, `{"url":"`+core+`minValue","valueInteger":1}`)
			if len(links) > 0 && d.roll(3) == 0 {
				ext = append(ext, `{"url":"`+sdc+`sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"%resource.descendants().where(linkId='`+links[d.roll(len(links))]+`').answer.value.count()"}}`)
			}
		case "string":
			b.WriteString(`,"maxLength":8`)
			if d.roll(3) == 0 {
				ext = append(ext, `{"url":"`+core+`questionnaire-constraint","extension":[{"url":"key","valueId":"k"},{"url":"severity","valueCode":"error"},{"url":"expression","valueString":"answer.all(value.length() > 1)"},{"url":"human","valueString":"Longer"}]}`)
			}
		}
		if d.roll(8) == 0 && len(links) > 0 {
			ext = append(ext, `{"url":"`+sdc+`sdc-questionnaire-enableWhenExpression","valueExpression":{"language":"text/fhirpath","expression":"%resource.repeat(item).where(linkId='`+links[d.roll(len(links))]+`').answer.exists()"}}`)
		}
		if len(ext) > 0 {
			b.WriteString(`,"extension":[` + strings.Join(ext, ",") + `]`)
		}
		if kind != "display" {
			links, kinds = append(links, link), append(kinds, kind)
		}
		if kind == "group" || kind != "display" && d.roll(6) == 0 && depth < 3 {
			var kids []string
			for range 1 + d.roll(4) {
				kids = append(kids, item(depth+1))
			}
			b.WriteString(`,"item":[` + strings.Join(kids, ",") + `]`)
		}
		return b.String() + "}"
	}
	var top []string
	for range 3 + d.roll(6) {
		top = append(top, item(0))
	}
	return `{"resourceType":"Questionnaire","status":"active","url":"urn:random","version":"1","item":[` + strings.Join(top, ",") + `]}`
}

func randomAnswer(d *dice, q *Question) []Answer {
	one := func() Answer {
		if len(q.Options) > 0 && d.roll(5) > 0 {
			return q.Options[d.roll(len(q.Options))].Value
		}
		text := map[string]string{"boolean": d.one("true", "false"), "integer": d.one("0", "2", "5"), "decimal": d.one("1.50", "-2"), "date": d.one("2020", "2020-05", "2021-02-03"),
			"time": "10:30:00", "url": "http://a.example", "quantity": "3", "reference": "x"}[q.Item.Type]
		if text == "" {
			text = d.one("a", "some words", "ünïcode \"q\"", "line\nline", "  ")
		}
		a, _ := q.read(Typed{Text: text, URL: "Patient/1"})
		return a
	}
	out := []Answer{one()}
	if d.roll(3) == 0 {
		out = append(out, one())
	}
	return out
}

// state is all one can see of a sheet.
func state(s *Sheet) string {
	var b strings.Builder
	for _, q := range s.Questions() {
		fmt.Fprintf(&b, "%s %s another=%v absent=%d readonly=%v %s", q.Place, q.Item.LinkID, q.Another, q.Absent, q.ReadOnly, words(q.Answers))
		for _, n := range q.Notes {
			fmt.Fprintf(&b, " note=%s", n.Item.LinkID)
		}
		for _, i := range q.Issues {
			fmt.Fprintf(&b, " issue=%s", i)
		}
		b.WriteByte('\n')
	}
	p, open := s.Open()
	fmt.Fprintf(&b, "%s %v %v\n", p, open, s.Issues())
	return b.String()
}

func TestAnySequenceOfClicks(t *testing.T) {
	t.Parallel()
	env := Env{Now: theDay, Subject: "Patient/1"}
	rounds := 400
	if testing.Short() {
		rounds = 60
	}
	completed := 0
	for seed := range rounds {
		d := dice(seed*7919 + 13)
		src := randomForm(&d)
		f, err := Read([]byte(src), nil)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		s, err := Start(f, env)
		if err != nil {
			t.Fatal(err)
		}
		for step := range 30 {
			click(t, &d, s)
			if step%5 != 4 {
				continue
			}
			draft := s.JSON()
			if _, err := fhir.Parse(draft); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, draft)
			}
			again, err := Resume(f, draft, env)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, draft)
			}
			if a, b := state(s), state(again); a != b {
				t.Fatalf("seed %d: another state after it was resumed\n%s\n%s\n--- was\n%s--- is\n%s", seed, src, draft, a, b)
			}
			if string(again.JSON()) != string(draft) {
				t.Fatalf("seed %d: another draft after it was resumed\n%s\n%s", seed, draft, again.JSON())
			}
		}
		is, done := s.Complete(theDay)
		if _, err := fhir.Parse(done); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, done)
		}
		if len(grave(is)) == 0 {
			completed++
			if bad := grave(Validate(f, done, env)); len(bad) > 0 {
				t.Fatalf("seed %d: complete and not valid: %v\n%s\n%s", seed, bad, src, done)
			}
		}
	}
	if completed < rounds/10 {
		t.Errorf("only %d of %d were complete: the test shows little", completed, rounds)
	}
}

// click does something at random, and checks what is always true.
func click(t *testing.T, d *dice, s *Sheet) {
	t.Helper()
	qs := s.Questions()
	for _, q := range qs {
		r, _, err := s.find(q.Place)
		if err != nil || r.off() || r.concealed() || r.item != q.Item {
			t.Fatalf("%s (%s) is among the questions: %v", q.Place, q.Item.LinkID, err)
		}
	}
	if len(qs) == 0 {
		return
	}
	q := qs[d.roll(len(qs))]
	var err error
	switch k := d.roll(10); {
	case q.Another && k < 5:
		_, err = s.Add(q.Place)
	case k == 0:
		err = s.Skip(q.Place, Absence(1+d.roll(3)))
	case k == 1 && len(q.Trail) > 0 && q.Trail[len(q.Trail)-1].Instance > 0:
		err = s.Remove(q.Trail[len(q.Trail)-1].Place)
	case k == 2: // somewhere else: it may be hidden or not asked
		i := s.form.all[d.roll(len(s.form.all))]
		before := string(s.JSON())
		if _, err = s.Set(Place(itoa(i.Number)), []Answer{{Type: "string", Text: "x"}}); err != nil && string(s.JSON()) != before {
			t.Fatalf("an answer that was refused is kept")
		}
	default:
		_, err = s.Set(q.Place, randomAnswer(d, &q))
	}
	if err != nil && !errs.Is(err, errs.Refused) && !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
}
