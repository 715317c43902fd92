package clients

import (
	"testing"
	"time"

	"rapport/record"
	"rapport/web/webtest"
)

func TestFormsStandBesideTheRecordWithHowManyAreNew(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	at := "/clients/" + string(h.Ada)
	tab := `.tabs a[href="` + at + `/forms"]`
	h.As("nurse").Get(at).Is(200).Has(tab, "Forms").HasNot(tab + " b")
	h.Now.Add(24 * time.Hour)
	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Answering, h.Ada, record.Told)
	if err != nil {
		t.Fatal(err)
	}
	for id, status := range map[string]string{"r1": "completed", "r2": "in-progress"} {
		json := `{"resourceType":"QuestionnaireResponse","id":"` + id + `","questionnaire":"urn:x|1","status":"` + status + `","subject":{"reference":"Patient/ada-person"},"authored":"2026-11-25T08:00:00Z"}`
		if err := c.Answer(t.Context(), record.Answer{Form: "urn:x", ID: id, JSON: []byte(json), Done: status == "completed"}); err != nil {
			t.Fatal(err)
		}
	}
	h.As("nurse").Get(at).Is(200).Has(tab+" b", "1")
	h.As("nurse").Get(at + "/timeline").Is(200).Has(tab)
	h.Now.Add(24 * time.Hour)
	h.As("nurse").Get(at).Is(200).HasNot(tab + " b") // she saw that it is there
	h.As("frontdesk").Get(at).Is(200).HasNot(tab)
}
