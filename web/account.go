package web

import (
	"net/http"
	"net/url"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/shell"
)

// accountPages are the pages about how somebody comes in.
func (s *Server) accountPages() []Route {
	return []Route{
		{Pattern: "GET /account", Why: record.Entering, Open: s.showAccount},
		{Pattern: "GET /account/start", Why: record.Entering, Open: s.showStart},
		{Pattern: "POST /account/key/begin", Why: record.Entering, Open: s.beginKey},
		{Pattern: "POST /account/key", Why: record.Entering, Open: s.finishKey},
		{Pattern: "GET /account/app", Why: record.Entering, Open: s.showApp},
		{Pattern: "POST /account/app", Why: record.Entering, Open: s.finishApp},
		{Pattern: "GET /account/codes", Why: record.Entering, Open: s.showSpares},
		{Pattern: "POST /account/codes", Why: record.Entering, Open: s.makeSpares},
		{Pattern: "POST /account/drop", Why: record.Entering, Open: s.dropKey},
		{Pattern: "POST /account/device", Why: record.Entering, Open: s.endDevice},
		{Pattern: "POST /account/mail", Why: record.Entering, Open: s.addMail},
		{Pattern: "POST /account/mail/drop", Why: record.Entering, Open: s.dropMail},
		{Pattern: "POST /account/issuer", Why: record.Entering, Open: s.bind},
		{Pattern: "POST /account/stop", Why: record.Entering, Open: s.stopOwn},
	}
}

// accountView is the page of somebody's ways in.
type accountView struct {
	Shell   shell.View
	P       lang.Printer
	Ways    account.Ways
	Keys    []wayView
	Devices []deviceView
	Notes   []parts.RowView
	Opens   string // when a recovery opens
	Problem string
	Mail    string
	To      string
	App     account.NewApp
	Code    parts.QRView
	Spares  []string
	Issuer  string
	Staff   bool
	Asked   string // how many records staff are asked about
}

// wayView is one way in that can be removed.
type wayView struct{ ID, Name, Text, Icon string }

// deviceView is one browser that is signed in.
type deviceView struct {
	ID, Name, Text string
	This           bool
}

func (s *Server) accountView(a *Ask, title string) accountView {
	v := accountView{Shell: a.Shell(title, "account", "js/passkey.js"), P: a.P, To: ownPath(a.Query("to")), Staff: a.Who.Kind() == account.Staff}
	if v.To == "/" {
		v.To = ownPath(a.Form("to"))
	}
	if s.cfg.Issuer != nil && v.Staff {
		v.Issuer = s.cfg.Issuer.Label()
	}
	return v
}

// ways fills in what the account of this session has.
func (s *Server) ways(a *Ask, v *accountView) error {
	w, err := s.cfg.Doors.Ways(a.Context(), s.token(a.r))
	if err != nil {
		return err
	}
	v.Ways = w
	for _, k := range w.Passkeys {
		name := k.Name
		if name == "" {
			name = a.P.AccountKey()
		}
		v.Keys = append(v.Keys, wayView{k.ID, name, a.P.AccountUsed(a.P.Date(a.Local(k.Used), a.Now)), "fingerprint"})
	}
	if w.App {
		v.Keys = append(v.Keys, wayView{"app", a.P.AccountApp(), a.P.AccountSince(a.P.Date(a.Local(w.AppMade), a.Now)), "smartphone"})
	}
	for _, d := range w.Devices {
		name := d.Name
		if name == "" {
			name = a.P.AccountDevice()
		}
		at := a.Local(d.Seen)
		v.Devices = append(v.Devices, deviceView{d.ID, name, a.P.AccountSeen(a.P.Date(at, a.Now), a.P.Clock(at)), d.This})
	}
	if w.Waiting != nil {
		at := a.Local(w.Waiting.Opens)
		v.Opens = a.P.AccountWhen(a.P.Date(at, a.Now), a.P.Clock(at))
	}
	for _, n := range w.Notes {
		if text := noted(a.P, n.What); text != "" {
			v.Notes = append(v.Notes, parts.RowView{Icon: "bell", Title: text, Meta: a.P.ShortDay(a.Local(n.At))})
		}
	}
	v.Notes = v.Notes[:min(len(v.Notes), 6)]
	return nil
}

// noted puts a note into words.
func noted(p lang.Printer, what string) string {
	switch what {
	case account.LetterKeyAdded:
		return p.AccountNoteAdded()
	case account.LetterKeyGone:
		return p.AccountNoteRemoved()
	case account.LetterBack:
		return p.AccountNoteBack()
	case account.LetterBackDone:
		return p.AccountNoteBackdone()
	case account.LetterTier:
		return p.AccountNoteTier()
	case account.LetterSharing:
		return p.AccountNoteSharing()
	case account.LetterOwn:
		return p.AccountNoteOwn()
	case account.LetterReset:
		return p.AccountNoteReset()
	case account.LetterWelcome:
		return p.AccountNoteWelcome()
	}
	return ""
}

func (s *Server) showAccount(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	v := s.accountView(a, a.P.AccountTitle())
	if err := s.ways(a, &v); err != nil {
		return Answer{}, err
	}
	if v.Staff {
		asked, err := s.cfg.Vault.Whys(a.Context(), a.Who)
		if err != nil {
			return Answer{}, err
		}
		if n := len(asked); n > 0 {
			v.Asked = a.P.PrivacyWhyWaits(n)
		}
	}
	return Page(accountPage(v)), nil
}

