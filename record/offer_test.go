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
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// visits is the software that reminds and offers.
var visiting = account.AsSystem(account.Visiting)

// reads gives a client an address, as one who came in by it would have.
func (h *house) mailed(s account.Subject, mail string) {
	h.t.Helper()
	do(h.t, h.v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		a, err := h.v.accessOf(ctx, tx, s)
		if err != nil {
			return err
		}
		if a == nil {
			a = &account.Access{Subject: s, Name: "Guest " + mail}
		}
		was := slices.Clone(a.Mails)
		a.Mails = append(a.Mails, account.Mail{Address: mail, Checked: h.now.Now()})
		return h.v.putAccess(ctx, tx, s, was, a)
	}}))
}

// letters takes what waits to be sent, as "kind to".
func (h *house) visitLetters() (out []string, paths []string) {
	h.t.Helper()
	ps, err := h.v.Due(context.Background(), 100)
	do(h.t, err)
	for _, p := range ps {
		if strings.HasPrefix(p.Letter.Kind, "visit-") {
			out = append(out, p.Letter.Kind+" "+p.Letter.To)
			paths = append(paths, p.Letter.Path)
		}
		do(h.t, h.v.Settled(context.Background(), p.ID))
	}
	slices.Sort(out)
	return out, paths
}

func (h *house) letterList() string {
	h.t.Helper()
	out, _ := h.visitLetters()
	return strings.Join(out, ", ")
}

// tick lets the software do its work as often as it finds some.
func (h *house) tick() (offers int) {
	h.t.Helper()
	for range 10 {
		n, err := h.v.Offer(context.Background(), visiting)
		do(h.t, err)
		_, err = h.v.Remind(context.Background(), visiting)
		do(h.t, err)
		if offers += n; n == 0 {
			return offers
		}
	}
	return offers
}

// waits books a late visit for somebody who would rather come earlier.
func (h *house) waits(id string, from time.Time, w Wish) (*Chart, string) {
	h.t.Helper()
	c := h.admit(id, strings.ToUpper(id), "Waits", "1990-01-01")
	h.mailed(asClient(c), id+"@mail.example")
	own := h.own(c)
	ids, err := own.Book(context.Background(), "k", "", bp("clinician", from))
	do(h.t, err)
	do(h.t, own.WishEarlier(context.Background(), ids[0], w))
	return own, ids[0]
}

