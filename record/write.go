package record

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/pack"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"

	"rapport/account"
)

// Change is one resource to be kept or deleted.
type Change struct {
	fhir.Resource       // JSON may be nil only for a deletion
	Delete        bool  // the resource is to be gone; its versions stay
	IfVersion     int64 // refuse with errs.Conflict unless this is the newest version; 0 = any
}

// Write is the changes to one chart.
type Write struct {
	Chart   *Chart
	Changes []Change
}

// Done says what a Commit did.
type Done struct {
	Written   int // versions written
	Unchanged int // resources that were there already, byte for byte
}

// unless is what was done, or nothing if there is an error.
func (d *Done) unless(err error) (Done, error) {
	if err != nil {
		return Done{}, err
	}
	return *d, nil
}

// Admit prepares a chart for a person who is not known here. Nothing is kept,
// keys apart, until the first Commit, which must carry the Patient.
func (v *Vault) Admit(ctx context.Context, who account.Actor, why Purpose) (*Chart, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Roles: who.Roles(), Level: who.Level(), Purpose: why, Target: policy.Chart, Asked: AllParts})
	if !d.Allow() {
		return nil, v.noted(ctx, who, why, "admit", d)
	}
	c, err := v.newChart(ctx)
	if err != nil {
		return nil, err
	}
	c.who, c.why, c.basis = who, why, d.Basis
	c.asked, c.parts, c.writes, c.private = AllParts, d.Parts, d.Writes(), d.Private()
	return c, nil
}

// newChart draws a pseudonym and its keys. Nobody may do anything with the chart
// until the caller says who and what.
func (v *Vault) newChart(ctx context.Context) (*Chart, error) {
	var pid store.PID
	if _, err := io.ReadFull(v.rand, pid[:]); err != nil {
		return nil, wrap("admit", err)
	}
	if err := v.ring.Add(ctx, pid); err != nil {
		return nil, wrap("admit", err)
	}
	keys, err := v.ring.Client(ctx, pid)
	if err != nil {
		return nil, wrap("admit", err)
	}
	return &Chart{v: v, client: clientID(pid), pid: pid, keys: keys}, nil
}

// Apply keeps changes to this chart: all of them or none, with the ledger line
// in the same transaction.
func (c *Chart) Apply(ctx context.Context, changes ...Change) (Done, error) {
	if c == nil || c.v == nil {
		return Done{}, errRefused
	}
	return c.v.Commit(ctx, Write{c, changes})
}

// Put keeps resources as they are.
func (c *Chart) Put(ctx context.Context, rs ...fhir.Resource) (Done, error) {
	changes := make([]Change, len(rs))
	for i, r := range rs {
		changes[i].Resource = r
	}
	return c.Apply(ctx, changes...)
}

// retries is how often a write that met another is prepared again. The last time
// it is prepared inside the transaction, where it can meet nobody.
const retries = 4

// Commit keeps the changes to one or more charts: all of them or none. What is
// there already, byte for byte, is not written again.
func (v *Vault) Commit(ctx context.Context, ws ...Write) (Done, error) {
	for _, w := range ws {
		if w.Chart == nil || w.Chart.v == nil || w.Chart.v != v {
			return Done{}, errRefused
		}
	}
	done, err := v.commit(ctx, deed{plan: func(context.Context, store.Reader) ([]Write, error) { return ws, nil }})
	return done, wrap("write", err)
}

// deed is what one commit does.
type deed struct {
	act  string                                                     // what the ledger calls it; "" for a write
	plan func(context.Context, store.Reader) ([]Write, error)       // what is written, as things are
	also func(ctx context.Context, tx store.Tx, planned bool) error // done first, in the transaction; planned says that plan saw an earlier state. May be nil
	gave func() []timeID                                            // what also gave back of the calendar. May be nil
	done func()                                                     // done when it is there. May be nil
}

