package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
)

// minding opens somebody's own chart to look after what is known of them.
func (h *house) minding(of fhir.ClientID) *Chart {
	h.t.Helper()
	return h.open(h.client(of), Minding, of, AllParts|Looks)
}

// bars keeps a member of staff out of a chart.
func (h *house) bars(of fhir.ClientID, l Limit) string {
	h.t.Helper()
	id, err := h.minding(of).Limit(h.t.Context(), l)
	do(h.t, err)
	return id
}

// TestWhoIsBarredHearsWhatTheyHearOfNobody compares every answer they get about the client
// with that about somebody who does not exist: for each purpose, part and level.
func TestWhoIsBarredHearsWhatTheyHearOfNobody(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	nobody := fhir.ClientID(strings.Repeat("a", len(h.ada)))
	h.write(h.bring(h.ada), visitWith("nurse", "booked", start.Add(time.Hour))) // treating them does not help
	for _, id := range []string{"nurse", "frontdesk", "coordinator"} {
		h.bars(h.ada, Limit{Who: []string{id}})
	}
	h.reopen()
	for _, id := range []string{"nurse", "frontdesk", "coordinator"} {
		for _, who := range []account.Actor{h.byLink(staffSubject(id)), h.unfresh(id), h.staff(id)} {
			for _, why := range Purposes() {
				for _, p := range []Parts{Person, Person | Visits, Results, AllParts | Looks, 0} {
					_, there := h.v.Open(ctx, who, why, h.ada, p)
					_, absent := h.v.Open(ctx, who, why, nobody, p)
					if why == Breaking && who.Level() == account.Fresh {
						continue // the one way in, and it is answered for
					}
					if there == nil || fmt.Sprint(there) != fmt.Sprint(absent) || errs.KindOf(there) != errs.KindOf(absent) || errs.SayOf(there) != errs.SayOf(absent) {
						t.Fatalf("the %s by %v, for %s of %s: %v; of nobody: %v", id, who.Level(), why, p, there, absent)
					}
					if _, err := h.v.Into(ctx, who, why, h.ada); err == nil {
						t.Fatalf("the %s, bringing in for %s", id, why)
					}
				}
			}
		}
	}
	if _, err := h.v.Open(ctx, h.staff("clinician"), Care, h.ada, AllParts); err != nil {
		t.Errorf("who is not barred: %v", err)
	}
	if _, err := h.v.Open(ctx, h.staff("nurse"), Care, h.bob, AllParts); err != nil {
		t.Errorf("another's chart: %v", err)
	}
}

// TestWhoIsBarredReadsNothingOfItInTheDayOrTheList: not what a visit is, nor whose, nor that
// something is to do; their own visit they see, for they have to be there.
func TestWhoIsBarredReadsNothingOfItInTheDayOrTheList(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.opens()
	h.reads(h.ada, "ada@mail.example", "1815-12-10")
	visit, err := h.own(h.ada).Book(ctx, "k", "", bp("clinician", at(10, 0)))
	do(t, err)
	say := h.open(h.client(h.ada), Messaging, h.ada, Person|Messages)
	_, err = say.Say(ctx, Message{Key: "m", Topic: h.v.Topics()[0].ID, Text: "It hurts."})
	do(t, err)
	_, err = h.minding(h.ada).AskCorrection(ctx, "c", "", "", "A word is missing.")
	do(t, err)
	h.now.Add(at(9, 0).Sub(h.now.Now()))
	code := h.v.checkIn(string(h.ada), visit[0])
	sees := func(who string) (n int) {
		d := h.find(who)
		day, err := d.Day(ctx, at(0, 0), at(23, 0))
		do(t, err)
		for _, b := range day {
			if b.Client == h.ada || b.Service != "" || b.Ref != "" || b.Visit != "" {
				n++
			}
		}
		for _, f := range []func(context.Context) ([]Todo, error){d.Todos, d.Inbox} {
			all, err := f(ctx)
			do(t, err)
			n += len(all)
		}
		byCode, err := d.ByCode(ctx, code)
		do(t, err)
		return n + len(byCode)
	}
	before := sees("nurse")
	if before < 4 {
		t.Fatalf("there is too little to see: %d", before)
	}
	id := h.bars(h.ada, Limit{Who: []string{"nurse", "frontdesk"}})
	for _, who := range []string{"nurse", "frontdesk"} {
		if n := sees(who); n != 0 {
			t.Errorf("the %s who is barred sees %d things", who, n)
		}
	}
	if n := sees("coordinator"); n != before {
		t.Errorf("another sees %d things, want %d", n, before)
	}
	todo, err := h.find("coordinator").Todos(ctx)
	do(t, err)
	for _, x := range todo {
		kindIs(t, "taking on what is not there", h.find("nurse").Assign(ctx, x.ID, "nurse"), errs.NotFound)
		do(t, h.find("coordinator").Assign(ctx, x.ID, "nurse"))
	}
	if n := sees("nurse"); n != 0 {
		t.Errorf("given to them by another, they see %d things", n)
	}
	do(t, h.breaks(h.staff("nurse"), h.ada, need, Safe))
	if n := sees("nurse"); n < before {
		t.Errorf("who broke the glass sees %d things, want %d", n, before)
	}
	h.now.Add(5 * time.Hour)
	do(t, h.minding(h.ada).Unlimit(ctx, id))
	if n := sees("nurse"); n < before {
		t.Errorf("barred no more, they see %d things, want %d", n, before)
	}
}

