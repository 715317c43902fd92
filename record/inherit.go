package record

import (
	"context"
	"errors"
	"maps"
	"slices"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/fhir/search"
	"rapport/record/internal/store"
)

// A visit lies where the most private of what was recorded at it lies, and so does what
// tells what the visit was about. What was measured, prescribed or found at it lies where
// its own codes say: a blood pressure is there for whoever treats the heart.

const attended = "Encounter"

// tellsOf are the types that say what a visit was about, and the search parameter by
// which each names it.
var tellsOf = map[string]string{
	"DocumentReference": "encounter", "DiagnosticReport": "encounter", "Composition": "encounter", "ClinicalImpression": "encounter",
	"Communication": "encounter", response: "encounter", "ServiceRequest": "encounter", task: "encounter",
}

// mark is somebody's word on which compartments something lies in.
type mark struct {
	add, lift label.Set
	staff     bool // of staff; else the client's
}

// marks reports whether who opened the chart may say so.
func (c *Chart) marks(m *mark) bool {
	if c.eyes.Kind != account.Nobody {
		return false // another's eyes only look
	}
	if m.staff {
		return c.why == Care && c.opens != 0 && m.lift == 0
	}
	return c.why == Minding
}

// says works out where a document lies by what it says itself, by what was booked, and by
// what was said of it before.
func (ch *charted) says(d *draft) {
	d.visit = visitOf(d.doc)
	by := label.Of(d.doc)
	if d.Type == appointment {
		by |= ch.v.booked(d.doc)
	}
	if d.Type == appointment || d.Type == attended { // what was recorded at it is so still
		by |= d.was.In &^ (d.was.Client | d.was.Staff)
	}
	marked := label.Marked(d.doc)
	switch {
	case d.Type == communication && isSealedThread(d.doc.Facet(nil)):
		marked &^= label.Other // it names whom it is for, and its words have a key of their own
	case d.Type == consent: // that somebody is kept out is not for everybody to know
		for _, l := range ch.v.limitsIn(d.doc.Root()) {
			by |= label.Own | l.In
		}
	}
	d.is = d.was.by(by, marked)
}

// by is where something lies by what is found in it, and by what it is marked with.
func (l Labels) by(found, marked label.Set) Labels {
	l.In = found&^l.Lifted | marked | l.Client | l.Staff
	return l
}

// booked are the compartments that visits for a service lie in.
func (v *Vault) booked(d *fhir.Doc) (out label.Set) {
	for t := range d.Root().Each("serviceType") {
		for c := range t.Each("coding") {
			if c.Get("system").Str() != ServiceSystem {
				continue
			}
			v.times.mu.RLock()
			s, ok := v.times.table.Service(c.Get("code").Str())
			v.times.mu.RUnlock()
			if ok {
				out |= label.Parse(s.Private)
			}
		}
	}
	return out
}

// visitOf returns which visit something is of.
func visitOf(d *fhir.Doc) string {
	root := d.Root()
	for _, ref := range []string{root.Get("encounter", "reference").Str(), root.Get("context", "encounter", "reference").Str(), root.Get("context", "reference").Str(), root.Get("appointment", "reference").Str(), root.Get("focus", "reference").Str()} {
		if typ, id := fhir.SplitReference(ref); id != "" && (typ == attended || typ == appointment) {
			return typ + "/" + id
		}
	}
	return ""
}

