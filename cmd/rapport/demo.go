package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/cmd/rapport/demo"
	"rapport/errs"
	"rapport/fhir"
	"rapport/post"
	"rapport/record"
)

type demoCmd struct {
	Dir  string `help:"Where to make it; a made-up practice that lies there is made anew." default:".demo" type:"path"`
	Seed uint64 `help:"The same seed makes the same people." default:"1"`
	listen
}

// marker says that a folder holds nothing but made-up people, and may be made
// anew.
const marker = "MADE-UP"

// Run implements the command.
func (c *demoCmd) Run(ctx context.Context) error {
	begun := clock.Wall{}.Now()
	if err := wipe(c.Dir); err != nil {
		return err
	}
	t := &turned{to: clock.Wall{}}
	v, made, err := makeUp(ctx, c.Dir, c.Seed, t, begun)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // nothing here is worth keeping
	log, err := os.OpenFile(filepath.Join(c.Dir, "log.json"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return errs.E(errs.Unavailable, "the log cannot be written: %w", err)
	}
	defer log.Close() //nolint:errcheck // nothing here is worth keeping
	tray := post.NewTray(clock.Wall{})
	h, err := newHouse(v, c.listen, outside{ways: func(*record.Vault, *url.URL) (post.Sender, error) { return tray, nil }}, clock.Wall{}, slog.New(slog.NewJSONHandler(log, nil)), gallery(), mailbox(tray))
	if err != nil {
		return err
	}
	return h.serve(ctx, func(base string) {
		took := clock.Wall{}.Now().Sub(begun)
		fmt.Printf("%s: %d made-up people, %d entries about them, in %.1f s. Everything here is invented.\n\n", made.world.Practice.Name, len(made.world.Clients), made.resources, took.Seconds())
		if err := made.print(ctx, h, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "rapport: "+plain(err))
		}
		fmt.Printf("\nMail, pushes and texts go nowhere: what would be sent stands on %s/_mail.\nServing on %s. Stop with Ctrl-C.\n", base, base)
	})
}

// wipe removes an earlier made-up practice, and nothing else.
func wipe(dir string) error {
	es, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(es) == 0 {
		err = os.MkdirAll(dir, 0o700)
	} else if err == nil {
		if _, merr := os.Stat(filepath.Join(dir, marker)); merr != nil {
			return errs.E(errs.Invalid, "%s holds something that is not a made-up practice: give another folder with --dir", dir)
		}
		if err := record.Free(filepath.Join(dir, "data")); err != nil {
			return err
		}
		err = errors.Join(os.RemoveAll(filepath.Join(dir, "data")), os.Remove(filepath.Join(dir, "key")))
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, marker), []byte("Everybody in this folder is invented.\n"), 0o600)
	}
	if err != nil {
		return errs.E(errs.Unavailable, "folder %s cannot be used: %w", dir, err)
	}
	return nil
}

// turned is a clock that can be turned back while a past is made up.
type turned struct {
	mu sync.Mutex
	to clock.Clock
}

// Now implements clock.Clock.
func (t *turned) Now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.to.Now()
}

// turn has it follow another clock; whoever keeps the ledger reads it meanwhile.
func (t *turned) turn(to clock.Clock) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.to = to
}

// madeUp is a practice with a past.
type madeUp struct {
	v         *record.Vault
	doors     *account.Doors
	world     demo.World
	at        *clock.Fake
	charts    map[string]fhir.ClientID // by the Patient's id
	staff     map[string]account.Actor // by the staff member's id
	clients   map[fhir.ClientID]account.Actor
	tried     map[fhir.ClientID]bool // whose chart the manager tried to open
	resources int
}

// past is how long ago the made-up practice began to use this program. What is
// older came in on the first day.
const past = 30 * 24 * time.Hour

// makeUp makes a practice in dir/data and lives through its last month.
func makeUp(ctx context.Context, dir string, seed uint64, t *turned, now time.Time) (*record.Vault, *madeUp, error) {
	m := &madeUp{world: demo.Make(seed, now), at: clock.At(now.Add(-past)), charts: map[string]fhir.ClientID{}, staff: map[string]account.Actor{}, clients: map[fhir.ClientID]account.Actor{}, tried: map[fhir.ClientID]bool{}}
	t.turn(m.at)
	v, err := record.Create(ctx, record.Config{Dir: filepath.Join(dir, "data"), KeyFile: filepath.Join(dir, "key"), Clock: t})
	if err != nil {
		return nil, nil, err
	}
	m.v, m.doors = v, account.New(v, v, t)
	if err := m.live(ctx, now); err != nil {
		return nil, nil, errors.Join(err, v.Close())
	}
	t.turn(clock.Wall{})
	return v, m, nil
}

