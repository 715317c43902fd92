package today

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/reading"
	"rapport/web/shell"
	"rapport/web/webtest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	if strings.Contains(s, "style=") || regexp.MustCompile(`https?://`).MatchString(s) {
		t.Errorf("inline or foreign: %s", s)
	}
	return s
}

func pressures(n int, every time.Duration, from, by int) []finding {
	var out []finding
	for i := range n {
		out = append(out, finding{code: "85354-9", at: noon.Add(-time.Duration(i) * every), value: reading.Value{Number: string(rune('0'+(from+i*by)/100)) + string(rune('0'+(from+i*by)/10%10)) + string(rune('0'+(from+i*by)%10)),
			Code: "mm[Hg]", Low: "110", High: "130", Second: &reading.Value{Number: "79"}}})
		out[i].state = out[i].value.State()
	}
	return out
}

func TestThePageRendersInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordClient)
		v := view{Shell: shell.View{P: p, Title: "x"}, P: p, Date: "Tuesday", Day: "2026-11-24", Hello: hello(p, record.Card{Given: "Amara Ify"}, noon), Health: "/h", Emergency: "112",
			Looks: parts.RowView{Href: "/l", Title: p.TodayLooks(1)}}
		v.visits([]visit{{at: noon.AddDate(0, 0, 2), name: "Review", with: []string{"Dr Ortiz"}, how: byVideo}, {at: noon.AddDate(0, 0, 40)}}, noon)
		v.news([]change{{at: noon, came: noon, title: "Blood", text: "fine", href: "/r"}}, noon.Add(-time.Hour), noon)
		v.Trend = trend(p, pressures(20, 36*time.Hour, 128, 1), "/h", noon)
		s := rendered(t, showPage(v))
		for _, want := range []string{"Amara", "Review", "Dr Ortiz", "Blood", "128/79", `href="tel:112"`, p.TodayNew()} {
			if !strings.Contains(s, want) {
				t.Errorf("%s lacks %q", tag, want)
			}
		}
		quiet := rendered(t, showPage(view{Shell: shell.View{P: p}, P: p, Hello: p.TodayHello(), Health: "/h"}))
		if !strings.Contains(quiet, `class="empty"`) || strings.Contains(quiet, "ticket") || strings.Contains(quiet, "tel:") {
			t.Errorf("%s: a section without anything to say", tag)
		}
	}
}

func TestHello(t *testing.T) {
	t.Parallel()
	card := record.Card{Given: "Amara Ify"}
	for hour, want := range map[int]string{4: "Good evening, Amara", 5: "Good morning, Amara", 11: "Good morning, Amara", 12: "Good afternoon, Amara", 18: "Good evening, Amara"} {
		if got := hello(lang.Printer{}, card, time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("%d: %q, want %q", hour, got, want)
		}
	}
	if got := hello(lang.Printer{}, record.Card{}, noon); got != "Welcome" {
		t.Error(got)
	}
}

func TestWhenTheNextVisitIs(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{time.Hour: "Next visit, today", 13 * time.Hour: "Next visit, tomorrow", 48 * time.Hour: "Next visit, in 2 days", 28 * 24 * time.Hour: "Next visit, in 4 weeks"} {
		if got := nextWhen(lang.Printer{}, noon.Add(d), noon); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestTheCourseThatMattersMost(t *testing.T) {
	t.Parallel()
	weight := pressures(12, 24*time.Hour, 80, 0)
	for i := range weight {
		weight[i].code = "29463-7"
	}
	old := pressures(12, 24*time.Hour, 128, 1)
	for i := range old {
		old[i].at = old[i].at.Add(-200 * 24 * time.Hour)
	}
	for _, x := range []struct {
		name string
		rs   []finding
		code string
		n    int
	}{
		{"pressure before weight", append(pressures(4, 40*24*time.Hour, 128, 1), weight...), "85354-9", 4},
		{"two values are no course", append(pressures(2, 24*time.Hour, 128, 1), weight...), "29463-7", 12},
		{"what is long ago is not today's", append(old, weight...), "29463-7", 12},
		{"a dense month is drawn alone", pressures(60, 24*time.Hour, 128, 1), "85354-9", 32},
		{"nothing", nil, "", 0},
	} {
		got := choose(x.rs, noon)
		if len(got) != x.n || x.n > 0 && got[0].code != x.code {
			t.Errorf("%s: %d of %v", x.name, len(got), got)
		}
	}
}

func TestDelta(t *testing.T) {
	t.Parallel()
	ps := pressures(32, 24*time.Hour, 128, 1)
	for _, x := range []struct {
		last, first finding
		want        string
		good        bool
	}{
		{ps[0], ps[30], "30 lower than a month ago", true},
		{ps[0], ps[1], "1 lower than on 23 November", false},
		{ps[1], ps[0], "1 higher than on 24 November", false},
		{ps[0], ps[0], "The same as on 24 November", false},
	} {
		d := delta(lang.Printer{}, x.last, x.first, noon)
		if d.Text != x.want || (d.Tone == parts.ToneOK) != x.good {
			t.Errorf("%+v, want %q", d, x.want)
		}
	}
}

func TestAClientsDay(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	if _, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Results); err != nil {
		t.Fatal(err)
	}
	ada, path := h.As("ada"), "/me/"+string(h.Ada)+"/today"
	ada.Get(path).Is(200).
		Has("h1", "Good morning, Ada").
		Has(".ticket", "Next visit, in 2 days", "Blood-pressure review", "10:30 with Dr Lena Ortiz").
		Has("section[aria-labelledby=news]", "HbA1c", "6.1%, above the usual range", "Knee review", "20 Nov").
		Has(".trend", "128/79", "18 lower than a month ago").
		Has("a.row[href$='/looks']", "1 person looked at your information").
		Has(".callout-danger a[href='tel:112']", "112").
		HasNot("[style]", "section[aria-labelledby=news] .tag", ".empty").SaysNot("Zebra", "Bob")
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "open" || l.Parts != record.Person|record.Medicines|record.Results|record.Documents|record.Visits|record.Plans|record.Told|record.Looks {
		t.Errorf("the page left %+v", l)
	}
	h.As("bob").Get(path).Is(404)
	h.As("physician").Get(path).Is(404)
	h.As("bob").Get("/me/"+string(h.Bob)+"/today").Is(200).HasNot(".ticket", ".trend")
}
