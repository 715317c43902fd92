package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// probe is where Chromium asks the kernel for a way to, before it looks up any name or
// number, to learn whether the machine has IPv6. It sends nothing there: it connects a
// datagram socket and closes it. The kernel counts that as an attempt, the browser's log has
// each of them, and they are taken off one by the other.
const probe = "[2001:4860:4860::8888]:443"

// inside is set for the test that runs where there is no network.
const inside = "RAPPORT_LOOPBACK"

// TestNothingLeavesTheMachine has the test below run in a network of its own with nothing
// but loopback in it, the server and the browser both.
func TestNothingLeavesTheMachine(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser; -short leaves it out")
	}
	if err := exec.Command("unshare", "-rn", "ip", "link", "set", "lo", "up").Run(); err != nil {
		t.Skipf("no network of one's own can be made here (unshare -rn: %v), so nothing is tested", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "-rn", "sh", "-c", `ip link set lo up && exec "$0" -test.v -test.run '^TestInsideLoopbackOnly$'`, self)
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	for l := range strings.Lines(string(out)) {
		if _, said, ok := strings.Cut(l, "TRUST "); ok {
			t.Log("TRUST " + strings.TrimSpace(said))
		}
	}
	if err != nil || !bytes.Contains(out, []byte("TRUST loopback")) {
		t.Fatalf("%v\n%.6000s", err, out)
	}
}

// noRoute is how often something in this network asked for a way out and found none, by
// the kernel's own count, for IPv4 and IPv6.
func noRoute(t *testing.T) int {
	t.Helper()
	n := 0
	b, err := os.ReadFile("/proc/net/snmp")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if f[0] != "Ip:" {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		if x, err := strconv.Atoi(f[slices.Index(names, "OutNoRoutes")]); err == nil {
			n += x
		}
	}
	if b, err = os.ReadFile("/proc/net/snmp6"); err == nil {
		if m := regexp.MustCompile(`Ip6OutNoRoutes\s+(\d+)`).FindSubmatch(b); m != nil {
			x, _ := strconv.Atoi(string(m[1])) //nolint:errcheck // of digits
			n += x
		}
	}
	return n
}

// TestInsideLoopbackOnly walks through every kind of page of every role, and counts every
// attempt to reach anything that is not this machine: as the kernel counts it, as the
// browser's own network log has it, and as the pages' policy complains.
func TestInsideLoopbackOnly(t *testing.T) {
	if os.Getenv(inside) == "" {
		t.Skip("runs where there is no network: TestNothingLeavesTheMachine starts it")
	}
	faces, err := net.Interfaces()
	if err != nil || len(faces) != 1 || faces[0].Flags&net.FlagLoopback == 0 {
		t.Fatalf("the interfaces are %v, want loopback alone", faces)
	}
	// what counts must count: one attempt by this test itself
	before := noRoute(t)
	if c, err := net.DialTimeout("tcp4", "192.0.2.1:80", time.Second); err == nil {
		c.Close() //nolint:errcheck // it must not have been
		t.Fatal("there is a way out")
	}
	if noRoute(t) != before+1 {
		t.Fatalf("the kernel counted %d attempts, and there was one", noRoute(t)-before)
	}
	s := openStreet(t)
	also := s.toldPages(t)
	before = noRoute(t)
	log := filepath.Join(t.TempDir(), "net.json")
	pages, complaints, asked := 0, 0, map[string]int{}
	for _, role := range []string{"client", "parent", "nurse", "frontdesk", "manager"} {
		t.Run(role, func(t *testing.T) {
			b := browse(t, s, append(quiet(), chromedp.Flag("log-net-log", log), chromedp.Flag("net-log-capture-mode", "Everything"))...)
			b.view(1440, "light")
			b.signIn(s.link(t, role))
			pages += b.stroll(s.url, also[role])
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, c := range b.what {
				complaints++
				t.Error(c)
			}
		})
		for at, n := range reachedFor(t, log) {
			asked[at] += n
		}
	}
	ours, others := 0, []string{}
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	for at, n := range asked {
		if at == probe {
			continue
		}
		if host, _, err := net.SplitHostPort(at); at == u.Host || at == u.Hostname() || err == nil && net.ParseIP(host).IsLoopback() {
			ours += n
		} else {
			others = append(others, fmt.Sprintf("%s (%d)", at, n))
		}
	}
	slices.Sort(others)
	left := noRoute(t) - before - asked[probe]
	if left > 0 || len(others) > 0 {
		t.Errorf("the kernel counted %d attempts to leave; the browser asked for %v", left, others)
	}
	if pages < 60 || ours < pages {
		t.Errorf("%d pages and %d connections of ours: too little was tried", pages, ours)
	}
	t.Logf("TRUST loopback: %d pages in Chromium with nothing but loopback, %d attempts to leave by the kernel's count, %d by the browser's network log (of %d), %d complaints of the pages' policy; taken off: %d times Chromium asked the kernel, without sending anything, whether there is IPv6", pages, left, len(others), ours, complaints, asked[probe])
}

