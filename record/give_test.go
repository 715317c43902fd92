package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/thread"
)

func TestWhatLeavesIsWrittenDownFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	manifest := []byte(`{"files":[]}`)
	sum := sha256.Sum256(manifest)
	var gave Gave
	grew := h.grew(h.ada, func() {
		var err error
		gave, err = c.Give(t.Context(), Gift{To: "Dr Who", As: "application/zip", Manifest: manifest, N: 3, Parts: Results | Looks})
		do(t, err)
	})
	if d := cmp.Diff([]string{"client give taking results looks"}, grew); d != "" {
		t.Error(d)
	}
	want := Gave{To: "Dr Who", As: "application/zip", Hash: hex.EncodeToString(sum[:]), N: 3}
	ls, err := c.Looks(t.Context(), 0, 1)
	do(t, err)
	if gave != want || len(ls) != 1 || ls[0].Gave != want || ls[0].Act != "give" {
		t.Errorf("gave %+v, the look says %+v, want %+v", gave, ls, want)
	}
	h.reopen() // it was durable, and the ledger still verifies
	h.verify()
	if ls := h.lines(h.ada); ls[len(ls)-1].Gave == nil && ls[len(ls)-2].Gave == nil && ls[len(ls)-3].Gave == nil {
		t.Errorf("after a new start the line is %+v", ls[len(ls)-1])
	}
}

func TestWhatMayNotLeave(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	good := Gift{To: ToThemselves, As: "text/html", Manifest: []byte("x"), N: 1}
	for name, spoil := range map[string]func(*Gift){
		"nobody":          func(g *Gift) { g.To = "" },
		"no format":       func(g *Gift) { g.As = "" },
		"nothing":         func(g *Gift) { g.Manifest = nil },
		"a negative":      func(g *Gift) { g.N = -1 },
		"a line break":    func(g *Gift) { g.To = "me\nand them" },
		"a long name":     func(g *Gift) { g.To = strings.Repeat("é", giveWords+1) },
		"no text at all":  func(g *Gift) { g.To = "\xff" },
		"a bell in it":    func(g *Gift) { g.As = "a\ab" },
		"an escape in it": func(g *Gift) { g.As = "a\x1bb" },
	} {
		g := good
		spoil(&g)
		if grew := h.grew(h.ada, func() {
			_, err := c.Give(t.Context(), g)
			kindIs(t, name, err, errs.Invalid)
		}); len(grew) > 0 {
			t.Errorf("%s: %v stands on the ledger", name, grew)
		}
	}
	eyes := h.open(h.client(h.ada), Minding, h.ada, AllParts|Looks)
	sight, err := eyes.As(t.Context(), Eyes{Staff: "nurse"})
	do(t, err)
	part := h.open(h.client(h.ada), Own, h.ada, Results)
	for name, x := range map[string]struct {
		c *Chart
		p Parts
	}{"no chart": {nil, 0}, "the zero chart": {&Chart{}, 0}, "through another's eyes": {sight.Chart, 0}, "a part that is not open": {part, Results | Visits}} {
		g := good
		g.Parts = x.p
		_, err := x.c.Give(t.Context(), g)
		kindIs(t, name, err, errs.Refused)
	}
	h.v.led.Close()
	h.relive(&stuck{Store: h.v.st})
	_, err = c.Give(t.Context(), good)
	kindIs(t, "a ledger that cannot be written", err, errs.Unavailable)
}

// TestNobodyElseTakesEverything asks for everything as everybody who has anything to do
// with Ada.
func TestNobodyElseTakesEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, who := range append(account.AllRoles(), 0) {
		id := who.String()
		if who == 0 {
			continue
		}
		_, err := h.v.Open(t.Context(), h.staff(id), Taking, h.ada, AllParts|Looks)
		kindIs(t, id, err, errs.Refused)
	}
	_, err := h.v.Open(t.Context(), h.client(h.bob), Taking, h.ada, AllParts|Looks)
	kindIs(t, "another client", err, errs.Refused)
	_, err = h.v.Open(t.Context(), importer, Taking, h.ada, AllParts|Looks)
	kindIs(t, "software", err, errs.Refused)
	c := h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	if _, err := c.Put(t.Context(), pulse("o1", "ada", 60)); err == nil {
		t.Error("taking a copy writes into the chart")
	}
}

func TestTheListOfAllThereIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	in := h.bring(h.ada)
	want := map[string][]byte{}
	put := func(rs ...fhir.Resource) {
		t.Helper()
		_, err := in.Put(ctx, rs...)
		do(t, err)
	}
	for i := range 5 {
		r := pulse("o1", "ada", 60+i)
		want[fmt.Sprintf("Observation/o1/%d", i+1)] = r.JSON
		put(r)
	}
	put(pulse("o2", "ada", 80), condition("c1", "ada", "73211009"))
	want["Observation/o2/1"], want["Condition/c1/1"] = pulse("o2", "ada", 80).JSON, condition("c1", "ada", "73211009").JSON
	_, err := in.Apply(ctx, Change{Resource: fhir.Resource{Type: "Observation", ID: "o2"}, Delete: true})
	do(t, err)
	want["Observation/o2/2"] = nil
	want["Patient/ada/1"] = patient("ada", "Ada", "Lovelace", "1815-12-10").JSON
	put2 := h.bring(h.bob)
	_, err = put2.Put(ctx, condition("c1", "bob", "73211009"))
	do(t, err)
	nurse := h.open(h.staff("nurse"), Care, h.ada, AllParts)
	thread := h.say(h.open(h.client(h.ada), Messaging, h.ada, writes), Message{Key: "k", Topic: "care", Title: "T", Text: "hello"})
	h.say(nurse, Message{Key: "n", Thread: thread, Text: "NOTE", Note: true})

	c := h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	hs, err := c.Holdings(ctx)
	do(t, err)
	got := map[string][]byte{}
	newest := 0
	for _, x := range hs {
		if x.Newest {
			newest++
		}
		b, err := c.Content(ctx, x)
		if x.Deleted {
			kindIs(t, "the content of a deletion", err, errs.NotFound)
		} else {
			do(t, err)
		}
		if strings.Contains(string(b), "NOTE") {
			t.Error("what staff say to each other is listed")
		}
		if x.Type != "Communication" {
			got[fmt.Sprintf("%s/%s/%d", x.Type, x.ID, x.Version)] = b
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if newest != 6 { // o1, o2 that is gone, c1, the person, the thread and what was said
		t.Errorf("%d newest versions", newest)
	}
	if _, err := part(h, Results).Content(ctx, hs[0]); err == nil {
		t.Error("content of a part that is not open")
	}
	if _, err := (*Chart)(nil).Holdings(ctx); err == nil {
		t.Error("no chart has a list")
	}
	gone, stop := context.WithCancel(ctx)
	stop()
	if _, err := c.Holdings(gone); err == nil {
		t.Error("the list is made for who went away")
	}
}

func part(h *house, p Parts) *Chart {
	h.t.Helper()
	return h.open(h.client(h.ada), Own, h.ada, p)
}

func TestAnotherChartsListOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hs, err := h.open(h.client(h.bob), Taking, h.bob, AllParts|Looks).Holdings(t.Context())
	do(t, err)
	c := h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	for _, x := range hs {
		if b, err := c.Content(t.Context(), x); err == nil {
			t.Errorf("Ada reads %s of Bob", b)
		}
	}
}

func TestProofsOfOneLedger(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	cp, err := c.Checkpoint(t.Context())
	do(t, err)
	ls, err := c.Looks(t.Context(), 0, 100)
	do(t, err)
	part(h, Results) // the ledger goes on
	later, err := c.Looks(t.Context(), 0, 1)
	do(t, err)
	for _, l := range ls {
		p, err := c.ProveAt(t.Context(), cp, l.Seq)
		do(t, err)
		do(t, p.Check())
		if p.Checkpoint.Size != cp.Size {
			t.Errorf("look %d is proven against %d, want %d", l.Seq, p.Checkpoint.Size, cp.Size)
		}
	}
	_, err = c.ProveAt(t.Context(), cp, later[0].Seq)
	kindIs(t, "a look after the checkpoint", err, errs.NotFound)
}

func TestTheWordsOfASealedThreadAreTakenAlong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(h.open(h.client(h.ada), Messaging, h.ada, writes), Message{Key: "a", Topic: "care", Title: "Marzipan", Text: "pistachio", Named: []thread.Party{{Ref: "Practitioner/clinician", Name: "P"}}})
	c := h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	read := func() (thread.Thread, []*thread.Said) {
		t.Helper()
		hs, err := c.Holdings(t.Context())
		do(t, err)
		var head thread.Thread
		var said []*thread.Said
		for _, x := range hs {
			b, err := c.Content(t.Context(), x)
			do(t, err)
			if s, err := thread.ReadSaid(b); err == nil && x.Type == "Communication" {
				said = append(said, &s)
			} else if k, err := thread.ReadThread(b); err == nil {
				head = k
			}
		}
		return head, said
	}
	head, said := read()
	ok, err := c.Words(t.Context(), &head, said)
	do(t, err)
	if !ok || head.Title != "Marzipan" || len(said) != 1 || said[0].Text != "pistachio" {
		t.Errorf("%v %+v %+v", ok, head, said)
	}
	h.now.Add(sealedHolds + time.Hour)
	_, err = h.v.Sweep(t.Context(), account.AsSystem(account.Promising))
	do(t, err)
	c = h.open(h.client(h.ada), Taking, h.ada, AllParts|Looks)
	head, said = read()
	if ok, err = c.Words(t.Context(), &head, said); err != nil || ok || said[0].Text != "" {
		t.Errorf("words that are no more: %v %v %+v", ok, err, said)
	}
}

// TestWhatIsClosedIsNotListed lists a chart as somebody who does not treat its client: of
// what lies in a compartment there is neither the newest version, nor an older one, nor
// that it was deleted.
func TestWhatIsClosedIsNotListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	in := h.bring(h.ada)
	closed := func(id string) fhir.Resource {
		return resource("Condition", id, `"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"code":{"text":"PRIVATE"},"subject":{"reference":"Patient/ada"}`)
	}
	_, err := in.Put(ctx, closed("stays"), closed("goes"), condition("open", "ada", "73211009"))
	do(t, err)
	_, err = in.Apply(ctx, Change{Resource: fhir.Resource{Type: "Condition", ID: "goes"}, Delete: true})
	do(t, err)
	list := func(c *Chart) (out []string) {
		t.Helper()
		hs, err := c.Holdings(ctx)
		do(t, err)
		for _, x := range hs {
			if x.Type == "Condition" {
				out = append(out, fmt.Sprint(x.ID, " ", x.Version, " ", x.Deleted))
			}
		}
		slices.Sort(out)
		return out
	}
	if d := cmp.Diff([]string{"open 1 false"}, list(h.open(h.staff("nurse"), Care, h.ada, AllParts))); d != "" {
		t.Errorf("to who does not treat her: %s", d)
	}
	if d := cmp.Diff([]string{"goes 1 false", "goes 2 true", "open 1 false", "stays 1 false"}, list(h.open(h.client(h.ada), Taking, h.ada, AllParts))); d != "" {
		t.Errorf("to herself: %s", d)
	}
}
