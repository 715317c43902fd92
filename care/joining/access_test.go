package joining_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/care/joining"
	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

const (
	miaJSON = `{"resourceType":"Patient","id":"mia","name":[{"use":"official","family":"Quaresma","given":["Mia"]}],"birthDate":"2012-02-03","telecom":[{"system":"email","value":"mia@home.example"}]}`
	anaJSON = `{"resourceType":"Patient","id":"ana","name":[{"use":"official","family":"Quaresma","given":["Ana"]}],"birthDate":"1980-02-03","telecom":[{"system":"email","value":"m.ia+a@home.example"}]}`
)

func at(c fhir.ClientID) string { return "/clients/" + string(c) + "/access" }

// acts are the acts of the newest lines in Ada's or Bob's chain.
func acts(h *webtest.House, c fhir.ClientID, n int) string {
	var out []string
	for _, l := range h.Looks(c, n) {
		out = append(out, l.Act+" "+l.Purpose+" by "+l.ID)
	}
	return strings.Join(out, ", ")
}

func TestAClientIsInvitedAtTheDesk(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	desk := h.As("frontdesk")
	p := desk.Get(at(h.Ada)).Is(200).Has("h2", "How Ada Nwosu comes in").Has(".callout", "They have no way in yet").Has("#invite button[value=desk]").Has("#mail-hint", "birth date")
	p.HasNot("#lost", "#guardians", "#helpers").SaysNot("Penicillin", "Amlodipine", "passkey")
	q := desk.Post(at(h.Ada)+"/invite", url.Values{"by": {"desk"}}).Is(200).Has("h2", "Let Ada scan this").Has("svg.qr[role=img][aria-label]").Says("It works once, until 09:45", "Show it to nobody else")
	q.SaysNot("/in/") // staff see a picture, and no address
	if got, want := acts(h, h.Ada, 2), "invite vouching by frontdesk, open vouching by frontdesk"; got != want {
		t.Errorf("Ada reads %q, want %q", got, want)
	}
}

func TestAnInvitationIsMailedToAPrivateAddress(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	mia := h.Admit("mia", miaJSON)
	h.Admit("ana", anaJSON)
	nurse := h.As("nurse")
	nurse.Get(at(mia)).Is(200).HasNot("#invite").Says("No account of their own", "no rules for minors are switched on")
	nurse.Post(at(mia)+"/invite", url.Values{"by": {"desk"}}).Is(422).HasNot("svg.qr")
	h.Rules("example-france") // from fifteen
	nurse.Get(at(mia)).Is(200).HasNot("#invite").Says("nobody of this age has an account")
	nurse.Post(at(mia)+"/invite", url.Values{"by": {"desk"}}).Is(422).HasNot("svg.qr")
	h.Rules("example-scotland") // from twelve
	nurse.Get(at(mia)).Is(200).Has("#mail[value='mia@home.example']")
	form := url.Values{"by": {"mail"}, "mail": {"mia@home.example"}}
	ask := nurse.Post(at(mia)+"/invite", form).Is(422).Has("h2", "Somebody else uses this address").Says("mia@home.example is also used by Ana Quaresma", "Ask Mia alone: who else reads this mailbox?").Has("#asked[type=checkbox]:not([checked])").HasNot("#asked-problem")
	if ask.Attr("input[name=mail]", "value") != "mia@home.example" || len(h.Mailed()) != 0 {
		t.Error("a mail left before anybody asked")
	}
	form.Set("again", "on")
	nurse.Post(at(mia)+"/invite", form).Is(422).Has("#asked-problem", "Ask in private first")
	form.Set("asked", "on")
	if to := nurse.Post(at(mia)+"/invite", form).Is(303).Header.Get("Location"); to != at(mia)+"?done=sent" {
		t.Errorf("on to %s", to)
	}
	nurse.Get(at(mia)+"?done=sent").Is(200).Has("#flash", "on its way").Says("They are invited", "A mail went to mia@home.example", "works until")
	nurse.Post(at(mia)+"/withdraw", url.Values{}).Is(303)
	nurse.Get(at(mia)+"?done=withdrawn").Is(200).Has("#flash", "works no more").SaysNot("They are invited")
	nurse.Post(at(mia)+"/invite", url.Values{"by": {"desk"}}).Is(200)
	nurse.Get(at(mia)).Says("A picture was shown at the desk", "09:45")
	if ls := h.Mailed(); len(ls) != 1 || ls[0].Kind != account.LetterInvite || ls[0].To != "mia@home.example" {
		t.Errorf("letters: %+v", ls)
	}
	for mail, say := range map[string]string{"": "Write an e-mail address", "no address": "does not look like"} {
		nurse.Post(at(mia)+"/invite", url.Values{"by": {"mail"}, "mail": {mail}}).Is(422).Has("#mail-problem", say).Has("#mail[aria-invalid]")
	}
	h.Now.Add(16 * time.Minute)
	h.As("nurse").Get(at(mia)).SaysNot("They are invited")
}

