package record

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/alike"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Standing is what became of a Double. The zero Standing is nothing.
type Standing uint8

// What became of a Double.
const (
	_            Standing = iota
	DoubleOpen            // staff have not decided
	DoubleMerged          // one person: one chart goes on
	DoubleApart           // two people, who are not proposed again
)

// Double is two charts that may be one person's: a proposal, never more.
type Double struct {
	ID      string
	A, B    fhir.ClientID
	Score   int      // 50 to 100, see package alike
	Reasons []string // alike's codes: for, then against
	At      time.Time
	State   Standing
	By      string        // who decided, by name; "" while it is open
	Kept    fhir.ClientID // of a merge: whose chart goes on
	Cards   [2]Card       `json:"-"` // of A and B, as they are now
	Comes   [2]bool       `json:"-"` // whether they have a way in, of one that was read by itself
}

// Against reports that a reason of a Double speaks against one person.
func Against(reason string) bool { return alike.Named(reason).Against() }

// Reasons returns the code of every reason there is.
func Reasons() []string { return alike.Codes() }

// kept is a Double as it lies sealed.
type kept struct {
	Double
	Merge *merge `json:",omitempty"`
}

var (
	errNoDouble = errs.E(errs.NotFound, "record: no such double")
	errDecided  = errs.Say(errs.E(errs.Conflict, "record: that double is decided"), "doubles.decided")
)

// doubleKey is where the double of two charts lies, whichever comes first.
func (v *Vault) doubleKey(a, b fhir.ClientID) []byte {
	return v.Key("double", string(min(a, b))+" "+string(max(a, b)))
}

func (v *Vault) double(ctx context.Context, r store.Reader, id string) (kept, []byte, error) {
	var k kept
	key, err := hex.DecodeString(id)
	if err != nil || len(key) != 16 {
		return k, nil, errNoDouble
	}
	err = v.get(ctx, r, store.Doubles, key, &k)
	if errs.Is(err, errs.NotFound) {
		err = errNoDouble
	}
	return k, key, err
}

// Doubles returns the pairs that may be one person: those to be decided, the
// likeliest first, and then those decided, the newest first. A pair one of whom was
// merged elsewhere meanwhile is not among the open ones.
func (d *Directory) Doubles(ctx context.Context) ([]Double, error) {
	if d == nil || d.v == nil || d.why != Finding && d.why != Vouching {
		return nil, errRefused
	}
	var out []Double
	err := d.v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Doubles, func(o store.Object) error {
			var k kept
			if err := d.v.unpack(store.Doubles, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &k); err != nil {
				return err
			}
			if d.v.dressed(&k.Double) {
				out = append(out, k.Double)
			}
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Double) int {
		open := func(d Double) int {
			if d.State == DoubleOpen {
				return 0
			}
			return 1
		}
		if o := cmp.Compare(open(a), open(b)); o != 0 {
			return o
		}
		if a.State == DoubleOpen {
			return cmp.Or(b.Score-a.Score, strings.Compare(a.ID, b.ID))
		}
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.ID, b.ID))
	})
	return out, wrap("doubles", err)
}

// Double returns one of them.
func (d *Directory) Double(ctx context.Context, id string) (Double, error) {
	if d == nil || d.v == nil || d.why != Finding && d.why != Vouching {
		return Double{}, errRefused
	}
	var k kept
	err := d.v.st.View(ctx, func(r store.Reader) (err error) {
		if k, _, err = d.v.double(ctx, r, id); err != nil {
			return err
		}
		for i, c := range []fhir.ClientID{k.A, k.B} {
			a, err := d.v.accessOf(ctx, r, asClient(c))
			if err != nil {
				return err
			}
			k.Comes[i] = comesIn(a)
		}
		return nil
	})
	if err == nil && !d.v.dressed(&k.Double) {
		err = errNoDouble
	}
	if err != nil {
		return Double{}, wrap("double", err)
	}
	return k.Double, nil
}

// dressed gives a double its people. An open one is weighed again, because they may
// have changed; false if there is nothing left to decide.
func (v *Vault) dressed(d *Double) bool {
	for i, c := range []fhir.ClientID{d.A, d.B} {
		if card, ok := v.people.card(c); ok {
			d.Cards[i] = card
		} else if a, ok := v.people.merged(c); ok && d.State != DoubleOpen {
			d.Cards[i] = *a.card
		} else {
			return false
		}
	}
	if d.State != DoubleOpen {
		return true
	}
	x := alike.Compare(d.Cards[0].compared(), d.Cards[1].compared())
	d.Score, d.Reasons = x.Score, codes(x)
	return x.Score >= alike.Likely
}

