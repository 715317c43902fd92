package record

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// aForm is a form of the practice's own that goes out before every visit.
const aForm = "urn:rapport:form:first-visit" // over the one that ships

// asksFor publishes a form that is asked for when the extension says.
func (h *house) asksFor(extension string) {
	h.t.Helper()
	p, err := h.v.OpenPractice(h.t.Context(), importer, Importing)
	do(h.t, err)
	_, err = p.Put(h.t.Context(), resource("Questionnaire", "test-1", fmt.Sprintf(`"url":%q,"version":"9","status":"active","title":"Before we meet","extension":[{"url":"urn:rapport:asked","extension":[%s]}],"item":[{"linkId":"a","type":"string","text":"How are you?"}]`, aForm, extension)))
	do(h.t, err)
}

// inForm is a response to the form.
func inForm(id, status, words string) []byte {
	return resource(response, id, fmt.Sprintf(`"questionnaire":%q,"status":%q,"subject":{"reference":"Patient/ada"},"item":[{"linkId":"a","answer":[{"valueString":%q}]}]`, aForm+"|9", status, words)).JSON
}

// booksLater books a visit for a client in a week and a day, and returns when it is.
func (h *house) booksLater(c fhir.ClientID) time.Time {
	h.t.Helper()
	from := at(9, 0).AddDate(0, 0, 7)
	_, err := h.own(c).Book(h.t.Context(), "later", "", bp("clinician", from))
	do(h.t, err)
	return from
}

func (h *house) answering(who account.Actor, of fhir.ClientID) *Chart {
	h.t.Helper()
	c, err := h.v.Open(h.t.Context(), who, Answering, of, Told|Results|Person|Visits)
	do(h.t, err)
	return c
}

func TestAnAnswerGoesOnFromTheNewestAndEndsWhenHandedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asksFor(`{"url":"from","valueInteger":0}`)
	c := h.answering(h.client(h.ada), h.ada)
	put := func(was int64, done bool, words string) error {
		status := "in-progress"
		if done {
			status = "completed"
		}
		return c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", status, words), Was: was, Done: done})
	}
	do(t, put(0, false, "well"))
	if err := put(0, false, "unwell"); !errs.Is(err, errs.Conflict) {
		t.Errorf("begun twice: %v", err)
	}
	do(t, put(1, false, "unwell"))
	if err := put(1, false, "fine"); !errs.Is(err, errs.Conflict) {
		t.Errorf("an answer over one it did not see: %v", err)
	}
	do(t, put(2, true, "unwell"))
	if err := put(3, false, "fine"); !errs.Is(err, errs.Conflict) || errs.SayOf(err) != "intake.handed_in" {
		t.Errorf("written over after it was handed in: %v", err)
	}
	f, err := c.Read(t.Context(), response, "r1")
	do(t, err)
	if f.Version != 3 {
		t.Errorf("%d versions, want 3: both of two answers are kept", f.Version)
	}
	do(t, h.v.st.View(t.Context(), func(r store.Reader) error {
		of, err := h.v.askedOf(t.Context(), r, h.ada)
		if is := of.Forms[aForm]; !is.Done.Equal(start) || is.Draft != "" {
			t.Errorf("it is known of the form: %+v", is)
		}
		return err
	}))
	for name, a := range map[string]Answer{
		"another form":  {Form: "urn:other", ID: "r2", JSON: inForm("r2", "in-progress", "x")},
		"another state": {Form: aForm, ID: "r2", JSON: inForm("r2", "completed", "x")},
		"no result":     {Form: aForm, ID: "r2", JSON: inForm("r2", "in-progress", "x"), Results: []fhir.Resource{resource("Condition", "c1", `"subject":{"reference":"Patient/ada"}`)}},
		"another's":     {Form: aForm, ID: "r2", JSON: resource(response, "r2", `"questionnaire":"urn:rapport:form:first-visit","status":"in-progress","subject":{"reference":"Patient/bob"}`).JSON},
	} {
		if err := c.Answer(t.Context(), a); err == nil {
			t.Errorf("%s is kept", name)
		}
	}
	if _, err := c.Put(t.Context(), fhir.Resource{Type: response, ID: "r3", JSON: inForm("r3", "completed", "x")}); !errs.Is(err, errs.Refused) {
		t.Errorf("a client writes answers past the act for it: %v", err)
	}
}

