package record

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// A client answers forms with the act below, and writes no answers otherwise: what was
// handed in is never written over, and an alarm leaves somebody something to do in the
// same transaction as the answer that raised it.

// response is the type of resource in which a form's answers are kept.
const response = "QuestionnaireResponse"

// Answer is a form as somebody filled it in so far.
type Answer struct {
	Form    string // the form's url, without its version
	ID      string // of the response
	JSON    []byte
	Was     int64           // the version it goes on from; 0 for a form that is begun
	Done    bool            // it is handed in: nothing is added to it any more
	Results []fhir.Resource // what was measured by it
	Alarms  []Alarm
}

// Alarm is an answer that somebody must see soon.
type Alarm struct {
	Crisis bool   // within an hour; else within a day
	What   string // what staff read
	Again  bool   // it was given in this very answer, and not only still stands
}

// dueBy is by when an alarm given at a time should have been seen to: within an hour or a
// day of when somebody is there. A promise that nobody can keep is none.
func (v *Vault) dueBy(a Alarm, at time.Time) (due time.Time, closed bool) {
	from, ok := v.Timetable().Open(at, v.Zone())
	if !ok {
		from = at
	}
	within := 24 * time.Hour
	if a.Crisis {
		within = time.Hour
	}
	return from.Add(within).UTC(), from.After(at)
}

// DueBy returns by when an alarm given at a time should have been seen to, and whether
// the practice was closed then.
func (c *Chart) DueBy(a Alarm, at time.Time) (due time.Time, closed bool) {
	if c == nil || c.v == nil {
		return time.Time{}, false
	}
	return c.v.dueBy(a, at)
}

// toldForm is what is known beside the chart of one form somebody was asked to fill in:
// when, and never what they said.
type toldForm struct {
	Begun time.Time `json:",omitzero"`
	Done  time.Time `json:",omitzero"`
	Draft string    `json:",omitempty"` // the id of the response that is not handed in
}

// askedOf is that of all forms of one client, by the form's url; and when the client was
// written to about them, by visit and letter.
type askedOf struct {
	Forms map[string]toldForm
	Asked map[string]time.Time
	Staff map[string]askedFor `json:",omitempty"` // what staff asked for that is not handed in since, by form
}

// askedFor is the name of who of the staff asked for a form, and when.
type askedFor struct {
	By string
	At time.Time
}

func (v *Vault) askedOf(ctx context.Context, r store.Reader, c fhir.ClientID) (askedOf, error) {
	var t askedOf
	err := v.get(ctx, r, store.Asked, v.Key("told", string(c)), &t)
	if errs.Is(err, errs.NotFound) {
		err = nil
	}
	if t.Forms == nil {
		t.Forms = map[string]toldForm{}
	}
	if t.Asked == nil {
		t.Asked = map[string]time.Time{}
	}
	if t.Staff == nil {
		t.Staff = map[string]askedFor{}
	}
	return t, err
}

func (v *Vault) putAsked(ctx context.Context, tx store.Tx, c fhir.ClientID, t askedOf) error {
	for k, at := range t.Asked {
		if v.now.Now().Sub(at) > rememberAsked {
			delete(t.Asked, k)
		}
	}
	return v.put(ctx, tx, store.Asked, v.Key("told", string(c)), time.Time{}, &t)
}

// rememberAsked is how long it is remembered that somebody was written to about a visit.
const rememberAsked = 400 * 24 * time.Hour

var (
	errHandedIn = errs.Say(errs.E(errs.Conflict, "record: the form was handed in"), "intake.handed_in")
	errMet      = errs.E(errs.Conflict, "record: the form was answered elsewhere meanwhile")
)

// answers reports whether the chart was opened by somebody who may fill in a form.
func (c *Chart) answers() bool {
	return c != nil && c.v != nil && (c.why == Answering || c.why == Care) && c.writes&Told != 0
}

