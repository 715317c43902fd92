package record

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// TestTheLinearCheckCanFail gives the model histories that must not pass, and their
// like that must. What was planted in the program itself, and found, is in the commit.
func TestTheLinearCheckCanFail(t *testing.T) {
	t.Parallel()
	act := func(call, ret int64, in told, out said) porcupine.Operation {
		return porcupine.Operation{Input: in, Output: out, Call: call, Return: ret}
	}
	hold := func(who, pick int) told { return told{Act: "hold", Who: who, Pick: pick} }
	book := func(who, pick int) told { return told{Act: "book", Who: who, Pick: pick} }
	yes, five, gone, lost := said{}, said{Ends: holdMins}, said{Say: "visits.gone"}, said{lost: true}
	var none board
	booked, _ := none.with(1, cellOf(aVisit, 4, 0))
	booked.made[0] = 1 << 4
	all := func(b board) porcupine.Operation { return act(90, 91, told{Act: "all"}, said{board: &b}) }
	for what, c := range map[string]struct {
		ops []porcupine.Operation
		ok  bool
	}{
		"one seat held by two":              {[]porcupine.Operation{act(1, 4, hold(1, 0), five), act(2, 3, hold(2, 0), five)}, false},
		"one seat for the first of two":     {[]porcupine.Operation{act(1, 4, hold(1, 0), gone), act(2, 3, hold(2, 0), five)}, true},
		"a scan over a visit":               {[]porcupine.Operation{act(1, 4, hold(1, 0), five), act(2, 3, hold(2, 20), five)}, false},
		"two scans with one scanner":        {[]porcupine.Operation{act(1, 4, hold(1, 20), five), act(2, 3, hold(2, 29), five)}, false},
		"no, and nobody had it":             {[]porcupine.Operation{act(1, 2, hold(1, 0), gone)}, false},
		"booked, and not there":             {[]porcupine.Operation{act(1, 2, book(1, 0), yes), all(none)}, false},
		"booked, and there":                 {[]porcupine.Operation{act(1, 2, book(1, 0), yes), all(booked)}, true},
		"there, and nobody booked it":       {[]porcupine.Operation{all(booked)}, false},
		"nobody heard, and it is there":     {[]porcupine.Operation{act(1, 92, book(1, 0), lost), all(booked)}, true},
		"nobody heard, and it is not there": {[]porcupine.Operation{act(1, 92, book(1, 0), lost), all(none)}, true},
		"nobody heard, and half is there":   {[]porcupine.Operation{act(1, 92, book(1, 0), lost), act(2, 92, book(2, 5), lost), all(booked)}, true},
		"nobody heard, and another's":       {[]porcupine.Operation{act(1, 92, book(2, 0), lost), all(booked)}, false},
		"yes, and then no":                  {[]porcupine.Operation{act(1, 2, hold(1, 0), five), act(3, 4, book(1, 0), gone)}, false},
		"twice, by one key, for two times":  {[]porcupine.Operation{act(1, 2, book(1, 0), yes), act(3, 4, book(1, 5), yes)}, false},
		"an old hold that was lost":         {[]porcupine.Operation{act(1, 2, hold(1, 0), five), act(3, 4, hold(2, 1), five), act(5, 6, hold(1, 1), gone), act(7, 8, told{Act: "keep", Who: 1}, said{Say: "visits.not_held"})}, false},
	} {
		if ok := porcupine.CheckOperations(model(none), c.ops); ok != c.ok {
			t.Errorf("%s: passes %t, want %t", what, ok, c.ok)
		}
	}
}
