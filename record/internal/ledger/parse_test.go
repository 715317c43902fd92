package ledger

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// slow is what parse must agree with.
func slow(b []byte) (Entry, bool) {
	var e Entry
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return e, dec.Decode(&e) == nil
}

var entries = []Entry{
	{},
	{V: 1, Instance: "00ff", Time: "2026-11-24T09:30:00.000Z", Client: "abc", PSeq: 41, Prev: "aa", Actor: Actor{"staff", "n1", "Priya Raman", "Nurse"}, Act: "open", Purpose: "care", Basis: "careteam",
		What: []What{{"results", 0}, {"visits", 3}}, Request: "ab12"},
	{V: 1, Act: "give", Purpose: "taking", Gave: &Gave{To: "themselves", As: "application/zip", Hash: "00ff", N: 12}},
	{V: 1, Act: "feed", Gave: &Gave{}},
	{V: 1, Actor: Actor{Name: `Zoë "Z" O'Neil\Ünal 李雪梅`, Title: "<b>&"}, Refused: true, Act: "find", PSeq: 9007199254740993},
}

func TestAnEntryReadByHandIsTheEntryThatWasWritten(t *testing.T) {
	t.Parallel()
	for _, want := range entries {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(b)
		if err != nil {
			t.Errorf("%s: %v", b, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	for _, bad := range []string{"", "{", `{"v":1`, `{"v":1,"x":2}`, `{"v":-}`, `[]`, `{"actor":[]}`, `{"what":{}}`, `{"gave":[]}`, `{"gave":{"too":"x"}}`, `{"pseq":"1"}`} {
		if e, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s parses to %+v", bad, e)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, e := range entries {
		b, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Parse(b)
		if err != nil {
			return
		}
		want, ok := slow(b)
		if !ok {
			t.Fatalf("%s parses here and not there", b)
		}
		// read back through JSON: what is written from either is the same
		x, _ := json.Marshal(got)
		y, _ := json.Marshal(want)
		if !bytes.Equal(x, y) {
			t.Errorf("%s reads as %s here, %s there", b, x, y)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	raw, err := json.Marshal(entries[1])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for range b.N {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}
