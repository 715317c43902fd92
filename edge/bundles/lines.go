package bundles

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
)

// maxRefusals is how many refusals of one NDJSON file are listed; the rest are
// counted.
const maxRefusals = 10_000

// pass is one way through an NDJSON file, or through the lines of it that were
// set aside.
type pass struct {
	im   *Importer
	s    *source
	last bool
	rep  Report

	es   []*entry
	size int
}

// lines brings in an NDJSON file, a batch at a time. How far it came is kept, so
// that an import that was stopped goes on from there. Lines that need what
// another file may bring are set aside and tried again in later rounds.
func (im *Importer) lines(ctx context.Context, s *source, last bool) (Report, error) {
	p := &pass{im: im, s: s, last: last}
	if !s.begun {
		if done, err := im.resume(ctx, s); done || err != nil {
			return Report{Skipped: 1}, err
		}
	}
	var err error
	if s.through {
		err = p.again(ctx)
	} else {
		err = p.on(ctx)
	}
	s.charts = nil // a chart is not kept open over a wait
	if err != nil {
		return p.rep, err
	}
	if len(s.held) > 0 {
		return p.rep, errWait
	}
	p.rep.Files = 1
	if s.moved() {
		p.refuse("", errMoved.Error())
	}
	if more := s.refusal - maxRefusals; more > 0 {
		p.rep.Refused = append(p.rep.Refused, Refusal{s.path, "", fmt.Sprintf("%d more lines were not taken", more)})
	}
	if !s.unclean {
		err = im.practice.SetProgress(ctx, s.digest, -1)
	}
	return p.rep, err
}

// resume names a file by its content and finds how far an earlier import came;
// done if there is nothing to do.
func (im *Importer) resume(ctx context.Context, s *source) (done bool, err error) {
	if err := s.sum(ctx); err != nil {
		return false, fileError{err}
	}
	if !im.claim(s) {
		return true, nil
	}
	if s.at, err = im.practice.Progress(ctx, s.digest); err != nil || s.at < 0 {
		return s.at < 0, err
	}
	if s.line, err = countLines(s.path, s.at); err != nil {
		return false, fileError{err}
	}
	s.begun = true
	im.tell(s, s.at)
	return false, nil
}

// on reads from where the file was left to its end.
func (p *pass) on(ctx context.Context) error {
	s := p.s
	r, err := openLines(s.path)
	if err != nil {
		return err
	}
	defer r.file.Close() //nolint:errcheck // only read
	if err := r.seek(place{s.at, s.line}); err != nil {
		return err
	}
	for !s.through {
		line, at, err := r.next(ctx)
		if err != nil && err != io.EOF {
			return err
		}
		if line == nil || len(line) > 0 {
			p.add(line, at)
		}
		s.at, s.line, s.through = r.at.at, r.at.line, err == io.EOF
		if err := p.full(ctx); err != nil {
			return err
		}
	}
	return p.flush(ctx)
}

// full takes the batch if it is large enough.
func (p *pass) full(ctx context.Context) error {
	if len(p.es) < maxLines && p.size < maxBatch {
		return nil
	}
	return p.flush(ctx)
}

// again looks at the lines that were set aside.
func (p *pass) again(ctx context.Context) error {
	held := p.s.held
	p.s.held = nil
	r, err := openLines(p.s.path)
	if err != nil {
		return err
	}
	defer r.file.Close() //nolint:errcheck // only read
	for _, h := range held {
		if err := r.seek(h); err != nil {
			return err
		}
		line, at, err := r.next(ctx)
		if err != nil && err != io.EOF {
			return err
		}
		p.add(line, at)
		if err := p.full(ctx); err != nil {
			return err
		}
	}
	return p.flush(ctx)
}

// add takes one line into the batch, or refuses it.
func (p *pass) add(line []byte, at place) {
	e := &entry{name: lineName(at.line + 1), raw: bytes.Clone(line), at: at.at, line: at.line}
	why := tooLarge
	if line != nil {
		why = e.parse()
	}
	if why != "" {
		p.refuse(e.name, why)
		return
	}
	p.es, p.size = append(p.es, e), p.size+len(line)
}

// refuse lists a refusal.
func (p *pass) refuse(entry, why string) {
	p.s.unclean = true
	if p.s.refusal++; p.s.refusal <= maxRefusals {
		p.rep.Refused = append(p.rep.Refused, Refusal{p.s.path, entry, why})
	}
}

// flush takes the batch.
func (p *pass) flush(ctx context.Context) error {
	s := p.s
	if len(p.es) > 0 {
		if len(s.charts) > maxCharts {
			s.charts = nil
		}
		b := &batch{im: p.im, file: s.path, entries: p.es, last: p.last, lines: true, charts: s.charts}
		r, err := b.take(ctx)
		p.es, p.size, s.charts = nil, 0, b.charts
		refused := r.Refused
		r.Refused = nil
		p.rep.add(r)
		for _, x := range refused {
			p.refuse(x.Entry, x.Reason)
		}
		for _, e := range b.waits {
			s.held = append(s.held, place{e.at, e.line})
		}
		if err != nil {
			return err
		}
	}
	p.im.tell(s, s.at)
	if s.unclean || len(s.held) > 0 || s.through {
		return nil // what is not taken is looked at again by the next import; the end is noted once
	}
	return p.im.practice.SetProgress(ctx, s.digest, s.at)
}

// reader reads an NDJSON file line by line.
type reader struct {
	file *os.File
	buf  *bufio.Reader
	at   place // of the next line
	line []byte
}

func openLines(path string) (*reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError{err}
	}
	return &reader{file: f, buf: bufio.NewReaderSize(f, 256<<10)}, nil
}

// seek makes a line the next one.
func (r *reader) seek(to place) error {
	if to == r.at {
		return nil
	}
	if ahead := to.at - r.at.at; ahead > 0 && ahead <= int64(r.buf.Buffered()) {
		if _, err := r.buf.Discard(int(ahead)); err != nil {
			return fileError{err}
		}
	} else {
		if _, err := r.file.Seek(to.at, io.SeekStart); err != nil {
			return fileError{err}
		}
		r.buf.Reset(r.file)
	}
	r.at = to
	return nil
}

// next returns the next line and where it stands: empty if it is blank, nil if it
// is longer than maxResource. It is void at the next call. With io.EOF it is the
// last line.
func (r *reader) next(ctx context.Context) ([]byte, place, error) {
	at := r.at
	r.line = r.line[:0]
	for {
		part, err := r.buf.ReadSlice('\n')
		r.at.at += int64(len(part))
		if len(r.line) <= maxResource {
			r.line = append(r.line, part...)
		}
		if err == bufio.ErrBufferFull {
			if err := ctx.Err(); err != nil { // a line may be the whole of 2 GB
				return nil, at, err
			}
			continue
		}
		if err != nil && err != io.EOF {
			return nil, at, fileError{err}
		}
		r.at.line++
		if len(r.line) > maxResource {
			return nil, at, err
		}
		line := r.line
		if at.at == 0 {
			line = bytes.TrimPrefix(line, bom)
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			return r.line[:0], at, err // TrimSpace makes nil of it
		}
		return line[:len(line):len(line)], at, err
	}
}
