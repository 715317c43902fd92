package record

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// How an earlier time is offered. One person at a time has it held for them, for as
// long as is left to them in fairness; in the last hours several are asked and the
// first to answer has it.
const (
	offerMost  = time.Hour        // the longest a time is held as an offer
	offerLeast = 10 * time.Minute // the shortest
	offerRace  = 3 * time.Hour    // before it begins, several are asked
	raceMost   = 5                // how many
	offerCap   = 5                // offers one person is made for one visit
	offerEnd   = 30 * time.Minute // before it begins, nobody is asked any more
	quietFrom  = 21               // o'clock: nobody is asked at night …
	quietUntil = 8                // … unless the time is in its last hours
)

// ask is one time that somebody is asked about.
type ask struct {
	Freed string // the key of what was freed
	Seat  Seat
	Ends  time.Time
	Race  bool // others are asked too, and nothing is held
}

// freedTime is a time that was given back, as it is kept.
type freedTime struct {
	Seat    Seat
	At      time.Time
	Asked   []string // keys of wishes, each asked once
	Current string   // of whoever it is held for; "" for nobody
	Race    []string // of those who are asked at once
}

// freed notes, in the transaction in which a visit's time is given back, that it may be
// offered to somebody.
func (v *Vault) freed(ctx context.Context, tx store.Tx, s Seat) error {
	if s.Service == "" || s.From.Before(v.now.Now().Add(offerEnd)) {
		return nil
	}
	key := make([]byte, 16)
	if _, err := io.ReadFull(v.rand, key); err != nil {
		return err
	}
	return v.put(ctx, tx, store.Freed, key, s.From, &freedTime{Seat: Seat{Service: s.Service, Who: s.Who, Room: s.Room, Mode: s.Mode, From: s.From, To: s.To}, At: v.now.Now()})
}

// Offer asks whoever wished for an earlier time about those that were given back: one
// at a time, by the priority staff gave and then by how long they wait. It returns how
// many were asked. A crash loses nothing: what was asked is kept in the transaction in
// which the time is held and the letter written.
func (v *Vault) Offer(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "offer", d)
	}
	var keys [][]byte
	err := v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Freed, func(o store.Object) error {
			keys = append(keys, slices.Clone(o.Key))
			return nil
		})
	})
	all := &waiting{}
	n := 0
	for _, k := range keys {
		if err != nil {
			break
		}
		var asked int
		asked, err = v.offer(ctx, who, k, all)
		n += asked
	}
	return n, wrap("offer", err)
}

// offer looks after one time that was given back; all is who waits.
func (v *Vault) offer(ctx context.Context, who account.Actor, key []byte, all *waiting) (int, error) {
	n := 0
	var took []*taking
	var freed []timeID
	var lapsed time.Time
	act := &ledger.Act{}
	act.Write = func(ctx context.Context, tx store.Tx) error {
		n, took, freed, act.Lines, lapsed = 0, nil, nil, nil, v.now.Now()
		if err := tx.Lapse(ctx, lapsed.UnixMilli()); err != nil {
			return err
		}
		o := &offering{v: v, tx: tx, key: key, all: all}
		err := v.get(ctx, tx, store.Freed, key, &o.freed)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := o.next(ctx); err != nil {
			return err
		}
		n, took, freed = len(o.asked), o.took, o.gave
		for _, w := range o.asked {
			line := v.line(ctx, who, Telling, "offer", policy.Software, 0)
			v.chain(ctx, line, w.Client)
			act.Lines = append(act.Lines, line)
		}
		return nil
	}
	act.After = func() {
		v.times.lapse(lapsed)
		if len(took)+len(freed) > 0 {
			v.times.change(freed, took)
		}
	}
	return n, v.led.Commit(ctx, act)
}

// waiting is who waits for an earlier time, in the order in which they are asked: read
// once for all that was given back, and each again before they are asked.
type waiting struct {
	read bool
	all  []wish
}

