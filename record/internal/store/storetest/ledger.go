package storetest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"rapport/record/internal/store"
)

func entry(seq int64, c store.Client, pseq int64) store.Entry {
	return store.Entry{Seq: seq, Client: c, PSeq: pseq, Hashes: bytes.Repeat([]byte{byte(seq)}, 32), Body: []byte{'b', byte(seq)}}
}

func seqs(es []store.Entry) []int64 {
	var out []int64
	for _, e := range es {
		out = append(out, e.Seq)
	}
	return out
}

func entries(t *testing.T, s store.Store) {
	ctx := t.Context()
	within(t, s, func(tx store.Tx) {
		for seq := range int64(10) {
			must(t, tx.Append(ctx, entry(seq, store.Client(seq%2), seq/2+1)))
		}
	})
	view(t, s, func(r store.Reader) {
		if n, err := r.Size(ctx); n != 10 || err != nil {
			t.Errorf("Size = %d, %v; want 10", n, err)
		}
		e, err := r.Entry(ctx, 7)
		must(t, err)
		same(t, "Entry", e, entry(7, 1, 4))
		var got []store.Entry
		must(t, r.Entries(ctx, 3, 6, func(e store.Entry) error { got = append(got, e); return nil }))
		same(t, "Entries from 3 up to 6", seqs(got), []int64{3, 4, 5})
		mine, err := r.ClientEntries(ctx, 1, 1<<62, 3)
		must(t, err)
		same(t, "a client's newest three", seqs(mine), []int64{9, 7, 5})
		mine, err = r.ClientEntries(ctx, 1, 3, 100)
		must(t, err)
		same(t, "a client's below number 3", seqs(mine), []int64{3, 1})
	})
}

func entryOnce(t *testing.T, s store.Store) {
	ctx := t.Context()
	within(t, s, func(tx store.Tx) { must(t, tx.Append(ctx, entry(0, 1, 1))) })
	for name, e := range map[string]store.Entry{
		"the same place in the tree":    entry(0, 2, 1),
		"the same place in the chain":   entry(1, 1, 1),
		"the same place, another chain": entry(0, 1, 2),
	} {
		tx, err := s.Begin(ctx)
		must(t, err)
		if err := tx.Append(ctx, e); err == nil {
			t.Errorf("%s was taken twice", name)
		}
		must(t, tx.Rollback())
	}
}

func checkpoints(t *testing.T, s store.Store) {
	ctx := t.Context()
	for _, size := range []int64{5, 9, 7} {
		within(t, s, func(tx store.Tx) { must(t, tx.Sign(ctx, size, []byte{byte(size)})) })
	}
	within(t, s, func(tx store.Tx) { must(t, tx.Sign(ctx, 9, []byte("another for nine"))) })
	view(t, s, func(r store.Reader) {
		size, note, err := r.Checkpoint(ctx)
		if size != 9 || !bytes.Equal(note, []byte{9}) || err != nil {
			t.Errorf("Checkpoint = %d, %q, %v; want the first one signed for 9", size, note, err)
		}
		for _, c := range []struct {
			above int64
			limit int
			want  []store.Note
		}{{-1, 10, []store.Note{{Size: 5, Text: []byte{5}}, {Size: 7, Text: []byte{7}}, {Size: 9, Text: []byte{9}}}}, {5, 1, []store.Note{{Size: 7, Text: []byte{7}}}}, {9, 10, nil}} {
			got, err := r.Checkpoints(ctx, c.above, c.limit)
			must(t, err)
			same(t, "the checkpoints above some size", got, c.want)
		}
	})
}

func objects(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := store.Object{Key: []byte("b"), Expires: 5, Body: []byte("two")}
	within(t, s, func(tx store.Tx) {
		must(t, tx.SetObject(ctx, store.Cards, store.Object{Key: []byte("b"), Body: []byte("one")}))
		must(t, tx.SetObject(ctx, store.Cards, b))
		must(t, tx.SetObject(ctx, store.Cards, store.Object{Key: []byte("a"), Body: []byte("x")}))
		must(t, tx.SetObject(ctx, store.Links, store.Object{Key: []byte("b"), Body: []byte("elsewhere")}))
		must(t, tx.SetObject(ctx, store.Cards, store.Object{Key: []byte("c"), Body: []byte("x")}))
		must(t, tx.DropObject(ctx, store.Cards, []byte("c")))
		must(t, tx.DropObject(ctx, store.Cards, []byte("never there")))
	})
	view(t, s, func(r store.Reader) {
		o, err := r.Object(ctx, store.Cards, []byte("b"))
		must(t, err)
		same(t, "an object that was replaced", o, b)
		var got []string
		must(t, r.Objects(ctx, store.Cards, func(o store.Object) error { got = append(got, string(o.Key)); return nil }))
		same(t, "a space, by key", got, []string{"a", "b"})
		o, err = r.Object(ctx, store.Links, []byte("b"))
		if must(t, err); string(o.Body) != "elsewhere" {
			t.Errorf("the other space holds %q", o.Body)
		}
		_, err = r.Object(ctx, store.Cards, []byte("c"))
		absent(t, "a dropped object", err)
	})
}

