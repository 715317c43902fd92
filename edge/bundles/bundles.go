// Package bundles takes FHIR R4 Bundles and NDJSON from files into charts: it
// resolves the references between entries, sorts every resource into the chart
// of the one person it is about or among what the practice shares, and hands
// whole bundles to the gate. It refuses to keep half of a bundle, to guess whom
// a resource is about, and to follow a reference out of the files it was given.
package bundles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"rapport/account"
	"rapport/errs"
	"rapport/record"
)

// The bounds on what is taken.
const (
	maxBundle   = 256 << 20 // bytes of one Bundle; NDJSON streams and has no such bound
	maxResource = 16 << 20  // bytes of one resource
	maxLines    = 400       // NDJSON lines kept in one commit
	maxBatch    = 4 << 20   // bytes of NDJSON kept in one commit
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
	Skipped   int // taken by an earlier import, and not read again
	Clients   int // new charts
	Written   int // resources written
	Unchanged int // resources that were there already
	Shared    int // of those written, resources every chart shares
	Refused   []Refusal
}

func (r *Report) add(s Report) {
	r.Files += s.Files
	r.Skipped += s.Skipped
	r.Clients += s.Clients
	r.Written += s.Written
	r.Unchanged += s.Unchanged
	r.Shared += s.Shared
	r.Refused = append(r.Refused, s.Refused...)
}

// Importer brings files in.
type Importer struct {
	v        *record.Vault
	who      account.Actor
	dir      *record.Directory
	practice *record.Practice
	shared   *shared
	step     func(n int64)
}

// New returns an Importer. step, if not nil, is told how many bytes were read
// since it was last called, possibly from several goroutines.
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

// errWait is what a file says that points at something another file may bring.
var errWait = errors.New("bundles: waits for another file")

// Files brings files in, in any order they need. What could not be taken is in
// the report; the error is for what stopped the import as a whole, and then
// running it again goes on where it stopped.
func (im *Importer) Files(ctx context.Context, paths []string) (Report, error) {
	var rep Report
	left, err := order(paths)
	if err != nil {
		return rep, err
	}
	// Every round takes what it can; a file that points at something not yet here
	// waits for the next, as long as a round brings anything.
	for last := false; len(left) > 0; {
		waiting, err := im.round(ctx, left, last, &rep)
		if err != nil {
			return rep, err
		}
		last = len(waiting) == len(left)
		left = waiting
	}
	slices.SortStableFunc(rep.Refused, func(a, b Refusal) int { return slices.Index(paths, a.File) - slices.Index(paths, b.File) })
	return rep, nil
}

// round reads files and returns those that wait.
func (im *Importer) round(ctx context.Context, files []source, last bool, rep *Report) ([]source, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var waiting []source
	var failed error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// files of one class may be read side by side; the next class needs them all
	for len(files) > 0 {
		n := 1
		for n < len(files) && files[n].class == files[0].class {
			n++
		}
		todo := make(chan source, n)
		for _, f := range files[:n] {
			todo <- f
		}
		close(todo)
		for range min(workers, n) {
			wg.Go(func() {
				for f := range todo {
					if ctx.Err() != nil {
						return
					}
					r, err := im.file(ctx, f, last)
					mu.Lock()
					rep.add(r)
					switch {
					case errors.Is(err, errWait):
						waiting = append(waiting, f)
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
	if failed == nil {
		failed = ctx.Err()
	}
	return waiting, failed
}

// file brings one file in.
func (im *Importer) file(ctx context.Context, f source, last bool) (Report, error) {
	at, err := im.practice.Progress(ctx, f.digest)
	if err != nil {
		return Report{}, err
	}
	if at < 0 {
		im.step(f.size)
		return Report{Skipped: 1}, nil
	}
	if f.lines {
		return im.lines(ctx, f, at, last)
	}
	r, err := im.bundle(ctx, f, last)
	if err == nil && len(r.Refused) == 0 {
		err = im.practice.SetProgress(ctx, f.digest, -1)
	}
	return r, err
}

// bundle brings in a file that is one JSON value.
func (im *Importer) bundle(ctx context.Context, f source, last bool) (Report, error) {
	refuse := func(entry, reason string) (Report, error) {
		im.step(f.size)
		return Report{Files: 1, Refused: []Refusal{{f.path, entry, reason}}}, nil
	}
	if f.size > maxBundle {
		return refuse("", fmt.Sprintf("one Bundle of %d MB is too large: give Bundles of at most %d MB, or NDJSON", f.size>>20, maxBundle>>20))
	}
	raw, err := os.ReadFile(f.path)
	if err != nil {
		return refuse("", "cannot be read: "+reasonOf(err))
	}
	entries, whole, refused := split(f.path, raw)
	if len(refused) > 0 && (whole || len(entries) == 0) {
		im.step(f.size)
		return Report{Files: 1, Refused: refused}, nil
	}
	b := &batch{im: im, file: f.path, entries: entries, whole: whole, last: last}
	r, err := b.take(ctx)
	if errors.Is(err, errWait) {
		return Report{}, err
	}
	im.step(f.size)
	r.Files = 1
	r.Refused = append(refused, r.Refused...)
	return r, err
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
	return err.Error()
}

// stops reports whether an error ends the whole import rather than one file.
func stops(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.Refused, errs.NotFound:
		return false
	}
	return err != nil
}
