// Package outbound is the client with which this program goes out of the house, to
// addresses that others gave it: a sign-in provider's, or the one at which a browser
// wants to be pushed to. A name is resolved once, every address is judged, and what was
// judged is what is dialled.
//
// It refuses to follow a redirect, to go through a proxy, to read more than a few
// megabytes, and to reach this machine, its network, or where a cloud keeps its keys; an
// operator can allow one host of their own.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// How long and how much one request may take.
const (
	MaxWait = 10 * time.Second
	maxDial = 4 * time.Second // for one of a host's addresses
	MaxBody = 5 << 20
)

// Refusal is a request that this file did not let out. Its text is ours alone.
type Refusal string

// Error implements error.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	NotAnAddress  Refusal = "it is not an https address"
	NotListed     Refusal = "its host is not one the configuration leads to"
	NotPublic     Refusal = "its host is in a private network, which the configuration does not allow"
	NotReachable  Refusal = "its host has an address nobody should be sent to"
	NotHere       Refusal = "it sends us elsewhere, and we do not follow"
	NotThisLong   Refusal = "its answer is too long"
	NotResolvable Refusal = "its host has no address"
)

// Parse reads an address we might be sent to: https, a host written the
// one plain way, nobody's name and password, no fragment.
func Parse(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || max(len(s), len(u.String())) > 2048 || u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Fragment != "" || strings.Contains(s, "#") || !plainHost(u.Hostname()) {
		return nil, NotAnAddress
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != p {
			return nil, NotAnAddress
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return nil, NotAnAddress
	}
	return u, nil
}

// plainHost reports whether a host is a name of letters, digits and hyphens, or
// an IP address written in full. The spellings inet_aton knows (one number,
// octal, hexadecimal, fewer than four parts) are neither.
func plainHost(h string) bool {
	if a, err := netip.ParseAddr(h); err == nil {
		return a.Zone() == ""
	}
	if h == "" || len(h) > 253 {
		return false
	}
	labels := strings.Split(strings.ToLower(h), ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return last[0] < '0' || last[0] > '9' // no top-level domain begins with a digit
}

// HostPort returns what names a server: its host in lower case, and its port.
func HostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Guard lets requests out to listed servers only, and answers in to MaxBody.
type Guard struct {
	Base http.RoundTripper
	Dial *Dialer // nil if the client was handed to us
	home string  // the server that is always listed

	any bool // every public server is listed

	mu    sync.RWMutex
	hosts []string
}

// NewClient returns a client that follows no redirect, goes through no proxy,
// and reaches home and, once listed, other public servers. Of a client that was
// handed to us only the transport is kept: it then answers for the addresses.
func NewClient(home string, private bool, roots *x509.CertPool, given *http.Client) (*http.Client, *Guard) {
	g := &Guard{home: home}
	wait := MaxWait
	if given == nil {
		g.Dial = &Dialer{Home: home, Private: private, Lookup: Lookup, Connect: Connect}
		g.Base = &http.Transport{
			DialContext:            g.Dial.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout:    maxDial,
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        time.Minute,
		}
	} else {
		g.Base = given.Transport
		if g.Base == nil {
			g.Base = http.DefaultTransport
		}
		if given.Timeout > 0 {
			wait = min(wait, given.Timeout)
		}
	}
	return &http.Client{
		Transport:     g,
		Timeout:       wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return NotHere },
	}, g
}

// Public returns a client that reaches any public server: for addresses that strangers
// give. Roots vouch for it; nil is the machine's own.
func Public(roots *x509.CertPool) (*http.Client, *Guard) {
	c, g := NewClient("", false, roots, nil)
	g.any = true
	return c, g
}

// List names the servers that may be reached besides home.
func (g *Guard) List(hosts ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hosts = hosts
}

// lets reports whether a server may be reached.
func (g *Guard) lets(host string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, h := range g.hosts {
		if h == host {
			return true
		}
	}
	return g.any || host == g.home
}

// RoundTrip implements http.RoundTripper.
func (g *Guard) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := Parse(r.URL.String())
	if err == nil && !g.lets(HostPort(u)) {
		err = NotListed
	}
	if err != nil {
		if r.Body != nil {
			r.Body.Close() //nolint:errcheck // it is not sent
		}
		return nil, err
	}
	resp, err := g.Base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > MaxBody {
		resp.Body.Close() //nolint:errcheck // it is not read
		return nil, NotThisLong
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, MaxBody)
	return resp, nil
}

// Dialer resolves a host once, judges every address, and dials what it judged.
type Dialer struct {
	Home    string
	Private bool // home may be in house; every other server must be public
	Lookup  func(ctx context.Context, host string) ([]netip.Addr, error)
	Connect func(ctx context.Context, d *net.Dialer, to netip.AddrPort) (net.Conn, error)
}

// Lookup is how a name is resolved.
func Lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	as, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range as {
		as[i] = as[i].Unmap() // package net writes an A record as ::ffff:a.b.c.d
	}
	return as, err
}

// Connect is how an address that was judged is dialled.
func Connect(ctx context.Context, d *net.Dialer, to netip.AddrPort) (net.Conn, error) {
	return d.DialContext(ctx, "tcp", to.String())
}

// DialContext is http.Transport's. The name is never resolved a second time,
// and Control judges again the very address the socket is about to connect to.
func (d *Dialer) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(strings.ToLower(addr))
	if err != nil || !plainHost(host) {
		return nil, NotAnAddress
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, NotAnAddress
	}
	var private bool
	if net.JoinHostPort(host, port) == d.Home {
		private = d.Private
	}
	var as []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		as = []netip.Addr{a}
	} else if as, err = d.Lookup(ctx, host); err != nil {
		return nil, err
	}
	for _, a := range as {
		if err := Judge(a, private); err != nil {
			return nil, err
		}
	}
	nd := &net.Dialer{Timeout: maxDial, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return NotReachable
		}
		return Judge(to.Addr(), private)
	}}
	err = NotResolvable
	for _, a := range as {
		var c net.Conn
		if c, err = d.Connect(ctx, nd, netip.AddrPortFrom(a, uint16(n))); err == nil || ctx.Err() != nil {
			return c, err
		}
	}
	return nil, err
}

func prefixes(ss ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(ss))
	for i, s := range ss {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// The address blocks of the IANA special-purpose registries (RFC 6890).
var (
	// inHouse an operator may allow: private, this machine, shared (CGNAT), ULA.
	inHouse = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7")
	// nowhere nobody may allow: where clouds keep the machine's own keys, this
	// network, link-local, protocol assignments, documentation, benchmarks,
	// 6to4 relays, multicast, reserved; and IPv6 that carries an IPv4 address
	// inside (6to4, Teredo).
	nowhere = prefixes("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::254/128",
		"0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "192.88.99.0/24", "224.0.0.0/3",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
	// global is the only part of IPv6 that is public: so ::a.b.c.d, ::ffff:0:0/96,
	// NAT64 (64:ff9b::/96, 64:ff9b:1::/48), link-local and multicast are not.
	global = prefixes("2000::/3")
)

// within reports whether a lies in one of the blocks.
func within(a netip.Addr, blocks []netip.Prefix) bool {
	for _, b := range blocks {
		if b.Contains(a) {
			return true
		}
	}
	return false
}

// Judge says whether an address may be dialled.
func Judge(a netip.Addr, private bool) error {
	switch {
	case !a.IsValid() || a.Zone() != "" || a.Is4In6() || within(a, nowhere):
		return NotReachable
	case within(a, inHouse):
		if !private {
			return NotPublic
		}
	case a.Is6() && !within(a, global):
		return NotReachable
	}
	return nil
}
