package record

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"rapport/record/internal/store"
)

// opened is something to do with the sealed bytes it was opened from.
type opened struct {
	sealed []byte
	todo   Todo
}

// todoMemo is what lies in the list of what is to do, opened. The store has the last
// word: what lies there as it lay before is not opened again, and ten thousand are read
// in some milliseconds instead of fifty.
type todoMemo struct {
	mu  sync.Mutex
	was map[store.Key]opened
}

// todos returns all that is to do and was done lately, in no order.
func (v *Vault) todos(ctx context.Context) ([]Todo, error) {
	var out []Todo
	err := v.st.View(ctx, func(r store.Reader) (err error) {
		out, err = v.todosIn(ctx, r)
		return err
	})
	return out, err
}

func (v *Vault) todosIn(ctx context.Context, r store.Reader) ([]Todo, error) {
	v.memo.mu.Lock()
	defer v.memo.mu.Unlock()
	if v.memo.was == nil {
		v.memo.was = map[store.Key]opened{}
	}
	var out []Todo
	seen, now := 0, v.now.Now().UnixMilli()
	err := r.Objects(ctx, store.Todos, func(o store.Object) error {
		seen++
		key := store.Key(o.Key)
		x, ok := v.memo.was[key]
		if !ok || !bytes.Equal(x.sealed, o.Body) {
			x = opened{sealed: slices.Clone(o.Body)}
			if err := v.unpack(store.Todos, store.Object{Key: key[:], Body: o.Body}, &x.todo); err != nil {
				return err
			}
			v.memo.was[key] = x
		}
		if o.Expires != 0 && o.Expires <= now {
			return nil
		}
		t := x.todo
		if into, away := v.people.merged(t.Client); away {
			t.Client, t.About = into.card.Into, "" // another chart has other names
		}
		out = append(out, t)
		return nil
	})
	if len(v.memo.was) > 2*seen+100 { // most of it is no more
		v.memo.was = nil
	}
	return out, err
}
