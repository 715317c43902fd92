package ledger

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/proof"
	"rapport/record/internal/keyring"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// errGone is what opening a line of a client whose key was destroyed returns.
var errGone = keyring.ErrNoKey

// Report is what Verify found.
type Report struct {
	Entries  int64 // entries read
	Unopened int64 // of clients whose key was destroyed: only their hash was checked
	Signed   int64 // entries under the newest checkpoint
	Root     string
}

// Wrong is the first entry that is not what it should be.
type Wrong struct {
	Seq    int64
	Until  int64 // where only a stretch can be named, its last entry; Seq is its first
	Signed bool  // it is no entry: it is the checkpoint over Seq of them
	Why    string
}

// Error implements error.
func (w *Wrong) Error() string {
	switch {
	case w.Signed:
		return fmt.Sprintf("ledger: the checkpoint over %d entries %s", w.Seq, w.Why)
	case w.Until > w.Seq:
		return fmt.Sprintf("ledger: entry %d, or one after it up to entry %d: %s", w.Seq, w.Until, w.Why)
	}
	return fmt.Sprintf("ledger: entry %d: %s", w.Seq, w.Why)
}

// Known is what the ledger held once, as somebody kept it elsewhere.
type Known struct {
	Size int64
	Root tlog.Hash
}

// checker walks the ledger from its first entry.
type checker struct {
	ctx      context.Context //nolint:containedctx // lives for one call
	r        store.Reader
	l        *Ledger
	pids     map[store.Client]store.PID
	boxes    map[store.Client]seal.Box
	tails    map[store.Client]tail
	h        head
	lastTime time.Time
	rep      Report
	known    []Known      // not yet come to, smallest first
	signed   []store.Note // read and not yet come to
	read     int64        // the size of the last checkpoint read
}

// Verify recomputes the whole ledger from disk, holds it against every checkpoint and
// against what is known from elsewhere, and names the first wrong entry in a *Wrong.
//
// A ledger that was put back to an earlier state with all that belongs to it is whole:
// only what somebody knows from elsewhere tells.
func (l *Ledger) Verify(ctx context.Context, known ...Known) (Report, error) {
	var rep Report
	err := l.st.View(ctx, func(r store.Reader) error {
		c := &checker{ctx: ctx, r: r, l: l, pids: map[store.Client]store.PID{}, boxes: map[store.Client]seal.Box{0: l.ring.Practice()}, tails: map[store.Client]tail{}, read: math.MinInt64,
			h: head{front: map[int64]tlog.Hash{}, fresh: map[store.Client]tail{}}, known: slices.SortedFunc(slices.Values(known), func(a, b Known) int { return cmp.Compare(a.Size, b.Size) })}
		if err := r.Clients(ctx, func(n store.Client, pid store.PID) error { c.pids[n] = pid; return nil }); err != nil {
			return err
		}
		size, err := r.Size(ctx)
		if err != nil {
			return err
		}
		if err := r.Entries(ctx, math.MinInt64, size, c.entry); err != nil {
			return err
		}
		if c.h.size != size {
			return &Wrong{Seq: c.h.size, Why: "is missing"}
		}
		err = c.end(size)
		rep = c.rep
		return err
	})
	return rep, err
}

func (c *checker) entry(e store.Entry) error {
	if e.Seq < 0 {
		return &Wrong{Seq: e.Seq, Why: "does not belong there"}
	}
	if e.Seq != c.h.size {
		return &Wrong{Seq: c.h.size, Why: "is missing"}
	}
	leaf, err := hashAt(e.Hashes, 0)
	if err != nil {
		return &Wrong{Seq: e.Seq, Why: "its tree hashes are cut short"}
	}
	t := c.tails[e.Client]
	if e.PSeq != t.pseq+1 {
		return &Wrong{Seq: e.Seq, Why: fmt.Sprintf("is number %d in its chain, want %d: one was removed, added or moved", e.PSeq, t.pseq+1)}
	}
	if err := c.body(e, leaf, t); err != nil {
		return err
	}
	stored, err := tlog.StoredHashesForRecordHash(e.Seq, leaf, tlog.HashReaderFunc(c.h.read))
	if err != nil {
		return &Wrong{Seq: e.Seq, Why: "the tree before it has a hole"}
	}
	for i, s := range stored {
		got, err := hashAt(e.Hashes, i)
		if err != nil || got != s || len(e.Hashes) != len(stored)*tlog.HashSize {
			return &Wrong{Seq: e.Seq, Why: "its tree hashes are not those of the entries"}
		}
		c.h.front[tlog.StoredHashIndex(0, e.Seq)+int64(i)] = s
	}
	c.tails[e.Client] = tail{e.PSeq, leaf}
	c.h.size++
	c.h.prune()
	c.rep.Entries++
	return c.agreed()
}