// inherit carries compartments from what was recorded at a visit to the visit, and from
// the visit to what tells of it, in what is written and in what is there.
func (ch *charted) inherit(ctx context.Context, r store.Reader, drafts []*draft) error {
	here := map[string]*draft{}
	for _, d := range drafts {
		if d.Type == attended || d.Type == appointment {
			here[d.Type+"/"+d.ID] = d
		}
	}
	up := map[string]*draft{} // visits that are there, and are raised
	for again := true; again; {
		again = false
		for _, d := range drafts {
			if d.doc == nil && d.mark == nil || d.visit == "" {
				continue
			}
			v := here[d.visit]
			if v == nil {
				v = up[d.visit]
			}
			if v == nil && (d.is.In != 0 || tellsOf[d.Type] != "" || d.Type == attended) {
				var err error
				if v, err = ch.stored(ctx, r, d.visit); err != nil {
					return err
				}
				if v != nil {
					up[d.visit] = v
				}
			}
			if v == nil {
				continue
			}
			if more := d.is.In &^ (v.is.In | v.is.Lifted); more != 0 {
				v.is.In, v.raised, again = v.is.In|more, true, true
			}
			if more := v.is.In &^ (d.is.In | d.is.Lifted); more != 0 && (tellsOf[d.Type] != "" || d.Type == attended) {
				d.is.In, again = d.is.In|more, true
			}
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(up)) {
		if v := up[ref]; v.raised {
			if err := ch.reseal(ctx, r, v); err != nil {
				return err
			}
			if err := ch.raise(ctx, r, v, drafts); err != nil {
				return err
			}
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(here)) {
		if v := here[ref]; (v.doc != nil || v.mark != nil) && v.is.In&^v.was.In != 0 {
			if err := ch.raise(ctx, r, v, drafts); err != nil {
				return err
			}
		}
	}
	return nil
}

// stored is a visit that is there, as a draft nothing comes of unless it is raised.
func (ch *charted) stored(ctx context.Context, r store.Reader, ref string) (*draft, error) {
	if ch.row == 0 {
		return nil, nil
	}
	typ, id := fhir.SplitReference(ref)
	tn, err := typeNumber(typ)
	if err != nil {
		return nil, err
	}
	d := &draft{Change: &Change{Resource: fhir.Resource{Type: typ, ID: id}}, typ: tn, key: ch.keys.Row(typ, id)}
	d.old, err = r.Row(ctx, ch.row, tn, d.key)
	if errors.Is(err, store.ErrNotExist) || err == nil && d.old.Gone {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d.was, err = ch.labels(d.old)
	d.is = d.was
	return d, err
}

// raise seals anew what is there and tells of a visit that lies in more than it did. What
// this write puts there has heard of it.
func (ch *charted) raise(ctx context.Context, r store.Reader, v *draft, drafts []*draft) error {
	if v.Type != attended || ch.row == 0 {
		return nil
	}
	c := ch.whole()
	for _, typ := range slices.Sorted(maps.Keys(tellsOf)) {
		q, err := search.Parse(typ, map[string][]string{tellsOf[typ]: {attended + "/" + v.ID}})
		if err != nil {
			return err
		}
		tn, err := typeNumber(typ)
		if err != nil {
			return err
		}
		hits, err := c.scan(ctx, r, tn, q)
		if err != nil {
			return err
		}
		for _, h := range hits {
			if slices.ContainsFunc(drafts, func(d *draft) bool { return d.typ == tn && d.key == h.row.Key }) {
				continue
			}
			row, err := r.Row(ctx, ch.row, tn, h.row.Key)
			if err != nil {
				return err
			}
			l, err := ch.labels(row)
			if err != nil {
				return err
			}
			d := &draft{Change: &Change{Resource: fhir.Resource{Type: typ, ID: fhir.FacetID(h.facet)}}, typ: tn, key: row.Key, old: row, was: l, is: l}
			d.is.In |= v.is.In &^ l.Lifted
			if err := ch.reseal(ctx, r, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// reseal seals what is there anew, if it lies elsewhere now; unless this write puts it
// there anyway.
func (ch *charted) reseal(ctx context.Context, r store.Reader, d *draft) error {
	if d.is == d.was || slices.ContainsFunc(ch.anew, func(x relabel) bool { return x.row.Type == d.typ && x.row.Key == d.key }) {
		return nil
	}
	x, err := ch.relabeled(ctx, r, d.old, d.is)
	if err != nil {
		return err
	}
	d.again, ch.anew = true, append(ch.anew, x)
	if d.Type != appointment {
		return nil
	}
	sealed, err := r.Body(ctx, d.old.Body)
	if err != nil {
		return err
	}
	json, err := ch.whole().open(sealed, d.old)
	if err != nil {
		return err
	}
	return ch.book(d.key, json, d.is.In)
}

// remark works out where something lies by somebody's word.
func (ch *charted) remark(ctx context.Context, r store.Reader, d *draft) error {
	if d.old.Version == 0 || d.old.Gone {
		return errAbsent
	}
	doc, err := ch.whole().docOf(ctx, r, d.old)
	if err != nil {
		return err
	}
	switch m := d.mark; {
	case m.staff:
		d.is.Staff |= m.add
	default:
		d.is.Client = d.was.Client&^m.lift | m.add
		d.is.Lifted = d.was.Lifted&^m.add | m.lift
	}
	by := label.Of(doc)
	if d.Type == appointment {
		by |= ch.v.booked(doc)
	}
	d.visit = visitOf(doc)
	d.is = d.is.by(by|d.was.In&^(d.was.Client|d.was.Staff), label.Marked(doc))
	return nil
}

// Mark puts something into compartments by the word of who opened the chart, or takes it
// out of some. The client takes out what codes or a booking put there and what they put
// there themselves, not what whoever wrote it marked. Staff who treat the client add, and
// take nothing out. It is one act, on the ledger; content and version stay.
func (c *Chart) Mark(ctx context.Context, typ string, ref Ref, add, lift label.Set) error {
	m := &mark{add: add & label.All, lift: lift & label.All &^ add, staff: c != nil && c.why == Care}
	if c == nil || c.v == nil || !c.marks(m) || typ == "Patient" {
		return errRefused
	}
	_, err := c.v.commit(ctx, deed{act: "mark", plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		f, err := c.ReadRef(ctx, typ, ref)
		if err != nil {
			return nil, err
		}
		return []Write{{c, []Change{{Resource: fhir.Resource{Type: typ, ID: f.ID}, IfVersion: f.Version, mark: m}}}}, nil
	}})
	return wrap("mark", err)
}

// LabelsOf returns the compartments that something lies in, and by whose word.
func (c *Chart) LabelsOf(ctx context.Context, typ string, ref Ref) (Labels, error) {
	f, err := c.ReadRef(ctx, typ, ref)
	if err != nil {
		return Labels{}, err
	}
	var out Labels
	err = c.v.st.View(ctx, func(r store.Reader) error {
		out, err = c.labelsIn(ctx, r, typ, f.ID)
		return err
	})
	return out, wrap("labels", err)
}

// labelsIn are the compartments that something lies in.
func (c *Chart) labelsIn(ctx context.Context, r store.Reader, typ, id string) (Labels, error) {
	tn, err := typeNumber(typ)
	if err != nil {
		return Labels{}, err
	}
	row, err := r.Row(ctx, c.row, tn, c.keys.Row(typ, id))
	if err != nil {
		return Labels{}, err
	}
	return c.labels(row)
}

// misses reports that a visit in the calendar lies in a compartment that is not open here.
func (c *Chart) misses(x *taking) bool {
	in := x.In
	if x.Private && in == 0 {
		in = label.Other
	}
	return in&^c.opens != 0
}