func TestAFreedTimeIsOfferedToOneAfterTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	later := at(9+5*24, 0)
	first := h.own(h.bob)
	early, err := first.Book(ctx, "k", "", bp("clinician", at(9+24, 0)))
	do(t, err)
	a, va := h.waits("a", later, Wish{})
	h.now.Add(time.Second)
	b, vb := h.waits("b", later.Add(20*minute), Wish{})
	h.now.Add(time.Second)
	c, vc := h.waits("c", later.Add(40*minute), Wish{})
	_, _ = h.waits("picky", later.Add(60*minute), Wish{Who: []string{"nurse"}})
	_, _ = h.waits("nights", later.Add(80*minute), Wish{From: 17 * 60, To: 20 * 60})
	do(t, h.open(h.staff("nurse"), Care, c.client, Visits).Urge(ctx, vc, 5))
	if n := h.tick(); n != 0 {
		t.Fatalf("%d offers of nothing", n)
	}
	h.visitLetters()
	do(t, first.Cancel(ctx, early[0]))
	if n := h.tick(); n != 1 {
		t.Fatalf("%d are asked, want the one who is urgent", n)
	}
	if got := h.letterList(); got != "visit-earlier c@mail.example" {
		t.Fatalf("letters: %s", got)
	}
	if h.free(bp("clinician", at(9+24, 0))) {
		t.Fatal("what is offered to one is open to all")
	}
	w, err := c.Wish(ctx, vc)
	do(t, err)
	if w.Offer == nil || w.Offer.First || !w.Offer.From.Equal(at(9+24, 0)) || w.Offer.Ends.Sub(h.now.Now()) != time.Hour {
		t.Fatalf("offered %+v", w.Offer)
	}
	// a crash between offer and answer: what was asked is still asked, and of nobody else
	h.reopen()
	if n := h.tick(); n != 0 || h.letterList() != "" {
		t.Error("asked again after a new start")
	}
	a, b, c = h.own(a.client), h.own(b.client), h.own(c.client)
	says(t, "accepting what one is not offered", a.Accept(ctx, va), "visits.gone")
	// no answer: the next, by who waits longest; the same is not asked twice
	h.now.Add(time.Hour)
	if n := h.tick(); n != 1 || h.letterList() != "visit-earlier a@mail.example" {
		t.Fatal("the next is not asked")
	}
	says(t, "accepting too late", c.Accept(ctx, vc), "visits.gone")
	do(t, a.DeclineOffer(ctx, va))
	if n := h.tick(); n != 1 || h.letterList() != "visit-earlier b@mail.example" {
		t.Fatal("after a no, the next is not asked")
	}
	do(t, b.Accept(ctx, vb))
	if got := h.letterList(); got != "visit-moved b@mail.example" {
		t.Errorf("letters: %s", got)
	}
	if h.status(b.client, vb) != "booked" || !h.free(bp("clinician", later.Add(20*minute))) || h.free(bp("clinician", at(9+24, 0))) {
		t.Error("the old time is not given back, or the new one not taken")
	}
	if _, err := b.Wish(ctx, vb); !errs.Is(err, errs.NotFound) {
		t.Errorf("a wish that was met is still one: %v", err)
	}
	says(t, "accepting twice", b.Accept(ctx, vb), "visits.gone")
	if n := h.tick(); n != 1 || h.letterList() != "visit-earlier c@mail.example" {
		t.Errorf("%d are offered b's old time, want c, whose visit is the only later one", n)
	}
}

func TestInTheLastHoursTheFirstHasIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens(func(tt *hours.Timetable) { tt.Services[0].Change = 0 })
	ctx := t.Context()
	first := h.own(h.bob)
	early, err := first.Book(ctx, "k", "", bp("clinician", at(11, 0)))
	do(t, err)
	a, va := h.waits("a", at(9+3*24, 0), Wish{})
	b, vb := h.waits("b", at(9+3*24, 20), Wish{})
	h.visitLetters()
	h.now.Add(at(9, 0).Sub(h.now.Now()))
	first, a, b = h.own(h.bob), h.own(a.client), h.own(b.client)
	do(t, first.Cancel(ctx, early[0]))
	if n := h.tick(); n != 2 {
		t.Fatalf("%d are asked, want both", n)
	}
	if got := h.letterList(); got != "visit-earlier a@mail.example, visit-earlier b@mail.example" {
		t.Fatalf("letters: %s", got)
	}
	h.reopen()
	a, b = h.own(a.client), h.own(b.client)
	w, err := b.Wish(ctx, vb)
	if err != nil || w.Offer == nil || !w.Offer.First {
		t.Fatalf("offered %+v, %v", w.Offer, err)
	}
	do(t, b.Accept(ctx, vb))
	if got := h.letterList(); got != "visit-earlier-gone a@mail.example, visit-moved b@mail.example" {
		t.Errorf("letters: %s", got)
	}
	says(t, "the second", a.Accept(ctx, va), "visits.gone")
	if h.status(a.client, va) != "booked" || len(h.taken("clinician")) != 2 {
		t.Error("who was second lost the time they had")
	}
	// somebody else takes a time that is offered to all who wait
	do(t, b.Cancel(ctx, vb))
	if n := h.tick(); n != 1 {
		t.Fatalf("%d are asked", n)
	}
	h.visitLetters()
	_, err = h.own(h.bob).Book(ctx, "again", "", bp("clinician", at(11, 0)))
	do(t, err)
	h.tick()
	if got := h.letterList(); got != "visit-earlier-gone a@mail.example" {
		t.Errorf("letters: %s", got)
	}
}

