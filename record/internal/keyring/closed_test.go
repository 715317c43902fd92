package keyring

import (
	"bytes"
	"testing"
)

// TestACompartmentTakesAllItsKeys holds compartments apart: what lies in two of them at
// once opens with neither's key alone, nor with another client's, nor with the chart's.
func TestACompartmentTakesAllItsKeys(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	mine, other := newPID(t), newPID(t)
	if err := r.Add(t.Context(), mine, other); err != nil {
		t.Fatal(err)
	}
	a, err := r.Client(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Client(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	place := []byte("here")
	const first, second = 1 << 0, 1 << (Slots - 1)
	both, ok := a.Closed(first | second)
	if !ok {
		t.Fatal("two compartments do not open")
	}
	sealed := both.Body.Seal(nil, []byte("told in private"), place)
	for name, c := range map[string]*Client{"one": a, "other client": b} {
		for _, set := range []uint16{first, second, first | second, first | 2} {
			k, ok := c.Closed(set)
			if !ok {
				t.Fatalf("%s: set %b does not open", name, set)
			}
			got, err := k.Body.Open(nil, sealed, place)
			if want := c == a && set == first|second; (err == nil) != want {
				t.Errorf("%s: set %b opens %q, want %v", name, set, got, want)
			}
		}
	}
	if _, err := a.Body.Open(nil, sealed, place); err == nil {
		t.Error("the chart's own key opens a compartment")
	}
	for _, set := range []uint16{0, 1 << Slots, 1<<Slots | 1} {
		if _, ok := a.Closed(set); ok {
			t.Errorf("set %b is no set of compartments, and opens", set)
		}
	}
	r.Close()
	again, err := opened2(t, h.config()).Client(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	k, ok := again.Closed(first | second)
	if got, err := k.Body.Open(nil, sealed, place); !ok || err != nil || string(got) != "told in private" {
		t.Errorf("after a start it opens %q, %v", got, err)
	}
}

// TestAKeyringFromBeforeIsGivenCompartments takes a client's compartment keys away, as a
// keyring has it that was made before there were any: they are drawn once.
func TestAKeyringFromBeforeIsGivenCompartments(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	pid := newPID(t)
	if err := r.Add(t.Context(), pid); err != nil {
		t.Fatal(err)
	}
	if _, err := r.db.ExecContext(t.Context(), `DELETE FROM key WHERE use = ?`, useClosed); err != nil {
		t.Fatal(err)
	}
	r.Close()
	r = opened2(t, h.config())
	c, err := r.Client(t.Context(), pid)
	if err != nil {
		t.Fatal(err)
	}
	drawn := c.closed.keys
	r.Close()
	c, err = opened2(t, h.config()).Client(t.Context(), pid)
	if err != nil {
		t.Fatal(err)
	}
	if c.closed.keys != drawn || bytes.Equal(drawn[:32], make([]byte, 32)) {
		t.Error("the keys of compartments were drawn twice, or never")
	}
}
