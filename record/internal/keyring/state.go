package keyring

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
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
}

// State says how the keys stand.
func (r *Ring) State(ctx context.Context) (State, error) {
	var s State
	err := r.within(ctx, func(tx *sql.Tx, e *epochs) error {
		s.Epoch, s.Open = e.now, len(e.box)
		var begun []byte
		if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'begun'`).Scan(&begun); err == nil && len(begun) == 8 {
			s.Begun = time.UnixMilli(int64(binary.BigEndian.Uint64(begun))).UTC() //nolint:gosec // it was written so
		} else if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT (SELECT value FROM meta WHERE name = 'mode'), (SELECT count(*) FROM key WHERE epoch = ?), (SELECT count(*) FROM key WHERE epoch < ?), (SELECT count(*) FROM gone WHERE part = 0)`,
			e.now, e.now).Scan(&s.Mode, &s.Keys, &s.Behind, &s.Gone)
	})
	return s, err
}
