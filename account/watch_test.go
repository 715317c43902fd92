package account_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/account"
)

// watch is a real Keeper that remembers what was kept, noted and told.
type watch struct {
	account.Keeper
	mu sync.Mutex
	seen
}

// seen is what happened at the doors.
type seen struct {
	acts    []account.Act
	letters []account.Letter
	puts    []string // shelf and padded size
	drops   int
	code    string // of the newest link
}

type watchDesk struct {
	account.Desk
	seen *seen
}

func (w watchDesk) Note(n account.Act) {
	w.seen.acts = append(w.seen.acts, n)
	w.Desk.Note(n)
}

func (w watchDesk) Tell(ctx context.Context, l account.Letter) error {
	w.seen.letters = append(w.seen.letters, l)
	return w.Desk.Tell(ctx, l)
}

func (w watchDesk) Put(ctx context.Context, s account.Shelf, key []byte, ends time.Time, x any) error {
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if l, ok := x.(*account.Link); ok {
		w.seen.code = l.Code
	}
	w.seen.puts = append(w.seen.puts, fmt.Sprint("shelf ", s, ", ", (len(b)+255)/256, " blocks"))
	return w.Desk.Put(ctx, s, key, ends, x)
}

func (w watchDesk) Drop(ctx context.Context, s account.Shelf, key []byte) error {
	w.seen.drops++
	return w.Desk.Drop(ctx, s, key)
}

// Change implements account.Keeper.
func (w *watch) Change(ctx context.Context, f func(account.Desk) error) error {
	var now seen
	err := w.Keeper.Change(ctx, func(k account.Desk) error {
		now = seen{}
		return f(watchDesk{k, &now})
	})
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.acts, w.letters, w.puts = append(w.acts, now.acts...), append(w.letters, now.letters...), append(w.puts, now.puts...)
		w.drops += now.drops
		if now.code != "" {
			w.code = now.code
		}
	}
	return err
}

// take returns what happened since it was last asked.
func (w *watch) take() seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.seen
	w.seen = seen{}
	return s
}

// refusals counts refused acts.
func (s seen) refusals() int {
	n := 0
	for _, a := range s.acts {
		if a.Refused {
			n++
		}
	}
	return n
}

// told returns "kind to" of every letter, sorted.
func (s seen) told() string {
	var out []string
	for _, l := range s.letters {
		out = append(out, l.Kind+" "+l.To)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// token returns the token in the newest letter of a kind.
func (s seen) token(t *testing.T, kind string) string {
	t.Helper()
	for _, l := range slices.Backward(s.letters) {
		if l.Kind == kind {
			return l.Path[strings.LastIndex(l.Path, "/")+1:]
		}
	}
	t.Fatalf("no letter %q among %q", kind, s.told())
	return ""
}
