package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/web"
	"rapport/web/webtest"

	"rapport/record"
)

// browser is somebody who chooses every header themselves.
type browser struct {
	t     *testing.T
	h     *webtest.House
	token string
}

func as(t *testing.T, h *webtest.House, name string) *browser {
	t.Helper()
	b := &browser{t: t, h: h}
	if name == "nobody" {
		return b
	}
	link := b.link(name)
	in, err := h.Doors.Enter(t.Context(), link, account.Ask{})
	if b.token = in.Token; err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) link(name string) string {
	b.t.Helper()
	link, err := b.h.Doors.Invite(b.t.Context(), b.h.Subject(name), account.Demo)
	if err != nil {
		b.t.Fatal(err)
	}
	return link
}

// send sends a request with these headers and no others; "-" is the session's
// cookie by that name.
func (b *browser) send(method, path, body string, headers ...string) *http.Response {
	b.t.Helper()
	r := httptest.NewRequest(method, "https://practice.example/", strings.NewReader(body))
	u, err := url.ParseRequestURI(path)
	if err != nil {
		b.t.Fatal(err)
	}
	u.Scheme, u.Host = "https", "practice.example"
	r.URL = u
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if b.token != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-session", Value: b.token})
	}
	w := httptest.NewRecorder()
	b.h.Web.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// plain are pages for tests.
func plain() []web.Route {
	return []web.Route{
		{Pattern: "GET /home", Why: record.Public, Open: func(a *web.Ask) (web.Answer, error) { return web.JSON(a.Who.String()) }},
		{Pattern: "GET /file", Why: record.Public, Open: func(*web.Ask) (web.Answer, error) {
			return web.File("application/pdf", "document.pdf", []byte("%PDF")), nil
		}},
		{Pattern: "GET /breaks", Why: record.Public, Open: func(*web.Ask) (web.Answer, error) { panic("Zebrafink") }},
	}
}

func TestAnActComesFromAPageOfThisSite(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	for _, c := range []struct {
		name    string
		headers []string
		through bool
	}{
		{"own page", []string{"Sec-Fetch-Site", "same-origin"}, true},
		{"own page that sends no referrer", []string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, true},
		{"own page, older browser", []string{"Origin", "https://practice.example"}, true},
		{"nothing said", nil, false},
		{"nothing said, and a method to be", []string{"X-HTTP-Method-Override", "GET"}, false},
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"another site that says it is this one", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://practice.example"}, false},
		{"a sibling", []string{"Sec-Fetch-Site", "same-site"}, false},
		{"no origin", []string{"Origin", "null"}, false},
		{"another origin", []string{"Origin", "https://evil.example"}, false},
		{"another port", []string{"Origin", "https://practice.example:8443"}, false},
		{"another origin, nothing fetched", []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, false},
		{"a word nobody knows", []string{"Sec-Fetch-Site", "Same-Origin"}, false},
	} {
		for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/json", ""} {
			b := as(t, h, "nurse")
			r := b.send("POST", "/out", "a=b", append(c.headers, "Content-Type", kind)...)
			still := !strings.Contains(text(t, b.send("GET", "/home", "")), "nobody")
			if c.through && (r.StatusCode != 303 || still) || !c.through && (r.StatusCode != 403 || !still) {
				t.Errorf("%s, %q: status %d, still signed in: %t", c.name, kind, r.StatusCode, still)
			}
			if r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s: headers %v", c.name, r.Header)
			}
			if page := text(t, r); !c.through && (!strings.Contains(page, "<h1>") || strings.Contains(page, "Sec-Fetch") || strings.Contains(page, "cross-origin")) {
				t.Errorf("%s is told %.80q", c.name, page)
			}
		}
	}
	b := as(t, h, "nurse")
	for _, m := range []string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW"} {
		r := b.send(m, "/out?_method=POST", "", "Sec-Fetch-Site", "same-origin", "X-HTTP-Method-Override", "POST")
		if r.StatusCode != 404 || r.Header.Get("Allow") != "" {
			t.Errorf("%s /out: status %d, Allow %q", m, r.StatusCode, r.Header.Get("Allow"))
		}
	}
	if strings.Contains(text(t, b.send("GET", "/home", "")), "nobody") {
		t.Error("another method signed somebody out")
	}
}

