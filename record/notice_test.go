package record

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// tells tells Ada of something.
func (h *house) tells(kind string) {
	h.t.Helper()
	do(h.t, h.v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		return h.v.letterTo(ctx, tx, asClient(h.ada), kind, leads("/me/x/forms"), h.now.Now().Add(7*24*time.Hour))
	}}))
}

// wants is how Ada is told.
func (h *house) wants(f func(*Notices)) {
	h.t.Helper()
	do(h.t, h.v.SetNotices(context.Background(), h.client(h.ada), func(n *Notices) error { f(n); return nil }))
}

// goes is what is sent now, by way and kind; lost is settled as nobody took it.
func (h *house) goes(lost ...string) (out []string) {
	h.t.Helper()
	ps, err := h.v.Due(context.Background(), 1000)
	do(h.t, err)
	for _, p := range ps {
		by := p.Letter.By
		if by == "" {
			by = "mail"
		}
		out = append(out, by+" "+p.Letter.Kind)
		if len(lost) > 0 && by == lost[0] {
			do(h.t, h.v.Lost(context.Background(), p.ID))
		} else {
			do(h.t, h.v.Settled(context.Background(), p.ID))
		}
	}
	return out
}

func (h *house) climbs() {
	h.t.Helper()
	_, err := h.v.Climb(context.Background(), promising)
	do(h.t, err)
}

func (h *house) expect(what string, got []string, want ...string) {
	h.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("%s: %q goes, want %q", what, got, want)
	}
}

func ladderHouse(t *testing.T) *house {
	t.Helper()
	h := talkHouse(t)
	h.mailed(asClient(h.ada), "ada@mail.example")
	h.wants(func(n *Notices) {
		n.AddDevice(Device{Endpoint: "https://push.example/1", Key: "k", Auth: "a"})
		n.Phone = "+441632960961"
	})
	return h
}

// TestTheLadderIsClimbedUntilSomebodyIsHere climbs it rung by rung.
func TestTheLadderIsClimbedUntilSomebodyIsHere(t *testing.T) {
	t.Parallel()
	h := ladderHouse(t)
	id := h.wrote("Is it broken?")
	nurse := h.open(h.staff("nurse"), Care, h.ada, writes)
	h.now.Add(time.Minute)
	h.say(nurse, Message{Key: "a", Thread: id, Text: "No."})
	h.expect("at once", h.goes(), "push message")
	h.now.Add(pushGiven - time.Minute)
	h.climbs()
	h.expect("too early", h.goes())
	h.now.Add(time.Minute)
	h.climbs()
	h.expect("half an hour later", h.goes(), "mail message")
	h.reopen()
	h.now.Add(mailGiven)
	h.climbs()
	h.expect("eight hours later", h.goes(), "text message")
	h.now.Add(lastGiven)
	h.climbs()
	h.expect("and then", h.goes())
	if got := h.inbox("nurse"); len(got) != 1 || got[0].Kind != TodoUnreached || got[0].Thread != id {
		t.Errorf("to do: %+v", got)
	}
	nurse = h.open(h.staff("nurse"), Care, h.ada, writes)
	told, err := nurse.Told(t.Context())
	do(t, err)
	if len(told) != 1 || len(told[0].Rungs) != 3 || told[0].Rungs[1].State != RungSent || told[0].Path != "" || !told[0].Seen.IsZero() {
		t.Errorf("staff see %+v", told)
	}
	ada := h.open(h.client(h.ada), Messaging, h.ada, writes)
	do(t, ada.MarkRead(t.Context(), id))
	if got := h.inbox("nurse"); len(got) != 0 {
		t.Errorf("they read it, and still to do: %+v", got)
	}
}

// TestWhoHasBeenHereIsToldNoMore opens the chart between two rungs.
func TestWhoHasBeenHereIsToldNoMore(t *testing.T) {
	t.Parallel()
	h := ladderHouse(t)
	h.tells(account.LetterForms)
	h.expect("at once", h.goes(), "push forms")
	h.now.Add(10 * time.Minute)
	h.open(h.client(h.ada), Own, h.ada, Visits)
	h.now.Add(pushGiven)
	h.climbs()
	h.expect("later", h.goes())
	n, err := h.v.Notices(t.Context(), h.client(h.ada))
	do(t, err)
	if len(n.Lately) != 1 || n.Lately[0].Seen.IsZero() {
		t.Errorf("kept is %+v", n.Lately)
	}
}

// TestADeviceThatIsGoneIsForgotten loses the push: the next rung is climbed at once.
func TestADeviceThatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	h := ladderHouse(t)
	h.tells(account.LetterForms)
	h.expect("at once", h.goes("push"), "push forms")
	h.climbs()
	h.expect("then", h.goes("mail"), "mail forms")
	h.climbs()
	h.expect("and then", h.goes(), "text forms")
	h.tells(account.LetterForms)
	h.expect("the next", h.goes(), "mail forms")
}

