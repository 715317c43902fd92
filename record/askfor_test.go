package record

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
)

// formLetters counts the letters about forms that wait to be sent, and sends them.
func (h *house) formLetters() int {
	h.t.Helper()
	ps, err := h.v.Due(h.t.Context(), 100)
	do(h.t, err)
	n := 0
	for _, p := range ps {
		do(h.t, h.v.Settled(h.t.Context(), p.ID))
		if p.Letter.Kind == account.LetterForms {
			n++
		}
	}
	return n
}

func TestStaffAskForAFormAndItWaitsUntilItIsHandedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asksFor(`{"url":"again","valueInteger":12}`)
	h.mailed(asClient(h.ada), "ada@mail.example")
	h.formLetters()
	care, err := h.v.Open(t.Context(), h.staff("nurse"), Care, h.ada, AllParts)
	do(t, err)
	do(t, care.AskFor(t.Context(), aForm))
	do(t, care.AskFor(t.Context(), aForm)) // asks nothing
	if n := h.formLetters(); n != 1 {
		t.Errorf("%d letters, want one", n)
	}
	h.now.Add(2 * time.Hour)
	care, err = h.v.Open(t.Context(), h.staff("clinician"), Care, h.ada, AllParts)
	do(t, err)
	do(t, care.AskFor(t.Context(), aForm)) // so does a colleague, later
	if n := h.formLetters(); n != 0 {
		t.Errorf("%d letters about what is asked for already", n)
	}
	h.reopen()
	c := h.answering(h.client(h.ada), h.ada)
	ws, err := c.Wanted(t.Context())
	do(t, err)
	if len(ws) != 1 || ws[0].Form != aForm || ws[0].By == "" || !ws[0].Asked.Equal(start) || !ws[0].Visit.IsZero() || ws[0].Begun {
		t.Fatalf("wanted: %+v", ws)
	}
	if n, err := h.v.Ask(t.Context(), account.AsSystem(account.Asking)); err != nil || n != 0 {
		t.Errorf("the same is asked %d times more, %v", n, err)
	}
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "in-progress", "well")}))
	if ws, err := c.Wanted(t.Context()); err != nil || len(ws) != 1 {
		t.Errorf("begun, and wanted: %+v, %v", ws, err)
	}
	do(t, c.Answer(t.Context(), Answer{Form: aForm, ID: "r1", JSON: inForm("r1", "completed", "well"), Was: 1, Done: true}))
	if ws, err := c.Wanted(t.Context()); err != nil || len(ws) != 0 {
		t.Errorf("handed in, and wanted: %+v, %v", ws, err)
	}
	h.now.Add(2 * time.Hour)
	care, err = h.v.Open(t.Context(), h.staff("nurse"), Care, h.ada, AllParts)
	do(t, err)
	do(t, care.AskFor(t.Context(), aForm))
	if n := h.formLetters(); n != 1 {
		t.Errorf("%d letters when it is asked for again, want one", n)
	}
}

func TestOnlyWhoGivesCareAsksForAForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asksFor(`{"url":"again","valueInteger":12}`)
	if err := h.answering(h.client(h.ada), h.ada).AskFor(t.Context(), aForm); !errs.Is(err, errs.Refused) {
		t.Errorf("a client asks themselves: %v", err)
	}
	desk, err := h.v.Open(t.Context(), h.staff("frontdesk"), Care, h.ada, Person|Visits|Told)
	do(t, err)
	if err := desk.AskFor(t.Context(), aForm); !errs.Is(err, errs.Refused) {
		t.Errorf("the front desk asks: %v", err)
	}
	care, err := h.v.Open(t.Context(), h.staff("nurse"), Care, h.ada, AllParts)
	do(t, err)
	if err := care.AskFor(t.Context(), "urn:none"); !errs.Is(err, errs.NotFound) {
		t.Errorf("a form that is not there: %v", err)
	}
	if err := (*Chart)(nil).AskFor(t.Context(), aForm); !errs.Is(err, errs.Refused) {
		t.Errorf("without a chart: %v", err)
	}
}

// Who helps in two ways is written to once; who helps with something else is not.
func TestWhoFillsInFormsForSomebodyIsWrittenToOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asksFor(`{"url":"again","valueInteger":12}`)
	h.reads(h.ada, "ada@example.org", "1815-12-10")
	h.reads(h.bob, "bob@example.org", "1962-10-22")
	for _, g := range []Grant{{Reads: Told, Acts: Told}, {Reads: Told | Visits, Acts: Told}} {
		_, err := h.v.TakeHelp(t.Context(), h.client(h.bob), h.asks(h.ada, g))
		do(t, err)
	}
	h.helper(h.ada, Grant{Reads: Told, Acts: Visits})
	h.letters()
	care, err := h.v.Open(t.Context(), h.staff("nurse"), Care, h.ada, AllParts)
	do(t, err)
	do(t, care.AskFor(t.Context(), aForm))
	want := []string{"forms ada@example.org /me/" + string(h.ada) + "/forms", "forms bob@example.org /family"}
	got := h.letters()
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("letters (-want +got):\n%s", d)
	}
}
