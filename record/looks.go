package record

import (
	"context"
	"errors"
	"time"

	"rapport/record/internal/ledger"
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
	Act     string    // open, write, admit, signin, signout
	Refused bool      // it was asked for and not given
	Purpose string
	Basis   string
	Parts   Parts
	Written int // resources written, for a write
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
		Act: l.Act, Refused: l.Refused, Purpose: l.Purpose, Basis: l.Basis}
	for _, w := range l.What {
		out.Parts |= ParseParts(w.Part)
		out.Written += w.N
	}
	return out, err
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

// LastLook returns when this actor last opened this chart for care, before the
// present time; the zero Time if never. It lets a page say what is new since.
func (c *Chart) LastLook(ctx context.Context) (time.Time, error) {
	if c == nil || c.v == nil {
		return time.Time{}, errRefused
	}
	// The newest lines include this very opening; a visit is over when nothing
	// was opened for half an hour.
	const visit = 30 * time.Minute
	below, from := int64(1<<62), c.v.now.Now()
	for range 20 {
		lines, err := c.v.led.Lines(ctx, c.row, c.pid, c.keys.Ledger, below, 50)
		if err != nil || len(lines) == 0 {
			return time.Time{}, wrap("last look", err)
		}
		for _, l := range lines {
			below = l.PSeq
			if l.Actor.Kind != c.who.Kind().String() || l.Actor.ID != c.who.ID() || l.Refused || l.Act != "open" {
				continue
			}
			at, err := time.Parse(time.RFC3339Nano, l.Time)
			if err != nil {
				return time.Time{}, err
			}
			if from.Sub(at) > visit {
				return at, nil
			}
			from = at
		}
	}
	return time.Time{}, nil
}