func TestNobodyIsAskedAtNightOrTooOften(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	a, va := h.waits("a", at(9+20*24, 0), Wish{})
	bob := h.own(h.bob)
	h.now.Add(12 * time.Hour) // nine in the evening
	ids, err := bob.Book(ctx, "k", "", bp("clinician", at(9+24, 0)))
	do(t, err)
	do(t, bob.Cancel(ctx, ids[0]))
	if n := h.tick(); n != 0 {
		t.Error("asked at night")
	}
	h.now.Add(11 * time.Hour)
	asked := 0
	for i := range 8 {
		asked += h.tick()
		h.now.Add(2 * time.Hour)
		if h.now.Now().Hour() >= 19 {
			h.now.Add(13 * time.Hour)
		}
		bob, a = h.own(h.bob), h.own(a.client)
		ids, err := bob.Book(ctx, fmt.Sprint(i), "", bp("clinician", at(9+(i+5)*24, 20)))
		do(t, err)
		do(t, bob.Cancel(ctx, ids[0]))
	}
	if asked != offerCap {
		t.Errorf("asked %d times, want %d", asked, offerCap)
	}
	do(t, a.Cancel(ctx, va))
	if err := a.WishNoMore(ctx, va); err != nil {
		t.Error(err)
	}
}

func TestRemindersAreEachWrittenOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens(func(tt *hours.Timetable) { tt.Services[1].Remind = []int{60} })
	ctx := t.Context()
	h.mailed(asClient(h.ada), "ada@mail.example")
	ada := h.own(h.ada)
	ids, err := ada.Book(ctx, "k", "", bp("clinician", at(9+9*24, 0)))
	do(t, err)
	scan, err := ada.Book(ctx, "s", "", Pick{Service: "scan", Who: "nurse", From: at(9+9*24, 0), Mode: hours.InPerson})
	do(t, err)
	soon, err := ada.Book(ctx, "soon", "", bp("nurse", at(9, 0))) // tomorrow: no reminder of 7 days
	do(t, err)
	if got := h.letterList(); got != "visit-booked ada@mail.example, visit-booked ada@mail.example, visit-booked ada@mail.example" {
		t.Fatalf("letters: %s", got)
	}
	var when []string
	for h.now.Now().Before(at(9+10*24, 0)) {
		h.tick()
		h.tick()
		for range strings.Split(h.letterList(), "visit-reminder")[1:] {
			when = append(when, h.now.Now().Format("2 15:04"))
		}
		h.now.Add(30 * minute)
		if len(when) == 3 && ids != nil { // moved a day before: of the new time the ladder begins anew
			h.reopen()
			do(t, h.own(h.ada).Move(ctx, ids[0], bp("clinician", at(9+9*24, 40))))
			ids = nil
		}
	}
	want := "25 07:00 27 09:00 3 09:00 3 10:00 4 08:00 4 08:00"
	if got := strings.Join(when, " "); got != want {
		t.Errorf("reminded at %s, want %s", got, want)
	}
	_, _ = scan, soon
}

