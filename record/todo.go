package record

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"rapport/fhir"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Todo is something that somebody of the practice has to see to: a visit does not take
// place, or an answer is an alarm. It is a Task in its client's chart; here is who it
// waits for.
type Todo struct {
	ID      string // of the Task
	Client  fhir.ClientID
	Kind    string    // what became of the visit: cancelled or noshow; or TodoAlarm
	Owner   string    // staff id; "" is whoever finds it first
	Service string    // of the visit
	From    time.Time // when it was to be
	At      time.Time // since when there is this to do
	Due     time.Time `json:",omitzero"`  // by when it should have been seen to
	ByStaff bool      `json:",omitempty"` // the practice called it off
	Private bool      `json:",omitempty"` // the visit is marked as private
	About   Ref       `json:",omitempty"` // the form that holds the answer, of an alarm
}

// TodoAlarm is the kind of what is to do after an answer that somebody must see soon.
const TodoAlarm = "alarm"

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
		t.Private = fhir.Private(now)
		out.open = &t
		out.changes = append(out.changes, c.taskOf(t, before, now, taskOpen))
	}
	return out, nil
}

// settleTodo keeps in the list of what is to do what a visit leaves behind.
func (v *Vault) settleTodo(ctx context.Context, tx store.Tx, l leaving) error {
	if l.gone != "" {
		if err := tx.DropObject(ctx, store.Todos, v.Key("todo", l.gone)); err != nil {
			return err
		}
	}
	if l.open == nil {
		return nil
	}
	return v.put(ctx, tx, store.Todos, v.Key("todo", l.open.ID), time.Time{}, l.open)
}

// Todos returns what the practice has to see to, for staff who find people: what is due
// at a time first, then the oldest. What is private is not for the front desk.
func (d *Directory) Todos(ctx context.Context) ([]Todo, error) {
	if d == nil || d.v == nil || d.why != Finding {
		return nil, errRefused
	}
	var out []Todo
	err := d.v.st.View(ctx, func(r store.Reader) error {
		out = nil
		return r.Objects(ctx, store.Todos, func(o store.Object) error {
			var t Todo
			if err := d.v.unpack(store.Todos, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &t); err != nil {
				return err
			}
			if into, away := d.v.people.merged(t.Client); away {
				t.Client, t.About = into.card.Into, "" // another chart has other names
			}
			if !t.Private || d.basis != policy.FrontDesk {
				out = append(out, t)
			}
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Todo) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			return map[bool]int{true: 1, false: -1}[a.Due.IsZero()]
		}
		return cmp.Or(a.Due.Compare(b.Due), a.At.Compare(b.At))
	})
	return out, wrap("todos", err)
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
		return tx.DropObject(ctx, store.Todos, c.v.Key("todo", id))
	}})
	return wrap("done", err)
}
