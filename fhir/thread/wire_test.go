package thread

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rapport/fhir"
)

var at = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

func text(t *rapid.T, name string) string {
	s := rapid.StringOfN(rapid.RuneFrom(nil, unicode.Letter, unicode.Punct, unicode.So), 1, 40, 200).Draw(t, name)
	return strings.ToValidUTF8(s, "")
}

// TestWhatWasSaidComesBack writes random threads and messages and reads them again; each
// is a whole FHIR resource on the way.
func TestWhatWasSaidComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		who := Party{Ref: "Practitioner/p1", Name: text(t, "name")}
		th := Thread{ID: "c1", Topic: "care", Title: text(t, "title"), Closed: rapid.Bool().Draw(t, "closed"), Desk: rapid.Bool().Draw(t, "desk"), Begun: at}
		s := Said{ID: "m1", Thread: "c1", Kind: rapid.SampledFrom([]Kind{Message, Note}).Draw(t, "kind"), From: who, At: at, Text: text(t, "text"), Desk: th.Desk}
		if rapid.Bool().Draw(t, "sealed") {
			th.Named, s.Named = []Party{who}, []Party{who}
			th.Words, s.Words = []byte(text(t, "title's words")), []byte(text(t, "words"))
			if len(th.Words) == 0 {
				th.Words = nil
			}
			if len(s.Words) == 0 {
				s.Words = nil
			}
		}
		if rapid.Bool().Draw(t, "helped") {
			s.From = Party{Name: text(t, "helper"), For: text(t, "for")}
		}
		for range rapid.IntRange(0, 3).Draw(t, "pieces") {
			s.Pieces = append(s.Pieces, Piece{Type: "image/jpeg", Blob: "00ff", Name: text(t, "file"), Size: 7, Cover: []byte{1, 2}, Caption: text(t, "caption"), Seconds: rapid.IntRange(0, 99).Draw(t, "seconds")})
		}
		if rapid.Bool().Draw(t, "card") {
			s.Cards = []Card{{Type: "Questionnaire", ID: "http://x.example/f", Name: text(t, "form")}, {Type: "Appointment", ID: "a1", Name: text(t, "visit")}}
		}
		r, err := th.Resource("Patient/x")
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Resource("Patient/x")
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{r.JSON, m.JSON} {
			if _, err := fhir.Parse(b); err != nil {
				t.Fatalf("%v in %s", err, b)
			}
			if got := fhir.Private(b); got != (len(th.Named) > 0) {
				t.Fatalf("private is %t", got)
			}
		}
		th2, err := ReadThread(r.JSON)
		if err != nil {
			t.Fatal(err)
		}
		s2, err := ReadSaid(m.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(th, th2) + cmp.Diff(s, s2); d != "" {
			t.Fatal(d)
		}
		if _, err := ReadSaid(r.JSON); err == nil {
			t.Fatal("a thread reads as something said")
		}
		if _, err := ReadThread(m.JSON); err == nil {
			t.Fatal("a message reads as a thread")
		}
	})
}

func FuzzRead(f *testing.F) {
	m, err := Said{ID: "m", Thread: "c", Kind: Message, At: at, Text: "a", Pieces: []Piece{{Type: "a/b", Blob: "1"}}}.Resource("Patient/x")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.JSON)
	f.Add([]byte(`{"resourceType":"Communication","partOf":[{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if th, err := ReadThread(b); err == nil {
			if _, err := th.Resource("Patient/x"); err != nil {
				t.Fatal(err)
			}
		}
		if s, err := ReadSaid(b); err == nil {
			if _, err := s.Resource("Patient/x"); err != nil {
				t.Fatal(err)
			}
		}
	})
}