func TestAnAlarmLeavesSomethingToDoOnceAndForStaffWhoTreat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asksFor(`{"url":"from","valueInteger":0}`)
	c := h.answering(h.client(h.ada), h.ada)
	alarm := []Alarm{{Crisis: true, What: "thinks of dying"}}
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "in-progress", "a"), Alarms: alarm}))
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "in-progress", "b"), Was: 1, Alarms: alarm}))
	todos := func(role account.Roles) []Todo {
		all, err := h.find(role.String()).Todos(t.Context())
		do(t, err)
		return all
	}
	got := todos(account.Nurse)
	if len(got) != 1 || got[0].Kind != TodoAlarm || !got[0].Due.Equal(start.Add(time.Hour)) || got[0].Client != h.ada {
		t.Fatalf("to do: %+v", got)
	}
	if n := len(todos(account.FrontDesk)); n != 0 {
		t.Errorf("the front desk sees %d alarms", n)
	}
	care, err := h.v.Open(t.Context(), h.staff("nurse"), Care, h.ada, AllParts)
	do(t, err)
	f, err := care.Read(t.Context(), task, got[0].ID)
	do(t, err)
	if !fhir.Private(f.JSON) {
		t.Error("what is to do about an alarm is not marked as private")
	}
	do(t, care.Finish(t.Context(), got[0].ID))
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "in-progress", "c"), Was: 2, Alarms: []Alarm{{Crisis: true, What: alarm[0].What, Again: true}}}))
	if got = todos(account.Nurse); len(got) != 1 {
		t.Fatalf("given again after it was seen to, an alarm leaves %d to do", len(got))
	}
	do(t, care.Finish(t.Context(), got[0].ID))
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "completed", "c"), Was: 3, Done: true, Alarms: alarm}))
	if got := todos(account.Nurse); len(got) != 0 {
		t.Errorf("an alarm that was seen to is there again: %+v", got)
	}
}

func TestFormsGoOutByThemselvesChaseAndStop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	h.asksFor(`{"url":"from","valueInteger":18}`)
	h.mailed(asClient(h.ada), "ada@mail.example")
	ask := func() int {
		t.Helper()
		n, err := h.v.Ask(t.Context(), account.AsSystem(account.Asking))
		do(t, err)
		return n
	}
	if n := ask(); n != 0 {
		t.Fatalf("%d are asked without a visit", n)
	}
	visit := h.booksLater(h.ada)
	c := h.answering(h.client(h.ada), h.ada)
	ws, err := c.Wanted(t.Context())
	do(t, err)
	if len(ws) != 1 || ws[0].Form != aForm || !ws[0].Visit.Equal(visit) || ws[0].Begun {
		t.Fatalf("wanted: %+v", ws)
	}
	var when []time.Duration
	for range 9 * 24 {
		if n := ask(); n > 0 {
			when = append(when, visit.Sub(h.now.Now()).Round(time.Hour))
		}
		if n := ask(); n != 0 {
			t.Fatal("asked twice")
		}
		h.now.Add(time.Hour)
	}
	if len(when) != 3 || when[1] != 72*time.Hour || when[2] != 24*time.Hour {
		t.Errorf("asked %v before the visit, want when it is booked, 72h and 24h before", when)
	}
}

func TestWhoHandedInIsAskedNoMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	h.asksFor(`{"url":"again","valueInteger":12}`)
	h.mailed(asClient(h.ada), "ada@mail.example")
	h.booksLater(h.ada)
	c := h.answering(h.client(h.ada), h.ada)
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "completed", "well"), Done: true}))
	h.reopen()
	if n, err := h.v.Ask(t.Context(), account.AsSystem(account.Asking)); err != nil || n != 0 {
		t.Errorf("%d are asked, %v", n, err)
	}
	if ws, err := h.answering(h.client(h.ada), h.ada).Wanted(t.Context()); err != nil || len(ws) != 0 {
		t.Errorf("wanted: %v, %v", ws, err)
	}
	letters, err := h.v.Due(t.Context(), 100)
	do(t, err)
	if slices.ContainsFunc(letters, func(p Parcel) bool { return p.Letter.Kind == account.LetterForms }) {
		t.Error("a letter about forms was written")
	}
}
