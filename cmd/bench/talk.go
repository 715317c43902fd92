package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"

	"rapport/care/inbox"
	"rapport/care/messages"
)

// What is measured of messages.
const (
	talkOpen  = 500   // pages that are open, each with a thread of its own
	talkSends = 400   // answers to them
	talkIdle  = 1000  // streams that hear nothing
	talkItems = 10000 // things to do on the list
)

// talkers is a practice whose clients have pages open.
type talkers struct {
	*clinic
	srv     *httptest.Server
	nurse   string // the session of who answers
	clients []fhir.ClientID
	tokens  []string
	threads []string
}

// talk measures messages: from one screen to the other, what open pages cost, and the
// list of what is to do.
func talk(ctx context.Context, dir string) ([]figure, error) {
	c, err := newClinic(ctx, dir, week(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday))
	if err != nil {
		return nil, err
	}
	defer c.v.Close() //nolint:errcheck // nothing here is worth keeping
	base := &url.URL{Scheme: "https", Host: "practice.example"}
	if err := c.doors.Serve(base, func() string { return "Bench" }); err != nil {
		return nil, err
	}
	w, err := web.New(web.Config{Vault: c.v, Doors: c.doors, Clock: c.now, Log: slog.New(slog.DiscardHandler), Base: base, Home: func(account.Actor, []record.Cared) string { return "/" },
		Nav: func(lang.Printer, account.Actor, []record.Cared, *record.Cared) []shell.NavItem { return nil }}, slices.Concat(messages.Routes(), inbox.Routes())...)
	if err != nil {
		return nil, err
	}
	t := &talkers{clinic: c, srv: httptest.NewServer(w)}
	defer func() { w.Stop(); t.srv.Close() }()
	if err := t.people(ctx); err != nil {
		return nil, err
	}
	var out []figure
	for _, part := range []func(context.Context) ([]figure, error){t.screens, t.idle, t.items} {
		fs, err := part(ctx)
		out = append(out, fs...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// token signs somebody in.
func (t *talkers) token(ctx context.Context, s account.Subject) (string, account.Actor, error) {
	link, err := t.doors.Invite(ctx, s, account.Demo)
	if err != nil {
		return "", account.Actor{}, err
	}
	in, err := t.doors.Enter(ctx, link, account.Ask{})
	if err != nil {
		return "", account.Actor{}, err
	}
	who, err := t.doors.Who(ctx, in.Token)
	return in.Token, who, err
}

// people signs everybody in, and has each client begin a thread.
func (t *talkers) people(ctx context.Context) error {
	var err error
	if t.nurse, _, err = t.token(ctx, account.Subject{Kind: account.Staff, ID: staffID(0)}); err != nil {
		return err
	}
	for i := range talkOpen {
		id, err := t.person(ctx, "talk"+strconv.Itoa(i))
		if err != nil {
			return err
		}
		tok, who, err := t.token(ctx, account.Subject{Kind: account.Client, ID: string(id)})
		if err != nil {
			return err
		}
		c, err := t.v.Open(ctx, who, record.Messaging, id, record.Person|record.Messages)
		if err != nil {
			return err
		}
		th, err := c.Say(ctx, record.Message{Key: "first", Topic: "care", Text: "Is that normal in week three?"})
		if err != nil {
			return err
		}
		t.clients, t.tokens, t.threads = append(t.clients, id), append(t.tokens, tok), append(t.threads, th)
	}
	return nil
}

// ask makes a request as somebody.
func (t *talkers) ask(c *http.Client, method, path, token string, form url.Values, fragment bool) (string, int, error) {
	r, err := http.NewRequest(method, t.srv.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", "__Host-session="+token)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if fragment {
		r.Header.Set("X-Fragment", "1")
	}
	resp, err := c.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	b, err := io.ReadAll(resp.Body)
	return string(b), resp.StatusCode, err
}

var ticketIn = regexp.MustCompile(`data-stream="(/live/[^"]+)"`)

// stream opens an event stream, and returns what comes.
func (t *talkers) stream(path, token string) (net.Conn, *bufio.Reader, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(t.srv.URL, "http://"))
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: practice.example\r\nCookie: __Host-session=%s\r\nSec-Fetch-Site: same-origin\r\n\r\n", path, token) //nolint:errcheck // reading says so
	r := bufio.NewReaderSize(conn, 512)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, nil, err
		}
		if strings.HasPrefix(line, "HTTP/1.1") && !strings.Contains(line, "200") {
			return nil, nil, errs.E(errs.Internal, "bench: a stream answers %s", strings.TrimSpace(line))
		}
		if strings.HasPrefix(line, "retry:") {
			return conn, r, nil
		}
	}
}