func TestWhoHasAWayInIsLetBackNotInvited(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	desk := h.As("frontdesk")
	if to := desk.Post(at(h.Ada)+"/back", url.Values{}).Is(303).Header.Get("Location"); to != at(h.Ada) { // nothing is lost
		t.Errorf("on to %s", to)
	}
	h.Keyed(h.Subject("ada"))
	desk.Get(at(h.Ada)).Is(200).Has(".callout", "They have a way in", "You never see it").Has("#lost").HasNot("#invite").SaysNot("Authenticator", "authenticator")
	desk.Post(at(h.Ada)+"/invite", url.Values{"by": {"desk"}}).Is(422).Has("#flash[role=alert]", "They have a way in already. Start a recovery instead.")
	desk.Post(at(h.Ada)+"/back", url.Values{}).Is(200).Has("h2", "Let Ada scan this").Has("svg.qr").Says("one of two proofs", "wait a day")
	if got := acts(h, h.Ada, 1); got != "vouch vouching by frontdesk" {
		t.Errorf("Ada reads %q", got)
	}
}

func TestGuardiansOfAMinorByTheRulesInForce(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	mia := h.Admit("mia", miaJSON)
	ageless := h.Admit("x", `{"resourceType":"Patient","id":"x","name":[{"text":"No Date"}]}`)
	desk := h.As("frontdesk")
	form := url.Values{"name": {"Ana Quaresma"}, "relation": {"mother"}}
	desk.Get(at(mia)).Is(200).Has("section[aria-labelledby=guardians]", "The manager does that first").HasNot("#guardian-name", "a[href='/practice/minors']")
	desk.Post(at(mia)+"/guardian", form).Is(303) // there was no such form
	desk.Get(at(ageless)).Is(200).Has("section[aria-labelledby=guardians]", "birth date is not known")
	if err := h.Practice().SetStaff(t.Context(), record.StaffMember{ID: "both", Name: "Bo Th", Roles: "frontdesk manager"}); err != nil {
		t.Fatal(err)
	}
	h.As("both").Get(at(mia)).Is(200).Has("a[href='/practice/minors']")

	h.Rules("example-scotland")
	desk.Get(at(mia)).Is(200).Has("section[aria-labelledby=guardians]", "Nobody yet").Has("#guardian-name")
	desk.Get(at(h.Ada)).Is(200).HasNot("#guardians")
	desk.Post(at(mia)+"/guardian", url.Values{"name": {" "}}).Is(422).Has("#guardian-name-problem")
	desk.Post(at(mia)+"/guardian", url.Values{"name": {"Ana"}, "mail": {"nonsense"}}).Is(422).Has("#guardian-mail-problem").Has("#guardian-name[value=Ana]")
	desk.Post(at(mia)+"/guardian", form).Is(200).Has("h2", "Let Ana Quaresma scan this").Says("within three days")
	p := desk.Get(at(mia)).Is(200).Has(".rows", "Ana Quaresma", "mother", "no answer yet")
	form.Set("mail", "ana@home.example")
	form.Set("name", "Second")
	desk.Post(at(mia)+"/guardian", form).Is(303)
	if ls := h.Mailed(); len(ls) != 1 || ls[0].Kind != account.LetterHelp {
		t.Errorf("letters: %+v", ls)
	}
	id := p.Has("details.confirm", "sees and does nothing here from then on").Attr("details.confirm input[name=id]", "value")
	desk.Post(at(mia)+"/guardian/end", url.Values{"id": {id}}).Is(303)
	desk.Get(at(mia) + "?done=ended").Is(200).SaysNot("Ana Quaresma</b>")
}

