package blob

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"rapport/errs"
	"rapport/record/internal/seal"
)

// errDamaged is for a file that is not what was written for that blob and place.
var errDamaged = errs.E(errs.Internal, "blob: does not open: altered, cut, moved or sealed under another key")

// Reader reads a blob from anywhere in it. It opens the chunks that are touched, one
// at a time, and holds 128 KB however long the blob is. ReadAt is safe for concurrent
// use. What is wrong with a chunk is an error before a byte of that chunk is given.
type Reader struct {
	file  *os.File
	box   seal.Box
	bound []byte
	size  int64

	mu     sync.Mutex
	off    int64
	have   int64  // which chunk is in plain; -1 for none
	plain  []byte // one opened chunk
	sealed []byte
}

var (
	_ io.ReadSeekCloser = (*Reader)(nil)
	_ io.ReaderAt       = (*Reader)(nil)
)

// Open opens a blob to be read; errs.NotFound if there is none, errs.Internal if the
// file is not what was written under that name, for that place and with that key.
func (f *Folder) Open(id ID, box seal.Box, of Place) (*Reader, error) {
	file, err := os.Open(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.E(errs.NotFound, "blob: no such blob")
	}
	if err != nil {
		return nil, fmt.Errorf("blob: open: %w", told(err))
	}
	r := &Reader{file: file, box: box, bound: of.bound(id), have: -1}
	if err := r.measure(); err != nil {
		file.Close() //nolint:errcheck // only read
		return nil, err
	}
	return r, nil
}

// measure reads the header, and holds the file to it.
func (r *Reader) measure() error {
	var h [headSize]byte
	if _, err := io.ReadFull(r.file, h[:]); err != nil {
		return broken(err)
	}
	size, err := readHead(h[:], r.box, r.bound)
	if err != nil {
		return err
	}
	st, err := r.file.Stat()
	if err != nil {
		return fmt.Errorf("blob: open: %w", told(err))
	}
	if st.Size() != fileSize(size) {
		return errDamaged
	}
	r.size = size
	return nil
}

// broken tells a file that ends too early from a disk that fails.
func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errDamaged
	}
	return fmt.Errorf("blob: read: %w", told(err))
}

// readHead returns the length that a header says.
func readHead(h []byte, box seal.Box, bound []byte) (int64, error) {
	if len(h) != headSize || h[0] != version || h[1] != chunkLog {
		return 0, errDamaged
	}
	b, err := box.Open(nil, h[2:], head(bound))
	if err != nil || len(b) != 8 {
		return 0, errDamaged
	}
	n := binary.BigEndian.Uint64(b)
	if n > longest {
		return 0, errDamaged
	}
	return int64(n), nil
}

// Size returns the length in bytes of what was written.
func (r *Reader) Size() int64 { return r.size }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	n, err := r.some(p, r.off)
	r.off += int64(n)
	return n, err
}

// ReadAt implements io.ReaderAt.
func (r *Reader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errs.E(errs.Invalid, "blob: a place before the beginning")
	}
	for n < len(p) && err == nil {
		var k int
		r.mu.Lock()
		k, err = r.some(p[n:], off+int64(n))
		r.mu.Unlock()
		n += k
	}
	if n == len(p) && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// Seek implements io.Seeker.
func (r *Reader) Seek(off int64, from int) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch from {
	case io.SeekStart:
	case io.SeekCurrent:
		off += r.off
	case io.SeekEnd:
		off += r.size
	default:
		return 0, errs.E(errs.Invalid, "blob: a place from nowhere")
	}
	if off < 0 {
		return 0, errs.E(errs.Invalid, "blob: a place before the beginning")
	}
	r.off = off
	return off, nil
}

// some reads what the chunk at a place has, under the lock.
func (r *Reader) some(p []byte, off int64) (int, error) {
	if off >= r.size {
		return 0, io.EOF
	}
	if err := r.touch(off / Chunk); err != nil {
		return 0, err
	}
	from := off % Chunk
	return copy(p, r.plain[from:min(int64(len(r.plain)), from+r.size-off)]), nil
}

// touch opens a chunk.
func (r *Reader) touch(i int64) error {
	if r.have == i {
		return nil
	}
	if r.sealed == nil {
		r.sealed, r.plain = make([]byte, sealedSize), make([]byte, 0, Chunk)
	}
	r.have = -1
	end := padded(r.size)
	want := int(min(Chunk, end-i*Chunk))
	b := r.sealed[:want+seal.Overhead]
	if _, err := r.file.ReadAt(b, headSize+i*sealedSize); err != nil {
		return broken(err)
	}
	plain, err := r.box.Open(r.plain[:0], b, piece(r.bound, i, (i+1)*Chunk >= end))
	if err != nil || len(plain) != want {
		return errDamaged
	}
	r.have, r.plain = i, plain
	return nil
}

// Close implements io.Closer. Nothing opened stays in memory.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.plain[:cap(r.plain)])
	r.have = -1
	return r.file.Close()
}
