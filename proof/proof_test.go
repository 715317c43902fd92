package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var update = flag.Bool("update", false, "write the worked examples anew")

// fixed are bytes that are the same at every run.
type fixed struct{ n byte }

func (f *fixed) Read(b []byte) (int, error) {
	for i := range b {
		f.n = f.n*5 + 7
		b[i] = f.n
	}
	return len(b), nil
}

// made is a book of two clients in turn, as the ledger writes it.
type made struct {
	signer   note.Signer
	key      string
	stored   []tlog.Hash
	lines    []Line // the first client's
	of       []int64
	instance string
}

const client = "abcdefghijklmnopqrstuvwxyz"

func bookOf(t *testing.T, entries int) *made {
	t.Helper()
	m := &made{instance: "0123456789abcdef"}
	skey, vkey, err := note.GenerateKey(&fixed{1}, "practice.example/"+m.instance)
	if err != nil {
		t.Fatal(err)
	}
	m.key = vkey
	if m.signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	prev := map[string]string{}
	for i := range entries {
		who, n := client, i/2+1
		if i%2 == 1 {
			who = "zyxwvutsrqponmlkjihgfedcba"
		}
		e := map[string]any{"v": 1, "instance": m.instance, "client": who, "pseq": n, "time": fmt.Sprintf("2026-11-24T09:%02d:00.000Z", i), "act": "open"}
		if p := prev[who]; p != "" {
			e["prev"] = p
		}
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		salt := sha256.Sum256([]byte{byte(i)})
		leaf := Leaf(salt[:], raw)
		prev[who] = hex.EncodeToString(leaf[:])
		hs, err := tlog.StoredHashesForRecordHash(int64(i), leaf, m)
		if err != nil {
			t.Fatal(err)
		}
		m.stored = append(m.stored, hs...)
		if who == client {
			m.lines, m.of = append(m.lines, Line{Entry: raw, Salt: salt[:], Index: int64(i)}), append(m.of, int64(i))
		}
	}
	return m
}

// ReadHashes implements tlog.HashReader.
func (m *made) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	for i, x := range idx {
		out[i] = m.stored[x]
	}
	return out, nil
}

func (m *made) checkpoint(t *testing.T, size int64) Checkpoint {
	t.Helper()
	root, err := tlog.TreeHash(size, m)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: Text(m.signer.Name(), size, root)}, m.signer)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := Open(string(signed), m.key)
	if err != nil || cp.Size != size || cp.Root != root {
		t.Fatal(cp, err)
	}
	return cp
}

func (m *made) copy(t *testing.T, size int64, since ...int64) *Copy {
	t.Helper()
	cp := m.checkpoint(t, size)
	c := &Copy{Head: Head{Format: Format, Made: "2026-11-24T10:00:00Z", Client: client, Key: m.key, Checkpoint: cp.Note}}
	for _, from := range since {
		hs, err := tlog.ProveTree(size, from, m)
		if err != nil {
			t.Fatal(err)
		}
		c.Since = append(c.Since, Since{from, hs})
	}
	for _, l := range m.lines {
		if l.Index < size {
			hs, err := tlog.ProveRecord(size, l.Index, m)
			if err != nil {
				t.Fatal(err)
			}
			l.Hashes = hs
			c.Lines = append(c.Lines, l)
		}
	}
	return c
}

func (m *made) receipt(t *testing.T, size int64) *Receipt {
	t.Helper()
	cp := m.checkpoint(t, size)
	print, err := Print(m.key)
	if err != nil {
		t.Fatal(err)
	}
	r := &Receipt{Day: "2026-11-24", Size: size, Root: cp.Root, Print: print}
	for i, l := range m.lines {
		if l.Index < size {
			r.Number, r.Leaf = int64(i+1), Leaf(l.Salt, l.Entry)
		}
	}
	return r
}

func written(t *testing.T, c *Copy) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, c.Head, c.all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestACopyIsReadAsItWasWritten, and nothing else is read.
func TestACopyIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	m := bookOf(t, 21)
	c := m.copy(t, 21, 4, 9)
	b := written(t, c)
	got, err := Parse(b)
	if err != nil || !reflect.DeepEqual(written(t, got), b) {
		t.Fatal(err)
	}
	if rep := got.Check(m.receipt(t, 9)); len(rep.Wrong) > 0 || rep.Unproven || rep.Lines != 11 || rep.Size != 21 {
		t.Errorf("%+v", rep)
	}
	if rep := got.Check(m.receipt(t, 10)); len(rep.Wrong) > 0 || !rep.Unproven {
		t.Errorf("a receipt that the copy does not speak of: %+v", rep)
	}
	for _, bad := range []string{"", "{}", string(b) + "x", strings.Replace(string(b), `"index":`, `"index": `, 1), strings.Replace(string(b), "looks/1", "looks/2", 1), strings.Replace(string(b), `{"entry"`, `{"more":1,"entry"`, 1), string(b[:len(b)/2])} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("it reads %.60q", bad)
		}
	}
}

