package booking

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/record"
)

// The map shows as many days as stand side by side, and no more rows and columns than
// the style sheet knows; what is larger is shown as a list.
const (
	mostRows, mostColumns = 96, 12
	reach                 = 42 // days looked through for openings
	evening               = 17 * 60
)

// mapView is the map, or the list, of what is open.
type mapView struct {
	P        lang.Printer
	Days     []dayView
	Rows     []rowView
	Who      []person
	Columns  int  // clinicians
	List     bool // as a list, at every width
	Earlier  string
	Later    string
	Other    string // the same as a list, or as a map
	Fits     []fit
	Cameras  bool // some seats can be by video, too
	Open     string
	Nearest  []fit // to what was wanted and is gone
	Quiet    bool  // nothing is open at all
	openings []hours.Opening
}

// rowView is one time of the day; or, with an Aisle, what lies between two.
type rowView struct {
	Minute      int
	Clock       string
	Half, Aisle bool
	Label       string
	Mine        bool
}

// dayView is one day of the map.
type dayView struct {
	N           int
	Date        string // as machines write it
	Short, Long string // "Thu 26", "Thursday 26 November"
	Dow, Num    string
	Free        int
	FreeText    string
	Bars        [3]int // of 13: morning, afternoon, evening
	Chosen      bool
	Seats       []seatView
}

// seatView is one time with one clinician.
type seatView struct {
	Slot, Clock, Name, Note string
	Row, Column             string // classes
	Camera, Mine            bool
}

// fit is a good choice.
type fit struct {
	Label, When, Slot string
	Chosen            bool
}

// plan finds out what is open and lays it out.
func (at place) plan(s hours.Service, c choice, mine *record.Held, own string) (mapView, error) {
	p, zone := at.a.P, at.a.Now.Location()
	who, err := at.people()
	if err != nil {
		return mapView{}, err
	}
	v := mapView{P: p, List: c.list}
	today := hours.DateOf(at.a.Now)
	last := today + reach
	if c.from > last-reach/2 {
		last = c.from + reach/2
	}
	v.openings = at.cal.Openings(hours.Query{Service: s.ID, From: today, To: last, Modes: c.how})
	if len(v.openings) == 0 {
		v.openings = at.cal.Openings(hours.Query{Service: s.ID, From: today, To: today + 366, Modes: c.how})
	}
	for _, id := range s.Who {
		if x, ok := who[id]; ok {
			v.Who = append(v.Who, x)
		}
	}
	v.Columns = max(len(v.Who), 1)
	perDay := dates(v.openings, zone)
	shown := at.shown(&v, c, perDay, mine)
	v.Quiet = len(shown) == 0
	rows := at.rows(s, shown)
	v.Rows = rows
	if len(rows) > mostRows || v.Columns > mostColumns {
		v.List = true
	}
	at.fillDays(&v, s, shown, perDay, mine, who)
	v.Fits = at.fits(v.openings, who, own, mine)
	if c.was != (slot{}) && mine == nil {
		v.Nearest = at.nearest(v.openings, c.was, who)
	}
	if len(shown) > 0 {
		v.Open = "/visits/open?service=" + s.ID + "&from=" + shown[0].String() + "&to=" + shown[len(shown)-1].String()
		if c.how != 0 {
			v.Open += "&how=" + c.how.String()
		}
	}
	return v, nil
}

// dates puts openings under their days.
func dates(os []hours.Opening, zone *time.Location) map[hours.Date][]hours.Opening {
	out := map[hours.Date][]hours.Opening{}
	for _, o := range os {
		d := hours.DateOf(o.From.In(zone))
		out[d] = append(out[d], o)
	}
	return out
}

// shown are the days of this page, and fills in the ways to those before and after.
func (at place) shown(v *mapView, c choice, perDay map[hours.Date][]hours.Opening, mine *record.Held) []hours.Date {
	n := min(max(20/v.Columns, 2), 5)
	all := slices.Sorted(maps.Keys(perDay))
	held := hours.Date(0)
	if mine != nil {
		held = hours.DateOf(mine.From.In(at.a.Now.Location()))
		if _, ok := perDay[held]; !ok {
			all = append(all, held)
			slices.Sort(all)
		}
	}
	i, _ := slices.BinarySearch(all, c.from)
	j := min(i+n, len(all))
	if held != 0 {
		if h, _ := slices.BinarySearch(all, held); h < i || h >= j {
			i = h
			j = min(i+n, len(all))
		}
	}
	if i == len(all) && i > 0 {
		i = max(0, i-n)
		j = len(all)
	}
	turn := c
	if j < len(all) {
		turn.from = all[j]
		v.Later = turn.at(at.base + "/map")
	}
	if i > 0 {
		turn.from = all[max(0, i-n)]
		v.Earlier = turn.at(at.base + "/map")
	}
	turn = c
	turn.list = !c.list
	path := "/map"
	if mine != nil {
		path = "/hold"
	}
	v.Other = turn.at(at.base + path)
	return all[i:j]
}

