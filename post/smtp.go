package post

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"rapport/clock"
	"rapport/errs"
)

// TLS says how the way to the relay is encrypted. The zero TLS is the default:
// STARTTLS, and no mail without it.
type TLS uint8

// The ways of encrypting.
const (
	StartTLS TLS = iota // RFC 3207, mandatory: a relay that does not offer it gets nothing
	Implicit            // RFC 8314, from the first byte, usually port 465
	None                // nothing; only to a relay on this same machine
)

// Password is a password that does not print itself.
type Password string

// String implements fmt.Stringer without telling.
func (Password) String() string { return "[hidden]" }

// GoString implements fmt.GoStringer without telling.
func (Password) GoString() string { return "[hidden]" }

// Relay is the mail server that takes our letters.
type Relay struct {
	Host     string
	Port     int    // 1 to 65535
	User     string // "" signs in to nothing
	Password Password
	From     string // one plain address; its domain is also our name in the conversation
	TLS      TLS
	Roots    *x509.CertPool // who may vouch for the relay; nil for the machine's own list
	Wait     time.Duration  // the longest one part of a conversation takes; 0 for 20 seconds
}

// Conversation is the longest a Send takes with the default Wait: connecting, the
// greeting, hello with signing in, and the letter with the goodbye have one each.
const Conversation = 4 * defaultWait

const defaultWait = 20 * time.Second

// SMTP is a Sender that hands letters to a relay, one conversation each. It is
// safe for concurrent use.
type SMTP struct {
	relay  Relay
	domain string
	now    clock.Clock
}

// NewSMTP checks a relay's settings and connects to nothing. Errors are Invalid,
// in sentences for whoever wrote the settings.
func NewSMTP(r Relay, now clock.Clock) (*SMTP, error) {
	if r.Host == "" || strings.ContainsFunc(r.Host, unfit) || strings.Contains(r.Host, "/") {
		return nil, errs.E(errs.Invalid, "the mail server's host must be a name such as mail.example.org, or an IP address")
	}
	if r.Port < 1 || r.Port > 65535 {
		return nil, errs.E(errs.Invalid, "the mail server's port must be from 1 to 65535: usually 587, or 465 with implicit TLS")
	}
	if !plainAddress(r.From) || !ascii(r.From) {
		return nil, errs.E(errs.Invalid, "the address mail comes from must be one plain address such as post@practice.example, without a name")
	}
	if (r.User == "") != (r.Password == "") {
		return nil, errs.E(errs.Invalid, "the mail server's user and password go together: give both, or neither")
	}
	if r.TLS > None {
		return nil, errs.E(errs.Invalid, "mail is encrypted by STARTTLS, by implicit TLS, or not at all: there is no other way")
	}
	if r.TLS == None && !loopback(r.Host) {
		return nil, errs.E(errs.Invalid, "mail may go without TLS only to this same machine (localhost, 127.0.0.1, ::1), and %s is another", r.Host)
	}
	if r.Wait == 0 {
		r.Wait = defaultWait
	}
	_, domain, _ := strings.Cut(r.From, "@")
	return &SMTP{r, domain, now}, nil
}

// loopback says whether a host is this machine, without asking anybody.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send implements Sender. When it fails after the letter was handed over but
// before the relay said that it took it, the relay may have it all the same: a
// later try may then send it twice, and never loses it.
func (s *SMTP) Send(ctx context.Context, l Letter) error {
	msg, err := s.compose(l)
	if err != nil {
		return err
	}
	line := &wire{}
	defer line.cut()
	defer context.AfterFunc(ctx, line.cut)() // a caller that stops does not wait for the relay
	c, err := s.client(l, line)
	if err != nil {
		return errs.E(errs.Internal, "post: letter %q: %w", l.ID, err)
	}
	talk, err := c.DialToSMTPClientWithContext(ctx)
	if err == nil {
		err = s.signIn(talk)
	}
	if err != nil {
		return failed(l, reachFailure(ctx, err))
	}
	err = c.SendWithSMTPClient(talk, msg)
	if !msg.IsDelivered() {
		return failed(l, sendFailure(ctx, err))
	}
	talk.Quit() //nolint:errcheck // the relay has the letter; a bad goodbye must not send it again
	return nil
}

