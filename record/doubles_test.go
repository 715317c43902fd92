package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/fhir"
)

// desk opens the directory for somebody at the front desk who vouches.
func (h *house) doubler() *Directory {
	h.t.Helper()
	d, err := h.v.OpenDirectory(context.Background(), h.staff("frontdesk"), Vouching)
	do(h.t, err)
	return d
}

// ruth is one person, as two systems might know her.
func ruth(id, rest string) fhir.Resource {
	return resource("Patient", id, `"name":[{"use":"official","family":"Keller","given":["Ruth"]}],"birthDate":"1944-04-17",`+rest)
}

const (
	ruthPhone  = `"telecom":[{"system":"phone","value":"+41 79 555 01 02"}],"identifier":[{"system":"urn:mrn","value":"A-1"}]`
	ruthStreet = `"telecom":[{"system":"phone","value":"079 555 01 02"},{"system":"email","value":"ruth@mail.example"}],"identifier":[{"system":"urn:mrn","value":"B-2"}],"address":[{"line":["18 Station Road"],"city":"Baden","postalCode":"5400"}]`
)

// twins admits Ruth twice and returns the double that is proposed: a is known by
// phone, b by her street.
func (h *house) twins() (a, b fhir.ClientID, id string) {
	h.t.Helper()
	a, b = h.admitAs(ruth("ruth-a", ruthPhone)), h.admitAs(ruth("ruth-b", ruthStreet))
	n, err := h.v.Propose(context.Background(), importer, a, b)
	if err != nil || n != 1 {
		h.t.Fatalf("%d proposed, %v", n, err)
	}
	return a, b, h.open1().ID
}

// open1 is the one double there is.
func (h *house) open1() Double {
	h.t.Helper()
	ds, err := h.doubler().Doubles(context.Background())
	do(h.t, err)
	if len(ds) != 1 {
		h.t.Fatalf("%d doubles: %+v", len(ds), ds)
	}
	return ds[0]
}

func TestAPairIsProposedOnceWithItsReasons(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	for range 3 {
		if n, err := h.v.Propose(t.Context(), importer, b, a, h.ada, h.bob); n != 0 || err != nil {
			t.Fatalf("proposed again: %d, %v", n, err)
		}
	}
	x := h.open1()
	if x.A != min(a, b) || x.B != max(a, b) || x.State != DoubleOpen || x.By != "" || !x.At.Equal(start) || x.Score < 50 {
		t.Errorf("%+v", x)
	}
	if want := []string{"same-birth", "same-given", "same-family", "same-phone", "different-number"}; !slices.Equal(x.Reasons, want) {
		t.Errorf("because of %q, want %q", x.Reasons, want)
	}
	if x.Cards[0].Client != x.A || x.Cards[1].Client != x.B || x.Cards[0].Birth != "1944-04-17" {
		t.Errorf("cards %+v", x.Cards)
	}
	if Against("same-birth") || !Against("different-number") || Against("nonsense") || len(Reasons()) != 20 {
		t.Errorf("reasons %q", Reasons())
	}
	h.reopen()
	if diff := cmp.Diff(x, h.open1()); diff != "" {
		t.Errorf("after a start: %s", diff)
	}
	h.now.Add(1)
	do(t, h.doubler().Apart(t.Context(), id))
	if x := h.open1(); x.State != DoubleApart || x.By != "Staff frontdesk" {
		t.Errorf("%+v", x)
	}
	kindIs(t, "apart again", h.doubler().Apart(t.Context(), id), errs.Conflict)
	if n, err := h.v.Propose(t.Context(), importer, a, b); n != 0 || err != nil {
		t.Errorf("proposed though staff said no: %d, %v", n, err)
	}
	kindIs(t, "merged though staff said no", h.doubler().Merge(t.Context(), id, a), errs.Conflict)
	_, err := h.doubler().Undo(t.Context(), id)
	do(t, err)
	if x := h.open1(); x.State != DoubleOpen || x.By != "" {
		t.Errorf("%+v", x)
	}
	h.verify()
}

func TestAPairThatIsNotAlikeAnyMoreIsNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, _, id := h.twins()
	_, err := h.bring(a).Put(t.Context(), resource("Patient", "ruth-a", `"name":[{"family":"Meier","given":["Paula"]}],"birthDate":"1980-01-02"`))
	do(t, err)
	if ds, err := h.doubler().Doubles(t.Context()); err != nil || len(ds) != 0 {
		t.Errorf("%+v, %v", ds, err)
	}
	_, err = h.doubler().Double(t.Context(), id)
	kindIs(t, "one of them", err, errs.NotFound)
}

func TestWhoIsTakenOnAtTheDeskIsCompared(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admitAs(ruth("ruth-a", ruthPhone))
	got := h.grew("", func() {
		_, err := h.doubler().Admit(t.Context(), ruth("ruth-b", ruthStreet))
		do(t, err)
	})
	h.open1()
	if !slices.Contains(got, "staff propose vouching") {
		t.Errorf("on the ledger: %q", got)
	}
}

func TestWhoMayDecide(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	for _, role := range []string{"frontdesk", "nurse"} {
		d, err := h.v.OpenDirectory(t.Context(), h.staff(role), Finding)
		do(t, err)
		if ds, err := d.Doubles(t.Context()); err != nil || len(ds) != 1 {
			t.Errorf("%s sees %d, %v", role, len(ds), err)
		}
		kindIs(t, role+" merges while looking", d.Merge(t.Context(), id, a), errs.Refused)
		kindIs(t, role+" parts while looking", d.Apart(t.Context(), id), errs.Refused)
		_, err = d.Undo(t.Context(), id)
		kindIs(t, role+" undoes while looking", err, errs.Refused)
	}
	imports, err := h.v.OpenDirectory(t.Context(), importer, Importing)
	do(t, err)
	for _, d := range []*Directory{nil, {}, imports} {
		_, err := d.Doubles(t.Context())
		kindIs(t, "list", err, errs.Refused)
		_, err = d.Double(t.Context(), id)
		kindIs(t, "one", err, errs.Refused)
		kindIs(t, "merge", d.Merge(t.Context(), id, a), errs.Refused)
	}
	for _, who := range []string{"manager", "privacy", "editor"} {
		if _, err := h.v.Propose(t.Context(), h.staff(who), a, b); !errs.Is(err, errs.Refused) {
			t.Errorf("%s proposes: %v", who, err)
		}
	}
	_, err = h.v.Propose(t.Context(), h.client(h.ada), a)
	kindIs(t, "a client proposes", err, errs.Refused)
	for _, bad := range []string{"", "x", strings.Repeat("0", 32), id + "00"} {
		kindIs(t, "merge of "+bad, h.doubler().Merge(t.Context(), bad, a), errs.NotFound)
		kindIs(t, "apart of "+bad, h.doubler().Apart(t.Context(), bad), errs.NotFound)
		_, err := h.doubler().Undo(t.Context(), bad)
		kindIs(t, "undo of "+bad, err, errs.NotFound)
	}
	for _, keep := range []fhir.ClientID{"", "x", h.ada} {
		kindIs(t, fmt.Sprintf("keeping %q", keep), h.doubler().Merge(t.Context(), id, keep), errs.Invalid)
	}
	h.verify()
}
