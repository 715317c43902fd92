package record

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/store"
)

// game is the players at one vault.
type game struct {
	v       *Vault
	charts  [players]*Chart
	holders map[store.Key]cell // whose hold or offer it is
	slots   map[string]int     // visits by id
	say     func(line string)

	mu      sync.Mutex
	n       int            // acts begun
	picked  [players]int   // what each holds, as far as anybody knows; -1 for nothing
	used    [players]int   // keys
	booked  map[int]int    // slot → pick
	offered map[int]uint32 // slot → the seats it was offered
}

// opensGame writes down the hours of the two. There are three rooms, for what lies in
// the time of a scan may be in two: a room is never what is wanting.
func (h *house) opensGame() {
	h.t.Helper()
	h.opens(func(tt *hours.Timetable) {
		tt.Services[1] = hours.Service{ID: "scan", Names: map[string]string{"en": "Scan"}, Minutes: 40, Step: 20, Who: []string{"clinician", "nurse"}, Modes: hours.InPerson, Rooms: []string{"r1", "r2", "r3"}, Devices: []string{"us"}, Public: true}
		tt.Services[0].Rooms = []string{"r1", "r2", "r3"}
		tt.Rooms = append(tt.Rooms, hours.Room{ID: "r3", Name: "Room 3"})
		tt.Services[0].Change = 0
		tt.HoldFor = holdMins
		for i := range tt.Stretches {
			tt.Stretches[i].To = 9*60 + 20*unitsOf
		}
	})
}

// newGame sits everybody down at a vault. Their charts are opened as the importer's
// are, which is one commit each, and then are those of somebody who books.
func newGame(v *Vault, everyone []fhir.ClientID, say func(string)) (*game, error) {
	g := &game{v: v, say: say, holders: map[store.Key]cell{}, slots: map[string]int{}, booked: map[int]int{}, offered: map[int]uint32{}}
	errc := make(chan error, players)
	for i := range players {
		go func() {
			c, err := v.Open(context.Background(), importer, Importing, everyone[i], AllParts)
			if err == nil {
				c.why = Booking
				g.charts[i] = c
			}
			errc <- err
		}()
	}
	for range players {
		if err := <-errc; err != nil {
			return nil, err
		}
	}
	for i, c := range g.charts {
		g.picked[i] = -1
		g.holders[c.holder()] = cellOf(aHold, i, 0)
		for k := range keysEach {
			id := c.visitID(fmt.Sprint("k", k), 0)
			g.slots[id] = i*keysEach + k
			g.holders[v.offerHolder(v.wishKey(c.client, id))] = cellOf(anOffer, i*keysEach+k, 0)
		}
	}
	return g, nil
}

// knows lets players begin with what is on a board.
func (g *game) knows(b board) {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.booked)
	clear(g.offered)
	picks := map[uint32]int{}
	for n := range picksAll {
		_, m := pickNo(n)
		picks[m] = n
	}
	for i := range players {
		g.picked[i], g.used[i] = -1, 0
		if n, ok := picks[b.mask(aHold, i)]; ok {
			g.picked[i] = n
		}
		for k := range keysEach {
			slot := i*keysEach + k
			if b.was(slot) {
				g.used[i] = k + 1
			}
			if n, ok := picks[b.mask(aVisit, slot)]; ok {
				g.booked[slot] = n
			}
			if m := b.mask(anOffer, slot); m != 0 {
				g.offered[slot] = m
			}
		}
	}
}

// chooses is what some player does next.
func (g *game) chooses(r *rand.Rand) told {
	g.mu.Lock()
	defer g.mu.Unlock()
	x := told{Who: r.IntN(players), Pick: r.IntN(picksAll), Now: int(g.v.now.Now().Sub(start) / minute)}
	some := func() (int, bool) { // somebody's visit
		n := r.IntN(len(g.booked) + 1)
		for slot := range g.booked {
			if n--; n < 0 {
				return slot, true
			}
		}
		return 0, false
	}
	switch n := r.IntN(100); {
	case n < 30:
		x.Act = "hold"
		if n%2 == 0 { // instead of what they hold, and where others look too
			x.Who, x.Pick = g.holding(r, x.Who), g.n/hands%picksAll
		}
	case n < 36:
		x.Act = "keep"
		x.Who = g.holding(r, x.Who)
	case n < 40:
		x.Act = "drop"
		x.Who = g.holding(r, x.Who)
	case n < 64:
		x.Act = "book"
		x.Who = g.holding(r, x.Who)
		if p := g.picked[x.Who]; p >= 0 && n < 60 {
			x.Pick = p
		}
		x.Key = min(g.used[x.Who], keysEach-1)
		if slot, ok := some(); ok && n > 60 { // again
			x.Who, x.Key, x.Pick = slot/keysEach, slot%keysEach, g.booked[slot]
		}
	case n < 78:
		x.Act = "move"
	case n < 90:
		x.Act = "cancel"
	case n < 94:
		x.Act = "wish"
	default:
		x.Act = "accept"
		if n == 99 {
			x.Act = "decline"
		}
		for slot, m := range g.offered {
			x.Who, x.Key, x.Mask = slot/keysEach, slot%keysEach, m
			return x
		}
		x.Act = "hold"
	}
	if x.Act == "move" || x.Act == "cancel" || x.Act == "wish" {
		if slot, ok := some(); ok && r.IntN(10) > 0 {
			x.Who, x.Key = slot/keysEach, slot%keysEach
			x.Pick = asService(x.Pick, g.booked[slot] >= 2*unitsOf)
		} else {
			x.Key, x.Act = keysEach-1, "cancel"
		}
	}
	return x
}

