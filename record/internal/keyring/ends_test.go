package keyring

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func pids(t *testing.T, r *Ring, n int) []PID {
	t.Helper()
	out := make([]PID, n)
	for i := range out {
		out[i] = newPID(t)
	}
	if err := r.Add(t.Context(), out...); err != nil {
		t.Fatal(err)
	}
	return out
}

// marked seals a word with every key of clients, so that another opening can tell the keys
// are the same.
func marked(t *testing.T, r *Ring, of []PID) map[PID][]byte {
	t.Helper()
	out := map[PID][]byte{}
	for _, pid := range of {
		c, err := r.Client(t.Context(), pid)
		if err != nil {
			t.Fatal(err)
		}
		k, _ := c.Closed(1)
		out[pid] = k.Body.Seal(nil, c.Body.Seal(nil, []byte("it is me"), nil), nil)
	}
	return out
}

func unlocks(t *testing.T, r *Ring, pid PID, w []byte) error {
	t.Helper()
	c, err := r.Client(t.Context(), pid)
	if err != nil {
		return err
	}
	k, ok := c.Closed(1)
	if !ok {
		return errors.New("the compartment's key is destroyed")
	}
	b, err := k.Body.Open(nil, w, nil)
	if err == nil {
		b, err = c.Body.Open(nil, b, nil)
	}
	if err == nil && string(b) != "it is me" {
		err = errors.New("it says something else")
	}
	return err
}

func TestAnEpochEnds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 1200)
	was := marked(t, r, all)
	gone, shut := all[3], all[4]
	if err := r.Destroy(t.Context(), noon, Doomed{gone, Whole}, Doomed{shut, 1}); err != nil {
		t.Fatal(err)
	}
	for _, ring := range []*Ring{r, opened2(t, h.config())} {
		if s, err := ring.State(t.Context()); s.Epoch != 2 || s.Behind != 0 || s.Open != 1 || s.Gone != 1 || err != nil {
			t.Errorf("%+v, %v", s, err)
		}
		for pid, w := range was {
			err := unlocks(t, ring, pid, w)
			if pid == gone && !errors.Is(err, ErrNoKey) || pid == shut && err == nil || pid != gone && pid != shut && err != nil {
				t.Errorf("client %x: %v", pid[:2], err)
			}
		}
		if c, err := ring.Client(t.Context(), shut); err != nil {
			t.Error(err)
		} else if _, ok := c.Closed(2); !ok {
			t.Error("another compartment went, too")
		}
		if g, err := ring.Gone(t.Context()); err != nil || len(g) != 1 || !g[gone].Equal(noon) {
			t.Errorf("gone: %x, %v", g, err)
		}
		if n, err := ring.Check(t.Context()); err != nil || n != 3*1199+1 {
			t.Errorf("%d keys, %v", n, err)
		}
	}
	if err := r.Destroy(t.Context(), noon, Doomed{gone, 1}); err != nil {
		t.Error(err)
	}
	if _, err := r.Client(t.Context(), gone); !errors.Is(err, ErrNoKey) {
		t.Errorf("a key is made for who is gone: %v", err)
	}
}

// TestAnOldCopyOfPagesOpensNothing: what the keyring's file held before, with the keyring
// as it is now, opens no destroyed key: the pages are of an epoch that is no more.
func TestAnOldCopyOfPagesOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 20)
	var epoch uint32
	var wrapped []byte
	if err := r.db.QueryRowContext(t.Context(), `SELECT epoch, wrapped FROM key WHERE pid = ? AND use = ?`, all[0][:], useRecord).Scan(&epoch, &wrapped); err != nil {
		t.Fatal(err)
	}
	unwraps := func() error {
		box, err := r.boxOf(t.Context(), epoch)
		if err == nil {
			_, err = box.Open(nil, wrapped, r.place(all[0], useRecord, epoch))
		}
		return err
	}
	if err := unwraps(); err != nil {
		t.Fatal("it does not open to begin with", err)
	}
	if err := r.Destroy(t.Context(), noon, Doomed{all[0], Whole}); err != nil {
		t.Fatal(err)
	}
	if unwraps() == nil {
		t.Error("it opens still")
	}
	raw, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, wrapped) {
		t.Error("it lies in the file still")
	}
}

func TestReadingWhileAnEpochEnds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 800)
	was := marked(t, r, all)
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			pid := all[i%len(all)]
			r.forget([]Doomed{{PID: pid}})
			if err := unlocks(t, r, pid, was[pid]); err != nil {
				t.Error(err)
				return
			}
			if i%50 == 0 {
				if err := r.Add(t.Context(), newPID(t)); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range 3 {
		if err := r.Rotate(t.Context(), noon); err != nil {
			t.Error(err)
		}
	}
	stop()
	wg.Wait()
	if s, err := r.State(t.Context()); s.Epoch != 4 || s.Behind != 0 || err != nil {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestAnotherMaster(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := h.create(t)
	all := pids(t, r, 5)
	was := marked(t, r, all)
	c := h.config()
	c.KeyFile, c.Passphrase = "", "correct horse battery staple"
	if err := r.Remaster(t.Context(), "", c.Passphrase); err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate(t.Context(), noon); err != nil { // the next epoch is locked with it, too
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), h.config()); err == nil {
		t.Error("the old key file opens it still")
	}
	again := opened2(t, c)
	for pid, w := range was {
		if err := unlocks(t, again, pid, w); err != nil {
			t.Error(err)
		}
	}
}
