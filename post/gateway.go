package post

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"rapport/errs"
)

// Gateway is a Sender that hands texts to a gateway over HTTP (docs/gateway.md), or to
// one that speaks as Twilio's does. It is safe for concurrent use.
type Gateway struct {
	Address string   // where texts are handed over; of Twilio its base, "" for its own
	Token   Password // of who hands them over
	Account string   // Twilio: the account's SID; "" for our own way
	From    string   // Twilio: the number or the messaging service they come from

	client *http.Client
}

const twilio = "https://api.twilio.com"

// NewGateway checks a gateway's settings and connects to nothing. Errors are Invalid, in
// sentences for whoever wrote the settings.
func NewGateway(g Gateway) (*Gateway, error) {
	if g.Account != "" && g.Address == "" {
		g.Address = twilio
	}
	u, err := url.Parse(g.Address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errs.E(errs.Invalid, "the text gateway's address must be one such as https://texts.example.org/send")
	case u.Scheme == "http" && !inHouse(u.Hostname()):
		return nil, errs.E(errs.Invalid, "the text gateway's address must begin with https, unless it is on this machine or its network")
	case g.Token == "":
		return nil, errs.E(errs.Invalid, "the text gateway needs a token")
	case g.Account != "" && g.From == "":
		return nil, errs.E(errs.Invalid, "texts by way of Twilio need a number to come from")
	}
	g.client = &http.Client{Timeout: defaultWait, Transport: &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &g, nil
}

// inHouse says whether a host is this machine, or written as an address of its network.
func inHouse(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (a.IsLoopback() || a.IsPrivate())
}

// Send implements Sender.
func (g *Gateway) Send(ctx context.Context, l Letter) error {
	text, err := Text(l)
	if err != nil {
		return err
	}
	r, err := g.request(ctx, l, text)
	if err != nil {
		return errs.E(errs.Internal, "post: letter %q: the gateway's address", l.ID)
	}
	r.GetBody = nil // or net/http itself, seeing the key, would send a second time
	resp, err := g.client.Do(r)
	if err != nil {
		return l.unanswered(err)
	}
	defer drained(resp.Body)
	return l.answered(resp)
}

func (g *Gateway) request(ctx context.Context, l Letter, text string) (*http.Request, error) {
	if g.Account == "" {
		b, err := json.Marshal(struct {
			ID   string `json:"id"`
			To   string `json:"to"`
			Text string `json:"text"`
		}{l.Once, l.To, text})
		if err != nil {
			return nil, err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.Address, bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+string(g.Token))
		r.Header.Set("Idempotency-Key", l.Once)
		return r, nil
	}
	form := url.Values{"To": {l.To}, "Body": {text}}
	if strings.HasPrefix(g.From, "MG") {
		form.Set("MessagingServiceSid", g.From)
	} else {
		form.Set("From", g.From)
	}
	to := strings.TrimSuffix(g.Address, "/") + "/2010-04-01/Accounts/" + url.PathEscape(g.Account) + "/Messages.json"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("I-Twilio-Idempotency-Token", l.Once)
	r.SetBasicAuth(g.Account, string(g.Token))
	return r, nil
}
