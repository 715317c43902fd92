package team_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/care/team"
	"rapport/record"
	"rapport/web/webtest"
)

func member(t *testing.T, h *webtest.House, id string) record.StaffMember {
	t.Helper()
	m, err := h.Practice().StaffMember(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWhoWorksHere(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	h.Keyed(h.Subject("nurse"))
	p := h.As("manager").Get("/practice/team").Is(200).Has("h2#here", "Who works here").Has("a.row[href='/practice/team/nurse']", "Priya Raman", "Nurse").Has("a.row[href='/practice/team/frontdesk']", "Joe Park", "Front desk", "No way in yet")
	p.HasNot("a.row[href='/practice/team/nurse'] .tag").SaysNot("Nwosu", "Quaresma", "uthenticator")
}

func TestSomebodyNewIsAddedAndInvited(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	m := h.As("manager")
	m.Get("/practice/team/new").Is(200).Has("#name").Has("input[name=roles][value=clinician]:not([checked])").HasNot("input[name^='at-']", "#leaving")
	m.Post("/practice/team/new", url.Values{"name": {" "}, "job": {strings.Repeat("x", 61)}}).Is(422).Has("#name-problem").Has("#job-problem").Has(".errors a[href='#name']")
	to := m.Post("/practice/team/new", url.Values{"name": {"Dr Eva Lind"}, "job": {"GP"}, "roles": {"clinician", "editor", "king"}}).Is(303).Header.Get("Location")
	path, _, _ := strings.Cut(to, "?")
	id := strings.TrimPrefix(path, "/practice/team/")
	if got := member(t, h, id); got.Name != "Dr Eva Lind" || got.Title != "GP" || got.Roles != "clinician editor" {
		t.Errorf("kept %+v", got)
	}
	lone := m.Post("/practice/team/new", url.Values{"name": {"Ola Nobody"}}).Is(303).Header.Get("Location")
	m.Get(lone).Is(200).Has("#flash", "They may do nothing yet")
	m.Get(to).Is(200).Has("#flash", "Saved. It").Has("input[value=editor][checked]").Has("#way")
	p := m.Post(path+"/invite", url.Values{}).Is(200).Has("h2", "Let Dr Eva Lind scan this").Has("svg.qr")
	address := p.Text("p.address")
	token, ok := strings.CutPrefix(address, "https://practice.example/in/")
	if !ok {
		t.Fatalf("the address is %q", address)
	}
	in, err := h.Doors.Enter(t.Context(), token, account.Ask{})
	if err != nil || in.Subject.ID != id || !in.Enrols || in.Level != account.ByLink {
		t.Errorf("by the address came %+v, %v", in.Session, err)
	}
	h.Keyed(account.Subject{Kind: account.Staff, ID: id})
	m.Post(path+"/invite", url.Values{}).Is(422).Has("#flash[role=alert]", "way in already")
	m.Get(path).Is(200).Has("form[action='" + path + "/reset']").HasNot("form[action='" + path + "/invite']")
	m.Post(path+"/reset", url.Values{}).Is(303)
	m.Get(path+"?done=reset").Is(200).Has("#flash", "Every way in is gone").Has("form[action='" + path + "/invite']")
}

func TestWhoLeavesIsOut(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	nurse, m := h.As("nurse"), h.As("manager")
	m.Post("/practice/team/nurse/left", url.Values{"left": {"yes"}}).Is(303)
	if nurse.Actor().Kind() != account.Nobody {
		t.Error("the nurse is still in")
	}
	m.Get("/practice/team").Is(200).Has("details.fold", "Priya Raman").HasNot("section[aria-labelledby=here] a[href='/practice/team/nurse']")
	m.Get("/practice/team/nurse").Is(200).Has(".callout", "nothing lets them in").HasNot("#name", "#way")
	m.Post("/practice/team/nurse/invite", url.Values{}).Is(404)
	m.Post("/practice/team/nurse/left", url.Values{"left": {"no"}}).Is(303)
	m.Get("/practice/team/nurse").Is(200).Has("#name[value='Priya Raman']")
	again := h.As("nurse")
	m.Post("/practice/team/nurse/end", url.Values{}).Is(303)
	if again.Actor().Kind() != account.Nobody {
		t.Error("the nurse is still in after being signed out everywhere")
	}
}

func TestTheLastManagerStays(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	m := h.As("manager")
	m.Post("/practice/team/manager", url.Values{"name": {"Grace Obi"}, "roles": {"editor"}}).Is(422).Has("#roles-problem", "Somebody must run the practice").Has(".errors a[href='#roles-group']")
	m.Post("/practice/team/manager/left", url.Values{"left": {"yes"}}).Is(422).Says("Somebody must run the practice").Has("#name") // shown as who still works here
	m.Post("/practice/team/manager/reset", url.Values{}).Is(422).Has("#flash", "You cannot take away your own ways in")
	h.Keyed(h.Subject("manager"))
	m = h.As("manager") // a first way in of one's own ends what came before it
	m.Get("/practice/team/manager").Is(200).HasNot("form[action$='/reset']", "form[action$='/end']")
	if got := member(t, h, "manager"); got.Left || got.Roles != "manager" {
		t.Errorf("kept %+v", got)
	}
	m.Post("/practice/team/nurse", url.Values{"name": {"Priya Raman"}, "roles": {"nurse", "manager"}}).Is(303)
	m.Post("/practice/team/manager", url.Values{"name": {"Grace Obi"}, "roles": {"editor"}}).Is(303)
	m.Get("/practice/team").Is(404) // no longer theirs to see
}

// TestANurseAtNorthMeetsPeopleAtSouth goes the whole way through the pages.
func TestANurseAtNorthMeetsPeopleAtSouth(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, append(team.Routes(), chartPage(t)...)...)
	m := h.As("manager")
	m.Get("/practice/team").Is(200).Says("One place, without a name")
	for _, name := range []string{"North", "South"} {
		m.Post("/practice/places", url.Values{"place": {name}}).Is(303)
	}
	m.Post("/practice/places", url.Values{"place": {"north"}}).Is(422).Has("#place-problem", "a place of that name").Has("#place[value=north]")
	m.Post("/practice/places", url.Values{"place": {" "}}).Is(422).Has("#place-problem")
	places := h.Vault.Settings().Places
	north, south := places[0].ID, places[1].ID
	form := url.Values{"name": {"Priya Raman"}, "job": {"Nurse"}, "at-" + north: {"nurse"}, "at-" + south: {"frontdesk", "manager"}, "at-moon": {"nurse"}}
	m.Post("/practice/team/nurse", form).Is(303)
	if got := member(t, h, "nurse"); got.Roles != "" || len(got.At) != 2 || got.At[south] != "frontdesk" {
		t.Errorf("kept %+v", got)
	}
	m.Get("/practice/team").Is(200).Has("a.row[href='/practice/team/nurse']", "Nurse at North", "Front desk at South")
	m.Get("/practice/team/nurse").Is(200).Has("input[name='at-" + north + "'][value=nurse][checked]").HasNot("input[name='at-" + north + "'][value=manager]")

	n := h.As("nurse")
	chart := "/chart/" + string(h.Ada)
	n.Get(chart).Is(404)
	n.Get("/place").Is(200).Has("h1", "Where are you at work?").Has("button[value='"+north+"']", "North").HasNot(".tag")
	n.Post("/place", url.Values{"place": {south}}).Is(303)
	n.Get(chart).Is(404)
	n.Get("/place").Is(200).Has("button[value='"+south+"'] .tag", "Here now")
	n.Post("/place", url.Values{"place": {north}}).Is(303)
	n.Get(chart).Is(200).Has(".menu a[href='/place']", "At North")
	if n.Post("/place", url.Values{"place": {"moon"}}).Is(303).Header.Get("Location") != "/place" || n.Actor().Place() != north {
		t.Error("they went to a place that is not theirs")
	}
	m.Post("/practice/places/remove", url.Values{"id": {north}}).Is(303)
	n.Get(chart).Is(404)
	m.Post("/practice/places/remove", url.Values{"id": {north}}).Is(422)
	m.Get("/place").Is(303)
	h.As("ada").Post("/place", url.Values{"place": {south}}).Is(303)
	h.As("nobody").Get("/place").Is(401)
}

// TestStandingIn: a manager has somebody stand in for a colleague, for days that follow
// each other, and ends it.
func TestStandingIn(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	m, at := h.As("manager"), "/practice/team/nurse/cover"
	for _, bad := range []url.Values{{"whom": {"nobody"}, "from": {"2026-11-25"}, "until": {"2026-11-30"}}, {"whom": {"nurse"}, "from": {"2026-11-25"}, "until": {"2026-11-30"}}, {"whom": {"physician"}, "from": {"2026-11-30"}, "until": {"2026-11-25"}}, {"whom": {"physician"}, "from": {"2020-01-01"}, "until": {"2020-01-05"}}, {"whom": {"physician"}}} {
		m.Post(at, bad).Is(422).Says("days that follow each other")
	}
	m.Post(at, url.Values{"whom": {"physician"}, "from": {"2026-11-25"}, "until": {"2026-12-05"}}).Is(303)
	m.Get("/practice/team/nurse").Is(200).Has("#cover", "Stands in for").Says("Dr Lena Ortiz, 25 November 2026 to 5 December 2026")
	if got := member(t, h, "nurse").For; len(got) != 1 || got[0].Who != "physician" || got[0].Until.Sub(got[0].From).Hours() != 11*24 {
		t.Errorf("kept %+v", got)
	}
	m.Post(at, url.Values{"end": {"7"}}).Is(303)
	m.Post(at, url.Values{"end": {"0"}}).Is(303)
	if got := member(t, h, "nurse").For; len(got) != 0 {
		t.Errorf("it goes on: %+v", got)
	}
}

// TestNobodyWatches: where nobody watches over privacy the manager is told, until somebody does.
func TestNobodyWatches(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	m := h.As("manager")
	m.Get("/practice/team").Is(200).SaysNot("Nobody here watches over privacy")
	o := member(t, h, "officer")
	o.Left = true
	if err := h.Practice().SetStaff(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	m.Get("/practice/team").Is(200).Has(".callout", "Nobody here watches over privacy")
}

// TestWhoIsClosed: whose way in is closed because nobody looked into what they did is marked.
func TestWhoIsClosed(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, team.Routes()...)
	c, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Breaking, h.Ada, record.Person)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Break(t.Context(), "Found unconscious in the garden.", record.Safe); err != nil {
		t.Fatal(err)
	}
	closed := func() *webtest.Page { return h.As("manager").Get("/practice/team").Is(200) }
	closed().SaysNot("Way in closed")
	h.Now.Add(72 * time.Hour)
	if n, err := h.Vault.Overlook(t.Context(), account.AsSystem(account.Watching)); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	closed().Has("a.row[href='/practice/team/nurse'] .tag", "Way in closed")
}
