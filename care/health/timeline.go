package health

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

const timelineParts = overview&^record.Allergies | record.Procedures

// timelineView is one year.
type timelineView struct {
	Shell          shell.View
	P              lang.Printer
	Whose          whose
	Base           string
	Year           string
	Months         []parts.StopGroup
	Earlier, Later parts.Link
}

// event is something on the timeline.
type event struct {
	at   fhir.Time
	stop parts.Stop
	name string // to tell a note from the visit it is about
	kind eventKind
}

type eventKind uint8

const (
	_ eventKind = iota
	aVisit
	aDocument
	anything
)

// dates are the types that make a timeline, and the parameter each is dated by.
var dates = []struct{ typ, param string }{
	{"Encounter", "date"}, {"DiagnosticReport", "date"}, {"DocumentReference", "date"}, {"Procedure", "date"},
	{"Immunization", "date"}, {"Condition", "onset-date"}, {"MedicationRequest", "authoredon"},
}

// timeline answers GET /me/{client}/health/timeline.
func timeline(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx := a.Context()
	year, err := strconv.Atoi(a.Query("year"))
	if err != nil || year < 1880 || year > a.Now.Year() {
		if year, err = nearest(ctx, c, "lt", a.Now.Year()+1); err != nil {
			return web.Answer{}, err
		}
	}
	if year == 0 {
		year = a.Now.Year()
	}
	t := teller{a: a, c: c, year: year}
	for _, tell := range []func(context.Context) error{t.visits, t.reports, t.documents, t.procedures, t.vaccines, t.conditions, t.medicines} {
		if err := tell(ctx); err != nil {
			return web.Answer{}, err
		}
	}
	v := timelineView{Shell: a.Shell(a.P.HealthTimeline(), "health"), P: a.P, Whose: whoseOf(a), Base: base(c), Year: strconv.Itoa(year), Months: months(a.P, merge(t.events, a.Now), a.Now)}
	before, err := nearest(ctx, c, "lt", year)
	if err != nil {
		return web.Answer{}, err
	}
	if before > 0 {
		v.Earlier = parts.Link{Text: a.P.HealthYearEarlier(strconv.Itoa(before)), Href: v.Base + "/timeline?year=" + strconv.Itoa(before), Icon: "arrow-left"}
	}
	after, err := nearest(ctx, c, "ge", year+1)
	if err != nil {
		return web.Answer{}, err
	}
	if after > 0 && after <= a.Now.Year() {
		v.Later = parts.Link{Text: a.P.HealthYearLater(strconv.Itoa(after)), Href: v.Base + "/timeline?year=" + strconv.Itoa(after), Icon: "arrow-right"}
	}
	return web.Page(timelinePage(v)), nil
}

// nearest returns the nearest year before ("lt") or from ("ge") a year in which
// there is anything; 0 if there is none.
func nearest(ctx context.Context, c *record.Chart, side string, year int) (int, error) {
	best := 0
	for _, d := range dates {
		sort := "-" + d.param
		if side == "ge" {
			sort = d.param
		}
		found, err := c.Find(ctx, d.typ, d.param, side+newYear(year), "_sort", sort, "_count", "1")
		if err != nil {
			return 0, err
		}
		for _, f := range found {
			y, err := yearOf(f)
			if err != nil {
				return 0, err
			}
			if y > 0 && (best == 0 || side == "lt" && y > best || side == "ge" && y < best) {
				best = y
			}
		}
	}
	return best, nil
}

// newYear writes the first day of a year as a search reads it: a slip of the pen
// in a date is year 1 or 202, and "1-01-01" is no date.
func newYear(year int) string { return fmt.Sprintf("%04d-01-01", year) }

// teller gathers a year's events.
type teller struct {
	a      *web.Ask
	c      *record.Chart
	year   int
	events []event
}

// in are the search parameters for the year, and no more than fits a page.
func (t *teller) in(param string) []string {
	return []string{param, "ge" + newYear(t.year), param, "lt" + newYear(t.year+1), "_sort", "-" + param, "_count", "120"}
}

func (t *teller) add(k eventKind, at fhir.Time, s parts.Stop) {
	if at.IsZero() || s.Title == "" {
		return
	}
	name := s.Title
	s.Meta = t.a.P.ShortDay(local(at, t.a.Now))
	if at.Prec < fhir.ToDay {
		s.Meta = dated(t.a.P, at, t.a.Now)
	}
	t.events = append(t.events, event{at, s, name, k})
}

