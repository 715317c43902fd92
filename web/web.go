// Package web is the browser kit: it turns requests into calls of pages that
// already hold what they are allowed to see. A page is handed an opened chart,
// or the directory, or the practice; it never sees the vault, the response
// writer or a cookie. It refuses a route without a purpose, an answer that is
// half-made, and anything foreign in a page.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web/assets"
	"rapport/web/shell"
	"rapport/web/theme"
)

// Config wires a Server.
type Config struct {
	Vault *record.Vault
	Doors *account.Doors
	Clock clock.Clock
	Log   *slog.Logger
	// Base is the address people use, "https://practice.example". Cookies are
	// Secure unless it begins with http://.
	Base *url.URL
	// Home returns the page somebody lands on after signing in, given whom they look
	// after.
	Home func(account.Actor, []record.Cared) string
	// Nav returns the navigation for somebody, given whom they look after. of is the one
	// of them that the page at hand is about, nil for themselves.
	Nav func(p lang.Printer, who account.Actor, caring []record.Cared, of *record.Cared) []shell.NavItem
	// Proxied says that a proxy in front tells where requests are from.
	Proxied bool
	// Issuer is the practice's identity provider for staff; nil for none.
	Issuer Issuer
}

// Server serves pages.
type Server struct {
	bulk   chan struct{} // one for each request that carries files
	cfg    Config
	mux    *http.ServeMux
	top    http.Handler
	routes []Route
	stop   stopping
}

// maxBody bounds what a form may carry.
const maxBody = 1 << 20

// bulkMost is how many requests with files are read at a time.
const bulkMost = 6

// maxParts bounds how many parts a form with files has.
const maxParts = 1000

// New returns a Server with the pages everybody has: the way in, the way out,
// the language, and the assets. It fails on a route that is not whole.
func New(cfg Config, routes ...Route) (*Server, error) {
	s := &Server{cfg: cfg, mux: http.NewServeMux(), stop: stopping{c: make(chan struct{})}, bulk: make(chan struct{}, bulkMost)}
	s.mux.Handle("GET "+assets.Root, assets.Handler())
	s.mux.Handle("GET /sw.js", worker())
	s.mux.Handle("GET "+theme.Path, theme.Handler())
	s.mux.Handle("GET "+shell.IconPath, shell.IconHandler())
	for _, rt := range append(s.doors(), routes...) {
		if err := rt.check(); err != nil {
			return nil, err
		}
		s.routes = append(s.routes, rt)
		s.mux.Handle(rt.Pattern, s.serve(rt))
	}
	s.mux.Handle("/", s.serve(Route{Pattern: "/", Why: record.Public, Open: func(*Ask) (Answer, error) {
		return Answer{}, errs.E(errs.NotFound, "web: no such page")
	}}))
	s.top = s.frame(s.ownActs(s.mux))
	return s, nil
}

// Routes returns every route that is served, the assets apart.
func (s *Server) Routes() []Route { return s.routes }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.top.ServeHTTP(w, r) }

// policy is the whole content security policy. There is no inline script or
// style anywhere, and nothing from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types rapport"

// frame puts around every answer what all of them have: headers, a request id, a
// bounded body, and a line in the log that holds ids only.
func (s *Server) frame(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw [8]byte
		rand.Read(raw[:]) //nolint:errcheck // never fails, says crypto/rand
		id := hex.EncodeToString(raw[:])
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()")
		h.Set("X-DNS-Prefetch-Control", "off")
		h.Set("Vary", "Accept-Encoding, Cookie, X-Fragment")
		h.Set("Cache-Control", "no-store")
		if s.secure() {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		begun := s.cfg.Clock.Now()
		ww := &watched{ResponseWriter: w}
		r = r.WithContext(record.WithRequest(r.Context(), id))
		defer func() {
			p := recover()
			if p == http.ErrAbortHandler {
				defer panic(p) // what was broken off stays so
			} else if p != nil {
				s.cfg.Log.Error("panic", "request", id, "pattern", r.Pattern, "at", string(debug.Stack()))
				if ww.status == 0 {
					http.Error(ww, "", http.StatusInternalServerError)
				}
			}
			s.cfg.Log.Info("request", "request", id, "pattern", r.Pattern, "status", ww.status, "ms", s.cfg.Clock.Now().Sub(begun).Milliseconds())
		}()
		next.ServeHTTP(ww, r)
	})
}

