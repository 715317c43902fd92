package policy

import (
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // every zone, wherever the tests run

	"pgregory.net/rapid"

	"rapport/fhir"
)

// ymd writes a day the short way; it takes impossible ones too.
func ymd(y int, m time.Month, d int) Day { return Day{y, m, d} }

var ages = []struct {
	birth string
	day   Day
	leap  LeapDay
	years int
	ok    bool
}{
	// a plain birthday, the day before and after
	{"2010-06-15", ymd(2026, 6, 14), FirstOfMarch, 15, true},
	{"2010-06-15", ymd(2026, 6, 15), FirstOfMarch, 16, true},
	{"2010-06-15", ymd(2026, 6, 16), LastOfFebruary, 16, true},
	{"2010-06-15", ymd(2010, 6, 15), FirstOfMarch, 0, true},
	{"2010-06-15", ymd(2010, 6, 14), FirstOfMarch, 0, false},
	{"2010-06-15", ymd(2009, 12, 31), FirstOfMarch, 0, false},
	{"2010-12-31", ymd(2011, 1, 1), FirstOfMarch, 0, true},
	{"2010-12-31", ymd(2011, 12, 31), FirstOfMarch, 1, true},
	// born on 29 February: leap years, common years, both customs
	{"2008-02-29", ymd(2008, 2, 29), FirstOfMarch, 0, true},
	{"2008-02-29", ymd(2021, 2, 27), LastOfFebruary, 12, true},
	{"2008-02-29", ymd(2021, 2, 28), LastOfFebruary, 13, true},
	{"2008-02-29", ymd(2021, 2, 28), FirstOfMarch, 12, true},
	{"2008-02-29", ymd(2021, 3, 1), FirstOfMarch, 13, true},
	{"2008-02-29", ymd(2024, 2, 28), LastOfFebruary, 15, true},
	{"2008-02-29", ymd(2024, 2, 28), FirstOfMarch, 15, true},
	{"2008-02-29", ymd(2024, 2, 29), LastOfFebruary, 16, true},
	{"2008-02-29", ymd(2024, 2, 29), FirstOfMarch, 16, true},
	{"1896-02-29", ymd(1900, 2, 28), LastOfFebruary, 4, true}, // 1900 is no leap year
	{"1896-02-29", ymd(1900, 2, 28), FirstOfMarch, 3, true},
	{"1996-02-29", ymd(2000, 2, 28), LastOfFebruary, 3, true}, // 2000 is
	// neighbours of the leap day are nothing special
	{"2008-02-28", ymd(2021, 2, 28), FirstOfMarch, 13, true},
	{"2008-03-01", ymd(2021, 2, 28), LastOfFebruary, 12, true},
	{"2008-03-01", ymd(2024, 2, 29), LastOfFebruary, 15, true},
	// partial dates: the oldest the person could be
	{"2010", ymd(2026, 1, 1), FirstOfMarch, 16, true},
	{"2010", ymd(2025, 12, 31), FirstOfMarch, 15, true},
	{"2010-06", ymd(2026, 6, 1), FirstOfMarch, 16, true},
	{"2010-06", ymd(2026, 5, 31), FirstOfMarch, 15, true},
	{"2008-02", ymd(2021, 2, 1), FirstOfMarch, 13, true},
	{"2026", ymd(2026, 1, 1), FirstOfMarch, 0, true},
	{"2026-07", ymd(2026, 6, 30), FirstOfMarch, 0, false},
	// far away
	{"1969-12-31", ymd(1970, 1, 1), FirstOfMarch, 0, true},
	{"1931-05-05", ymd(1949, 5, 4), FirstOfMarch, 17, true},
	{"0001-01-01", ymd(1, 1, 1), FirstOfMarch, 0, true},
	{"9999-12-31", ymd(9999, 12, 31), FirstOfMarch, 0, true},
	{"9990", ymd(9999, 12, 31), FirstOfMarch, 9, true},
	{"9990-03-03", ymd(10007, 3, 2), FirstOfMarch, 16, true},
	// nothing known, nothing given
	{"2010-06-15", ymd(2026, 6, 31), FirstOfMarch, 0, false},
	{"2010-06-15", ymd(2025, 2, 29), FirstOfMarch, 0, false},
	{"2010-06-15", ymd(2026, 13, 1), FirstOfMarch, 0, false},
	{"2010-06-15", ymd(2026, 0, 1), FirstOfMarch, 0, false},
	{"2010-06-15", Day{}, FirstOfMarch, 0, false},
	{"2010-06-15", ymd(2026, 6, 15), 0, 0, false},
	{"2010-06-15", ymd(2026, 6, 15), 3, 0, false},
}

func TestAge(t *testing.T) {
	t.Parallel()
	for _, c := range ages {
		years, ok := Age(c.birth, c.day, c.leap)
		if years != c.years || ok != c.ok {
			t.Errorf("born %s, on %s, leap day %q: %d, %v; want %d, %v", c.birth, c.day, c.leap, years, ok, c.years, c.ok)
		}
	}
}

