package record

import (
	"context"
	"strings"

	"rapport/account"
	"rapport/errs"
	"rapport/hours"
	"rapport/record/internal/store"
)

// Slip is one visit, opened by a mailed link: when it is, and whether, never what. It
// can be confirmed, moved and called off by it, and an earlier time taken. The zero
// Slip is closed.
type Slip struct {
	c  *Chart    // of a client
	t  *Calendar // of a guest
	id string
}

// OpenSlip opens the visit that a link is about, for whom it is to.
func (v *Vault) OpenSlip(ctx context.Context, who account.Actor, visit string) (*Slip, error) {
	switch who.Kind() {
	case account.Guest:
		return &Slip{t: v.TimesOf(who, ""), id: visit}, nil
	case account.Client:
		c, err := v.Open(ctx, who, Booking, who.Client(), Visits)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(visit, "v") { // booked as a guest
			visit = "v" + visit
		}
		return &Slip{c: c, id: visit}, nil
	}
	return nil, errRefused
}

// Slipped is what a slip shows of its visit.
type Slipped struct {
	Seat      // of which pages show the time, the way and the place
	Status    string
	Confirmed bool
	Offer     *Offered
	Place     string // of the room
	Late      int    // minutes that whoever they see runs late today
}

// Visit returns what a slip shows.
func (s *Slip) Visit(ctx context.Context) (Slipped, error) {
	if s == nil || s.c == nil && s.t == nil {
		return Slipped{}, errRefused
	}
	var out Slipped
	v := s.vault()
	err := v.st.View(ctx, func(r store.Reader) error {
		if s.t != nil {
			x, err := s.t.reserved(ctx, r, s.id)
			if errs.Is(err, errs.NotFound) {
				out.Status = "cancelled"
				return nil
			}
			if err == nil {
				out.Seat, out.Status = x.Seat, "booked"
			}
			return err
		}
		a, f, err := s.c.visit(ctx, r, s.id)
		if err != nil {
			return err
		}
		out.Status, out.Confirmed = a.Status, hasExtension(f.JSON, confirmURL)
		x, err := v.takenAs(ctx, r, s.c.keys.Row(appointment, s.id))
		if x != nil {
			out.Seat = x.Seat
		}
		out.From, out.To = a.Start.At, a.End.At
		return err
	})
	if err == nil && s.c != nil {
		if w, err := s.c.Wish(ctx, s.id); err == nil {
			out.Offer = w.Offer
		}
	}
	if hours.DateOf(out.From.In(v.Zone())) == v.today() {
		out.Late = v.Late(out.Who)
	}
	room, _ := v.Timetable().Room(out.Room)
	out.Place = room.Name
	return out, wrap("slip", err)
}

func (s *Slip) vault() *Vault {
	if s.c != nil {
		return s.c.v
	}
	return s.t.v
}

// Openings returns when the visit could be instead.
func (s *Slip) Openings(ctx context.Context, from, to hours.Date) ([]hours.Opening, error) {
	x, err := s.Visit(ctx)
	if err != nil || x.Service == "" {
		return nil, err
	}
	return s.vault().Openings(hours.Query{Service: x.Service, From: from, To: to}), nil
}

// Move moves the visit; what it is stays.
func (s *Slip) Move(ctx context.Context, p Pick) error {
	if s == nil || s.c == nil && s.t == nil {
		return errRefused
	}
	if s.c != nil {
		return s.c.Move(ctx, s.id, p)
	}
	x, err := s.Visit(ctx)
	if err != nil {
		return err
	}
	p.Service = x.Service
	_, err = s.t.Reserve(ctx, s.id+p.From.String()+p.Who, x.Note, p, s.id)
	return err
}

// Cancel calls the visit off.
func (s *Slip) Cancel(ctx context.Context) error {
	switch {
	case s == nil || s.c == nil && s.t == nil:
		return errRefused
	case s.c != nil:
		return s.c.Cancel(ctx, s.id)
	}
	err := s.t.Release(ctx, s.id)
	if errs.Is(err, errs.NotFound) {
		return nil // it is off already
	}
	return err
}

// Confirm says again that the client comes. Of a guest there is nothing to keep it in.
func (s *Slip) Confirm(ctx context.Context) error {
	switch {
	case s == nil || s.c == nil && s.t == nil:
		return errRefused
	case s.c != nil:
		return s.c.Confirm(ctx, s.id)
	}
	return nil
}

// Accept takes the earlier time that is offered.
func (s *Slip) Accept(ctx context.Context) error {
	if s == nil || s.c == nil {
		return errRefused
	}
	return s.c.Accept(ctx, s.id)
}

// DeclineOffer leaves the earlier time to the next.
func (s *Slip) DeclineOffer(ctx context.Context) error {
	if s == nil || s.c == nil {
		return errRefused
	}
	return s.c.DeclineOffer(ctx, s.id)
}
