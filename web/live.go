package web

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"rapport/record"
)

// A page that is open hears that something on it has changed by server-sent events (HTML
// Standard, section 9.2), and asks for itself again. What is sent is a number: whoever
// reads along learns nothing, and what the page shows then is what whoever looks may see.

// How often an open page is told that nothing has changed, so that a proxy leaves the
// connection alone, and after how long it has to ask anew, so that who has signed out
// hears no more.
const (
	liveBeat = 25 * time.Second
	liveEnds = 10 * time.Minute
)

// stream keeps an answer open.
type stream struct{ ear *record.Ear }

// hear answers GET /live/{ticket}.
func (s *Server) hear(a *Ask) (Answer, error) {
	e, err := s.cfg.Vault.Hear(a.Who, a.Path("ticket"))
	return Answer{status: http.StatusOK, kind: "text/event-stream", stream: &stream{e}}, err
}

// run sends an event at each change until the reader goes away.
func (x *stream) run(r *http.Request, w http.ResponseWriter, stop <-chan struct{}) error {
	defer x.ear.Close()
	rc := http.NewResponseController(w)
	rc.SetReadDeadline(time.Time{})  //nolint:errcheck // a writer that has none needs none
	rc.SetWriteDeadline(time.Time{}) //nolint:errcheck // as above
	beat, ends := time.NewTicker(liveBeat), time.NewTimer(liveEnds)
	defer beat.Stop()
	defer ends.Stop()
	send := func(text string) bool {
		_, err := io.WriteString(w, text)
		return err == nil && rc.Flush() == nil
	}
	w.WriteHeader(http.StatusOK)
	for n, ok := 0, send("retry: 3000\n\n"); ok; {
		select {
		case <-r.Context().Done():
			return nil
		case <-stop:
			return nil
		case <-ends.C:
			return nil
		case <-beat.C:
			ok = send(":\n\n")
		case <-x.ear.Wake():
			n++
			ok = send("event: changed\ndata: " + strconv.Itoa(n) + "\n\n")
		}
	}
	return nil
}

// stopping ends every open page's hearing, so that a server can stop.
type stopping struct {
	once sync.Once
	c    chan struct{}
}

// Stop ends what is kept open. What was begun otherwise goes on.
func (s *Server) Stop() { s.stop.once.Do(func() { close(s.stop.c) }) }

// Inline answers with something small that we made ourselves, to be shown in a page.
func Inline(kind string, body []byte) Answer {
	return Answer{status: http.StatusOK, kind: kind, body: body, header: [][2]string{{"Content-Security-Policy", policy + "; sandbox"}}}
}

// Media answers with an attachment, or the piece of it that a player asks for (RFC 9110,
// section 14). Only what we made or checked ourselves is shown in a page; everything
// else is kept as a file. body is closed.
func Media(kind, name string, body io.ReadSeekCloser) Answer {
	a := Answer{status: http.StatusOK, kind: kind, media: body}
	inline := false
	for _, p := range []string{"image/jpeg", "image/png", "video/mp4", "video/webm", "audio/", "text/vtt"} {
		inline = inline || strings.HasPrefix(kind, p)
	}
	if !inline {
		a.header = append(a.header, [2]string{"Content-Disposition", "attachment; filename=" + strconv.Quote(name)})
	}
	a.header = append(a.header, [2]string{"Content-Security-Policy", policy + "; sandbox"})
	return a
}