// TestHelpersAreTheClientsOwn: staff see who, and can neither see what nor end it.
func TestHelpersAreTheClientsOwn(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Sharing, h.Ada, record.Person|record.Agreements)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Offer(t.Context(), record.Grant{Name: "Ike Nwosu", Relation: "son", Tie: record.Helper, Reads: record.Medicines}, "", 0); err != nil {
		t.Fatal(err)
	}
	g, err := c.Circle(t.Context())
	if err != nil || len(g) != 1 {
		t.Fatal(g, err)
	}
	desk := h.As("frontdesk")
	desk.Get(at(h.Ada)).Is(200).Has("section[aria-labelledby=helpers]", "Ike Nwosu", "son", "only Ada can change this").HasNot("section[aria-labelledby=helpers] form").SaysNot("edicine")
	desk.Post(at(h.Ada)+"/guardian/end", url.Values{"id": {g[0].ID}}).Is(303)
	if g, err := c.Circle(t.Context()); err != nil || len(g) != 1 {
		t.Errorf("staff ended what Ada chose: %v, %v", g, err)
	}
}

func TestOnlyTheDeskVouches(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	for _, who := range []string{"manager", "ada", "bob"} {
		h.As(who).Get(at(h.Ada)).Is(404).SaysNot("Nwosu, ")
		h.As(who).Post(at(h.Ada)+"/invite", url.Values{"by": {"desk"}}).Is(404).HasNot("svg.qr")
		h.As(who).Post(at(h.Ada)+"/back", url.Values{}).Is(404)
		h.As(who).Get("/waiting").Is(404)
	}
	h.As("nobody").Get(at(h.Ada)).Is(401)
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, joining.Routes()...)
	h.Rules("example-scotland")
	mia := h.Admit("mia", miaJSON)
	h.Admit("ana", anaJSON)
	guest := h.Newcomer("Mia Q", "mia@home.example").Actor().ID()
	for _, language := range []string{"en", "es", "fr"} {
		v := h.As("nurse")
		v.Language = language
		w := "/waiting/" + guest
		for _, p := range []*webtest.Page{
			v.Get(at(mia)), v.Get(at(h.Ada)), v.Post(at(mia)+"/invite", url.Values{"by": {"desk"}}),
			v.Post(at(mia)+"/guardian", url.Values{"name": {"Ana " + language}}),
			v.Get("/waiting"), v.Get(w), v.Get(w + "/new"), v.Post(w+"/find", url.Values{"q": {"mia"}}), v.Post(w+"/match", url.Values{"client": {string(mia)}}),
		} {
			p.Is(200).Has("html[lang="+language+"]").Has("h2").SaysNot("%!", `style="`, "{name}", "{mail}")
		}
		v.Post(at(mia)+"/invite", url.Values{"by": {"mail"}, "mail": {"mia@home.example"}}).Is(422).Has("#asked").SaysNot("%!")
		v.Post(w+"/new", url.Values{}).Is(422).Has(".errors").SaysNot("%!")
	}
}
