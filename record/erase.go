package record

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/keyring"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// To erase has three steps, and a crash between any two is made up for by the next start:
// it is said on the ledger who decided; the keys are destroyed, and the keyring remembers
// whose; the rows go. After the second nothing can be read any more, whatever is left of
// the rows here or in a backup, and a backup that is restored loses them at once.

// Erase answers that what a client asked to be erased is erased, and does it: the keys of
// some compartments, or of the whole chart, are destroyed, and of the chart the rows go
// too. It does not come back. The ledger keeps the hashes of the client's lines; what
// they say goes with the key. A legal hold refuses it. It is for the privacy officer.
func (p *Practice) Erase(ctx context.Context, id, note string) error {
	if err := p.guards(); err != nil {
		return err
	}
	if p.who.Level() < account.Fresh {
		return account.Low(account.Fresh)
	}
	note, err := sayable(note)
	if err != nil {
		return err
	}
	v := p.v
	theirs := v.line(ctx, p.who, p.why, "erase", policy.Manages, 0)
	ours := v.line(ctx, p.who, p.why, "erase", policy.Manages, 0) // stays readable, and names nobody
	var x Review
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{theirs, ours}, Write: func(ctx context.Context, tx store.Tx) (err error) {
		if x, err = v.reviewOf(ctx, tx, id); err != nil {
			return err
		}
		if x.Kind != ReviewErase || !x.Done.IsZero() {
			return errReviewed
		}
		for _, c := range v.people.all(x.Client) {
			if s, err := v.standingOf(ctx, tx, c); err != nil || s.Hold != nil {
				return orElse(err, errHeld)
			}
		}
		v.chain(ctx, theirs, x.Client)
		theirs.Entry.How, ours.Entry.How = x.In.String(), x.In.String()
		x.Begun, x.By, x.Verdict, x.Note = v.now.Now().UTC(), p.who.Name(), VerdictErased, note
		return v.putReview(ctx, tx, x)
	}})
	if err != nil {
		return wrap("erase", err)
	}
	v.step("an erasure is decided")
	return wrap("erase", v.carryOut(context.WithoutCancel(ctx), x))
}

// carryOut does what was decided.
func (v *Vault) carryOut(ctx context.Context, x Review) error {
	if err := v.ring.Destroy(ctx, x.Begun, v.people.doomed(x)...); err != nil {
		return err
	}
	if x.In != 0 {
		return v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
			x.Done = v.now.Now().UTC()
			if err := v.putReview(ctx, tx, x); err != nil {
				return err
			}
			return v.letterTo(ctx, tx, asClient(x.Client), account.LetterAnswer, leads("/me/"+string(x.Client)+"/trust/keep"), v.now.Now().Add(messageHolds))
		}})
	}
	var freed []timeID
	gone := v.people.all(x.Client)
	err := v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) (err error) {
		freed, err = v.wiped(ctx, tx, gone)
		return err
	}, After: func() {
		v.people.erase(gone)
		v.times.change(freed, nil)
	}})
	if err != nil {
		return err
	}
	v.step("the rows are gone")
	return v.emptied(ctx)
}

// emptied takes what was dropped out of the files too, and out of the folder of
// attachments. What it cannot do now, the next sweep does.
func (v *Vault) emptied(ctx context.Context) error {
	files, err := v.blobs.List(ctx)
	if err != nil {
		return err
	}
	known, _, err := v.unkept(ctx)
	if err != nil {
		return err
	}
	for _, id := range files {
		if !known[id] {
			if err := v.blobs.Remove(id); err != nil {
				return err
			}
		}
	}
	return v.st.Settle(ctx)
}