// offering is one look at a time that was given back, in one transaction.
type offering struct {
	v     *Vault
	tx    store.Tx
	key   []byte
	freed freedTime
	all   *waiting
	asked []wish
	took  []*taking
	gave  []timeID
	but   []*taking // what was given back a moment ago
}

// next asks who comes next, if it is time to.
func (o *offering) next(ctx context.Context) error {
	v, f := o.v, &o.freed
	now, from := v.now.Now(), f.Seat.From
	if !from.After(now.Add(offerEnd)) {
		return o.done(ctx)
	}
	if len(f.Race) > 0 && !o.open(f.Seat) { // somebody has it
		if err := v.tellOthers(ctx, o.tx, *f, ""); err != nil {
			return err
		}
		return o.done(ctx)
	}
	current := f.Current
	if f.Current != "" {
		waits, err := o.waits(ctx)
		if err != nil || waits {
			return err
		}
	}
	race := !from.After(now.Add(offerRace))
	if h := now.In(v.Zone()).Hour(); !race && (h >= quietFrom || h < quietUntil) {
		return nil
	}
	if !o.all.read {
		all, err := v.wishes(ctx, o.tx)
		if err != nil {
			return err
		}
		o.all.read, o.all.all = true, all
	}
	asked := len(f.Asked)
	for _, x := range o.all.all {
		if race && len(f.Race) >= raceMost {
			break
		}
		if !o.may(x) {
			continue
		}
		if _, ok := o.fits(x); !ok {
			continue
		}
		var w wish // as it is now
		err := v.get(ctx, o.tx, store.Wishes, v.wishKey(x.Client, x.Visit), &w)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		seat, ok := o.fits(w)
		if !ok || !o.may(w) {
			continue
		}
		did, err := o.ask(ctx, w, seat, race)
		if err != nil {
			return err
		}
		if did && !race {
			break
		}
	}
	if len(f.Asked) == asked && f.Current == current {
		return nil
	}
	return v.put(ctx, o.tx, store.Freed, o.key, from, f)
}

// open reports that the time is to be had.
func (o *offering) open(s Seat) bool {
	_, ok := o.v.times.seat(o.v, Pick{s.Service, s.Who, s.From, s.Mode}, false, store.Key{}, o.but...)
	return ok
}

// done forgets the time: it is too late, and whoever was asked is told nothing more.
func (o *offering) done(ctx context.Context) error {
	return o.tx.DropObject(ctx, store.Freed, o.key)
}

// waits reports that whoever it is held for may still answer.
func (o *offering) waits(ctx context.Context) (bool, error) {
	key, err := hex.DecodeString(o.freed.Current)
	if err != nil {
		return false, err
	}
	var w wish
	err = o.v.get(ctx, o.tx, store.Wishes, key, &w)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return false, err
	}
	mine := err == nil && w.Ask != nil && w.Ask.Freed == hex.EncodeToString(o.key)
	if mine && o.v.now.Now().Before(w.Ask.Ends) {
		return true, nil
	}
	o.freed.Current = ""
	ids, err := o.v.dropHold(ctx, o.tx, o.v.offerHolder(key))
	o.gave = append(o.gave, ids...)
	for _, id := range ids {
		o.but = append(o.but, o.v.times.byName(id))
	}
	if err == nil && mine {
		w.Ask = nil
		err = o.v.put(ctx, o.tx, store.Wishes, key, w.Before, &w)
	}
	return false, err
}

// wishes returns who waits for an earlier time, in the order in which they are asked.
func (v *Vault) wishes(ctx context.Context, r store.Reader) ([]wish, error) {
	var out []wish
	err := r.Objects(ctx, store.Wishes, func(x store.Object) error {
		var w wish
		err := v.unpack(store.Wishes, store.Object{Key: slices.Clone(x.Key), Body: x.Body}, &w)
		out = append(out, w)
		return err
	})
	slices.SortFunc(out, func(a, b wish) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.Since.Compare(b.Since), cmp.Compare(a.Visit, b.Visit))
	})
	return out, err
}

