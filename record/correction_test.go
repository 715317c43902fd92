package record

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir/label"
)

// wrong is Ada asking for one of her results to be put right, or for something missing.
func (h *house) wrong(key, id string) string {
	h.t.Helper()
	c, typ, ref := h.minding(h.ada), "", Ref("")
	if id != "" {
		typ, ref = "Observation", c.Ref("Observation", id)
	}
	got, err := c.AskCorrection(h.t.Context(), key, typ, ref, " It was 72. ")
	do(h.t, err)
	return got
}

func (h *house) corrections(c *Chart) []Correction {
	h.t.Helper()
	out, err := c.Corrections(h.t.Context())
	do(h.t, err)
	return out
}

// TestACorrectionIsAskedOnceAndHasAClock: thirty days, somebody to see to it, and no more
// than one of a key.
func TestACorrectionIsAskedOnceAndHasAClock(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.write(h.bring(h.ada), pulse("p1", "ada", 80))
	var id string
	if added := h.grew(h.ada, func() { id = h.wrong("k", "p1") }); added[len(added)-1] != "client askfix minding plans1" {
		t.Errorf("on the ledger: %q", added)
	}
	if again := h.wrong("k", "p1"); again != id {
		t.Errorf("asked twice it is %s and %s", id, again)
	}
	got := h.corrections(h.minding(h.ada))
	if len(got) != 1 || got[0].Text != "It was 72." || got[0].Type != "Observation" || got[0].Of != "p1" || got[0].State != CorrectionAsked || !got[0].Asked.Equal(start) || !got[0].Due.Equal(start.Add(30*24*time.Hour)) {
		t.Errorf("the client reads %+v", got)
	}
	todo, err := h.find("nurse").Todos(ctx)
	if err != nil || len(todo) != 1 || todo[0].Kind != TodoCorrection || !todo[0].Due.Equal(start.Add(30*24*time.Hour)) {
		t.Errorf("to do: %+v, %v", todo, err)
	}
	mind := h.minding(h.ada)
	for _, text := range []string{"", "  \n ", strings.Repeat("é", 2001)} {
		_, err := mind.AskCorrection(ctx, "x", "", "", text)
		says(t, "saying "+text, err, "trust.say_something")
	}
	_, err = mind.AskCorrection(ctx, "x", "Observation", "nothing", "x")
	kindIs(t, "of what is not there", err, errs.NotFound)
	for _, who := range []account.Actor{h.staff("nurse"), h.client(h.ada), h.client(h.bob)} {
		for _, why := range Purposes() {
			if c, err := h.v.Open(ctx, who, why, h.ada, AllParts); err == nil && why != Minding {
				_, err := c.AskCorrection(ctx, "x", "", "", "x")
				kindIs(t, who.Name()+" for "+why.String(), err, errs.Refused)
			}
		}
	}
	h.now.Add(time.Hour)
	if h.wrong("another", "") == id || len(h.corrections(h.minding(h.ada))) != 2 {
		t.Error("another key is the same asking")
	}
	if got := h.corrections(h.minding(h.ada)); got[0].Type != "" {
		t.Errorf("the newest that waits comes first: %+v", got)
	}
}