// commit does a deed, and plans it again when it met another: of a time that is taken,
// too, for another room may be free.
func (v *Vault) commit(ctx context.Context, d deed) (Done, error) {
	for try, caughtUp := 0, false; ; try++ {
		done, err := v.once(ctx, d, try == retries)
		if errors.Is(err, errGone) && !caughtUp { // unless what was given back is not seen yet
			caughtUp = true
			if err := v.led.Commit(ctx, &ledger.Act{}); err != nil {
				return Done{}, err
			}
			try--
			continue
		}
		met := errors.Is(err, store.ErrVersion) || errors.Is(err, store.ErrTaken)
		if met && try < retries {
			continue
		}
		if errors.Is(err, store.ErrVersion) {
			err = errs.E(errs.Conflict, "%w", err)
		}
		return done, goneIf(err)
	}
}

// charted is one chart's share of a commit.
type charted struct {
	*Chart
	puts  []store.Put
	parts map[Parts]int
	card  *Card // the person as the directory will know them; nil if unchanged

	bookings []booking // what it does to the calendar
	freed    []timeID  // what it did
	took     []*taking
}

func (v *Vault) once(ctx context.Context, d deed, inside bool) (Done, error) {
	var done Done
	var all []*charted
	act := &ledger.Act{}
	prepare := func(ctx context.Context, r store.Reader) error {
		done, all, act.Lines = Done{}, nil, nil
		ws, err := d.plan(ctx, r)
		if err != nil {
			return err
		}
		for _, w := range ws {
			ch, err := w.Chart.prepare(ctx, r, w.Changes, &done)
			if err != nil {
				return err
			}
			if len(ch.puts) > 0 || ch.card != nil {
				all = append(all, ch)
				act.Lines = append(act.Lines, ch.written(ctx, d.act))
			}
		}
		return nil
	}
	if !inside {
		if err := v.st.View(ctx, func(r store.Reader) error { return prepare(ctx, r) }); err != nil || len(all) == 0 {
			return done.unless(err)
		}
	}
	var lapsed time.Time
	act.Write = func(ctx context.Context, tx store.Tx) error {
		if inside {
			if err := prepare(ctx, tx); err != nil {
				return err
			}
		}
		if lapsed = (time.Time{}); slices.ContainsFunc(all, func(ch *charted) bool { return len(ch.bookings) > 0 }) {
			lapsed = v.now.Now() // a hold that ended is in nobody's way
			if err := tx.Lapse(ctx, lapsed.UnixMilli()); err != nil {
				return err
			}
		}
		if d.also != nil {
			if err := d.also(ctx, tx, !inside); err != nil {
				return err
			}
		}
		for _, ch := range all { // first, so that what one gives back another may take
			if err := ch.giveBack(ctx, tx); err != nil {
				return err
			}
		}
		for i, ch := range all {
			row, err := ch.write(ctx, tx)
			if err != nil {
				return err
			}
			act.Lines[i].Row = row
		}
		return nil
	}
	act.After = func() {
		v.times.lapse(lapsed)
		var freed []timeID
		var took []*taking
		if d.gave != nil {
			freed = d.gave()
		}
		for i, ch := range all {
			if ch.row == 0 {
				ch.row = act.Lines[i].Row
			}
			if ch.card != nil {
				v.people.set(*ch.card, ch.row)
			}
			freed, took = append(freed, ch.freed...), append(took, ch.took...)
		}
		if len(freed)+len(took) > 0 {
			v.times.change(freed, took)
		}
		if d.done != nil {
			d.done()
		}
	}
	return done.unless(v.led.Commit(ctx, act))
}