// rows are all times at which the service begins on some days, taken or not.
func (at place) rows(s hours.Service, days []hours.Date) []rowView {
	zone := at.a.Now.Location()
	labels := map[int]map[string]bool{}
	for _, d := range days {
		for _, o := range hours.Openings(at.tt, zone, nil, hours.Query{Service: s.ID, From: d, To: d, Now: at.a.Now, Staff: true}) {
			m := slotOf("", o.From, zone).minute
			if labels[m] == nil {
				labels[m] = map[string]bool{}
			}
			labels[m][o.Label] = true
		}
	}
	step := s.Step
	if step == 0 {
		step = s.Minutes
	}
	var out []rowView
	before := ""
	for i, m := range slices.Sorted(maps.Keys(labels)) {
		label := ""
		if len(labels[m]) == 1 {
			label = slices.Collect(maps.Keys(labels[m]))[0]
		}
		gap := 0
		if i > 0 {
			gap = m - out[len(out)-1].Minute
		}
		switch {
		case label != before && label != "":
			out = append(out, rowView{Minute: m, Aisle: true, Label: label})
		case gap >= 60 && gap > step && m-gap < 14*60 && m > 12*60:
			out = append(out, rowView{Minute: m, Aisle: true, Label: at.a.P.VisitsLunch()})
		case gap >= 60 && gap > step:
			out = append(out, rowView{Minute: m, Aisle: true, Label: at.a.P.VisitsBreak()})
		}
		before = label
		out = append(out, rowView{Minute: m, Clock: clock(m), Half: m%60 != 0})
	}
	return out
}

func clock(minute int) string {
	return strconv.Itoa(minute/600) + strconv.Itoa(minute/60%10) + ":" + strconv.Itoa(minute%60/10) + strconv.Itoa(minute%10)
}

// fillDays lays the openings out.
func (at place) fillDays(v *mapView, s hours.Service, shown []hours.Date, perDay map[hours.Date][]hours.Opening, mine *record.Held, who map[string]person) {
	p, zone := v.P, at.a.Now.Location()
	row, column := map[int]string{}, map[string]string{}
	for i, r := range v.Rows {
		if !r.Aisle {
			row[r.Minute] = "r" + strconv.Itoa(i+1)
		}
	}
	for i, x := range v.Who {
		column[x.id] = "c" + strconv.Itoa(i+1)
	}
	most := 1
	for n, d := range shown {
		noon, _ := d.At(12*60, zone)
		x := dayView{N: n, Date: d.String(), Short: lang.Upper(p.WeekdayShort(noon)) + " " + noon.Format("2"), Long: lang.Upper(p.Date(noon, at.a.Now)), Dow: lang.Upper(p.WeekdayShort(noon)), Num: noon.Format("2")}
		os := perDay[d]
		if mine != nil && hours.DateOf(mine.From.In(zone)) == d && !slices.ContainsFunc(os, func(o hours.Opening) bool { return o.From.Equal(mine.From) && o.Who == mine.Who }) {
			os = append(slices.Clone(os), hours.Opening{From: mine.From, To: mine.To, Who: mine.Who, Modes: mine.Ways})
			slices.SortStableFunc(os, func(a, b hours.Opening) int { return a.From.Compare(b.From) })
		}
		for _, o := range os {
			sl := slotOf(o.Who, o.From, zone)
			if who[o.Who].id == "" {
				continue
			}
			y := seatView{Slot: sl.String(), Clock: p.Clock(o.From.In(zone)), Name: who[o.Who].name, Row: row[sl.minute], Column: column[o.Who], Mine: mine != nil && o.From.Equal(mine.From) && o.Who == mine.Who}
			if y.Row == "" { // held, and no longer a time of the timetable
				v.List = true
			}
			if s.Modes&hours.Video != 0 && s.Modes != hours.Video {
				y.Camera, y.Note = o.Modes&hours.Video != 0, waysText(p, o.Modes)
			}
			v.Cameras = v.Cameras || y.Camera
			if !y.Mine {
				x.Free++
				part := 0
				if sl.minute >= 12*60 {
					part++
				}
				if sl.minute >= evening {
					part++
				}
				x.Bars[part]++
				most = max(most, x.Bars[part])
			} else {
				v.Rows = marked(v.Rows, sl.minute)
				x.Chosen = true
			}
			x.Seats = append(x.Seats, y)
		}
		x.FreeText = p.VisitsFree(x.Free)
		v.Days = append(v.Days, x)
	}
	for i := range v.Days {
		for j, n := range v.Days[i].Bars {
			v.Days[i].Bars[j] = (13*n + most - 1) / most
		}
	}
	if len(v.Days) > 0 && !slices.ContainsFunc(v.Days, func(d dayView) bool { return d.Chosen }) {
		v.Days[0].Chosen = true
	}
}

