package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rapport/account"
	"rapport/fhir"
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

// rect is where something stands in the window.
type rect struct{ X, Y, W, H float64 }

func (b *tab) rect(sel string) rect {
	b.t.Helper()
	var r rect
	b.eval(`(() => { const e = document.querySelector('`+sel+`'); e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect(); return { X: r.x, Y: r.y, W: r.width, H: r.height } })()`, &r)
	return r
}

// until asks until something is so.
func (b *tab) until(what, expr string) {
	b.t.Helper()
	var is bool
	for range 240 {
		s, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise((ok) => setTimeout(() => ok(!!(`+expr+`)), 50))`, chromedp.EvalAwaitPromise))
		if is = err == nil && s; is {
			return
		}
	}
	b.t.Fatal(what)
}

// TestTheWeekIsMovedByHand moves a block with the keyboard and with the mouse, and
// meets somebody else's change.
func TestTheWeekIsMovedByHand(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	b.view(1440, "light")
	b.signIn(s.link(t, "manager"))
	who := s.made.v.Timetable().Stretches[0].Who
	block := func() hours.Stretch {
		t.Helper()
		for _, x := range s.made.v.Timetable().Stretches {
			if x.ID == "lena-monday-480" {
				return x
			}
		}
		t.Fatal("the block is gone")
		return hours.Stretch{}
	}
	kept := func(what string, day time.Weekday, from, to int) {
		t.Helper()
		b.until(what+": nothing is kept", `document.querySelector("#say").textContent.startsWith("Saved")`)
		if x := block(); x.Day != day || x.From != from || x.To != to {
			t.Errorf("%s: it is kept as %s %d to %d", what, x.Day, x.From, x.To)
		}
		b.eval(`(document.querySelector("#say").textContent = "", true)`, new(bool))
	}
	b.open(s.url + "/practice/times?who=" + who)
	const sel = "#b-lena-monday-480"
	b.do(chromedp.Focus(sel))
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	b.until("the new time is not said", `document.querySelector("#say").textContent === "Monday, 08:30 to 13:00"`)
	kept("down twice", time.Monday, 510, 780)
	b.until("the focus is lost", `document.activeElement.id === "b-lena-monday-480"`)
	b.do(chromedp.KeyEvent(kb.ArrowUp, chromedp.KeyModifiers(chromedp.Modifier(8))))
	kept("the end up", time.Monday, 510, 765)
	b.do(chromedp.KeyEvent(kb.ArrowUp))
	kept("up", time.Monday, 495, 750)
	b.do(chromedp.KeyEvent(kb.ArrowRight)) // Tuesday has hours already
	b.until("hours on top of others are kept", `document.querySelector("#week-wrong")?.textContent.includes("other hours then")`)
	if x := block(); x.Day != time.Monday {
		t.Errorf("it is on %s", x.Day)
	}
	// one hour of the column is as high as the grid says
	r, lane := b.rect(sel), b.rect(`.lane[data-day="6"]`)
	r = b.rect(sel)
	hour := r.H / float64(750-495) * 60
	b.mouse(r.X+r.W/2, r.Y+20, lane.X+lane.W/2, r.Y+20+hour)
	kept("dragged to Saturday, an hour later", time.Saturday, 555, 810)
	r = b.rect(sel)
	b.mouse(r.X+r.W/2, r.Y+r.H-3, r.X+r.W/2, r.Y+r.H-3-hour/2)
	kept("the lower edge", time.Saturday, 555, 780)
	var path string
	b.eval(`location.pathname`, &path)
	if path != "/practice/times" {
		t.Errorf("dragging led to %s", path)
	}
	// somebody else changes something meanwhile
	p := must(s.made.v.OpenPractice(t.Context(), s.actor(t, "manager"), record.Running))
	x := *s.made.v.Timetable()
	x.HoldFor = 7
	if err := p.SetTimetable(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Focus(sel), chromedp.KeyEvent(kb.ArrowDown))
	b.until("another's change is not said", `document.querySelector("#week-wrong")?.textContent.includes("as it is now")`)
	if block().From != 555 {
		t.Error("another's change is overwritten")
	}
	b.do(chromedp.Focus(sel), chromedp.KeyEvent(kb.ArrowDown))
	kept("once more", time.Saturday, 570, 795)
	b.do(chromedp.Focus(sel), chromedp.KeyEvent(kb.Enter))
	b.until("Enter does not open it", `location.pathname.endsWith("/hours/lena-monday-480")`)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.what {
		if !strings.Contains(c, "422") { // the browser notes that something was not kept
			t.Error(c)
		}
	}
}

// TestTheDayIsMovedByHand drags a visit to a free time, says yes, and sees that
// another's act reaches the open page.
func TestTheDayIsMovedByHand(t *testing.T) {
	s := openStreet(t)
	visit := s.busyDay(t)
	b := browse(t, s)
	b.view(1440, "light")
	b.signIn(s.link(t, "nurse"))
	b.open(s.url + "/day?date=2026-11-24")
	_, ref, _ := strings.Cut(visit, "/visits/")
	card, gap := `[data-move]:has(#v-`+ref+`)`, `.dcol:has(#v-`+ref+`) .is-free`
	r := b.rect(card)
	var to rect
	b.eval(`(() => { const r = document.querySelector('`+gap+`').getBoundingClientRect(); return { X: r.x, Y: r.y, W: r.width, H: r.height } })()`, &to)
	b.mouse(r.X+30, r.Y+5, to.X+30, to.Y+5)
	b.until("dragging leads nowhere", `location.pathname.endsWith("/move")`)
	b.until("there is nothing to say yes to, nor other times", `document.querySelector(".picked, .opentime")`)
	var picked bool
	b.eval(`!!document.querySelector(".picked")`, &picked)
	if !picked {
		b.do(chromedp.Click(".opentime"))
		b.until("no time can be chosen", `document.querySelector(".picked")`)
	}
	b.do(chromedp.Click(".picked .btn-primary"))
	b.until("it is not moved", `location.pathname === "/day" && document.querySelector("#flash")?.textContent.includes("moved")`)
	// somebody else marks them as here
	c := must(s.made.v.Open(t.Context(), s.actor(t, "frontdesk"), record.Care, fhirID(visit), record.Visits))
	id := must(c.VisitID(t.Context(), record.Ref(ref)))
	if err := c.Arrive(t.Context(), id, "arrived"); err != nil {
		t.Fatal(err)
	}
	b.until("what another did does not reach the page", `document.querySelector("#v-`+ref+`").textContent.includes("Waiting")`)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.what {
		t.Error(c)
	}
}

// fhirID is the client in the address of a visit.
func fhirID(visit string) fhir.ClientID {
	return fhir.ClientID(strings.Split(visit, "/")[2])
}
