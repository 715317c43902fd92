package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
)

const languageCookie = "language"

// secure reports whether people reach the practice over TLS.
func (s *Server) secure() bool { return s.cfg.Base == nil || s.cfg.Base.Scheme != "http" }

// The cookies, besides the language.
const (
	sessionCookie = "session"
	askingCookie  = "asking" // this browser asked for a link
	deviceCookie  = "device" // somebody came in here before
	issuerCookie  = "issuer" // this browser is at the identity provider
	holdCookie    = "hold"   // a time is held for this browser
	booksCookie   = "books"  // whoever comes in here does so to book it
)

// cookieName is bound to the host and TLS wherever there is TLS.
func (s *Server) cookieName(name string) string {
	if s.secure() {
		return "__Host-" + name
	}
	return name
}

func (s *Server) cookieOf(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil || len(c.Value) > 64 {
		return ""
	}
	return c.Value
}

func (s *Server) token(r *http.Request) string { return s.cookieOf(r, sessionCookie) }

// cookie makes one of ours; without a value it is taken away.
func (s *Server) cookie(name, value string, life time.Duration, site http.SameSite) *http.Cookie {
	age := int(life / time.Second)
	if value == "" {
		age = -1
	}
	return &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: age, Secure: s.secure(), HttpOnly: true, SameSite: site}
}

// session is the cookie of who came in. On a device others use too it goes with
// the window.
func (s *Server) session(in account.In) *http.Cookie {
	c := s.cookie(sessionCookie, in.Token, in.Ends.Sub(in.Made), siteOf(in.Subject.Kind))
	if in.Device.Use == account.Lent {
		c.MaxAge = 0
	}
	return c
}

// siteOf says from where a session's cookie is sent along. Nobody else's page
// may open a chart in the name of a member of staff, not even by a link: it
// would stand on the ledger as their look.
func siteOf(k account.Kind) http.SameSite {
	if k == account.Client || k == account.Guest {
		return http.SameSiteLaxMode
	}
	return http.SameSiteStrictMode
}

// ownActs lets an act through only if a page of this site sent it. A browser
// says where an act comes from; what says nothing is none, or too old to be
// told from a forgery, and is refused as well.
func (s *Server) ownActs(next http.Handler) http.Handler {
	foreign := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := s.begin(r)
		page := s.errorPage(a, http.StatusForbidden, nil)
		if err := page.send(r, w); err != nil {
			s.fail(w, a, err)
		}
	})
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(foreign)
	checked := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
		if !reads && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			foreign(w, r)
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// doors are the pages everybody has.
func (s *Server) doors() []Route {
	return append([]Route{
		{Pattern: "GET /{$}", Why: record.Public, Open: s.home},
		{Pattern: "POST /out", Why: record.Entering, Open: s.leave},
		{Pattern: "POST /away", Why: record.Entering, Open: s.away},
		{Pattern: "GET /away", Why: record.Public, Open: s.blank},
		{Pattern: "POST /stay", Why: record.Entering, Open: s.stay},
		{Pattern: "GET /live/{ticket}", Why: record.Entering, Open: s.hear},
		{Pattern: "POST /language", Why: record.Public, Open: s.setLanguage},
		{Pattern: "GET /visits/guest", Why: record.Public, Open: s.guestAgain},
		{Pattern: "POST /visits/guest", Why: record.Public, Open: s.guest},
		{Pattern: "GET /ready", Why: record.Public, Open: ready},
	}, append(append(append(s.signIn(), append(s.accountPages(), s.whyPages()...)...), s.noticePages()...), append(s.appPages(), s.placePages()...)...)...)
}

// ready answers whoever watches the server. It says nothing but that it answers.
func ready(*Ask) (Answer, error) { return JSON("ready") }

func (s *Server) home(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return See("/in"), nil
	}
	return See(s.cfg.Home(a.Who, a.caring)), nil
}

