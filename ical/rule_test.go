package ical

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyRule draws a rule of every kind there is.
func anyRule(t *rapid.T) string {
	parts := []string{"FREQ=" + rapid.SampledFrom(freqs[1:]).Draw(t, "freq")}
	list := func(name string, least, most, n int) {
		if rapid.IntRange(0, 3).Draw(t, name+"?") > 0 {
			return
		}
		var l []string
		for _, x := range rapid.SliceOfN(rapid.IntRange(least, most).Filter(func(i int) bool { return i != 0 || least == 0 }), 1, n).Draw(t, name) {
			l = append(l, fmt.Sprint(x))
		}
		parts = append(parts, name+"="+strings.Join(l, ","))
	}
	list("INTERVAL", 1, 40, 1)
	list("BYMONTH", 1, 12, 3)
	list("BYMONTHDAY", -31, 31, 3)
	list("BYYEARDAY", -366, 366, 3)
	list("BYHOUR", 0, 23, 3)
	list("BYMINUTE", 0, 59, 2)
	list("BYSECOND", 0, 60, 2)
	list("BYSETPOS", -4, 4, 2)
	if strings.HasSuffix(parts[0], "YEARLY") {
		list("BYWEEKNO", -53, 53, 3)
	}
	if rapid.IntRange(0, 2).Draw(t, "BYDAY?") == 0 {
		days := rapid.SliceOfN(rapid.SampledFrom([]string{"MO", "SU", "1TU", "-1FR", "5SA", "2WE"}), 1, 3).Draw(t, "BYDAY")
		parts = append(parts, "BYDAY="+strings.Join(days, ","))
	}
	list("COUNT", 1, 60, 1)
	for _, p := range []string{"WKST=SU", "WKST=TH", "SKIP=FORWARD", "SKIP=BACKWARD", "UNTIL=20270601T000000Z"} {
		if rapid.IntRange(0, 4).Draw(t, p) == 0 {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ";")
}

// TestRulesSayTheSameFromAnywhere draws rules, and holds that what is seen from a
// later time on is the end of what is seen from the start, in order, and not before it.
func TestRulesSayTheSameFromAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := anyRule(t)
		start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*365*24*3600).Draw(t, "start")) * time.Second)
		r, ok := parseRule(text)
		if !ok {
			t.Fatalf("%s is no rule", text)
		}
		begin := wallOf(start, time.UTC)
		all := func(from, to wall) (out []wall) {
			work := 1 << 19
			r.begin(begin, time.UTC, false).each(from, to, &work, func(w wall) bool {
				out = append(out, w)
				return len(out) < 3000
			})
			return out
		}
		whole := all(begin, begin+900*day)
		if !slices.IsSorted(whole) || len(slices.Compact(slices.Clone(whole))) != len(whole) || len(whole) > 0 && whole[0] < begin || r.count > 0 && len(whole) > r.count {
			t.Fatalf("%s: %v", text, whole)
		}
		if len(whole) == 0 || len(whole) == 3000 {
			return
		}
		i := rapid.IntRange(0, len(whole)-1).Draw(t, "i")
		for _, from := range []wall{whole[i], whole[i] - 1, whole[i] + 1} {
			want := whole[i:]
			if from > whole[i] {
				want = want[1:]
			} else if from < whole[i] && i > 0 && whole[i-1] == from {
				want = whole[i-1:]
			}
			if got := all(from, begin+900*day); !slices.Equal(got, want) {
				t.Fatalf("%s from %v, seen from %v:\n got %v\nwant %v", text, start, from.utc(), got, want)
			}
		}
		if got := all(begin, whole[i]); !slices.Equal(got, whole[:i]) {
			t.Fatalf("%s until %v: %d, want %d", text, whole[i].utc(), len(got), i)
		}
	})
}

func TestRulesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "COUNT=1", "FREQ=", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=-1", "FREQ=DAILY;COUNT=9999999999", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;UNTIL=soon", "FREQ=DAILY;BYHOUR=24", "FREQ=DAILY;BYHOUR=", "FREQ=DAILY;BYHOUR=--1", "FREQ=DAILY;BYHOUR=-1", "FREQ=DAILY;BYMONTH=0", "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTH=5L", "FREQ=DAILY;BYMONTHDAY=0", "FREQ=DAILY;BYMONTHDAY=32", "FREQ=DAILY;BYDAY=XX", "FREQ=DAILY;BYDAY=M", "FREQ=DAILY;BYDAY=0MO", "FREQ=DAILY;BYDAY=54MO", "FREQ=DAILY;BYSETPOS=0", "FREQ=DAILY;BYSETPOS=367", "FREQ=DAILY;BYWEEKNO=54", "FREQ=DAILY;BYYEARDAY=-367", "FREQ=DAILY;BYSECOND=61", "FREQ=DAILY;WKST=XX", "FREQ=DAILY;SKIP=SIDEWAYS", "FREQ=YEARLY;RSCALE=RUSSIAN", "FREQ=YEARLY;RSCALE=HEBREW"} {
		if _, ok := parseRule(text); ok {
			t.Errorf("%q is taken for a rule", text)
		}
	}
	for _, text := range []string{"FREQ=DAILY;", ";FREQ=DAILY", "freq=daily;byday=+1mo, -1fr", "X-OURS=1;FREQ=DAILY", "FREQ=DAILY;BYSECOND=60,59"} {
		if r, ok := parseRule(text); !ok || r.freq != daily {
			t.Errorf("%q is not taken for a rule", text)
		}
	}
}

func TestLengths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]length{
		"P1W": {days: 7}, "P1DT2H3M4S": {1, 7384}, "PT0S": {}, "+PT15M": {secs: 900}, "p2d": {days: 2}, "P15DT5H0M20S": {15, 18020},
	} {
		if got, ok := parseLength(text); !ok || got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
	for _, text := range []string{"", "P", "PT", "-PT5M", "P1", "P1H", "PT1D", "PT1W", "1D", "PT5X", "PTT5M", "P1DT", "PT99999999999S", "P999999999D", "PT-5M", "P 1D"} {
		if got, ok := parseLength(text); ok {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestNobodyWaitsForALeapSecond(t *testing.T) {
	t.Parallel()
	got, _ := times("FREQ=MINUTELY;BYSECOND=60,59;COUNT=2", "20260301T000000", "", 5)
	if strings.Join(got, " ") != "20260301T000059 20260301T000159" {
		t.Error(got)
	}
}
