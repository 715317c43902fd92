package team

import (
	"strings"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// listView is everybody who works here, and where.
type listView struct {
	Shell      shell.View
	P          lang.Printer
	Here       []parts.RowView
	Before     []parts.RowView // who has left
	Places     []record.Place
	Place      string // as typed
	PlaceWrong string
	Unwatched  bool // nobody watches over privacy
}

func frame(a *web.Ask, title string) shell.View {
	s := a.Shell(title, "team")
	s.Place = a.P.TeamTitle()
	s.Here = "/practice/team"
	return s
}

func list(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := newList(a, p)
	return web.Page(listPage(v)), err
}

func newList(a *web.Ask, p *record.Practice) (listView, error) {
	ms, err := p.Staff(a.Context())
	if err != nil {
		return listView{}, err
	}
	accounts, err := p.StaffAccounts(a.Context())
	if err != nil {
		return listView{}, err
	}
	v := listView{Shell: frame(a, a.P.TeamTitle()), P: a.P, Places: a.Practice.Places, Unwatched: true}
	for _, m := range ms {
		r := parts.RowView{Href: "/practice/team/" + m.ID, Name: m.Name, Seed: m.ID, Title: m.Name, Text: m.Title}
		if m.Left {
			v.Before = append(v.Before, r)
			continue
		}
		if rs, ok := account.ParseRoles(m.Roles); ok && rs.Any(account.PrivacyOfficer) {
			v.Unwatched = false
		}
		if d := duties(a.P, m, a.Practice.Places); !strings.EqualFold(d, m.Title) { // a nurse who is a nurse is said once
			r.Text = strings.TrimPrefix(r.Text+" · "+d, " · ")
		}
		switch {
		case m.Frozen:
			r.Tag = parts.TagView{Tone: parts.ToneDanger, Text: a.P.TeamFrozen(), Icon: "lock"}
		case !accounts[m.ID].Has:
			r.Tag = parts.TagView{Tone: parts.ToneWarn, Text: a.P.TeamNoWay()}
		}
		v.Here = append(v.Here, r)
	}
	return v, nil
}

// duties is what somebody may do, and where, in words.
func duties(p lang.Printer, m record.StaffMember, places []record.Place) string {
	var out []string
	if all := words(p, m.Roles); all != "" {
		out = append(out, all)
	}
	for _, x := range places {
		if at := words(p, m.At[x.ID]); at != "" {
			out = append(out, p.TeamAt(at, x.Name))
		}
	}
	if len(out) == 0 {
		return p.TeamNoRole()
	}
	return strings.Join(out, "; ")
}

// words names the roles of a list of codes.
func words(p lang.Printer, codes string) string {
	rs, ok := account.ParseRoles(codes)
	if !ok {
		return ""
	}
	var out []string
	for _, r := range account.AllRoles() {
		if rs.Any(r) {
			name, _ := role(p, r)
			out = append(out, name)
		}
	}
	return p.And(out)
}

// role says what a role is called, and what it lets somebody do.
func role(p lang.Printer, r account.Roles) (name, what string) {
	switch r {
	case account.FrontDesk:
		return p.TeamRoleFrontdesk(), p.TeamRoleFrontdeskText()
	case account.Nurse:
		return p.TeamRoleNurse(), p.TeamRoleNurseText()
	case account.Clinician:
		return p.TeamRoleClinician(), p.TeamRoleClinicianText()
	case account.Coordinator:
		return p.TeamRoleCoordinator(), p.TeamRoleCoordinatorText()
	case account.Editor:
		return p.TeamRoleEditor(), p.TeamRoleEditorText()
	case account.Manager:
		return p.TeamRoleManager(), p.TeamRoleManagerText()
	case account.PrivacyOfficer:
		return p.TeamRolePrivacy(), p.TeamRolePrivacyText()
	}
	return "", ""
}

func addPlace(a *web.Ask, p *record.Practice) (web.Answer, error) {
	return placed(a, p, p.AddPlace(a.Context(), a.Form("place")))
}

func removePlace(a *web.Ask, p *record.Practice) (web.Answer, error) {
	return placed(a, p, p.RemovePlace(a.Context(), a.Form("id")))
}

// placed answers a change of places.
func placed(a *web.Ask, p *record.Practice, err error) (web.Answer, error) {
	if err == nil {
		return web.See("/practice/team#places"), nil
	}
	say, ok := a.P.Say(errs.SayOf(err))
	if !ok {
		return web.Answer{}, err
	}
	v, lerr := newList(a, p)
	v.Place, v.PlaceWrong = a.Form("place"), say
	return web.Wrong(listPage(v)), lerr
}