// watched remembers the status for the log.
type watched struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serve opens what the route says it opens, and only then calls it.
func (s *Server) serve(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, max(rt.Takes, maxBody))
		a, err := s.ask(r)
		if a.bulk {
			defer func() { <-s.bulk }()
		}
		if err != nil {
			s.fail(w, a, err)
			return
		}
		if rt.Records {
			h := w.Header()
			h.Set("Permissions-Policy", strings.NewReplacer("camera=()", "camera=(self)", "microphone=()", "microphone=(self)").Replace(h.Get("Permissions-Policy")))
		}
		ans, err := s.call(rt, a)
		if err == nil && ans.stream != nil {
			w.Header().Set("Content-Type", ans.kind)
			w.Header().Set("X-Accel-Buffering", "no") // a proxy that waits for more holds back the news
			err = ans.stream.run(r, w, s.stop.c)
		} else if err == nil {
			err = ans.forScript(a.Fragment).send(r, w)
		}
		if errors.Is(err, errBroken) {
			if !errors.Is(err, errGoneAway) {
				s.cfg.Log.Error("broken off", "pattern", r.Pattern, "kind", errs.KindOf(err).String(), "why", fmt.Sprint(err))
			}
			panic(http.ErrAbortHandler) // the one way to end a connection short of its end
		}
		if err != nil {
			s.fail(w, a, err)
		}
	})
}

var errNobody = errs.E(errs.Refused, "web: nobody is signed in")

func (s *Server) call(rt Route, a *Ask) (Answer, error) {
	ctx, v := a.Context(), s.cfg.Vault
	if rt.Open != nil {
		return rt.Open(a)
	}
	if rt.Times != nil {
		return s.times(rt, a)
	}
	if rt.Slip != nil {
		return s.slip(rt, a)
	}
	if rt.Feed != nil {
		return s.feed(rt, a)
	}
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	switch {
	case rt.Chart != nil:
		c, err := v.Open(ctx, a.Who, rt.Why, fhir.ClientID(a.Path("client")), rt.What, rt.Must)
		if err != nil {
			return Answer{}, err
		}
		a.chart = c
		return rt.Chart(a, c)
	case rt.Directory != nil:
		d, err := v.OpenDirectory(ctx, a.Who, rt.Why)
		if err != nil {
			return Answer{}, err
		}
		return rt.Directory(a, d)
	}
	if rt.Household != nil {
		f, err := v.OpenHousehold(ctx, a.Who, rt.What)
		if err != nil {
			return Answer{}, err
		}
		return rt.Household(a, f)
	}
	p, err := v.OpenPractice(ctx, a.Who, rt.Why)
	if err != nil {
		return Answer{}, err
	}
	return rt.Practice(a, p)
}

// begin reads of a request what needs neither its body nor its session.
func (s *Server) begin(r *http.Request) *Ask {
	a := &Ask{s: s, r: r, Practice: s.cfg.Vault.Settings(), Fragment: r.Header.Get("X-Fragment") != ""}
	zone, err := time.LoadLocation(a.Practice.Zone)
	if err != nil {
		zone = time.UTC
	}
	a.Now = s.cfg.Clock.Now().In(zone)
	a.speak("")
	return a
}

// speak picks the language: what was chosen in this browser, else what the
// client asked the practice for, else what the browser prefers.
func (a *Ask) speak(asked string) {
	word, _ := lang.ParseWord(a.Practice.Word)
	a.P = lang.New(a.s.language(a.r, asked), word)
}

// ask reads a request. Who has not shown who they are sends no more than a form: what
// comes of a file lies in memory.
func (s *Server) ask(r *http.Request) (*Ask, error) {
	a := s.begin(r)
	var err error
	if a.Who, err = s.cfg.Doors.Who(r.Context(), s.token(r)); err != nil {
		return a, err
	}
	a.speak(a.Who.Language())
	if r.Method == http.MethodPost {
		if a.Who.Level() < account.ByKey {
			r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
		} else if r.ContentLength < 0 || r.ContentLength > maxBody { // it lies in memory while it is read
			select {
			case s.bulk <- struct{}{}:
				a.bulk = true
			case <-r.Context().Done():
				return a, errs.E(errs.Unavailable, "web: too many files at a time")
			}
		}
		if err := a.read(); err != nil {
			return a, err
		}
	}
	a.caring, err = s.cfg.Vault.Caring(r.Context(), a.Who)
	return a, err
}

