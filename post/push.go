package post

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/SherClockHolmes/webpush-go"

	"rapport/errs"
)

// pushHolds is for how long a push service keeps what it cannot bring at once, in
// seconds: longer than somebody sleeps, and shorter than the ladder needs.
const pushHolds = 12 * 60 * 60

// Push is a Sender that pushes to browsers: sealed so that only the browser can read it
// (RFC 8291), signed so that the service knows whose it is (RFC 8292). It is safe for
// concurrent use.
type Push struct {
	private, public string
	of              string // who may be asked when something is wrong: our own address
	client          *http.Client
}

// NewPush returns a Push with the practice's key, for a site at base. The client must
// reach nobody in house: a browser's word is a stranger's (see package outbound).
func NewPush(key *ecdh.PrivateKey, base *url.URL, client *http.Client) *Push {
	enc := base64.RawURLEncoding.EncodeToString
	return &Push{private: enc(key.Bytes()), public: enc(key.PublicKey().Bytes()), of: "https://" + base.Host, client: client}
}

// Send implements Sender.
func (p *Push) Send(ctx context.Context, l Letter) error {
	n, err := Short(l)
	if err != nil {
		return err
	}
	s, ok := subscribed(l.To)
	if u, err := url.Parse(s.Endpoint); !ok || err != nil || u.Scheme != "https" {
		return l.wrong("is not for exactly one browser")
	}
	b, err := json.Marshal(n)
	if err != nil {
		return errs.E(errs.Internal, "post: letter %q: %w", l.ID, err)
	}
	resp, err := webpush.SendNotificationWithContext(ctx, b, &webpush.Subscription{Endpoint: s.Endpoint, Keys: webpush.Keys{P256dh: s.Keys.P256dh, Auth: s.Keys.Auth}},
		&webpush.Options{HTTPClient: p.client, Subscriber: p.of, Topic: l.Once, TTL: pushHolds, Urgency: webpush.UrgencyNormal, VAPIDPublicKey: p.public, VAPIDPrivateKey: p.private})
	if err != nil {
		if _, ok := errors.AsType[*url.Error](err); ok {
			return l.unanswered(err)
		}
		return l.never(0, nil) // keys that are none
	}
	defer drained(resp.Body)
	return l.answered(resp)
}
