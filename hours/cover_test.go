package hours

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lena sees people on Tuesdays from nine to twelve and from one to five, in the
// afternoon by video only, and every other Thursday morning.
func lena() *Timetable {
	return &Timetable{
		Services: []Service{{ID: "gp", Names: map[string]string{"en": "GP"}, Minutes: 15, Modes: AllModes, Who: []string{"lena"}}},
		Stretches: []Stretch{
			{ID: "am", Who: "lena", Day: time.Tuesday, From: 540, To: 720, Room: "r3"},
			{ID: "pm", Who: "lena", Day: time.Tuesday, From: 780, To: 1020, Modes: Video},
			{ID: "alt", Who: "lena", Day: time.Thursday, From: 540, To: 720, Every: 2, Since: On(2026, 11, 26)},
		},
		Rooms: []Room{{ID: "r3", Name: "Room 3"}},
	}
}

func TestHoursAreStretchesAndExtraLessLeave(t *testing.T) {
	t.Parallel()
	tt, tuesday := lena(), On(2026, 11, 24)
	tt.Changes = []Change{
		{ID: "x", Who: "lena", First: tuesday, Last: tuesday, From: 1080, To: 1140, Open: true, Place: "north"},
		{ID: "l", Who: "lena", First: tuesday, Last: tuesday, From: 600, To: 660},
		{ID: "o", Who: "samir", First: tuesday, Last: tuesday},
	}
	want := []Part{{540, 600, "", "", "r3", "am"}, {660, 720, "", "", "r3", "am"}, {780, 1020, "", "", "", "pm"}, {1080, 1140, "north", "", "", ""}}
	if d := cmp.Diff(want, tt.Hours("lena", tuesday)); d != "" {
		t.Error(d)
	}
	tt.Changes = append(tt.Changes, Change{ID: "c", First: tuesday, Last: tuesday + 1})
	if got := tt.Hours("lena", tuesday); len(got) != 0 {
		t.Errorf("on a closed day: %v", got)
	}
	if got := tt.Hours("lena", On(2026, 12, 3)); len(got) != 0 {
		t.Errorf("in the week between: %v", got)
	}
}

