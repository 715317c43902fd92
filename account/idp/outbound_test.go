package idp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rapport/errs"
	"rapport/outbound"
)

// spellings are hosts that lead, or would lead a careless reader, into a house.
var spellings = []string{
	"127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.1.", "127.255.255.254",
	"0", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.254", "100.100.100.200",
	"169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.43518", "168.63.129.16", "192.0.0.192", "198.18.0.1", "192.0.2.1", "203.0.113.9", "224.0.0.1", "255.255.255.255", "240.0.0.1",
	"[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]", "[::ffff:169.254.169.254]", "[::ffff:0:127.0.0.1]",
	"[fd00::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[ff02::1]",
	"[64:ff9b::7f00:1]", "[64:ff9b::169.254.169.254]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[100::1]",
	"localhost", "LOCALHOST", "localhost.", "foo.localhost", "localhost.localdomain", "127.0.0.1.nip.example", "in-house.example", "meta.example", "mixed.example", "mapped.example", "nat64.example", "zone.example", "nothing.example",
	"①②⑦.0.0.1", "127。0。0。1", "loc\u00adalhost", "ｌocalhost", "127.0.0.1%00.example", "127.0.0.1%2f.example", "example.com@127.0.0.1", "127.0.0.1\\.example.com", "[127.0.0.1]", "127.0.0.1 ", "%6c%6f%63%61%6c%68%6f%73%74", "-_.0x1",
}

// names is a resolver that answers badly. Whatever it does not know is public.
func names(_ context.Context, host string) ([]netip.Addr, error) {
	as := func(ss ...string) (out []netip.Addr, err error) {
		for _, s := range ss {
			out = append(out, netip.MustParseAddr(s))
		}
		return out, nil
	}
	switch {
	case strings.Contains(host, "localhost"), strings.HasPrefix(host, "127."):
		return as("127.0.0.1")
	case host == "in-house.example":
		return as("192.168.1.10")
	case host == "meta.example":
		return as("169.254.169.254")
	case host == "mixed.example":
		return as("93.184.215.14", "2606:2800:21f::1", "10.0.0.1")
	case host == "mapped.example":
		return as("::ffff:127.0.0.1")
	case host == "nat64.example":
		return as("64:ff9b::7f00:1")
	case host == "zone.example":
		return as("fe80::1%lo")
	case host == "nothing.example":
		return nil, nil
	}
	return as("127.0.0.1") // whatever inet_aton would make of it
}

// sentinel is a server on this machine that must never be reached.
func sentinel(t *testing.T) (port string, reached *atomic.Int32) {
	t.Helper()
	reached = &atomic.Int32{}
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			reached.Add(1)
		}
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	must(t, err)
	return u.Port(), reached
}

// watchDials counts every address that was about to be dialled.
func watchDials(d *Door, count *atomic.Int32, but string) {
	d.guard.Dial.Lookup = names
	d.guard.Dial.Connect = func(ctx context.Context, nd *net.Dialer, to netip.AddrPort) (net.Conn, error) {
		if to.String() != but {
			count.Add(1)
		}
		return outbound.Connect(ctx, nd, to)
	}
}

