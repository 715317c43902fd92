package record

import (
	"context"
	"testing"
	"time"

	"rapport/account"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// post queues a letter as an act does.
func (h *house) post(l account.Letter) {
	h.t.Helper()
	do(h.t, h.v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error { return h.v.queue(ctx, tx, l) }}))
}

// due returns the kinds of the letters that are to be sent now.
func (h *house) due(n int) (kinds []string, ps []Parcel) {
	h.t.Helper()
	ps, err := h.v.Due(context.Background(), n)
	do(h.t, err)
	for _, p := range ps {
		kinds = append(kinds, p.Letter.Kind)
	}
	return kinds, ps
}

func TestALetterGoesWhenItIsDueAndOnlyWhileItIsOfUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	now := h.now.Now()
	link := account.HashOf("a link")
	h.post(account.Letter{Kind: "first", To: "a@mail.example"})
	h.now.Add(time.Second)
	h.post(account.Letter{Kind: "second", To: "a@mail.example", Ends: now.Add(10 * time.Minute)})
	h.post(account.Letter{Kind: "later", To: "a@mail.example", After: now.Add(24 * time.Hour)})
	h.post(account.Letter{Kind: "while", To: "a@mail.example", After: now.Add(24 * time.Hour), While: link})
	if got, _ := h.due(1); len(got) != 1 || got[0] != "first" {
		t.Errorf("due first: %q", got)
	}
	if got, _ := h.due(9); len(got) != 1 || got[0] != "second" {
		t.Errorf("then: %q", got)
	}
	if got, _ := h.due(9); len(got) != 0 {
		t.Errorf("what is lent is handed out again: %q", got)
	}
	h.now.Add(leaseFor)
	got, ps := h.due(9)
	if len(got) != 2 {
		t.Fatalf("after the lease: %q", got)
	}
	do(t, h.v.Settled(t.Context(), ps[0].ID))
	do(t, h.v.Again(t.Context(), ps[1].ID, h.now.Now().Add(time.Hour)))
	do(t, h.v.Again(t.Context(), ps[0].ID, h.now.Now())) // what was settled stays settled
	h.reopen()
	h.now.Add(time.Hour)
	if got, _ := h.due(9); len(got) != 0 { // its link has ended
		t.Errorf("an hour later: %q", got)
	}
	h.now.Add(24 * time.Hour)
	if got, ps := h.due(9); len(got) != 1 || got[0] != "later" || ps[0].Tries != 0 {
		t.Errorf("a day later: %q, want no letter whose link is gone", got)
	}
	for _, bad := range []string{"", "zz", "00"} {
		if h.v.Settled(t.Context(), bad) == nil || h.v.Again(t.Context(), bad, now) == nil {
			t.Errorf("%q is a letter", bad)
		}
	}
}
