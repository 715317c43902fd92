package post_test

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/clock"
	"rapport/errs"
	"rapport/lang"
	"rapport/post"
	"rapport/post/posttest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sender returns a sink and an SMTP that talks to it.
func sender(t *testing.T, o posttest.Options, change ...func(*post.Relay)) (*posttest.Sink, *post.SMTP) {
	t.Helper()
	sink := posttest.New(t, o)
	r := post.Relay{Host: sink.Host(), Port: sink.Port(), User: o.User, Password: post.Password(o.Password), From: "post@practice.example", Roots: sink.Roots()}
	switch o.Security {
	case posttest.Plain:
		r.TLS = post.None
	case posttest.Implicit:
		r.TLS = post.Implicit
	}
	for _, c := range change {
		c(&r)
	}
	s, err := post.NewSMTP(r, clock.At(noon))
	if err != nil {
		t.Fatal(err)
	}
	return sink, s
}

func TestALetterGoesOverARealConversation(t *testing.T) {
	t.Parallel()
	for _, o := range []posttest.Options{
		{Security: posttest.StartTLS}, {Security: posttest.Implicit}, {Security: posttest.Plain},
		{Security: posttest.StartTLS, User: "rapport", Password: "s3cret"}, {Security: posttest.Implicit, User: "rapport", Password: "s3cret"},
	} {
		t.Run(fmt.Sprint(o), func(t *testing.T) {
			t.Parallel()
			sink, s := sender(t, o)
			for i := range 2 {
				l := letter(post.SignIn)
				l.Lang, l.Practice = lang.French, "Cabinet de l’Été"
				if err := s.Send(t.Context(), l); err != nil {
					t.Fatal(err)
				}
				if n := len(sink.Mails()); n != i+1 {
					t.Fatalf("%d mails", n)
				}
			}
			got := sink.Mails()
			if got[0].From != "post@practice.example" || got[0].To != address || got[0].Secure != (o.Security != posttest.Plain) {
				t.Errorf("%+v", got[0])
			}
			l := letter(post.SignIn)
			l.Lang, l.Practice = lang.French, "Cabinet de l’Été"
			want, err := post.Write(l)
			if err != nil || got[0].Subject() != want.Subject || got[0].Text() != want.Text {
				t.Errorf("%v %s", err, cmp.Diff(want, post.Mail{Subject: got[0].Subject(), Text: got[0].Text()}))
			}
			checkHeaders(t, got[0].Header(), got[1].Header())
		})
	}
}

// checkHeaders holds the headers to exactly those we mean to write.
func checkHeaders(t *testing.T, h, other mail.Header) {
	t.Helper()
	var names []string
	for n := range h {
		names = append(names, n)
	}
	slices.Sort(names)
	if d := cmp.Diff([]string{"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}, names); d != "" {
		t.Errorf("headers: %s", d)
	}
	for n, want := range map[string]string{"Auto-Submitted": "auto-generated", "Content-Type": "text/plain; charset=UTF-8", "Date": "Sun, 01 Mar 2026 12:00:00 +0000", "From": "<post@practice.example>", "To": "<" + address + ">"} {
		if got := h[n]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", n, got, want)
		}
	}
	id := regexp.MustCompile(`^<[A-Z2-7]{26}@practice\.example>$`)
	if a, b := h.Get("Message-Id"), other.Get("Message-Id"); !id.MatchString(a) || !id.MatchString(b) || a == b {
		t.Errorf("message ids %q and %q", a, b)
	}
}

func TestTheConversationTellsTheRelayOnlyOurDomain(t *testing.T) {
	t.Parallel()
	sink, s := sender(t, posttest.Options{Security: posttest.StartTLS, User: "rapport", Password: "s3cret"})
	if err := s.Send(t.Context(), letter(post.Verify)); err != nil {
		t.Fatal(err)
	}
	want := []string{"EHLO practice.example", "STARTTLS", "EHLO practice.example", "AUTH", "MAIL FROM:<post@practice.example> BODY=8BITMIME", "RCPT TO:<" + address + ">", "DATA", "QUIT"}
	if d := cmp.Diff(want, sink.Said()); d != "" {
		t.Error(d)
	}
}

