package blob

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/sys/unix"

	"rapport/errs"
	"rapport/record/internal/seal"
)

var (
	box  = seal.NewBox(seal.Key{1})
	here = Place{Instance: [16]byte{2}, Client: [16]byte{3}}
)

func do(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func folder(t testing.TB, dir string) *Folder {
	t.Helper()
	f, err := Open(dir)
	do(t, err)
	return f
}

// noise is n bytes that are their own.
func noise(n int) []byte {
	b := make([]byte, n)
	src := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	src.Read(b) //nolint:errcheck // it never fails
	return b
}

func put(t testing.TB, f *Folder, id ID, body []byte) {
	t.Helper()
	n, err := f.Write(t.Context(), id, box, here, bytes.NewReader(body))
	if err != nil || n != int64(len(body)) {
		t.Fatalf("%d written, %v", n, err)
	}
}

// files are all files below a folder, by their paths in it.
func files(t testing.TB, f *Folder) (out []string) {
	t.Helper()
	filepath.WalkDir(f.dir, func(p string, d os.DirEntry, err error) error { //nolint:errcheck // no folder, no files
		if err == nil && !d.IsDir() {
			out = append(out, strings.TrimPrefix(p, f.dir))
		}
		return err
	})
	return out
}

// sizes are where the layout of a file changes.
var sizes = []int{0, 1, 63, 64, 65, 1000, 1024, 1025, Chunk - 1, Chunk, Chunk + 1, 2*Chunk - 1, 2 * Chunk, 2*Chunk + 1, 5*Chunk + 12345, 8 * Chunk, 20*Chunk - 7}

func TestWhatIsWrittenIsReadFromAnywhere(t *testing.T) {
	t.Parallel()
	f := folder(t, t.TempDir())
	for i, n := range sizes {
		body, id := noise(n), ID{byte(i)}
		put(t, f, id, body)
		st, err := os.Stat(f.path(id))
		do(t, err)
		if st.Size() != fileSize(int64(n)) || st.Mode().Perm() != 0o600 {
			t.Errorf("%d bytes lie in %d, %v", n, st.Size(), st.Mode())
		}
		r, err := f.Open(id, box, here)
		do(t, err)
		if r.Size() != int64(n) {
			t.Errorf("size %d, want %d", r.Size(), n)
		}
		if n < 2*Chunk { // it reads byte by byte, too
			if err := iotest.TestReader(r, body); err != nil {
				t.Errorf("%d: %v", n, err)
			}
		}
		_, err = r.Seek(0, io.SeekStart)
		do(t, err)
		compare(t, r, bytes.NewReader(body), n)
		do(t, r.Close())
		if _, err := r.ReadAt(make([]byte, 1), 0); n > 0 && !errors.Is(err, os.ErrClosed) {
			t.Errorf("closed, it says %v", err)
		}
	}
	all, err := f.List(t.Context())
	if err != nil || len(all) != len(sizes) || !slices.IsSortedFunc(all, func(a, b ID) int { return bytes.Compare(a[:], b[:]) }) {
		t.Errorf("%d are there, %v", len(all), err)
	}
}

type seeker interface {
	io.ReadSeeker
	io.ReaderAt
}

// compare does to both whatever can be done, at random.
func compare(t *testing.T, got, want seeker, n int) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range 400 {
		long := []int{1, 17, 4096, Chunk, Chunk + 1, 3 * Chunk}[rnd.IntN(6)]
		a, b := make([]byte, long), make([]byte, long)
		off := rnd.Int64N(int64(n)+100) - 20
		var x, y int64
		var errX, errY error
		switch rnd.IntN(4) {
		case 0:
			k, err := got.ReadAt(a, off)
			m, err2 := want.ReadAt(b, off)
			x, y, errX, errY = int64(k), int64(m), err, err2
		case 1:
			k, err := io.ReadFull(got, a)
			m, err2 := io.ReadFull(want, b)
			x, y, errX, errY = int64(k), int64(m), err, err2
		default:
			from := rnd.IntN(4)
			x, errX = got.Seek(off, from)
			y, errY = want.Seek(off, from)
		}
		if x != y || !bytes.Equal(a, b) || (errX == nil) != (errY == nil) || errors.Is(errX, io.EOF) != errors.Is(errY, io.EOF) {
			t.Fatalf("%d bytes, step %d: %d, %v; want %d, %v", n, i, x, errX, y, errY)
		}
	}
}

