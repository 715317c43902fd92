package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web/shell"
)

// signIn are the pages around coming in.
func (s *Server) signIn() []Route {
	return []Route{
		{Pattern: "GET /in", Why: record.Public, Open: s.doorstep},
		{Pattern: "POST /in", Why: record.Entering, Open: s.askIn},
		{Pattern: "POST /in/code", Why: record.Entering, Open: s.typeCode},
		{Pattern: "POST /in/key/begin", Why: record.Entering, Open: s.beginSignIn},
		{Pattern: "POST /in/key", Why: record.Entering, Open: s.finishSignIn},
		{Pattern: "GET /in/again", Why: record.Entering, Open: s.showAgain},
		{Pattern: "POST /in/again/begin", Why: record.Entering, Open: s.beginFresh},
		{Pattern: "POST /in/again/key", Why: record.Entering, Open: s.finishFresh},
		{Pattern: "POST /in/again/app", Why: record.Entering, Open: s.useApp},
		{Pattern: "POST /in/again/spare", Why: record.Entering, Open: s.useSpare},
		{Pattern: "GET /in/back", Why: record.Entering, Open: s.showBack},
		{Pattern: "POST /in/back", Why: record.Entering, Open: s.getBack},
		{Pattern: "GET /in/stop/{token}", Why: record.Entering, Open: s.showStop},
		{Pattern: "POST /in/stop/{token}", Why: record.Entering, Open: s.stopBack},
		{Pattern: "GET /in/issuer", Why: record.Entering, Open: s.toIssuer},
		{Pattern: "GET /in/issuer/back", Why: record.Entering, Open: s.fromIssuer},
		{Pattern: "GET /in/{token}", Why: record.Entering, Open: s.showLink},
		{Pattern: "POST /in/{token}", Why: record.Entering, Open: s.enter},
		{Pattern: "GET /join", Why: record.Public, Open: s.showJoin},
		{Pattern: "POST /join", Why: record.Entering, Open: s.join},
	}
}

// doorView is what the pages around the way in need.
type doorView struct {
	Shell   shell.View
	P       lang.Printer
	Need    string // where staff open what is closed to them
	Token   string
	Title   string
	Text    string
	To      string // where to go on afterwards
	Mail    string // as typed
	Name    string
	Problem string
	Sent    bool
	Issuer  string // the name of the identity provider, "" for none
	Seen    account.Seen
	Level   account.Level // that is needed
	In      bool          // somebody is in already, by a link
	Keyed   bool          // a passkey can be asked for
	Back    *account.Recovery
	Carry   []carried // what was posted, to be sent again
	Action  string
	Opens   string
	Spares  bool
	Joining bool   // somebody new asks
	Held    string // until when the time is held that they ask for
	AppOnly bool   // an authenticator app is all that lets them in
	Errand  bool   // and a code of it is enough for what they want
}

// joins is where somebody new says who they are.
func (v doorView) joins() string {
	if v.Action != "" {
		return v.Action
	}
	return "/join"
}

// carried is one field of a form that waits for its sender to show who they are.
type carried struct{ Name, Value string }

func (s *Server) doorView(a *Ask, title string) doorView {
	v := doorView{Shell: a.Shell(title, "", "js/passkey.js"), P: a.P, Title: title, To: ownPath(a.Query("to")), In: a.Who.Kind() != account.Nobody}
	v.Shell.Nav = nil
	if s.cfg.Issuer != nil {
		v.Issuer = s.cfg.Issuer.Label()
	}
	if v.To == "/" {
		v.To = ownPath(a.Form("to"))
	}
	return v
}

func (s *Server) doorstep(a *Ask) (Answer, error) { return s.doorstepAt(a, http.StatusOK), nil }

// doorstepAt is the page for coming in, with the status of what led to it.
func (s *Server) doorstepAt(a *Ask, status int) Answer {
	v := s.doorView(a, a.P.DoorTitle())
	v.In = false
	if status == http.StatusUnauthorized && a.r.Method == http.MethodGet {
		v.To = ownPath(a.r.URL.Path)
		if token, ok := strings.CutPrefix(v.To, "/help/"); ok {
			return s.helpDoor(a, v, token)
		}
	}
	ans := Page(doorPage(v))
	ans.status = status
	return ans
}

