package record

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Holding is one version of one resource of a chart, without its content: a line of the
// list of all there is. It is good for the chart it came from, as long as nothing of it is
// destroyed.
type Holding struct {
	Type, ID string
	Version  int64
	Time     time.Time // when the server took this version
	Newest   bool
	Deleted  bool   // this version is the deletion
	Labels   Labels // of the newest version: the compartments it lies in
	row      store.Row
}

// Holdings lists every version of everything in the open parts that is for whoever opened
// them: by type, then by when its newest version came, and of one resource the newest
// version first. It reads no content.
func (c *Chart) Holdings(ctx context.Context) ([]Holding, error) {
	if c == nil || c.v == nil || c.parts == 0 {
		return nil, errRefused
	}
	var out []Holding
	err := c.v.st.View(ctx, func(r store.Reader) error {
		var rows []store.Row
		err := r.Since(ctx, c.row, -1, func(row store.Row) error {
			if c.parts&policy.PartOf(fhir.TypeName(row.Type)) != 0 {
				row.Facet = bytes.Clone(row.Facet)
				rows = append(rows, row)
			}
			return nil
		})
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b store.Row) int {
			return cmp.Or(cmp.Compare(fhir.TypeName(a.Type), fhir.TypeName(b.Type)), cmp.Compare(a.Time, b.Time), bytes.Compare(a.Key[:], b.Key[:]))
		})
		for _, row := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			hs, err := c.holdings(ctx, r, row)
			if err != nil {
				return err
			}
			out = append(out, hs...)
		}
		return nil
	})
	return out, wrap("holdings", err)
}

// holdings are all versions of the resource whose newest one row is.
func (c *Chart) holdings(ctx context.Context, r store.Reader, row store.Row) ([]Holding, error) {
	typ, id := fhir.TypeName(row.Type), ""
	var in Labels
	if !row.Gone {
		f, ok, err := c.shows(nil, row)
		if err != nil || !ok {
			return nil, err
		}
		id = fhir.FacetID(f)
		if in, err = c.labels(row); err != nil {
			return nil, err
		}
	}
	row.Facet = nil
	out := []Holding{{Type: typ, ID: id, Version: row.Version, Time: time.UnixMilli(row.Time).UTC(), Newest: true, Deleted: row.Gone, Labels: in, row: row}}
	if row.Version == 1 {
		return out, nil
	}
	past, err := r.Past(ctx, c.row, row.Type, row.Key)
	if err != nil {
		return nil, err
	}
	for i, x := range past {
		hidden, err := c.hides(ctx, r, x)
		if err != nil {
			return nil, err
		}
		if hidden && i == 0 && row.Gone { // a deletion is as private as what it deleted
			return nil, nil
		}
		if !hidden {
			out = append(out, Holding{Type: typ, ID: id, Version: x.Version, Time: time.UnixMilli(x.Time).UTC(), Deleted: x.Gone, row: x})
		}
	}
	return out, c.nameGone(ctx, r, out)
}

// nameGone finds the logical id of what was deleted, in its last version.
func (c *Chart) nameGone(ctx context.Context, r store.Reader, hs []Holding) error {
	i := slices.IndexFunc(hs, func(h Holding) bool { return !h.Deleted })
	if hs[0].ID != "" || i < 0 {
		return nil
	}
	f, err := c.fetch(ctx, r, hs[i].Type, "", hs[i].row)
	if err != nil {
		return err
	}
	d, err := fhir.Parse(f.JSON)
	if err != nil {
		return err
	}
	for i := range hs {
		hs[i].ID = d.ID()
	}
	return nil
}

// Content returns the resource as it was in that version, byte for byte; errs.NotFound for
// a deletion.
func (c *Chart) Content(ctx context.Context, h Holding) ([]byte, error) {
	if err := c.covers(h.Type); err != nil {
		return nil, err
	}
	if h.Deleted {
		return nil, errAbsent
	}
	var out Found
	err := c.v.st.View(ctx, func(r store.Reader) (err error) {
		out, err = c.fetch(ctx, r, h.Type, h.ID, h.row)
		return err
	})
	if errors.Is(err, store.ErrNotExist) || errors.Is(err, errShut) {
		err = errs.E(errs.Gone, "record: destroyed since it was listed")
	}
	return out.JSON, wrap("content", err)
}

// Words puts back what a sealed thread says, in its head and in what was said in it; ok is
// false when its words are no more.
func (c *Chart) Words(ctx context.Context, head *thread.Thread, said []*thread.Said) (ok bool, err error) {
	if err := c.covers(communication); err != nil {
		return false, err
	}
	var box seal.Box
	err = c.v.st.View(ctx, func(r store.Reader) (err error) {
		box, ok, err = c.v.openThread(ctx, r, head)
		return err
	})
	for _, s := range said {
		if ok && err == nil {
			openSaid(box, s)
		}
	}
	return ok, wrap("words", err)
}

// Checkpoint is a signed statement of how long the ledger is and what it holds.
type Checkpoint = ledger.Checkpoint

// Checkpoint returns one that covers every look of this chart until now.
func (c *Chart) Checkpoint(ctx context.Context) (Checkpoint, error) {
	if c == nil || c.v == nil || c.parts&Looks == 0 {
		return Checkpoint{}, errRefused
	}
	cp, err := c.v.led.Current(ctx)
	return cp, wrap("checkpoint", err)
}

// ProveAt is Prove against an earlier checkpoint, so that the proofs of many looks are of
// one ledger.
func (c *Chart) ProveAt(ctx context.Context, cp Checkpoint, seq int64) (Proof, error) {
	if c == nil || c.v == nil || c.parts&Looks == 0 {
		return Proof{}, errRefused
	}
	p, err := c.v.led.ProveAt(ctx, cp, c.row, c.pid, c.keys.Ledger, seq)
	if errors.Is(err, store.ErrNotExist) {
		return Proof{}, errAbsent
	}
	return p, wrap("prove", err)
}
