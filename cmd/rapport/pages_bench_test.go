package main

import (
	"context"
	"net/http/httptest"
	"testing"

	"rapport/account"
)

// BenchmarkPages renders pages of the demo's fullest charts, the ledger commit
// included. B/op and allocs/op hold on a noisy machine; ns/op does not.
func BenchmarkPages(b *testing.B) {
	s := openStreet(b)
	amara := s.made.charts[s.made.world.Clients[0].ID]
	cookie := func(sub account.Subject) string {
		link, err := s.h.doors.Invite(context.Background(), sub, account.Demo)
		if err != nil {
			b.Fatal(err)
		}
		in, err := s.h.doors.Enter(context.Background(), link, account.Ask{})
		token := in.Token
		if err != nil {
			b.Fatal(err)
		}
		return "session=" + token
	}
	me := cookie(account.Subject{Kind: account.Client, ID: string(amara)})
	nurse := cookie(account.Subject{Kind: account.Staff, ID: s.made.who("nurse", 0).ID()})
	for _, p := range []struct{ name, path, cookie string }{
		{"today", "/me/" + string(amara) + "/today", me},
		{"health", "/me/" + string(amara) + "/health", me},
		{"looks", "/me/" + string(amara) + "/looks", me},
		{"clients", "/clients", nurse},
		{"one client", "/clients/" + string(amara), nurse},
	} {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				r := httptest.NewRequest("GET", s.url+p.path, nil)
				r.Header.Set("Cookie", p.cookie)
				w := httptest.NewRecorder()
				s.h.web.ServeHTTP(w, r)
				if w.Code != 200 {
					b.Fatal(p.path, w.Code)
				}
			}
		})
	}
}
