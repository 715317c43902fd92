package record

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/hours"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// times is the practice's calendar as it is kept in memory: the timetable, what is
// taken from yesterday on, and openings that were looked for. The store has the last
// word: what is asked of this may be old by the time it is written.
type times struct {
	mu      sync.RWMutex
	table   *hours.Timetable
	left    map[string]bool  // who works here no more
	doing   *hours.Timetable // the table without those: what openings are of
	byID    map[timeID]*taking
	held    map[store.Key]*taking // the holds among them, by holder
	told    map[timeID]int        // the last reminder of a visit, in minutes before it
	asked   map[timeID]int        // the last letter about a visit's forms
	by      hours.Taken           // by who or what is taken, in order
	crowded map[string]int        // how many of those overlap others
	lapses  time.Time             // when the first hold ends by itself; zero for none
	late    map[string]behind
	state   uint64 // goes up with every change
	found   map[sought][]hours.Opening
	watch   chan struct{} // closed at the next change
}

// timeID is the name of a time that is taken.
type timeID = [16]byte

// taking is one time that is taken, with what only its holder or staff may know.
type taking struct {
	store.Taken
	Seat
}

// Seat is what a time is taken for.
type Seat struct {
	Service string
	Who     string   // staff id
	Room    string   // "" if it needs none
	Also    []string `json:",omitempty"` // who or what else: a second clinician, devices
	Mode    hours.Modes
	From    time.Time // of the visit itself, without what is kept free around it
	To      time.Time
	Client  fhir.ClientID `json:",omitempty"` // whose visit it is
	Visit   string        `json:",omitempty"` // the id of the Appointment
	Guest   string        `json:",omitempty"` // whose it is who has no chart yet
	Note    string        `json:",omitempty"` // what a guest wrote with it
	Made    time.Time     // when it was booked, or moved there
	Kept    int           `json:",omitempty"` // how often a hold was kept on
	Beside  bool          `json:",omitempty"` // it overlaps another: it was there before this calendar was
	State   string        `json:",omitempty"` // of a visit: booked, arrived, checked-in, fulfilled, noshow …
	Since   time.Time     `json:",omitzero"`  // when that came to be so
	Line    bool          `json:",omitempty"` // nobody is taken: its client waits in line, since From
	Private bool          `json:",omitempty"` // it lies in a compartment
	In      label.Set     `json:",omitempty"` // in which
}

// of is who and what a time is taken for, each once.
func (s Seat) of() []string {
	var out []string
	if s.Line {
		return nil
	}
	for _, x := range append([]string{s.Who, s.Room}, s.Also...) {
		if x != "" && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// same reports that two are the same time of the same person, for the same.
func (s Seat) same(o Seat) bool {
	return s.Service == o.Service && s.Who == o.Who && s.From.Equal(o.From) && s.To.Equal(o.To)
}

// sought is a question about openings. Who is not in it: the answer is for all, and
// filtered.
type sought struct {
	service  string
	from, to hours.Date
	staff    bool
	minute   int64
}

// foundMost bounds the answers that are kept.
const foundMost = 64

func (v *Vault) loadTimes(ctx context.Context) error {
	t := &times{table: &hours.Timetable{}, left: map[string]bool{}, byID: map[timeID]*taking{}, held: map[store.Key]*taking{}, told: map[timeID]int{}, asked: map[timeID]int{}, by: hours.Taken{}, crowded: map[string]int{}, found: map[sought][]hours.Opening{}, watch: make(chan struct{})}
	v.times = t
	var all []*taking
	err := v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.Settings, timetableKey)
		if err == nil {
			err = json.Unmarshal(o.Body, t.table)
		}
		if err != nil && !errors.Is(err, store.ErrNotExist) {
			return err
		}
		if err := t.loadLate(ctx, r); err != nil {
			return err
		}
		if err := r.Objects(ctx, store.StaffSpace, func(o store.Object) error {
			var m StaffMember
			err := json.Unmarshal(o.Body, &m)
			t.left[m.ID] = m.Left
			return err
		}); err != nil {
			return err
		}
		from := v.now.Now().Add(-24 * time.Hour).UnixMilli()
		return r.TakenBetween(ctx, from, 1<<62, func(x store.Taken) error {
			y, err := v.opened(x)
			all = append(all, y)
			return err
		})
	})
	if err != nil {
		return wrap("times", err)
	}
	t.change(nil, all)
	t.staffed()
	return nil
}

// opened reads what a taken time is for.
func (v *Vault) opened(x store.Taken) (*taking, error) {
	y := &taking{Taken: x}
	return y, v.unpack(store.Times, store.Object{Key: x.ID[:], Body: x.Body}, &y.Seat)
}

// closed makes a time as the store keeps it, with what is kept free around it.
func (v *Vault) closed(id timeID, kind store.Kind, s Seat) (*taking, error) {
	o, err := v.pack(store.Times, id[:], time.Time{}, &s)
	if err != nil {
		return nil, err
	}
	before, after := v.times.around(s.Service)
	y := &taking{store.Taken{ID: id, Kind: kind, From: s.From.Add(-before).UnixMilli(), To: s.To.Add(after).UnixMilli(), Of: s.of(), Body: o.Body}, s}
	if s.Beside || s.Line {
		y.Of = []string{"beside " + idCoding.EncodeToString(id[:])}
	}
	return y, nil
}

// around is what is kept free before and after a service.
func (t *times) around(service string) (before, after time.Duration) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s, _ := t.table.Service(service)
	return time.Duration(s.Before) * time.Minute, time.Duration(s.After) * time.Minute
}

