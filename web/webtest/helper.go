package webtest

import (
	"net/http"
	"strings"

	"rapport/account"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
)

// Ask has a client ask for a helper, face to face, and returns the link's token.
func (h *House) Ask(of fhir.ClientID, g record.Grant) string {
	h.T.Helper()
	if g.Tie == 0 {
		g.Tie = record.Helper
	}
	c, err := h.Vault.Open(h.T.Context(), h.AsClient(string(of)).Actor(), record.Sharing, of, record.Person|record.Agreements)
	if err != nil {
		h.T.Fatal(err)
	}
	token, err := c.Offer(h.T.Context(), g, "", lang.English)
	if err != nil {
		h.T.Fatal(err)
	}
	return token
}

// Guest makes an account for who follows a link that asks for help.
func (h *House) Guest(token string) account.Subject {
	h.T.Helper()
	in, err := h.Doors.Enter(h.T.Context(), token, account.Ask{})
	if err != nil {
		h.T.Fatal(err)
	}
	return in.Subject
}

// Helper signs in somebody without a chart, by that name, whom a client lets see
// and do this.
func (h *House) Helper(name string, of fhir.ClientID, reads, acts record.Parts) *Visitor {
	h.T.Helper()
	token := h.Ask(of, record.Grant{Name: name, Reads: reads, Acts: acts})
	v := h.in(h.Guest(token))
	h.Take(v, token)
	return v
}

// Take has somebody say yes to a link that asks for help.
func (h *House) Take(v *Visitor, token string) {
	h.T.Helper()
	f, err := h.Vault.OpenHousehold(h.T.Context(), v.Actor(), 0)
	if err != nil {
		h.T.Fatal(err)
	}
	if _, err := f.Take(h.T.Context(), token); err != nil {
		h.T.Fatal(err)
	}
}

// AsSubject signs somebody in by their account.
func (h *House) AsSubject(s account.Subject) *Visitor { h.T.Helper(); return h.in(s) }

// hana helps Ada with visits and medicines, and has no chart of her own. She comes
// into being when she is first asked for, so that nothing of her stands on Ada's
// ledger where she is not needed.
func (h *House) hana() account.Subject {
	h.T.Helper()
	if h.hanas == (account.Subject{}) {
		h.hanas = h.Helper("Hana Novak", h.Ada, record.Visits|record.Medicines, 0).Actor().Subject()
	}
	return h.hanas
}

// Came is the visitor whom an answer has just let in.
func (h *House) Came(p *Page) *Visitor {
	h.T.Helper()
	for _, c := range (&http.Response{Header: p.Header}).Cookies() {
		if strings.HasSuffix(c.Name, "session") && c.Value != "" {
			return &Visitor{h: h, token: c.Value}
		}
	}
	h.T.Fatalf("%s let nobody in", p.Path)
	return nil
}

// ByLink signs somebody in by a link in a mail, and no more.
func (h *House) ByLink(name string) *Visitor {
	h.T.Helper()
	link, err := h.Doors.Invite(h.T.Context(), h.Subject(name), account.Once)
	if err != nil {
		h.T.Fatal(err)
	}
	in, err := h.Doors.Enter(h.T.Context(), link, account.Ask{})
	if err != nil {
		h.T.Fatal(err)
	}
	return &Visitor{h: h, token: in.Token}
}