func TestManyReadOneAtOnce(t *testing.T) {
	t.Parallel()
	f := folder(t, t.TempDir())
	body := noise(7*Chunk + 99)
	put(t, f, ID{}, body)
	r, err := f.Open(ID{}, box, here)
	do(t, err)
	defer r.Close() //nolint:errcheck // only read
	done := make(chan error)
	for g := range 8 {
		go func() {
			rnd := rand.New(rand.NewPCG(uint64(g), 2))
			for range 100 {
				off := rnd.IntN(len(body))
				b := make([]byte, min(len(body)-off, 2*Chunk))
				if _, err := r.ReadAt(b, int64(off)); err != nil || !bytes.Equal(b, body[off:off+len(b)]) {
					done <- fmt.Errorf("at %d: %w", off, err)
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		do(t, <-done)
	}
}

// serves fails if a file gives a byte that is not its own, or nobody notices that it
// is wrong.
func serves(t *testing.T, what string, f *Folder, id ID, b seal.Box, of Place, body []byte) {
	t.Helper()
	r, err := f.Open(id, b, of)
	if err != nil {
		if !errs.Is(err, errs.Internal) && !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	defer r.Close() //nolint:errcheck // only read
	bad := 0
	for off := int64(0); off < r.Size(); off += Chunk {
		p := make([]byte, min(Chunk, r.Size()-off))
		n, err := r.ReadAt(p, off)
		if err != nil {
			bad++
		}
		if off+int64(n) > int64(len(body)) || !bytes.Equal(p[:n], body[off:off+int64(n)]) || err != nil && n > 0 {
			t.Errorf("%s: %d bytes of something else at %d", what, n, off)
		}
	}
	// the last chunks may hold padding alone, which nobody reads
	for i := (r.Size() + Chunk - 1) / Chunk; i*Chunk < padded(r.Size()); i++ {
		if r.touch(i) != nil {
			bad++
		}
	}
	if bad == 0 {
		t.Errorf("%s: nobody notices", what)
	}
}

func TestNothingOfAFileThatWasChangedIsServed(t *testing.T) {
	t.Parallel()
	f := folder(t, t.TempDir())
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 100, 3*Chunk + 5000} {
		id, body := ID{byte(n), byte(n >> 8)}, noise(n)
		put(t, f, id, body)
		was, err := os.ReadFile(f.path(id))
		do(t, err)
		spoil := func(what string, b []byte) {
			t.Helper()
			if bytes.Equal(b, was) {
				return
			}
			do(t, os.WriteFile(f.path(id), b, 0o600))
			serves(t, fmt.Sprintf("%d bytes, %s", n, what), f, id, box, here, body)
		}
		flip := func(i int) {
			b := bytes.Clone(was)
			b[i] ^= 1 << rnd.IntN(8)
			spoil(fmt.Sprintf("flipped at %d", i), b)
		}
		edges := []int{0, len(was)}
		for i := headSize; i < len(was); i += sealedSize {
			edges = append(edges, i)
		}
		for i := range was {
			near := slices.ContainsFunc(edges, func(e int) bool { return i-e < 40 && e-i < 20 })
			if len(was) < 1000 || near || rnd.IntN(1000) == 0 {
				flip(i)
			}
		}
		for _, e := range edges {
			for _, cut := range []int{e - 1, e, e + 1} {
				if cut >= 0 && cut <= len(was) {
					spoil(fmt.Sprintf("cut at %d", cut), was[:cut])
					spoil(fmt.Sprintf("lengthened by %d", cut+1), append(bytes.Clone(was), was[:cut+1]...))
				}
			}
		}
		for i := headSize; i+sealedSize <= len(was); i += sealedSize {
			for j := i + sealedSize; j+sealedSize <= len(was); j += sealedSize {
				b := bytes.Clone(was)
				copy(b[i:], was[j:j+sealedSize])
				spoil("a chunk twice", b)
				copy(b[j:], was[i:i+sealedSize])
				spoil("chunks swapped", b)
			}
		}
		do(t, os.WriteFile(f.path(id), was, 0o600))
		r, err := f.Open(id, box, here)
		do(t, err)
		do(t, r.Close())
	}
}

func TestAFileOpensNowhereElse(t *testing.T) {
	t.Parallel()
	f := folder(t, t.TempDir())
	body := noise(2*Chunk + 10)
	id, other := ID{1}, ID{9}
	put(t, f, id, body)
	b, err := os.ReadFile(f.path(id))
	do(t, err)
	do(t, os.MkdirAll(filepath.Dir(f.path(other)), 0o700))
	do(t, os.WriteFile(f.path(other), b, 0o600))
	serves(t, "under another name", f, other, box, here, body)
	serves(t, "with another key", f, id, seal.NewBox(seal.Key{7}), here, body)
	serves(t, "with no key", f, id, seal.Box{}, here, body)
	serves(t, "another client's", f, id, box, Place{here.Instance, [16]byte{8}}, body)
	serves(t, "another practice's", f, id, box, Place{[16]byte{8}, here.Client}, body)
	if _, err := f.Open(ID{4}, box, here); !errs.Is(err, errs.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
	// a chunk of another blob of the same client, and one that says it is the last
	put(t, f, ID{2}, noise(2*Chunk+11))
	c, err := os.ReadFile(f.path(ID{2}))
	do(t, err)
	do(t, os.WriteFile(f.path(id), append(bytes.Clone(b[:headSize]), c[headSize:]...), 0o600))
	serves(t, "another blob's chunks", f, id, box, here, body)
	forged := box.Seal(nil, body[:Chunk], piece(here.bound(id), 0, true))
	do(t, os.WriteFile(f.path(id), slices.Concat(b[:headSize], forged, b[headSize+sealedSize:]), 0o600))
	serves(t, "a first chunk that is the last", f, id, box, here, body)
}

func TestTheFileSaysLittle(t *testing.T) {
	t.Parallel()
	f := folder(t, t.TempDir())
	mark := []byte("Zanzibar-marked-content")
	put(t, f, ID{1}, bytes.Repeat(mark, 9000))
	b, err := os.ReadFile(f.path(ID{1}))
	do(t, err)
	if bytes.Contains(b, mark) {
		t.Error("the content is on the disk")
	}
	lengths := map[int64]bool{}
	for n := int64(0); n < 200<<20; n += 997 {
		lengths[fileSize(n)] = true
	}
	if len(lengths) > 150 {
		t.Errorf("files of up to 200 MB have %d lengths", len(lengths))
	}
}

var errBroke = errors.New("the connection broke off")

func TestNothingHalfWrittenStays(t *testing.T) {
	t.Parallel()
	f := folder(t, t.TempDir())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		r    io.Reader
		want error
	}{
		"a reader that fails":          {t.Context(), io.MultiReader(bytes.NewReader(noise(2*Chunk)), iotest.ErrReader(errBroke)), errBroke},
		"a connection that broke off":  {t.Context(), io.MultiReader(bytes.NewReader(noise(100)), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF},
		"one who went away":            {gone, bytes.NewReader(noise(2 * Chunk)), context.Canceled},
		"a reader that gives nothing":  {t.Context(), stuck{}, io.ErrNoProgress},
		"a reader that fails at first": {t.Context(), iotest.ErrReader(errBroke), errBroke},
	} {
		if n, err := f.Write(c.ctx, ID{1}, box, here, c.r); n != 0 || !errors.Is(err, c.want) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		if got := files(t, f); len(got) > 0 {
			t.Errorf("%s leaves %q", name, got)
		}
	}
	// readers that give little at a time, and their end with the last of it
	for i, r := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
		body, id := noise(Chunk+Chunk/2), ID{2, byte(i)}
		if _, err := f.Write(t.Context(), id, box, here, r(bytes.NewReader(body))); err != nil {
			t.Fatal(err)
		}
		x, err := f.Open(id, box, here)
		do(t, err)
		got, err := io.ReadAll(x)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("reader %d: %d bytes, %v", i, len(got), err)
		}
		do(t, x.Close())
	}
	put(t, f, ID{3}, []byte("first"))
	if _, err := f.Write(t.Context(), ID{3}, box, here, strings.NewReader("second")); !errs.Is(err, errs.Conflict) {
		t.Errorf("written over: %v", err)
	}
	r, err := f.Open(ID{3}, box, here)
	do(t, err)
	if got, err := io.ReadAll(r); string(got) != "first" || err != nil {
		t.Errorf("now it is %q, %v", got, err)
	}
	do(t, errors.Join(r.Close(), f.Remove(ID{3}), f.Remove(ID{3})))
	if has, err := f.Has(ID{3}); has || err != nil {
		t.Errorf("removed, it is there: %t, %v", has, err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestACrashLeavesNothingThatAStartKnows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := folder(t, dir)
	put(t, f, ID{1}, noise(10))
	do(t, os.WriteFile(filepath.Join(f.dir, fresh, ID{2}.String()), noise(99), 0o600))
	stray := filepath.Join(f.dir, "00", "notes.txt")
	do(t, os.MkdirAll(filepath.Dir(stray), 0o700))
	do(t, os.WriteFile(stray, nil, 0o600))
	for range 2 {
		if all, err := f.List(t.Context()); err != nil || len(all) != 1 || all[0] != (ID{1}) {
			t.Errorf("%v, %v", all, err)
		}
		f = folder(t, dir)
	}
	if got := files(t, f); len(got) != 2 {
		t.Errorf("after a start there is %q", got)
	}
	if all, err := folder(t, t.TempDir()).List(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("of no folder: %v, %v", all, err)
	}
}

func TestAFullDiskSaysSoAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a disk to fill cannot be made here: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) }) //nolint:errcheck // nothing to be done
	f := folder(t, dir)
	for range 20 {
		_, err := f.Write(t.Context(), ID{1}, box, here, bytes.NewReader(noise(2<<20)))
		if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "the disk is full") {
			t.Fatal(err)
		}
		if got := files(t, f); len(got) > 0 {
			t.Fatalf("it leaves %q", got)
		}
	}
	put(t, f, ID{1}, noise(500<<10)) // what fits goes on being kept
	do(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	_, err := f.Write(t.Context(), ID{2}, box, here, bytes.NewReader(noise(9)))
	if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "check its owner and permissions") {
		t.Error(err)
	}
}

