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
	"rapport/record/internal/policy"
	"rapport/record/internal/store"

	"rapport/account"
)

// Change is one resource to be kept or deleted.
type Change struct {
	fhir.Resource        // JSON may be nil only for a deletion
	Delete        bool   // the resource is to be gone; its versions stay
	IfVersion     int64  // refuse with errs.Conflict unless this is the newest version; 0 = any
	mark          *mark  // nothing but in which compartments it lies
	was           Labels // of what comes from another chart: by whose word it lies where
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
	c.asked, c.parts, c.writes, c.opens = AllParts, d.Parts, d.Writes(), d.Opens()
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
	puts     []store.Put
	anew     []relabel
	bindings []binding
	parts    map[Parts]int
	card     *Card // the person as the directory will know them; nil if unchanged

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
			if len(ch.puts) > 0 || len(ch.anew) > 0 || ch.card != nil {
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
	if err := ch.stand(ctx, tx); err != nil {
		return 0, err
	}
	for _, x := range ch.anew {
		if err := x.write(ctx, tx, row); err != nil {
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
