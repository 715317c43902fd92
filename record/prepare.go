package record

import (
	"context"
	"errors"
	"slices"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/pack"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// prepare validates, packs and seals changes.
func (c *Chart) prepare(ctx context.Context, r store.Reader, changes []Change, done *Done) (*charted, error) {
	if _, here := c.v.people.row(c.client); c.row != 0 && !here && !c.moves {
		return nil, errRefused // merged since it was opened
	}
	ch := &charted{Chart: c, parts: map[Parts]int{}}
	seen := make(map[store.Key]bool, len(changes))
	if c.row == 0 { // a new chart: the person says whose it is, wherever they stand
		for _, x := range changes {
			if x.Type == "Patient" {
				c.person = x.ID
			}
		}
	}
	drafts := make([]*draft, 0, len(changes))
	for i := range changes {
		x := &changes[i]
		if !c.may(x.Type) && (x.mark == nil || !c.marks(x.mark)) {
			return nil, errs.E(errs.Refused, "record: %s may not be written through this chart", x.Type)
		}
		d, err := ch.draft(ctx, r, x)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	if err := ch.inherit(ctx, r, drafts); err != nil {
		return nil, err
	}
	for _, d := range drafts {
		put, err := ch.one(ctx, r, d)
		if err != nil {
			return nil, err
		}
		if put == nil && !d.again {
			done.Unchanged++
			continue
		}
		if seen[d.key] {
			return nil, errs.E(errs.Invalid, "record: %s is there twice in one write", d.Type)
		}
		seen[d.key] = true
		if put != nil {
			ch.puts = append(ch.puts, *put)
			ch.binds(d)
		}
		ch.parts[policy.PartOf(d.Type)]++
		done.Written++
	}
	if c.moves {
		if err := ch.moveTimes(ctx, r); err != nil {
			return nil, err
		}
	}
	if c.moves && ch.card == nil { // the person says already what a merge makes them say
		ch.card = c.known()
		ch.card.Into = c.into
	}
	if c.row == 0 && ch.card == nil && len(ch.puts) > 0 {
		return nil, errs.E(errs.Invalid, "record: a new chart begins with the person")
	}
	return ch, nil
}

// may reports whether a type of resource may be written. A client writes visits, answers
// and plans by the acts of this package alone.
func (c *Chart) may(typ string) bool {
	return c.writes&policy.PartOf(typ) != 0 && (c.inside || c.why != Booking && c.why != Answering && c.why != Planning && c.why != Messaging && c.why != Replying)
}

// draft is a change on its way: what is there before it, and which compartments what
// comes of it lies in.
type draft struct {
	*Change
	doc    *fhir.Doc // nil for a deletion, or a mark
	typ    uint16
	key    store.Key
	old    store.Row
	was    Labels // of what is there
	is     Labels
	again  bool   // what is there is sealed anew
	visit  string // which visit it is of: "Encounter/…" or "Appointment/…"; "" for none
	raised bool   // its compartments came of another's
}

// draft validates a change, and works out what it says of itself about compartments.
func (ch *charted) draft(ctx context.Context, r store.Reader, x *Change) (*draft, error) {
	tn, err := typeNumber(x.Type)
	if err != nil {
		return nil, err
	}
	d := &draft{Change: x, typ: tn, key: ch.keys.Row(x.Type, x.ID)}
	if ch.row != 0 {
		d.old, err = r.Row(ctx, ch.row, tn, d.key)
		if err != nil && !errors.Is(err, store.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			if hidden, err := ch.hides(ctx, r, d.old); err != nil || hidden {
				return nil, orElse(err, errs.E(errs.Refused, "record: %s may not be written through this chart", x.Type))
			}
			if d.was, err = ch.labels(d.old); err != nil {
				return nil, err
			}
		}
	}
	if d.old.Version == 0 {
		d.was = Labels{Client: x.was.Client, Lifted: x.was.Lifted, Staff: x.was.Staff}
	}
	if x.IfVersion != 0 && d.old.Version != x.IfVersion {
		return nil, errs.E(errs.Conflict, "record: %s is at version %d", x.Type, d.old.Version)
	}
	d.is = d.was
	if x.mark != nil {
		return d, ch.remark(ctx, r, d)
	}
	if !x.Delete {
		if d.doc, err = ch.check(x); err != nil {
			return nil, err
		}
	}
	if err := ch.minds(ctx, r, d); err != nil || x.Delete {
		return d, err
	}
	ch.says(d)
	return d, nil
}

// minds refuses whoever would say, or take back, in a client's place who may not look. It
// comes from another system, or by the acts of this package.
func (ch *charted) minds(ctx context.Context, r store.Reader, d *draft) error {
	if d.Type != consent || ch.inside || ch.moves || ch.why == Importing {
		return nil
	}
	says := d.doc != nil && denying(d.doc.Root())
	if !says && d.old.Version > 0 && !d.old.Gone {
		was, err := ch.whole().docOf(ctx, r, d.old)
		if err != nil {
			return err
		}
		says = denying(was.Root())
	}
	if says {
		return errs.E(errs.Refused, "record: who may not look is the client's to say")
	}
	return nil
}

// one prepares one change; nil if nothing is put.
func (ch *charted) one(ctx context.Context, r store.Reader, d *draft) (*store.Put, error) {
	put := &store.Put{Row: store.Row{Type: d.typ, Key: d.key, Version: d.old.Version + 1, Time: ch.v.now.Now().UnixMilli()}, Prior: d.old.Version}
	switch {
	case d.Delete:
		if d.Type == appointment {
			ch.bookings = append(ch.bookings, booking{id: put.Key, gone: true})
		}
		return ch.deletion(put, d)
	case d.doc == nil:
		return nil, ch.reseal(ctx, r, d)
	}
	facet := d.doc.Facet(nil)
	if d.old.Version > 0 && !d.old.Gone {
		was, err := ch.whole().facet(nil, d.old)
		if err != nil {
			return nil, err
		}
		if fhir.FacetHash(was) == fhir.FacetHash(facet) {
			return nil, ch.reseal(ctx, r, d)
		}
	}
	switch d.Type {
	case "Patient":
		ch.card = readCard(ch.client, d.doc)
		ch.card.Into = ch.into
	case appointment:
		if err := ch.book(put.Key, d.doc.Compact(), d.is.In); err != nil {
			return nil, err
		}
	}
	if d.old.Version > 0 && d.is.In != d.was.In { // the versions before lie where this one does
		x, err := ch.relabeled(ctx, r, d.old, d.is)
		if err != nil {
			return nil, err
		}
		x.facet = nil // that of the version before goes with it
		ch.anew = append(ch.anew, x)
	}
	var err error
	if put.Facet, err = ch.seal(ch.facetHalf(), facet, d.is, d.typ, put.Key, put.Version); err != nil {
		return nil, err
	}
	put.Sealed, err = ch.seal(ch.bodyHalf(), packed(d.doc), d.is, d.typ, put.Key, put.Version)
	return put, err
}

func (ch *charted) deletion(put *store.Put, d *draft) (*store.Put, error) {
	if d.Type == "Patient" {
		return nil, errs.E(errs.Refused, "record: the person cannot be deleted from their own chart")
	}
	if d.old.Version == 0 || d.old.Gone {
		return nil, nil
	}
	put.Gone = true
	var err error
	put.Facet, err = ch.seal(ch.facetHalf(), fhir.GoneFacet(nil, d.ID), d.is, put.Type, put.Key, put.Version)
	return put, err
}

// check validates a resource and that it belongs in this chart.
func (ch *charted) check(x *Change) (*fhir.Doc, error) {
	if len(x.JSON) > pack.Max {
		return nil, errs.E(errs.Invalid, "record: %s is larger than %d MB", x.Type, pack.Max>>20)
	}
	doc, err := fhir.Parse(x.JSON)
	if err != nil {
		return nil, err
	}
	if doc.Type() != x.Type || doc.ID() != x.ID || x.ID == "" {
		return nil, errs.E(errs.Invalid, "record: the resource says it is another than it is put as")
	}
	if fhir.PracticeWide(x.Type) {
		return nil, errs.E(errs.Invalid, "record: %s belongs to the practice, not to a chart", x.Type)
	}
	if x.Type == "Patient" {
		if known, ok := ch.v.people.byPerson(x.ID); ok && known != ch.client {
			return nil, errs.E(errs.Conflict, "record: that person has another chart")
		}
		if own := ch.v.people.personOf(ch.client); own != "" && own != x.ID {
			return nil, errs.E(errs.Refused, "record: a chart has one person in it")
		}
		ch.person = x.ID
		return doc, nil
	}
	own := ch.person
	if own == "" {
		own = ch.v.people.personOf(ch.client)
	}
	if of, _ := fhir.Compartment(doc); len(of) > 0 && !slices.Contains(of, own) {
		return nil, errs.E(errs.Refused, "record: %s is about another person", x.Type)
	}
	return doc, nil
}
