package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/post"
	"rapport/record"
	"rapport/web"
	"rapport/work"
)

type listen struct {
	Addr    string `help:"Where to listen." default:"127.0.0.1:8080" env:"RAPPORT_ADDR"`
	Base    string `help:"The address people use, such as https://practice.example. Left out, it is http:// and the listening address." env:"RAPPORT_BASE"`
	TLSCert string `help:"The certificate's file, to serve HTTPS without a proxy." env:"RAPPORT_TLS_CERT" type:"path"`
	TLSKey  string `help:"The certificate's key file." env:"RAPPORT_TLS_KEY" type:"path"`
	Proxied bool   `help:"A proxy in front does TLS; allows listening beyond this machine without a certificate." env:"RAPPORT_PROXIED"`
}

type serveCmd struct {
	place
	listen
	reach
	signOn
	spares
	ringSpares
	seen
	PassphrasePage bool `help:"Lock with a passphrase that is typed on a page at every start; until then that page is all that is served."`
}

// Run implements the command.
func (c *serveCmd) Run(ctx context.Context) error {
	if err := errors.Join(c.check(), apart(c.spares, c.ringSpares)); err != nil {
		return err
	}
	fresh := !record.Exists(c.Dir)
	if fresh && c.PassphrasePage {
		return errs.E(errs.Invalid, "a new practice is given its passphrase at the terminal: start it once with --passphrase")
	}
	cfg, err := c.config(fresh)
	if err != nil {
		return err
	}
	var v *record.Vault
	switch {
	case fresh:
		v, err = record.Create(ctx, cfg)
	case c.PassphrasePage:
		v, err = c.unlocked(ctx, cfg)
	default:
		v, err = record.Open(ctx, cfg)
	}
	if err != nil || v == nil {
		return err
	}
	defer v.Close() //nolint:errcheck // what was acknowledged is on disk already
	h, err := newHouse(v, c.listen, outside{c.reach.ways, c.signOn}, clock.Wall{}, slog.New(slog.NewJSONHandler(os.Stderr, nil)), c.seen.pages(v)...)
	if err != nil {
		return err
	}
	h.daily = &drilling{v, c.data(), c.ring()}
	if c.BackupTo == "" {
		fmt.Fprintln(os.Stderr, "rapport: no folder for backups is named, so none is kept: give --backup-to and --backup-for")
	}
	if c.Host == "" {
		fmt.Fprintln(os.Stderr, "rapport: no mail server is named, so letters wait in the outbox, three days at most: give --smtp-host and --mail-from")
	}
	if empty, err := v.Empty(ctx); err != nil {
		return err
	} else if empty {
		if err := h.found(ctx, os.Stdout, cfg); err != nil {
			return err
		}
	}
	return h.serve(ctx, func(base string) { fmt.Fprintf(os.Stdout, "Serving on %s\n", base) })
}

// house is a running practice.
type house struct {
	vault *record.Vault
	doors *account.Doors
	web   *web.Server
	base  *url.URL
	l     listen
	ln    net.Listener
	log   *slog.Logger
	now   clock.Clock
	ways  post.Sender // nil: letters wait
	daily *drilling   // nil: nothing is backed up
}

// outside is what of the world a practice talks to.
type outside struct {
	ways   func(*record.Vault, *url.URL) (post.Sender, error) // nil: letters wait
	signOn signOn
}

// newHouse wires a practice and takes its address.
func newHouse(v *record.Vault, l listen, out outside, now clock.Clock, log *slog.Logger, more ...web.Route) (*house, error) {
	h := &house{vault: v, l: l, doors: account.New(v, v, now), log: log, now: now}
	if err := l.check(); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", l.Addr)
	if err != nil {
		return nil, errs.E(errs.Unavailable, "cannot listen on %s: something else does, or it is not allowed; give another with --addr", l.Addr)
	}
	h.ln = ln
	base := l.Base
	if base == "" {
		scheme := "http"
		if l.TLSCert != "" {
			scheme = "https"
		}
		base = scheme + "://" + local(ln.Addr().String())
	}
	if h.base, err = url.Parse(base); err != nil || h.base.Host == "" {
		return nil, errs.E(errs.Invalid, "--base is not an address such as https://practice.example")
	}
	if err := h.doors.Serve(h.base, func() string { return v.Settings().Name }); err != nil {
		return nil, errs.E(errs.Invalid, "--base must be a name, not a number: passkeys are bound to it: %w", err)
	}
	cfg := web.Config{Vault: v, Doors: h.doors, Clock: now, Log: log, Base: h.base, Home: home, Nav: nav, Proxied: l.Proxied}
	door, err := out.signOn.door(h.base, now)
	if err != nil {
		return nil, err
	}
	if door != nil {
		cfg.Issuer = door
		h.doors.UseIssuer(door)
	}
	if out.ways != nil {
		if h.ways, err = out.ways(v, h.base); err != nil {
			return nil, err
		}
	}
	h.web, err = web.New(cfg, append(routes(), more...)...)
	return h, err
}

