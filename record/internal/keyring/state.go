package keyring

import (
	"context"
	"fmt"
	"time"

	"rapport/errs"
)

// Dead is what of a client was destroyed, and when.
type Dead struct {
	Doomed
	At time.Time
}

// Gone returns the clients whose keys were destroyed, and when.
func (r *Ring) Gone(ctx context.Context) (map[PID]time.Time, error) {
	all, err := r.Dead(ctx)
	out := map[PID]time.Time{}
	for _, d := range all {
		if d.Set == Whole {
			out[d.PID] = d.At
		}
	}
	return out, err
}

// Dead returns everything that was destroyed, the oldest first.
func (r *Ring) Dead(ctx context.Context) ([]Dead, error) {
	return r.dead(ctx, `SELECT pid, part, at FROM gone ORDER BY at, pid, part`)
}

func (r *Ring) dead(ctx context.Context, query string, args ...any) ([]Dead, error) {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, told(fmt.Errorf("keyring: gone: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var out []Dead
	for rows.Next() {
		var pid []byte
		var d Dead
		var ms int64
		if err := rows.Scan(&pid, &d.Set, &ms); err != nil {
			return nil, told(fmt.Errorf("keyring: gone: %w", err))
		}
		if len(pid) != len(PID{}) {
			return nil, errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it")
		}
		d.PID, d.At = PID(pid), time.UnixMilli(ms).UTC()
		out = append(out, d)
	}
	return out, told(rows.Err())
}

// State is how the keys stand.
type State struct {
	Mode   string    // "file" or "passphrase"
	Epoch  uint32    // the newest
	Begun  time.Time // when it began; zero for the first
	Keys   int       // keys under the newest epoch
	Behind int       // keys that still have to be wrapped anew: a rotation was interrupted
	Gone   int       // clients whose keys were destroyed
	Open   int       // how many epochs' keys there are: one, unless a rotation is under way
	Last   time.Time // when something was last destroyed; zero for never
	Copies []Copy    // that were made of the keyring, the oldest first

	last int64
}

// State says how the keys stand.
func (r *Ring) State(ctx context.Context) (State, error) { return Peek(ctx, r.at.Path) }

// Spare returns the copies of the keyring that still open what was destroyed last, as far
// as anybody told us of them.
func (s State) Spare() []Copy {
	var out []Copy
	for _, c := range s.Copies {
		if c.At.Before(s.Last) {
			out = append(out, c)
		}
	}
	return out
}
