package keyring

import (
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/argon2"

	"rapport/errs"
	"rapport/record/internal/seal"
)

// Master wraps and unwraps the key-encryption keys. It is all that a key store
// elsewhere would have to do.
type Master interface {
	// Wrap returns the wrapped form of a key.
	Wrap(k seal.Key) ([]byte, error)
	// Unwrap returns the key; an error if this is not the Master that wrapped it.
	Unwrap(wrapped []byte) (seal.Key, error)
}

type boxMaster struct{ box seal.Box }

var masterPlace = []byte("rapport/master")

func (m boxMaster) Wrap(k seal.Key) ([]byte, error) { return m.box.Seal(nil, k[:], masterPlace), nil }

func (m boxMaster) Unwrap(wrapped []byte) (seal.Key, error) {
	b, err := m.box.Open(nil, wrapped, masterPlace)
	if err != nil || len(b) != len(seal.Key{}) {
		return seal.Key{}, errWrongMaster
	}
	return seal.Key(b), nil
}

var errWrongMaster = errors.New("the key does not fit this practice")

const keyFileHead = "rapport-master-key-1 "

// FileMaster reads the master key from a file that only its owner may read.
func FileMaster(path string) (Master, error) {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.E(errs.Unavailable, "key file %s is not there: give the right one with --key-file", path)
	}
	if err != nil {
		return nil, errs.E(errs.Unavailable, "key file %s cannot be read: %w", path, err)
	}
	if !st.Mode().IsRegular() {
		return nil, errs.E(errs.Unavailable, "key file %s is not a rapport key file", path)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, errs.E(errs.Unavailable, "key file %s may be read by others: run chmod 600 %s", path, path)
	}
	if st.Size() > 4096 {
		return nil, errs.E(errs.Unavailable, "key file %s is not a rapport key file", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, errs.E(errs.Unavailable, "key file %s cannot be read: %w", path, err)
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(string(b)), keyFileHead)
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) != len(seal.Key{}) {
		return nil, errs.E(errs.Unavailable, "key file %s is not a rapport key file, or is cut short: bring back your copy of it", path)
	}
	return boxMaster{seal.NewBox(seal.Key(raw))}, nil
}

// NewKeyFile writes a new master key to a file that must not exist yet, durably.
// A crash on the way leaves no such file, and the next try succeeds.
func NewKeyFile(path string, rand io.Reader) error {
	k, err := seal.NewKey(rand)
	if err != nil {
		return err
	}
	tmp := path + ".new"
	os.Remove(tmp) //nolint:errcheck // left over from a crash, or not there
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errs.E(errs.Unavailable, "key file %s cannot be made: %w", path, err)
	}
	_, err = f.WriteString(keyFileHead + base64.StdEncoding.EncodeToString(k[:]) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Link(tmp, path) // unlike a rename, it takes no other key's place
	}
	os.Remove(tmp) //nolint:errcheck // the key is under its own name, or was never used
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return errs.E(errs.Unavailable, "key file %s cannot be written: %w", path, err)
	}
	return nil
}

// syncDir makes the names in a folder durable: the keyring is worth nothing if
// its key file is gone after a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}

// The Argon2id parameters: 64 MiB, 3 passes, 4 lanes; about 90 ms on a small
// server (RFC 9106, second recommended option).
const (
	argonTime    = 3
	argonMemory  = 64 << 10 // KiB
	argonThreads = 4
	saltSize     = 16
)

// passMaster derives the master key from a passphrase typed at start.
func passMaster(passphrase string, salt []byte) Master {
	k := argon2.IDKey([]byte(passphrase), salt, argonTime, argonMemory, argonThreads, uint32(len(seal.Key{})))
	return boxMaster{seal.NewBox(seal.Key(k))}
}