// helpDoor is the page for who is asked to help and is not in: with an account of
// theirs, or a new one.
func (s *Server) helpDoor(a *Ask, v doorView, token string) Answer {
	seen, err := s.cfg.Doors.Peek(a.Context(), token, "")
	if err != nil || seen.For != account.ToHelp {
		return s.spent(v)
	}
	v.Token, v.Title = token, a.P.DoorHelpTitle()
	v.Shell.Title = v.Title
	ans := Page(helpDoorPage(v))
	ans.status = http.StatusUnauthorized
	return ans
}

// wrong answers a door page again, with what is wrong; err if it is nothing a
// person can put right.
func wrongAt(a *Ask, v doorView, err error, page func(doorView) Answer) (Answer, error) {
	if _, low := account.NeedOf(err); low || !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) && errs.SayOf(err) == "" {
		return Answer{}, err
	}
	v.Problem, _ = a.P.Say(errs.SayOf(err))
	if v.Problem == "" {
		v.Problem = a.P.ErrorInvalidText()
	}
	ans := page(v)
	ans.status = http.StatusUnprocessableEntity
	if errs.Is(err, errs.Unavailable) {
		ans.status = http.StatusTooManyRequests
		ans.header = append(ans.header, [2]string{"Retry-After", "60"})
	}
	return ans, nil
}

// askIn answers POST /in: whoever the address belongs to, or nobody, the same
// page says that a mail may be on its way.
func (s *Server) askIn(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorTitle())
	v.Mail = a.Form("mail")
	asking, err := s.cfg.Doors.AskIn(a.Context(), v.Mail, a.from())
	if err != nil {
		return wrongAt(a, v, err, func(v doorView) Answer { return Page(doorPage(v)) })
	}
	return s.sent(a, v, asking), nil
}

// sent is the page that asks to look into the mail.
func (s *Server) sent(a *Ask, v doorView, asking string) Answer {
	v.Sent = true
	v.Shell.Title = a.P.DoorSentTitle()
	ans := Page(sentPage(v))
	ans.cookies = []*http.Cookie{s.cookie(askingCookie, asking, 15*time.Minute, http.SameSiteLaxMode)}
	return ans
}

// showJoin answers GET /join: somebody new.
func (s *Server) showJoin(a *Ask) (Answer, error) {
	return Page(joinPage(s.doorView(a, a.P.DoorJoinTitle()))), nil
}

func (s *Server) join(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorJoinTitle())
	v.Mail, v.Name, v.Joining = a.Form("mail"), a.Form("name"), true
	asking, err := s.cfg.Doors.AskJoin(a.Context(), v.Name, v.Mail, a.from())
	if err != nil {
		return wrongAt(a, v, err, func(v doorView) Answer { return Page(joinPage(v)) })
	}
	return s.sent(a, v, asking), nil
}

// came is the answer to who came in: on to where they wanted, or to making their
// first way in.
func (s *Server) came(in account.In, known *http.Cookie, to string) Answer {
	if in.Enrols && !strings.HasPrefix(to, guestVisits) { // an account is offered there, afterwards
		to = "/account/start?" + url.Values{"to": {to}}.Encode()
	}
	ans := See(to)
	ans.cookies = []*http.Cookie{s.session(in), s.cookie(askingCookie, "", 0, http.SameSiteLaxMode)}
	if known != nil && in.Level >= account.ByKey {
		ans.cookies = append(ans.cookies, known)
	}
	return ans
}

// brings is what a browser brings along to a link.
func (s *Server) brings(a *Ask) (account.Ask, *http.Cookie) {
	d, known := a.device(a.lent())
	return account.Ask{Asking: s.cookieOf(a.r, askingCookie), Born: born(a), Device: d, Old: s.token(a.r)}, known
}

// born reads a birth date of three fields, or of one.
func born(a *Ask) string {
	two := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	if y := a.Form("year"); y != "" {
		return y + "-" + two(a.Form("month")) + "-" + two(a.Form("day"))
	}
	return ""
}

// showLink shows a button. Following a link does not spend it, so that a mail
// scanner that follows it too takes nothing away. Opened in another browser than
// asked for it, it shows a code to type there.
func (s *Server) showLink(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorTitle())
	v.Token = a.Path("token")
	seen, err := s.cfg.Doors.Peek(a.Context(), v.Token, s.cookieOf(a.r, askingCookie))
	if errs.Is(err, errs.NotFound) {
		return s.spent(v), nil
	}
	if err != nil {
		return Answer{}, err
	}
	if seen.For == account.ToStop {
		return See("/in/stop/" + url.PathEscape(v.Token)), nil
	}
	v.Seen = seen
	return Page(linkPage(v)), nil
}

