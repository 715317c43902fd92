package looks

import (
	"strconv"
	"strings"
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web/look"
	"rapport/web/parts"
)

// line is one look as it stands in the list.
type line struct {
	look.Said
	Clock, At        string // "09:34", and the same as RFC 3339
	CheckHref        string
	AskHref          string
	About            string // "Priya Raman, 09:34": whose line, for screen readers
	Asked, AskedHref string // "You asked about this on 24 Nov"
	Number           int64  // place in the client's own chain
	Says             string // what the page claims of it, for js/looks.js
	Again            []again
	AgainText        string // "3 more times that day"
}

// again is the same done once more.
type again struct {
	Clock, At, CheckHref string
	Number               int64
	Says                 string
}

// day is a day's lines.
type day struct {
	Label string
	Lines []line
}

// diary turns looks into days. now and local are in the practice's zone.
type diary struct {
	p     lang.Printer
	me    string
	base  string
	now   time.Time
	asked map[int64]time.Time
}

// days groups looks by day, newest first as given. What the same party did again
// with nothing else in between stands once, with all its times.
func (d diary) days(ls []record.Look) []day {
	var out []day
	var last record.Look
	for i, l := range ls {
		at := l.Time.In(d.now.Location())
		label := d.label(at)
		if len(out) == 0 || out[len(out)-1].Label != label {
			out = append(out, day{Label: label})
		} else if i > 0 && same(last, l) && d.asked[l.Seq].IsZero() && d.asked[last.Seq].IsZero() {
			lines := out[len(out)-1].Lines
			top := &lines[len(lines)-1]
			top.Again = append(top.Again, again{d.p.Clock(at), l.Time.Format(time.RFC3339), d.href(l), l.Number, says(l)})
			top.AgainText = d.p.LooksAgain(len(top.Again))
			continue
		}
		g := &out[len(out)-1]
		g.Lines = append(g.Lines, d.line(l, at))
		last = l
	}
	return out
}

// same reports that two looks read alike. A refusal always stands alone, and so does what
// left.
func same(a, b record.Look) bool {
	return !a.Refused && !b.Refused && a.Kind == b.Kind && a.ID == b.ID && a.Name == b.Name && a.Title == b.Title &&
		a.Act == b.Act && a.Purpose == b.Purpose && a.Basis == b.Basis && a.How == b.How && a.Whom == b.Whom && a.Said == b.Said && a.Bond == b.Bond && a.Gave == (record.Gave{}) && b.Gave == a.Gave && a.Parts == b.Parts && a.Written == b.Written
}

func (d diary) href(l record.Look) string { return d.base + "/" + strconv.FormatInt(l.Seq, 10) }

func (d diary) line(l record.Look, at time.Time) line {
	x := line{Said: look.Say(d.p, l, d.me), Clock: d.p.Clock(at), At: l.Time.Format(time.RFC3339), CheckHref: d.href(l), Number: l.Number, Says: says(l)}
	x.About = d.p.LooksAbout(x.Who, x.Clock)
	if t := d.asked[l.Seq]; !t.IsZero() {
		x.Asked, x.AskedHref = d.p.LooksAsked(d.p.ShortDay(t.In(d.now.Location()))), x.CheckHref+"/ask"
	} else if look.SortOf(l, d.me) != look.Yours {
		x.AskHref = x.CheckHref + "/ask"
	}
	return x
}

// says is what a page claims of a line. js/looks.js makes the same from the line itself.
func says(l record.Look) string {
	refused := "0"
	if l.Refused {
		refused = "1"
	}
	return strings.Join([]string{strconv.FormatInt(l.Seq, 10), l.Time.UTC().Format("2006-01-02T15:04:05.000Z"), l.Name, l.Act, l.Purpose, refused, l.What}, "|")
}

func (d diary) label(t time.Time) string {
	switch daysBetween(t, d.now) {
	case 0:
		return d.p.LooksToday()
	case 1:
		return d.p.LooksYesterday()
	}
	return lang.Upper(d.p.Date(t, d.now))
}

// daysBetween counts midnights from a to b, both in the same zone.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

// month is how many days the sums look back.
const month = 30

// sums counts the last 30 days' looks by others.
func sums(p lang.Printer, ls []record.Look, me string, now time.Time) ([]parts.Sum, parts.HeatView) {
	people, byDay, refusedOn := map[string]bool{}, [month]int{}, [month]bool{}
	looks, programs, refused := 0, 0, 0
	for _, l := range ls {
		ago := daysBetween(l.Time.In(now.Location()), now)
		s := look.SortOf(l, me)
		if ago < 0 || ago >= month || s == look.Yours {
			continue
		}
		byDay[month-1-ago]++
		if l.Refused { // it was tried, but nobody saw anything
			refused++
			refusedOn[month-1-ago] = true
			continue
		}
		looks++
		if s == look.Software {
			programs++
		} else {
			people[l.Kind+l.ID+l.Name] = true
		}
	}
	out := []parts.Sum{
		{Number: p.Count(len(people)), Text: count(p, len(people), p.LooksSumPerson(), p.LooksSumPeople())},
		{Number: p.Count(looks), Text: count(p, looks, p.LooksSumLook(), p.LooksSumLooks())},
	}
	if refused > 0 {
		out = append(out, parts.Sum{Number: p.Count(refused), Text: p.LooksSumRefused()})
	} else {
		out = append(out, parts.Sum{Number: p.Count(programs), Text: p.LooksSumSoftware()})
	}
	return out, heat(p, byDay, refusedOn, looks, now)
}

func heat(p lang.Printer, byDay [month]int, refusedOn [month]bool, looks int, now time.Time) parts.HeatView {
	h := parts.HeatView{From: p.ShortDay(now.AddDate(0, 0, 1-month)), To: p.LooksToday()}
	some := 0
	for i, n := range byDay {
		d := parts.HeatDay{Marked: refusedOn[i]}
		switch {
		case n > 8:
			d.Level = 3
		case n > 2:
			d.Level = 2
		case n > 0:
			d.Level = 1
		}
		if n > 0 {
			some++
		}
		h.Days = append(h.Days, d)
	}
	h.Text = p.LooksHeat(p.Count(looks), p.Count(some))
	return h
}

// count picks the word for a number that stands apart from it.
func count(p lang.Printer, n int, one, many string) string {
	if n == 1 || n == 0 && p.Tag() == lang.French {
		return one
	}
	return many
}
