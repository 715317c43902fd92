package parts

import (
	"bytes"
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"rapport/lang"
)

func printers() []lang.Printer {
	var out []lang.Printer
	for _, t := range lang.All() {
		out = append(out, lang.New(t, lang.WordPatient))
	}
	return out
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	id  = regexp.MustCompile(`\sid="([^"]*)"`)
	ref = regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby)="([^"]*)"`)
)

// clean fails on what our Content-Security-Policy forbids or a reader cannot
// use: inline style and script, addresses elsewhere, ids that repeat or lead
// nowhere.
func clean(t *testing.T, html string) {
	t.Helper()
	for _, bad := range []string{" style=", "<style", "<script", "javascript:", "http://", "https://", "src=\"//", " onclick", " onload", `class=""`, `aria-describedby=""`, `href=""`, "%!", "<nil>", "NaN", "Inf"} {
		if i := strings.Index(html, bad); i >= 0 {
			t.Errorf("holds %q: …%s…", bad, html[max(0, i-60):min(len(html), i+60)])
		}
	}
	ids := map[string]bool{}
	for _, m := range id.FindAllStringSubmatch(html, -1) {
		if ids[m[1]] || m[1] == "" {
			t.Errorf("id %q stands twice, or is empty", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range ref.FindAllStringSubmatch(html, -1) {
		for _, r := range strings.Fields(m[1]) {
			if !ids[r] {
				t.Errorf("%q leads nowhere", r)
			}
		}
	}
}

// TestGallery renders every part in every state and language.
func TestGallery(t *testing.T) {
	t.Parallel()
	for _, p := range printers() {
		clean(t, render(t, Gallery(p)))
	}
}

func TestZeroViews(t *testing.T) {
	t.Parallel()
	p := lang.Printer{}
	for name, c := range map[string]templ.Component{
		"button": Button(ButtonView{}), "ticket": Ticket(TicketView{}), "rows": Rows(nil), "table": Table(TableView{}), "facts": Facts(nil),
		"timeline": Timeline(nil), "looks": Looks(nil), "sums": Sums("", nil, HeatView{}), "empty": Empty(EmptyView{}), "vitals": Vitals(nil), "tally": Tally(TallyView{}),
		"chips": Chips(ChipsView{}), "tabs": Tabs(TabsView{}),
		"spark": Sparkline(nil), "trend": Trend(TrendView{ID: "x"}), "range": Range(RangeView{}), "row": Row(RowView{}),
	} {
		t.Run(name, func(t *testing.T) { clean(t, render(t, c)) })
	}
	for name, c := range map[string]templ.Component{"tag": Tag(TagView{}), "flash": Flash(FlashView{}), "link": TextLink(Link{}), "back": BackLink(Link{}), "problems": Problems(p, nil)} {
		if got := render(t, c); got != "" {
			t.Errorf("%s of nothing draws %q", name, got)
		}
	}
}

// TestEscaped feeds markup where text is expected.
func TestEscaped(t *testing.T) {
	t.Parallel()
	const x = `"><script>alert(1)</script>`
	for _, c := range []templ.Component{
		Avatar(x, x), Icon(x), Mark(x), Tag(TagView{Text: x, Icon: x}), Button(ButtonView{Text: x, Href: "javascript:alert(1)"}), TextLink(Link{Text: x, Href: "javascript:alert(1)"}),
		Rows([]RowView{{Title: x, Text: x, Href: "javascript:alert(1)"}}), Looks([]LookDay{{Label: x, Looks: []LookView{{Name: x, What: x, Role: x, At: x}}}}),
		Trend(TrendView{ID: "x", Title: x, Big: x, Points: []Point{{Text: x, Note: x}}}), Range(RangeView{ValueText: x, LowText: x}),
		Field(FieldView{Name: "n", Label: x, Value: x, Problem: x}), Problems(lang.Printer{}, []FieldProblem{{ID: x, Text: x}}),
	} {
		html := render(t, c)
		if strings.Contains(html, "<script") || strings.Contains(html, "javascript:") {
			t.Errorf("not escaped: %s", html)
		}
	}
}

func TestTrendPlots(t *testing.T) {
	t.Parallel()
	at := func(vs ...float64) []Point {
		var out []Point
		for i, v := range vs {
			out = append(out, Point{At: time.Date(2026, 1, 1+i, 8, 0, 0, 0, time.UTC), Value: v, Second: math.NaN()})
		}
		return out
	}
	inf := math.Inf(1)
	for name, c := range map[string]struct {
		points []Point
		band   *Band
		drawn  int
	}{
		"none":      {nil, nil, 0},
		"one":       {at(5), nil, 1},
		"two":       {at(5, 6), nil, 2},
		"equal":     {at(0, 0, 0), nil, 3},
		"tiny":      {at(1e-12, 2e-12), nil, 2},
		"huge":      {at(1e14, -1e14, 3), nil, 3},
		"over":      {at(math.MaxFloat64, 1, -math.MaxFloat64), nil, 1},
		"nothing":   {at(math.NaN(), inf, -inf), nil, 0},
		"some":      {at(1, math.NaN(), 3), nil, 2},
		"same time": {[]Point{{Value: 1}, {Value: 2}}, nil, 2},
		"band":      {at(1, 2), &Band{3, 4}, 2},
		"open":      {at(1, 2), &Band{-inf, inf}, 2},
		"odd band":  {at(1, 2), &Band{math.NaN(), 4}, 2},
		"backwards": {at(1, 2), &Band{4, 3}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			v := TrendView{ID: "t", Title: "T", Points: c.points, Band: c.band, First: "a", Second: "b"}
			p := newPlot(v)
			if p.drawn != c.drawn {
				t.Errorf("drew %d, want %d", p.drawn, c.drawn)
			}
			if p.drawn > 0 && (len(p.ticks) < 2 || len(p.ticks) > 8) {
				t.Errorf("ticks %v", p.ticks)
			}
			clean(t, render(t, Trend(v)))
			v.Bare = true
			clean(t, render(t, Trend(v)))
		})
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{126, 146, "120 130 140 150"}, {5.2, 6.1, "5.0 5.5 6.0 6.5"}, {70.8, 71.2, "70.8 71.0 71.2"}, {0, 0, "-1 0 1"}, {-3, 3, "-4 -2 0 2 4"}, {0.001, 0.004, "0.001 0.002 0.003 0.004"},
	} {
		ts, step := scale(c.lo, c.hi)
		var got []string
		for _, x := range ts {
			got = append(got, decimal(x, step))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%g to %g: %s, want %s", c.lo, c.hi, s, c.want)
		}
	}
}

func TestRangePlaces(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	for _, c := range []struct {
		low, high, value, want float64
	}{
		{3, 5, 3, 90}, {3, 5, 5, 210}, {3, 5, 4, 150}, {3, 5, 900, 288}, {3, 5, -900, 12},
		{-inf, 5, 5, 210}, {-inf, 5, 0, 12}, {60, inf, 60, 90}, {60, inf, inf, 288}, {5, 5, 5, 150}, {-inf, inf, 4, 150}, {3, 5, math.NaN(), 150},
	} {
		if got := (RangeView{Low: c.low, High: c.high}).place(c.value); got != c.want {
			t.Errorf("%g in %g to %g lies at %g, want %g", c.value, c.low, c.high, got, c.want)
		}
	}
}

func TestInitials(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Dr Lena Ortiz": "LO", "Ada": "A", "": "", "  ": "", "élodie de la Tour": "ÉT", "Dr": "", "李 小龍": "李小", "Mme Zoé": "Z"} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if first := tint("a"); first != tint("a") {
		t.Error("a tint changes")
	}
	seen := map[string]bool{}
	for i := range 60 {
		seen[tint(string(rune('A'+i)))] = true
	}
	if len(seen) != tints {
		t.Errorf("%d tints in use, want %d", len(seen), tints)
	}
	if portrait(Face(-3)) == "" || portrait(Face(99)) == "" || portrait("face:~") != "" || portrait("x") != "" {
		t.Error("faces do not wrap, or seeds draw what they should not")
	}
}

func TestMarkSVG(t *testing.T) {
	t.Parallel()
	for _, m := range append(Marks(), "none") {
		s := string(MarkSVG(m, "#7b1e4b", "#ffb930"))
		if strings.Contains(s, "currentColor") || strings.Contains(s, "class=") || !strings.Contains(s, "#7b1e4b") || !strings.Contains(s, "#ffb930") {
			t.Errorf("%s: %s", m, s)
		}
	}
	if s := string(MarkSVG("rowan", `"/><script>`, "")); strings.Contains(s, "script") {
		t.Error(s)
	}
	if !HasMark("leaf") || HasMark("none") {
		t.Error("HasMark")
	}
}

// TestIconsExist finds every icon that the sources name and looks it up.
func TestIconsExist(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?:Icon(?:Avatar)?\(|\b(?:End)?Icon: +)"([^"]*)"`)
	found := 0
	err := filepath.WalkDir("../..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 {
			return fs.SkipDir
		}
		if ext := filepath.Ext(p); ext != ".templ" && ext != ".go" || strings.HasSuffix(p, "_templ.go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range named.FindAllStringSubmatch(string(src), -1) {
			if found++; !HasIcon(m[1]) {
				t.Errorf("%s names the icon %q, which there is not: add web/assets/icons/%s.svg", p, m[1], m[1])
			}
		}
		return nil
	})
	if err != nil || found < 20 {
		t.Errorf("looked at %d names: %v", found, err)
	}
}
