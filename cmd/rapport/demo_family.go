package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rapport/account"
	"rapport/cmd/rapport/demo"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
)

// The rules for guardians the made-up practice has switched on.
const demoRules = "example-england"

// helpersSee is what the made-up people let those see who help them.
const helpersSee = record.Visits | record.Medicines | record.Allergies | record.Immunisations | record.Results | record.Messages | record.Plans

// families makes parents the guardians of their children, and lets those help
// whom they help.
func (m *madeUp) families(ctx context.Context) error {
	if err := m.minors(ctx); err != nil {
		return err
	}
	for _, c := range m.world.Clients {
		for _, h := range c.Helps {
			if err := m.helps(ctx, c, h); err != nil {
				return fmt.Errorf("%s helps: %w", c.ID, err)
			}
		}
	}
	return nil
}

// minors has the manager switch on rules that somebody made up has read.
func (m *madeUp) minors(ctx context.Context) error {
	p, err := m.v.OpenPractice(ctx, m.who("manager", 0), record.Staffing)
	if err != nil {
		return err
	}
	for _, r := range record.ExampleRules() {
		if r.ID == demoRules {
			s := m.v.Settings()
			now := m.at.Now()
			s.Minors = record.Minors{ID: r.ID, Version: r.Version, Reviewer: "Made-up reviewer", Reviewed: now.Format(time.DateOnly), By: m.who("manager", 0).Name(), Since: now.Format(time.DateOnly)}
			return p.SetSettings(ctx, s)
		}
	}
	return fmt.Errorf("there are no rules %s", demoRules)
}

// helps ties a helper to somebody: a minor's guardian by the front desk's word, a
// grown person's helper by their own.
func (m *madeUp) helps(ctx context.Context, helper demo.Client, h demo.Help) error {
	of := m.charts[h.ClientID]
	who, err := m.client(ctx, m.charts[helper.ID])
	if err != nil {
		return err
	}
	tongue, _ := lang.Parse(helper.Language) // English for what is not spoken
	desk, err := m.v.Open(ctx, m.who("frontdesk", 0), record.Vouching, of, record.Person|record.Agreements)
	if err != nil {
		return err
	}
	g := record.Grant{Tie: record.Guardian, Name: helper.Name, Relation: h.Relation}
	by := desk
	if desk.Youth() != record.Minor {
		g.Tie, g.Reads, g.Acts = record.Helper, helpersSee, record.Messages
		self, err := m.client(ctx, of)
		if err != nil {
			return err
		}
		if by, err = m.v.Open(ctx, self, record.Sharing, of, record.Agreements); err != nil {
			return err
		}
	}
	token, err := by.Offer(ctx, g, "", tongue)
	if err != nil {
		return err
	}
	_, err = m.v.TakeHelp(ctx, who, token)
	return err
}

// way is one way in that the demo prints.
type way struct {
	label string
	sub   account.Subject
}

// kin are the ways in of who looks after somebody: a parent, and a daughter who
// helps her mother.
func (m *madeUp) kin() []way {
	var out []way
	seen := map[string]bool{}
	for _, c := range m.world.Clients {
		if len(c.Helps) == 0 || seen[c.Household] {
			continue
		}
		seen[c.Household] = true
		out = append(out, way{c.Name + ", who looks after family", account.Subject{Kind: account.Client, ID: string(m.charts[c.ID])}})
	}
	return out[:min(len(out), 2)]
}

// arrivals are somebody who asked to be taken on, and somebody whom another system
// wrote down a second time.
func (m *madeUp) arrivals(ctx context.Context) error {
	asking, err := m.doors.AskJoin(ctx, "Tomás Vega", "tomas.vega@example.org", account.Origin{Lang: lang.Spanish})
	if err != nil {
		return err
	}
	due, err := m.v.Due(ctx, 100)
	if err != nil {
		return err
	}
	for _, p := range due {
		if token, ok := strings.CutPrefix(p.Letter.Path, "/in/"); ok && p.Letter.Kind == account.LetterJoin {
			if _, err := m.doors.Enter(ctx, token, account.Ask{Asking: asking}); err != nil {
				return err
			}
		}
		if err := m.v.Settled(ctx, p.ID); err != nil { // the past's letters are not shown as today's
			return err
		}
	}
	importer := account.AsSystem(account.Importer)
	c, err := m.v.Admit(ctx, importer, record.Importing)
	if err != nil {
		return err
	}
	_, err = c.Put(ctx, fhir.Resource{Type: "Patient", ID: "from-the-hospital", JSON: demo.Again(m.world)})
	if err != nil {
		return err
	}
	n, err := m.v.Propose(ctx, importer, c.Client())
	if err == nil && n != 1 {
		err = fmt.Errorf("%d pairs are proposed, want one", n)
	}
	return err
}
