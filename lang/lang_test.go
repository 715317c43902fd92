package lang

import (
	"testing"
	"time"
)

func TestDatesReadAsTheLanguageSaysThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 9, 5, 0, 0, time.UTC)
	first := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		tag                             Tag
		date, other, full, short, month string
	}{
		{English, "Tuesday 24 November", "Wednesday 1 January 2025", "24 November 2026", "24 Nov 2026", "November 2026"},
		{Spanish, "martes 24 de noviembre", "miércoles 1 de enero de 2025", "24 de noviembre de 2026", "24 nov 2026", "noviembre de 2026"},
		{French, "mardi 24 novembre", "mercredi 1er janvier 2025", "24 novembre 2026", "24 nov. 2026", "novembre 2026"},
	} {
		p := New(c.tag, WordClient)
		for _, x := range [][2]string{{p.Date(now, now), c.date}, {p.Date(first, now), c.other}, {p.Full(now), c.full}, {p.Short(now), c.short}, {p.Month(now), c.month}, {p.Clock(now), "09:05"}} {
			if x[0] != x[1] {
				t.Errorf("%s: %q, want %q", c.tag, x[0], x[1])
			}
		}
	}
}

func TestNumbersCountsAndLists(t *testing.T) {
	t.Parallel()
	en, es, fr := New(English, WordClient), New(Spanish, WordClient), New(French, WordClient)
	for _, x := range [][2]string{
		{en.Number("1.10"), "1.10"}, {es.Number("1.10"), "1,10"}, {fr.Number("-0.5"), "-0,5"},
		{en.Count(1234), "1234"}, {en.Count(12345), "12\u202f345"}, {es.Count(-1234567), "-1\u202f234\u202f567"},
		{en.And(nil), ""}, {en.And([]string{"a"}), "a"}, {en.And([]string{"a", "b", "c"}), "a, b and c"},
		{es.And([]string{"uvas", "higos"}), "uvas e higos"}, {es.And([]string{"agua", "hielo"}), "agua y hielo"}, {fr.And([]string{"a", "b"}), "a et b"},
		{Upper("émile"), "Émile"}, {Upper(""), ""},
		{New(Spanish, WordPatient).Clients(), "pacientes"}, {New(French, WordMember).Client(), "membre"}, {Printer{}.Client(), "client"},
		{fill("a {x} b {y} {z}", "y", "2", "x", "{y}"), "a {y} b 2 "},
	} {
		if x[0] != x[1] {
			t.Errorf("%q, want %q", x[0], x[1])
		}
	}
	if !fr.singular(0) || en.singular(0) || es.singular(0) || !en.singular(1) || fr.singular(2) {
		t.Error("the singular is for one, and in French for none")
	}
}

func TestTheBestLanguageIsPicked(t *testing.T) {
	t.Parallel()
	all := All()
	for accept, want := range map[string]Tag{"": English, "fr-CA,en;q=0.5": French, "es-MX": Spanish, "de, es;q=0.1": Spanish, "xx-invalid!!": English, "zh": English} {
		if got := Match(accept, all); got != want {
			t.Errorf("%q: %v, want %v", accept, got, want)
		}
	}
	if got := Match("en", []Tag{French, Spanish}); got != French {
		t.Errorf("a language that is not offered: %v, want the practice's first", got)
	}
	if Match("en", nil) != English {
		t.Error("no language offered is English")
	}
	for _, s := range []string{"es", "es-ES", "ES"} {
		if got, ok := Parse(s); !ok || got != Spanish {
			t.Errorf("%q: %v %v", s, got, ok)
		}
	}
	if _, ok := Parse("de"); ok {
		t.Error("German is not spoken")
	}
}
