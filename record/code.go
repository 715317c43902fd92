package record

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"

	"rapport/hours"
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
// scanner: one, or none. Every visit of the day is looked at, whichever it is. A private
// visit has no code but for who treats its client.
func (d *Directory) ByCode(ctx context.Context, typed string) ([]Booked, error) {
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
	var out []Booked
	t.mu.RLock()
	for _, x := range t.byID {
		if x.Kind != store.Visit || x.Line || hours.DateOf(x.Seat.From.In(zone)) != today {
			continue
		}
		whose := string(x.Seat.Client)
		if whose == "" {
			whose = x.Guest
		}
		same := subtle.ConstantTimeCompare([]byte(d.v.checkIn(whose, x.visitOf())), want)
		if same == 1 {
			out = append(out, x.booked(t.table, zone, now))
		}
	}
	t.mu.RUnlock()
	out = slices.DeleteFunc(out, func(b Booked) bool { return d.shut(ctx, &b) })
	slices.SortFunc(out, func(a, b Booked) int { return cmp.Compare(a.Ref, b.Ref) })
	return out, nil
}
