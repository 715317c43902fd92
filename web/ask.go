package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rapport/account"
	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/theme"
)

// Ask is one request, as a page sees it: who asks, in which language, at what
// time in the practice's zone, and what they typed.
type Ask struct {
	P        lang.Printer
	Now      time.Time // in the practice's zone
	Who      account.Actor
	Practice record.Settings
	Fragment bool // the script asks for a piece of the page, not the whole

	s      *Server
	r      *http.Request
	form   url.Values
	json   []byte
	files  map[string][]byte
	bulk   bool // it holds a place among requests with files
	caring []record.Cared
	chart  *record.Chart // that the page is about; nil for none
}

// Context returns the request's context. It carries a request id, and nothing
// that grants anything.
func (a *Ask) Context() context.Context { return a.r.Context() }

// Path returns a piece of the address, as the pattern names it.
func (a *Ask) Path(name string) string { return a.r.PathValue(name) }

// Query returns a value of the address's query. Nothing personal belongs there.
func (a *Ask) Query(name string) string { return a.r.URL.Query().Get(name) }

// QueryAll returns every value of a name of the address's query.
func (a *Ask) QueryAll(name string) []string { return a.r.URL.Query()[name] }

// Form returns a value of the posted form, without surrounding space and control
// characters other than line breaks. A tab is a space: what comes out of a table stays
// two numbers.
func (a *Ask) Form(name string) string { return clean(a.form.Get(name)) }

// FormAll returns every value of a name of the posted form, each as Form would.
func (a *Ask) FormAll(name string) []string {
	var out []string
	for _, s := range a.form[name] {
		out = append(out, clean(s))
	}
	return out
}

func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' && r != '\n' || r == 0x7f:
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n")))
}

// File returns what a file of the posted form holds; nil if there is none. Its name is
// not ours to know.
func (a *Ask) File(name string) []byte { return a.files[name] }

// In returns a text the practice wrote in several languages: in the reader's, else in the
// practice's first that has it, else in any.
func (a *Ask) In(texts map[string]string) string {
	codes := append([]string{a.P.Tag().String()}, a.Practice.Languages...)
	for _, t := range lang.All() {
		codes = append(codes, t.String())
	}
	for _, c := range codes {
		if texts[c] != "" {
			return texts[c]
		}
	}
	return ""
}

// Local returns t in the practice's zone.
func (a *Ask) Local(t time.Time) time.Time { return t.In(a.Now.Location()) }

// Shell returns the frame of a page: its title, which entry of the navigation it
// is under, and the scripts it adds ("js/check.js").
func (a *Ask) Shell(title string, current shell.NavID, scripts ...string) shell.View {
	v := shell.View{P: a.P, Title: title, Current: current, Scripts: scripts, Brand: a.brand(), Here: a.r.URL.Path, Languages: a.s.languages()}
	if a.Who.Kind() == account.Nobody {
		return v
	}
	of := a.of()
	if a.s.cfg.Nav != nil {
		v.Nav = a.s.cfg.Nav(a.P, a.Who, a.caring, of)
	}
	v.Me = shell.Me{Name: a.Who.Name(), Role: a.Who.Title(), Seed: a.Who.ID(), Keyed: a.Who.Level() >= account.ByKey, Links: a.links(of)}
	if a.Who.Level() < account.ByKey {
		v.Nav = nil // nothing there opens by a link alone
	}
	v.Glass = a.glass()
	a.count(v.Nav)
	v.Idle, v.Exit = a.Who.Idle(), a.Who.Kind() != account.Staff
	if of != nil {
		v.For = a.P.FamilyFor(of.Name)
	}
	return v
}

// count says how much waits at a place of the way around. Without an answer there is no
// number: a page does not fail for that.
func (a *Ask) count(nav []shell.NavItem) {
	for i := range nav {
		if nav[i].ID != "privacy" {
			continue
		}
		n, err := a.s.cfg.Vault.Waits(a.Context(), a.Who)
		if err != nil {
			a.s.cfg.Log.Error("failed", "pattern", a.r.Pattern, "why", err.Error())
		}
		nav[i].Count = n
	}
}

