package idp

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"rapport/errs"
	"rapport/outbound"
)

// draw returns 256 random bits, as a PKCE verifier is written (RFC 7636,
// section 4.1).
func (d *Door) draw() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(d.rand, b[:]); err != nil {
		return "", errs.E(errs.Internal, "account/idp: draw: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// Begin returns the first half of a sign-in and the provider's address to send
// the browser to. Invalid for the zero Fresh; Unavailable or Refused if the
// provider cannot be looked up or believed.
func (d *Door) Begin(ctx context.Context, fresh Fresh) (Half, string, error) {
	h := Half{Issuer: d.cfg.Issuer, Fresh: fresh, Made: d.cfg.Clock.Now()}
	var opts []oauth2.AuthCodeOption
	switch fresh {
	case Whenever:
	case Recent:
		opts = append(opts, oauth2.SetAuthURLParam("max_age", "300"))
	case Anew:
		opts = append(opts, oauth2.SetAuthURLParam("max_age", "0"), oauth2.SetAuthURLParam("prompt", "login"))
	default:
		return Half{}, "", errs.E(errs.Invalid, "account/idp: how fresh was not said")
	}
	for _, s := range []*string{&h.State, &h.Nonce, &h.Verifier} {
		var err error
		if *s, err = d.draw(); err != nil {
			return Half{}, "", err
		}
	}
	f, err := d.discover(ctx)
	if err != nil {
		return Half{}, "", err
	}
	opts = append(opts, oidc.Nonce(h.Nonce), oauth2.S256ChallengeOption(h.Verifier))
	return h, d.oauth(f).AuthCodeURL(h.State, opts...), nil
}

// Finish takes the half that Begin made and what the browser brought back, and
// returns who signed in. Refused if anything is not as it must be; Unavailable
// if the provider could not be asked; Internal if it does not know us.
func (d *Door) Finish(ctx context.Context, h Half, query url.Values) (Result, error) {
	if err := d.ours(h, query); err != nil {
		return Result{}, err
	}
	f, err := d.discover(ctx)
	if err != nil {
		return Result{}, err
	}
	code, err := d.code(f, query)
	if err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*outbound.MaxWait) // the token, and perhaps the keys
	defer cancel()
	tok, err := d.oauth(f).Exchange(oidc.ClientContext(ctx, d.client), code, oauth2.VerifierOption(h.Verifier))
	if err != nil {
		return Result{}, trouble("exchange the code", err)
	}
	raw, ok := tok.Extra("id_token").(string)
	if !ok || raw == "" {
		return Result{}, refused("there is no identity token")
	}
	c, err := d.prove(ctx, f, raw, tok.AccessToken)
	if err != nil {
		return Result{}, err
	}
	if !same(c.nonce, h.Nonce) {
		return Result{}, refused("the identity token is of another sign-in (nonce)")
	}
	if err := d.young(c.authTime, h); err != nil {
		return Result{}, err
	}
	return Result{Identity: Identity{Issuer: c.iss, Subject: c.sub}, AuthTime: c.authTime, Refresh: tok.RefreshToken}, nil
}

// same compares secrets; an empty one is the same as nothing.
func same(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// one returns the value of a parameter that may be given at most once.
func one(q url.Values, name string) (v string, given bool, err error) {
	switch vs := q[name]; len(vs) {
	case 0:
		return "", false, nil
	case 1:
		return vs[0], true, nil
	}
	return "", true, refused("a parameter came twice")
}

// ours checks that the answer belongs to a half that this Door made lately.
func (d *Door) ours(h Half, q url.Values) error {
	age := d.cfg.Clock.Now().Sub(h.Made)
	if h.Issuer != d.cfg.Issuer || h.Nonce == "" || h.Verifier == "" || age < -leeway || age > HalfLife {
		return refused("the sign-in did not begin here, or too long ago")
	}
	state, _, err := one(q, "state")
	if err != nil {
		return err
	}
	if !same(state, h.State) {
		return refused("the answer is to another sign-in (state)")
	}
	return nil
}

// code returns the code of an answer that is the provider's own (RFC 9207).
func (d *Door) code(f *found, q url.Values) (string, error) {
	iss, given, err := one(q, "iss")
	if err != nil {
		return "", err
	}
	if given && iss != d.cfg.Issuer || !given && f.namesItself {
		return "", refused("the answer is another issuer's (iss)")
	}
	if why, given, err := one(q, "error"); err != nil {
		return "", err
	} else if given {
		return "", answered(why)
	}
	code, _, err := one(q, "code")
	if err == nil && code == "" {
		err = refused("there is no code")
	}
	return code, err
}

// answered turns an error of the authorization endpoint (RFC 6749, section
// 4.1.2.1; OpenID Connect Core, section 3.1.2.6) into ours. Only codes we know
// are repeated.
func answered(code string) error {
	switch code {
	case "temporarily_unavailable", "server_error":
		return errs.E(errs.Unavailable, "account/idp: the identity provider answers %s", code)
	case "unauthorized_client", "unsupported_response_type", "invalid_scope", "invalid_request":
		return errs.E(errs.Internal, "account/idp: the identity provider answers %s", code)
	case "access_denied", "login_required", "interaction_required", "account_selection_required", "consent_required":
		return refused("the identity provider answers " + code)
	}
	return refused("the identity provider answers with an error")
}

// young checks auth_time against how fresh was asked.
func (d *Door) young(at time.Time, h Half) error {
	var oldest time.Time
	switch h.Fresh {
	case Whenever:
		return nil
	case Recent:
		oldest = d.cfg.Clock.Now().Add(-recently - leeway)
	case Anew:
		oldest = h.Made.Add(-leeway)
	default:
		return refused("how fresh was not said")
	}
	switch {
	case at.IsZero():
		return refused("the identity token does not say when the person signed in (auth_time)")
	case at.Before(oldest):
		return refused("the person signed in too long ago (auth_time)")
	}
	return nil
}
