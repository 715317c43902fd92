package idp

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"rapport/clock"
	"rapport/errs"
)

// scene is one sign-in, in which a test changes one thing.
type scene struct {
	t     testing.TB
	p     *provider
	d     *Door
	now   *clock.Fake
	fresh Fresh
	half  func(*Half)
	query func(url.Values)
}

func newScene(t testing.TB) *scene {
	t.Helper()
	now := clock.At(start)
	p := newProvider(t, now)
	return &scene{t: t, p: p, d: p.door(nil), now: now, fresh: Whenever}
}

// play signs in as sub, through JSON, as the caller would.
func (s *scene) play(sub string) (Result, error) {
	s.t.Helper()
	h, to, err := s.d.Begin(s.t.Context(), s.fresh)
	if err != nil {
		return Result{}, err
	}
	b, err := json.Marshal(h)
	must(s.t, err)
	var back Half
	must(s.t, json.Unmarshal(b, &back))
	q := s.p.visit(to, sub)
	if s.half != nil {
		s.half(&back)
	}
	if s.query != nil {
		s.query(q)
	}
	return s.d.Finish(s.t.Context(), back, q)
}

// quiet fails if an error repeats what it must not.
func quiet(t testing.TB, err error) {
	t.Helper()
	if err != nil && strings.Contains(strings.ToUpper(fmt.Sprintf("%v %+v", err, err)), canary) {
		t.Errorf("the error says too much: %v", err)
	}
}

func TestTheHonestPath(t *testing.T) {
	t.Parallel()
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA} {
		for _, fresh := range []Fresh{Whenever, Recent, Anew} {
			s := newScene(t)
			s.fresh = fresh
			s.p.post = fresh == Recent
			if alg != jose.RS256 {
				s.p.signer = newKey(t, "k1", alg)
				s.p.shown = []key{s.p.signer}
			}
			if n := s.p.count("/.well-known/openid-configuration"); n != 0 {
				t.Errorf("New asked the network %d times", n)
			}
			got, err := s.play("248289761001")
			must(t, err)
			want := Result{Identity: Identity{s.p.URL, "248289761001"}, AuthTime: start.Add(-10 * time.Second), Refresh: "CANARY-refresh-2"}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s, fresh %d: %s", alg, fresh, d)
			}
		}
	}
}

func TestBeginAsksForWhatFreshSays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	seen := map[string]bool{}
	for fresh, want := range map[Fresh][2]string{Whenever: {"", ""}, Recent: {"300", ""}, Anew: {"0", "login"}} {
		h, to, err := s.d.Begin(t.Context(), fresh)
		must(t, err)
		u, err := url.Parse(to)
		must(t, err)
		if got := [2]string{u.Query().Get("max_age"), u.Query().Get("prompt")}; got != want {
			t.Errorf("fresh %d asks %v, want %v", fresh, got, want)
		}
		if strings.Contains(to, h.Verifier) {
			t.Error("the verifier is in the address")
		}
		for _, secret := range []string{h.State, h.Nonce, h.Verifier} {
			if len(secret) != 43 || seen[secret] {
				t.Errorf("%q is not 256 bits of its own", secret)
			}
			seen[secret] = true
		}
	}
	if _, _, err := s.d.Begin(t.Context(), 0); !errs.Is(err, errs.Invalid) {
		t.Errorf("the zero Fresh begins: %v", err)
	}
	d := s.p.door(func(c *Config) { c.Rand = strings.NewReader("short") })
	if _, _, err := d.Begin(t.Context(), Whenever); !errs.Is(err, errs.Internal) {
		t.Errorf("without randomness: %v", err)
	}
}

func TestWhatTheStandardAllowsIsAllowed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*scene){
		"expired within the leeway": set("exp", start.Add(-59*time.Second).Unix()),
		"issued within the leeway":  set("iat", start.Add(59*time.Second).Unix()),
		"recent within the leeway":  func(s *scene) { s.fresh = Recent; set("auth_time", start.Add(-6*time.Minute).Unix())(s) },
		"no at_hash":                set("at_hash", nil),
		"a list of one aud":         set("aud", []string{ourID}),
		"two aud, and azp is us": func(s *scene) {
			s.p.claims = func(c map[string]any) { c["aud"], c["azp"] = []string{"x", ourID}, ourID }
		},
		"seconds with a fraction":      set("auth_time", float64(start.Unix())-10+0.5),
		"half a minute before its end": func(s *scene) { s.half = func(h *Half) { h.Made = h.Made.Add(-HalfLife) } },
		"iss that was not promised": func(s *scene) {
			s.p.document = func(m map[string]any) { m["authorization_response_iss_parameter_supported"] = false }
			s.query = func(q url.Values) { q.Del("iss") }
		},
		"a claim people may set does not stand for another": func(s *scene) {
			s.p.claims = func(c map[string]any) { c["SUB"], c["Iss"], c["AZP"] = "somebody-else", c["iss"], "somebody" }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			change(s)
			got, err := s.play("248289761001")
			if err != nil || got.Identity != (Identity{s.p.URL, "248289761001"}) {
				t.Errorf("got %v, %v", got.Identity, err)
			}
		})
	}
}

func TestACodeIsSpentOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h, to, err := s.d.Begin(t.Context(), Whenever)
	must(t, err)
	q := s.p.visit(to, "1")
	_, err = s.d.Finish(t.Context(), h, q)
	must(t, err)
	_, err = s.d.Finish(t.Context(), h, q)
	if !errs.Is(err, errs.Refused) {
		t.Errorf("the code was taken twice: %v", err)
	}
	quiet(t, err)
}

