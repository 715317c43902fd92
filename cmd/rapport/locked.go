package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rapport/clock"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web/assets"
)

// How often a passphrase may be tried on the page: guessing has no memory of its own, and
// each try costs the machine a tenth of a second anyway.
const (
	tryEvery = 20 * time.Second
	tryBurst = 5
)

// longestPassphrase is what is read of one.
const longestPassphrase = 4 << 10

// shutHouse is a practice that was started and has no key yet. It serves one page, knows
// nobody, and opens no file until the passphrase fits.
type shutHouse struct {
	open func(ctx context.Context, passphrase string) (*record.Vault, error)
	now  clock.Clock

	mu     sync.Mutex // one try at a time
	limit  *rate.Limiter
	vault  *record.Vault
	opened chan struct{} // closed once it is
}

func newLocked(open func(context.Context, string) (*record.Vault, error), now clock.Clock) *shutHouse {
	return &shutHouse{open: open, now: now, limit: rate.NewLimiter(rate.Every(tryEvery), tryBurst), opened: make(chan struct{})}
}

// ServeHTTP implements http.Handler.
func (l *shutHouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method == http.MethodPost && r.URL.Path == "/unlock" {
		l.unlock(w, r)
		return
	}
	h.Set("Retry-After", "60")
	l.page(w, r, http.StatusServiceUnavailable, "", false)
}

func (l *shutHouse) page(w http.ResponseWriter, r *http.Request, status int, problem string, open bool) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		lockedPage(printer(r), problem, open).Render(r.Context(), w) //nolint:errcheck // whoever asked has gone
	}
}

func printer(r *http.Request) lang.Printer {
	return lang.New(lang.Match(r.Header.Get("Accept-Language"), lang.All()), lang.WordClient)
}

func (l *shutHouse) unlock(w http.ResponseWriter, r *http.Request) {
	p := printer(r)
	r.Body = http.MaxBytesReader(w, r.Body, longestPassphrase)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.vault != nil {
		l.page(w, r, http.StatusOK, "", true)
		return
	}
	if !l.limit.AllowN(l.now.Now(), 1) {
		w.Header().Set("Retry-After", "60")
		l.page(w, r, http.StatusTooManyRequests, p.LockedToomany(), false)
		return
	}
	pass := r.PostFormValue("passphrase")
	if pass == "" {
		l.page(w, r, http.StatusForbidden, p.LockedWrong(), false)
		return
	}
	v, err := l.open(context.WithoutCancel(r.Context()), pass)
	switch {
	case errors.Is(err, record.ErrPassphrase):
		l.page(w, r, http.StatusForbidden, p.LockedWrong(), false)
	case err != nil:
		fmt.Fprintln(os.Stderr, "rapport: "+plain(err))
		l.page(w, r, http.StatusServiceUnavailable, p.LockedBroken(), false)
	default:
		l.vault = v
		w.Header().Set("Refresh", "2; url=/") // the practice takes the address over
		l.page(w, r, http.StatusOK, "", true)
		close(l.opened)
	}
}

// unlocked serves the page until somebody typed the passphrase, and then gives the address
// back.
func (c *serveCmd) unlocked(ctx context.Context, cfg record.Config) (*record.Vault, error) {
	if mode, err := record.Mode(ctx, c.Dir); err != nil {
		return nil, err
	} else if mode != "passphrase" {
		return nil, errs.E(errs.Unavailable, "this practice is locked with a key file: start with --key-file")
	}
	ln, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return nil, errs.E(errs.Unavailable, "cannot listen on %s: something else does, or it is not allowed; give another with --addr", c.Addr)
	}
	l := newLocked(func(ctx context.Context, pass string) (*record.Vault, error) {
		cfg.Passphrase, cfg.KeyFile = pass, ""
		return record.Open(ctx, cfg)
	}, clock.Wall{})
	mux := http.NewServeMux()
	mux.Handle(assets.Root, assets.Handler())
	mux.Handle("/", l)
	srv := &http.Server{Handler: http.NewCrossOriginProtection().Handler(mux), ReadHeaderTimeout: headerWait, ReadTimeout: readWait, WriteTimeout: writeWait, IdleTimeout: idleWait, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelDebug)}
	ended := make(chan error, 1)
	go func() {
		if c.TLSCert != "" {
			ended <- srv.ServeTLS(ln, c.TLSCert, c.TLSKey)
			return
		}
		ended <- srv.Serve(ln)
	}()
	c.Addr = ln.Addr().String() // the practice comes up where its lock was
	fmt.Fprintf(os.Stdout, "Locked. The passphrase is asked for on %s\n", local(c.Addr))
	select {
	case err = <-ended:
		return nil, errs.E(errs.Unavailable, "stopped serving: %w", err)
	case <-ctx.Done():
		srv.Close() //nolint:errcheck // nobody waits for an answer
		return nil, nil
	case <-l.opened:
	}
	drain, cancel := context.WithTimeout(ctx, headerWait)
	defer cancel()
	srv.Shutdown(drain) //nolint:errcheck // a browser that holds on is let go
	srv.Close()         //nolint:errcheck // as above
	<-ended
	return l.vault, nil
}