// TestWhatIsWrongWithACopyIsNamed: altered, removed, reordered, back-dated, another's.
func TestWhatIsWrongWithACopyIsNamed(t *testing.T) {
	t.Parallel()
	m := bookOf(t, 21)
	r := m.receipt(t, 9)
	for _, x := range []struct {
		name string
		do   func(c *Copy)
		want Wrong
	}{
		{"altered", func(c *Copy) { c.Lines[4].Entry = bytes.Replace(c.Lines[4].Entry, []byte("open"), []byte("shut"), 1) }, Wrong{Kind: Altered, Number: 5}},
		{"another salt", func(c *Copy) { c.Lines[4].Salt = c.Lines[5].Salt }, Wrong{Kind: Altered, Number: 5}},
		{"another place", func(c *Copy) { c.Lines[4].Index++ }, Wrong{Kind: Altered, Number: 5}},
		{"removed", func(c *Copy) { c.Lines = append(c.Lines[:4:4], c.Lines[5:]...) }, Wrong{Kind: Missing, Number: 5, To: 5}},
		{"three removed", func(c *Copy) { c.Lines = append(c.Lines[:4:4], c.Lines[7:]...) }, Wrong{Kind: Missing, Number: 5, To: 7}},
		{"exchanged", func(c *Copy) { c.Lines[4], c.Lines[5] = c.Lines[5], c.Lines[4] }, Wrong{Kind: Order, Number: 5}},
		{"twice", func(c *Copy) { c.Lines = append(c.Lines, c.Lines[4]) }, Wrong{Kind: Order, Number: 5}},
		{"another's", func(c *Copy) { c.Client = "zyxwvutsrqponmlkjihgfedcba" }, Wrong{Kind: Other, Number: 1}},
		{"not signed", func(c *Copy) { c.Checkpoint = strings.Replace(c.Checkpoint, "\n21\n", "\n22\n", 1) }, Wrong{Kind: Signature}},
		{"another key", func(c *Copy) { c.Key = strings.Replace(c.Key, "+", "+0", 1) }, Wrong{Kind: Key}},
		{"a past that does not fit", func(c *Copy) { c.Since[0].Hashes[0][3] ^= 1 }, Wrong{Kind: ReceiptOther, Now: 21, Was: 9}},
		{"the newest gone", func(c *Copy) { c.Lines = c.Lines[:3] }, Wrong{Kind: ReceiptLine, Number: 5}},
	} {
		c := m.copy(t, 21, 9)
		x.do(c)
		rep := c.Check(r)
		if len(rep.Wrong) == 0 || rep.Wrong[0] != x.want && !contains(rep.Wrong, x.want) {
			t.Errorf("%s: %+v, want %+v", x.name, rep.Wrong, x.want)
		}
	}
	if rep := m.copy(t, 7).Check(r); !contains(rep.Wrong, Wrong{Kind: ReceiptShorter, Now: 7, Was: 9}) {
		t.Errorf("a book that became shorter: %+v", rep.Wrong)
	}
}

func contains(all []Wrong, w Wrong) bool {
	for _, x := range all {
		if x == w {
			return true
		}
	}
	return false
}

// TestAReceiptIsReadByHand: as it is written, as people copy it, and never with one sign
// wrong.
func TestAReceiptIsReadByHand(t *testing.T) {
	t.Parallel()
	r := bookOf(t, 21).receipt(t, 9)
	for _, s := range []string{r.Text(), strings.Join(r.Rows(), "\n"), " " + strings.ToLower(strings.Join(r.Rows(), " .\r\n")) + ".", strings.NewReplacer("0", "O", "1", "l").Replace(strings.TrimPrefix(r.Text(), "BOOK1"))} {
		if !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(s)), "BOOK1") {
			s = "BOOK1" + s
		}
		if got, err := ParseReceipt(s); err != nil || *got != *r {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	text, wrong := r.Text(), 0
	for i := range text {
		for _, c := range "0A9Z" {
			if bad := text[:i] + string(c) + text[i+1:]; bad != text {
				got, err := ParseReceipt(bad)
				var m *Misread
				if err == nil && *got != *r && got.Number == r.Number || err != nil && !errors.As(err, &m) {
					t.Errorf("%q is read as %+v, %v", bad, got, err)
				}
				wrong++
			}
		}
	}
	t.Logf("%d receipts with one sign wrong", wrong)
}

// TestWorkedExamples holds docs/proof.md's files to what is written today.
func TestWorkedExamples(t *testing.T) {
	t.Parallel()
	m := bookOf(t, 21)
	for name, want := range map[string][]byte{"copy.json": written(t, m.copy(t, 21, 9)), "receipt.txt": []byte(strings.Join(m.receipt(t, 9).Rows(), "\n") + "\n")} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, want, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what is written today: %v", path, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	if b, err := os.ReadFile("testdata/copy.json"); err == nil {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := Write(&again, c.Head, c.all); err != nil || !bytes.Equal(bytes.TrimRight(again.Bytes(), " \r\n"), bytes.TrimRight(b, " \r\n")) {
			t.Errorf("read and not written again: %v", err)
		}
		c.Check(nil)
	})
}

func FuzzReceipt(f *testing.F) {
	if b, err := os.ReadFile("testdata/receipt.txt"); err == nil {
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseReceipt(s)
		if err != nil {
			return
		}
		if again, err := ParseReceipt(r.Text()); err != nil || *again != *r {
			t.Errorf("%q: %+v, %v", s, again, err)
		}
	})
}
