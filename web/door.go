package web

import (
	"net/http"
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

// cookieName is bound to the host and TLS wherever there is TLS.
func (s *Server) cookieName() string {
	if s.secure() {
		return "__Host-session"
	}
	return "session"
}

func (s *Server) token(r *http.Request) string {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *Server) sessionCookie(token string, maxAge int, site http.SameSite) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", MaxAge: maxAge, Secure: s.secure(), HttpOnly: true, SameSite: site}
}

// siteOf says from where a session's cookie is sent along. Nobody else's page
// may open a chart in the name of a member of staff, not even by a link: it
// would stand on the ledger as their look.
func siteOf(k account.Kind) http.SameSite {
	if k == account.Client {
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
	return []Route{
		{Pattern: "GET /{$}", Why: record.Public, Open: s.home},
		{Pattern: "GET /in", Why: record.Public, Open: s.doorstep},
		{Pattern: "GET /in/{token}", Why: record.Entering, Open: s.showLink},
		{Pattern: "POST /in/{token}", Why: record.Entering, Open: s.enter},
		{Pattern: "POST /out", Why: record.Entering, Open: s.leave},
		{Pattern: "POST /language", Why: record.Public, Open: s.setLanguage},
		{Pattern: "GET /ready", Why: record.Public, Open: ready},
	}
}

// ready answers whoever watches the server. It says nothing but that it answers.
func ready(*Ask) (Answer, error) { return JSON("ready") }

func (s *Server) home(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return See("/in"), nil
	}
	return See(s.cfg.Home(a.Who)), nil
}

func (s *Server) doorstep(a *Ask) (Answer, error) {
	return Page(doorPage(doorView{Shell: a.Shell(a.P.DoorTitle(), ""), P: a.P})), nil
}

// showLink shows a button. Following a link does not spend it, so that a mail
// scanner that follows it too takes nothing away.
func (s *Server) showLink(a *Ask) (Answer, error) {
	return Page(linkPage(doorView{Shell: a.Shell(a.P.DoorTitle(), ""), P: a.P, Token: a.Path("token")})), nil
}

func (s *Server) enter(a *Ask) (Answer, error) {
	in, err := s.cfg.Doors.Enter(a.Context(), a.Path("token"), account.Ask{})
	token, sess := in.Token, in.Session
	if errs.Is(err, errs.NotFound) {
		ans := Page(spentPage(doorView{Shell: a.Shell(a.P.DoorSpentTitle(), ""), P: a.P}))
		ans.status = http.StatusGone
		return ans, nil
	}
	if err != nil {
		return Answer{}, err
	}
	if old := s.token(a.r); old != "" { // another account may have been in this browser
		if err := s.cfg.Doors.Leave(a.Context(), old); err != nil {
			return Answer{}, err
		}
	}
	ans := See("/")
	ans.cookie = s.sessionCookie(token, int(sess.Ends.Sub(sess.Made)/time.Second), siteOf(sess.Subject.Kind))
	return ans, nil
}

func (s *Server) leave(a *Ask) (Answer, error) {
	if t := s.token(a.r); t != "" {
		if err := s.cfg.Doors.Leave(a.Context(), t); err != nil {
			return Answer{}, err
		}
	}
	ans := See("/in")
	ans.cookie = s.sessionCookie("", -1, http.SameSiteStrictMode)
	ans.header = [][2]string{{"Clear-Site-Data", `"cache", "storage"`}}
	return ans, nil
}

func (s *Server) setLanguage(a *Ask) (Answer, error) {
	t, ok := lang.Parse(a.Form("lang"))
	if !ok {
		return Answer{}, errs.E(errs.Invalid, "web: no such language")
	}
	ans := See(ownPath(a.Form("back")))
	ans.cookie = &http.Cookie{Name: languageCookie, Value: t.String(), Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
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

// errorPage says what went wrong, in words for the person in front of it.
func (s *Server) errorPage(a *Ask, status int, err error) Answer {
	v := doorView{Shell: a.Shell("", ""), P: a.P}
	switch status {
	case http.StatusUnauthorized:
		v.Title, v.Text = a.P.DoorTitle(), a.P.DoorText()
	case http.StatusNotFound:
		v.Title, v.Text = a.P.ErrorNotfoundTitle(), a.P.ErrorNotfoundText()
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
