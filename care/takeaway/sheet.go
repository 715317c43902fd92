package takeaway

import (
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"io"
	"slices"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
)

// sheet is one page of the readable copy.
type sheet struct {
	name, title, lede string
	parts             record.Parts // what of a chart stands on it
	sections          []*section
}

// section is one kind of thing on a page.
type section struct {
	title string
	rows  []row
	grids []*grid
	talks []talk
}

func (s *section) empty() bool { return len(s.rows)+len(s.grids)+len(s.talks) == 0 }

// row is one thing.
type row struct {
	at                time.Time // when it was, for the order
	title, when, text string
	facts             []fact
	paras             []string
	files             []link
	all               []leaf // all that is written down, as it is
	note              string // what leads to that
}

type fact struct{ term, text string }

type link struct{ text, href string }

// grid is a kind of reading, with every value.
type grid struct {
	title string
	rows  []gridRow
}

type gridRow struct {
	at                                   time.Time
	when, value, state, usual, who, note string
}

// talk is a conversation.
type talk struct {
	at    time.Time
	title string
	said  []bubble
}

type bubble struct {
	who, when string
	paras     []string
	files     []link
}

// leaf is one element of a resource in words, and what lies beneath.
type leaf struct {
	term, text string
	file       link
	under      []leaf
}

// sort puts the newest first.
func (s *section) sort() {
	slices.SortStableFunc(s.rows, func(a, b row) int { return b.at.Compare(a.at) })
	slices.SortStableFunc(s.talks, func(a, b talk) int { return b.at.Compare(a.at) })
	for _, g := range s.grids {
		slices.SortStableFunc(g.rows, func(a, b gridRow) int { return b.at.Compare(a.at) })
	}
	slices.SortStableFunc(s.grids, func(a, b *grid) int { return cmp.Compare(a.title, b.title) })
}

// kept makes a piece of what is short enough to be kept, packed, until it is sent.
func kept(name, kind string, write func(io.Writer) error) (piece, error) {
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		err = write(z)
	}
	if err == nil {
		err = z.Close()
	}
	return piece{name: name, kind: kind, pour: func(ctx context.Context, w io.Writer) error {
		return poured(ctx, w, flate.NewReader(bytes.NewReader(b.Bytes())))
	}}, err
}

// dated writes a date no finer than it is known, with its year: the copy is read for long.
func (x *copying) dated(t fhir.Time) string {
	switch t.Prec {
	case fhir.ToSecond:
		return x.moment(t.At)
	case fhir.ToDay:
		return x.p.Full(t.At)
	case fhir.ToMonth:
		return lang.Upper(x.p.Month(t.At))
	case fhir.ToYear:
		return t.At.Format("2006")
	}
	return ""
}

// moment writes a day and an hour in the practice's zone.
func (x *copying) moment(t time.Time) string {
	t = t.In(x.now.Location())
	return x.p.AccountWhen(x.p.Full(t), x.p.Clock(t))
}

func (x *copying) spanned(p fhir.Period) string {
	from, to := x.dated(p.Start), x.dated(p.End)
	switch {
	case from == "" || to == "" || from == to:
		return cmp.Or(from, to)
	}
	return x.p.HealthFromto(from, to)
}