func TestTheWayBackStaysOnThisSite(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	b := as(t, h, "nobody")
	for _, c := range [][2]string{
		{"/me/x/today", "/me/x/today"}, {"/clients?from=50", "/clients?from=50"}, {"/", "/"}, {"", "/"},
		{"//evil.example", "/"}, {"///evil.example", "/"}, {`/\evil.example`, "/"}, {`\/evil.example`, "/"}, {"https://evil.example", "/"},
		{"/..//evil.example", "/"}, {"/.//evil.example", "/"}, {"/x//evil.example", "/"}, {"/\t/evil.example", "/"}, {"/\x01/evil.example", "/"},
		{" //evil.example", "/"}, {"javascript:alert(1)", "/"}, {"/a\r\nSet-Cookie: a=b", "/"}, {"/\u2028/evil", "/"}, {"\ufeff//evil.example", "/"},
		{"/\x00", "/"}, {"/" + strings.Repeat("a", 100_000), "/"},
	} {
		for _, fragment := range []string{"", "1"} {
			r := b.send("POST", "/language", url.Values{"lang": {"es"}, "back": {c[0]}}.Encode(), "Sec-Fetch-Site", "same-origin", "X-Fragment", fragment)
			to := r.Header.Get("Location") + r.Header.Get("X-Location")
			if to != c[1] {
				t.Errorf("back to %.40q leads to %.60q, want %q", c[0], to, c[1])
			}
			if u, err := url.Parse("https://practice.example/"); err != nil {
				t.Fatal(err)
			} else if v, err := u.Parse(to); err != nil || v.Host != u.Host {
				t.Errorf("back to %q leads to %v", c[0], v)
			}
			if len(r.Cookies()) != 1 {
				t.Errorf("back to %q: cookies %v", c[0], r.Cookies())
			}
		}
	}
	for _, bad := range []string{"", "de", "../../x", "es\r\nX: y", strings.Repeat("e", 10_000)} {
		if r := b.send("POST", "/language", url.Values{"lang": {bad}}.Encode(), "Sec-Fetch-Site", "same-origin"); r.StatusCode != 400 || len(r.Cookies()) > 0 {
			t.Errorf("language %.20q: status %d, cookies %v", bad, r.StatusCode, r.Cookies())
		}
	}
}

func TestASessionsCookieIsBoundToThisSite(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	enter := func(who string, b *browser) *http.Cookie {
		t.Helper()
		r := b.send("POST", "/in/"+b.link(who), "", "Sec-Fetch-Site", "same-origin")
		if r.StatusCode != 303 || len(r.Cookies()) != 3 {
			t.Fatalf("status %d, cookies %v", r.StatusCode, r.Cookies())
		}
		for _, c := range r.Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
				t.Errorf("a cookie for more than this host: %v", c)
			}
		}
		return r.Cookies()[0]
	}
	for who, want := range map[string]struct {
		site http.SameSite
		life time.Duration
	}{"ada": {http.SameSiteLaxMode, 24 * time.Hour}, "nurse": {http.SameSiteStrictMode, 12 * time.Hour}, "manager": {http.SameSiteStrictMode, 12 * time.Hour}} {
		c := enter(who, as(t, h, "nobody"))
		if c.Name != "__Host-session" || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != want.site || c.MaxAge != int(want.life/time.Second) {
			t.Errorf("%s: %v", who, c)
		}
	}
	// a session that was planted is not taken over, and one that was there ends
	planted := &browser{t: t, h: h, token: "planted-by-somebody"}
	if c := enter("nurse", planted); c.Value == planted.token {
		t.Error("the session is the one that was planted")
	}
	old := as(t, h, "ada")
	c := enter("nurse", old)
	if who := text(t, old.send("GET", "/home", "")); !strings.Contains(who, "nobody") {
		t.Errorf("the session before is still %s", who)
	}
	now := &browser{t: t, h: h, token: c.Value}
	r := now.send("POST", "/out", "", "Sec-Fetch-Site", "same-origin")
	if len(r.Cookies()) != 2 || r.Cookies()[0].MaxAge >= 0 || r.Cookies()[0].Value != "" || !strings.Contains(r.Header.Get("Clear-Site-Data"), "storage") {
		t.Errorf("signing out: %v", r.Header)
	}
	if who := text(t, now.send("GET", "/home", "")); !strings.Contains(who, "nobody") {
		t.Errorf("after signing out the cookie is still %s", who)
	}
}

