package ical

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// spring is what the tests here ask for.
func spring(t testing.TB) Query {
	t.Helper()
	return Query{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Zone: zone(t, "Europe/London")}
}

// hostile are files made to cost much, or to break something.
func hostile() map[string]string {
	repeating := func(n int, lines string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:%d\n%s\nEND:VEVENT\n", i, lines)
		}
		return "BEGIN:VCALENDAR\n" + b.String() + "END:VCALENDAR\n"
	}
	event := func(lines string) string { return repeating(1, lines) }
	numbers := func(from, to int) string {
		return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(span(from, to))), ","), "[]")
	}
	return map[string]string{
		"every second":               event("DTSTART:00010101T000000Z\nRRULE:FREQ=SECONDLY"),
		"every second, counted":      event("DTSTART:00010101T000000Z\nRRULE:FREQ=SECONDLY;BYSECOND=" + numbers(0, 58) + ";COUNT=999999999"),
		"every second of no day":     event("DTSTART:00010101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5"),
		"every second of a rare one": event("DTSTART:00010101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=3;BYMINUTE=4;BYSECOND=5;BYSETPOS=2"),
		"30 February":                event("DTSTART:00010101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"),
		"everything":                 event("DTSTART:20260101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=" + numbers(1, 12) + ";BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=" + numbers(0, 23) + ";BYMINUTE=" + numbers(0, 59) + ";BYSECOND=" + numbers(0, 60) + ";BYSETPOS=" + numbers(1, 366) + "," + numbers(-366, -1)),
		"everything, counted":        repeating(1000, "DTSTART:00010101T000000Z\nRRULE:FREQ=YEARLY;COUNT=999999999;BYYEARDAY="+numbers(1, 366)+","+numbers(-366, -1)+";BYMONTHDAY="+numbers(1, 31)+","+numbers(-31, -1)),
		"weeks, counted":             repeating(1000, "DTSTART:00010101T000000Z\nRRULE:FREQ=YEARLY;COUNT=999999999;BYWEEKNO="+numbers(1, 53)+","+numbers(-53, -1)),
		"a long interval":            event("DTSTART:20260101T000000Z\nRRULE:FREQ=YEARLY;INTERVAL=999999999\nRRULE:FREQ=WEEKLY;INTERVAL=999999999\nRRULE:FREQ=SECONDLY;INTERVAL=1;COUNT=1"),
		"long events, always":        repeating(1000, "DTSTART:00010101T000000Z\nDURATION:P140000D\nRRULE:FREQ=DAILY"),
		"many rules":                 repeating(10, strings.Repeat("DTSTART:20260101T000000Z\nRRULE:FREQ=HOURLY\n", 10_000)),
		"many exceptions":            event("DTSTART:20260301T000000Z\nRRULE:FREQ=HOURLY\n" + strings.Repeat("EXDATE:"+strings.Repeat("20260301T000000Z,", 14_000)+"\n", 60)),
		"many dates":                 event("DTSTART:20260301T000000Z\n" + strings.Repeat("RDATE:"+strings.Repeat("20260301T000000Z,", 14_000)+"\n", 60)),
		"many zones":                 zonesNamed(100_000),
		"a zone of many dates":       "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:z\nBEGIN:STANDARD\n" + strings.Repeat("RDATE:20260301T000000\n", 1<<20),
		"a zone of many parts":       "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:z\n" + strings.Repeat("BEGIN:STANDARD\nRDATE:20260301T000000\n", 1<<19),
		"one moved very often":       movedOften(30_000),
		"all moved on and on":        strings.ReplaceAll(movedOften(30_000), "RECURRENCE-ID:", "RECURRENCE-ID;RANGE=THISANDFUTURE:"),
		"deep":                       "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\nBEGIN:VALARM\nBEGIN:X\n", 200_000),
		"closed too often":           "BEGIN:VCALENDAR\n" + strings.Repeat("END:VALARM\nEND:VEVENT\nEND:VCALENDAR\n", 200_000),
		"a giant line":               event("DTSTART:20260301T000000Z\nSUMMARY:" + strings.Repeat("x", 20<<20)),
		"a giant line in folds":      event("DTSTART:20260301T000000Z\nRRULE:FREQ=DAILY;BYMONTH=" + strings.Repeat("1,\n ", 2<<20)),
		"a giant name":               event(strings.Repeat("X", 20<<20) + ":1"),
		"giant parameters":           event("DTSTART" + strings.Repeat(";A=\"b;c\"", 1<<20) + ":20260301T000000Z"),
		"empty lines":                "BEGIN:VCALENDAR" + strings.Repeat("\n", 20<<20),
		"zeroes":                     "BEGIN:VCALENDAR\n" + strings.Repeat("\x00", 1<<20),
		"too many":                   repeating(150_000, "DTSTART:20260301T000000Z"),
	}
}

