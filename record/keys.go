package record

import (
	"context"
	"path/filepath"
	"time"

	"rapport/record/internal/keyring"
)

// ErrPassphrase reports that a passphrase does not fit.
var ErrPassphrase = keyring.ErrPassphrase

// Keys is how the keys of a practice stand.
type Keys = keyring.State

// KeysIn says how the keys in a folder stand, and opens none of them.
func KeysIn(ctx context.Context, dir string) (Keys, error) {
	k, err := keyring.Peek(ctx, filepath.Join(dir, ringFile))
	return k, wrap("keys", err)
}

// Keys says how the keys stand.
func (v *Vault) Keys(ctx context.Context) (Keys, error) {
	k, err := v.ring.State(ctx)
	return k, wrap("keys", err)
}

// Keys says how the keys stand: for the privacy officer, who tells whoever was erased until
// when a spare key is somewhere, and for the manager.
func (p *Practice) Keys(ctx context.Context) (Keys, error) {
	if p == nil || p.v == nil || p.why != Guarding && p.why != Running {
		return Keys{}, errRefused
	}
	return p.v.Keys(ctx)
}

// Rotate puts all keys of the practice in c.Dir under a new epoch, and destroys the old
// one's. It is done while the practice is served, and goes on from where a crash left it.
func Rotate(ctx context.Context, c Config) (Keys, error) {
	c.defaults()
	return onRing(ctx, c, func(r *keyring.Ring) error { return r.Rotate(ctx, c.Clock.Now()) })
}

// Remaster puts the keyring in c.Dir under a new master key: a new passphrase, or with ""
// a new key file at keyFile, which replaces the old one if that lay there.
func Remaster(ctx context.Context, c Config, keyFile, passphrase string) (Keys, error) {
	if passphrase == "" {
		if err := outside(keyFile, c.Dir); err != nil {
			return Keys{}, err
		}
	}
	return onRing(ctx, c, func(r *keyring.Ring) error { return r.Remaster(ctx, keyFile, passphrase) })
}

// ForgetCopies says that the copies of the keyring made before a time are gone.
func ForgetCopies(ctx context.Context, c Config, before time.Time) (Keys, error) {
	return onRing(ctx, c, func(r *keyring.Ring) error { return r.Forget(ctx, before) })
}

// onRing does something to the keyring, which others may be using.
func onRing(ctx context.Context, c Config, f func(*keyring.Ring) error) (Keys, error) {
	c.defaults()
	r, err := keyring.Open(ctx, keyring.Config{Path: filepath.Join(c.Dir, ringFile), KeyFile: c.KeyFile, Passphrase: c.Passphrase, Rand: c.Rand, Step: c.step})
	if err != nil {
		return Keys{}, err
	}
	defer r.Close() //nolint:errcheck // what was committed is synced
	if err := r.Settle(); err != nil {
		return Keys{}, wrap("keys", err)
	}
	if err := f(r); err != nil {
		return Keys{}, wrap("keys", err)
	}
	k, err := r.State(ctx)
	return k, wrap("keys", err)
}
