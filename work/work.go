// Package work does what happens later: it runs jobs at every tick, and sends what
// waits in the outbox. It refuses to keep time itself (whoever starts it hands it
// the ticks), to run a job beside itself, to let one job's failure stop another,
// and to log what a job worked on.
package work

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"rapport/errs"
)

// Job is one thing that is done again and again.
type Job interface {
	// Name names the job in logs, in one word.
	Name() string
	// Run does what is due, and returns early when ctx ends. Its error is logged:
	// it holds ids and causes, never content.
	Run(ctx context.Context) error
}

// Run runs every job once at each tick, jobs beside each other and never one
// beside itself: ticks that come while a job runs make it run once more. It
// returns when ctx ends or tick is closed, and every job has returned.
func Run(ctx context.Context, log *slog.Logger, tick <-chan time.Time, jobs ...Job) {
	var all sync.WaitGroup
	calls := make([]chan struct{}, len(jobs))
	for i, j := range jobs {
		calls[i] = make(chan struct{}, 1)
		all.Go(func() {
			for range calls[i] {
				once(ctx, log, j)
			}
		})
	}
	defer all.Wait()
	defer func() {
		for _, c := range calls {
			close(c)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-tick:
			if !ok {
				return
			}
		}
		for _, c := range calls {
			select {
			case c <- struct{}{}:
			default: // it is called already
			}
		}
	}
}

// once runs a job once and logs how it failed, if it did.
func once(ctx context.Context, log *slog.Logger, j Job) {
	if ctx.Err() != nil {
		return
	}
	defer func() {
		if recover() != nil { // its value may hold content
			log.Error("job panicked", "job", j.Name(), "at", string(debug.Stack()))
		}
	}()
	if err := j.Run(ctx); err != nil {
		log.Error("job failed", "job", j.Name(), "kind", errs.KindOf(err).String(), "why", err.Error())
	}
}
