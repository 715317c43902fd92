package main

import (
	"fmt"
	"net/url"

	"rapport/clock"
	"rapport/errs"
	"rapport/outbound"
	"rapport/post"
	"rapport/record"
)

// text says how texts leave (docs/gateway.md).
type text struct {
	Gateway   string `name:"text-gateway" help:"Where texts are handed over. Left out, none are sent." env:"RAPPORT_TEXT_GATEWAY"`
	TokenFile string `name:"text-token-file" help:"A file that holds the gateway's token, and that nobody else may read." env:"RAPPORT_TEXT_TOKEN_FILE" type:"path"`
	Twilio    string `name:"text-twilio" help:"The SID of an account at Twilio, or at a gateway that speaks as it does, instead of our own way." env:"RAPPORT_TEXT_TWILIO"`
	TextFrom  string `name:"text-from" help:"The number, or the messaging service, that texts by way of Twilio come from." env:"RAPPORT_TEXT_FROM"`
}

// sender checks the settings and returns who sends texts with them; nil without an error
// when no gateway is named. It connects to nothing.
func (t text) sender() (post.Sender, error) {
	if t.Gateway == "" && t.Twilio == "" {
		if t.TokenFile != "" || t.TextFrom != "" {
			return nil, errs.E(errs.Invalid, "settings for texts are given, but no gateway: add --text-gateway or --text-twilio, or leave out --text-token-file and --text-from")
		}
		return nil, nil
	}
	if t.TokenFile == "" {
		return nil, errs.E(errs.Invalid, "a gateway for texts needs its token: add --text-token-file")
	}
	token, err := readPassword("--text-token-file", t.TokenFile)
	if err != nil {
		return nil, err
	}
	g, err := post.NewGateway(post.Gateway{Address: t.Gateway, Token: token, Account: t.Twilio, From: t.TextFrom})
	if err != nil {
		return nil, err // not g: a nil *Gateway is not a nil Sender
	}
	return g, nil
}

// reach is how people are told of things.
type reach struct {
	mail
	text
}

// ways are those by which letters leave: pushes always can, for they need nobody's
// account.
func (r reach) ways(v *record.Vault, base *url.URL) (post.Sender, error) {
	m, err := r.mail.sender(clock.Wall{})
	if err != nil {
		return nil, err
	}
	t, err := r.text.sender()
	if err != nil {
		return nil, err
	}
	key, err := v.PushKey()
	if err != nil {
		return nil, err
	}
	client, _ := outbound.Public(nil)
	return post.Ways{Mail: m, Text: t, Push: post.NewPush(key, base, client)}, nil
}

// says is where texts go, for whoever looks after it; never the token, or an account.
func (t text) says() string {
	how := "in our own way"
	if t.Twilio != "" {
		how = "in Twilio's way, from " + t.TextFrom
	}
	if t.Gateway == "" {
		return "handed to Twilio, from " + t.TextFrom
	}
	u, err := url.Parse(t.Gateway)
	if err != nil {
		return "handed over " + how
	}
	return fmt.Sprintf("handed to %s, %s", u.Host, how)
}

// findings are what a doctor sees of it, without sending anything; v is nil where the
// practice does not open.
func (r reach) findings(v *record.Vault) []finding {
	m, err := r.mail.sender(clock.Wall{})
	mail := finding{what: "mail", result: "no mail server is named: letters wait for three days, and then are given up", err: err}
	if m != nil {
		mail.result = fmt.Sprintf("by way of %s, port %d, from %s; not tried", r.Host, r.Port, r.From)
	}
	t, err := r.text.sender()
	texts := finding{what: "texts", result: "no gateway is named: whoever cannot be reached is called", err: err}
	if t != nil {
		texts.result = r.text.says() + "; not tried"
	}
	out := []finding{mail, texts}
	if v == nil {
		return out // that it does not open is said already
	}
	_, err = v.PushKey()
	return append(out, finding{what: "pushes", result: "the practice has its key, and needs nothing else", err: err})
}
