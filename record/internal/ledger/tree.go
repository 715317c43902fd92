package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/proof"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// append writes one line at the end of the tree and of its client's chain.
func (l *Ledger) append(ctx context.Context, tx store.Tx, line *Line, h *head) error {
	t, err := l.tailOf(ctx, tx, line.Row, h)
	if err != nil {
		return err
	}
	ms := max(l.now.Now().UnixMilli(), h.last) // the ledger's time never goes back
	e := line.Entry
	e.V, e.Instance, e.PSeq = 1, hex.EncodeToString(l.instance[:]), t.pseq+1
	e.Time = time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
	if t.pseq > 0 {
		e.Prev = hex.EncodeToString(t.leaf[:])
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("ledger: entry: %w", err)
	}
	body := make([]byte, saltSize, saltSize+len(raw))
	if _, err := io.ReadFull(l.rand, body); err != nil {
		return fmt.Errorf("ledger: salt: %w", err)
	}
	leaf := proof.Leaf(body, raw)
	stored, err := tlog.StoredHashesForRecordHash(h.size, leaf, tlog.HashReaderFunc(h.read))
	if err != nil {
		return fmt.Errorf("ledger: tree: %w", err)
	}
	flat := make([]byte, 0, len(stored)*tlog.HashSize)
	for i, s := range stored {
		flat = append(flat, s[:]...)
		h.front[tlog.StoredHashIndex(0, h.size)+int64(i)] = s
	}
	sealed := line.Keys.Seal(nil, seal.Pad(nil, append(body, raw...)), place(l.instance, line.PID, h.size, e.PSeq))
	if err := tx.Append(ctx, store.Entry{Seq: h.size, Client: line.Row, PSeq: e.PSeq, Hashes: flat, Body: sealed}); err != nil {
		return err
	}
	line.Seq = h.size
	h.size++
	h.last = ms
	h.prune()
	h.fresh[line.Row] = tail{e.PSeq, leaf}
	return nil
}

// tailOf returns the end of a client's chain.
func (l *Ledger) tailOf(ctx context.Context, r store.Reader, c store.Client, h *head) (tail, error) {
	if t, ok := h.fresh[c]; ok {
		return t, nil
	}
	if t, ok := l.tails[c]; ok {
		return t, nil
	}
	last, err := r.ClientEntries(ctx, c, 1<<62, 1)
	if err != nil || len(last) == 0 {
		return tail{}, err
	}
	leaf, err := hashAt(last[0].Hashes, 0)
	return tail{last[0].PSeq, leaf}, err
}

// frontier lists the stored indexes of the complete subtrees that cover a tree
// of n entries: all that the next entry can need.
func frontier(n int64) []int64 {
	var out []int64
	for level := 0; n>>level > 0; level++ {
		if n>>level&1 == 1 {
			out = append(out, tlog.StoredHashIndex(level, n>>level-1))
		}
	}
	return out
}

// prune keeps only the frontier.
func (h *head) prune() {
	want := frontier(h.size)
	if len(h.front) < 4*len(want)+8 {
		return
	}
	keep := make(map[int64]tlog.Hash, len(want)+8)
	for _, i := range want {
		keep[i] = h.front[i]
	}
	h.front = keep
}

func (h *head) read(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	for i, x := range idx {
		v, ok := h.front[x]
		if !ok {
			return nil, fmt.Errorf("ledger: tree hash %d is not at hand", x)
		}
		out[i] = v
	}
	return out, nil
}

// hashes reads tree hashes from the entries that completed them.
func hashes(ctx context.Context, r store.Reader) tlog.HashReader {
	return tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(idx))
		for i, x := range idx {
			h, err := readHash(ctx, r, x)
			if err != nil {
				return nil, err
			}
			out[i] = h
		}
		return out, nil
	})
}

func readHash(ctx context.Context, r store.Reader, index int64) (tlog.Hash, error) {
	level, n := tlog.SplitStoredHashIndex(index)
	seq := (n+1)<<level - 1 // the entry that completed it
	e, err := r.Entry(ctx, seq)
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("ledger: entry %d: %w", seq, err)
	}
	return hashAt(e.Hashes, level)
}

// open returns a stored entry's salt, raw form and parsed form.
func (l *Ledger) open(ctx context.Context, r store.Reader, e store.Entry) (salt, raw []byte, ent Entry, err error) {
	pid, box, err := l.keysOf(ctx, r, e.Client)
	if err != nil {
		return nil, nil, Entry{}, err
	}
	return openEntry(l.instance, pid, box, e)
}

func openEntry(instance [16]byte, pid store.PID, box seal.Box, e store.Entry) (salt, raw []byte, ent Entry, err error) {
	padded, err := box.Open(nil, e.Body, place(instance, pid, e.Seq, e.PSeq))
	if err != nil {
		return nil, nil, Entry{}, err
	}
	body, err := seal.Unpad(padded)
	if err != nil {
		return nil, nil, Entry{}, err
	}
	if salt, raw, err = split(body); err != nil {
		return nil, nil, Entry{}, err
	}
	ent, err = Parse(raw)
	return salt, raw, ent, err
}

func (l *Ledger) keysOf(ctx context.Context, r store.Reader, c store.Client) (store.PID, seal.Box, error) {
	if c == 0 {
		return store.PID{}, l.ring.Practice(), nil
	}
	pid, err := r.PIDOf(ctx, c)
	if err != nil {
		return pid, seal.Box{}, err
	}
	k, err := l.ring.Client(ctx, pid)
	if err != nil {
		return pid, seal.Box{}, err
	}
	return pid, k.Ledger, nil
}
