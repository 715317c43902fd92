package record

import (
	"rapport/errs"
	"rapport/record/internal/store"
)

// clientMost is how many visits to come a client books, or others book for them: two long
// series, and some. Staff book as many as are needed.
const clientMost = 30

var errMost = errs.Say(errs.E(errs.Conflict, "record: a client has %d visits to come", clientMost), "visits.most")

// within refuses n visits more than a client books: a mailbox that somebody else reads
// does not take all the times there are. It may be a moment behind.
func (c *Chart) within(n int) error {
	if c.why != Booking {
		return nil
	}
	t, now := c.v.times, c.v.now.Now()
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, x := range t.byID {
		if x.Kind == store.Visit && x.Seat.Client == c.client && x.Seat.From.After(now) {
			n++
		}
	}
	if n > clientMost {
		return errMost
	}
	return nil
}