func TestASlipSpeaksForOneVisit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	h.mailed(asClient(h.ada), "ada@mail.example")
	ada := h.own(h.ada)
	ids, err := ada.Book(ctx, "k", "", bp("clinician", at(9+24, 0)))
	do(t, err)
	other, err := ada.Book(ctx, "k2", "", bp("clinician", at(10+24, 0)))
	do(t, err)
	_, paths := h.visitLetters()
	token := strings.TrimPrefix(paths[0], "/v/")
	if _, err := h.doors.Enter(ctx, token, account.Ask{}); err == nil {
		t.Fatal("a slip lets somebody in")
	}
	if _, err := h.doors.Peek(ctx, token, ""); err == nil {
		t.Fatal("a slip is shown as a way in")
	}
	who, visit, err := h.doors.Slip(ctx, token)
	do(t, err)
	if who.Level() != account.ByLink || visit != ids[0] && visit != other[0] {
		t.Fatalf("%v, %s", who.Level(), visit)
	}
	s, err := h.v.OpenSlip(ctx, who, visit)
	do(t, err)
	x, err := s.Visit(ctx)
	do(t, err)
	if x.Status != "booked" || x.Confirmed || x.From.IsZero() {
		t.Errorf("it shows %+v", x)
	}
	do(t, s.Confirm(ctx))
	do(t, s.Move(ctx, bp("nurse", at(11+24, 0))))
	if x, err = s.Visit(ctx); err != nil || !x.From.Equal(at(11+24, 0)) || x.Confirmed {
		t.Errorf("moved, it shows %+v, %v", x, err)
	}
	do(t, s.Cancel(ctx))
	do(t, s.Cancel(ctx))
	left := ids[0]
	if visit == left {
		left = other[0]
	}
	if h.status(h.ada, visit) != "cancelled" || h.status(h.ada, left) != "booked" {
		t.Error("a slip is about another visit too")
	}
	if _, err := h.v.Open(ctx, who, Own, h.ada, AllParts); err == nil {
		t.Error("a slip opens the chart")
	}
	h.now.Add(5 * 24 * time.Hour)
	if _, _, err := h.doors.Slip(ctx, token); err == nil {
		t.Error("a slip of a visit long past")
	}
	var zero *Slip
	for what, err := range map[string]error{"move": zero.Move(ctx, Pick{}), "cancel": zero.Cancel(ctx), "confirm": (&Slip{}).Confirm(ctx), "accept": zero.Accept(ctx), "decline": (&Slip{}).DeclineOffer(ctx)} {
		kindIs(t, what, err, errs.Refused)
	}
}

// guest is somebody with an account and no chart, who asked to be taken on.
func (h *house) guest(id, mail string) account.Actor {
	h.t.Helper()
	sub := account.Subject{Kind: account.Guest, ID: id}
	h.mailed(sub, mail)
	do(h.t, h.v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		return h.v.put(ctx, tx, store.Waiting, h.v.Key("waiting", id), time.Time{}, &account.Wait{Subject: sub, Name: "Nia", Mail: mail, At: h.now.Now()})
	}}))
	return h.enter(sub)
}

func TestAGuestBooksAndTheVisitGoesWithThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	g := h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example")
	browser := h.v.Times("token")
	held, err := browser.Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	times := h.v.TimesOf(g, "token")
	id, err := times.Reserve(ctx, held.Key(), "first visit", bp("clinician", at(9, 0)), "")
	do(t, err)
	again, err := times.Reserve(ctx, held.Key(), "", bp("clinician", at(9, 0)), "")
	do(t, err)
	if id != again || len(h.taken("clinician")) != 1 || len(times.Reservations()) != 1 || h.letterList() != "visit-booked nia@mail.example" {
		t.Fatalf("reserved %s and %s", id, again)
	}
	moved, err := times.Reserve(ctx, "m", "", bp("clinician", at(9, 20)), id)
	do(t, err)
	if !h.free(bp("clinician", at(9, 0))) || h.free(bp("clinician", at(9, 20))) {
		t.Error("a guest's visit was not moved")
	}
	if err := h.v.TimesOf(h.guest("bbbbbbbbbbbbbbbbbbbbbbbbbb", "x@mail.example"), "").Release(ctx, moved); !errs.Is(err, errs.NotFound) {
		t.Errorf("another guest calls it off: %v", err)
	}
	_, paths := h.visitLetters()
	who, visit, err := h.doors.Slip(ctx, strings.TrimPrefix(paths[0], "/v/"))
	do(t, err)
	s, err := h.v.OpenSlip(ctx, who, visit)
	do(t, err)
	if x, err := s.Visit(ctx); err != nil || !x.From.Equal(at(9, 20)) {
		t.Errorf("a guest's slip shows %+v, %v", x, err)
	}
	h.reopen()
	if r := h.v.TimesOf(g, "").Reservations(); len(r) != 1 || r[0].Note != "" || r[0].Guest != g.ID() {
		t.Fatalf("after a new start: %+v", r)
	}
	nia := h.admit("nia", "Nia", "New", "1990-01-01")
	d, err := h.v.OpenDirectory(ctx, h.staff("frontdesk"), Vouching)
	do(t, err)
	do(t, d.Accept(ctx, g.ID(), nia, NotAsked))
	if x := h.taken("clinician"); len(x) != 1 || h.free(bp("clinician", at(9, 20))) || x[0].Client == 0 {
		t.Fatalf("taken on, the time is %v", x)
	}
	if st := h.status(nia, "v"+moved); st != "booked" {
		t.Errorf("the visit is %s", st)
	}
	if r := h.v.TimesOf(g, "").Reservations(); len(r) != 0 {
		t.Errorf("and still the guest's: %v", r)
	}
	if who, visit, err = h.doors.Slip(ctx, strings.TrimPrefix(paths[0], "/v/")); err != nil {
		t.Fatal(err)
	}
	s, err = h.v.OpenSlip(ctx, who, visit)
	do(t, err)
	if x, err := s.Visit(ctx); err != nil || x.Status != "booked" || !x.From.Equal(at(9, 20)) {
		t.Errorf("the old slip shows %+v, %v", x, err)
	}
	var _ fhir.ClientID = nia
}