func (m *madeUp) live(ctx context.Context, now time.Time) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	days, err := m.admit(ctx, now)
	if err != nil {
		return err
	}
	if err := m.families(ctx); err != nil {
		return err
	}
	for _, d := range m.talks(days, now) {
		if err := m.day(ctx, d); err != nil {
			return err
		}
	}
	if err := m.arrivals(ctx); err != nil {
		return err
	}
	if err := m.told(ctx, now); err != nil {
		return err
	}
	return m.minds(ctx)
}

// roles says which roles of this program the made-up staff hold.
var roles = map[string]account.Roles{
	"physician": account.Clinician, "therapist": account.Clinician, "pharmacist": account.Clinician,
	"nurse": account.Nurse, "frontdesk": account.FrontDesk, "manager": account.Manager | account.PrivacyOfficer,
}

// open founds the practice and signs its staff in.
func (m *madeUp) open(ctx context.Context) error {
	p, err := m.v.OpenPractice(ctx, account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		return err
	}
	w := m.world.Practice
	err = p.SetSettings(ctx, record.Settings{Name: w.Name, Mark: "rowan", Brand: w.Brand, Accent: w.Accent, Typeface: "figtree", Word: w.ClientWord,
		Languages: w.Languages, Zone: w.TimeZone, Phone: w.Phone, Emergency: w.Emergency, Crisis: "116 123"})
	if err != nil {
		return err
	}
	var ms []record.StaffMember
	for _, s := range m.world.Staff {
		ms = append(ms, record.StaffMember{ID: s.ID, Name: s.Name, Title: s.Title, Roles: roles[s.Role].String()})
	}
	if err := p.SetStaff(ctx, ms...); err != nil {
		return err
	}
	var shared []fhir.Resource
	for _, r := range m.world.Shared {
		shared = append(shared, fhir.Resource(r))
	}
	if _, err := p.Put(ctx, shared...); err != nil {
		return err
	}
	if err := m.opens(ctx, p); err != nil {
		return err
	}
	for _, s := range m.world.Staff {
		if m.staff[s.ID], err = m.signIn(ctx, account.Subject{Kind: account.Staff, ID: s.ID}); err != nil {
			return err
		}
	}
	return nil
}

func (m *madeUp) signIn(ctx context.Context, s account.Subject) (account.Actor, error) {
	link, err := m.doors.Invite(ctx, s, account.Demo)
	if err != nil {
		return account.Actor{}, err
	}
	in, err := m.doors.Enter(ctx, link, account.Ask{})
	if err != nil {
		return account.Actor{}, err
	}
	return m.doors.Who(ctx, in.Token)
}

// event is what one client's chart gained from one author on one day of the last
// month.
type event struct {
	at     time.Time
	person string
	by     author
	staff  string // who saw the client, for a visit
	rs     []fhir.Resource
	act    func(context.Context) error // what else happened
}