func TestKeysMayRotate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, err := s.play("1")
	must(t, err)
	old := s.p.signer
	s.p.mu.Lock()
	s.p.signer = newKey(t, "k2", jose.ES256)
	s.p.shown = []key{s.p.signer}
	s.p.mu.Unlock()
	_, err = s.play("1")
	must(t, err) // an unknown key is looked up
	s.p.token = func(c map[string]any) string { return old.sign(t, c) }
	if _, err := s.play("1"); !errs.Is(err, errs.Refused) {
		t.Errorf("a withdrawn key still signs: %v", err)
	}
}

func TestAWithdrawnKeyIsForgottenWithinTheHour(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, err := s.play("1")
	must(t, err)
	s.p.shown = nil // stolen, and withdrawn
	_, err = s.play("1")
	must(t, err) // not known yet
	s.now.Add(foundFor)
	if _, err := s.play("1"); !errs.Is(err, errs.Refused) {
		t.Errorf("a withdrawn key signs after an hour: %v", err)
	}
}

func TestTheSameMailElsewhereIsSomebodyElse(t *testing.T) {
	t.Parallel()
	a, b := newScene(t), newScene(t)
	ra, err := a.play("1")
	must(t, err)
	rb, err := b.play("1") // same subject, same e-mail, verified
	must(t, err)
	if ra.Identity == rb.Identity {
		t.Error("two issuers' people are one")
	}
	rc, err := a.play("2")
	must(t, err)
	if ra.Identity == rc.Identity {
		t.Error("two people with one e-mail are one")
	}
}

func TestMixUp(t *testing.T) {
	t.Parallel()
	honest, evil := newScene(t), newScene(t)
	h, to, err := honest.d.Begin(t.Context(), Whenever)
	must(t, err)
	mine, toEvil, err := evil.d.Begin(t.Context(), Whenever)
	must(t, err)
	q := honest.p.visit(to, "1")
	theirs := evil.p.visit(toEvil, "1")
	for name, try := range map[string]func() (Result, error){
		"the honest answer brought to the other door": func() (Result, error) {
			return evil.d.Finish(t.Context(), mine, url.Values{"code": q["code"], "state": {mine.State}, "iss": q["iss"]})
		},
		"the honest half at the other door": func() (Result, error) { return evil.d.Finish(t.Context(), h, q) },
		"the other's answer at the honest door": func() (Result, error) {
			return honest.d.Finish(t.Context(), h, url.Values{"code": theirs["code"], "state": {h.State}, "iss": theirs["iss"]})
		},
		"the other's token at the honest door": func() (Result, error) {
			honest.p.token = func(c map[string]any) string { c["iss"] = evil.p.URL; return newKey(t, "k1", jose.ES256).sign(t, c) }
			return honest.d.Finish(t.Context(), h, q)
		},
	} {
		if r, err := try(); !errs.Is(err, errs.Refused) || r != (Result{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := evil.p.count("/token"); n != 0 {
		t.Errorf("the honest provider's code was sent to the other one %d times", n)
	}
}

func TestNoErrorRepeatsTheProvider(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(canary+" ", 1000)
	for _, path := range []string{"/.well-known/openid-configuration", "/token", "/keys"} {
		for name, c := range map[string]struct {
			status int
			kind   string
			body   string
		}{
			"500":          {500, "text/plain", long},
			"503 as JSON":  {503, "application/json", `{"error":"` + canary + `","error_description":"` + canary + `"}`},
			"429":          {429, "application/json", `{"error":"invalid_grant","error_description":"` + canary + `"}`},
			"404":          {404, "text/html", long},
			"200 of text":  {200, "text/plain", "error=" + canary},
			"200 no JSON":  {200, "application/json", `{"` + canary},
			"200 an array": {200, "application/json", `["` + canary + `"]`},
			"a known code": {400, "application/json", `{"error":"invalid_client","error_description":"` + canary + `"}`},
		} {
			s := newScene(t)
			s.p.instead = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != path {
					return false
				}
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.status)
				w.Write([]byte(c.body)) //nolint:errcheck // the asker sees
				return true
			}
			r, err := s.play("1")
			want := errs.Unavailable
			if path == "/token" && name == "a known code" {
				want = errs.Internal
			}
			if !errs.Is(err, want) || r != (Result{}) {
				t.Errorf("%s at %s: %v (%v), want %v", name, path, err, errs.KindOf(err), want)
			}
			quiet(t, err)
		}
	}
}

func TestSecretsAreNeitherPrintedNorLogged(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, nil))
	secret := Half{State: canary, Nonce: canary, Verifier: canary}
	r := Result{Refresh: canary}
	for _, v := range []any{secret, &secret, r, &r, s.d.cfg, &s.d.cfg, s.d} {
		fmt.Fprintf(&out, "%v %+v %#v %s %q", v, v, v, v, v)
		log.Info("x", "v", v)
	}
	if strings.Contains(out.String(), canary) {
		t.Errorf("said: %s", out.String())
	}
}

func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{"iss":"https://a.example","sub":"1","aud":["a","b"],"exp":1,"iat":1.5,"azp":null,"nonce":"n","auth_time":1e9}`))
	f.Add([]byte(`{"sub":"1","SUB":"2","aud":"a","exp":-1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(b, &fields) != nil {
			return
		}
		c, err := readClaims(fields)
		if err != nil && !cmp.Equal(c, claims{}, cmp.AllowUnexported(claims{})) {
			t.Errorf("an error, and claims %+v", c)
		}
		if _, ok := fields["sub"]; !ok && c.sub != "" {
			t.Errorf("a subject out of nothing: %q", c.sub)
		}
	})
}