func (t *teller) visits(ctx context.Context) error {
	vs, err := each(ctx, t.c, readPastVisit, "Encounter", t.in("date")...)
	for _, v := range vs {
		t.add(aVisit, v.At, parts.Stop{Icon: "stethoscope", Title: v.Name, Text: strings.Join(v.With, ", ")})
	}
	return err
}

func (t *teller) reports(ctx context.Context) error {
	rs, err := each(ctx, t.c, readReport, "DiagnosticReport", append(t.in("date"), "status:not", invalid)...)
	for _, r := range rs {
		if len(r.Results) == 0 {
			continue // a note in the shape of a report; it stands among the documents
		}
		s := parts.Stop{Icon: "flask", Title: plain(r.Name), Text: r.Words, Href: base(t.c) + "/results/" + string(t.c.Ref("Observation", r.Results[0]))}
		t.add(anything, r.Taken, s)
	}
	return err
}

func (t *teller) documents(ctx context.Context) error {
	ds, err := documentList(ctx, t.c, t.in("date")...)
	for _, d := range ds {
		r := d.row(t.a.P, base(t.c), t.a.Now)
		t.add(aDocument, d.At, parts.Stop{Icon: r.Icon, Title: r.Title, Text: r.Text, Href: r.Href})
	}
	return err
}

func (t *teller) procedures(ctx context.Context) error {
	ps, err := each(ctx, t.c, fhir.ReadProcedure, "Procedure", t.in("date")...)
	for _, x := range ps {
		if x.Status == "completed" || x.Status == "in-progress" {
			t.add(anything, x.Performed.Time, parts.Stop{Icon: "bandage", Title: plain(x.Code.Text), Text: clauses(strings.Join(x.Performers, ", "))})
		}
	}
	return err
}

func (t *teller) vaccines(ctx context.Context) error {
	vs, err := each(ctx, t.c, readVaccination, "Immunization", t.in("date")...)
	for _, x := range vs {
		t.add(anything, x.At, parts.Stop{Icon: "syringe", Title: x.Name, Text: t.a.P.HealthEventVaccine()})
	}
	return err
}

func (t *teller) conditions(ctx context.Context) error {
	cs, err := each(ctx, t.c, readCondition, "Condition", t.in("onset-date")...)
	for _, x := range cs {
		t.add(anything, x.Since, parts.Stop{Icon: "health", Title: x.Name, Text: t.a.P.HealthEventBegan()})
	}
	return err
}

func (t *teller) medicines(ctx context.Context) error {
	found, err := t.c.Find(ctx, "MedicationRequest", t.in("authoredon")...)
	if err != nil {
		return err
	}
	for _, f := range found {
		m, err := medicineOf(ctx, t.c, f.JSON)
		if err != nil {
			return err
		}
		t.add(anything, m.Started, parts.Stop{Icon: "pill", Title: m.Name, Text: t.a.P.HealthEventMedicine()})
	}
	return nil
}

// merge sorts events, newest first, and lets a visit and the note about it, which
// bear one name and stand on one day, be one line that opens the note.
func merge(es []event, now time.Time) []event {
	key := func(e event) string { return local(e.at, now).Format(time.DateOnly) + e.name }
	visit := map[string]int{}
	for i, e := range es {
		if e.kind == aVisit {
			visit[key(e)] = i
		}
	}
	var out []event
	drop := map[int]bool{}
	for i, e := range es {
		if j, ok := visit[key(e)]; ok && e.kind == aDocument && es[j].stop.Href == "" {
			es[j].stop.Href = e.stop.Href
			drop[i] = true
		}
	}
	for i, e := range es {
		if !drop[i] {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b event) int { return b.at.At.Compare(a.at.At) })
	return out
}

// mostEvents keeps a year of noise on one light page.
const mostEvents = 150

func months(p lang.Printer, es []event, now time.Time) []parts.StopGroup {
	var out []parts.StopGroup
	for _, e := range es[:min(len(es), mostEvents)] {
		label := lang.Upper(p.Month(local(e.at, now)))
		if e.at.Prec == fhir.ToYear {
			label = e.at.At.Format("2006")
		}
		if len(out) == 0 || out[len(out)-1].Label != label {
			out = append(out, parts.StopGroup{Label: label})
		}
		g := &out[len(out)-1]
		g.Stops = append(g.Stops, e.stop)
	}
	return out
}