func TestNoFieldBecomesAHeader(t *testing.T) {
	t.Parallel()
	sink, s := sender(t, posttest.Options{Security: posttest.Plain})
	l := letter(post.Invite)
	l.ID = "x\r\nX-Id: y"
	l.Practice = "Lindenhof\r\nBcc: evil@example.org\r\n\r\n<b>body</b>\n.\nQUIT"
	if err := s.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	m := sink.Mails()[0]
	checkHeaders(t, m.Header(), mail.Header{"Message-Id": {"<AAAAAAAAAAAAAAAAAAAAAAAAAA@practice.example>"}})
	if !strings.HasPrefix(m.Subject(), "Lindenhof Bcc: evil@example.org <b>body</b> . QUIT: An invitation") {
		t.Errorf("subject %q", m.Subject())
	}
	if n := len(sink.Mails()); n != 1 || slices.Contains(sink.Said()[:len(sink.Said())-1], "QUIT") {
		t.Errorf("%d mails, said %q", n, sink.Said())
	}
}

func TestEveryFailureSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	type want struct {
		fate    post.Verdict
		step    post.Step
		code    int
		general bool
		arrived int
	}
	short := func(r *post.Relay) { r.Wait = time.Second }
	for name, c := range map[string]struct {
		plan posttest.Plan
		want want
	}{
		"busy at connect":     {posttest.Answer(posttest.Connect, 421), want{post.Temporary, post.Reach, 421, true, 0}},
		"closed at connect":   {posttest.Answer(posttest.Connect, 554), want{post.Temporary, post.Reach, 554, true, 0}},
		"hang up at connect":  {posttest.HangUp(posttest.Connect), want{post.Temporary, post.Reach, 0, true, 0}},
		"silent at connect":   {posttest.Hush(posttest.Connect), want{post.Temporary, post.Reach, 0, true, 0}},
		"no TLS today":        {posttest.Answer(posttest.Encrypt, 454), want{post.Temporary, post.Reach, 454, true, 0}},
		"silent at TLS":       {posttest.Hush(posttest.Encrypt), want{post.Temporary, post.Reach, 0, true, 0}},
		"not from us":         {posttest.Answer(posttest.From, 550), want{post.Temporary, post.From, 550, true, 0}},
		"greylisted":          {posttest.Answer(posttest.Rcpt, 451), want{post.Temporary, post.Recipient, 451, false, 0}},
		"no such box":         {posttest.Answer(posttest.Rcpt, 550), want{post.Permanent, post.Recipient, 550, false, 0}},
		"sign in first":       {posttest.Answer(posttest.Rcpt, 530), want{post.Temporary, post.Recipient, 530, false, 0}},
		"not understood":      {posttest.Answer(posttest.Data, 500), want{post.Permanent, post.Body, 500, false, 0}},
		"hang up at body":     {posttest.HangUp(posttest.Data), want{post.Temporary, post.Body, 0, false, 0}},
		"refused after body":  {posttest.Answer(posttest.Ack, 550), want{post.Permanent, post.Body, 550, false, 0}},
		"full after body":     {posttest.Answer(posttest.Ack, 452), want{post.Temporary, post.Body, 452, false, 0}},
		"acknowledgment lost": {posttest.Lose(), want{post.Temporary, post.Body, 0, false, 1}},
		"silent after body":   {posttest.Hush(posttest.Ack), want{post.Temporary, post.Body, 0, false, 1}},
		"rude goodbye":        {posttest.Answer(posttest.Quit, 500), want{0, 0, 0, false, 1}},
		"no goodbye":          {posttest.HangUp(posttest.Quit), want{0, 0, 0, false, 1}},
		"silent goodbye":      {posttest.Hush(posttest.Quit), want{0, 0, 0, false, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var change []func(*post.Relay)
			if strings.HasPrefix(name, "silent") { // only these wait it out
				change = append(change, short)
			}
			sink, s := sender(t, posttest.Options{Security: posttest.StartTLS}, change...)
			sink.Next(c.plan)
			err := s.Send(t.Context(), letter(post.SignIn))
			got := want{fate: post.VerdictOf(err), general: post.General(err), arrived: len(sink.Mails())}
			if f, ok := errors.AsType[*post.Failure](err); ok {
				got.step, got.code = f.Step, f.Code
			}
			if d := cmp.Diff(c.want, got, cmp.AllowUnexported(want{})); d != "" {
				t.Errorf("%v: %s", err, d)
			}
			if kind := map[post.Verdict]errs.Kind{post.Temporary: errs.Unavailable, post.Permanent: errs.Refused}[got.fate]; errs.KindOf(err) != kind {
				t.Errorf("kind %v, want %v", errs.KindOf(err), kind)
			}
			if err != nil && (strings.Contains(err.Error(), "amara") || strings.Contains(err.Error(), "not as you wish") || !strings.Contains(err.Error(), `"l1"`)) {
				t.Errorf("the error repeats the relay's words, or does not name the letter: %v", err)
			}
			if sink.Talks() != 1 {
				t.Errorf("%d conversations for one letter", sink.Talks())
			}
		})
	}
}

