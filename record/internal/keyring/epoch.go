package keyring

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/record/internal/seal"
)

// epochs opens the key-encryption keys that there are: one, or two while keys are on their
// way from one epoch to the next.
func (r *Ring) epochs(ctx context.Context, m Master) error {
	rows, err := r.db.QueryContext(ctx, `SELECT name, value FROM meta WHERE name LIKE 'kek.%'`)
	if err != nil {
		return told(fmt.Errorf("keyring: epochs: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var name string
		var wrapped []byte
		if err := rows.Scan(&name, &wrapped); err != nil {
			return told(fmt.Errorf("keyring: epochs: %w", err))
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(name, "kek."), 10, 32)
		if err != nil || n == 0 {
			return errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it")
		}
		k, err := m.Unwrap(wrapped)
		if err != nil {
			return err
		}
		r.keks[uint32(n)], r.epoch = seal.NewBox(k), max(r.epoch, uint32(n))
	}
	if err := rows.Err(); err != nil {
		return told(fmt.Errorf("keyring: epochs: %w", err))
	}
	if len(r.keks) == 0 {
		return errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it: it has no epoch")
	}
	return nil
}

// newest is what new keys are wrapped under.
func (r *Ring) newest() (seal.Box, uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keks[r.epoch], r.epoch
}

func (r *Ring) unwrap(w []byte, pid PID, u use, epoch uint32) ([]byte, error) {
	r.mu.Lock()
	kek, ok := r.keks[epoch]
	r.mu.Unlock()
	if !ok {
		return nil, errs.E(errs.Unavailable, "keyring: a key is of epoch %d, which is no more", epoch)
	}
	return kek.Open(nil, w, r.place(pid, u, epoch))
}

// Epoch returns the epoch that keys are of, and how much of a rotation is left to do: more
// than nothing means that one was broken off, and Rotate goes on with it.
func (r *Ring) Epoch(ctx context.Context) (epoch uint32, behind int, err error) {
	_, epoch = r.newest()
	err = r.db.QueryRowContext(ctx, `SELECT count(*) FROM key WHERE epoch <> ?`, epoch).Scan(&behind)
	if err == nil && behind == 0 { // the first step alone is missing, or the last
		err = r.db.QueryRowContext(ctx, `SELECT count(*) - 1 FROM meta WHERE name LIKE 'kek.%' OR name = ?`, rotateDue).Scan(&behind)
	}
	if err != nil {
		err = fmt.Errorf("keyring: epoch: %w", err)
	}
	return epoch, behind, told(err)
}

// rotateDue says, in the transaction that destroys keys, that a rotation is to follow.
const rotateDue = "rotate"

// rewrapped is how many keys are wrapped anew in one durable step.
const rewrapped = 500

// Rotate wraps every key anew under a key-encryption key of the next epoch, and destroys
// the one before. It goes on with a rotation that was broken off. Keys can be read and
// added meanwhile.
func (r *Ring) Rotate(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	r.mu.Lock()
	begun := len(r.keks) > 1
	r.mu.Unlock()
	if !begun {
		if err := r.begin(ctx); err != nil {
			return err
		}
	}
	for {
		n, err := r.rewrap(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			return r.finish(ctx)
		}
	}
}

// begin adds the key-encryption key of the next epoch.
func (r *Ring) begin(ctx context.Context) error {
	kek, err := seal.NewKey(r.rand)
	if err != nil {
		return err
	}
	wrapped, err := r.master.Wrap(kek)
	if err != nil {
		return fmt.Errorf("keyring: wrap: %w", err)
	}
	r.mu.Lock()
	next := r.epoch + 1
	r.mu.Unlock()
	if _, err := r.db.ExecContext(ctx, `INSERT INTO meta VALUES (?, ?)`, kekName(next), wrapped); err != nil {
		return told(fmt.Errorf("keyring: begin epoch: %w", err))
	}
	r.mu.Lock()
	r.keks[next], r.epoch = seal.NewBox(kek), next
	r.mu.Unlock()
	r.step("epoch begun")
	return nil
}

func kekName(epoch uint32) string { return "kek." + strconv.FormatUint(uint64(epoch), 10) }

// rewrap brings some keys to the newest epoch, and returns how many.
func (r *Ring) rewrap(ctx context.Context) (int, error) {
	kek, epoch := r.newest()
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, told(fmt.Errorf("keyring: rotate: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	type row struct {
		pid, w []byte
		u      use
		epoch  uint32
	}
	var all []row
	rows, err := tx.QueryContext(ctx, `SELECT pid, use, epoch, wrapped FROM key WHERE epoch <> ? LIMIT ?`, epoch, rewrapped)
	if err != nil {
		return 0, told(fmt.Errorf("keyring: rotate: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var x row
		if err := rows.Scan(&x.pid, &x.u, &x.epoch, &x.w); err != nil {
			return 0, told(fmt.Errorf("keyring: rotate: %w", err))
		}
		all = append(all, row{slices.Clone(x.pid), slices.Clone(x.w), x.u, x.epoch})
	}
	if err := rows.Err(); err != nil {
		return 0, told(fmt.Errorf("keyring: rotate: %w", err))
	}
	for _, x := range all {
		k, err := r.unwrap(x.w, PID(x.pid), x.u, x.epoch)
		if err != nil {
			return 0, errs.E(errs.Unavailable, "keyring: a key does not open: the keyring is damaged: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE key SET epoch = ?, wrapped = ? WHERE pid = ? AND use = ?`, epoch, kek.Seal(nil, k, r.place(PID(x.pid), x.u, epoch)), x.pid, x.u); err != nil {
			return 0, told(fmt.Errorf("keyring: rotate: %w", err))
		}
		clear(k)
	}
	if len(all) == 0 {
		return 0, nil
	}
	if err := tx.Commit(); err != nil {
		return 0, told(fmt.Errorf("keyring: rotate: %w", err))
	}
	r.step("keys rewrapped")
	return len(all), nil
}

// finish destroys the key-encryption keys of earlier epochs.
func (r *Ring) finish(ctx context.Context) error {
	_, epoch := r.newest()
	if _, err := r.db.ExecContext(ctx, `DELETE FROM meta WHERE name LIKE 'kek.%' AND name <> ? OR name = ?`, kekName(epoch), rotateDue); err != nil {
		return told(fmt.Errorf("keyring: end epoch: %w", err))
	}
	// What was moved from page to page left copies behind that secure_delete does not reach:
	// one wrapped key in 150, in TestShred.
	if _, err := r.db.ExecContext(ctx, `VACUUM`); err != nil {
		return told(fmt.Errorf("keyring: end epoch: %w", err))
	}
	r.mu.Lock()
	for n := range r.keks {
		if n != epoch {
			delete(r.keks, n)
		}
	}
	r.mu.Unlock()
	r.step("epoch ended")
	return nil
}

// Destroy destroys every key of clients, for good: nothing brings them back, and none is
// made for them again. Rotate afterwards, so that copies of the keyring's pages open with
// nothing.
func (r *Ring) Destroy(ctx context.Context, pids ...PID) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return told(fmt.Errorf("keyring: destroy: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	for _, pid := range pids {
		if pid == (PID{}) {
			return errs.E(errs.Internal, "keyring: the practice's own keys are not destroyed")
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM key WHERE pid = ?`, pid[:]); err != nil {
			return told(fmt.Errorf("keyring: destroy: %w", err))
		}
		if err := r.insert(ctx, tx, pid, useGone, nil); err != nil {
			return err
		}
	}
	if err := due(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return told(fmt.Errorf("keyring: destroy: %w", err))
	}
	r.forget(pids...)
	r.step("keys destroyed")
	return nil
}

func due(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES (?, x'01') ON CONFLICT DO NOTHING`, rotateDue); err != nil {
		return told(fmt.Errorf("keyring: destroy: %w", err))
	}
	return nil
}

// DestroyClosed destroys the keys of some compartments of a client; bit n is compartment n.
// Rotate afterwards, as for Destroy.
func (r *Ring) DestroyClosed(ctx context.Context, pid PID, set uint16) error {
	if _, err := r.Client(ctx, pid); err != nil {
		return err
	}
	s, err := r.loadClosed(ctx, pid)
	if err != nil {
		return err
	}
	for n := range Slots {
		if set>>n&1 != 0 {
			clear(s[n*len(seal.Key{}) : (n+1)*len(seal.Key{})])
		}
	}
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return told(fmt.Errorf("keyring: destroy: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	kek, epoch := r.newest()
	w := kek.Seal(nil, s[:], r.place(pid, useClosed, epoch))
	if _, err := tx.ExecContext(ctx, `UPDATE key SET epoch = ?, wrapped = ? WHERE pid = ? AND use = ?`, epoch, w, pid[:], useClosed); err != nil {
		return told(fmt.Errorf("keyring: destroy: %w", err))
	}
	if err := due(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return told(fmt.Errorf("keyring: destroy: %w", err))
	}
	r.forget(pid)
	r.step("keys destroyed")
	return nil
}

// forget drops opened keys from memory.
func (r *Ring) forget(pids ...PID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgot++
	for _, pid := range pids {
		delete(r.cache, pid)
	}
}

// Gone returns the clients whose keys were destroyed.
func (r *Ring) Gone(ctx context.Context) ([]PID, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT pid FROM key WHERE use = ?`, useGone)
	if err != nil {
		return nil, told(fmt.Errorf("keyring: gone: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var out []PID
	for rows.Next() {
		var pid []byte
		if err := rows.Scan(&pid); err != nil || len(pid) != len(PID{}) {
			return nil, told(fmt.Errorf("keyring: gone: %w", err))
		}
		out = append(out, PID(pid))
	}
	return out, told(rows.Err())
}

// Rekey locks the keyring with another key file or passphrase. It is one step: before it
// the old one opens, after it the new one, and only that.
func (r *Ring) Rekey(ctx context.Context, c Config) error {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(r.rand, salt); err != nil {
		return fmt.Errorf("keyring: rekey: %w", err)
	}
	m, mode, err := c.master(salt)
	if err != nil {
		return err
	}
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return told(fmt.Errorf("keyring: rekey: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	r.mu.Lock()
	var epochs []uint32
	for n := range r.keks {
		epochs = append(epochs, n)
	}
	r.mu.Unlock()
	for _, n := range epochs {
		if err := rekeyed(ctx, tx, r.master, m, kekName(n)); err != nil {
			return err
		}
	}
	for name, v := range map[string][]byte{"salt": salt, "mode": []byte(mode)} {
		if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = ?`, v, name); err != nil {
			return told(fmt.Errorf("keyring: rekey: %w", err))
		}
	}
	if err := tx.Commit(); err != nil {
		return told(fmt.Errorf("keyring: rekey: %w", err))
	}
	r.master = m
	r.step("master changed")
	return nil
}

func rekeyed(ctx context.Context, tx *sql.Tx, from, to Master, name string) error {
	var w []byte
	if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, name).Scan(&w); err != nil {
		return told(fmt.Errorf("keyring: rekey: %w", err))
	}
	k, err := from.Unwrap(w)
	if err != nil {
		return err
	}
	if w, err = to.Wrap(k); err != nil {
		return fmt.Errorf("keyring: wrap: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = ?`, w, name); err != nil {
		return told(fmt.Errorf("keyring: rekey: %w", err))
	}
	return nil
}

// Copy writes the keyring, as it is at this moment, to a new file. It is as locked as the
// keyring is.
func (r *Ring) Copy(ctx context.Context, path string) error {
	if _, err := r.db.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return told(errors.Join(fmt.Errorf("keyring: copy: %w", err)))
	}
	return nil
}
