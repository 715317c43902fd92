package record

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/record/internal/store"
)

// faulty is a store that fails at its nth write of any kind, the commit included.
type faulty struct {
	store.Store
	at int
}

type faultyTx struct {
	failingTx
	s *faulty
}

func (s *faulty) Begin(ctx context.Context) (store.Tx, error) {
	tx, err := s.Store.Begin(ctx)
	return faultyTx{failingTx{tx, &failing{}}, s}, err
}

func (x faultyTx) fails() error {
	if x.s.at--; x.s.at == 0 {
		return errs.E(errs.Unavailable, "%w", errDisk)
	}
	return nil
}

// write does one write, unless its turn to fail has come.
func (x faultyTx) write(f func() error) error {
	if err := x.fails(); err != nil {
		return err
	}
	return f()
}

func (x faultyTx) Put(ctx context.Context, c store.Client, p store.Put) error {
	return x.write(func() error { return x.Tx.Put(ctx, c, p) })
}

func (x faultyTx) SetObject(ctx context.Context, s store.Space, o store.Object) error {
	return x.write(func() error { return x.Tx.SetObject(ctx, s, o) })
}

func (x faultyTx) DropObject(ctx context.Context, s store.Space, key []byte) error {
	return x.write(func() error { return x.Tx.DropObject(ctx, s, key) })
}

func (x faultyTx) Append(ctx context.Context, e store.Entry) error {
	return x.write(func() error { return x.Tx.Append(ctx, e) })
}

func (x faultyTx) Take(ctx context.Context, t store.Taken) error {
	return x.write(func() error { return x.Tx.Take(ctx, t) })
}

func (x faultyTx) Free(ctx context.Context, id [16]byte) error {
	return x.write(func() error { return x.Tx.Free(ctx, id) })
}

func (x faultyTx) Lapse(ctx context.Context, ms int64) error {
	return x.write(func() error { return x.Tx.Lapse(ctx, ms) })
}

func (x faultyTx) Commit() error {
	if err := x.fails(); err != nil {
		return errors.Join(err, x.Tx.Rollback())
	}
	return x.Tx.Commit()
}

// kept is all that the calendar's acts leave behind: times, wishes, what was given
// back, letters, links, marks, tasks and every chart's rows.
func (h *house) kept() map[string]string {
	h.t.Helper()
	out := map[string]string{}
	ctx := context.Background()
	do(h.t, h.v.st.View(ctx, func(r store.Reader) error {
		for _, s := range []store.Space{store.Wishes, store.Freed, store.Outbox, store.Links, store.Marks, store.Todos} {
			if err := r.Objects(ctx, s, func(o store.Object) error {
				out[fmt.Sprintf("%d %x", s, o.Key)] = fmt.Sprintf("%x", o.Body)
				return nil
			}); err != nil {
				return err
			}
		}
		if err := r.TakenBetween(ctx, 0, 1<<60, func(x store.Taken) error {
			out[fmt.Sprintf("taken %x", x.ID)] = fmt.Sprintf("%d %d %d %v %x", x.From, x.To, x.Ends, x.Of, x.Body)
			return nil
		}); err != nil {
			return err
		}
		return r.Clients(ctx, func(c store.Client, _ store.PID) error {
			return r.Since(ctx, c, -1, func(row store.Row) error {
				out[fmt.Sprintf("row %d %d %x", c, row.Type, row.Key)] = fmt.Sprint(row.Version)
				return nil
			})
		})
	}))
	return out
}

// TestABookingThatFailsInTheMiddleDidNothing lets the disk fail at each write of each
// act in turn, and then go well.
func TestABookingThatFailsInTheMiddleDidNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	bob := h.own(h.bob)
	early, err := bob.Book(ctx, "early", "", bp("clinician", at(33, 0)))
	do(t, err)
	w, visit := h.waits("w", at(9+5*24, 0), Wish{Who: []string{"clinician"}})
	ada := h.own(h.ada)
	h.mailed(asClient(h.ada), "ada@mail.example")
	g := h.v.TimesOf(h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example"), "token")
	gid := ""
	acts := []struct {
		name string
		do   func() error
	}{
		{name: "cancel", do: func() error { return bob.Cancel(ctx, early[0]) }},
		{name: "offer", do: func() error { _, err := h.v.Offer(ctx, visiting); return err }},
		{name: "accept", do: func() error { return w.Accept(ctx, visit) }},
		{name: "hold", do: func() error { _, err := ada.Calendar().Hold(ctx, bp("nurse", at(9, 0))); return err }},
		{name: "hold another", do: func() error { _, err := ada.Calendar().Hold(ctx, bp("nurse", at(9, 20))); return err }},
		{name: "book", do: func() error {
			_, err := ada.Book(ctx, "k", "", bp("nurse", at(9, 20)), bp("nurse", at(33, 20)))
			return err
		}},
		{name: "move", do: func() error { return ada.Move(ctx, ada.visitID("k", 0), bp("clinician", at(9, 40))) }},
		{name: "reserve", do: func() error { id, err := g.Reserve(ctx, "g", "", bp("nurse", at(10, 0)), ""); gid = id; return err }},
		{name: "reserve instead", do: func() error { _, err := g.Reserve(ctx, "g2", "", bp("nurse", at(10, 20)), gid); return err }},
		{name: "remind", do: func() error { _, err := h.v.Remind(ctx, visiting); return err }},
	}
	real := h.v.st
	for _, a := range acts {
		if a.name == "remind" {
			h.now.Add(time.Hour * 24)
		}
		n, asked := 0, false
		for at := 1; !asked; at++ {
			was := h.kept()
			f := &faulty{Store: real}
			h.relive(f)
			f.at = at // from here on: a start may sign a checkpoint
			err := a.do()
			h.relive(real)
			if asked = err == nil; asked {
				if cmp.Equal(was, h.kept()) {
					t.Errorf("%s went well and did nothing", a.name)
				}
				break
			}
			if n++; !errors.Is(err, errDisk) {
				t.Fatalf("%s at write %d: %v", a.name, at, err)
			}
			if diff := cmp.Diff(was, h.kept()); diff != "" && a.name != "remind" { // each reminder is an act of its own
				t.Fatalf("%s failed at write %d and did something: %s", a.name, at, diff)
			}
			sameTimes(t, h.v)
		}
		sameTimes(t, h.v)
		t.Logf("%s failed at each of %d writes, and then went well", a.name, n)
		if n < 3 {
			t.Errorf("%s can fail in %d places: the test reaches too few", a.name, n)
		}
	}
	if st, was, now := h.status(w.client, visit), h.free(bp("clinician", at(9+5*24, 0))), h.free(bp("clinician", at(33, 0))); st != "booked" || !was || now {
		t.Errorf("after all that, the visit is %s, its old time is open: %t, its new one: %t", st, was, now)
	}
	h.verify()
}