func TestAnIDIsWrittenOneWay(t *testing.T) {
	t.Parallel()
	id := ID{0xab, 15: 0xcd}
	if got, ok := ParseID(id.String()); !ok || got != id {
		t.Errorf("%s comes back as %s", id, got)
	}
	for _, s := range []string{"", "ab", strings.ToUpper(id.String()), id.String() + "00", "../../../../../../../etc/passwd00"} {
		if _, ok := ParseID(s); ok {
			t.Errorf("%q is an id", s)
		}
	}
}

func FuzzHeader(f *testing.F) {
	bound := here.bound(ID{1})
	// sealed once, for the workers are processes of their own and must know the same one
	good, err := hex.DecodeString("01100199209801264d0f77102191ab83649eb9a52011e72161665f268b2de67d2e7af030085627")
	if size, err2 := readHead(good, box, bound); size != 0 || err != nil || err2 != nil {
		f.Fatal("the header is read no more: ", err, err2)
	}
	f.Add(good, uint64(5))
	f.Add(good[:9], uint64(1<<63))
	f.Add([]byte{}, uint64(longest+1))
	f.Fuzz(func(t *testing.T, b []byte, n uint64) {
		if size, err := readHead(b, box, bound); err == nil && !bytes.Equal(b, good) {
			t.Errorf("%x is the header of %d bytes", b, size)
		}
		// one that was sealed here may say anything
		size, err := readHead(box.Seal([]byte{version, chunkLog}, []byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, head(bound)), box, bound)
		if (err == nil) != (n <= longest) || err == nil && (uint64(size) != n || fileSize(size) <= size) {
			t.Errorf("%d: %d, %v", n, size, err)
		}
	})
}

