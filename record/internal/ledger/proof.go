package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rapport/proof"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Checkpoint is a signed statement of how long the ledger is and what it holds.
type Checkpoint = proof.Checkpoint

// checkpoint signs the tree as it is on disk, after reading back and hashing
// again every entry since the last one. Only the loop calls it.
func (l *Ledger) checkpoint(ctx context.Context) error {
	if l.size == l.signedSize {
		return nil
	}
	size := l.size
	var root tlog.Hash
	err := l.st.View(ctx, func(r store.Reader) error {
		err := r.Entries(ctx, l.signedSize, size, func(e store.Entry) error { return l.reread(ctx, r, e) })
		if err != nil {
			return err
		}
		root, err = tlog.TreeHash(size, hashes(ctx, r))
		return err
	})
	if err != nil {
		return fmt.Errorf("ledger: checkpoint: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: proof.Text(l.origin, size, root)}, l.signer)
	if err != nil {
		return fmt.Errorf("ledger: sign: %w", err)
	}
	tx, err := l.st.Begin(ctx)
	if err != nil {
		return err
	}
	if err := tx.Sign(ctx, size, signed); err != nil {
		tx.Rollback() //nolint:errcheck // nothing was kept either way
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("ledger: checkpoint: %w", err)
	}
	l.signedSize, l.signedAt = size, l.now.Now()
	return nil
}

// reread opens one entry from disk and holds its hash against the tree.
func (l *Ledger) reread(ctx context.Context, r store.Reader, e store.Entry) error {
	salt, raw, _, err := l.open(ctx, r, e)
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.Seq, err)
	}
	if got, err := hashAt(e.Hashes, 0); err != nil || got != proof.Leaf(salt, raw) {
		return fmt.Errorf("entry %d is not what was written", e.Seq)
	}
	return nil
}

// Proof is what shows one entry to be in the ledger, for somebody who trusts
// nothing but arithmetic and a checkpoint.
type Proof struct {
	Entry      []byte      `json:"entry"` // exactly the bytes that were hashed
	Salt       []byte      `json:"salt"`
	Index      int64       `json:"index"`
	Hashes     []tlog.Hash `json:"hashes"` // RFC 6962 inclusion proof, leaf to root
	Checkpoint Checkpoint  `json:"checkpoint"`
	Verifier   string      `json:"verifier"` // the public key, as in golang.org/x/mod/sumdb/note
}

// Current returns a checkpoint that covers everything committed before the call.
func (l *Ledger) Current(ctx context.Context) (Checkpoint, error) {
	// an act without lines runs in the loop, where the head may be read
	err := l.Commit(ctx, &Act{sign: true})
	if err != nil {
		return Checkpoint{}, err
	}
	var cp Checkpoint
	err = l.st.View(ctx, func(r store.Reader) error {
		_, raw, err := r.Checkpoint(ctx)
		if err != nil {
			return err
		}
		cp, err = proof.Open(string(raw), l.verifier)
		return err
	})
	return cp, err
}

// Prove returns the proof for one line of a client's chain; store.ErrNotExist if
// that line is not this client's.
func (l *Ledger) Prove(ctx context.Context, c store.Client, pid store.PID, box seal.Box, seq int64) (Proof, error) {
	cp, err := l.Current(ctx)
	if err != nil {
		return Proof{}, err
	}
	return l.ProveAt(ctx, cp, c, pid, box, seq)
}

// ProveAt is Prove against a checkpoint that covers the line; store.ErrNotExist if it does
// not.
func (l *Ledger) ProveAt(ctx context.Context, cp Checkpoint, c store.Client, pid store.PID, box seal.Box, seq int64) (Proof, error) {
	if seq < 0 || seq >= cp.Size {
		return Proof{}, store.ErrNotExist
	}
	p := Proof{Index: seq, Checkpoint: cp, Verifier: l.verifier}
	err := l.st.View(ctx, func(r store.Reader) error {
		e, err := r.Entry(ctx, seq)
		if err != nil {
			return err
		}
		if e.Client != c {
			return store.ErrNotExist
		}
		if p.Salt, p.Entry, _, err = openEntry(l.instance, pid, box, e); err != nil {
			return err
		}
		p.Hashes, err = tlog.ProveRecord(cp.Size, seq, hashes(ctx, r))
		return err
	})
	return p, err
}

// Check verifies a proof the way a stranger would.
func (p Proof) Check() error {
	cp, err := proof.Open(p.Checkpoint.Note, p.Verifier)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(p.Hashes, cp.Size, cp.Root, p.Index, proof.Leaf(p.Salt, p.Entry))
}

// Read is one line of a client's chain, opened.
type Read struct {
	Seq int64
	Entry
}

// Lines returns a client's newest lines below a place in the chain, newest
// first.
func (l *Ledger) Lines(ctx context.Context, c store.Client, pid store.PID, box seal.Box, below int64, limit int) ([]Read, error) {
	var out []Read
	err := l.st.View(ctx, func(r store.Reader) error {
		es, err := r.ClientEntries(ctx, c, below, limit)
		if err != nil {
			return err
		}
		for _, e := range es {
			_, _, ent, err := openEntry(l.instance, pid, box, e)
			if err != nil {
				return fmt.Errorf("ledger: entry %d: %w", e.Seq, err)
			}
			out = append(out, Read{e.Seq, ent})
		}
		return nil
	})
	return out, err
}

// Close finishes what was handed in, signs, and stops.
func (l *Ledger) Close() {
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	<-l.ended
}

// Newest returns the time of the newest entry; the zero Time if there is none.
func (l *Ledger) Newest(ctx context.Context) (time.Time, error) {
	var t time.Time
	err := l.st.View(ctx, func(r store.Reader) error {
		size, err := r.Size(ctx)
		if err != nil || size == 0 {
			return err
		}
		ms, err := l.lastTime(ctx, r, size-1)
		t = time.UnixMilli(ms).UTC()
		return err
	})
	return t, err
}
