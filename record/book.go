package record

import (
	"context"
	"errors"

	"rapport/proof"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// Chain returns the looks of this chart from one number to another, oldest first, each as
// it was hashed and with its way to a checkpoint. What the checkpoint does not cover is
// left out.
func (c *Chart) Chain(ctx context.Context, cp Checkpoint, from, to int64) ([]proof.Line, error) {
	if c == nil || c.v == nil || c.parts&Looks == 0 {
		return nil, errRefused
	}
	ls, err := c.v.led.Chain(ctx, cp, c.row, c.pid, c.keys.Ledger, from, to)
	return ls, wrap("chain", err)
}

// Still shows that the ledger of a checkpoint still holds what it held when it had from
// lines; errs.NotFound if it has fewer.
func (c *Chart) Still(ctx context.Context, cp Checkpoint, from int64) (proof.Since, error) {
	if c == nil || c.v == nil || c.parts&Looks == 0 {
		return proof.Since{}, errRefused
	}
	s, err := c.v.led.Since(ctx, cp, from)
	return s, wrap("still", err)
}

// Key is the public key that checkpoints are signed with; "" for a chart without looks.
func (c *Chart) Key() string {
	if c == nil || c.v == nil || c.parts&Looks == 0 {
		return ""
	}
	return c.v.led.Key()
}

// Published is what of the ledger is for everybody, where a practice lets others witness
// it: the newest checkpoint, and hashes of salted commitments. It holds no line.
type Published struct{ v *Vault }

// Published returns it.
func (v *Vault) Published() Published { return Published{v} }

// Checkpoint returns the newest signed note; errs.NotFound while there is none.
func (p Published) Checkpoint(ctx context.Context) (string, error) {
	cp, err := p.v.led.Published(ctx)
	if errors.Is(err, store.ErrNotExist) {
		return "", errAbsent
	}
	return cp.Note, wrap("checkpoint", err)
}

// Tile returns one tile of the tree (C2SP tlog-tiles); errs.NotFound for what the newest
// checkpoint does not cover.
func (p Published) Tile(ctx context.Context, level int, n int64, width int) ([]byte, error) {
	b, err := p.v.led.Tile(ctx, level, n, width)
	if errors.Is(err, store.ErrNotExist) {
		return nil, errAbsent
	}
	return b, wrap("tile", err)
}

// Verify recomputes the ledger from disk and holds it against what is known of it from
// elsewhere; the error names the first wrong entry.
func (v *Vault) Verify(ctx context.Context, known ...LedgerKnown) (LedgerReport, error) {
	return v.led.Verify(ctx, known...)
}

// LedgerKey is the public key that checkpoints are signed with.
func (v *Vault) LedgerKey() string { return v.led.Key() }

// LedgerReport is what Verify found, and LedgerKnown what the ledger held once.
type (
	LedgerReport = ledger.Report
	LedgerKnown  = ledger.Known
)
