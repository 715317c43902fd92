package team

import (
	"slices"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// memberView is one person who works here, or is about to.
type memberView struct {
	Shell  shell.View
	P      lang.Printer
	M      record.StaffMember
	Has    bool // they have a way in
	Self   bool
	Wrong  map[string]string
	Places []record.Place
	Others []record.StaffMember // for whom they can stand in
	Covers []parts.RowView      // for whom they do, in the order they are kept
	Whom   string               // as chosen
	From   string               // as typed
	Until  string
}

func (v memberView) action() string {
	if v.M.ID == "" {
		return "/practice/team/new"
	}
	return "/practice/team/" + v.M.ID
}

func (v memberView) problems() []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, id := range []string{"name", "job", "roles"} {
		if text := v.Wrong[id]; text != "" {
			anchor := id
			if id == "roles" {
				anchor = "roles-group"
			}
			out = append(out, parts.FieldProblem{ID: anchor, Text: text})
		}
	}
	return out
}

// everywhere are the roles to choose from that hold at every place.
func (v memberView) everywhere() []parts.Option {
	return options(v.P, account.AllRoles(), v.M.Roles)
}

// at are the roles to choose from that hold at one place.
func (v memberView) at(place string) []parts.Option {
	return options(v.P, slices.DeleteFunc(account.AllRoles(), func(r account.Roles) bool { return !r.Any(record.CareRoles) }), v.M.At[place])
}

func options(p lang.Printer, of []account.Roles, held string) []parts.Option {
	rs, _ := account.ParseRoles(held) // what is unknown is not chosen
	var out []parts.Option
	for _, r := range of {
		name, what := role(p, r)
		out = append(out, parts.Option{Value: r.String(), Text: name, Small: what, Chosen: rs.Any(r)})
	}
	return out
}

func newMember(a *web.Ask, m record.StaffMember) memberView {
	title := m.Name
	if m.ID == "" {
		title = a.P.TeamAdd()
	}
	return memberView{Shell: frame(a, title), P: a.P, M: m, Self: m.ID != "" && m.ID == a.Who.ID(), Wrong: map[string]string{}, Places: a.Practice.Places}
}

// member reads the one a page is about, and whether they have a way in.
func member(a *web.Ask, p *record.Practice) (memberView, error) {
	m, err := p.StaffMember(a.Context(), a.Path("id"))
	if err != nil {
		return memberView{}, err
	}
	accounts, err := p.StaffAccounts(a.Context())
	if err != nil {
		return memberView{}, err
	}
	v := newMember(a, m)
	v.Has = accounts[m.ID].Has
	all, err := p.Staff(a.Context())
	v.covers(a, all)
	return v, err
}

func showNew(a *web.Ask, _ *record.Practice) (web.Answer, error) {
	return web.Page(memberPage(newMember(a, record.StaffMember{}))), nil
}

func show(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := member(a, p)
	if err != nil {
		return web.Answer{}, err
	}
	done := map[string]string{"saved": a.P.TeamSaved(), "reset": a.P.TeamResetDone(), "end": a.P.TeamEndDone()}
	v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: done[a.Query("done")]}
	if a.Query("done") == "saved" && !v.M.Left && !v.M.May() {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneWarn, Text: a.P.TeamSavedNothing()}
	}
	return web.Page(memberPage(v)), nil
}

// The longest name and title, in letters.
const (
	nameMost = 80
	jobMost  = 60
)

// read takes the form into the view. Roles nobody knows are left out.
func (v *memberView) read(a *web.Ask) {
	v.M.Name, v.M.Title = account.CleanName(a.Form("name")), account.CleanName(a.Form("job"))
	v.M.Roles = chosen(a.FormAll("roles"), ^account.Roles(0))
	at := map[string]string{}
	for _, x := range v.Places {
		if rs := chosen(a.FormAll("at-"+x.ID), record.CareRoles); rs != "" {
			at[x.ID] = rs
		}
	}
	v.M.At = at
	if n := utf8.RuneCountInString(v.M.Name); n == 0 || n > nameMost {
		v.Wrong["name"] = a.P.TeamNameBad()
	}
	if utf8.RuneCountInString(v.M.Title) > jobMost {
		v.Wrong["job"] = a.P.TeamJobLong()
	}
}

func chosen(codes []string, may account.Roles) string {
	var out account.Roles
	for _, c := range codes {
		if r, ok := account.ParseRoles(c); ok {
			out |= r & may
		}
	}
	return out.String()
}

func add(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v := newMember(a, record.StaffMember{})
	if v.read(a); len(v.Wrong) > 0 {
		return web.Wrong(memberPage(v)), nil
	}
	id, err := p.AddStaff(a.Context(), v.M)
	return web.See("/practice/team/" + id + "?done=saved"), err
}

func save(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := member(a, p)
	if err != nil {
		return web.Answer{}, err
	}
	if v.read(a); len(v.Wrong) > 0 {
		return web.Wrong(memberPage(v)), nil
	}
	return v.kept(p.SetStaff(a.Context(), v.M), "saved")
}

// kept answers a change: the page, or the page with why not.
func (v memberView) kept(err error, done string) (web.Answer, error) {
	if err == nil {
		return web.See("/practice/team/" + v.M.ID + "?done=" + done), nil
	}
	say, ok := v.P.Say(errs.SayOf(err))
	if _, low := account.NeedOf(err); low || !ok {
		return web.Answer{}, err
	}
	if errs.SayOf(err) == "team.last_manager" {
		v.Wrong["roles"] = say
	} else {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneDanger, Text: say}
	}
	return web.Wrong(memberPage(v)), nil
}

// leave has somebody leave, or come back.
func leave(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := member(a, p)
	if err != nil {
		return web.Answer{}, err
	}
	was := v.M.Left
	v.M.Left = a.Form("left") != "no"
	m := v.M
	v.M.Left = was // what is shown if it is refused
	return v.kept(p.SetStaff(a.Context(), m), "saved")
}

func reset(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := member(a, p)
	if err != nil {
		return web.Answer{}, err
	}
	return v.kept(p.ResetStaff(a.Context(), v.M.ID), "reset")
}

func endSessions(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := member(a, p)
	if err != nil {
		return web.Answer{}, err
	}
	return v.kept(p.EndSessions(a.Context(), v.M.ID), "end")
}

// inviteView is an invitation, shown once.
type inviteView struct {
	Shell   shell.View
	P       lang.Printer
	M       record.StaffMember
	Address string
	Code    parts.QRView
}

func invite(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := member(a, p)
	if err != nil {
		return web.Answer{}, err
	}
	token, err := p.InviteStaff(a.Context(), v.M.ID)
	if err != nil {
		return v.kept(err, "")
	}
	out := inviteView{Shell: v.Shell, P: a.P, M: v.M, Address: a.Absolute("/in/" + token)}
	out.Code, err = parts.QR(out.Address, a.P.JoiningScanLabel())
	return web.Page(invitePage(out)), err
}
