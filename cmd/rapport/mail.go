package main

import (
	"bytes"
	"io"
	"os"
	"strings"

	"rapport/clock"
	"rapport/errs"
	"rapport/post"
)

// mail says how letters leave.
type mail struct {
	Host         string `name:"smtp-host" help:"The mail server that takes our mail. Left out, no mail is sent." env:"RAPPORT_SMTP_HOST"`
	Port         int    `name:"smtp-port" help:"Its port: 587 for STARTTLS, usually 465 for implicit TLS." default:"587" env:"RAPPORT_SMTP_PORT"`
	User         string `name:"smtp-user" help:"The user to sign in to it with, if it wants one." env:"RAPPORT_SMTP_USER"`
	PasswordFile string `name:"smtp-password-file" help:"A file that holds that user's password, and that nobody else may read." env:"RAPPORT_SMTP_PASSWORD_FILE" type:"path"`
	From         string `name:"mail-from" help:"The address mail comes from, such as post@practice.example." env:"RAPPORT_MAIL_FROM"`
	TLS          string `name:"smtp-tls" help:"How the way there is encrypted: ${enum}. none only to this same machine." enum:"starttls,implicit,none" default:"starttls" env:"RAPPORT_SMTP_TLS"`
}

// The ports of RFC 8314 and RFC 6409 that are mistaken for each other.
const (
	submissionPort  = 587
	submissionsPort = 465
)

// maxPasswordFile is more than any password, in bytes.
const maxPasswordFile = 4 << 10

var tlsWays = map[string]post.TLS{"starttls": post.StartTLS, "implicit": post.Implicit, "none": post.None}

// sender checks the settings and returns who sends mail with them; nil without an
// error when no mail server is named. It connects to nothing.
func (m mail) sender(now clock.Clock) (post.Sender, error) {
	if m.Host == "" {
		if m.User != "" || m.PasswordFile != "" || m.From != "" {
			return nil, errs.E(errs.Invalid, "mail settings are given, but no mail server: add --smtp-host, or leave out --smtp-user, --smtp-password-file and --mail-from")
		}
		return nil, nil
	}
	if m.From == "" {
		return nil, errs.E(errs.Invalid, "--smtp-host is given, but not whom mail comes from: add --mail-from, such as --mail-from=post@practice.example")
	}
	if (m.User == "") != (m.PasswordFile == "") {
		return nil, errs.E(errs.Invalid, "give both --smtp-user and --smtp-password-file, or neither")
	}
	way, ok := tlsWays[m.TLS]
	if !ok {
		return nil, errs.E(errs.Invalid, "--smtp-tls is starttls, implicit or none")
	}
	if way == post.Implicit && m.Port == submissionPort {
		return nil, errs.E(errs.Invalid, "port %d is for STARTTLS: with --smtp-tls=implicit give the port too, usually --smtp-port=%d", submissionPort, submissionsPort)
	}
	if way == post.StartTLS && m.Port == submissionsPort {
		return nil, errs.E(errs.Invalid, "port %d is for implicit TLS: add --smtp-tls=implicit, or use --smtp-port=%d", submissionsPort, submissionPort)
	}
	r := post.Relay{Host: m.Host, Port: m.Port, User: m.User, From: m.From, TLS: way}
	if m.PasswordFile != "" {
		p, err := readPassword("--smtp-password-file", m.PasswordFile)
		if err != nil {
			return nil, err
		}
		r.Password = p
	}
	s, err := post.NewSMTP(r, now)
	if err != nil {
		return nil, err // not s: a nil *SMTP is not a nil Sender
	}
	return s, nil
}

// readPassword reads the first line of a file that nobody but its owner may read.
func readPassword(flag, path string) (post.Password, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", errs.E(errs.Invalid, "the file of %s cannot be read: %w", flag, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return "", errs.E(errs.Invalid, "the file of %s cannot be read: %w", flag, err)
	}
	if !info.Mode().IsRegular() {
		return "", errs.E(errs.Invalid, "%s is not a plain file: put the password into one", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", errs.E(errs.Invalid, "others on this machine may read %s: run chmod 600 %s, and change the password if they might have", path, path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxPasswordFile+1))
	if err != nil {
		return "", errs.E(errs.Invalid, "the file of %s cannot be read: %w", flag, err)
	}
	line, rest, _ := bytes.Cut(b, []byte("\n"))
	pass := strings.TrimSuffix(string(line), "\r")
	if pass == "" || len(b) > maxPasswordFile || len(bytes.TrimSpace(rest)) > 0 {
		return "", errs.E(errs.Invalid, "%s must hold the password alone, on one line", path)
	}
	return post.Password(pass), nil
}
