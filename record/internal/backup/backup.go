// Package backup writes what a practice keeps into one file that only the holder of an
// offline key opens, and reads it back. What goes in is sealed already, under keys that do
// not go with it: a data backup never holds the keyring, and the keyring's own copy holds
// nothing else.
//
// It refuses to write over a file that is there, to leave half a copy under a copy's name,
// and to take a file out of a copy that has no business there.
package backup

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/sys/unix"

	"rapport/errs"
)

// Kind is what a copy is of.
type Kind string

// The kinds.
const (
	Data    Kind = "data"
	Keyring Kind = "keyring"
)

// About is what a copy says of itself.
type About struct {
	Format   int
	Kind     Kind
	Instance string // which practice, in hex
	At       time.Time
}

const format = 1

// The names in a copy, besides those of its files.
const (
	aboutName = "about.json"
	endName   = "end.json"
)

// end is the last thing in a copy: a copy without it is not whole.
type end struct {
	Files int
	Bytes int64
}

// ParseRecipients reads public keys, as age writes them.
func ParseRecipients(keys []string) ([]age.Recipient, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	out, err := age.ParseRecipients(strings.NewReader(strings.Join(keys, "\n") + "\n"))
	if err != nil {
		return nil, errs.E(errs.Invalid, "that is no public key for backups: it begins with age1 and is what rapport backup-key printed: %w", err)
	}
	return out, nil
}

// ReadIdentities reads the file that holds the offline key.
func ReadIdentities(path string) ([]age.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errs.E(errs.Invalid, "the file with the backup key, %s, cannot be read: %w", path, err)
	}
	defer f.Close() //nolint:errcheck // only read
	out, err := age.ParseIdentities(f)
	if err != nil {
		return nil, errs.E(errs.Invalid, "%s holds no backup key: it is a line that begins with AGE-SECRET-KEY-", path)
	}
	return out, nil
}

// NewIdentity draws a key pair for backups.
func NewIdentity() (*age.X25519Identity, error) { return age.GenerateX25519Identity() }

// Source is a file that goes into a copy.
type Source struct {
	Name string // in the copy, with slashes
	Path string // on the disk; or
	Raw  []byte // what it holds
}

// Write puts files into a new copy at path, that these recipients open. Nothing is there
// under that name until all of it is on the disk.
func Write(path string, a About, to []age.Recipient, files []Source, step func(string)) (size int64, err error) {
	if len(to) == 0 {
		return 0, errs.E(errs.Invalid, "a backup without a public key would be readable by anybody: give one with --backup-for")
	}
	if _, err := os.Lstat(path); err == nil {
		return 0, errs.E(errs.Conflict, "there is a file %s already", path)
	}
	part := path + partSuffix
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, told(err)
	}
	defer func() {
		if err != nil {
			os.Remove(part) //nolint:errcheck // the first error is the one to tell
		}
	}()
	step("before a copy is filled")
	err = fill(f, a, to, files, step)
	if err == nil {
		err = f.Sync()
	}
	var st os.FileInfo
	if err == nil {
		st, err = f.Stat()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, told(err)
	}
	step("before a copy has its name")
	if err = os.Rename(part, path); err == nil {
		err = SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return 0, told(err)
	}
	step("a copy has its name")
	return st.Size(), nil
}

// partSuffix marks a copy that is being written.
const partSuffix = ".part"

func fill(w io.Writer, a About, to []age.Recipient, files []Source, step func(string)) error {
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return err
	}
	a.Format = format
	t, e := tar.NewWriter(sealed), end{}
	put := func(name string, v any) error {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return add(t, name, int64(len(raw)), strings.NewReader(string(raw)))
	}
	if err := put(aboutName, a); err != nil {
		return err
	}
	for i, f := range files {
		n, err := f.into(t)
		if errors.Is(err, fs.ErrNotExist) && i > 0 { // an attachment that was dropped meanwhile
			continue
		}
		if err != nil {
			return err
		}
		e.Files, e.Bytes = e.Files+1, e.Bytes+n
		if i == 0 {
			step("the first file is in a copy")
		}
	}
	if err := put(endName, e); err != nil {
		return err
	}
	return errors.Join(t.Close(), sealed.Close())
}

func add(t *tar.Writer, name string, size int64, r io.Reader) error {
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.CopyN(t, r, size)
	return err
}

func (f Source) into(t *tar.Writer) (int64, error) {
	if f.Path == "" {
		return int64(len(f.Raw)), add(t, f.Name, int64(len(f.Raw)), strings.NewReader(string(f.Raw)))
	}
	in, err := os.Open(f.Path)
	if err != nil {
		return 0, err
	}
	defer in.Close() //nolint:errcheck // only read
	st, err := in.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), add(t, f.Name, st.Size(), in)
}

