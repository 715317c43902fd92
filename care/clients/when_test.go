package clients

import (
	"testing"
	"time"

	"rapport/fhir"
	"rapport/lang"
)

var testNow = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func english() teller { return teller{lang.New(lang.English, lang.WordClient), testNow} }

func at(s string) fhir.Time {
	t, _ := fhir.ParseTime(s) //nolint:errcheck // "" is no time
	return t
}

func TestAnAgeIsSaidInTheUnitPeopleUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ born, died, want string }{
		{"1968-03-14", "", "58 years"}, {"1968-11-24", "", "58 years"}, {"1968-11-25", "", "57 years"}, {"1968", "", "about 58 years"},
		{"2026-11-24", "", "0 days"}, {"2026-11-05", "", "19 days"}, {"2026-10-24", "", "1 month"}, {"2024-11-25", "", "23 months"}, {"2024-11-24", "", "2 years"},
		{"1940-02-01", "2020-01-31T10:00:00Z", "79 years"}, {"", "", ""}, {"2027-01-01", "", ""}, {"2004-02-29", "", "22 years"},
	} {
		if got := english().age(at(c.born), at(c.died)); got != c.want {
			t.Errorf("born %q, died %q: %q, want %q", c.born, c.died, got, c.want)
		}
	}
}

func TestATimeIsSaidAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"2015": "2015", "2015-02": "Feb 2015", "2015-02-03": "3 Feb 2015", "2026-02-03": "3 Feb", "": ""} {
		if got := english().short(at(in)); got != want {
			t.Errorf("short(%q) = %q, want %q", in, got, want)
		}
	}
	// A date keeps its day wherever the practice is; a moment does not.
	west := teller{english().Printer, testNow.In(time.FixedZone("", -5*3600))}
	if got := west.short(at("2026-02-03")); got != "3 Feb" {
		t.Errorf("a date became %q", got)
	}
	if got := west.short(at("2026-02-03T02:00:00Z")); got != "2 Feb" {
		t.Errorf("a moment became %q", got)
	}
}

func TestADateIsFoundAsItIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tag      lang.Tag
		in, want string
	}{
		{lang.English, "14 mar 1968", "1968-03-14"}, {lang.English, "March 14th, 1968", "1968-03-14"}, {lang.English, "3/14/1968", "1968-03-14"},
		{lang.Spanish, "14 de marzo de 1968", "1968-03-14"}, {lang.French, "1er août 1968", "1968-08-01"},
		{lang.English, "4/3/1968", "4/3/1968"}, {lang.English, "1968-03-14", "1968-03-14"}, {lang.English, "mar", "mar"}, {lang.English, "May 12", "May 12"},
		{lang.English, "nwoso", "nwoso"}, {lang.English, "07700 900118", "07700 900118"}, {lang.English, "", ""},
	} {
		if got := lang.New(c.tag, lang.WordClient).DateIn(c.in); got != c.want {
			t.Errorf("%q is looked for as %q, want %q", c.in, got, c.want)
		}
	}
}

func TestAVisitAndTheNoteAboutItAreOneLine(t *testing.T) {
	t.Parallel()
	hs := []happened{
		{key: "n1", ref: "r1", title: "Knee", sort: aDocument, at: at("2026-11-20T11:20:00Z")}, {key: "v1", title: "Knee", sort: aVisit, at: at("2026-11-20T11:00:00Z")},
		{key: "n2", ref: "r2", title: "Knee", sort: aDocument, at: at("2026-11-19")}, {key: "v2", sort: aVisit, at: at("2026-11-18")},
		{key: "n3", ref: "r3", sort: aDocument, at: at("2026-11-18")},
	}
	got := paired(english(), hs)
	if len(got) != 4 || got[0].key != "v1" || got[0].ref != "r1" || got[2].ref != "" {
		t.Errorf("%+v", got)
	}
	if hs[0].key != "n1" || hs[1].ref != "" {
		t.Error("what was given was changed")
	}
}