// read reads what was posted: a form, or JSON from a script of ours.
func (a *Ask) read() error {
	var big *http.MaxBytesError
	if strings.HasPrefix(a.r.Header.Get("Content-Type"), "application/json") {
		b, err := io.ReadAll(a.r.Body)
		if errors.As(err, &big) {
			return errs.Say(errs.E(errs.Invalid, "web: body too large"), "error.large")
		}
		if err != nil {
			return errs.E(errs.Invalid, "web: the body does not arrive")
		}
		a.json, a.form = b, url.Values{}
		return nil
	}
	if strings.HasPrefix(a.r.Header.Get("Content-Type"), "multipart/form-data") {
		return a.readFiles()
	}
	if err := a.r.ParseForm(); err != nil {
		if errors.As(err, &big) {
			return errs.Say(errs.E(errs.Invalid, "web: body too large"), "error.large")
		}
		return errs.E(errs.Invalid, "web: the form does not parse")
	}
	a.form = a.r.PostForm
	return nil
}

// readFiles reads a form with files. It stays in memory: what somebody sends is never
// put on the disk as it came.
func (a *Ask) readFiles() error {
	a.form, a.files = url.Values{}, map[string][]byte{}
	parts, err := a.r.MultipartReader()
	if err != nil {
		return errs.E(errs.Invalid, "web: the form does not parse")
	}
	for n := 0; ; n++ {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if n == maxParts {
			return errs.E(errs.Invalid, "web: a form of more than %d parts", maxParts)
		}
		var b []byte
		if err == nil {
			b, err = io.ReadAll(p)
		}
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			return errs.Say(errs.E(errs.Invalid, "web: body too large"), "error.large")
		}
		if err != nil {
			return errs.E(errs.Invalid, "web: the form does not arrive")
		}
		if p.FileName() != "" {
			a.files[p.FormName()] = b
		} else {
			a.form.Add(p.FormName(), string(b))
		}
	}
}

// languages returns the languages the practice offers.
func (s *Server) languages() []lang.Tag {
	var out []lang.Tag
	for _, c := range s.cfg.Vault.Settings().Languages {
		if t, ok := lang.Parse(c); ok {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return lang.All()
	}
	return out
}

// language picks the first of these that the practice offers: the browser's
// cookie, what was asked for, and what the browser prefers.
func (s *Server) language(r *http.Request, asked string) lang.Tag {
	offered := s.languages()
	chosen := ""
	if c, err := r.Cookie(languageCookie); err == nil {
		chosen = c.Value
	}
	for _, code := range []string{chosen, asked} {
		if t, ok := lang.Parse(code); ok && slices.Contains(offered, t) {
			return t
		}
	}
	return lang.Match(r.Header.Get("Accept-Language"), offered)
}

// fail turns an error into bytes. It is the only place in this package that
// does, and what is refused looks exactly like what is not there.
func (s *Server) fail(w http.ResponseWriter, a *Ask, err error) {
	if errors.Is(err, errGoneAway) || errors.Is(err, context.Canceled) && a.Context().Err() != nil {
		return // nobody reads an answer, as when a map that waits for news is closed
	}
	if need, low := account.NeedOf(err); low {
		s.again(w, a, need)
		return
	}
	status := http.StatusInternalServerError
	switch errs.KindOf(err) {
	case errs.Refused, errs.NotFound, errs.Gone:
		status = http.StatusNotFound
	case errs.Invalid:
		status = http.StatusBadRequest
	case errs.Conflict:
		status = http.StatusConflict
	case errs.Unavailable:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "10")
	}
	if errors.Is(err, errNobody) {
		status = http.StatusUnauthorized
	}
	if status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.cfg.Log.Error("failed", "pattern", a.r.Pattern, "kind", errs.KindOf(err).String(), "why", fmt.Sprint(err))
	}
	page := s.errorPage(a, status, err)
	if serr := page.send(a.r, w); serr != nil && !errors.Is(serr, errGoneAway) {
		s.cfg.Log.Error("failed", "pattern", a.r.Pattern, "why", serr.Error())
	}
}
