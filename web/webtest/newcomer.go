package webtest

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- RFC 6238
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
)

// Newcomer has somebody new ask to be taken on, by the practice's public page and a
// mail, and returns them with their browser.
func (h *House) Newcomer(name, mail string) *Visitor {
	h.T.Helper()
	ctx := h.T.Context()
	asking, err := h.Doors.AskJoin(ctx, name, mail, account.Origin{Addr: netip.MustParseAddr("192.0.2.7"), Lang: lang.English})
	if err != nil {
		h.T.Fatal(err)
	}
	for _, l := range h.Mailed() {
		if token, ok := strings.CutPrefix(l.Path, "/in/"); ok && l.To == mail {
			in, err := h.Doors.Enter(ctx, token, account.Ask{Asking: asking})
			if err != nil {
				h.T.Fatal(err)
			}
			return &Visitor{h: h, token: in.Token}
		}
	}
	h.T.Fatalf("no letter to %s", mail)
	return nil
}

// Mailed takes the letters that are to be sent, as the postman would.
func (h *House) Mailed() []account.Letter {
	h.T.Helper()
	ps, err := h.Vault.Due(h.T.Context(), 100)
	if err != nil {
		h.T.Fatal(err)
	}
	var out []account.Letter
	for _, p := range ps {
		if err := h.Vault.Settled(h.T.Context(), p.ID); err != nil {
			h.T.Fatal(err)
		}
		out = append(out, p.Letter)
	}
	return out
}

// Admit brings somebody in by the JSON of their FHIR resource and returns their chart's id.
func (h *House) Admit(id, json string) fhir.ClientID {
	h.T.Helper()
	c, err := h.Vault.Admit(h.T.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		h.T.Fatal(err)
	}
	if _, err := c.Put(h.T.Context(), fhir.Resource{Type: "Patient", ID: id, JSON: []byte(json)}); err != nil {
		h.T.Fatal(err)
	}
	return c.Client()
}

// Practice opens the practice as software that sets it up.
func (h *House) Practice() *record.Practice {
	h.T.Helper()
	p, err := h.Vault.OpenPractice(h.T.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		h.T.Fatal(err)
	}
	return p
}

// Rules switches an example of rules for minors on, as if somebody had read it.
func (h *House) Rules(id string) {
	h.T.Helper()
	s := h.Vault.Settings()
	s.Minors = record.Minors{ID: id, Version: 1, Reviewer: "A. Lawyer", Reviewed: "2026-11-20", By: "Grace Obi", Since: "2026-11-21"}
	if err := h.Practice().SetSettings(h.T.Context(), s); err != nil {
		h.T.Fatal(err)
	}
}

// Keyed gives somebody a way in of their own: an authenticator app, made after
// following an invitation.
func (h *House) Keyed(s account.Subject) {
	h.T.Helper()
	ctx := h.T.Context()
	link, err := h.Doors.Invite(ctx, s, account.Once)
	if err != nil {
		h.T.Fatal(err)
	}
	in, err := h.Doors.Enter(ctx, link, account.Ask{})
	if err != nil {
		h.T.Fatal(err)
	}
	app, err := h.Doors.BeginApp(ctx, in.Token, "House")
	if err != nil {
		h.T.Fatal(err)
	}
	if _, err := h.Doors.FinishApp(ctx, in.Token, app.Token, appCode(h.T, app.Secret, h.Now.Now())); err != nil {
		h.T.Fatal(err)
	}
}

// AppCode is what an authenticator app shows now that was given a secret.
func (h *House) AppCode(secret string) string {
	h.T.Helper()
	return appCode(h.T, secret, h.Now.Now())
}

// appCode is what an authenticator app shows for a secret as it is typed (RFC 6238).
func appCode(t testing.TB, typed string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(typed, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha1.New, secret)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30))) //nolint:gosec // after 1970
	sum := m.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// born says when the clients of a House were, which a mailed invitation asks for.
var born = map[string]string{"ada": "1968-03-14", "bob": "1990-07-01"}

// Reads gives somebody an address that they proved to read.
func (h *House) Reads(name, mail string) {
	h.T.Helper()
	ctx := h.T.Context()
	desk := h.As("frontdesk")
	sub := h.Subject(name)
	c, err := h.Vault.Open(ctx, desk.Actor(), record.Vouching, fhir.ClientID(sub.ID), record.Person|record.Agreements)
	if err == nil {
		_, err = c.Invite(ctx, mail, record.NotAsked, lang.English)
	}
	if err != nil {
		h.T.Fatal(err)
	}
	for _, l := range h.Mailed() {
		if token, ok := strings.CutPrefix(l.Path, "/in/"); ok && l.To == mail {
			if _, err := h.Doors.Enter(ctx, token, account.Ask{Born: born[name]}); err != nil {
				h.T.Fatal(err)
			}
			return
		}
	}
	h.T.Fatalf("no letter to %s", mail)
}
