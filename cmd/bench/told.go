package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
	"rapport/lang"
	"rapport/record"
	"rapport/web/question"
)

// bigForm is a form of 700 items in groups of 20, of which 180 hang on expressions: a
// third of them are calculated, the others shown or hidden.
const (
	bigURL   = "urn:rapport:form:bench"
	bigItems = 700
	bigEvery = 4 // one in so many questions hangs on an expression
	toldRuns = 200
)

func bigForm() fhir.Resource {
	const sdc = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
	var b strings.Builder
	fmt.Fprintf(&b, `{"resourceType":"Questionnaire","id":"bench","status":"active","url":%q,"version":"1","title":"Bench","item":[`, bigURL)
	conditional := 0
	for i := range bigItems {
		if i%20 == 0 {
			b.WriteString(map[bool]string{true: "", false: "]},"}[i == 0])
			fmt.Fprintf(&b, `{"linkId":"g%d","type":"group","text":"Section %d","item":[{"linkId":"q%d","type":"integer","text":"How many?"}`, i, i, i)
			continue
		}
		ext, typ := "", `"type":"choice","answerOption":[{"valueCoding":{"system":"s","code":"0","display":"Not at all"}},{"valueCoding":{"system":"s","code":"1","display":"Nearly every day"}}]`
		if i%bigEvery == 1 && conditional < 180 {
			conditional++
			if i%3 == 0 {
				ext, typ = fmt.Sprintf(`"extension":[{"url":"%scalculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"iif(%%resource.descendants().where(linkId='q%d').answer.value.exists(), 1, 0)"}}],"readOnly":true,`, sdc, i-1), `"type":"decimal"`
			} else {
				ext = fmt.Sprintf(`"extension":[{"url":"%senableWhenExpression","valueExpression":{"language":"text/fhirpath","expression":"%%resource.descendants().where(linkId='q%d').answer.value.exists()"}}],`, sdc, i-1)
			}
		}
		fmt.Fprintf(&b, `,{"linkId":"q%d","text":"Over the last two weeks, how often was it number %d?",%s%s}`, i, i, ext, typ)
	}
	b.WriteString("]}]}")
	return fhir.Resource{Type: "Questionnaire", ID: "bench", JSON: []byte(b.String())}
}

// told measures forms and plans.
func told(ctx context.Context, dir string) ([]figure, error) {
	at := clock.At(monday)
	v, err := record.Create(ctx, record.Config{Dir: filepath.Join(dir, "data"), KeyFile: filepath.Join(dir, "key"), Clock: at})
	if err != nil {
		return nil, err
	}
	defer v.Close()
	p, err := v.OpenPractice(ctx, account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		return nil, err
	}
	if _, err := p.Put(ctx, bigForm()); err != nil {
		return nil, err
	}
	c, err := own(ctx, v, at)
	if err != nil {
		return nil, err
	}
	pages, saves, err := answering(ctx, c)
	if err != nil {
		return nil, err
	}
	proposals, n, err := proposing(c)
	if err != nil {
		return nil, err
	}
	return []figure{
		{"form of 700 items, 180 expressions: a page, p95", p95(pages), "ms", 20, atMost, fmt.Sprintf("(p50 %.1f ms, read and evaluated anew)", p50(pages))},
		{"the same: one answer saved, p95", p95(saves), "ms", 10, atMost, fmt.Sprintf("(p50 %.1f ms, durable, its ledger line included)", p50(saves))},
		{"a plan proposed from a full intake, p95", p95(proposals), "ms", 50, atMost, fmt.Sprintf("(p50 %.1f ms, %d goals of every template)", p50(proposals), n)},
	}, nil
}

