package idp

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rapport/errs"
)

func set(name string, v any) func(*scene) {
	return func(s *scene) { s.p.claims = func(c map[string]any) { c[name] = v } }
}

func compact(t testing.TB, head string, claims map[string]any) string {
	t.Helper()
	b, err := json.Marshal(claims)
	must(t, err)
	return base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString(b) + "."
}

const signed = "not signed by the issuer, for us, in time"

// lies are sign-ins that differ from the honest one in one thing, and a word of
// the refusal, so that each is refused for its own reason.
var lies = map[string]struct {
	lie  func(*scene)
	want string
}{
	"another state":  {func(s *scene) { s.query = func(q url.Values) { q.Set("state", strings.Repeat("A", 43)) } }, "(state)"},
	"no state":       {func(s *scene) { s.query = func(q url.Values) { q.Del("state") } }, "(state)"},
	"nothing at all": {func(s *scene) { s.query = func(q url.Values) { clear(q) } }, "(state)"},
	"empty states": {func(s *scene) {
		s.half = func(h *Half) { h.State = "" }
		s.query = func(q url.Values) { q.Set("state", "") }
	}, "(state)"},
	"two states":       {func(s *scene) { s.query = func(q url.Values) { q.Add("state", "x") } }, "came twice"},
	"two codes":        {func(s *scene) { s.query = func(q url.Values) { q.Add("code", "x") } }, "came twice"},
	"no code":          {func(s *scene) { s.query = func(q url.Values) { q.Del("code") } }, "no code"},
	"another code":     {func(s *scene) { s.query = func(q url.Values) { q.Set("code", "CANARY-x") } }, "invalid_grant"},
	"zero half":        {func(s *scene) { s.half = func(h *Half) { *h = Half{} } }, "did not begin here"},
	"another door's":   {func(s *scene) { s.half = func(h *Half) { h.Issuer = "https://other.example" } }, "did not begin here"},
	"old half":         {func(s *scene) { s.half = func(h *Half) { h.Made = h.Made.Add(-HalfLife - time.Second) } }, "too long ago"},
	"half to come":     {func(s *scene) { s.half = func(h *Half) { h.Made = h.Made.Add(time.Hour) } }, "did not begin here"},
	"half not fresh":   {func(s *scene) { s.half = func(h *Half) { h.Fresh = 0 } }, "how fresh"},
	"other verifier":   {func(s *scene) { s.half = func(h *Half) { h.Verifier = strings.Repeat("A", 43) } }, "invalid_grant"},
	"iss of another":   {func(s *scene) { s.query = func(q url.Values) { q.Set("iss", "https://evil.example") } }, "(iss)"},
	"iss with slash":   {func(s *scene) { s.query = func(q url.Values) { q.Set("iss", s.p.URL+"/") } }, "(iss)"},
	"iss was promised": {func(s *scene) { s.query = func(q url.Values) { q.Del("iss") } }, "(iss)"},
	"two iss":          {func(s *scene) { s.query = func(q url.Values) { q.Add("iss", "https://evil.example") } }, "came twice"},
	"person says no": {func(s *scene) {
		s.query = func(q url.Values) { q.Set("error", "access_denied"); q.Set("error_description", canary) }
	}, "access_denied"},
	"unknown error": {func(s *scene) { s.query = func(q url.Values) { q.Set("error", canary) } }, "with an error"},
	"error of another": {func(s *scene) {
		s.query = func(q url.Values) { q.Set("error", "access_denied"); q.Set("iss", "https://evil.example") }
	}, "(iss)"},
	"no id token":   {func(s *scene) { s.p.answer = func(m map[string]any) { delete(m, "id_token") } }, "no identity token"},
	"id token of 5": {func(s *scene) { s.p.answer = func(m map[string]any) { m["id_token"] = 5 } }, "no identity token"},
	"garbage token": {func(s *scene) { s.p.token = func(map[string]any) string { return "CANARY.CANARY.CANARY" } }, signed},
	"alg none": {func(s *scene) {
		s.p.token = func(c map[string]any) string { return compact(s.t, `{"alg":"none"}`, c) }
	}, signed},
	"alg None": {func(s *scene) {
		s.p.token = func(c map[string]any) string { return compact(s.t, `{"alg":"nOnE","kid":"k1"}`, c) }
	}, signed},
	"HS256 with the public key": {func(s *scene) { confuse(s) }, signed},
	"HS256 with our secret": {func(s *scene) {
		s.p.token = func(c map[string]any) string { return hmacToken(s.t, []byte(ourSecret+strings.Repeat("x", 32)), c) }
	}, signed},
	"HS256 with a shared key the provider shows": {func(s *scene) {
		secret := []byte(strings.Repeat("x", 32))
		s.p.instead = only("/keys", func(w http.ResponseWriter, _ *http.Request) {
			reply(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: secret, KeyID: "k1"}}})
		})
		s.p.token = func(c map[string]any) string { return hmacToken(s.t, secret, c) }
	}, signed},
	"RS512": {func(s *scene) {
		s.p.token = func(c map[string]any) string { return key{"k1", jose.RS512, rsaOne()}.sign(s.t, c) }
	}, signed},
	"unknown key": {func(s *scene) {
		k := newKey(s.t, "k9", jose.ES256)
		s.p.token = func(c map[string]any) string { return k.sign(s.t, c) }
	}, signed},
	"known name, other key": {func(s *scene) {
		k := newKey(s.t, "k1", jose.RS256)
		s.p.token = func(c map[string]any) string { return k.sign(s.t, c) }
	}, signed},
	"key in the header": {func(s *scene) {
		k := newKey(s.t, "k1", jose.ES256)
		s.p.token = func(c map[string]any) string { return embedded(s.t, k, c) }
	}, signed},
	"iss":              {set("iss", "https://evil.example"), signed},
	"iss with a slash": {func(s *scene) { set("iss", s.p.URL+"/")(s) }, signed},
	"no iss":           {set("iss", nil), signed},
	"iss by capitals":  {func(s *scene) { s.p.claims = func(c map[string]any) { c["ISS"] = c["iss"]; c["iss"] = nil } }, "another issuer's"},
	"aud":              {set("aud", "somebody"), signed},
	"no aud":           {set("aud", nil), signed},
	"aud by capitals":  {func(s *scene) { s.p.claims = func(c map[string]any) { c["Aud"] = c["aud"]; c["aud"] = nil } }, "(aud)"},
	"azp of another":   {set("azp", "somebody"), "(azp)"},
	"azp empty":        {set("azp", ""), "(azp)"},
	"two aud, no azp":  {set("aud", []string{ourID, "somebody"}), "(azp)"},
	"two aud, other azp": {func(s *scene) {
		s.p.claims = func(c map[string]any) { c["aud"], c["azp"] = []string{ourID, "somebody"}, "somebody" }
	}, "(azp)"},
	"no nonce":          {set("nonce", nil), "(nonce)"},
	"empty nonce":       {set("nonce", ""), "(nonce)"},
	"other nonce":       {set("nonce", "other"), "(nonce)"},
	"nonce by capitals": {func(s *scene) { s.p.claims = func(c map[string]any) { c["NONCE"] = c["nonce"]; c["nonce"] = "x" } }, "(nonce)"},
	"expired":           {set("exp", start.Add(-61*time.Second).Unix()), signed},
	"no exp":            {set("exp", nil), signed},
	"exp by capitals":   {func(s *scene) { s.p.claims = func(c map[string]any) { c["EXP"] = c["exp"]; c["exp"] = nil } }, "(exp)"},
	"issued in future":  {set("iat", start.Add(61*time.Second).Unix()), "future"},
	"issued far ahead":  {set("iat", start.AddDate(10, 0, 0).Unix()), "future"},
	"no iat":            {set("iat", nil), "future"},
	"not before":        {set("nbf", start.Add(61*time.Second).Unix()), "future"},
	"iat of text":       {set("iat", "yesterday"), signed},
	"auth_time of text": {set("auth_time", "yesterday"), "cannot be read"},
	"auth_time ahead":   {set("auth_time", start.Add(time.Hour).Unix()), "future"},
	"exp without end":   {set("exp", 1e300), signed},
	"no sub":            {set("sub", nil), "names nobody"},
	"empty sub":         {set("sub", ""), "names nobody"},
	"long sub":          {set("sub", strings.Repeat("a", 256)), "names nobody"},
	"sub of a number":   {set("sub", 7), signed},
	"at_hash":           {set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "(at_hash)"},
	"at_hash empty":     {set("at_hash", ""), "(at_hash)"},
	"recent, but old":   {func(s *scene) { s.fresh = Recent; set("auth_time", start.Add(-6*time.Minute-time.Second).Unix())(s) }, "too long ago (auth_time)"},
	"recent, not said":  {func(s *scene) { s.fresh = Recent; set("auth_time", nil)(s) }, "does not say when"},
	"anew, but old":     {func(s *scene) { s.fresh = Anew; set("auth_time", start.Add(-61*time.Second).Unix())(s) }, "too long ago (auth_time)"},
	"anew, not said":    {func(s *scene) { s.fresh = Anew; set("auth_time", nil)(s) }, "does not say when"},
}

func TestEveryLieIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range lies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c.lie(s)
			got, err := s.play("248289761001")
			if got != (Result{}) || !errs.Is(err, errs.Refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v and %v, want a refusal of %q", got.Identity, err, c.want)
			}
			quiet(t, err)
			if strings.Contains(c.want, "(state)") && s.p.count("/token") != 0 {
				t.Error("the code was spent before the state was checked")
			}
		})
	}
}

// confuse signs with the RSA public key as if it were a shared secret.
func confuse(s *scene) {
	der, err := x509.MarshalPKIXPublicKey(rsaOne().Public())
	must(s.t, err)
	s.p.token = func(c map[string]any) string {
		return hmacToken(s.t, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), c)
	}
}

func hmacToken(t testing.TB, secret []byte, claims map[string]any) string {
	t.Helper()
	b, err := json.Marshal(claims)
	must(t, err)
	sg, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: secret, KeyID: "k1"}}, nil)
	must(t, err)
	o, err := sg.Sign(b)
	must(t, err)
	raw, err := o.CompactSerialize()
	must(t, err)
	return raw
}

// embedded carries the key that signed it in its own header.
func embedded(t testing.TB, k key, claims map[string]any) string {
	t.Helper()
	b, err := json.Marshal(claims)
	must(t, err)
	sg, err := jose.NewSigner(jose.SigningKey{Algorithm: k.alg, Key: k.priv}, (&jose.SignerOptions{EmbedJWK: true}).WithHeader("jku", "https://evil.example/keys"))
	must(t, err)
	o, err := sg.Sign(b)
	must(t, err)
	raw, err := o.CompactSerialize()
	must(t, err)
	return raw
}
