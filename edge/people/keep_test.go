package people

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/record"
)

// house is a practice with one member of staff.
type house struct {
	v    *record.Vault
	dir  string
	desk *record.Directory
	im   *Importer
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ctx := context.Background()
	h := &house{dir: filepath.Join(t.TempDir(), "data")}
	now := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	var err error
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h.v, err = record.Create(ctx, record.Config{Dir: h.dir, KeyFile: filepath.Join(t.TempDir(), "key"), Clock: now})
	do(err)
	t.Cleanup(func() { h.v.Close() })
	importer := account.AsSystem(account.Importer)
	p, err := h.v.OpenPractice(ctx, importer, record.Importing)
	do(err)
	do(p.SetStaff(ctx, record.StaffMember{ID: "desk", Name: "Joe", Roles: "frontdesk"}))
	doors := account.New(h.v, h.v, now)
	link, err := doors.Invite(ctx, account.Subject{Kind: account.Staff, ID: "desk"}, account.Demo)
	do(err)
	in, err := doors.Enter(ctx, link, account.Ask{})
	do(err)
	who, err := doors.Who(ctx, in.Token)
	do(err)
	h.desk, err = h.v.OpenDirectory(ctx, who, record.Vouching)
	do(err)
	h.im, err = New(ctx, h.v, importer)
	do(err)
	return h
}

