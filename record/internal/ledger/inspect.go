package ledger

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/errs"
	"rapport/record/internal/keyring"
	"rapport/record/internal/store"
)

// Inspect verifies the ledger in a copy of the data, and holds it against the ledger it was
// copied from: the copy's signed root must be the root of as many entries here. A nil
// original is a copy of its own.
func Inspect(ctx context.Context, copied store.Store, ring *keyring.Ring, original store.Store) (Report, error) {
	inst := ring.Instance()
	l := &Ledger{st: copied, ring: ring, instance: inst, origin: Origin(inst)}
	sk, err := ring.Blob(ctx, "signer", func() ([]byte, error) {
		return nil, errs.E(errs.Unavailable, "the keyring has no signing key: it is not the one of this data")
	})
	if err != nil {
		return Report{}, err
	}
	if err := l.keys(string(sk)); err != nil {
		return Report{}, err
	}
	rep, err := l.Verify(ctx)
	if err != nil || original == nil || rep.Signed == 0 {
		return rep, err
	}
	return rep, original.View(ctx, func(r store.Reader) error {
		root, err := tlog.TreeHash(rep.Signed, hashes(ctx, r))
		if err != nil {
			return err
		}
		if root.String() != rep.Root {
			return errs.E(errs.Internal, "the first %d entries of the copy are not those of the ledger here", rep.Signed)
		}
		return nil
	})
}
