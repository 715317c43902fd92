package record

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"rapport/errs"
	"rapport/record/internal/blob"
	"rapport/record/internal/keyring"
	"rapport/record/internal/ledger"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// The files of a data folder.
const (
	dataFile = "data.db"
	ringFile = "keyring.db"
	lockFile = "lock"

	freshRing = ringFile + ".new" // while a practice is being made
)

// folder is a data folder this process holds alone.
type folder struct {
	dir  string
	lock *os.File
}

// hold takes the folder for this process.
func hold(dir string) (*folder, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.E(errs.Unavailable, "there is no practice in %s: give the right folder with --dir", dir)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		return nil, errs.E(errs.Unavailable, "folder %s cannot be written: check its owner and permissions", dir)
	}
	if err != nil {
		return nil, errs.E(errs.Unavailable, "folder %s cannot be used: %w", dir, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close() //nolint:errcheck // nothing was written
		return nil, errs.E(errs.Unavailable, "another rapport is using %s: stop it first, or wait until it is done", dir)
	}
	return &folder{dir, f}, nil
}

func (f *folder) release() error {
	if f == nil || f.lock == nil {
		return nil
	}
	// Said outright rather than left to Close: a child forked at this moment
	// holds the file too, until it becomes another program.
	return errors.Join(unix.Flock(int(f.lock.Fd()), unix.LOCK_UN), f.lock.Close())
}

// Exists reports whether there is a practice in dir.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ringFile))
	return err == nil
}

// Mode says how the practice in dir is locked: "file" or "passphrase".
func Mode(ctx context.Context, dir string) (string, error) {
	if !Exists(dir) {
		return "", errs.E(errs.Unavailable, "there is no practice in %s: give the right folder with --dir", dir)
	}
	return keyring.Mode(ctx, filepath.Join(dir, ringFile))
}

// Create makes a new practice in an empty or absent folder, and its key file if
// it is to have one, and opens it.
func Create(ctx context.Context, c Config) (*Vault, error) {
	c.defaults()
	if Exists(c.Dir) {
		return nil, errs.E(errs.Conflict, "there is a practice in %s already", c.Dir)
	}
	if err := keyless(c.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, errs.E(errs.Unavailable, "folder %s cannot be made: %w", c.Dir, err)
	}
	if c.Passphrase == "" {
		if err := outside(c.KeyFile, c.Dir); err != nil {
			return nil, err
		}
		if _, err := os.Stat(c.KeyFile); errors.Is(err, fs.ErrNotExist) {
			if err := keyring.NewKeyFile(c.KeyFile, c.Rand); err != nil {
				return nil, err
			}
		}
	}
	f, err := hold(c.Dir)
	if err != nil {
		return nil, err
	}
	// The keyring is made last under its own name: a folder without it holds no
	// practice, so a crash on the way leaves one that can be made again.
	// The data goes first and comes second, so data without a new keyring beside
	// it is never a left-over.
	tmp := filepath.Join(c.Dir, freshRing)
	os.Remove(filepath.Join(c.Dir, dataFile)) //nolint:errcheck // left over from a crash, or not there
	os.Remove(tmp)                            //nolint:errcheck // as above
	if err := private(tmp); err != nil {
		return nil, errors.Join(errs.E(errs.Unavailable, "folder %s cannot be written: %w", c.Dir, err), f.release())
	}
	ring, err := keyring.Open(ctx, keyring.Config{Path: tmp, KeyFile: c.KeyFile, Passphrase: c.Passphrase, Create: true, Rand: c.Rand})
	if err != nil {
		return nil, errors.Join(err, f.release())
	}
	inst := ring.Instance()
	if err = private(filepath.Join(c.Dir, dataFile)); err == nil {
		err = store.CreateSQLite(ctx, filepath.Join(c.Dir, dataFile), map[string][]byte{"instance": inst[:]})
	}
	err = errors.Join(err, ring.Close())
	if err == nil {
		err = os.Rename(tmp, filepath.Join(c.Dir, ringFile))
	}
	if err == nil {
		err = syncDir(c.Dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record: create: %w", err), f.release())
	}
	return load(ctx, c, f)
}

// keyless refuses a folder with data but no keyring: it is a practice whose
// keyring is elsewhere, and making a new one would destroy it.
func keyless(dir string) error {
	at := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	if at(dataFile) && !at(ringFile) && !at(freshRing) {
		return errs.E(errs.Unavailable, "there is data in %s but no keyring: bring back your copy of %s, or give another folder with --dir", dir, ringFile)
	}
	return nil
}

// outside refuses a key file inside the data folder: a copy of the folder would
// then carry its own key.
func outside(key, dir string) error {
	if key == "" {
		return errs.E(errs.Invalid, "give a key file with --key-file, or use --passphrase")
	}
	k, err := whereTo(key)
	d, err2 := whereTo(dir)
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	if rel, err := filepath.Rel(d, k); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return errs.E(errs.Invalid, "key file %s lies inside the data folder: keep it elsewhere, or a copy of the folder carries its own key", key)
	}
	return nil
}

