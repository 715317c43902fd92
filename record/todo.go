package record

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Todo is something that somebody of the practice has to see to: a visit does not take
// place, an answer is an alarm, or a client waits for an answer. In the chart it is a Task
// or a thread; here is who it waits for, and not a word of what it is about.
type Todo struct {
	ID      string // of the Task, or of the thread
	Client  fhir.ClientID
	Kind    string    // what became of the visit: cancelled or noshow; or TodoAlarm, or TodoMessage
	Owner   string    // staff id; "" is whoever finds it first
	Service string    // of the visit
	From    time.Time // when it was to be
	At      time.Time // since when there is this to do
	Due     time.Time `json:",omitzero"`  // by when it should have been seen to
	ByStaff bool      `json:",omitempty"` // the practice called it off
	Private bool      `json:",omitempty"` // the visit is marked as private
	In      label.Set `json:",omitempty"` // the compartments it lies in
	About   Ref       `json:",omitempty"` // the form that holds the answer, of an alarm
	Topic   string    `json:",omitempty"` // of a message
	Thread  string    `json:",omitempty"` // of a note: where it stands
	Desk    bool      `json:",omitempty"` // of a message: the front desk reads it
	Named   []string  `json:",omitempty"` // of a sealed thread: who alone may know of it, by staff id
	Nudge   time.Time `json:",omitzero"`  // when its owner is told that it waits
	Cover   time.Time `json:",omitzero"`  // when somebody else gets it
	Broken  int       `json:",omitempty"` // how often the client was told a new time
	Snooze  time.Time `json:",omitzero"`  // not to be seen before this
	Why     string    `json:",omitempty"` // why it waits: one of SnoozeWhys
	Done    time.Time `json:",omitzero"`  // when it was seen to; it is kept for a while
	By      string    `json:",omitempty"` // who saw to it, by staff id
}

// falls reports that something is for a member of staff to see to: it is theirs, or it
// waits for whoever finds it first and is no message, which can be read without more.
func (t Todo) falls(staff string) bool {
	return t.Owner == staff || slices.Contains(t.Named, staff) || t.Owner == "" && len(t.Named) == 0 && t.Done.IsZero() && !t.written()
}

// binds reports that it makes a member of staff one who treats the client. What waits for
// whoever finds it first binds nobody, or a request to put something right would open what
// is closed to all who work here; but for an answer that somebody must see soon. What was
// seen to binds for a day more, for whoever looks back at it.
func (t Todo) binds(staff string, now time.Time) bool {
	if !t.Done.IsZero() && !now.Before(t.Done.Add(doneBinds)) {
		return false
	}
	return t.falls(staff) && (t.Owner != "" || t.Kind == TodoAlarm || slices.Contains(t.Named, staff))
}

// TodoAlarm is the kind of what is to do after an answer that somebody must see soon.
const TodoAlarm = "alarm"

// TodoNote is the kind of what is to do for who is named in a note.
const TodoNote = "note"

// leaving is what a visit leaves behind that is written anew: a task to open, or one
// that is of no use any more.
type leaving struct {
	changes []Change
	open    *Todo
	gone    string // the id of a Task
}

// missed are the states after which somebody has to see what becomes of a client.
var missed = []string{"cancelled", "noshow"}

// leaves says what a visit leaves behind that was before and is now.
func (c *Chart) leaves(before fhir.Appointment, now []byte) (leaving, error) {
	after, err := fhir.ReadAppointment(now)
	if err != nil || before.Status == after.Status {
		return leaving{}, err
	}
	id := func(kind string) string {
		return "t" + hex.EncodeToString(c.v.Key("todo "+kind, string(c.client)+"/"+before.ID))
	}
	var out leaving
	if slices.Contains(missed, before.Status) {
		out.gone = id(before.Status)
		out.changes = append(out.changes, c.taskOf(Todo{ID: out.gone, Kind: before.Status, At: c.v.now.Now()}, before, now, taskDropped))
	}
	if slices.Contains(missed, after.Status) {
		t := Todo{ID: id(after.Status), Client: c.client, Kind: after.Status, Service: serviceOf(before), From: before.Start.At, At: c.v.now.Now(), ByStaff: c.why == Care}
		for _, p := range before.Participants {
			if typ, who := p.Actor.Target(); typ == "Practitioner" && t.Owner == "" {
				t.Owner = who
			}
		}
		x := c.v.times.byName(c.keys.Row(appointment, before.ID))
		if t.Private = fhir.Private(now) || x != nil && x.Private; x != nil {
			t.In = x.In
		}
		out.open = &t
		out.changes = append(out.changes, c.taskOf(t, before, now, taskOpen))
	}
	return out, nil
}

