package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"rapport/hours"
	"rapport/record/internal/store"
)

// What is played in linear_test.go: 200 people, twenty seats, and one scanner that two
// of those who see people share. A seat is twenty minutes; a scan takes two and the
// scanner, so that times overlap which begin apart.
const (
	players  = 200
	keysEach = 4  // how many visits one has at most, called off ones too
	unitsOf  = 10 // seats of one
	cellsAll = 3 * unitsOf
	picksAll = 2*unitsOf + 2*(unitsOf-1)
	holdMins = 5
)

// cell is who has a seat: a hold, a visit or an offer, of whom, and when it ends in
// minutes since the start. The zero cell is free.
type cell uint32

const (
	_ = iota
	aHold
	aVisit
	anOffer
)

func cellOf(kind, who, ends int) cell { return cell(kind<<28 | who<<16 | ends) }

func (c cell) kind() int { return int(c >> 28) }
func (c cell) who() int  { return int(c>>16) & 0xfff }
func (c cell) ends() int { return int(c & 0xffff) }

// board is all that is to know of the calendar: who has what, and which visits ever
// were. It is compared with ==.
type board struct {
	cells [cellsAll]cell
	made  [(players*keysEach + 63) / 64]uint64
}

func (b *board) was(slot int) bool { return b.made[slot/64]>>(slot%64)&1 == 1 }

// mask is which seats somebody or something has.
func (b *board) mask(kind, who int) (m uint32) {
	for i, c := range b.cells {
		if c.kind() == kind && c.who() == who {
			m |= 1 << i
		}
	}
	return m
}

// without frees seats.
func (b board) without(kind, who int) board {
	for i, c := range b.cells {
		if c.kind() == kind && c.who() == who {
			b.cells[i] = 0
		}
	}
	return b
}

// with takes seats, if nobody has one of them.
func (b board) with(m uint32, c cell) (board, bool) {
	for i := range b.cells {
		if m>>i&1 == 0 {
			continue
		}
		if b.cells[i] != 0 {
			return b, false
		}
		b.cells[i] = c
	}
	return b, true
}

// ends is when what has some seats ends.
func (b *board) ends(kind, who int) int {
	for _, c := range b.cells {
		if c.kind() == kind && c.who() == who {
			return c.ends()
		}
	}
	return 0
}

// lapsed is the board some minutes after the start.
func (b board) lapsed(now int) board {
	for i, c := range b.cells {
		if c.kind() != aVisit && c.ends() <= now {
			b.cells[i] = 0
		}
	}
	return b
}

// pickNo is the nth thing one can choose, and its seats: twenty short visits, then the
// scans.
func pickNo(n int) (p Pick, m uint32) {
	who, unit := n/unitsOf, n%unitsOf
	p, m = Pick{Service: "bp", Mode: hours.InPerson}, 1<<n
	if n >= 2*unitsOf {
		n -= 2 * unitsOf
		who, unit = n/(unitsOf-1), n%(unitsOf-1)
		p.Service = "scan"
		m = 3<<(who*unitsOf+unit) | 3<<(2*unitsOf+unit)
	}
	p.Who = []string{"clinician", "nurse"}[who]
	p.From = at(9, 0).Add(time.Duration(unit) * 20 * minute)
	return p, m
}

// asService is a pick's twin of the other service at the same time, where there is one.
func asService(n int, scan bool) int {
	if (n >= 2*unitsOf) == scan {
		return n
	}
	if scan {
		return 2*unitsOf + n/unitsOf*(unitsOf-1) + min(n%unitsOf, unitsOf-2)
	}
	n -= 2 * unitsOf
	return n/(unitsOf-1)*unitsOf + n%(unitsOf-1)
}

// told is what was asked of the calendar; said is what it answered.
type told struct {
	Act  string
	Who  int // player
	Key  int // of their visits
	Pick int
	Mask uint32 `json:",omitempty"` // of an offer that is accepted: its seats
	Now  int    // minutes since the start
}

type said struct {
	Say   string // "" for yes
	Ends  int    `json:",omitempty"`
	board *board // of a look at everything
	lost  bool   // nobody heard the answer
}

// state is a board, and whether everything was looked at since: what nobody heard the end
// of happened before that or not at all.
type state struct {
	board
	seen bool
}

// next is the state after an act with that answer, if there can be one.
func (s state) next(x told, y said) (bool, state) {
	switch {
	case x.Act == "all":
		return s.board == *y.board, state{s.board, true}
	case s.seen: // lost, and it never happened
		return y.lost, s
	case x.Act == "accept" || x.Act == "decline":
		ok, b := s.offered(x, y)
		return ok, state{board: b}
	}
	b, want := s.yes(x)
	return y.lost || want.Say == y.Say && (y.Say != "" || want.Ends == y.Ends), state{board: b}
}

