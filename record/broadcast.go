package record

import (
	"context"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/policy"
)

// broadcastMost is how many people one message can be said to at once.
const broadcastMost = 1000

// Broadcast says one thing to many people, to each in a thread of their own: nobody
// learns who else was told. It returns to how many it was said; the same Key goes on
// where it stopped, and says it to nobody twice. Whom the speaker may not write to is
// left out.
func (d *Directory) Broadcast(ctx context.Context, w Message, to []fhir.ClientID) (int, error) {
	if d == nil || d.v == nil || d.why != Finding || w.Thread != "" || w.Note || len(w.Named) > 0 {
		return 0, errRefused
	}
	if len(to) > broadcastMost {
		return 0, errs.Say(errs.E(errs.Invalid, "record: more people than can be told at once"), "inbox.many_most")
	}
	why := Care
	if d.basis == policy.FrontDesk {
		why = Replying
	}
	n := 0
	for _, id := range to {
		c, err := d.v.Open(ctx, d.who, why, id, Messages, Messages)
		if err == nil {
			_, err = c.Say(ctx, w)
		}
		if errs.Is(err, errs.Refused) || errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return n, wrap("broadcast", err)
		}
		n++
	}
	return n, nil
}
