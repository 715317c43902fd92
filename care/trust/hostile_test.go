package trust

import (
	"net/url"
	"strings"
	"testing"

	"rapport/web/webtest"
)

// TestOddHands: whatever somebody types into an address or sends with a form, no page breaks,
// nobody is shown what is not theirs, and nothing odd is kept.
func TestOddHands(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	long := strings.Repeat("ä", 5000)
	odd := []string{"", "\x00", "../x", "Patient/x", "Observation/x", "-1", "nurse", "<b>", long}
	me, at := "/me/"+string(h.Ada)+"/trust", "/clients/"+string(h.Ada)
	asked := map[string][]string{me: {"done"}, me + "/who": {"done"}, me + "/as": {"staff", "helper", "role", "part", "from"}, me + "/private": {"part", "from", "done"},
		me + "/wrong": {"of", "part", "from"}, at + "/corrections": {"done"}, "/practice/privacy": {"done"}, at + "/glass": {"why"}}
	sent := map[string][]string{me + "/who/limit": {"who", "what", "until"}, me + "/who/end": {"id"}, me + "/private": {"what", "set", "how", "part"}, me + "/wrong": {"key", "what", "text"},
		me + "/keep": {"what", "why"}, at + "/corrections": {"id", "how", "text"}, at + "/glass": {"why", "unsafe"}, "/practice/privacy": {"id", "client", "how", "note", "matter"}}
	hows := map[string][]string{"how": {"erase", "refuse", "hold", "unhold", "right", "made", "lift"}}
	for _, who := range []string{"ada", "nurse", "frontdesk", "officer"} {
		v := h.As(who)
		calm := func(where, field, x string, p *webtest.Page) {
			t.Helper()
			if p.Status >= 500 || strings.Contains(p.Body, "<b>&") || x == "<b>" && strings.Contains(p.Body, "<b></b>") {
				t.Errorf("%s: %s %s=%.20q: %d", who, where, field, x, p.Status)
			}
			if who != "ada" && who != "nurse" && strings.Contains(p.Body, "Nwosu") {
				t.Errorf("%s reads her name at %s", who, where)
			}
		}
		for path, fields := range asked {
			for _, f := range fields {
				for _, x := range odd {
					calm(path, f, x, v.Get(path+"?"+url.Values{f: {x}}.Encode()))
				}
			}
		}
		for path, fields := range sent {
			for _, f := range fields {
				for _, x := range append(hows[f], odd...) {
					if path == at+"/glass" && x == "Observation/x" { // as reasons go, long enough
						continue
					}
					calm(path, f, x, v.Post(path, url.Values{f: {x}}))
				}
			}
		}
	}
	if strings.Contains(h.Log.String(), "level=ERROR") {
		t.Errorf("the server logged: %.1000s", h.Log)
	}
	h.As("officer").Get("/practice/privacy").Says("Nothing waits")
}
