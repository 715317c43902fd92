package record

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/proof"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Look is one line of the ledger about one client: who did what with which parts
// of their chart, why, and when.
type Look struct {
	Seq     int64     // place in the ledger
	Number  int64     // place in this client's own chain, from 1
	Time    time.Time // UTC
	Kind    string    // what sort of party: client, staff, system
	ID      string    // whose account
	Name    string    // the name they had then
	Title   string    // what they did at the practice then
	Act     string    // open, write, admit, signin, helpask, …
	Refused bool      // it was asked for and not given
	Purpose string
	Basis   string
	Parts   Parts
	Written int    // resources written, for a write
	How     string // for comings and goings: what was shown ("passkey")
	At      string // the place of the practice where staff were at work
	Bond    Bond   // of staff who gave care: what made them one who treats the client
	Said    string // the reason they gave, as they wrote it
	Whom    string // of who is asked to help, or helps no more: the name as it was written
	What    string // each part with how many resources were written, as the entry has it: "results:0 visits:2"
	Gave    Gave   // what left, and to whom; the zero Gave for nothing
}

// Looks returns the newest looks below a number, newest first; below 0 or less
// means from the newest.
func (c *Chart) Looks(ctx context.Context, below int64, limit int) ([]Look, error) {
	if c == nil || c.v == nil || c.parts&Looks == 0 {
		return nil, errRefused
	}
	if below <= 0 {
		below = 1 << 62
	}
	lines, err := c.v.led.Lines(ctx, c.row, c.pid, c.keys.Ledger, below, limit)
	if err != nil {
		return nil, wrap("looks", err)
	}
	out := make([]Look, len(lines))
	for i, l := range lines {
		if out[i], err = look(l); err != nil {
			return nil, wrap("looks", err)
		}
	}
	return out, nil
}

func look(l ledger.Read) (Look, error) {
	at, err := time.Parse(time.RFC3339Nano, l.Time)
	out := Look{Seq: l.Seq, Number: l.PSeq, Time: at, Kind: l.Actor.Kind, ID: l.Actor.ID, Name: l.Actor.Name, Title: l.Actor.Title,
		Act: l.Act, Refused: l.Refused, Purpose: l.Purpose, Basis: l.Basis, How: l.How, At: l.At, Whom: l.Whom, Bond: policy.ParseBond(l.Bond), Said: l.Said}
	if l.Gave != nil {
		out.Gave = *l.Gave
	}
	var what []string
	for _, w := range l.What {
		out.Parts |= ParseParts(w.Part)
		out.Written += w.N
		what = append(what, w.Part+":"+strconv.Itoa(w.N))
	}
	out.What = strings.Join(what, " ")
	return out, err
}

// LookOf reads the look that a line of the book is, out of the very bytes that are proven.
func LookOf(x proof.Line) (Look, error) {
	e, err := ledger.Parse(x.Entry)
	if err != nil {
		return Look{}, wrap("look", err)
	}
	return look(ledger.Read{Seq: x.Index, Entry: e})
}

// Proof shows one look to be in the ledger, for somebody who trusts nothing but
// arithmetic and a signed checkpoint. Its JSON is what the browser checks.
type Proof = ledger.Proof

// Prove returns the proof of one look of this chart; errs.NotFound if there is no
// such look here.
func (c *Chart) Prove(ctx context.Context, seq int64) (Proof, error) {
	if c == nil || c.v == nil || c.parts&Looks == 0 {
		return Proof{}, errRefused
	}
	p, err := c.v.led.Prove(ctx, c.row, c.pid, c.keys.Ledger, seq)
	if errors.Is(err, store.ErrNotExist) {
		return Proof{}, errAbsent
	}
	return p, wrap("prove", err)
}

// LastLook returns when this actor was last in this chart before the present
// visit; the zero Time if never. It lets a page say what is new since.
func (c *Chart) LastLook() time.Time {
	if c == nil {
		return time.Time{}
	}
	return c.before
}

// pause ends a visit to a chart: who opens it again sooner is still in it.
const pause = 30 * time.Minute

// lastLook is when an actor last opened a chart, and when before that visit.
type lastLook struct{ Last, Before int64 } // milliseconds since 1970

// seeing returns what keeps the actor's last look in the transaction of the look
// itself, and hands over the one before. Finding it on the ledger instead would
// mean reading through everybody else's.
func (v *Vault) seeing(c *Chart) func(context.Context, store.Tx) error {
	if c.who.Kind() == account.System {
		return nil
	}
	key, box, place := v.lookAt(c.who.Subject(), c.client)
	return func(ctx context.Context, tx store.Tx) error {
		l, err := v.lastLook(ctx, tx, c.who.Subject(), c.client)
		if err != nil {
			return err
		}
		if c.basis == policy.ByLink { // it shows nothing of what is new, so that stays new
			if l.Last > 0 {
				c.before = time.UnixMilli(l.Last).UTC()
			}
			return nil
		}
		now := v.now.Now().UnixMilli()
		if l.Last > 0 && now-l.Last > pause.Milliseconds() {
			l.Before = l.Last
		}
		l.Last = max(now, l.Last)
		if l.Before > 0 {
			c.before = time.UnixMilli(l.Before).UTC()
		}
		raw, err := json.Marshal(l)
		if err != nil {
			return err
		}
		return tx.SetObject(ctx, store.LastLooks, store.Object{Key: key, Body: box.Seal(nil, seal.Pad(nil, raw), place)})
	}
}

// lookAt is where it is kept when somebody last opened a chart.
func (v *Vault) lookAt(who account.Subject, of fhir.ClientID) (key []byte, box seal.Box, place []byte) {
	m := hmac.New(sha256.New, v.lookKey[:])
	io.WriteString(m, who.Kind.String()+" "+who.ID+" in "+string(of)) //nolint:errcheck // a hash never fails
	key = m.Sum(nil)[:16]
	return key, seal.NewBox(v.lookKey.Derive("box")), append([]byte("rapport/last look "), append(v.inst[:], key...)...)
}

// lastLook is when somebody last opened a chart. One that does not open, or is not there,
// is a first look: nobody is kept out for it.
func (v *Vault) lastLook(ctx context.Context, r store.Reader, who account.Subject, of fhir.ClientID) (lastLook, error) {
	var l lastLook
	key, box, place := v.lookAt(who, of)
	o, err := r.Object(ctx, store.LastLooks, key)
	if err != nil && !errors.Is(err, store.ErrNotExist) {
		return l, err
	}
	raw, oerr := box.Open(nil, o.Body, place)
	if oerr == nil {
		raw, oerr = seal.Unpad(raw)
	}
	if oerr != nil || json.Unmarshal(raw, &l) != nil {
		return lastLook{}, nil
	}
	return l, nil
}
