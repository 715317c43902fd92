package policy

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func example(t testing.TB, id string) Rules {
	t.Helper()
	for _, r := range Examples() {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no %s", id)
	return Rules{}
}

func TestOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id, birth string
		day       Day
		from      int // -1: no band
	}{
		{"example-england", "2015-09-01", ymd(2026, 8, 31), 0},
		{"example-england", "2015-09-01", ymd(2026, 9, 1), 11},
		{"example-england", "2015-09-01", ymd(2028, 8, 31), 11},
		{"example-england", "2015-09-01", ymd(2028, 9, 1), 13},
		{"example-england", "2015-09-01", ymd(2033, 8, 31), 16},
		{"example-england", "2015-09-01", ymd(2033, 9, 1), -1},
		{"example-england", "2015-09-01", ymd(2015, 8, 31), -1},
		{"example-england", "2015-09-01", ymd(2015, 9, 1), 0},
		{"example-england", "1950-09-01", ymd(2026, 9, 1), -1},
		{"example-england", "1958-02-28", ymd(1969, 2, 27), 0},
		{"example-england", "1958-02-28", ymd(1969, 2, 28), 11},
		{"example-england", "9999-12-31", ymd(9999, 12, 31), 0},
		// partial dates end a band early
		{"example-england", "2015", ymd(2026, 1, 1), 11},
		{"example-england", "2015-09", ymd(2026, 8, 31), 0},
		{"example-england", "2015-09", ymd(2026, 9, 1), 11},
		{"example-england", "2008", ymd(2026, 1, 1), -1},
		// 29 February, each custom, in common and leap years
		{"example-england", "2012-02-29", ymd(2023, 2, 28), 0},
		{"example-england", "2012-02-29", ymd(2023, 3, 1), 11},
		{"example-england", "2012-02-29", ymd(2028, 2, 28), 13},
		{"example-england", "2012-02-29", ymd(2028, 2, 29), 16},
		{"example-england", "2012-02-29", ymd(2030, 2, 28), 16},
		{"example-england", "2012-02-29", ymd(2030, 3, 1), -1},
		{"example-california", "2012-02-29", ymd(2024, 2, 28), 0},
		{"example-california", "2012-02-29", ymd(2024, 2, 29), 12},
		{"example-california", "2012-02-29", ymd(2030, 2, 27), 12},
		{"example-california", "2012-02-29", ymd(2030, 2, 28), -1},
		{"example-scotland", "2010-05-05", ymd(2026, 5, 4), 12},
		{"example-scotland", "2010-05-05", ymd(2026, 5, 5), -1},
	} {
		b, ok := example(t, c.id).On(c.birth, c.day)
		if ok != (c.from >= 0) || ok && b.From != c.from || !ok && !cmp.Equal(b, Band{}) {
			t.Errorf("%s: born %s, on %s: from %d, %v; want %d", c.id, c.birth, c.day, b.From, ok, c.from)
		}
	}
	for _, birth := range noBirths {
		if b, ok := example(t, "example-texas").On(birth, ymd(2026, 6, 15)); ok || !cmp.Equal(b, Band{}) {
			t.Errorf("born %q: %v, %v", birth, b, ok)
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id, birth string
		day       Day
		want      string // "": never
	}{
		{"example-england", "2015-09-01", ymd(2020, 1, 1), "2026-09-01"},
		{"example-england", "2015-09-01", ymd(2026, 8, 31), "2026-09-01"},
		{"example-england", "2015-09-01", ymd(2026, 9, 1), "2028-09-01"},
		{"example-england", "2015-09-01", ymd(2032, 1, 1), "2033-09-01"},
		{"example-england", "2015-09-01", ymd(2033, 9, 1), ""},
		{"example-england", "2015-09-01", ymd(2014, 1, 1), "2015-09-01"}, // yet to be born
		{"example-england", "2015", ymd(2020, 1, 1), "2026-01-01"},
		{"example-england", "2015-09", ymd(2020, 1, 1), "2026-09-01"},
		{"example-england", "2012-02-29", ymd(2022, 1, 1), "2023-03-01"},
		{"example-england", "2012-02-29", ymd(2025, 3, 1), "2028-02-29"},
		{"example-california", "2012-02-29", ymd(2025, 1, 1), "2030-02-28"},
		{"example-england", "9999-12-31", ymd(9999, 12, 31), "10010-12-31"},
		{"example-england", "", ymd(2020, 1, 1), ""},
		{"example-england", "2015-09-31", ymd(2020, 1, 1), ""},
		{"example-england", "2015-09-01", ymd(2020, 2, 30), ""},
		{"example-england", "2015-09-01", Day{}, ""},
	} {
		got := ""
		if d, ok := example(t, c.id).Next(c.birth, c.day); ok {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("%s: born %s, after %s: %q, want %q", c.id, c.birth, c.day, got, c.want)
		}
	}
}

