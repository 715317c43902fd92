// Package posttest is a mail server, and a push service or a gateway for texts, for
// tests: real conversations on 127.0.0.1 with somebody who keeps what is sent and fails as
// they are told. It refuses to pass anything on, and to be used outside of tests.
package posttest

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"sync"
	"testing"
)

// Moment is a point of a conversation.
type Moment string

// The moments, in their order. At Ack the sink has the whole letter and owes
// the answer to it.
const (
	Connect Moment = "CONNECT"
	Hello   Moment = "EHLO"
	Encrypt Moment = "STARTTLS"
	SignIn  Moment = "AUTH"
	From    Moment = "MAIL"
	Rcpt    Moment = "RCPT"
	Data    Moment = "DATA"
	Ack     Moment = "ACK"
	Quit    Moment = "QUIT"
)

type deed uint8

const (
	_ deed = iota
	answer
	hangUp
	hush
)

// Plan is what the sink does with one conversation. The zero Plan takes the
// letter.
type Plan struct {
	at   Moment
	do   deed
	code int
}

// Accept takes the letter and says so.
func Accept() Plan { return Plan{} }

// Lose takes the letter and hangs up without saying so: the sender cannot know.
func Lose() Plan { return Plan{at: Ack, do: hangUp} }

// Answer answers with an SMTP code, such as 451, at a moment. The words beside the
// code repeat the address, as real servers do. A letter refused at Ack is not kept.
func Answer(at Moment, code int) Plan { return Plan{at, answer, code} }

// HangUp ends the connection at a moment.
func HangUp(at Moment) Plan { return Plan{at: at, do: hangUp} }

// Hush says nothing at a moment, and nothing after it, until the sender leaves.
func Hush(at Moment) Plan { return Plan{at: at, do: hush} }

// Security is what the sink offers. The zero Security is none.
type Security uint8

// What a sink offers.
const (
	Plain Security = iota
	StartTLS
	Implicit
)

// Options say how a sink is set up.
type Options struct {
	Security       Security
	User, Password string // when set, a letter is taken only after AUTH PLAIN with them
}

// Sink is a mail server of one test.
type Sink struct {
	opts  Options
	ln    net.Listener
	cert  *tls.Config
	roots *x509.CertPool
	talks sync.WaitGroup
	quiet chan Moment

	mu    sync.Mutex
	plans []Plan
	mails []Mail
	said  []string
	open  map[net.Conn]bool
	begun int
}

// New starts a sink that ends with the test.
func New(t testing.TB, o Options) *Sink {
	t.Helper()
	s := &Sink{opts: o, open: map[net.Conn]bool{}, quiet: make(chan Moment, 1)}
	var err error
	if s.cert, s.roots, err = certificate(); err != nil {
		t.Fatal(err)
	}
	if s.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.talks.Add(1)
	go s.accept()
	t.Cleanup(func() {
		s.Stop()
		s.talks.Wait()
	})
	return s
}

// Stop ends the sink and its conversations before the test ends, as when a relay
// goes down.
func (s *Sink) Stop() {
	s.ln.Close() //nolint:errcheck // a second Stop finds it closed
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		c.Close() //nolint:errcheck // as above
	}
	s.open = nil
}

// Host returns where the sink listens.
func (s *Sink) Host() string { return "127.0.0.1" }

// Port returns the port the sink listens on.
func (s *Sink) Port() int { return s.ln.Addr().(*net.TCPAddr).Port }

// Roots returns who vouches for the sink's certificate.
func (s *Sink) Roots() *x509.CertPool { return s.roots }

// Next plans the coming conversations, in order; after them the sink accepts.
func (s *Sink) Next(plans ...Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, plans...)
}

// Mails returns the letters the sink took, oldest first, those whose
// acknowledgement it lost among them.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Said returns every line a sender said, letters and passwords apart.
func (s *Sink) Said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

// Quiet receives the moment at which the sink began to say nothing, so that a test
// can go on without waiting by the clock.
func (s *Sink) Quiet() <-chan Moment { return s.quiet }

// Talks returns how many conversations were begun.
func (s *Sink) Talks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

func (s *Sink) accept() {
	defer s.talks.Done()
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		var p Plan
		if len(s.plans) > 0 {
			p, s.plans = s.plans[0], s.plans[1:]
		}
		s.begun++
		if s.open == nil {
			c.Close() //nolint:errcheck // the sink has stopped
			s.mu.Unlock()
			continue
		}
		s.open[c] = true
		s.talks.Add(1)
		s.mu.Unlock()
		go func() {
			defer s.talks.Done()
			(&talk{sink: s, plan: p}).run(c)
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.open, c)
		}()
	}
}
