package form

import (
	"net/url"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/fhir/path"
)

// begin fills in what is known before anybody answers.
func (s *Sheet) begin() error {
	if !s.form.lively {
		return s.settle()
	}
	// Twice: an expression may look at what another one has filled in.
	for range 2 {
		s.enable()
		if err := s.rebuild(); err != nil {
			return err
		}
		s.fill(s.root)
	}
	return s.settle()
}

// populate fills a new instance in.
func (s *Sheet) populate(p *part) error {
	if !s.form.lively {
		return nil
	}
	s.enable()
	if err := s.rebuild(); err != nil {
		return err
	}
	s.fill(p)
	return nil
}

func (s *Sheet) fill(p *part) {
	for _, r := range p.rows {
		i := r.item
		switch {
		case i.Group() && i.context != nil:
			s.fillGroup(r)
		case i.Question() && len(r.answers) == 0:
			s.fillQuestion(r)
		}
		for _, q := range r.parts {
			s.fill(q)
		}
	}
}

// fillGroup binds a group to what it is populated from; one that repeats gets an
// instance for each thing there is.
func (s *Sheet) fillGroup(r *row) {
	if len(r.parts) == 0 || r.parts[0].bound != nil {
		return
	}
	i := r.item
	vs := s.values(i.context, scope{row: r})
	if i.context.program == nil {
		vs = resources(vs)
	}
	if !i.Repeats {
		r.parts[0].bound = []binding{{i.context.name, vs}}
		return
	}
	most := maxInstances
	if i.MaxOccurs > 0 {
		most = min(most, i.MaxOccurs)
	}
	for k, v := range vs {
		if k >= most || k >= len(r.parts) && s.full() {
			break
		}
		if k == len(r.parts) {
			r.parts = append(r.parts, s.grow(r, i.Items, k, true))
		}
		r.parts[k].bound = []binding{{i.context.name, []path.Value{v}}}
	}
	for _, p := range r.parts {
		if p.bound == nil {
			p.bound = []binding{{i.context.name, nil}}
		}
	}
}

// resources takes the resources out of a Bundle.
func resources(vs []path.Value) []path.Value {
	var out []path.Value
	for _, v := range vs {
		n, ok := v.Node()
		if !ok || n.Type() != "Bundle" {
			out = append(out, v)
			continue
		}
		for e := range n.Each("entry") {
			if r := e.Get("resource"); r.OK() {
				out = append(out, path.Of(r))
			}
		}
	}
	return out
}

func (s *Sheet) fillQuestion(r *row) {
	i := r.item
	var as []Answer
	switch {
	case i.populate != nil:
		s.choose(r, scope{row: r})
		vs := s.values(i.populate, scope{row: r})
		if i.populate.program == nil {
			vs = resources(vs)
		}
		as = s.answersOf(r, vs)
	case i.observed.set:
		as = s.fromChart(r)
	}
	if len(as) > 1 && !i.Repeats {
		as = as[:1]
	}
	if len(as) > 0 {
		s.give(r, as)
	}
}

// fromChart takes the newest result with the question's code from the chart, if
// it is young enough (observationLinkPeriod).
func (s *Sheet) fromChart(r *row) []Answer {
	i := r.item
	if len(i.Codes) == 0 || s.env.Now.IsZero() {
		return nil
	}
	since, ok := i.observed.before(s.env.Now)
	if !ok {
		return nil
	}
	var codes []string
	for _, c := range i.Codes {
		codes = append(codes, url.QueryEscape(c.System)+"|"+url.QueryEscape(c.Code))
	}
	q := "Observation?code=" + strings.Join(codes, ",") + "&date=gt" + since.UTC().Format("2006-01-02") + "&_sort=-date"
	if _, id := fhir.SplitReference(s.env.Subject); id != "" {
		q += "&patient=" + url.QueryEscape(id)
	}
	var best fhir.Node
	var when int64
	for _, v := range resources(s.query(q)) {
		n, ok := v.Node()
		at := observedAt(n)
		if !ok || !i.observes(n) || at.IsZero() || at.At.Before(since) {
			continue
		}
		if from, _ := at.Span(); !best.OK() || from > when {
			best, when = n, from
		}
	}
	if v := best.Get("value"); v.OK() && i.unitFits(v) {
		return s.answersOf(r, []path.Value{path.Of(v)})
	}
	return nil
}

func observedAt(n fhir.Node) fhir.Time {
	e := n.Get("effective")
	if e.Type() == "Period" {
		e = e.Get("start")
	}
	if !e.OK() {
		e = n.Get("issued")
	}
	return e.Time()
}

// observes reports that an Observation is about what the question asks.
func (i *Item) observes(n fhir.Node) bool {
	if n.Type() != "Observation" {
		return false
	}
	switch n.Get("status").Str() {
	case "entered-in-error", "cancelled":
		return false
	}
	for c := range n.Get("code").Each("coding") {
		for _, w := range i.Codes {
			if c.Get("code").Str() == w.Code && c.Get("system").Str() == w.System {
				return true
			}
		}
	}
	return false
}

// unitFits reports that a quantity may be taken as the question's number.
func (i *Item) unitFits(v fhir.Node) bool {
	want, have := i.Unit.Value.Code, v.Get("code").Str()
	return v.Type() != "Quantity" || i.Type == "quantity" || want == "" || have == want ||
		have == "" && v.Get("unit").Str() == want
}

// before returns the moment a period before now; ok is false for a unit that is
// not one of time.
func (p period) before(now time.Time) (time.Time, bool) {
	n := int(p.value)
	switch p.unit {
	case "a", "year", "years":
		return now.AddDate(-n, 0, 0), true
	case "mo", "month", "months":
		return now.AddDate(0, -n, 0), true
	case "wk", "week", "weeks":
		return now.AddDate(0, 0, -7*n), true
	case "d", "day", "days":
		return now.AddDate(0, 0, -n), true
	case "h", "hour", "hours":
		return now.Add(-time.Duration(p.value * float64(time.Hour))), true
	case "min":
		return now.Add(-time.Duration(p.value * float64(time.Minute))), true
	case "s":
		return now.Add(-time.Duration(p.value * float64(time.Second))), true
	}
	return now, false
}
