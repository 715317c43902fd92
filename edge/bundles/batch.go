package bundles

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"rapport/fhir"
	"rapport/record"
)

// batch is entries that are taken together.
type batch struct {
	im      *Importer
	file    string
	entries []*entry
	whole   bool                     // all or none
	last    bool                     // nothing else will come: what waits is refused
	lines   bool                     // what waits is set aside, and the rest taken
	charts  map[string]*record.Chart // opened before for this file, by person

	byURL     map[string]*entry
	byAddress map[string]*entry
	idents    idents // who of this batch answers to which identifier
	waits     []*entry
	refused   []Refusal
	twice     int               // entries that are there twice, alike
	torn      map[string]bool   // ids that two people of this batch have
	offered   *Report           // what became of what is shared
	twins     map[string]string // name of an entry → address of what is here in its place
}

func (b *batch) refuse(e *entry, reason string) {
	e.out = true
	b.refused = append(b.refused, Refusal{b.file, e.name, reason})
}

// wait sets an entry aside until another file brings what it needs, or refuses it
// if no other file will.
func (b *batch) wait(e *entry, reason string) {
	if b.last {
		b.refuse(e, reason)
		return
	}
	e.out = true
	b.waits = append(b.waits, e)
}

// stuck reports whether nothing of the batch may be kept now, whatever else is
// found out about it.
func (b *batch) stuck() bool {
	return len(b.waits) > 0 && !b.lines || b.whole && len(b.refused) > 0
}

// take resolves, sorts and keeps the entries.
func (b *batch) take(ctx context.Context) (Report, error) {
	b.name()
	b.each(b.condition)
	b.each(b.resolve)
	b.sort()
	b.each(b.present)
	var rep Report
	var err error
	if !b.stuck() {
		rep, err = b.keep(ctx)
	}
	if len(b.waits) > 0 && !b.lines && !(b.whole && len(b.refused) > 0) {
		return Report{}, errWait
	}
	if err != nil && !stops(err) {
		// the gate refused something of it, and so kept nothing of it
		b.refused = append(b.refused, Refusal{b.file, "", reasonOf(err)})
		err = nil
	}
	rep.Refused = b.refused
	return rep, err
}

// each runs f over the entries and leaves out those it did not let pass.
func (b *batch) each(f func(*entry) bool) {
	kept := make([]*entry, 0, len(b.entries))
	for _, e := range b.entries {
		if f(e) {
			kept = append(kept, e)
		}
	}
	b.entries = kept
}

// name learns under which names entries may point at each other.
func (b *batch) name() {
	b.byURL = make(map[string]*entry, len(b.entries))
	b.byAddress = make(map[string]*entry, len(b.entries))
	b.twins, b.torn = map[string]string{}, map[string]bool{}
	b.each(func(e *entry) bool {
		at, u := b.byAddress[e.address()], b.byURL[e.fullURL]
		switch {
		case at != nil && alike(at.raw, e.raw):
			b.twice++
			if e.fullURL != "" {
				b.byURL[e.fullURL] = at
			}
			return false
		case at != nil:
			b.refuse(e, "is another "+e.typ+" with the id of "+at.name+", and other content")
			if b.im.dispute(e, at.raw) {
				b.torn[e.id] = true
			}
			return false
		case u != nil && e.fullURL != "":
			b.refuse(e, "has the fullUrl of "+u.name)
			return false
		}
		b.byAddress[e.address()] = e
		if e.fullURL != "" {
			b.byURL[e.fullURL] = e
		}
		return true
	})
}

