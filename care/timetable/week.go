package timetable

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// weekView is the week of one person, and everybody's in short.
type weekView struct {
	Shell    shell.View
	P        lang.Printer
	Tabs     parts.TabsView
	People   parts.ChipsView
	Grid     gridView
	Everyone []personRow
	Out      outView
	Hold     string
	HoldBad  string
	Version  string
}

// gridView is the week of one person: the piece that is sent again when a block was
// moved.
type gridView struct {
	P           lang.Printer
	Who, Name   string
	Days        []dayView
	First, Last int // hours shown
	Version     string
	Say         string // what was done, for screen readers
	Wrong       string // why it was not
	Added       bool   // there is any block
}

type dayView struct {
	Day    time.Weekday
	Name   string
	Short  string
	Blocks []blockView
}

// blockView is one stretch.
type blockView struct {
	ID, Href, Slot string
	Who            string
	Day            time.Weekday
	From, To       int
	Times          string
	Lines          []string
	Mode           string // an icon
	Faint          bool   // not this week, or not yet
}

// personRow is somebody's week in a line.
type personRow struct {
	Who, Name, Href string
	Current         bool
	Days            [][]blockView
}

// outView says how many visits the rules have no place for.
type outView struct {
	P     lang.Printer
	N     int
	Lines []parts.Link
}

func showWeek(o *office) (web.Answer, error) {
	v, err := o.newWeek(o.Query("who"))
	if o.Fragment {
		return web.Page(gridPart(v.Grid)), err
	}
	return web.Page(weekPage(v)), err
}

func (o *office) newWeek(who string) (weekView, error) {
	v := weekView{Shell: o.frame(o.P.TimetableTitle(), "js/week.js"), P: o.P, Tabs: o.tabs(weekHref), Version: o.newest(), Hold: strconv.Itoa(int(o.t.Hold() / time.Minute))}
	people := o.people()
	if len(people) == 0 {
		return v, nil
	}
	if !slices.ContainsFunc(people, func(m record.StaffMember) bool { return m.ID == who }) {
		who = people[0].ID
	}
	v.People = parts.ChipsView{Label: o.P.TimetablePerson(), Current: weekHref + "?who=" + who}
	for _, m := range people {
		v.People.Chips = append(v.People.Chips, parts.Link{Text: m.Name, Href: weekHref + "?who=" + m.ID})
		r := personRow{Who: m.ID, Name: m.Name, Href: weekHref + "?who=" + m.ID, Current: m.ID == who}
		for _, d := range week {
			r.Days = append(r.Days, o.blocks(m.ID, d))
		}
		v.Everyone = append(v.Everyone, r)
	}
	v.Grid = o.grid(who)
	out, err := o.p.Outliers(&o.t)
	v.Out = o.newOut(out)
	return v, err
}

func (o *office) grid(who string) gridView {
	g := gridView{P: o.P, Who: who, Name: o.name(who), First: 8, Last: 18, Version: o.newest()}
	for _, s := range o.t.Stretches {
		if s.Who == who && (s.Until == 0 || s.Until >= hours.DateOf(o.Now)) {
			g.First, g.Last, g.Added = min(g.First, s.From/60), max(g.Last, (s.To+59)/60), true
		}
	}
	g.First, g.Last = max(g.First-1, 0), min(g.Last+1, 24)
	for _, d := range week {
		g.Days = append(g.Days, dayView{Day: d, Name: lang.Upper(o.P.Weekday(dayOf(d))), Short: lang.Upper(strings.TrimSuffix(o.P.WeekdayShort(dayOf(d)), ".")), Blocks: o.blocks(who, d)})
	}
	return g
}

// hoursShown are the hours beside the grid.
func (g gridView) hoursShown() []string {
	var out []string
	for h := g.First; h < g.Last; h++ {
		out = append(out, clock(h*60))
	}
	return out
}

// dayNames are the days for the script to say.
func (g gridView) dayNames() string {
	var out []string
	for _, d := range g.Days {
		out = append(out, d.Name)
	}
	return strings.Join(out, "|")
}

// blocks are somebody's stretches on a weekday, in order.
func (o *office) blocks(who string, d time.Weekday) []blockView {
	var out []blockView
	today := hours.DateOf(o.Now)
	for _, s := range o.t.Stretches {
		if s.Who != who || s.Day != d || s.Until != 0 && s.Until < today {
			continue
		}
		b := blockView{ID: s.ID, Href: hoursHref + "/" + s.ID, Slot: parts.Slot(s.From, s.To), Who: who, Day: d, From: s.From, To: s.To, Times: clock(s.From) + "–" + clock(s.To)}
		add := func(text string) {
			if text != "" {
				b.Lines = append(b.Lines, text)
			}
		}
		add(s.Label)
		add(o.placeName(s.Place))
		room, _ := o.t.Room(s.Room)
		add(room.Name)
		if s.Modes != 0 && s.Modes != hours.AllModes {
			add(modeWords(o.P, s.Modes))
		}
		if len(s.Services) > 0 {
			var names []string
			for _, id := range s.Services {
				if x, ok := o.t.Service(id); ok {
					names = append(names, o.serviceName(x))
				}
			}
			add(strings.Join(names, ", "))
		}
		if s.Every > 1 {
			add(o.P.TimetableEveryN(s.Every))
		}
		if s.Since > today {
			add(o.P.TimetableFromDay(o.P.ShortDay(dateOf(s.Since))))
			b.Faint = true
		}
		if s.Until != 0 {
			add(o.P.TimetableUntilDay(o.P.ShortDay(dateOf(s.Until))))
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b blockView) int { return cmp.Compare(a.From, b.From) })
	return out
}

// newOut counts visits outside the rules, by day and by whom they are with.
func (o *office) newOut(all []record.Outlier) outView {
	v := outView{P: o.P, N: len(all)}
	at, n := map[string]int{}, []int{}
	for _, x := range all {
		day := o.Local(x.From)
		key := day.Format(time.DateOnly) + x.Who
		i, ok := at[key]
		if !ok {
			i = len(n)
			at[key], n = i, append(n, 0)
			l := parts.Link{Text: o.P.Date(day, o.Now) + "|" + o.name(x.Who)}
			if o.seesVisits() {
				l.Href = "/day?date=" + day.Format(time.DateOnly)
			}
			v.Lines = append(v.Lines, l)
		}
		n[i]++
	}
	for i := range v.Lines {
		day, name, _ := strings.Cut(v.Lines[i].Text, "|")
		v.Lines[i].Text = lang.Upper(o.P.TimetableOutDay(day, name, n[i]))
	}
	if len(v.Lines) > mostOut {
		v.Lines = v.Lines[:mostOut]
	}
	return v
}

// mostOut is how many days with such visits are named.
const mostOut = 6

// setHold keeps for how long a time is held.
func setHold(o *office) (web.Answer, error) {
	n, ok := countIn(o.Form("hold"), 60)
	if ok && n > 0 {
		o.t.HoldFor = n
		x, err := o.save()
		if x == kept || err != nil {
			return web.See(weekHref + "?done=saved"), err
		}
		v, err := o.newWeek("")
		v.Hold = o.Form("hold")
		v.Shell.Flash = o.say(x)
		return web.Wrong(weekPage(v)), err
	}
	v, err := o.newWeek("")
	v.Hold, v.HoldBad = o.Form("hold"), o.P.TimetableHoldBad()
	return web.Wrong(weekPage(v)), err
}
