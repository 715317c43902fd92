package idp

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

// This file is the client that goes out of the house. It knows nothing of
// OpenID Connect and imports nothing of ours, so that it can move when another
// room needs it.

// How long and how much one request may take.
const (
	maxWait = 10 * time.Second
	maxDial = 4 * time.Second // for one of a host's addresses
	maxBody = 5 << 20
)

// refusal is a request that this file did not let out. Its text is ours alone.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// The refusals.
const (
	notAnAddress  refusal = "it is not an https address"
	notListed     refusal = "its host is not one the configuration leads to"
	notPublic     refusal = "its host is in a private network, which the configuration does not allow"
	notReachable  refusal = "its host has an address nobody should be sent to"
	notHere       refusal = "it sends us elsewhere, and we do not follow"
	notThisLong   refusal = "its answer is too long"
	notResolvable refusal = "its host has no address"
)

// parseAddress reads an address we might be sent to: https, a host written the
// one plain way, nobody's name and password, no fragment.
func parseAddress(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || max(len(s), len(u.String())) > 2048 || u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Fragment != "" || strings.Contains(s, "#") || !plainHost(u.Hostname()) {
		return nil, notAnAddress
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != p {
			return nil, notAnAddress
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return nil, notAnAddress
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

// hostPort returns what names a server: its host in lower case, and its port.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// guard lets requests out to listed servers only, and answers in to maxBody.
type guard struct {
	base http.RoundTripper
	dial *dialer // nil if the client was handed to us
	home string  // the server that is always listed

	mu    sync.RWMutex
	hosts []string
}

// newClient returns a client that follows no redirect, goes through no proxy,
// and reaches home and, once listed, other public servers. Of a client that was
// handed to us only the transport is kept: it then answers for the addresses.
func newClient(home string, private Private, roots *x509.CertPool, given *http.Client) (*http.Client, *guard) {
	g := &guard{home: home}
	wait := maxWait
	if given == nil {
		g.dial = &dialer{home: home, private: private, lookup: lookup, connect: connect}
		g.base = &http.Transport{
			DialContext:            g.dial.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout:    maxDial,
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        time.Minute,
		}
	} else {
		g.base = given.Transport
		if g.base == nil {
			g.base = http.DefaultTransport
		}
		if given.Timeout > 0 {
			wait = min(wait, given.Timeout)
		}
	}
	return &http.Client{
		Transport:     g,
		Timeout:       wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return notHere },
	}, g
}

// list names the servers that may be reached besides home.
func (g *guard) list(hosts ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hosts = hosts
}

// lets reports whether a server may be reached.
func (g *guard) lets(host string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, h := range g.hosts {
		if h == host {
			return true
		}
	}
	return host == g.home
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := parseAddress(r.URL.String())
	if err == nil && !g.lets(hostPort(u)) {
		err = notListed
	}
	if err != nil {
		if r.Body != nil {
			r.Body.Close() //nolint:errcheck // it is not sent
		}
		return nil, err
	}
	resp, err := g.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > maxBody {
		resp.Body.Close() //nolint:errcheck // it is not read
		return nil, notThisLong
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxBody)
	return resp, nil
}

// dialer resolves a host once, judges every address, and dials what it judged.
type dialer struct {
	home    string
	private Private // what home may be; every other server must be public
	lookup  func(ctx context.Context, host string) ([]netip.Addr, error)
	connect func(ctx context.Context, d *net.Dialer, to netip.AddrPort) (net.Conn, error)
}

func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	as, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range as {
		as[i] = as[i].Unmap() // package net writes an A record as ::ffff:a.b.c.d
	}
	return as, err
}

func connect(ctx context.Context, d *net.Dialer, to netip.AddrPort) (net.Conn, error) {
	return d.DialContext(ctx, "tcp", to.String())
}

// DialContext is http.Transport's. The name is never resolved a second time,
// and Control judges again the very address the socket is about to connect to.
func (d *dialer) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(strings.ToLower(addr))
	if err != nil || !plainHost(host) {
		return nil, notAnAddress
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, notAnAddress
	}
	var private Private
	if net.JoinHostPort(host, port) == d.home {
		private = d.private
	}
	var as []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		as = []netip.Addr{a}
	} else if as, err = d.lookup(ctx, host); err != nil {
		return nil, err
	}
	for _, a := range as {
		if err := judge(a, private); err != nil {
			return nil, err
		}
	}
	nd := &net.Dialer{Timeout: maxDial, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return notReachable
		}
		return judge(to.Addr(), private)
	}}
	err = notResolvable
	for _, a := range as {
		var c net.Conn
		if c, err = d.connect(ctx, nd, netip.AddrPortFrom(a, uint16(n))); err == nil || ctx.Err() != nil {
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

// judge says whether an address may be dialled.
func judge(a netip.Addr, private Private) error {
	switch {
	case !a.IsValid() || a.Zone() != "" || a.Is4In6() || within(a, nowhere):
		return notReachable
	case within(a, inHouse):
		if private != PrivateAllowed {
			return notPublic
		}
	case a.Is6() && !within(a, global):
		return notReachable
	}
	return nil
}