// Answer keeps a form as it is filled in so far, what was measured by it, and what
// somebody has to see to because of it: all or none. errs.Conflict says that it was
// answered elsewhere since Was, or handed in.
func (c *Chart) Answer(ctx context.Context, a Answer) error {
	if !c.answers() || a.ID == "" || a.Form == "" {
		return errRefused
	}
	if err := answered(a); err != nil {
		return err
	}
	in := c.inner()
	in.writes |= Results // what answers measure goes with them, whoever was let say them
	var todos []Todo
	also := func(ctx context.Context, tx store.Tx, _ bool) error {
		for i := range todos {
			if err := c.v.putTodo(ctx, tx, todos[i]); err != nil {
				return err
			}
		}
		if err := c.onlyOne(ctx, tx, a); err != nil {
			return err
		}
		return c.v.markTold(ctx, tx, c.client, a)
	}
	_, err := c.v.commit(ctx, deed{act: "answer", also: also, plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		err := c.goesOn(ctx, r, a)
		if err != nil {
			return nil, err
		}
		changes := []Change{{Resource: fhir.Resource{Type: response, ID: a.ID, JSON: a.JSON}, IfVersion: a.Was}}
		for _, x := range a.Results {
			if policy.PartOf(x.Type) != Results {
				return nil, errs.E(errs.Refused, "record: a form writes no %s", x.Type)
			}
			if !strings.HasPrefix(x.ID, a.ID+"-") {
				return nil, errs.E(errs.Refused, "record: a form writes over no result of another")
			}
			if x.JSON, err = between(x.JSON); err != nil {
				return nil, err
			}
			changes = append(changes, Change{Resource: x})
		}
		more, open, err := c.alarms(ctx, r, a)
		todos = open
		return []Write{{in, append(changes, more...)}}, err
	}})
	return wrap("answer", err)
}

// answered checks that a response says of itself what its answer says.
func answered(a Answer) error {
	is, err := fhir.ReadQuestionnaireResponse(a.JSON)
	if err != nil {
		return err
	}
	if want := map[bool]string{false: "in-progress", true: "completed"}[a.Done]; is.Form != a.Form || is.Status != want {
		return errs.E(errs.Invalid, "record: a response to another form, or in another state")
	}
	return nil
}

// goesOn refuses what does not go on from the newest version, or goes on from one that
// was handed in.
func (c *Chart) goesOn(ctx context.Context, r store.Reader, a Answer) error {
	was, err := c.raw(ctx, r, response, a.ID)
	if errs.Is(err, errs.NotFound) && a.Was == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	is, err := fhir.ReadQuestionnaireResponse(was.JSON)
	if err != nil {
		return err
	}
	switch {
	case is.Form != a.Form:
		return errs.E(errs.Invalid, "record: a response to another form")
	case !is.Begun():
		return errHandedIn
	case was.Version != a.Was:
		return errMet
	}
	return nil
}

// onlyOne refuses to begin a form that was begun and not handed in: what was said would
// lie in two places.
func (c *Chart) onlyOne(ctx context.Context, r store.Reader, a Answer) error {
	if a.Was != 0 || a.Done {
		return nil
	}
	t, err := c.v.askedOf(ctx, r, c.client)
	draft := t.Forms[a.Form].Draft
	if err != nil || draft == "" || draft == a.ID {
		return err
	}
	was, err := c.raw(ctx, r, response, draft)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if is, err := fhir.ReadQuestionnaireResponse(was.JSON); err != nil || is.Begun() {
		return orElse(err, errMet)
	}
	return nil
}

// raw reads a resource whole for an act of this package, whatever of it is shown.
func (c *Chart) raw(ctx context.Context, r store.Reader, typ, id string) (Found, error) {
	absent := errs.E(errs.NotFound, "record: no such %s", typ)
	tn, err := typeNumber(typ)
	if err != nil {
		return Found{}, err
	}
	row, err := r.Row(ctx, c.row, tn, c.keys.Row(typ, id))
	if errors.Is(err, store.ErrNotExist) || err == nil && row.Gone {
		return Found{}, absent
	}
	if err != nil {
		return Found{}, err
	}
	if hidden, err := c.hides(ctx, r, row); err != nil || hidden {
		return Found{}, orElse(err, absent)
	}
	sealed, err := r.Body(ctx, row.Body)
	if err != nil {
		return Found{}, err
	}
	b, err := c.open(sealed, row)
	return found(fhir.Resource{Type: typ, ID: id, JSON: b}, row), err
}

