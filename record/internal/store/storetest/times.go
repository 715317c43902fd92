package storetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"rapport/record/internal/store"
)

const minute = 60_000

// visit is a time of somebody, in minutes.
func visit(id byte, from, to int64, of ...string) store.Taken {
	return store.Taken{ID: [16]byte{0: id, 15: 1}, Kind: store.Visit, From: from * minute, To: to * minute, Client: 3, Of: of, Body: []byte{id}}
}

func hold(id byte, holder byte, from, to, ends int64, of ...string) store.Taken {
	t := visit(id, from, to, of...)
	t.Kind, t.Client, t.Holder, t.Ends = store.Hold, 0, key(holder), ends*minute
	return t
}

func ids(ts []store.Taken) []byte {
	var out []byte
	for _, t := range ts {
		out = append(out, t.ID[0])
	}
	return out
}

// overlapping are the times that overlap a span, in minutes.
func overlapping(t *testing.T, r store.Reader, from, to int64) []store.Taken {
	t.Helper()
	var out []store.Taken
	must(t, r.TakenBetween(t.Context(), from*minute, to*minute, func(x store.Taken) error { out = append(out, x); return nil }))
	return out
}

func isTaken(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrTaken) {
		t.Errorf("%s: %v, want ErrTaken", what, err)
	}
}

func takenOnce(t *testing.T, s store.Store) {
	ctx := t.Context()
	first := visit(1, 600, 620, "lena", "room 3")
	within(t, s, func(tx store.Tx) {
		must(t, tx.Take(ctx, first))
		for what, x := range map[string]store.Taken{
			"the same time":         visit(2, 600, 620, "lena"),
			"its beginning":         visit(2, 590, 601, "lena"),
			"its end":               visit(2, 619, 640, "lena"),
			"inside it":             visit(2, 605, 610, "lena"),
			"around it":             visit(2, 500, 700, "lena"),
			"from the day before":   visit(2, 610-24*60, 610, "lena"),
			"its room":              visit(2, 600, 620, "samir", "room 3"),
			"its room, named first": visit(2, 600, 620, "room 3", "samir"),
			"the same id":           visit(1, 900, 920, "joy"),
			"one twice":             visit(2, 700, 720, "samir", "samir"),
		} {
			isTaken(t, what, tx.Take(ctx, x))
		}
		// what was refused took nobody else along
		must(t, tx.Take(ctx, visit(3, 600, 620, "samir", "room 4")))
	})
	view(t, s, func(r store.Reader) {
		same(t, "what is taken", ids(overlapping(t, r, 0, 2000)), []byte{1, 3})
		got, err := r.Taken(ctx, first.ID)
		must(t, err)
		same(t, "as it was taken", got, first)
		_, err = r.Taken(ctx, [16]byte{9})
		absent(t, "what is not taken", err)
	})
	// and from another transaction
	tx, err := s.Begin(ctx)
	must(t, err)
	isTaken(t, "in another transaction", tx.Take(ctx, visit(2, 600, 620, "lena")))
	must(t, tx.Rollback())
}

func touching(t *testing.T, s store.Store) {
	within(t, s, func(tx store.Tx) {
		for i, x := range [][2]int64{{600, 620}, {620, 640}, {580, 600}, {580 - 24*60, 580}, {640, 640 + 24*60}} {
			must(t, tx.Take(t.Context(), visit(byte(i+1), x[0], x[1], "lena")))
		}
	})
	view(t, s, func(r store.Reader) {
		same(t, "by when they begin", ids(overlapping(t, r, -2000, 3000)), []byte{4, 3, 1, 2, 5})
	})
}

