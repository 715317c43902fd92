package label

import (
	"encoding/json"
	"testing"

	"rapport/fhir"
	"rapport/fhir/internal/facet"
)

func labelled(t testing.TB, labels []Coding, contained ...Coding) *fhir.Doc {
	t.Helper()
	type meta struct {
		Security []map[string]string `json:"security,omitempty"`
	}
	write := func(cs []Coding) (m meta) {
		for _, c := range cs {
			one := map[string]string{}
			if c.System != "" {
				one["system"] = c.System
			}
			if c.Code != "" {
				one["code"] = c.Code
			}
			if len(one) == 0 {
				one["display"] = "only words"
			}
			m.Security = append(m.Security, one)
		}
		return m
	}
	r := map[string]any{"resourceType": "Basic", "code": map[string]any{"text": "x"}}
	if labels != nil {
		r["meta"] = write(labels)
	}
	if contained != nil {
		r["contained"] = []any{map[string]any{"resourceType": "Basic", "id": "c", "code": map[string]any{"text": "x"}, "meta": write(contained)}}
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, b)
}

func TestWhatWeWriteIsReadBack(t *testing.T) {
	t.Parallel()
	for s := Set(0); s <= All; s++ {
		d, want := labelled(t, Codings(s)), s
		if got := Marked(d); got != want {
			t.Fatalf("%q is read as %q", s, got)
		}
		if got := FacetMarked(d.Facet(nil)); got != want {
			t.Fatalf("%q is read from the facet as %q", s, got)
		}
	}
}

func TestLabelsOfOthers(t *testing.T) {
	t.Parallel()
	const foreign = "https://elsewhere.example"
	for _, c := range []struct {
		labels []Coding
		want   Set
	}{
		{nil, 0},
		{[]Coding{{confidentiality, "N"}}, 0},
		{[]Coding{{"", "L"}, {"http://hl7.org/fhir/v3/Confidentiality", "M"}, {confidentiality, "U"}}, 0},
		{[]Coding{{confidentiality, "R"}}, Other},
		{[]Coding{{confidentiality, "V"}, {actCode, "SUD"}}, Substance},
		{[]Coding{{actCode, "ETH"}, {actCode, "HIV"}}, Substance | Sexual},
		{[]Coding{{actCode, "SEX"}}, Sexual | Reproductive},
		{[]Coding{{"http://hl7.org/fhir/v3/ActCode", "PSYTHPN"}}, Mental},
		{[]Coding{{"", "GDIS"}}, Genetic},
		{[]Coding{{actCode, "TBOO"}}, Other},
		{[]Coding{{actCode, "sud"}}, Other},
		{[]Coding{{actCode, "SUD"}, {actCode, "NORDSCLCD"}}, Substance | Other},
		{[]Coding{{foreign, "N"}}, Other},
		{[]Coding{{foreign, "SUD"}}, Other},
		{[]Coding{{foreign, "R"}, {actCode, "VIO"}}, Violence | Other},
		{[]Coding{{confidentiality, "X"}}, Other},
		{[]Coding{{ourSystem, "own"}}, Own},
		{[]Coding{{ourSystem, "nothing"}}, Other},
		{[]Coding{{"", ""}}, Other},
	} {
		d := labelled(t, c.labels)
		if got := Marked(d); got != c.want {
			t.Errorf("%v: %q, want %q", c.labels, got, c.want)
		}
		f := d.Facet(nil)
		if got := FacetMarked(f); got != c.want || (got != 0) != fhir.FacetPrivate(f) {
			t.Errorf("%v: the facet says %q, want %q; private: %v", c.labels, got, c.want, fhir.FacetPrivate(f))
		}
	}
	if got := Marked(labelled(t, nil, Coding{actCode, "SUD"})); got != Substance {
		t.Errorf("of what it contains: %q", got)
	}
	if FacetMarked(nil) != 0 || FacetMarked(fhir.GoneFacet(nil, "a")) != 0 {
		t.Error("a facet without labels has some")
	}
}

func TestABrokenFacetIsClosed(t *testing.T) {
	t.Parallel()
	security, ok := fhir.ParamOf("Basic", "_security")
	if !ok {
		t.Fatal("there is no _security")
	}
	head := facet.Header(nil, [16]byte{}, 1, "a")
	rows := facet.AppendToken(nil, facet.Token{System: facet.NoSystem, Code: []byte("N")})
	if f := facet.Group(head, security.Number, rows); FacetMarked(f) != 0 || fhir.FacetPrivate(f) {
		t.Error("a whole one is closed")
	}
	for what, groups := range map[string][]byte{
		"its labels end early":           facet.Group(nil, security.Number, rows)[:3],
		"a label ends early":             facet.Group(nil, security.Number, rows[:len(rows)-1]),
		"a label's beginning ends early": facet.Group(nil, security.Number, []byte{0x80}),
		"what is before them ends early": facet.Group(nil, 1, make([]byte, 99))[:50],
		"a number that is none":          append(facet.Group(nil, 0, nil), facet.Group(nil, security.Number, rows)...),
		"a number that ends early":       {0x80},
		"labels like later ones":         facet.Same(nil, security.Number, security.Number),
	} {
		f := append(append([]byte(nil), head...), groups...)
		if FacetMarked(f)&Other == 0 || !fhir.FacetPrivate(f) {
			t.Errorf("%s: %q, private: %v", what, FacetMarked(f), fhir.FacetPrivate(f))
		}
	}
}

// TestAFacetThatIsCutShortNeverOpens cuts and bends facets: none that says it is private
// by one way of reading it is open by the other.
func TestAFacetThatIsCutShortNeverOpens(t *testing.T) {
	t.Parallel()
	f := labelled(t, []Coding{{actCode, "SUD"}, {"https://elsewhere.example", "x"}}).Facet(nil)
	for n := range f {
		if got := FacetMarked(f[:n]); (got != 0) != fhir.FacetPrivate(f[:n]) {
			t.Errorf("cut at %d: %q, private: %v", n, got, fhir.FacetPrivate(f[:n]))
		}
		for bit := range 8 {
			g := append([]byte(nil), f...)
			g[n] ^= 1 << bit
			if got := FacetMarked(g); (got != 0) != fhir.FacetPrivate(g) {
				t.Errorf("bit %d of %d: %q, private: %v", bit, n, got, fhir.FacetPrivate(g))
			}
		}
	}
}

func TestSetsAreWrittenAndRead(t *testing.T) {
	t.Parallel()
	for s := Set(0); s <= All; s++ {
		var all Set
		for _, x := range s.Each() {
			if x == 0 || x&(x-1) != 0 {
				t.Fatalf("%q has a part %q", s, x)
			}
			all |= x
		}
		if Parse(s.String()) != s || all != s {
			t.Fatalf("%d: %q", s, s)
		}
	}
	if Parse("mental nonsense") != Mental {
		t.Error("an unknown code counts")
	}
}
