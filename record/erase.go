package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/keyring"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Erasing destroys keys first: from then on nothing brings it back, whatever happens to
// this process. The keyring goes to its next epoch, so that copies of its pages open
// nothing either. What is left is noise, and goes next; if that is broken off it goes at
// the next start, and again whenever an older copy of the data is brought back.

// Erase destroys what a client asked to be erased: what lies in some compartments, or all
// that is kept about them. It is for the privacy officer, and cannot be undone. Of what the
// ledger holds about them hashes stay.
func (p *Practice) Erase(ctx context.Context, id, note string) error {
	if err := p.guards(); err != nil {
		return err
	}
	if p.who.Level() < account.Fresh {
		return account.Low(account.Fresh)
	}
	if note = strings.TrimSpace(note); utf8.RuneCountInString(note) > saidMost {
		return errSaid
	}
	v := p.v
	x, err := v.erasable(ctx, id)
	if err != nil {
		return wrap("erase", err)
	}
	if x.In != 0 {
		return wrap("erase", p.eraseClosed(ctx, x, note))
	}
	return wrap("erase", p.eraseAll(ctx, x))
}

// erasable reads what was asked, if it may be done.
func (v *Vault) erasable(ctx context.Context, id string) (x Review, err error) {
	err = v.st.View(ctx, func(r store.Reader) error {
		if x, err = v.reviewOf(ctx, r, id); err != nil {
			return err
		}
		if !x.destroys() || !x.Done.IsZero() {
			return errReviewed
		}
		held, err := v.held(ctx, r, x.Client)
		if err == nil && held {
			err = errHeld
		}
		return err
	})
	return x, err
}

// eraseAll destroys all that is kept about a client, and about those whose charts were
// merged into theirs.
func (p *Practice) eraseAll(ctx context.Context, x Review) error {
	v := p.v
	all := v.people.all(x.Client)
	if len(all) == 0 { // merged since it was asked: nothing would be destroyed, and it would be said to be
		return errAbsent
	}
	var doomed []keyring.Doomed
	for c := range all {
		pid, ok := pidOf(c)
		if !ok {
			return errAbsent
		}
		doomed = append(doomed, keyring.Doomed{PID: keyring.PID(pid), Set: keyring.Whole})
	}
	line := v.line(ctx, p.who, p.why, "erase", policy.Manages, 0) // the practice's own: whose it was is gone
	if err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}}); err != nil {
		return err
	}
	v.step("an erasure is decided")
	ctx = context.WithoutCancel(ctx)
	if err := v.ring.Destroy(ctx, v.now.Now(), doomed...); err != nil {
		return err
	}
	return v.purge(ctx, all)
}

// all are a client and everybody whose chart was merged into theirs, with their rows.
func (p *people) all(c fhir.ClientID) map[fhir.ClientID]store.Client {
	out := map[fhir.ClientID]store.Client{}
	if row, ok := p.row(c); ok {
		out[c] = row
	}
	p.mu.RLock()
	var away []fhir.ClientID
	for other := range p.away {
		away = append(away, other)
	}
	p.mu.RUnlock()
	for _, other := range away {
		if x, ok := p.merged(other); ok && p.went(other) == c {
			out[other] = x.row
		}
	}
	return out
}

// purge removes what is left of clients whose keys are destroyed.
func (v *Vault) purge(ctx context.Context, gone map[fhir.ClientID]store.Client) error {
	var times []timeID
	err := v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		times = nil
		for c, row := range gone {
			pid, _ := pidOf(c)
			if err := tx.TakenOf(ctx, row, func(t store.Taken) error { times = append(times, t.ID); return nil }); err != nil {
				return err
			}
			if err := tx.DropClient(ctx, row); err != nil {
				return err
			}
			who := asClient(c)
			for space, key := range map[store.Space][]byte{store.Cards: pid[:], store.Circles: pid[:], store.Access: v.accessKey(who), store.Caring: v.caringKey(who),
				store.Notices: v.noticesKey(who), store.Standings: v.standingKey(c), store.Asked: v.Key("told", string(c))} {
				if err := drop(ctx, tx, space, key); err != nil {
					return err
				}
			}
		}
		v.memo.begun.Add(1)
		return v.unmention(ctx, tx, gone)
	}, After: func() {
		if v.people != nil { // there is nobody yet while a practice is opened
			v.people.erase(gone)
		}
	}})
	if err != nil {
		return err
	}
	if v.times != nil {
		v.times.change(times, nil)
	}
	v.step("the rows are gone")
	return v.emptied(ctx)
}

