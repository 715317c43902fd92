package record

import (
	"testing"

	"rapport/errs"
)

// TestOnePersonHearsWithSoManyPages has a client open pages until no more may hear, and
// close one.
func TestOnePersonHearsWithSoManyPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.open(h.client(h.ada), Messaging, h.ada, writes)
	id := h.say(ada, Message{Key: "a", Topic: "care", Text: "hello"})
	ticket := ada.LiveTicket(id)
	var ears []*Ear
	for range earsMost {
		e, err := h.v.Hear(h.client(h.ada), ticket)
		do(t, err)
		ears = append(ears, e)
	}
	if _, err := h.v.Hear(h.client(h.ada), ticket); !errs.Is(err, errs.Unavailable) {
		t.Errorf("one more: %v", err)
	}
	nurse := h.open(h.staff("nurse"), Care, h.ada, writes)
	e, err := h.v.Hear(h.staff("nurse"), nurse.LiveTicket(id))
	do(t, err) // others hear
	e.Close()
	ears[3].Close()
	e, err = h.v.Hear(h.client(h.ada), ticket)
	do(t, err)
	h.say(ada, Message{Thread: id, Key: "b", Text: "more"})
	select {
	case <-e.Wake():
	default:
		t.Error("it does not hear")
	}
	if _, err := h.v.Hear(h.client(h.ada), nurse.LiveTicket(id)); !errs.Is(err, errs.NotFound) {
		t.Errorf("somebody else's ticket: %v", err)
	}
}
