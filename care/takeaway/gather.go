package takeaway

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
)

// copying is one copy while it is made.
type copying struct {
	c        *record.Chart
	p        lang.Printer
	now      time.Time // in the practice's zone
	practice string
	base     string // what the addresses in the bundle begin with

	all    []record.Holding
	newest int // resources that are there
	shared []fhir.Resource
	wanted map[string]bool // shared resources by reference, looked for or found
	files  *files
	looks  *looks
	reader *telling
}

// gather lists everything there is, and reads it once: to find what is attached and what
// is referred to, and to put it into words.
func gather(a *web.Ask, c *record.Chart) (*copying, error) {
	ctx := a.Context()
	x := &copying{c: c, p: a.P, now: a.Now, practice: a.Practice.Name, base: a.Absolute("/fhir/"), wanted: map[string]bool{}, files: newFiles(c)}
	var err error
	if x.all, err = c.Holdings(ctx); err != nil {
		return nil, err
	}
	if x.looks, err = listLooks(ctx, c); err != nil {
		return nil, err
	}
	x.reader = newTelling(x)
	for _, h := range x.all {
		if h.Deleted {
			continue
		}
		if err := x.read(ctx, h); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// read reads one version of one resource.
func (x *copying) read(ctx context.Context, h record.Holding) error {
	b, err := x.c.Content(ctx, h)
	if err != nil {
		return err
	}
	d, err := fhir.Parse(b)
	if err != nil {
		return errs.E(errs.Internal, "takeaway: a stored %s does not parse: %w", h.Type, err)
	}
	if err := x.files.find(ctx, h, d); err != nil {
		return err
	}
	if !h.Newest {
		return nil
	}
	x.newest++
	if err := x.refer(ctx, d.Root()); err != nil {
		return err
	}
	return x.reader.take(ctx, h, d)
}

// refer brings along what of the practice's own a resource refers to: without it a
// prescription may not even name its medicine.
func (x *copying) refer(ctx context.Context, n fhir.Node) error {
	for k := range n.Children() {
		ref := ""
		switch {
		case k.Name() == "reference" && n.Type() == "Reference":
			ref = k.Str()
		case k.Name() == "questionnaire" && k.Type() == "canonical":
			x.form(k.Str())
		}
		if typ, id := fhir.SplitReference(ref); fhir.PracticeWide(typ) && !x.wanted[typ+"/"+id] {
			x.wanted[typ+"/"+id] = true
			r, err := x.c.Shared(ctx, typ, id)
			if err == nil {
				x.shared = append(x.shared, r)
			} else if !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Invalid) {
				return err
			}
		}
		if err := x.refer(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// pieces are the files of the copy but its manifest.
func (x *copying) pieces(ctx context.Context) ([]piece, error) {
	pages, err := x.reader.pages(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(x.shared, func(a, b fhir.Resource) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	out := append(pages, x.fhirPieces()...)
	out = append(out, x.looks.pieces(x)...)
	return append(out, x.files.pieces()...), nil
}

// present are the newest versions that are there, in the order of the list.
func (x *copying) present(yield func(record.Holding) bool) {
	for _, h := range x.all {
		if h.Newest && !h.Deleted && !yield(h) {
			return
		}
	}
}

// past are the older versions, and what was deleted.
func (x *copying) past(yield func(record.Holding) bool) {
	for _, h := range x.all {
		if (!h.Newest || h.Deleted) && !yield(h) {
			return
		}
	}
}
