package schedule

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

// alarms has a client answer something that somebody must see soon.
func alarms(t *testing.T, h *webtest.House, who string, c fhir.ClientID, person string, crisis bool) string {
	t.Helper()
	chart, err := h.Vault.Open(t.Context(), h.As(who).Actor(), record.Answering, c, record.Told)
	if err != nil {
		t.Fatal(err)
	}
	json := fmt.Sprintf(`{"resourceType":"QuestionnaireResponse","id":"r","questionnaire":"urn:rapport:form:phq-9|1","status":"in-progress","subject":{"reference":"Patient/%s"}}`, person)
	if err := chart.Answer(t.Context(), record.Answer{Form: "urn:rapport:form:phq-9", ID: "r", JSON: []byte(json), Alarms: []record.Alarm{{Crisis: crisis, What: "Zebrathoughts"}}}); err != nil {
		t.Fatal(err)
	}
	return string(chart.Ref("QuestionnaireResponse", "r"))
}

func TestAnAlarmStandsFirstAndSaysNothingOfTheAnswer(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	alarms(t, h, "bob", h.Bob, "bob-person", false)
	h.Now.Add(time.Minute)
	ref := alarms(t, h, "ada", h.Ada, "ada-person", true)
	p := h.As("physician").Get("/day").Is(200).SaysNot("Zebrathoughts")
	p.Has(".todos > li:nth-child(1).is-alarm", "Ada Nwosu", "An answer to a form needs somebody to call", "By 10:31", "Call 07700 900118").Has(".todos > li:nth-child(2).is-alarm", "Bob Quaresma")
	p.Has(`.todos > li:nth-child(1) a[href="/clients/` + string(h.Ada) + `/forms/` + ref + `"]`).Has(`.todos > li:nth-child(1) a[href="tel:07700900118"]`).HasNot(".todos > li:nth-child(1) a[href*=book]")
	h.As("frontdesk").Get("/day").Is(200).HasNot(".is-alarm").SaysNot("Zebrathoughts")
	h.Now.Add(2 * time.Hour)
	p = h.As("nurse").Get("/day").Is(200).Has(".is-alarm:nth-child(1) .t-danger", "Overdue since 10:31").HasNot(".is-alarm:nth-child(2) .t-danger")
	for _, l := range []string{"es", "fr"} {
		v := h.As("nurse")
		v.Language = l
		v.Get("/day").Is(200).Has(".is-alarm").SaysNot("{when}", "{number}")
	}
	nurse := h.As("nurse")
	nurse.Post(p.Attr(".is-alarm:nth-child(1) form", "action"), url.Values{"back": {"/day"}}).Is(303)
	nurse.Get("/day").Has(".todos > li:nth-child(1)", "Bob Quaresma").HasNot(".todos > li:nth-child(2)")
	if ls := h.Looks(h.Ada, 1); ls[0].Act != "done" || ls[0].Purpose != "care" {
		t.Errorf("the ledger says %+v", ls[0])
	}
}

func TestAVisitLeadsToTheFormsForWhoTreats(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.booked("frontdesk", h.Ada, "gp", "physician", at(9, 45))
	forms := `a[href="/clients/` + string(h.Ada) + `/forms"]`
	h.As("nurse").Get(v).Is(200).Has(forms)
	h.As("frontdesk").Get(v).Is(200).HasNot(forms)
}