// yes is the one right answer to an act, and the board after it.
func (b board) yes(x told) (board, said) {
	slot := x.Who*keysEach + x.Key
	_, m := pickNo(x.Pick)
	visit, mine := b.mask(aVisit, slot), b.mask(aHold, x.Who)
	gone, none, notHeld := said{Say: "visits.gone"}, said{Say: "none"}, said{Say: "visits.not_held"}
	switch x.Act {
	case "hold":
		if mine == m {
			return b, said{Ends: b.ends(aHold, x.Who)}
		}
		if y, ok := b.without(aHold, x.Who).with(m, cellOf(aHold, x.Who, x.Now+holdMins)); ok {
			return y, said{Ends: x.Now + holdMins}
		}
		return b, gone
	case "keep":
		if mine == 0 {
			return b, notHeld
		}
		ends := max(x.Now+holdMins, b.ends(aHold, x.Who))
		y, _ := b.without(aHold, x.Who).with(mine, cellOf(aHold, x.Who, ends))
		return y, said{Ends: ends}
	case "drop":
		return b.without(aHold, x.Who), said{}
	case "book":
		switch {
		case visit == m:
			return b, said{} // again
		case b.was(slot):
			return b, notHeld
		}
		y, ok := b.without(aHold, x.Who).with(m, cellOf(aVisit, slot, 0))
		if !ok {
			return b, gone
		}
		y.made[slot/64] |= 1 << (slot % 64)
		return y, said{}
	case "move":
		switch {
		case visit == 0:
			return b, none
		case visit == m:
			return b, said{}
		}
		if y, ok := b.without(aHold, x.Who).without(aVisit, slot).with(m, cellOf(aVisit, slot, 0)); ok {
			return y, said{}
		}
		return b, gone
	case "cancel":
		if !b.was(slot) {
			return b, none
		}
		return b.without(aVisit, slot), said{}
	case "wish":
		if visit == 0 {
			return b, none
		}
		return b, said{}
	}
	return b, said{Say: "no such act"}
}

// offered is next for acts whose answer depends on a wish, which is not on the board.
func (b board) offered(x told, y said) (bool, board) {
	slot := x.Who*keysEach + x.Key
	visit, offer := b.mask(aVisit, slot), b.mask(anOffer, slot)
	yes := y.lost || y.Say == ""
	if x.Act == "decline" {
		if yes {
			return true, b.without(anOffer, slot)
		}
		return true, b
	}
	if yes && visit != 0 {
		if visit == x.Mask {
			return true, b
		}
		if z, ok := b.without(aVisit, slot).without(anOffer, slot).with(x.Mask, cellOf(aVisit, slot, 0)); ok && offer == x.Mask {
			return true, z
		}
	}
	return y.lost || y.Say == "visits.gone" && offer == 0 || y.Say != "" && visit == 0, b
}

// model is what porcupine is told; from is the board as a part of the history begins.
func model(from board) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return state{board: from} },
		Step: func(s, in, out any) (bool, any) {
			ok, z := s.(state).next(in.(told), out.(said)) //nolint:errcheck // nothing else is put in
			return ok, z
		},
		Hash: func(s any) uint64 {
			var n uint64 = 14695981039346656037
			for _, c := range s.(state).cells { //nolint:errcheck // as above
				n = (n ^ uint64(c)) * 1099511628211
			}
			return n
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
	}
}

// readBoard reads the board off the disk, and holds it against the charts: every visit
// that takes a time is booked there, and every one that is booked takes its time.
func (g *game) readBoard(t testing.TB) board {
	t.Helper()
	var b board
	holders := maps.Clone(g.holders)
	ctx := context.Background()
	now := g.v.now.Now()
	do(t, g.v.st.View(ctx, func(r store.Reader) error {
		if err := r.TakenBetween(ctx, 0, 1<<60, func(x store.Taken) error {
			y, err := g.v.opened(x)
			if err != nil || x.Ends > 0 && x.Ends <= now.UnixMilli() {
				return err
			}
			var c cell
			switch who, ok := holders[x.Holder]; {
			case x.Kind == store.Visit:
				slot, ok := g.slots[y.Visit]
				if !ok {
					return fmt.Errorf("a visit of nobody: %+v", y.Seat)
				}
				c = cellOf(aVisit, slot, 0)
			case !ok:
				return fmt.Errorf("a hold of nobody: %+v", y.Seat)
			default:
				c = who | cell(time.UnixMilli(x.Ends).Sub(start)/minute)
			}
			z, ok := b.with(seatsOf(y), c)
			if !ok {
				return fmt.Errorf("DOUBLE: %+v over %v", y.Seat, b.cells)
			}
			b = z
			return nil
		}); err != nil {
			return err
		}
		for slot := range players * keysEach {
			c := g.charts[slot/keysEach]
			a, _, err := c.visit(ctx, r, c.visitID(fmt.Sprint("k", slot%keysEach), 0))
			if errors.Is(err, errNoVisit) {
				continue
			}
			if err != nil {
				return err
			}
			b.made[slot/64] |= 1 << (slot % 64)
			m := b.mask(aVisit, slot)
			s := g.v.seatOf(a)
			if (s != nil) != (m != 0) || s != nil && seatsOf(&taking{Seat: *s}) != m {
				return fmt.Errorf("LOST: visit %d is %s at %v in the chart, and takes %b", slot, a.Status, a.Start.At, m)
			}
		}
		return nil
	}))
	return b
}

// seatsOf is which seats a time takes.
func seatsOf(x *taking) (m uint32) {
	u := int(x.Seat.From.Sub(at(9, 0)) / (20 * minute))
	w := map[string]int{"clinician": 0, "nurse": 1}[x.Who]
	if x.Service == "scan" {
		return 3<<(w*unitsOf+u) | 3<<(2*unitsOf+u)
	}
	return 1 << (w*unitsOf + u)
}
