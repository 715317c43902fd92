package ledger

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/proof"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// forge rewrites the whole ledger as somebody with the data, every key but the
// signing one, and this program could: edit changes entries, chains decides
// whether each entry's prev is made to fit again; seals and tree always are.
func (h *house) forge(t *testing.T, chains bool, edit func(seq int64, e *Entry) (pseq int64)) {
	t.Helper()
	type made struct {
		seq, pseq    int64
		hashes, body []byte
	}
	var out []made
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		hs := make([]tlog.Hash, len(idx))
		for i, x := range idx {
			hs[i] = stored[x]
		}
		return hs, nil
	})
	ends := map[store.Client]string{}
	err := h.st.View(t.Context(), func(r store.Reader) error {
		return r.Entries(t.Context(), 0, 1<<40, func(e store.Entry) error {
			pid, box, err := h.led.keysOf(t.Context(), r, e.Client)
			if err != nil {
				return err
			}
			salt, _, ent, err := openEntry(h.led.instance, pid, box, e)
			if err != nil {
				return err
			}
			pseq := edit(e.Seq, &ent)
			if prev, ok := ends[e.Client]; ok && chains {
				ent.Prev = prev
			}
			raw, err := json.Marshal(ent)
			if err != nil {
				return err
			}
			leaf := proof.Leaf(salt, raw)
			ends[e.Client] = hex.EncodeToString(leaf[:])
			hs, err := tlog.StoredHashesForRecordHash(e.Seq, leaf, reader)
			if err != nil {
				return err
			}
			stored = append(stored, hs...)
			var flat []byte
			for _, x := range hs {
				flat = append(flat, x[:]...)
			}
			body := append(append([]byte(nil), salt...), raw...)
			out = append(out, made{e.Seq, pseq, flat, box.Seal(nil, seal.Pad(nil, body), place(h.led.instance, pid, e.Seq, pseq))})
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	tamper(t, h.dir, `UPDATE entry SET pseq = pseq + 1000000`)
	for _, m := range out {
		tamper(t, h.dir, `UPDATE entry SET pseq = ?, hashes = ?, body = ? WHERE seq = ?`, m.pseq, m.hashes, m.body, m.seq)
	}
}

func TestAForgerWithEveryKeyButTheSigningOneIsFound(t *testing.T) {
	t.Parallel()
	const at = 6 // of 12, of two clients in turn
	for _, c := range []struct {
		name   string
		chains bool
		edit   func(*Entry)
		pseq   int64
		want   string
	}{
		{"nothing changed", false, func(*Entry) {}, 0, ""},
		{"what was done, the chain left as it was", false, func(e *Entry) { e.Act = "find" }, 0, "entry 8: does not follow"},
		{"what was done, the chain mended", true, func(e *Entry) { e.Act = "find" }, 0, "are not those that were signed"},
		{"who did it, the chain mended", true, func(e *Entry) { e.Actor.ID = "somebody else" }, 0, "are not those that were signed"},
		{"its time, before the one before it", true, func(e *Entry) { e.Time = "2020-01-01T00:00:00.000Z" }, 0, "entry 6: is dated before"},
		{"its time, to none", true, func(e *Entry) { e.Time = "yesterday" }, 0, "entry 6: is dated before"},
		{"its number in its chain", true, func(e *Entry) { e.PSeq = 9 }, 9, "entry 6: is number 9 in its chain, want 4"},
		{"its number inside alone", true, func(e *Entry) { e.PSeq = 9 }, 0, "entry 6: does not follow"},
		{"what it follows", false, func(e *Entry) { e.Prev = "" }, 0, "entry 6: does not follow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := build(t, 2)
			for i := range 12 {
				h.commit(t, i%2, fmt.Sprintf("act-%d", i))
				h.now.Add(300 * time.Millisecond)
			}
			h.led.Close()
			h.forge(t, c.chains, func(seq int64, e *Entry) int64 {
				was := e.PSeq
				if seq != at {
					return was
				}
				c.edit(e)
				if c.pseq > 0 {
					return c.pseq
				}
				return was
			})
			_, err := h.led.Verify(t.Context())
			if c.want == "" {
				if err != nil {
					t.Errorf("the forger's tools do not work: %v", err)
				}
				return
			}
			var w *Wrong
			if !errors.As(err, &w) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Verify: %v; want %q", err, c.want)
			} else if w.Until > 0 && (w.Seq > at || w.Until < at || w.Until-w.Seq > 6) { // signed about every fourth entry
				t.Errorf("Verify names entries %d to %d; it is %d", w.Seq, w.Until, at)
			}
		})
	}
}
