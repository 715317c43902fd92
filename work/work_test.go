package work_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rapport/errs"
	"rapport/work"
)

// job is a work.Job made of a function.
type job struct {
	name string
	run  func(ctx context.Context) error
}

func (j job) Name() string                  { return j.name }
func (j job) Run(ctx context.Context) error { return j.run(ctx) }

// start runs jobs until the returned stop, which waits for the end and returns
// what was logged.
func start(t *testing.T, tick chan time.Time, jobs ...work.Job) (stop func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var log bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		work.Run(ctx, slog.New(slog.NewTextHandler(&log, nil)), tick, jobs...)
	}()
	return func() string {
		cancel()
		<-done
		return log.String()
	}
}

func TestEveryTickRunsEveryJob(t *testing.T) {
	t.Parallel()
	tick, ran := make(chan time.Time), make(chan string)
	say := func(name string) work.Job {
		return job{name, func(context.Context) error { ran <- name; return nil }}
	}
	stop := start(t, tick, say("a"), say("b"))
	for range 3 {
		tick <- noon
		if x, y := <-ran, <-ran; x == y {
			t.Errorf("%s ran twice at one tick", x)
		}
	}
	select {
	case name := <-ran:
		t.Errorf("%s ran without a tick", name)
	default:
	}
	if log := stop(); log != "" {
		t.Error(log)
	}
}

func TestAJobIsNeverBesideItself(t *testing.T) {
	t.Parallel()
	tick, begun, end, other := make(chan time.Time), make(chan struct{}), make(chan struct{}), make(chan struct{})
	var inside, most, runs atomic.Int32
	slow := job{"slow", func(context.Context) error {
		most.Store(max(most.Load(), inside.Add(1)))
		defer inside.Add(-1)
		runs.Add(1)
		begun <- struct{}{}
		<-end
		return nil
	}}
	stop := start(t, tick, slow, job{"other", func(context.Context) error { other <- struct{}{}; return nil }})
	tick <- noon
	<-begun
	<-other
	for range 5 { // the slow job is still at it; the other goes on
		tick <- noon
		<-other
	}
	end <- struct{}{}
	<-begun // once more for all five
	end <- struct{}{}
	tick <- noon // and again at the next
	<-begun
	<-other
	end <- struct{}{}
	stop()
	if most.Load() != 1 || runs.Load() != 3 {
		t.Errorf("%d at once, %d runs", most.Load(), runs.Load())
	}
}

func TestAFailureIsLoggedByNameAndStopsNothing(t *testing.T) {
	t.Parallel()
	tick, ran := make(chan time.Time), make(chan struct{})
	n := 0
	stop := start(t, tick,
		job{"failing", func(context.Context) error {
			ran <- struct{}{}
			return errs.E(errs.Unavailable, "parcel 7 is stuck")
		}},
		job{"panicking", func(context.Context) error {
			ran <- struct{}{}
			n++
			if n == 1 {
				panic("amara@b.example")
			}
			return nil
		}},
		job{"sound", func(context.Context) error { ran <- struct{}{}; return nil }})
	for range 3 {
		tick <- noon
		for range 3 {
			<-ran
		}
	}
	log := stop()
	for _, want := range []string{"job=failing", "kind=unavailable", "parcel 7 is stuck", "job=panicking", "work_test.go"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "amara") || strings.Contains(log, "job=sound") {
		t.Errorf("the log tells too much:\n%s", log)
	}
}

func TestRunEndsWithItsContextOrItsTicksAndWaitsForJobs(t *testing.T) {
	t.Parallel()
	tick, begun := make(chan time.Time), make(chan struct{})
	ended := false
	stop := start(t, tick, job{"long", func(ctx context.Context) error {
		begun <- struct{}{}
		<-ctx.Done()
		ended = true
		return nil
	}})
	tick <- noon
	<-begun
	stop()
	if !ended {
		t.Error("Run returned before its job")
	}
	closed := make(chan time.Time)
	close(closed)
	work.Run(t.Context(), slog.New(slog.DiscardHandler), closed, job{"never", func(context.Context) error { return errors.New("ran") }})
}
