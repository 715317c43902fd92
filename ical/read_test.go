package ical

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// calendar puts lines into a calendar; a block of them into an event.
func calendar(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\nVERSION:2.0\n")
	for _, e := range events {
		if strings.HasPrefix(e, "BEGIN") {
			b.WriteString(e + "\n")
		} else {
			b.WriteString("BEGIN:VEVENT\n" + e + "\nEND:VEVENT\n")
		}
	}
	return b.String() + "END:VCALENDAR\n"
}

// told writes busy times short, in London.
func told(t testing.TB, r Report) []string {
	t.Helper()
	z := zone(t, "Europe/London")
	out := []string{}
	for _, s := range r.Busy {
		to := "15:04"
		if s.AllDay || s.To.Sub(s.From) > 20*time.Hour {
			to = "01-02 15:04"
		}
		text := s.From.In(z).Format("01-02 15:04") + "-" + s.To.In(z).Format(to)
		if s.AllDay {
			text += " all day"
		}
		out = append(out, strings.TrimSpace(text+" "+s.Title))
	}
	return out
}

func TestRead(t *testing.T) {
	t.Parallel()
	const at10 = "UID:a\nDTSTART;TZID=Europe/London:20260302T100000\n"
	for name, c := range map[string]struct {
		file string
		want []string
		skip map[Reason]int
	}{
		"in UTC":                          {file: calendar("UID:a\nDTSTART:20260302T100000Z\nDTEND:20260302T110000Z\nSUMMARY:Ward round"), want: []string{"03-02 10:00-11:00 Ward round"}},
		"in its zone":                     {file: calendar("UID:a\nDTSTART;TZID=America/New_York:20260302T100000\nDURATION:PT90M"), want: []string{"03-02 15:00-16:30"}},
		"in the practice's zone":          {file: calendar("UID:a\nDTSTART:20260401T100000\nDTEND:20260401T110000"), want: []string{"04-01 10:00-11:00"}},
		"end in another zone":             {file: calendar(at10 + "DTEND;TZID=Europe/Berlin:20260302T120000"), want: []string{"03-02 10:00-11:00"}},
		"days":                            {file: calendar("UID:a\nDTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260304"), want: []string{"03-02 00:00-03-04 00:00 all day"}},
		"a day whose clock changes":       {file: calendar("UID:a\nDTSTART;VALUE=DATE:20260329"), want: []string{"03-29 00:00-03-30 00:00 all day"}},
		"the last day for the end":        {file: calendar("UID:a\nDTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260302"), want: []string{"03-02 00:00-03-03 00:00 all day"}},
		"no end takes no time":            {file: calendar(at10), want: []string{"03-02 10:00-10:00"}},
		"begins before, ends in the span": {file: calendar("UID:a\nDTSTART:20260228T230000Z\nDTEND:20260301T010000Z"), want: []string{"02-28 23:00-01:00"}},
		"ends as the span begins":         {file: calendar("UID:a\nDTSTART:20260228T230000Z\nDTEND:20260301T000000Z"), want: []string{}},
		"begins as the span ends":         {file: calendar("UID:a\nDTSTART:20260430T230000Z\nDTEND:20260501T000000Z"), want: []string{}},
		"cancelled":                       {file: calendar(at10 + "STATUS:CANCELLED"), want: []string{}},
		"a calendar that cancels":         {file: "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\n" + at10 + "END:VEVENT\nEND:VCALENDAR\n" + calendar("UID:b\nDTSTART:20260302T100000Z"), want: []string{"03-02 10:00-10:00"}},
		"free":                            {file: calendar(at10 + "TRANSP:TRANSPARENT"), want: []string{}},
		"tentative is busy":               {file: calendar(at10 + "STATUS:TENTATIVE"), want: []string{"03-02 10:00-10:00"}},
		"in order":                        {file: calendar("UID:b\nDTSTART:20260303T100000Z", "UID:a\nDTSTART:20260302T100000Z"), want: []string{"03-02 10:00-10:00", "03-03 10:00-10:00"}},
		"an alarm's own words":            {file: calendar(at10 + "BEGIN:VALARM\nSUMMARY:Wake up\nDURATION:PT5M\nTRIGGER:-PT5M\nEND:VALARM\nSUMMARY:Me"), want: []string{"03-02 10:00-10:00 Me"}},
		"folds, in the middle of a letter": {file: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTA\r\n RT:2026030\r\n\t2T100000Z\r\nSUMMARY:Caf\xc3\r\n \xa9\\, \\\\ and\\n\r\n  \\;more\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			want: []string{"03-02 10:00-10:00 Café, \\ and ;more"}},
		"lower case":                   {file: "begin:vcalendar\nbegin:vevent\nuid:a\ndtstart;tzid=\"Europe/London\":20260302t100000\nrrule:freq=daily;count=2\nend:vevent\nend:vcalendar", want: []string{"03-02 10:00-10:00", "03-03 10:00-10:00"}},
		"the same twice":               {file: calendar(at10, at10), want: []string{"03-02 10:00-10:00"}},
		"a later version":              {file: calendar(at10+"SEQUENCE:1", "UID:a\nSEQUENCE:2\nDTSTART:20260303T100000Z", at10), want: []string{"03-03 10:00-10:00"}},
		"a later version is cancelled": {file: calendar(at10+"SEQUENCE:1", at10+"SEQUENCE:2\nSTATUS:CANCELLED"), want: []string{}},
		"one UID for everything":       {file: calendar(at10, "UID:a\nDTSTART:20260303T100000Z"), want: []string{"03-02 10:00-10:00", "03-03 10:00-10:00"}},
		"no UID":                       {file: calendar("DTSTART:20260302T100000Z", "DTSTART:20260303T100000Z\nSEQUENCE:1"), want: []string{"03-02 10:00-10:00", "03-03 10:00-10:00"}},

		"no start":           {file: calendar("UID:a", at10), want: []string{"03-02 10:00-10:00"}, skip: map[Reason]int{Malformed: 1}},
		"30 February":        {file: calendar("UID:a\nDTSTART:20260230T100000Z"), want: []string{}, skip: map[Reason]int{Malformed: 1}},
		"ends before":        {file: calendar(at10 + "DTEND;TZID=Europe/London:20260302T090000"), want: []string{}, skip: map[Reason]int{Malformed: 1}},
		"a length of no end": {file: calendar(at10 + "DURATION:P999999999W"), want: []string{}, skip: map[Reason]int{Malformed: 1}},
		"cut off":            {file: "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + at10, want: []string{}, skip: map[Reason]int{Malformed: 1}},
		"an end missing":     {file: "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + at10 + calendar("UID:b\nDTSTART:20260303T100000Z"), want: []string{"03-03 10:00-10:00"}, skip: map[Reason]int{Malformed: 1}},
		"a rule of nonsense": {file: calendar(at10 + "RRULE:FREQ=FORTNIGHTLY"), want: []string{"03-02 10:00-10:00"}, skip: map[Reason]int{Repeat: 1}},
		"a rule cut short":   {file: calendar(at10 + "RRULE:FREQ=DAILY;BYMONTH=" + strings.Repeat("3,", maxLine)), want: []string{}, skip: map[Reason]int{Malformed: 1}},
		"an unknown zone":    {file: calendar("UID:a\nDTSTART;TZID=Middle Earth:20260302T100000\nDTEND;TZID=Middle Earth:20260302T110000"), want: []string{"03-02 10:00-11:00"}, skip: map[Reason]int{NoZone: 1}},
		"a zone of Windows":  {file: calendar("UID:a\nDTSTART;TZID=W. Europe Standard Time:20260302T100000"), want: []string{"03-02 09:00-09:00"}},
		"a zone with a path": {file: calendar("UID:a\nDTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260302T100000"), want: []string{"03-02 09:00-09:00"}},
		"a zone's place, told later": {file: calendar("UID:a\nDTSTART;TZID=\"Ours: East\":20260302T100000", "BEGIN:VTIMEZONE\nTZID:Ours: East\nX-LIC-LOCATION:Europe/Berlin\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE"),
			want: []string{"03-02 09:00-09:00"}},
		"a zone's own rules": {file: calendar("BEGIN:VTIMEZONE\nTZID:Customized\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=4SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=2WE;BYMONTH=4\nEND:DAYLIGHT\nEND:VTIMEZONE", "UID:a\nDTSTART;TZID=Customized:20260406T100000\nRRULE:FREQ=DAILY;COUNT=4"),
			want: []string{"04-06 10:00-10:00", "04-07 10:00-10:00", "04-08 09:00-09:00", "04-09 09:00-09:00"}},
		"a zone whose clock is put back": {file: calendar("BEGIN:VTIMEZONE\nTZID:South\nBEGIN:STANDARD\nDTSTART:20260408T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE", "UID:a\nDTSTART;TZID=South:20260408T013000\nRDATE;TZID=South:20260408T023000,20260408T033000"),
			want: []string{"04-08 00:30-00:30", "04-08 01:30-01:30", "04-08 03:30-03:30"}},
		"a zone that stands still": {file: calendar("BEGIN:VTIMEZONE\nTZID:Half\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE", "UID:a\nDTSTART;TZID=Half:20260301T100000"),
			want: []string{"03-01 04:30-04:30"}},
		"a zone of dates": {file: calendar("BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:DAYLIGHT\nDTSTART:20250401T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0300\nRDATE:20260302T000000\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20250901T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+000000\nEND:STANDARD\nEND:VTIMEZONE", "UID:a\nDTSTART;TZID=Ours:20260301T100000\nRRULE:FREQ=DAILY;COUNT=2"),
			want: []string{"03-01 10:00-10:00", "03-02 07:00-07:00"}},
		"a zone of nonsense": {file: calendar("BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+5744\nTZOFFSETTO:+5744\nEND:STANDARD\nEND:VTIMEZONE", "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE", "UID:a\nDTSTART;TZID=Ours:20260301T100000", "UID:b\nDTSTART;TZID=Mine:20260301T110000"),
			want: []string{"03-01 10:00-10:00", "03-01 11:00-11:00"}, skip: map[Reason]int{NoZone: 2}},
		"the machine's zone": {file: calendar("UID:a\nDTSTART;TZID=Local:20260302T100000", "UID:b\nDTSTART;TZID=../localtime:20260302T100000"), want: []string{"03-02 10:00-10:00", "03-02 10:00-10:00"}, skip: map[Reason]int{NoZone: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sees(t, c.file, c.want, c.skip)
		})
	}
}

// sees reads March and April 2026 out of a file, for a practice in London.
func sees(t *testing.T, file string, want []string, skip map[Reason]int) {
	t.Helper()
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	q := Query{From: from, To: time.Date(2026, 4, 30, 23, 0, 0, 0, time.UTC), Zone: zone(t, "Europe/London"), MaxOccurrences: 1000}
	r, err := Read(strings.NewReader(file), q)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, told(t, r)); d != "" {
		t.Error(d)
	}
	if !maps.Equal(r.Skipped, skip) {
		t.Errorf("left out %v, want %v", r.Skipped, skip)
	}
}

func TestReadRepeats(t *testing.T) {
	t.Parallel()
	const weekly = "UID:a\nDTSTART;TZID=Europe/London:20260316T100000\nDTEND;TZID=Europe/London:20260316T110000\nRRULE:FREQ=WEEKLY;COUNT=4\n"
	all := []string{"03-16 10:00-11:00", "03-23 10:00-11:00", "03-30 10:00-11:00", "04-06 10:00-11:00"}
	for name, c := range map[string]struct {
		file string
		want []string
		skip map[Reason]int
	}{
		"by the clock on the wall": {file: calendar(weekly), want: all},
		"by another's clock":       {file: calendar(strings.ReplaceAll(weekly, "Europe/London", "America/New_York")), want: []string{"03-16 14:00-15:00", "03-23 14:00-15:00", "03-30 15:00-16:00", "04-06 15:00-16:00"}},
		"in UTC":                   {file: calendar("UID:a\nDTSTART:20260316T100000Z\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2"), want: []string{"03-16 10:00-10:00", "03-30 11:00-11:00"}},
		"exceptions, told in three ways": {file: calendar(weekly + "EXDATE;TZID=Europe/London:20260323T100000,20260330T100000\nEXDATE:20260406T090000Z\nEXDATE:20260316T100000"),
			want: []string{}},
		"an exception told as a day":  {file: calendar(weekly + "EXDATE;VALUE=DATE:20260323"), want: slices.Delete(slices.Clone(all), 1, 2)},
		"exceptions count":            {file: calendar(weekly + "EXDATE:20260316T100000Z"), want: all[1:]},
		"exceptions that are none":    {file: calendar(weekly + "EXDATE:nonsense,,20260330T090000Z"), want: slices.Delete(slices.Clone(all), 2, 3), skip: map[Reason]int{Repeat: 1}},
		"more dates":                  {file: calendar(weekly + "RDATE;TZID=Europe/London:20260401T080000,20260316T100000\nRDATE;VALUE=PERIOD:20260402T070000Z/PT30M,20260403T070000Z/20260403T071500Z"), want: []string{"03-16 10:00-11:00", "03-23 10:00-11:00", "03-30 10:00-11:00", "04-01 08:00-09:00", "04-02 08:00-08:30", "04-03 08:00-08:15", "04-06 10:00-11:00"}},
		"dates and no rule":           {file: calendar("UID:a\nDTSTART;VALUE=DATE:20260302\nRDATE;VALUE=DATE:20260305,20260307\nEXDATE;VALUE=DATE:20260305"), want: []string{"03-02 00:00-03-03 00:00 all day", "03-07 00:00-03-08 00:00 all day"}},
		"days, and a time left out":   {file: calendar("UID:a\nDTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260303T090000Z"), want: []string{"03-02 00:00-03-03 00:00 all day"}},
		"two rules":                   {file: calendar("UID:a\nDTSTART:20260302T100000Z\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=WEEKLY;COUNT=2"), want: []string{"03-02 10:00-10:00", "03-03 10:00-10:00", "03-09 10:00-10:00"}},
		"a start its rule leaves out": {file: calendar("UID:a\nDTSTART:20260302T100000Z\nRRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=1"), want: []string{"03-02 10:00-10:00", "03-03 10:00-10:00"}},
		"until a day":                 {file: calendar("UID:a\nDTSTART;TZID=Europe/London:20260327T100000\nRRULE:FREQ=DAILY;UNTIL=20260328"), want: []string{"03-27 10:00-10:00", "03-28 10:00-10:00"}},
		"until a moment":              {file: calendar("UID:a\nDTSTART;TZID=Europe/London:20260328T100000\nRRULE:FREQ=DAILY;UNTIL=20260330T090000Z"), want: []string{"03-28 10:00-10:00", "03-29 10:00-10:00", "03-30 10:00-10:00"}},
		"until just before":           {file: calendar("UID:a\nDTSTART;TZID=Europe/London:20260328T100000\nRRULE:FREQ=DAILY;UNTIL=20260330T085959Z"), want: []string{"03-28 10:00-10:00", "03-29 10:00-10:00"}},
		"a time the clock skips":      {file: calendar("UID:a\nDTSTART;TZID=Europe/London:20260328T013000\nDTEND;TZID=Europe/London:20260328T020000\nRRULE:FREQ=DAILY;COUNT=3"), want: []string{"03-28 01:30-02:00", "03-29 02:30-03:00", "03-30 01:30-02:00"}},
		"begun long ago":              {file: calendar("UID:a\nDTSTART;TZID=Europe/London:00010102T100000\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1MO"), want: []string{"04-06 10:00-10:00"}},
		"counted from long ago":       {file: calendar("UID:a\nDTSTART;TZID=Europe/London:19970902T090000\nRRULE:FREQ=DAILY;COUNT=10410"), want: []string{"03-01 09:00-09:00", "03-02 09:00-09:00", "03-03 09:00-09:00"}},
		"longer than its turn":        {file: calendar("UID:a\nDTSTART:20260101T000000Z\nDURATION:P60D\nRRULE:FREQ=WEEKLY;COUNT=2"), want: []string{"01-01 00:00-03-02 00:00", "01-08 00:00-03-09 00:00"}},
		"a length by the calendar":    {file: calendar("UID:a\nDTSTART;TZID=Europe/London:20260328T120000\nDURATION:P1D\nRRULE:FREQ=DAILY;COUNT=1"), want: []string{"03-28 12:00-03-29 12:00"}},
		"a length by the clock":       {file: calendar("UID:a\nDTSTART;TZID=Europe/London:20260328T120000\nDURATION:PT24H\nRRULE:FREQ=DAILY;COUNT=1"), want: []string{"03-28 12:00-03-29 13:00"}},

		"one moved":                      {file: calendar(weekly, "UID:a\nRECURRENCE-ID;TZID=Europe/London:20260323T100000\nDTSTART:20260324T120000Z\nSUMMARY:Moved"), want: []string{all[0], "03-24 12:00-12:00 Moved", all[2], all[3]}},
		"one moved, told before":         {file: calendar("UID:a\nRECURRENCE-ID:20260323T100000Z\nDTSTART:20260324T120000Z", weekly), want: []string{all[0], "03-24 12:00-12:00", all[2], all[3]}},
		"one moved in from afar":         {file: calendar("UID:a\nDTSTART:20270101T100000Z\nRRULE:FREQ=DAILY;COUNT=2", "UID:a\nRECURRENCE-ID:20270102T100000Z\nDTSTART:20260324T120000Z"), want: []string{"03-24 12:00-12:00"}},
		"one cancelled":                  {file: calendar(weekly, "UID:a\nRECURRENCE-ID:20260323T100000Z\nDTSTART:20260323T100000Z\nSTATUS:CANCELLED"), want: slices.Delete(slices.Clone(all), 1, 2)},
		"one made free":                  {file: calendar(weekly, "UID:a\nRECURRENCE-ID;VALUE=DATE:20260323\nDTSTART:20260323T100000Z\nTRANSP:TRANSPARENT"), want: slices.Delete(slices.Clone(all), 1, 2)},
		"one made busy of a free series": {file: calendar(weekly+"TRANSP:TRANSPARENT", "UID:a\nRECURRENCE-ID:20260323T100000Z\nDTSTART:20260323T100000Z"), want: []string{"03-23 10:00-10:00"}},
		"one moved twice":                {file: calendar(weekly, "UID:a\nSEQUENCE:2\nRECURRENCE-ID:20260323T100000Z\nDTSTART:20260324T120000Z", "UID:a\nSEQUENCE:1\nRECURRENCE-ID:20260323T100000Z\nDTSTART:20260325T120000Z"), want: []string{all[0], "03-24 12:00-12:00", all[2], all[3]}},
		"a move of another":              {file: calendar(weekly, "UID:b\nRECURRENCE-ID:20260323T100000Z\nDTSTART:20260324T120000Z"), want: []string{all[0], all[1], "03-24 12:00-12:00", all[2], all[3]}},
		"a day moved":                    {file: calendar("UID:a\nDTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY;COUNT=2", "UID:a\nRECURRENCE-ID;VALUE=DATE:20260303\nDTSTART;VALUE=DATE:20260310"), want: []string{"03-02 00:00-03-03 00:00 all day", "03-10 00:00-03-11 00:00 all day"}},
		"all that follow moved":          {file: calendar(weekly, "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260323T100000Z\nDTSTART;TZID=Europe/London:20260324T120000\nDURATION:PT15M"), want: []string{all[0], "03-24 12:00-12:15", "03-31 12:00-12:15", "04-07 12:00-12:15"}},
		"all that follow cancelled":      {file: calendar(weekly, "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260330T090000Z\nDTSTART:20260330T090000Z\nSTATUS:CANCELLED"), want: all[:2]},
		"all moved, one of them back":    {file: calendar(weekly, "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260323T100000Z\nDTSTART:20260323T120000Z", "UID:a\nRECURRENCE-ID:20260330T090000Z\nDTSTART:20260330T090000Z"), want: []string{all[0], "03-23 12:00-12:00", "03-30 10:00-10:00", "04-06 12:00-12:00"}},
		"a move of nonsense":             {file: calendar(weekly, "UID:a\nRECURRENCE-ID:soon\nDTSTART:20260324T120000Z"), want: []string{all[0], all[1], "03-24 12:00-12:00", all[2], all[3]}, skip: map[Reason]int{Repeat: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sees(t, c.file, c.want, c.skip)
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   io.Reader
		want error
	}{
		"nothing":             {strings.NewReader(""), ErrNotCalendar},
		"a page to sign in":   {strings.NewReader("<!doctype html><title>BEGIN:VCALENDAR</title>"), ErrNotCalendar},
		"an event by itself":  {strings.NewReader("BEGIN:VEVENT\nDTSTART:20260302T100000Z\nEND:VEVENT"), ErrNotCalendar},
		"no ends of lines":    {strings.NewReader("BEGIN:VCALENDAR\rEND:VCALENDAR\r"), ErrNotCalendar},
		"a byte too many":     {strings.NewReader(calendar() + strings.Repeat(" ", 101-len(calendar()))), ErrTooLarge},
		"a line without end":  {io.LimitReader(endless{}, 1<<30), ErrTooLarge},
		"a connection broken": {iotest.ErrReader(io.ErrUnexpectedEOF), io.ErrUnexpectedEOF},
	} {
		if _, err := Read(c.in, Query{MaxBytes: 100}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Read(strings.NewReader(calendar()+strings.Repeat(" ", 100-len(calendar()))), Query{MaxBytes: 100}); err != nil {
		t.Errorf("just enough: %v", err)
	}
	if k := errs.KindOf(ErrNotCalendar); k != errs.Invalid {
		t.Errorf("no calendar is %v", k)
	}
	if _, err := Read(strings.NewReader("\xef\xbb\xbfBEGIN:VCALENDAR\nEND:VCALENDAR"), Query{}); err != nil {
		t.Errorf("with a mark of UTF-8: %v", err)
	}
}

// endless never ends a line.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestWallTimes holds section 3.3.5 of RFC 5545 in zones that change their clocks in
// different ways.
func TestWallTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, wall, want string }{
		{"America/New_York", "20070311T023000", "2007-03-11T03:30:00-04:00"}, // as the RFC has it
		{"America/New_York", "20071104T013000", "2007-11-04T01:30:00-04:00"}, // and this
		{"America/New_York", "20071104T020000", "2007-11-04T02:00:00-05:00"},
		{"America/New_York", "20070311T030000", "2007-03-11T03:00:00-04:00"},
		{"America/New_York", "20070311T015959", "2007-03-11T01:59:59-05:00"},
		{"Europe/London", "20261025T013000", "2026-10-25T01:30:00+01:00"},
		{"Europe/London", "20260329T010000", "2026-03-29T02:00:00+01:00"},
		{"Australia/Lord_Howe", "20261004T021500", "2026-10-04T02:45:00+11:00"},
		{"Australia/Lord_Howe", "20260405T014500", "2026-04-05T01:45:00+11:00"},
		{"Africa/Cairo", "20260424T003000", "2026-04-24T01:30:00+03:00"},
		{"Pacific/Apia", "20111230T120000", "2011-12-31T12:00:00+14:00"}, // a day that was skipped
		{"Europe/London", "20500102T120000", "2050-01-02T12:00:00Z"},
		{"America/New_York", "20500612T120000", "2050-06-12T12:00:00-04:00"},
	} {
		w, _, _, ok := parseWall(c.wall)
		if got := w.in(zone(t, c.zone)).Format(time.RFC3339); !ok || got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.wall, c.zone, got, c.want)
		}
	}
}

// TestWallTimesInEveryZone asks, for each zone around its changes, whether what the
// clock shows is read as a moment at which it shows that, and never as the second.
func TestWallTimesInEveryZone(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Values(windows)) {
		z := zone(t, name)
		for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; {
			_, next := at.In(z).ZoneBounds()
			if next.IsZero() {
				break
			}
			for m := -180; m <= 180; m += 15 {
				x := next.Add(time.Duration(m) * time.Minute)
				got := wallOf(x, z).in(z)
				if wallOf(got, z) != wallOf(x, z) || got.After(x) || x.Sub(got) > 3*time.Hour {
					t.Fatalf("%s: %v is read as %v", name, x.In(z), got)
				}
			}
			at = next
		}
	}
}

func ExampleRead() {
	feed := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Paris:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEND:VEVENT\nEND:VCALENDAR"
	r, err := Read(strings.NewReader(feed), Query{From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 7, 15, 0, 0, 0, 0, time.UTC)})
	for _, s := range r.Busy {
		fmt.Println(s.From.UTC(), s.To.Sub(s.From), err)
	}
	// Output:
	// 2026-07-06 07:00:00 +0000 UTC 1h0m0s <nil>
	// 2026-07-13 07:00:00 +0000 UTC 1h0m0s <nil>
}
