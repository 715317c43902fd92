package today

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web/reading"
)

// change is something that came or changed.
type change struct {
	at    time.Time // when it happened
	came  time.Time // when it came to the practice's record
	icon  string
	title string
	text  string
	href  string
}

// window is how far back the page looks.
const window = 14 * 24 * time.Hour

// gather returns what changed within the window, newest first.
func gather(ctx context.Context, c *record.Chart, p lang.Printer, health, drawn string, now time.Time) ([]change, error) {
	g := gatherer{c: c, p: p, health: health, drawn: drawn, now: now, from: now.Add(-window).UTC().Format(time.RFC3339), inReport: map[string]bool{}}
	for _, f := range []func(context.Context) error{g.reports, g.singles, g.documents, g.medicines} {
		if err := f(ctx); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(g.out, func(a, b change) int { return b.at.Compare(a.at) })
	return g.out, nil
}

type gatherer struct {
	c        *record.Chart
	p        lang.Printer
	health   string
	now      time.Time
	from     string
	drawn    string          // the code of what the page draws
	inReport map[string]bool // logical ids of results that stand in a report
	out      []change
}

func (g *gatherer) result(ref record.Ref) string { return g.health + "/results/" + string(ref) }

// reports adds reports with results: how many of them lie outside.
func (g *gatherer) reports(ctx context.Context) error {
	found, err := g.c.Find(ctx, "DiagnosticReport", "issued", "ge"+g.from, "_sort", "-issued", "_count", "20", "status:not", invalid)
	if err != nil {
		return err
	}
	for _, f := range found {
		r, err := readReport(f.JSON)
		if err != nil {
			return err
		}
		if err := g.report(ctx, r, f.Time); err != nil {
			return err
		}
	}
	return nil
}

// mostResults bounds how many results of one report are opened for its line.
const mostResults = 20

func (g *gatherer) report(ctx context.Context, r report, came time.Time) error {
	judged, out, href, one := 0, 0, "", ""
	for i, id := range r.results {
		g.inReport[id] = true
		if i >= mostResults {
			continue
		}
		f, err := g.c.Read(ctx, "Observation", id)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		x, err := readFinding(f.JSON)
		if err != nil {
			return err
		}
		if x.state != reading.Unsaid {
			judged++
		}
		if x.state.Out() {
			out++
			one = lang.Upper(words(g.p, x.state))
			if name := x.title(g.p); !strings.HasPrefix(name, r.name) {
				one = g.p.TodayOne(name, words(g.p, x.state))
			}
		}
		if href == "" || x.state.Out() && out == 1 {
			href = g.result(f.Ref)
		}
	}
	if href == "" || r.name == "" {
		return nil
	}
	text := ""
	switch {
	case out == 1:
		text = one
	case out > 0:
		text = g.p.TodayOut(out, strconv.Itoa(judged))
	case judged > 1:
		text = g.p.TodayUsualAll()
	case judged == 1:
		text = lang.Upper(g.p.TodayUsual())
	}
	g.out = append(g.out, change{at: r.at, came: came, icon: "flask", title: r.name, text: text, href: href})
	return nil
}

// singles adds results that came in no report, that the client did not measure
// and that the page does not draw: each kind once, with its newest value.
func (g *gatherer) singles(ctx context.Context) error {
	found, err := g.c.Find(ctx, "Observation", "date", "ge"+g.from, "_sort", "-date", "_count", "60", "status:not", invalid, "category:not", "social-history,survey")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, f := range found {
		if g.inReport[f.ID] {
			continue
		}
		x, err := readFinding(f.JSON)
		if err != nil {
			return err
		}
		if reading.Say(g.p, x.value) == "" || seen[x.code+x.name] || x.code == g.drawn {
			continue
		}
		own, err := ownReading(f.JSON)
		if err != nil {
			return err
		}
		if own {
			continue
		}
		seen[x.code+x.name] = true
		text := reading.Say(g.p, x.value)
		if w := words(g.p, x.state); w != "" {
			text += ", " + w
		}
		g.out = append(g.out, change{at: x.at, came: f.Time, icon: "vitals", title: x.title(g.p), text: text, href: g.result(f.Ref)})
	}
	return nil
}

func (g *gatherer) documents(ctx context.Context) error {
	found, err := g.c.Find(ctx, "DocumentReference", "date", "ge"+g.from, "_sort", "-date", "_count", "20", "status:not", "entered-in-error")
	if err != nil {
		return err
	}
	for _, f := range found {
		x, err := readDocument(f.JSON)
		if err != nil {
			return err
		}
		x.came, x.icon, x.href = f.Time, "file-text", g.health+"/documents/"+string(f.Ref)
		if x.title != "" {
			g.out = append(g.out, x)
		}
	}
	return nil
}

// medicines adds what was begun or ended.
func (g *gatherer) medicines(ctx context.Context) error {
	since := g.now.Add(-window)
	found, err := g.c.Find(ctx, "MedicationRequest", "status", "active,completed,stopped", "_sort", "-authoredon", "_count", "60")
	if err != nil {
		return err
	}
	for _, f := range found {
		m, err := medicineOf(ctx, g.c, f.JSON)
		if err != nil {
			return err
		}
		switch {
		case m.name == "":
		case !m.active && !m.ended.IsZero() && m.ended.After(since) && !m.ended.After(g.now):
			g.out = append(g.out, change{at: m.ended, came: f.Time, icon: "pill", title: m.name, text: g.p.TodayStopped(), href: g.health + "#medicines"})
		case m.active && m.begun.After(since) && !m.begun.After(g.now):
			g.out = append(g.out, change{at: m.begun, came: f.Time, icon: "pill", title: m.name, text: g.p.TodayStarted(), href: g.health + "#medicines"})
		}
	}
	return nil
}

// lookers counts the people, other than the client, whose looks the ledger shows
// in the last 30 days.
func lookers(ctx context.Context, c *record.Chart, now time.Time) (int, error) {
	const batch, reach = 200, 1000
	from, below, people := now.AddDate(0, 0, -30), int64(0), map[string]bool{}
	me := string(c.Client())
	for range reach / batch {
		ls, err := c.Looks(ctx, below, batch)
		if err != nil {
			return 0, err
		}
		for _, l := range ls {
			if l.Time.Before(from) {
				return len(people), nil
			}
			below = l.Number
			if !l.Refused && l.Kind != "system" && (l.Kind != "client" || l.ID != me) {
				people[l.Kind+" "+l.ID] = true
			}
		}
		if len(ls) < batch {
			break
		}
	}
	return len(people), nil
}
