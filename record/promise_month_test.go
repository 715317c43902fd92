package record

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/hours"
)

// promising is the software that watches over promises.
var promising = account.AsSystem(account.Promising)

// month is a practice in which clients write, staff answer or do not, and the clock is
// the test's. What should have happened is worked out beside it, minute by minute.
type month struct {
	*house
	r       *rand.Rand
	table   *hours.Timetable
	waits   map[string]*wait // by thread
	kept    int
	broken  int
	letters map[string]int // by kind and address
}

// wait is one client who waits.
type wait struct {
	due   time.Time // by when they were told they hear
	owner string
	told  int
	cover time.Time // when somebody else should have it
}

var team = []string{"nurse", "clinician"}

// working reports, by the table as it is written, that somebody sees people at a moment.
func (m *month) working(at time.Time, who ...string) bool {
	d := hours.DateOf(at)
	minute := at.Hour()*60 + at.Minute()
	for _, id := range who {
		in := false
		for _, s := range m.table.Stretches {
			in = in || s.Who == id && s.Day == at.Weekday() && minute >= s.From && minute < s.To
		}
		for _, c := range m.table.Changes {
			if (c.Who == id || c.Who == "") && c.First <= d && d <= c.Last {
				in = false
			}
		}
		if in {
			return true
		}
	}
	return false
}

// away reports that somebody is on leave, or the practice closed, on a day they work.
func (m *month) away(at time.Time, who string) bool {
	d := hours.DateOf(at)
	return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday &&
		slices.ContainsFunc(m.table.Changes, func(c hours.Change) bool { return (c.Who == who || c.Who == "") && c.First <= d && d <= c.Last })
}

// after counts working minutes, one by one.
func (m *month) after(at time.Time, minutes int) time.Time {
	for ; minutes > 0; at = at.Add(time.Minute) {
		if m.working(at, team...) {
			minutes--
		}
	}
	return at
}

// TestEveryPromiseOfAMonthIsKeptOrHonestlyBroken lets five weeks pass, with leave of the
// nurse, a closed day and a weekend of four days, and holds every promise against a
// count of minutes.
func TestEveryPromiseOfAMonthIsKeptOrHonestlyBroken(t *testing.T) {
	t.Parallel()
	m := &month{house: talkHouse(t), r: rand.New(rand.NewPCG(7, 26)), waits: map[string]*wait{}, letters: map[string]int{}}
	m.opens(func(tt *hours.Timetable) {
		*tt = *m.v.Timetable()
		tt.Changes = []hours.Change{
			{ID: "leave", Who: "nurse", First: hours.On(2026, 12, 1), Last: hours.On(2026, 12, 11)},
			{ID: "shut", First: hours.On(2026, 12, 7), Last: hours.On(2026, 12, 8)},
			{ID: "both", Who: "clinician", First: hours.On(2026, 12, 9), Last: hours.On(2026, 12, 9)},
		}
	})
	m.table = m.v.Timetable()
	for i, who := range []account.Subject{asClient(m.ada), asClient(m.bob), {Kind: account.Staff, ID: "nurse"}, {Kind: account.Staff, ID: "clinician"}} {
		m.mailed(who, fmt.Sprintf("a%d@mail.example", i))
	}
	end := start.AddDate(0, 0, 35)
	for n := 0; m.now.Now().Before(end); n++ {
		m.step(n)
	}
	m.settle(t)
}

