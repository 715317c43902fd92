package account

import (
	"context"
	"testing"

	"rapport/errs"
)

// shelf is accounts by key, in memory.
type shelf map[string]Access

func (s shelf) Get(_ context.Context, _ Shelf, key []byte, x any) error {
	a, ok := s[string(key)]
	if !ok {
		return errs.E(errs.NotFound, "nothing")
	}
	*x.(*Access) = a
	return nil
}

type plainKeys struct{ Keeper }

func (plainKeys) Key(kind, of string) []byte { return []byte(kind + " " + of) }

func TestAPasskeyFindsTheAccountWhereverItMoved(t *testing.T) {
	t.Parallel()
	d := &Doors{keep: plainKeys{}}
	at := func(id string) Subject { return Subject{Kind: Client, ID: id} }
	s := shelf{}
	keep := func(id string, a Access) { s[string(d.accessKey(at(id)))] = a }
	keep("guest", Access{Subject: at("a"), Moved: true})
	keep("a", Access{Subject: at("b"), Moved: true})
	keep("b", Access{Subject: at("c"), Moved: true})
	keep("c", Access{Subject: at("c"), Language: "fr"})
	keep("x", Access{Subject: at("y"), Moved: true})
	keep("y", Access{Subject: at("x"), Moved: true})
	for _, id := range []string{"guest", "a", "b", "c"} {
		var a Access
		if err := d.named(t.Context(), s, d.accessKey(at(id)), &a); err != nil || a.Language != "fr" || a.Moved {
			t.Errorf("%s: %+v, %v", id, a, err)
		}
	}
	var a Access
	if err := d.named(t.Context(), s, d.accessKey(at("x")), &a); !errs.Is(err, errs.Invalid) {
		t.Errorf("a circle of moves: %+v, %v", a, err)
	}
	if err := d.named(t.Context(), s, d.accessKey(at("nobody")), &a); !errs.Is(err, errs.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}
