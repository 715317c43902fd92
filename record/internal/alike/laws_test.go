package alike

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anybody draws people who often share things.
func anybody(t *rapid.T) Person {
	text := func(name string, some ...string) string {
		if rapid.IntRange(0, 9).Draw(t, name+"?") == 0 {
			return rapid.String().Draw(t, name)
		}
		return rapid.SampledFrom(some).Draw(t, name)
	}
	list := func(name string, some ...string) []string {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return rapid.SampledFrom(some).Draw(t, name) }), 0, 3).Draw(t, name+"s")
	}
	return Person{
		Given:    text("given", "", "Anna", "Anne", "Anna Maria", "Maria Anna", "María", "A", "M B", "Mari", "Weiss", "Li", "Marie-Anne Ana"),
		Family:   text("family", "", "Weiß", "Weiss", "Weis", "Anna", "Weiss Anna", "de la Cruz", "dela Cruz", "Li", "Anna Anne", "Anne Ana"),
		Birth:    text("birth", "", "1980", "1980-02", "1980-02-03", "1980-03-02", "1980-01-01", "1908-02-03", "1950-02-03"),
		Gender:   text("gender", "", "male", "female", "other"),
		Street:   text("street", "", "12 High St", "High Street 12", "21 High Street", "12 the mill hihg street", "mill high"),
		City:     text("city", "", "Ashford", "Ashfrod", "Lorca"),
		Postcode: text("postcode", "", "5012", "5021"),
		Phones:   list("phone", "0612345678", "+33612345678", "555"),
		Mails:    list("mail", "a@b.example", "A@B.example", "c@d.example"),
		Numbers:  list("number", "a|123456", "a|123465", "b|123456", "a|77", "|9"),
	}
}

func TestVerdictsAreFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anybody(t), anybody(t)
		v := Compare(a, b)
		if diff := cmp.Diff(v, Compare(b, a)); diff != "" {
			t.Fatalf("the order decides: %s", diff)
		}
		if v.Score < 0 || v.Score > 100 || !slices.IsSorted(v.Reasons) || len(slices.Compact(slices.Clone(v.Reasons))) != len(v.Reasons) {
			t.Fatalf("%d %v", v.Score, v.Reasons)
		}
		if len(v.Reasons) == 0 && v.Score != 0 {
			t.Fatalf("%d for no reason", v.Score)
		}
		for _, r := range Compare(a, a).Reasons {
			if r.Against() {
				t.Fatalf("somebody is not themselves: %v", r)
			}
		}
	})
}

// TestAHouseholdIsNotAPerson says of anybody: without a number, and with another
// given name or another birth date, nothing a household shares makes them one.
func TestAHouseholdIsNotAPerson(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := anybody(t)
		a.Given, a.Family, a.Birth, a.Numbers = "Anna", "Weiss", "1980-02-03", nil
		b := a
		if rapid.Bool().Draw(t, "twins") {
			b.Given = rapid.SampledFrom([]string{"Berta", "Anton", "B", "Hanna"}).Draw(t, "other")
		} else {
			b.Birth = rapid.SampledFrom([]string{"1950-02-03", "2010-02-03", "1981-12-24"}).Draw(t, "when")
		}
		if v := Compare(a, b); v.Score >= Possible {
			t.Fatalf("%d: %v", v.Score, v.Reasons)
		}
	})
}

// plainSlips is the same distance, written to be seen to be right.
func plainSlips(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + d[i-1][j-1]
			}
			d[i][j] = min(d[i][j], d[i-1][j]+1, d[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestSlipsAreCounted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("abcé")), 0, 14, -1)
		a, b, most := word.Draw(t, "a"), word.Draw(t, "b"), rapid.IntRange(0, 6).Draw(t, "most")
		if got, want := slips(a, b, most), min(plainSlips([]rune(a), []rune(b)), most+1); got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	})
}

// TestTheIndexForgets adds, replaces and drops people, and looks for each as in
// an index that never knew the others.
func TestTheIndexForgets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var x Index
		known := map[int]Person{}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			id := rapid.IntRange(-3, 8).Draw(t, "id")
			if rapid.IntRange(0, 2).Draw(t, "drop?") == 0 {
				x.Drop(id)
				delete(known, id)
			} else {
				p := anybody(t)
				x.Add(id, p)
				known[id] = p
			}
		}
		var fresh Index
		for id, p := range known {
			fresh.Add(id, p)
		}
		if x.Len() != len(known) {
			t.Fatalf("%d people, want %d", x.Len(), len(known))
		}
		for _, p := range known {
			if diff := cmp.Diff(fresh.Candidates(p), x.Candidates(p)); diff != "" {
				t.Fatal(diff)
			}
		}
		for id := range known {
			x.Drop(id)
		}
		if x.Len() != 0 || len(x.blocks) != 0 {
			t.Fatalf("%d people and %d blocks are left of nobody", x.Len(), len(x.blocks))
		}
	})
}

// TestWhoIsLikelyIsFound says of any two: if they are proposed when compared, the
// index leads from one to the other.
func TestWhoIsLikelyIsFound(t *testing.T) {
	t.Parallel()
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := anybody(t), anybody(t)
		// what both could only share by a slip leads nowhere: numbers, dates and names are drawn alike
		b.Birth, b.Given = a.Birth, a.Given
		if Compare(a, b).Score < Likely || len(a.Birth) < 4 || first(look(a).given) == "" {
			return
		}
		found++
		var x Index
		x.Add(7, a)
		if got := x.Candidates(b); !slices.Equal(got, []int{7}) {
			t.Fatalf("%v", got)
		}
	})
	if found == 0 {
		t.Error("nobody was likely: the test says nothing")
	}
}

