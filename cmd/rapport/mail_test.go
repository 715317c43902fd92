package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"rapport/clock"
	"rapport/errs"
	"rapport/lang"
	"rapport/post"
	"rapport/post/posttest"
)

// mailOf reads flags as serve will.
func mailOf(t *testing.T, args ...string) (mail, error) {
	t.Helper()
	var c struct{ mail }
	k, err := kong.New(&c, kong.Exit(func(int) { t.Error("kong exits") }))
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(args)
	return c.mail, err
}

func secretFile(t *testing.T, mode os.FileMode, content string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p, mode); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMailFlagsSayWhatToDo(t *testing.T) {
	t.Parallel()
	good, open := secretFile(t, 0o600, "s3cret\n"), secretFile(t, 0o640, "s3cret\n")
	host, from, user := "--smtp-host=mail.example.org", "--mail-from=post@practice.example", "--smtp-user=u"
	for _, c := range []struct {
		want string // "" means it is fine
		args []string
	}{
		{"", []string{host, from}},
		{"", []string{host, from, user, "--smtp-password-file=" + good}},
		{"", []string{host, from, "--smtp-tls=implicit", "--smtp-port=465"}},
		{"", []string{"--smtp-host=localhost", from, "--smtp-tls=none", "--smtp-port=25"}},
		{"add --smtp-host", []string{from}},
		{"add --mail-from", []string{host}},
		{"both --smtp-user and --smtp-password-file", []string{host, from, user}},
		{"both --smtp-user and --smtp-password-file", []string{host, from, "--smtp-password-file=" + good}},
		{"chmod 600 " + open, []string{host, from, user, "--smtp-password-file=" + open}},
		{"cannot be read", []string{host, from, user, "--smtp-password-file=" + good + ".not"}},
		{"not a plain file", []string{host, from, user, "--smtp-password-file=" + filepath.Dir(good)}},
		{"on one line", []string{host, from, user, "--smtp-password-file=" + secretFile(t, 0o600, "")}},
		{"on one line", []string{host, from, user, "--smtp-password-file=" + secretFile(t, 0o600, "a\nb\n")}},
		{"on one line", []string{host, from, user, "--smtp-password-file=" + secretFile(t, 0o400, strings.Repeat("x", 5000))}},
		{"--smtp-port=465", []string{host, from, "--smtp-tls=implicit"}},
		{"--smtp-tls=implicit", []string{host, from, "--smtp-port=465"}},
		{"this same machine", []string{host, from, "--smtp-tls=none"}},
		{"from 1 to 65535", []string{host, from, "--smtp-port=0"}},
		{"one plain address", []string{host, "--mail-from=Praxis <post@practice.example>"}},
	} {
		m, err := mailOf(t, c.args...)
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		s, err := m.sender(clock.Wall{})
		switch {
		case c.want == "" && (err != nil || s == nil):
			t.Errorf("%q: %v", c.args, err)
		case c.want != "" && (!errs.Is(err, errs.Invalid) || !strings.Contains(plain(err), c.want) || s != nil):
			t.Errorf("%q: want %q, got %v, %v", c.args, c.want, err, s)
		case err != nil && strings.Contains(err.Error(), "s3cret"):
			t.Errorf("it prints the password: %v", err)
		}
	}
	if _, err := mailOf(t, "--smtp-tls=maybe"); err == nil {
		t.Error("--smtp-tls=maybe is taken")
	}
	m, err := mailOf(t)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := m.sender(clock.Wall{}); s != nil || err != nil {
		t.Errorf("without a mail server: %v, %v", s, err)
	}
}

func TestMailFlagsReachTheServer(t *testing.T) {
	t.Parallel()
	sink := posttest.New(t, posttest.Options{User: "u", Password: "s3 cret"})
	m := mail{Host: sink.Host(), Port: sink.Port(), User: "u", PasswordFile: secretFile(t, 0o600, "s3 cret\r\n"), From: "post@practice.example", TLS: "none"}
	s, err := m.sender(clock.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	if err != nil {
		t.Fatal(err)
	}
	l := post.Letter{ID: "l", Kind: post.NoAccount, To: "a@b.example", Lang: lang.Spanish}
	if err := s.Send(t.Context(), l); err != nil || len(sink.Mails()) != 1 {
		t.Errorf("%v, %d mails", err, len(sink.Mails()))
	}
}
