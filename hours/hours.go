// Package hours says when somebody can be seen: it computes openings out of what a
// practice wrote down about its weeks, less what is taken already. It is pure, keeps
// nothing and asks no clock; what it is given is a [Timetable], busy times and a span,
// and what it gives back is in order. It refuses a timetable that says something
// impossible, and never offers a wall-clock time that a change of the clock skips.
package hours

import (
	"slices"
	"time"
)

// Date is a day of the calendar, counted from 1 January 1970; the zero Date is that
// day, and means none where a Date may be missing.
type Date int

// On returns the day with a year, month and day of the month.
func On(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// DateOf returns the day it is at a time, where that time's location is.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return On(y, m, d)
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1970 {
		return 0, false
	}
	return DateOf(t), true
}

// String writes YYYY-MM-DD.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

func (d Date) utc() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// week counts weeks, which begin on Mondays.
func (d Date) week() int { return (int(d) + 3) / 7 }

// At returns the moment at which the clock on the wall shows some minutes after
// midnight on this day. Where the clock is put back and shows it twice, it is the
// first; where it is put forward and never shows it, there is none.
func (d Date) At(minute int, zone *time.Location) (time.Time, bool) {
	y, m, day := d.utc().Date()
	t := time.Date(y, m, day, minute/60, minute%60, 0, 0, zone)
	h, mm, _ := t.Clock()
	if minute < DayMinutes && (h*60+mm != minute || t.Day() != day) {
		return t, false
	}
	if since, _ := t.ZoneBounds(); !since.IsZero() { // shown before it was put back, too?
		_, now := t.Zone()
		_, was := since.Add(-time.Second).Zone()
		if b := t.Add(time.Duration(now-was) * time.Second); was > now && b.Before(since) {
			return b, true
		}
	}
	return t, true
}

// DayMinutes is how many minutes a day has on most days: the end of one, as a minute.
const DayMinutes = 24 * 60

// Modes is a set of ways to meet.
type Modes uint8

// The ways to meet.
const (
	InPerson Modes = 1 << iota
	Video
	Phone
	AllModes = InPerson | Video | Phone
)

var modeCodes = []string{"inperson", "video", "phone"}

// Each returns the ways in a set, one by one.
func (m Modes) Each() []Modes {
	var out []Modes
	for i := range modeCodes {
		if x := Modes(1) << i; m&x != 0 {
			out = append(out, x)
		}
	}
	return out
}

// String returns the code of one way, "" for none or several.
func (m Modes) String() string {
	for i, c := range modeCodes {
		if m == 1<<i {
			return c
		}
	}
	return ""
}

// ParseMode reads the code of one way; 0 for what is none.
func ParseMode(code string) Modes {
	for i, c := range modeCodes {
		if c == code {
			return 1 << i
		}
	}
	return 0
}

// Service is something the practice does for people.
type Service struct {
	ID      string
	Names   map[string]string // by language, BCP 47
	About   map[string]string // what it is, in a sentence or two
	Prepare map[string]string // what to bring or do before
	Price   map[string]string // "" is covered: nothing to pay
	Icon    string
	Minutes int      // how long it takes
	Before  int      // minutes kept free before it
	After   int      // and after it
	Step    int      // every how many minutes it may begin; 0 is its length
	Who     []string // who does it, by staff id
	Modes   Modes
	Rooms   []string // in person it needs one of these; none means that it needs no room
	Devices []string // and all of these, in whatever room
	Lead    int      // minutes before it begins at which it can last be booked
	Ahead   int      // days in advance it can first be booked; 0 is a year
	Change  int      // minutes before it begins at which its client can last move or cancel it
	PerDay  int      // how many a day one person does; 0 is any number
	Public  bool     // people book it themselves
	Private string   `json:",omitempty"` // the compartments its visits lie in, by code
	Remind  []int    // minutes before it at which its client is reminded; nil is 7 days, 1 day and 2 hours
}

// Stretch is a part of a weekday on which somebody sees people.
type Stretch struct {
	ID       string
	Who      string // staff id
	Place    string // where, by the practice's id; "" if it has one place
	Day      time.Weekday
	From, To int      // minutes after midnight, by the clock on the wall
	Every    int      // every how many weeks; 0 is every week
	Since    Date     // the first day it holds, and whose week is the first of those weeks
	Until    Date     // the last day; 0 is none
	Services []string // only these; none is all that the person does
	Modes    Modes    // only so; 0 is as the service can be
	Room     string   // where they sit, if the service can be there; "" is any of its rooms
	Label    string   // "Evening clinic"; "" for none
}

// Change is a departure from the weeks: leave, or hours beside the usual ones.
type Change struct {
	ID          string
	Who         string // staff id; "" is everybody: the practice is closed
	First, Last Date   // the days it is about
	From, To    int    // minutes of each of those days; both 0 is the whole day
	Open        bool   // extra hours; otherwise nobody is seen
	Place       string // of extra hours
}

// Room is a room or a device.
type Room struct {
	ID, Name, Place string
	Device          bool
	Closed          bool // it is not to be had; visits in it stay
}

// Timetable is all that a practice wrote down about its times.
type Timetable struct {
	Services  []Service
	Stretches []Stretch
	Changes   []Change
	Rooms     []Room
	HoldFor   int // minutes a time is held for who chose it; 0 is 5
	Version   int // how often it was changed
}

// Service returns the service with an id.
func (t *Timetable) Service(id string) (Service, bool) {
	for _, s := range t.Services {
		if s.ID == id {
			return s, true
		}
	}
	return Service{}, false
}

// Public returns the services people book themselves.
func (t *Timetable) Public() []Service {
	return slices.DeleteFunc(slices.Clone(t.Services), func(s Service) bool { return !s.Public })
}

// Room returns the room or device with an id.
func (t *Timetable) Room(id string) (Room, bool) {
	for _, r := range t.Rooms {
		if r.ID == id {
			return r, true
		}
	}
	return Room{}, false
}

// Hold is for how long a time is held.
func (t *Timetable) Hold() time.Duration {
	if t.HoldFor == 0 {
		return 5 * time.Minute
	}
	return time.Duration(t.HoldFor) * time.Minute
}

// RemindMost is how often a client is reminded of one visit at most.
const RemindMost = 6

// Reminders are how many minutes before it a client is reminded of it, the longest
// first.
func (s *Service) Reminders() []int {
	if s.Remind == nil {
		return []int{7 * DayMinutes, DayMinutes, 2 * 60}
	}
	out := slices.Clone(s.Remind)
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// every is how many minutes lie between two beginnings of a service.
func (s *Service) every() int {
	if s.Step > 0 {
		return s.Step
	}
	return s.Minutes
}

// horizon is how many days ahead it can be booked.
func (s *Service) horizon() int {
	if s.Ahead > 0 {
		return s.Ahead
	}
	return 366
}
