package posttest

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"
)

// errOver ends a conversation.
var errOver = errors.New("the conversation is over")

// talk is one conversation.
type talk struct {
	sink *Sink
	plan Plan
	bare net.Conn
	conn net.Conn
	text *textproto.Conn

	secure, known bool
	from, to      string
}

// run holds the conversation and closes the connection.
func (k *talk) run(c net.Conn) {
	defer c.Close() //nolint:errcheck // whoever hung up first
	k.bare = c
	k.use(c)
	if k.sink.opts.Security == Implicit {
		k.encrypt()
	}
	if k.planned(Connect, "220 sink.example ESMTP") != nil {
		return
	}
	for {
		line, err := k.text.ReadLine()
		if err != nil || k.answer(line) != nil {
			return
		}
	}
}

func (k *talk) use(c net.Conn) { k.conn, k.text = c, textproto.NewConn(c) }

func (k *talk) encrypt() {
	k.secure = true
	k.use(tls.Server(k.bare, k.sink.cert))
}

// planned does what the plan says at a moment, or says the usual.
func (k *talk) planned(at Moment, usual ...string) error {
	if k.plan.at == at {
		switch k.plan.do {
		case answer:
			return k.text.PrintfLine("%d 5.0.0 <%s>: not as you wish", k.plan.code, k.to)
		case hangUp:
			return errOver
		case hush:
			select {
			case k.sink.quiet <- at:
			default:
			}
			_, _ = io.Copy(io.Discard, k.conn) //nolint:errcheck // it ends when the sender leaves
			return errOver
		}
	}
	for _, l := range usual {
		if err := k.text.PrintfLine("%s", l); err != nil {
			return err
		}
	}
	return nil
}

// answer answers one line. A refusal is not an error: the sender decides what next.
func (k *talk) answer(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	heard := line
	if verb == "AUTH" {
		heard = "AUTH"
	}
	k.sink.mu.Lock()
	k.sink.said = append(k.sink.said, heard)
	k.sink.mu.Unlock()
	switch verb {
	case "EHLO":
		return k.planned(Hello, k.offers()...)
	case "HELO":
		return k.planned(Hello, "250 sink.example")
	case "STARTTLS":
		if k.secure || k.sink.opts.Security != StartTLS {
			return k.text.PrintfLine("502 not offered")
		}
		err := k.planned(Encrypt, "220 go on")
		if err == nil && (k.plan.at != Encrypt || k.plan.do != answer) {
			k.encrypt()
		}
		return err
	case "AUTH":
		return k.signIn(rest)
	case "MAIL":
		if k.sink.opts.User != "" && !k.known {
			return k.text.PrintfLine("530 5.7.0 sign in first")
		}
		k.from = address(rest)
		return k.planned(From, "250 2.1.0 well")
	case "RCPT":
		k.to = address(rest)
		return k.planned(Rcpt, "250 2.1.5 well")
	case "DATA":
		return k.data()
	case "NOOP", "RSET":
		return k.text.PrintfLine("250 2.0.0 well")
	case "QUIT":
		if err := k.planned(Quit, "221 2.0.0 goodbye"); err != nil {
			return err
		}
		return errOver
	}
	return k.text.PrintfLine("500 5.5.2 what?")
}

func (k *talk) offers() []string {
	out := []string{"250-sink.example", "250-8BITMIME", "250-SMTPUTF8", "250-ENHANCEDSTATUSCODES"}
	if k.sink.opts.Security == StartTLS && !k.secure {
		out = append(out, "250-STARTTLS")
	}
	if k.sink.opts.User != "" {
		out = append(out, "250-AUTH PLAIN CRAM-MD5")
	}
	return append(out, "250 SIZE 1000000")
}

func (k *talk) signIn(rest string) error {
	got, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
	k.known = err == nil && string(got) == "\x00"+k.sink.opts.User+"\x00"+k.sink.opts.Password
	if !k.known {
		return k.text.PrintfLine("535 5.7.8 no")
	}
	return k.planned(SignIn, "235 2.7.0 welcome")
}

func (k *talk) data() error {
	if k.from == "" || k.to == "" {
		return k.text.PrintfLine("503 5.5.1 from whom, to whom?")
	}
	if k.plan.at == Data {
		return k.planned(Data)
	}
	if err := k.text.PrintfLine("354 go on"); err != nil {
		return err
	}
	raw, err := k.text.ReadDotBytes()
	if err != nil {
		return err
	}
	if k.plan.at != Ack || k.plan.do != answer {
		k.sink.mu.Lock()
		k.sink.mails = append(k.sink.mails, Mail{From: k.from, To: k.to, Secure: k.secure, Raw: raw})
		k.sink.mu.Unlock()
	}
	k.from = ""
	return k.planned(Ack, "250 2.0.0 taken")
}

// address returns what stands between the angle brackets.
func address(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}
