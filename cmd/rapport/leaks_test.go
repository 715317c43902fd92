package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/record"
	"rapport/web/webtest"
)

// leak is a fault of a kind that portals have had: a handler that looks at more than it
// was given and lets slip something of it. It changes an answer by what lies in the chart.
type leak struct {
	name string
	at   *regexp.Regexp // the one kind of page that has it
	slip func(all lot, path string, w *httptest.ResponseRecorder)
}

// lot is all that lies in Ada's chart, whoever may see it, as a careless handler has it.
type lot struct {
	n    int               // how many things
	refs map[string]bool   // their names in addresses
	last [sha256.Size]byte // of all of them
}

// usual is how much lies in Ada's chart in every world: a careless page shows as many.
var usual int

// inTheChart counts everything.
func inTheChart(t testing.TB, h *webtest.House) lot {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), account.AsSystem(account.Importer), record.Importing, h.Ada, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	out := lot{refs: map[string]bool{}}
	sum := sha256.New()
	for _, typ := range sortedKeys(secretShapes) {
		all, err := c.Find(t.Context(), typ)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			out.n++
			out.refs[string(c.Ref(typ, f.ID))] = true
			fmt.Fprintln(sum, typ, f.ID) //nolint:errcheck // a hash takes everything
		}
	}
	sum.Sum(out.last[:0])
	return out
}

// swapBody replaces text in what is answered.
func swapBody(w *httptest.ResponseRecorder, old, fresh string) {
	b := strings.Replace(w.Body.String(), old, fresh, 1)
	w.Body = bytes.NewBufferString(b)
	if w.Header().Get("Content-Length") != "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	}
}

var leaks = []leak{
	{"count", regexp.MustCompile(`/timeline$`), func(all lot, _ string, w *httptest.ResponseRecorder) {
		swapBody(w, "</main>", fmt.Sprintf("<p>%d things</p></main>", all.n))
	}},
	{"ETag", regexp.MustCompile(`/(documents|trust|plan)$|^/clients/[^/]+$`), func(all lot, _ string, w *httptest.ResponseRecorder) {
		w.Header().Set("ETag", fmt.Sprintf("%x", all.last[:8]))
	}},
	{"403 for 404", regexp.MustCompile(`/(results|documents|visits)/[^/]+$`), func(all lot, path string, w *httptest.ResponseRecorder) {
		if w.Code == http.StatusNotFound && all.refs[path[strings.LastIndex(path, "/")+1:]] {
			w.Code = http.StatusForbidden
		}
	}},
	{"next link", regexp.MustCompile(`/timeline$`), func(all lot, path string, w *httptest.ResponseRecorder) {
		if all.n > usual {
			swapBody(w, "</main>", `<a rel="next" href="?page=2">More</a></main>`)
		}
	}},
	{"order of lines", regexp.MustCompile(`/health$|^/clients/[^/]+$`), func(all lot, _ string, w *httptest.ResponseRecorder) {
		if parts := strings.SplitN(w.Body.String(), "<li", 4); len(parts) == 4 && all.last[0]%2 == 1 && !strings.Contains(parts[1], "<ul") && !strings.Contains(parts[2], "<ul") {
			swapBody(w, "<li"+parts[1]+"<li"+parts[2], "<li"+parts[2]+"<li"+parts[1])
		}
	}},
	{"badge", regexp.MustCompile(`^/(family|inbox|day)$`), func(all lot, _ string, w *httptest.ResponseRecorder) {
		swapBody(w, "</nav>", fmt.Sprintf("<span>%d</span></nav>", all.n-usual))
	}},
	{"redirect", regexp.MustCompile(`/(visits|book|messages|form)`), func(all lot, _ string, w *httptest.ResponseRecorder) {
		if at := w.Header().Get("Location"); at != "" && all.n > usual {
			w.Header().Set("Location", at+"?new=1")
		}
	}},
}

// TestEveryPlantedLeakIsCaught plants one leak after the other between the handlers and
// the reader, and says how soon it was seen.
func TestEveryPlantedLeakIsCaught(t *testing.T) {
	s := setScene(t)
	base := s.fork(t, "nobody")
	usual = inTheChart(t, base[0].h).n
	for _, l := range leaks {
		begun, answers, caught := time.Now(), 0, (*found)(nil)
		for round := 0; caught == nil && round < 300; round++ {
			o := observers[round%4] // those who see a part of the chart, and would see the leak
			f, n := s.interfere(t, o, uint64(5000+round), 60, func(_ int, h *webtest.House, _ []secret, next http.Handler) http.Handler {
				all := inTheChart(t, h)
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					rec := httptest.NewRecorder()
					next.ServeHTTP(rec, r)
					if l.at.MatchString(r.URL.Path) {
						l.slip(all, r.URL.Path, rec)
					}
					for k, vs := range rec.Header() {
						w.Header()[k] = vs
					}
					w.WriteHeader(rec.Code)
					_, _ = w.Write(rec.Body.Bytes())
				})
			})
			answers, caught = answers+n, f
		}
		if caught == nil {
			t.Errorf("a leak by %s stays unseen in %d answers", l.name, answers)
			continue
		}
		t.Logf("TRUST leak %s: caught after %d answers, %s", l.name, answers, time.Since(begun).Round(time.Millisecond))
	}
}