// screens measures from the moment an answer is sent until the client's page, which is
// one of many that are open, has it.
func (t *talkers) screens(context.Context) ([]figure, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var mu sync.Mutex
	var took []time.Duration
	sent := map[string]time.Time{} // by text
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close() //nolint:errcheck // it is over
		}
	}()
	var seen sync.WaitGroup
	for i := range t.clients {
		page := "/me/" + string(t.clients[i]) + "/messages/" + t.threads[i]
		body, code, err := t.ask(client, "GET", page, t.tokens[i], nil, false)
		m := ticketIn.FindStringSubmatch(body)
		if err != nil || m == nil {
			return nil, errs.E(errs.Internal, "bench: a thread's page answers %d without a stream: %v", code, err)
		}
		conn, r, err := t.stream(m[1], t.tokens[i])
		if err != nil {
			return nil, err
		}
		conns = append(conns, conn)
		go func() {
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if !strings.HasPrefix(line, "event: changed") {
					continue
				}
				body, _, err := t.ask(client, "GET", page, t.tokens[i], nil, true)
				now := wall.Now()
				mu.Lock()
				for text, at := range sent {
					if err == nil && strings.Contains(body, text) {
						took = append(took, now.Sub(at))
						delete(sent, text)
						seen.Done()
					}
				}
				mu.Unlock()
			}
		}()
	}
	err := each(talkSends, 4, func(i int) error {
		at, text := i%talkOpen, fmt.Sprintf("In week three it is. %d", 100000+i)
		mu.Lock()
		sent[text] = wall.Now()
		mu.Unlock()
		seen.Add(1)
		_, code, err := t.ask(client, "POST", "/inbox/"+string(t.clients[at])+"/"+t.threads[at], t.nurse, url.Values{"text": {text}, "key": {text}}, false)
		if err == nil && code != http.StatusSeeOther {
			err = errs.E(errs.Internal, "bench: an answer is answered with %d", code)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	seen.Wait()
	note := fmt.Sprintf("%d answers by 4 people, %d pages open, in one process with its readers", len(took), talkOpen)
	return []figure{
		{what: "sent → on the other open screen, p50", got: p50(took), unit: "ms", note: note},
		{what: "sent → on the other open screen, p95", got: p95(took), unit: "ms", aim: 250, best: atMost},
	}, nil
}

// held is the memory in use after what is of no use was freed, in MB.
func held() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse+m.StackInuse) / (1 << 20)
}

// idle measures what streams cost that hear nothing.
func (t *talkers) idle(context.Context) ([]figure, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var tickets []string
	for i := range talkOpen {
		body, _, err := t.ask(client, "GET", "/me/"+string(t.clients[i])+"/messages/"+t.threads[i], t.tokens[i], nil, false)
		m := ticketIn.FindStringSubmatch(body)
		if err != nil || m == nil {
			return nil, errs.E(errs.Internal, "bench: no stream: %v", err)
		}
		tickets = append(tickets, m[1])
	}
	before, goes := held(), runtime.NumGoroutine()
	conns := make([]net.Conn, 0, talkIdle)
	for i := range talkIdle {
		conn, _, err := t.stream(tickets[i%talkOpen], t.tokens[i%talkOpen])
		if err != nil {
			return nil, err
		}
		conns = append(conns, conn)
	}
	after := held()
	goes = runtime.NumGoroutine() - goes
	for _, c := range conns {
		c.Close() //nolint:errcheck // it is over
	}
	return []figure{{what: "1,000 idle event streams", got: after - before, unit: "MB", aim: 40, best: atMost, note: fmt.Sprintf("%.1f goroutines each; their readers' half included", float64(goes)/talkIdle)}}, nil
}

// items measures the list of what is to do when it is long.
func (t *talkers) items(ctx context.Context) ([]figure, error) {
	_, nurse, err := t.token(ctx, account.Subject{Kind: account.Staff, ID: staffID(0)})
	if err != nil {
		return nil, err
	}
	per := talkItems / talkOpen
	err = each(talkOpen, 4, func(i int) error {
		_, who, err := t.token(ctx, account.Subject{Kind: account.Client, ID: string(t.clients[i])})
		if err != nil {
			return err
		}
		c, err := t.v.Open(ctx, who, record.Messaging, t.clients[i], record.Person|record.Messages)
		if err != nil {
			return err
		}
		for n := range per {
			if _, err := c.Say(ctx, record.Message{Key: "item" + strconv.Itoa(n), Topic: "care", Text: "hello"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d, err := t.v.OpenDirectory(ctx, nurse, record.Finding)
	if err != nil {
		return nil, err
	}
	n := 0
	lists, err := timed(20, func(int) error {
		all, err := d.Inbox(ctx)
		n = len(all)
		return err
	})
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true}}
	size := 0
	pages, err := timed(50, func(int) error {
		r, err := http.NewRequest("GET", t.srv.URL+"/inbox?tab=team", nil)
		if err != nil {
			return err
		}
		r.Header.Set("Cookie", "__Host-session="+t.nurse)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Accept-Encoding", "br, gzip")
		resp, err := client.Do(r)
		if err != nil {
			return err
		}
		defer resp.Body.Close() //nolint:errcheck // it was read
		b, err := io.ReadAll(resp.Body)
		if size = len(b); err == nil && resp.StatusCode != http.StatusOK {
			err = errs.E(errs.Internal, "bench: the list answers %d", resp.StatusCode)
		}
		return err
	})
	return []figure{
		{what: "what is to do, read and sorted, p50", got: p50(lists), unit: "ms", note: fmt.Sprintf("%d open", n)},
		{what: "the inbox's page over it, p50", got: p50(pages), unit: "ms", aim: 20, best: atMost, note: "HTTP, session and compression included"},
		{what: "the inbox's page over it, p95", got: p95(pages), unit: "ms"},
		{what: "the inbox's page, compressed", got: float64(size) / 1024, unit: "KB", aim: 20, best: atMost},
	}, err
}
