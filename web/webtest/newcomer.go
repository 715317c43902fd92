package webtest

import (
	"net/netip"
	"strings"

	"rapport/account"
	"rapport/lang"
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
