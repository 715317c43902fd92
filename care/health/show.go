package health

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is the overview.
type view struct {
	Shell        shell.View
	P            lang.Printer
	Whose        whose
	Base         string
	Empty        bool
	Timeline     bool         // there is something on it
	Trust        string       // where the reader looks after their own information
	Allergies    []parts.Fact // name and what it does
	Grave        bool
	OldAllergies []parts.RowView
	Medicines    folded
	Stopped      []parts.RowView
	Conditions   folded
	Past         []parts.RowView
	Vaccines     folded
	Vitals       []parts.RowView
	Tests        []parts.RowView
	Others       []parts.RowView
	AllResults   bool // there are more kinds than these
	Documents    []parts.RowView
	AllDocuments bool
	Visits       []parts.RowView
}

// folded is a list whose tail is folded away.
type folded struct {
	Rows, Rest []parts.RowView
	RestText   string
}

// How much stands on the overview before the rest is folded or on a page of its
// own. recent bounds the readings that are opened for it: kinds not among them
// were last measured long ago and stand on the page of all results.
const (
	most    = 8
	recent  = 300
	longest = 40 // of what is folded
)

func fold(p lang.Printer, rs []parts.RowView, n int) folded {
	if len(rs) <= n+1 {
		return folded{Rows: rs}
	}
	rest := rs[n:min(len(rs), n+longest)]
	return folded{Rows: rs[:n], Rest: rest, RestText: p.HealthMore(len(rest))}
}

// show answers GET /me/{client}/health.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	w := whoseOf(a)
	v := view{Shell: a.Shell(w.title(), "health"), P: a.P, Whose: w, Base: base(c)}
	for _, part := range []func(*web.Ask, *record.Chart) error{v.allergies, v.medicines, v.conditions, v.vaccines, v.results, v.documents, v.visits} {
		if err := part(a, c); err != nil {
			return web.Answer{}, err
		}
	}
	v.Empty = len(v.Allergies)+len(v.OldAllergies)+len(v.Medicines.Rows)+len(v.Stopped)+len(v.Conditions.Rows)+len(v.Past)+len(v.Vaccines.Rows)+
		len(v.Vitals)+len(v.Tests)+len(v.Others)+len(v.Documents)+len(v.Visits) == 0
	v.Timeline = !v.Empty && c.Parts()&timelineParts != 0
	if w.Of == "" {
		v.Trust = "/me/" + string(c.Client()) + "/trust"
	}
	return web.Page(showPage(v)), nil
}

// hasAllergies reports that there is something to say of allergies. To the reader
// of their own record even that none are known is said: they can put it right.
func (v view) hasAllergies() bool {
	return v.Whose.Of == "" || len(v.Allergies)+len(v.OldAllergies) > 0
}

func (v *view) allergies(a *web.Ask, c *record.Chart) error {
	all, err := each(a.Context(), c, readAllergy, "AllergyIntolerance")
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(x, y allergy) int { return boolOrder(x.Grave, y.Grave) })
	for _, x := range all {
		switch {
		case x.Name == "":
		case x.Past:
			v.OldAllergies = append(v.OldAllergies, parts.RowView{Title: x.Name, Text: x.says(a.P)})
		default:
			v.Grave = v.Grave || x.Grave
			v.Allergies = append(v.Allergies, parts.Fact{Term: x.Name, Text: x.says(a.P)})
		}
	}
	return nil
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func (v *view) medicines(a *web.Ask, c *record.Chart) error {
	ms, err := medicines(a.Context(), c)
	if err != nil {
		return err
	}
	current, stopped := tidy(ms)
	var rs []parts.RowView
	for _, m := range current {
		rs = append(rs, m.row(a.P, a.Now))
	}
	v.Medicines = fold(a.P, rs, most)
	for _, m := range stopped[:min(len(stopped), longest)] {
		v.Stopped = append(v.Stopped, m.row(a.P, a.Now))
	}
	return nil
}

// medicines returns what is and was taken, newest first.
func medicines(ctx context.Context, c *record.Chart) ([]medicine, error) {
	var out []medicine
	for _, typ := range []string{"MedicationRequest", "MedicationStatement"} {
		found, err := c.Find(ctx, typ)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			m, err := medicineOf(ctx, c, f.JSON)
			if err != nil {
				return nil, err
			}
			if m.Name != "" {
				out = append(out, m)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y medicine) int { return y.Started.At.Compare(x.Started.At) })
	return out, nil
}

