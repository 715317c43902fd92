package record

import (
	"context"
	"errors"
	"slices"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/hours"
	"rapport/record/internal/store"
)

// The calendar follows the charts: whatever writes an Appointment takes its time in
// the same transaction, or is refused as a whole. Who is taken is in its participants
// (Practitioner, a Location or Device of the timetable), for what in its serviceType.
const (
	appointment = "Appointment"
	// ServiceSystem and ModeSystem are the code systems of a visit's service and of the
	// way to meet.
	ServiceSystem = "urn:rapport:service"
	ModeSystem    = "urn:rapport:mode"
)

// takes are the states of an Appointment whose time nobody else can have.
var takes = []string{"booked", "arrived", "checked-in", "fulfilled", "pending", "noshow"}

// booking is what a written Appointment does to the calendar.
type booking struct {
	id   timeID
	seat *Seat // the time it takes; nil for none
	gone bool  // the Appointment is no more, or in another chart
	was  *taking
}

// seatOf reads the time an Appointment takes; nil if it takes none, or none any more.
func (v *Vault) seatOf(a fhir.Appointment) *Seat {
	s := &Seat{Visit: a.ID, From: a.Start.At, To: a.End.At, State: a.Status}
	if s.To.IsZero() {
		s.To = s.From.Add(time.Duration(a.Minutes) * time.Minute)
	}
	if !slices.Contains(takes, a.Status) || s.From.IsZero() || !s.To.After(s.From) || s.To.Sub(s.From) > 23*time.Hour || s.To.Before(v.now.Now().Add(-24*time.Hour)) {
		return nil
	}
	s.From, s.To = s.From.UTC().Truncate(time.Millisecond), s.To.UTC().Truncate(time.Millisecond)
	s.Service = serviceOf(a)
	for _, c := range a.Type.Codings {
		if c.System == ModeSystem {
			s.Mode = hours.ParseMode(c.Code)
		}
		s.Line = s.Line || c.System == unplannedSystem && c.Code == unplanned
	}
	rooms := v.Timetable().Rooms
	for _, p := range a.Participants {
		typ, id := p.Actor.Target()
		ours := slices.ContainsFunc(rooms, func(r hours.Room) bool { return r.ID == id })
		switch {
		case p.Status == "declined":
		case typ == "Practitioner" && s.Who == "":
			s.Who = id
		case typ == "Location" && ours && s.Room == "":
			s.Room = id
		case typ == "Practitioner", typ == "Location" && ours, typ == "Device" && ours:
			s.Also = append(s.Also, id)
		}
	}
	if len(s.of()) == 0 && !s.Line {
		return nil
	}
	return s
}

// book notes what a written Appointment does to the calendar.
func (ch *charted) book(id timeID, json []byte, in label.Set) error {
	a, err := fhir.ReadAppointment(json)
	if err != nil {
		return err
	}
	s := ch.v.seatOf(a)
	if s != nil {
		s.Client, s.Private, s.In = ch.client, in != 0, in
	}
	ch.bookings = append(ch.bookings, booking{id: id, seat: s})
	return nil
}

