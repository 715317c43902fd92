package joining_test

import (
	"net/url"
	"testing"

	"rapport/account"
	"rapport/care/clients"
	"rapport/care/joining"
	"rapport/record"
	"rapport/web/webtest"
)

func TestWhoAskedIsMatchedByStaff(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, append(joining.Routes(), clients.Routes()...)...)
	desk := h.As("frontdesk")
	desk.Get("/waiting").Is(200).Has(".empty", "Nobody is waiting")
	desk.Get("/clients").Is(200).HasNot("a[href='/waiting']")
	guest := h.Newcomer("Ada Nwosu", "ada@home.example").Actor().ID()
	w := "/waiting/" + guest
	desk.Get("/clients").Is(200).Has("a[href='/waiting']", "1 person waits to be taken on")
	desk.Get("/waiting").Is(200).Has("a.row[href='"+w+"']", "Ada Nwosu", "ada@home.example", "Since 24 Nov")
	p := desk.Get(w).Is(200).Has("h2", "Who is Ada Nwosu?").Has("#found", "14 March 1968", "Phone ends 0118").Says("A name alone proves nothing")
	p.SaysNot("07700 900118", "Penicillin")
	if p.Attr("#found button[name=client]", "value") != string(h.Ada) {
		t.Error("Ada is not the first guess")
	}
	f := h.As("frontdesk")
	f.Fragment = true
	f.Post(w+"/find", url.Values{"q": {"1 July 1990"}}).Is(200).Has("#found", "Bob Quaresma").HasNot("html[lang]", "h2")
	desk.Post(w+"/find", url.Values{"q": {"zzz"}}).Is(200).Has("#found", "Nobody fits").Has("#find-q[value=zzz]")

	desk.Post(w+"/match", url.Values{"client": {string(h.Ada)}}).Is(200).Has("h2", "Is this Ada Nwosu?").Has("section[aria-labelledby=chosen]", "14 March 1968").Has("section[aria-labelledby=wrote]", "ada@home.example").HasNot("#asked")
	desk.Post(w+"/match", url.Values{"client": {"nobody"}}).Is(303)
	if to := desk.Post(w+"/accept", url.Values{"client": {string(h.Ada)}}).Is(303).Header.Get("Location"); to != "/waiting?done=taken" {
		t.Errorf("on to %s", to)
	}
	if got := acts(h, h.Ada, 1); got != "accept vouching by frontdesk" {
		t.Errorf("Ada reads %q", got)
	}
	for _, again := range []*webtest.Page{desk.Get(w), desk.Post(w+"/accept", url.Values{"client": {string(h.Bob)}}), desk.Post(w+"/decline", url.Values{}), desk.Post(w+"/new", url.Values{})} {
		if again.Is(303).Header.Get("Location") != "/waiting?done=gone" {
			t.Errorf("%s goes on to %s", again.Path, again.Header.Get("Location"))
		}
	}
	desk.Get("/waiting?done=gone").Is(200).Has("#flash", "decided already")
	if a, err := h.Vault.Person(t.Context(), account.Subject{Kind: account.Client, ID: string(h.Bob)}); err != nil || a.Name != "Bob Quaresma" {
		t.Error(a, err)
	}
}

func TestAChartWithAWayInIsNotGivenAway(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	h.Keyed(h.Subject("ada"))
	guest := h.Newcomer("Ada Nwosu", "eve@elsewhere.example").Actor().ID()
	h.As("nurse").Post("/waiting/"+guest+"/accept", url.Values{"client": {string(h.Ada)}}).Is(422).Has("#flash[role=alert]", "They have a way in already")
	if ws := len(h.Looks(h.Ada, 50)); ws > 0 && h.Looks(h.Ada, 1)[0].Act == "accept" {
		t.Error("it is on Ada's ledger as done")
	}
}

func TestAMinorWhoSharesAMailboxIsAskedInPrivate(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	h.Rules("example-scotland")
	mia := h.Admit("mia", `{"resourceType":"Patient","id":"mia","name":[{"use":"official","family":"Quaresma","given":["Mia"]}],"birthDate":"2012-02-03"}`)
	h.Admit("ana", anaJSON)
	guest := h.Newcomer("Mia", "mia@home.example").Actor().ID()
	w, desk := "/waiting/"+guest, h.As("frontdesk")
	desk.Get("/waiting").Is(200).Has("a.row", "also used by Ana Quaresma")
	pick := url.Values{"client": {string(mia)}}
	desk.Post(w+"/match", pick).Is(200).Has("#asked:not([checked])").Says("Ask Mia alone", "mia@home.example is also used by Ana Quaresma")
	desk.Post(w+"/accept", pick).Is(422).Has("#flash", "Ask in private first")
	pick.Set("asked", "on")
	desk.Post(w+"/accept", pick).Is(303)
}

