// Package brief is a form as the care team reads it: the client's own words first, then
// what must not wait, what changed, and the numbers with their course. Each thing that
// the answers state is taken into the record, changed on the way, or set aside with a
// reason, and the client sees which. Staff ask for forms here too, and fill one in
// together with a client on one page.
//
// It refuses to take anything into the record by itself, to decide the same thing twice,
// to write about what is in the record already a second time, and to change what
// somebody said.
package brief

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/forms"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/question"
	"rapport/web/shell"
)

// What the pages open. A brief holds answers against what is in the record.
const (
	asks  = record.Told | record.Person | record.Visits | record.Conditions | record.Medicines | record.Allergies | record.Results | record.Family
	reads = asks | record.Plans
	// keeps is what can be taken into the record.
	keeps = reads | record.Procedures | record.Immunisations
)

// Routes lists the pages.
func Routes() []web.Route {
	all := "/clients/{client}/forms"
	one := all + "/{id}"
	const few = record.Told | record.Person | record.Visits
	return []web.Route{
		{Pattern: "GET " + all, Why: record.Care, What: few, Must: record.Told, Chart: list},
		{Pattern: "POST " + all, Why: record.Care, What: asks, Must: record.Told, Chart: begin},
		{Pattern: "POST " + all + "/ask", Why: record.Care, What: few, Must: record.Told, Chart: askFor},
		{Pattern: "GET " + one, Why: record.Care, What: reads, Must: record.Told, Chart: show},
		{Pattern: "POST " + one, Why: record.Care, What: keeps, Must: record.Told, Chart: decide},
		{Pattern: "POST " + one + "/seen", Why: record.Care, What: reads, Must: record.Told, Chart: seen},
		{Pattern: "GET " + one + "/fill", Why: record.Care, What: asks, Must: record.Told, Chart: fillIn},
		{Pattern: "POST " + one + "/fill", Why: record.Care, What: asks, Must: record.Told, Takes: question.MostBytes + 4<<20, Chart: fillOn},
	}
}

// base is where a client's forms are.
func base(c *record.Chart) string { return "/clients/" + string(c.Client()) + "/forms" }

// headView is whose form it is.
type headView struct {
	Name, Seed, Home string
	Facts            []string
	Phone, Tel       string
}

func newHead(a *web.Ask, c *record.Chart) headView {
	v := headView{Name: a.P.BriefNameless(), Seed: string(c.Client()), Home: "/clients/" + string(c.Client())}
	card, ok := c.Card()
	if !ok {
		return v
	}
	v.Name = cmp.Or(card.Name, v.Name)
	if t, ok := fhir.ParseTime(card.Birth); ok && t.Prec >= fhir.ToDay {
		v.Facts = append(v.Facts, a.P.BriefBorn(a.P.Full(t.At)))
	}
	if len(card.Phones) > 0 && !card.Deceased {
		v.Phone, v.Tel = card.Phones[0], parts.Tel(card.Phones[0])
	}
	return v
}

func frame(a *web.Ask, title string, scripts ...string) shell.View {
	s := a.Shell(title, "clients", scripts...)
	s.Place, s.Here = a.P.BriefTitle(), "/clients"
	return s
}

// paper is one form as it was filled in.
type paper struct {
	a     *web.Ask
	c     *record.Chart
	found record.Found
	of    *forms.Edition
	sheet *form.Sheet
	base  string // of its pages
}

// bare is the form that the address names, without what the practice's forms know of it.
func bare(a *web.Ask, c *record.Chart) (*paper, error) {
	found, err := c.ReadRef(a.Context(), response, record.Ref(a.Path("id")))
	return &paper{a: a, c: c, found: found, base: base(c) + "/" + string(found.Ref)}, err
}

// open reads the form that the address names.
func open(a *web.Ask, c *record.Chart) (*paper, error) {
	p, err := bare(a, c)
	if err != nil {
		return nil, err
	}
	return read(a, c, p.found)
}

// read reads a form as it was when it was handed in: what it says of now is of then.
func read(a *web.Ask, c *record.Chart, found record.Found) (*paper, error) {
	p := &paper{a: a, c: c, found: found, base: base(c) + "/" + string(found.Ref)}
	h := question.HeadOf(found)
	env := question.Env(a, c)
	if h.Given() {
		env.Now, env.Author = h.At, env.Subject
	}
	var err error
	p.of, p.sheet, _, err = question.Resume(c, found, env)
	if errs.Is(err, errs.Gone) {
		err = errs.Say(err, "brief.form_gone")
	}
	return p, err
}

// done reports that it was handed in.
func (p *paper) done() bool { return question.HeadOf(p.found).Given() }

func (p *paper) lang() string { return p.a.P.Tag().String() }

// when says a day and a time.
func when(a *web.Ask, t time.Time) string {
	at := a.Local(t)
	return a.P.Date(at, a.Now) + ", " + a.P.Clock(at)
}

// title is what a form is called, also when its version is gone.
func title(a *web.Ask, c *record.Chart, url, version string) string {
	for _, v := range []string{version, ""} {
		if e, ok := c.Library().Form(url, v); ok {
			return e.Title(a.P.Tag().String())
		}
	}
	return a.P.BriefForm()
}

// seen answers POST …/seen: what there was to do about an answer was seen to.
func seen(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p, err := bare(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	ts, err := p.todos()
	if err != nil {
		return web.Answer{}, err
	}
	at := slices.IndexFunc(ts, func(t todo) bool { return t.id == a.Form("todo") })
	if at < 0 {
		return web.Answer{}, errs.E(errs.NotFound, "brief: nothing of that name to see to")
	}
	if ts[at].open {
		if err := c.Finish(a.Context(), ts[at].id); err != nil {
			return web.Answer{}, err
		}
	}
	return web.See(p.base + "?done=seen"), nil
}

// fold makes a text the same however it is written.
func fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
