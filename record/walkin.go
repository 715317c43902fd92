package record

import (
	"context"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/store"
)

// WalkIn has a client wait in line for a service, with somebody they ask for or with
// whoever is free: they have come and have no time, and nobody is taken. It is for
// staff. Key says which asking it is. It returns the visit's id.
func (c *Chart) WalkIn(ctx context.Context, key, service, who string) (string, error) {
	if !c.books() || c.why != Care || key == "" {
		return "", errRefused
	}
	s, ok := c.v.Timetable().Service(service)
	if !ok || who != "" && !slices.Contains(s.Who, who) {
		return "", errs.E(errs.Invalid, "record: no such service, or not with them")
	}
	names, err := c.v.staffNames(ctx)
	if err != nil {
		return "", err
	}
	in, id := c.inner(), c.visitID(key, 0)
	plan := func(ctx context.Context, r store.Reader) ([]Write, error) {
		if _, _, err := c.visit(ctx, r, id); err == nil {
			return nil, nil // they wait already
		}
		now := c.v.now.Now().Truncate(time.Minute)
		seat := Seat{Service: service, Who: who, Mode: s.Modes & hours.InPerson, From: now, To: now.Add(time.Duration(s.Minutes) * time.Minute)}
		if seat.Mode == 0 {
			seat.Mode = s.Modes.Each()[0]
		}
		return []Write{{in, []Change{c.unplannedOf(id, seat, names)}}}, nil
	}
	_, err = c.v.commit(ctx, deed{act: "walk-in", plan: plan})
	return id, wrap("walk in", err)
}

// isUnplanned reports that a visit is of somebody who waits in line.
func isUnplanned(a fhir.Appointment) bool {
	return slices.ContainsFunc(a.Type.Codings, func(c fhir.Coding) bool { return c.System == unplannedSystem && c.Code == unplanned })
}