// admit brings in everybody with what is older than the last month, and returns
// the rest as events in order.
func (m *madeUp) admit(ctx context.Context, now time.Time) ([]event, error) {
	importer := account.AsSystem(account.Importer)
	var events []event
	for _, c := range m.world.Clients {
		var old []fhir.Resource
		byDay := map[string]*event{}
		for _, r := range c.Resources {
			m.resources++
			at := writtenAt(r)
			if r.Type == "Patient" || at.Before(now.Add(-past)) || at.After(now) {
				old = append(old, fhir.Resource(r))
				continue
			}
			who := authorOf(r, c.ID)
			day := fmt.Sprint(at.Format(time.DateOnly), who)
			if who == byVisit {
				day += authorID(r)
			}
			if byDay[day] == nil {
				byDay[day] = &event{person: c.ID, by: who}
			}
			e := byDay[day]
			e.at = maxTime(e.at, at)
			e.rs = append(e.rs, fhir.Resource(r))
			if id := authorID(r); who == byVisit && e.staff == "" {
				e.staff = id
			}
		}
		chart, err := m.v.Admit(ctx, importer, record.Importing)
		if err != nil {
			return nil, err
		}
		if _, err := chart.Put(ctx, old...); err != nil {
			return nil, fmt.Errorf("%s: %w", c.ID, err)
		}
		m.charts[c.ID] = chart.Client()
		for _, e := range byDay {
			events = append(events, *e)
		}
	}
	slices.SortFunc(events, func(a, b event) int {
		if x := a.at.Compare(b.at); x != 0 {
			return x
		}
		if a.person < b.person {
			return -1
		}
		return 1
	})
	return events, nil
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// who returns the first made-up member of staff with a role.
func (m *madeUp) who(role string, n int) account.Actor {
	var of []account.Actor
	for _, s := range m.world.Staff {
		if s.Role == role {
			of = append(of, m.staff[s.ID])
		}
	}
	return of[n%len(of)]
}

// day lives through one event: what came in, from whom, and who looked at it.
func (m *madeUp) day(ctx context.Context, e event) error {
	id := m.charts[e.person]
	n := int(e.person[0]) + e.at.YearDay()
	m.move(e.at)
	if e.act != nil {
		return e.act(ctx)
	}
	switch e.by {
	case byClient:
		who, err := m.client(ctx, id)
		if err != nil {
			return err
		}
		return m.write(ctx, who, record.Own, id, e.rs)
	case byVisit:
		return m.visit(ctx, e, id, n)
	}
	if err := m.write(ctx, account.AsSystem(account.Importer), record.Importing, id, e.rs); err != nil {
		return err
	}
	if !slices.ContainsFunc(e.rs, func(r fhir.Resource) bool { return r.Type == "Observation" || r.Type == "DiagnosticReport" }) {
		return nil
	}
	m.move(e.at.Add(27 * time.Minute))
	return m.look(ctx, m.who("nurse", n), id, record.Person|record.Results)
}

// visit is somebody coming in: the front desk, the doctor, and now and then
// somebody who may not look, so that the client sees that it was tried.
func (m *madeUp) visit(ctx context.Context, e event, id fhir.ClientID, n int) error {
	if err := m.look(ctx, m.who("frontdesk", n), id, record.Person|record.Visits); err != nil {
		return err
	}
	m.move(e.at.Add(6 * time.Minute))
	doctor, known := m.staff[e.staff]
	if !known || !doctor.Roles().Any(account.Clinician|account.Nurse) {
		doctor = m.who("physician", n)
	}
	if err := m.look(ctx, doctor, id, record.AllParts&^record.Money); err != nil {
		return err
	}
	m.move(e.at.Add(14 * time.Minute))
	if err := m.write(ctx, doctor, record.Care, id, e.rs); err != nil {
		return err
	}
	if n%13 == 0 && !m.tried[id] {
		m.tried[id] = true
		if err := m.look(ctx, m.who("manager", n), id, record.Person|record.Conditions); !errs.Is(err, errs.Refused) {
			return fmt.Errorf("the manager opened a chart: %w", err)
		}
	}
	return nil
}

// move turns the clock on, never back.
func (m *madeUp) move(to time.Time) {
	if to.After(m.at.Now()) {
		m.at.Add(to.Sub(m.at.Now()))
	}
}

func (m *madeUp) look(ctx context.Context, who account.Actor, id fhir.ClientID, what record.Parts) error {
	_, err := m.v.Open(ctx, who, record.Care, id, what)
	return err
}

func (m *madeUp) write(ctx context.Context, who account.Actor, why record.Purpose, id fhir.ClientID, rs []fhir.Resource) error {
	c, err := m.v.Into(ctx, who, why, id)
	if err != nil {
		return err
	}
	_, err = c.Put(ctx, rs...)
	return err
}

// client signs a client in, once.
func (m *madeUp) client(ctx context.Context, id fhir.ClientID) (account.Actor, error) {
	if a, ok := m.clients[id]; ok {
		return a, nil
	}
	a, err := m.signIn(ctx, account.Subject{Kind: account.Client, ID: string(id)})
	m.clients[id] = a
	return a, err
}

// print prints one way in for each of four people.
func (m *madeUp) print(ctx context.Context, h *house, w io.Writer) error {
	first := m.world.Clients[0]
	ways := []way{
		{first.Name + ", a " + m.world.Practice.ClientWord, account.Subject{Kind: account.Client, ID: string(m.charts[first.ID])}},
	}
	for _, role := range []string{"nurse", "physician", "frontdesk", "manager"} {
		for _, s := range m.world.Staff {
			if s.Role == role {
				ways = append(ways, way{s.Name + ", " + s.Title, account.Subject{Kind: account.Staff, ID: s.ID}})
				break
			}
		}
	}
	for _, x := range append(ways, m.kin()...) {
		link, err := h.link(ctx, x.sub, account.Demo)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %-38s %s\n", x.label, link)
	}
	return nil
}
