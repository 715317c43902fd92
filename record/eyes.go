package record

import (
	"context"
	"slices"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Eyes are somebody, or some kind of somebody, through whose eyes a client looks at their
// own chart.
type Eyes struct {
	Staff  string        // staff id
	Roles  account.Roles // or anybody at the practice who has these, and does not treat the client
	Helper string        // or the id of a grant
}

// Sight is what somebody would see of a chart.
type Sight struct {
	Chart *Chart // what they would see, for reading; nil for nothing
	Parts Parts  // the parts they would have if they asked for all
	Bond  Bond   // of staff: what makes them one who treats the client
	Bar   bool   // the client keeps them out
}

// As returns the chart as somebody else would see it if they opened all of it now: the
// policy answers for them, and what it leaves is read as it would be for them. It is for
// the client, and on their ledger.
func (c *Chart) As(ctx context.Context, e Eyes) (Sight, error) {
	if c == nil || c.v == nil || c.why != Minding || c.basis != policy.IsTheirs {
		return Sight{}, errRefused
	}
	line := c.v.line(ctx, c.who, c.why, "as", c.basis, 0)
	c.v.chain(ctx, line, c.client)
	if err := c.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}}); err != nil {
		return Sight{}, unwritten(err)
	}
	f, eyes, err := c.factsOf(ctx, e)
	if err != nil {
		return Sight{}, wrap("as", err)
	}
	d := policy.Decide(f)
	out := Sight{Parts: d.Parts, Bond: f.Bond, Bar: f.Barred && f.Bond != policy.ByGlass}
	if !d.Allow() {
		return out, nil
	}
	x := *c
	x.why, x.basis, x.parts, x.writes, x.opens, x.bond, x.desk, x.eyes = f.Purpose, d.Basis, d.Parts&c.parts, 0, d.Opens(), f.Bond, d.Desk(), eyes
	out.Chart = &x
	return out, nil
}

// factsOf are the facts about somebody else as they would be if they opened the chart.
func (c *Chart) factsOf(ctx context.Context, e Eyes) (policy.Facts, account.Subject, error) {
	f := policy.Facts{Level: account.ByKey, Target: policy.Chart, Exists: true, Asked: AllParts}
	var eyes account.Subject
	err := c.v.st.View(ctx, func(r store.Reader) error {
		switch {
		case e.Helper != "":
			all, err := c.v.circleOf(ctx, r, c.client)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(all.Grants, func(g Grant) bool { return g.ID == e.Helper && !g.Open() })
			if i < 0 {
				return errAbsent
			}
			eyes = all.Grants[i].Who
			f.Kind, f.Purpose = eyes.Kind, Helping
			f.Tie, f.Reads, f.Acts, err = c.v.tied(ctx, r, eyes, c.client)
			return err
		case e.Staff != "":
			m, err := staffIn(ctx, r, e.Staff)
			if errs.Is(err, errs.NotFound) || err == nil && m.Left {
				return errAbsent
			}
			if err != nil {
				return err
			}
			all, at, _ := m.roles(c.v.practice.Load().Places)
			for _, x := range at {
				all |= x.Roles
			}
			eyes = staffSubject(m.ID)
			f.Kind, f.Purpose, f.Roles = account.Staff, Care, all
			f.Bond, f.Barred, f.Shut, err = c.v.bound(ctx, r, m.ID, c.client)
			return err
		}
		eyes = account.Subject{Kind: account.Staff, ID: "-"} // nobody's id
		f.Kind, f.Purpose, f.Roles = account.Staff, Care, e.Roles
		var err error
		f.Bond, f.Barred, f.Shut, err = c.v.bound(ctx, r, eyes.ID, c.client)
		return err
	})
	return f, eyes, err
}

// looker is whose eyes read the chart.
func (c *Chart) looker() account.Subject {
	if c.eyes.Kind != account.Nobody {
		return c.eyes
	}
	return c.who.Subject()
}