// moveTimes notes what a merge, or its undoing, does to the times of the chart that
// goes or comes back.
func (ch *charted) moveTimes(ctx context.Context, r store.Reader) error {
	tn, err := typeNumber(appointment)
	if err != nil {
		return err
	}
	var rows []store.Row
	in := map[store.Key]label.Set{}
	if err := r.Rows(ctx, ch.row, tn, func(row store.Row) error {
		if !row.Gone {
			l, err := ch.labels(row)
			if err != nil {
				return err
			}
			in[row.Key], row.Facet = l.In, nil
			rows = append(rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	for _, row := range rows {
		if ch.into != "" {
			ch.bookings = append(ch.bookings, booking{id: row.Key, gone: true})
			continue
		}
		sealed, err := r.Body(ctx, row.Body)
		if err != nil {
			return err
		}
		json, err := ch.open(sealed, row)
		if err != nil {
			return err
		}
		if err := ch.book(row.Key, json, in[row.Key]); err != nil {
			return err
		}
	}
	return nil
}

// giveBack frees the times that the bookings had.
func (ch *charted) giveBack(ctx context.Context, tx store.Tx) error {
	ch.freed, ch.took = nil, nil
	if len(ch.bookings) > 0 { // what is held no longer is in nobody's way
		if err := tx.Lapse(ctx, ch.v.now.Now().UnixMilli()); err != nil {
			return err
		}
	}
	for i := range ch.bookings {
		b := &ch.bookings[i]
		b.was = nil
		x, err := tx.Taken(ctx, b.id)
		if errors.Is(err, store.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if b.was, err = ch.v.opened(x); err != nil {
			return err
		}
		if err := ch.inTime(b); err != nil {
			return err
		}
		if err := tx.Free(ctx, b.id); err != nil {
			return err
		}
		ch.freed = append(ch.freed, b.id)
	}
	return nil
}

// inTime refuses a client who moves or cancels a visit later than its service allows.
func (ch *charted) inTime(b *booking) error {
	if ch.why != Booking || b.seat != nil && b.seat.same(b.was.Seat) {
		return nil
	}
	return ch.v.inTime(*b.was)
}

// take takes the times that the bookings are for.
func (ch *charted) take(ctx context.Context, tx store.Tx, row store.Client) error {
	for i := range ch.bookings {
		b := &ch.bookings[i]
		if b.was != nil && !b.gone && (b.seat == nil || !b.seat.same(b.was.Seat)) {
			if err := ch.v.freed(ctx, tx, b.was.Seat); err != nil {
				return err
			}
		}
		if b.seat == nil {
			continue
		}
		as := b.was != nil && b.seat.same(b.was.Seat) && b.seat.Room == b.was.Room
		if !as {
			if err := ch.chosen(ctx, tx, b); err != nil {
				return err
			}
		}
		b.seat.Beside, b.seat.Made, b.seat.Since = as && b.was.Beside, ch.v.now.Now().UTC(), ch.v.now.Now().UTC()
		if as {
			b.seat.Made = b.was.Made
		}
		if b.was != nil && b.was.State == b.seat.State {
			b.seat.Since = b.was.Since
		}
		x, err := ch.v.closed(b.id, store.Visit, *b.seat)
		if err != nil {
			return err
		}
		if as { // what is kept free around it is as it was
			x.Taken.From, x.Taken.To = b.was.Taken.From, b.was.Taken.To
		}
		x.Taken.Client = row
		err = tx.Take(ctx, x.Taken)
		if errors.Is(err, store.ErrTaken) && (ch.why == Importing || ch.why == Vouching) {
			b.seat.Beside = true // it is so elsewhere, and is shown as what it is
			if x, err = ch.v.closed(b.id, store.Visit, *b.seat); err == nil {
				x.Taken.Client = row
				err = tx.Take(ctx, x.Taken)
			}
		}
		if err != nil {
			return err
		}
		ch.took = append(ch.took, x)
	}
	return nil
}

// chosen gives back what was held for who books, and makes sure that a client books
// what was held for them or is open to them.
func (ch *charted) chosen(ctx context.Context, tx store.Tx, b *booking) error {
	if ch.why != Booking && ch.who.Kind() != account.Staff {
		return nil
	}
	held, err := ch.v.heldBy(ctx, tx, ch.holder())
	if err != nil {
		return err
	}
	mine := held != nil && held.same(*b.seat)
	if held != nil { // they chose, this or another
		if err := tx.Free(ctx, held.ID); err != nil {
			return err
		}
		ch.freed = append(ch.freed, held.ID)
	}
	if ch.why != Booking || mine && held.Room == b.seat.Room {
		return nil
	}
	p := Pick{Service: b.seat.Service, Who: b.seat.Who, From: b.seat.From, Mode: b.seat.Mode}
	seat, ok := ch.v.times.seat(ch.v, p, false, ch.holder(), b.was, held)
	if !ok || !seat.same(*b.seat) {
		return errGone
	}
	if seat.Room != b.seat.Room { // the room was taken meanwhile, and another is free
		return store.ErrTaken
	}
	x, err := ch.v.closed(b.id, store.Visit, *b.seat)
	if err == nil {
		err = ch.v.limited(ctx, tx, x)
	}
	return err
}
