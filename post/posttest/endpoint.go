package posttest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Got is one request that an Endpoint got.
type Got struct {
	Path   string
	Header http.Header
	Body   []byte
}

// Endpoint is a push service, or a gateway for texts, over real TLS on 127.0.0.1: it
// keeps what it is sent, and fails as it is told.
type Endpoint struct {
	*httptest.Server

	quiet chan struct{}

	mu    sync.Mutex
	got   []Got
	plans []string
}

// NewEndpoint starts one; the test ends it.
func NewEndpoint(t testing.TB) *Endpoint {
	t.Helper()
	p := &Endpoint{quiet: make(chan struct{}, 1)}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

// Plan says what is done with the next requests, one each: a status, maybe with what
// stands in Retry-After behind a space ("429 120"; it is noon of 26 November 2026 there),
// "lose" (take it and cut the connection), "hush" (say nothing until the other side has
// gone), "garble" (answer what is no HTTP), "away" or "see" (send elsewhere,
// with the request or for another). After them all are taken.
func (p *Endpoint) Plan(do ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plans = append(p.plans, do...)
}

// Quiet receives when the endpoint began to say nothing, so that a test can go on without
// waiting by the clock.
func (p *Endpoint) Quiet() <-chan struct{} { return p.quiet }

// All returns what was sent so far.
func (p *Endpoint) All() []Got {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Got(nil), p.got...)
}

func (p *Endpoint) serve(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.mu.Lock()
	p.got = append(p.got, Got{r.URL.Path, r.Header.Clone(), b})
	do := "201"
	if len(p.plans) > 0 {
		do, p.plans = p.plans[0], p.plans[1:]
	}
	p.mu.Unlock()
	switch do {
	case "lose":
		panic(http.ErrAbortHandler)
	case "hush":
		p.quiet <- struct{}{}
		<-r.Context().Done()
	case "garble":
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(c, "HTTP/1.1 +447700900118\r\n\r\n") //nolint:errcheck // it is gone
		_ = c.Close()                                              //nolint:errcheck // as above
	case "away":
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	case "see":
		http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
	default:
		number, wait, asks := strings.Cut(do, " ")
		code, _ := strconv.Atoi(number) //nolint:errcheck // a plan is a number here
		if asks {
			w.Header().Set("Retry-After", wait)
			w.Header().Set("Date", "Thu, 26 Nov 2026 12:00:00 GMT")
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, `{"to":"+447700900118","message":"words of the other side"}`) //nolint:errcheck // it is gone
	}
}