func codes(x alike.Verdict) []string {
	out := make([]string, len(x.Reasons))
	for i, r := range x.Reasons {
		out[i] = r.String()
	}
	return out
}

// Propose looks for people like these among all, and keeps who is likely to be the
// same person for staff to decide: every pair once, and never again once staff said
// they are two. It returns how many were proposed. It is for software that brings
// people in, and for who vouches.
func (v *Vault) Propose(ctx context.Context, who account.Actor, of ...fhir.ClientID) (int, error) {
	why := Importing
	if who.Kind() == account.Staff {
		why = Vouching
	}
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Roles: who.Roles(), Level: who.Level(), Purpose: why, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, why, "propose", d)
	}
	return v.propose(ctx, who, why, d.Basis, of)
}

func (v *Vault) propose(ctx context.Context, who account.Actor, why Purpose, basis policy.Basis, of []fhir.ClientID) (int, error) {
	var found []Double
	for _, c := range of {
		found = append(found, v.people.doublesOf(c)...)
	}
	if len(found) == 0 {
		return 0, nil
	}
	fresh := func(ctx context.Context, r store.Reader, d Double) (key []byte, err error) {
		key = v.doubleKey(d.A, d.B)
		_, err = r.Object(ctx, store.Doubles, key)
		return key, err
	}
	found, err := v.unproposed(ctx, found, fresh)
	if err != nil || len(found) == 0 {
		return 0, wrap("propose", err)
	}
	n := 0
	act := &ledger.Act{}
	act.Write = func(ctx context.Context, tx store.Tx) error {
		n, act.Lines = 0, nil
		for _, d := range found {
			key, err := fresh(ctx, tx, d)
			if err == nil {
				continue // somebody was quicker
			}
			if !errors.Is(err, store.ErrNotExist) {
				return err
			}
			d.ID, d.At, d.State = hex.EncodeToString(key), v.now.Now().UTC(), DoubleOpen
			if err := v.put(ctx, tx, store.Doubles, key, time.Time{}, &kept{Double: d}); err != nil {
				return err
			}
			n++
		}
		if n > 0 {
			act.Lines = []*ledger.Line{v.line(ctx, who, why, "propose", basis, 0)}
		}
		return nil
	}
	err = v.led.Commit(ctx, act)
	return n, wrap("propose", err)
}

// unproposed leaves out what is kept already, without the writing transaction.
func (v *Vault) unproposed(ctx context.Context, found []Double, at func(context.Context, store.Reader, Double) ([]byte, error)) (out []Double, err error) {
	err = v.st.View(ctx, func(r store.Reader) error {
		for _, d := range found {
			if _, err := at(ctx, r, d); errors.Is(err, store.ErrNotExist) {
				out = append(out, d)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// doublesOf returns who is likely to be the same person as a client.
func (p *people) doublesOf(c fhir.ClientID) []Double {
	p.mu.RLock()
	defer p.mu.RUnlock()
	card := p.cards[c]
	if card == nil {
		return nil
	}
	me := card.compared()
	var out []Double
	for _, row := range p.alike.Candidates(me) {
		other := p.cards[p.byRow[store.Client(row)]]
		if other == nil || other == card {
			continue
		}
		if x := alike.Compare(me, other.compared()); x.Score >= alike.Likely {
			out = append(out, Double{A: min(c, other.Client), B: max(c, other.Client), Score: x.Score, Reasons: codes(x)})
		}
	}
	return out
}

// Apart says that the two of a double are two people. They are not proposed again.
func (d *Directory) Apart(ctx context.Context, id string) error {
	return d.decide(ctx, id, "apart", func(k *kept) error {
		if k.State != DoubleOpen {
			return errDecided
		}
		k.State, k.By, k.At = DoubleApart, d.who.Name(), d.v.now.Now().UTC()
		return nil
	})
}

// decide changes a double, for who vouches.
func (d *Directory) decide(ctx context.Context, id, act string, f func(*kept) error) error {
	if d == nil || d.v == nil || d.why != Vouching {
		return errRefused
	}
	line := d.v.line(ctx, d.who, d.why, act, d.basis, 0)
	return wrap(act, d.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		k, key, err := d.v.double(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := f(&k); err != nil {
			return err
		}
		return d.v.put(ctx, tx, store.Doubles, key, time.Time{}, &k)
	}}))
}
