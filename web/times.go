package web

import (
	"crypto/rand"
	"net/http"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record"
)

// Times are the practice's times as this browser saw them before anybody signed in,
// with what is held for it.
func (a *Ask) Times() *record.Calendar { return a.s.cfg.Vault.Times(a.s.cookieOf(a.r, holdCookie)) }

// times hands the practice's times to a page for anybody. What somebody does who is not
// known is told from what another does by a cookie, which is made with the first act.
func (s *Server) times(rt Route, a *Ask) (Answer, error) {
	var err error
	switch {
	case a.r.Method == http.MethodPost:
		err = s.cfg.Doors.MayHold(a.Who, a.from())
	case a.Who.Kind() == account.Nobody:
		err = s.cfg.Doors.MayLook(a.from())
	}
	if err != nil {
		return Answer{}, err
	}
	token := s.cookieOf(a.r, holdCookie)
	var made *http.Cookie
	if token == "" && a.r.Method == http.MethodPost {
		token = rand.Text()
		made = s.cookie(holdCookie, token, 24*time.Hour, http.SameSiteLaxMode)
	}
	ans, err := rt.Times(a, s.cfg.Vault.TimesOf(a.Who, token))
	if made != nil && err == nil {
		ans.cookies = append(ans.cookies, made)
	}
	return ans, err
}

// slip hands one visit to a page for whoever has its link. Who is signed in counts for
// nothing here, and is not shown.
func (s *Server) slip(rt Route, a *Ask) (Answer, error) {
	who, visit, err := s.cfg.Doors.Slip(a.Context(), a.Path("token"))
	if errs.Is(err, errs.NotFound) {
		return a.Spent(), nil
	}
	if err != nil {
		return Answer{}, err
	}
	a.Who, a.caring = account.Actor{}, nil
	a.speak(who.Language())
	x, err := s.cfg.Vault.OpenSlip(a.Context(), who, visit)
	if err != nil {
		return Answer{}, err
	}
	return rt.Slip(a, x)
}

// feed hands somebody's calendar to who has its link: a program, mostly.
func (s *Server) feed(rt Route, a *Ask) (Answer, error) {
	who, err := s.cfg.Doors.Feed(a.Context(), a.Path("token"))
	if err != nil {
		return Answer{}, err
	}
	a.Who, a.caring = account.Actor{}, nil
	a.speak(who.Language())
	f, err := s.cfg.Vault.OpenFeed(a.Context(), who)
	if err != nil {
		return Answer{}, err
	}
	return rt.Feed(a, f)
}

// guestVisits is where somebody finds what they booked before they had an account.
const guestVisits = "/visits/mine"

// guest answers POST /visits/guest: who chose a time and is not known says who they are.
// Once they show that they read the address, the time is theirs.
func (s *Server) guest(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorJoinTitle())
	v.Mail, v.Name, v.Joining, v.Action = a.Form("mail"), a.Form("name"), true, "/visits/guest"
	asking, err := s.cfg.Doors.AskJoin(a.Context(), v.Name, v.Mail, a.from())
	if err != nil {
		return wrongAt(a, v, err, func(v doorView) Answer { return Page(joinPage(v)) })
	}
	if v.Held, err = s.keeps(a); err != nil {
		return Answer{}, err
	}
	ans := s.sent(a, v, asking)
	ans.cookies = append(ans.cookies, s.cookie(booksCookie, asking, 15*time.Minute, http.SameSiteLaxMode))
	return ans, nil
}

// guestAgain answers GET /visits/guest: who reloads the page, or reads it in another
// language, is still asked to look into their mail.
func (s *Server) guestAgain(a *Ask) (Answer, error) {
	if s.cookieOf(a.r, booksCookie) == "" || s.cookieOf(a.r, askingCookie) == "" {
		return See("/visits/hold"), nil
	}
	v := s.doorView(a, a.P.DoorSentTitle())
	v.Joining, v.Sent = true, true
	var err error
	if v.Held, err = s.keeps(a); err != nil {
		return Answer{}, err
	}
	return Page(sentPage(v)), nil
}

// keeps says until when the time of this browser is held, or that none is. Asking for
// the letter holds it anew, as a letter takes a while.
func (s *Server) keeps(a *Ask) (string, error) {
	if s.cookieOf(a.r, holdCookie) == "" {
		return "", nil
	}
	t := a.Times()
	held, err := t.Held(a.Context())
	if err == nil && a.r.Method == http.MethodPost {
		if longer, kerr := t.Keep(a.Context()); kerr == nil { // otherwise it was kept often enough
			held = longer
		}
	}
	if errs.Is(err, errs.Conflict) || errs.Is(err, errs.Invalid) {
		return a.P.DoorSentOver(), nil
	}
	if err != nil {
		return "", err
	}
	from := a.Local(held.From)
	return a.P.DoorSentHeld(a.P.Date(from, a.Now), a.P.Clock(from), a.P.Clock(a.Local(held.Ends))), nil
}

// books makes the time that is held in this browser the visit of who just came in, if
// that is what they came for, and says where they find it.
func (s *Server) books(a *Ask, in account.In, to string) (string, error) {
	token, asking := s.cookieOf(a.r, holdCookie), s.cookieOf(a.r, askingCookie)
	if token == "" || asking == "" || s.cookieOf(a.r, booksCookie) != asking { // another may have asked to come in since
		return to, nil
	}
	ctx := a.Context()
	who, err := s.cfg.Doors.Who(ctx, in.Token)
	if err != nil {
		return "", err
	}
	t := s.cfg.Vault.TimesOf(who, token)
	held, err := t.Held(ctx)
	if errs.Is(err, errs.Conflict) {
		return guestVisits + "?why=" + errs.SayOf(err), nil
	}
	if err != nil {
		return "", err
	}
	pick := record.Pick{Service: held.Service, Who: held.Who, From: held.From, Mode: held.Mode}
	switch who.Kind() {
	case account.Guest:
		_, err = t.Reserve(ctx, held.Key(), "", pick, "")
		to = guestVisits + "?did=booked"
	case account.Client:
		to = "/me/" + string(who.Client()) + "/visits"
		var c *record.Chart
		if c, err = s.cfg.Vault.Open(ctx, who, record.Booking, who.Client(), record.Visits); err == nil {
			if _, err = c.Calendar().Adopt(ctx, t); err == nil {
				_, err = c.Book(ctx, held.Key(), "", pick)
			}
		}
	default:
		return to, nil
	}
	if key := errs.SayOf(err); key != "" {
		return guestVisits + "?why=" + key, nil
	}
	if err != nil { // they are in all the same, and told that it did not come about
		s.cfg.Log.Error("failed", "pattern", a.r.Pattern, "kind", errs.KindOf(err).String(), "why", err.Error())
		return guestVisits + "?why=visits.not_held", nil
	}
	return to, nil
}
