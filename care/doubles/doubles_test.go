package doubles

import (
	"net/url"
	"testing"

	"rapport/account"
	"rapport/fhir"
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

func TestTwoChartsBecomeOneAndTwoAgain(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	h.As("nurse").Get("/doubles").Is(200).Has(".empty", "Nobody is here twice")
	kept := twice(t, h)
	for _, who := range []string{"nurse", "frontdesk"} {
		h.As(who).Get("/doubles").Is(200).Has(".row", "Marion Ashworth", "Marian Ashworth", "born on the same day", "Likely")
	}
	for who, status := range map[string]int{"manager": 404, "ada": 404, "nobody": 401} {
		h.As(who).Get("/doubles").Is(status).SaysNot("Ashworth")
	}
	desk := h.As("frontdesk")
	at := desk.Get("/doubles").Attr("a.row", "href")
	desk.Get(at).Is(200).Has("tbody", "Marion Ashworth", "Marian Ashworth").Has(".tag", "Differs").Has("button[value=left]").HasNot("form[action$='/undo']")
	desk.Post(at+"/merge", url.Values{}).Is(400)
	side := "left"
	if first := desk.Get(at).Attr("button[value=left]", "value"); first == "" {
		t.Fatal("no left")
	}
	desk.Post(at+"/merge", url.Values{"keep": {side}}).Is(303)
	desk.Post(at+"/merge", url.Values{"keep": {side}}).Is(422).Has("#flash", "Somebody has decided this already")
	desk.Get("/doubles").Has(".empty").Has(".row", "Joined by Joe Park")
	desk.Get(at).Has("form[action$='/undo']").HasNot("button[value=left]")
	desk.Post(at+"/undo", url.Values{}).Is(303)
	desk.Get("/doubles").HasNot(".empty")
	desk.Post(at+"/apart", url.Values{}).Is(303)
	desk.Get("/doubles").Has(".empty").Has(".row", "Two people, says Joe Park")
	chart, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, kept, record.Person)
	if err != nil {
		t.Errorf("after undoing, a chart does not open: %v", err)
	}
	if card, ok := chart.Card(); err == nil && (!ok || card.Family != "Ashworth") {
		t.Errorf("after undoing the card is %+v", card)
	}
	for _, tongue := range []string{"es", "fr"} {
		v := h.As("nurse")
		v.Language = tongue
		v.Get("/doubles").Is(200).SaysNot("Decided", "Two people")
		v.Get(at).Is(200).SaysNot("Take apart", "For one person")
	}
	desk.Get("/doubles/nonsense").Is(404)
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
