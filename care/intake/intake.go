// Package intake is what a client is asked before a visit, one question to a page: saved
// after every answer, to be stopped at any time and gone on with on any device, looked
// through before it is handed in. "I would rather not say" and "I will say it in person"
// are always there. An answer that somebody must see soon shows help at once, and the
// practice is told in the same act as it is saved.
//
// It refuses to lose an answer, to choose between two that were given on two devices, and
// to hand in an alarm that its reader has not seen the help for.
package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/forms"
	"rapport/record"
	"rapport/web"
	"rapport/web/question"
)

// asks is what the pages that ask open: what is known already is not asked again.
const asks = record.Told | record.Person | record.Visits | record.Conditions | record.Medicines | record.Allergies | record.Results | record.Family

// Routes lists the pages.
func Routes() []web.Route {
	all := "/me/{client}/forms"
	one := all + "/{id}"
	const few = record.Told | record.Visits
	return []web.Route{
		{Pattern: "GET " + all, Why: record.Answering, What: few, Must: record.Told, Chart: list},
		{Pattern: "POST " + all, Why: record.Answering, What: asks, Must: record.Told, Chart: begin},
		{Pattern: "GET " + one, Why: record.Answering, What: few, Must: record.Told, Chart: show},
		{Pattern: "GET " + one + "/q/{at}", Why: record.Answering, What: asks, Must: record.Told, Chart: ask},
		{Pattern: "POST " + one + "/q/{at}", Why: record.Answering, What: asks, Must: record.Told, Takes: question.MostBytes + 1<<20, Chart: answer},
		{Pattern: "GET " + one + "/help", Why: record.Answering, What: few, Must: record.Told, Chart: help},
		{Pattern: "GET " + one + "/review", Why: record.Answering, What: few, Must: record.Told, Chart: review},
		{Pattern: "POST " + one + "/review", Why: record.Answering, What: asks, Must: record.Told, Chart: handIn},
	}
}

const response = "QuestionnaireResponse"

// base is where a client's forms are.
func base(c *record.Chart) string { return "/me/" + string(c.Client()) + "/forms" }

// filling is one form as somebody fills it in.
type filling struct {
	a     *web.Ask
	c     *record.Chart
	found record.Found
	of    *forms.Edition
	sheet *form.Sheet
	base  string     // of its pages
	given form.Place // the question that is being answered
	lost  bool       // the form was changed since, and not every answer has a place in it
}

// open goes on with the form that the address names.
func open(a *web.Ask, c *record.Chart) (*filling, error) {
	found, err := c.ReadRef(a.Context(), response, record.Ref(a.Path("id")))
	if err != nil {
		return nil, err
	}
	return fill(a, c, found)
}

func fill(a *web.Ask, c *record.Chart, found record.Found) (*filling, error) {
	f := &filling{a: a, c: c, found: found, base: base(c) + "/" + string(found.Ref)}
	var err error
	f.of, f.sheet, f.lost, err = question.Resume(c, found, question.Env(a, c))
	if errs.Is(err, errs.Gone) {
		err = errs.Say(err, "intake.form_gone")
	}
	return f, err
}

// done reports that it was handed in.
func (f *filling) done() bool { return !question.HeadOf(f.found).Begun() }

// at is the address of a question.
func (f *filling) at(p form.Place) string { return f.base + "/q/" + string(p) }

// next is where to go on after a question: the next that is open, for what is known or
// was said is not asked again; the review when there is none.
func (f *filling) next(after form.Place) string {
	qs := f.sheet.Questions()
	for i, q := range qs {
		if q.Place == after {
			for _, n := range qs[i+1:] {
				if askable(n) && !n.Done() {
					return f.at(n.Place)
				}
			}
			break
		}
	}
	return f.goOn()
}

// goOn is the first question that is open; the review when there is none.
func (f *filling) goOn() string {
	for _, q := range f.sheet.Questions() {
		if askable(q) && !q.Done() {
			return f.at(q.Place)
		}
	}
	return f.base + "/review"
}

// askable reports that a question has a page of its own.
func askable(q form.Question) bool { return !q.ReadOnly || q.Display() }

// before is the question before one; "" for none.
func (f *filling) before(at form.Place) string {
	last := ""
	for _, q := range f.sheet.Questions() {
		if q.Place == at {
			return last
		}
		if askable(q) {
			last = f.at(q.Place)
		}
	}
	return last
}

// keep saves the form as it is.
func (f *filling) keep(ctx context.Context, done bool, json []byte, results []fhir.Resource) error {
	return f.c.Answer(ctx, record.Answer{Form: f.of.URL, ID: f.found.ID, JSON: json, Was: f.found.Version, Done: done, Results: results, Alarms: question.Alarms(f.sheet, f.given)})
}

// mark is what an answer looks like without saying it: two pages compare it to know that
// the answer changed between them.
func mark(q form.Question) string {
	h := sha256.New()
	h.Write([]byte(strconv.Itoa(int(q.Absent))))
	for _, a := range q.Answers {
		h.Write([]byte{0})
		h.Write(a.JSON())
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// begin answers POST …/forms: a form is begun, or gone on with if it was.
func begin(a *web.Ask, c *record.Chart) (web.Answer, error) {
	at, err := question.Begin(a, c, a.Form("form"))
	return web.See(base(c) + "/" + string(at)), err
}