// own admits somebody and opens their chart for themselves.
func own(ctx context.Context, v *record.Vault, at *clock.Fake) (*record.Chart, error) {
	a, err := v.Admit(ctx, account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		return nil, err
	}
	if _, err := a.Put(ctx, fhir.Resource{Type: "Patient", ID: "p1", JSON: []byte(`{"resourceType":"Patient","id":"p1","name":[{"family":"Made","given":["Up"]}],"birthDate":"1970-01-01"}`)}); err != nil {
		return nil, err
	}
	doors := account.New(v, v, at)
	link, err := doors.Invite(ctx, account.Subject{Kind: account.Client, ID: string(a.Client())}, account.Demo)
	if err != nil {
		return nil, err
	}
	in, err := doors.Enter(ctx, link, account.Ask{})
	if err != nil {
		return nil, err
	}
	who, err := doors.Who(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return v.Open(ctx, who, record.Answering, a.Client(), record.Told|record.Person|record.Results)
}

// answering measures a page of the big form, and one answer saved: each reads the form
// as it is kept, evaluates it anew, and draws a question or keeps one.
func answering(ctx context.Context, c *record.Chart) (pages, saves []time.Duration, err error) {
	e, ok := c.Library().Form(bigURL, "")
	if !ok {
		return nil, nil, errs.E(errs.NotFound, "bench: the form is not there")
	}
	env := form.Env{Now: monday, Subject: "Patient/p1"}
	s, err := form.Start(e.Form, env)
	if err != nil {
		return nil, nil, err
	}
	if err := reply(s, 350, ""); err != nil {
		return nil, nil, err
	}
	x := record.Answer{Form: bigURL, ID: "bench", JSON: fhir.WithID(s.JSON(), "bench")}
	if err := c.Answer(ctx, x); err != nil {
		return nil, nil, err
	}
	words := lang.New(lang.English, lang.WordClient)
	for i := range toldRuns {
		begin := wall.Now()
		f, err := c.Read(ctx, "QuestionnaireResponse", "bench")
		if err != nil {
			return nil, nil, err
		}
		s, err := form.Resume(e.Form, f.JSON, env)
		if err != nil {
			return nil, nil, err
		}
		qs := s.Questions()
		q := qs[(i*7)%len(qs)]
		if err := question.Draw(question.View{P: words, Q: q, ID: "a", By: "ask"}).Render(ctx, io.Discard); err != nil {
			return nil, nil, err
		}
		pages = append(pages, wall.Now().Sub(begin))
		begin = wall.Now()
		if s, err = form.Resume(e.Form, f.JSON, env); err != nil {
			return nil, nil, err
		}
		if err := reply(s, 1, fmt.Sprint(i%2)); err != nil {
			return nil, nil, err
		}
		x.JSON, x.Was = fhir.WithID(s.JSON(), "bench"), f.Version
		if err := c.Answer(ctx, x); err != nil {
			return nil, nil, err
		}
		saves = append(saves, wall.Now().Sub(begin))
	}
	return pages, saves, nil
}

// reply answers so many questions, with an option or a number.
func reply(s *form.Sheet, most int, option string) error {
	n := 0
	for _, q := range s.Questions() {
		if n == most {
			return nil
		}
		if q.ReadOnly || q.Another || q.Display() || option == "" && len(q.Answers) > 0 {
			continue
		}
		if _, ok := s.Question(q.Place); !ok {
			continue // an answer before it has closed it
		}
		t := form.Typed{Text: "3"}
		if len(q.Options) > 0 {
			t = form.Typed{Option: "1"}
			if option != "" {
				t.Option = option
			}
		}
		answers, _, ok := q.Read(t)
		if !ok {
			answers = nil
		}
		if len(answers) == 0 {
			if err := s.Skip(q.Place, form.Declined); err != nil {
				return err
			}
			continue
		}
		if _, err := s.Set(q.Place, answers); err != nil {
			return err
		}
		n++
	}
	return nil
}

// proposing measures every template of the library on a full intake.
func proposing(c *record.Chart) (out []time.Duration, goals int, err error) {
	e, ok := c.Library().Form("urn:rapport:form:first-visit", "")
	if !ok {
		return nil, 0, errs.E(errs.NotFound, "bench: the first form is not there")
	}
	s, err := form.Start(e.Form, form.Env{Now: monday, Subject: "Patient/p1"})
	if err != nil {
		return nil, 0, err
	}
	for range 5 { // questions that open others
		if err := reply(s, 500, ""); err != nil {
			return nil, 0, err
		}
	}
	_, said := s.Complete(monday)
	for range toldRuns {
		f := &plan.Facts{Now: monday, Said: said, Answers: [][]byte{said}}
		begin := wall.Now()
		var all []*plan.Proposal
		for _, t := range c.Library().Plans() {
			p, err := t.Propose(f, "en")
			if err != nil {
				return nil, 0, err
			}
			all = append(all, p)
		}
		if p := plan.Merge(all...); p != nil {
			goals = len(p.Goals)
		}
		out = append(out, wall.Now().Sub(begin))
	}
	return out, goals, nil
}

func p50(ds []time.Duration) float64 { return at(ds, 50) }
func p95(ds []time.Duration) float64 { return at(ds, 95) }

// at is a percentile in milliseconds.
func at(ds []time.Duration, percent int) float64 {
	s := slices.Sorted(slices.Values(ds))
	return float64(s[(len(s)-1)*percent/100].Microseconds()) / 1000
}
