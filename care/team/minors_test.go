package team_test

import (
	"net/url"
	"testing"

	"rapport/care/team"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
	"rapport/web/webtest"
)

// chartPage is a page that opens results, for who gives care.
func chartPage(*testing.T) []web.Route {
	return []web.Route{{Pattern: "GET /chart/{client}", Why: record.Care, What: record.Results, Chart: func(a *web.Ask, _ *record.Chart) (web.Answer, error) {
		return web.Page(shell.Console(a.Shell("Chart", ""))), nil
	}}}
}

func TestRulesForMinorsAreSwitchedOnByWhoHadThemChecked(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	m := h.As("manager")
	p := m.Get("/practice/minors").Is(200).Has(".callout", "No rules are switched on", "no guardian sees anything").Has("a.row[href='/practice/minors/example-scotland']", "Scotland", "Not reviewed", "Guardians until 16")
	if n, all := p.Count("a.row .tag-warn"), len(record.ExampleRules()); n != all {
		t.Errorf("%d of %d examples are marked as not reviewed", n, all)
	}
	for _, r := range record.ExampleRules() {
		one := m.Get("/practice/minors/"+r.ID).Is(200).Has("h2", r.Place).Has(".tag", "Not reviewed").Has("table", "A guardian sees").Has("#note + p", r.Note[:40]).Has(".sources li", r.Sources[0][:20])
		if n := one.Count("tbody tr"); n != len(r.Bands) {
			t.Errorf("%s: %d rows for %d ages", r.ID, n, len(r.Bands))
		}
	}
	m.Get("/practice/minors/example-scotland").Has("tbody tr:nth-child(1)", "0 to 11", "Contact details", "Nothing", "No").Has("tbody tr:nth-child(2)", "12 to 15", "sexual health", "Yes, nobody is told")
	m.Get("/practice/minors/example-moon").Is(404)

	on := "/practice/minors/example-scotland"
	whole := func() url.Values {
		return url.Values{"reviewer": {"Ailsa Kerr, solicitor"}, "reviewed": {"2026-11-20"}, "checked": {"on"}}
	}
	for field, wrong := range map[string]string{"reviewer": " ", "reviewed": "2026-11-25", "checked": ""} {
		f := whole()
		f.Set(field, wrong)
		m.Post(on, f).Is(422).Has(".errors a[href='#" + field + "']")
		if h.Vault.Settings().Minors.ID != "" {
			t.Fatalf("switched on without %s", field)
		}
	}
	m.Post("/practice/minors/example-moon", whole()).Is(404)
	m.Post(on, whole()).Is(303)
	if got, want := h.Vault.Settings().Minors, (record.Minors{ID: "example-scotland", Version: 1, Reviewer: "Ailsa Kerr, solicitor", Reviewed: "2026-11-20", By: "Grace Obi", Since: "2026-11-24"}); got != want {
		t.Errorf("kept %+v", got)
	}
	m.Get("/practice/minors").Is(200).Has(".callout", "On: Scotland", "Checked by Ailsa Kerr, solicitor on 20 November 2026", "Switched on by Grace Obi on 24 November 2026").Has("a.row[href='"+on+"'] .tag-accent", "On")
	m.Get(on).Is(200).HasNot("#reviewer")
	m.Post("/practice/minors", url.Values{}).Is(303)
	if h.Vault.Settings().Minors != (record.Minors{}) {
		t.Error("the rules are still on")
	}
	m.Get("/practice/minors?done=off").Is(200).Has("#flash", "The rules are off")
}

func TestOnlyTheManagerSaysWhoWorksHere(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	for _, who := range []string{"nurse", "physician", "frontdesk", "ada"} {
		v := h.As(who)
		v.Get("/practice/team").Is(404)
		v.Post("/practice/team/new", url.Values{"name": {"Eve"}, "roles": {"clinician"}}).Is(404)
		v.Post("/practice/team/nurse/invite", url.Values{}).Is(404).HasNot("#address")
		v.Post("/practice/minors/example-texas", url.Values{"reviewer": {"x"}, "reviewed": {"2026-11-20"}, "checked": {"on"}}).Is(404)
	}
	h.As("nobody").Get("/practice/team").Is(401)
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	p := h.Practice()
	for _, name := range []string{"North", "South"} {
		if err := p.AddPlace(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	h.Rules("example-spain")
	for _, language := range []string{"en", "es", "fr"} {
		m := h.As("manager")
		m.Language = language
		for _, page := range []*webtest.Page{m.Get("/practice/team"), m.Get("/practice/team/new"), m.Get("/practice/team/nurse"), m.Get("/practice/team/manager"), m.Post("/practice/team/nurse/invite", url.Values{}), m.Get("/practice/minors"), m.Get("/practice/minors/example-spain"), m.Get("/practice/minors/example-california")} {
			page.Is(200).Has("html[lang="+language+"]").Has("h2").SaysNot("%!", `style="`, "{name}", "{place}")
		}
		m.Post("/practice/team/new", url.Values{}).Is(422).Has(".errors").SaysNot("%!")
		m.Post("/practice/minors/example-texas", url.Values{}).Is(422).Has(".errors").SaysNot("%!")
	}
}
