package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// whole reads a chart to the byte: type/id → body.
func (h *house) whole(c fhir.ClientID) map[string]string {
	h.t.Helper()
	chart := h.bring(c)
	out := map[string]string{}
	do(h.t, h.v.st.View(context.Background(), func(r store.Reader) error {
		all, _, err := chart.all(context.Background(), r)
		for _, x := range all {
			f, err := chart.fetch(context.Background(), r, x.typ, x.id, x.row)
			if err != nil {
				return err
			}
			out[x.typ+"/"+x.id] = string(f.JSON)
		}
		return err
	}))
	return out
}

// keys are the sorted keys of m.
func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// undo undoes a merge that must be undone.
func (h *house) undo(id string) Undone {
	h.t.Helper()
	got, err := h.doubler().Undo(context.Background(), id)
	do(h.t, err)
	return got
}

func TestAMergeBringsEverythingAndUndoTakesItBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	kinds := everyKind(t, "ruth-a")
	_, err := h.bring(a).Put(t.Context(), append(kinds, life("ruth-a")...)...)
	do(t, err)
	_, err = h.bring(a).Apply(t.Context(), Change{Resource: fhir.Resource{Type: "Condition", ID: "gone", JSON: condition("gone", "ruth-a", "1").JSON}})
	do(t, err)
	_, err = h.bring(a).Apply(t.Context(), Change{Resource: fhir.Resource{Type: "Condition", ID: "gone"}, Delete: true})
	do(t, err)
	_, err = h.bring(b).Put(t.Context(), pulse("own", "ruth-b", 70), pulse("o1", "ruth-b", 99))
	do(t, err)
	wasA, wasB := h.whole(a), h.whole(b)
	h.now.Add(1e9)
	d := h.doubler()
	var onA []string
	// B's chain is looked at beside A's: both are given a line by the one act
	linesB := len(h.lines(b))
	pidA, _ := pidOf(a)
	rowA, _ := h.v.people.row(a)
	keyA := h.bring(a).keys.Ledger
	do(t, d.Merge(t.Context(), id, b))
	now := h.whole(b)

	// everything is there, under its id or, where that was taken, another
	renamed := ""
	for k := range now {
		if strings.HasPrefix(k, "Observation/") && wasA[k] == "" && wasB[k] == "" {
			renamed = strings.TrimPrefix(k, "Observation/")
		}
	}
	if want := len(wasA) + len(wasB) - 1 + 1; len(now) != want || renamed == "" { // one person less, one Provenance more
		t.Errorf("%d resources, want %d; o1 is %q now", len(now), want, renamed)
	}
	h.carried(wasA, now, renamed)
	if now["Observation/o1"] != wasB["Observation/o1"] || !strings.Contains(now["Observation/o2"], `"https://lab.example/Observation/o1"`) {
		t.Error("what B had, or another server's, was changed")
	}
	want := `{"resourceType":"Patient","id":"ruth-b","name":[{"use":"official","family":"Keller","given":["Ruth"]}],"birthDate":"1944-04-17",` +
		`"telecom":[{"system":"phone","value":"079 555 01 02"},{"system":"email","value":"ruth@mail.example"},{"system":"phone","value":"+41 79 555 01 02"}],` +
		`"identifier":[{"system":"urn:mrn","value":"B-2"},{"system":"urn:mrn","value":"A-1"}],"address":[{"line":["18 Station Road"],"city":"Baden","postalCode":"5400"}],"link":[{"other":{"reference":"Patient/ruth-a"},"type":"replaces"}]}`
	if diff := cmp.Diff(want, now["Patient/ruth-b"]); diff != "" {
		t.Error(diff)
	}
	h.provenance(now, len(wasA), "ruth-b")

	// the lines: one in each chain, of the member of staff, by the same act
	if n := h.lines(b); len(n) <= linesB || !slices.ContainsFunc(n[linesB:], func(l lineRead) bool {
		return l.Act == "merge" && l.Actor.ID == "frontdesk" && l.Purpose == "vouching"
	}) {
		t.Error("nothing in the chain of who is kept")
	}
	ls, err := h.v.led.Lines(t.Context(), rowA, pidA, keyA, 1<<62, 3)
	do(t, err)
	for _, l := range ls {
		onA = append(onA, l.Act)
	}
	if onA[0] != "merge" {
		t.Errorf("the newest lines of who went are %q", onA)
	}

	h.lived(b, renamed, wasB["Patient/ruth-b"])

	// a start changes nothing, and undo puts both back to the byte
	h.reopen()
	if diff := cmp.Diff(now, h.whole(b)); diff != "" {
		t.Errorf("after a start: %s", diff)
	}
	got := h.undo(id)
	if want := (Undone{Removed: len(wasA)}); got != want { // all but the person, and the Provenance
		t.Errorf("undone: %+v, want %+v", got, want)
	}
	if diff := cmp.Diff(wasA, h.whole(a)); diff != "" {
		t.Errorf("A is not as it was: %s", diff)
	}
	if diff := cmp.Diff(wasB, h.whole(b)); diff != "" {
		t.Errorf("B is not as it was: %s", diff)
	}
	if last := h.lines(a); !slices.ContainsFunc(last[len(last)-3:], func(l lineRead) bool { return l.Act == "unmerge" }) {
		t.Error("no line of the undoing")
	}
	// and again, the other way round
	do(t, h.doubler().Merge(t.Context(), id, a))
	if n := len(h.whole(a)); n != len(now) {
		t.Errorf("%d resources the other way round, want %d", n, len(now))
	}
	h.undo(id)
	do(t, h.doubler().Merge(t.Context(), id, b))
	h.verify()
	t.Logf("%d kinds of resource, %d resources merged", len(kinds), len(wasA))
}

