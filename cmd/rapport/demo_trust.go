package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"rapport/cmd/rapport/demo"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record"
)

// minds has a few people look after what they told: one keeps something private, one asks
// for a correction, one to be erased; and a nurse opens what is closed, in need.
func (m *madeUp) minds(ctx context.Context) error {
	of := func(story string) string {
		n := slices.IndexFunc(m.world.Clients, func(c demo.Client) bool { return strings.HasPrefix(c.Story, story) })
		if n < 0 {
			return ""
		}
		return m.world.Clients[n].ID
	}
	knee, heart, low := of("New knee"), of("Atrial fibrillation"), of("Depression, much better")
	return errors.Join(m.mind(ctx, knee, func(c *record.Chart) error {
		all, err := c.Find(ctx, "Observation", "_sort", "-date", "_count", "1")
		if err != nil || len(all) == 0 {
			return err
		}
		if err := c.Mark(ctx, "Observation", all[0].Ref, label.Own, 0); err != nil {
			return err
		}
		_, err = c.AskCorrection(ctx, "demo", "", "", "My tetanus shot of last spring is missing. The travel clinic gave it.")
		return err
	}), m.mind(ctx, low, func(c *record.Chart) error {
		return c.AskErase(ctx, label.Mental, "That was another time in my life. I would rather it were gone.")
	}), m.need(ctx, m.charts[heart]))
}

// mind opens the chart of somebody for themselves, to look after it.
func (m *madeUp) mind(ctx context.Context, of string, f func(*record.Chart) error) error {
	id, known := m.charts[of]
	if !known {
		return nil
	}
	who, err := m.client(ctx, id)
	if err != nil {
		return err
	}
	c, err := m.v.Open(ctx, who, record.Minding, id, record.AllParts)
	if err != nil {
		return err
	}
	return f(c)
}

// need has a nurse open what is closed to her.
func (m *madeUp) need(ctx context.Context, id fhir.ClientID) error {
	if id == "" {
		return nil
	}
	c, err := m.v.Open(ctx, m.who("nurse", 0), record.Breaking, id, record.Person)
	if err != nil {
		return err
	}
	return c.Break(ctx, "Fainted in the waiting room, and could not say what he takes.", record.Safe)
}