func span(from, to int) []int {
	out := make([]int, 0, to-from+1)
	for n := from; n <= to; n++ {
		out = append(out, n)
	}
	return out
}

func zonesNamed(n int) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\n")
	for i := range n {
		fmt.Fprintf(&b, "BEGIN:VTIMEZONE\nTZID:Z/%d\nX-LIC-LOCATION:Y/%d\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nRRULE:FREQ=YEARLY;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=Z/%d:20260301T000000\nEND:VEVENT\n", i, i, i)
	}
	return b.String() + "END:VCALENDAR\n"
}

func movedOften(n int) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\n")
	for range 1000 {
		b.WriteString("BEGIN:VEVENT\nUID:a\nDTSTART:20260301T000000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n")
	}
	for i := range n {
		at := time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC).Format(utcForm)
		fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:%s\nDTSTART:%s\nEND:VEVENT\n", at, at)
	}
	return b.String() + "END:VCALENDAR\n"
}

// TestHostileFiles reads each, and prints what it took; that it ends at all, within
// the test's time and without a panic, is what is tested.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for name, file := range hostile() {
		before := time.Now()
		r, err := Read(strings.NewReader(file), spring(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(r.Busy) > 100_000 {
			t.Errorf("%s: %d times", name, len(r.Busy))
		}
		t.Logf("%-28s %4d KB %7d busy, left out %v, %v", name, len(file)>>10, len(r.Busy), r.Skipped, time.Since(before).Round(time.Millisecond))
	}
}

// TestTooMuchIsSaid holds that what is cut is counted, and that the rest is there.
func TestTooMuchIsSaid(t *testing.T) {
	t.Parallel()
	one := "UID:b\nDTSTART:20260310T100000Z"
	every := "UID:a\nDTSTART:20260301T000000Z\nRRULE:FREQ="
	for name, c := range map[string]struct {
		file       string
		edit       func(*Query)
		busy, many int
	}{
		"as many events as are borne": {calendar(one, strings.Replace(one, "b", "c", 1)), func(q *Query) { q.MaxEvents = 2 }, 2, 0},
		"one more":                    {calendar(one, strings.Replace(one, "b", "c", 1)), func(q *Query) { q.MaxEvents = 1 }, 1, 1},
		"as many times as are borne":  {calendar(every + "DAILY;COUNT=5"), func(q *Query) { q.MaxOccurrences = 5 }, 5, 0},
		"one time more":               {calendar(every + "DAILY;COUNT=6"), func(q *Query) { q.MaxOccurrences = 5 }, 5, 1},
		"every event that is cut":     {calendar(every+"DAILY;COUNT=6", one), func(q *Query) { q.MaxOccurrences = 5 }, 5, 2},
		"one beyond the span":         {calendar(every+"DAILY;COUNT=5", "UID:b\nDTSTART:20270310T100000Z"), func(q *Query) { q.MaxOccurrences = 5 }, 5, 0},
		"a count from long ago":       {calendar("UID:a\nDTSTART:00010101T000000Z\nRRULE:FREQ=SECONDLY;BYSECOND=1;COUNT=999999999", one), nil, 1, 1},
		"dates enough":                {calendar("UID:a\nDTSTART:20260310T100000Z\n" + strings.Repeat("RDATE:20260310T100000Z\n", maxDates)), func(q *Query) { q.MaxOccurrences = 1 << 20 }, 1, 0},
		"too many dates":              {calendar("UID:a\nDTSTART:20260310T100000Z\n" + strings.Repeat("RDATE:20260310T100000Z\n", maxDates+1)), func(q *Query) { q.MaxOccurrences = 1 << 20 }, 1, 1},
		"too many rules":              {calendar(every + "DAILY;COUNT=1\n" + strings.Repeat("RRULE:FREQ=DAILY;COUNT=1\n", 20)), nil, 1, 1},
		"rules enough":                {calendar(every + "DAILY;COUNT=1\n" + strings.Repeat("RRULE:FREQ=DAILY;COUNT=1\n", 19)), nil, 1, 0},
	} {
		q := spring(t)
		if c.edit != nil {
			c.edit(&q)
		}
		r, err := Read(strings.NewReader(c.file), q)
		if err != nil || len(r.Busy) != c.busy || r.Skipped[TooMany] != c.many {
			t.Errorf("%s: %d busy, %v, %v", name, len(r.Busy), r.Skipped, err)
		}
	}
}

