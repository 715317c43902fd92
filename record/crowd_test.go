package record

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
)

// TestACrowdDoesEverythingAtOnce is for the race detector, and for what only
// shows when all of it happens together: afterwards the ledger has a line for
// every act, and verifies.
func TestACrowdDoesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const crowd = 64
	rounds := 12
	if testing.Short() {
		rounds = 5
	}
	var charts []fhir.ClientID
	for i := range 8 {
		charts = append(charts, h.admit(fmt.Sprintf("p%d", i), fmt.Sprintf("Given%c", 'a'+i), "Crowd", "1980-01-01"))
	}
	nurse, desk := h.staff("nurse"), h.staff("frontdesk")
	clients := make([]account.Actor, len(charts))
	for i, c := range charts {
		clients[i] = h.client(c)
	}
	before := h.size()
	var acts atomic.Int64 // lines that must have come of it
	ctx := context.WithoutCancel(t.Context())
	fail := func(what string, err error) {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	one := func(g, i int) {
		n := (g + 3*i) % len(charts) // so that everything happens to everyone
		whose, person := charts[n], fmt.Sprintf("p%d", n)
		switch (g + i) % 8 {
		case 0: // open and search
			c, err := h.v.Open(ctx, nurse, Care, whose, Results|Conditions)
			acts.Add(1)
			if fail("open", err); err != nil {
				return
			}
			fs, err := c.Search(ctx, query(t, "Observation", "_sort=-date"))
			fail("search", err)
			for _, f := range fs {
				if _, err := c.History(ctx, f.Type, f.ID); err != nil {
					fail("history", err)
				}
			}
			_, err = c.Since(ctx, start)
			fail("since", err)
			c.LastLook()
		case 1, 2: // write
			c, err := h.v.Into(ctx, importer, Importing, whose)
			if fail("into", err); err != nil {
				return
			}
			_, err = c.Put(ctx, pulse(fmt.Sprintf("o%d-%d", g, i), person, i), pulse("all", person, g*1000+i))
			acts.Add(1)
			fail("write", err)
		case 3: // a new person
			c, err := h.v.Admit(ctx, importer, Importing)
			if fail("admit", err); err != nil {
				return
			}
			id := fmt.Sprintf("n%d-%d", g, i)
			_, err = c.Put(ctx, patient(id, "New", "Comer", "2000-01-01"))
			acts.Add(1)
			fail("admit", err)
		case 4: // find
			d, err := h.v.OpenDirectory(ctx, desk, Finding)
			acts.Add(1)
			if fail("directory", err); err != nil {
				return
			}
			if got := d.Find("crowd", 100); len(got) != len(charts) {
				t.Errorf("%d people found, want %d", len(got), len(charts))
			}
			d.All(0, 10)
		case 5: // sign in, look, sign out
			link, err := h.doors.Invite(ctx, account.Subject{Kind: account.Client, ID: string(whose)}, account.Once)
			fail("invite", err)
			token, _, err := h.doors.Enter(ctx, link)
			fail("enter", err)
			_, err = h.doors.Who(ctx, token)
			fail("who", err)
			fail("leave", h.doors.Leave(ctx, token))
			acts.Add(3)
		case 6: // check who looked
			c, err := h.v.Open(ctx, clients[n], Own, whose, Looks|Person)
			acts.Add(1)
			if fail("open own", err); err != nil {
				return
			}
			ls, err := c.Looks(ctx, 0, 3)
			fail("looks", err)
			for _, l := range ls {
				p, err := c.Prove(ctx, l.Seq)
				fail("prove", err)
				fail("check", p.Check())
			}
		case 7: // somebody else's
			_, err := h.v.Open(ctx, clients[n], Own, charts[(n+1)%len(charts)], AllParts)
			acts.Add(1)
			kindIs(t, "somebody else's", err, errs.Refused)
			h.now.Add(100 * time.Millisecond)
		}
	}
	var wg sync.WaitGroup
	for g := range crowd {
		wg.Go(func() {
			for i := range rounds {
				one(g, i)
			}
		})
	}
	wg.Wait()
	h.reopen()
	rep := h.verify()
	if got := rep.Entries - before; got != acts.Load() || rep.Signed != rep.Entries {
		t.Errorf("%d lines for %d acts, %d of %d signed", got, acts.Load(), rep.Signed, rep.Entries)
	}
	if _, err := h.v.Check(ctx); err != nil {
		t.Error(err)
	}
	for n, whose := range charts {
		c := h.bring(whose)
		vs, err := c.History(ctx, "Observation", "all")
		do(t, err)
		for i, v := range vs {
			if v.Version != int64(len(vs)-i) {
				t.Errorf("chart %d: version %d at place %d", n, v.Version, i)
			}
		}
	}
	t.Logf("%d at once, %d acts, all on the ledger", crowd, acts.Load())
}
