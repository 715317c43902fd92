package work

import (
	"context"
	"sync"
	"time"

	"rapport/clock"
	"rapport/errs"
	"rapport/post"
)

// Outbox keeps letters from the transaction that caused them until they are
// settled. Package record implements it.
type Outbox interface {
	// Due returns at most n parcels whose time has come at now, the longest due
	// first, and leases each for post.Lease: until then no Due returns it again,
	// whoever asks.
	Due(ctx context.Context, now time.Time, n int) ([]post.Parcel, error)
	// Settle ends a lease. Sent and Dropped forget the parcel; Later keeps it until
	// next and counts one try. next is zero except with Later.
	Settle(ctx context.Context, id string, fate post.Fate, next time.Time) error
}

// The bounds of trying again.
const (
	firstWait = 30 * time.Second
	longWait  = 6 * time.Hour
	giveUp    = 3 * 24 * time.Hour // after a parcel was made
	round     = 200                // parcels; the rest waits for the next tick
)

// Stats count what a Postman did since it was made.
type Stats struct {
	Sent      int // letters the other side took
	Later     int // tries that failed and will be repeated
	Refused   int // letters dropped because no try can work
	Expired   int // letters dropped because they were three days old
	Panics    int // tries in which the sender panicked, among those in Later and Expired
	Unsettled int // tries whose outcome the outbox did not take: sent, they may go twice
}

// Postman is the Job that sends what is in the outbox. It is safe for concurrent
// use, also by several processes on one outbox.
type Postman struct {
	box    Outbox
	sender post.Sender
	now    clock.Clock

	mu    sync.Mutex
	stats Stats
}

// NewPostman returns a Postman.
func NewPostman(box Outbox, sender post.Sender, now clock.Clock) *Postman {
	return &Postman{box: box, sender: sender, now: now}
}

// Name implements Job.
func (p *Postman) Name() string { return "post" }

// Run implements Job: one round.
func (p *Postman) Run(ctx context.Context) error {
	_, err := p.Tick(ctx)
	return err
}

// Stats returns what was done so far.
func (p *Postman) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Tick sends what is due and returns how many letters went. That a letter did not
// go is no error: it is counted, and tried later or dropped. The error is the
// outbox's, or the relay's when it takes no letter at all; both end the round.
// When ctx ends, the letter on the way is finished and settled, and none after
// it is taken.
func (p *Postman) Tick(ctx context.Context) (sent int, err error) {
	for range round {
		if ctx.Err() != nil {
			return sent, nil
		}
		// One at a time: a lease covers one conversation, and whoever stops leaves
		// nothing leased behind.
		due, err := p.box.Due(ctx, p.now.Now(), 1)
		if err != nil && ctx.Err() != nil {
			return sent, nil
		}
		if err != nil {
			return sent, errs.E(errs.KindOf(err), "work: what is due: %w", err)
		}
		if len(due) == 0 {
			return sent, nil
		}
		for _, parcel := range due {
			fate, err := p.handle(context.WithoutCancel(ctx), parcel)
			if fate == post.Sent {
				sent++
			}
			if err != nil {
				return sent, err
			}
		}
	}
	return sent, nil
}

// handle sends one parcel and settles it. Its error ends the round.
func (p *Postman) handle(ctx context.Context, c post.Parcel) (post.Fate, error) {
	var failed error
	fate, next := post.Dropped, time.Time{}
	if p.now.Now().Sub(c.Made) < giveUp {
		failed = p.send(ctx, c.Letter)
		fate, next = p.fate(c, failed)
	} else {
		p.count(func(s *Stats) { s.Expired++ })
	}
	if err := p.box.Settle(ctx, c.ID, fate, next); err != nil {
		p.count(func(s *Stats) { s.Unsettled++ })
		return fate, errs.E(errs.KindOf(err), "work: settle %q: %w", c.ID, err)
	}
	if post.General(failed) {
		return fate, errs.E(errs.Unavailable, "work: %w", failed)
	}
	return fate, nil
}

// send sends one letter; a panic of the sender is a failed try.
func (p *Postman) send(ctx context.Context, l post.Letter) (err error) {
	defer func() {
		if recover() != nil { // its value may hold content
			p.count(func(s *Stats) { s.Panics++ })
			err = errs.E(errs.Internal, "work: the sender panicked over letter %q", l.ID)
		}
	}()
	return p.sender.Send(ctx, l)
}

// fate decides what a try means, and counts it.
func (p *Postman) fate(c post.Parcel, err error) (post.Fate, time.Time) {
	next := p.now.Now().Add(min(max(wait(c.Tries), post.WaitOf(err)), longWait))
	switch {
	case err == nil:
		p.count(func(s *Stats) { s.Sent++ })
		return post.Sent, time.Time{}
	case post.VerdictOf(err) == post.Permanent:
		p.count(func(s *Stats) { s.Refused++ })
		return post.Dropped, time.Time{}
	case next.Sub(c.Made) >= giveUp:
		p.count(func(s *Stats) { s.Expired++ })
		return post.Dropped, time.Time{}
	}
	p.count(func(s *Stats) { s.Later++ })
	return post.Later, next
}

// wait is how long to wait after a parcel has failed tries times before: half a
// minute, doubled each time, at most six hours. Who was asked for longer waits longer,
// within the same bound.
func wait(tries int) time.Duration {
	w := firstWait
	for range max(tries, 0) {
		if w >= longWait/2 {
			return longWait
		}
		w *= 2
	}
	return w
}

func (p *Postman) count(f func(*Stats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.stats)
}
