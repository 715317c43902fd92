package main

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/proof"
	"rapport/record"
	"rapport/web"
	"rapport/web/webtest"
)

const (
	savedCopy  = "../../proof/testdata/copy.json"
	savedPaper = "../../proof/testdata/receipt.txt"
)

// TestVerifyNeedsNoPractice: what a client saved is checked from the file alone, and what
// was changed in it is named.
func TestVerifyNeedsNoPractice(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(savedCopy)
	if err != nil {
		t.Fatal(err)
	}
	s := string(raw)
	head, rest, _ := strings.Cut(s, "\"lines\":[\n")
	lines := strings.Split(strings.TrimSuffix(rest, "\n]}\n"), ",\n")
	put := func(ls ...string) string { return head + "\"lines\":[\n" + strings.Join(ls, ",\n") + "\n]}\n" }
	dir := t.TempDir()
	write := func(name, s string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, x := range []struct{ name, file, receipt, out, errOut string }{
		{"as it is", s, "", "none is missing from the first to the last of them", ""},
		{"with its receipt", s, savedPaper, "The receipt fits", ""},
		{"a line taken out", put(append(append([]string{}, lines[:2]...), lines[3:]...)...), "", "line 3 was taken out", "something does not fit"},
		{"two lines exchanged", put(append([]string{lines[1], lines[0]}, lines[2:]...)...), "", "line 1 does not stand where it belongs", "something does not fit"},
		{"a line altered", strings.Replace(s, lines[1], strings.Replace(lines[1], `"index":`, `"index":1`, 1), 1), "", "line 2 was altered", "something does not fit"},
		{"the end taken away", put(lines[:3]...), savedPaper, "is gone, or says something else than on the receipt", "something does not fit"},
		{"another signature", strings.Replace(s, `\n21\n`, `\n22\n`, 1), "", "the signature under the book does not fit", "something does not fit"},
		{"no copy at all", "{}", "", "", "this is not a copy as it was saved"},
		{"a receipt with a slip", s, "BOOK1.20261124.9.X", "", "the receipt cannot be read"},
	} {
		args := []string{"verify", write("copy.json", x.file)}
		if x.receipt != "" {
			args = append(args, "--receipt", x.receipt)
		}
		out, errOut, code := run(t, "", args...)
		if !strings.Contains(out, x.out) || !strings.Contains(errOut, x.errOut) || (code == 0) != (x.errOut == "") {
			t.Errorf("%s: exit %d, %q, %q", x.name, code, out, errOut)
		}
	}
	for name, good := range map[string]bool{"looks/proof.json": true, "copy of 24 November/looks/proof.json": true, "other/proof.json": false} {
		p := filepath.Join(dir, "all.zip")
		f, err := os.Create(p)
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(f)
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(raw)
		}
		if err != nil || z.Close() != nil || f.Close() != nil {
			t.Fatal(err)
		}
		if out, errOut, code := run(t, "", "verify", p); (code == 0) != good {
			t.Errorf("%s: exit %d, %q, %q", name, code, out, errOut)
		}
	}
}

// TestAPracticeHoldsItselfToAReceipt: what was on paper is found again in the ledger, and
// another practice's receipt is not.
func TestAPracticeHoldsItselfToAReceipt(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	v, err := (&place{Dir: dir}).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := v.Published().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cp, err := proof.Open(signed, v.LedgerKey())
	if err != nil {
		t.Fatal(err)
	}
	print, err := proof.Print(v.LedgerKey())
	if err != nil || v.Close() != nil {
		t.Fatal(err)
	}
	r := proof.Receipt{Day: "2026-11-24", Size: cp.Size, Root: cp.Root, Print: print, Number: 1}
	if out, errOut, code := run(t, "", "verify", "--dir", dir, "--receipt", r.Text()); code != 0 || !strings.Contains(out, "The receipt fits") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	longer := r
	longer.Size += 1000
	_, errOut, code := run(t, "", "verify", "--dir", dir, "--receipt", longer.Text())
	one(t, errOut, code, "by what was kept elsewhere")
	other := r
	other.Root[5] ^= 1
	_, errOut, code = run(t, "", "verify", "--dir", dir, "--receipt", other.Text())
	one(t, errOut, code, "are not those that were there once")
	_, errOut, code = run(t, "", "verify", "--dir", dir, "--receipt", savedPaper)
	one(t, errOut, code, "of another key")
}

