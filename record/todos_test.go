package record

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// TestTheListIsAsItLiesThere has several write to the list and give up half-way, while
// others read it: what is read afterwards is what lies there, and nobody reads back what
// was written before they asked.
func TestTheListIsAsItLiesThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	no := errors.New("given up")
	ids := func(ts []Todo) []string {
		var out []string
		for _, x := range ts {
			out = append(out, x.ID+" "+x.Owner)
		}
		slices.Sort(out)
		return out
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(w), 7))
			for i := range 60 {
				mine := Todo{ID: fmt.Sprint(w, "-", dice.IntN(8)), Owner: fmt.Sprint(i), Client: h.ada, Kind: TodoNote, At: start}
				drop, fails := dice.IntN(3) == 0, dice.IntN(4) == 0
				err := h.v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
					var err error
					if drop {
						err = h.v.dropTodo(ctx, tx, mine.ID)
					} else {
						err = h.v.putTodo(ctx, tx, mine)
					}
					if err == nil && fails {
						err = no
					}
					return err
				}})
				if fails != errors.Is(err, no) {
					t.Errorf("%v", err)
				}
				if fails {
					continue
				}
				all, err := h.v.todos(context.Background())
				if err != nil {
					t.Error(err)
				}
				if there := slices.Contains(ids(all), mine.ID+" "+mine.Owner); there == drop {
					t.Errorf("%s: written %t, read %t", mine.ID, !drop, there)
				}
			}
		})
	}
	wg.Wait()
	got, err := h.v.todos(t.Context())
	do(t, err)
	h.v.memo.mu.Lock()
	h.v.memo.was, h.v.memo.ok = nil, false
	h.v.memo.mu.Unlock()
	fresh, err := h.v.todos(t.Context())
	do(t, err)
	if !slices.Equal(ids(got), ids(fresh)) {
		t.Errorf("read %v, there lies %v", ids(got), ids(fresh))
	}
}
