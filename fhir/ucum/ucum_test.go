package ucum_test

import (
	"encoding/xml"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir/ucum"
)

var update = flag.Bool("update", false, "write the table anew")

type essence struct {
	Prefix []coded `xml:"prefix"`
	Base   []coded `xml:"base-unit"`
	Unit   []coded `xml:"unit"`
}

type coded struct {
	Code      string `xml:"Code,attr"`
	Metric    string `xml:"isMetric,attr"`
	Special   string `xml:"isSpecial,attr"`
	Arbitrary string `xml:"isArbitrary,attr"`
	Value     struct {
		Value string `xml:"value,attr"`
		Unit  string `xml:"Unit,attr"`
	} `xml:"value"`
}

func (e essence) table() string {
	var b strings.Builder
	for _, p := range e.Prefix {
		fmt.Fprintf(&b, "p %s %s\n", p.Code, p.Value.Value)
	}
	for _, u := range e.Base {
		fmt.Fprintf(&b, "b %s\n", u.Code)
	}
	for _, u := range e.Unit {
		kind := "u"
		switch own := u.Value.Unit == "1"; {
		case u.Special == "yes":
			kind = "s"
		case u.Arbitrary == "yes" && own:
			kind = "a"
		case u.Metric == "yes":
			kind = "m"
		}
		if u.Metric == "yes" && kind != "m" {
			kind = strings.ToUpper(kind)
		}
		if kind == "u" || kind == "m" {
			fmt.Fprintf(&b, "%s %s %s %s\n", kind, u.Code, u.Value.Value, u.Value.Unit)
		} else {
			fmt.Fprintf(&b, "%s %s\n", kind, u.Code)
		}
	}
	return b.String()
}

// TestTable makes sure that table.txt is what UCUM says, where that is at hand.
func TestTable(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "ucum", "ucum-essence.xml"))
	if err != nil {
		t.Skip("the shared tables are not here")
	}
	var e essence
	d := xml.NewDecoder(strings.NewReader(strings.Replace(string(src), `encoding="ascii"`, `encoding="utf-8"`, 1)))
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	want := e.table()
	if *update {
		if err := os.WriteFile("table.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("table.txt")
	if err != nil || string(got) != want {
		t.Errorf("table.txt is not what ucum-essence.xml says (%v): run with -update", err)
	}
	if len(e.Unit) != 303 {
		t.Errorf("%d units", len(e.Unit))
	}
	for _, u := range append(e.Unit, e.Base...) {
		if _, err := ucum.Parse(u.Code); err != nil {
			t.Errorf("%s: %v", u.Code, err)
		}
	}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, from, to, want string }{
		{"1", "kg", "g", "1000"},
		{"1", "[lb_av]", "g", "453.59237"},
		{"1", "[in_i]", "cm", "2.54"},
		{"98.6", "[degF]", "Cel", "37"},
		{"37", "Cel", "K", "310.15"},
		{"0", "[degRe]", "Cel", "0"},
		{"1", "wk", "d", "7"},
		{"1", "a", "d", "365.25"},
		{"120", "mm[Hg]", "kPa", "15.99864"},
		{"5", "mmol/L", "umol/mL", "5"},
		{"5", "mg/dL", "g/L", "0.05"},
		{"1", "10*9/L", "10^3/uL", "1"},
		{"80", "{beats}/min", "/min", "80"},
		{"1", "kg.m/s2", "N", "1"},
		{"1", "kg/m2", "g/(cm.m)", "10"},
		{"72", "/min", "Hz", "1.2"},
		{"1", "%", "1", "0.01"},
		{"1", "[IU]/mL", "m[IU]/uL", "1"},
		{"4", "cm2", "m2", "0.0004"},
		{"1", "m[H2O]", "cm[H2O]", "100"},
		{"1", "MiBy", "KiBy", "1024"},
		{"1", "B[10.nV]", "dB[10.nV]", "10"},
	} {
		from, err := ucum.Parse(c.from)
		if err != nil {
			t.Errorf("%s: %v", c.from, err)
			continue
		}
		to, err := ucum.Parse(c.to)
		if err != nil {
			t.Errorf("%s: %v", c.to, err)
			continue
		}
		x, _ := new(big.Rat).SetString(c.value)
		want, _ := new(big.Rat).SetString(c.want)
		if got, ok := ucum.Convert(x, from, to); !ok || got.Cmp(want) != 0 {
			t.Errorf("%s %s is %v %s, not %s", c.value, c.from, got, c.to, c.want)
		}
	}
	for _, c := range [][2]string{{"kg", "m"}, {"[pH]", "1"}, {"[IU]", "1"}, {"[arb'U]", "[IU]"}, {"rad", "1"}, {"Cel", "Cel/m"}} {
		a, err := ucum.Parse(c[0])
		b, err2 := ucum.Parse(c[1])
		if err == nil && err2 == nil && a.Same(b) {
			t.Errorf("%s and %s are the same", c[0], c[1])
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "/", ".", "kg.", "kg//m", "(kg", "kg)", "{x", "lbs", "k", "kk", "k[in_i]", "m 2", "0", "m100", "m-", "ä", "[", "in_i]", "99999999999",
		strings.Repeat("(", 100) + "m" + strings.Repeat(")", 100), strings.Repeat("m.", 200) + "m", "Ym99.Ym99.Ym99.Ym99.Ym99",
	} {
		if _, err := ucum.Parse(s); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"kg.m/s2", "10*-6", "{a}/min", "m[H2O]", "/(a.b)", "Cel", "B[10.nV]2", "1.2.3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ucum.Parse(s)
		if err != nil {
			return
		}
		x := big.NewRat(7, 3)
		if back, ok := ucum.Convert(x, u, u); !ok || back.Cmp(x) != 0 {
			t.Errorf("%q to itself is %v", s, back)
		}
	})
}
