package record

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/store"
)

// What a client says of who may not look is a FHIR Consent in their chart that denies:
// whom its provision names, or everybody but whom the provision within it permits; from the
// compartments its security labels name, or from the whole chart. The policy asks it each
// time a chart is opened.

const consent = "Consent"

// Limit is what a client said of who may not look.
type Limit struct {
	ID    string    // of the Consent
	Who   []string  // staff ids; none is everybody
	But   []string  // whom it is not about all the same
	In    label.Set // the compartments; none is the whole chart
	Until time.Time // the zero time is until it is ended
	Said  time.Time
	// Strange says that it is from another system and asks for what this one cannot do:
	// nobody is kept out by it.
	Strange bool
}

var errLimit = errs.Say(errs.E(errs.Invalid, "record: a limit that names nobody, or nobody who works here"), "trust.limit_nobody")

// limitsIn reads a Consent.
func (v *Vault) limitsIn(root fhir.Node) []limit {
	if root.Get("status").Str() != "active" {
		return nil
	}
	p := root.Get("provision")
	if p.Get("type").Str() == "deny" {
		return v.denies(p, limit{})
	}
	var out []limit
	for n := range p.Each("provision") {
		if n.Get("type").Str() == "deny" {
			out = append(out, v.denies(n, limit{From: p.Get("period", "start").Time().At, Until: p.Get("period", "end").Time().At})...)
		}
	}
	return out
}

// denies reads a provision that denies; nothing if it asks for what cannot be done here.
func (v *Vault) denies(p fhir.Node, l limit) []limit {
	for _, narrower := range []string{"action", "class", "code", "data", "dataPeriod"} {
		if p.Get(narrower).OK() {
			return nil
		}
	}
	about := !p.Get("purpose").OK()
	for x := range p.Each("purpose") {
		about = about || x.Get("code").Str() == "TREAT"
	}
	if !about {
		return nil
	}
	if t := p.Get("period", "start").Time().At; t.After(l.From) {
		l.From = t
	}
	if t := p.Get("period", "end").Time().At; !t.IsZero() && (l.Until.IsZero() || t.Before(l.Until)) {
		l.Until = t
	}
	for x := range p.Each("securityLabel") {
		l.In |= labelOf(x.Get("system").Str(), x.Get("code").Str())
	}
	named := 0
	for a := range p.Each("actor") {
		named++
		if id, ok := v.works(a.Get("reference")); ok {
			l.Who = append(l.Who, id)
		}
	}
	if named > 0 && len(l.Who) == 0 {
		return nil // about others, who do not work here
	}
	for n := range p.Each("provision") {
		if n.Get("type").Str() != "permit" {
			continue
		}
		for a := range n.Each("actor") {
			if id, ok := v.works(a.Get("reference")); ok {
				l.But = append(l.But, id)
			}
		}
	}
	return []limit{l}
}

// labelOf is the compartments that one security label names.
func labelOf(system, code string) label.Set {
	b, err := json.Marshal(map[string]any{"resourceType": "Basic", "code": map[string]any{"text": "x"},
		"meta": map[string]any{"security": []map[string]string{{"system": system, "code": code}}}})
	if err != nil {
		return label.Other
	}
	d, err := fhir.Parse(b)
	if err != nil {
		return label.Other
	}
	return label.Marked(d)
}

// Limits returns what the client said of who may not look, as it stands.
func (c *Chart) Limits(ctx context.Context) ([]Limit, error) {
	all, err := c.Find(ctx, consent)
	if err != nil {
		return nil, err
	}
	var out []Limit
	for _, f := range all {
		doc, err := fhir.Parse(f.JSON)
		if err != nil {
			return nil, wrap("limits", err)
		}
		root := doc.Root()
		if root.Get("status").Str() != "active" {
			continue
		}
		found := c.v.limitsIn(root)
		for _, l := range found {
			out = append(out, Limit{ID: f.ID, Who: l.Who, But: l.But, In: l.In, Until: l.Until, Said: f.Time})
		}
		if len(found) == 0 && denying(root) {
			out = append(out, Limit{ID: f.ID, Said: f.Time, Strange: true})
		}
	}
	return out, nil
}

// denying reports that a consent says no to anything.
func denying(root fhir.Node) bool {
	p := root.Get("provision")
	if p.Get("type").Str() == "deny" {
		return true
	}
	for n := range p.Each("provision") {
		if n.Get("type").Str() == "deny" {
			return true
		}
	}
	return false
}

// Limit keeps staff from looking, from now on: those it names, or everybody but those it
// names. It returns the id of the Consent that says so. It is for the client.
func (c *Chart) Limit(ctx context.Context, l Limit) (string, error) {
	if c == nil || c.v == nil || c.why != Minding || c.writes&Agreements == 0 {
		return "", errRefused
	}
	names, err := c.v.staffNames(ctx)
	if err != nil {
		return "", wrap("limit", err)
	}
	for _, id := range slices.Concat(l.Who, l.But) {
		if names[id] == "" {
			return "", errLimit
		}
	}
	if len(l.Who) == 0 && (len(l.But) == 0 || l.In == 0) {
		return "", errLimit // somebody must be able to give care
	}
	if l.ID, err = c.v.newID(); err != nil {
		return "", wrap("limit", err)
	}
	l.Said = c.v.now.Now()
	json, err := limitJSON(l, c.v.people.personOf(c.client), names)
	if err != nil {
		return "", wrap("limit", err)
	}
	return l.ID, wrap("limit", c.consents(ctx, "limit", l.ID, func([]byte) ([]byte, error) { return json, nil }))
}

// Unlimit ends what the client said of who may not look.
func (c *Chart) Unlimit(ctx context.Context, id string) error {
	if c == nil || c.v == nil || c.why != Minding || c.writes&Agreements == 0 {
		return errRefused
	}
	return wrap("unlimit", c.consents(ctx, "unlimit", id, func(was []byte) ([]byte, error) {
		if was == nil {
			return nil, errAbsent
		}
		return withInactive(was)
	}))
}

// consents writes one Consent anew.
func (c *Chart) consents(ctx context.Context, act, id string, f func(was []byte) ([]byte, error)) error {
	in := c.inner()
	_, err := c.v.commit(ctx, deed{act: act, plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		x, err := c.raw(ctx, r, consent, id)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		now, err := f(x.JSON)
		if err != nil {
			return nil, err
		}
		return []Write{{in, []Change{{Resource: fhir.Resource{Type: consent, ID: id, JSON: now}, IfVersion: x.Version}}}}, nil
	}})
	return err
}
