package record

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"rapport/fhir"
)

// hands is how many play at once.
const hands = 12

// table is where a game is played: a house, and what was heard since all was quiet.
type table struct {
	h        *house
	g        *game
	everyone []fhir.ClientID
	mu       sync.Mutex
	heard    []string
	from     board
	total    map[string]int
	wrong    bool
}

func newTable(t testing.TB) *table {
	t.Helper()
	x := &table{h: newHouse(t), total: map[string]int{}}
	x.h.opensGame()
	x.everyone = make([]fhir.ClientID, players)
	var wg sync.WaitGroup
	for i := range players {
		wg.Go(func() { x.everyone[i] = x.h.admit(fmt.Sprint("p", i), "Pat", fmt.Sprint("Player", i), "1990-01-01") })
	}
	wg.Wait()
	x.sit()
	return x
}

func (x *table) sit() {
	x.h.t.Helper()
	g, err := newGame(x.h.v, x.everyone, func(l string) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.heard = append(x.heard, l)
	})
	do(x.h.t, err)
	x.g = g
}

// quiet holds what was heard since the last quiet point against what is there.
func (x *table) quiet(what string) {
	t := x.h.t
	t.Helper()
	now := x.g.readBoard(t)
	ops := x.history(now)
	if res, info := porcupine.CheckOperationsVerbose(model(x.from), ops, 2*time.Minute); res != porcupine.Ok {
		x.wrong = true
		t.Errorf("%s: %d acts are %v: no order of them explains the answers and what is there", what, len(ops), res)
		explain(t, x.from, info, ops)
	}
	sameTimes(t, x.h.v)
	x.heard, x.from = nil, now
	x.g.knows(now)
}

// explain prints the longest order that explains something, and what it leaves out.
func explain(t testing.TB, from board, info porcupine.LinearizationInfo, ops []porcupine.Operation) {
	t.Helper()
	var longest []porcupine.Operation
	for _, part := range info.PartialLinearizationsOperations() {
		for _, l := range part {
			if len(l) > len(longest) {
				longest = l
			}
		}
	}
	m := model(from)
	after := m.Init()
	for _, o := range longest {
		_, after = m.Step(after, o.Input, o.Output)
	}
	t.Logf("  after %d of %d: %x", len(longest), len(ops), after)
	type place struct{ call, ret int64 }
	in := map[place]bool{}
	for i, o := range longest {
		in[place{o.Call, o.Return}] = true
		if i >= len(longest)-12 {
			t.Logf("  then %3d–%3d %+v → %+v", o.Call, o.Return, o.Input, o.Output)
		}
	}
	n := 0
	for _, o := range ops {
		if n < 15 && !in[place{o.Call, o.Return}] {
			n++
			t.Logf("  not  %3d–%3d %+v → %+v", o.Call, o.Return, o.Input, o.Output)
		}
	}
}

// history is what was heard, as porcupine reads it. What nobody heard the end of ends
// after the look at everything: an order puts it before that look if it happened, and
// after it if not. So a state is one board; every board that may be, kept beside each
// other, were more than could be looked through.
func (x *table) history(now board) []porcupine.Operation {
	t := x.h.t
	t.Helper()
	var ops []porcupine.Operation
	open := map[string]int{}
	end := int64(len(x.heard))
	for i, l := range x.heard {
		f := strings.SplitN(l, " ", 3)
		switch {
		case f[0] == "call" && len(f) == 3:
			var in told
			if json.Unmarshal([]byte(f[2]), &in) != nil {
				continue // the last word of a killed process
			}
			open[f[1]] = len(ops)
			ops = append(ops, porcupine.Operation{ClientId: len(open) - 1, Input: in, Call: int64(i), Output: said{lost: true}, Return: end + 3})
		case f[0] == "done" && len(f) == 3:
			var out said
			n, ok := open[f[1]]
			if !ok || json.Unmarshal([]byte(f[2]), &out) != nil {
				continue
			}
			ops[n].Output, ops[n].Return = out, int64(i)
			key := ops[n].Input.(told).Act + " " + out.Say //nolint:errcheck // it was put in above
			x.total[key]++
		}
	}
	lost := 0
	for _, o := range ops {
		if o.Output.(said).lost { //nolint:errcheck // as above
			lost++
		}
	}
	x.total["lost"] += lost
	return append(ops, porcupine.Operation{Input: told{Act: "all"}, Output: said{board: &now}, Call: end + 1, Return: end + 2})
}

