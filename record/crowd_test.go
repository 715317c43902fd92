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

// crowd is many at work in one house.
type crowd struct {
	*house
	t           *testing.T
	ctx         context.Context //nolint:containedctx // lives for one test
	charts      []fhir.ClientID
	clients     []account.Actor
	nurse, desk account.Actor
	acts        atomic.Int64 // lines that must have come of it
}

func (w *crowd) ok(what string, err error) bool {
	if err != nil {
		w.t.Errorf("%s: %v", what, err)
	}
	return err == nil
}

// one is what member g of the crowd does in their round i.
func (w *crowd) one(g, i int) {
	n := (g + 3*i) % len(w.charts) // so that everything happens to everyone
	switch (g + i) % 8 {
	case 0:
		w.reads(n)
	case 1, 2:
		w.writes(n, g, i)
	case 3:
		w.admits(fmt.Sprintf("n%d-%d", g, i))
	case 4:
		w.finds()
	case 5:
		w.comesAndGoes(n)
	case 6:
		w.checks(n)
	case 7: // somebody else's
		_, err := w.v.Open(w.ctx, w.clients[n], Own, w.charts[(n+1)%len(w.charts)], AllParts)
		w.acts.Add(1)
		kindIs(w.t, "somebody else's", err, errs.Refused)
		w.now.Add(100 * time.Millisecond)
	}
}

func (w *crowd) reads(n int) {
	c, err := w.v.Open(w.ctx, w.nurse, Care, w.charts[n], Results|Conditions)
	w.acts.Add(1)
	if !w.ok("open", err) {
		return
	}
	fs, err := c.Search(w.ctx, query(w.t, "Observation", "_sort=-date"))
	w.ok("search", err)
	for _, f := range fs {
		_, err := c.History(w.ctx, f.Type, f.ID)
		w.ok("history", err)
	}
	_, err = c.Since(w.ctx, start)
	w.ok("since", err)
	c.LastLook()
}

func (w *crowd) writes(n, g, i int) {
	c, err := w.v.Into(w.ctx, importer, Importing, w.charts[n])
	if !w.ok("into", err) {
		return
	}
	person := fmt.Sprintf("p%d", n)
	_, err = c.Put(w.ctx, pulse(fmt.Sprintf("o%d-%d", g, i), person, i), pulse("all", person, g*1000+i))
	w.acts.Add(1)
	w.ok("write", err)
}

func (w *crowd) admits(id string) {
	c, err := w.v.Admit(w.ctx, importer, Importing)
	if !w.ok("admit", err) {
		return
	}
	_, err = c.Put(w.ctx, patient(id, "New", "Comer", "2000-01-01"))
	w.acts.Add(1)
	w.ok("admit", err)
}

func (w *crowd) finds() {
	d, err := w.v.OpenDirectory(w.ctx, w.desk, Finding)
	w.acts.Add(1)
	if !w.ok("directory", err) {
		return
	}
	if got := d.Find("crowd", 100); len(got) != len(w.charts) {
		w.t.Errorf("%d people found, want %d", len(got), len(w.charts))
	}
	d.All(0, 10)
}

func (w *crowd) comesAndGoes(n int) {
	link, err := w.doors.Invite(w.ctx, account.Subject{Kind: account.Client, ID: string(w.charts[n])}, account.Demo)
	w.ok("invite", err)
	in, err := w.doors.Enter(w.ctx, link, account.Ask{})
	token := in.Token
	w.ok("enter", err)
	who, err := w.doors.Who(w.ctx, token)
	if w.ok("who", err) && who.Client() != w.charts[n] {
		w.t.Errorf("%v came in for %s", who, w.charts[n])
	}
	w.ok("leave", w.doors.Leave(w.ctx, token))
	w.acts.Add(3)
}

func (w *crowd) checks(n int) {
	c, err := w.v.Open(w.ctx, w.clients[n], Own, w.charts[n], Looks|Person)
	w.acts.Add(1)
	if !w.ok("open own", err) {
		return
	}
	ls, err := c.Looks(w.ctx, 0, 3)
	w.ok("looks", err)
	for _, l := range ls {
		p, err := c.Prove(w.ctx, l.Seq)
		w.ok("prove", err)
		w.ok("check", p.Check())
	}
}

// TestACrowdDoesEverythingAtOnce is for the race detector, and for what only
// shows when all of it happens together: afterwards the ledger has a line for
// every act, and verifies.
func TestACrowdDoesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	const size = 64
	rounds := 12
	if testing.Short() {
		rounds = 5
	}
	w := &crowd{house: newHouse(t), t: t, ctx: context.WithoutCancel(t.Context())}
	for i := range 8 {
		w.charts = append(w.charts, w.admit(fmt.Sprintf("p%d", i), fmt.Sprintf("Given%c", 'a'+i), "Crowd", "1980-01-01"))
		w.clients = append(w.clients, w.client(w.charts[i]))
	}
	w.nurse, w.desk = w.staff("nurse"), w.staff("frontdesk")
	before := w.size()
	var wg sync.WaitGroup
	for g := range size {
		wg.Go(func() {
			for i := range rounds {
				w.one(g, i)
			}
		})
	}
	wg.Wait()
	w.reopen()
	rep := w.verify()
	if got := rep.Entries - before; got != w.acts.Load() || rep.Signed != rep.Entries {
		t.Errorf("%d lines for %d acts, %d of %d signed", got, w.acts.Load(), rep.Signed, rep.Entries)
	}
	_, err := w.v.Check(w.ctx)
	do(t, err)
	for n, whose := range w.charts {
		vs, err := w.bring(whose).History(w.ctx, "Observation", "all")
		do(t, err)
		for i, v := range vs {
			if v.Version != int64(len(vs)-i) {
				t.Errorf("chart %d: version %d at place %d", n, v.Version, i)
			}
		}
	}
	t.Logf("%d at once, %d acts, all on the ledger", size, w.acts.Load())
}
