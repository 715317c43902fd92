package record

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/backup"
	"rapport/record/internal/keyring"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// A restore brings data back under the keyring as it is, so whoever was erased since stays
// erased. The copy is taken apart and tried beside what is there; only then do they change
// places, step by step, and what was there is kept. A crash on the way leaves a note that
// says which step is next; the same command, or the next start, goes on from there.

const (
	restoreDir = "restore"
	readyFile  = "ready"
	beforeDir  = "before-"
)

// Restored is what a restore brought back.
type Restored struct {
	Kind    string    // "data" or "keyring"
	At      time.Time // when the copy was made
	Tried   Tried     // what was found in it
	Before  string    // where what was there before lies now; "" if there was nothing
	Resumed bool      // it had been interrupted, and was finished
}

// swapping is the note of what changes places.
type swapping struct {
	At     time.Time // of the copy
	Before string    // the folder of what was there
}

// Restore brings a copy back into the folder c.Dir, which nobody may be using. identities
// is the file that holds the offline key. A copy of the keyring is brought back only where
// there is none: an older one would bring back whoever was erased since.
func Restore(ctx context.Context, c Config, from, identities string) (Restored, error) {
	c.defaults()
	var out Restored
	with, err := backup.ReadIdentities(identities)
	if err != nil {
		return out, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return out, errs.E(errs.Unavailable, "folder %s cannot be made: %w", c.Dir, err)
	}
	f, err := hold(c.Dir)
	if err != nil {
		return out, err
	}
	defer f.release() //nolint:errcheck // the process ends
	if at, ok, err := swapped(c); err != nil || ok {
		out.Resumed, out.Kind, out.At, out.Before = ok, string(backup.Data), at.At, at.Before
		return out, err
	}
	stage := filepath.Join(c.Dir, restoreDir)
	if err := os.RemoveAll(stage); err != nil { // left by a crash, or not there
		return out, errs.E(errs.Unavailable, "folder %s cannot be written: %w", c.Dir, err)
	}
	a, err := backup.Read(from, with, stage, c.step)
	if err != nil {
		os.RemoveAll(stage) //nolint:errcheck // the first error is the one to tell
		return out, wrap("restore", err)
	}
	c.step("the copy is taken apart")
	out.Kind, out.At = string(a.Kind), a.At
	if a.Kind == backup.Keyring {
		err = restoreRing(ctx, c, stage, a)
	} else {
		out.Tried, out.Before, err = c.restoreData(ctx, stage, a)
	}
	return out, wrap("restore", errors.Join(err, os.RemoveAll(stage)))
}

// restoreRing puts a copy of the keyring where none is.
func restoreRing(ctx context.Context, c Config, stage string, a backup.About) error {
	to, from := filepath.Join(c.Dir, ringFile), filepath.Join(stage, ringFile)
	if _, err := os.Lstat(to); err == nil {
		return errs.E(errs.Conflict, "there is a keyring in %s, and it is not written over: an older one brings back whoever was erased since. If it is lost to you, move it away first", c.Dir)
	}
	s, err := keyring.Peek(ctx, from)
	if err != nil || s.Open == 0 {
		return errors.Join(errs.E(errs.Invalid, "that copy holds no keyring"), err)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, dataFile)); err == nil {
		inst, err := store.MetaOf(ctx, filepath.Join(c.Dir, dataFile), "instance")
		if err == nil && hex.EncodeToString(inst) != a.Instance {
			return errs.E(errs.Invalid, "that keyring is of another practice than the data in %s", c.Dir)
		}
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(c.Dir)
}