// all returns a chart and those that were merged into it.
func (p *people) all(c fhir.ClientID) []fhir.ClientID {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := []fhir.ClientID{c}
	for i := 0; i < len(out); i++ {
		for id, a := range p.away {
			if a.card.Into == out[i] && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// doomed is which keys an erasure destroys.
func (p *people) doomed(x Review) []keyring.Doomed {
	var out []keyring.Doomed
	for _, c := range p.all(x.Client) {
		if pid, ok := pidOf(c); ok {
			out = append(out, keyring.Doomed{PID: pid, Set: uint16(x.In)})
		}
	}
	return out
}

// erase forgets clients, for good: nothing puts them into the directory again.
func (p *people) erase(all []fhir.ClientID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range all {
		row := p.rows[c]
		if card := p.cards[c]; card != nil {
			p.index.drop(card)
			p.alike.Drop(int(row))
		}
		for person, whose := range p.persons {
			if whose == c {
				delete(p.persons, person)
			}
		}
		delete(p.rows, c)
		delete(p.cards, c)
		delete(p.byRow, row)
		delete(p.away, c)
		p.gone[c] = true
	}
}

// erased reports that somebody was erased.
func (p *people) erased(c fhir.ClientID) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.gone[c]
}

func erasedMark(v *Vault, c fhir.ClientID) []byte { return v.Key("erased", string(c)) }

// wiped takes away all that is kept of clients whose keys are destroyed. It returns the
// times that are free.
func (v *Vault) wiped(ctx context.Context, tx store.Tx, gone []fhir.ClientID) ([]timeID, error) {
	w := wiping{v: v, tx: tx, gone: map[fhir.ClientID]bool{}}
	for _, c := range gone {
		w.gone[c] = true
		if err := w.client(ctx, c); err != nil {
			return nil, err
		}
	}
	return w.freed, w.beside(ctx)
}

// wiping takes away what is kept about clients.
type wiping struct {
	v     *Vault
	tx    store.Tx
	gone  map[fhir.ClientID]bool
	freed []timeID
}

// client takes away the rows of one, and what is kept under a name made of theirs.
func (w *wiping) client(ctx context.Context, c fhir.ClientID) error {
	v, tx := w.v, w.tx
	pid, ok := pidOf(c)
	if !ok {
		return errs.E(errs.Internal, "record: no such client")
	}
	row, err := tx.ClientOf(ctx, pid)
	if err == nil {
		var freed []timeID
		freed, err = tx.Erase(ctx, row)
		w.freed = append(w.freed, freed...)
	}
	if err != nil && !errors.Is(err, store.ErrNotExist) {
		return err
	}
	sub := asClient(c)
	var a account.Access
	if err := v.get(ctx, tx, store.Access, v.accessKey(sub), &a); err == nil {
		if err := v.endSessions(ctx, tx, sub, &a); err != nil {
			return err
		}
	} else if !errs.Is(err, errs.NotFound) {
		return err
	}
	for _, o := range []struct {
		space store.Space
		key   []byte
	}{{store.Cards, pid[:]}, {store.Circles, pid[:]}, {store.Access, v.accessKey(sub)}, {store.Caring, v.caringKey(sub)},
		{store.Notices, v.noticesKey(sub)}, {store.Standings, v.standingKey(c)}, {store.Asked, v.Key("told", string(c))}} {
		if err := tx.DropObject(ctx, o.space, o.key); err != nil {
			return err
		}
	}
	return v.put(ctx, tx, store.Marks, erasedMark(v, c), time.Time{}, v.now.Now())
}

// beside are the spaces whose objects may name a client.
var besideCharts = []store.Space{store.Links, store.Contacts, store.Circles, store.Caring, store.Outbox, store.Doubles, store.Waiting, store.Wishes,
	store.Todos, store.Boards, store.Asked, store.Talks, store.Ladders, store.Blobs, store.Whys, store.Reviews}

// named finds what may be the id of a client.
var namedClient = regexp.MustCompile(`[a-z2-7]{26}`)

// beside takes away, or changes, whatever names one of them.
func (w *wiping) beside(ctx context.Context) error {
	for _, space := range besideCharts {
		var found []store.Object
		err := w.tx.Objects(ctx, space, func(o store.Object) error {
			var raw jsonText
			o.Key = slices.Clone(o.Key)
			if err := w.v.unpack(space, o, &raw); err != nil {
				return err
			}
			if w.names(raw) {
				o.Body = raw
				found = append(found, o)
			}
			return nil
		})
		for i := 0; err == nil && i < len(found); i++ {
			err = w.one(ctx, space, found[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// jsonText keeps JSON as it is.
type jsonText []byte

// UnmarshalJSON implements json.Unmarshaler.
func (t *jsonText) UnmarshalJSON(b []byte) error {
	*t = slices.Clone(b)
	return nil
}

func (w *wiping) names(raw []byte) bool {
	for _, id := range namedClient.FindAll(raw, -1) {
		if w.gone[fhir.ClientID(id)] {
			return true
		}
	}
	return false
}

// one takes one object away, or out of it what is about them.
func (w *wiping) one(ctx context.Context, space store.Space, o store.Object) error {
	v, ends := w.v, time.Time{}
	if o.Expires > 0 {
		ends = time.UnixMilli(o.Expires)
	}
	switch space {
	case store.Circles: // of somebody whom one of them helps
		var x circle
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		x.Grants = slices.DeleteFunc(x.Grants, func(g Grant) bool {
			return g.Who.Kind == account.Client && w.gone[fhir.ClientID(g.Who.ID)]
		})
		return v.put(ctx, w.tx, space, o.Key, ends, &x)
	case store.Caring: // of somebody who helps one of them
		var x caring
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		x.Clients = slices.DeleteFunc(x.Clients, func(c fhir.ClientID) bool { return w.gone[c] })
		return v.put(ctx, w.tx, space, o.Key, ends, &x)
	case store.Blobs:
		var x attached
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		if !w.gone[x.Client] { // it is another's; it was shown here too
			x.Also = slices.DeleteFunc(x.Also, func(c fhir.ClientID) bool { return w.gone[c] })
			return v.put(ctx, w.tx, space, o.Key, ends, &x)
		}
	case store.Talks:
		var x Talk
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		if err := w.tx.DropObject(ctx, store.Seals, v.Key("seal", x.Thread)); err != nil {
			return err
		}
	case store.Reviews:
		var x Review
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		if x.Kind == ReviewErase && !x.Begun.IsZero() && w.gone[x.Client] { // what became of it stays, and of whom goes
			x.Said, x.Client, x.Done = "", "", v.now.Now().UTC()
			return v.putReview(ctx, w.tx, x)
		}
	case store.Todos:
		v.memo.begun.Add(1)
	}
	return w.tx.DropObject(ctx, space, o.Key)
}

// eraseAgain finishes the destruction of keys that a crash interrupted, and takes out of a
// restored backup whoever was erased since. It comes before anybody is read, and returns
// all who were ever erased.
func (v *Vault) eraseAgain(ctx context.Context) (erased []fhir.ClientID, err error) {
	if err := v.ring.Settle(); err != nil {
		return nil, err
	}
	if err := v.ring.Resume(ctx); err != nil {
		return nil, err
	}
	dead, err := v.ring.Gone(ctx)
	if err != nil {
		return nil, err
	}
	var left []fhir.ClientID
	err = v.st.View(ctx, func(r store.Reader) error {
		for _, d := range dead {
			if d.Set != keyring.Whole {
				continue
			}
			c := clientID(d.PID)
			erased = append(erased, c)
			if _, err := r.Object(ctx, store.Marks, erasedMark(v, c)); errors.Is(err, store.ErrNotExist) {
				left = append(left, c)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(left) == 0 {
		return erased, err
	}
	tx, err := v.st.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if _, err := v.wiped(ctx, tx, left); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	return erased, v.emptied(ctx)
}

// eraseDecided carries out what was decided before a crash.
func (v *Vault) eraseDecided(ctx context.Context) error {
	var begun []Review
	err := v.st.View(ctx, func(r store.Reader) error {
		all, err := v.reviews(ctx, r)
		begun = slices.DeleteFunc(all, func(x Review) bool { return x.Begun.IsZero() || !x.Done.IsZero() })
		return err
	})
	for i := 0; err == nil && i < len(begun); i++ {
		err = v.carryOut(ctx, begun[i])
	}
	return err
}