// holding is somebody who holds a time, more often than not.
func (g *game) holding(r *rand.Rand, who int) int {
	for range players {
		if i := r.IntN(players); g.picked[i] >= 0 {
			return i
		}
	}
	return who
}

// acts does one thing, and says so before and after.
func (g *game) acts(x told) error {
	g.mu.Lock()
	g.n++
	id := g.n
	g.mu.Unlock()
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	g.say(fmt.Sprintf("call %d %s", id, b))
	y, err := g.does(context.Background(), x)
	switch say := errs.SayOf(err); {
	case err == nil:
	case say == "visits.gone", say == "visits.not_held":
		y = said{Say: say}
	case errs.Is(err, errs.NotFound):
		y = said{Say: "none"}
	case say == "visits.kept":
		g.say(fmt.Sprintf("void %d", id))
		return nil
	default:
		return fmt.Errorf("%+v: %w", x, err)
	}
	if b, err = json.Marshal(y); err != nil {
		return err
	}
	g.say(fmt.Sprintf("done %d %s", id, b))
	g.learns(x, y)
	return nil
}

func (g *game) does(ctx context.Context, x told) (said, error) {
	c := g.charts[x.Who]
	p, _ := pickNo(x.Pick)
	key := fmt.Sprint("k", x.Key)
	ends := func(h Held, err error) (said, error) { return said{Ends: int(h.Ends.Sub(start) / minute)}, err }
	switch id := c.visitID(key, 0); x.Act {
	case "hold":
		return ends(c.Calendar().Hold(ctx, p))
	case "keep":
		return ends(c.Calendar().Keep(ctx))
	case "drop":
		return said{}, c.Calendar().Drop(ctx)
	case "book":
		_, err := c.Book(ctx, key, "", p)
		return said{}, err
	case "move":
		return said{}, c.Move(ctx, id, p)
	case "cancel":
		return said{}, c.Cancel(ctx, id)
	case "wish":
		return said{}, c.WishEarlier(ctx, id, Wish{})
	case "accept":
		return said{}, c.Accept(ctx, id)
	default:
		return said{}, c.DeclineOffer(ctx, id)
	}
}

// learns notes what helps to choose well.
func (g *game) learns(x told, y said) {
	g.mu.Lock()
	defer g.mu.Unlock()
	slot := x.Who*keysEach + x.Key
	if y.Say != "" {
		return
	}
	switch x.Act {
	case "hold":
		g.picked[x.Who] = x.Pick
	case "drop":
		g.picked[x.Who] = -1
	case "book":
		g.picked[x.Who], g.used[x.Who] = -1, max(g.used[x.Who], x.Key+1)
		g.booked[slot] = x.Pick
	case "move":
		g.booked[slot] = x.Pick
	case "cancel":
		delete(g.booked, slot)
	case "decline":
		delete(g.offered, slot)
	}
}

// plays lets some goroutines do so many acts between them; each 0 is without end.
func (g *game) plays(hands, each int, seed uint64) error {
	errc := make(chan error, hands)
	for i := range hands {
		go func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			var err error
			for n := 0; err == nil && (each == 0 || n < each); n++ {
				err = g.acts(g.chooses(r))
			}
			errc <- err
		}()
	}
	for range hands {
		if err := <-errc; err != nil {
			return err
		}
	}
	return nil
}

// playProcess is a process that plays until it is killed.
func playProcess(ctx context.Context, cfg Config, minutes int, everyone []fhir.ClientID, seed uint64, say func(string)) error {
	cfg.Clock = clock.At(start.Add(time.Duration(minutes) * minute))
	v, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	g, err := newGame(v, everyone, say)
	if err != nil {
		return err
	}
	g.knows(g.readBoard(panics{}))
	return g.plays(hands, 0, seed)
}

// panics is a test where there is none.
type panics struct{ testing.TB }

func (panics) Helper()                  {}
func (panics) Fatal(args ...any)        { panic(fmt.Sprint(args...)) }
func (panics) Context() context.Context { return context.Background() }
