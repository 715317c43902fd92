package idp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rapport/clock"
)

const (
	ourID     = "rapport"
	ourSecret = "CANARY-client-secret"
	ourBack   = "https://practice.example/signed-in"
	canary    = "CANARY" // stands in all that must never be repeated
)

// key is a signing key of a provider.
type key struct {
	id   string
	alg  jose.SignatureAlgorithm
	priv crypto.Signer
}

func newKey(t testing.TB, id string, alg jose.SignatureAlgorithm) key {
	t.Helper()
	var (
		priv crypto.Signer
		err  error
	)
	switch alg {
	case jose.ES256:
		priv, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, priv, err = ed25519.GenerateKey(rand.Reader)
	default:
		priv, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	must(t, err)
	return key{id, alg, priv}
}

// sign makes a token of claims.
func (k key) sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	b, err := json.Marshal(claims)
	must(t, err)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: k.alg, Key: jose.JSONWebKey{Key: k.priv, KeyID: k.id}}, nil)
	must(t, err)
	o, err := s.Sign(b)
	must(t, err)
	raw, err := o.CompactSerialize()
	must(t, err)
	return raw
}

// rsaOne is made once: it takes a while.
var rsaOne = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

type grant struct{ nonce, challenge, sub string }

// provider is a real OpenID Connect provider, honest until a test changes one
// of its funcs.
type provider struct {
	*httptest.Server
	t   testing.TB
	now *clock.Fake

	mu       sync.Mutex
	signer   key
	shown    []key // what jwks_uri shows
	codes    map[string]grant
	refresh  map[string]string // token → subject
	disabled map[string]bool
	hits     map[string]int
	serial   int
	post     bool // takes the secret in the body

	document func(map[string]any)                              // changes the discovery document
	claims   func(map[string]any)                              // changes the claims before they are signed
	token    func(map[string]any) string                       // makes the identity token
	answer   func(map[string]any)                              // changes the token answer
	instead  func(w http.ResponseWriter, r *http.Request) bool // answers itself
}

func newProvider(t testing.TB, now *clock.Fake) *provider {
	t.Helper()
	p := &provider{t: t, now: now, codes: map[string]grant{}, refresh: map[string]string{}, disabled: map[string]bool{}, hits: map[string]int{}}
	p.signer = key{"k1", jose.RS256, rsaOne()}
	p.shown = []key{p.signer}
	p.token = func(c map[string]any) string { return p.signer.sign(t, c) }
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.Certificate())
	return pool
}

func (p *provider) count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.hits[r.URL.Path]++
	instead := p.instead
	p.mu.Unlock()
	if instead != nil && instead(w, r) { // outside the lock: it may never return
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		doc := map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"authorization_response_iss_parameter_supported": true,
			"scopes_supported":                      []string{"openid", "email", "offline_access"},
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		}
		if p.post {
			doc["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		}
		if p.document != nil {
			p.document(doc)
		}
		reply(w, http.StatusOK, doc)
	case "/keys":
		var set jose.JSONWebKeySet
		for _, k := range p.shown {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.priv.Public(), KeyID: k.id, Algorithm: string(k.alg), Use: "sig"})
		}
		reply(w, http.StatusOK, set)
	case "/token":
		p.serveToken(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) //nolint:errcheck // the asker sees
}

func (p *provider) serveToken(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if p.post {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id != ourID || secret != ourSecret {
		reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": canary})
		return
	}
	no := func() {
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": canary})
	}
	var g grant
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		code := r.PostFormValue("code")
		var ok bool
		g, ok = p.codes[code]
		delete(p.codes, code)
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || r.PostFormValue("redirect_uri") != ourBack || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
			no()
			return
		}
	case "refresh_token":
		old := r.PostFormValue("refresh_token")
		sub, ok := p.refresh[old]
		delete(p.refresh, old)
		if !ok || p.disabled[sub] {
			no()
			return
		}
		g.sub = sub
	}
	p.serial++
	refresh, access := fmt.Sprintf("CANARY-refresh-%d", p.serial), fmt.Sprintf("CANARY-access-%d", p.serial)
	p.refresh[refresh] = g.sub
	out := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "refresh_token": refresh, "id_token": p.idToken(g, access)}
	if p.answer != nil {
		p.answer(out)
	}
	reply(w, http.StatusOK, out)
}

func (p *provider) idToken(g grant, access string) string {
	now := p.now.Now().Unix()
	c := map[string]any{
		"iss": p.URL, "sub": g.sub, "aud": ourID, "exp": now + 300, "iat": now, "auth_time": now - 10,
		"email": "CANARY-priya@practice.example", "email_verified": true,
	}
	if p.signer.alg != jose.EdDSA {
		sum := sha256.Sum256([]byte(access))
		c["at_hash"] = base64.RawURLEncoding.EncodeToString(sum[:16])
	}
	if g.nonce != "" {
		c["nonce"] = g.nonce
	}
	if p.claims != nil {
		p.claims(c)
	}
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return p.token(c)
}

// visit is the person at the browser: it goes where Begin said, signs in as sub,
// and comes back with a query.
func (p *provider) visit(address, sub string) url.Values {
	p.t.Helper()
	u, err := url.Parse(address)
	must(p.t, err)
	q := u.Query()
	if got := u.Scheme + "://" + u.Host + u.Path; got != p.URL+"/authorize" {
		p.t.Fatalf("sent to %s", got)
	}
	if q.Get("response_type") != "code" || q.Get("client_id") != ourID || q.Get("redirect_uri") != ourBack || q.Get("code_challenge_method") != "S256" {
		p.t.Fatalf("asked wrongly: %v", q)
	}
	if scopes := strings.Fields(q.Get("scope")); !slices.Equal(scopes, []string{"openid", "offline_access"}) {
		p.t.Fatalf("asked for %v", scopes)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serial++
	code := fmt.Sprintf("CANARY-code-%d", p.serial)
	p.codes[code] = grant{nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), sub: sub}
	return url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}
}

// start is a moment of the tests.
var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// door returns a Door to the provider, as an operator would set it up.
func (p *provider) door(change func(*Config)) *Door {
	p.t.Helper()
	c := Config{Issuer: p.URL, ClientID: ourID, Secret: ourSecret, Redirect: ourBack, Name: "Practice", Clock: p.now, AllowPrivate: PrivateAllowed, Roots: p.roots()}
	if change != nil {
		change(&c)
	}
	d, err := New(c)
	must(p.t, err)
	p.t.Cleanup(d.client.CloseIdleConnections)
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
