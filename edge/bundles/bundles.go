// Package bundles takes FHIR R4 Bundles and NDJSON from files into charts: it
// resolves the references between entries, sorts every resource into the chart
// of the one person it is about or among what the practice shares, and hands
// whole bundles to the gate. It refuses to keep half of a transaction, to guess
// whom a resource is about, to change what is here already unless the file says
// that it knows better, and to follow a reference out of the files it was given.
package bundles

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"rapport/account"
	"rapport/errs"
	"rapport/record"
)

// The bounds on what is taken.
const (
	maxBundle   = 256 << 20 // bytes of one Bundle; NDJSON streams and has no such bound
	maxResource = 16 << 20  // bytes of one resource
	maxLines    = 1000      // NDJSON lines kept in one commit
	maxBatch    = 4 << 20   // bytes of NDJSON kept in one commit
	maxCharts   = 1000      // charts kept open for one NDJSON file
	large       = 32 << 20  // bytes of a Bundle that is read with no other large one
)

// Refusal is one thing that was not taken.
type Refusal struct {
	File   string
	Entry  string // which entry or line, "" for the whole file
	Reason string
}

// String writes the refusal as one line.
func (r Refusal) String() string {
	if r.Entry == "" {
		return r.File + ": " + r.Reason
	}
	return r.File + ": " + r.Entry + ": " + r.Reason
}

// Report says what an import did.
type Report struct {
	Files     int // read to the end
	Skipped   int // taken before, and not read again
	Clients   int // new charts
	Written   int // resources written
	Unchanged int // resources that were there already
	Kept      int // shared resources that were there with other content, which stays
	Shared    int // of those written, resources every chart shares
	Proposals int // pairs that may be one person, for staff to decide
	Refused   []Refusal
}

func (r *Report) add(s Report) {
	r.Files += s.Files
	r.Skipped += s.Skipped
	r.Clients += s.Clients
	r.Written += s.Written
	r.Unchanged += s.Unchanged
	r.Kept += s.Kept
	r.Shared += s.Shared
	r.Proposals += s.Proposals
	r.Refused = append(r.Refused, s.Refused...)
}

// sort puts refusals in the order of the files and of what is in them.
func (r *Report) sort(paths []string) {
	place := make(map[string]int, len(paths))
	for i, p := range slices.Backward(paths) {
		place[p] = i
	}
	number := func(x Refusal) int {
		_, n, _ := strings.Cut(x.Entry, " ")
		if i, err := strconv.Atoi(n); err == nil {
			return i
		}
		return math.MaxInt // of the whole file: after what is in it
	}
	slices.SortStableFunc(r.Refused, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(place[a.File], place[b.File]), cmp.Compare(number(a), number(b)))
	})
}

// Importer brings files in.
type Importer struct {
	v        *record.Vault
	who      account.Actor
	dir      *record.Directory
	practice *record.Practice
	shared   *shared
	step     func(n int64)
	big      sync.Mutex // held while a large Bundle is in memory

	mu       sync.Mutex
	claimed  map[[32]byte]*source // by digest, of this call
	disputes map[string]bool      // ids of Patients that two people have, of this call
}

// New returns an Importer. step, if not nil, is told how many bytes were read
// since it was last called, possibly from several goroutines; over a call of
// Files that was not stopped they add up to the sizes of the files.
func New(ctx context.Context, v *record.Vault, who account.Actor, step func(n int64)) (*Importer, error) {
	dir, err := v.OpenDirectory(ctx, who, record.Importing)
	if err != nil {
		return nil, err
	}
	p, err := v.OpenPractice(ctx, who, record.Importing)
	if err != nil {
		return nil, err
	}
	sh, err := loadShared(ctx, p)
	if err != nil {
		return nil, err
	}
	if step == nil {
		step = func(int64) {}
	}
	return &Importer{v: v, who: who, dir: dir, practice: p, shared: sh, step: step}, nil
}

// workers is how many files are read at once: the two cores of a small server.
const workers = 2

var (
	// errWait is what a file says that points at something another file may bring.
	errWait  = errors.New("bundles: waits for another file")
	errMoved = errors.New("changed while it was being read: import it again")
)

// fileError is an error of one file, not of the import.
type fileError struct{ error }

// Unwrap returns the cause.
func (e fileError) Unwrap() error { return e.error }

// Files brings files in, in any order they need. What could not be taken is in
// the report; the error is for what stopped the import as a whole, and then
// running it again goes on where it stopped.
func (im *Importer) Files(ctx context.Context, paths []string) (Report, error) {
	var rep Report
	im.claimed, im.disputes = map[[32]byte]*source{}, map[string]bool{}
	left := order(paths)
	// Every round takes what it can; what points at something not yet here waits
	// for the next, as long as a round makes what waits less.
	for before, last := -1, false; len(left) > 0; {
		waiting, err := im.round(ctx, left, last, &rep)
		if err != nil {
			return rep, err
		}
		now := 0
		for _, s := range waiting {
			now += max(1, len(s.held))
		}
		last = len(waiting) == len(left) && now == before
		left, before = waiting, now
	}
	rep.sort(paths)
	return rep, nil
}

