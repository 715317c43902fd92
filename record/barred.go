package record

import (
	"context"
	"slices"
	"sync"
	"time"

	"rapport/fhir"
	"rapport/record/internal/store"
)

// Lists that open no chart ask of each client in them whether whoever reads it is kept from
// all of the chart. What a decision rests on is sealed, and a list is long, so what was read
// of it stays in memory until it is written anew.

// barMemo is what was read. What is read while something is written is not kept: it may be
// from before.
type barMemo struct {
	mu             sync.Mutex
	begun, settled int64
	of             map[fhir.ClientID]barring
}

// barring is what of a client's standing says whom they keep from all of the chart.
type barring struct {
	limits []limit
	glass  []glass
}

// forget is called in the transaction that writes a client's standing.
func (m *barMemo) forget(c fhir.ClientID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun++
	delete(m.of, c)
}

// settle is called after each transaction.
func (m *barMemo) settle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settled = m.begun
}

// barring is whom a client keeps from all of their chart.
func (v *Vault) barring(ctx context.Context, c fhir.ClientID) (barring, error) {
	m := &v.bars
	m.mu.Lock()
	b, ok := m.of[c]
	begun, still := m.begun, m.begun == m.settled
	m.mu.Unlock()
	if ok {
		return b, nil
	}
	err := v.st.View(ctx, func(r store.Reader) error {
		s, err := v.standingOf(ctx, r, c)
		for _, l := range s.Limits {
			if l.In == 0 {
				b.limits = append(b.limits, l.limit)
			}
		}
		b.glass = s.Glass
		return err
	})
	if err != nil {
		return barring{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if still && m.begun == begun {
		if m.of == nil {
			m.of = map[fhir.ClientID]barring{}
		}
		m.of[c] = b
	}
	return b, nil
}

// keeps reports that a member of staff is kept from all of the chart now.
func (b barring) keeps(staff string, now time.Time) bool {
	barred := slices.ContainsFunc(b.limits, func(l limit) bool { return l.on(now) && l.about(staff) })
	return barred && !slices.ContainsFunc(b.glass, func(g glass) bool { return g.Who == staff && g.on(now) })
}

// about reports that a limit is about a member of staff.
func (l limit) about(staff string) bool {
	return (len(l.Who) == 0 || slices.Contains(l.Who, staff)) && !slices.Contains(l.But, staff)
}

// barred reports that a client keeps who opened the directory from all of their chart. Who
// cannot be asked about is.
func (d *Directory) barred(ctx context.Context, c fhir.ClientID) bool {
	if c == "" {
		return false
	}
	b, err := d.v.barring(ctx, c)
	return err != nil || b.keeps(d.who.ID(), d.v.now.Now())
}

// shut reports that a time is not for who opened the directory: it is private, and they do
// not treat its client, or its client keeps them out. Their own times are theirs to know.
func (d *Directory) shut(ctx context.Context, b *Booked) bool {
	return b.Who != d.who.ID() && (d.barred(ctx, b.Client) || b.Private && !d.treats(ctx, b.Client, b.In))
}
