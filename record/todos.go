package record

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"rapport/fhir"
	"rapport/record/internal/store"
)

// opened is something to do with the sealed bytes it was opened from.
type opened struct {
	sealed []byte
	ends   int64
	todo   Todo
}

// todoMemo is what lies in the list of what is to do, opened and in its order. The store
// has the last word: the list is read again after any write to it, and what lies there as
// it lay before is not opened again.
type todoMemo struct {
	begun   atomic.Int64 // writes to the list that were begun, counted within their transaction
	settled atomic.Int64 // how many of them had been when the last transaction ended

	mu   sync.Mutex
	was  map[store.Key]*opened
	of   map[fhir.ClientID][]*opened
	list []*opened // by when it is due
	as   int64     // what begun was when the list was read; it is of no use at any other
	ok   bool
}

// settle is called after each transaction: only one writes at a time, so whatever was
// begun has ended.
func (m *todoMemo) settle() { m.settled.Store(m.begun.Load()) }

// todos returns all that is to do and was done lately: what is due at a time first, then
// the oldest.
func (v *Vault) todos(ctx context.Context) ([]Todo, error) {
	list, err := v.todoList(ctx)
	if err != nil {
		return nil, err
	}
	now := v.now.Now().UnixMilli()
	out := make([]Todo, 0, len(list))
	for _, x := range list {
		if x.ends != 0 && x.ends <= now {
			continue
		}
		t := x.todo
		if into, away := v.people.merged(t.Client); away {
			t.Client, t.About = into.card.Into, "" // another chart has other names
		}
		out = append(out, t)
	}
	return out, nil
}

// todoList is the list as it lies there now. Nobody changes what it holds.
func (v *Vault) todoList(ctx context.Context) ([]*opened, error) {
	m := &v.memo
	m.mu.Lock()
	defer m.mu.Unlock()
	as := m.begun.Load()
	if m.ok && m.as == as {
		return m.list, nil
	}
	still := m.settled.Load() == as // nobody is in the midst of writing
	list := make([]*opened, 0, len(m.list)+16)
	was := make(map[store.Key]*opened, len(m.was)+16)
	var of map[fhir.ClientID][]*opened
	err := v.st.View(ctx, func(r store.Reader) error {
		list, of = list[:0], make(map[fhir.ClientID][]*opened, len(m.of)+16)
		return r.Objects(ctx, store.Todos, func(o store.Object) error {
			key := store.Key(o.Key)
			x := m.was[key]
			if x == nil || !bytes.Equal(x.sealed, o.Body) {
				x = &opened{sealed: slices.Clone(o.Body), ends: o.Expires}
				if err := v.unpack(store.Todos, store.Object{Key: key[:], Body: o.Body}, &x.todo); err != nil {
					return err
				}
			}
			was[key], list = x, append(list, x)
			of[x.todo.Client] = append(of[x.todo.Client], x)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b *opened) int { return byDue(a.todo, b.todo) })
	m.was, m.of, m.list, m.as, m.ok = was, of, list, as, still && m.begun.Load() == as
	return list, nil
}
