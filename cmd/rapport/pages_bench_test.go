package main

import (
	"bytes"
	"compress/gzip"
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

// mapAim is what the content of the map of open times may weigh on the wire, in bytes.
const mapAim = 6 << 10

// BenchmarkMap renders the map of open times, five days of four clinicians, for a
// client (a look on the ledger included) and at the open door, and prints how much goes
// over the wire: the page as it is sent, and its content alone.
func BenchmarkMap(b *testing.B) {
	s := openStreet(b)
	link, err := s.h.doors.Invite(context.Background(), account.Subject{Kind: account.Client, ID: string(s.made.charts[s.made.world.Clients[0].ID])}, account.Demo)
	if err != nil {
		b.Fatal(err)
	}
	in, err := s.h.doors.Enter(context.Background(), link, account.Ask{})
	if err != nil {
		b.Fatal(err)
	}
	get := func(b *testing.B, path, cookie, coding string) []byte {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Cookie", cookie)
		r.Header.Set("Accept-Encoding", coding)
		w := httptest.NewRecorder()
		s.h.web.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(path, w.Code)
		}
		return w.Body.Bytes()
	}
	me := "session=" + in.Token
	for _, p := range []struct{ name, path, cookie string }{
		{"client", s.visitsOf(0) + "/map?service=blood-pressure", me},
		{"client, as a list", s.visitsOf(0) + "/map?service=blood-pressure&view=list", me},
		{"open door", s.url + "/visits/map?service=blood-pressure", ""},
		{"what is open", s.url + "/visits/open?service=blood-pressure&from=2026-11-24&to=2026-11-30", ""},
	} {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			sent := 0
			for range b.N {
				sent = len(get(b, p.path, p.cookie, "gzip"))
			}
			b.StopTimer()
			b.ReportMetric(float64(sent), "B/page")
			plain := get(b, p.path, p.cookie, "")
			if i, j := bytes.Index(plain, []byte("<main")), bytes.Index(plain, []byte("</main>")); i >= 0 && j > i {
				var small bytes.Buffer
				z, _ := gzip.NewWriterLevel(&small, 5)
				if _, err := z.Write(plain[i:j]); err != nil {
					b.Fatal(err)
				}
				if err := z.Close(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(small.Len()), "B/content")
				b.ReportMetric(mapAim, "B/aim")
			}
		})
	}
}
