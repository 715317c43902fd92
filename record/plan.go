package record

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/plan"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// A plan lies in the chart: a CarePlan, its Goals, and a Task for each time a step was
// done. Beside the charts is where it stands, without a word of what it is about, so
// that staff find the plans that need somebody.

// planned are the types of resource that a plan and what is done in it are made of.
var planned = []string{"CarePlan", "Goal", task, "Observation", "Provenance"}

// Board is where a plan stands.
type Board struct {
	Client  fhir.ClientID
	Plan    string // the id of the CarePlan
	Awaits  Awaits
	Active  bool
	Began   time.Time // when it became active, or was proposed
	Last    time.Time // when anything in it was last done
	Due     time.Time // when the first of its open goals should be reached; zero for none
	Off     bool      // a goal was off its track when it was last looked at
	Objects bool      // the client objects to something, and nobody has answered
	Days    []int     `json:",omitempty"` // the days on which something of it is open, from the day it was last touched: a [hours.Date] each
}

// Awaits says whose yes a plan waits for.
type Awaits uint8

// Whose yes a plan can wait for. The zero Awaits is nobody's.
const (
	AwaitsStaff Awaits = iota + 1
	AwaitsClient
)

// Stalled reports that nothing was done in a plan for 14 days.
func (b Board) Stalled(now time.Time) bool {
	last := b.Last
	if last.Before(b.Began) {
		last = b.Began
	}
	return b.Active && now.Sub(last) >= stalledAfter
}

// Overdue reports that a goal should have been reached by now.
func (b Board) Overdue(now time.Time) bool {
	return b.Active && !b.Due.IsZero() && now.After(b.Due)
}

const stalledAfter = 14 * 24 * time.Hour

// plans reports whether the chart was opened by somebody who may change a plan.
func (c *Chart) plans() bool {
	return c != nil && c.v != nil && (c.why == Planning || c.why == Care) && c.writes&Plans != 0
}

// Plan keeps changes to a plan and to what is done in it, and where it stands then: all
// or none. act says what it is for the ledger: "plan" or "step".
func (c *Chart) Plan(ctx context.Context, act string, b Board, changes ...Change) error {
	if !c.plans() || act != "plan" && act != "step" || b.Plan == "" {
		return errRefused
	}
	for _, x := range changes {
		if err := ofPlan(x, b.Plan, changes); err != nil {
			return err
		}
	}
	in := c.inner()
	in.writes |= Told & c.asked // whose yes it was
	b.Client = c.client
	also := func(ctx context.Context, tx store.Tx, _ bool) error {
		return c.v.put(ctx, tx, store.Boards, c.v.Key("board", string(c.client)+"/"+b.Plan), time.Time{}, &b)
	}
	_, err := c.v.commit(ctx, deed{act: act, also: also, plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		return []Write{{in, changes}}, c.begins(ctx, r, changes)
	}})
	return wrap(act, err)
}

// begins refuses to begin a plan over one that is there already.
func (c *Chart) begins(ctx context.Context, r store.Reader, changes []Change) error {
	for _, x := range changes {
		if x.Type != "CarePlan" || x.IfVersion != 0 {
			continue
		}
		if was, err := c.has(ctx, r, x.Type, x.ID); err != nil || was {
			return orElse(err, errs.E(errs.Conflict, "record: the plan was begun meanwhile"))
		}
	}
	return nil
}

// PlanID names the plan that comes after those that have ended: whoever begins it at the
// same time begins the same one.
func (c *Chart) PlanID(ended []string) (string, error) {
	if c == nil || c.v == nil {
		return "", errRefused
	}
	ended = slices.Sorted(slices.Values(ended))
	return "p" + hex.EncodeToString(c.v.Key("plan", string(c.client)+"/"+strings.Join(ended, "/"))), nil
}

// ofPlan refuses what is no part of a plan: a task that is no step of it, a number that
// was not measured in a step, and where something else came from.
func ofPlan(x Change, of string, all []Change) error {
	if !slices.Contains(planned, x.Type) || x.Delete {
		return errs.E(errs.Refused, "record: %s is no part of a plan", x.Type)
	}
	switch x.Type {
	case "CarePlan":
		if x.ID != of {
			return errs.E(errs.Invalid, "record: another plan")
		}
	case "Observation":
		if !slices.ContainsFunc(all, func(t Change) bool { return t.Type == task && x.ID == "r"+t.ID }) {
			return errs.E(errs.Refused, "record: a result that no step measured")
		}
	case "Provenance":
		var p struct {
			Target []struct {
				Reference string `json:"reference"`
			} `json:"target"`
		}
		if json.Unmarshal(x.JSON, &p) != nil || len(p.Target) != 1 || p.Target[0].Reference != "CarePlan/"+of {
			return errs.E(errs.Refused, "record: where another thing than the plan came from")
		}
	case task:
		return stepOf(x, of)
	}
	return nil
}

// stepOf refuses a task that says neither that a step of a plan was done nor that this
// was a mistake.
func stepOf(x Change, of string) error {
	var t struct {
		Status string `json:"status"`
	}
	b := x.JSON
	if json.Unmarshal(b, &t) == nil && t.Status == "entered-in-error" {
		var err error
		if b, err = edit(b, map[string]any{"status": "completed"}); err != nil {
			return err
		}
	}
	switch d, ok := plan.ReadDone(b); {
	case !ok:
		return errs.E(errs.Refused, "record: a task that is no step of the plan")
	case d.Plan != of || d.ID() != x.ID:
		return errs.E(errs.Invalid, "record: a step of another plan")
	}
	return nil
}

// Board returns where a plan of this client stands.
func (c *Chart) Board(ctx context.Context, id string) (Board, error) {
	if c == nil || c.v == nil || c.parts&Plans == 0 {
		return Board{}, errRefused
	}
	var b Board
	err := c.v.st.View(ctx, func(r store.Reader) error {
		return c.v.get(ctx, r, store.Boards, c.v.Key("board", string(c.client)+"/"+id), &b)
	})
	return b, wrap("board", err)
}

// Boards returns where the plans of all clients stand, for staff who find people.
func (d *Directory) Boards(ctx context.Context) ([]Board, error) {
	if d == nil || d.v == nil || d.why != Finding || d.basis == policy.FrontDesk {
		return nil, errRefused
	}
	var out, moved []Board
	err := d.v.st.View(ctx, func(r store.Reader) error {
		out, moved = nil, nil
		return r.Objects(ctx, store.Boards, func(o store.Object) error {
			var b Board
			if err := d.v.unpack(store.Boards, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &b); err != nil {
				return err
			}
			if into, away := d.v.people.merged(b.Client); away {
				b.Client = into.card.Into
				moved = append(moved, b)
			} else {
				out = append(out, b)
			}
			return nil
		})
	})
	for _, b := range moved { // unless it was gone on with since
		if !slices.ContainsFunc(out, func(o Board) bool { return o.Client == b.Client && o.Plan == b.Plan }) {
			out = append(out, b)
		}
	}
	out = slices.DeleteFunc(out, func(b Board) bool { return d.barred(ctx, b.Client) })
	slices.SortFunc(out, func(a, b Board) int { return a.Began.Compare(b.Began) })
	return out, wrap("boards", err)
}
