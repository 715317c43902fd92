package record

import (
	"strings"
	"testing"

	"rapport/errs"
)

// TestALegalMatterOutlivesAMerge: what may not be destroyed is not destroyed through the
// chart it became part of, and the officer sees of whom a matter is, and ends it.
func TestALegalMatterOutlivesAMerge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	a, b, id := h.twins()
	p, err := h.v.OpenPractice(ctx, h.staff("privacy"), Guarding)
	do(t, err)
	if err := p.Hold(ctx, a, strings.Repeat("x", matterMost+1)); !errs.Is(err, errs.Invalid) {
		t.Errorf("a matter of any length: %v", err)
	}
	do(t, p.Hold(ctx, a, "Keller against the bus company"))
	do(t, h.doubler().Merge(ctx, id, b))
	ms, err := p.Matters(ctx)
	do(t, err)
	if len(ms) != 1 || ms[0].Client != b || ms[0].Name != "Keller against the bus company" || ms[0].Initials != "R. K." || ms[0].By == "" {
		t.Errorf("the matters: %+v", ms)
	}
	if err := h.erase(b, 0); !errs.Is(err, errs.Conflict) {
		t.Errorf("erased during a legal matter: %v", err)
	}
	all, err := p.Reviews(ctx)
	do(t, err)
	if len(all) != 1 || !all[0].Held {
		t.Errorf("the officer does not see that a matter stops it: %+v", all)
	}
	if k, err := h.open(h.client(b), Minding, b, AllParts).Kept(ctx); err != nil || !k.Held {
		t.Errorf("she does not see that a matter stops every clock: %v", err)
	}
	do(t, p.Hold(ctx, b, ""))
	if ms, err := p.Matters(ctx); err != nil || len(ms) != 0 {
		t.Errorf("the matter is over: %v %+v", err, ms)
	}
	do(t, p.Erase(ctx, all[0].ID, ""))
}

// TestEveryWayInHasAnEnd: a broken glass and a cover end by themselves, and the client reads when.
func TestEveryWayInHasAnEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, now := t.Context(), h.now.Now()
	do(t, h.open(h.staff("nurse"), Breaking, h.ada, Person).Break(ctx, "Found unconscious in the garden.", Safe))
	team, err := h.open(h.client(h.ada), Minding, h.ada, AllParts).Team(ctx)
	do(t, err)
	for _, x := range team {
		if x.ID == "nurse" && (x.Bond != ByGlass || !x.Until.Equal(now.Add(glassHolds))) {
			t.Errorf("%+v", x)
		}
	}
}

// TestNotesAreBounded: what the officer writes with a verdict is no longer than what anybody says.
func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	do(t, h.open(h.staff("nurse"), Breaking, h.ada, Person).Break(ctx, "Found unconscious in the garden.", Safe))
	p, err := h.v.OpenPractice(ctx, h.staff("privacy"), Guarding)
	do(t, err)
	all, err := p.Reviews(ctx)
	do(t, err)
	if err := p.Judge(ctx, all[0].ID, VerdictRight, strings.Repeat("x", saidMost+1)); !errs.Is(err, errs.Invalid) {
		t.Errorf("a note of any length: %v", err)
	}
	for who, want := range map[string]int{"privacy": 1, "nurse": 0, "manager": 0} {
		if n, err := h.v.Waits(ctx, h.staff(who)); err != nil || n != want {
			t.Errorf("%s: %d wait, %v", who, n, err)
		}
	}
	do(t, p.Judge(ctx, all[0].ID, VerdictRight, "  Rightly so. "))
	if n, err := h.v.Waits(ctx, h.staff("privacy")); err != nil || n != 0 {
		t.Errorf("%d wait after all is decided, %v", n, err)
	}
	if all, err = p.Reviews(ctx); err != nil || all[0].Note != "Rightly so." {
		t.Errorf("%v %+v", err, all)
	}
}
