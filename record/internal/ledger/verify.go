package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

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
	Seq int64 // -1 for the ledger as a whole
	Why string
}

// Error implements error.
func (w *Wrong) Error() string {
	if w.Seq < 0 {
		return "ledger: " + w.Why
	}
	return fmt.Sprintf("ledger: entry %d: %s", w.Seq, w.Why)
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
}

// Verify recomputes the whole ledger from disk and names the first wrong entry
// in a *Wrong.
func (l *Ledger) Verify(ctx context.Context) (Report, error) {
	var rep Report
	err := l.st.View(ctx, func(r store.Reader) error {
		c := &checker{ctx: ctx, r: r, l: l, pids: map[store.Client]store.PID{}, boxes: map[store.Client]seal.Box{0: l.ring.Practice()}, tails: map[store.Client]tail{},
			h: head{front: map[int64]tlog.Hash{}, fresh: map[store.Client]tail{}}}
		if err := r.Clients(ctx, func(n store.Client, pid store.PID) error { c.pids[n] = pid; return nil }); err != nil {
			return err
		}
		size, err := r.Size(ctx)
		if err != nil {
			return err
		}
		if err := r.Entries(ctx, 0, size, c.entry); err != nil {
			return err
		}
		if c.h.size != size {
			return &Wrong{c.h.size, "is missing"}
		}
		err = c.signed(size)
		rep = c.rep
		return err
	})
	return rep, err
}

func (c *checker) entry(e store.Entry) error {
	if e.Seq != c.h.size {
		return &Wrong{c.h.size, "is missing"}
	}
	leaf, err := hashAt(e.Hashes, 0)
	if err != nil {
		return &Wrong{e.Seq, "its tree hashes are cut short"}
	}
	t := c.tails[e.Client]
	if e.PSeq != t.pseq+1 {
		return &Wrong{e.Seq, fmt.Sprintf("is number %d in its chain, want %d: one was removed, added or moved", e.PSeq, t.pseq+1)}
	}
	if err := c.body(e, leaf, t); err != nil {
		return err
	}
	stored, err := tlog.StoredHashesForRecordHash(e.Seq, leaf, tlog.HashReaderFunc(c.h.read))
	if err != nil {
		return &Wrong{e.Seq, "the tree before it has a hole"}
	}
	for i, s := range stored {
		got, err := hashAt(e.Hashes, i)
		if err != nil || got != s || len(e.Hashes) != len(stored)*tlog.HashSize {
			return &Wrong{e.Seq, "its tree hashes are not those of the entries"}
		}
		c.h.front[tlog.StoredHashIndex(0, e.Seq)+int64(i)] = s
	}
	c.tails[e.Client] = tail{e.PSeq, leaf}
	c.h.size++
	c.h.prune()
	c.rep.Entries++
	return nil
}

// body opens an entry and holds it against its leaf hash, its chain and time.
func (c *checker) body(e store.Entry, leaf tlog.Hash, t tail) error {
	box, ok := c.boxes[e.Client]
	if !ok {
		pid, known := c.pids[e.Client]
		if !known {
			return &Wrong{e.Seq, "belongs to a client that is not there"}
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
		return &Wrong{e.Seq, "does not open: it was altered or moved"}
	}
	want := ""
	if t.pseq > 0 {
		want = hex.EncodeToString(t.leaf[:])
	}
	at, terr := time.Parse(time.RFC3339Nano, ent.Time)
	switch {
	case leafOf(salt, raw) != leaf:
		return &Wrong{e.Seq, "its content does not match its hash"}
	case ent.Prev != want || ent.PSeq != e.PSeq:
		return &Wrong{e.Seq, "does not follow the entry before it in its chain"}
	case terr != nil || at.Before(c.lastTime):
		return &Wrong{e.Seq, "is dated before the entry before it"}
	}
	c.lastTime = at
	return nil
}

// signed holds the tree against the newest checkpoint.
func (c *checker) signed(size int64) error {
	n, raw, err := c.r.Checkpoint(c.ctx)
	if errors.Is(err, store.ErrNotExist) {
		if size > 0 {
			return &Wrong{-1, "there is no signed checkpoint"}
		}
		return nil
	}
	if err != nil {
		return err
	}
	cp, err := OpenCheckpoint(string(raw), c.l.verifier)
	if err != nil || cp.Size != n {
		return &Wrong{-1, "the newest checkpoint is not signed by this practice"}
	}
	if cp.Size > size {
		return &Wrong{size, fmt.Sprintf("is missing: %d entries were signed for, %d are there", cp.Size, size)}
	}
	root, err := tlog.TreeHash(cp.Size, hashes(c.ctx, c.r))
	if err != nil {
		return err
	}
	if root != cp.Root {
		return &Wrong{-1, fmt.Sprintf("the first %d entries are not those that were signed", cp.Size)}
	}
	c.rep.Signed, c.rep.Root = cp.Size, root.String()
	return nil
}
