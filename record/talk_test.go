package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/hours"
)

const writes = Person | Visits | Messages

// talkHouse is a practice that is open on weekdays from nine to five; the nurse works
// every day, the clinician too.
func talkHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.opens(func(tt *hours.Timetable) {
		tt.Stretches = nil
		for _, who := range []string{"nurse", "clinician"} {
			for d := time.Monday; d <= time.Friday; d++ {
				tt.Stretches = append(tt.Stretches, hours.Stretch{ID: who + d.String(), Who: who, Day: d, From: 9 * 60, To: 17 * 60})
			}
		}
	})
	return h
}

func (h *house) say(c *Chart, m Message) string {
	h.t.Helper()
	id, err := c.Say(h.t.Context(), m)
	do(h.t, err)
	return id
}

func (h *house) wrote(text string) string {
	h.t.Helper()
	return h.say(h.open(h.client(h.ada), Messaging, h.ada, writes), Message{Key: text, Topic: "care", Text: text})
}

func (h *house) talk(id string) Talk {
	h.t.Helper()
	c := h.open(h.staff("nurse"), Care, h.ada, writes)
	x, _, err := c.Thread(h.t.Context(), id)
	do(h.t, err)
	return x.Talk
}

func (h *house) inbox(who string) []Todo {
	h.t.Helper()
	d, err := h.v.OpenDirectory(h.t.Context(), h.staff(who), Finding)
	do(h.t, err)
	out, err := d.Todos(h.t.Context())
	do(h.t, err)
	return out
}

// TestAMessageIsAnsweredByTheTimePromised walks one conversation through its states.
func TestAMessageIsAnsweredByTheTimePromised(t *testing.T) {
	t.Parallel()
	h := talkHouse(t)
	ada := h.open(h.client(h.ada), Messaging, h.ada, writes)
	p, err := ada.Promise(t.Context(), "care", "")
	do(t, err)
	if want := start.Add(4 * time.Hour); !p.Due.Equal(want) {
		t.Fatalf("promised by %v, want %v", p.Due, want)
	}
	grew := h.grew(h.ada, func() { h.wrote("How long will it swell?") })
	if !strings.Contains(strings.Join(grew, "; "), "client message messaging messages2") {
		t.Errorf("the ledger says %q", grew)
	}
	id := h.wrote("How long will it swell?") // from a phone that did not hear the answer
	if k := h.talk(id); k.State != TalkReceived || !k.Due.Equal(p.Due) {
		t.Errorf("the thread stands at %+v", k)
	}
	todos := h.inbox("nurse")
	if len(todos) != 1 || todos[0].Kind != TodoMessage || todos[0].ID != id || todos[0].Topic != "care" {
		t.Fatalf("to do is %+v", todos)
	}
	if got := h.inbox("frontdesk"); len(got) != 0 {
		t.Errorf("the front desk hears of %+v", got)
	}
	_, said, err := ada.Thread(t.Context(), id)
	do(t, err)
	if len(said) != 1 || said[0].Text != "How long will it swell?" || said[0].From.Name != "Ada Lovelace" {
		t.Errorf("said was %+v", said)
	}

	nurse := h.open(h.staff("nurse"), Care, h.ada, writes)
	do(t, nurse.MarkRead(t.Context(), id))
	h.say(nurse, Message{Key: "n", Thread: id, Note: true, Text: "Day 19. Looks like nothing."})
	h.now.Add(time.Hour)
	h.say(nurse, Message{Key: "a", Thread: id, Text: "Until week six."})
	k := h.talk(id)
	if k.State != TalkAnswered || k.Owner != "nurse" || k.Reads["nurse"].IsZero() || !k.Unread(ClientReads) {
		t.Errorf("after the answer: %+v", k)
	}
	if got := h.inbox("nurse"); len(got) != 0 {
		t.Errorf("still to do: %+v", got)
	}
	_, said, err = ada.Thread(t.Context(), id)
	do(t, err)
	if len(said) != 2 || said[1].Text != "Until week six." {
		t.Errorf("the client reads %+v", said)
	}
	do(t, ada.MarkRead(t.Context(), id))
	if k := h.talk(id); k.Unread(ClientReads) {
		t.Error("read, and still unread")
	}
	if got := h.letters(); len(got) != 0 { // Ada has no address
		t.Errorf("letters: %q", got)
	}
	tallies, err := h.v.tallies(t.Context())
	do(t, err)
	if len(tallies) != 1 || tallies[0].Kept != 1 || tallies[0].Broken != 0 || tallies[0].Topic != "care" {
		t.Errorf("counted %+v", tallies)
	}
	h.reopen()
	if k := h.talk(id); k.State != TalkAnswered {
		t.Errorf("after a new start: %+v", k)
	}
}