func TestLookingAtALinkDoesNotSpendIt(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	b := as(t, h, "nobody")
	link, err := h.Doors.Invite(t.Context(), h.Subject("ada"), account.Once)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for _, m := range []string{"GET", "HEAD", "OPTIONS", "PUT"} {
			for _, headers := range [][]string{{"Sec-Purpose", "prefetch"}, {"Sec-Fetch-Site", "cross-site"}, nil} {
				if r := b.send(m, "/in/"+link, "", headers...); len(r.Cookies()) > 0 {
					t.Errorf("%s signs in", m)
				}
			}
		}
	}
	if r := b.send("POST", "/in/"+link, "", "Sec-Fetch-Site", "cross-site"); r.StatusCode != 403 {
		t.Errorf("another site's form: status %d", r.StatusCode)
	}
	if r := b.send("POST", "/in/"+link, "", "Sec-Fetch-Site", "same-origin"); r.StatusCode != 303 {
		t.Errorf("afterwards: status %d", r.StatusCode)
	}
	known, never := b.send("POST", "/in/"+link, "", "Sec-Fetch-Site", "same-origin"), b.send("POST", "/in/"+strings.Repeat("x", len(link)), "", "Sec-Fetch-Site", "same-origin")
	if a, z := text(t, known), text(t, never); known.StatusCode != 410 || never.StatusCode != 410 || strings.ReplaceAll(a, link, "") != strings.ReplaceAll(z, strings.Repeat("x", len(link)), "") {
		t.Errorf("a spent link (%d) can be told from one that never was (%d)", known.StatusCode, never.StatusCode)
	}
}

// The form behind a link leads to the door and nowhere else, whatever the link
// says.
func TestTheFormBehindALinkLeadsToTheDoor(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	for _, odd := range []string{"%2e%2e%2fout", "..%2F..%2Fpractice", "%2Fevil.example", "x%3Fa=b", "x%23", "%22%3E%3Cscript%3E", "javascript:x"} {
		r := as(t, h, "nobody").send("GET", "/in/"+odd, "")
		if r.StatusCode != 410 && r.StatusCode != 404 {
			t.Errorf("/in/%s, which is no link: status %d", odd, r.StatusCode)
		}
		// the page that stops a recovery has its form whatever the link says
		page := text(t, as(t, h, "nobody").send("GET", "/in/stop/"+odd, ""))
		_, action, _ := strings.Cut(page, `<main`)
		_, action, _ = strings.Cut(action, `method="post" action="`)
		action, _, _ = strings.Cut(action, `"`)
		base, err := url.Parse("https://practice.example/in/stop/x")
		if err != nil {
			t.Fatal(err)
		}
		u, err := base.Parse(action)
		if err != nil || u.Host != base.Host || !strings.HasPrefix(u.EscapedPath(), "/in/stop/") || strings.Contains(strings.TrimPrefix(u.EscapedPath(), "/in/stop/"), "/") || u.RawQuery+u.Fragment != "" {
			t.Errorf("/in/%s: the form leads to %q", odd, action)
		}
	}
}

func TestAFileIsKeptAndNeverRun(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	r := as(t, h, "nobody").send("GET", "/file", "")
	csp := r.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment;") || !strings.HasSuffix(csp, "; sandbox") || !strings.Contains(csp, "default-src 'none'") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", r.Header)
	}
}