func TestCoversSaysWhyAVisitHasNoPlace(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := func(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, zone) }
	day := On(2026, 11, 24)
	for name, c := range map[string]struct {
		from   time.Time
		min    int
		mode   Modes
		rooms  []string
		change func(*Timetable)
		svc    string
		want   Cover
	}{
		"in the morning":                {at(9, 0), 15, InPerson, []string{"r3"}, nil, "gp", Covered},
		"to the last minute":            {at(11, 45), 15, InPerson, nil, nil, "gp", Covered},
		"over the lunch hour":           {at(11, 50), 15, InPerson, nil, nil, "gp", NoHours},
		"before anybody comes":          {at(8, 45), 15, InPerson, nil, nil, "gp", NoHours},
		"in person in the afternoon":    {at(14, 0), 15, InPerson, nil, nil, "gp", NoHours},
		"by video in the afternoon":     {at(14, 0), 15, Video, nil, nil, "gp", Covered},
		"from another system":           {at(7, 0), 15, 0, nil, nil, "", Covered},
		"from another system, on leave": {at(7, 0), 15, 0, nil, func(x *Timetable) { x.Changes = []Change{{ID: "l", Who: "lena", First: day, Last: day}} }, "", OnLeave},
		"she is away":                   {at(9, 0), 15, InPerson, nil, func(x *Timetable) { x.Changes = []Change{{ID: "l", Who: "lena", First: day, Last: day}} }, "gp", OnLeave},
		"she is away later": {at(9, 0), 15, InPerson, nil, func(x *Timetable) {
			x.Changes = []Change{{ID: "l", Who: "lena", First: day, Last: day, From: 555, To: 600}}
		}, "gp", Covered},
		"somebody else is away": {at(9, 0), 15, InPerson, nil, func(x *Timetable) { x.Changes = []Change{{ID: "l", Who: "samir", First: day, Last: day}} }, "gp", Covered},
		"closed":                {at(9, 0), 15, InPerson, nil, func(x *Timetable) { x.Changes = []Change{{ID: "l", First: day - 1, Last: day + 1}} }, "gp", OnLeave},
		"extra hours": {at(18, 0), 15, InPerson, nil, func(x *Timetable) {
			x.Changes = []Change{{ID: "l", Who: "lena", First: day, Last: day, From: 1080, To: 1140, Open: true}}
		}, "gp", Covered},
		"the room is closed":               {at(9, 0), 15, InPerson, []string{"r3"}, func(x *Timetable) { x.Rooms[0].Closed = true }, "gp", RoomClosed},
		"the room is gone":                 {at(9, 0), 15, InPerson, []string{"r9"}, nil, "gp", RoomClosed},
		"two stretches side by side":       {at(11, 50), 15, InPerson, nil, func(x *Timetable) { x.Stretches[1].From, x.Stretches[1].Modes = 720, 0 }, "gp", Covered},
		"the stretch is for another thing": {at(9, 0), 15, InPerson, nil, func(x *Timetable) { x.Stretches[0].Services = []string{"flu"} }, "gp", NoHours},
	} {
		tt := lena()
		if c.change != nil {
			c.change(tt)
		}
		v := Visit{Service: c.svc, Who: "lena", Rooms: c.rooms, Mode: c.mode, From: c.from, To: c.from.Add(time.Duration(c.min) * time.Minute)}
		if got := tt.Covers(v, zone); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestWhatIsOfferedIsCovered holds Covers against Openings, which is written apart.
func TestWhatIsOfferedIsCovered(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	tt := lena()
	tt.Changes = []Change{{ID: "l", Who: "lena", First: On(2026, 12, 1), Last: On(2026, 12, 1), From: 600, To: 840}}
	from := On(2026, 11, 23)
	n := 0
	for _, o := range Openings(tt, zone, nil, Query{Service: "gp", From: from, To: from + 60, Now: time.Date(2026, 11, 23, 0, 0, 0, 0, zone), Staff: true}) {
		for _, m := range o.Modes.Each() {
			n++
			if got := tt.Covers(Visit{Service: "gp", Who: o.Who, Mode: m, From: o.From, To: o.To}, zone); got != Covered {
				t.Fatalf("%s %s is offered and not covered: %d", o.From, m, got)
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d openings", n)
	}
}

func TestClash(t *testing.T) {
	t.Parallel()
	base := Stretch{Who: "lena", Day: time.Tuesday, From: 540, To: 720}
	for name, c := range map[string]struct {
		change func(*Stretch)
		want   bool
	}{
		"the same":                   {func(*Stretch) {}, true},
		"another person":             {func(s *Stretch) { s.Who = "samir" }, false},
		"another day":                {func(s *Stretch) { s.Day = time.Monday }, false},
		"right after":                {func(s *Stretch) { s.From, s.To = 720, 800 }, false},
		"one minute over":            {func(s *Stretch) { s.From, s.To = 719, 800 }, true},
		"every other week":           {func(s *Stretch) { s.Every, s.Since = 2, On(2026, 11, 24) }, true},
		"once the other has ended":   {func(s *Stretch) { s.Since = On(2027, 1, 5) }, true},
		"before the other has begun": {func(s *Stretch) { s.Until = On(1970, 1, 2) }, false},
	} {
		x := base
		c.change(&x)
		if got := Clash(base, x); got != c.want || Clash(x, base) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	a, b := base, base
	a.Every, a.Since = 2, On(2026, 11, 24)
	b.Every, b.Since = 2, On(2026, 12, 1)
	if Clash(a, b) {
		t.Error("alternating weeks clash")
	}
	b.Every = 3
	if !Clash(a, b) {
		t.Error("every second and every third week meet")
	}
	a.Until, b.Since = On(2026, 12, 8), On(2026, 12, 15)
	if Clash(a, b) {
		t.Error("one ends before the other begins")
	}
}
