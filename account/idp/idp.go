// Package idp lets staff sign in through the practice's own OpenID Connect
// identity provider, and asks that provider whether they still work there. An
// identity is the provider's issuer and subject, nothing else: it refuses to
// read, ask for or match an e-mail address, to believe a token it has not
// checked in full, to repeat what a provider wrote in an error, and to open a
// connection to anywhere but that provider.
package idp

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"rapport/clock"
	"rapport/errs"
	"rapport/outbound"
)

// HalfLife is how long a Half may wait for its other half.
const HalfLife = 10 * time.Minute

// leeway is how far the provider's clock may be from ours.
const leeway = time.Minute

// Config is what an operator says about the practice's identity provider.
type Config struct {
	Issuer   string // exactly as the provider writes it; https, no query
	ClientID string // what the provider knows us as
	Secret   string // "" for a public client, which PKCE alone protects
	Redirect string // our own address people come back to; http only on this machine
	Name     string // what the sign-in button says, in the practice's words
	Clock    clock.Clock
	// AllowPrivate lets the issuer's own host, and only that, lie in a private
	// network or on this machine.
	AllowPrivate Private
	Roots        *x509.CertPool // who vouches for the provider's certificate; nil for the system's
	HTTP         *http.Client   // nil for our own, which checks every address it dials
	Rand         io.Reader      // nil for crypto/rand
}

// Private says whether an address of a private network may be dialled. The zero
// Private says no.
type Private uint8

// PrivateAllowed is an operator's word that the provider is in the practice's
// own network.
const PrivateAllowed Private = 1

// Identity is who somebody is: the pair that OpenID Connect Core 1.0, section
// 5.7, promises is never given to another person. Compare it with ==.
type Identity struct {
	Issuer  string
	Subject string
}

// Fresh says how recently a person must have signed in at the provider. The
// zero Fresh begins nothing.
type Fresh uint8

// How recently.
const (
	_        Fresh = iota
	Whenever       // the provider may go by a session of its own
	Recent         // in the last five minutes (max_age=300)
	Anew           // after Begin was called (prompt=login, max_age=0)
)

// recently is how old a sign-in may be for Recent.
const recently = 5 * time.Minute

// Half is a sign-in that has begun. The caller keeps it, sealed, on the server
// for at most HalfLife, bound to the browser that began, and hands it to Finish
// once. It is written as JSON; it prints and logs as nothing.
type Half struct {
	Issuer   string    `json:"issuer"`
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Fresh    Fresh     `json:"fresh"`
	Made     time.Time `json:"made"`
}

// Result is a finished sign-in. Refresh is a secret to be kept sealed and given
// to Still; it is "" if the provider gives none. AuthTime is when the person
// showed who they are, zero if the provider did not say.
type Result struct {
	Identity Identity
	AuthTime time.Time
	Refresh  string
}

// Door is the way in through one identity provider. It is safe for concurrent
// use.
type Door struct {
	cfg    Config
	rand   io.Reader
	client *http.Client
	guard  *outbound.Guard

	mu     sync.Mutex
	found  *found    // nil until somebody needed it
	next   time.Time // when found is to be looked up again
	flight *flight   // the look-up under way
}

// New returns the Door of a provider; Invalid if the configuration cannot be
// right. It does not touch the network: that waits for the first sign-in.
func New(cfg Config) (*Door, error) {
	issuer, err := outbound.Parse(cfg.Issuer)
	if err != nil {
		return nil, errs.E(errs.Invalid, "account/idp: issuer: %w", err)
	}
	back, err := url.Parse(cfg.Redirect)
	here := err == nil && back.Scheme == "http" && (back.Hostname() == "localhost" || back.Hostname() == "127.0.0.1" || back.Hostname() == "::1")
	switch {
	case issuer.RawQuery != "" || issuer.ForceQuery:
		return nil, errs.E(errs.Invalid, "account/idp: issuer: it has a query")
	case cfg.ClientID == "":
		return nil, errs.E(errs.Invalid, "account/idp: no client id")
	case err != nil || back.Host == "" || back.Fragment != "" || back.Scheme != "https" && !here:
		return nil, errs.E(errs.Invalid, "account/idp: the redirect address is not an https address of ours")
	case cfg.Clock == nil:
		return nil, errs.E(errs.Invalid, "account/idp: no clock")
	}
	d := &Door{cfg: cfg, rand: cfg.Rand}
	if d.rand == nil {
		d.rand = rand.Reader
	}
	d.client, d.guard = outbound.NewClient(outbound.HostPort(issuer), cfg.AllowPrivate == PrivateAllowed, cfg.Roots, cfg.HTTP)
	return d, nil
}

// Name returns what the sign-in button says.
func (d *Door) Name() string { return d.cfg.Name }

// Issuer returns the issuer of every Identity that comes through this Door.
func (d *Door) Issuer() string { return d.cfg.Issuer }

// oauth returns the client of one moment; endpoints may move.
func (d *Door) oauth(f *found) *oauth2.Config {
	scopes := []string{"openid"}
	if f.offline {
		scopes = append(scopes, "offline_access")
	}
	return &oauth2.Config{
		ClientID: d.cfg.ClientID, ClientSecret: d.cfg.Secret, RedirectURL: d.cfg.Redirect, Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: f.auth, TokenURL: f.token, AuthStyle: f.style(d.cfg.Secret)},
	}
}

// What holds a secret says nothing of it, however it is printed or logged.

// Format implements fmt.Formatter and keeps the secret.
func (c Config) Format(w fmt.State, _ rune) { fmt.Fprint(w, "idp.Config "+c.Issuer) }

// LogValue implements slog.LogValuer and keeps the secret.
func (c Config) LogValue() slog.Value { return slog.StringValue("idp.Config " + c.Issuer) }

// Format implements fmt.Formatter and keeps the secrets.
func (h Half) Format(w fmt.State, _ rune) { fmt.Fprint(w, "idp.Half") }

// LogValue implements slog.LogValuer and keeps the secrets.
func (h Half) LogValue() slog.Value { return slog.StringValue("idp.Half") }

// Format implements fmt.Formatter and keeps the refresh token.
func (r Result) Format(w fmt.State, _ rune) { fmt.Fprint(w, "idp.Result "+r.Identity.Subject) }

// LogValue implements slog.LogValuer and keeps the refresh token.
func (r Result) LogValue() slog.Value {
	return slog.StringValue("idp.Result " + r.Identity.Subject)
}

// Format implements fmt.Formatter and keeps the secret.
func (d *Door) Format(w fmt.State, _ rune) { fmt.Fprint(w, "idp.Door "+d.cfg.Issuer) }