// BenchmarkRange reads the last 64 KB of a blob of 100 MB: opened, read and closed.
func BenchmarkRange(b *testing.B) {
	f := folder(b, b.TempDir())
	put(b, f, ID{1}, make([]byte, 100<<20))
	p := make([]byte, Chunk)
	b.ReportAllocs()
	for b.Loop() {
		r, err := f.Open(ID{1}, box, here)
		if err == nil {
			_, err = r.ReadAt(p, r.Size()-Chunk-7)
		}
		if err = errors.Join(err, r.Close()); err != nil {
			b.Fatal(err)
		}
	}
}

// zeros is a reader of n zeros, which holds none.
type zeros struct{ n int }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	k := min(len(p), z.n)
	clear(p[:k])
	z.n -= k
	return k, nil
}

// BenchmarkWrite seals and syncs 10 MB.
func BenchmarkWrite(b *testing.B) {
	f := folder(b, b.TempDir())
	b.SetBytes(10 << 20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Write(b.Context(), ID{1}, box, here, &zeros{10 << 20}); err != nil {
			b.Fatal(err)
		}
		do(b, f.Remove(ID{1}))
	}
}

// BenchmarkRead reads 100 MB from beginning to end.
func BenchmarkRead(b *testing.B) {
	f := folder(b, b.TempDir())
	if _, err := f.Write(b.Context(), ID{1}, box, here, &zeros{100 << 20}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(100 << 20)
	b.ReportAllocs()
	for b.Loop() {
		r, err := f.Open(ID{1}, box, here)
		do(b, err)
		_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, make([]byte, 32<<10))
		do(b, errors.Join(err, r.Close()))
	}
}