// round reads files and returns those that wait.
func (im *Importer) round(ctx context.Context, files []*source, last bool, rep *Report) ([]*source, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var waiting []*source
	var failed error
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// files of one class may be read side by side; the next class needs them all
	for len(files) > 0 && failed == nil && ctx.Err() == nil {
		n := 1
		for n < len(files) && files[n].class == files[0].class {
			n++
		}
		todo := make(chan *source, n)
		for _, s := range files[:n] {
			todo <- s
		}
		close(todo)
		for range min(workers, n) {
			wg.Go(func() {
				for s := range todo {
					if ctx.Err() != nil {
						return
					}
					r, err := im.file(ctx, s, last)
					mu.Lock()
					rep.add(r)
					switch {
					case errors.Is(err, errWait):
						waiting = append(waiting, s)
					case err != nil && failed == nil:
						failed = err
						cancel()
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		files = files[n:]
	}
	if err := outer.Err(); err != nil {
		failed = err // whatever else it broke on the way
	}
	return waiting, failed
}

// file brings one file in.
func (im *Importer) file(ctx context.Context, s *source, last bool) (rep Report, err error) {
	switch {
	case s.why != "":
		rep = Report{Files: 1, Refused: []Refusal{{Reason: s.why}}}
	case s.lines:
		rep, err = im.lines(ctx, s, last)
	default:
		rep, err = im.bundle(ctx, s, last)
	}
	var broken fileError
	if errors.As(err, &broken) && ctx.Err() == nil {
		rep.Files, err = 1, nil
		rep.Refused = append(rep.Refused, Refusal{Reason: "cannot be read: " + reasonOf(broken.error)})
	}
	for i := range rep.Refused {
		rep.Refused[i].File = s.path
	}
	if err == nil {
		im.tell(s, s.size)
	}
	return rep, err
}

// tell says how far a file was read.
func (im *Importer) tell(s *source, at int64) {
	if n := min(at, s.size) - s.stepped; n > 0 {
		s.stepped += n
		im.step(n)
	}
}

// claim takes a file's content for this call; false if another file of the call
// has the same.
func (im *Importer) claim(s *source) bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	d := [32]byte(s.digest)
	if other := im.claimed[d]; other != nil && other != s {
		return false
	}
	im.claimed[d] = s
	return true
}

// bundle brings in a file that is one JSON value.
func (im *Importer) bundle(ctx context.Context, s *source, last bool) (Report, error) {
	if s.size > large {
		im.big.Lock()
		defer im.big.Unlock()
	}
	raw, err := os.ReadFile(s.path)
	if err != nil {
		return Report{}, fileError{err}
	}
	if int64(len(raw)) != s.size {
		return Report{}, fileError{errMoved}
	}
	sum := sha256.Sum256(raw)
	s.digest = sum[:]
	if !im.claim(s) {
		return Report{Skipped: 1}, nil
	}
	at, err := im.practice.Progress(ctx, s.digest)
	if err != nil {
		return Report{}, err
	}
	if at < 0 {
		return Report{Skipped: 1}, nil
	}
	entries, whole, refused := split(trim(raw))
	if len(refused) > 0 && (whole || len(entries) == 0) {
		return Report{Files: 1, Refused: refused}, nil
	}
	b := &batch{im: im, file: s.path, entries: entries, whole: whole, last: last}
	r, err := b.take(ctx)
	if errors.Is(err, errWait) {
		return Report{}, err
	}
	r.Files = 1
	r.Refused = append(refused, r.Refused...)
	if err == nil && len(r.Refused) == 0 {
		err = im.practice.SetProgress(ctx, s.digest, -1)
	}
	return r, err
}

// trim leaves out the mark that some programs begin a file with.
func trim(raw []byte) []byte {
	if len(raw) >= len(bom) && string(raw[:len(bom)]) == string(bom) {
		return raw[len(bom):]
	}
	return raw
}

// reasonOf is what a person is told about an error of the system.
func reasonOf(err error) string {
	var p *os.PathError
	switch {
	case errors.As(err, &p):
		return p.Err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "is cut short"
	}
	s := err.Error()
	for {
		before := s
		for _, p := range []string{"record: ", "write: ", "share: ", "fhir: "} {
			s = strings.TrimPrefix(s, p)
		}
		if s == before {
			return s
		}
	}
}

// stops reports whether an error ends the whole import rather than one file.
func stops(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.Refused, errs.NotFound:
		return false
	}
	return err != nil
}
