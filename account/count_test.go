package account

import (
	"fmt"
	"testing"
	"time"

	"rapport/clock"
)

func TestAMillionKeysAreNotKept(t *testing.T) {
	t.Parallel()
	now := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	l := newLimiter(now)
	for range 5 {
		if err := l.guess("ada", Origin{}, false); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1_000_000 {
		l.letter(fmt.Sprint(i), Origin{}, false)
		if i%1000 == 0 {
			now.Add(time.Second)
			if i < 600_000 { // ten minutes: not one guess has come back
				if l.guess("ada", Origin{}, false) == nil {
					t.Fatalf("after %d other keys the count of an account is forgotten", i)
				}
			}
		}
	}
	kept := 0
	for i := range l.kept {
		kept += len(l.kept[i].young) + len(l.kept[i].old)
	}
	if kept > 4*countsMax+10 || kept < countsMax {
		t.Errorf("%d counts are kept", kept)
	}
	// one that is used stays, however many others of its kind come
	for range 3 {
		l.letter("used", Origin{}, false)
	}
	for i := range 3 * countsMax {
		l.letter(fmt.Sprint("more", i), Origin{}, false)
		if i%1000 == 0 && !l.letter("used", Origin{}, false) {
			t.Fatalf("after %d other mailboxes a mailbox that is used is forgotten", i)
		}
	}
}
