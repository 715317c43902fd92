package ledger

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/errs"
	"rapport/proof"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Key returns the public key that checkpoints are signed with, as in
// golang.org/x/mod/sumdb/note.
func (l *Ledger) Key() string { return l.verifier }

// Since shows that the tree of a checkpoint begins with the tree that had from entries;
// errs.NotFound if it never had that many.
func (l *Ledger) Since(ctx context.Context, cp Checkpoint, from int64) (proof.Since, error) {
	out := proof.Since{From: from}
	if from < 1 || from > cp.Size {
		return out, errs.E(errs.NotFound, "ledger: it has %d entries", cp.Size)
	}
	err := l.st.View(ctx, func(r store.Reader) error {
		hs, err := tlog.ProveTree(cp.Size, from, hashes(ctx, r))
		out.Hashes = hs
		return err
	})
	return out, err
}

// Consistent shows that the tree of now begins with the one that had from entries, as
// Since does, and returns the checkpoint of now.
func (l *Ledger) Consistent(ctx context.Context, from int64) (Checkpoint, proof.Since, error) {
	cp, err := l.Current(ctx)
	if err != nil {
		return Checkpoint{}, proof.Since{}, err
	}
	s, err := l.Since(ctx, cp, from)
	return cp, s, err
}

// Chain returns the lines of a client's chain from one number to another, oldest first,
// each with its way to a checkpoint. What the checkpoint does not cover is left out.
func (l *Ledger) Chain(ctx context.Context, cp Checkpoint, c store.Client, pid store.PID, box seal.Box, from, to int64) ([]proof.Line, error) {
	from = max(from, 1)
	if to < from {
		return nil, nil
	}
	var out []proof.Line
	err := l.st.View(ctx, func(r store.Reader) error {
		es, err := r.ClientEntries(ctx, c, to+1, int(to-from+1))
		if err != nil {
			return err
		}
		tree := remembered(hashes(ctx, r))
		for _, e := range slices.Backward(es) {
			if e.Seq >= cp.Size || e.PSeq < from {
				continue
			}
			salt, raw, _, err := openEntry(l.instance, pid, box, e)
			if err != nil {
				return fmt.Errorf("ledger: entry %d: %w", e.Seq, err)
			}
			hs, err := tlog.ProveRecord(cp.Size, e.Seq, tree)
			if err != nil {
				return err
			}
			out = append(out, proof.Line{Entry: raw, Salt: salt, Index: e.Seq, Hashes: hs})
		}
		return nil
	})
	return out, err
}

// remembered reads each hash once: the ways of neighbours are mostly the same.
func remembered(r tlog.HashReader) tlog.HashReader {
	had := map[int64]tlog.Hash{}
	return tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		var ask []int64
		for _, i := range idx {
			if _, ok := had[i]; !ok {
				ask = append(ask, i)
			}
		}
		got, err := r.ReadHashes(ask)
		if err != nil {
			return nil, err
		}
		for i, h := range got {
			had[ask[i]] = h
		}
		out := make([]tlog.Hash, len(idx))
		for i, x := range idx {
			out[i] = had[x]
		}
		return out, nil
	})
}

// Published returns the newest checkpoint as it is, without signing another: who asks
// from outside causes no write.
func (l *Ledger) Published(ctx context.Context) (Checkpoint, error) {
	var cp Checkpoint
	err := l.st.View(ctx, func(r store.Reader) error {
		_, raw, err := r.Checkpoint(ctx)
		if err != nil {
			return err
		}
		cp, err = proof.Open(string(raw), l.verifier)
		return err
	})
	return cp, err
}

// tileHeight is that of C2SP tlog-tiles: 256 hashes in a tile.
const tileHeight = 8

// Tile returns one tile of the tree, of hashes only; store.ErrNotExist for what the newest
// checkpoint does not cover.
func (l *Ledger) Tile(ctx context.Context, level int, n int64, width int) ([]byte, error) {
	cp, err := l.Published(ctx)
	if err != nil {
		return nil, err
	}
	if level < 0 || level > 7 || n < 0 || n > cp.Size || width < 1 || width > 1<<tileHeight {
		return nil, store.ErrNotExist
	}
	if have := cp.Size >> (tileHeight * level); n<<tileHeight+int64(width) > have { // hashes there are on that level
		return nil, store.ErrNotExist
	}
	var out []byte
	err = l.st.View(ctx, func(r store.Reader) error {
		out, err = tlog.ReadTileData(tlog.Tile{H: tileHeight, L: level, N: n, W: width}, hashes(ctx, r))
		return err
	})
	return out, err
}