// carried checks that everything of one chart stands in another as it was, but for
// whom it is about and what was renamed.
func (h *house) carried(wasA, now map[string]string, renamed string) {
	t := h.t
	t.Helper()
	for k, body := range wasA {
		if strings.HasPrefix(k, "Patient/") {
			continue
		}
		at, want := k, strings.NewReplacer(`"Patient/ruth-a"`, `"Patient/ruth-b"`, `"https://old.example/fhir/Patient/ruth-a/_history/4"`, `"Patient/ruth-b"`,
			`"Observation/o1"`, `"Observation/`+renamed+`"`, `"Observation/o1/_history/2"`, `"Observation/`+renamed+`"`).Replace(body)
		if k == "Observation/o1" {
			at, want = "Observation/"+renamed, strings.Replace(want, `"id":"o1"`, `"id":"`+renamed+`"`, 1)
		}
		if diff := cmp.Diff(want, now[at]); diff != "" {
			t.Errorf("%s: %s", k, diff)
		}
	}
}

// lived checks that search, private labels and history work in a chart that was
// given another's life.
func (h *house) lived(b fhir.ClientID, renamed, person string) {
	t := h.t
	t.Helper()
	c := h.open(h.staff("nurse"), Care, b, AllParts)
	if fs, err := c.Find(t.Context(), "Condition", "code", "38341003"); err != nil || !slices.Equal(ids(fs), []string{"c1"}) {
		t.Errorf("search: %q, %v", ids(fs), err)
	}
	if fs, err := c.Find(t.Context(), "Observation", "has-member", "Observation/"+renamed); err != nil || !slices.Equal(ids(fs), []string{"o2"}) {
		t.Errorf("search by what was renamed: %q, %v", ids(fs), err)
	}
	if vs, err := c.History(t.Context(), "Observation", "o2"); err != nil || len(vs) != 1 {
		t.Errorf("history: %d, %v", len(vs), err)
	}
	if vs, err := c.History(t.Context(), "Patient", "ruth-b"); err != nil || len(vs) != 2 || string(vs[1].JSON) != person {
		t.Errorf("history of the person: %d, %v", len(vs), err)
	}
	if _, err := h.open(h.client(b), Own, b, AllParts).Read(t.Context(), "Observation", "o3"); err != nil {
		t.Errorf("their own: %v", err)
	}
	tied := h.open(h.staff("frontdesk"), Care, b, Person)
	tied.parts, tied.asked = AllParts, AllParts // who may not see what is private, whatever else they may
	if _, err := tied.Read(t.Context(), "Observation", "o3"); !errs.Is(err, errs.NotFound) {
		t.Errorf("what was private is not: %v", err)
	}
}

