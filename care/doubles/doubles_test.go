package doubles

import (
	"net/url"
	"strings"
	"testing"

	"rapport/account"
	"rapport/care/clients"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web/webtest"
)

// twice brings Ada in a second time, as another system wrote her down.
func twice(t *testing.T, h *webtest.House) fhir.ClientID {
	t.Helper()
	importer := account.AsSystem(account.Importer)
	var ids []fhir.ClientID
	for _, r := range []string{
		`{"resourceType":"Patient","id":"one","name":[{"given":["Marion"],"family":"Ashworth"}],"birthDate":"1961-04-17","telecom":[{"system":"phone","value":"020 7946 0777"}]}`,
		`{"resourceType":"Patient","id":"two","name":[{"given":["Marian"],"family":"Ashworth"}],"birthDate":"1961-04-17","telecom":[{"system":"phone","value":"020 7946 0777"}]}`,
	} {
		c, err := h.Vault.Admit(t.Context(), importer, record.Importing)
		if err == nil {
			_, err = c.Put(t.Context(), fhir.Resource{Type: "Patient", ID: map[int]string{0: "one", 1: "two"}[len(ids)], JSON: []byte(r)})
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.Client())
	}
	if n, err := h.Vault.Propose(t.Context(), importer, ids...); err != nil || n != 1 {
		t.Fatalf("proposed %d, %v", n, err)
	}
	return ids[0]
}

// decisions are the decisions on a chart's ledger, newest first, as its client reads it.
func decisions(t *testing.T, h *webtest.House, c fhir.ClientID) string {
	t.Helper()
	chart, err := h.Vault.Open(t.Context(), h.AsClient(string(c)).Actor(), record.Own, c, record.Looks)
	if err != nil {
		t.Fatal(err)
	}
	ls, err := chart.Looks(t.Context(), 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range ls {
		if l.Purpose == "vouching" {
			out = append(out, l.Act+" by "+l.Name)
		}
	}
	return strings.Join(out, ", ")
}

func TestTwoChartsBecomeOneAndTwoAgain(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, append(Routes(), clients.Routes()...)...)
	h.As("nurse").Get("/doubles").Is(200).Has(".empty", "Nobody is here twice")
	desk := h.As("frontdesk")
	desk.Get("/clients").Is(200).HasNot("a[href='/doubles']")
	twice(t, h)
	for _, who := range []string{"nurse", "frontdesk"} {
		h.As(who).Get("/doubles").Is(200).Has(".row", "Marion Ashworth (17 April 1961)", "Marian Ashworth (17 April 1961)", "born on the same day", "Likely")
	}
	desk.Get("/clients").Is(200).Has("a[href='/doubles']", "1 pair may be one person")
	at := desk.Get("/doubles").Attr("a.row", "href")
	for who, status := range map[string]int{"manager": 404, "ada": 404, "nobody": 401} {
		v := h.As(who)
		for _, p := range []*webtest.Page{v.Get("/doubles"), v.Get(at), v.Post(at+"/merge", url.Values{"keep": {"left"}}), v.Post(at+"/apart", url.Values{}), v.Post(at+"/undo", url.Values{})} {
			p.Is(status).SaysNot("Ashworth")
		}
	}
	p := desk.Get(at).Is(200).Has("td", name(t, h, pairOf(t, h, at)[0])).Has("td .tag", "Differs").Has("button[value=left]", "Keep the left one").Has("button[value=right]", "Keep the right one").Has("button[formaction$='/apart']", "These are two people").HasNot("form[action$='/undo']")
	if n := p.Count(".tag"); n != 1 { // only the names differ: what is not known is no difference
		t.Errorf("%d differences", n)
	}
	p.Says("17 April 1961", "020 7946 0777", "Not known")
	for _, c := range pairOf(t, h, at) {
		p.Has("td a[href='/clients/"+string(c)+"']", "Open")
	}
	if got := p.Text("tbody"); !strings.Contains(got, "Signs in No No") {
		t.Errorf("the table says %q", got)
	}
	desk.Post(at+"/merge", url.Values{}).Is(400)
	both := pairOf(t, h, at)
	if to := desk.Post(at+"/merge", url.Values{"keep": {"right"}}).Is(303).Header.Get("Location"); to != "/doubles" {
		t.Errorf("on to %s", to)
	}
	if got := decisions(t, h, both[1]); got != "merge by Joe Park" {
		t.Errorf("the chart that goes on reads %q", got)
	}
	desk.Get("/clients/" + string(both[0])).Is(404)
	desk.Get("/clients").HasNot("a[href='/doubles']")
	desk.Post(at+"/merge", url.Values{"keep": {"left"}}).Is(422).Has("#flash[role=alert]", "Somebody has decided this already")
	desk.Get("/doubles").Has(".empty").Has(".row", "Joined by Joe Park").Has("form[action='"+at+"/undo'] button", "Take apart again")
	desk.Get(at).Has("form[action$='/undo']").Says("The chart of " + name(t, h, both[1]) + " goes on").HasNot("button[value=left]")
	desk.Post(at+"/undo", url.Values{}).Is(303)
	for _, c := range both {
		if got := decisions(t, h, c); got != "unmerge by Joe Park, merge by Joe Park" {
			t.Errorf("after it was taken apart a chart reads %q", got)
		}
		desk.Get("/clients/" + string(c)).Is(200)
	}
	desk.Get("/doubles").HasNot(".empty")
	desk.Get("/doubles/nonsense").Is(404)
}

