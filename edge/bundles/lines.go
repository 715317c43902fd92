package bundles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// errStop ends a pass over lines early.
var errStop = errors.New("bundles: enough lines")

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
	err := eachLine(ctx, s.path, place{s.at, s.line}, func(line []byte, at, next place) error {
		p.add(line, at)
		s.at, s.line = next.at, next.line
		if len(p.es) < maxLines && p.size < maxBatch {
			return nil
		}
		return p.flush(ctx)
	})
	s.through = err == nil
	if err == nil {
		err = p.flush(ctx)
	}
	return err
}

// again looks at the lines that were set aside.
func (p *pass) again(ctx context.Context) error {
	held := p.s.held
	p.s.held = nil
	for i, h := range held {
		err := eachLine(ctx, p.s.path, h, func(line []byte, at, _ place) error {
			p.add(line, at)
			return errStop
		})
		if err == errStop || err == nil {
			err = nil
			if len(p.es) >= maxLines || p.size >= maxBatch || i == len(held)-1 {
				err = p.flush(ctx)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
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
