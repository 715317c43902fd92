package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"time"

	"rapport/account"
	"rapport/account/idp"
	"rapport/clock"
	"rapport/errs"
	"rapport/web"
)

// signOn says where staff sign in, if the practice has an identity service.
type signOn struct {
	Issuer     string `name:"oidc-issuer" help:"The practice's OpenID Connect identity service, such as https://login.practice.example. Left out, staff use passkeys." env:"RAPPORT_OIDC_ISSUER"`
	Client     string `name:"oidc-client" help:"This program's client id there." env:"RAPPORT_OIDC_CLIENT"`
	SecretFile string `name:"oidc-secret-file" help:"A file that holds its client secret, and that nobody else may read." env:"RAPPORT_OIDC_SECRET_FILE" type:"path"`
	Label      string `name:"oidc-name" help:"What its button says." default:"your workplace" env:"RAPPORT_OIDC_NAME"`
	Private    bool   `name:"oidc-private" help:"It is inside the practice's own network." env:"RAPPORT_OIDC_PRIVATE"`
}

// longestSecret is more than any client secret, in bytes.
const longestSecret = 4 << 10

// door returns the way to the identity service; nil if there is none. It connects
// to nothing.
func (s signOn) door(base *url.URL, now clock.Clock) (*issuer, error) {
	if s.Issuer == "" {
		if s.Client != "" || s.SecretFile != "" {
			return nil, errs.E(errs.Invalid, "--oidc-client or --oidc-secret-file is given, but not --oidc-issuer")
		}
		return nil, nil
	}
	c := idp.Config{Issuer: s.Issuer, ClientID: s.Client, Redirect: base.JoinPath("in", "issuer", "back").String(), Name: s.Label, Clock: now}
	if s.Private {
		c.AllowPrivate = idp.PrivateAllowed
	}
	if s.SecretFile != "" {
		st, err := os.Stat(s.SecretFile)
		if err != nil {
			return nil, errs.E(errs.Invalid, "--oidc-secret-file cannot be read: %w", err)
		}
		if st.Mode().Perm()&0o077 != 0 || st.Size() > longestSecret {
			return nil, errs.E(errs.Invalid, "others can read %s, or it is no secret: run chmod go= %s", s.SecretFile, s.SecretFile)
		}
		b, err := os.ReadFile(s.SecretFile)
		if err != nil {
			return nil, errs.E(errs.Invalid, "--oidc-secret-file cannot be read: %w", err)
		}
		c.Secret = string(bytes.TrimSpace(b))
	}
	d, err := idp.New(c)
	if err != nil {
		return nil, err
	}
	return &issuer{d}, nil
}

// issuer is the identity service as package web and package account want it.
type issuer struct{ d *idp.Door }

var _ web.Issuer = (*issuer)(nil)

// Label implements web.Issuer.
func (i *issuer) Label() string { return i.d.Name() }

// Begin implements web.Issuer. Staff show the service afresh who they are, so
// that what needs a fresh sign-in is open to them for a while.
func (i *issuer) Begin(ctx context.Context) ([]byte, string, error) {
	half, to, err := i.d.Begin(ctx, idp.Recent)
	if err != nil {
		return nil, "", err
	}
	b, err := json.Marshal(half)
	return b, to, err
}

// Finish implements web.Issuer.
func (i *issuer) Finish(ctx context.Context, half []byte, query url.Values) (account.Identity, time.Time, string, error) {
	var h idp.Half
	if err := json.Unmarshal(half, &h); err != nil {
		return account.Identity{}, time.Time{}, "", errs.E(errs.Invalid, "rapport: half of a sign-in does not parse")
	}
	r, err := i.d.Finish(ctx, h, query)
	if err != nil {
		return account.Identity{}, time.Time{}, "", err
	}
	return account.Identity{Issuer: r.Identity.Issuer, Subject: r.Identity.Subject}, r.AuthTime, r.Refresh, nil
}

// Still says whether an account still lives at the identity service.
func (i *issuer) Still(ctx context.Context, id account.Identity, renew string) (next string, gone bool, err error) {
	next, alive, err := i.d.Still(ctx, idp.Identity{Issuer: id.Issuer, Subject: id.Subject}, renew)
	return next, alive == idp.Gone, err
}