// settleTodo keeps in the list of what is to do what a visit leaves behind.
func (v *Vault) settleTodo(ctx context.Context, tx store.Tx, l leaving) error {
	if l.gone != "" {
		if err := v.dropTodo(ctx, tx, l.gone); err != nil {
			return err
		}
	}
	if l.open == nil {
		return nil
	}
	return v.putTodo(ctx, tx, *l.open)
}

// doneBinds is for how long what was seen to still makes somebody one who treats the client.
const doneBinds = 24 * time.Hour

// doneHolds is for how long what was seen to is still shown.
const doneHolds = 14 * 24 * time.Hour

func (v *Vault) putTodo(ctx context.Context, tx store.Tx, t Todo) error {
	var ends time.Time
	if !t.Done.IsZero() {
		ends = t.Done.Add(doneHolds)
	}
	v.memo.begun.Add(1)
	return v.put(ctx, tx, store.Todos, v.Key("todo", t.ID), ends, &t)
}

func (v *Vault) dropTodo(ctx context.Context, tx store.Tx, id string) error {
	v.memo.begun.Add(1)
	return tx.DropObject(ctx, store.Todos, v.Key("todo", id))
}

func (v *Vault) todo(ctx context.Context, r store.Reader, id string) (Todo, error) {
	var t Todo
	err := v.get(ctx, r, store.Todos, v.Key("todo", id), &t)
	return t, err
}

// finishTodo says that something was seen to; nothing of that name is nothing to do.
func (v *Vault) finishTodo(ctx context.Context, tx store.Tx, id, by string, at time.Time) error {
	t, err := v.todo(ctx, tx, id)
	if errs.Is(err, errs.NotFound) || err == nil && !t.Done.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	t.Done, t.By = at, by
	return v.putTodo(ctx, tx, t)
}

// Todos returns what the practice has to see to, for staff who find people: what is due
// at a time first, then the oldest. What is not for whoever asks is not there.
func (d *Directory) Todos(ctx context.Context) ([]Todo, error) {
	if d == nil || d.v == nil || d.why != Finding {
		return nil, errRefused
	}
	all, err := d.v.todos(ctx)
	out := slices.DeleteFunc(all, func(t Todo) bool { return !t.Done.IsZero() || !d.mayKnow(ctx, t) })
	return out, wrap("todos", err)
}

func byDue(a, b Todo) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		return map[bool]int{true: 1, false: -1}[a.Due.IsZero()]
	}
	return cmp.Or(a.Due.Compare(b.Due), a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
}

// written reports that it is about what was written to and fro.
func (t Todo) written() bool {
	return t.Kind == TodoMessage || t.Kind == TodoNote || t.Kind == TodoUnreached
}

// mayKnow reports that something to do is for whoever opened the directory: what is
// private is for who treats the client, nothing is for whom the client keeps out, messages that are not administrative are not for
// the front desk, and a sealed thread is for the people it names.
func (d *Directory) mayKnow(ctx context.Context, t Todo) bool {
	if len(t.Named) > 0 && !slices.Contains(t.Named, d.who.ID()) || d.barred(ctx, t.Client) {
		return false
	}
	if d.basis == policy.FrontDesk {
		return !t.Private && (!t.written() || t.Desk)
	}
	return !t.Private || len(t.Named) > 0 || t.falls(d.who.ID()) || d.treats(ctx, t.Client, t.In)
}

// Finish says that what was to do about a client is done; errs.NotFound if there is
// nothing of that name.
func (c *Chart) Finish(ctx context.Context, id string) error {
	if c == nil || c.v == nil || c.why != Care || c.writes&Visits == 0 {
		return errRefused
	}
	in := c.inner()
	_, err := c.v.commit(ctx, deed{act: "done", plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		was, err := c.raw(ctx, r, task, id)
		if err != nil {
			return nil, err
		}
		now, err := c.taskDone(was.JSON)
		if err != nil {
			return nil, err
		}
		return []Write{{in, []Change{{Resource: fhir.Resource{Type: task, ID: id, JSON: now}, IfVersion: was.Version}}}}, nil
	}, also: func(ctx context.Context, tx store.Tx, _ bool) error {
		return c.v.finishTodo(ctx, tx, id, c.who.ID(), c.v.now.Now())
	}, done: func() { c.v.changed(inboxTopic) }})
	return wrap("done", err)
}