// noBirths are not FHIR dates, or not days.
var noBirths = []string{
	"", " ", "unknown", "2010-", "201", "20100", "2010-6", "2010-06-", "2010-06-1", "2010-6-15", "2010/06/15", "15-06-2010",
	"2010-00", "2010-13", "2010-00-01", "2010-06-00", "2010-06-31", "2010-02-30", "2009-02-29", "1900-02-29", "0000", "0000-01-01",
	"-200-01-01", "+201-01-01", " 010-06-15", "2010-06-15 ", "2010-06-15T10:00:00Z", "٢٠١٠", "２０１０", "20a0", "2010--6", "2010-+6", "2010-06--1", "20-0",
}

func TestAnImpossibleBirthHasNoAge(t *testing.T) {
	t.Parallel()
	for _, birth := range noBirths {
		if years, ok := Age(birth, ymd(2026, 6, 15), FirstOfMarch); ok || years != 0 {
			t.Errorf("born %q: %d, %v", birth, years, ok)
		}
	}
}

// days draws a possible day.
func days(from, to int) *rapid.Generator[Day] {
	return rapid.Custom(func(t *rapid.T) Day {
		d := Day{rapid.IntRange(from, to).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 0}
		d.Day = rapid.IntRange(1, daysIn(d.Year, d.Month)).Draw(t, "day")
		if rapid.IntRange(0, 4).Draw(t, "leap") == 0 && leapYear(d.Year) {
			d.Month, d.Day = time.February, 29
		}
		return d
	})
}

// births draws a birth as FHIR writes it, whole or partial.
func births(from, to int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return days(from, to).Draw(t, "birth").String()[:rapid.SampledFrom([]int{4, 7, 10, 10, 10}).Draw(t, "precision")]
	})
}

var leapDays = rapid.SampledFrom([]LeapDay{FirstOfMarch, LastOfFebruary})

// later is an independent calendar: the standard library's.
func later(d Day, n int) Day {
	return DayIn(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC), time.UTC)
}

func TestAgeNeverDecreases(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		birth, leap, day := births(1890, 2100).Draw(t, "birth"), leapDays.Draw(t, "leap"), days(1890, 2130).Draw(t, "day")
		n := rapid.IntRange(0, 800).Draw(t, "days later")
		a, okA := Age(birth, day, leap)
		b, okB := Age(birth, later(day, n), leap)
		if okA && !okB || a > b || okA && b-a > n/365+1 {
			t.Fatalf("%d, %v and %d days later %d, %v", a, okA, n, b, okB)
		}
		y, okY := Age(birth[:4], day, leap)
		if okA && (!okY || y < a) {
			t.Fatalf("%d years old by %s, and %d by its year alone", a, birth, y)
		}
	})
}

// TestTheCustomsDifferOnOneDay: only for those born on 29 February, and only on
// 28 February of a common year.
func TestTheCustomsDifferOnOneDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		birth, day := births(1890, 2030).Draw(t, "birth"), days(2000, 2060).Draw(t, "day")
		if rapid.Bool().Draw(t, "at the end of February") {
			day.Month, day.Day = time.February, 28
		}
		a, _ := Age(birth, day, FirstOfMarch)
		b, ok := Age(birth, day, LastOfFebruary)
		want := 0
		if ok && strings.HasSuffix(birth, "-02-29") && day.Month == time.February && day.Day == 28 && !leapYear(day.Year) {
			want = 1
		}
		if b-a != want {
			t.Fatalf("%d by 28 February, %d by 1 March", b, a)
		}
	})
}

// TestTheCalendarIsTheOneEverybodyUses counts every day of four centuries and
// the last of year 9999 against the standard library.
func TestTheCalendarIsTheOneEverybodyUses(t *testing.T) {
	t.Parallel()
	for _, span := range [][2]int{{1799, 2201}, {9998, 10002}} {
		for at := time.Date(span[0], 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < span[1]; at = at.AddDate(0, 0, 1) {
			d := DayIn(at, time.UTC)
			if !d.valid() || at.Year() < 10000 && d.String() != at.Format(time.DateOnly) {
				t.Fatalf("%s is %s, valid %v", at, d, d.valid())
			}
			if next := DayIn(at.AddDate(0, 0, 1), time.UTC); next.Day == 1 && (Day{d.Year, d.Month, d.Day + 1}).valid() {
				t.Fatalf("there is a day after %s in its month", d)
			}
		}
	}
	if DayIn(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), nil) != (Day{}) {
		t.Error("there is a date without a zone")
	}
}

func zones(t *testing.T) []*time.Location {
	t.Helper()
	b, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []*time.Location
	for _, name := range strings.Fields(string(b)) {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, z)
	}
	if len(out) < 500 {
		t.Fatalf("%d zones", len(out))
	}
	return out
}

