package hours

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// randomWeeks is a timetable of three people with leave, closed days and extra hours.
func randomWeeks(r *rand.Rand) *Timetable {
	t := &Timetable{}
	who := []string{"ann", "bob", "cy"}
	first := On(2026, 3, 20)
	for i := range 4 + r.IntN(12) {
		from := 6*60 + r.IntN(10*60)
		t.Stretches = append(t.Stretches, Stretch{ID: fmt.Sprint("s", i), Who: who[r.IntN(3)], Day: time.Weekday(r.IntN(7)), From: from, To: from + 15 + r.IntN(5*60), Every: r.IntN(3), Since: first})
	}
	for i := range r.IntN(6) {
		c := Change{ID: fmt.Sprint("c", i), First: first + Date(r.IntN(30)), Open: r.IntN(3) == 0}
		c.Last = c.First + Date(r.IntN(9))
		if c.Open || r.IntN(2) == 0 {
			c.Who = who[r.IntN(3)]
		}
		if c.Open || r.IntN(2) == 0 {
			c.From = 5*60 + r.IntN(8*60)
			c.To = c.From + 30 + r.IntN(6*60)
		}
		t.Changes = append(t.Changes, c)
	}
	return t
}

// working reads the table minute by minute: is one of a team there at a moment.
func working(t *Timetable, at time.Time, team []string) bool {
	d, h, m := DateOf(at), at.Hour(), at.Minute()
	for _, id := range team {
		for _, p := range t.Hours(id, d) {
			if h*60+m >= p.From && h*60+m < p.To {
				return true
			}
		}
	}
	return false
}

func TestWorkingTimeIsCountedMinuteByMinute(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 120 {
		zone, err := time.LoadLocation([]string{"Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"}[n%5])
		if err != nil {
			t.Fatal(err)
		}
		tt := randomWeeks(r)
		team := [][]string{{"ann"}, {"ann", "bob"}, {"cy", "nobody"}, nil}[r.IntN(4)]
		counts := tt.team(team)
		from := time.Date(2026, 3, 20+r.IntN(14), r.IntN(24), r.IntN(60), 0, 0, zone)
		want, at := time.Duration(0), from
		asked := time.Duration(1+r.IntN(600)) * time.Minute
		var done time.Time
		for range 20 * 24 * 60 {
			if working(tt, at, counts) {
				want += time.Minute
				if want == asked && done.IsZero() {
					done = at.Add(time.Minute)
				}
			}
			at = at.Add(time.Minute)
		}
		if got := tt.Worked(from, at, team, zone); got != want {
			t.Fatalf("%d: worked %v from %v to %v, want %v", n, got, from, at, want)
		}
		got, ok := tt.After(from, asked, team, zone)
		if !done.IsZero() && (!ok || !got.Equal(done)) {
			t.Fatalf("%d: %v worked after %v at %v (%t), want %v", n, asked, from, got, ok, done)
		}
		if ok {
			if w := tt.Worked(from, got, team, zone); w != asked {
				t.Fatalf("%d: until then %v was worked, want %v", n, w, asked)
			}
			if later, ok := tt.After(from.Add(time.Hour), asked, team, zone); ok && later.Before(got) {
				t.Fatalf("%d: who asks later is answered sooner", n)
			}
		}
	}
}

func TestWhoIsAway(t *testing.T) {
	t.Parallel()
	tt := &Timetable{
		Stretches: []Stretch{{ID: "a", Who: "ann", Day: time.Monday, From: 540, To: 720}, {ID: "b", Who: "bob", Day: time.Monday, From: 540, To: 720}},
		Changes:   []Change{{ID: "l", Who: "ann", First: On(2026, 11, 23), Last: On(2026, 11, 29)}, {ID: "h", First: On(2026, 11, 30), Last: On(2026, 11, 30)}, {ID: "m", Who: "bob", First: On(2026, 11, 23), Last: On(2026, 11, 23), From: 540, To: 600}},
	}
	for _, c := range []struct {
		who  string
		day  int
		away bool
	}{{"ann", 23, true}, {"bob", 23, false}, {"ann", 24, false}, {"ann", 30, true}, {"bob", 30, true}, {"cy", 23, false}, {"cy", 30, false}} {
		if got := tt.Away(time.Date(2026, 11, c.day, 10, 0, 0, 0, time.UTC), c.who, time.UTC); got != c.away {
			t.Errorf("%s on %d is away %t", c.who, c.day, got)
		}
	}
	if _, ok := tt.After(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), 1000*time.Hour, nil, time.UTC); ok {
		t.Error("more is worked than anybody works")
	}
	if at, ok := (&Timetable{}).After(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), time.Minute, nil, time.UTC); ok {
		t.Errorf("a practice without hours works until %v", at)
	}
}

func BenchmarkAfter(b *testing.B) {
	tt := randomWeeks(rand.New(rand.NewPCG(3, 4)))
	at := time.Date(2026, 3, 20, 16, 0, 0, 0, time.UTC)
	for b.Loop() {
		tt.After(at, 4*time.Hour, []string{"ann", "bob"}, time.UTC)
	}
}