// quiet turns off what Chromium asks its makers by itself, whichever page it shows: updates, the time,
// hints, and what forms look like. With that on it asks hundreds of times, and what a page
// did could not be told from what the browser did.
func quiet() []chromedp.ExecAllocatorOption {
	out := []chromedp.ExecAllocatorOption{chromedp.Flag("disable-features", "AutofillServerCommunication,OptimizationHints,OptimizationHintsFetching,OptimizationGuideModelDownloading,OptimizationTargetPrediction,MediaRouter,Translate,CertificateTransparencyComponentUpdater,ExtensionsUpdater,NetworkTimeServiceQuerying"),
		chromedp.Flag("component-updater", "url-source=http://127.0.0.1:9/")} // nobody listens there
	for _, f := range []string{"disable-extensions", "disable-component-update", "disable-default-apps", "disable-domain-reliability", "disable-client-side-phishing-detection", "disable-component-extensions-with-background-pages", "no-pings", "no-proxy-server", "metrics-recording-only"} {
		out = append(out, chromedp.Flag(f, true))
	}
	return out
}

// stroll opens one page of every kind that can be reached, and returns how many.
func (b *tab) stroll(base string, also []string) int {
	b.t.Helper()
	seen := map[string]bool{}
	todo := []string{base + "/"}
	for _, at := range also {
		todo = append(todo, base+at)
	}
	n := 0
	for len(todo) > 0 && n < 120 {
		u := todo[0]
		todo = todo[1:]
		kind := kindOf(strings.TrimPrefix(u, base))
		if !strings.HasPrefix(u, base+"/") || strings.HasPrefix(kind, "/in/") || strings.HasSuffix(kind, "/proof") || seen[kind] {
			continue
		}
		seen[kind] = true
		b.open(u)
		var done bool
		b.eval(`new Promise((ok) => setTimeout(() => ok(true), 60))`, &done) // what a page asks for when it is there
		todo = append(todo, b.links()...)
		n++
	}
	return n
}

var netEvent = regexp.MustCompile(`"(?:host|address|url)":"([^"]+)"`)

// reachedFor counts, by what they were for, the names, addresses and URLs in the browser's
// own log of its network.
func reachedFor(t *testing.T, file string) map[string]int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was read
	types := map[float64]string{}
	out := map[string]int{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		l := strings.TrimSuffix(strings.TrimSpace(sc.Text()), ",")
		if strings.HasPrefix(l, `{"constants":`) {
			var x struct {
				Constants struct {
					LogEventTypes map[string]float64 `json:"logEventTypes"`
				} `json:"constants"`
			}
			if err := json.Unmarshal([]byte(l+"}"), &x); err != nil {
				t.Fatal(err)
			}
			for name, n := range x.Constants.LogEventTypes {
				types[n] = name
			}
			continue
		}
		var e struct {
			Type   float64
			Params json.RawMessage
		}
		if json.Unmarshal([]byte(l), &e) != nil {
			continue // the frame around the events
		}
		switch types[e.Type] {
		case "HOST_RESOLVER_MANAGER_REQUEST", "HOST_RESOLVER_MANAGER_JOB", "HOST_RESOLVER_DNS_TASK", "TCP_CONNECT_ATTEMPT", "UDP_CONNECT", "URL_REQUEST_START_JOB", "QUIC_SESSION":
			for _, m := range netEvent.FindAllStringSubmatch(string(e.Params), -1) {
				at := m[1]
				if u, err := url.Parse(at); err == nil && u.Host != "" {
					at = u.Host
				}
				if !strings.HasPrefix(at, "chrome") && !strings.HasPrefix(at, "data:") && !strings.HasPrefix(at, "blob:") {
					out[at]++
				}
			}
		}
	}
	if len(types) == 0 || len(out) == 0 {
		t.Error("the browser's log of its network is empty")
	}
	return out
}
