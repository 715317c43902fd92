package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
)

// Answer is what a page gives back. It is made whole before a byte is sent, so a
// page that fails half-way shows nothing of its first half.
type Answer struct {
	status  int
	kind    string
	body    []byte
	page    templ.Component
	see     string
	cookies []*http.Cookie
	header  [][2]string
	stream  *stream
	media   io.ReadSeekCloser
	flow    *flow
}

// Page answers with a page.
func Page(c templ.Component) Answer {
	return Answer{status: http.StatusOK, kind: "text/html; charset=utf-8", page: c}
}

// Wrong answers with a page that says what is to be put right in a form.
func Wrong(c templ.Component) Answer {
	a := Page(c)
	a.status = http.StatusUnprocessableEntity
	return a
}

// See sends the browser on to another page, as after every act that succeeded.
// Only addresses of this site are followed.
func See(href string) Answer { return Answer{status: http.StatusSeeOther, see: href} }

// JSON answers a script.
func JSON(v any) (Answer, error) {
	b, err := json.Marshal(v)
	return Answer{status: http.StatusOK, kind: "application/json", body: b}, err
}

// File answers with something to keep, under a name of ours. Should a browser
// show it after all, it shows it in a box that nothing gets out of.
func File(kind, name string, body []byte) Answer {
	return Answer{status: http.StatusOK, kind: kind, body: body, header: [][2]string{
		{"Content-Disposition", "attachment; filename=" + strconv.Quote(name)}, {"Content-Security-Policy", policy + "; sandbox"}}}
}

// forScript tells a script where to go on instead of sending it there: a fetch
// that follows a redirect opens the page once, and the browser then again, and
// each opening is a look on the ledger.
func (a Answer) forScript(fragment bool) Answer {
	if fragment && a.see != "" {
		a.header = append(a.header, [2]string{"X-Location", a.see})
		a.status, a.see = http.StatusNoContent, ""
	}
	return a
}

// squeezers compress pages; one holds about 1 MB, so they are kept.
var squeezers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, 5) //nolint:errcheck // 5 is a level
	return z
}}

// leastSqueezed is the size from which compressing pays.
const leastSqueezed = 1 << 10

// squeezable reports whether the browser takes gzip. What another site had it
// ask for is never compressed: the length would tell that site how much of what
// it put into the address stands on the page (BREACH).
func squeezable(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return false
	}
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, q, has := strings.Cut(params, "=")
		weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !has || err == nil && weight > 0
	}
	return false
}

// squeezed compresses a rendered text for a browser that takes it.
func (a *Answer) squeezed(r *http.Request) error {
	if len(a.body) < leastSqueezed || !strings.HasPrefix(a.kind, "text/") || !squeezable(r) {
		return nil
	}
	var b bytes.Buffer
	z, _ := squeezers.Get().(*gzip.Writer) //nolint:errcheck // the pool holds nothing else
	defer squeezers.Put(z)
	z.Reset(&b)
	if _, err := z.Write(a.body); err != nil {
		return fmt.Errorf("web: compress: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("web: compress: %w", err)
	}
	a.body = b.Bytes()
	a.header = append(a.header, [2]string{"Content-Encoding", "gzip"})
	return nil
}

// send renders the answer to a buffer and then writes it.
func (a Answer) send(r *http.Request, w http.ResponseWriter) error {
	ctx := r.Context()
	if a.page != nil {
		var b bytes.Buffer
		if err := a.page.Render(ctx, &b); err != nil {
			return fmt.Errorf("web: render: %w", err)
		}
		a.body = b.Bytes()
	}
	if a.status == 0 {
		return fmt.Errorf("web: a handler gave no answer")
	}
	if err := a.squeezed(r); err != nil {
		return err
	}
	h := w.Header()
	for _, x := range a.header {
		h.Set(x[0], x[1])
	}
	for _, c := range a.cookies {
		http.SetCookie(w, c)
	}
	if a.see != "" {
		h.Set("Location", a.see)
	}
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	if a.media != nil {
		defer a.media.Close() //nolint:errcheck // it was only read
		http.ServeContent(w, r, "", time.Time{}, a.media)
		return nil
	}
	if a.flow != nil {
		return a.flow.run(r, w, func() { w.WriteHeader(a.status) })
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, err := w.Write(a.body)
	if err != nil {
		return errGoneAway
	}
	return nil
}

var errGoneAway = fmt.Errorf("web: the reader went away")