// How often the outbox is looked into, birthdays, and visits.
const (
	postEvery  = 3 * time.Second
	birthEvery = time.Minute
	clockEvery = 24 * time.Hour
	visitEvery = 10 * time.Second
	askEvery   = 20 * time.Second
	sweepEvery = time.Hour
	drillEvery = 10 * time.Minute // looks whether the day is over
)

// toil does what happens without anybody asking, until ctx ends.
func (h *house) toil(ctx context.Context) {
	var all sync.WaitGroup
	run := func(each time.Duration, j work.Job) {
		all.Go(func() {
			t := time.NewTicker(each)
			defer t.Stop()
			work.Run(ctx, h.log, t.C, j)
		})
	}
	if h.ways != nil {
		run(postEvery, work.NewPostman(letters{h.vault, h.base}, h.ways, h.now))
	}
	run(birthEvery, birthdays{h.vault})
	run(visitEvery, visits{h.vault})
	run(askEvery, asking{h.vault})
	run(visitEvery, promises{h.vault})
	run(askEvery, ladders{h.vault})
	run(sweepEvery, sweeping{h.vault})
	if h.daily != nil {
		run(drillEvery, *h.daily)
	}
	run(birthEvery, watching{h.vault})
	run(clockEvery, clocks{h.vault})
	all.Wait()
}

// local writes a listening address the way a browser on this machine says it.
func local(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// check refuses to carry people's information over a network in the clear.
func (l listen) check() error {
	if (l.TLSCert == "") != (l.TLSKey == "") {
		return errs.E(errs.Invalid, "give both --tls-cert and --tls-key, or neither")
	}
	host, _, err := net.SplitHostPort(l.Addr)
	if err != nil {
		return errs.E(errs.Invalid, "--addr is not host:port")
	}
	ip := net.ParseIP(host)
	if l.TLSCert == "" && !l.Proxied && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errs.E(errs.Invalid, "%s can be reached from other machines: give --tls-cert and --tls-key, or --proxied if a proxy in front does TLS", l.Addr)
	}
	return nil
}

// found makes the first account and prints the way in.
func (h *house) found(ctx context.Context, w io.Writer, cfg record.Config) error {
	m, err := h.vault.Founder(ctx, "Practice manager")
	if err != nil {
		return err
	}
	link, err := h.link(ctx, account.Subject{Kind: account.Staff, ID: m.ID}, account.Once)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "This practice is new. Open this link once, within a day, to set it up:\n\n  %s\n\n", link)
	if cfg.Passphrase == "" {
		fmt.Fprintf(w, "Its key is in %s. Keep a copy of that file in another place, apart from\nbackups of the data: without it nothing can be read, with it everything can.\nWhoever takes this machine takes both; --passphrase at creation avoids that.\n\n", cfg.KeyFile)
	}
	return nil
}

// link makes a sign-in link.
func (h *house) link(ctx context.Context, s account.Subject, u account.Uses) (string, error) {
	token, err := h.doors.Invite(ctx, s, u)
	if err != nil {
		return "", err
	}
	return h.base.JoinPath("in", token).String(), nil
}

// How long a connection may take over each of its parts.
const (
	headerWait = 5 * time.Second
	readWait   = 30 * time.Second
	writeWait  = 60 * time.Second
	idleWait   = 120 * time.Second
	drainWait  = 25 * time.Second
)

// collectLess lets the heap grow to four times what lives before collecting: an
// idle practice holds some 20 MB, and pages make much that dies at once.
const collectLess = 300

// serve answers until ctx ends, then finishes what was begun.
func (h *house) serve(ctx context.Context, up func(base string)) error {
	debug.SetGCPercent(collectLess)
	srv := &http.Server{Handler: h.web, ReadHeaderTimeout: headerWait, ReadTimeout: readWait, WriteTimeout: writeWait, IdleTimeout: idleWait, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelDebug)} // its lines carry addresses
	srv.RegisterOnShutdown(h.web.Stop)
	toiling := make(chan struct{})
	go func() {
		defer close(toiling)
		h.toil(ctx)
	}()
	ended := make(chan error, 1)
	go func() {
		if h.l.TLSCert != "" {
			ended <- srv.ServeTLS(h.ln, h.l.TLSCert, h.l.TLSKey)
			return
		}
		ended <- srv.Serve(h.ln)
	}()
	up(h.base.String())
	select {
	case err := <-ended:
		return errs.E(errs.Unavailable, "stopped serving: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWait)
	defer cancel()
	err := srv.Shutdown(drain)
	if serr := <-ended; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	select { // a letter on its way is finished, so that it does not go twice
	case <-toiling:
	case <-drain.Done():
	}
	return err
}