// has reports that a resource was ever written, seen or not.
func (c *Chart) has(ctx context.Context, r store.Reader, typ, id string) (bool, error) {
	tn, err := typeNumber(typ)
	if err != nil {
		return false, err
	}
	_, err = r.Row(ctx, c.row, tn, c.keys.Row(typ, id))
	if errors.Is(err, store.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// alarms are the tasks that an answer leaves. Each stays until a person says that it was
// seen to; given again after that, it leaves another.
func (c *Chart) alarms(ctx context.Context, r store.Reader, a Answer) (changes []Change, open []Todo, err error) {
	owner := c.v.nextWho(c.client)
	for _, x := range a.Alarms {
		id, err := c.alarmID(ctx, r, a.ID, x)
		if err != nil {
			return nil, nil, err
		}
		if id == "" {
			continue
		}
		now := c.v.now.Now()
		due, _ := c.v.dueBy(x, now)
		t := Todo{ID: id, Client: c.client, Kind: TodoAlarm, Owner: owner, At: now, Due: due, Private: true, About: c.Ref(response, a.ID)}
		if !slices.ContainsFunc(open, func(o Todo) bool { return o.ID == id }) {
			changes, open = append(changes, c.alarmTask(t, a.ID, x)), append(open, t)
		}
	}
	return changes, open, nil
}

// alarmID is the name of the task that an alarm leaves; "" if it left one that is still
// open, or was seen to since and is not given again.
func (c *Chart) alarmID(ctx context.Context, r store.Reader, response0 string, x Alarm) (string, error) {
	whole := c.whole() // it is there, whoever may see it
	for n := range alarmsMost {
		id := "t" + hex.EncodeToString(c.v.Key("alarm", string(c.client)+"/"+response0+"/"+x.What+strings.Repeat("+", n)))
		was, err := whole.raw(ctx, r, task, id)
		if errs.Is(err, errs.NotFound) {
			if n > 0 && !x.Again {
				return "", nil
			}
			return id, nil
		}
		if err != nil {
			return "", err
		}
		var t struct {
			Status string `json:"status"`
		}
		if err := json.Unmarshal(was.JSON, &t); err != nil || t.Status == taskOpen {
			return "", err
		}
	}
	return "", nil
}

// alarmsMost bounds how often one answer to one form calls somebody.
const alarmsMost = 20

// markTold notes that a form was begun, or handed in.
func (v *Vault) markTold(ctx context.Context, tx store.Tx, c fhir.ClientID, a Answer) error {
	t, err := v.askedOf(ctx, tx, c)
	if err != nil {
		return err
	}
	was, now := t.Forms[a.Form], v.now.Now()
	is := was
	if is.Begun.IsZero() || a.Was == 0 {
		is.Begun, is.Draft = now, a.ID
	}
	if a.Done {
		is.Done, is.Draft = now, ""
		delete(t.Staff, a.Form)
	}
	if is == was {
		return nil
	}
	t.Forms[a.Form] = is
	return v.putAsked(ctx, tx, c, t)
}

// nextWho is the clinician whom a client sees next; "" if nobody is booked.
func (v *Vault) nextWho(c fhir.ClientID) string {
	t, now := v.times, v.now.Now()
	t.mu.RLock()
	defer t.mu.RUnlock()
	var first *taking
	for _, x := range t.byID {
		if x.Kind == store.Visit && x.Seat.Client == c && x.Who != "" && x.Seat.To.After(now) && (first == nil || x.Seat.From.Before(first.Seat.From)) {
			first = x
		}
	}
	if first == nil {
		return ""
	}
	return first.Who
}

// NewID draws a name for a resource that is to be.
func (c *Chart) NewID() (string, error) {
	if c == nil || c.v == nil {
		return "", errRefused
	}
	return c.v.newID()
}
