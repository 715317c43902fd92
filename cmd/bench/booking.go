package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record"
)

// The practice that is measured: ten who see people, thirty weekday stretches each,
// and the visits of six weeks.
const (
	clinicians = 10
	visitsHeld = 5000
	regulars   = 250 // the people whose visits they are
	wishes     = 200
	crowdSize  = 2000
	crowdSeats = 200
	atOnce     = 100
)

// monday is when the measured weeks begin.
var monday = time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)

// clinic is a practice whose times are measured.
type clinic struct {
	v     *record.Vault
	doors *account.Doors
	now   *clock.Fake
}

func newClinic(ctx context.Context, dir string, t hours.Timetable) (*clinic, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	now := clock.At(monday)
	v, err := record.Create(ctx, record.Config{Dir: filepath.Join(dir, "data"), KeyFile: filepath.Join(dir, "key"), Clock: now})
	if err != nil {
		return nil, err
	}
	p, err := v.OpenPractice(ctx, account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		return nil, err
	}
	if err := p.SetSettings(ctx, record.Settings{Zone: "Europe/London"}); err != nil {
		return nil, err
	}
	for i := range clinicians {
		if err := p.SetStaff(ctx, record.StaffMember{ID: staffID(i), Name: "Dr " + strconv.Itoa(i), Roles: "clinician"}); err != nil {
			return nil, err
		}
	}
	return &clinic{v, account.New(v, v, now), now}, p.SetTimetable(ctx, t)
}

func staffID(i int) string { return fmt.Sprintf("c%d", i) }

// week is a timetable: every weekday 9 to 13 and 14 to 18, twenty minutes, in one of
// ten rooms; and two more services of the same people.
func week(days ...time.Weekday) hours.Timetable {
	t := hours.Timetable{Services: []hours.Service{
		{ID: "visit", Minutes: 20, Modes: hours.AllModes},
		{ID: "long", Minutes: 40, Step: 20, Modes: hours.InPerson, After: 5},
		{ID: "call", Minutes: 10, Modes: hours.Phone},
	}}
	for i := range clinicians {
		t.Rooms = append(t.Rooms, hours.Room{ID: fmt.Sprintf("r%d", i), Name: "Room"})
		for s := range t.Services {
			t.Services[s].Names, t.Services[s].Public = map[string]string{"en": t.Services[s].ID}, true
			t.Services[s].Who = append(t.Services[s].Who, staffID(i))
			if s < 2 {
				t.Services[s].Rooms = append(t.Services[s].Rooms, fmt.Sprintf("r%d", i))
			}
		}
		for _, d := range days {
			for part, from := range []int{9 * 60, 14 * 60} {
				t.Stretches = append(t.Stretches, hours.Stretch{ID: fmt.Sprintf("%d-%d-%d", i, d, part), Who: staffID(i), Day: d, From: from, To: from + 240, Since: hours.On(2026, 1, 1)})
			}
		}
	}
	return t
}

