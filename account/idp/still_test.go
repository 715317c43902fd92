package idp

import (
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rapport/errs"
)

// signedIn returns a scene in which 248289761001 has signed in.
func signedIn(t *testing.T) (*scene, Identity, string) {
	t.Helper()
	s := newScene(t)
	r, err := s.play("248289761001")
	must(t, err)
	return s, r.Identity, r.Refresh
}

func TestALeaverIsGoneAtTheNextQuestion(t *testing.T) {
	t.Parallel()
	s, who, refresh := signedIn(t)
	for range 3 {
		next, alive, err := s.d.Still(t.Context(), who, refresh)
		if err != nil || alive != Living || next == "" || next == refresh {
			t.Fatalf("%v, %v", alive, err)
		}
		refresh = next
		s.now.Add(time.Minute)
	}
	s.p.disabled[who.Subject] = true
	next, alive, err := s.d.Still(t.Context(), who, refresh)
	if err != nil || alive != Gone || next != "" {
		t.Errorf("a leaver is %v, %v", alive, err)
	}
}

func TestStill(t *testing.T) {
	t.Parallel()
	answer := func(status int, body map[string]any) func(*scene) {
		return func(s *scene) {
			s.p.instead = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/token" {
					reply(w, status, body)
				}
				return r.URL.Path == "/token"
			}
		}
	}
	over := map[string]any{"error": "invalid_grant", "error_description": canary}
	for name, c := range map[string]struct {
		change func(*scene)
		want   Alive
		kind   errs.Kind
	}{
		"honest":                  {func(*scene) {}, Living, 0},
		"no identity token":       {func(s *scene) { s.p.answer = func(m map[string]any) { delete(m, "id_token") } }, Living, 0},
		"invalid_grant":           {answer(400, over), Gone, 0},
		"invalid_grant as 401":    {answer(401, over), Gone, 0},
		"invalid_grant as 200":    {answer(200, over), Gone, 0},
		"invalid_grant as 503":    {answer(503, over), Unknown, errs.Unavailable},
		"too many":                {answer(429, over), Unknown, errs.Unavailable},
		"we are not known":        {answer(401, map[string]any{"error": "invalid_client"}), Unknown, errs.Internal},
		"an error of its own":     {answer(400, map[string]any{"error": canary}), Unknown, errs.Unavailable},
		"an empty answer":         {answer(200, map[string]any{}), Unknown, errs.Unavailable},
		"another subject":         {set("sub", "2"), Gone, 0},
		"another issuer":          {set("iss", "https://evil.example"), Gone, 0},
		"another audience":        {set("aud", "somebody"), Gone, 0},
		"another azp":             {set("azp", "somebody"), Gone, 0},
		"an expired token":        {set("exp", start.Add(-time.Hour).Unix()), Gone, 0},
		"an identity token of 5":  {func(s *scene) { s.p.answer = func(m map[string]any) { m["id_token"] = 5 } }, Gone, 0},
		"a forged token":          {func(s *scene) { confuse(s) }, Gone, 0},
		"the network down":        {func(s *scene) { s.d.client.CloseIdleConnections(); s.p.Close() }, Unknown, errs.Unavailable},
		"the keys cannot be read": {keysDown, Unknown, errs.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who, refresh := signedIn(t)
			c.change(s)
			next, alive, err := s.d.Still(t.Context(), who, refresh)
			if alive != c.want || errs.KindOf(err) != c.kind || (alive == Gone) != (next == "") {
				t.Errorf("%v, %v, next %q; want %v and %v", alive, err, next, c.want, c.kind)
			}
			quiet(t, err)
		})
	}
}

// keysDown signs with a key that would have to be fetched, and cannot be.
func keysDown(s *scene) {
	s.p.signer = newKey(s.t, "k2", jose.ES256)
	s.p.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/keys" {
			w.WriteHeader(http.StatusBadGateway)
		}
		return r.URL.Path == "/keys"
	}
}

func TestARotatedRefreshTokenIsNotLostWhenTheKeysAre(t *testing.T) {
	t.Parallel()
	s, who, refresh := signedIn(t)
	keysDown(s)
	next, alive, err := s.d.Still(t.Context(), who, refresh)
	if alive != Unknown || err == nil || next == refresh {
		t.Fatalf("%v, %v", alive, err)
	}
	s.p.instead = nil
	s.p.shown = []key{s.p.signer}
	if _, alive, err := s.d.Still(t.Context(), who, next); alive != Living || err != nil {
		t.Errorf("%v, %v", alive, err)
	}
}

func TestStillAnswersForItsOwnOnly(t *testing.T) {
	t.Parallel()
	s, who, refresh := signedIn(t)
	before := s.p.count("/token")
	for _, other := range []Identity{{}, {Issuer: "https://evil.example", Subject: who.Subject}, {Issuer: who.Issuer}} {
		if next, alive, err := s.d.Still(t.Context(), other, refresh); alive != Gone || err != nil || next != "" {
			t.Errorf("%v is %v, %v", other, alive, err)
		}
	}
	if _, alive, err := s.d.Still(t.Context(), who, ""); alive != Unknown || !errs.Is(err, errs.Invalid) {
		t.Errorf("without a refresh token: %v, %v", alive, err)
	}
	if n := s.p.count("/token"); n != before {
		t.Errorf("the provider was asked %d times", n-before)
	}
	if _, alive, err := s.d.Still(t.Context(), Identity{who.Issuer, "2"}, refresh); alive != Gone || err != nil {
		t.Errorf("with somebody else's refresh token: %v, %v", alive, err)
	}
}
