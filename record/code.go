package record

import (
	"cmp"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"

	"rapport/hours"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// codeLetters are those of a check-in code: none is mistaken for another.
const codeLetters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

// checkIn spells a visit's code. A visit that was booked here keeps it when its guest
// gets a chart; the name of another system's visit means something in its chart alone.
func (v *Vault) checkIn(whose, id string) string {
	if own := strings.TrimPrefix(id, "v"); len(own) == hex.EncodedLen(len(timeID{})) {
		if _, err := hex.DecodeString(own); err == nil {
			whose, id = "", own
		}
	}
	var b strings.Builder
	for _, x := range v.Key("check-in "+whose, id)[:6] {
		b.WriteByte(codeLetters[int(x)%len(codeLetters)])
	}
	return b.String()
}

// ByCode returns today's visits that have a check-in code, as it was typed or read by a
// scanner: one, or none. Every visit of the day is looked at, whichever it is. For the
// front desk a private visit has no code.
func (d *Directory) ByCode(typed string) ([]Booked, error) {
	if d == nil || d.v == nil || d.why != Finding {
		return nil, errRefused
	}
	want := make([]byte, 0, 6)
	for _, r := range strings.ToUpper(typed) {
		if strings.ContainsRune(codeLetters, r) {
			want = append(want, byte(r))
		}
	}
	t, now, zone := d.v.times, d.v.now.Now(), d.v.Zone()
	today := hours.DateOf(now.In(zone))
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []Booked
	for _, x := range t.byID {
		if x.Kind != store.Visit || x.Line || hours.DateOf(x.Seat.From.In(zone)) != today {
			continue
		}
		whose := string(x.Seat.Client)
		if whose == "" {
			whose = x.Guest
		}
		same := subtle.ConstantTimeCompare([]byte(d.v.checkIn(whose, x.visitOf())), want)
		if hidden := x.Private && d.basis == policy.FrontDesk; same == 1 && !hidden {
			out = append(out, x.booked(t.table, zone, now))
		}
	}
	slices.SortFunc(out, func(a, b Booked) int { return cmp.Compare(a.Ref, b.Ref) })
	return out, nil
}