// passes lets time pass, and whoever waits be offered what was given back.
func (x *table) passes(r *rand.Rand) {
	t := x.h.t
	t.Helper()
	x.h.now.Add(time.Duration(1+r.IntN(4)) * minute)
	x.from = x.from.lapsed(int(x.h.now.Now().Sub(start) / minute))
	_, err := x.h.v.Offer(context.Background(), visiting)
	do(t, err)
	now := x.g.readBoard(t)
	for i, c := range x.from.cells {
		if d := now.cells[i]; d != c && c.kind() != anOffer && (c != 0 || d.kind() != anOffer) {
			t.Errorf("offering made of %x in seat %d %x", c, i, d)
		}
	}
	x.total["offered"] += len(x.g.offered)
	x.from = now
	x.g.knows(now)
}

// killed lets a process play, and kills it in the middle.
func (x *table) killed(r *rand.Rand) {
	t := x.h.t
	t.Helper()
	do(t, x.h.v.Close())
	cmd := x.h.process("play", strconv.Itoa(r.IntN(1<<30)))
	var ids []string
	for _, c := range x.everyone {
		ids = append(ids, string(c))
	}
	cmd.Env = append(cmd.Env, "MINUTES="+fmt.Sprint(int(x.h.now.Now().Sub(start)/minute)), "EVERYONE="+strings.Join(ids, ","))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	do(t, err)
	do(t, cmd.Start())
	lines := bufio.NewReader(out)
	var saw bytes.Buffer
	for range 60 + r.IntN(200) {
		l, err := lines.ReadString('\n')
		saw.WriteString(l)
		if err != nil {
			t.Fatalf("the process ended by itself: %s", stderr.String())
		}
	}
	do(t, cmd.Process.Kill())
	rest, _ := io.ReadAll(lines) //nolint:errcheck // what it had said before it died
	saw.Write(rest)
	cmd.Wait() //nolint:errcheck // it was killed
	x.heard = strings.Split(strings.TrimSpace(saw.String()), "\n")
	v, err := Open(context.Background(), x.h.config())
	do(t, err)
	x.h.use(v)
	x.sit()
	x.quiet("killed")
}

// childPlays is [playProcess] with what the environment says.
func childPlays(ctx context.Context, cfg Config) error {
	var everyone []fhir.ClientID
	for _, c := range strings.Split(os.Getenv("EVERYONE"), ",") {
		everyone = append(everyone, fhir.ClientID(c))
	}
	minutes, err := strconv.Atoi(os.Getenv("MINUTES"))
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(os.Getenv("ROUND"), 10, 64)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	return playProcess(ctx, cfg, minutes, everyone, seed, func(l string) {
		mu.Lock()
		defer mu.Unlock()
		os.Stdout.WriteString(l + "\n") //nolint:errcheck // the parent has gone, and we are about to
	})
}

// TestNoSeatIsSoldTwiceAndNoneIsLost lets 200 people hold, keep, drop, book, move, call
// off and accept twenty seats, twelve at once, over new starts and kills, and looks for
// one order of it all that explains every answer and what is on the disk.
func TestNoSeatIsSoldTwiceAndNoneIsLost(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	rounds, kills := 32, 8
	if testing.Short() {
		rounds, kills = 4, 1
	}
	r := rand.New(rand.NewPCG(42, 4))
	begun := time.Now()
	i := 0
	for ; i < rounds && !x.wrong; i++ {
		if i > 4 && time.Since(begun) > 16*time.Second { // a busy machine plays less
			break
		}
		do(t, x.g.plays(hands, 12, uint64(i)))
		x.quiet(fmt.Sprint("round ", i))
		x.passes(r)
		if i%(rounds/kills) == 1 {
			x.killed(r)
		} else if i%5 == 4 {
			x.h.reopen()
			x.sit()
			x.quiet("a new start")
		}
	}
	t.Logf("%d rounds, %v in %v", i, x.total, time.Since(begun).Round(time.Millisecond))
	for _, did := range []string{"hold ", "hold visits.gone", "keep ", "book ", "book visits.gone", "move ", "move visits.gone", "cancel ", "drop ", "lost"} {
		if x.total[did] == 0 {
			t.Errorf("nobody did %q", did)
		}
	}
	if i == rounds && !testing.Short() && (x.total["accept "] == 0 || x.total["book visits.not_held"] == 0) {
		t.Errorf("no offer was accepted, or no old page confirmed: %v", x.total)
	}
}
