package idp

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"rapport/errs"
	"rapport/outbound"
)

// Alive says whether an account still lives at the provider. The zero Alive is
// not known.
type Alive uint8

// Whether an account lives.
const (
	Unknown Alive = iota // it could not be asked; the caller decides for how long to bear that
	Living
	Gone // disabled, removed, signed out, or not who it was
)

// String returns the answer in one lowercase word.
func (a Alive) String() string {
	switch a {
	case Living:
		return "living"
	case Gone:
		return "gone"
	}
	return "unknown"
}

// Still asks the provider whether an account still lives, by spending its
// refresh token (RFC 6749, section 6; OpenID Connect Core 1.0, section 12). Next
// is the refresh token to keep from now on, also when the answer is Unknown; ""
// when Gone. Err is nil unless the answer is Unknown. One account is asked about
// by one caller at a time: a provider that rotates refresh tokens takes two at
// once for a theft.
func (d *Door) Still(ctx context.Context, who Identity, refresh string) (next string, alive Alive, err error) {
	if who.Issuer != d.cfg.Issuer || who.Subject == "" {
		return "", Gone, nil // nobody this provider could answer for
	}
	if refresh == "" {
		return "", Unknown, errs.E(errs.Invalid, "account/idp: ask after an account: no refresh token")
	}
	f, err := d.discover(ctx)
	if err != nil {
		return refresh, Unknown, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*outbound.MaxWait)
	defer cancel()
	tok, err := d.oauth(f).TokenSource(oidc.ClientContext(ctx, d.client), &oauth2.Token{RefreshToken: refresh}).Token()
	switch {
	case gone(err):
		return "", Gone, nil
	case err != nil:
		return refresh, Unknown, trouble("ask after an account", err)
	}
	raw := tok.Extra("id_token")
	if raw == nil {
		return tok.RefreshToken, Living, nil // section 12.2 leaves it to the provider
	}
	s, _ := raw.(string)
	c, err := d.prove(ctx, f, s, tok.AccessToken)
	switch {
	case errs.Is(err, errs.Unavailable):
		return tok.RefreshToken, Unknown, err
	case err != nil || c.sub != who.Subject: // an answer that is not believed is no sign of life
		return "", Gone, nil
	}
	return tok.RefreshToken, Living, nil
}
