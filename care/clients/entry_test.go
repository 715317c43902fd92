package clients

import (
	"fmt"
	"slices"
	"testing"

	"rapport/record"
	"rapport/web/parts"
	"rapport/web/reading"
)

func TestTheEndOfAPhoneNumber(t *testing.T) {
	t.Parallel()
	for want, in := range map[string][]string{"0118": {"07700 900118"}, "3456": {"12", "+44 (0)20 123-456"}, "": {"", "12"}} {
		if got := lastFour(in); got != want {
			t.Errorf("lastFour(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestARowSaysNothingAboutHealth(t *testing.T) {
	t.Parallel()
	r := row(english(), record.Card{Client: "abc", Name: "Amara Nwosu", Birth: "1968-03-14", Phones: []string{"07700 900118"}, Gender: "female", Language: "en"})
	if r.Title != "Amara Nwosu" || r.Text != "14 Mar 1968, 58 years" || r.Meta != "Phone ends 0118" || r.Href != "/clients/abc" || r.Tag != (parts.TagView{}) {
		t.Errorf("%+v", r)
	}
	if r := row(english(), record.Card{Name: "X", Birth: "1968", Deceased: true}); r.Text != "1968" || r.Tag.Text != "Has died" {
		t.Errorf("somebody who died: %+v", r)
	}
}

func findingOf(key, loinc, day, value string) finding {
	return finding{key: key, loinc: loinc, code: "http://loinc.org|" + loinc, name: loinc, at: at(day), value: reading.Value{Number: value}, shown: true}
}

func TestFindingsAreGroupedNewestFirst(t *testing.T) {
	t.Parallel()
	ms := group([]finding{findingOf("a", "1", "2026-01-01", "1"), findingOf("b", "2", "2026-03-01", "2"), findingOf("c", "1", "2026-02-01", "3"), {key: "d", loinc: "3"}})
	got := ""
	for _, m := range ms {
		got += m.loinc + ":"
		for _, f := range m.found {
			got += f.key
		}
		got += " "
	}
	if got != "1:ca 2:b " {
		t.Errorf("got %q", got)
	}
}

func TestWhatStandsOutComesFirstWithinADay(t *testing.T) {
	t.Parallel()
	one := func(key, day, meaning string) measure {
		f := findingOf(key, key, day, "1")
		f.value.Meaning = meaning
		return measure{loinc: key, found: []finding{f}}
	}
	ms := []measure{one("old", "2026-01-01", "HH"), one("usual", "2026-02-01", "N"), one("high", "2026-02-01", "H"), one("grave", "2026-02-01", "LL")}
	byDay(ms)
	got := fmt.Sprint(ms[0].loinc, ms[1].loinc, ms[2].loinc, ms[3].loinc)
	if got != "gravehighusualold" {
		t.Errorf("got %s", got)
	}
}

func TestATermLosesItsTail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Essential hypertension (disorder)": "Essential hypertension", "Stress (finding)": "Stress", "HbA1c (total)": "HbA1c (total)"} {
		if got := term(in); got != want {
			t.Errorf("term(%q) = %q", in, got)
		}
	}
}

func TestAllergiesAreSaidGraveFirst(t *testing.T) {
	t.Parallel()
	say := func(as ...allergy) []string {
		var out []string
		for _, v := range allergyAlerts(english(), as) {
			out = append(out, v.Tone.String()+" "+v.Text)
		}
		return out
	}
	for _, c := range []struct {
		as   []allergy
		want []string
	}{
		{nil, []string{"plain No allergies recorded"}},
		{[]allergy{{name: "None", none: true}}, []string{"plain No known allergies"}},
		{[]allergy{{name: "latex"}, {name: "penicillin", reaction: "rash", high: true, since: at("2019-04")}},
			[]string{"danger Penicillin: rash, 2019, high risk", "warn Latex"}},
	} {
		if got := say(c.as...); !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestTheReaderHearsWhatLanguageToUse(t *testing.T) {
	t.Parallel()
	offered := []string{"en", "es", "fr"}
	for _, c := range []struct {
		who  person
		want string
	}{
		{person{languages: []string{"en"}}, ""}, {person{languages: []string{"en-GB", "vi"}}, ""}, {person{languages: []string{"vi", "en"}}, "Prefers Vietnamese"},
		{person{languages: []string{"vi"}, interpreter: true}, "Needs an interpreter: Vietnamese"}, {person{interpreter: true}, "Needs an interpreter"}, {person{}, ""},
		{person{languages: []string{"not a tag"}}, ""},
	} {
		got := ""
		for _, v := range personAlerts(english(), c.who, offered) {
			got += v.Text
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.who, got, c.want)
		}
	}
}

func TestOneMedicineIsListedOnce(t *testing.T) {
	t.Parallel()
	ms := newest([]medicine{{name: "Amlodipine 5 mg", key: "new"}, {name: "amlodipine 5 mg", key: "old"}, {name: "Apixaban"}}, func(m medicine) string { return m.name })
	if len(ms) != 2 || ms[0].key != "new" {
		t.Errorf("%+v", ms)
	}
}

func TestSearchSignsAreEscaped(t *testing.T) {
	t.Parallel()
	if got := notThese([]string{"http://loinc.org|a,b|c"}); got != "&code:not=http%3A%2F%2Floinc.org%7Ca%5C%2Cb%5C%7Cc" {
		t.Error(got)
	}
	if notThese(nil) != "" {
		t.Error("nothing is left out of nothing")
	}
}

func TestTheMarginHoldsNumbersAndTheTableTests(t *testing.T) {
	t.Parallel()
	one := func(key, kind, number, words string) measure {
		f := findingOf(key, key, "2026-01-01", number)
		f.value.Words = words
		return measure{loinc: key, name: key, kind: kind, found: []finding{f}}
	}
	labs, vital := measured(english(), chart{measures: []measure{one("answer", "survey", "", "Nelfinavir"), one("smokes", "social-history", "", "Never"), one("pain", "survey", "3", ""), one("test", "laboratory", "5", ""), one("scan", "imaging", "", "Clear")}}, "/clients/x")
	got := ""
	for _, l := range labs {
		got += l.Name + " "
	}
	for _, v := range vital {
		got += "| " + v.Name
	}
	if got != "Test Scan Answer Smokes | Pain" {
		t.Errorf("got %q", got)
	}
}

func TestOneCodeForTwoThingsIsTwoCourses(t *testing.T) {
	t.Parallel()
	a, b := findingOf("a", "LOINC#", "2026-01-01", "120"), findingOf("b", "LOINC#", "2026-01-01", "80")
	a.name, b.name = "Upper", "Lower"
	if n := len(group([]finding{a, b})); n != 2 {
		t.Errorf("%d courses", n)
	}
}