// take imports a file that must be one.
func (h *house) take(t *testing.T, file string, opt Options) Report {
	t.Helper()
	rep, err := h.im.File(t.Context(), strings.NewReader(file), opt)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func (r Report) figures() string {
	return fmt.Sprintf("%d rows, %d taken, %d known, %d not, %d proposed, %d problems", r.Rows, r.Taken, r.Known, r.NotTaken, r.Proposals, len(r.Problems)+r.More)
}

func TestAListBecomesChartsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const head = "mrn,first name,last name,date of birth,phone,shoe size\n"
	const file = head + "1,Ruth,Keller,1944-04-17,079 555 01 02,38\n2,Bob,Odenkirk,1962-10-22,,\n,Ruth,Keller,1944-04-17,079 555 01 02,\n" +
		",,,,,40\n2,Bob,Odenkirk,1962-10-22,,\n1,Somebody,Else,1980-01-01,,\n3,Bad,Date," + marker + ",,\n"
	for run, want := range []string{"7 rows, 4 taken, 1 known, 2 not, 1 proposed, 4 problems", "7 rows, 0 taken, 5 known, 2 not, 0 proposed, 4 problems"} {
		rep := h.take(t, file, Options{})
		if rep.figures() != want {
			t.Errorf("run %d: %s, want %s", run, rep.figures(), want)
		}
		for _, p := range rep.Problems {
			if strings.Contains(p.String(), marker) || strings.Contains(p.String(), "Else") {
				t.Errorf("a report holds content: %s", p)
			}
		}
	}
	// the same numbers of another source are others; a name that is only written once more is not
	if rep := h.take(t, head+"1,Anna,Other,1990-01-01,,\n", Options{Source: "lab"}); rep.figures() != "1 rows, 1 taken, 0 known, 0 not, 0 proposed, 1 problems" {
		t.Errorf("another source: %s", rep.figures())
	}
	if rep := h.take(t, head+"1,Ruth,Keller-Meier,1944-04-17,,\n", Options{}); rep.Known != 1 || rep.Taken != 0 {
		t.Errorf("the same number with another name: %s", rep.figures())
	}
	if found := h.desk.Find("Ruth Keller", 10); len(found) != 2 || found[0].Family != "Keller" {
		t.Errorf("%d found", len(found))
	}
	// who was merged is known all the same
	ds, err := h.desk.Doubles(t.Context())
	if err != nil || len(ds) != 1 {
		t.Fatalf("%d doubles, %v", len(ds), err)
	}
	for _, keep := range []int{0, 1} {
		if err := h.desk.Merge(t.Context(), ds[0].ID, ds[0].Cards[keep].Client); err != nil {
			t.Fatal(err)
		}
		if rep := h.take(t, file, Options{}); rep.figures() != "7 rows, 0 taken, 5 known, 2 not, 0 proposed, 4 problems" {
			t.Errorf("after a merge: %s", rep.figures())
		}
		if _, err := h.desk.Undo(t.Context(), ds[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if rep, err := h.v.Verify(t.Context()); err != nil {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestAListThatStopsGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var b strings.Builder
	b.WriteString("mrn,first name,last name,date of birth\n")
	for i := range 250 {
		fmt.Fprintf(&b, "%d,Given%c%c,Family%c%c,19%02d-0%d-1%d\n", i, 'a'+i%26, 'a'+i/26, 'z'-i%26, 'f'+i/26, i%100, i%9+1, i%10)
	}
	cut := strings.NewReader(b.String()[:b.Len()*2/3])
	rep, err := h.im.File(t.Context(), iotest.TimeoutReader(iotest.OneByteReader(cut)), Options{})
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("a reader that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.im.File(ctx, strings.NewReader(b.String()), Options{}); err == nil {
		t.Error("a stopped import went on")
	}
	half, err := h.im.File(t.Context(), strings.NewReader(b.String()[:b.Len()/2]), Options{})
	if err != nil || half.Taken < 100 {
		t.Fatalf("%s, %v", half.figures(), err)
	}
	all := h.take(t, b.String(), Options{})
	if all.Taken+half.Taken+rep.Taken < 249 || all.Rows != 250 || all.NotTaken > 1 {
		t.Errorf("%s, then %s", half.figures(), all.figures())
	}
	if again := h.take(t, b.String(), Options{}); again.Taken != 0 || again.Proposals != 0 {
		t.Errorf("again: %s", again.figures())
	}
	if _, err := h.im.File(t.Context(), strings.NewReader("{}"), Options{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("no list: %v", err)
	}
}

func TestFEBRLIsProposed(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../../shared/data/csv-patients/dev/febrl-dataset1.csv")
	if err != nil { // a worktree lies one folder deeper
		b, err = os.ReadFile("../../../../shared/data/csv-patients/dev/febrl-dataset1.csv")
	}
	if err != nil {
		t.Skip("the shared data is not here")
	}
	h := newHouse(t)
	begun := clock.Wall{}.Now()
	rep, err := h.im.File(t.Context(), bytes.NewReader(b), Options{})
	if err != nil || rep.Taken != 1000 || rep.NotTaken != 0 || rep.Known != 0 {
		t.Fatalf("%s, %v", rep.figures(), err)
	}
	took := clock.Wall{}.Now().Sub(begun)
	ds, err := h.desk.Doubles(t.Context())
	if err != nil || len(ds) != rep.Proposals {
		t.Fatalf("%d doubles, %s, %v", len(ds), rep.figures(), err)
	}
	const rec = "urn:rapport:csv:rec_id|rec-"
	person := func(c record.Card) string {
		for _, n := range c.Numbers {
			if rest, ok := strings.CutPrefix(n, rec); ok {
				number, _, _ := strings.Cut(rest, "-")
				return number
			}
		}
		t.Fatal("a person without the number they came with")
		return ""
	}
	right := 0
	for _, d := range ds {
		if person(d.Cards[0]) == person(d.Cards[1]) {
			right++
		}
	}
	precision, recall := float64(right)/float64(len(ds)), float64(right)/500
	t.Logf("%d proposals for 500 people who are there twice: precision %.4f, recall %.4f; %v", len(ds), precision, recall, took.Round(time.Millisecond))
	if precision < 0.99 || recall < 0.95 {
		t.Errorf("precision %.4f, recall %.4f", precision, recall)
	}
	if again, err := h.im.File(t.Context(), bytes.NewReader(b), Options{}); err != nil || again.Known != 1000 || again.Taken != 0 || again.Proposals != 0 {
		t.Errorf("again: %s, %v", again.figures(), err)
	}
}