// emptied takes what was dropped out of the files too, and out of the folder of
// attachments. What a crash leaves there, the next sweep finds.
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

// drop drops an object that may not be there.
func drop(ctx context.Context, tx store.Tx, s store.Space, key []byte) error {
	if err := tx.DropObject(ctx, s, key); !errors.Is(err, store.ErrNotExist) {
		return err
	}
	return nil
}

// mentioning are the spaces whose objects say whose they are.
var mentioning = []store.Space{store.Sessions, store.Links, store.Contacts, store.Caring, store.Ceremonies, store.Outbox, store.Doubles, store.Waiting, store.Wishes, store.Freed,
	store.Todos, store.Boards, store.Talks, store.Notices, store.Ladders, store.Blobs, store.Whys, store.Reviews, store.Access, store.Circles, store.Standings}

// unmention drops every object that names one of these clients. Of what belongs to others
// only the mention goes.
func (v *Vault) unmention(ctx context.Context, tx store.Tx, gone map[fhir.ClientID]store.Client) error {
	for _, space := range mentioning {
		var found []store.Object
		err := tx.Objects(ctx, space, func(o store.Object) error {
			raw, err := v.unsealed(space, o)
			if err != nil {
				return nil //nolint:nilerr // it is of another make, and says nothing of anybody
			}
			for c := range gone {
				if bytes.Contains(raw, []byte(c)) {
					found = append(found, store.Object{Key: slices.Clone(o.Key), Expires: o.Expires, Body: raw})
					break
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, o := range found {
			if err := v.without(ctx, tx, space, o, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// unsealed is what a small thing says.
func (v *Vault) unsealed(s store.Space, o store.Object) ([]byte, error) {
	padded, err := v.box().Open(nil, o.Body, v.place(s, o.Key))
	if err != nil {
		return nil, err
	}
	return seal.Unpad(padded)
}

// without keeps an object without its mention of clients who are gone, or drops it.
func (v *Vault) without(ctx context.Context, tx store.Tx, s store.Space, o store.Object, gone map[fhir.ClientID]store.Client) error {
	is := func(c fhir.ClientID) bool { _, ok := gone[c]; return ok }
	keep := func(x any) error {
		raw, err := json.Marshal(x)
		if err != nil {
			return err
		}
		return tx.SetObject(ctx, s, store.Object{Key: o.Key, Expires: o.Expires, Body: v.box().Seal(nil, seal.Pad(nil, raw), v.place(s, o.Key))})
	}
	switch s {
	case store.Caring:
		var x caring
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		if x.Clients = slices.DeleteFunc(x.Clients, is); len(x.Clients) > 0 {
			return keep(&x)
		}
	case store.Circles:
		var x circle
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		x.Grants = slices.DeleteFunc(x.Grants, func(g Grant) bool { return is(fhir.ClientID(g.Who.ID)) })
		return keep(&x)
	case store.Notices:
		var x Notices
		if err := json.Unmarshal(o.Body, &x); err != nil {
			return err
		}
		x.Lately = slices.DeleteFunc(x.Lately, func(n Notice) bool {
			for c := range gone {
				if bytes.Contains([]byte(n.Path), []byte(c)) {
					return true
				}
			}
			return false
		})
		return keep(&x)
	case store.Access, store.Standings: // of somebody else: what they keep of a client is a key's name
		return nil
	}
	return tx.DropObject(ctx, s, o.Key)
}

// erase forgets clients.
func (p *people) erase(gone map[fhir.ClientID]store.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, row := range gone {
		if card := p.cards[c]; card != nil {
			p.index.drop(card)
			p.alike.Drop(int(row))
			delete(p.persons, card.Person)
		}
		if a, ok := p.away[c]; ok {
			delete(p.persons, a.card.Person)
		}
		delete(p.rows, c)
		delete(p.cards, c)
		delete(p.byRow, row)
		delete(p.away, c)
		p.gone[c] = true
	}
}

// scrub finishes what was broken off: a rotation of the keyring, and what is left of clients
// whose keys are destroyed, in data that is older than that.
func (v *Vault) scrub(ctx context.Context) error {
	if err := errors.Join(v.ring.Settle(), v.ring.Resume(ctx)); err != nil {
		return err
	}
	pids, err := v.ring.Gone(ctx)
	if err != nil || len(pids) == 0 {
		return err
	}
	gone := map[fhir.ClientID]store.Client{}
	err = v.st.View(ctx, func(r store.Reader) error {
		rows := map[fhir.ClientID]store.Client{}
		if err := r.Clients(ctx, func(n store.Client, pid store.PID) error { rows[clientID(pid)] = n; return nil }); err != nil {
			return err
		}
		for pid := range pids {
			c := clientID(store.PID(pid))
			row, known := rows[c]
			if !known {
				continue
			}
			left, err := v.left(ctx, r, c, row)
			if err != nil {
				return err
			}
			if left {
				gone[c] = row
			}
		}
		return nil
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	return v.purge(ctx, gone)
}

var errLeft = errors.New("something is left")

// left reports that something is left of a client: their card, or a row.
func (v *Vault) left(ctx context.Context, r store.Reader, c fhir.ClientID, row store.Client) (bool, error) {
	pid, _ := pidOf(c)
	if _, err := r.Object(ctx, store.Cards, pid[:]); !errors.Is(err, store.ErrNotExist) {
		return err == nil, err
	}
	err := r.Since(ctx, row, -1, func(store.Row) error { return errLeft })
	if errors.Is(err, errLeft) {
		return true, nil
	}
	return false, err
}

// eraseClosed destroys the keys of some of a client's compartments, and what lies in them.
func (p *Practice) eraseClosed(ctx context.Context, x Review, note string) error {
	v := p.v
	pid, ok := pidOf(x.Client)
	row, known := v.people.row(x.Client)
	if !ok || !known {
		return errAbsent
	}
	if err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{v.line(ctx, p.who, p.why, "erase", policy.Manages, 0)}}); err != nil {
		return err
	}
	keys, err := v.ring.Client(ctx, keyring.PID(pid))
	if err != nil {
		return err
	}
	c := &Chart{v: v, who: p.who, why: p.why, client: x.Client, row: row, pid: pid, keys: keys, parts: AllParts, asked: AllParts, opens: label.All}
	rows, blobs, err := c.closedIn(ctx, x.In)
	if err != nil {
		return err
	}
	if err := v.ring.Destroy(ctx, v.now.Now(), keyring.Doomed{PID: keyring.PID(pid), Set: uint16(x.In)}); err != nil {
		return err
	}
	err = v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		for _, r := range rows {
			if err := tx.DropRow(ctx, row, r.Type, r.Key); err != nil && !errors.Is(err, store.ErrNotExist) {
				return err
			}
		}
		return v.dropBlob(ctx, tx, x.Client, blobs...)
	}})
	if err != nil {
		return err
	}
	return p.answerErase(ctx, x.ID, VerdictErased, note)
}

// closedIn are the rows that lie in any of some compartments, and what they attach.
func (c *Chart) closedIn(ctx context.Context, in label.Set) (rows []store.Row, blobs []string, err error) {
	err = c.v.st.View(ctx, func(r store.Reader) error {
		rows, blobs = nil, nil
		err := r.Since(ctx, c.row, -1, func(row store.Row) error {
			l, err := c.labels(row)
			if err != nil {
				return err
			}
			if l.In&in != 0 {
				row.Facet = nil
				rows = append(rows, row)
			}
			return nil
		})
		for _, row := range rows {
			if err != nil || row.Gone {
				continue
			}
			var f Found
			if f, err = c.fetch(ctx, r, fhir.TypeName(row.Type), "", row); err == nil {
				blobs = append(blobs, blobsIn(f.JSON)...)
			}
		}
		return err
	})
	if errs.Is(err, errs.Gone) || errors.Is(err, errShut) { // broken off before: the keys are gone already
		err = nil
	}
	return rows, blobs, err
}
