package hours_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rapport/hours"
)

// day is Thursday 26 November 2026.
var day = hours.On(2026, 11, 26)

func london(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// small is a practice with two people, a room and a device.
func small() *hours.Timetable {
	return &hours.Timetable{
		Services: []hours.Service{
			{ID: "bp", Names: map[string]string{"en": "Blood-pressure review"}, Minutes: 20, Step: 30, Who: []string{"lena", "samir"}, Modes: hours.InPerson | hours.Video, Rooms: []string{"r1"}, Public: true},
			{ID: "scan", Names: map[string]string{"en": "Scan"}, Minutes: 60, Who: []string{"lena"}, Modes: hours.InPerson, Devices: []string{"us"}},
		},
		Stretches: []hours.Stretch{{ID: "1", Who: "lena", Day: time.Thursday, From: 9 * 60, To: 11 * 60}, {ID: "2", Who: "samir", Day: time.Thursday, From: 10 * 60, To: 11 * 60, Modes: hours.Video, Label: "Evening clinic"}},
		Rooms:     []hours.Room{{ID: "r1", Name: "Room 1"}, {ID: "us", Name: "Ultrasound", Device: true}},
	}
}

// told writes openings short: who, when, how and where.
func told(os []hours.Opening) []string {
	out := []string{}
	for _, o := range os {
		how := ""
		for _, m := range o.Modes.Each() {
			how += " " + m.String()
		}
		if o.Room != "" {
			how += " " + o.Room
		}
		out = append(out, o.Who+o.From.Format(" 15:04")+how)
	}
	return out
}

func TestOpenings(t *testing.T) {
	t.Parallel()
	z := london(t)
	at := func(h, m int) time.Time { x, _ := day.At(h*60+m, z); return x }
	busy := func(h, m, minutes int) hours.Busy {
		return hours.Busy{From: at(h, m), To: at(h, m).Add(time.Duration(minutes) * time.Minute)}
	}
	all := []string{"lena 09:00 inperson video r1", "lena 09:30 inperson video r1", "lena 10:00 inperson video r1", "samir 10:00 video", "lena 10:30 inperson video r1", "samir 10:30 video"}
	for name, c := range map[string]struct {
		edit  func(*hours.Timetable, *hours.Query)
		taken hours.Taken
		want  []string
	}{
		"the week as it is":                  {want: all},
		"another day":                        {edit: func(_ *hours.Timetable, q *hours.Query) { q.From, q.To = day+1, day+6 }, want: []string{}},
		"only one of them":                   {edit: func(_ *hours.Timetable, q *hours.Query) { q.Who = []string{"samir"} }, want: []string{"samir 10:00 video", "samir 10:30 video"}},
		"only in person":                     {edit: func(_ *hours.Timetable, q *hours.Query) { q.Modes = hours.InPerson }, want: []string{"lena 09:00 inperson r1", "lena 09:30 inperson r1", "lena 10:00 inperson r1", "lena 10:30 inperson r1"}},
		"a visit":                            {taken: hours.Taken{"lena": {busy(9, 20, 20)}}, want: append([]string{"lena 09:00 inperson video r1"}, all[2:]...)},
		"a visit that touches on both sides": {taken: hours.Taken{"lena": {busy(9, 20, 10), busy(9, 50, 10)}}, want: all},
		"the room is taken":                  {taken: hours.Taken{"r1": {busy(9, 0, 120)}}, want: []string{"lena 09:00 video", "lena 09:30 video", "lena 10:00 video", "samir 10:00 video", "lena 10:30 video", "samir 10:30 video"}},
		"the room is closed, and in person is asked for": {edit: func(tt *hours.Timetable, q *hours.Query) { tt.Rooms[0].Closed, q.Modes = true, hours.InPerson }, want: []string{}},
		"the room is somewhere else":                     {edit: func(tt *hours.Timetable, q *hours.Query) { tt.Rooms[0].Place, q.Modes = "north", hours.InPerson }, want: []string{}},
		"leave, and the times keep their places": {edit: func(tt *hours.Timetable, _ *hours.Query) {
			tt.Changes = []hours.Change{{ID: "c", Who: "lena", First: day, Last: day, From: 9*60 + 10, To: 9*60 + 45}}
		}, want: all[2:]},
		"the practice is closed": {edit: func(tt *hours.Timetable, _ *hours.Query) {
			tt.Changes = []hours.Change{{ID: "c", First: day - 3, Last: day}}
		}, want: []string{}},
		"extra hours": {edit: func(tt *hours.Timetable, _ *hours.Query) {
			tt.Changes = []hours.Change{{ID: "c", Who: "samir", First: day, Last: day, From: 18 * 60, To: 18*60 + 30, Open: true}}
		}, want: append(slices.Clone(all), "samir 18:00 inperson video r1")},
		"what is kept free around it":       {edit: func(tt *hours.Timetable, _ *hours.Query) { tt.Services[0].Before, tt.Services[0].After = 10, 5 }, taken: hours.Taken{"lena": {busy(8, 55, 1)}, "samir": {busy(10, 19, 1), busy(10, 24, 1)}}, want: []string{"lena 09:30 inperson video r1", "lena 10:00 inperson video r1", "lena 10:30 inperson video r1"}},
		"every other week, this one":        {edit: func(tt *hours.Timetable, _ *hours.Query) { tt.Stretches[0].Every, tt.Stretches[0].Since = 2, day-13 }, want: all},
		"every other week, not this one":    {edit: func(tt *hours.Timetable, _ *hours.Query) { tt.Stretches[0].Every, tt.Stretches[0].Since = 2, day-10 }, want: []string{"samir 10:00 video", "samir 10:30 video"}},
		"not yet, and not any more":         {edit: func(tt *hours.Timetable, _ *hours.Query) { tt.Stretches[0].Since, tt.Stretches[1].Until = day+1, day-1 }, want: []string{}},
		"an hour before":                    {edit: func(tt *hours.Timetable, q *hours.Query) { tt.Services[0].Lead, q.Now = 60, at(9, 30) }, want: []string{"lena 10:30 inperson video r1", "samir 10:30 video"}},
		"staff book at once":                {edit: func(tt *hours.Timetable, q *hours.Query) { tt.Services[0].Lead, q.Now, q.Staff = 60, at(10, 30), true }, want: []string{"lena 10:30 inperson video r1", "samir 10:30 video"}},
		"too far ahead":                     {edit: func(tt *hours.Timetable, _ *hours.Query) { tt.Services[0].Ahead = 1 }, want: []string{}},
		"one a day, and that one is there":  {edit: func(tt *hours.Timetable, _ *hours.Query) { tt.Services[0].PerDay = 1 }, taken: hours.Taken{"lena": {{From: at(15, 0), To: at(15, 20), Service: "bp"}}, "samir": {{From: at(15, 0), To: at(15, 20), Service: "scan"}}}, want: []string{"samir 10:00 video", "samir 10:30 video"}},
		"a service nobody books themselves": {edit: func(_ *hours.Timetable, q *hours.Query) { q.Service = "scan" }, want: []string{}},
		"and staff do":                      {edit: func(_ *hours.Timetable, q *hours.Query) { q.Service, q.Staff = "scan", true }, want: []string{"lena 09:00 inperson", "lena 10:00 inperson"}},
		"its device is taken":               {edit: func(_ *hours.Timetable, q *hours.Query) { q.Service, q.Staff = "scan", true }, taken: hours.Taken{"us": {busy(9, 30, 10)}}, want: []string{"lena 10:00 inperson"}},
		"no such service":                   {edit: func(_ *hours.Timetable, q *hours.Query) { q.Service = "x" }, want: []string{}},
		"a stretch for other services":      {edit: func(tt *hours.Timetable, _ *hours.Query) { tt.Stretches[0].Services = []string{"scan"} }, want: []string{"samir 10:00 video", "samir 10:30 video"}},
	} {
		tt, q := small(), hours.Query{Service: "bp", From: day, To: day, Now: at(0, 0).Add(-48 * time.Hour)}
		if c.edit != nil {
			c.edit(tt, &q)
		}
		if err := tt.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := gocmp.Diff(c.want, told(hours.Openings(tt, z, c.taken, q))); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestOpeningsAreThoseThatAPatientReaderWouldFind compares with going through every
// minute, over random practices, in zones and weeks in which the clock changes.
func TestOpeningsAreThoseThatAPatientReaderWouldFind(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		z, err := time.LoadLocation([]string{"Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut", "UTC"}[r.IntN(5)])
		if err != nil {
			t.Fatal(err)
		}
		first := []hours.Date{hours.On(2026, 3, 24), hours.On(2026, 10, 20), hours.On(2024, 2, 26), hours.On(2026, 4, 1)}[r.IntN(4)]
		tt, taken := random(r, first, z)
		q := hours.Query{Service: "s", From: first, To: first + 8, Modes: []hours.Modes{0, hours.InPerson, hours.Video}[r.IntN(3)], Now: time.Unix(int64(first)*86400, 0).Add(time.Duration(r.IntN(3000)-600) * time.Minute), Staff: r.IntN(3) == 0}
		got := hours.Openings(tt, z, taken, q)
		want := patient(tt, z, taken, q)
		if d := gocmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d in %s (-want +got):\n%s", seed, z, d)
		}
		found += len(got)
	}
	if found < 5000 {
		t.Errorf("only %d openings", found)
	}
}

// random is a practice of a few people with a service "s".
func random(r *rand.Rand, first hours.Date, z *time.Location) (*hours.Timetable, hours.Taken) {
	who := []string{"a", "b", "c"}
	s := hours.Service{ID: "s", Names: map[string]string{"en": "S"}, Minutes: 5 * (1 + r.IntN(12)), Before: 5 * r.IntN(3), After: 5 * r.IntN(3), Step: 5 * r.IntN(8), Who: who[:1+r.IntN(3)], Modes: hours.Modes(1 + r.IntN(7)), Lead: r.IntN(600), Ahead: r.IntN(12), PerDay: r.IntN(4), Public: true}
	if r.IntN(2) == 0 {
		s.Rooms = []string{"r1", "r2"}
	}
	if r.IntN(3) == 0 {
		s.Devices = []string{"d"}
	}
	tt := &hours.Timetable{Services: []hours.Service{s}, Rooms: []hours.Room{{ID: "r1", Name: "1", Closed: r.IntN(4) == 0}, {ID: "r2", Name: "2", Place: []string{"", "north"}[r.IntN(2)]}, {ID: "d", Name: "D", Device: true}}}
	for i := range 8 {
		from := 5 * r.IntN(280)
		x := hours.Stretch{ID: fmt.Sprint(i), Who: who[r.IntN(3)], Day: time.Weekday(r.IntN(7)), From: from, To: min(from+5*(1+r.IntN(100)), hours.DayMinutes), Every: r.IntN(3), Since: first - hours.Date(r.IntN(30)), Modes: hours.Modes(r.IntN(8)), Place: []string{"", "north"}[r.IntN(2)]}
		if r.IntN(5) == 0 {
			x.Until = first + hours.Date(r.IntN(8))
		}
		tt.Stretches = append(tt.Stretches, x)
	}
	for i := range r.IntN(5) {
		from := 5 * r.IntN(200)
		c := hours.Change{ID: fmt.Sprint(i), Who: who[r.IntN(3)], First: first + hours.Date(r.IntN(7)), From: from, To: from + 5*(1+r.IntN(60)), Open: r.IntN(2) == 0}
		c.Last = c.First + hours.Date(r.IntN(3))
		if !c.Open && r.IntN(3) == 0 {
			c.Who, c.From, c.To = "", 0, 0
		}
		tt.Changes = append(tt.Changes, c)
	}
	taken := hours.Taken{}
	for _, of := range []string{"a", "b", "c", "r1", "r2", "d"} {
		at := time.Unix(int64(first)*86400, 0)
		for range 20 {
			at = at.Add(time.Duration(r.IntN(900)) * time.Minute)
			end := at.Add(time.Duration(1+r.IntN(90)) * time.Minute)
			taken[of] = append(taken[of], hours.Busy{From: at.In(z), To: end.In(z), Service: []string{"s", "x"}[r.IntN(2)]})
			at = end
		}
	}
	return tt, taken
}

// patient looks at every minute of every day for everybody.
func patient(t *hours.Timetable, z *time.Location, taken hours.Taken, q hours.Query) []hours.Opening {
	s := t.Services[0]
	step := s.Step
	if step == 0 {
		step = s.Minutes
	}
	horizon := s.Ahead
	if horizon == 0 {
		horizon = 366
	}
	overlaps := func(of string, from, to time.Time) bool {
		return slices.ContainsFunc(taken[of], func(b hours.Busy) bool { return b.From.Before(to) && b.To.After(from) })
	}
	var out []hours.Opening
	for _, who := range s.Who {
		for d := q.From; d <= q.To; d++ {
			if ahead := int(d - hours.DateOf(q.Now.In(z))); !q.Staff && (ahead < 0 || ahead > horizon) {
				continue
			}
			n := 0
			for _, b := range taken[who] {
				if b.Service == "s" && hours.DateOf(b.From.In(z)) == d {
					n++
				}
			}
			if s.PerDay > 0 && n >= s.PerDay {
				continue
			}
			for _, x := range sources(t, who, d) {
				for m := x.from; m+s.Minutes <= x.to; m += step {
					off := false
					for _, c := range t.Changes {
						a, b := c.From, c.To
						if a == 0 && b == 0 {
							b = hours.DayMinutes
						}
						if !c.Open && (c.Who == who || c.Who == "") && d >= c.First && d <= c.Last && a < m+s.Minutes && b > m {
							off = true
						}
					}
					at, ok := d.At(m, z)
					if off || !ok {
						continue
					}
					lead := time.Duration(s.Lead) * time.Minute
					if q.Staff {
						lead = 0
					}
					end := at.Add(time.Duration(s.Minutes) * time.Minute)
					late := false
					for b := range hours.DayMinutes + 1 { // the wall shows an end that is too late
						if w, ok := d.At(b, z); ok && b == x.to && end.After(w) {
							late = true
						}
					}
					a, b := at.Add(-time.Duration(s.Before)*time.Minute), end.Add(time.Duration(s.After)*time.Minute)
					if late || at.Before(q.Now.Add(lead)) || overlaps(who, a, b) || len(s.Devices) > 0 && overlaps("d", a, b) {
						continue
					}
					o := hours.Opening{From: at, To: end, Who: who, Place: x.place, Modes: x.modes}
					if q.Modes != 0 {
						o.Modes &= q.Modes
					}
					if o.Modes&hours.InPerson != 0 && len(s.Rooms) > 0 {
						for _, room := range t.Rooms[:2] {
							if !room.Closed && room.Place == x.place && !overlaps(room.ID, a, b) && o.Room == "" {
								o.Room = room.ID
							}
						}
						if o.Room == "" {
							o.Modes &^= hours.InPerson
						}
					}
					if o.Modes != 0 {
						out = append(out, o)
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b hours.Opening) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Who, b.Who)) })
	return out
}

// source is a part of a day on which somebody sees people.
type source struct {
	from, to int
	place    string
	modes    hours.Modes
}

// sources reads a day's off the timetable.
func sources(t *hours.Timetable, who string, d hours.Date) []source {
	s := t.Services[0]
	var from []source
	for _, x := range t.Stretches {
		on := x.Who == who && d.Weekday() == x.Day && d >= x.Since && (x.Until == 0 || d <= x.Until)
		if on && x.Every == 2 {
			monday := func(d hours.Date) hours.Date { return d - hours.Date((int(d.Weekday())+6)%7) }
			on = int(monday(d)-monday(x.Since))/7%2 == 0
		}
		m := s.Modes
		if x.Modes != 0 {
			m &= x.Modes
		}
		if on {
			from = append(from, source{x.From, x.To, x.Place, m})
		}
	}
	for _, c := range t.Changes {
		if c.Open && c.Who == who && d >= c.First && d <= c.Last {
			from = append(from, source{c.From, c.To, c.Place, s.Modes})
		}
	}
	return from
}

func TestATimetableThatSaysSomethingImpossibleIsRefused(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*hours.Timetable){
		"a service twice":         func(t *hours.Timetable) { t.Services[1].ID = "bp" },
		"a service of no length":  func(t *hours.Timetable) { t.Services[0].Minutes = 0 },
		"one of a day":            func(t *hours.Timetable) { t.Services[0].Minutes = 24 * 60 },
		"one that is met nowhere": func(t *hours.Timetable) { t.Services[0].Modes = 0 },
		"one in no room there is": func(t *hours.Timetable) { t.Services[0].Rooms = []string{"r9"} },
		"a device as a room":      func(t *hours.Timetable) { t.Services[0].Rooms = []string{"us"} },
		"a room as a device":      func(t *hours.Timetable) { t.Services[1].Devices = []string{"r1"} },
		"nameless":                func(t *hours.Timetable) { t.Services[0].Names = nil },
		"an id of two lines":      func(t *hours.Timetable) { t.Rooms[0].ID = "r\n1" },
		"a stretch backwards":     func(t *hours.Timetable) { t.Stretches[0].To = 60 },
		"past midnight":           func(t *hours.Timetable) { t.Stretches[0].To = 25 * 60 },
		"on the eighth day":       func(t *hours.Timetable) { t.Stretches[0].Day = 7 },
		"in no room":              func(t *hours.Timetable) { t.Stretches[0].Room = "us" },
		"of nobody":               func(t *hours.Timetable) { t.Stretches[0].Who = "" },
		"over before it begins":   func(t *hours.Timetable) { t.Stretches[0].Since, t.Stretches[0].Until = day, day-1 },
		"leave backwards":         func(t *hours.Timetable) { t.Changes = []hours.Change{{ID: "c", First: 2, Last: 1}} },
		"leave of a lifetime":     func(t *hours.Timetable) { t.Changes = []hours.Change{{ID: "c", First: 2, Last: 20000}} },
		"extra hours of nobody":   func(t *hours.Timetable) { t.Changes = []hours.Change{{ID: "c", First: 2, Last: 2, Open: true}} },
		"a hold of a day":         func(t *hours.Timetable) { t.HoldFor = 24 * 60 },
	} {
		tt := small()
		if err := tt.Check(); err != nil {
			t.Fatal(err)
		}
		edit(tt)
		if tt.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// BenchmarkOpenings is four weeks of ten people with 5,000 visits.
func BenchmarkOpenings(b *testing.B) {
	z := london(b)
	tt := &hours.Timetable{Rooms: []hours.Room{{ID: "r1", Name: "1"}}}
	s := hours.Service{ID: "s", Names: map[string]string{"en": "S"}, Minutes: 20, Modes: hours.InPerson | hours.Video, Public: true}
	taken := hours.Taken{}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 10 {
		who := fmt.Sprint("staff", i)
		s.Who = append(s.Who, who)
		for d := range 5 {
			tt.Stretches = append(tt.Stretches, hours.Stretch{ID: fmt.Sprint(i, "-", d), Who: who, Day: time.Weekday(d + 1), From: 480, To: 720}, hours.Stretch{ID: fmt.Sprint(i, "-", d, "b"), Who: who, Day: time.Weekday(d + 1), From: 780, To: 1080})
		}
		at, _ := day.At(0, z)
		for range 500 {
			at = at.Add(time.Duration(20+r.IntN(100)) * time.Minute)
			taken[who] = append(taken[who], hours.Busy{From: at, To: at.Add(20 * time.Minute), Service: "s"})
			at = at.Add(20 * time.Minute)
		}
	}
	tt.Services = []hours.Service{s}
	now, _ := day.At(480, z)
	b.ReportAllocs()
	for b.Loop() {
		if n := len(hours.Openings(tt, z, taken, hours.Query{Service: "s", From: day, To: day + 27, Now: now})); n < 100 {
			b.Fatal(n)
		}
	}
}

func TestNobodyLooksForEver(t *testing.T) {
	t.Parallel()
	tt := small()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, staff := range []bool{true, false} {
		from := hours.DateOf(now)
		os := hours.Openings(tt, time.UTC, nil, hours.Query{Service: tt.Services[0].ID, From: from, To: 1 << 40, Now: now, Staff: staff})
		if len(os) == 0 || os[len(os)-1].From.After(now.AddDate(2, 0, 3)) {
			t.Errorf("staff %t: %d openings", staff, len(os))
		}
	}
}
