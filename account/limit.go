package account

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"
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
	perAccount = pace{10, 6 * time.Minute} // guesses at one account, from devices it does not know: ten an hour
	perMailbox = pace{3, 5 * time.Minute}  // letters to one mailbox
	overall    = pace{400, 25 * time.Millisecond}
)

// bucketsMax bounds the places and accounts that are counted.
const bucketsMax = 100_000

// limiter counts tries.
type limiter struct {
	now     clock.Clock
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

func newLimiter(now clock.Clock) *limiter {
	return &limiter{now: now, buckets: map[string]*rate.Limiter{}}
}

// bucket returns the count kept under a key. When there are too many, those that
// are full again are forgotten; if none is, all are, which forgives.
func (l *limiter) bucket(key string, p pace) *rate.Limiter {
	b := l.buckets[key]
	if b != nil {
		return b
	}
	if len(l.buckets) >= bucketsMax {
		now := l.now.Now()
		for k, old := range l.buckets {
			if old.TokensAt(now) >= float64(old.Burst()) {
				delete(l.buckets, k)
			}
		}
		if len(l.buckets) >= bucketsMax {
			clear(l.buckets)
		}
	}
	b = rate.NewLimiter(rate.Every(p.each), p.burst)
	l.buckets[key] = b
	return b
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

// take counts a try from somewhere, or refuses it for now.
func (l *limiter) take(from Origin, kind string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now.Now()
	if !l.bucket("all", overall).AllowN(now, 1) {
		return errSlow
	}
	key, p := "place "+kind+" "+place(from.Addr), perPlace
	if from.Trust != "" {
		key, p = "device "+from.Trust, perDevice
	}
	if !l.bucket(key, p).AllowN(now, 1) {
		return errSlow
	}
	return nil
}

// guess counts a guess at an account. One from a device the account knows is
// counted apart, so that who guesses elsewhere does not keep its owner out.
func (l *limiter) guess(account string, from Origin, known bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, p := "account "+account, perAccount
	if known {
		key, p = "known "+account+" "+from.Trust, perDevice
	}
	if !l.bucket(key, p).AllowN(l.now.Now(), 1) {
		return errSlow
	}
	return nil
}

// letter counts a letter to a mailbox; true means that it should not be sent.
func (l *limiter) letter(box string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.bucket("letter "+box, perMailbox).AllowN(l.now.Now(), 1)
}

// longestName bounds a name in runes.
const longestName = 120

// CleanName returns a name as it is shown: any script, one line, without controls
// and without marks that turn the direction of writing.
func CleanName(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == 0x2028 || r == 0x2029:
			return ' '
		case r < ' ' || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0xfeff || r == 0x200b || r >= 0xe0000 && r <= 0xe007f:
			return -1
		}
		return r
	}, s)
	rs := []rune(strings.Join(strings.Fields(s), " "))
	return string(rs[:min(len(rs), longestName)])
}