// written is the ledger line of a write.
func (ch *charted) written(ctx context.Context, act string) *ledger.Line {
	switch {
	case act != "":
	case ch.row == 0:
		act = "admit"
	default:
		act = "write"
	}
	l := ch.v.line(ctx, ch.who, ch.why, act, ch.basis, 0)
	for _, p := range (AllParts).Each() {
		if n := ch.parts[p]; n > 0 {
			l.Entry.What = append(l.Entry.What, ledger.What{Part: p.String(), N: n})
		}
	}
	l.PID, l.Keys, l.Entry.Client = ch.pid, ch.keys.Ledger, string(ch.client)
	return l
}

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
	for i := range changes {
		x := &changes[i]
		if !c.may(x.Type) {
			return nil, errs.E(errs.Refused, "record: %s may not be written through this chart", x.Type)
		}
		put, err := ch.one(ctx, r, x)
		if err != nil {
			return nil, err
		}
		if put == nil {
			done.Unchanged++
			continue
		}
		if seen[put.Key] {
			return nil, errs.E(errs.Invalid, "record: %s is there twice in one write", x.Type)
		}
		seen[put.Key] = true
		ch.puts = append(ch.puts, *put)
		ch.parts[policy.PartOf(x.Type)]++
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

// one prepares one change; nil if there is nothing to do.
func (ch *charted) one(ctx context.Context, r store.Reader, x *Change) (*store.Put, error) {
	tn, err := typeNumber(x.Type)
	if err != nil {
		return nil, err
	}
	put := &store.Put{Row: store.Row{Type: tn, Key: ch.keys.Row(x.Type, x.ID), Version: 1, Time: ch.v.now.Now().UnixMilli()}}
	var old store.Row
	if ch.row != 0 {
		old, err = r.Row(ctx, ch.row, tn, put.Key)
		if err != nil && !errors.Is(err, store.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			if hidden, err := ch.hides(ctx, r, old); err != nil || hidden {
				return nil, orElse(err, errs.E(errs.Refused, "record: %s may not be written through this chart", x.Type))
			}
		}
	}
	if x.IfVersion != 0 && old.Version != x.IfVersion {
		return nil, errs.E(errs.Conflict, "record: %s is at version %d", x.Type, old.Version)
	}
	put.Prior, put.Version = old.Version, old.Version+1
	if x.Delete {
		if x.Type == appointment {
			ch.bookings = append(ch.bookings, booking{id: put.Key, gone: true})
		}
		return ch.deletion(put, old, x)
	}
	doc, err := ch.check(x)
	if err != nil {
		return nil, err
	}
	facet := doc.Facet(nil)
	if old.Version > 0 && !old.Gone {
		was, err := ch.facet(nil, old)
		if err != nil {
			return nil, err
		}
		if fhir.FacetHash(was) == fhir.FacetHash(facet) {
			return nil, nil
		}
	}
	switch x.Type {
	case "Patient":
		ch.card = readCard(ch.client, doc)
		ch.card.Into = ch.into
	case appointment:
		if err := ch.book(put.Key, doc.Compact(), fhir.FacetPrivate(facet)); err != nil {
			return nil, err
		}
	}
	put.Facet = ch.keys.Facet.Seal(nil, seal.Pad(nil, facet), ch.place(tn, put.Key, put.Version, halfFacet))
	put.Sealed = ch.keys.Body.Seal(nil, seal.Pad(nil, pack.Pack(nil, doc.Compact())), ch.place(tn, put.Key, put.Version, halfBody))
	return put, nil
}

func (ch *charted) deletion(put *store.Put, old store.Row, x *Change) (*store.Put, error) {
	if x.Type == "Patient" {
		return nil, errs.E(errs.Refused, "record: the person cannot be deleted from their own chart")
	}
	if old.Version == 0 || old.Gone {
		return nil, nil
	}
	facet := fhir.GoneFacet(nil, x.ID)
	put.Gone = true
	put.Facet = ch.keys.Facet.Seal(nil, seal.Pad(nil, facet), ch.place(put.Type, put.Key, put.Version, halfFacet))
	return put, nil
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

// write puts the prepared rows into the transaction.
func (ch *charted) write(ctx context.Context, tx store.Tx) (store.Client, error) {
	if _, here := ch.v.people.row(ch.client); ch.row != 0 && !ch.moves && (!here || ch.v.people.left(tx, ch.client)) {
		return 0, store.ErrVersion // merged since this was prepared
	}
	row := ch.row
	if row == 0 {
		var err error
		if row, err = tx.AddClient(ctx, ch.pid, ch.v.now.Now().UnixMilli()); err != nil {
			return 0, err
		}
	}
	for _, p := range ch.puts {
		if err := tx.Put(ctx, row, p); err != nil {
			return 0, err
		}
	}
	if ch.card != nil {
		if err := ch.v.people.write(ctx, tx, ch.v, *ch.card); err != nil {
			return 0, err
		}
	}
	return row, ch.take(ctx, tx, row)
}
