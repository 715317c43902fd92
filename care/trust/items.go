package trust

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
)

// item is one thing in a chart, as its owner would call it.
type item struct {
	Part  record.Parts
	Type  string
	ID    string
	Ref   record.Ref
	Title string
	At    time.Time
	Day   string
	In    record.Labels
}

// machinery are types that no client would call a thing of theirs: notes of the record
// about itself, and what is counted with what it belongs to.
var machinery = map[string]bool{"Provenance": true, "Consent": true, "Task": true, "Binary": true, "Patient": true}

// things are all that is in a chart for whoever it is open to, the newest first in each
// part.
func things(ctx context.Context, c *record.Chart) ([]item, error) {
	hs, err := c.Holdings(ctx)
	if err != nil {
		return nil, err
	}
	var out []item
	for _, h := range hs {
		part := record.PartOf(h.Type)
		if !h.Newest || h.Deleted || machinery[h.Type] {
			continue
		}
		x := item{Part: part, Type: h.Type, ID: h.ID, Ref: c.Ref(h.Type, h.ID), At: h.Time, In: h.Labels}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b item) int { return b.At.Compare(a.At) })
	return out, nil
}

// named puts names and days to things that are shown. What was destroyed in between goes.
func named(a *web.Ask, c *record.Chart, xs []item) ([]item, error) {
	var out []item
	for _, x := range xs {
		f, err := c.ReadRef(a.Context(), x.Type, x.Ref)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if x.Title, x.Day, err = called(a, x.Type, f); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// dated writes a date no finer than it is known.
func dated(a *web.Ask, t fhir.Time) string {
	switch t.Prec {
	case fhir.ToSecond:
		return a.P.Full(a.Local(t.At))
	case fhir.ToDay:
		return a.P.Full(t.At)
	case fhir.ToMonth:
		return lang.Upper(a.P.Month(t.At))
	case fhir.ToYear:
		return strconv.Itoa(t.At.Year())
	}
	return ""
}

// perPage is how many things stand on one page.
const perPage = 50

// cut is one page of things, and where the next begins; 0 for no more.
func cut(a *web.Ask, xs []item) ([]item, int) {
	from, err := strconv.Atoi(a.Query("from"))
	if err != nil || from < 0 || from > len(xs) {
		from = 0
	}
	if xs = xs[from:]; len(xs) > perPage {
		return xs[:perPage], from + perPage
	}
	return xs, 0
}

// partTitle names a part as a heading.
func partTitle(p lang.Printer, x record.Parts) string { return lang.Upper(look.Part(p, x)) }

// partLinks leads to each part in which there is something.
func partLinks(p lang.Printer, href string, xs []item) []parts.RowView {
	n := map[record.Parts]int{}
	for _, x := range xs {
		n[x.Part]++
	}
	var out []parts.RowView
	for _, part := range record.AllParts.Each() {
		if n[part] > 0 {
			out = append(out, parts.RowView{Href: href + "part=" + part.String(), Title: partTitle(p, part), Meta: p.Count(n[part])})
		}
	}
	return out
}

// chosen is the one part that the address names; 0 for none.
func chosen(a *web.Ask) record.Parts {
	if all := record.ParseParts(a.Query("part")).Each(); len(all) == 1 {
		return all[0] & record.AllParts
	}
	return 0
}

// more leads to the next page of a part; "" for none.
func more(here string, part record.Parts, next int) string {
	if next == 0 {
		return ""
	}
	return here + "part=" + part.String() + "&from=" + strconv.Itoa(next)
}
