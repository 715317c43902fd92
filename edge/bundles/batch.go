package bundles

import (
	"context"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// batch is entries that are taken together.
type batch struct {
	im      *Importer
	file    string
	entries []*entry
	whole   bool // all or none
	last    bool // nothing else will come: what waits is refused

	byName  map[string]*entry
	waits   bool
	refused []Refusal
}

func (b *batch) refuse(e *entry, reason string) {
	b.refused = append(b.refused, Refusal{b.file, e.name, reason})
}

// take resolves, sorts and keeps the entries.
func (b *batch) take(ctx context.Context) (Report, error) {
	b.byName = make(map[string]*entry, 2*len(b.entries))
	for _, e := range b.entries {
		for _, n := range e.names() {
			b.byName[n] = e
		}
	}
	b.each(b.resolve)
	b.each(b.sort)
	if b.waits && !b.last {
		return Report{}, errWait
	}
	if b.whole && len(b.refused) > 0 {
		return Report{Refused: b.refused}, nil
	}
	rep, err := b.keep(ctx)
	if err != nil && !stops(err) {
		// the gate refused something of it, and so kept nothing of it
		rep.Refused = append(rep.Refused, Refusal{b.file, "", reasonOf(err)})
		err = nil
	}
	rep.Refused = append(b.refused, rep.Refused...)
	return rep, err
}

// each runs f over the entries and leaves out those it refused.
func (b *batch) each(f func(*entry) bool) {
	kept := b.entries[:0]
	for _, e := range b.entries {
		if f(e) {
			kept = append(kept, e)
		}
	}
	b.entries = kept
}

// resolve turns references between entries into addresses.
func (b *batch) resolve(e *entry) bool {
	if why := b.dangling(e); why != "" {
		b.refuse(e, why)
		return false
	}
	e.json = e.withID(e.doc.Rewrite(func(ref string) (string, bool) {
		if to, ok := b.byName[ref]; ok {
			return to.typ + "/" + to.id, true
		}
		if conditional(ref) {
			return b.im.shared.find(ref)
		}
		return "", false
	}))
	doc, err := fhir.Parse(e.json)
	if err != nil {
		b.refuse(e, reasonOf(err))
		return false
	}
	e.doc = doc
	return true
}

// conditional reports whether a reference names its target by what it is like.
func conditional(ref string) bool {
	typ, _, ok := strings.Cut(ref, "?")
	return ok && !strings.ContainsAny(typ, ":/#")
}

// dangling says what is wrong with an entry's references, if anything is.
func (b *batch) dangling(e *entry) string {
	for _, r := range e.doc.References() {
		if _, ok := b.byName[r.Text]; ok {
			continue
		}
		switch {
		case strings.HasPrefix(r.Text, "urn:"):
			return "points at an entry that is not in the Bundle"
		case conditional(r.Text):
			if _, ok := b.im.shared.find(r.Text); !ok {
				b.waits = true
				return "points at a " + typeOf(r.Text) + " by an identifier nobody has: import the file with it too"
			}
		}
	}
	return ""
}

func typeOf(ref string) string {
	t, _, _ := strings.Cut(ref, "?")
	if _, ok := fhir.TypeNumber(t); ok {
		return t
	}
	return "resource"
}

// sort finds whom an entry is about.
func (b *batch) sort(e *entry) bool {
	of, _ := fhir.Compartment(e.doc)
	switch {
	case len(of) == 1:
		e.client = of[0]
	case len(of) > 1:
		b.refuse(e, "is about more than one person")
		return false
	case fhir.PracticeWide(e.typ):
		e.isShare = true
	default:
		e.client = b.follow(e, 4)
		if e.client == "" && e.typ == "Device" {
			e.isShare = true
			return true
		}
		if e.client == "" {
			b.refuse(e, "is about nobody: it points at no person, and is not something a practice shares")
			return false
		}
	}
	if _, inFile := b.byName["Patient/"+e.client]; e.client != "" && !inFile {
		if _, known := b.im.dir.ByPerson(e.client); !known {
			b.waits = true
			b.refuse(e, "is about a person who is not here: import the file with that Patient too")
			return false
		}
	}
	return true
}

// follow looks for the person an entry is about through what it points at.
func (b *batch) follow(e *entry, depth int) string {
	found := ""
	for _, r := range e.doc.References() {
		to, ok := b.byName[r.Text]
		if !ok || to == e || depth == 0 {
			continue
		}
		of, _ := fhir.Compartment(to.doc)
		one := ""
		if len(of) == 1 {
			one = of[0]
		} else if len(of) == 0 && !fhir.PracticeWide(to.typ) {
			one = b.follow(to, depth-1)
		}
		if one != "" && found != "" && one != found {
			return ""
		}
		if one != "" {
			found = one
		}
	}
	return found
}

// keep hands what is shared to the practice and the rest to the charts.
func (b *batch) keep(ctx context.Context) (Report, error) {
	var rep Report
	var share []fhir.Resource
	var order []string
	charts := map[string][]record.Change{}
	for _, e := range b.entries {
		r := fhir.Resource{Type: e.typ, ID: e.id, JSON: e.json}
		if e.isShare {
			if b.im.shared.has(r) {
				rep.Unchanged++
			} else {
				share = append(share, r)
			}
			continue
		}
		if _, ok := charts[e.client]; !ok {
			order = append(order, e.client)
		}
		charts[e.client] = append(charts[e.client], record.Change{Resource: r})
	}
	if len(share) > 0 {
		done, err := b.im.practice.Put(ctx, share...)
		if err != nil {
			return Report{}, err
		}
		rep.Shared, rep.Written, rep.Unchanged = done.Written, done.Written, rep.Unchanged+done.Unchanged
		for _, r := range share {
			b.im.shared.learn(r)
		}
	}
	ws, fresh, err := b.open(ctx, order, charts)
	if err != nil || len(ws) == 0 {
		return rep, err
	}
	done, err := b.im.v.Commit(ctx, ws...)
	if errs.Is(err, errs.Conflict) && !b.last {
		return Report{}, errWait // somebody else's file made the same chart just now
	}
	if err != nil {
		return rep, err
	}
	rep.Clients, rep.Written, rep.Unchanged = fresh, rep.Written+done.Written, rep.Unchanged+done.Unchanged
	return rep, nil
}

// open opens the chart of every person, or prepares a new one.
func (b *batch) open(ctx context.Context, order []string, charts map[string][]record.Change) (ws []record.Write, fresh int, err error) {
	for _, person := range order {
		var c *record.Chart
		if id, known := b.im.dir.ByPerson(person); known {
			c, err = b.im.v.Open(ctx, b.im.who, record.Importing, id, record.AllParts)
		} else {
			c, err = b.im.v.Admit(ctx, b.im.who, record.Importing)
			fresh++
		}
		if err != nil {
			return nil, 0, err
		}
		ws = append(ws, record.Write{Chart: c, Changes: charts[person]})
	}
	return ws, fresh, nil
}