// TestALimitHoldsFromWhenItIsSaidUntilItsEnd: of all, of a compartment, of all but some; it
// is there after a new start, ends when it says, and when the client ends it.
func TestALimitHoldsFromWhenItIsSaidUntilItsEnd(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.closed(h.ada, "ada", "o1")
	h.write(h.bring(h.ada), labelled(resource("Observation", "o2", `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ada"},"valueString":"x"`), "SEX"))
	for _, id := range []string{"nurse", "clinician"} {
		h.write(h.bring(h.ada), resource("CareTeam", "t"+id, `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":`+practitioner(id)+`}]`))
	}
	sees := func() (out string) {
		for _, id := range []string{"nurse", "clinician"} {
			c, err := h.v.Open(ctx, h.staff(id), Care, h.ada, Results)
			if err != nil {
				kindIs(t, id, err, errs.Refused)
				out += id + " out; "
				continue
			}
			all, err := c.Find(ctx, "Observation")
			do(t, err)
			found := ids(all)
			slices.Sort(found)
			out += id + " " + strings.Join(found, "+") + "; "
		}
		return out
	}
	const both = "nurse o1+o2; clinician o1+o2; "
	for _, c := range []struct {
		name, want string
		l          Limit
	}{
		{"one of all", "nurse out; clinician o1+o2; ", Limit{Who: []string{"nurse"}}},
		{"two of all", "nurse out; clinician out; ", Limit{Who: []string{"nurse", "clinician"}}},
		{"one of a compartment", "nurse o2; clinician o1+o2; ", Limit{Who: []string{"nurse"}, In: label.Mental}},
		{"one of two compartments", "nurse ; clinician o1+o2; ", Limit{Who: []string{"nurse"}, In: label.Mental | label.Sexual}},
		{"all but one", "nurse o1; clinician o1+o2; ", Limit{But: []string{"clinician"}, In: label.Sexual}},
	} {
		if got := sees(); got != both {
			t.Fatalf("before %s: %s", c.name, got)
		}
		id := h.bars(h.ada, c.l)
		if got := sees(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		h.reopen()
		if got := sees(); got != c.want {
			t.Errorf("%s, after a new start: %s", c.name, got)
		}
		h.now.Add(time.Hour)
		do(t, h.minding(h.ada).Unlimit(ctx, id))
		if got := sees(); got != both {
			t.Errorf("%s, ended: %s", c.name, got)
		}
		c.l.Until = h.now.Now().Add(time.Hour)
		h.bars(h.ada, c.l)
		h.now.Add(time.Hour - time.Second)
		if got := sees(); got != c.want {
			t.Errorf("%s, a second before its end: %s", c.name, got)
		}
		h.now.Add(time.Second)
	}
}

// TestALimitIsAConsentAndReadBackAsItWasSaid reads it as FHIR, and as a Limit.
func TestALimitIsAConsentAndReadBackAsItWasSaid(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	l := Limit{Who: []string{"clinician", "nurse"}, But: []string{"nurse"}, In: label.Mental | label.Own, Until: start.Add(48 * time.Hour)}
	var id string
	if added := h.grew(h.ada, func() { id = h.bars(h.ada, l) }); added[len(added)-1] != "client limit minding agreements1" {
		t.Errorf("on the ledger: %q", added)
	}
	got, err := h.minding(h.ada).Limits(ctx)
	if err != nil || len(got) != 1 || got[0].ID != id || !slices.Equal(got[0].Who, l.Who) || !slices.Equal(got[0].But, l.But) || got[0].In != l.In || !got[0].Until.Equal(l.Until) || !got[0].Said.Equal(start) || got[0].Strange {
		t.Errorf("read back as %+v, %v", got, err)
	}
	f, err := h.minding(h.ada).Read(ctx, "Consent", id)
	do(t, err)
	for _, want := range []string{`"status":"active"`, `"patient-privacy"`, `"Patient/ada"`, `"type":"deny"`, `"Practitioner/nurse"`, `"Staff nurse"`, `"IRCP"`, `"start":"2026-11-24T09:00:00Z"`, `"end":"2026-11-26T09:00:00Z"`, `"securityLabel"`, `"type":"permit"`} {
		if !strings.Contains(string(f.JSON), want) {
			t.Errorf("the Consent lacks %s: %s", want, f.JSON)
		}
	}
	do(t, h.minding(h.ada).Unlimit(ctx, id))
	f, err = h.minding(h.ada).Read(ctx, "Consent", id)
	if err != nil || !strings.Contains(string(f.JSON), `"status":"inactive"`) || !strings.Contains(string(f.JSON), `"Practitioner/nurse"`) {
		t.Errorf("ended it is %s, %v", f.JSON, err)
	}
	if got, err := h.minding(h.ada).Limits(ctx); err != nil || len(got) != 0 {
		t.Errorf("ended it reads %+v, %v", got, err)
	}
	h.write(h.bring(h.ada), resource("Consent", "strange", `"status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"x"}],"patient":{"reference":"Patient/ada"},"policyRule":{"text":"x"},"provision":{"type":"deny","code":[{"text":"an x-ray"}]}`))
	if got, err := h.minding(h.ada).Limits(ctx); err != nil || len(got) != 1 || !got[0].Strange {
		t.Errorf("what cannot be done here reads %+v, %v", got, err)
	}
	if _, err := h.v.Open(ctx, h.staff("nurse"), Care, h.ada, Results); err != nil {
		t.Errorf("what cannot be done here keeps somebody out: %v", err)
	}
}

// TestOnlyTheClientSaysWhoMayNotLook: not staff, not a helper, and what they said is not
// for everybody to read, nor for staff to end.
func TestOnlyTheClientSaysWhoMayNotLook(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	l := Limit{Who: []string{"clinician"}}
	id := h.bars(h.ada, Limit{Who: []string{"clinician"}})
	h.write(h.bring(h.ada), resource("CareTeam", "t", `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":`+practitioner("nurse")+`}]`))
	helper := h.helper(h.ada, Grant{Tie: Helper, Name: "Eve", Reads: AllParts, Acts: AllParts})
	for _, who := range []account.Actor{h.staff("nurse"), h.staff("coordinator"), h.staff("frontdesk"), helper, h.client(h.bob), h.client(h.ada), importer} {
		for _, why := range Purposes() {
			c, err := h.v.Open(ctx, who, why, h.ada, AllParts)
			if err != nil || why == Minding {
				continue
			}
			_, err = c.Limit(ctx, l)
			kindIs(t, who.Name()+" for "+why.String(), err, errs.Refused)
			kindIs(t, who.Name()+" for "+why.String(), c.Unlimit(ctx, id), errs.Refused)
		}
	}
	for _, who := range []account.Actor{h.staff("coordinator"), helper} {
		c, err := h.v.Open(ctx, who, Care, h.ada, Agreements)
		if who == helper {
			c, err = h.v.Open(ctx, who, Own, h.ada, AllParts)
		}
		do(t, err)
		if all, err := c.Find(ctx, "Consent"); err == nil && len(all) != 0 {
			t.Errorf("%s reads whom the client keeps out: %v", who.Name(), ids(all))
		}
	}
	nurse := h.open(h.staff("nurse"), Care, h.ada, AllParts)
	f, err := nurse.Read(ctx, "Consent", id)
	do(t, err)
	off, err := withInactive(f.JSON)
	do(t, err)
	_, err = nurse.Put(ctx, fhir.Resource{Type: "Consent", ID: id, JSON: off})
	kindIs(t, "staff who end it by writing over it", err, errs.Refused)
	_, err = nurse.Apply(ctx, Change{Resource: fhir.Resource{Type: "Consent", ID: id}, Delete: true})
	kindIs(t, "staff who delete it", err, errs.Refused)
	made := strings.ReplaceAll(string(f.JSON), id, "made")
	_, err = nurse.Put(ctx, fhir.Resource{Type: "Consent", ID: "made", JSON: []byte(strings.ReplaceAll(made, "clinician", "coordinator"))})
	kindIs(t, "staff who make one", err, errs.Refused)
	if _, err := h.v.Open(ctx, h.staff("clinician"), Care, h.ada, Results); err == nil {
		t.Error("it does not hold any more")
	}
	mind := h.minding(h.ada)
	for name, l := range map[string]Limit{
		"nobody": {}, "nobody who works here": {Who: []string{"eve"}}, "everybody": {But: []string{"nurse"}}, "everybody, from a compartment": {In: label.Mental},
		"all but nobody here": {But: []string{"eve"}, In: label.Mental}, "one and a stranger": {Who: []string{"nurse", "eve"}},
	} {
		_, err := mind.Limit(ctx, l)
		says(t, name, err, "trust.limit_nobody")
	}
	kindIs(t, "ending what is not there", mind.Unlimit(ctx, "none"), errs.NotFound)
}

// TestALimitFollowsAMergeAndItsUndoing: who was barred from one chart is barred from the one
// that both are now, and from that one again.
func TestALimitFollowsAMergeAndItsUndoing(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	a, b, id := h.twins()
	h.bars(b, Limit{Who: []string{"nurse"}})
	out := func(when string, of fhir.ClientID, want bool) {
		t.Helper()
		_, err := h.v.Open(ctx, h.staff("nurse"), Care, of, Results)
		if (err != nil) != want {
			t.Errorf("%s the nurse is out: %t, want %t", when, err != nil, want)
		}
	}
	out("before", a, false)
	out("before", b, true)
	do(t, h.desk(Vouching).Merge(ctx, id, a))
	out("as one", a, true)
	h.reopen()
	out("as one, after a new start", a, true)
	_, err := h.desk(Vouching).Undo(ctx, id)
	do(t, err)
	out("as two again", b, true)
	out("as two again", a, false)
}
