package hours

import (
	"testing"
	"time"
)

func TestWhenThePracticeIsOpenNext(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	tt := &Timetable{Stretches: []Stretch{{ID: "a", Who: "lena", Day: time.Monday, From: 9 * 60, To: 12 * 60}, {ID: "b", Who: "sam", Day: time.Monday, From: 8 * 60, To: 10 * 60}, {ID: "c", Who: "lena", Day: time.Thursday, From: 9 * 60, To: 17 * 60}},
		Changes: []Change{{ID: "x", First: On(2026, 11, 26), Last: On(2026, 11, 26)}}}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	for _, c := range []struct {
		name     string
		at, want time.Time
	}{
		{"open now", at(23, 9, 30), at(23, 9, 30)},
		{"before the first", at(23, 3, 0), at(23, 8, 0)},
		{"after the last, and the practice is closed on Thursday", at(23, 12, 0), at(30, 8, 0)},
	} {
		if got, ok := tt.Open(c.at, zone); !ok || !got.Equal(c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, got, ok, c.want)
		}
	}
	if _, ok := (&Timetable{}).Open(at(23, 9, 0), zone); ok {
		t.Error("a practice without hours is open")
	}
}