// TestOutsideFiles reads every calendar among the shared data.
func TestOutsideFiles(t *testing.T) {
	t.Parallel()
	n, not, busy := 0, 0, 0
	skipped := map[Reason]int{}
	err := filepath.WalkDir("../../shared/data", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".ics" {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		r, err := Read(bytes.NewReader(b), Query{From: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)})
		n++
		if err != nil {
			not++
		}
		if err != nil && bytes.Contains(b, []byte("\nBEGIN:VCALENDAR")) {
			t.Errorf("%s: %v", p, err)
		}
		busy += len(r.Busy)
		for k, v := range r.Skipped {
			skipped[k] += v
		}
		return nil
	})
	if err != nil {
		t.Skip("the shared calendars are not here")
	}
	t.Logf("%d files, %d of them no calendar; %d busy times; left out %v", n, not, busy, skipped)
	if n < 400 || busy < 1000 {
		t.Errorf("read %d files and %d busy times", n, busy)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		calendar("UID:a\nDTSTART;TZID=Europe/London:20260302T100000\nDURATION:P1DT2H\nRRULE:FREQ=MONTHLY;BYDAY=-1FR,2MO;BYSETPOS=-1;UNTIL=20270101;WKST=SU\nEXDATE;VALUE=DATE:20260327\nRDATE;VALUE=PERIOD:20260402T070000Z/PT30M"),
		calendar("UID:a\nDTSTART;VALUE=DATE:20260302\nRRULE:FREQ=YEARLY;BYWEEKNO=1,-1;BYYEARDAY=366;SKIP=FORWARD;RSCALE=GREGORIAN", "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260302\nDTSTART:20260303T100000Z"),
		"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nX-LIC-LOCATION:Asia/Tokyo\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nDTSTART;TZID=\"x\":99991231T235959\r\nRRULE:FREQ=SECONDLY;INTERVAL=7;BYHOUR=3;BYMINUTE=0;BYSECOND=59\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := spring(t)
		q.MaxOccurrences = 500
		r, err := Read(strings.NewReader(s), q)
		if err != nil {
			return
		}
		for i, b := range r.Busy {
			if b.To.Before(b.From) || !b.From.Before(q.To) || b.To.Before(q.From) || i > 0 && b.compare(r.Busy[i-1]) <= 0 || strings.ContainsAny(b.Title, "\r\n") {
				t.Errorf("%d: %v", i, b)
			}
		}
		again, err := Read(strings.NewReader(s), q)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
			t.Errorf("%v, %v; then %v", r, err, again)
		}
	})
}

// BenchmarkRead reads 100,000 events: as they are written, and each repeated weekly.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct{ name, rule string }{{"single", ""}, {"weekly", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260310T000000Z\r\n"}} {
		b.Run(c.name, func(b *testing.B) {
			var file bytes.Buffer
			file.WriteString("BEGIN:VCALENDAR\r\n")
			for i := range 100_000 {
				at := time.Date(2026, 1, 1, 8, i*3, 0, 0, time.UTC)
				fmt.Fprintf(&file, "BEGIN:VEVENT\r\nUID:%d@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/London:%s\r\nDTEND;TZID=Europe/London:%s\r\nSUMMARY:Meeting number %d\r\nDESCRIPTION:%s\r\n%sEND:VEVENT\r\n",
					i, at.Format(localForm), at.Add(30*time.Minute).Format(localForm), i, strings.Repeat("words ", 10), c.rule)
			}
			file.WriteString("END:VCALENDAR\r\n")
			b.SetBytes(int64(file.Len()))
			q := spring(b)
			q.MaxOccurrences = 1 << 20
			for b.Loop() {
				r, err := Read(bytes.NewReader(file.Bytes()), q)
				if err != nil || len(r.Busy) == 0 {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(r.Busy)), "busy")
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys>>20), "MB-of-system")
		})
	}
}
