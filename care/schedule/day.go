package schedule

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// dayView is a day by whom or where visits are, or a week of one person.
type dayView struct {
	Shell    shell.View
	P        lang.Printer
	Title    string
	Date     string // as the field holds it
	Ask      asked
	Prev     string
	Next     string
	Today    string
	IsToday  bool
	Views    []parts.Link
	Current  string
	People   parts.ChipsView
	Count    string
	First    int
	Last     int
	Columns  []column
	State    string
	Out      int
	Side     sideView
	BackHere string
}

// asked is which day, and how it is shown.
type asked struct {
	Date hours.Date
	View string // day, rooms or week
	Who  string // only theirs; "" is everyone's
}

// The ways to show it.
const (
	byDay   = "day"
	byRooms = "rooms"
	byWeek  = "week"
)

// href is the address of a day shown in a way.
func (q asked) href() string {
	v := url.Values{}
	v.Set("date", q.Date.String())
	if q.View != byDay {
		v.Set("view", q.View)
	}
	if q.Who != "" {
		v.Set("who", q.Who)
	}
	return "/day?" + v.Encode()
}

func (q asked) on(d hours.Date) asked       { q.Date = d; return q }
func (q asked) shown(view string) asked     { q.View = view; return q }
func (q asked) of(who string) asked         { q.Who = who; return q }
func (q asked) monday() hours.Date          { return q.Date - hours.Date((int(q.Date.Weekday())+6)%7) }
func (q asked) step(n int) asked            { return q.on(q.Date + hours.Date(n*q.days())) }
func (q asked) span() (from, to hours.Date) { return q.first(), q.first() + hours.Date(q.days()) }

func (q asked) days() int {
	if q.View == byWeek {
		return 7
	}
	return 1
}

func (q asked) first() hours.Date {
	if q.View == byWeek {
		return q.monday()
	}
	return q.Date
}

// desk is one request about days, for staff who find people.
type desk struct {
	*practice
	d      *record.Directory
	cal    *record.Calendar
	staff  []record.Colleague
	q      asked
	booked []record.Booked   // in the days asked for, in order
	guests map[string]string // the names of who booked and has no chart yet, by id
	state  uint64            // of the calendar, when it was read
}

func newDesk(a *web.Ask, d *record.Directory) (*desk, error) {
	staff, err := d.Staff(a.Context())
	if err != nil {
		return nil, err
	}
	cal := d.Calendar()
	k := &desk{practice: newPractice(a, cal.Timetable(), staff), d: d, cal: cal, staff: staff}
	k.state, _ = cal.Watch() // before anything is read, so that what comes meanwhile is seen
	k.q = asked{Date: dayIn(a, a.Query("date")), View: a.Query("view"), Who: a.Query("who")}
	if k.q.View != byWeek && k.q.View != byRooms {
		k.q.View = byDay
	}
	if k.names[k.q.Who] == "" {
		k.q.Who = ""
	}
	if k.q.View == byWeek && k.q.Who == "" {
		k.q.Who = k.someone()
	}
	first, last := k.q.span()
	from, _ := first.At(0, a.Now.Location())
	to, _ := last.At(0, a.Now.Location())
	if k.booked, err = d.Day(a.Context(), from, to); err != nil {
		return nil, err
	}
	return k, k.nameGuests()
}

// nameGuests reads who the guests are, if one of them has a visit in these days.
func (k *desk) nameGuests() error {
	if !slices.ContainsFunc(k.booked, func(b record.Booked) bool { return b.Guest != "" }) {
		return nil
	}
	all, err := k.d.Waiting(k.Context())
	k.guests = map[string]string{}
	for _, w := range all {
		k.guests[w.Subject.ID] = w.Name
	}
	return err
}

// someone is whose week is shown first: the reader's own, if they see people.
func (k *desk) someone() string {
	sees := k.seers()
	if slices.Contains(sees, k.Ask.Who.ID()) || len(sees) == 0 {
		return k.Ask.Who.ID()
	}
	return sees[0]
}

// seers are who has hours or does a service, by name.
func (k *desk) seers() []string {
	var out []string
	for _, c := range k.staff {
		does := slices.ContainsFunc(k.t.Services, func(s hours.Service) bool { return slices.Contains(s.Who, c.ID) })
		if does || slices.ContainsFunc(k.t.Stretches, func(s hours.Stretch) bool { return s.Who == c.ID }) {
			out = append(out, c.ID)
		}
	}
	return out
}