// tidy parts medicines, given newest first, into those taken now and those taken
// once, each name once: a renewed prescription is one medicine, and one that is
// still taken was not stopped.
func tidy(ms []medicine) (current, stopped []medicine) {
	seen := map[string]bool{}
	for _, m := range ms {
		if m.Current && !seen[m.Name] {
			seen[m.Name] = true
			current = append(current, m)
		}
	}
	for _, m := range ms {
		if !seen[m.Name] {
			seen[m.Name] = true
			stopped = append(stopped, m)
		}
	}
	slices.SortStableFunc(stopped, func(x, y medicine) int { return y.last().Compare(x.last()) })
	return current, stopped
}

// last is when a medicine that is over was last known to be taken.
func (m medicine) last() time.Time {
	if !m.Ended.IsZero() {
		return m.Ended.At
	}
	return m.Started.At
}

func (v *view) conditions(a *web.Ask, c *record.Chart) error {
	all, err := each(a.Context(), c, readCondition, "Condition")
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(x, y condition) int {
		if o := boolOrder(y.Aside, x.Aside); o != 0 {
			return o
		}
		return began(y).At.Compare(began(x).At)
	})
	var now, past []parts.RowView
	seen := map[string]bool{}
	for _, x := range all {
		if x.Name == "" || seen[x.Name] && x.Past {
			continue
		}
		seen[x.Name] = true
		if x.Past {
			past = append(past, x.row(a.P, a.Now))
		} else {
			now = append(now, x.row(a.P, a.Now))
		}
	}
	v.Conditions, v.Past = fold(a.P, now, most), past[:min(len(past), longest)]
	return nil
}

func began(c condition) fhir.Time {
	if c.Since.IsZero() {
		return c.Recorded
	}
	return c.Since
}

func (v *view) vaccines(a *web.Ask, c *record.Chart) error {
	all, err := each(a.Context(), c, readVaccination, "Immunization", "_sort", "-date")
	if err != nil {
		return err
	}
	doses := map[string]int{}
	var names []vaccination
	for _, x := range all {
		if x.Name == "" {
			continue
		}
		if doses[x.Name] == 0 {
			names = append(names, x)
		}
		doses[x.Name]++
	}
	var rs []parts.RowView
	for _, x := range names {
		r := parts.RowView{Title: x.Name, Meta: dated(a.P, x.At, a.Now)}
		if r.Meta == "" {
			r.Meta = x.Text
		}
		if n := doses[x.Name]; n > 1 {
			r.Text = a.P.HealthDoses(n)
		}
		rs = append(rs, r)
	}
	v.Vaccines = fold(a.P, rs, 5)
	return nil
}

func (v *view) results(a *web.Ask, c *record.Chart) error {
	rs, err := findings(a.Context(), c, "category:not", "social-history", "_count", strconv.Itoa(recent))
	if err != nil {
		return err
	}
	ks := kinds(rs)
	take := func(n int, on ...shelf) []parts.RowView {
		s := stock(ks, on...)
		if len(s) > n {
			v.AllResults, s = true, s[:n]
		}
		return rows(a.P, v.Base, s, a.Now)
	}
	v.Vitals, v.Tests, v.Others = take(most, vitals), take(most, laboratory), take(4, others)
	v.AllResults = v.AllResults || len(rs) >= recent/2 || len(stock(ks, answers)) > 0
	return nil
}

func (v *view) documents(a *web.Ask, c *record.Chart) error {
	const n = 5
	ds, err := documentList(a.Context(), c, "_count", strconv.Itoa(n+1))
	if err != nil {
		return err
	}
	v.AllDocuments = len(ds) > n
	for _, d := range ds[:min(n, len(ds))] {
		v.Documents = append(v.Documents, d.row(a.P, v.Base, a.Now))
	}
	return nil
}

func (v *view) visits(a *web.Ask, c *record.Chart) error {
	coming, err := each(a.Context(), c, readAppointment, "Appointment", "status", "booked,pending,arrived", "date", "ge"+a.Now.UTC().Format(time.RFC3339), "_sort", "date", "_count", "3")
	if err != nil {
		return err
	}
	past, err := each(a.Context(), c, readPastVisit, "Encounter", "_sort", "-date", "_count", "6")
	if err != nil {
		return err
	}
	for _, x := range coming {
		r := x.row(a.P, a.Now)
		r.Icon, r.Tag = "calendar", parts.TagView{Tone: parts.ToneBrand, Text: a.P.HealthComing()}
		v.Visits = append(v.Visits, r)
	}
	for _, x := range past {
		if !x.At.IsZero() && len(v.Visits) < 6 {
			v.Visits = append(v.Visits, x.row(a.P, a.Now))
		}
	}
	return nil
}
