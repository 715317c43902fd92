package account

import (
	"net/netip"
	"testing"
	"time"

	"rapport/clock"
	"rapport/errs"
)

func TestWhoReadsOrHoldsTooMuchWaits(t *testing.T) {
	t.Parallel()
	now := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	d := &Doors{now: now, limit: newLimiter(now)}
	from := func(a string) Origin { return Origin{Addr: netip.MustParseAddr(a)} }
	for what, c := range map[string]struct {
		may   func(Origin) error
		burst int
		pause time.Duration
	}{"look": {d.MayLook, perMap.burst, perMap.each}, "hold": {func(o Origin) error { return d.MayHold(Actor{}, o) }, perHold.burst, perHold.each}} {
		for i := range c.burst {
			if err := c.may(from("192.0.2.7")); err != nil {
				t.Fatalf("%s %d: %v", what, i, err)
			}
		}
		if err := c.may(from("192.0.2.9")); !errs.Is(err, errs.Unavailable) || errs.SayOf(err) != "door.slow" {
			t.Errorf("%s, once more from next door: %v", what, err)
		}
		if err := c.may(from("198.51.100.1")); err != nil {
			t.Errorf("%s from elsewhere: %v", what, err)
		}
		now.Add(c.pause)
		if err := c.may(from("192.0.2.7")); err != nil {
			t.Errorf("%s after a pause: %v", what, err)
		}
	}
}
