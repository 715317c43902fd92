// Package clock is the only place that asks what time it is. Everything else is
// handed a Clock, so that a test can live through a year in a millisecond. It
// refuses to sleep: nothing in this program waits by the wall.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	// Now returns the current instant, in UTC.
	Now() time.Time
}

// Wall is the machine's own clock.
type Wall struct{}

// Now implements Clock.
func (Wall) Now() time.Time { return time.Now().UTC() }

// Fake is a Clock that stands still until it is told to move. It is safe for
// concurrent use.
type Fake struct {
	mu sync.Mutex
	t  time.Time
}

// At returns a Fake standing at t.
func At(t time.Time) *Fake { return &Fake{t: t.UTC()} }

// Now implements Clock.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.t
}

// Add moves the clock by d, backwards if d is negative.
func (f *Fake) Add(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.t = f.t.Add(d)
}