// showStart answers GET /account/start: the first way in, or a further one.
func (s *Server) showStart(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	v := s.accountView(a, a.P.AccountStart())
	if err := s.ways(a, &v); err != nil {
		return Answer{}, err
	}
	if !v.Ways.Enrols && a.Who.Level() < account.Fresh {
		return Answer{}, account.Low(account.Fresh)
	}
	return Page(startPage(v)), nil
}

func (s *Server) beginKey(a *Ask) (Answer, error) {
	b, err := s.cfg.Doors.BeginKey(a.Context(), s.token(a.r))
	if err != nil {
		return told(a, err)
	}
	return JSON(b)
}

func (s *Server) finishKey(a *Ask) (Answer, error) {
	k, err := a.keyAnswer()
	if err != nil {
		return Answer{}, err
	}
	d, known := a.device(account.Theirs)
	in, err := s.cfg.Doors.FinishKey(a.Context(), s.token(a.r), k.Ceremony, k.Answer, d)
	if err != nil {
		return told(a, err)
	}
	return on(s.made(in, known, k.To)), nil
}

// made is the answer to a new way in: on to recovery codes, if there are none yet.
func (s *Server) made(in account.In, known *http.Cookie, to string) Answer {
	next := "/account/codes"
	if to = ownPath(to); to != "/" {
		next += "?" + url.Values{"to": {to}}.Encode()
	}
	ans := s.came(in, known, next)
	return ans
}

// showApp answers GET /account/app: a secret for an authenticator app.
func (s *Server) showApp(a *Ask) (Answer, error) {
	v := s.accountView(a, a.P.AccountAppTitle())
	var err error
	if v.App, err = s.cfg.Doors.BeginApp(a.Context(), s.token(a.r), s.issuerName(a)); err != nil {
		return Answer{}, err
	}
	return appAt(a, v)
}

// issuerName is what an authenticator app calls the practice.
func (s *Server) issuerName(a *Ask) string {
	if a.Practice.Name == "" && s.cfg.Base != nil {
		return s.cfg.Base.Host
	}
	return a.Practice.Name
}

func appAt(a *Ask, v accountView) (Answer, error) {
	app := v.App
	var err error
	if v.Code, err = parts.QR(app.URI, a.P.AccountAppQr()); err != nil {
		return Answer{}, err
	}
	if v.Problem != "" {
		return Wrong(appPage(v)), nil
	}
	return Page(appPage(v)), nil
}

func (s *Server) finishApp(a *Ask) (Answer, error) {
	in, err := s.cfg.Doors.FinishApp(a.Context(), s.token(a.r), a.Form("ceremony"), a.Form("code"))
	if errs.Is(err, errs.Invalid) {
		v := s.accountView(a, a.P.AccountAppTitle())
		v.Problem = a.P.DoorCodeWrong()
		v.App, err = s.cfg.Doors.AppAgain(a.Context(), s.token(a.r), a.Form("ceremony"), s.issuerName(a))
		if errs.Is(err, errs.NotFound) { // it took too long
			return s.showApp(a)
		}
		if err != nil {
			return Answer{}, err
		}
		return appAt(a, v)
	}
	if err != nil {
		return Answer{}, err
	}
	_, known := a.device(in.Device.Use)
	return s.made(in, known, a.Form("to")), nil
}

// showSpares answers GET /account/codes.
func (s *Server) showSpares(a *Ask) (Answer, error) {
	v := s.accountView(a, a.P.AccountSpares())
	if err := s.ways(a, &v); err != nil {
		return Answer{}, err
	}
	return Page(sparesPage(v)), nil
}

func (s *Server) makeSpares(a *Ask) (Answer, error) {
	v := s.accountView(a, a.P.AccountSpares())
	codes, err := s.cfg.Doors.MakeSpares(a.Context(), s.token(a.r))
	if err != nil {
		return Answer{}, err
	}
	v.Spares = codes
	return Page(sparesPage(v)), nil
}

// settled answers an errand on one's own account: back to its page, or the page
// with what is wrong.
func (s *Server) settled(a *Ask, err error) (Answer, error) {
	if err == nil {
		return See("/account"), nil
	}
	if _, low := account.NeedOf(err); low || errs.SayOf(err) == "" {
		return Answer{}, err
	}
	v := s.accountView(a, a.P.AccountTitle())
	v.Problem, _ = a.P.Say(errs.SayOf(err))
	v.Mail = a.Form("mail")
	if err := s.ways(a, &v); err != nil {
		return Answer{}, err
	}
	return Wrong(accountPage(v)), nil
}

func (s *Server) dropKey(a *Ask) (Answer, error) {
	return s.settled(a, s.cfg.Doors.DropKey(a.Context(), s.token(a.r), a.Form("id")))
}

func (s *Server) endDevice(a *Ask) (Answer, error) {
	return s.settled(a, s.cfg.Doors.EndDevice(a.Context(), s.token(a.r), a.Form("id")))
}

func (s *Server) addMail(a *Ask) (Answer, error) {
	return s.settled(a, s.cfg.Doors.AddMail(a.Context(), s.token(a.r), a.Form("mail"), a.from()))
}

func (s *Server) dropMail(a *Ask) (Answer, error) {
	return s.settled(a, s.cfg.Doors.DropMail(a.Context(), s.token(a.r), a.Form("mail")))
}

func (s *Server) stopOwn(a *Ask) (Answer, error) {
	return s.settled(a, s.cfg.Doors.StopOwn(a.Context(), s.token(a.r)))
}
