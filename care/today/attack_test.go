package today

import (
	"testing"

	"rapport/record"
	"rapport/web/webtest"
)

func TestAFormThatStaffAskForHasNoDay(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	id := h.Admit("cleo", `{"resourceType":"Patient","id":"cleo","name":[{"text":"Cleo Marsh"}],"birthDate":"1990-01-01"}`)
	c, err := h.Vault.Open(t.Context(), h.As("physician").Actor(), record.Care, id, record.Told|record.Person|record.Visits)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AskFor(t.Context(), "urn:rapport:form:first-visit"); err != nil {
		t.Fatal(err)
	}
	h.AsClient(string(id)).Get("/me/" + string(id) + "/today").Is(200).Says("Dr Lena Ortiz asks you for it").SaysNot("January")
}
