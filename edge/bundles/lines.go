package bundles

import (
	"bytes"
	"context"
	"errors"
)

// lines brings in an NDJSON file from an offset on, a batch at a time. How far it
// came is kept, so that an import that was stopped goes on from there.
func (im *Importer) lines(ctx context.Context, f source, from int64, last bool) (Report, error) {
	rep := Report{Files: 1}
	var es []*entry
	var size int
	var begun, at = from, from
	n := 0
	flush := func() error {
		if len(es) == 0 {
			return nil
		}
		b := &batch{im: im, file: f.path, entries: es, last: last}
		r, err := b.take(ctx)
		if err != nil {
			return err
		}
		rep.add(r)
		im.step(at - begun)
		begun, es, size = at, nil, 0
		if len(rep.Refused) > 0 {
			return nil // it is looked at again from here the next time
		}
		return im.practice.SetProgress(ctx, f.digest, at)
	}
	err := eachLine(f.path, from, func(line []byte, next int64) error {
		n++
		at = next
		e := &entry{name: lineName(n), raw: bytes.Clone(line)}
		if line == nil {
			rep.Refused = append(rep.Refused, Refusal{f.path, e.name, "is larger than 16 MB"})
			return nil
		}
		if why := e.parse(); why != "" {
			rep.Refused = append(rep.Refused, Refusal{f.path, e.name, why})
			return nil
		}
		es, size = append(es, e), size+len(line)
		if len(es) < maxLines && size < maxBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if errors.Is(err, errWait) && rep.Written+rep.Unchanged > 0 {
		return Report{}, err // what it took is found unchanged the next time
	}
	if err != nil {
		return Report{}, err
	}
	if len(rep.Refused) == 0 {
		err = im.practice.SetProgress(ctx, f.digest, -1)
	}
	return rep, err
}
