package record

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rapport/errs"
)

// town is a house with people whose names and numbers are hard to type.
func town(t *testing.T) (*house, *Directory) {
	t.Helper()
	h := newHouse(t)
	for _, p := range []struct{ id, given, family, birth, phone string }{
		{"etienne", "Étienne", "Lefèvre", "1968-03-04", "+33 6 12 34 56 78"},
		{"obrien", "Siobhán", "O'Brien", "1990-12-01", "(555) 010-7788"},
		{"anne", "Anne-Marie", "Smith-Jones", "2001-07-09", "020 7946 0958"},
		{"dang", "Thị Hoa", "Đặng", "1975-01-31", ""},
		{"weiss", "Jürgen", "Weiß", "1955-05-05", ""},
		{"priya", "प्रिया", "शर्मा", "1988-08-08", ""},
		{"mohamed", "محمد", "الرشيد", "1979-09-19", ""},
		{"taro", "太郎", "山田", "1960-06-16", ""},
		{"synth", "Aaron697", "Mraz590", "2011", ""},
		{"garcia", "María José", "García Márquez", "1968-11-20", "+34 600 111 222"},
		{"old", "Olga", "Petrova", "1944-04-14", ""},
		{"nobirth", "Nemo", "Nobody", "", "555"},
	} {
		rest := fmt.Sprintf(`"name":[{"use":"official","family":%q,"given":[%q]}]`, p.family, p.given)
		if p.id == "old" {
			rest = `"name":[{"use":"maiden","family":"Ivanova","given":["Olga"]},{"use":"usual","family":"Petrova","given":["Olga"]},{"use":"nickname","text":"Olenka"}]`
		}
		if p.birth != "" {
			rest += fmt.Sprintf(`,"birthDate":%q`, p.birth)
		}
		if p.phone != "" {
			rest += fmt.Sprintf(`,"telecom":[{"system":"phone","value":%q},{"system":"phone","use":"old","value":"999 888 777"}]`, p.phone)
		}
		h.admitAs(resource("Patient", p.id, rest))
	}
	d, err := h.v.OpenDirectory(t.Context(), h.staff("frontdesk"), Finding)
	do(t, err)
	return h, d
}

func whoIs(d *Directory, q string) []string {
	var out []string
	for _, c := range d.Find(q, 20) {
		out = append(out, c.Person)
	}
	return out
}

func TestAPersonIsFoundHoweverTheyAreTyped(t *testing.T) {
	t.Parallel()
	_, d := town(t)
	for q, want := range map[string]string{
		"etienne": "etienne", "ÉTIENNE": "etienne", "étie": "etienne", "lefevre": "etienne", "Le": "etienne", "E\u0301tienne": "etienne",
		"etinne": "etienne", "etiene": "etienne", "eitenne": "etienne", "lefevere": "etienne", "lefebre": "etienne", "elfevre": "etienne",
		"etienne lefevre": "etienne", "lefevre etienne": "etienne", "lef eti": "etienne", "  lefevre   etienne  ": "etienne", "Lefèvre, Étienne": "etienne",
		"1968-03-04": "etienne", "04/03/1968": "etienne", "4/3/1968": "etienne", "4.3.1968": "etienne", "04.03.1968": "etienne", "04-03-1968": "etienne",
		"19680304": "etienne", "04031968": "etienne", "1968-03": "etienne", "1968-3-4": "etienne", "4 3 1968": "etienne", "1968 etienne": "etienne", "lefevre 4/3/1968": "etienne",
		"5678": "etienne", "345678": "etienne", "0612345678": "etienne", "+33612345678": "etienne", "06 12 34 56 78": "etienne", "+33 6 12 34 56 78": "etienne", "06.12.34.56.78": "etienne",
		"o'brien": "obrien", "obrien": "obrien", "O’Brien": "obrien", "brien": "obrien", "siobhan obrien": "obrien", "555-010-7788": "obrien", "7788": "obrien",
		"smith-jones": "anne", "smith jones": "anne", "jones": "anne", "anne-marie": "anne", "Anne Marie Smith": "anne", "marie": "anne", "0958": "anne",
		"dang": "dang", "Đặng": "dang", "đặng hoa": "dang", "thi": "dang",
		"weiss": "weiss", "weiß": "weiss", "WEISS": "weiss", "jurgen": "weiss",
		"प्रिया": "priya", "शर्मा": "priya", "प्रिया शर्मा": "priya",
		"محمد": "mohamed", "الرشيد محمد": "mohamed", "\u200fمحمد\u200f": "mohamed",
		"山田": "taro", "太郎": "taro", "山": "taro",
		"aaron": "synth", "aaron697": "synth", "mraz590 aaron": "synth", "2011": "synth",
		"garcia marquez": "garcia", "maria jose": "garcia", "marquez": "garcia", "josé garcía": "garcia", "600111222": "garcia", "1112": "garcia",
		"ivanova": "old", "petrova": "old", "olenka": "old",
	} {
		got := whoIs(d, q)
		if len(got) == 0 || got[0] != want {
			t.Errorf("%q finds %q, want %s first", q, got, want)
		}
	}
	if got := whoIs(d, "maria"); len(got) < 1 || got[0] != "garcia" {
		t.Errorf("maria finds %q", got)
	}
	for _, q := range []string{"xyzzy", "या", "etienne jones", "lefevre 1990", "12", "077", "999888777", "ab", "2", "1899-01-01", "31/12/1899"} {
		if got := whoIs(d, q); len(got) > 0 {
			t.Errorf("%q finds %q, want nobody", q, got)
		}
	}
}

func TestTheBestFitComesFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i, name := range []string{"Mara", "Marta", "Maria", "Mariana", "Mario"} {
		h.admit(fmt.Sprint(name), name, fmt.Sprintf("Family%c", 'A'+i), "1990-01-01")
	}
	d, err := h.v.OpenDirectory(t.Context(), h.staff("nurse"), Finding)
	do(t, err)
	if got := whoIs(d, "maria"); len(got) != 5 || got[0] != "Maria" || got[1] != "Mariana" {
		t.Errorf("maria finds %q, want the whole word, then the beginning, then the slips", got)
	}
	if got := d.Find("mar", 2); len(got) != 2 {
		t.Errorf("%d people, want the first 2", len(got))
	}
	for _, n := range []int{0, -1, math.MinInt} {
		if got := d.Find("maria", n); len(got) != 0 {
			t.Errorf("a limit of %d gives %d", n, len(got))
		}
	}
}

func TestHostileQueriesFindNobodyAndBreakNothing(t *testing.T) {
	t.Parallel()
	_, d := town(t)
	for _, q := range []string{
		"", " ", "\t\n", "\x00", "'", `" OR 1=1 --`, "%", "*", "....", "-", "/", "\xff\xfe", strings.Repeat("a", 10_000), strings.Repeat("a ", 5_000), strings.Repeat("1", 10_000),
		strings.Repeat("1 ", 100), strings.Repeat("\u0301", 100), strings.Repeat("ﷺ", 66), strings.Repeat("🙂", 50), "🙂", "👨‍👩‍👧‍👦", "\u202e\u202d", "\u200f", "a b c d e f g h i", "٠١٢٣", "０１２３",
		strings.Repeat("Z̴̧̢", 20), "1/1/1/1/1/1/1/1", "0", "00", "0000", "+", "++++", "1e9", "-1", "99999999999999999999",
	} {
		if got := whoIs(d, q); len(got) > 0 {
			t.Errorf("%.40q finds %q, want nobody", q, got)
		}
	}
}

func TestAnyQueryAtAllBreaksNothing(t *testing.T) {
	t.Parallel()
	_, d := town(t)
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.String().Draw(t, "query")
		for _, c := range d.Find(q, 5) {
			if c.Person == "" {
				t.Fatal("somebody who is nobody")
			}
		}
		if f := fold(q); utf8.ValidString(q) && !utf8.ValidString(f) || fold(f) != f && fold(fold(f)) != fold(f) {
			t.Fatalf("fold(%q) = %q", q, f)
		}
	})
}

