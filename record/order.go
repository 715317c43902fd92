package record

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/store"
)

// Order is a visit that staff want a client to book: "back in three weeks, 20 minutes,
// with me". It takes no time until the client chooses one.
type Order struct {
	Service string
	Who     string     // staff id; "" is anybody who does it
	After   hours.Date // not before this day
	Note    string     // to the client
}

// orderNote bounds what is written to a client with an order, in bytes.
const orderNote = 500

// Order gives a client a visit to book. It is for staff; the client books it by moving
// it to a time. Key says which asking it is.
func (c *Chart) Order(ctx context.Context, key string, o Order) (string, error) {
	if !c.books() || c.why != Care || key == "" {
		return "", errRefused
	}
	s, ok := c.v.Timetable().Service(o.Service)
	if !ok || o.Who != "" && !slices.Contains(s.Who, o.Who) || len(o.Note) > orderNote {
		return "", errs.E(errs.Invalid, "record: no such service, or not with them")
	}
	names, err := c.v.staffNames(ctx)
	if err != nil {
		return "", err
	}
	in, id := c.inner(), c.visitID(key, 0)
	_, err = c.v.commit(ctx, deed{act: "order", plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		if _, _, err := c.visit(ctx, r, id); err == nil {
			return nil, nil // it was given before
		}
		x, err := c.orderOf(id, o, names)
		return []Write{{in, []Change{x}}}, err
	}})
	return id, wrap("order", err)
}

// orderOf writes an order as an Appointment that is proposed.
func (c *Chart) orderOf(id string, o Order, names map[string]string) (Change, error) {
	x := c.appointmentOf(id, Seat{Service: o.Service, Who: o.Who}, names, o.Note)
	s, _ := c.v.Timetable().Service(o.Service)
	body, err := edit(x.JSON, map[string]any{"status": "proposed", "start": nil, "_start": nil, "end": nil, "appointmentType": nil, "minutesDuration": s.Minutes,
		"requestedPeriod": []map[string]string{{"start": o.After.String()}}})
	if err != nil || o.Who != "" {
		x.JSON = body
		return x, err
	}
	var p struct {
		Participant []json.RawMessage `json:"participant"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return x, err
	}
	x.JSON, err = edit(body, map[string]any{"participant": p.Participant[:1]}) // the client alone
	return x, err
}

// Ordered is an order as its client sees it.
type Ordered struct {
	Order
	ID  string
	Ref Ref
	At  time.Time
}

// Orders returns what a client has to book, oldest first.
func (c *Chart) Orders(ctx context.Context) ([]Ordered, error) {
	if !c.books() {
		return nil, errRefused
	}
	found, err := c.Find(ctx, appointment, "status", "proposed")
	if err != nil {
		return nil, err
	}
	var out []Ordered
	for _, f := range found {
		a, err := fhir.ReadAppointment(f.JSON)
		if err != nil {
			return nil, err
		}
		o := Ordered{ID: f.ID, Ref: f.Ref, At: f.Time}
		o.Service, o.Note = serviceOf(a), a.Comment
		for _, p := range a.Participants {
			if typ, id := p.Actor.Target(); typ == "Practitioner" {
				o.Who = id
			}
		}
		o.After, _ = hours.ParseDate(requested(f.JSON))
		if o.Service != "" {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b Ordered) int { return a.At.Compare(b.At) })
	return out, nil
}

// requested is the first day on which an Appointment is asked for.
func requested(json []byte) string {
	doc, err := fhir.Parse(json)
	if err != nil {
		return ""
	}
	for p := range doc.Root().Each("requestedPeriod") {
		if s := p.Get("start").Str(); len(s) >= len(time.DateOnly) {
			return s[:len(time.DateOnly)]
		}
	}
	return ""
}
