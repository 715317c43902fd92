package hours_test

import (
	"archive/zip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"rapport/hours"
)

// zones are the names of all time zones that Go comes with.
func zones(t testing.TB) []*time.Location {
	t.Helper()
	//lint:ignore SA1019 a test runs where Go is
	z, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close() //nolint:errcheck // only read
	var out []*time.Location
	for _, f := range z.File {
		if l, err := time.LoadLocation(f.Name); err == nil && !strings.HasSuffix(f.Name, "/") {
			out = append(out, l)
		}
	}
	if len(out) < 400 {
		t.Fatalf("only %d zones", len(out))
	}
	return out
}

// TestAMinuteOfADayInEveryZone: for each quarter of an hour of 2024 to 2027 in every
// zone, the moment is the first at which the wall shows it, and there is none exactly
// if the wall never does.
func TestAMinuteOfADayInEveryZone(t *testing.T) {
	t.Parallel()
	skipped, twice := 0, 0
	for _, z := range zones(t) {
		for d := hours.On(2024, 1, 1); d < hours.On(2028, 1, 1); d++ {
			from, to := time.Unix(int64(d)*86400, 0).Add(-15*time.Hour), time.Unix(int64(d+1)*86400, 0).Add(15*time.Hour)
			if _, a := from.In(z).Zone(); true {
				if _, b := to.In(z).Zone(); a == b { // nothing changes near this day
					continue
				}
			}
			first := map[int]time.Time{} // by walking through the day as the wall does
			for at := from; at.Before(to); at = at.Add(15 * time.Minute) {
				w := at.In(z)
				if m := w.Hour()*60 + w.Minute(); hours.DateOf(w) == d && m%15 == 0 {
					if _, was := first[m]; !was {
						first[m] = at
					} else {
						twice++
					}
				}
			}
			for m := 0; m < hours.DayMinutes; m += 15 {
				got, ok := d.At(m, z)
				want, is := first[m]
				if ok != is || ok && !got.Equal(want) {
					t.Fatalf("%s %s %02d:%02d: %v %v, want %v %v", z, d, m/60, m%60, got, ok, want.In(z), is)
				}
				if !is {
					skipped++
				}
			}
		}
	}
	if skipped < 1000 || twice < 1000 {
		t.Errorf("%d times were skipped and %d shown twice: too few to prove anything", skipped, twice)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]struct {
		ok  bool
		day time.Weekday
	}{"2024-02-29": {true, time.Thursday}, "2025-02-29": {}, "2026-11-25": {true, time.Wednesday}, "1970-01-01": {true, time.Thursday}, "1969-12-31": {}, "2026-1-1": {}, "": {}, "2100-02-28": {true, time.Sunday}} {
		d, ok := hours.ParseDate(s)
		if ok != want.ok || ok && (d.String() != s || d.Weekday() != want.day) {
			t.Errorf("%q: %v %v %v", s, d, ok, d.Weekday())
		}
	}
	for i, c := range []struct{ m, want string }{{"inperson", "inperson"}, {"video", "video"}, {"phone", "phone"}, {"", ""}, {"smoke", ""}} {
		if got := hours.ParseMode(c.m).String(); got != c.want {
			t.Errorf("%d: %q", i, got)
		}
	}
	if n := len(hours.AllModes.Each()); n != 3 {
		t.Errorf("%d ways to meet", n)
	}
}