// inside is what may lie in a copy: nothing else is taken out of one.
var inside = regexp.MustCompile(`^(data\.db|keyring\.db|blobs/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32})$`)

// errNotWhole is for a copy that is cut short, altered, or not one.
var errNotWhole = errs.E(errs.Invalid, "that copy is not whole: it was cut short or altered; take another")

// Read takes a copy apart into an empty folder. It returns what the copy says of itself, and
// an error if it is not whole; then what lies in the folder is of no use.
func Read(path string, with []age.Identity, into string, step func(string)) (About, error) {
	var a About
	f, err := os.Open(path)
	if err != nil {
		return a, errs.E(errs.Invalid, "%s cannot be read: %w", path, err)
	}
	defer f.Close() //nolint:errcheck // only read
	plain, err := age.Decrypt(f, with...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return a, errs.E(errs.Invalid, "this backup key does not open %s: it was made for another", filepath.Base(path))
	}
	if err != nil {
		return a, errNotWhole
	}
	t, got := tar.NewReader(plain), end{}
	if err := part(t, aboutName, &a); err != nil {
		return a, err
	}
	if a.Format != format {
		return a, errs.E(errs.Invalid, "that copy is of version %d and this program reads version %d: use the program that wrote it", a.Format, format)
	}
	for {
		h, err := t.Next()
		if err != nil {
			return a, errNotWhole
		}
		if h.Name == endName {
			var want end
			if err := decode(t, &want); err != nil || want != got {
				return a, errNotWhole
			}
			break
		}
		if !inside.MatchString(h.Name) || h.Typeflag != tar.TypeReg {
			return a, errs.E(errs.Invalid, "that copy holds what no copy of ours does: %q", h.Name)
		}
		step("a file comes out of a copy")
		n, err := out(filepath.Join(into, filepath.FromSlash(h.Name)), t)
		if err != nil {
			return a, err
		}
		got.Files, got.Bytes = got.Files+1, got.Bytes+n
	}
	if _, err := io.Copy(io.Discard, plain); err != nil { // to the very end: it is authentic only then
		return a, errNotWhole
	}
	return a, syncAll(into)
}

func part(t *tar.Reader, name string, v any) error {
	h, err := t.Next()
	if err != nil || h.Name != name {
		return errNotWhole
	}
	return decode(t, v)
}

func decode(r io.Reader, v any) error {
	if json.NewDecoder(io.LimitReader(r, 1<<16)).Decode(v) != nil {
		return errNotWhole
	}
	return nil
}

func out(path string, r io.Reader) (int64, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, told(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, told(err)
	}
	n, err := io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		if told(err) != err { //nolint:errorlint // whether it has words
			return n, told(err)
		}
		return n, errors.Join(errNotWhole, err)
	}
	return n, nil
}

// syncAll makes the names in a folder, and below it, durable.
func syncAll(dir string) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return SyncDir(p)
	})
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// told gives the errors a person can do something about their words.
func told(err error) error {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.EFBIG):
		return errs.E(errs.Unavailable, "the disk is full: free some space; no copy was half-written: %w", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS), errors.Is(err, fs.ErrNotExist):
		return errs.E(errs.Unavailable, "the folder for copies cannot be written: check that it is there, its owner and permissions: %w", err)
	}
	return err
}

const stamp = "20060102-150405"

// Name is what a copy is called.
func Name(k Kind, at time.Time) string {
	return fmt.Sprintf("rapport-%s-%s.age", k, at.UTC().Format(stamp))
}

// Prune keeps the newest copies of a kind in a folder, and those that are not as old, and
// removes the others. It returns how many it removed. Files of other names are nobody's
// business here.
func Prune(dir string, k Kind, keep int, before time.Time) (int, error) {
	all, err := os.ReadDir(dir)
	if err != nil {
		return 0, told(err)
	}
	var old []string
	n := 0
	for _, d := range slices.Backward(all) { // by name is by time
		at, ok := strings.CutPrefix(d.Name(), "rapport-"+string(k)+"-")
		if !ok {
			continue
		}
		when, err := time.Parse(stamp+".age", at)
		if err != nil {
			continue
		}
		if n++; n > keep && when.Before(before) {
			old = append(old, d.Name())
		}
	}
	for _, name := range old {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return 0, told(err)
		}
	}
	return len(old), nil
}

// Just is one key to read a copy with.
func Just(k *age.X25519Identity) []age.Identity { return []age.Identity{k} }