func TestSomebodyNewGetsAChart(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	guest := h.Newcomer("Zoë de la Cruz", "zoe@home.example")
	w, desk := "/waiting/"+guest.Actor().ID(), h.As("frontdesk")
	desk.Get(w+"/new").Is(200).Has("#given[value='Zoë de la']").Has("#family[value=Cruz]").Has("#birth[type=date]").HasNot("#asked", "#another")
	for name, bad := range map[string]url.Values{
		"given":  {"given": {""}, "family": {""}, "birth": {"2001-02-03"}},
		"birth":  {"given": {"Zoë"}, "birth": {"2027-01-01"}},
		"phone":  {"given": {"Zoë"}, "birth": {"2001-02-03"}, "phone": {"call me"}},
		"family": {"given": {"Zoë"}, "family": {longName}, "birth": {"2001-02-03"}},
	} {
		desk.Post(w+"/new", bad).Is(422).Has(".errors a[href='#" + name + "']").Has("#" + name + "-problem")
	}
	form := url.Values{"given": {"Zoë"}, "family": {"de la Cruz"}, "birth": {"2001-02-03"}, "phone": {"+34 600 111 222"}, "language": {"es"}}
	desk.Post(w+"/new", form).Is(303)
	d, err := h.Vault.OpenDirectory(t.Context(), h.As("nurse").Actor(), record.Finding)
	if err != nil {
		t.Fatal(err)
	}
	found := d.Find("Cruz 2001-02-03", 5)
	if len(found) != 1 || found[0].Language != "es" || found[0].Mails[0] != "zoe@home.example" || found[0].Phones[0] != "+34 600 111 222" || len(found[0].Person) != 36 {
		t.Fatalf("in the directory: %+v", found)
	}
	if guest.Actor().Kind() != account.Nobody {
		t.Error("the session from before goes on")
	}
	if all, err := d.Waiting(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("still waiting: %v, %v", all, err)
	}
}

const longName = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// TestNobodyGetsASecondChartUnseen: very alike, and a minor's shared address, each
// need a second look, and nothing is made before.
func TestNobodyGetsASecondChartUnseen(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	h.Admit("ana", anaJSON)
	h.Rules("example-scotland")
	count := func() int {
		d, err := h.Vault.OpenDirectory(t.Context(), h.As("nurse").Actor(), record.Finding)
		if err != nil {
			t.Fatal(err)
		}
		_, n := d.All(0, 1)
		return n
	}
	before := count()
	w, desk := "/waiting/"+h.Newcomer("Ada Nwosu", "ada@home.example").Actor().ID(), h.As("frontdesk")
	form := url.Values{"given": {"Ada"}, "family": {"Nwosu"}, "birth": {"1968-03-14"}}
	desk.Post(w+"/new", form).Is(422).Has(".callout", "very alike", "Ada Nwosu, 14 March 1968").Has("#another:not([checked])")
	teen := "/waiting/" + h.Newcomer("Mia", "mia@home.example").Actor().ID()
	young := url.Values{"given": {"Mia"}, "family": {"Lopez"}, "birth": {"2013-03-14"}}
	desk.Post(teen+"/new", young).Is(422).Has("#asked:not([checked])").Says("Ask Mia alone").Has(".errors a[href='#asked']")
	if n := count(); n != before {
		t.Errorf("%d charts, there were %d", n, before)
	}
	form.Set("another", "on")
	desk.Post(w+"/new", form).Is(303)
	young.Set("asked", "on")
	desk.Post(teen+"/new", young).Is(303)
	if n := count(); n != before+2 {
		t.Errorf("%d charts, want %d", n, before+2)
	}
	small := "/waiting/" + h.Newcomer("Pia", "pia@home.example").Actor().ID()
	desk.Post(small+"/new", url.Values{"given": {"Pia"}, "family": {"Small"}, "birth": {"2019-03-14"}}).Is(422).Has("#birth-problem", "nobody of this age")
	if n := count(); n != before+2 {
		t.Errorf("a chart was made of who cannot be taken on: %d", n)
	}
}

func TestDecliningTellsNobody(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	guest := h.Newcomer("Nia", "nia@home.example")
	h.Mailed()
	desk := h.As("frontdesk")
	desk.Post("/waiting/"+guest.Actor().ID()+"/decline", url.Values{}).Is(303)
	desk.Get("/waiting?done=declined").Is(200).Has("#flash", "Nobody was told").Has(".empty")
	if ls := h.Mailed(); len(ls) != 0 {
		t.Errorf("letters: %+v", ls)
	}
	if guest.Actor().Kind() != account.Guest {
		t.Error("the account is gone")
	}
}