// TestQuietHoursAreTheirsWhereverTheyAre sends by the clock where somebody is.
func TestQuietHoursAreTheirsWhereverTheyAre(t *testing.T) {
	t.Parallel()
	h := ladderHouse(t) // it is nine in the morning in Greenwich
	h.wants(func(n *Notices) { n.From, n.To, n.Zone = 22*60, 8*60, "America/New_York" })
	h.tells(account.LetterForms)
	h.expect("at four in the morning", h.goes())
	h.now.Add(4*time.Hour - time.Second)
	h.climbs()
	h.expect("just before eight", h.goes())
	h.now.Add(time.Second)
	h.expect("at eight", h.goes(), "push forms")
	h.wants(func(n *Notices) { n.Zone = "Asia/Tokyo" }) // they have flown: it is ten in the evening
	h.tells(account.LetterRemind)
	h.expect("in Tokyo", h.goes())
	h.now.Add(10 * time.Hour)
	h.expect("at eight there", h.goes(), "push visit-reminder")
	h.tells(account.LetterKeyAdded)
	h.expect("what is about the account", h.goes(), "mail key-added")
	for _, c := range []struct {
		from, to, at int
		quiet        bool
	}{{0, 0, 5, false}, {60, 120, 59, false}, {60, 120, 60, true}, {60, 120, 119, true}, {60, 120, 120, false}, {1320, 480, 0, true}, {1320, 480, 479, true}, {1320, 480, 480, false}, {1320, 480, 1319, false}, {1320, 480, 1320, true}} {
		at := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.at) * time.Minute)
		end := Notices{From: c.from, To: c.to}.quiet(at, time.UTC)
		if quiet := end.After(at); quiet != c.quiet || quiet && end.Hour()*60+end.Minute() != c.to {
			t.Errorf("quiet %d–%d at %d: until %v", c.from, c.to, c.at, end)
		}
	}
}

// TestWhatIsNotWantedIsNotSent has ways and groups switched off, and a digest.
func TestWhatIsNotWantedIsNotSent(t *testing.T) {
	t.Parallel()
	h := ladderHouse(t)
	h.wants(func(n *Notices) { n.Off = []string{"forms/push", "forms/mail", "nonsense/fax"} })
	h.tells(account.LetterForms)
	h.expect("forms", h.goes(), "text forms")
	h.tells(account.LetterRemind)
	h.expect("visits", h.goes(), "push visit-reminder")
	h.wants(func(n *Notices) { n.Digest, n.Off = true, nil })
	h.tells(account.LetterForms)
	h.tells(account.LetterForms)
	h.tells(account.LetterMessage)
	h.expect("now", h.goes(), "push message")
	h.now.Add(24 * time.Hour)
	h.climbs()
	got := h.goes()
	n := 0
	for _, x := range got {
		if strings.HasSuffix(x, " digest") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("a day later: %q, want one digest", got)
	}
	h.now.Add(24 * time.Hour)
	h.climbs()
	if got := h.goes(); strings.Contains(fmt.Sprint(got), "digest") {
		t.Errorf("the day after, with nothing new: %q", got)
	}
}

// TestOneNudgeADay has two plans that are open today, one that is not, and a client who
// does something.
func TestOneNudgeADay(t *testing.T) {
	t.Parallel()
	h := ladderHouse(t)
	today := int(hours.DateOf(h.now.Now()))
	board := func(plan string, last time.Time, days ...int) {
		do(t, h.v.led.Commit(t.Context(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
			b := Board{Client: h.ada, Plan: plan, Active: true, Began: start, Last: last, Days: days}
			return h.v.put(ctx, tx, store.Boards, h.v.Key("board", string(h.ada)+"/"+plan), time.Time{}, &b)
		}}))
	}
	nudges := func() {
		_, err := h.v.Nudge(t.Context(), promising)
		do(t, err)
	}
	board("a", time.Time{}, today, today+2)
	board("b", time.Time{}, today, today+1)
	nudges()
	nudges()
	h.expect("the first day", h.goes(), "push steps")
	h.now.Add(24 * time.Hour)
	nudges()
	h.expect("the second", h.goes(), "push steps")
	board("a", h.now.Now().Add(24*time.Hour), today+2)
	h.now.Add(24 * time.Hour)
	nudges()
	h.expect("the third, on which something was done", h.goes())
	h.wants(func(n *Notices) { n.Zone = "Pacific/Auckland" }) // ten in the evening
	board("a", time.Time{}, today+2)
	nudges()
	h.expect("in the evening there", h.goes())
	h.now.Add(20 * 24 * time.Hour)
	board("a", time.Time{}, today+22)
	nudges()
	h.expect("stalled", h.goes())
}

// TestABrowserIsForgottenWhenItsServiceSaysSoAtOnce and not when nobody could be reached
// for days.
func TestABrowserIsForgottenWhenItsServiceSaysSoAtOnce(t *testing.T) {
	t.Parallel()
	for after, left := range map[time.Duration]int{time.Minute: 0, 3 * 24 * time.Hour: 1} {
		h := ladderHouse(t)
		h.tells(account.LetterForms)
		h.now.Add(after)
		h.expect("the push", h.goes("push"), "push "+account.LetterForms)
		n, err := h.v.Notices(t.Context(), h.client(h.ada))
		do(t, err)
		if len(n.Devices) != left {
			t.Errorf("after %s %d browsers are left, want %d", after, len(n.Devices), left)
		}
	}
}
