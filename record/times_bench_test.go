package record

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"rapport/errs"
)

// BenchmarkAHundredHold lets a hundred people hold one time after another, all at once;
// one op is one hold of each.
func BenchmarkAHundredHold(b *testing.B) {
	h := newHouse(b)
	h.opens()
	h.settles(func(s *Settings) { s.Zone = "Europe/London" })
	in := h.bring(h.ada)
	for d := range 70 {
		_, err := in.Put(context.Background(), booked(fmt.Sprint("z", d), "ada", "nurse", at(24*d+9, 0), 20))
		do(b, err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for g := range 100 {
		wg.Go(func() {
			for n := range b.N {
				k := (g*7919 + n*104729) % (70 * 8)
				_, err := h.v.Times(fmt.Sprint(g)).Hold(context.Background(), bp([]string{"clinician", "nurse"}[g%2], at(24*(k/8)+9, 20).Add(time.Duration(k%8)*20*time.Minute)))
				if err != nil && !errs.Is(err, errs.Conflict) {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
