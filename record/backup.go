package record

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"golang.org/x/sys/unix"

	"rapport/errs"
	"rapport/record/internal/backup"
	"rapport/record/internal/blob"
	"rapport/record/internal/keyring"
	"rapport/record/internal/store"
)

// A backup is made while the practice is served, by whoever can read the folder: it takes
// no key, for all that goes in is sealed, and what comes out only the offline key opens.
// The keyring never goes with it. It has copies of its own, elsewhere.

// Spare says where copies go and who can open them.
type Spare struct {
	Dir  string   // a folder that is there
	For  []string // public keys, as age writes them
	Keep int      // how many copies are kept at least; 0 keeps all
	Days int      // and those that are younger than that
}

// Made is a copy that was made.
type Made struct {
	Path    string
	At      time.Time
	Size    int64
	Removed int // older copies that went
}

const (
	scratchDir  = "scratch"
	scratchLock = "scratch.lock"
	blobsDir    = "blobs"
)

// scratch takes the folder for what is made and thrown away, empty, and returns how it is
// given back.
func scratch(dir string) (string, func(), error) {
	f, err := os.OpenFile(filepath.Join(dir, scratchLock), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", nil, errs.E(errs.Unavailable, "folder %s cannot be written: check its owner and permissions: %w", dir, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close() //nolint:errcheck // nothing was written
		return "", nil, errs.E(errs.Unavailable, "another backup of %s is being made or tried: wait until it is done", dir)
	}
	at := filepath.Join(dir, scratchDir)
	done := func() {
		os.RemoveAll(at) //nolint:errcheck // tried again by the next
		f.Close()        //nolint:errcheck // the lock goes with it
	}
	if err = os.RemoveAll(at); err == nil { // left by a crash, or not there
		err = os.Mkdir(at, 0o700)
	}
	if err != nil {
		done()
		return "", nil, errs.E(errs.Unavailable, "folder %s cannot be written: check its owner and permissions: %w", dir, err)
	}
	return at, done, nil
}

// Backup makes a copy of all data of the practice in c.Dir, with no keys, whether it is
// served or not.
func Backup(ctx context.Context, c Config, to Spare) (Made, error) {
	c.defaults()
	at, done, err := scratch(c.Dir)
	if err != nil {
		return Made{}, err
	}
	defer done()
	who, err := backup.ParseRecipients(to.For)
	if err != nil {
		return Made{}, err
	}
	return snapshot(ctx, c, at, to, who)
}

// snapshot makes a copy by way of a scratch folder.
func snapshot(ctx context.Context, c Config, at string, to Spare, recipients []age.Recipient) (Made, error) {
	m := Made{At: c.Clock.Now().UTC()}
	inst, err := store.MetaOf(ctx, filepath.Join(c.Dir, dataFile), "instance")
	if err != nil {
		return m, wrap("backup", err)
	}
	data := filepath.Join(at, dataFile)
	if err := private(data); err != nil {
		return m, errs.E(errs.Unavailable, "folder %s cannot be written: %w", at, err)
	}
	c.step("before the data is copied")
	if err := store.CopySQLite(ctx, filepath.Join(c.Dir, dataFile), data); err != nil {
		return m, wrap("backup", err)
	}
	c.step("the data is copied")
	files := []backup.Source{{Name: dataFile, Path: data}}
	ids, err := blob.Peek(c.Dir).List(ctx)
	if err != nil {
		return m, wrap("backup", err)
	}
	for _, id := range ids {
		name := id.String()
		rel := blobsDir + "/" + name[:2] + "/" + name[2:4] + "/" + name
		files = append(files, backup.Source{Name: rel, Path: filepath.Join(c.Dir, filepath.FromSlash(rel))})
	}
	m.Path = filepath.Join(to.Dir, backup.Name(backup.Data, m.At))
	m.Size, err = backup.Write(m.Path, backup.About{Kind: backup.Data, Instance: hex.EncodeToString(inst), At: m.At}, recipients, files, c.step)
	if err == nil && to.Keep > 0 {
		m.Removed, err = backup.Prune(to.Dir, backup.Data, to.Keep, m.At.AddDate(0, 0, -to.Days))
	}
	return m, wrap("backup", err)
}

// BackupKeyring makes a copy of the keyring alone, and remembers in it that there is one:
// who is erased later can be read with that copy, until it is gone too.
func BackupKeyring(ctx context.Context, c Config, to Spare) (Made, error) {
	c.defaults()
	m := Made{At: c.Clock.Now().UTC()}
	who, err := backup.ParseRecipients(to.For)
	if err != nil {
		return m, err
	}
	path := filepath.Join(c.Dir, ringFile)
	m.Path = filepath.Join(to.Dir, backup.Name(backup.Keyring, m.At))
	if abs, err := filepath.Abs(m.Path); err == nil {
		m.Path = abs
	}
	// Said before it is made: a copy nobody knows of would be worse than one that is not there.
	if err := keyring.Copied(ctx, path, keyring.Copy{At: m.At, Path: m.Path}); err != nil {
		return m, wrap("backup", err)
	}
	c.step("a copy of the keyring is announced")
	raw, inst, err := keyring.Bytes(ctx, path)
	if err != nil {
		return m, wrap("backup", err)
	}
	m.Size, err = backup.Write(m.Path, backup.About{Kind: backup.Keyring, Instance: hex.EncodeToString(inst[:]), At: m.At}, who, []backup.Source{{Name: ringFile, Raw: raw}}, c.step)
	if err == nil && to.Keep > 0 {
		m.Removed, err = backup.Prune(to.Dir, backup.Keyring, to.Keep, m.At.AddDate(0, 0, -to.Days))
	}
	return m, wrap("backup", err)
}

// BackupKey draws a key pair for backups: what opens them, to be kept away from here, and
// the public key they are made for.
func BackupKey() (secret, public string, err error) {
	k, err := backup.NewIdentity()
	if err != nil {
		return "", "", err
	}
	return k.String(), k.Recipient().String(), nil
}
