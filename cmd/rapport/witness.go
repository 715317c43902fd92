package main

import (
	"golang.org/x/mod/sumdb/tlog"

	"rapport/errs"
	"rapport/record"
	"rapport/web"
)

// seen is whether others may see that the ledger only grows.
type seen struct {
	Witnessed bool `help:"Let anybody read the ledger's signed checkpoint and the hashes of its tree, under BASE/book (C2SP tlog-tiles), so that others can witness that it only grows. It shows how many lines there are, and none of them." env:"RAPPORT_WITNESSED"`
}

// pages are what that adds; nothing while it is not switched on.
func (s seen) pages(v *record.Vault) []web.Route {
	if !s.Witnessed {
		return nil
	}
	return witnessPages(v.Published())
}

func witnessPages(p record.Published) []web.Route {
	return []web.Route{
		{Pattern: "GET /book/checkpoint", Why: record.Public, Open: func(a *web.Ask) (web.Answer, error) {
			s, err := p.Checkpoint(a.Context())
			return web.File("text/plain; charset=utf-8", "checkpoint", []byte(s)), err
		}},
		{Pattern: "GET /book/tile/{level}/{rest...}", Why: record.Public, Open: func(a *web.Ask) (web.Answer, error) {
			// tlog's own tiles have their height in the address, and C2SP's are 8 high
			t, err := tlog.ParseTilePath("tile/8/" + a.Path("level") + "/" + a.Path("rest"))
			if err != nil || t.L < 0 {
				return web.Answer{}, errs.E(errs.NotFound, "there is no such tile")
			}
			b, err := p.Tile(a.Context(), t.L, t.N, t.W)
			return web.File("application/octet-stream", "tile", b), err
		}},
	}
}