func TestNoSpellingOfAnIssuerLeadsIntoAHouse(t *testing.T) {
	t.Parallel()
	port, reached := sentinel(t)
	s := newScene(t)
	for _, host := range spellings {
		var dialled atomic.Int32
		d, err := New(Config{Issuer: "https://" + host + ":" + port, ClientID: ourID, Redirect: ourBack, Clock: s.now, Roots: s.p.roots()})
		if err == nil {
			watchDials(d, &dialled, "")
			_, _, err = d.Begin(t.Context(), Whenever)
		}
		if err == nil || dialled.Load() != 0 {
			t.Errorf("%s: %d dialled, %v", host, dialled.Load(), err)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the sentinel was reached %d times", n)
	}
}

// TestNoSpellingOfAnEndpointLeadsIntoAHouse has a provider that the operator
// allowed to be in house, and that sends us to others there.
func TestNoSpellingOfAnEndpointLeadsIntoAHouse(t *testing.T) {
	t.Parallel()
	port, reached := sentinel(t)
	s := newScene(t)
	home := strings.TrimPrefix(s.p.URL, "https://")
	for _, scheme := range []string{"https", "http", "gopher", "HTTPS"} {
		for _, host := range spellings {
			for _, field := range []string{"token_endpoint", "jwks_uri"} {
				if scheme != "https" && field != "token_endpoint" {
					continue
				}
				var dialled atomic.Int32
				s.d = s.p.door(nil)
				watchDials(s.d, &dialled, home)
				s.p.document = func(m map[string]any) { m[field] = scheme + "://" + host + ":" + port + "/x" }
				_, err := s.play("1")
				if err == nil || dialled.Load() != 0 {
					t.Errorf("%s of %s://%s: %d dialled, %v", field, scheme, host, dialled.Load(), err)
				}
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the sentinel was reached %d times", n)
	}
}

func TestANameIsResolvedOnceAndWhatWasJudgedIsDialled(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	var to netip.AddrPort
	d := &outbound.Dialer{Home: "idp.example:443"}
	d.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		if asked.Add(1) == 1 {
			return []netip.Addr{netip.MustParseAddr("93.184.215.14")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	d.Connect = func(_ context.Context, _ *net.Dialer, a netip.AddrPort) (net.Conn, error) {
		to = a
		return nil, errors.New("no network in tests")
	}
	if _, err := d.DialContext(t.Context(), "tcp", "idp.example:443"); err == nil {
		t.Error("connected")
	}
	if asked.Load() != 1 || to.String() != "93.184.215.14:443" {
		t.Errorf("resolved %d times, dialled %s", asked.Load(), to)
	}
	if _, err := d.DialContext(t.Context(), "tcp", "idp.example:443"); !errors.Is(err, outbound.NotPublic) {
		t.Errorf("rebound: %v", err)
	}
}

// TestTheSocketJudgesAgain puts another address under the dialler, as a fault
// between the check and the dial would.
func TestTheSocketJudgesAgain(t *testing.T) {
	t.Parallel()
	port, reached := sentinel(t)
	d := &outbound.Dialer{Home: "idp.example:" + port}
	d.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("93.184.215.14")}, nil
	}
	d.Connect = func(ctx context.Context, nd *net.Dialer, _ netip.AddrPort) (net.Conn, error) {
		return nd.DialContext(ctx, "tcp", "localhost:"+port)
	}
	if c, err := d.DialContext(t.Context(), "tcp", d.Home); !errors.Is(err, outbound.NotPublic) {
		t.Errorf("%v, %v", c, err)
	}
	if reached.Load() != 0 {
		t.Error("the sentinel was reached")
	}
}

func TestOnlyListedServersAreReached(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, _, err := s.d.Begin(t.Context(), Whenever)
	must(t, err)
	for _, to := range []string{"https://example.com/", "http://" + strings.TrimPrefix(s.p.URL, "https://") + "/token", "https://127.0.0.1:1/"} {
		_, err := s.d.get(t.Context(), to)
		var not outbound.Refusal
		if !errors.As(err, &not) {
			t.Errorf("%s: %v", to, err)
		}
	}
	tr := s.d.guard.Base.(*http.Transport)
	if tr.Proxy != nil {
		t.Error("a proxy of the environment would be used")
	}
}

func TestPrivateIsForTheIssuerOnlyAndNeverForLinkLocal(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	d := s.p.door(func(c *Config) { c.AllowPrivate = 0 })
	if _, _, err := d.Begin(t.Context(), Whenever); !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), string(outbound.NotPublic)) {
		t.Errorf("unasked, into the house: %v", err)
	}
	for a, want := range map[string][2]error{
		"8.8.8.8": {nil, nil}, "2606:4700::1111": {nil, nil}, "93.184.215.14": {nil, nil},
		"10.0.0.1": {outbound.NotPublic, nil}, "172.20.0.1": {outbound.NotPublic, nil}, "192.168.0.1": {outbound.NotPublic, nil}, "127.0.0.1": {outbound.NotPublic, nil},
		"100.64.0.1": {outbound.NotPublic, nil}, "::1": {outbound.NotPublic, nil}, "fd12::1": {outbound.NotPublic, nil},
		"169.254.169.254": {outbound.NotReachable, outbound.NotReachable}, "fe80::1": {outbound.NotReachable, outbound.NotReachable}, "0.0.0.0": {outbound.NotReachable, outbound.NotReachable},
		"::": {outbound.NotReachable, outbound.NotReachable}, "::ffff:10.0.0.1": {outbound.NotReachable, outbound.NotReachable}, "64:ff9b::808:808": {outbound.NotReachable, outbound.NotReachable},
		"2002:808:808::": {outbound.NotReachable, outbound.NotReachable}, "100.100.100.200": {outbound.NotReachable, outbound.NotReachable}, "fd00:ec2::254": {outbound.NotReachable, outbound.NotReachable},
	} {
		addr := netip.MustParseAddr(a)
		if got := [2]error{outbound.Judge(addr, false), outbound.Judge(addr, true)}; got != want {
			t.Errorf("%s: %v, want %v", a, got, want)
		}
	}
	if outbound.Judge(netip.Addr{}, true) == nil {
		t.Error("the zero address passes")
	}
}

func TestAHandedClientIsGuardedToo(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	given := s.p.Client()
	given.CheckRedirect, given.Timeout = nil, time.Hour
	s.d = s.p.door(func(c *Config) { c.HTTP = given })
	if _, err := s.play("1"); err != nil {
		t.Fatal(err)
	}
	if s.d.client.Timeout != outbound.MaxWait || given.Timeout != time.Hour {
		t.Errorf("waits %v; the given client now waits %v", s.d.client.Timeout, given.Timeout)
	}
	if _, err := s.d.get(t.Context(), "https://other.example/"); !errors.Is(err, outbound.NotListed) {
		t.Errorf("%v", err)
	}
	s.p.instead = only("/token", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if _, err := s.play("1"); !errs.Is(err, errs.Unavailable) || s.p.count("/elsewhere") != 0 {
		t.Errorf("%v", err)
	}
}

func TestOurResolverWritesAnAddressPlainly(t *testing.T) {
	t.Parallel()
	as, err := outbound.Lookup(t.Context(), "localhost")
	if err != nil {
		t.Skip("localhost does not resolve here")
	}
	for _, a := range as {
		if a.Is4In6() || !a.IsLoopback() {
			t.Errorf("localhost is %s", a)
		}
	}
}

// TestOddSpellingsAreRefusedBeforeAnybodyResolvesThem: what a resolver makes of
// them depends on the machine.
func TestOddSpellingsAreRefusedBeforeAnybodyResolvesThem(t *testing.T) {
	t.Parallel()
	for _, h := range []string{"127.1", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.1.", "0", "8.8.8.8.", "8.8", "[fe80::1%25lo]", "localhost.", "-_.0x1", "a..b", "", "①.example", "a b", "a:b", "host:", "host:0", "host:65536", "host:0443", "host:x"} {
		if u, err := outbound.Parse("https://" + h + "/x"); err == nil {
			t.Errorf("%q reads as %s", h, outbound.HostPort(u))
		}
	}
	for h, want := range map[string]string{"IDP.example": "idp.example:443", "idp-1.example:8443": "idp-1.example:8443", "8.8.8.8": "8.8.8.8:443", "[2606:4700::1111]": "[2606:4700::1111]:443", "idp": "idp:443", "xn--bcher-kva.example": "xn--bcher-kva.example:443"} {
		if u, err := outbound.Parse("https://" + h + "/x"); err != nil || outbound.HostPort(u) != want {
			t.Errorf("%q: %v", h, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, h := range spellings {
		f.Add("https://" + h + "/token")
	}
	f.Add("https://login.example.com:8443/a/b?c=d")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := outbound.Parse(s)
		if err != nil {
			return
		}
		again, err := outbound.Parse(u.String())
		if err != nil || outbound.HostPort(again) != outbound.HostPort(u) {
			t.Errorf("%q reads as %s, then as %v (%v)", s, outbound.HostPort(u), again, err)
		}
		if u.Scheme != "https" || u.User != nil || strings.ContainsAny(u.Hostname(), "%@\\/ \x00") {
			t.Errorf("%q passes", s)
		}
	})
}
