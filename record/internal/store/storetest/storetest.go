// Package storetest is the full specification of store.Store, as tests that run
// over any implementation. It knows nothing of how a store is built, and refuses
// to look behind the interface.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/record/internal/store"
)

// Opener makes a fresh, empty store that is closed when the test ends. Its meta
// holds "instance" = "one".
type Opener func(t *testing.T) store.Store

// Run checks everything a Store promises.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"a new store is empty and says so with ErrNotExist", empty},
		{"meta is kept from creation", meta},
		{"clients are numbered from one and found both ways", clients},
		{"a pseudonym is there once", pseudonymOnce},
		{"a resource keeps every version", versions},
		{"what is dropped goes with all its versions, and nothing else", dropped},
		{"a put over what changed meanwhile is ErrVersion and leaves nothing", conflicts},
		{"a facet and a body are sealed anew where they lie, and nothing else changes", sealedAnew},
		{"rows are those of one client and one type", rowsApart},
		{"many bodies at once are those they are alone", manyBodies},
		{"since gives what came after, of one client", since},
		{"entries are read one by one, in order and by client", entries},
		{"an entry's place is taken once", entryOnce},
		{"the newest checkpoint is the one of the largest size", checkpoints},
		{"objects are kept by space and key, and replaced", objects},
		{"expired objects go, in their own space only", expiry},
		{"a time is taken once, for everyone it names or for nobody", takenOnce},
		{"times that only touch are both there", touching},
		{"a time is a day at most and not backwards", taken24},
		{"nobody holds two times", oneHold},
		{"a time given back is free, and one that lapsed", givenBack},
		{"times are read by when they overlap", between},
		{"of any times and any tries no two overlap", noOverlap},
		{"what is not committed is not there", rollback},
		{"a view is one state while a transaction commits", isolation},
		{"a transaction reads what it wrote", readsItsOwn},
		{"one transaction at a time", oneWriter},
		{"a callback's error ends the reading and comes back", callbackErrors},
		{"a sound store checks out", func(t *testing.T, s store.Store) { must(t, s.Check(t.Context())) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func absent(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrNotExist) {
		t.Errorf("%s: %v, want ErrNotExist", what, err)
	}
}

// within runs f in one committed transaction.
func within(t *testing.T, s store.Store, f func(store.Tx)) {
	t.Helper()
	tx, err := s.Begin(t.Context())
	must(t, err)
	f(tx)
	must(t, tx.Commit())
}

func view(t *testing.T, s store.Store, f func(store.Reader)) {
	t.Helper()
	must(t, s.View(t.Context(), func(r store.Reader) error { f(r); return nil }))
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func pid(n byte) store.PID { return store.PID{0: n, 15: n} }
func key(n byte) store.Key { return store.Key{0: n, 7: 9} }

func addClient(t *testing.T, tx store.Tx, n byte) store.Client {
	t.Helper()
	c, err := tx.AddClient(t.Context(), pid(n), int64(n))
	must(t, err)
	return c
}

// body makes a version of a resource to put.
func body(k byte, version, ms int64, text string) store.Put {
	return store.Put{Row: store.Row{Key: key(k), Type: 7, Version: version, Time: ms, Facet: []byte("facet of " + text)}, Sealed: []byte(text), Prior: version - 1}
}

func gone(k byte, version, ms int64) store.Put {
	return store.Put{Row: store.Row{Key: key(k), Type: 7, Version: version, Time: ms, Gone: true, Facet: []byte("gone")}, Prior: version - 1}
}

func rowsOf(t *testing.T, r store.Reader, c store.Client, typ uint16) []store.Row {
	t.Helper()
	var out []store.Row
	must(t, r.Rows(t.Context(), c, typ, func(x store.Row) error {
		x.Facet = bytes.Clone(x.Facet)
		out = append(out, x)
		return nil
	}))
	return out
}

func empty(t *testing.T, s store.Store) {
	ctx := t.Context()
	view(t, s, func(r store.Reader) {
		_, err := r.ClientOf(ctx, pid(1))
		absent(t, "ClientOf", err)
		_, err = r.PIDOf(ctx, 1)
		absent(t, "PIDOf", err)
		_, err = r.Row(ctx, 1, 7, key(1))
		absent(t, "Row", err)
		_, err = r.Body(ctx, 1)
		absent(t, "Body", err)
		_, err = r.Entry(ctx, 0)
		absent(t, "Entry", err)
		_, err = r.Entry(ctx, -1)
		absent(t, "Entry below the first", err)
		_, _, err = r.Checkpoint(ctx)
		absent(t, "Checkpoint", err)
		_, err = r.Object(ctx, store.Cards, []byte("k"))
		absent(t, "Object", err)
		past, err := r.Past(ctx, 1, 7, key(1))
		if err != nil || len(past) != 0 {
			t.Errorf("Past = %v, %v; want none", past, err)
		}
		es, err := r.ClientEntries(ctx, 0, 1<<62, 10)
		if err != nil || len(es) != 0 {
			t.Errorf("ClientEntries = %v, %v; want none", es, err)
		}
		if n, err := r.Size(ctx); n != 0 || err != nil {
			t.Errorf("Size = %d, %v; want 0", n, err)
		}
		never := func(what string) error { t.Errorf("%s calls back on an empty store", what); return nil }
		must(t, r.Clients(ctx, func(store.Client, store.PID) error { return never("Clients") }))
		must(t, r.Rows(ctx, 1, 7, func(store.Row) error { return never("Rows") }))
		must(t, r.Since(ctx, 1, 0, func(store.Row) error { return never("Since") }))
		must(t, r.Entries(ctx, 0, 99, func(store.Entry) error { return never("Entries") }))
		must(t, r.Objects(ctx, store.Cards, func(store.Object) error { return never("Objects") }))
	})
}

func meta(t *testing.T, s store.Store) {
	v, err := s.Meta(t.Context(), "instance")
	if string(v) != "one" || err != nil {
		t.Errorf("Meta = %q, %v; want one", v, err)
	}
	_, err = s.Meta(t.Context(), "other")
	absent(t, "another meta", err)
}

func clients(t *testing.T, s store.Store) {
	within(t, s, func(tx store.Tx) {
		for n := byte(1); n <= 5; n++ {
			if c := addClient(t, tx, n); c != store.Client(n) {
				t.Errorf("client %d has number %d", n, c)
			}
		}
	})
	view(t, s, func(r store.Reader) {
		c, err := r.ClientOf(t.Context(), pid(3))
		if c != 3 || err != nil {
			t.Errorf("ClientOf = %d, %v; want 3", c, err)
		}
		p, err := r.PIDOf(t.Context(), 4)
		if p != pid(4) || err != nil {
			t.Errorf("PIDOf = %x, %v; want %x", p, err, pid(4))
		}
		var got []store.Client
		must(t, r.Clients(t.Context(), func(c store.Client, p store.PID) error {
			if p != pid(byte(c)) {
				t.Errorf("client %d has pseudonym %x", c, p)
			}
			got = append(got, c)
			return nil
		}))
		same(t, "Clients", got, []store.Client{1, 2, 3, 4, 5})
	})
}

func pseudonymOnce(t *testing.T, s store.Store) {
	within(t, s, func(tx store.Tx) { addClient(t, tx, 1) })
	tx, err := s.Begin(t.Context())
	must(t, err)
	defer tx.Rollback() //nolint:errcheck // the test is over
	if _, err := tx.AddClient(t.Context(), pid(1), 0); err == nil {
		t.Error("one pseudonym got two clients")
	}
}

func versions(t *testing.T, s store.Store) {
	ctx := t.Context()
	var c store.Client
	within(t, s, func(tx store.Tx) {
		c = addClient(t, tx, 1)
		must(t, tx.Put(ctx, c, body(1, 1, 100, "one")))
	})
	within(t, s, func(tx store.Tx) { must(t, tx.Put(ctx, c, body(1, 2, 200, "two"))) })
	within(t, s, func(tx store.Tx) { must(t, tx.Put(ctx, c, gone(1, 3, 300))) })
	within(t, s, func(tx store.Tx) { must(t, tx.Put(ctx, c, body(1, 4, 400, "four"))) })
	view(t, s, func(r store.Reader) {
		row, err := r.Row(ctx, c, 7, key(1))
		must(t, err)
		same(t, "newest facet", string(row.Facet), "facet of four")
		past, err := r.Past(ctx, c, 7, key(1))
		must(t, err)
		var got []string
		for _, x := range append([]store.Row{row}, past...) {
			text := ""
			if x.Gone != (x.Body == 0) {
				t.Errorf("version %d: gone %v with body %d", x.Version, x.Gone, x.Body)
			}
			if !x.Gone {
				b, err := r.Body(ctx, x.Body)
				must(t, err)
				text = string(b)
			}
			if x.Key != key(1) || x.Type != 7 {
				t.Errorf("version %d is of %v, %d", x.Version, x.Key, x.Type)
			}
			got = append(got, fmt.Sprintf("%d at %d gone=%v %q", x.Version, x.Time, x.Gone, text))
		}
		same(t, "versions, newest first", got, []string{`4 at 400 gone=false "four"`, `3 at 300 gone=true ""`, `2 at 200 gone=false "two"`, `1 at 100 gone=false "one"`})
		for _, other := range []func() ([]store.Row, error){
			func() ([]store.Row, error) { return r.Past(ctx, c+1, 7, key(1)) },
			func() ([]store.Row, error) { return r.Past(ctx, c, 8, key(1)) },
			func() ([]store.Row, error) { return r.Past(ctx, c, 7, key(2)) },
		} {
			if past, err := other(); err != nil || len(past) != 0 {
				t.Errorf("somebody else's past: %v, %v", past, err)
			}
		}
	})
}

func sealedAnew(t *testing.T, s store.Store) {
	ctx := t.Context()
	var c, other store.Client
	within(t, s, func(tx store.Tx) {
		c, other = addClient(t, tx, 1), addClient(t, tx, 2)
		must(t, tx.Put(ctx, c, body(1, 1, 100, "one")))
		must(t, tx.Put(ctx, other, body(1, 1, 100, "of another")))
	})
	within(t, s, func(tx store.Tx) { must(t, tx.Put(ctx, c, body(1, 2, 200, "two"))) })
	var row store.Row
	var past []store.Row
	view(t, s, func(r store.Reader) {
		var err error
		row, err = r.Row(ctx, c, 7, key(1))
		must(t, err)
		past, err = r.Past(ctx, c, 7, key(1))
		must(t, err)
	})
	within(t, s, func(tx store.Tx) {
		must(t, tx.Refacet(ctx, c, row, []byte("another facet")))
		must(t, tx.Reseal(ctx, past[0].Body, []byte("one, sealed anew")))
	})
	view(t, s, func(r store.Reader) {
		got, err := r.Row(ctx, c, 7, key(1))
		must(t, err)
		want := row
		want.Facet = []byte("another facet")
		same(t, "row", got, want)
		for id, text := range map[int64]string{past[0].Body: "one, sealed anew", row.Body: "two"} {
			b, err := r.Body(ctx, id)
			must(t, err)
			same(t, "body", string(b), text)
		}
		theirs, err := r.Row(ctx, other, 7, key(1))
		must(t, err)
		same(t, "another's facet", string(theirs.Facet), "facet of of another")
	})
	tx, err := s.Begin(ctx)
	must(t, err)
	defer tx.Rollback() //nolint:errcheck // it comes to nothing
	if err := tx.Refacet(ctx, c, past[0], []byte("x")); !errors.Is(err, store.ErrVersion) {
		t.Errorf("a facet of an older version: %v, want ErrVersion", err)
	}
	if err := tx.Reseal(ctx, 1<<40, []byte("x")); !errors.Is(err, store.ErrVersion) {
		t.Errorf("a body that is not there: %v, want ErrVersion", err)
	}
}

// dropped holds a store to removing a resource with all its versions, and a client with all
// resources and times, and nothing of anybody else.
func dropped(t *testing.T, s store.Store) {
	ctx := t.Context()
	var c, other store.Client
	within(t, s, func(tx store.Tx) {
		c, other = addClient(t, tx, 7), addClient(t, tx, 8)
		must(t, tx.Put(ctx, c, body(1, 1, 10, "one")))
		must(t, tx.Put(ctx, c, body(1, 2, 20, "two")))
		must(t, tx.Put(ctx, c, body(2, 1, 10, "else")))
		must(t, tx.Put(ctx, other, body(1, 1, 10, "another's")))
		for i, of := range []store.Client{c, other} {
			x := visit(byte(i+1), int64(i+1)*1000, int64(i+2)*1000, "somebody")
			x.Client = of
			must(t, tx.Take(ctx, x))
		}
	})
	holds := func(what string, of store.Client, rows, past, times int) {
		t.Helper()
		view(t, s, func(r store.Reader) {
			vs, err := r.Past(ctx, of, 7, key(1))
			must(t, err)
			n := 0
			must(t, r.TakenOf(ctx, of, func(store.Taken) error { n++; return nil }))
			same(t, what, []int{len(rowsOf(t, r, of, 7)), len(vs), n}, []int{rows, past, times})
		})
	}
	holds("to begin with", c, 2, 1, 1)
	within(t, s, func(tx store.Tx) { must(t, tx.DropRow(ctx, c, 7, key(1))) })
	holds("after one was dropped", c, 1, 0, 1)
	within(t, s, func(tx store.Tx) {
		if err := tx.DropRow(ctx, c, 7, key(1)); !errors.Is(err, store.ErrNotExist) {
			t.Errorf("dropped twice: %v", err)
		}
		must(t, tx.DropClient(ctx, c))
		if tx.DropClient(ctx, 0) == nil {
			t.Error("the practice is dropped like a client")
		}
	})
	holds("after the client went", c, 0, 0, 0)
	holds("another", other, 1, 0, 1)
}

func conflicts(t *testing.T, s store.Store) {
	ctx := t.Context()
	var c store.Client
	within(t, s, func(tx store.Tx) {
		c = addClient(t, tx, 1)
		must(t, tx.Put(ctx, c, body(1, 1, 100, "one")))
		must(t, tx.Put(ctx, c, body(1, 2, 200, "two")))
	})
	for name, p := range map[string]store.Put{
		"an older version":       body(1, 2, 300, "again two"),
		"a version to come":      body(1, 4, 300, "four"),
		"a new one that exists":  body(1, 1, 300, "again one"),
		"a deletion of an older": gone(1, 2, 300),
		"a follower of nothing":  body(9, 2, 300, "two of none"),
	} {
		tx, err := s.Begin(ctx)
		must(t, err)
		if err := tx.Put(ctx, c, p); !errors.Is(err, store.ErrVersion) {
			t.Errorf("%s: %v, want ErrVersion", name, err)
		}
		must(t, tx.Rollback())
	}
	view(t, s, func(r store.Reader) {
		row, err := r.Row(ctx, c, 7, key(1))
		past, err2 := r.Past(ctx, c, 7, key(1))
		if must(t, errors.Join(err, err2)); row.Version != 2 || len(past) != 1 {
			t.Errorf("after refused puts: version %d with %d before it, want 2 with 1", row.Version, len(past))
		}
		_, err = r.Row(ctx, c, 7, key(9))
		absent(t, "a row that was refused", err)
	})
}

func rowsApart(t *testing.T, s store.Store) {
	ctx := t.Context()
	var one, two store.Client
	within(t, s, func(tx store.Tx) {
		one, two = addClient(t, tx, 1), addClient(t, tx, 2)
		other := body(3, 1, 100, "other type")
		other.Type = 8
		for _, p := range []store.Put{body(1, 1, 100, "a"), body(2, 1, 100, "b"), other} {
			must(t, tx.Put(ctx, one, p))
		}
		must(t, tx.Put(ctx, one, gone(2, 2, 150)))
		must(t, tx.Put(ctx, two, body(1, 1, 100, "c")))
	})
	view(t, s, func(r store.Reader) {
		got := map[store.Key]string{}
		for _, x := range rowsOf(t, r, one, 7) {
			got[x.Key] = fmt.Sprintf("%d %v %s", x.Version, x.Gone, x.Facet)
		}
		same(t, "rows of one", got, map[store.Key]string{key(1): "1 false facet of a", key(2): "2 true gone"})
		if n := len(rowsOf(t, r, one, 8)); n != 1 {
			t.Errorf("%d rows of the other type, want 1", n)
		}
		if rs := rowsOf(t, r, two, 7); len(rs) != 1 || string(rs[0].Facet) != "facet of c" {
			t.Errorf("rows of two: %v", rs)
		}
		_, err := r.Row(ctx, two, 7, key(2))
		absent(t, "another client's row", err)
		_, err = r.Row(ctx, one, 8, key(1))
		absent(t, "a row under another type", err)
	})
}

func since(t *testing.T, s store.Store) {
	ctx := t.Context()
	var one store.Client
	within(t, s, func(tx store.Tx) {
		one = addClient(t, tx, 1)
		two := addClient(t, tx, 2)
		for k, ms := range map[byte]int64{1: 100, 2: 200, 3: 300} {
			must(t, tx.Put(ctx, one, body(k, 1, ms, "x")))
		}
		must(t, tx.Put(ctx, one, body(1, 2, 400, "y")))
		must(t, tx.Put(ctx, two, body(4, 1, 500, "z")))
	})
	view(t, s, func(r store.Reader) {
		got := map[store.Key]int64{}
		must(t, r.Since(ctx, one, 200, func(x store.Row) error { got[x.Key] = x.Time; return nil }))
		same(t, "after 200", got, map[store.Key]int64{key(1): 400, key(3): 300})
	})
}

func callbackErrors(t *testing.T, s store.Store) {
	ctx := t.Context()
	boom := errors.New("boom")
	within(t, s, func(tx store.Tx) {
		c := addClient(t, tx, 1)
		addClient(t, tx, 2)
		must(t, tx.Put(ctx, c, body(1, 1, 1, "x")))
		must(t, tx.Put(ctx, c, body(2, 1, 1, "x")))
		for seq := range int64(2) {
			must(t, tx.Append(ctx, store.Entry{Seq: seq, PSeq: seq + 1, Hashes: make([]byte, 32), Body: []byte("b")}))
			must(t, tx.SetObject(ctx, store.Cards, store.Object{Key: []byte{byte(seq)}, Body: []byte("b")}))
		}
	})
	calls := 0
	stop := func() error { calls++; return boom }
	view(t, s, func(r store.Reader) {
		for name, err := range map[string]error{
			"Clients": r.Clients(ctx, func(store.Client, store.PID) error { return stop() }),
			"Rows":    r.Rows(ctx, 1, 7, func(store.Row) error { return stop() }),
			"Since":   r.Since(ctx, 1, 0, func(store.Row) error { return stop() }),
			"Entries": r.Entries(ctx, 0, 9, func(store.Entry) error { return stop() }),
			"Objects": r.Objects(ctx, store.Cards, func(store.Object) error { return stop() }),
		} {
			if !errors.Is(err, boom) {
				t.Errorf("%s: %v, want the callback's error", name, err)
			}
		}
	})
	if calls != 5 {
		t.Errorf("%d callbacks after five errors", calls)
	}
	if err := s.View(ctx, func(store.Reader) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("View: %v, want the callback's error", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.View(stopped, func(store.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("View for somebody who has gone: %v", err)
	}
}

func manyBodies(t *testing.T, s store.Store) {
	ctx := t.Context()
	var c store.Client
	const n = 70
	within(t, s, func(tx store.Tx) {
		c = addClient(t, tx, 1)
		for i := range byte(n) {
			must(t, tx.Put(ctx, c, body(i, 1, 100, fmt.Sprintf("body %d", i))))
		}
	})
	view(t, s, func(r store.Reader) {
		var ids []int64
		for _, x := range rowsOf(t, r, c, 7) {
			ids = append(ids, x.Body)
		}
		for _, some := range []int{0, 1, 31, 32, 33, 64, n} {
			bodies(t, r, ids[:some])
		}
	})
}

// bodies holds what many bodies asked for at once say to what each says alone.
func bodies(t *testing.T, r store.Reader, ids []int64) {
	t.Helper()
	got := map[int64]int{}
	err := r.Bodies(t.Context(), append(slices.Clone(ids), 1<<40), func(id int64, sealed []byte) error {
		got[id]++
		one, err := r.Body(t.Context(), id)
		if err != nil || string(one) != string(sealed) {
			t.Errorf("body %d is %q among others and %q alone, %v", id, sealed, one, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got[id] != 1 {
			t.Errorf("body %d came %d times", id, got[id])
		}
	}
	if len(got) != len(ids) {
		t.Errorf("%d bodies came, %d were asked for and are there", len(got), len(ids))
	}
}