func TestTwoPeopleStayTwoUntilDecidedAgain(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	c := twice(t, h)
	desk := h.As("frontdesk")
	at := desk.Get("/doubles").Attr("a.row", "href")
	desk.Post(at+"/apart", url.Values{}).Is(303)
	desk.Get("/doubles").Has(".empty").Has(".row", "Two people, says Joe Park").Has("form[action='"+at+"/undo'] button", "Decide again")
	desk.Post(at+"/apart", url.Values{}).Is(422).Has("#flash", "Somebody has decided this already")
	if n, err := h.Vault.Propose(t.Context(), account.AsSystem(account.Importer), c); err != nil || n != 0 {
		t.Errorf("proposed %d again, %v", n, err)
	}
	for tongue, says := range map[string]string{"es": "Dos personas, dice Joe Park", "fr": "Deux personnes, dit Joe Park"} {
		v := h.As("nurse")
		v.Language = tongue
		v.Get("/doubles").Is(200).Says(says).SaysNot("Decide again", "Two people", "April")
		v.Get(at).Is(200).SaysNot("Decide again", "For one person", "Not known", "April")
	}
	desk.Post(at+"/undo", url.Values{}).Is(303)
	desk.Get("/doubles").HasNot(".empty")
}

// TestWhatStandsInTheWayIsSaid: with two ways in nothing is joined, and the page
// says what to do.
func TestWhatStandsInTheWayIsSaid(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	twice(t, h)
	desk := h.As("frontdesk")
	at := desk.Get("/doubles").Attr("a.row", "href")
	for _, c := range pairOf(t, h, at) {
		h.Keyed(account.Subject{Kind: account.Client, ID: string(c)})
	}
	desk.Post(at+"/merge", url.Values{"keep": {"left"}}).Is(422).Has("#flash[role=alert]", "Both have a way in").Has("button[value=left]")
	desk.Get("/doubles").HasNot(".empty")
	desk.Get("/doubles?stayed=2").Has("#flash", "2 entries were changed since")
	desk.Get("/doubles?stayed=x").HasNot("#flash")
}

// pairOf are the two of a pair as the directory keeps them: left and right.
func pairOf(t *testing.T, h *webtest.House, at string) [2]fhir.ClientID {
	t.Helper()
	d, err := h.Vault.OpenDirectory(t.Context(), h.As("nurse").Actor(), record.Finding)
	if err != nil {
		t.Fatal(err)
	}
	x, err := d.Double(t.Context(), strings.TrimPrefix(at, "/doubles/"))
	if err != nil {
		t.Fatal(err)
	}
	return [2]fhir.ClientID{x.A, x.B}
}

func name(t *testing.T, h *webtest.House, c fhir.ClientID) string {
	t.Helper()
	d, err := h.Vault.OpenDirectory(t.Context(), h.As("nurse").Actor(), record.Finding)
	if err != nil {
		t.Fatal(err)
	}
	card, ok := d.Card(c)
	if !ok {
		t.Fatal("nobody")
	}
	return card.Name
}

func TestEveryReasonHasItsWords(t *testing.T) {
	t.Parallel()
	for _, c := range record.Reasons() {
		if words[c] == nil {
			t.Errorf("%s has no words", c)
		}
	}
	if len(record.Reasons()) < 15 {
		t.Error("hardly any reasons")
	}
}

func TestVeryLikelyIsSaidFromAScoreOn(t *testing.T) {
	t.Parallel()
	p := lang.New(lang.All()[0], lang.WordPatient)
	if likely(p, veryLikely) == likely(p, veryLikely-1) {
		t.Error("likely and very likely are called the same")
	}
}
