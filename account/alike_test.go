package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
)

// answer is what an asker sees of an answer: never which of the two it is.
func answer(token string, err error) string {
	return fmt.Sprint(len(token), " ", errs.KindOf(err), " ", errs.SayOf(err))
}

func TestWhetherAnAddressIsKnownCannotBeSeen(t *testing.T) {
	t.Parallel()
	d, _, _ := known(t)
	for i, f := range []func(address string) (string, error){
		func(a string) (string, error) { return d.AskIn(t.Context(), a, from(1)) },
		func(a string) (string, error) { return d.AskJoin(t.Context(), "Ada", a, from(1)) },
	} {
		var got [2]seen
		var said [2]string
		for j, a := range []string{"ada@mail.example", "abe@mail.example"} {
			d.saw.take()
			token, err := f(a)
			do(t, err)
			said[j], got[j] = answer(token, err), d.saw.take()
		}
		if diff := cmp.Diff(got[0].puts, got[1].puts); diff != "" || said[0] != said[1] || len(got[0].acts) != 1 || len(got[1].acts) != 1 || got[0].drops != got[1].drops {
			t.Errorf("%d: the two differ: %v %v %s", i, said, got, diff)
		}
		want := [...]string{"signin ada@mail.example, noaccount abe@mail.example", "signin ada@mail.example, joining abe@mail.example"}[i]
		if told := got[0].told() + ", " + got[1].told(); told != want {
			t.Errorf("told %s, want %s", told, want)
		}
	}
	// what follows looks alike as well: wrong codes, too many, other browsers
	var said [2]string
	for j, a := range []string{"ada@mail.example", "abe@mail.example"} {
		d.now.Add(5 * time.Hour)
		var out strings.Builder
		asking, err := d.AskIn(t.Context(), a, from(2))
		do(t, err)
		for range 7 {
			in, err := d.TypeCode(t.Context(), "x", account.Ask{Asking: asking})
			out.WriteString(answer(in.Token, err) + "; ")
		}
		for range 40 {
			token, err := d.AskIn(t.Context(), a, from(2))
			out.WriteString(answer(token, err) + "; ")
		}
		said[j] = out.String()
	}
	if said[0] != said[1] {
		t.Errorf("known:   %s\nunknown: %s", said[0], said[1])
	}
}

func TestAskingTakesAsLongWhetherTheAddressIsKnown(t *testing.T) {
	if testing.Short() {
		t.Skip("a measurement")
	}
	d, _, _ := known(t)
	const pairs = 1500
	var took [2][]float64
	wall := clock.Wall{}
	for i := range pairs + 50 {
		for j := range 2 {
			d.now.Add(time.Second)
			which := (i + j) % 2 // who goes first changes
			address := [...]string{"ada@mail.example", "abe@mail.example"}[which]
			began := wall.Now()
			_, err := d.AskIn(t.Context(), address, from(i))
			spent := wall.Now().Sub(began).Seconds()
			do(t, err)
			if i >= 50 { // the first ones warm up
				took[which] = append(took[which], spent)
			}
		}
		if i%50 == 0 {
			d.saw.take()
		}
	}
	slices.Sort(took[0])
	slices.Sort(took[1])
	known, unknown := took[0][pairs/2], took[1][pairs/2]
	t.Logf("medians of %d calls each, in turns: known %.3f ms, unknown %.3f ms, ratio %.3f", pairs, known*1000, unknown*1000, known/unknown)
	if r := known / unknown; r < 0.9 || r > 1.1 {
		t.Errorf("the known address takes %.3f times as long", r)
	}
}