// provenance checks the one Provenance that a merge left.
func (h *house) provenance(now map[string]string, brought int, person string) {
	h.t.Helper()
	for k, body := range now {
		var x struct {
			Recorded string
			Activity struct{ Coding []struct{ Code string } }
			Target   []struct{ Reference string }
			Agent    []struct {
				Who struct {
					Identifier struct{ System, Value string }
				}
			}
		}
		if !strings.HasPrefix(k, "Provenance/") || json.Unmarshal([]byte(body), &x) != nil || len(x.Activity.Coding) == 0 {
			continue
		}
		if x.Activity.Coding[0].Code != "merge" || len(x.Target) != brought || x.Target[0].Reference != "Patient/"+person || len(x.Agent) != 2 || x.Agent[1].Who.Identifier.Value != "frontdesk" || x.Recorded != h.now.Now().Format("2006-01-02T15:04:05Z") {
			h.t.Errorf("provenance of %d: %.400s", len(x.Target), body)
		}
		return
	}
	h.t.Error("no Provenance")
}

func TestWhoWasMergedIsAbsentToTheByte(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	own := h.client(a)
	held := h.bring(a)
	into, err := h.v.Into(t.Context(), importer, Importing, a)
	do(t, err)
	do(t, h.doubler().Merge(t.Context(), id, b))
	for _, start := range []bool{false, true} {
		if start {
			h.reopen()
		}
		for _, why := range []Purpose{Care, Vouching, Importing, Own} {
			who := importer
			switch why {
			case Care, Vouching:
				who = h.staff("nurse")
			case Own:
				who = own
			}
			_, there := h.v.Open(t.Context(), who, why, a, AllParts)
			_, absent := h.v.Open(t.Context(), who, why, "aaaaaaaaaaaaaaaaaaaaaaaaaa", AllParts)
			if there == nil || there.Error() != absent.Error() || errs.KindOf(there) != errs.KindOf(absent) {
				t.Errorf("%v: %v, and %v of who never was", why, there, absent)
			}
		}
		d := h.doubler()
		for _, q := range []string{"Ruth", "Keller", "1944-04-17", "555 01 02"} {
			for _, c := range d.Find(q, 10) {
				if c.Client == a {
					t.Errorf("%q finds who was merged", q)
				}
			}
			if len(d.Find(q, 10)) != 1 {
				t.Errorf("%q finds %d", q, len(d.Find(q, 10)))
			}
		}
		if all, n := d.All(0, 10); n != 3 || len(all) != 3 {
			t.Errorf("%d people, %d", len(all), n)
		}
		if c, ok := d.ByPerson("ruth-a"); ok {
			t.Errorf("found by id: %s", c)
		}
		if !d.Joined("ruth-a") || d.Joined("ruth-b") || d.Joined("nobody") {
			t.Error("it is not known who was merged")
		}
		if n := h.v.people.alike.Len(); n != 3 {
			t.Errorf("%d people are compared, want 3", n)
		}
		if got := h.v.people.doublesOf(a); got != nil {
			t.Errorf("still compared: %v", got)
		}
		if n, err := h.v.Propose(t.Context(), importer, a, b); n != 0 || err != nil {
			t.Errorf("proposed: %d, %v", n, err)
		}
	}
	// who had the chart open before cannot write to it any more
	for _, c := range []*Chart{held, into} {
		held.v = h.v
		c.v = h.v
		if _, err := c.Put(t.Context(), pulse("late", "ruth-a", 1)); !errs.Is(err, errs.Refused) {
			t.Errorf("written to a chart that was merged: %v", err)
		}
	}
	// nor can the person be brought a second time
	c, err := h.v.Admit(t.Context(), importer, Importing)
	do(t, err)
	_, err = c.Put(t.Context(), ruth("ruth-a", ruthPhone))
	kindIs(t, "brought again", err, errs.Conflict)
	h.undo(id)
	if _, ok := h.doubler().ByPerson("ruth-a"); !ok {
		t.Error("not found after undo")
	}
	h.verify()
}

func TestWhatChangedSinceStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	_, err := h.bring(a).Put(t.Context(), pulse("o1", "ruth-a", 61), pulse("o2", "ruth-a", 62), pulse("o3", "ruth-a", 63))
	do(t, err)
	do(t, h.doubler().Merge(t.Context(), id, b))
	chart := h.bring(b)
	_, err = chart.Put(t.Context(), pulse("o1", "ruth-b", 80), pulse("new", "ruth-b", 81))
	do(t, err)
	_, err = chart.Apply(t.Context(), Change{Resource: fhir.Resource{Type: "Observation", ID: "o2"}, Delete: true})
	do(t, err)
	p, err := chart.Read(t.Context(), "Patient", "ruth-b")
	do(t, err)
	// somebody corrected the number that was brought, and gave them a mail address
	edited := bytes.Replace(bytes.Replace(p.JSON, []byte(`"A-1"`), []byte(`"A-9"`), 1), []byte("ruth@mail.example"), []byte("new@mail.example"), 1)
	_, err = chart.Put(t.Context(), fhir.Resource{Type: "Patient", ID: "ruth-b", JSON: edited})
	do(t, err)
	got := h.undo(id)
	if want := (Undone{Removed: 2, Stayed: 1, Parts: Results | Person}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	now := h.whole(b)
	if got := sortedKeys(now); !slices.Equal(got, []string{"Observation/new", "Observation/o1", "Patient/ruth-b"}) {
		t.Errorf("there is %q", got)
	}
	if p := now["Patient/ruth-b"]; !strings.Contains(p, "A-9") || strings.Contains(p, "+41") || strings.Contains(p, "link") || !strings.Contains(p, "new@mail.example") {
		t.Errorf("the person is %s", p)
	}
	if got := sortedKeys(h.whole(a)); !slices.Equal(got, []string{"Observation/o1", "Observation/o2", "Observation/o3", "Patient/ruth-a"}) {
		t.Errorf("A has %q", got)
	}
	h.verify()
}

func TestOneAfterTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.admitAs(ruth("ruth-a", ruthPhone)), h.admitAs(ruth("ruth-b", ruthStreet))
	c := h.admitAs(ruth("ruth-c", `"telecom":[{"system":"phone","value":"+41 79 555 01 02"}],"identifier":[{"system":"urn:mrn","value":"C-3"}]`))
	for i, x := range []fhir.ClientID{a, b, c} {
		_, err := h.bring(x).Put(t.Context(), pulse("o1", []string{"ruth-a", "ruth-b", "ruth-c"}[i], 60+i))
		do(t, err)
	}
	n, err := h.v.Propose(t.Context(), importer, a, b, c)
	if err != nil || n != 3 {
		t.Fatalf("%d proposed, %v", n, err)
	}
	pair := func(x, y fhir.ClientID) string { return fmt.Sprintf("%x", h.v.doubleKey(x, y)) }
	was := map[fhir.ClientID]map[string]string{a: h.whole(a), b: h.whole(b), c: h.whole(c)}
	same := func(when string, who ...fhir.ClientID) {
		t.Helper()
		for _, x := range who {
			if diff := cmp.Diff(was[x], h.whole(x)); diff != "" {
				t.Errorf("%s: %s", when, diff)
			}
		}
	}
	for _, order := range [][]string{{pair(a, b), pair(c, b)}, {pair(c, b), pair(a, b)}} {
		do(t, h.doubler().Merge(t.Context(), pair(a, b), b))
		// the pair of a and c is not to be decided while a is in b
		if ds, err := h.doubler().Doubles(t.Context()); err != nil || len(ds) != 2 || ds[0].ID != pair(b, c) || ds[1].ID != pair(a, b) {
			t.Errorf("%+v, %v", ds, err)
		}
		kindIs(t, "a with c", h.doubler().Merge(t.Context(), pair(a, c), c), errs.Conflict)
		do(t, h.doubler().Merge(t.Context(), pair(c, b), b))
		if n := len(h.whole(b)); n != 1+3+2 {
			t.Errorf("%d resources in b", n)
		}
		for _, id := range order {
			if got := h.undo(id); got != (Undone{Removed: 2}) {
				t.Errorf("undone: %+v", got)
			}
		}
		same("both undone", a, b, c)
	}
	// a into b, and b into c: the later one first
	do(t, h.doubler().Merge(t.Context(), pair(a, b), b))
	do(t, h.doubler().Merge(t.Context(), pair(b, c), c))
	if n := len(h.whole(c)); n != 1+1+2+2 { // their own, b's two and its Provenance, their own Provenance
		t.Errorf("%d resources in c: %q", n, sortedKeys(h.whole(c)))
	}
	h.reopen()
	if !h.doubler().Joined("ruth-a") {
		t.Error("a is back")
	}
	_, err = h.doubler().Undo(t.Context(), pair(a, b))
	kindIs(t, "the earlier one first", err, errs.Conflict)
	if errs.SayOf(err) != "doubles.later_first" {
		t.Errorf("it says %q", errs.SayOf(err))
	}
	h.undo(pair(b, c))
	h.undo(pair(a, b))
	same("the chain undone", a, b, c)
	_, err = h.doubler().Undo(t.Context(), pair(a, b))
	kindIs(t, "undone twice", err, errs.Conflict)
	h.verify()
}