// glass says that what is closed was opened in need, and until when; "" if it was not.
func (a *Ask) glass() string {
	until, err := a.chart.Glass(a.Context())
	if err != nil || until.IsZero() {
		return ""
	}
	return a.P.PrivacyBanner(a.P.Clock(a.Local(until)))
}

func (a *Ask) brand() shell.Brand {
	s := a.Practice
	return shell.Brand{Name: s.Name, Mark: s.Mark, Typeface: s.Typeface, Phone: s.Phone,
		ThemeHref: theme.Href(s.Brand, s.Accent), IconHref: shell.IconHref(s.Mark, s.Brand, s.Accent)}
}

// of is whom the actor looks after on this page; nil for themselves.
func (a *Ask) of() *record.Cared {
	id := a.r.PathValue("client")
	for i := range a.caring {
		if id != "" && string(a.caring[i].Client) == id {
			return &a.caring[i]
		}
	}
	return nil
}

// Caring returns whom the actor looks after today.
func (a *Ask) Caring() []record.Cared { return a.caring }

// Of returns whom the actor looks after on this page; false on a page about
// themselves, or about nobody.
func (a *Ask) Of() (record.Cared, bool) {
	if of := a.of(); of != nil {
		return *of, true
	}
	return record.Cared{}, false
}

// Landing returns the first page that is open to the actor about somebody they
// look after; "" if there is none.
func (a *Ask) Landing(of record.Cared) string {
	if a.s.cfg.Nav == nil {
		return ""
	}
	me := "/me/" + string(of.Client) + "/"
	for _, n := range a.s.cfg.Nav(a.P, a.Who, a.caring, &of) {
		if strings.HasPrefix(n.Href, me) {
			return n.Href
		}
	}
	return ""
}

// Absolute returns a path of this site as an address that works from elsewhere.
func (a *Ask) Absolute(path string) string {
	if a.s.cfg.Base == nil {
		return path
	}
	return a.s.cfg.Base.JoinPath(path).String()
}

// Spent is the answer to a link that works no longer.
func (a *Ask) Spent() Answer { return a.s.spent(a.s.doorView(a, a.P.DoorSpentTitle())) }

// links are the places of the reader's own menu.
func (a *Ask) links(of *record.Cared) []parts.Link {
	var out []parts.Link
	if me := a.Who.Client(); me != "" && a.Who.Level() >= account.ByKey {
		if of != nil {
			out = append(out, parts.Link{Text: a.P.FamilyMe(), Href: "/me/" + string(me) + "/today", Icon: "user"})
		}
		out = append(out, parts.Link{Text: a.P.TrustTitle(), Href: "/me/" + string(me) + "/trust", Icon: "shield"})
		out = append(out, parts.Link{Text: a.P.NavLooks(), Href: "/me/" + string(me) + "/looks", Icon: "eye"})
		out = append(out, parts.Link{Text: a.P.FamilyHelpers(), Href: "/me/" + string(me) + "/helpers", Icon: "family"})
	}
	if len(a.caring) > 0 {
		out = append(out, parts.Link{Text: a.P.FamilyEveryone(), Href: "/family", Icon: "sun"})
	}
	for i := range a.caring {
		if to := a.Landing(a.caring[i]); to != "" && (of == nil || a.caring[i].Client != of.Client) {
			out = append(out, parts.Link{Text: a.caring[i].Name, Href: to, Icon: "heart"})
		}
	}
	if l, ok := a.whereLink(); ok {
		out = append(out, l)
	}
	if a.Who.Level() >= account.ByKey {
		out = append(out, parts.Link{Text: a.P.NoticesLink(), Href: "/account/notices", Icon: "bell"})
	}
	return append(out, parts.Link{Text: a.P.AccountTitle(), Href: "/account", Icon: "key"})
}