func marked(rows []rowView, minute int) []rowView {
	for i := range rows {
		rows[i].Mine = rows[i].Mine || rows[i].Minute == minute && !rows[i].Aisle
	}
	return rows
}

// fits are the choices most people look for.
func (at place) fits(os []hours.Opening, who map[string]person, own string, mine *record.Held) []fit {
	p, zone := at.a.P, at.a.Now.Location()
	var out []fit
	add := func(label string, ok func(hours.Opening) bool) {
		all := os
		if mine != nil { // what is held is a fit as well
			all = append(slices.Clone(os), hours.Opening{From: mine.From, To: mine.To, Who: mine.Who, Modes: mine.Ways})
			slices.SortStableFunc(all, func(a, b hours.Opening) int { return a.From.Compare(b.From) })
		}
		i := slices.IndexFunc(all, func(o hours.Opening) bool { return who[o.Who].id != "" && ok(o) })
		if i < 0 {
			return
		}
		o := all[i]
		f := at.fit(label, o, who)
		f.Chosen = mine != nil && o.From.Equal(mine.From) && o.Who == mine.Who
		if !slices.ContainsFunc(out, func(x fit) bool { return x.Slot == f.Slot }) {
			out = append(out, f)
		}
	}
	add(p.VisitsSoonest(), func(hours.Opening) bool { return true })
	if x, ok := who[own]; ok {
		add(p.VisitsYour(cmp.Or(lowered(x.title), x.first)), func(o hours.Opening) bool { return o.Who == own })
	}
	add(p.VisitsAfterwork(), func(o hours.Opening) bool { return slotOf("", o.From, zone).minute >= evening })
	return out
}

// lowered writes a title within a sentence: "nurse", and "GP" as it is.
func lowered(title string) string {
	if len(title) > 1 && title[1] >= 'a' && title[0] >= 'A' && title[0] <= 'Z' {
		return string(title[0]+'a'-'A') + title[1:]
	}
	return title
}

func (at place) fit(label string, o hours.Opening, who map[string]person) fit {
	from := at.a.Local(o.From)
	return fit{Label: label, When: at.a.P.VisitsFit(day(at.a.P, from, at.a.Now), at.a.P.Clock(from), who[o.Who].first), Slot: slotOf(o.Who, o.From, at.a.Now.Location()).String()}
}

// nearest are the three openings next to a time that is gone: with the same clinician
// first, where they are as near.
func (at place) nearest(os []hours.Opening, was slot, who map[string]person) []fit {
	wanted, _ := was.day.At(was.minute, at.a.Now.Location())
	far := func(o hours.Opening) time.Duration {
		d := o.From.Sub(wanted).Abs()
		if o.Who != was.who {
			d += 90 * time.Minute
		}
		return d
	}
	near := slices.DeleteFunc(slices.Clone(os), func(o hours.Opening) bool {
		return who[o.Who].id == "" || slotOf(o.Who, o.From, at.a.Now.Location()) == was
	})
	slices.SortStableFunc(near, func(a, b hours.Opening) int { return cmp.Compare(far(a), far(b)) })
	var out []fit
	for _, o := range near[:min(3, len(near))] {
		from := at.a.Local(o.From)
		f := at.fit(day(at.a.P, from, at.a.Now)+", "+at.a.P.Clock(from), o, who)
		f.When = who[o.Who].called()
		out = append(out, f)
	}
	return out
}