// byName returns what is taken under a name; nil for none.
func (t *times) byName(id timeID) *taking {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byID[id]
}

// changed forgets what was found, and tells who watches.
func (t *times) changed() {
	t.state++
	t.lapses = time.Time{}
	for x := range maps.Values(t.held) {
		if at := time.UnixMilli(x.Ends); t.lapses.IsZero() || at.Before(t.lapses) {
			t.lapses = at
		}
	}
	clear(t.found)
	close(t.watch)
	t.watch = make(chan struct{})
}

// lapse drops holds that ended by themselves.
func (t *times) lapse(now time.Time) {
	t.mu.RLock()
	due := !t.lapses.IsZero() && !now.Before(t.lapses)
	t.mu.RUnlock()
	if !due {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.held {
		if x.Ends <= now.UnixMilli() {
			t.free(x.ID)
		}
	}
	t.changed()
}

// Watch returns a number for the state of the calendar, and a channel that is closed
// when it is another; a hold that ends by itself closes nothing.
func (v *Vault) Watch() (state uint64, next <-chan struct{}) {
	v.times.lapse(v.now.Now())
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	return v.times.state, v.times.watch
}

// Timetable returns what the practice wrote down about its times; nobody may change it.
func (v *Vault) Timetable() *hours.Timetable {
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	return v.times.table
}

// Zone is the practice's time zone.
func (v *Vault) Zone() *time.Location { return v.zoneOf(Card{}) }

// Openings returns the times at which a service can be had; anybody may know them. Now
// is the vault's own.
func (v *Vault) Openings(q hours.Query) []hours.Opening {
	now := v.now.Now()
	q.Now = now
	t := v.times
	t.lapse(now)
	key := sought{q.Service, q.From, q.To, q.Staff, now.Unix() / 60}
	t.mu.RLock()
	found, ok := t.found[key]
	state := t.state
	if !ok {
		found = hours.Openings(t.doing, v.Zone(), t.by, hours.Query{Service: q.Service, From: q.From, To: q.To, Now: now, Staff: q.Staff})
	}
	t.mu.RUnlock()
	if !ok {
		t.mu.Lock()
		if len(t.found) >= foundMost {
			clear(t.found)
		}
		if t.state == state {
			t.found[key] = found
		}
		t.mu.Unlock()
	}
	return only(found, q)
}

// only leaves the openings with somebody and in a way that was asked for.
func only(found []hours.Opening, q hours.Query) []hours.Opening {
	if len(q.Who) == 0 && q.Modes == 0 {
		return found
	}
	var out []hours.Opening
	for _, o := range found {
		if q.Modes != 0 {
			o.Modes &= q.Modes
		}
		if o.Modes == 0 || len(q.Who) > 0 && !slices.Contains(q.Who, o.Who) {
			continue
		}
		if o.Modes&hours.InPerson == 0 {
			o.Room = ""
		}
		out = append(out, o)
	}
	return out
}

var timetableKey = []byte("timetable")

// SetTimetable keeps what the practice writes down about its times. What is booked
// stays as it is. Somebody who changed it meanwhile is not overwritten: errs.Conflict.
func (p *Practice) SetTimetable(ctx context.Context, t hours.Timetable) error {
	if p == nil || p.v == nil || p.why != Running && p.why != Importing {
		return errRefused
	}
	if err := t.Check(); err != nil {
		return err
	}
	was := t.Version
	t.Version++
	b, err := json.Marshal(&t)
	if err != nil {
		return wrap("timetable", err)
	}
	ts := p.v.times
	return wrap("timetable", p.act(ctx, "timetable", func(ctx context.Context, tx store.Tx) error {
		var now hours.Timetable
		o, err := tx.Object(ctx, store.Settings, timetableKey)
		if err == nil {
			err = json.Unmarshal(o.Body, &now)
		}
		if err != nil && !errors.Is(err, store.ErrNotExist) {
			return err
		}
		if now.Version != was {
			return errs.Say(errs.E(errs.Conflict, "record: the timetable was changed meanwhile"), "visits.changed")
		}
		return tx.SetObject(ctx, store.Settings, store.Object{Key: timetableKey, Body: b})
	}, func() {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		ts.table = &t
		ts.staff()
	}))
}

// Booked is one visit, hold or block as staff see it.
type Booked struct {
	Seat
	Hold  bool
	Block bool
	Ends  time.Time   // of a hold
	Ref   Ref         // the visit's name in an address, in the chart of its client
	Guest string      // whose it is who has no chart yet
	Cover hours.Cover // what the rules, as they are now, say of a visit to come
}

// within is what is taken between two times, as it is shown.
func (t *times) within(from, to time.Time, zone *time.Location, now time.Time) (out []Booked) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, x := range t.byID {
		if x.Seat.From.Before(to) && x.Seat.To.After(from) {
			out = append(out, x.booked(t.table, zone, now))
		}
	}
	return out
}

// Day returns what is taken on some days, in order, for staff who find people.
func (d *Directory) Day(ctx context.Context, from, to time.Time) ([]Booked, error) {
	if d == nil || d.v == nil || d.why != policy.Finding {
		return nil, errRefused
	}
	t, now, zone := d.v.times, d.v.now.Now(), d.v.Zone()
	t.lapse(now)
	out := t.within(from, to, zone, now)
	for i := range out {
		if b := &out[i]; d.shut(ctx, b) { // that somebody is taken, and no more
			b.Client, b.Visit, b.Service, b.Ref, b.State, b.Note, b.In, b.Private = "", "", "", "", "", "", 0, true
		}
	}
	slices.SortFunc(out, func(a, b Booked) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Who, b.Who)) })
	return out, nil
}