func TestADirectoryFollowsWhatBecomesOfPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	_, err := c.Put(t.Context(), patient("ada", "Augusta", "King", "1815-12-10"))
	do(t, err)
	for range 2 {
		d, err := h.v.OpenDirectory(t.Context(), h.staff("nurse"), Finding)
		do(t, err)
		if got := whoIs(d, "lovelace"); len(got) > 0 {
			t.Errorf("the old name finds %q", got)
		}
		if got := d.Find("king", 9); len(got) != 1 || got[0].Given != "Augusta" || got[0].Client != h.ada {
			t.Errorf("the new name finds %+v", got)
		}
		h.reopen()
	}
	d, err := h.v.OpenDirectory(t.Context(), h.staff("nurse"), Finding)
	do(t, err)
	cards, n := d.All(0, 10)
	if n != 2 || len(cards) != 2 || cards[0].Family != "King" {
		t.Errorf("All = %+v, %d", cards, n)
	}
	for _, x := range []struct{ from, limit, want int }{{0, 1, 1}, {1, 10, 1}, {2, 10, 0}, {99, 1, 0}, {-5, 1, 1}, {0, -1, 0}, {1, math.MaxInt, 1}, {math.MaxInt, math.MaxInt, 0}, {0, 0, 0}} {
		if cards, n := d.All(x.from, x.limit); len(cards) != x.want || n != 2 {
			t.Errorf("All(%d, %d) = %d of %d, want %d", x.from, x.limit, len(cards), n, x.want)
		}
	}
	cards[0].Family = "changed by a page"
	if again, _ := d.All(0, 1); again[0].Family != "King" {
		t.Error("a page changed the directory")
	}
}

func TestWhoMayOpenTheDirectory(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, role := range []string{"frontdesk", "nurse", "clinician", "coordinator"} {
		lines := h.grew("", func() {
			h.staffed(role, func(d *Directory, err error) { do(t, err) })
		})
		if last := lines[len(lines)-1]; last != "staff find finding" {
			t.Errorf("%s: %q", role, lines)
		}
	}
	for _, role := range []string{"manager", "editor", "privacy"} {
		h.staffed(role, func(d *Directory, err error) { kindIs(t, role, err, errs.Refused) })
	}
	_, err := h.v.OpenDirectory(t.Context(), h.client(h.ada), Finding)
	kindIs(t, "a client", err, errs.Refused)
	_, err = h.v.OpenDirectory(t.Context(), h.staff("nurse"), Care)
	kindIs(t, "a nurse for care", err, errs.Refused)
}

func (h *house) staffed(role string, f func(*Directory, error)) {
	h.t.Helper()
	d, err := h.v.OpenDirectory(h.t.Context(), h.staff(role), Finding)
	f(d, err)
}

func TestALookIsProvedToItsOwnClientOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nurse := h.staff("nurse")
	for range 3 {
		h.open(nurse, Care, h.ada, Results|Medicines)
		h.open(nurse, Care, h.bob, Conditions)
	}
	_, err := h.bring(h.ada).Put(t.Context(), pulse("o1", "ada", 60))
	do(t, err)
	ada := h.open(h.client(h.ada), Own, h.ada, Looks)
	bob := h.open(h.client(h.bob), Own, h.bob, Looks)
	mine, err := ada.Looks(t.Context(), 0, 100)
	do(t, err)
	for i, l := range mine {
		if l.Number != int64(len(mine)-i) {
			t.Fatalf("look %d of %d has number %d", i, len(mine), l.Number)
		}
		p, err := ada.Prove(t.Context(), l.Seq)
		if err != nil || p.Check() != nil {
			t.Errorf("look %d: %v, %v", l.Number, err, p.Check())
		}
		_, err = bob.Prove(t.Context(), l.Seq)
		kindIs(t, "proved to somebody else", err, errs.NotFound)
	}
	seen := map[string]int{}
	for _, l := range mine {
		seen[l.Kind+" "+l.Act+" "+l.Parts.String()]++
		if l.Act == "write" && l.Written != 1 {
			t.Errorf("a write of %d: %+v", l.Written, l)
		}
	}
	if seen["staff open medicines results"] != 3 || seen["staff open conditions"] != 0 || seen["system write results"] != 1 || seen["client open looks"] != 1 {
		t.Errorf("Ada's looks: %v", seen)
	}
	second, err := ada.Looks(t.Context(), mine[1].Number, 2)
	if err != nil || len(second) != 2 || second[0].Number != mine[2].Number {
		t.Errorf("the next page: %+v, %v", second, err)
	}
	for _, seq := range []int64{-1, 1 << 40, h.size() - 1} { // the last is Bob's own opening, or the practice's
		_, err := ada.Prove(t.Context(), seq)
		kindIs(t, fmt.Sprint("entry ", seq), err, errs.NotFound)
	}
}
