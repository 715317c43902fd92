package account

import (
	"context"
	"time"

	"rapport/errs"
)

// half is what waits while a browser is elsewhere.
type half struct {
	Half    []byte
	Session Hash // of the session it was begun from; the zero Hash for none
	Ends    time.Time
}

// awayLife is how long a browser may be at the identity service.
const awayLife = 10 * time.Minute

// Keep keeps half of a sign-in until the browser comes back, and returns the
// token it comes back with. session is the one it was begun from, "" for none.
func (d *Doors) Keep(ctx context.Context, session string, b []byte) (string, error) {
	t, h, err := d.token()
	if err != nil {
		return "", err
	}
	x := half{Half: b, Ends: d.now.Now().Add(awayLife)}
	if session != "" {
		x.Session = HashOf(session)
	}
	return t, d.keep.Change(ctx, func(k Desk) error { return k.Put(ctx, Ceremonies, h[:], x.Ends, &x) })
}

// Take returns what was kept, once, and the session it was begun from;
// errs.NotFound if there is nothing.
func (d *Doors) Take(ctx context.Context, token string) (b []byte, session Hash, err error) {
	err = d.keep.Change(ctx, func(k Desk) error {
		var x half
		h := HashOf(token)
		if err := k.Get(ctx, Ceremonies, h[:], &x); err != nil {
			return err
		}
		if len(x.Half) == 0 || !d.now.Now().Before(x.Ends) {
			return errs.E(errs.NotFound, "account: nothing was kept")
		}
		b, session = x.Half, x.Session
		return k.Drop(ctx, Ceremonies, h[:])
	})
	return b, session, err
}