// client makes a go-mail client for one conversation. Without NOOP and RSET it
// has nothing to fail on between our letter and its answer; without SMTPUTF8 an
// address in plain letters also reaches a server that does not know it.
func (s *SMTP) client(l Letter, line *wire) (*mail.Client, error) {
	opts := []mail.Option{mail.WithPort(s.relay.Port), mail.WithHELO(s.domain), mail.WithTimeout(s.relay.Wait),
		mail.WithTLSPolicy(s.policy()), mail.WithTLSConfig(s.tls()), mail.WithoutNoop(), mail.WithoutRset(),
		mail.WithDialContextFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return s.dial(ctx, network, line)
		})}
	if ascii(l.To) {
		opts = append(opts, mail.WithoutSMTPUTF8())
	}
	return mail.NewClient(s.relay.Host, opts...)
}

// dial returns the connection to talk on, and puts the bare one into line.
func (s *SMTP) dial(ctx context.Context, network string, line *wire) (net.Conn, error) {
	bare, err := new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(s.relay.Host, strconv.Itoa(s.relay.Port)))
	if err != nil {
		return nil, err
	}
	line.hold(bare)
	if s.relay.TLS != Implicit {
		return bare, nil
	}
	sealed := tls.Client(bare, s.tls())
	return sealed, sealed.HandshakeContext(ctx)
}

// wire is the connection of one conversation. go-mail leaves it open when a
// greeting fails, and does not let go of it when the caller stops.
type wire struct {
	mu   sync.Mutex
	conn net.Conn
	gone bool
}

func (w *wire) hold(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = c
	if w.gone {
		c.Close() //nolint:errcheck // nobody wants it any more
	}
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = true
	if w.conn != nil {
		w.conn.Close() //nolint:errcheck // the conversation is over either way
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.relay.Host, MinVersion: tls.VersionTLS12, RootCAs: s.relay.Roots, Time: s.now.Now}
}

func (s *SMTP) policy() mail.TLSPolicy {
	if s.relay.TLS == StartTLS {
		return mail.TLSMandatory
	}
	return mail.NoTLS // dial has seen to it, or nobody wants it
}

// signIn uses the strongest way both sides know. go-mail's own choice would fall
// back on CRAM-MD5 and NTLM.
func (s *SMTP) signIn(talk *smtp.Client) error {
	if s.relay.User == "" {
		return nil
	}
	user, pass := s.relay.User, string(s.relay.Password)
	_, offered := talk.Extension("AUTH")
	for _, way := range strings.Fields(offered) {
		if way == "SCRAM-SHA-256" {
			return talk.Auth(smtp.ScramSHA256Auth(user, pass))
		}
	}
	for _, way := range strings.Fields(offered) {
		switch way {
		case "PLAIN":
			return talk.Auth(smtp.PlainAuth("", user, pass, s.relay.Host, false))
		case "LOGIN":
			return talk.Auth(smtp.LoginAuth(user, pass, s.relay.Host, false))
		}
	}
	return errors.New("it offers no way to sign in that we use: SCRAM-SHA-256, PLAIN or LOGIN")
}

// compose makes the message: our own headers and one part of plain text.
func (s *SMTP) compose(l Letter) (*mail.Msg, error) {
	m, err := Write(l)
	if err != nil {
		return nil, err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP))
	if err := msg.From(s.relay.From); err != nil {
		return nil, errs.E(errs.Internal, "post: letter %q: our own address was refused", l.ID)
	}
	if err := msg.To(l.To); err != nil {
		return nil, l.wrong("is not for exactly one valid address")
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.now.Now())
	msg.SetMessageIDWithValue(rand.Text() + "@" + s.domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notes back
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}

// reachFailure says why no conversation came about. The relay knows nothing of
// the letter yet, so the network's words are kept; its own are reduced to a code.
func reachFailure(ctx context.Context, err error) *Failure {
	f := &Failure{Step: Reach, Err: err}
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		f.Code, f.Err = said.Code, nil
	}
	if ctx.Err() != nil {
		f.Err = ctx.Err()
	}
	return f
}

// sendFailure says why the relay did not take a letter, without its words.
func sendFailure(ctx context.Context, err error) *Failure {
	f := &Failure{Step: Body, Err: ctx.Err()}
	said, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return f
	}
	f.Code, f.Enhanced = said.ErrorCode(), said.EnhancedStatusCode()
	switch said.Reason {
	case mail.ErrConnCheck:
		f.Step = Reach
	case mail.ErrSMTPMailFrom, mail.ErrGetSender:
		f.Step = From
	case mail.ErrSMTPRcptTo, mail.ErrGetRcpts:
		f.Step = Recipient
	}
	return f
}