// TestAGuestTakenOnByACrash: the chart was given, and the visits not yet.
func TestAGuestTakenOnByACrash(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	g := h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example")
	_, err := h.v.TimesOf(g, "").Reserve(ctx, "k", "", bp("clinician", at(9, 0)), "")
	do(t, err)
	nia := h.admit("nia", "Nia", "New", "1990-01-01")
	do(t, h.v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		return h.v.become(ctx, tx, g.Subject(), asClient(nia))
	}}))
	h.reopen()
	h.tick()
	if x := h.taken("clinician"); len(x) != 1 || x[0].Client == 0 {
		t.Errorf("the visit was not brought: %v", x)
	}
}

func TestAHoldGoesOverToWhoSignsIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	browser := h.v.Times("token")
	held, err := browser.Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	ada := h.own(h.ada)
	mine, err := ada.Calendar().Adopt(ctx, browser)
	do(t, err)
	if mine.Key() != held.Key() || !mine.Ends.Equal(held.Ends) {
		t.Error("it is another hold")
	}
	if _, err := browser.Held(ctx); errs.SayOf(err) != "visits.not_held" {
		t.Errorf("the browser has it still: %v", err)
	}
	_, err = ada.Book(ctx, mine.Key(), "", bp("clinician", at(9, 0)))
	do(t, err)
	_, err = ada.Calendar().Adopt(ctx, browser)
	says(t, "nothing to take over", err, "visits.not_held")
}

// TestYesAndNoAtOnceAreOneAnswer presses both, again and again: an offer that was
// declined is not taken all the same.
func TestYesAndNoAtOnceAreOneAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	bob := h.own(h.bob)
	a, va := h.waits("a", at(9+20*24, 0), Wish{})
	for i := range 5 {
		ids, err := bob.Book(ctx, fmt.Sprint("k", i), "", bp("clinician", at(9+(i+2)*24, 0)))
		do(t, err)
		do(t, bob.Cancel(ctx, ids[0]))
		if n := h.tick(); n != 1 {
			t.Fatalf("%d are asked", n)
		}
		var key = h.v.wishKey(a.client, va)
		var seen wish
		do(t, h.v.st.View(ctx, func(r store.Reader) error { return h.v.get(ctx, r, store.Wishes, key, &seen) }))
		do(t, a.DeclineOffer(ctx, va)) // between the look at the offer and the yes to it
		in := *a
		in.held = h.v.offerHolder(key)
		s := seen.Ask.Seat
		err = in.moveWith(ctx, va, Pick{s.Service, s.Who, s.From, s.Mode}, func(ctx context.Context, tx store.Tx) error { return h.v.answered(ctx, tx, key, seen) })
		says(t, "a yes that comes after the no", err, "visits.gone")
		if !h.free(bp("clinician", s.From)) {
			t.Error("what was declined is taken")
		}
	}
	sameTimes(t, h.v)
}
