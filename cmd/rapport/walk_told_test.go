package main

import (
	"fmt"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/record"
)

// toldPages are, by role, pages that no link of the walk leads to: a question of every
// sort, what is there before a form is handed in, a brief, and a plan before it is one.
func (s *street) toldPages(t *testing.T) map[string][]string {
	t.Helper()
	amara := s.made.world.Clients[0].ID
	begun, sheet := s.beginForm(t, amara)
	me := "/me/" + string(s.made.charts[amara])
	at := me + "/forms/" + begun
	client := []string{me + "/forms", at + "/help", at + "/review", me + "/plan", me + "/plan?edit=1"}
	sorts := map[string]bool{}
	for _, q := range sheet.Questions() {
		sort := fmt.Sprint(q.Item.Type, q.Item.Control, q.Item.Repeats, q.Item.Open, q.Another, q.Min.IsZero(), len(q.Trail) > 2)
		if !q.ReadOnly && !sorts[sort] || q.Item.LinkID == "safe-home" {
			sorts[sort] = true
			client = append(client, at+"/q/"+string(q.Place))
		}
	}
	if len(client) < 12 {
		t.Errorf("only %d pages of a form are walked", len(client))
	}
	nurse := []string{"/plans", "/clients/" + string(s.made.charts[amara]) + "/plan", "/clients/" + string(s.made.charts[amara]) + "/plan?edit=1",
		"/clients/" + string(s.made.charts[amara]) + "/forms/" + begun + "/fill"}
	for _, c := range s.made.world.Clients {
		if !strings.HasPrefix(c.Story, "New this week") {
			continue
		}
		chart, _, err := s.made.opened(t.Context(), c.ID, record.Answering, record.Told)
		if err != nil {
			t.Fatal(err)
		}
		found, err := chart.Find(t.Context(), "QuestionnaireResponse")
		if err != nil || len(found) == 0 {
			t.Fatal("nobody new has told their story", err)
		}
		of := "/clients/" + string(s.made.charts[c.ID])
		nurse = append(nurse, of+"/forms", of+"/forms/"+string(found[0].Ref), of+"/plan/new")
		break
	}
	knee := s.threadOf(t, amara, "Knee recovery")
	client = append(client, me+"/messages/new/care?wait=no", me+"/messages/new/care?wait=yes", me+"/messages/"+knee)
	nurse = append(nurse, "/inbox/"+string(s.made.charts[amara])+"/"+knee+"?say=calf", "/inbox/many?date="+demoDay.AddDate(0, 0, 2).Format("2006-01-02"))
	client = append(client, me+"/trust", me+"/trust/who", me+"/trust/as?role=nurse", me+"/trust/as?role=frontdesk&part=results", me+"/trust/private", me+"/trust/private?part=results", me+"/trust/wrong", me+"/trust/wrong?part=results", me+"/trust/keep")
	of := "/clients/" + string(s.made.charts[amara])
	nurse = append(nurse, of+"/glass", of+"/corrections", "/account/why")
	return map[string][]string{"client": client, "nurse": nurse, "manager": {"/practice/privacy", "/practice/keeping", "/practice/messages", "/practice/messages/care", "/practice/replies", "/practice/replies/calf"}}
}

// threadOf is the id of a thread that somebody named so.
func (s *street) threadOf(t *testing.T, id, title string) string {
	t.Helper()
	c, _, err := s.made.opened(t.Context(), id, record.Messaging, record.Messages)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Threads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if k.Title == title {
			return k.ID
		}
	}
	t.Fatalf("no thread is called %q", title)
	return ""
}

// beginForm begins somebody's first form with one answer that somebody must see soon.
func (s *street) beginForm(t *testing.T, id string) (string, *form.Sheet) {
	t.Helper()
	c, subject, err := s.made.opened(t.Context(), id, record.Answering, record.Told|record.Person)
	if err != nil {
		t.Fatal(err)
	}
	const first = "urn:rapport:form:first-visit"
	e, _ := c.Library().Form(first, "")
	sheet, err := form.Start(e.Form, form.Env{Now: demoDay, Subject: subject, Author: subject, Sets: c.Library().Set})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range sheet.Questions() {
		if q.Item.LinkID == "safe-home" {
			if _, err := sheet.Set(q.Place, []form.Answer{q.Options[2].Value}); err != nil {
				t.Fatal(err)
			}
		}
	}
	rid, err := c.NewID()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Answer(t.Context(), record.Answer{Form: first, ID: rid, JSON: fhir.WithID(sheet.JSON(), rid), Alarms: []record.Alarm{{What: "Does not always feel safe at home."}}}); err != nil {
		t.Fatal(err)
	}
	return string(c.Ref("QuestionnaireResponse", rid)), sheet
}
