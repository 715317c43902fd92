package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rapport/clock"
	"rapport/errs"
)

// flowing serves one flow as a page would be, behind a server that is in a hurry.
func flowing(t *testing.T, begin func(context.Context) (Pouring, error), done func()) (*httptest.Server, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	s := &Server{cfg: Config{Clock: clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)), Log: slog.New(slog.NewTextHandler(log, nil))}}
	srv := httptest.NewUnstartedServer(s.frame(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := Flow("application/octet-stream", "copy.age", begin, done).send(r, w)
		if errors.Is(err, errBroken) {
			panic(http.ErrAbortHandler)
		}
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})))
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	srv.Start()
	t.Cleanup(srv.Close)
	return srv, log
}

func get(t *testing.T, url string) (*http.Response, []byte, error) {
	t.Helper()
	r, err := http.Post(url, "text/plain", strings.NewReader("a=b"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r, b, err
}

func TestAFlowOutlivesAServerInAHurry(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	wait := func(ctx context.Context) error {
		select {
		case <-time.After(250 * time.Millisecond):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	srv, _ := flowing(t, func(ctx context.Context) (Pouring, error) {
		return func(ctx context.Context, w io.Writer) error {
			for range 3 {
				if err := wait(ctx); err != nil {
					return err
				}
				if _, err := w.Write(bytes.Repeat([]byte("a"), flowHolds)); err != nil {
					return err
				}
			}
			return nil
		}, wait(ctx)
	}, func() { close(done) })
	r, b, err := get(t, srv.URL)
	if err != nil || len(b) != 3*flowHolds || r.StatusCode != 200 || r.Header.Get("Content-Disposition") != `attachment; filename="copy.age"` || r.Header.Get("Cache-Control") != "no-store" || !strings.HasSuffix(r.Header.Get("Content-Security-Policy"), "; sandbox") {
		t.Errorf("%d bytes, %v, %v", len(b), r, err)
	}
	<-done
}

func TestAFlowThatFailsBeforeItsFirstByteIsAnErrorLikeAnother(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	srv, _ := flowing(t, func(context.Context) (Pouring, error) { return nil, errs.E(errs.Unavailable, "no") }, func() { close(done) })
	if r, b, err := get(t, srv.URL); err != nil || r.StatusCode != 503 || len(b) > 0 {
		t.Errorf("%v %q %v", r.StatusCode, b, err)
	}
	<-done
}

func TestAFlowThatFailsInItsMidstIsBrokenOff(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	srv, _ := flowing(t, func(context.Context) (Pouring, error) {
		return func(_ context.Context, w io.Writer) error {
			if _, err := w.Write(make([]byte, 2*flowHolds)); err != nil {
				return err
			}
			return errs.E(errs.Internal, "a file is not what it was")
		}, nil
	}, func() { close(done) })
	if r, b, err := get(t, srv.URL); err == nil || r.StatusCode != 200 {
		t.Errorf("%d bytes came, and nothing says that they are not all: %v", len(b), r.StatusCode)
	}
	<-done
}

func TestAFlowEndsWhenItsReaderGoesAway(t *testing.T) {
	t.Parallel()
	done, ended := make(chan struct{}), make(chan error, 1)
	srv, log := flowing(t, func(context.Context) (Pouring, error) {
		return func(ctx context.Context, w io.Writer) error {
			for {
				if _, err := w.Write(make([]byte, flowHolds)); err != nil {
					ended <- err
					return err
				}
				if ctx.Err() != nil {
					ended <- ctx.Err()
					return ctx.Err()
				}
			}
		}, nil
	}, func() { close(done) })
	ctx, away := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	away()
	res.Body.Close()
	if err := <-ended; err == nil {
		t.Error("it ended as if it had been read")
	}
	<-done
	srv.Close()
	if strings.Contains(log.String(), "panic") {
		t.Errorf("who goes away is told as a fault: %s", log)
	}
}
