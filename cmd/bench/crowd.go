package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/record"
)

// crowded lets two thousand people have two hundred seats.
func crowded(ctx context.Context, dir string) ([]figure, error) {
	t := week()
	tuesday := hours.DateOf(monday) + 1
	for i := range clinicians {
		t.Stretches = append(t.Stretches, hours.Stretch{ID: fmt.Sprint(i), Who: staffID(i), Day: time.Tuesday, From: 9 * 60, To: 9*60 + crowdSeats/clinicians*20, Since: tuesday, Until: tuesday})
	}
	c, err := newClinic(ctx, dir, t)
	if err != nil {
		return nil, err
	}
	defer c.v.Close() //nolint:errcheck // a temporary folder
	charts := make([]*record.Chart, crowdSize)
	if err := each(crowdSize, 64, func(i int) error {
		id, err := c.person(ctx, fmt.Sprintf("q%d", i))
		if err == nil {
			charts[i], err = c.own(ctx, id)
		}
		return err
	}); err != nil {
		return nil, err
	}
	var attempts, held, refused, booked, broken atomic.Int64
	begun := wall.Now()
	err = each(crowdSize, crowdSize, func(i int) error {
		cal := charts[i].Calendar()
		for n := i; ; n += 31 {
			open := cal.Openings(hours.Query{Service: "visit", From: tuesday, To: tuesday})
			if len(open) == 0 {
				return nil
			}
			p := pick("visit", open[n*7919%len(open)])
			attempts.Add(1)
			h, err := cal.Hold(ctx, p)
			if errs.Is(err, errs.Conflict) {
				refused.Add(1)
				continue
			}
			if err != nil {
				return err
			}
			held.Add(1)
			if _, err := charts[i].Book(ctx, h.Key(), "", p); errs.Is(err, errs.Conflict) {
				broken.Add(1)
			} else if err != nil {
				return err
			} else {
				booked.Add(1)
			}
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	took := wall.Now().Sub(begun)
	return []figure{
		{"2,000 people on 200 seats, all told", took.Seconds(), "s", 5, atMost, fmt.Sprintf("%d tried, %d held, %d refused, %d booked", attempts.Load(), held.Load(), refused.Load(), booked.Load())},
		{"  seats sold twice", float64(booked.Load()) - crowdSeats, "seats", 0, atMost, ""},
		{"  told yes and then no", float64(broken.Load()), "people", 0, atMost, ""},
	}, nil
}
