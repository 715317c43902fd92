package hours_test

import (
	"strings"
	"testing"
	"time"

	"rapport/hours"
)

// list is openings of 20 minutes, as "who day hh:mm".
func list(t testing.TB, lines ...string) []hours.Opening {
	t.Helper()
	var out []hours.Opening
	for _, l := range lines {
		who, at, _ := strings.Cut(l, " ")
		from, err := time.ParseInLocation("2006-01-02 15:04", at, london(t))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, hours.Opening{From: from, To: from.Add(20 * time.Minute), Who: who, Modes: hours.InPerson | hours.Video})
	}
	return out
}

func runs(t testing.TB, rs [][]hours.Opening) string {
	t.Helper()
	var out []string
	for _, r := range rs {
		var one []string
		for _, o := range r {
			one = append(one, o.Who+" "+o.From.In(london(t)).Format("2 15:04"))
		}
		out = append(out, strings.Join(one, ", "))
	}
	return strings.Join(out, "; ")
}

// TestWeekly crosses the last Sunday of October, when the clock is put back.
func TestWeekly(t *testing.T) {
	t.Parallel()
	os := list(t, "ann 2026-10-20 09:00", "ann 2026-10-20 10:00", "bo 2026-10-20 10:00", "ann 2026-10-27 09:00", "bo 2026-10-27 10:00", "ann 2026-11-03 09:00", "ann 2026-11-10 09:00", "ann 2026-11-10 10:00")
	for n, want := range map[int]string{
		2: "ann 20 09:00, ann 27 09:00; bo 20 10:00, bo 27 10:00; ann 27 09:00, ann 3 09:00; ann 3 09:00, ann 10 09:00",
		4: "ann 20 09:00, ann 27 09:00, ann 3 09:00, ann 10 09:00",
		5: "",
	} {
		if got := runs(t, hours.Weekly(os, n, london(t))); got != want {
			t.Errorf("%d weeks: %s; want %s", n, got, want)
		}
	}
	os[3].Modes, os[5].Modes = hours.Video, hours.InPerson
	if got := runs(t, hours.Weekly(os, 3, london(t))); got != "" {
		t.Errorf("in no way all of them: %s", got)
	}
	if x := hours.Weekly(os, 2, london(t)); x[0][0].Modes != hours.Video {
		t.Errorf("a series in several ways: %v", x[0][0].Modes)
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	os := list(t, "ann 2026-11-03 09:00", "bo 2026-11-03 09:00", "ann 2026-11-03 09:20", "ann 2026-11-03 09:30", "bo 2026-11-03 09:50", "ann 2026-11-03 10:00", "ann 2026-11-03 11:00")
	for _, c := range []struct {
		n           int
		least, most time.Duration
		want        string
	}{
		{2, 0, 15 * time.Minute, "ann 3 09:00, ann 3 09:20; ann 3 09:30, ann 3 10:00"},
		{2, 5 * time.Minute, 15 * time.Minute, "ann 3 09:00, ann 3 09:30; ann 3 09:30, ann 3 10:00"},
		{2, 0, time.Hour, "ann 3 09:00, ann 3 09:20; bo 3 09:00, bo 3 09:50; ann 3 09:20, ann 3 10:00; ann 3 09:30, ann 3 10:00; ann 3 10:00, ann 3 11:00"},
		{3, 5 * time.Minute, 15 * time.Minute, "ann 3 09:00, ann 3 09:30, ann 3 10:00"},
		{4, 0, 15 * time.Minute, ""},
	} {
		if got := runs(t, hours.Runs(os, c.n, c.least, c.most)); got != c.want {
			t.Errorf("%d, %v to %v: %s; want %s", c.n, c.least, c.most, got, c.want)
		}
	}
}
