package idp

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/clock"
	"rapport/errs"
	"rapport/outbound"
)

const wellKnown = "/.well-known/openid-configuration"

// only answers one path itself.
func only(path string, h http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == path {
			h(w, r)
		}
		return r.URL.Path == path
	}
}

func TestADiscoveryDocumentIsCheckedBeforeItIsBelieved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field, value, want string
	}{
		"another issuer":         {"issuer", "https://evil.example", "another issuer"},
		"no issuer":              {"issuer", "", "another issuer"},
		"authorization on http":  {"authorization_endpoint", "http://idp.example/a", "authorization endpoint"},
		"authorization a script": {"authorization_endpoint", "javascript:alert(1)", "authorization endpoint"},
		"no authorization":       {"authorization_endpoint", "", "authorization endpoint"},
		"token on http":          {"token_endpoint", "http://idp.example/t", "token endpoint"},
		"token a file":           {"token_endpoint", "file:///etc/passwd", "token endpoint"},
		"token on gopher":        {"token_endpoint", "gopher://idp.example/_x", "token endpoint"},
		"token with a password":  {"token_endpoint", "https://a:b@idp.example/t", "token endpoint"},
		"token with a fragment":  {"token_endpoint", "https://idp.example/t#x", "token endpoint"},
		"no token":               {"token_endpoint", "", "token endpoint"},
		"keys on http":           {"jwks_uri", "http://idp.example/k", "address of the keys"},
		"no keys":                {"jwks_uri", "", "address of the keys"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.p.document = func(m map[string]any) { m[c.field] = c.value }
			_, err := s.play("1")
			if !errs.Is(err, errs.Refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want a refusal of the %s", err, c.want)
			}
		})
	}
	s := newScene(t)
	s.p.document = func(m map[string]any) { m["issuer"] = s.p.URL + "/" }
	if _, err := s.play("1"); !errs.Is(err, errs.Refused) {
		t.Errorf("a slash more is another issuer: %v", err)
	}
}

func TestOneAsksForManyAndTheAnswerIsKept(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, _, err := s.d.Begin(t.Context(), Whenever); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	asked := func(want int) {
		t.Helper()
		if _, _, err := s.d.Begin(t.Context(), Whenever); err != nil {
			t.Error(err)
		}
		if n := s.p.count(wellKnown); n != want {
			t.Errorf("asked %d times, want %d", n, want)
		}
	}
	asked(1)
	s.now.Add(foundFor - time.Second)
	asked(1)
	s.now.Add(time.Second)
	asked(2)
	// While the provider cannot be asked, what it said holds for a day.
	s.p.instead = only(wellKnown, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	s.now.Add(foundFor)
	asked(3)
	asked(3) // and it is left alone for a minute
	s.now.Add(askAgain)
	asked(4)
	s.now.Add(staleFor)
	if _, _, err := s.d.Begin(t.Context(), Whenever); !errs.Is(err, errs.Unavailable) {
		t.Errorf("after a day: %v", err)
	}
	s.p.instead = nil
	asked(6)
	// A document that is there, and wrong, is no reason to go on.
	s.p.document = func(m map[string]any) { m["issuer"] = "https://evil.example" }
	s.now.Add(foundFor)
	if _, _, err := s.d.Begin(t.Context(), Whenever); !errs.Is(err, errs.Refused) {
		t.Errorf("a changed issuer: %v", err)
	}
}

func TestAHugeAnswerIsNotRead(t *testing.T) {
	t.Parallel()
	huge := []byte(`{"x":"` + strings.Repeat("CANARY..", 10<<20/8) + `"}`)
	for _, path := range []string{wellKnown, "/token", "/keys"} {
		for _, length := range []string{"", "10485760"} {
			s := newScene(t)
			s.p.instead = only(path, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if length != "" {
					w.Header().Set("Content-Length", length)
				}
				w.Write(huge) //nolint:errcheck // the asker hangs up
			})
			_, err := s.play("1")
			if !errs.Is(err, errs.Unavailable) {
				t.Errorf("%s: %v", path, err)
			}
			if path == wellKnown && !strings.Contains(err.Error(), string(outbound.NotThisLong)) {
				t.Errorf("refused for another reason: %v", err)
			}
			quiet(t, err)
		}
	}
}

func TestASlowProviderIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // a server only notices that the asker hung up once it has read
		<-r.Context().Done()
	}
	drip := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)   //nolint:errcheck // as above
		w.Write([]byte(`{"issuer":`)) //nolint:errcheck // the asker hangs up
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	for _, path := range []string{wellKnown, "/token", "/keys"} {
		for _, h := range []http.HandlerFunc{hang, drip} {
			s := newScene(t)
			s.d.client.Timeout = 300 * time.Millisecond // outbound.MaxWait, for a test's patience
			s.p.instead = only(path, h)
			_, err := s.play("1")
			if !errs.Is(err, errs.Unavailable) {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	s := newScene(t)
	if s.d.client.Timeout != 10*time.Second {
		t.Errorf("waits %v", s.d.client.Timeout)
	}
	s.p.instead = only(wellKnown, hang)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.d.Begin(ctx, Whenever); !errs.Is(err, errs.Unavailable) {
		t.Errorf("nobody waits: %v", err)
	}
	s.p.CloseClientConnections()
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, path := range []string{wellKnown, "/token", "/keys"} {
			s, sentinel := newScene(t), newProvider(t, clock.At(start))
			s.d = s.p.door(func(c *Config) { c.Roots.AddCert(sentinel.Certificate()) })
			target := sentinel.URL + "/CANARY"
			if path != "/token" {
				target = s.p.URL + "/elsewhere" // even on the same host
			}
			s.p.instead = only(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, status) })
			_, err := s.play("1")
			if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), string(outbound.NotHere)) {
				t.Errorf("%d at %s: %v", status, path, err)
			}
			if sentinel.count("/CANARY") != 0 || s.p.count("/elsewhere") != 0 {
				t.Errorf("%d at %s was followed", status, path)
			}
			quiet(t, err)
		}
	}
}

func TestAWrongConfigurationIsInvalid(t *testing.T) {
	t.Parallel()
	good := Config{Issuer: "https://idp.example", ClientID: ourID, Redirect: ourBack, Clock: clock.At(start)}
	if d, err := New(good); err != nil || d.Issuer() != good.Issuer || d.Name() != "" {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"issuer on http":       func(c *Config) { c.Issuer = "http://idp.example" },
		"issuer with a query":  func(c *Config) { c.Issuer = "https://idp.example?x" },
		"issuer with nothing?": func(c *Config) { c.Issuer = "https://idp.example?" },
		"no issuer":            func(c *Config) { c.Issuer = "" },
		"no client":            func(c *Config) { c.ClientID = "" },
		"no clock":             func(c *Config) { c.Clock = nil },
		"no redirect":          func(c *Config) { c.Redirect = "" },
		"redirect on http":     func(c *Config) { c.Redirect = "http://practice.example/" },
		"redirect a path":      func(c *Config) { c.Redirect = "/signed-in" },
	} {
		c := good
		c.Secret = canary
		change(&c)
		_, err := New(c)
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		quiet(t, err)
	}
	good.Redirect = "http://localhost:8080/signed-in"
	if _, err := New(good); err != nil {
		t.Errorf("the demo: %v", err)
	}
}
