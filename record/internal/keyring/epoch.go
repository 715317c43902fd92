package keyring

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/record/internal/seal"
)

// Every key is wrapped by the key of an epoch. To destroy a key for good is to delete it,
// wrap all others anew under the next epoch's key, and destroy the key of the epoch before:
// what a journal, a freed page or a copy of the file still has of the key is noise then.
// Both epochs open while that goes on, a client at a time, so a crash on the way costs
// nothing and the next start, or the same command, goes on from there.

const goneSchema = `CREATE TABLE IF NOT EXISTS gone (pid BLOB NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (pid, part)) WITHOUT ROWID;`

// epochs is the keys that wrap keys, and which of them wraps new ones.
type epochs struct {
	now uint32
	box map[uint32]seal.Box
}

// queries is what a database and a transaction both can do.
type queries interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// vacuumDue is kept from the beginning of a rotation until the file is written anew.
const vacuumDue = "rotating"

const kekPrefix = "kek."

func kekName(epoch uint32) string { return kekPrefix + strconv.FormatUint(uint64(epoch), 10) }

// wrappedKEKs reads the wrapped keys of all epochs there are.
func wrappedKEKs(ctx context.Context, q queries) (map[uint32][]byte, error) {
	rows, err := q.QueryContext(ctx, `SELECT name, value FROM meta WHERE name GLOB 'kek.*'`)
	if err != nil {
		return nil, told(fmt.Errorf("keyring: read epochs: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	out := map[uint32][]byte{}
	for rows.Next() {
		var name string
		var w []byte
		if err := rows.Scan(&name, &w); err != nil {
			return nil, told(fmt.Errorf("keyring: read epochs: %w", err))
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(name, kekPrefix), 10, 32)
		if err != nil {
			return nil, errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it")
		}
		out[uint32(n)] = w
	}
	if err := rows.Err(); err != nil {
		return nil, told(fmt.Errorf("keyring: read epochs: %w", err))
	}
	if len(out) == 0 {
		return nil, errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it: it has no epoch")
	}
	return out, nil
}

// reload opens the keys of all epochs with the master key.
func (r *Ring) reload(ctx context.Context, q queries) error {
	wrapped, err := wrappedKEKs(ctx, q)
	if err != nil {
		return err
	}
	var salt []byte
	if err := q.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'salt'`).Scan(&salt); err != nil {
		return told(fmt.Errorf("keyring: read salt: %w", err))
	}
	m, err := r.fitting(salt, wrapped)
	if err != nil {
		return err
	}
	e := &epochs{box: map[uint32]seal.Box{}}
	for n, w := range wrapped {
		kek, err := m.Unwrap(w)
		if err != nil {
			return r.wrong()
		}
		e.now = max(e.now, n)
		e.box[n] = seal.NewBox(kek)
	}
	r.epochs.Store(e)
	return nil
}

// boxOf returns what opens the keys of an epoch, which another process may have begun.
func (r *Ring) boxOf(ctx context.Context, epoch uint32) (seal.Box, error) {
	if box, ok := r.epochs.Load().box[epoch]; ok {
		return box, nil
	}
	if err := r.reload(ctx, r.db); err != nil {
		return seal.Box{}, err
	}
	return r.epochs.Load().box[epoch], nil // the zero Box opens nothing
}

// current returns the epochs as a writing transaction finds them, so that nothing is
// wrapped by a key that was destroyed meanwhile.
func (r *Ring) current(ctx context.Context, tx queries) (*epochs, error) {
	e := r.epochs.Load()
	var same bool
	err := tx.QueryRowContext(ctx, `SELECT count(*) = ? AND sum(name = ?) = 1 FROM meta WHERE name GLOB 'kek.*'`, len(e.box), kekName(e.now)).Scan(&same)
	if err != nil {
		return nil, told(fmt.Errorf("keyring: read epochs: %w", err))
	}
	if same {
		return e, nil
	}
	if err := r.reload(ctx, tx); err != nil {
		return nil, err
	}
	return r.epochs.Load(), nil
}

// within runs f in the writing transaction.
func (r *Ring) within(ctx context.Context, f func(*sql.Tx, *epochs) error) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return told(fmt.Errorf("keyring: begin: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	e, err := r.current(ctx, tx)
	if err != nil {
		return err
	}
	if err := f(tx, e); err != nil {
		return told(err)
	}
	return told(tx.Commit())
}

// Whole names all that is kept of a client, where a set of compartments could stand.
const Whole uint16 = 0

// Doomed is what of a client is to be destroyed: a set of compartments, or Whole.
type Doomed struct {
	PID PID
	Set uint16
}

// Destroy destroys keys, for good: it comes back when the epoch they were wrapped in is
// gone. What is destroyed already is no error. Once the first step is done the keys do not
// come back, whatever happens after; Rotate finishes what is left.
func (r *Ring) Destroy(ctx context.Context, at time.Time, all ...Doomed) error {
	r.step("before the keys are deleted")
	err := r.within(ctx, func(tx *sql.Tx, e *epochs) error {
		for _, d := range all {
			if err := r.destroy(ctx, tx, e, at, d); err != nil {
				return err
			}
		}
		return r.begin(ctx, tx, e, at)
	})
	r.forget(all)
	if err != nil {
		return fmt.Errorf("keyring: destroy: %w", err)
	}
	r.step("the keys are deleted")
	return r.finish(ctx)
}

func (r *Ring) forget(all []Doomed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgot++
	for _, d := range all {
		if c := r.cache[d.PID]; c != nil {
			c.closed.forget()
		}
		delete(r.cache, d.PID)
	}
}

func (r *Ring) destroy(ctx context.Context, tx *sql.Tx, e *epochs, at time.Time, d Doomed) error {
	if d.PID == (PID{}) {
		return errs.E(errs.Invalid, "keyring: the practice's own key is not a client's")
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO gone VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at`, d.PID[:], d.Set, at.UnixMilli()); err != nil {
		return err
	}
	if d.Set == Whole {
		_, err := tx.ExecContext(ctx, `DELETE FROM key WHERE pid = ?`, d.PID[:])
		return err
	}
	var epoch uint32
	var w []byte
	err := tx.QueryRowContext(ctx, `SELECT epoch, wrapped FROM key WHERE pid = ? AND use = ?`, d.PID[:], useClosed).Scan(&epoch, &w)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	keys, err := e.box[epoch].Open(nil, w, r.place(d.PID, useClosed, epoch))
	if err != nil || len(keys) != len(slots{}) {
		return errs.E(errs.Unavailable, "keyring: a key does not open: the keyring is damaged")
	}
	const size = len(seal.Key{})
	for n := range Slots {
		if d.Set>>n&1 == 0 {
			continue
		}
		if _, err := io.ReadFull(r.rand, keys[n*size:(n+1)*size]); err != nil { // what comes later has a key of its own
			return err
		}
	}
	return r.rewrap(ctx, tx, e, d.PID, useClosed, keys)
}

// rewrap puts a key that is there under the newest epoch.
func (r *Ring) rewrap(ctx context.Context, tx *sql.Tx, e *epochs, pid PID, u use, k []byte) error {
	w := e.box[e.now].Seal(nil, k, r.place(pid, u, e.now))
	_, err := tx.ExecContext(ctx, `UPDATE key SET epoch = ?, wrapped = ? WHERE pid = ? AND use = ?`, e.now, w, pid[:], u)
	return err
}

// begin draws the key of the next epoch.
func (r *Ring) begin(ctx context.Context, tx *sql.Tx, e *epochs, at time.Time) error {
	var salt []byte
	if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'salt'`).Scan(&salt); err != nil {
		return err
	}
	wrapped, err := wrappedKEKs(ctx, tx)
	if err != nil {
		return err
	}
	m, err := r.fitting(salt, wrapped)
	if err != nil {
		return err
	}
	kek, err := seal.NewKey(r.rand)
	if err != nil {
		return err
	}
	w, err := m.Wrap(kek)
	if err != nil {
		return fmt.Errorf("keyring: wrap: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES (?, ?)`, kekName(e.now+1), w); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO meta VALUES (?, '')`, vacuumDue); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO meta VALUES ('begun', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))) //nolint:gosec // not before 1970
	return err
}

// rewrapAtOnce is how many clients are put under the next epoch in one transaction.
const rewrapAtOnce = 500

// Rotate puts every key under the key of a new epoch and destroys the old one. If a
// rotation was under way it is finished instead.
func (r *Ring) Rotate(ctx context.Context, at time.Time) error {
	r.step("before the epoch begins")
	err := r.within(ctx, func(tx *sql.Tx, e *epochs) error {
		if len(e.box) > 1 {
			return nil
		}
		return r.begin(ctx, tx, e, at)
	})
	if err != nil {
		return fmt.Errorf("keyring: rotate: %w", err)
	}
	r.step("the epoch has begun")
	return r.finish(ctx)
}

// Resume finishes a rotation that was interrupted, if there is one.
func (r *Ring) Resume(ctx context.Context) error {
	_, err := r.meta(ctx, vacuumDue)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.finish(ctx)
}

// finish wraps what is under older epochs anew, and destroys their keys.
func (r *Ring) finish(ctx context.Context) error {
	for done := false; !done; {
		err := r.within(ctx, func(tx *sql.Tx, e *epochs) error {
			moved, err := r.move(ctx, tx, e)
			if done = moved == 0; err != nil || !done {
				return err
			}
			_, err = tx.ExecContext(ctx, `DELETE FROM meta WHERE name GLOB 'kek.*' AND name <> ?`, kekName(e.now))
			return err
		})
		if err != nil {
			return fmt.Errorf("keyring: rotate: %w", err)
		}
		if !done {
			r.step("some keys are wrapped anew")
		}
	}
	r.step("the old epoch is destroyed")
	// What was moved from page to page leaves copies behind that secure_delete does not
	// reach: once in 150 keys, in a test that looks for them.
	if _, err := r.db.ExecContext(ctx, `VACUUM`); err != nil {
		return told(fmt.Errorf("keyring: rotate: %w", err))
	}
	if _, err := r.db.ExecContext(ctx, `DELETE FROM meta WHERE name = ?`, vacuumDue); err != nil {
		return told(fmt.Errorf("keyring: rotate: %w", err))
	}
	r.step("the file is written anew")
	return r.reload(ctx, r.db)
}

// aged is a key under an older epoch.
type aged struct {
	pid   PID
	use   use
	epoch uint32
	w     []byte
}

// move puts all keys of some clients under the newest epoch.
func (r *Ring) move(ctx context.Context, tx *sql.Tx, e *epochs) (int, error) {
	rows, err := tx.QueryContext(ctx, `SELECT pid, use, epoch, wrapped FROM key WHERE pid IN (SELECT DISTINCT pid FROM key WHERE epoch < ? LIMIT ?) AND epoch < ?`, e.now, rewrapAtOnce, e.now)
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var all []aged
	for rows.Next() {
		var x aged
		var pid []byte
		if err := rows.Scan(&pid, &x.use, &x.epoch, &x.w); err != nil {
			return 0, err
		}
		if len(pid) != len(PID{}) {
			return 0, errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it")
		}
		x.pid = PID(pid)
		all = append(all, x)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	for _, x := range all {
		k, err := e.box[x.epoch].Open(nil, x.w, r.place(x.pid, x.use, x.epoch))
		if err != nil {
			return 0, errs.E(errs.Unavailable, "keyring: a key does not open, so the epoch before is kept: the keyring is damaged, bring back your copy of it")
		}
		if err := r.rewrap(ctx, tx, e, x.pid, x.use, k); err != nil {
			return 0, err
		}
		clear(k)
	}
	return len(all), nil
}