// TestACorrectionIsMadeOrRefusedAndSaysSo: with the change and where it came from, in the
// practice's words, told to the client, and once.
func TestACorrectionIsMadeOrRefusedAndSaysSo(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.mailed(asClient(h.ada), "ada@mail.example")
	h.letters()
	h.write(h.bring(h.ada), pulse("p1", "ada", 80))
	made, refused, missing := h.wrong("a", "p1"), h.wrong("b", "p1"), h.wrong("c", "")
	nurse := h.open(h.staff("nurse"), Care, h.ada, AllParts)
	right := Change{Resource: pulse("p1", "ada", 72)}
	says(t, "saying nothing", nurse.AnswerCorrection(ctx, made, CorrectionMade, " ", right), "trust.say_something")
	for _, s := range []CorrectionState{0, CorrectionAsked, 9} {
		kindIs(t, "no answer", nurse.AnswerCorrection(ctx, made, s, "x"), errs.Invalid)
	}
	kindIs(t, "refused, and changed", nurse.AnswerCorrection(ctx, refused, CorrectionRefused, "x", right), errs.Invalid)
	kindIs(t, "of no such asking", nurse.AnswerCorrection(ctx, "none", CorrectionMade, "x"), errs.NotFound)
	kindIs(t, "to the wrong version", nurse.AnswerCorrection(ctx, made, CorrectionMade, "x", Change{Resource: right.Resource, IfVersion: 9}), errs.Conflict)
	for _, who := range []account.Actor{h.client(h.ada), h.staff("frontdesk")} {
		for _, why := range Purposes() {
			if c, err := h.v.Open(ctx, who, why, h.ada, AllParts); err == nil {
				kindIs(t, who.Name()+" for "+why.String(), c.AnswerCorrection(ctx, made, CorrectionMade, "x"), errs.Refused)
			}
		}
	}
	if ls := h.letters(); len(ls) != 0 || h.corrections(nurse)[0].State != CorrectionAsked {
		t.Errorf("what was refused told or changed something: %q", ls)
	}
	h.now.Add(time.Hour)
	do(t, nurse.AnswerCorrection(ctx, made, CorrectionMade, "You are right.", right))
	do(t, nurse.AnswerCorrection(ctx, refused, CorrectionRefused, "The machine says 80."))
	extra := pulse("p2", "ada", 60)
	do(t, nurse.AnswerCorrection(ctx, missing, CorrectionMade, "It is there now.", Change{Resource: extra}))
	if ls := h.letters(); len(ls) != 3 || ls[0] != "answered ada@mail.example /me/"+string(h.ada)+"/trust/wrong" {
		t.Errorf("letters: %q", ls)
	}
	for _, id := range []string{made, refused, missing} {
		if err := nurse.AnswerCorrection(ctx, id, CorrectionRefused, "x"); !errs.Is(err, errs.Conflict) {
			t.Errorf("answered twice: %v", err)
		}
	}
	states := map[string]Correction{}
	for _, x := range h.corrections(h.minding(h.ada)) {
		states[x.ID] = x
	}
	if x := states[made]; x.State != CorrectionMade || x.Answer != "You are right." || x.By != "Staff nurse" || !x.Answered.Equal(start.Add(time.Hour)) || x.Text != "It was 72." {
		t.Errorf("made: %+v", x)
	}
	if x := states[refused]; x.State != CorrectionRefused || x.Answer != "The machine says 80." {
		t.Errorf("refused: %+v", x)
	}
	all := h.open(h.client(h.ada), Own, h.ada, AllParts)
	if got, err := all.History(ctx, "Observation", "p1"); err != nil || len(got) != 2 || !strings.Contains(string(got[0].JSON), `"value":72`) {
		t.Errorf("the result: %v, %v", got, err)
	}
	prov, err := all.Find(ctx, "Provenance")
	do(t, err)
	var of []string
	for _, f := range prov {
		for _, want := range []string{"Observation/p1 " + made, "Observation/p2 " + missing} {
			target, id, _ := strings.Cut(want, " ")
			if s := string(f.JSON); strings.Contains(s, `"`+target+`"`) && strings.Contains(s, `"Task/`+id+`"`) && strings.Contains(s, `"Staff nurse"`) && strings.Contains(s, "amend") {
				of = append(of, target)
			}
		}
	}
	if slices.Sort(of); len(prov) != 2 || !slices.Equal(of, []string{"Observation/p1", "Observation/p2"}) {
		t.Errorf("where it came from: %d, of %q", len(prov), of)
	}
	todo, err := h.find("nurse").Todos(ctx)
	if err != nil || len(todo) != 0 {
		t.Errorf("to do still: %+v, %v", todo, err)
	}
}

// TestACorrectionOfWhatIsClosedIsClosed: the asking, the answer, and what says where the
// change came from lie where it does; who does not treat the client finds none of it.
func TestACorrectionOfWhatIsClosedIsClosed(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.closed(h.ada, "ada", "o1")
	h.write(h.bring(h.ada), resource("CareTeam", "t", `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":`+practitioner("clinician")+`}]`))
	finds := func(who string) (n int) {
		c := h.open(h.staff(who), Care, h.ada, AllParts)
		for _, typ := range []string{"Task", "Provenance", "Observation"} {
			all, err := c.Find(ctx, typ)
			do(t, err)
			n += len(all)
		}
		return n + len(h.corrections(c))
	}
	was := finds("nurse")
	id := h.wrong("k", "o1")
	if n := finds("nurse"); n != was {
		t.Errorf("who does not treat the client finds %d things more once it is asked", n-was)
	}
	kindIs(t, "answering what is not there for them", h.open(h.staff("nurse"), Care, h.ada, AllParts).AnswerCorrection(ctx, id, CorrectionRefused, "x"), errs.NotFound)
	fixed := labelled(resource("Observation", "o1", `"status":"final","code":{"text":"Something"},"subject":{"reference":"Patient/ada"},"valueString":"y"`), "MH")
	do(t, h.open(h.staff("clinician"), Care, h.ada, AllParts).AnswerCorrection(ctx, id, CorrectionMade, "You are right.", Change{Resource: fixed}))
	if n := finds("nurse"); n != was {
		t.Errorf("who does not treat the client finds %d things more once it is answered", n-was)
	}
	if n := finds("clinician"); n != was+4 {
		t.Errorf("who treats them finds %d things more, want the asking twice, the result and where it came from", n-was)
	}
	other := h.wrong("another", "")
	new0 := labelled(resource("Observation", "o9", `"status":"final","code":{"text":"Something"},"subject":{"reference":"Patient/ada"},"valueString":"y"`), "MH")
	do(t, h.open(h.staff("clinician"), Care, h.ada, AllParts).AnswerCorrection(ctx, other, CorrectionMade, "It is there.", Change{Resource: new0}))
	if n := finds("nurse"); n != was+2 {
		t.Errorf("what was missing is closed, and they find %d things more, want the asking twice", n-was)
	}
	l, err := h.minding(h.ada).LabelsOf(ctx, "Task", h.minding(h.ada).Ref("Task", id))
	if err != nil || l.In&label.Mental == 0 {
		t.Errorf("the asking lies in %s, %v", l.In, err)
	}
}