// TestOthersMayWitness: with nothing but what everybody may read, a witness computes the
// signed root from the tiles, and finds the earlier checkpoint in the later one.
func TestOthersMayWitness(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, append(routes(), seen{}.pages(nil)...)...)
	h.As("nobody").Get("/book/checkpoint").Is(404) // off unless somebody switches it on
	s, err := web.New(h.Config, seen{Witnessed: true}.pages(h.Vault)...)
	if err != nil {
		t.Fatal(err)
	}
	h.Web = s
	w := &witness{t, h}
	looked := func(n int) proof.Checkpoint {
		for range n {
			if _, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Results); err != nil {
				t.Fatal(err)
			}
		}
		c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Own, h.Ada, record.Looks)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Checkpoint(t.Context()); err != nil { // signs
			t.Fatal(err)
		}
		return w.sees()
	}
	before := looked(3)
	after := looked(300)
	if after.Size < before.Size+300 || after.Size <= 256 {
		t.Fatalf("from %d to %d lines: no tile is full", before.Size, after.Size)
	}
	hashes := tlog.TileHashReader(tlog.Tree{N: after.Size, Hash: after.Root}, w)
	path, err := tlog.ProveTree(after.Size, before.Size, hashes)
	if err != nil || tlog.CheckTree(path, after.Size, after.Root, before.Size, before.Root) != nil {
		t.Errorf("the earlier book is not in the later one: %v", err)
	}
	full := fmt.Sprintf("%03d", after.Size/256) // the tile that is being filled
	for _, bad := range []string{"0/" + full, "0/" + full + ".p/" + strconv.FormatInt(after.Size%256+1, 10), "1/000", "2/000.p/1", "0/x000/000", "0/000.p/256", "0/000.p/0", "0/00", "9/000", "-1/000", "data/000", "entries/000", "0/../checkpoint"} {
		if got := h.As("nobody").Get("/book/tile/" + bad); got.Status < 300 {
			t.Errorf("tile %s: %d", bad, got.Status)
		}
	}
	if size := w.sees().Size; size != after.Size {
		t.Errorf("being read made the book longer: %d lines, then %d", after.Size, size)
	}
	for _, path := range []string{"checkpoint", "tile/0/000"} {
		if b := h.As("nobody").Get("/book/" + path).Is(200).Body; strings.Contains(b, string(h.Ada)) || strings.Contains(b, "Priya") {
			t.Errorf("%s says something of somebody", path)
		}
	}
}

// witness is somebody outside, without an account.
type witness struct {
	t *testing.T
	h *webtest.House
}

func (w *witness) sees() proof.Checkpoint {
	w.t.Helper()
	cp, err := proof.Open(w.h.As("nobody").Get("/book/checkpoint").Is(200).Body, w.h.Vault.LedgerKey())
	if err != nil {
		w.t.Fatal(err)
	}
	return cp
}

// Height implements tlog.TileReader: C2SP's tiles are 8 high.
func (w *witness) Height() int { return 8 }

// ReadTiles implements tlog.TileReader.
func (w *witness) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, x := range tiles {
		out[i] = []byte(w.h.As("nobody").Get("/book/" + strings.Replace(x.Path(), "tile/8/", "tile/", 1)).Is(200).Body)
	}
	return out, nil
}

// SaveTiles implements tlog.TileReader.
func (w *witness) SaveTiles([]tlog.Tile, [][]byte) {}
