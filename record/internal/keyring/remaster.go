package keyring

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rapport/errs"
)

// nextKey is added to the name of a key file for the one that takes its place.
const nextKey = ".next"

// fitting returns the master that opens the keys of the epochs: the one that did last, the
// one this was opened with, or, of a key file, the one that is taking its place.
func (r *Ring) fitting(salt []byte, wrapped map[uint32][]byte) (Master, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	fits := func(m Master) bool {
		for _, w := range wrapped {
			if _, err := m.Unwrap(w); err != nil {
				return false
			}
		}
		return true
	}
	if r.master != nil && fits(r.master) {
		return r.master, nil
	}
	if r.locked == "passphrase" && r.at.Passphrase == "" || r.locked == "file" && r.at.KeyFile == "" {
		return nil, errs.E(errs.Unavailable, "the passphrase was changed while this was running: stop it and start it with the new one")
	}
	m, _, err := r.at.master(salt)
	if err == nil && fits(m) {
		r.master = m
		return m, nil
	}
	if r.at.Passphrase == "" {
		if next, err := FileMaster(r.at.KeyFile + nextKey); err == nil && fits(next) {
			r.master = next
			return next, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, r.wrong()
}

// ErrPassphrase reports that a passphrase does not fit.
var ErrPassphrase = errs.E(errs.Unavailable, "the passphrase does not fit this practice: try again")

func (r *Ring) wrong() error {
	if r.locked == "passphrase" {
		return ErrPassphrase
	}
	return errs.E(errs.Unavailable, "key file %s does not fit this practice: give the one it was made with", r.at.KeyFile)
}

// Remaster puts the keyring under another master key: a new passphrase, or with none a new
// key file in the place of the one at keyFile. Whoever is running goes on. The old master
// key opens copies of the keyring that were made before, and nothing else.
func (r *Ring) Remaster(ctx context.Context, keyFile, passphrase string) error {
	if err := r.Settle(); err != nil {
		return err
	}
	if _, err := os.Stat(keyFile); passphrase == "" && err == nil && r.at.KeyFile != keyFile {
		return errs.E(errs.Conflict, "there is a file %s already: give a new one", keyFile)
	}
	to := Config{KeyFile: keyFile, Passphrase: passphrase}
	if passphrase == "" {
		r.step("before the new key file")
		os.Remove(keyFile + nextKey) //nolint:errcheck // Settle kept it if it was in use
		if err := NewKeyFile(keyFile+nextKey, r.rand); err != nil {
			return err
		}
		to.KeyFile += nextKey
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(r.rand, salt); err != nil {
		return fmt.Errorf("keyring: master: %w", err)
	}
	m, mode, err := to.master(salt)
	if err != nil {
		return err
	}
	r.step("before the new master key is put to use")
	err = r.within(ctx, func(tx *sql.Tx, _ *epochs) error { return r.remaster(ctx, tx, m, mode, salt) })
	if err != nil {
		return fmt.Errorf("keyring: master: %w", err)
	}
	r.lock.Lock()
	r.master, r.locked, r.at.KeyFile = m, mode, to.KeyFile
	if mode == "file" {
		r.at.KeyFile = keyFile
	}
	r.lock.Unlock()
	r.step("the new master key is put to use")
	if mode == "file" {
		return r.settle(keyFile)
	}
	return nil
}

func (r *Ring) remaster(ctx context.Context, tx *sql.Tx, m Master, mode string, salt []byte) error {
	wrapped, err := wrappedKEKs(ctx, tx)
	if err != nil {
		return err
	}
	var was []byte
	if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'salt'`).Scan(&was); err != nil {
		return err
	}
	old, err := r.fitting(was, wrapped)
	if err != nil {
		return err
	}
	for n, w := range wrapped {
		kek, err := old.Unwrap(w)
		if err != nil {
			return r.wrong()
		}
		if w, err = m.Wrap(kek); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = ?`, w, kekName(n)); err != nil {
			return err
		}
	}
	for name, v := range map[string][]byte{"salt": salt, "mode": []byte(mode)} {
		if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = ?`, v, name); err != nil {
			return err
		}
	}
	return nil
}

// settle gives a key file that was put to use its own name, and writes over what was there.
func (r *Ring) settle(keyFile string) error {
	wipe(keyFile)
	r.step("the old key file is written over")
	if err := os.Rename(keyFile+nextKey, keyFile); err != nil {
		return errs.E(errs.Unavailable, "the new key is in %s and could not be renamed: rename it to %s", keyFile+nextKey, keyFile)
	}
	return syncDir(filepath.Dir(keyFile))
}

// wipe writes over a file. On a disk that keeps old blocks this does little; a new epoch
// and a new master key together are what makes an old copy useless.
func wipe(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close() //nolint:errcheck // as far as it goes
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		f.Write(make([]byte, st.Size())) //nolint:errcheck // as far as it goes
		f.Sync()                         //nolint:errcheck // as above
	}
}

// Settle finishes a change of the key file that was interrupted: what is in use gets its
// name, what was not yet in use goes.
func (r *Ring) Settle() error {
	if r.locked != "file" || r.at.KeyFile == "" {
		return nil
	}
	next := r.at.KeyFile + nextKey
	if _, err := os.Stat(next); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if m, err := FileMaster(r.at.KeyFile); err == nil {
		if ok, err := r.opens(m); err != nil || ok {
			if ok {
				os.Remove(next) //nolint:errcheck // tried again at the next start
			}
			return err
		}
	}
	m, err := FileMaster(next)
	if err != nil {
		return err
	}
	if ok, err := r.opens(m); err != nil || !ok {
		return err
	}
	return r.settle(r.at.KeyFile)
}

func (r *Ring) opens(m Master) (bool, error) {
	wrapped, err := wrappedKEKs(context.Background(), r.db)
	if err != nil {
		return false, err
	}
	for _, w := range wrapped {
		if _, err := m.Unwrap(w); err != nil {
			return false, nil //nolint:nilerr // that is the answer
		}
	}
	return true, nil
}