// may reports that somebody may be asked about this time at all: not who was merged
// away since, and not who could not give back what they have any more.
func (o *offering) may(w wish) bool {
	s := o.freed.Seat
	if _, here := o.v.people.row(w.Client); !here || !o.v.now.Now().Add(offerLeast).Before(o.v.changes(w)) {
		return false
	}
	busy := w.Ask != nil && o.v.now.Now().Before(w.Ask.Ends)
	return !busy && w.Offers < offerCap && w.Service == s.Service && s.From.Before(w.Before) && !slices.Contains(o.freed.Asked, hex.EncodeToString(o.v.wishKey(w.Client, w.Visit)))
}

// fits returns the seat somebody would have, if the time is what they wish.
func (o *offering) fits(w wish) (Seat, bool) {
	v, s := o.v, o.freed.Seat
	at := s.From.In(v.Zone())
	minute := at.Hour()*60 + at.Minute()
	switch {
	case len(w.Who) > 0 && !slices.Contains(w.Who, s.Who),
		len(w.Days) > 0 && !slices.Contains(w.Days, at.Weekday()),
		w.After != 0 && hours.DateOf(at) < w.After,
		w.Wish.From|w.Wish.To != 0 && (minute < w.Wish.From || minute >= w.Wish.To):
		return Seat{}, false
	}
	modes := w.Modes
	if modes == 0 {
		modes = hours.AllModes
	}
	for _, m := range append([]hours.Modes{s.Mode}, modes.Each()...) {
		if m&modes == 0 {
			continue
		}
		if seat, ok := v.times.seat(v, Pick{w.Service, s.Who, s.From, m}, false, store.Key{}, o.but...); ok {
			return seat, true
		}
	}
	return Seat{}, false
}

// ask asks one: holds the time for them unless others are asked too, and writes.
func (o *offering) ask(ctx context.Context, w wish, seat Seat, race bool) (bool, error) {
	v, now := o.v, o.v.now.Now()
	key := v.wishKey(w.Client, w.Visit)
	ends := now.Add(max(offerLeast, min(offerMost, seat.From.Sub(now)/4)))
	if race {
		ends = seat.From.Add(-offerEnd)
	}
	if last := v.changes(w); ends.After(last) {
		ends = last
	}
	if !race {
		seat.Client = w.Client
		x, err := v.hold(seat, v.offerHolder(key), ends)
		if err == nil {
			err = o.tx.Take(ctx, x.Taken)
		}
		if errors.Is(err, store.ErrTaken) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		o.took = append(o.took, x)
		o.freed.Current = hex.EncodeToString(key)
	}
	w.Ask = &ask{Freed: hex.EncodeToString(o.key), Seat: seat, Ends: ends, Race: race}
	w.Offers++
	o.freed.Asked = append(o.freed.Asked, hex.EncodeToString(key))
	if race {
		o.freed.Race = append(o.freed.Race, hex.EncodeToString(key))
	}
	if err := v.put(ctx, o.tx, store.Wishes, key, w.Before, &w); err != nil {
		return false, err
	}
	o.asked = append(o.asked, w)
	return true, v.tellVisit(ctx, o.tx, Seat{Client: w.Client, From: w.Before}, w.Visit, account.LetterEarlier)
}

// changes is until when whoever wishes may change the visit they have.
func (v *Vault) changes(w wish) time.Time {
	s, _ := v.Timetable().Service(w.Service)
	return w.Before.Add(-time.Duration(s.Change) * time.Minute)
}

// hold makes a hold of a seat.
func (v *Vault) hold(s Seat, holder store.Key, ends time.Time) (*taking, error) {
	var id timeID
	if _, err := io.ReadFull(v.rand, id[:]); err != nil {
		return nil, err
	}
	x, err := v.closed(id, store.Hold, s)
	if err == nil {
		x.Holder, x.Ends = holder, ends.UnixMilli()
	}
	return x, err
}