// TestNextIsTheNextChange: it lies ahead, On differs across it, and On is the
// same on every day before it; if there is none, nothing changes any more.
func TestNextIsTheNextChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(Examples()).Draw(t, "rules")
		r.LeapDay = leapDays.Draw(t, "leap")
		birth, day := births(1990, 2030).Draw(t, "birth"), days(1985, 2050).Draw(t, "day")
		now, okNow := r.On(birth, day)
		next, ok := r.Next(birth, day)
		if !ok {
			next = ymd(2060, 1, 1)
		}
		if next.compare(day) <= 0 {
			t.Fatalf("%s is not after %s", next, day)
		}
		for d := later(day, 1); d != next; d = later(d, 1) {
			if b, ok := r.On(birth, d); ok != okNow || b.From != now.From {
				t.Fatalf("it changes on %s already, not on %s", d, next)
			}
		}
		if b, has := r.On(birth, next); ok && has == okNow && cmp.Equal(b, now) {
			t.Fatalf("nothing changes on %s", next)
		}
	})
}

// TestHandMadeRulesGiveNothingByAccident: what ParseRules would refuse still
// never panics and never gives more than the mask.
func TestHandMadeRulesGiveNothingByAccident(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		edge := rapid.OneOf(rapid.IntRange(-5, 30), rapid.SampledFrom([]int{math.MinInt, math.MaxInt}))
		r := Rules{Majority: edge.Draw(t, "majority"), LeapDay: LeapDay(rapid.IntRange(0, 4).Draw(t, "leap"))}
		for range rapid.IntRange(0, 4).Draw(t, "bands") {
			r.Bands = append(r.Bands, Band{From: edge.Draw(t, "from"), To: edge.Draw(t, "to"), Reads: Parts(rapid.Uint32().Draw(t, "reads")), Acts: Parts(rapid.Uint32().Draw(t, "acts"))})
		}
		birth := rapid.OneOf(births(1, 9999), rapid.String()).Draw(t, "birth")
		day := Day{rapid.Int().Draw(t, "year"), time.Month(rapid.Int().Draw(t, "month")), rapid.Int().Draw(t, "day")}
		if rapid.Bool().Draw(t, "possible") {
			day = days(1, 9999).Draw(t, "day")
		}
		b, _ := r.On(birth, day)
		if next, ok := r.Next(birth, day); ok && next.compare(day) <= 0 {
			t.Fatalf("%v is not after %v", next, day)
		}
		reads, acts := b.Gives()
		if acts&^reads != 0 || reads&^b.Reads != 0 || acts&^b.Acts != 0 || reads&(Looks|Agreements|Money|Other) != 0 || reads&^AllParts != 0 {
			t.Fatalf("%v and %v give %v and %v", b.Reads, b.Acts, reads, acts)
		}
	})
	for _, leap := range []LeapDay{FirstOfMarch, LastOfFebruary} {
		if b, ok := (Rules{LeapDay: leap}).On("2015-09-01", ymd(2026, 1, 1)); ok {
			t.Errorf("no rules give %v", b)
		}
		long := Rules{LeapDay: leap, Majority: 18, Bands: []Band{{From: 0, To: 30, Reads: Results}}}
		if b, ok := long.On("2015-09-01", ymd(2033, 9, 1)); ok {
			t.Errorf("at majority there is %v", b)
		}
		if d, ok := long.Next("2015-09-01", ymd(2026, 1, 1)); !ok || d != ymd(2033, 9, 1) {
			t.Errorf("after majority on 2033-09-01 a guardian would go on until %s", d)
		}
		if d, ok := long.Next("2015-09-01", ymd(2033, 9, 1)); ok {
			t.Errorf("nothing changes on %s, after majority", d)
		}
	}
}

// TestEveryPartIsEitherForGuardiansOrNot fails when a part is new: say in
// ForOthers or here whether a guardian is ever given it.
func TestEveryPartIsEitherForGuardiansOrNot(t *testing.T) {
	t.Parallel()
	const never = Looks | Agreements | Money | Other
	if ForOthers&never != 0 || ForOthers|never != AllParts|Looks {
		t.Errorf("given %q, never given %q", ForOthers, never)
	}
	reads, acts := Band{Reads: AllParts | Looks, Acts: AllParts | Looks}.Gives()
	if reads != ForOthers || acts != ForOthers {
		t.Errorf("everything gives %v, %v", reads, acts)
	}
	if reads, acts := (Band{Reads: Results, Acts: AllParts}).Gives(); reads != Results || acts != Results {
		t.Errorf("acts where nothing is read: %v, %v", reads, acts)
	}
}

