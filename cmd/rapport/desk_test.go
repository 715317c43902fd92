package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/hours"
	"rapport/record"
)

// busyDay puts something of everything into the demo's day: visits in every state, a
// time that is being chosen, a line, somebody who runs late, leave under a visit.
func (s *street) busyDay(t testing.TB) (visit string) {
	t.Helper()
	ctx := t.Context()
	desk := s.actor(t, "frontdesk")
	tt := s.made.v.Timetable()
	day := hours.DateOf(demoDay)
	n := 0
	client := func() *record.Chart {
		n++
		return must(s.made.v.Open(ctx, desk, record.Care, s.made.charts[s.made.world.Clients[n].ID], record.Person|record.Visits))
	}
	take := func(service, who string, at time.Time) (*record.Chart, string, bool) {
		for _, o := range s.made.v.Openings(hours.Query{Service: service, From: day, To: day + 1, Staff: true}) {
			if o.Who == who && !o.From.Before(at) {
				c := client()
				ids, err := c.Book(ctx, "k"+o.From.String()+who, "", record.Pick{Service: service, Who: who, From: o.From, Mode: o.Modes.Each()[0]})
				if err != nil {
					t.Fatal(err)
				}
				return c, ids[0], true
			}
		}
		return nil, "", false
	}
	// the morning so far
	s.now.Add(-time.Hour)
	states := [][]string{{"arrived", "checked-in", "fulfilled"}, {"noshow"}, {"arrived", "checked-in"}, {"arrived"}, {}, {}}
	for j, svc := range tt.Services {
		for k, who := range svc.Who {
			for i, st := range states {
				if (i+j+k)%3 == 0 {
					continue
				}
				c, id, ok := take(svc.ID, who, s.now.Now().Add(time.Duration(i*25)*time.Minute))
				if !ok || n > 36 {
					break
				}
				if i > 3 && visit == "" {
					visit = "/clients/" + string(c.Client()) + "/visits/" + string(c.Ref("Appointment", id))
				}
				for _, to := range st {
					if err := c.Arrive(ctx, id, to); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	c, id, _ := take(tt.Services[0].ID, tt.Services[0].Who[0], demoDay.Add(5*time.Hour))
	if err := c.Cancel(ctx, id); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"", tt.Services[3].Who[0]} {
		must(client().WalkIn(ctx, "w"+who, tt.Services[3].ID, who))
	}
	s.now.Add(time.Hour)
	d := must(s.made.v.OpenDirectory(ctx, desk, record.Finding))
	if err := d.SetLate(ctx, tt.Services[1].Who[0], 20); err != nil {
		t.Fatal(err)
	}
	for _, o := range s.made.v.Openings(hours.Query{Service: tt.Services[0].ID, From: day, To: day}) {
		must(s.made.v.Times("somebody").Hold(ctx, record.Pick{Service: tt.Services[0].ID, Who: o.Who, From: o.From, Mode: o.Modes.Each()[0]}))
		break
	}
	p := must(s.made.v.OpenPractice(ctx, s.actor(t, "manager"), record.Running))
	x := *s.made.v.Timetable()
	x.Changes = append(x.Changes, hours.Change{ID: "away", Who: tt.Services[1].Who[1], First: day, Last: day, From: 11 * 60, To: 12 * 60}, hours.Change{ID: "closed", First: day + 31, Last: day + 33}, hours.Change{ID: "extra", Who: tt.Services[1].Who[0], First: day + 4, Last: day + 4, From: 540, To: 720, Open: true})
	if err := p.SetTimetable(ctx, x); err != nil {
		t.Fatal(err)
	}
	return visit
}

// actor is somebody of the demo with a role, signed in.
func (s *street) actor(t testing.TB, role string) account.Actor {
	t.Helper()
	for _, x := range s.made.world.Staff {
		if x.Role == role {
			link := must(s.h.doors.Invite(t.Context(), account.Subject{Kind: account.Staff, ID: x.ID}, account.Demo))
			return must(s.h.doors.Who(t.Context(), must(s.h.doors.Enter(t.Context(), link, account.Ask{})).Token))
		}
	}
	t.Fatalf("nobody is %s", role)
	return account.Actor{}
}

// TestTheDeskIsForEverybody looks at the pages of the day and of the times, as
// TestWalk does at others.
func TestTheDeskIsForEverybody(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at pages in a browser; -short leaves it out")
	}
	s := openStreet(t)
	visit := s.busyDay(t)
	source, pictures := axe(t), os.Getenv("RAPPORT_SHOTS")
	chart, _, _ := strings.Cut(visit, "/visits/")
	b := browse(t, s)
	b.view(1440, "light")
	b.signIn(s.link(t, "nurse"))
	only := os.Getenv("RAPPORT_PAGE")
	for _, p := range [][2]string{
		{"day", "/day?date=2026-11-24"}, {"day-rooms", "/day?date=2026-11-24&view=rooms"}, {"day-week", "/day?date=2026-11-24&view=week"}, {"day-other", "/day?date=2026-11-29"},
		{"visit", visit}, {"move", visit + "/move"}, {"book", chart + "/book"}, {"book-when", chart + "/book?service=gp"}, {"pick", "/day/book"},
	} {
		if strings.Contains(p[0], only) {
			b.open(s.url + p[1])
			b.look(source, pictures, "desk-"+p[0])
		}
	}
	m := browse(t, s)
	m.view(1440, "light")
	m.signIn(s.link(t, "manager"))
	tt := s.made.v.Timetable()
	for _, p := range [][2]string{
		{"times", "/practice/times"}, {"times-hours", "/practice/times/hours/" + tt.Stretches[0].ID}, {"times-new", "/practice/times/hours"}, {"times-changes", "/practice/times/changes"},
		{"services", "/practice/services"}, {"service", "/practice/services/gp"}, {"rooms", "/practice/rooms"}, {"room", "/practice/rooms/" + tt.Rooms[0].ID},
	} {
		if strings.Contains(p[0], only) {
			m.open(s.url + p[1])
			m.look(source, pictures, "desk-"+p[0])
		}
	}
	for _, x := range []*tab{b, m} {
		x.mu.Lock()
		for _, c := range x.what {
			t.Error(c)
		}
		x.mu.Unlock()
	}
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("the server logged errors: %.2000s", s.log)
	}
}

// mouse drags from one place of the window to another.
func (b *tab) mouse(x1, y1, x2, y2 float64) {
	b.t.Helper()
	for _, e := range []input.DispatchMouseEventParams{
		{Type: "mouseMoved", X: x1, Y: y1}, {Type: "mousePressed", X: x1, Y: y1, Button: "left", ClickCount: 1},
		{Type: "mouseMoved", X: (x1 + x2) / 2, Y: (y1 + y2) / 2, Button: "left", Buttons: 1}, {Type: "mouseMoved", X: x2, Y: y2, Button: "left", Buttons: 1},
		{Type: "mouseReleased", X: x2, Y: y2, Button: "left", ClickCount: 1},
	} {
		if _, err := chromedp.Call(b.ctx, input.DispatchMouseEvent, e); err != nil {
			b.t.Fatal(err)
		}
	}
}