func showDay(a *web.Ask, d *record.Directory) (web.Answer, error) {
	k, err := newDesk(a, d)
	if err != nil {
		return web.Answer{}, err
	}
	v, err := k.view()
	if a.Fragment {
		return web.Page(dayParts(v)), err
	}
	return web.Page(dayPage(v)), err
}

func (k *desk) view() (dayView, error) {
	q := k.q
	today := hours.DateOf(k.Now)
	v := dayView{Shell: frame(k.Ask, k.P.ScheduleTitle(), "js/day.js"), P: k.P, Date: q.Date.String(), Ask: q, IsToday: q.first() <= today && today < q.first()+hours.Date(q.days()), BackHere: q.href()}
	v.Shell.Here = q.href()
	v.Prev, v.Next, v.Today = q.step(-1).href(), q.step(1).href(), q.on(today).href()
	v.State = strconv.FormatUint(k.state, 10)
	v.Title = lang.Upper(k.P.Date(on(k.Ask, q.Date), k.Now))
	if q.View == byWeek {
		v.Title = k.P.ScheduleWeekOf(k.P.ShortDay(on(k.Ask, q.monday())), k.P.Short(on(k.Ask, q.monday()+6)))
	}
	v.Views = []parts.Link{{Text: k.P.ScheduleViewDay(), Href: q.shown(byDay).href(), Icon: "users"}, {Text: k.P.ScheduleViewRooms(), Href: q.shown(byRooms).of("").href(), Icon: "building"}, {Text: k.P.ScheduleViewWeek(), Href: q.shown(byWeek).href(), Icon: "calendar"}}
	v.Current = q.href()
	v.People = k.chips()
	switch q.View {
	case byRooms:
		v.Columns = k.rooms()
	case byWeek:
		for d := q.monday(); d < q.monday()+7; d++ {
			c := k.person(q.Who, d)
			c.Title, c.Seed, c.Sub = lang.Upper(k.P.WeekdayShort(on(k.Ask, d)))+" "+k.P.ShortDay(on(k.Ask, d)), "", ""
			c.Today = d == today
			c.Href = q.shown(byDay).on(d).href()
			if d.Weekday() != time.Saturday && d.Weekday() != time.Sunday || c.Count > 0 || len(c.Hours) > 0 {
				v.Columns = append(v.Columns, c)
			}
		}
	default:
		for _, who := range k.onDuty() {
			v.Columns = append(v.Columns, k.person(who, q.Date))
		}
	}
	n := 0
	for _, c := range v.Columns {
		n += c.Count
		v.Out += c.Out
	}
	v.Count = k.P.ScheduleCount(n)
	v.First, v.Last = k.frameOf(v.Columns)
	for i := range v.Columns {
		v.Columns[i].begin(k, v.First)
	}
	var err error
	v.Side, err = k.side()
	return v, err
}

// chips choose whose day is shown.
func (k *desk) chips() parts.ChipsView {
	q := k.q
	if q.View == byRooms {
		return parts.ChipsView{}
	}
	v := parts.ChipsView{Label: k.P.ScheduleWho(), Current: q.href()}
	if q.View == byDay {
		v.Chips = append(v.Chips, parts.Link{Text: k.P.ScheduleEveryone(), Href: q.of("").href()})
	}
	for _, who := range k.seers() {
		l := parts.Link{Text: k.name(who), Href: q.of(who).href()}
		if who == k.Ask.Who.ID() {
			l.Icon = "user"
		}
		v.Chips = append(v.Chips, l)
	}
	return v
}

// onDuty are those whose columns a day has: who works, and who has visits all the same.
func (k *desk) onDuty() []string {
	var out []string
	for _, c := range k.staff {
		if len(k.t.Hours(c.ID, k.q.Date)) > 0 {
			out = append(out, c.ID)
		}
	}
	for _, b := range k.booked {
		for _, who := range append([]string{b.Who}, b.Also...) {
			if k.names[who] != "" && !b.Line && !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	if k.q.Who != "" {
		return []string{k.q.Who}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(k.name(a), k.name(b)), cmp.Compare(a, b)) })
	return out
}

