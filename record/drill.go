package record

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path/filepath"

	"rapport/errs"
	"rapport/fhir/label"
	"rapport/record/internal/blob"
	"rapport/record/internal/keyring"
	"rapport/record/internal/ledger"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Tried is what was found when a copy was tried out.
type Tried struct {
	Entries  int64 // of the ledger, all as they were written
	Signed   int64 // of those, under its newest checkpoint
	Cards    int   // people in the directory
	Clients  int   // charts that were opened, all that lies in them
	Versions int   // of what lies in those
	Files    int   // attachments of those that were read to the end
}

// sampled is how many charts are opened of a copy.
const sampled = 40

// tryOut opens the data in a folder with a keyring: every page is read, the ledger is
// recomputed and held against its checkpoint and the one it was copied from, every card is
// opened, and all that lies in some charts.
func tryOut(ctx context.Context, dir string, ring *keyring.Ring, original store.Store, rnd io.Reader) (f Tried, err error) {
	st, err := store.OpenSQLite(ctx, filepath.Join(dir, dataFile))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	inst, err := st.Meta(ctx, "instance")
	if err != nil {
		return f, err
	}
	if own := ring.Instance(); string(inst) != string(own[:]) {
		return f, errs.E(errs.Invalid, "it is of another practice than the keyring here")
	}
	if err := st.Check(ctx); err != nil {
		return f, err
	}
	rep, err := ledger.Inspect(ctx, st, ring, original)
	if err != nil {
		return f, err
	}
	f.Entries, f.Signed = rep.Entries, rep.Signed
	v := &Vault{st: st, ring: ring, inst: ring.Instance(), blobs: blob.Peek(dir), doorKey: ring.Own("door names"), doorBox: seal.NewBox(ring.Own("doors")), rand: rnd}
	return f, v.tryOut(ctx, &f)
}

func (v *Vault) tryOut(ctx context.Context, f *Tried) error {
	gone, err := v.ring.Gone(ctx)
	if err != nil {
		return err
	}
	p := &people{box: seal.NewBox(v.ring.Own("directory"))}
	return v.st.View(ctx, func(r store.Reader) error {
		var pids []store.PID
		rows := map[store.PID]store.Client{}
		err := r.Clients(ctx, func(n store.Client, pid store.PID) error {
			if _, erased := gone[keyring.PID(pid)]; !erased {
				pids, rows[pid] = append(pids, pid), n
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := r.Objects(ctx, store.Cards, func(o store.Object) error {
			f.Cards++
			_, err := p.open(v, o)
			return err
		}); err != nil {
			return fmt.Errorf("a card does not open: %w", err)
		}
		for i := range min(sampled, len(pids)) { // the first of a shuffle
			n, err := rand.Int(v.rand, big.NewInt(int64(len(pids)-i)))
			if err != nil {
				return err
			}
			j := i + int(n.Int64())
			pids[i], pids[j] = pids[j], pids[i]
			if err := v.tryChart(ctx, r, pids[i], rows[pids[i]], f); err != nil {
				return fmt.Errorf("a chart does not open: %w", err)
			}
		}
		return nil
	})
}

// tryChart opens all that lies in one chart.
func (v *Vault) tryChart(ctx context.Context, r store.Reader, pid store.PID, row store.Client, f *Tried) error {
	keys, err := v.ring.Client(ctx, keyring.PID(pid))
	if err != nil {
		return err
	}
	c := &Chart{v: v, client: clientID(pid), pid: pid, row: row, keys: keys, parts: AllParts, opens: label.All}
	f.Clients++
	named := map[string]bool{}
	var rows []store.Row
	if err := r.Since(ctx, row, -1, func(x store.Row) error {
		if !x.Gone {
			x.Facet = nil
			rows = append(rows, x)
		}
		return nil
	}); err != nil {
		return err
	}
	for _, x := range rows {
		sealed, err := r.Body(ctx, x.Body)
		if err != nil {
			return err
		}
		json, err := c.open(sealed, x)
		if errors.Is(err, errShut) { // its key was destroyed
			continue
		}
		if err != nil {
			return err
		}
		f.Versions++
		for _, id := range blobsIn(json) {
			named[id] = true
		}
	}
	for s := range named {
		id, _ := blob.ParseID(s)
		x, err := v.attachedTo(ctx, r, id)
		if errs.Is(err, errs.NotFound) || err == nil && x.Client != c.client { // dropped, or another's whose chart was merged
			continue
		}
		if err != nil {
			return err
		}
		b, err := v.blobs.Open(id, keys.Blob, v.blobPlace(pid))
		if errs.Is(err, errs.NotFound) {
			return errs.E(errs.Internal, "an attachment is not in the copy")
		}
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, b)
		if err = errors.Join(err, b.Close()); err != nil {
			return err
		}
		f.Files++
	}
	return nil
}

func (v *Vault) attachedTo(ctx context.Context, r store.Reader, id blob.ID) (attached, error) {
	var x attached
	return x, v.get(ctx, r, store.Blobs, id[:], &x)
}