// whereTo returns where a path leads, as far as it exists.
func whereTo(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if p, err := filepath.EvalSymlinks(abs); err == nil {
		return p, nil
	}
	if p, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(p, filepath.Base(abs)), nil
	}
	return abs, nil
}

// private makes an empty file nobody else may read, for SQLite to fill: it would
// make one that others may, and gives its journals the mode it finds.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open opens the practice in a folder. Its errors say in one line what to do.
func Open(ctx context.Context, c Config) (*Vault, error) {
	c.defaults()
	if err := keyless(c.Dir); err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.Dir); err == nil && !Exists(c.Dir) {
		return nil, errs.E(errs.Unavailable, "there is no practice in %s: give the right folder with --dir", c.Dir)
	}
	if c.Passphrase == "" {
		if err := outside(c.KeyFile, c.Dir); err != nil {
			return nil, err
		}
	}
	f, err := hold(c.Dir)
	if err != nil {
		return nil, err
	}
	if _, _, err := swapped(c); err != nil { // a restore that was interrupted
		return nil, errors.Join(err, f.release())
	}
	return load(ctx, c, f)
}

// load opens what lies in a held folder.
func load(ctx context.Context, c Config, f *folder) (_ *Vault, err error) {
	v := &Vault{now: c.Clock, rand: c.Rand, folder: f, step: c.step}
	defer func() {
		if err != nil {
			v.Close() //nolint:errcheck // the first error is the one to tell
		}
	}()
	if v.ring, err = keyring.Open(ctx, keyring.Config{Path: filepath.Join(c.Dir, ringFile), KeyFile: c.KeyFile, Passphrase: c.Passphrase, Rand: c.Rand, Step: c.step}); err != nil {
		return nil, err
	}
	if v.blobs, err = blob.Open(c.Dir); err != nil {
		return nil, err
	}
	v.inst, v.lookKey = v.ring.Instance(), v.ring.Own("last look")
	v.doorKey, v.doorBox = v.ring.Own("door names"), seal.NewBox(v.ring.Own("doors"))
	st, err := store.OpenSQLite(ctx, filepath.Join(c.Dir, dataFile))
	if err != nil {
		return nil, err
	}
	v.st = st
	inst, err := st.Meta(ctx, "instance")
	if err != nil {
		return nil, fmt.Errorf("record: open: %w", err)
	}
	if string(inst) != string(v.inst[:]) {
		return nil, errs.E(errs.Unavailable, "the keyring in %s is of another practice (%s, the data is of %s): bring back the one that belongs to it", c.Dir, hex.EncodeToString(v.inst[:4]), hex.EncodeToString(inst[:min(4, len(inst))]))
	}
	if v.led, err = ledger.Open(ctx, st, v.ring, c.Clock, c.Rand); err != nil {
		return nil, err
	}
	v.led.Ended = func() { v.memo.settle(); v.bars.settle() }
	if err := v.scrub(ctx); err != nil {
		return nil, wrap("erase", err)
	}
	if v.people, err = loadPeople(ctx, v); err != nil {
		return nil, err
	}
	if err := v.loadSettings(ctx); err != nil {
		return nil, err
	}
	if err := v.loadLibrary(ctx); err != nil {
		return v, err
	}
	if err := v.loadTopics(ctx); err != nil {
		return v, err
	}
	return v, v.loadTimes(ctx)
}

// Free reports whether no process uses the practice in dir; the error says who
// does. An absent practice is free.
func Free(dir string) error {
	if !Exists(dir) {
		return nil
	}
	f, err := hold(dir)
	if err != nil {
		return err
	}
	return f.release()
}