// person admits somebody with visits, and says who they are.
func (c *clinic) person(ctx context.Context, id string, visits ...fhir.Resource) (fhir.ClientID, error) {
	n, err := c.v.Admit(ctx, account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		return "", err
	}
	_, err = n.Put(ctx, append([]fhir.Resource{{Type: "Patient", ID: id, JSON: []byte(fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":"Bench","given":[%q]}],"birthDate":"1970-01-01"}`, id, id))}}, visits...)...)
	return n.Client(), err
}

// own opens somebody's chart to book in, as they do.
func (c *clinic) own(ctx context.Context, id fhir.ClientID) (*record.Chart, error) {
	link, err := c.doors.Invite(ctx, account.Subject{Kind: account.Client, ID: string(id)}, account.Demo)
	if err != nil {
		return nil, err
	}
	in, err := c.doors.Enter(ctx, link, account.Ask{})
	if err != nil {
		return nil, err
	}
	who, err := c.doors.Who(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return c.v.Open(ctx, who, record.Booking, id, record.Visits)
}

// nthVisit is where the nth of the visits is: sixteen a day of each, on weekdays.
func nthVisit(n int) (who string, from time.Time) {
	perDay := clinicians * 16
	day, n := n/perDay, n%perDay
	day = day/5*7 + day%5 + 1
	slot := n / clinicians * 3 / 2
	return staffID(n % clinicians), monday.Add(2*time.Hour).AddDate(0, 0, day).Add(time.Duration(slot/12)*5*time.Hour + time.Duration(slot%12)*20*time.Minute)
}

func visit(id, of, who string, room int, from time.Time) (fhir.Resource, error) {
	part := func(ref string) map[string]any {
		return map[string]any{"actor": map[string]string{"reference": ref}, "status": "accepted"}
	}
	coded := func(system, code string) map[string]any {
		return map[string]any{"coding": []any{map[string]string{"system": system, "code": code}}}
	}
	b, err := json.Marshal(map[string]any{
		"resourceType": "Appointment", "id": id, "status": "booked", "start": from.Format(time.RFC3339), "end": from.Add(20 * time.Minute).Format(time.RFC3339),
		"serviceType": []any{coded(record.ServiceSystem, "visit")}, "appointmentType": coded(record.ModeSystem, "inperson"),
		"participant": []any{part("Patient/" + of), part("Practitioner/" + who), part(fmt.Sprintf("Location/r%d", room))},
	})
	return fhir.Resource{Type: "Appointment", ID: id, JSON: b}, err
}

// fills books five thousand visits, and returns whose they are.
func (c *clinic) fills(ctx context.Context) ([]fhir.ClientID, error) {
	out := make([]fhir.ClientID, regulars)
	return out, each(regulars, 16, func(i int) (err error) {
		id := fmt.Sprintf("p%d", i)
		var vs []fhir.Resource
		for k := i; k < visitsHeld; k += regulars {
			who, from := nthVisit(k)
			x, err := visit(fmt.Sprintf("x%d", k), id, who, k%clinicians, from)
			if err != nil {
				return err
			}
			vs = append(vs, x)
		}
		out[i], err = c.person(ctx, id, vs...)
		return err
	})
}

// each does n things, some at once, and returns the first error.
func each(n, hands int, f func(i int) error) error {
	var next atomic.Int64
	errc := make(chan error, hands)
	for range hands {
		go func() {
			var err error
			for i := int(next.Add(1)) - 1; i < n && err == nil; i = int(next.Add(1)) - 1 {
				err = f(i)
			}
			errc <- err
		}()
	}
	var first error
	for range hands {
		if err := <-errc; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// booking measures the calendar.
func booking(ctx context.Context, dir string) ([]figure, error) {
	c, err := newClinic(ctx, filepath.Join(dir, "clinic"), week(1, 2, 3, 4, 5))
	if err != nil {
		return nil, err
	}
	defer c.v.Close() //nolint:errcheck // a temporary folder
	people, err := c.fills(ctx)
	if err != nil {
		return nil, err
	}
	fs, err := c.openings(ctx)
	if err != nil {
		return nil, err
	}
	holds, err := c.holds(ctx)
	if err != nil {
		return nil, err
	}
	ticks, err := c.ticks(ctx, people)
	if err != nil {
		return nil, err
	}
	crowd, err := crowded(ctx, filepath.Join(dir, "crowd"))
	return append(append(append(fs, holds...), ticks...), crowd...), err
}

// openings measures looking for what is open: after a change, and again.
func (c *clinic) openings(ctx context.Context) ([]figure, error) {
	day := hours.DateOf(monday)
	look := func() (n int) {
		for _, s := range []string{"visit", "long", "call"} {
			n += len(c.v.Openings(hours.Query{Service: s, From: day, To: day + 27}))
		}
		return n
	}
	n := look()
	t := c.v.Times("bench")
	open := c.v.Openings(hours.Query{Service: "visit", From: day + 60, To: day + 61})
	cold, warm := make([]time.Duration, 41), make([]time.Duration, 41)
	for i := range cold {
		if _, err := t.Hold(ctx, pick("visit", open[i%len(open)])); err != nil {
			return nil, err
		}
		for _, ds := range [][]time.Duration{cold, warm} {
			begun := wall.Now()
			look()
			ds[i] = wall.Now().Sub(begun)
		}
	}
	note := fmt.Sprintf("3 services, %d openings beside %d visits", n, visitsHeld)
	return []figure{
		{"openings, 4 weeks × 10, after a change, p50", quantile(cold, .5), "ms", 10, atMost, note},
		{"openings, 4 weeks × 10, again, p50", quantile(warm, .5), "ms", 1, atMost, ""},
	}, t.Drop(ctx)
}

func pick(service string, o hours.Opening) record.Pick {
	return record.Pick{Service: service, Who: o.Who, From: o.From, Mode: o.Modes & -o.Modes}
}

// holds measures holding a time while a hundred people do: each once a second, all in
// the same moment, and all without a pause.
func (c *clinic) holds(ctx context.Context) ([]figure, error) {
	day := hours.DateOf(monday)
	open := c.v.Openings(hours.Query{Service: "visit", From: day, To: day + 27})
	var mu sync.Mutex
	var paced, burst, storm []time.Duration
	refused := 0
	one := func(into *[]time.Duration, who, n int) error {
		begun := wall.Now()
		_, err := c.v.Times(strconv.Itoa(who)).Hold(ctx, pick("visit", open[(who*7919+n*104729)%len(open)]))
		took := wall.Now().Sub(begun)
		mu.Lock()
		defer mu.Unlock()
		*into = append(*into, took)
		if errs.Is(err, errs.Conflict) {
			refused++
			return nil
		}
		return err
	}
	if err := everySecond(4*atOnce, func(i int) error { return one(&paced, i%atOnce, i) }); err != nil {
		return nil, err
	}
	for n := range 30 {
		if err := each(atOnce, atOnce, func(i int) error { return one(&burst, i, n) }); err != nil {
			return nil, err
		}
	}
	begun := wall.Now()
	if err := each(atOnce, atOnce, func(i int) error {
		for n := range 50 {
			if err := one(&storm, i, n); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	rate := float64(len(storm)) / wall.Now().Sub(begun).Seconds()
	one0 := make([]time.Duration, 0, 200)
	for n := range 200 {
		if err := one(&one0, 0, n); err != nil {
			return nil, err
		}
	}
	return []figure{
		{"hold, one person alone, p50", quantile(one0, .5), "ms", 5, atMost, ""},
		{"hold, 100 people, each once a second, p50", quantile(paced, .5), "ms", 5, atMost, ""},
		{"hold, 100 people, each once a second, p99", quantile(paced, .99), "ms", 50, atMost, ""},
		{"hold, 100 people in one moment, p50", quantile(burst, .5), "ms", 0, 0, fmt.Sprintf("%d holds, %d refused in all; one commit for all of them", len(burst), refused)},
		{"hold, 100 people in one moment, p99", quantile(burst, .99), "ms", 50, atMost, ""},
		{"hold, 100 people without a pause, p50", quantile(storm, .5), "ms", 0, 0, fmt.Sprintf("%.0f holds/s", rate)},
		{"hold, 100 people without a pause, p99", quantile(storm, .99), "ms", 50, atMost, ""},
	}, nil
}

// everySecond begins n things at the pace of atOnce a second, however long each takes.
func everySecond(n int, f func(i int) error) error {
	t := time.NewTicker(time.Second / atOnce)
	defer t.Stop()
	errc := make(chan error, n)
	for i := range n {
		<-t.C
		go func() { errc <- f(i) }()
	}
	var first error
	for range n {
		if err := <-errc; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// ticks measures what the visits job does: a day's reminders, a look that finds none,
// and offering what was given back to those who wait.
func (c *clinic) ticks(ctx context.Context, people []fhir.ClientID) ([]figure, error) {
	who := account.AsSystem(account.Visiting)
	if err := each(wishes, 16, func(i int) error {
		ch, err := c.own(ctx, people[i])
		if err != nil {
			return err
		}
		return ch.WishEarlier(ctx, fmt.Sprintf("x%d", visitsHeld-regulars+i), record.Wish{})
	}); err != nil {
		return nil, err
	}
	c.now.Add(26 * time.Hour)
	var fs []figure
	tick := func(what string, f func() (int, error)) error {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun := wall.Now()
		n, err := f()
		took := wall.Now().Sub(begun)
		runtime.ReadMemStats(&after)
		fs = append(fs, figure{what, float64(took.Microseconds()) / 1000, "ms", 0, 0, fmt.Sprintf("%d done, %d allocations, %.1f MB", n, after.Mallocs-before.Mallocs, float64(after.TotalAlloc-before.TotalAlloc)/1e6)})
		return err
	}
	remind := func() (int, error) { return c.v.Remind(ctx, who) }
	offer := func() (int, error) { return c.v.Offer(ctx, who) }
	if err := tick("remind, the first tick of a day", remind); err != nil {
		return nil, err
	}
	if err := tick("remind, a tick that finds nothing new", remind); err != nil {
		return nil, err
	}
	for i := range 20 {
		ch, err := c.own(ctx, people[wishes+i])
		if err == nil {
			err = ch.Cancel(ctx, fmt.Sprintf("x%d", 3*regulars+wishes+i))
		}
		if err != nil {
			return nil, err
		}
	}
	if err := tick("offer, 20 times given back, 200 who wait", offer); err != nil {
		return nil, err
	}
	return fs, tick("offer, a tick while all are asked", offer)
}
