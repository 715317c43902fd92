package idp

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"rapport/errs"
	"rapport/outbound"
)

// How long what a provider says of itself is believed. Its keys are fetched
// anew as often, so that a key it withdrew is not trusted for longer.
const (
	foundFor = time.Hour
	staleFor = 24 * time.Hour // while it cannot be asked
	askAgain = time.Minute    // when it could not be asked
)

// found is what a provider says of itself (OpenID Connect Discovery 1.0,
// section 3), as far as we need it.
type found struct {
	auth, token string
	keys        oidc.KeySet
	namesItself bool // its answers carry iss (RFC 9207)
	offline     bool // it knows the scope offline_access
	post, basic bool // how it takes our secret
	at          time.Time
}

// style returns how our secret is sent; never found out by trying, which would
// send a code twice.
func (f *found) style(secret string) oauth2.AuthStyle {
	if secret == "" || f.post && !f.basic {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// flight is one look-up that many may wait for.
type flight struct {
	done chan struct{}
	f    *found
	err  error
}

// discover returns what the provider says of itself, from memory if it can. Of
// many who ask at once, one goes out. It waits no longer than ctx or outbound.MaxWait.
func (d *Door) discover(ctx context.Context) (*found, error) {
	d.mu.Lock()
	if d.found != nil && d.cfg.Clock.Now().Before(d.next) {
		defer d.mu.Unlock()
		return d.found, nil
	}
	fl := d.flight
	if fl == nil {
		fl = &flight{done: make(chan struct{})}
		d.flight = fl
		go d.fly(context.WithoutCancel(ctx), fl) // it is others' look-up too
	}
	d.mu.Unlock()
	select {
	case <-fl.done:
		return fl.f, fl.err
	case <-ctx.Done():
		return nil, trouble("look up the identity provider", ctx.Err())
	}
}

// fly looks up and tells everybody who waits.
func (d *Door) fly(ctx context.Context, fl *flight) {
	f, err := d.lookUp(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.cfg.Clock.Now()
	switch {
	case err == nil:
		d.found, d.next = f, now.Add(foundFor)
	case errs.Is(err, errs.Unavailable) && d.found != nil && now.Sub(d.found.at) < staleFor:
		f, err = d.found, nil
		d.next = now.Add(askAgain)
	}
	fl.f, fl.err = f, err
	d.flight = nil
	close(fl.done)
}

// lookUp fetches and checks the discovery document. Unavailable if there is
// none to be had, Refused if there is one that cannot be believed.
func (d *Door) lookUp(ctx context.Context) (*found, error) {
	const doing = "look up the identity provider"
	b, err := d.get(ctx, strings.TrimSuffix(d.cfg.Issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, trouble(doing, err)
	}
	var doc struct {
		Issuer  string   `json:"issuer"`
		Auth    string   `json:"authorization_endpoint"`
		Token   string   `json:"token_endpoint"`
		Keys    string   `json:"jwks_uri"`
		Iss     bool     `json:"authorization_response_iss_parameter_supported"`
		Scopes  []string `json:"scopes_supported"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, trouble(doing, errNoDocument)
	}
	if doc.Issuer != d.cfg.Issuer {
		return nil, refused("the discovery document is of another issuer")
	}
	if _, err := outbound.Parse(doc.Auth); err != nil {
		return nil, refused("the authorization endpoint is not an https address")
	}
	token, err := outbound.Parse(doc.Token)
	if err != nil {
		return nil, refused("the token endpoint is not an https address")
	}
	keys, err := outbound.Parse(doc.Keys)
	if err != nil {
		return nil, refused("the address of the keys is not an https address")
	}
	d.guard.List(outbound.HostPort(token), outbound.HostPort(keys))
	return &found{
		auth: doc.Auth, token: doc.Token,
		keys:        oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), d.client), doc.Keys),
		namesItself: doc.Iss,
		offline:     slices.Contains(doc.Scopes, "offline_access"),
		post:        slices.Contains(doc.Methods, "client_secret_post"),
		basic:       slices.Contains(doc.Methods, "client_secret_basic"),
		at:          d.cfg.Clock.Now(),
	}, nil
}

// errNoDocument is an answer that is not what was asked for.
const errNoDocument outbound.Refusal = "it does not answer with a discovery document"

// get fetches a document; the client bounds how long and how much.
func (d *Door) get(ctx context.Context, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, outbound.NotAnAddress
	}
	r.Header.Set("Accept", "application/json")
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errNoDocument
	}
	return io.ReadAll(resp.Body)
}