func TestConsents(t *testing.T) {
	t.Parallel()
	some, all := Band{Alone: []Matter{SexualHealth}}, Band{Alone: []Matter{AllCare}}
	for m := Matter(0); m < 20; m++ {
		known := m >= 1 && m <= AllCare
		if some.Consents(m) != (m == SexualHealth) || all.Consents(m) != known || (Band{}).Consents(m) {
			t.Errorf("matter %d %q: some %v, all %v", m, m, some.Consents(m), all.Consents(m))
		}
		if (m.String() != "") != known {
			t.Errorf("matter %d has the code %q", m, m)
		}
		if a := AccountRule(m); (a.String() != "") != (a >= 1 && a <= OnTheirOwn) {
			t.Errorf("rule %d has the code %q", a, a)
		}
		if l := LeapDay(m); (l.String() != "") != (l >= 1 && l <= LastOfFebruary) {
			t.Errorf("leap day %d has the code %q", l, l)
		}
	}
}

// TestTheExamplesNarrow: as a minor grows up, a guardian only loses and the
// minor only gains.
func TestTheExamplesNarrow(t *testing.T) {
	t.Parallel()
	for _, r := range Examples() {
		for i, b := range r.Bands {
			reads, acts := b.Gives()
			if reads != b.Reads || acts != b.Acts {
				t.Errorf("%s: from %d the file says more than is given", r.ID, b.From)
			}
			if i == 0 {
				continue
			}
			younger := r.Bands[i-1]
			r0, a0 := younger.Gives()
			if reads&^r0 != 0 || acts&^a0 != 0 || b.OwnAccount < younger.OwnAccount {
				t.Errorf("%s: from %d a guardian gains", r.ID, b.From)
			}
			for _, m := range younger.Alone {
				if !b.Consents(m) {
					t.Errorf("%s: from %d a minor loses %s", r.ID, b.From, m)
				}
			}
		}
	}
}

func TestTheExamplesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	got := Examples()
	entries, err := os.ReadDir("rules")
	if err != nil || len(got) < 5 || len(entries) != len(got) {
		t.Fatalf("%d examples, %d files: %v", len(got), len(entries), err)
	}
	for i, r := range got {
		if r.Reviewed || !strings.HasPrefix(r.Note, "An example, not reviewed") {
			t.Errorf("%s claims a review", r.ID)
		}
		if entries[i].Name() != r.ID+".json" {
			t.Errorf("%s lies in %s", r.ID, entries[i].Name())
		}
		got[i].Bands[0].Reads, got[i].Sources[0] = Looks, "changed"
		for j := range r.Bands {
			clear(r.Bands[j].Alone)
		}
	}
	for _, r := range Examples() {
		if r.Bands[0].Reads == Looks || r.Sources[0] == "changed" {
			t.Errorf("%s: one asker changes another's rules", r.ID)
		}
		for _, b := range r.Bands {
			for _, m := range b.Alone {
				if m == 0 {
					t.Errorf("%s: one asker changes another's matters", r.ID)
				}
			}
		}
	}
}

// TestWhatTheExamplesAreKnownFor pins what each was chosen to show.
func TestWhatTheExamplesAreKnownFor(t *testing.T) {
	t.Parallel()
	reads := func(id string, age int) Parts {
		b, _ := example(t, id).On("2000-01-01", ymd(2000+age, 6, 1))
		p, _ := b.Gives()
		return p
	}
	want := map[string]map[int]Parts{
		"example-england":      {10: ForOthers, 12: Person | Allergies | Immunisations | Visits, 13: 0, 16: 0, 18: 0},
		"example-scotland":     {11: ForOthers, 12: Person | Allergies | Immunisations, 16: 0},
		"example-california":   {11: ForOthers, 12: Person | Allergies, 17: Person | Allergies, 18: 0},
		"example-texas":        {12: ForOthers, 17: ForOthers &^ (Told | Plans), 18: 0},
		"example-france":       {14: ForOthers, 15: Person | Allergies | Immunisations | Visits, 18: 0},
		"example-spain":        {11: ForOthers, 13: ForOthers &^ (Told | Plans), 15: ForOthers &^ (Documents | Messages | Told | Plans), 16: Person | Allergies | Immunisations, 18: 0},
		"example-most-private": {11: ForOthers, 12: 0, 17: 0},
	}
	if len(want) != len(Examples()) {
		t.Errorf("%d examples are pinned of %d", len(want), len(Examples()))
	}
	for id, ages := range want {
		for age, p := range ages {
			if got := reads(id, age); got != p {
				t.Errorf("%s at %d: a guardian reads %q, want %q", id, age, got, p)
			}
		}
	}
	for _, b := range example(t, "example-texas").Bands {
		if b.Consents(Contraception) {
			t.Error("Texas: contraception without a parent")
		}
	}
	if b, _ := example(t, "example-spain").On("2000", ymd(2016, 1, 1)); !b.Consents(Vaccination) {
		t.Error("Spain: 16 is not old enough")
	}
}
