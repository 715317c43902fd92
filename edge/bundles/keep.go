package bundles

import (
	"context"
	"maps"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// retries is how often a batch is prepared again that met another file's.
const retries = 8

// keep hands what is shared to the practice and the rest to the charts.
//
// An import adds. What is here already stays as it is, unless the file says by a
// later meta.lastUpdated that it knows better: people here may have changed it
// since, and two files that contradict each other must not take turns.
func (b *batch) keep(ctx context.Context) (Report, error) {
	for try := 0; ; try++ {
		refused := len(b.refused)
		rep, err := b.once(ctx)
		if errs.Is(err, errs.Conflict) && try < retries {
			// somebody else's file made or changed the same chart just now
			b.refused = b.refused[:refused]
			for _, e := range b.entries {
				e.out = false
			}
			clear(b.charts)
			continue
		}
		return rep, err
	}
}

// plan is what a batch does to charts.
type plan struct {
	order     []string // of the persons
	charts    map[string]*record.Chart
	changes   map[string][]record.Change
	unchanged int
	fresh     int
}

func (b *batch) once(ctx context.Context) (Report, error) {
	p, err := b.compare(ctx)
	if err != nil || b.whole && len(b.refused) > 0 {
		return b.sofar(), err
	}
	if err := b.offer(ctx); err != nil {
		return Report{}, err
	}
	rep := b.sofar()
	ws := make([]record.Write, 0, len(p.order))
	for _, person := range p.order {
		if len(p.changes[person]) > 0 {
			ws = append(ws, record.Write{Chart: p.charts[person], Changes: p.changes[person]})
		}
	}
	if len(ws) > 0 {
		done, err := b.im.v.Commit(ctx, ws...)
		if err != nil {
			return rep, err
		}
		rep.Clients, rep.Written, rep.Unchanged = p.fresh, rep.Written+done.Written, rep.Unchanged+done.Unchanged
		if rep.Proposals, err = b.im.v.Propose(ctx, b.im.who, p.persons()...); err != nil {
			return rep, err
		}
	}
	maps.Copy(b.charts, p.charts)
	rep.Unchanged += p.unchanged + b.twice
	return rep, nil
}

// persons are those who are new or say something new of themselves.
func (p *plan) persons() []fhir.ClientID {
	var out []fhir.ClientID
	for _, person := range p.order {
		for _, c := range p.changes[person] {
			if c.Type == "Patient" {
				out = append(out, p.charts[person].Client())
			}
		}
	}
	return out
}

// sofar is what became of what is shared: nothing, before it was offered.
func (b *batch) sofar() Report {
	if b.offered == nil {
		return Report{}
	}
	return *b.offered
}

// offer hands what is shared to the practice, once. It comes before the charts,
// which point at it; that one act should hold both is asked of the gate.
func (b *batch) offer(ctx context.Context) error {
	if b.offered != nil {
		return nil
	}
	var rep Report
	var fresh []fhir.Resource
	for _, e := range b.entries {
		if !e.isShare || e.out {
			continue
		}
		switch r := (fhir.Resource{Type: e.typ, ID: e.id, JSON: e.json}); b.im.shared.offer(r, e.doc) {
		case isNew:
			fresh = append(fresh, r)
		case isHere:
			rep.Unchanged++
		case isOther:
			rep.Kept++
		}
	}
	if len(fresh) > 0 {
		done, err := b.im.practice.Put(ctx, fresh...)
		if err != nil {
			b.im.shared.forget(fresh)
			return err
		}
		rep.Shared, rep.Written, rep.Unchanged = done.Written, done.Written, rep.Unchanged+done.Unchanged
	}
	b.offered = &rep
	return nil
}

// compare opens the charts the batch touches and leaves out what is in them.
func (b *batch) compare(ctx context.Context) (*plan, error) {
	if b.charts == nil {
		b.charts = map[string]*record.Chart{}
	}
	p := &plan{charts: map[string]*record.Chart{}, changes: map[string][]record.Change{}}
	of := map[string][]*entry{}
	for _, e := range b.entries {
		if e.isShare || e.out {
			continue
		}
		if len(of[e.client]) == 0 {
			p.order = append(p.order, e.client)
		}
		of[e.client] = append(of[e.client], e)
	}
	for _, person := range p.order {
		if err := b.chart(ctx, p, person, of[person]); err != nil {
			return nil, err
		}
		if b.whole && len(b.refused) > 0 {
			return p, nil
		}
	}
	return p, nil
}

// chart compares what a batch brings for one person with what is in their chart.
func (b *batch) chart(ctx context.Context, p *plan, person string, es []*entry) error {
	id, known := b.im.dir.ByPerson(person)
	if !known && b.im.dir.Joined(person) {
		for _, e := range es {
			b.refuse(e, mergedHere)
		}
		return nil
	}
	if !known {
		c, err := b.im.v.Admit(ctx, b.im.who, record.Importing)
		if err != nil {
			return err
		}
		p.fresh++
		p.charts[person] = c
		for _, e := range es {
			p.changes[person] = append(p.changes[person], e.change(0))
		}
		return nil
	}
	c := b.charts[person]
	if c == nil {
		var err error
		if c, err = b.im.v.Open(ctx, b.im.who, record.Importing, id, record.AllParts); err != nil {
			return err
		}
	}
	p.charts[person] = c
	// the person first: if they are somebody else, nothing of theirs is looked at
	stranger := false
	for _, e := range patientFirst(es) {
		if stranger {
			b.refuse(e, disputedPerson)
			continue
		}
		change, why, err := b.differs(ctx, c, e)
		if err != nil {
			return err
		}
		switch {
		case why != "":
			b.refuse(e, why)
			stranger = why == strangerHere
		case change == nil:
			p.unchanged++
		default:
			p.changes[person] = append(p.changes[person], *change)
		}
	}
	return nil
}

func patientFirst(es []*entry) []*entry {
	for i, e := range es {
		if e.typ == "Patient" {
			out := append(make([]*entry, 0, len(es)), e)
			return append(append(out, es[:i]...), es[i+1:]...)
		}
	}
	return es
}

func (e *entry) change(version int64) record.Change {
	return record.Change{Resource: fhir.Resource{Type: e.typ, ID: e.id, JSON: e.json}, IfVersion: version}
}

const mergedHere = "is of somebody whose chart was merged into another here"

const strangerHere = "has the id of somebody else who is here"

// differs returns the change an entry makes to a chart: nil if it is there, or
// the reason it is not taken.
func (b *batch) differs(ctx context.Context, c *record.Chart, e *entry) (*record.Change, string, error) {
	past, err := c.History(ctx, e.typ, e.id)
	if errs.Is(err, errs.NotFound) {
		change := e.change(0)
		return &change, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	here := past[0]
	switch {
	case here.Deleted:
		return nil, "was deleted here, and an import does not bring it back", nil
	case alike(here.JSON, e.doc.Compact()):
		return nil, "", nil
	case e.typ == "Patient" && b.im.dispute(e, here.JSON):
		return nil, strangerHere, nil
	case !newer(e.doc, here.JSON):
		return nil, "is here with other content, and the file does not say by meta.lastUpdated that it is newer", nil
	}
	change := e.change(here.Version)
	return &change, "", nil
}