// TestEveryBlockLeadsToWhoIsInIt shares one thing at a time.
func TestEveryBlockLeadsToWhoIsInIt(t *testing.T) {
	t.Parallel()
	who := Person{Given: "Ruth", Family: "Keller", Birth: "1944-04-17", Street: "18 Station Road", City: "Millbrook", Postcode: "5400",
		Phones: []string{"+41 79 000 11 22"}, Mails: []string{"ruth@mail.example"}, Numbers: []string{"urn:mrn|A-4471"}}
	var x Index
	x.Add(1, who)
	for name, p := range map[string]Person{
		"number":           {Numbers: []string{"urn:mrn|a4471"}},
		"birth":            {Birth: "1944-04-17"},
		"phone":            {Phones: []string{"079 000 11 22"}},
		"mail":             {Mails: []string{"Ruth@mail.example"}},
		"names":            {Given: "RUTH", Family: "keller"},
		"names swapped":    {Given: "Keller", Family: "Ruth"},
		"given and year":   {Given: "Ruth", Birth: "1944-09-09"},
		"family and year":  {Family: "Keller", Birth: "1944"},
		"family and day":   {Family: "Keller", Birth: "1949-01-17"},
		"given and code":   {Given: "Ruth", Postcode: "54 00"},
		"family and code":  {Family: "Keller", Postcode: "5400"},
		"given and place":  {Given: "Ruth", City: "millbrook"},
		"family and place": {Family: "Keller", City: "Millbrook"},
		"street":           {Street: "18 station", Postcode: "5400"},
	} {
		if got := x.Candidates(p); !slices.Equal(got, []int{1}) {
			t.Errorf("%s leads to %v", name, got)
		}
	}
	for name, p := range map[string]Person{"nothing": {}, "a given name": {Given: "Ruth"}, "a place": {City: "Millbrook", Postcode: "5400"}, "a year": {Birth: "1944"}} {
		if got := x.Candidates(p); len(got) > 0 {
			t.Errorf("%s leads to %v", name, got)
		}
	}
}

func TestTheIndexDoesNotGrowByChanges(t *testing.T) {
	t.Parallel()
	var x Index
	x.Add(1, ruth)
	n := len(x.posts)
	for range 100 {
		x.Add(1, ruth)
	}
	if len(x.posts) != n || len(x.slots) != 1 || cap(x.unused) > 4 {
		t.Errorf("%d posts and %d slots, for one person with %d", len(x.posts), len(x.slots), n-1)
	}
}

func TestCandidatesAreFewAndTheBestFirst(t *testing.T) {
	t.Parallel()
	var x Index
	if got := x.Candidates(ruth); len(got) != 0 {
		t.Errorf("%v of nobody", got)
	}
	for i := range 3 * maxBlock { // a shelter: one phone, one address
		x.Add(i, Person{Given: fmt.Sprint("g", i), Family: fmt.Sprint("f", i), Birth: fmt.Sprintf("19%02d-%02d-%02d", i%100, 2+i%11, 1+i%28), Street: ruth.Street, City: ruth.City, Postcode: ruth.Postcode, Phones: ruth.Phones})
	}
	if got := x.Candidates(Person{Phones: ruth.Phones}); len(got) != 0 {
		t.Errorf("%d people who share a phone with 3,000", len(got))
	}
	for i := range 60 {
		x.Add(10_000+i, Person{Family: "Keller", Postcode: ruth.Postcode})
	}
	x.Add(-5, but(ruth, func(p *Person) { p.Phones = nil }))
	got := x.Candidates(ruth)
	if len(got) != MaxCandidates || got[0] != -5 || got[1] != 10_000 || got[49] != 10_048 {
		t.Errorf("%d candidates: %v", len(got), got)
	}
}

func TestHostileTextsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ﷺ é12 ", 20_000)
	many := strings.Split(strings.Repeat("a|1234567@ ", 20_000), " ")
	p := Person{Given: long, Family: long, Birth: long, Gender: long, Street: long, City: long, Postcode: long, Phones: many, Mails: many, Numbers: many}
	var x Index
	x.Add(1, p)
	if n := len(x.slots[0].keys); n > maxKeys {
		t.Errorf("%d keys, %d are allowed", n, maxKeys)
	}
	f := look(p)
	if len(f.given) > maxList || len(f.numbers) > maxList || len(f.city) > maxText+4 {
		t.Errorf("%d names, %d numbers, a city of %d bytes", len(f.given), len(f.numbers), len(f.city))
	}
	Compare(p, p)
}

func FuzzCompare(f *testing.F) {
	f.Add("Anna", "Weiß", "1980-02-03", "12 High St", "a|1", "Ana", "Weiss", "1980-03-02", "12 high", "a|1")
	f.Add("\xff", "|", "2000-1-1", "\x00", "|", "ﷺ", "\u0301", "0000-00-00", "1", "a||")
	f.Fuzz(func(t *testing.T, g, n, d, s, i, g2, n2, d2, s2, i2 string) {
		a := Person{Given: g, Family: n, Birth: d, Street: s, City: s2, Phones: []string{i}, Mails: []string{i2}, Numbers: []string{i}}
		b := Person{Given: g2, Family: n2, Birth: d2, Street: s2, City: s, Phones: []string{i2}, Mails: []string{i}, Numbers: []string{i2}}
		v := Compare(a, b)
		if diff := cmp.Diff(v, Compare(b, a)); diff != "" || v.Score < 0 || v.Score > 100 {
			t.Errorf("%+v %s", v, diff)
		}
		var x Index
		x.Add(1, a)
		x.Add(2, b)
		x.Candidates(a)
		x.Drop(1)
		x.Drop(2)
		if len(x.blocks) != 0 {
			t.Error("blocks are left of nobody")
		}
	})
}