func TestARelayMustProveItself(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o      posttest.Options
		change func(*post.Relay)
	}{
		"it offers no STARTTLS":    {posttest.Options{}, func(r *post.Relay) { r.TLS = post.StartTLS }},
		"nobody vouches, STARTTLS": {posttest.Options{Security: posttest.StartTLS}, func(r *post.Relay) { r.Roots = nil }},
		"nobody vouches, implicit": {posttest.Options{Security: posttest.Implicit}, func(r *post.Relay) { r.Roots = nil }},
		"it is another":            {posttest.Options{Security: posttest.StartTLS}, func(r *post.Relay) { r.Host = "localhost" }},
		"it does not know us":      {posttest.Options{Security: posttest.StartTLS, User: "rapport", Password: "s3cret"}, func(r *post.Relay) { r.Password = "other" }},
		"it asks no password":      {posttest.Options{Security: posttest.StartTLS}, func(r *post.Relay) { r.User, r.Password = "rapport", "s3cret" }},
		"it is not there":          {posttest.Options{Security: posttest.StartTLS}, func(r *post.Relay) { r.Host = "127.0.0.2" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink, s := sender(t, c.o, c.change)
			err := s.Send(t.Context(), letter(post.SignIn))
			if post.VerdictOf(err) != post.Temporary || !post.General(err) || len(sink.Mails()) != 0 {
				t.Errorf("%v, %d mails", err, len(sink.Mails()))
			}
			for _, said := range sink.Said() {
				if strings.HasPrefix(said, "RCPT") {
					t.Errorf("it was told an address: %s", said)
				}
			}
		})
	}
}

func TestACallerThatStopsDoesNotWait(t *testing.T) {
	t.Parallel()
	for _, at := range []posttest.Moment{posttest.Connect, posttest.Hello, posttest.Rcpt, posttest.Ack} {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			sink, s := sender(t, posttest.Options{Security: posttest.Plain}, func(r *post.Relay) { r.Wait = time.Hour })
			sink.Next(posttest.Hush(at))
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- s.Send(ctx, letter(post.SignIn)) }()
			select {
			case <-sink.Quiet():
			case err := <-done:
				t.Fatal(err)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) || post.VerdictOf(err) != post.Temporary {
				t.Error(err)
			}
		})
	}
}

func TestNewSMTPSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := post.Relay{Host: "mail.example.org", Port: 587, From: "post@practice.example"}
	for want, change := range map[string]func(*post.Relay){
		"":                           func(*post.Relay) {},
		"host must be":               func(r *post.Relay) { r.Host = "" },
		"host must be a name":        func(r *post.Relay) { r.Host = "unix:///run/mail" },
		"port must be":               func(r *post.Relay) { r.Port = 0 },
		"port must be from 1":        func(r *post.Relay) { r.Port = 70000 },
		"one plain address":          func(r *post.Relay) { r.From = "Praxis <post@practice.example>" },
		"one plain address such":     func(r *post.Relay) { r.From = "a@b.example\r\nBcc: c@d.example" },
		"one plain address such as":  func(r *post.Relay) { r.From = "a@münchen.example" },
		"give both, or neither":      func(r *post.Relay) { r.User = "x" },
		"there is no other way":      func(r *post.Relay) { r.TLS = 9 },
		"only to this same machine":  func(r *post.Relay) { r.TLS = post.None },
		"only to this same machine ": func(r *post.Relay) { r.TLS, r.Host = post.None, "10.0.0.1" },
	} {
		r := good
		change(&r)
		_, err := post.NewSMTP(r, clock.At(noon))
		if want == "" && err != nil || want != "" && (!errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want)) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "127.1.2.3"} {
		r := good
		r.TLS, r.Host = post.None, host
		if _, err := post.NewSMTP(r, clock.At(noon)); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	r := good
	r.Password = "s3cret"
	if s := fmt.Sprintf("%v %+v %#v", r, r, r); strings.Contains(s, "s3cret") {
		t.Errorf("a relay prints its password: %s", s)
	}
}
