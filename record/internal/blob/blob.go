// Package blob keeps big things, each a file of its own: photos, voice and video,
// sealed in chunks so that any piece of one is read without the rest. Every chunk is
// bound to the practice, the client, the blob, its place in it and whether it is the
// last, and the length is sealed and padded.
//
// It refuses to hand out a byte of what was cut, lengthened, reordered, swapped or
// moved to another client; to write over a blob that is there; and to leave anything
// half-written under a blob's name. Whose a blob is, and how long it stays, it does
// not know.
package blob

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"rapport/errs"
	"rapport/record/internal/seal"
)

// ID names a blob: 16 random bytes, drawn anew for each.
type ID [16]byte

// String returns the id as its file is named: 32 hex digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID is the inverse of String, and takes nothing else.
func ParseID(s string) (ID, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(ID{}) || ID(b).String() != s {
		return ID{}, false
	}
	return ID(b), true
}

// Place is where a blob belongs: an installation, and a client's pseudonym in it.
type Place struct{ Instance, Client [16]byte }

// The layout of a file: a header, then the chunks.
const (
	version  = 1
	chunkLog = 16
	// Chunk is how many bytes are sealed together, the last chunk apart.
	Chunk      = 1 << chunkLog
	headSize   = 2 + 8 + seal.Overhead // version, chunkLog, the sealed length
	sealedSize = Chunk + seal.Overhead
	longest    = 1 << 40
)

// bound is what a piece of a blob is bound to.
func (p Place) bound(id ID) []byte {
	b := append([]byte("rapport/blob "), p.Instance[:]...)
	return append(append(b, p.Client[:]...), id[:]...)
}

// head and piece add to bound which piece it is.
func head(bound []byte) []byte { return append(bound, 'h', version, chunkLog) }

func piece(bound []byte, n int64, last bool) []byte {
	bound = binary.BigEndian.AppendUint64(append(bound, 'c'), uint64(n)) //nolint:gosec // chunks count up from 0
	if last {
		return append(bound, 1)
	}
	return append(bound, 0)
}

// padded is how many bytes are sealed for a blob of a size; a blob of none looks like
// one of a few.
func padded(size int64) int64 { return int64(seal.Bucket(int(max(size, 1)))) }

// fileSize is how long the file of a blob of a size is.
func fileSize(size int64) int64 {
	p := padded(size)
	return headSize + p + (p+Chunk-1)/Chunk*seal.Overhead
}

// Folder is where blobs lie. It is safe for concurrent use, by the one process that
// holds the data folder. The folder itself is made with the first blob.
type Folder struct{ dir string }

// fresh is the folder of what is being written.
const fresh = "new"

// Open returns the folder of blobs in dir, and clears what a crash left half-written.
func Open(dir string) (*Folder, error) {
	f := &Folder{filepath.Join(dir, "blobs")}
	if err := os.RemoveAll(filepath.Join(f.dir, fresh)); err != nil {
		return nil, fmt.Errorf("blob: open: %w", told(err))
	}
	return f, nil
}

// Peek returns the folder of blobs in dir to list them, while another process may be
// writing there.
func Peek(dir string) *Folder { return &Folder{filepath.Join(dir, "blobs")} }

// path is where a blob lies: two folders deep, so that none grows long.
func (f *Folder) path(id ID) string {
	name := id.String()
	return filepath.Join(f.dir, name[:2], name[2:4], name)
}

// told gives the errors a person can do something about their words.
func told(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.EFBIG):
		return errs.E(errs.Unavailable, "the disk is full: free some space; nothing was half-written: %w", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS):
		return errs.E(errs.Unavailable, "the data folder cannot be written: check its owner and permissions: %w", err)
	case errors.Is(err, unix.EIO):
		return errs.E(errs.Unavailable, "the disk gave an error: %w", err)
	}
	return err
}

// Write keeps what r gives as the blob id, durably, and returns its size in bytes.
// Whatever goes wrong, nothing of it is there afterwards; a crash leaves nothing that
// List or Open know. A full disk is errs.Unavailable, a blob of that name that is
// there errs.Conflict.
func (f *Folder) Write(ctx context.Context, id ID, box seal.Box, of Place, r io.Reader) (int64, error) {
	size, err := f.write(ctx, id, box, of, r)
	if err != nil {
		return 0, fmt.Errorf("blob: write: %w", told(err))
	}
	return size, nil
}

