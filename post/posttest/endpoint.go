package posttest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// Got is one request that a Endpoint got.
type Got struct {
	Path   string
	Header http.Header
	Body   []byte
}

// Endpoint is a push service, or a gateway for texts, over real TLS on 127.0.0.1: it
// keeps what it is sent, and fails as it is told.
type Endpoint struct {
	*httptest.Server

	mu    sync.Mutex
	got   []Got
	plans []string
}

// NewEndpoint starts one; the test ends it.
func NewEndpoint(t testing.TB) *Endpoint {
	t.Helper()
	p := &Endpoint{}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

// Plan says what is done with the next requests, one each: a status, "lose" (take it and
// cut the connection), "hush" (say nothing until the other side has gone), or "away" (send elsewhere).
// After them all are taken.
func (p *Endpoint) Plan(do ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plans = append(p.plans, do...)
}

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
		<-r.Context().Done()
	case "away":
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	default:
		code, _ := strconv.Atoi(do) //nolint:errcheck // a plan is a number here
		w.WriteHeader(code)
		_, _ = io.WriteString(w, `{"to":"+447700900118","message":"words of the other side"}`) //nolint:errcheck // it is gone
	}
}