// condition does what an entry asks that is to be made or put by an identifier.
func (b *batch) condition(e *entry) bool {
	if e.condition == "" {
		b.learn(e)
		return true
	}
	to, fits := b.idents.find(e.condition)
	if fits == none {
		to, fits = b.im.shared.find(e.condition)
	}
	switch fits {
	case unfit:
		b.refuse(e, "is to be found by a search an import cannot do: it looks for identifier=system|value only")
		return false
	case many:
		b.refuse(e, "is to be found by an identifier that more than one "+e.typ+" has")
		return false
	case none:
		b.learn(e)
		return true
	}
	if to == e.address() {
		return true
	}
	delete(b.byAddress, e.address())
	b.twins[e.address()] = to
	if e.create {
		b.twice++
		b.twins[e.fullURL] = to
		delete(b.byURL, e.fullURL)
		return false
	}
	_, e.id, _ = strings.Cut(to, "/")
	b.byAddress[to] = e
	return true
}

func (b *batch) learn(e *entry) {
	if b.lines {
		return // lines meet in a batch by chance, and chance must not decide
	}
	if b.idents == nil {
		b.idents = idents{}
	}
	b.idents.learn(e.doc, e.address())
}

// target returns the address a reference of e stands for, if it is to be written
// differently from how it stands there.
func (b *batch) target(e *entry, ref string) (string, bool) {
	if to, ok := b.named(ref); ok {
		return to, true
	}
	if conditional(ref) {
		to, fits := b.find(ref)
		return to, fits == one
	}
	if base, typ, id := cutURL(ref); typ != "" {
		return typ + "/" + id, base == e.base
	}
	if e.base != "" && !strings.HasPrefix(ref, "#") {
		return b.named(e.base + "/" + ref)
	}
	return "", false
}

// named returns the address of what has this name in the Bundle.
func (b *batch) named(ref string) (string, bool) {
	if to := b.byURL[ref]; to != nil {
		return to.address(), true
	}
	to, ok := b.twins[ref]
	return to, ok
}

func (b *batch) find(ref string) (string, fit) {
	to, fits := b.idents.find(ref)
	if fits == none {
		return b.im.shared.find(ref)
	}
	return to, fits
}

// resolve turns references between entries into addresses.
func (b *batch) resolve(e *entry) bool {
	if why, wait := b.dangling(e); wait {
		b.wait(e, why)
		return false
	} else if why != "" {
		b.refuse(e, why)
		return false
	}
	changed := false
	out := e.withID(e.doc.Rewrite(func(ref string) (string, bool) {
		to, ok := b.target(e, ref)
		changed = changed || ok
		return to, ok
	}))
	e.json = out
	if !changed && e.doc.ID() == e.id {
		return true
	}
	doc, err := fhir.Parse(out)
	if err != nil {
		b.refuse(e, whyNot(doc))
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

// dangling says what is wrong with an entry's references, if anything is, and
// whether another file may put it right.
func (b *batch) dangling(e *entry) (why string, wait bool) {
	for _, r := range e.doc.References() {
		if _, ok := b.target(e, r.Text); ok {
			continue
		}
		switch {
		case strings.HasPrefix(r.Text, "urn:"):
			return "points at an entry that is not in the Bundle", false
		case conditional(r.Text):
			return b.unfound(r.Text)
		}
	}
	return "", false
}

// unfound says why a conditional reference finds nobody.
func (b *batch) unfound(ref string) (why string, wait bool) {
	typ, _, _ := strings.Cut(ref, "?")
	what := "resource"
	if known(typ) {
		what = typ
	}
	switch _, fits := b.find(ref); {
	case fits == unfit:
		return "points at a " + what + " by a search an import cannot do: it looks for identifier=system|value only", false
	case fits == many:
		return "points at a " + what + " by an identifier that more than one has", false
	case !fhir.PracticeWide(typ):
		return "points at a " + what + " by an identifier, which is looked for in its own Bundle only: give its id", false
	}
	return "points at a " + what + " by an identifier nobody has: import the file with it too", true
}

// alike reports whether two resources say the same, byte for byte or but for
// whitespace, the order of properties and how characters are escaped.
func alike(a, b []byte) bool {
	return bytes.Equal(a, b) || canonical(a) == canonical(b)
}

func lineName(n int) string  { return "line " + strconv.Itoa(n) }
func entryName(n int) string { return "entry " + strconv.Itoa(n) }