func expiry(t *testing.T, s store.Store) {
	ctx := t.Context()
	within(t, s, func(tx store.Tx) {
		for k, ends := range map[string]int64{"never": 0, "at 99": 99, "at 100": 100, "at 101": 101} {
			must(t, tx.SetObject(ctx, store.Sessions, store.Object{Key: []byte(k), Expires: ends, Body: []byte("s")}))
			must(t, tx.SetObject(ctx, store.Links, store.Object{Key: []byte(k), Expires: ends, Body: []byte("l")}))
		}
		must(t, tx.DropExpired(ctx, store.Sessions, 100))
	})
	count := func(sp store.Space) (got []string) {
		view(t, s, func(r store.Reader) {
			must(t, r.Objects(ctx, sp, func(o store.Object) error { got = append(got, string(o.Key)); return nil }))
		})
		return got
	}
	same(t, "what is left at 100", count(store.Sessions), []string{"at 101", "never"})
	same(t, "what is left elsewhere", len(count(store.Links)), 4)
}

// everything writes one of each kind of thing.
func everything(t *testing.T, tx store.Tx) {
	t.Helper()
	ctx := t.Context()
	c := addClient(t, tx, 1)
	must(t, tx.Put(ctx, c, body(1, 1, 100, "one")))
	must(t, tx.Put(ctx, c, body(1, 2, 200, "two")))
	must(t, tx.Append(ctx, entry(0, c, 1)))
	must(t, tx.Sign(ctx, 1, []byte("note")))
	must(t, tx.SetObject(ctx, store.Cards, store.Object{Key: []byte("k"), Body: []byte("v")}))
}

// there counts what of everything can be seen.
func there(t *testing.T, r store.Reader) int {
	t.Helper()
	ctx := t.Context()
	n := 0
	see := func(err error) {
		if err == nil {
			n++
		} else if !errors.Is(err, store.ErrNotExist) {
			t.Error(err)
		}
	}
	_, err := r.ClientOf(ctx, pid(1))
	see(err)
	_, err = r.PIDOf(ctx, 1)
	see(err)
	row, err := r.Row(ctx, 1, 7, key(1))
	see(err)
	_, err = r.Body(ctx, max(row.Body, 1))
	see(err)
	past, err := r.Past(ctx, 1, 7, key(1))
	must(t, err)
	n += len(past)
	size, err := r.Size(ctx)
	must(t, err)
	n += int(size)
	_, err = r.Entry(ctx, 0)
	see(err)
	_, _, err = r.Checkpoint(ctx)
	see(err)
	_, err = r.Object(ctx, store.Cards, []byte("k"))
	see(err)
	return n
}

const all = 9 // what there counts when everything is there

func rollback(t *testing.T, s store.Store) {
	tx, err := s.Begin(t.Context())
	must(t, err)
	everything(t, tx)
	must(t, tx.Rollback())
	view(t, s, func(r store.Reader) { same(t, "left over after a rollback", there(t, r), 0) })
	within(t, s, func(tx store.Tx) { everything(t, tx) })
	view(t, s, func(r store.Reader) { same(t, "there after a commit", there(t, r), all) })
}

func readsItsOwn(t *testing.T, s store.Store) {
	within(t, s, func(tx store.Tx) {
		everything(t, tx)
		same(t, "seen inside", there(t, tx), all)
		view(t, s, func(r store.Reader) { same(t, "seen outside before the commit", there(t, r), 0) })
	})
}

func isolation(t *testing.T, s store.Store) {
	view(t, s, func(r store.Reader) {
		same(t, "before", there(t, r), 0)
		within(t, s, func(tx store.Tx) { everything(t, tx) })
		same(t, "in a view that began before the commit", there(t, r), 0)
	})
	view(t, s, func(r store.Reader) { same(t, "after", there(t, r), all) })
}

func oneWriter(t *testing.T, s store.Store) {
	tx, err := s.Begin(t.Context())
	must(t, err)
	// a second writer waits for as long as it cares to
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if tx2, err := s.Begin(ctx); err == nil {
		t.Error("two transactions are open at once")
		must(t, tx2.Rollback())
	}
	got := make(chan error)
	go func() {
		tx, err := s.Begin(context.WithoutCancel(t.Context()))
		if err == nil {
			// it must see what the first one wrote, or it did not wait
			if there(t, tx) != all {
				err = errors.New("it began before the first one had ended")
			}
			err = errors.Join(err, tx.Rollback())
		}
		got <- err
	}()
	everything(t, tx)
	must(t, tx.Commit())
	if err := <-got; err != nil {
		t.Errorf("the second writer: %v", err)
	}
}
