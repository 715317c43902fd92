package outbound

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// TestPublicReachesNobodyInHouse has a server on this machine, and addresses that lead,
// or would lead a careless reader, to it. (More spellings are tried in account/idp.)
func TestPublicReachesNobodyInHouse(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]", "2130706433", "inside.example"} {
		c, g := Public(nil)
		dialled := false
		g.Dial.Lookup = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		g.Dial.Connect = func(context.Context, *net.Dialer, netip.AddrPort) (net.Conn, error) {
			dialled = true
			return nil, NotReachable
		}
		resp, err := c.Get("https://" + host + ":" + u.Port() + "/")
		if err == nil {
			resp.Body.Close() //nolint:errcheck // it should not be there
		}
		if err == nil || dialled {
			t.Errorf("%s is dialled: %v", host, err)
		}
	}
	if reached.Load() != 0 {
		t.Error("the server in house was reached")
	}
}

// TestPublicReachesWhatIsPublic so that the test above can fail: the same, with a name
// that is public, gets as far as its address.
func TestPublicReachesWhatIsPublic(t *testing.T) {
	t.Parallel()
	c, g := Public(nil)
	var to string
	g.Dial.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("93.184.215.14")}, nil
	}
	g.Dial.Connect = func(_ context.Context, _ *net.Dialer, a netip.AddrPort) (net.Conn, error) {
		to = a.String()
		return nil, NotReachable
	}
	resp, err := c.Get("https://push.example/x")
	if err == nil {
		resp.Body.Close() //nolint:errcheck // it should not be there
	}
	if !strings.HasPrefix(to, "93.184.215.14:443") {
		t.Errorf("dialled %q", to)
	}
}
