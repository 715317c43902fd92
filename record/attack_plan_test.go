package record

import (
	"testing"

	"rapport/account"
	"rapport/fhir"
)

func (h *house) planning(who account.Actor, of fhir.ClientID) *Chart {
	h.t.Helper()
	c, err := h.v.Open(h.t.Context(), who, Planning, of, Told|Results|Person|Plans)
	do(h.t, err)
	return c
}

func TestAPlanTouchesNothingThatIsNotOfIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asksFor(`{"url":"from","valueInteger":0}`)
	c := h.answering(h.client(h.ada), h.ada)
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "in-progress", "a"), Alarms: []Alarm{{Crisis: true, What: "thinks of dying"}}}))
	all, err := h.find("nurse").Todos(t.Context())
	do(t, err)
	alarm := all[0].ID
	p := h.planning(h.client(h.ada), h.ada)
	b := Board{Plan: "p1"}
	for name, x := range map[string]fhir.Resource{
		"an alarm, by its id":          resource(task, alarm, `"status":"entered-in-error","intent":"order","for":{"reference":"Patient/ada"}`),
		"a task of no plan":            resource(task, "t9", `"status":"entered-in-error","intent":"order","for":{"reference":"Patient/ada"}`),
		"a task of another status":     resource(task, alarm, `"status":"completed","intent":"order","for":{"reference":"Patient/ada"}`),
		"another plan":                 resource("CarePlan", "p2", `"status":"draft","intent":"plan","subject":{"reference":"Patient/ada"}`),
		"a plan of another client":     resource("CarePlan", "p1", `"status":"draft","intent":"plan","subject":{"reference":"Patient/bob"}`),
		"a condition":                  resource("Condition", "c1", `"subject":{"reference":"Patient/ada"}`),
		"a provenance of what is told": resource("Provenance", "v1", `"recorded":"2026-11-24T00:00:00Z","target":[{"reference":"QuestionnaireResponse/r1"}],"agent":[{"who":{"reference":"Practitioner/x"}}]`),
	} {
		if err := p.Plan(t.Context(), "step", b, Change{Resource: x}); err == nil {
			t.Errorf("%s is kept", name)
		}
	}
	care, err := h.v.Open(t.Context(), h.staff("nurse"), Care, h.ada, AllParts)
	do(t, err)
	f, err := care.Read(t.Context(), task, alarm)
	do(t, err)
	if f.Version != 1 {
		t.Errorf("the alarm is in version %d: %s", f.Version, f.JSON)
	}
	do(t, care.Finish(t.Context(), alarm))
	// a reading that somebody else took stays
	_, err = care.Put(t.Context(), resource("Observation", "lab", `"status":"final","code":{"text":"Sodium"},"subject":{"reference":"Patient/ada"},"valueString":"140"`))
	do(t, err)
	if err := p.Plan(t.Context(), "step", b, Change{Resource: resource("Observation", "lab", `"status":"final","code":{"text":"Sodium"},"subject":{"reference":"Patient/ada"},"valueString":"1"`)}); err == nil {
		t.Error("a laboratory's result is written over by a plan")
	}
	if err := c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", Was: 1, JSON: inForm("r1", "in-progress", "b"), Results: []fhir.Resource{resource("Observation", "lab", `"status":"final","code":{"text":"Sodium"},"subject":{"reference":"Patient/ada"},"valueString":"1"`)}}); err == nil {
		t.Error("a laboratory's result is written over by a form")
	}
}

func TestAScoreOfWhatWasSaidIsNotForWhoMaySeeResults(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asksFor(`{"url":"from","valueInteger":0}`)
	c := h.answering(h.client(h.ada), h.ada)
	score := resource("Observation", "r1-0", `"status":"final","code":{"text":"Mood (PHQ-9)"},"subject":{"reference":"Patient/ada"},"valueInteger":18`)
	weight := resource("Observation", "r1-1", `"status":"final","category":[{"coding":[{"code":"vital-signs"}]}],"code":{"text":"Weight"},"subject":{"reference":"Patient/ada"},"valueInteger":70`)
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "completed", "a"), Done: true, Results: []fhir.Resource{score, weight}}))
	own, err := h.v.Open(t.Context(), h.client(h.ada), Own, h.ada, Results)
	do(t, err)
	f, err := own.Read(t.Context(), "Observation", "r1-0")
	do(t, err)
	if !fhir.Private(f.JSON) {
		t.Error("who may see results sees what somebody said of their mood")
	}
	f, err = own.Read(t.Context(), "Observation", "r1-1")
	do(t, err)
	if fhir.Private(f.JSON) {
		t.Error("a weight is private")
	}
}
