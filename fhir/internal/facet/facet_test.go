package facet

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRowsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, want := range []Token{{}, {System: NoSystem, Code: []byte("a")}, {System: OtherSystem, Other: []byte("http://x"), Code: []byte("a"), Text: []byte("é")}, {System: System(1)}, {System: System(1000), Text: []byte("t")}, {System: ImpliedSystem, Code: make([]byte, 300)}} {
		got, rest := NextToken(append(AppendToken(nil, want), 7))
		if diff := cmp.Diff(want, got); diff != "" || len(rest) != 1 {
			t.Errorf("%d left: %s", len(rest), diff)
		}
	}
	for _, want := range []Date{{0, 1}, {-1, 5}, {-62135596800, 253402300800}, {math.MinInt64, 5}, {5, math.MaxInt64}, {math.MinInt64, math.MaxInt64}, {1709632830, 1709632831}} {
		got, rest := NextDate(append(AppendDate(nil, want), 7))
		if diff := cmp.Diff(want, got); diff != "" || len(rest) != 1 {
			t.Errorf("%d left: %s", len(rest), diff)
		}
	}
	for _, want := range []Quantity{{Value: []byte("1.10")}, {System: System(3), Code: []byte("mg"), Unit: []byte("mg/dl"), Comparator: '<', Value: []byte("5")}, {System: OtherSystem, Other: []byte("x"), Comparator: '>', Range: true, Value: []byte("1"), High: []byte("2")}} {
		got, rest := NextQuantity(append(AppendQuantity(nil, want), 7))
		if diff := cmp.Diff(want, got); diff != "" || len(rest) != 1 {
			t.Errorf("%d left: %s", len(rest), diff)
		}
	}
	r, _ := NextRef(AppendRef(nil, 103, []byte("8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11")))
	if r.Type != 103 || len(r.ID) != 17 || IDText(r.ID) != "8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11" {
		t.Errorf("got %+v", r)
	}
	if r, _ := NextRef(AppendRefText(nil, []byte("http://a"))); string(r.Text) != "http://a" || r.ID != nil {
		t.Errorf("got %+v", r)
	}
	if r, _ := NextRef(AppendRefIdentifier(nil, Token{Code: []byte("1")})); !r.Named || string(r.Identifier.Code) != "1" {
		t.Errorf("got %+v", r)
	}
	if r, rest := NextRef(AppendRefNothing(nil)); r.Named || r.Text != nil || r.ID != nil || len(rest) != 0 {
		t.Errorf("got %+v", r)
	}
	for _, n := range []uint32{1, 124, 125, 1000} {
		if Known(System(n)) != n {
			t.Errorf("system %d does not come back", n)
		}
	}
	if Known(System(0)) != 0 || Known(ImpliedSystem) != 0 {
		t.Error("a system the table lacks has a place in it")
	}
}

func TestGroupsAreFound(t *testing.T) {
	t.Parallel()
	b := Group(nil, 2, []byte("two"))
	b = Same(b, 5, 2)
	b = Group(b, 300, make([]byte, 200))
	b = Same(b, 301, 301) // nobody writes this; it must end all the same
	for no, want := range map[uint16]int{2: 3, 5: 3, 300: 200} {
		if rows, ok := Find(b, no); !ok || len(rows) != want {
			t.Errorf("%d: got %d bytes, want %d", no, len(rows), want)
		}
	}
	for _, no := range []uint16{0, 1, 3, 6, 299, 301, 400} {
		if _, ok := Find(b, no); ok {
			t.Errorf("%d is found", no)
		}
	}
	for cut := range b {
		for _, no := range []uint16{2, 5, 300, 301} {
			Find(b[:cut], no)
		}
	}
}