func taken24(t *testing.T, s store.Store) {
	tx, err := s.Begin(t.Context())
	must(t, err)
	for what, x := range map[string]store.Taken{
		"a day and a minute": visit(1, 0, 24*60+1, "lena"),
		"nothing":            visit(1, 10, 10, "lena"),
		"backwards":          visit(1, 10, 9, "lena"),
		"of nobody":          visit(1, 10, 20),
		"of no kind":         {ID: [16]byte{1}, From: 0, To: minute, Of: []string{"lena"}},
	} {
		if err := tx.Take(t.Context(), x); err == nil || errors.Is(err, store.ErrTaken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, tx.Rollback())
}

func oneHold(t *testing.T, s store.Store) {
	ctx := t.Context()
	within(t, s, func(tx store.Tx) {
		must(t, tx.Take(ctx, hold(1, 7, 600, 620, 5, "lena")))
		isTaken(t, "a second hold", tx.Take(ctx, hold(2, 7, 700, 720, 5, "samir")))
		must(t, tx.Take(ctx, hold(3, 8, 700, 720, 5, "samir")))
		must(t, tx.Take(ctx, visit(4, 800, 820, "lena"))) // nobody's are as many as one likes
		must(t, tx.Take(ctx, visit(5, 820, 840, "lena")))
		x, err := tx.HeldBy(ctx, key(7))
		must(t, err)
		same(t, "what they hold", x.ID[0], byte(1))
		_, err = tx.HeldBy(ctx, key(9))
		absent(t, "who holds nothing", err)
		_, err = tx.HeldBy(ctx, store.Key{})
		absent(t, "nobody", err)
	})
}

func givenBack(t *testing.T, s store.Store) {
	ctx := t.Context()
	within(t, s, func(tx store.Tx) {
		must(t, tx.Take(ctx, hold(1, 7, 600, 620, 5, "lena", "room 3")))
		must(t, tx.Take(ctx, hold(2, 8, 700, 720, 6, "lena")))
		must(t, tx.Take(ctx, visit(3, 800, 820, "lena")))
		must(t, tx.Lapse(ctx, 5*minute-1))
		same(t, "a moment before", ids(overlapping(t, tx, 0, 2000)), []byte{1, 2, 3})
		must(t, tx.Lapse(ctx, 5*minute))
		same(t, "then", ids(overlapping(t, tx, 0, 2000)), []byte{2, 3})
		must(t, tx.Take(ctx, hold(4, 7, 600, 620, 9, "room 3", "lena")))
		must(t, tx.Free(ctx, [16]byte{0: 3, 15: 1}))
		absent(t, "twice", tx.Free(ctx, [16]byte{0: 3, 15: 1}))
		must(t, tx.Take(ctx, visit(5, 810, 830, "lena")))
	})
	view(t, s, func(r store.Reader) {
		same(t, "what is left", ids(overlapping(t, r, 0, 2000)), []byte{4, 2, 5})
	})
	tx, err := s.Begin(ctx)
	must(t, err)
	must(t, tx.Free(ctx, [16]byte{0: 5, 15: 1}))
	must(t, tx.Rollback())
	view(t, s, func(r store.Reader) {
		same(t, "given back, and not committed", ids(overlapping(t, r, 0, 2000)), []byte{4, 2, 5})
	})
}

func between(t *testing.T, s store.Store) {
	within(t, s, func(tx store.Tx) {
		for i, x := range [][2]int64{{0, 24 * 60}, {600, 620}, {620, 640}, {2000, 2001}} {
			must(t, tx.Take(t.Context(), visit(byte(i+1), x[0], x[1], string(rune('a'+i)))))
		}
	})
	view(t, s, func(r store.Reader) {
		for _, c := range []struct {
			from, to int64
			want     []byte
		}{{0, 3000, []byte{1, 2, 3, 4}}, {620, 640, []byte{1, 3}}, {619, 620, []byte{1, 2}}, {1439, 2000, []byte{1}}, {1440, 2000, nil}, {2000, 2001, []byte{4}}, {2001, 3000, nil}, {700, 700, nil}} {
			if c.from == c.to {
				continue
			}
			same(t, "between", ids(overlapping(t, r, c.from, c.to)), c.want)
		}
		stop := errors.New("enough")
		if err := r.TakenBetween(context.Background(), 0, 3000*minute, func(store.Taken) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("a callback's error: %v", err)
		}
	})
}

// noOverlap takes and gives back at random and keeps its own, naive account.
func noOverlap(t *testing.T, s store.Store) {
	ctx, rnd := t.Context(), rand.New(rand.NewPCG(1, 2))
	who := []string{"lena", "samir", "room 1", "room 2", "scanner"}
	var have []store.Taken
	for round := range 40 {
		within(t, s, func(tx store.Tx) {
			for i := range 25 {
				if len(have) > 0 && rnd.IntN(4) == 0 {
					n := rnd.IntN(len(have))
					must(t, tx.Free(ctx, have[n].ID))
					have = slices.Delete(have, n, n+1)
					continue
				}
				from := rnd.Int64N(3 * 24 * 60)
				x := visit(0, from, from+1+rnd.Int64N(24*60), who[rnd.IntN(len(who))])
				if o := who[rnd.IntN(len(who))]; o != x.Of[0] {
					x.Of = append(x.Of, o)
				}
				x.ID = [16]byte{byte(round), byte(i), 1}
				free := !slices.ContainsFunc(have, func(h store.Taken) bool {
					return h.From < x.To && h.To > x.From && slices.ContainsFunc(h.Of, func(w string) bool { return slices.Contains(x.Of, w) })
				})
				err := tx.Take(ctx, x)
				if free != (err == nil) || err != nil && !errors.Is(err, store.ErrTaken) {
					t.Fatalf("%v of %v: %v, free %v", []int64{x.From / minute, x.To / minute}, x.Of, err, free)
				}
				if err == nil {
					have = append(have, x)
				}
			}
		})
	}
	view(t, s, func(r store.Reader) {
		if n := len(overlapping(t, r, -3000, 3*24*60+3000)); n != len(have) || n == 0 {
			t.Errorf("%d times are taken, want %d", n, len(have))
		}
	})
}