// TestABirthdayBeginsAtLocalMidnight walks over the midnight of birthdays in
// every zone of the tz database, nights with a change of clocks and skipped days
// among them. The zone's own wall clock, as the standard library writes it, says
// when the day has come.
func TestABirthdayBeginsAtLocalMidnight(t *testing.T) {
	t.Parallel()
	rules := Rules{Majority: 18, LeapDay: LastOfFebruary, Bands: []Band{{From: 0, To: 13, Reads: Results}, {From: 13, To: 18}}}
	offsets := map[time.Duration]bool{}
	for _, birth := range []string{"2013-01-01", "2012-02-29", "2008-02-29", "2013-03-29", "2013-11-01", "2013-10-25", "1998-12-30", "1956-04-29", "1931-07-01", "2025-01-19"} {
		born, _ := oldest(birth)
		birthday := born.birthday(13, LastOfFebruary)
		want := birthday.String()
		utc := time.Date(birthday.Year, birthday.Month, birthday.Day, 0, 0, 0, 0, time.UTC)
		for _, zone := range zones(t) {
			changed := 0
			was := "younger"
			for at := utc.Add(-16 * time.Hour); !at.After(utc.Add(16 * time.Hour)); at = at.Add(15 * time.Minute) {
				band, ok := rules.On(birth, DayIn(at, zone))
				now := "younger"
				if band.From == 13 {
					now = "older"
				}
				clock := at.In(zone).Format(time.DateOnly)
				if !ok || (now == "older") != (clock >= want) {
					t.Errorf("born %s, in %s at %s (%s there): %s, %v", birth, zone, at, clock, now, ok)
				}
				if now != was {
					changed++
					was = now
					offsets[at.Sub(utc)] = true
				}
			}
			if changed != 1 {
				t.Errorf("born %s, in %s: %d changes around the birthday", birth, zone, changed)
			}
		}
	}
	if len(offsets) < 25 {
		t.Errorf("all zones change at only %d different moments", len(offsets))
	}
}

func TestNightsWhenClocksChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, at, want string }{
		// no midnight: the day begins at one o'clock
		{"America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-03"},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04"},
		// the hour before midnight comes twice; the day begins after the second
		{"America/Sao_Paulo", "2018-02-18T01:59:59Z", "2018-02-17"},
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z", "2018-02-17"},
		{"America/Sao_Paulo", "2018-02-18T03:00:00Z", "2018-02-18"},
		// clocks that went back a minute after midnight: for an hour it was yesterday again
		{"America/St_Johns", "2010-11-07T02:30:30Z", "2010-11-07"},
		{"America/St_Johns", "2010-11-07T02:31:00Z", "2010-11-06"},
		{"America/St_Johns", "2010-11-07T03:30:00Z", "2010-11-07"},
		// Samoa had no 30 December 2011: who was born on a 30th is older on the 31st
		{"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"},
		{"Europe/Berlin", "2026-03-28T22:59:59Z", "2026-03-28"},
		{"Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29"},
		{"Asia/Kathmandu", "2026-05-01T18:14:59Z", "2026-05-01"},
		{"Asia/Kathmandu", "2026-05-01T18:15:00Z", "2026-05-02"},
		{"Asia/Tokyo", "1968-12-31T15:00:00Z", "1969-01-01"},
		{"Europe/London", "9999-12-31T23:59:59Z", "9999-12-31"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayIn(at, zone).String(); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.at, c.zone, got, c.want)
		}
	}
}

// FuzzBirth holds births against package fhir's own reading of dates.
func FuzzBirth(f *testing.F) {
	for _, s := range append(noBirths, "2010", "2010-06", "2010-06-15", "2008-02-29", "9999-12-31") {
		f.Add(s, 2026, 6, 15)
	}
	examples := Examples()
	f.Fuzz(func(t *testing.T, birth string, y, m, d int) {
		day := Day{y, time.Month(m), d}
		when, is := fhir.ParseTime(birth)
		_, ok := oldest(birth)
		if want := is && len(birth) <= len("2010-06-15") && !strings.Contains(birth, "T"); ok != want {
			t.Fatalf("%q is a birth: %v; package fhir says %v, %v", birth, ok, want, when)
		}
		for _, leap := range []LeapDay{0, FirstOfMarch, LastOfFebruary, 9} {
			if years, has := Age(birth, day, leap); has && (!ok || years < 0) {
				t.Fatalf("%q on %v: %d years", birth, day, years)
			}
		}
		for _, r := range examples {
			_, has := r.On(birth, day)
			next, more := r.Next(birth, day)
			if (has || more) && !ok || has && !more || more && next.compare(day) <= 0 {
				t.Fatalf("%s: %q on %v: band %v, next %v, %v", r.ID, birth, day, has, next, more)
			}
		}
	})
}
