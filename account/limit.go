package account

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rapport/clock"
	"rapport/errs"
	"rapport/lang"
)

// Origin is where a try to come in is from.
type Origin struct {
	Addr  netip.Addr
	Trust string // the token of a device somebody came in with before, "" if none
	Lang  lang.Tag
}

// pace is how many tries there may be: a burst, and then one in a while.
type pace struct {
	burst int
	each  time.Duration
}

// The paces. Passkeys are bounded by place only, so that nobody can keep a client
// out by guessing at their account: a lock-out is a denial of care.
var (
	perPlace   = pace{40, 3 * time.Second} // one /24 or /64
	perDevice  = pace{10, time.Minute}     // one device that was trusted before
	perAccount = pace{5, 12 * time.Minute} // guesses at one account, from devices it does not know: never more than ten in an hour
	perMailbox = pace{3, 5 * time.Minute}  // letters to one mailbox, asked for from one place
	perReader  = pace{10, 5 * time.Minute} // letters to one mailbox, asked for from anywhere
	overall    = pace{400, 25 * time.Millisecond}
	perNobody  = pace{100, 10 * time.Second} // lines about tries with what never was
	perMap     = pace{300, time.Second}      // looks at the practice's times by nobody known, from one place
	perHold    = pace{15, 20 * time.Second}  // times held by nobody known, from one place
)

// way is a way of trying; each has an overall bound of its own.
type way uint8

const (
	asking  way = iota // for a letter
	byTouch            // with a passkey
	ways
)

// counting says what is counted apart. Whoever floods one kind of count with keys
// makes none of another forgotten.
type counting uint8

const (
	places   counting = iota // neighbourhoods tries come from
	devices                  // devices somebody came in from before
	accounts                 // guesses at accounts from elsewhere
	owners                   // guesses at accounts from devices they know
	codes                    // guesses at what was mailed
	letters                  // letters to mailboxes, from one place
	readers                  // letters to mailboxes, from anywhere
	strays                   // tries with what never was
	looking                  // looks at the practice's times, by nobody known
	holding                  // times held by nobody known
	countings
)

// countsMax bounds how many keys of one counting are new enough to be kept, twice.
const countsMax = 20_000

// counts are the buckets of one counting, in two generations: one that is not used
// while countsMax others are is forgotten, in no time at all.
type counts struct{ young, old map[string]*rate.Limiter }

func (c *counts) bucket(key string, p pace) *rate.Limiter {
	b := c.young[key]
	if b != nil {
		return b
	}
	if b = c.old[key]; b == nil {
		b = rate.NewLimiter(rate.Every(p.each), p.burst)
	}
	if c.young == nil || len(c.young) >= countsMax {
		c.old, c.young = c.young, map[string]*rate.Limiter{}
	}
	c.young[key] = b
	return b
}

// limiter counts tries.
type limiter struct {
	now  clock.Clock
	mu   sync.Mutex
	all  [ways]*rate.Limiter
	kept [countings]counts
}

func newLimiter(now clock.Clock) *limiter {
	l := &limiter{now: now}
	for w := range l.all {
		l.all[w] = rate.NewLimiter(rate.Every(overall.each), overall.burst)
	}
	return l
}

// allow counts one under a key, and reports whether there was one left.
func (l *limiter) allow(c counting, key string, p pace) bool {
	return l.kept[c].bucket(key, p).AllowN(l.now.Now(), 1)
}

// place is the neighbourhood of an address: its /24, or its /64.
func place(a netip.Addr) string {
	a = a.Unmap()
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return "nowhere"
	}
	return p.Masked().String()
}

// errSlow is for who tries too often.
var errSlow = errs.Say(errs.E(errs.Unavailable, "account: too many tries"), "door.slow")

// open counts what somebody does who is not known, or refuses it for now.
func (l *limiter) open(c counting, from Origin, p pace) error {
	return l.counted(c, place(from.Addr), p)
}

// counted counts one under a key, or refuses it for now.
func (l *limiter) counted(c counting, key string, p pace) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.allow(c, key, p) {
		return errSlow
	}
	return nil
}

// take counts a try from somewhere, or refuses it for now. One from a device that
// somebody came in from before is counted by itself, so that a flood from
// elsewhere, or from next door, does not keep its owner out.
func (l *limiter) take(from Origin, w way, known bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	ok := false
	if known {
		ok = l.allow(devices, string('0'+rune(w))+from.Trust, perDevice)
	} else { // one place does not use up what there is for all
		ok = l.allow(places, string('0'+rune(w))+place(from.Addr), perPlace) && l.all[w].AllowN(l.now.Now(), 1)
	}
	if !ok {
		return errSlow
	}
	return nil
}

// guess counts a guess at an account. One from a device the account knows is
// counted apart, so that who guesses elsewhere does not keep its owner out.
func (l *limiter) guess(account string, from Origin, known bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	ok := false
	if known {
		ok = l.allow(owners, account+" "+from.Trust, perDevice)
	} else {
		ok = l.allow(accounts, account, perAccount)
	}
	if !ok {
		return errSlow
	}
	return nil
}

// code counts a guess at a code that was mailed to a mailbox, whether an account has
// it or not. One from a device known to who reads it is counted apart.
func (l *limiter) code(box string, from Origin, known bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := perAccount
	if known {
		box, p = box+" "+from.Trust, perDevice
	}
	if !l.allow(codes, box, p) {
		return errSlow
	}
	return nil
}

// letter counts a letter to a mailbox; true means that it should not be sent. Who
// asks from elsewhere, or from everywhere, keeps no letter from who reads it and asks
// from a device they came in from before.
func (l *limiter) letter(box string, from Origin, known bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known {
		return !l.allow(letters, box+" "+from.Trust, perMailbox)
	}
	return !l.allow(letters, box+" "+place(from.Addr), perMailbox) || !l.allow(readers, box, perReader)
}

// stray reports that one more try with what never was is to be written down: so many
// that they are seen, and no more than a disk bears, for anybody can make them.
func (l *limiter) stray() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.allow(strays, "", perNobody)
}
