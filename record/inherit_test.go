package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/hours"
	"rapport/record/internal/store"
)

const ofVisit = `,"encounter":{"reference":"Encounter/e1"}`

func encounter(rest string) fhir.Resource {
	return resource("Encounter", "e1", `"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"},"period":{"start":"2026-11-20T10:00:00Z","end":"2026-11-20T10:30:00Z"}`+rest)
}

func noteOf(id, code string) fhir.Resource {
	r := resource("DocumentReference", id, `"status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"title":"x"}}],"context":{"encounter":[{"reference":"Encounter/e1"}]}`)
	if code != "" {
		return labelled(r, code)
	}
	return r
}

func reportOf(id string) fhir.Resource {
	return resource("DiagnosticReport", id, `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ada"}`+ofVisit)
}

func pressure(id string) fhir.Resource {
	return resource("Observation", id, `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"subject":{"reference":"Patient/ada"},"valueQuantity":{"value":120}`+ofVisit)
}

// seen is what of some things is there for somebody who does not treat Ada, by name.
func (h *house) seen(who string) string {
	h.t.Helper()
	c := h.open(h.staff(who), Care, h.ada, AllParts)
	var out []string
	for _, typ := range []string{"Encounter", "Appointment", "DocumentReference", "DiagnosticReport", "Observation", "Condition", "Task"} {
		all, err := c.Find(h.t.Context(), typ)
		do(h.t, err)
		for _, f := range all {
			out = append(out, f.ID)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (h *house) lies(typ, id string) label.Set {
	h.t.Helper()
	c := h.minding(h.ada)
	l, err := c.LabelsOf(h.t.Context(), typ, c.Ref(typ, id))
	do(h.t, err)
	return l.In
}

// TestWhatIsWrittenOfAPrivateVisitIsPrivate in whatever order it comes, in one write or in
// several; a measurement lies where its own codes say.
func TestWhatIsWrittenOfAPrivateVisitIsPrivate(t *testing.T) {
	t.Parallel()
	private := labelled(encounter(""), "MH")
	for name, writes := range map[string][][]fhir.Resource{
		"the visit first":          {{private}, {noteOf("n1", ""), reportOf("r1"), pressure("o1")}},
		"the visit last":           {{noteOf("n1", ""), reportOf("r1")}, {pressure("o1")}, {private}},
		"all at once":              {{pressure("o1"), noteOf("n1", ""), private, reportOf("r1")}},
		"private later":            {{encounter("")}, {noteOf("n1", ""), reportOf("r1"), pressure("o1")}, {private}},
		"a note makes it so":       {{encounter("")}, {reportOf("r1"), pressure("o1")}, {noteOf("n1", "MH")}},
		"a note made so later":     {{encounter(""), noteOf("n1", ""), reportOf("r1"), pressure("o1")}, {noteOf("n1", "MH")}},
		"opened by who writes it":  {{private}, {noteOf("n1", ""), reportOf("r1"), pressure("o1")}, {encounter("")}},
		"the note taken back":      {{encounter(""), noteOf("n1", "MH")}, {reportOf("r1"), pressure("o1")}, {noteOf("n1", "")}},
		"a note after all of them": {{encounter(""), reportOf("r1"), pressure("o1")}, {noteOf("n1", "MH")}},
	} {
		h := newHouse(t)
		for _, w := range writes {
			if _, err := h.bring(h.ada).Put(t.Context(), w...); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := h.seen("nurse"); got != "o1" {
			t.Errorf("%s: who does not treat the client sees %q, want the measurement alone", name, got)
		}
		for _, x := range [][2]string{{"Encounter", "e1"}, {"DocumentReference", "n1"}, {"DiagnosticReport", "r1"}} {
			if in := h.lies(x[0], x[1]); in != label.Mental {
				t.Errorf("%s: %s lies in %q", name, x[0], in)
			}
		}
		h.reopen()
		if got := h.seen("nurse"); got != "o1" {
			t.Errorf("%s: after a new start they see %q", name, got)
		}
	}
}

// TestAMarkOnAVisitReachesWhatTellsOfIt: the client's, and that of staff; and each version of
// it that was there before.
func TestAMarkOnAVisitReachesWhatTellsOfIt(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	for _, r := range []fhir.Resource{encounter(""), noteOf("n1", ""), reportOf("r1"), pressure("o1")} {
		h.write(h.bring(h.ada), r)
	}
	c := h.minding(h.ada)
	do(t, c.Mark(ctx, "Encounter", c.Ref("Encounter", "e1"), label.Own, 0))
	if got := h.seen("nurse"); got != "o1" {
		t.Errorf("marked, they see %q", got)
	}
	h.write(h.bring(h.ada), noteOf("n2", ""))
	h.write(h.bring(h.ada), encounter(`,"length":{"value":30}`))
	if got := h.seen("nurse"); got != "o1" {
		t.Errorf("written anew, they see %q", got)
	}
	for _, x := range [][2]string{{"Encounter", "e1"}, {"DocumentReference", "n1"}} {
		_, err := h.open(h.staff("nurse"), Care, h.ada, AllParts).History(ctx, x[0], x[1])
		kindIs(t, "what it was before", err, errs.NotFound)
	}
}

// TestAPrivateServiceMakesItsVisitsPrivate as they are booked, moved, cancelled and seen to.
func TestAPrivateServiceMakesItsVisitsPrivate(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.opens(func(tt *hours.Timetable) { tt.Services[0].Private = "mental" })
	own := h.own(h.ada)
	visits, err := own.Book(ctx, "k", "", bp("clinician", at(10, 0)))
	do(t, err)
	if got, in := h.seen("nurse"), h.lies("Appointment", visits[0]); got != "" || in != label.Mental {
		t.Errorf("booked, they see %q; it lies in %q", got, in)
	}
	hidden := func(when string) {
		t.Helper()
		day, err := h.find("nurse").Day(ctx, at(0, 0), at(23, 0))
		do(t, err)
		for _, b := range day {
			if b.Client != "" || b.Visit != "" || b.Service != "" || b.Ref != "" || b.State != "" || b.In != 0 {
				t.Errorf("%s: the day tells %+v", when, b)
			}
		}
	}
	hidden("booked")
	h.reopen()
	hidden("after a new start")
	do(t, h.own(h.ada).Cancel(ctx, visits[0]))
	hidden("cancelled")
	if got := h.seen("nurse"); got != "" {
		t.Errorf("cancelled, they see %q", got)
	}
	if b, sees := h.treats("clinician", h.ada, "none"); b == ByVisit || sees {
		t.Errorf("who would have seen them has %v", b)
	}
}

// TestTheClientOpensWhatTheyMayAndStaffOnlyClose: what codes or the client put somewhere, not
// what its author marked; and what was lifted stays so when it is written anew.
func TestTheClientOpensWhatTheyMayAndStaffOnlyClose(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	low := func(text string) fhir.Resource {
		return resource("Condition", "c1", `"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F32.1"}],"text":"`+text+`"},"subject":{"reference":"Patient/ada"}`)
	}
	h.write(h.bring(h.ada), low("once")) // by its code
	h.closed(h.ada, "ada", "o1")         // by its author
	mark := func(typ, id string, add, lift label.Set) error {
		c := h.minding(h.ada)
		return c.Mark(ctx, typ, c.Ref(typ, id), add, lift)
	}
	if got := h.seen("nurse"); got != "" {
		t.Fatalf("they see %q", got)
	}
	do(t, mark("Condition", "c1", 0, label.Mental))
	do(t, mark("Observation", "o1", 0, label.Mental))
	if got := h.seen("nurse"); got != "c1" {
		t.Errorf("opened, they see %q", got)
	}
	h.write(h.bring(h.ada), low("again"))
	if got := h.seen("nurse"); got != "c1" {
		t.Errorf("written anew, they see %q", got)
	}
	do(t, mark("Condition", "c1", label.Own, 0))
	if got := h.seen("nurse"); got != "" {
		t.Errorf("closed again, they see %q", got)
	}
	do(t, mark("Condition", "c1", 0, label.Own))
	nurse := h.open(h.staff("nurse"), Care, h.ada, AllParts)
	ref := nurse.Ref("Condition", "c1")
	kindIs(t, "who does not treat the client", nurse.Mark(ctx, "Condition", ref, label.Mental, 0), errs.Refused)
	h.write(h.bring(h.ada), resource("CareTeam", "t", `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":`+practitioner("clinician")+`}]`))
	clinician := h.open(h.staff("clinician"), Care, h.ada, AllParts)
	kindIs(t, "staff who open", clinician.Mark(ctx, "Condition", ref, 0, label.Own), errs.Refused)
	do(t, clinician.Mark(ctx, "Condition", ref, label.Mental, 0))
	if got := h.seen("nurse"); got != "" {
		t.Errorf("closed by who treats them, they see %q", got)
	}
	do(t, mark("Condition", "c1", 0, label.Mental))
	if got := h.seen("nurse"); got != "" {
		t.Errorf("the client opened what staff closed, and they see %q", got)
	}
	kindIs(t, "the person", mark("Patient", "ada", label.Own, 0), errs.Refused)
	if n := len(h.lines(h.ada)); n == 0 || h.lies("Observation", "o1") != label.Mental {
		t.Errorf("it lies in %q", h.lies("Observation", "o1"))
	}
}

// TestAWriteIsPreparedWholeOrNotAtAll: what may not be written, twice in one, of another
// version, over what is closed; and nothing of it is there after.
func TestAWriteIsPreparedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.closed(h.ada, "ada", "o1")
	nurse := h.open(h.staff("nurse"), Care, h.ada, AllParts)
	good := Change{Resource: pulse("p1", "ada", 80)}
	open := resource("Observation", "o1", `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ada"},"valueString":"x"`)
	for name, c := range map[string]struct {
		x    Change
		want errs.Kind
	}{
		"over what is closed":    {Change{Resource: open}, errs.Refused},
		"deleting what is":       {Change{Resource: fhir.Resource{Type: "Observation", ID: "o1"}, Delete: true}, errs.Refused},
		"at its version":         {Change{Resource: open, IfVersion: 1}, errs.Refused},
		"at another version":     {Change{Resource: open, IfVersion: 7}, errs.Refused},
		"twice":                  {good, errs.Invalid},
		"of another version":     {Change{Resource: pulse("p2", "ada", 80), IfVersion: 3}, errs.Conflict},
		"of another person":      {Change{Resource: pulse("p2", "bob", 80)}, errs.Refused},
		"as another":             {Change{Resource: fhir.Resource{Type: "Observation", ID: "p9", JSON: pulse("p2", "ada", 80).JSON}}, errs.Invalid},
		"what is the practice's": {Change{Resource: resource("Practitioner", "x", `"active":true`)}, errs.Invalid},
	} {
		if _, err := nurse.Apply(ctx, good, c.x); !errs.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	desk := h.open(h.staff("frontdesk"), Care, h.ada, Person|Visits)
	_, err := desk.Put(ctx, pulse("p1", "ada", 80))
	kindIs(t, "a part that is not open", err, errs.Refused)
	if got := h.seen("nurse"); got != "" {
		t.Errorf("what was refused left %q", got)
	}
	if f, err := h.minding(h.ada).Read(ctx, "Observation", "o1"); err != nil || f.Version != 1 {
		t.Errorf("what is closed is at %d, %v", f.Version, err)
	}
}

// TestADraftIsItsWritersAndLiesUnderTheChart: nobody else reads it, nor who was barred since.
func TestADraftIsItsWritersAndLiesUnderTheChart(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	talks := func(who string) *Chart { return h.open(h.staff(who), Care, h.ada, AllParts) }
	do(t, talks("nurse").SetDraft(ctx, "new", "Half a word about her mood"))
	reads := func(c *Chart) string {
		s, err := c.Draft(ctx, "new")
		do(t, err)
		return s
	}
	if got := reads(talks("nurse")); got != "Half a word about her mood" {
		t.Fatalf("the writer reads %q", got)
	}
	for _, c := range []*Chart{talks("clinician"), h.open(h.client(h.ada), Messaging, h.ada, AllParts), h.open(h.staff("nurse"), Care, h.bob, AllParts)} {
		if got := reads(c); got != "" {
			t.Errorf("another reads %q", got)
		}
	}
	do(t, h.v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Drafts, func(o store.Object) error {
			if strings.Contains(string(o.Body), "mood") || strings.Contains(fmt.Sprint(string(o.Key)), "nurse") {
				t.Error("it lies open")
			}
			if raw, err := h.v.unsealed(store.Drafts, o); err == nil {
				t.Errorf("it opens with the practice's key: %q", raw)
			}
			return nil
		})
	}))
	h.bars(h.ada, Limit{Who: []string{"nurse"}})
	_, err := h.v.Open(ctx, h.staff("nurse"), Care, h.ada, Messages)
	kindIs(t, "who was barred since", err, errs.Refused)
}