// TestWhatIsNotForSomebodyIsAbsent has notes, sealed threads and administrative ones, and
// asks everybody for everything.
func TestWhatIsNotForSomebodyIsAbsent(t *testing.T) {
	t.Parallel()
	h := talkHouse(t)
	ada := h.open(h.client(h.ada), Messaging, h.ada, writes)
	open := h.wrote("plain")
	desk := h.say(ada, Message{Key: "d", Topic: "visit", Text: "desk"})
	sealed := h.say(ada, Message{Key: "s", Topic: "care", Text: "sealed", Named: []thread.Party{{Ref: "Practitioner/clinician", Name: "Staff clinician"}}})
	nurse, doctor := h.open(h.staff("nurse"), Care, h.ada, writes), h.open(h.staff("clinician"), Care, h.ada, writes)
	front := h.open(h.staff("frontdesk"), Replying, h.ada, writes)
	h.say(nurse, Message{Key: "n", Thread: open, Note: true, Text: "note"})
	bob := h.open(h.helper(h.ada, Grant{Reads: Messages, Acts: Messages}), Messaging, h.ada, writes)

	var writing []func()
	for _, who := range []struct {
		name string
		c    *Chart
		sees []string
		says int // resources in all
	}{
		{"ada", ada, []string{open, desk, sealed}, 6}, {"nurse", nurse, []string{open, desk}, 5}, {"doctor", doctor, []string{open, desk, sealed}, 7},
		{"front desk", front, []string{desk}, 2}, {"helper", bob, []string{open, desk}, 4},
	} {
		all, err := who.c.Find(t.Context(), communication)
		do(t, err)
		if len(all) != who.says {
			t.Errorf("%s finds %d, want %d", who.name, len(all), who.says)
		}
		threads, err := who.c.Threads(t.Context())
		do(t, err)
		if len(threads) != len(who.sees) {
			t.Errorf("%s sees %d threads, want %d", who.name, len(threads), len(who.sees))
		}
		for _, id := range []string{open, desk, sealed} {
			_, _, err := who.c.Thread(t.Context(), id)
			sees := strings.Contains(strings.Join(who.sees, " "), id)
			if sees != (err == nil) || err != nil && !errs.Is(err, errs.NotFound) {
				t.Errorf("%s opens a thread: %v, want %t", who.name, err, sees)
			}
			_, err = who.c.History(t.Context(), communication, id)
			if sees != (err == nil) {
				t.Errorf("%s reads a thread's history: %v", who.name, err)
			}
			writing = append(writing, func() {
				if _, err := who.c.Say(t.Context(), Message{Key: "x" + who.name + id, Thread: id, Text: "me too"}); sees != (err == nil) {
					t.Errorf("%s writes in a thread: %v", who.name, err)
				}
			})
		}
	}
	for who, want := range map[string][]string{"nurse": {open, desk}, "clinician": {open, desk, sealed}, "frontdesk": {desk}} {
		var got []string
		for _, x := range h.inbox(who) {
			got = append(got, x.ID)
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s has to do %q, want %q", who, got, want)
		}
	}
	for _, f := range writing {
		f()
	}
}

// TestALongThreadShowsItsEnd has a thread of more messages than are read at a time: the
// oldest are left out, and the answer that came last is there.
func TestALongThreadShowsItsEnd(t *testing.T) {
	t.Parallel()
	h := talkHouse(t)
	id := h.wrote("the first")
	many := make([]fhir.Resource, threadMost)
	for i := range many {
		x := thread.Said{ID: fmt.Sprintf("m%032x", i), Thread: id, Kind: thread.Message, At: start.Add(time.Duration(i+1) * time.Second), Text: "more", From: thread.Party{Ref: "Patient/" + h.v.people.personOf(h.ada), Name: "Ada Lovelace"}}
		r, err := x.Resource("Patient/" + h.v.people.personOf(h.ada))
		do(t, err)
		many[i] = r
	}
	c := h.open(importer, Importing, h.ada, Messages)
	for part := range slices.Chunk(many, 250) {
		_, err := c.Put(t.Context(), part...)
		do(t, err)
	}
	h.now.Add(time.Hour)
	h.say(h.open(h.staff("nurse"), Care, h.ada, writes), Message{Key: "a", Thread: id, Text: "the last"})
	k, said, err := h.open(h.client(h.ada), Messaging, h.ada, writes).Thread(t.Context(), id)
	do(t, err)
	if n := len(said); n != threadMost || said[n-1].Text != "the last" || k.Last.Text != "the last" || said[0].Text != "more" {
		t.Errorf("of %d shown the last is %q, and %q", n, said[n-1].Text, k.Last.Text)
	}
	if !slices.IsSortedFunc(said, func(a, b thread.Said) int { return a.At.Compare(b.At) }) {
		t.Error("they are not in order")
	}
}