// step is ten minutes.
func (m *month) step(n int) {
	t, now := m.t, m.now.Now()
	switch {
	case m.r.IntN(20) == 0:
		who := []string{string(m.ada), string(m.bob)}[m.r.IntN(2)]
		c := m.open(m.client(fhir.ClientID(who)), Messaging, fhir.ClientID(who), writes)
		to := []string{"", "", "nurse", "clinician"}[m.r.IntN(4)]
		p, err := c.Promise(t.Context(), "care", to)
		do(t, err)
		if want := m.after(now, 240); !p.Due.Equal(want) {
			t.Errorf("at %v promised by %v, want %v", now, p.Due, want)
		}
		id := m.say(c, Message{Key: fmt.Sprint("k", n), Topic: "care", To: to, Text: "A question"})
		m.waits[id] = &wait{due: p.Due, cover: m.after(now, 192), owner: p.Owner}
		if to != "" && m.away(now, to) && p.Owner == to {
			t.Errorf("at %v who was asked for is away %t, and %q answers", now, m.away(now, to), p.Owner)
		}
	case m.working(now, team...) && m.r.IntN(2) == 0 && len(m.waits) > 0:
		id := slices.Sorted(maps.Keys(m.waits))[m.r.IntN(len(m.waits))]
		m.answer(id)
	}
	m.now.Add(10 * time.Minute)
	_, err := m.v.Promises(t.Context(), promising)
	do(t, err)
	m.reads()
	m.check()
}

// answer has somebody who is there answer.
func (m *month) answer(id string) {
	w := m.waits[id]
	who := team[m.r.IntN(2)]
	if !m.working(m.now.Now(), who) {
		who = team[0]
	}
	for _, of := range []string{string(m.ada), string(m.bob)} {
		c := m.open(m.staff(who), Care, fhir.ClientID(of), writes)
		if _, err := c.Say(m.t.Context(), Message{Key: "a" + id, Thread: id, Text: "An answer"}); err == nil {
			if w.told == 0 {
				m.kept++
			}
			delete(m.waits, id)
			return
		}
	}
	m.t.Fatal("nobody could answer")
}

// reads takes the letters that wait.
func (m *month) reads() {
	for _, l := range m.house.letters() {
		f := strings.Fields(l)
		m.letters[f[0]+" "+f[1]]++
		for _, word := range []string{"question", "care", "Lovelace", "answer"} {
			if strings.Contains(strings.ToLower(l), word) {
				m.t.Errorf("a letter says %q", l)
			}
		}
	}
}

// check holds what is to do against what should be, now.
func (m *month) check() {
	t, now := m.t, m.now.Now()
	all, err := m.v.todos(t.Context())
	do(t, err)
	open := 0
	for _, x := range all {
		w, waits := m.waits[x.ID]
		if x.Done.IsZero() != waits {
			t.Fatalf("at %v %s is done %v, and waits %t", now, x.ID, x.Done, waits)
		}
		if !waits {
			continue
		}
		open++
		for !now.Before(w.due) { // a promise that is over
			m.broken++
			w.told++
			w.due = m.after(now, 480)
		}
		if x.Broken != w.told || !x.Due.Equal(w.due) {
			t.Fatalf("at %v %s was told %d times, by %v; want %d, %v", now, x.ID, x.Broken, x.Due, w.told, w.due)
		}
		if x.Owner != "" && m.away(now, x.Owner) && slices.ContainsFunc(team, func(o string) bool { return !m.away(now, o) }) {
			t.Fatalf("at %v a message is %s's, who is away", now, x.Owner)
		}
		if !now.Before(w.cover) && !x.Cover.IsZero() {
			t.Fatalf("at %v nobody covers for %s", now, x.Owner)
		}
	}
	if open != len(m.waits) {
		t.Fatalf("%d wait, %d are to do", len(m.waits), open)
	}
}

// settle holds the counts against each other.
func (m *month) settle(t *testing.T) {
	kept, broken := 0, 0
	all, err := m.v.tallies(t.Context())
	do(t, err)
	for _, x := range all {
		kept, broken = kept+x.Kept, broken+x.Broken
	}
	told := m.letters["message-late a0@mail.example"] + m.letters["message-late a1@mail.example"]
	if kept != m.kept || broken != m.broken || told != m.broken {
		t.Errorf("counted %d kept and %d broken, want %d and %d; %d letters said so", kept, broken, m.kept, m.broken, told)
	}
	if m.kept < 20 || m.broken < 20 || m.letters["work-yours a3@mail.example"] == 0 || m.letters["work-waiting a2@mail.example"] == 0 {
		t.Errorf("nothing happened: %d kept, %d broken, letters %v", m.kept, m.broken, m.letters)
	}
	t.Logf("%d kept, %d broken, %v, in %d weeks", m.kept, m.broken, m.letters, len(all))
}