func (f *Folder) write(ctx context.Context, id ID, box seal.Box, of Place, r io.Reader) (size int64, err error) {
	tmp, path := filepath.Join(f.dir, fresh, id.String()), f.path(id)
	for _, d := range []string{filepath.Dir(tmp), filepath.Dir(path)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return 0, err
		}
	}
	file, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return 0, errs.E(errs.Conflict, "blob %s is being written", id)
	}
	if err != nil {
		return 0, err
	}
	at := tmp
	defer func() {
		if err != nil {
			os.Remove(at) //nolint:errcheck // the first error is the one to tell; what is left has no object, and is swept
		}
	}()
	if _, err = os.Lstat(path); err == nil { // ids are drawn: it is written once
		err = errs.E(errs.Conflict, "blob %s is there already", id)
	} else if errors.Is(err, fs.ErrNotExist) {
		size, err = fill(ctx, file, box, of.bound(id), r)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return 0, err
	}
	if err = os.Rename(tmp, path); err != nil {
		return 0, err
	}
	at = path
	// all of them, even those that were there: who made one may not have got to it yet
	for _, d := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path)), f.dir, filepath.Dir(f.dir)} {
		if err = syncDir(d); err != nil {
			return 0, err
		}
	}
	return size, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// fill seals what r gives into a file. The length comes last, when it is known.
func fill(ctx context.Context, file io.WriteSeeker, box seal.Box, bound []byte, r io.Reader) (int64, error) {
	if _, err := file.Seek(headSize, io.SeekStart); err != nil {
		return 0, err
	}
	plain, ahead, sealed := make([]byte, Chunk), make([]byte, Chunk), make([]byte, 0, sealedSize)
	keep := func(i int64, b []byte, last bool) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, err := file.Write(box.Seal(sealed, b, piece(bound, i, last)))
		return err
	}
	n, err := whole(r, plain)
	if err != nil {
		return 0, err
	}
	size, i := int64(n), int64(0)
	for ; n == Chunk; i++ { // whether a chunk is the last is known when the next is read
		if n, err = whole(r, ahead); err != nil {
			return 0, err
		}
		if n == 0 {
			n = Chunk
			break
		}
		if size += int64(n); size > longest {
			return 0, errs.E(errs.Invalid, "blob: too long")
		}
		if err := keep(i, plain, false); err != nil {
			return 0, err
		}
		plain, ahead = ahead, plain
	}
	for end := padded(size); i*Chunk < end; i++ { // the rest, and zeros
		clear(plain[n:])
		if err := keep(i, plain[:min(Chunk, end-i*Chunk)], (i+1)*Chunk >= end); err != nil {
			return 0, err
		}
		n = 0
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	h := box.Seal([]byte{version, chunkLog}, binary.BigEndian.AppendUint64(nil, uint64(size)), head(bound)) //nolint:gosec // never negative
	_, err = file.Write(h)
	return size, err
}

// whole fills b from r; n < len(b) says that r ended. It is not io.ReadFull, which
// calls a connection that broke off the same as one that ended.
func whole(r io.Reader, b []byte) (n int, err error) {
	for idle := 0; n < len(b) && err == nil; {
		var k int
		k, err = r.Read(b[n:])
		if n += k; k > 0 {
			idle = 0
		} else if idle++; idle > 100 {
			return n, io.ErrNoProgress
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// Remove removes a blob; one that is not there is no error. Who has it open reads on.
func (f *Folder) Remove(id ID) error {
	if err := os.Remove(f.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: remove: %w", told(err))
	}
	return nil
}

// Has reports that a blob is there, without opening it.
func (f *Folder) Has(id ID) (bool, error) {
	_, err := os.Lstat(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("blob: look: %w", told(err))
	}
	return true, nil
}

// List returns every blob that is there, in order. What is not named like a blob is
// not ours, and left out.
func (f *Folder) List(ctx context.Context) ([]ID, error) {
	var out []ID
	err := filepath.WalkDir(f.dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == fresh && filepath.Dir(p) == f.dir {
				return fs.SkipDir
			}
			return nil
		}
		if id, ok := ParseID(d.Name()); ok && f.path(id) == p {
			out = append(out, id)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("blob: list: %w", told(err))
	}
	return out, nil
}