func TestWhatIsCompressed(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	b := as(t, h, "nobody")
	for _, c := range []struct {
		takes, from string
		want        bool
	}{
		{"gzip", "same-origin", true}, {"br, gzip;q=0.5", "none", true}, {"deflate,GZIP ; q=1", "", true}, {"gzip", "cross-site", false}, {"gzip", "same-site", false},
		{"gzip;q=0", "none", false}, {"gzip; q=0.000", "none", false}, {"notgzip, gzipped", "none", false}, {"", "none", false}, {"gzip;q=x", "none", false}, {strings.Repeat("gzi,", 3000), "none", false},
	} {
		r := b.send("GET", "/in", "", "Accept-Encoding", c.takes, "Sec-Fetch-Site", c.from)
		if got := r.Header.Get("Content-Encoding") == "gzip"; got != c.want {
			t.Errorf("%.30q from %q: compressed %t", c.takes, c.from, got)
		}
	}
}

func TestALineInTheLogSaysNothingOfWhatWasAsked(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	const mark = "Zebrafink"
	b := as(t, h, "nurse")
	if r := b.send("GET", "/breaks", ""); r.StatusCode != 500 || strings.Contains(text(t, r), mark) || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a page that breaks: status %d, headers %v", r.StatusCode, r.Header)
	}
	asked := 0
	for _, path := range []string{"/%s", "/in/%s", "/in?q=%s", "/home?%s=1", "/assets/%s", "/theme.css?b=%s", "/icon.svg?m=%s", "/me/%s/today", "/in/x%%2f%s", "//%s//x", "/language", "/out", "/breaks?x=%s"} {
		if strings.Contains(path, "%s") {
			path = fmt.Sprintf(path, mark)
		}
		for _, m := range []string{"GET", "HEAD", "POST", "PUT", mark} {
			asked++
			b.send(m, path, "lang="+mark+"&back=/"+mark+"&%zz="+mark, "Sec-Fetch-Site", "same-origin", "User-Agent", mark, "Referer", mark, "X-Fragment", mark, "Accept-Language", mark, "Accept", mark,
				"Cookie", "language="+mark+"; __Host-session="+mark, "X-Forwarded-For", mark, "Host", mark)
		}
	}
	log := h.Log.String()
	if strings.Contains(log, mark) || strings.Contains(log, "practice.example") {
		t.Error("the log says what was asked for")
	}
	if lines := strings.Count(log, "msg=request"); lines < asked {
		t.Errorf("%d lines for %d requests", lines, asked)
	}
}

func TestEveryKindOfAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, plain()...)
	b := as(t, h, "nurse")
	seen := map[int]bool{}
	for _, c := range [][3]string{
		{"GET", "/home", ""}, {"GET", "/", ""}, {"GET", "//home", ""}, {"GET", "/x/../home", ""}, {"POST", "/language", "lang=xx"}, {"POST", "/language", strings.Repeat("a", 2<<20)}, {"POST", "/language", "%zz"},
		{"GET", "/nowhere", ""}, {"PUT", "/home", ""}, {"OPTIONS", "/home", ""}, {"POST", "/in/x", ""}, {"GET", "/breaks", ""}, {"GET", "/file", ""}, {"GET", "/assets/", ""}, {"GET", "/assets/none.js", ""},
		{"GET", "/theme.css?b=none", ""}, {"POST", "/out", "foreign"}, {"HEAD", "/home", ""},
	} {
		site := "same-origin"
		if c[2] == "foreign" {
			site = "cross-site"
		}
		r := b.send(c[0], c[1], c[2], "Sec-Fetch-Site", site)
		seen[r.StatusCode] = true
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Allow": "", "Server": ""} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s %.30s, status %d: %s is %q, want %q", c[0], c[1], r.StatusCode, name, got, want)
			}
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; ") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s %.30s: %q", c[0], c[1], csp)
		}
	}
	for _, status := range []int{200, 303, 307, 400, 403, 404, 410, 500} {
		if !seen[status] {
			t.Errorf("no answer was a %d: %v", status, seen)
		}
	}
}