// restoreData tries the data of a copy, and puts it in the place of what is there.
func (c Config) restoreData(ctx context.Context, stage string, a backup.About) (Tried, string, error) {
	if !Exists(c.Dir) {
		return Tried{}, "", errs.E(errs.Unavailable, "there is no keyring in %s: bring that back first, from its own copy", c.Dir)
	}
	if c.Passphrase == "" {
		if err := outside(c.KeyFile, c.Dir); err != nil {
			return Tried{}, "", err
		}
	}
	ring, err := keyring.Open(ctx, keyring.Config{Path: filepath.Join(c.Dir, ringFile), KeyFile: c.KeyFile, Passphrase: c.Passphrase, Rand: c.Rand})
	if err != nil {
		return Tried{}, "", err
	}
	defer ring.Close() //nolint:errcheck // nothing was written
	found, err := tryOut(ctx, stage, ring, nil, c.Rand)
	if err != nil {
		return found, "", fmt.Errorf("the copy was tried before anything was changed, and is no good: %w", err)
	}
	c.step("the copy was tried")
	s := swapping{At: a.At}
	if _, err := os.Lstat(filepath.Join(c.Dir, dataFile)); err == nil {
		s.Before = beforeDir + c.Clock.Now().UTC().Format("20060102-150405")
	}
	if err := s.note(stage); err != nil {
		return found, "", err
	}
	c.step("it is noted that it takes its place")
	_, _, err = swapped(c)
	return found, s.Before, err
}

// note writes down that everything is ready to change places.
func (s swapping) note(stage string) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	tmp := filepath.Join(stage, readyFile+".new")
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(stage, readyFile)); err != nil {
		return err
	}
	return errors.Join(syncDir(stage), syncDir(filepath.Dir(stage)))
}

// swapped puts what is ready in the place of what is there, from wherever a crash left it;
// false if nothing is.
func swapped(c Config) (swapping, bool, error) {
	var s swapping
	stage := filepath.Join(c.Dir, restoreDir)
	raw, err := os.ReadFile(filepath.Join(stage, readyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return s, false, errs.E(errs.Unavailable, "a restore was interrupted and its note cannot be read: %w", err)
	}
	if err := s.swap(c, stage); err != nil {
		return s, false, errs.E(errs.Unavailable, "a restore was interrupted: run rapport restore again to finish it: %w", err)
	}
	c.step("everything is in its place")
	return s, true, errors.Join(os.RemoveAll(stage), syncDir(c.Dir))
}

// swap moves one thing after the other. The data file comes last of what is moved away and
// last of what is moved in: while it is still in the copy, nothing was lost.
func (s swapping) swap(c Config, stage string) error {
	away := filepath.Join(c.Dir, s.Before)
	if s.Before != "" {
		if err := os.MkdirAll(away, 0o700); err != nil {
			return err
		}
	}
	if _, err := os.Lstat(filepath.Join(stage, dataFile)); err == nil && s.Before != "" {
		for _, name := range []string{blobsDir, dataFile + "-shm", dataFile + "-wal", dataFile} {
			if _, err := os.Lstat(filepath.Join(away, name)); err == nil {
				continue // moved away before the crash: what is there now is new
			}
			if err := move(filepath.Join(c.Dir, name), filepath.Join(away, name)); err != nil {
				return err
			}
			c.step("something is moved away")
		}
		if err := errors.Join(syncDir(away), syncDir(c.Dir)); err != nil {
			return err
		}
	}
	for _, name := range []string{blobsDir, dataFile} {
		if err := move(filepath.Join(stage, name), filepath.Join(c.Dir, name)); err != nil {
			return err
		}
		c.step("something is moved in")
	}
	return syncDir(c.Dir)
}

// move renames what is there.
func move(from, to string) error {
	if err := os.Rename(from, to); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// WasRestored writes on the ledger that a backup was brought back, which goes on from where
// the ledger was when the backup was made.
func (v *Vault) WasRestored(ctx context.Context, who account.Actor, r Restored) error {
	line := v.line(ctx, who, Importing, "restore", policy.Software, 0)
	line.Entry.How = r.At.UTC().Format(time.RFC3339)
	return wrap("restore", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}}))
}