// spent says that a link works no longer.
func (s *Server) spent(v doorView) Answer {
	v.Shell.Title = v.P.DoorSpentTitle()
	ans := Page(spentPage(v))
	ans.status = http.StatusGone
	return ans
}

// linkTo is where a link leads once somebody is in.
func linkTo(seen account.Seen, token string) string {
	switch seen.For {
	case account.ToHelp:
		return "/help/" + url.PathEscape(token)
	case account.ToGetBack:
		return "/in/back"
	case account.ToAddMail:
		return "/account"
	}
	return "/"
}

func (s *Server) enter(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorTitle())
	v.Token = a.Path("token")
	ask, known := s.brings(a)
	seen, err := s.cfg.Doors.Peek(a.Context(), v.Token, ask.Asking)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return Answer{}, err
	}
	in, err := s.cfg.Doors.Enter(a.Context(), v.Token, ask)
	if errs.Is(err, errs.NotFound) {
		return s.spent(v), nil
	}
	if err != nil {
		v.Seen = seen
		return wrongAt(a, v, err, func(v doorView) Answer { return Page(linkPage(v)) })
	}
	to := linkTo(seen, v.Token)
	if seen.For == account.ToJoin || seen.For == account.ToSignIn {
		to, err = s.books(a, in, to)
	}
	if err != nil {
		return Answer{}, err
	}
	return s.came(in, known, to), nil
}

// typeCode answers POST /in/code: the link was opened elsewhere, and the code that
// stood there was typed here.
func (s *Server) typeCode(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorSentTitle())
	ask, known := s.brings(a)
	in, err := s.cfg.Doors.TypeCode(a.Context(), strings.Join(strings.Fields(a.Form("code")), ""), ask)
	if errs.Is(err, errs.NotFound) {
		return s.spent(v), nil
	}
	if err != nil {
		v.Sent = true
		return wrongAt(a, v, err, func(v doorView) Answer { return Page(sentPage(v)) })
	}
	to, err := s.books(a, in, v.To)
	if err != nil {
		return Answer{}, err
	}
	return s.came(in, known, to), nil
}

// keyAnswer is what a script sends back from a passkey.
type keyAnswer struct {
	Ceremony string          `json:"ceremony"`
	Answer   json.RawMessage `json:"answer"`
	Lent     bool            `json:"lent"`
	To       string          `json:"to"`
}

func (a *Ask) keyAnswer() (keyAnswer, error) {
	var k keyAnswer
	if err := json.Unmarshal(a.json, &k); err != nil {
		return k, errs.E(errs.Invalid, "web: the answer does not parse")
	}
	return k, nil
}

// on tells a script where to go on.
func on(ans Answer) Answer {
	to := ans.see
	ans.see, ans.status = "", http.StatusOK
	j, err := JSON(map[string]string{"to": to})
	if err != nil {
		return Answer{}
	}
	ans.kind, ans.body = j.kind, j.body
	return ans
}

// told answers a script about something a person can put right.
func told(a *Ask, err error) (Answer, error) {
	if _, low := account.NeedOf(err); low {
		ans, jerr := JSON(map[string]string{"to": "/in"})
		ans.status = http.StatusUnauthorized
		return ans, jerr
	}
	say, ok := a.P.Say(errs.SayOf(err))
	if !ok {
		return Answer{}, err
	}
	ans, jerr := JSON(map[string]string{"problem": say})
	ans.status = http.StatusUnprocessableEntity
	if errs.Is(err, errs.Unavailable) {
		ans.status = http.StatusTooManyRequests
	}
	return ans, jerr
}

func (s *Server) beginSignIn(a *Ask) (Answer, error) {
	b, err := s.cfg.Doors.BeginSignIn(a.Context(), a.from())
	if err != nil {
		return told(a, err)
	}
	return JSON(b)
}

func (s *Server) finishSignIn(a *Ask) (Answer, error) {
	k, err := a.keyAnswer()
	if err != nil {
		return Answer{}, err
	}
	use := account.Theirs
	if k.Lent {
		use = account.Lent
	}
	d, known := a.device(use)
	in, err := s.cfg.Doors.FinishSignIn(a.Context(), k.Ceremony, k.Answer, d)
	if err != nil {
		return told(a, err)
	}
	if err := s.cfg.Doors.Leave(a.Context(), s.token(a.r)); err != nil { // another account may have been in this browser
		return Answer{}, err
	}
	return on(s.came(in, known, ownPath(k.To))), nil
}
