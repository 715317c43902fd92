package record

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"rapport/account"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
)

// Directory is the opened list of people. The zero Directory is closed.
type Directory struct {
	v     *Vault
	who   account.Actor
	why   Purpose
	basis policy.Basis
}

// OpenDirectory opens the list of people to look for somebody. The looking is on
// the ledger, without what was looked for.
func (v *Vault) OpenDirectory(ctx context.Context, who account.Actor, why Purpose) (*Directory, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Roles: who.Roles(), Level: who.Level(), Purpose: why, Target: policy.Directory})
	if err := v.noted(ctx, who, why, "find", d); err != nil {
		return nil, err
	}
	return &Directory{v: v, who: who, why: why, basis: d.Basis}, nil
}

// noted puts an act about nobody on the ledger, and returns the refusal if it
// was one.
func (v *Vault) noted(ctx context.Context, who account.Actor, why Purpose, act string, d policy.Decision) error {
	line := v.line(ctx, who, why, act, d.Basis, 0)
	line.Entry.Refused = !d.Allow()
	if err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}}); err != nil {
		return unwritten(err)
	}
	if !d.Allow() {
		return refusal(d)
	}
	return nil
}

// Find returns who fits every word of a query, best first: words of a name with
// a slip or two, a birth date, four or more digits of a phone number.
func (d *Directory) Find(query string, limit int) []Card {
	if d == nil || d.v == nil {
		return nil
	}
	p := d.v.people
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.index.find(p.cards, query, limit)
}

// All returns everyone by family name, from a place in that order on.
func (d *Directory) All(from, limit int) (cards []Card, total int) {
	if d == nil || d.v == nil {
		return nil, 0
	}
	p := d.v.people
	p.mu.RLock()
	all := make([]*Card, 0, len(p.cards))
	for _, c := range p.cards {
		all = append(all, c)
	}
	p.mu.RUnlock()
	slices.SortFunc(all, func(a, b *Card) int {
		return cmp.Or(strings.Compare(fold(a.Family), fold(b.Family)), strings.Compare(fold(a.Given), fold(b.Given)), strings.Compare(string(a.Client), string(b.Client)))
	})
	total = len(all)
	from = min(max(from, 0), total)
	for _, c := range all[from : from+min(max(limit, 0), total-from)] {
		cards = append(cards, *c)
	}
	return cards, total
}

// ByPerson returns whose chart holds the Patient with this logical id.
func (d *Directory) ByPerson(id string) (fhir.ClientID, bool) {
	if d == nil || d.v == nil {
		return "", false
	}
	c, ok := d.v.people.byPerson(id)
	if _, away := d.v.people.merged(c); away {
		return "", false
	}
	return c, ok
}

// Joined reports that the Patient with this logical id was merged into another
// chart. What is brought for them by that id is nobody's now.
func (d *Directory) Joined(id string) bool {
	if d == nil || d.v == nil {
		return false
	}
	c, _ := d.v.people.byPerson(id)
	_, away := d.v.people.merged(c)
	return away
}

// Card returns what the directory knows of this chart's person, if that part is
// open.
func (c *Chart) Card() (Card, bool) {
	if c == nil || c.v == nil || c.parts&Person == 0 {
		return Card{}, false
	}
	card, ok := c.v.people.card(c.client)
	if c.looksAfter() { // who it is, not how to reach them
		card = Card{Client: card.Client, Person: card.Person, Given: card.Given, Family: card.Family, Name: card.Name, Birth: card.Birth, Gender: card.Gender}
	}
	return card, ok
}

// looksAfter reports that it was opened by somebody who acts for its client.
func (c *Chart) looksAfter() bool { return c.basis == policy.Helps || c.basis == policy.Guards }
