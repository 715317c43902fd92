package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"rapport/clock"
)

// Pouring writes a file while it is sent.
type Pouring func(context.Context, io.Writer) error

// flow is an answer that is made while it is sent, because it is too long to be made first.
type flow struct {
	begin func(context.Context) (Pouring, error)
	done  func()
}

// How long a flow may take until its first byte, and for how long then a reader may take
// none before they count as gone.
const (
	flowBegins = 20 * time.Minute
	flowWaits  = time.Minute
)

// flowHolds is how much of a flow waits in memory to be sent.
const flowHolds = 64 << 10

// errBroken is for a flow that ends in its midst.
var errBroken = errors.New("web: broken off while it was sent")

// Flow answers with a file that is made while it is sent. begin does what comes before the
// first byte: if that fails, the answer is an error as any other's. What cannot be brought
// to its end after that is broken off, so that nobody takes half of it for the whole. done
// is called when it is over, in every case.
func Flow(kind, name string, begin func(context.Context) (Pouring, error), done func()) Answer {
	a := File(kind, name, nil)
	a.flow = &flow{begin, done}
	return a
}

// run sends it; head writes what comes before it.
func (f *flow) run(r *http.Request, w http.ResponseWriter, head func()) error {
	defer f.done()
	s := &slow{w, http.NewResponseController(w)}

	s.wait(flowBegins)
	pour, err := f.begin(r.Context())
	if err != nil {
		return err
	}
	head()
	b := bufio.NewWriterSize(s, flowHolds)
	if err = pour(r.Context(), b); err == nil {
		err = b.Flush()
	}
	if err != nil && r.Context().Err() != nil {
		err = errGoneAway
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return nil
}

// slow lets a reader be slow, and not stop.
type slow struct {
	w  io.Writer
	rc *http.ResponseController
}

// wait gives the reader until then. A connection keeps the time of the world, whatever the
// practice's clock says.
func (s *slow) wait(d time.Duration) {
	s.rc.SetWriteDeadline(clock.Wall{}.Now().Add(d)) //nolint:errcheck // a writer that has none needs none
}

// Write implements io.Writer.
func (s *slow) Write(b []byte) (int, error) {
	s.wait(flowWaits)
	return s.w.Write(b)
}