func TestOfAHundredMergesOfAPairOneIsDone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	_, err := h.bring(a).Put(t.Context(), life("ruth-a")...)
	do(t, err)
	d := h.doubler()
	var wg, writers sync.WaitGroup
	var mu sync.Mutex
	late := map[string]bool{}
	begun := make(chan struct{}, 1000)
	for w := range 8 { // others write into the chart meanwhile: nothing acknowledged is lost
		writers.Go(func() {
			for i := range 1000 {
				name := fmt.Sprintf("w%d-%d", w, i)
				c, err := h.v.Into(t.Context(), importer, Importing, a)
				if err != nil {
					return
				}
				if _, err := c.Put(t.Context(), pulse(name, "ruth-a", i)); err == nil {
					mu.Lock()
					late[name] = true
					mu.Unlock()
					select {
					case begun <- struct{}{}:
					default:
					}
				} else if !errs.Is(err, errs.Refused) && !errs.Is(err, errs.Conflict) {
					t.Errorf("a write meanwhile: %v", err)
				}
			}
		})
	}
	for range 5 {
		<-begun
	}
	done, refused := 0, 0
	for range 100 {
		wg.Go(func() {
			err := d.Merge(t.Context(), id, b)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done++
			case errs.Is(err, errs.Conflict):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	writers.Wait()
	now := h.whole(b)
	for name := range late {
		if now["Observation/"+name] == "" {
			t.Errorf("%s was acknowledged and is gone", name)
		}
	}
	if done != 1 || refused != 99 || len(now) != 1+len(life(""))+len(late)+1 {
		t.Errorf("%d done, %d refused, %d resources, %d written meanwhile", done, refused, len(now), len(late))
	}
	h.verify()
	t.Logf("%d written meanwhile", len(late))
}

// TestAWriteBehindAMergeInOneTransactionWaits holds the case in which the ledger
// commits a merge and a write to the chart that goes together.
func TestAWriteBehindAMergeInOneTransactionWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, _, _ := h.twins()
	ch := &charted{Chart: h.bring(a), parts: map[Parts]int{}}
	for _, merged := range []bool{true, false} { // and what was said in one is forgotten in the next
		h.change(func(ctx context.Context, tx store.Tx) error {
			if merged {
				h.v.people.leave(tx, a)
			}
			if _, err := ch.write(ctx, tx); errors.Is(err, store.ErrVersion) != merged {
				t.Errorf("merged %t: %v", merged, err)
			}
			return nil
		})
	}
}

func TestAMergeThatFailsInTheMiddleDidNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	_, err := h.bring(a).Put(t.Context(), life("ruth-a")...)
	do(t, err)
	h.way(a, "app")
	wasA, wasB := h.whole(a), h.whole(b)
	desk := h.doubler()
	real := h.v.st
	for _, act := range []string{"merge", "undo"} {
		n := 0
		for at := 1; ; at++ {
			f := &failing{real, at}
			h.relive(f)
			if act == "merge" {
				err = desk.Merge(t.Context(), id, b)
			} else {
				_, err = desk.Undo(t.Context(), id)
			}
			h.relive(real)
			if err == nil {
				break
			}
			if n++; !errors.Is(err, errDisk) {
				t.Fatalf("%s: %v", act, err)
			}
			if act == "merge" && at%3 == 0 {
				if diff := cmp.Diff(wasA, h.whole(a)) + cmp.Diff(wasB, h.whole(b)); diff != "" {
					t.Fatalf("%s failed at write %d and did something: %s", act, at, diff)
				}
			} else if _, err := h.v.Open(t.Context(), importer, Importing, a, AllParts); act == "undo" && !errs.Is(err, errs.Refused) {
				t.Fatalf("undo failed at write %d and did something: %v", at, err)
			}
		}
		if n < 8 {
			t.Errorf("%s can fail in %d places: the test reaches too few", act, n)
		}
		t.Logf("%s failed at each of %d writes, and then went well", act, n)
	}
	if diff := cmp.Diff(wasA, h.whole(a)) + cmp.Diff(wasB, h.whole(b)); diff != "" {
		t.Error(diff)
	}
	h.verify()
}

func TestNothingOfAMergeIsReadable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mark := fmt.Sprintf("Qwxyz-%d", rand.Uint64())
	a := h.admitAs(ruth(mark+"-a", `"identifier":[{"system":"urn:`+mark+`","value":"`+mark+`"}],"telecom":[{"system":"email","value":"`+mark+`@x.example"}]`))
	b := h.admitAs(ruth(mark+"-b", `"identifier":[{"system":"urn:`+mark+`","value":"`+mark+`"}],"address":[{"line":["`+mark+`"]}]`))
	_, err := h.bring(a).Put(t.Context(), resource("Observation", mark, `"status":"final","code":{"text":"`+mark+`"},"subject":{"reference":"Patient/`+mark+`-a"}`))
	do(t, err)
	_, err = h.v.Propose(t.Context(), importer, a)
	do(t, err)
	id := h.open1().ID
	for _, step := range []string{"proposed", "merged", "undone", "closed"} {
		switch step {
		case "merged":
			do(t, h.doubler().Merge(t.Context(), id, b))
		case "undone":
			h.undo(id)
		case "closed":
			do(t, h.v.Close())
		}
		files, err := filepath.Glob(filepath.Join(h.dir, "*"))
		do(t, err)
		there := 0
		for _, f := range files {
			raw, err := os.ReadFile(f)
			do(t, err)
			there += bytes.Count(raw, []byte("Staff nurse")) // so that the search is not blind
			for _, s := range []string{mark, strings.ToLower(mark), "same-number", "same-birth", string(a), string(b), "replaced-by", "urn:rapport:staff"} {
				if bytes.Contains(raw, []byte(s)) {
					t.Errorf("%s: %s holds %q", step, filepath.Base(f), s)
				}
			}
		}
		if there == 0 {
			t.Error("the search is blind")
		}
	}
}
