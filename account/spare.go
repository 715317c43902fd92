package account

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"strings"
)

// Recovery codes: ten, printed, sixteen letters and digits each (80 bits), in
// groups of four, without the letters that look like another.
const (
	sparesMade  = 10
	spareLetter = 16
	spareChars  = "abcdefghjkmnpqrstuvwxyz23456789"
)

// MakeSpares makes new recovery codes for an account and returns them to be shown
// once. The old ones no longer work.
func (d *Doors) MakeSpares(ctx context.Context, session string) ([]string, error) {
	var out []string
	var hashes []Hash
	for range sparesMade {
		c, err := d.spare()
		if err != nil {
			return nil, err
		}
		out, hashes = append(out, c), append(hashes, HashOf(plainSpare(c)))
	}
	err := d.errand(ctx, session, MakeSpares, func(k Desk, a *Access, _ *Session) error {
		a.Spares = hashes
		k.Note(Act{Subject: a.Subject, What: "spares"})
		return d.putAccess(ctx, k, a)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// spare draws one code.
func (d *Doors) spare() (string, error) {
	var b strings.Builder
	for n := 0; n < spareLetter; {
		var x [1]byte
		if _, err := io.ReadFull(d.rand, x[:]); err != nil {
			return "", fmt.Errorf("account: draw code: %w", err)
		}
		if int(x[0]) >= len(spareChars)*(256/len(spareChars)) {
			continue // every letter is as likely as every other
		}
		if n > 0 && n%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(spareChars[int(x[0])%len(spareChars)])
		n++
	}
	return b.String(), nil
}

// plainSpare is a code as it is compared: however it was typed.
func plainSpare(typed string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(spareChars, r) {
			return r
		}
		return -1
	}, strings.ToLower(typed))
}

// spendSpare uses up a recovery code.
func (a *Access) spendSpare(typed string) bool {
	h := HashOf(plainSpare(typed))
	found := -1
	for i := range a.Spares {
		if subtle.ConstantTimeCompare(a.Spares[i][:], h[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return false
	}
	a.Spares = append(a.Spares[:found], a.Spares[found+1:]...)
	return true
}

// UseSpare makes a session that a link opened a full one, by a printed recovery
// code, which is spent. Every address is told.
func (d *Doors) UseSpare(ctx context.Context, session, code string, from Origin) (In, error) {
	return d.secondProof(ctx, session, from, BySpare, func(k Desk, a *Access) error {
		if !a.spendSpare(code) {
			return errWrong
		}
		return d.tell(ctx, k, a, LetterKeyGone, "/account")
	})
}
