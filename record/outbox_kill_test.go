package record

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// childPosts sends what is due, with two workers, and says of each letter when it goes
// and when that is written down. It ends when nothing is due.
func childPosts(ctx context.Context, cfg Config) error {
	minutes, err := strconv.Atoi(os.Getenv("ROUND"))
	if err != nil {
		return err
	}
	cfg.Clock = clock.At(start.Add(time.Duration(minutes) * time.Minute))
	v, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(what, to string) {
		mu.Lock()
		defer mu.Unlock()
		os.Stdout.WriteString(what + " " + to + "\n") //nolint:errcheck // the parent has gone, and we are about to
	}
	errc := make(chan error, 2)
	for range 2 {
		go func() {
			for {
				ps, err := v.Due(ctx, 1)
				if err != nil || len(ps) == 0 {
					errc <- err
					return
				}
				say("sent", ps[0].Letter.To)
				if err := v.Settled(ctx, ps[0].ID); err != nil {
					errc <- err
					return
				}
				say("kept", ps[0].Letter.To)
			}
		}()
	}
	for range 2 {
		if err := <-errc; err != nil {
			return err
		}
	}
	return v.Close()
}

// queued is letters that wait, in commits of a thousand.
func (h *house) queued(n int) {
	h.t.Helper()
	for from := 0; from < n; from += 1000 {
		do(h.t, h.v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
			for i := from; i < min(from+1000, n); i++ {
				if err := h.v.queue(ctx, tx, account.Letter{Kind: account.LetterRemind, To: fmt.Sprint("a", i), Path: "/x"}); err != nil {
					return err
				}
			}
			return nil
		}}))
	}
}

// TestNoLetterIsLostWhenItsSenderIsKilled kills the process that sends with two workers,
// again and again. Nothing is lost, and nothing goes twice but what had left and was not
// yet written down: one letter for each worker at each kill.
func TestNoLetterIsLostWhenItsSenderIsKilled(t *testing.T) {
	t.Parallel()
	const letters = 600
	h := newHouse(t)
	h.queued(letters)
	do(t, h.v.Close())
	r := rand.New(rand.NewPCG(5, 8))
	sent, kills := map[string]int{}, 0
	for round := 0; ; round++ {
		if round > 40 {
			t.Fatal("it does not end")
		}
		cmd := h.process("post", strconv.Itoa(10*round)) // a lease is over by then
		out, err := cmd.StdoutPipe()
		do(t, err)
		cmd.Stderr = os.Stderr
		do(t, cmd.Start())
		sc := bufio.NewScanner(out)
		left := 40 + r.IntN(160)
		for sc.Scan() {
			if what, to, _ := strings.Cut(sc.Text(), " "); what == "sent" {
				sent[to]++
			}
			if left--; left == 0 {
				do(t, cmd.Process.Kill())
				kills++
			}
		}
		if err := cmd.Wait(); err == nil {
			break
		}
	}
	twice := 0
	for _, n := range sent {
		if n > 1 {
			twice += n - 1
		}
	}
	if len(sent) != letters || twice > 2*kills || kills < 3 {
		t.Errorf("%d of %d went, %d twice, after %d kills", len(sent), letters, twice, kills)
	}
	t.Logf("%d went, %d of them twice, after %d kills", len(sent), twice, kills)
}

// BenchmarkLetters has 100,000 reminders sent by two workers, one of which stops in the
// middle, and then is there again.
func BenchmarkLetters(b *testing.B) {
	for range b.N {
		h := newHouse(b)
		const letters = 100_000
		h.queued(letters)
		sent := make(map[string]int, letters)
		var mu sync.Mutex
		work := func(stop int) error {
			for n := 0; ; n++ {
				ps, err := h.v.Due(context.Background(), 1)
				if err != nil || len(ps) == 0 {
					return err
				}
				mu.Lock()
				sent[ps[0].Letter.To]++
				mu.Unlock()
				if n == stop {
					return nil // killed between the sending and the writing down
				}
				if err := h.v.Settled(context.Background(), ps[0].ID); err != nil {
					return err
				}
			}
		}
		b.ResetTimer()
		var wg sync.WaitGroup
		for _, stop := range []int{-1, 20_000} {
			wg.Go(func() { do(b, work(stop)) })
		}
		wg.Wait()
		h.now.Add(leaseFor)
		do(b, work(-1))
		b.StopTimer()
		twice := 0
		for _, n := range sent {
			twice += n - 1
		}
		b.ReportMetric(float64(letters)/b.Elapsed().Seconds(), "letters/s")
		b.ReportMetric(float64(letters-len(sent)), "lost")
		b.ReportMetric(float64(twice), "twice")
	}
}