// left takes everything of a session out of this browser.
func (s *Server) left(a *Ask, to string) (Answer, error) {
	if err := s.cfg.Doors.Leave(a.Context(), s.token(a.r)); err != nil {
		return Answer{}, err
	}
	ans := See(to)
	ans.cookies = []*http.Cookie{s.cookie(sessionCookie, "", 0, http.SameSiteStrictMode), s.cookie(askingCookie, "", 0, http.SameSiteLaxMode)}
	ans.header = [][2]string{{"Clear-Site-Data", `"cache", "storage"`}}
	return ans, nil
}

func (s *Server) leave(a *Ask) (Answer, error) { return s.left(a, "/in") }

// away is leave for who must not be seen here: it ends on a page that says
// nothing of the practice.
func (s *Server) away(a *Ask) (Answer, error) { return s.left(a, "/away") }

// blank is that page.
func (s *Server) blank(a *Ask) (Answer, error) { return Page(blankPage(a.P.Tag().String())), nil }

// stay keeps a session alive for somebody who says that they are still there. To
// be asked is enough: authenticating is what keeps it.
func (s *Server) stay(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	return JSON(map[string]any{"who": a.Who.ID(), "keyed": a.Who.Level() >= account.ByKey})
}

func (s *Server) setLanguage(a *Ask) (Answer, error) {
	t, ok := lang.Parse(a.Form("lang"))
	if !ok {
		return Answer{}, errs.E(errs.Invalid, "web: no such language")
	}
	ans := See(ownPath(a.Form("back")))
	ans.cookies = []*http.Cookie{{Name: languageCookie, Value: t.String(), Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode}}
	return ans, nil
}

// longestPath is longer than any address of this site.
const longestPath = 512

// ownPath returns p if it is a path of this site, plainly written, and the front
// page otherwise: what two programs might read differently goes nowhere.
func ownPath(p string) string {
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }
	if !strings.HasPrefix(p, "/") || len(p) > longestPath || strings.Contains(p, "//") || strings.Contains(p, "/.") || strings.ContainsFunc(p, odd) {
		return "/"
	}
	return p
}

// need is where staff who give care open what is closed to them, on a page about one
// client that is not there for them: whether there is such a client it does not say.
func (a *Ask) need() string {
	id, gives := a.r.PathValue("client"), a.Who.Kind() == account.Staff && a.Who.Roles().Any(account.Nurse|account.Clinician|account.Coordinator)
	if id == "" || !gives || strings.HasSuffix(a.r.URL.Path, "/glass") {
		return ""
	}
	return "/clients/" + url.PathEscape(id) + "/glass"
}

// errorPage says what went wrong, in words for the person in front of it.
func (s *Server) errorPage(a *Ask, status int, err error) Answer {
	v := doorView{Shell: a.Shell("", ""), P: a.P}
	v.Shell.Nav, v.Shell.For = nil, "" // whatever else is open to whoever asks, a refusal says nothing of it
	switch status {
	case http.StatusUnauthorized:
		return s.doorstepAt(a, status)
	case http.StatusNotFound:
		v.Title, v.Text, v.Need = a.P.ErrorNotfoundTitle(), a.P.ErrorNotfoundText(), a.need()
	case http.StatusServiceUnavailable:
		v.Title, v.Text = a.P.ErrorUnavailableTitle(), a.P.ErrorUnavailableText()
	case http.StatusConflict:
		v.Title, v.Text = a.P.ErrorConflictTitle(), a.P.ErrorConflictText()
	case http.StatusBadRequest, http.StatusForbidden:
		v.Title, v.Text = a.P.ErrorInvalidTitle(), a.P.ErrorInvalidText()
	default:
		v.Title, v.Text = a.P.ErrorInternalTitle(), a.P.ErrorInternalText()
	}
	if say, ok := a.P.Say(errs.SayOf(err)); ok {
		v.Text = say
	}
	v.Shell.Title = v.Title
	ans := Page(errorView(v))
	ans.status = status
	return ans
}