// body opens an entry and holds it against its leaf hash, its chain and time.
func (c *checker) body(e store.Entry, leaf tlog.Hash, t tail) error {
	box, ok := c.boxes[e.Client]
	if !ok {
		pid, known := c.pids[e.Client]
		if !known {
			return &Wrong{Seq: e.Seq, Why: "belongs to a client that is not there"}
		}
		k, err := c.l.ring.Client(c.ctx, pid)
		if errors.Is(err, errGone) {
			c.rep.Unopened++
			return nil
		}
		if err != nil {
			return err
		}
		box = k.Ledger
		c.boxes[e.Client] = box
	}
	salt, raw, ent, err := openEntry(c.l.instance, c.pids[e.Client], box, e)
	if err != nil {
		return &Wrong{Seq: e.Seq, Why: "does not open: it was altered or moved"}
	}
	want := ""
	if t.pseq > 0 {
		want = hex.EncodeToString(t.leaf[:])
	}
	at, terr := time.Parse(time.RFC3339Nano, ent.Time)
	switch {
	case proof.Leaf(salt, raw) != leaf:
		return &Wrong{Seq: e.Seq, Why: "its content does not match its hash"}
	case ent.Prev != want || ent.PSeq != e.PSeq:
		return &Wrong{Seq: e.Seq, Why: "does not follow the entry before it in its chain"}
	case terr != nil || at.Before(c.lastTime):
		return &Wrong{Seq: e.Seq, Why: "is dated before the entry before it"}
	}
	c.lastTime = at
	return nil
}

// notes is how many checkpoints are read at a time.
const notes = 500

// next returns the next checkpoint that the walk comes to.
func (c *checker) next() (store.Note, bool, error) {
	if len(c.signed) == 0 {
		var err error
		if c.signed, err = c.r.Checkpoints(c.ctx, c.read, notes); err != nil || len(c.signed) == 0 {
			return store.Note{}, false, err
		}
		c.read = c.signed[len(c.signed)-1].Size
	}
	return c.signed[0], true, nil
}

// agreed holds the tree so far against the checkpoint over just that many entries, and
// against what is known from elsewhere.
func (c *checker) agreed() error {
	n, ok, err := c.next()
	if err != nil {
		return err
	}
	signed := ok && n.Size <= c.h.size
	if !signed && (len(c.known) == 0 || c.known[0].Size > c.h.size) {
		return nil
	}
	root, err := tlog.TreeHash(c.h.size, tlog.HashReaderFunc(c.h.read))
	if err != nil {
		return err
	}
	if signed {
		c.signed = c.signed[1:]
		cp, err := c.note(n)
		if err != nil {
			return err
		}
		if cp.Root != root {
			return &Wrong{Seq: c.rep.Signed, Until: cp.Size - 1, Why: fmt.Sprintf("the first %d entries are not those that were signed", cp.Size)}
		}
		c.rep.Signed, c.rep.Root = cp.Size, root.String()
	}
	for ; len(c.known) > 0 && c.known[0].Size <= c.h.size; c.known = c.known[1:] {
		if k := c.known[0]; k.Size != c.h.size || k.Root != root {
			return &Wrong{Seq: 0, Until: k.Size - 1, Why: fmt.Sprintf("the first %d entries are not those that were there once, by what was kept elsewhere", k.Size)}
		}
	}
	return nil
}

// note opens a checkpoint.
func (c *checker) note(n store.Note) (Checkpoint, error) {
	cp, err := proof.Open(string(n.Text), c.l.verifier)
	if err != nil || cp.Size != n.Size {
		return cp, &Wrong{Seq: n.Size, Signed: true, Why: "is not signed by this practice"}
	}
	return cp, nil
}

// end holds what was walked through against what should be there.
func (c *checker) end(size int64) error {
	n, ok, err := c.next()
	if err != nil {
		return err
	}
	if ok {
		cp, err := c.note(n)
		if err != nil {
			return err
		}
		return &Wrong{Seq: size, Why: fmt.Sprintf("is missing: %d entries were signed for, %d are there", cp.Size, size)}
	}
	if size > 0 && c.rep.Signed == 0 {
		return &Wrong{Seq: 0, Until: size - 1, Why: "there is no signed checkpoint over them"}
	}
	if len(c.known) > 0 {
		return &Wrong{Seq: size, Why: fmt.Sprintf("is missing: there were %d entries once, by what was kept elsewhere, and %d are there", c.known[0].Size, size)}
	}
	return nil
}
