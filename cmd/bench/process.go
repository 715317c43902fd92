package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// process measures the program as a whole, as somebody starts it.
func process(ctx context.Context, dir string) ([]figure, error) {
	bin := filepath.Join(dir, "rapport")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", bin, "rapport/cmd/rapport")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w: %s", err, out)
	}
	demo := filepath.Join(dir, "demo")
	p, err := start(ctx, bin, "demo", "--dir", demo, "--addr", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer p.stop()
	fs := []figure{{"make demo: to the printed links", p.up.Seconds(), "s", 0, 0, ""}}
	links := linkLine.FindAllString(p.said, -1)
	if len(links) < 2 {
		return nil, fmt.Errorf("the demo printed %d links", len(links))
	}
	pages, err := p.pages(ctx, links)
	if err != nil {
		return nil, err
	}
	fs = append(fs, pages...)
	fs = append(fs, figure{"resident memory of the demo, after a walk", p.resident(), "MB", 120, atMost, ""})
	p.stop()
	again, err := start(ctx, bin, "serve", "--dir", filepath.Join(demo, "data"), "--key-file", filepath.Join(demo, "key"), "--addr", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer again.stop()
	begun := wall.Now()
	r, err := http.Get(again.base + "/in")
	if err != nil {
		return nil, err
	}
	r.Body.Close() //nolint:errcheck // nothing to keep
	first := again.up + wall.Now().Sub(begun)
	return append(fs, figure{"start to first answer", first.Seconds(), "s", 1, atMost, ""}, figure{"resident memory just started", again.resident(), "MB", 120, atMost, ""}), nil
}

var (
	linkLine = regexp.MustCompile(`http://\S+/in/\S+`)
	baseLine = regexp.MustCompile(`Serving on (http://[^\s]+?)\.?(\s|$)`)
)

// running is a started program.
type running struct {
	cmd  *exec.Cmd
	up   time.Duration
	said string
	base string
}

func start(ctx context.Context, bin string, args ...string) (*running, error) {
	cmd := exec.CommandContext(ctx, bin, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begun := wall.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &running{cmd: cmd}
	for sc := bufio.NewScanner(out); sc.Scan(); {
		p.said += sc.Text() + "\n"
		if m := baseLine.FindStringSubmatch(sc.Text() + "\n"); m != nil {
			p.base, p.up = m[1], wall.Now().Sub(begun)
			go io.Copy(io.Discard, out) //nolint:errcheck // until it ends
			return p, nil
		}
	}
	p.stop()
	return nil, fmt.Errorf("%s %s did not come up", filepath.Base(bin), args[0])
}

func (p *running) stop() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended
		p.cmd.Wait()                       //nolint:errcheck // how it ended is not measured
	}
}

// resident is the process's resident memory in MB, where /proc tells.
func (p *running) resident() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil || runtime.GOOS != "linux" {
		return 0
	}
	for _, l := range strings.Split(string(b), "\n") {
		if v, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(v)[0], 64) //nolint:errcheck // the kernel writes a number
			return kb / 1000
		}
	}
	return 0
}

// pages walks as the client and as a nurse, and times every page as it comes.
func (p *running) pages(ctx context.Context, links []string) ([]figure, error) {
	client, home, err := signIn(ctx, links[0])
	if err != nil {
		return nil, err
	}
	me := strings.TrimSuffix(home, "/today")
	var out []figure
	for _, path := range []string{"/today", "/health", "/looks"} {
		f, err := page(client, p.base+me+path, "client page "+path+", p95", 5)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	nurse, _, err := signIn(ctx, links[1])
	if err != nil {
		return nil, err
	}
	f, err := page(nurse, p.base+"/clients", "console /clients, p95", 10)
	if err != nil {
		return nil, err
	}
	g, err := page(nurse, p.base+strings.Replace(me, "/me/", "/clients/", 1), "console, one client's page, p95", 10)
	return append(out, f, g), err
}

func signIn(ctx context.Context, link string) (*http.Client, string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, "", err
	}
	c := &http.Client{Jar: jar}
	r, err := http.NewRequestWithContext(ctx, "POST", link, nil)
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin") // as a browser on our own page says
	resp, err := c.Do(r)
	if err != nil {
		return nil, "", err
	}
	resp.Body.Close() //nolint:errcheck // nothing to keep
	return c, resp.Request.URL.Path, nil
}

func page(c *http.Client, url, what string, aim float64) (figure, error) {
	size := 0
	ds, err := timed(220, func(int) error {
		r, err := c.Get(url)
		if err != nil {
			return err
		}
		defer r.Body.Close() //nolint:errcheck // read to the end below
		b, err := io.ReadAll(r.Body)
		size = len(b)
		if r.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", what, r.Status)
		}
		return err
	})
	if err != nil {
		return figure{}, err
	}
	ds = ds[20:]
	return figure{what, quantile(ds, .95), "ms", aim, atMost, fmt.Sprintf("p50 %s ms over HTTP, ledger commit included; %.1f KB", short(quantile(ds, .5)), float64(size)/1000)}, nil
}