// column is the day of one person, or in one room.
type column struct {
	ID, Title, Sub string
	Seed, Href     string
	Who            string
	Day            hours.Date
	Late           string
	Away           bool
	Today          bool
	Hours          []string // slots in which they work
	Cards          []card
	Count, Out     int
	From, To       int    // what is in it, in minutes
	Begin          string // the moment its first hour begins, RFC 3339
	Now            string // the slot of this minute, "" on another day
}

// person is the column of one person on a day.
func (k *desk) person(who string, d hours.Date) column {
	c := column{ID: who + "-" + d.String(), Title: k.name(who), Seed: who, Who: who, Day: d, From: hours.DayMinutes}
	if d == hours.DateOf(k.Now) {
		if n := k.cal.Late(who); n > 0 {
			c.Late = k.P.ScheduleLateN(n)
		}
	}
	works := k.t.Hours(who, d)
	for _, p := range works {
		c.Hours = append(c.Hours, parts.Slot(p.From, p.To))
		c.From, c.To = min(c.From, p.From), max(c.To, p.To)
		if p.Label != "" && c.Sub == "" {
			c.Sub = p.Label
		}
	}
	c.Away = len(works) == 0
	var busy []record.Booked
	for _, b := range k.booked {
		if !b.Line && hours.DateOf(k.Local(b.From)) == d && (b.Who == who || slices.Contains(b.Also, who)) {
			c.add(k, b)
			busy = append(busy, b)
		}
	}
	c.Cards = append(c.Cards, k.free(who, d, works, busy)...)
	c.sort()
	return c
}

// rooms are the columns of a day by where visits are.
func (k *desk) rooms() []column {
	var out []column
	at := map[string]int{}
	for _, r := range k.t.Rooms {
		if !r.Device {
			at[r.ID] = len(out)
			c := column{ID: r.ID, Title: r.Name, Day: k.q.Date, From: hours.DayMinutes}
			if r.Closed {
				c.Away = true
			}
			out = append(out, c)
		}
	}
	none := column{ID: "none", Title: k.P.ScheduleNoRoom(), Day: k.q.Date, From: hours.DayMinutes}
	for _, b := range k.booked {
		switch i, ok := at[b.Room]; {
		case b.Line:
		case ok:
			out[i].add(k, b)
		default:
			none.add(k, b)
		}
	}
	if len(none.Cards) > 0 {
		out = append(out, none)
	}
	for i := range out {
		out[i].sort()
	}
	return out
}

func (c *column) add(k *desk, b record.Booked) {
	x := k.card(b, c.Who)
	c.Cards = append(c.Cards, x)
	c.From, c.To = min(c.From, x.From), max(c.To, x.To)
	if x.Kind == kindVisit {
		c.Count++
	}
	if x.Out != "" {
		c.Out++
	}
}

func (c *column) sort() {
	slices.SortStableFunc(c.Cards, func(a, b card) int { return cmp.Or(a.From-b.From, a.To-b.To) })
	end := 0
	for i := range c.Cards { // what overlaps stands beside, not on top
		if c.Cards[i].From < end && c.Cards[i].Kind != kindFree {
			c.Cards[i].Beside = true
		}
		end = max(end, c.Cards[i].To)
	}
}

// begin says at which moment the column's first hour begins, and where now is in it.
func (c *column) begin(k *desk, first int) {
	if t, ok := c.Day.At(first*60, k.Now.Location()); ok {
		c.Begin = t.UTC().Format(time.RFC3339)
	}
	if now := k.Now.Hour()*60 + k.Now.Minute(); c.Day == hours.DateOf(k.Now) {
		c.Now = parts.Slot(now, now+5)
	}
}

// frameOf are the first hour that is shown, and the one after the last.
func (k *desk) frameOf(cs []column) (first, last int) {
	from, to := 9*60, 17*60
	for _, c := range cs {
		if c.To > 0 {
			from, to = min(from, c.From), max(to, c.To)
		}
	}
	return from / 60, min((to+59)/60, 24)
}

// hoursShown are the hours beside the columns.
func (v dayView) hoursShown() []string {
	var out []string
	for h := v.First; h < v.Last; h++ {
		out = append(out, time.Date(2000, 1, 1, h, 0, 0, 0, time.UTC).Format("15:04"))
	}
	return out
}
