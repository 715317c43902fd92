package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/proof"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// owner is somebody with the database's file and a tool to edit it.
type owner struct {
	t    *testing.T
	h    *house
	db   *sql.DB
	dice *rand.Rand
	n    int64 // entries
}

func (o *owner) do(q string, args ...any) {
	o.t.Helper()
	if _, err := o.db.ExecContext(o.t.Context(), q, args...); err != nil {
		o.t.Fatal(q, err)
	}
}

// cell is one value of one entry.
func (o *owner) cell(column string, seq int64) []byte {
	o.t.Helper()
	var b []byte
	if err := o.db.QueryRowContext(o.t.Context(), `SELECT `+column+` FROM entry WHERE seq = ?`, seq).Scan(&b); err != nil {
		o.t.Fatal(err)
	}
	return b
}

func (o *owner) flip(b []byte) []byte {
	out := append([]byte(nil), b...)
	out[o.dice.IntN(len(out))] ^= byte(1 + o.dice.IntN(255))
	return out
}

// edits are what an owner does to entry a, and to b, which comes after it. Each returns the
// index that must be named.
var edits = []struct {
	name string
	do   func(o *owner, a, b int64) int64
}{
	{"what it says", func(o *owner, a, _ int64) int64 {
		o.do(`UPDATE entry SET body = ? WHERE seq = ?`, o.flip(o.cell("body", a)), a)
		return a
	}},
	{"its hashes", func(o *owner, a, _ int64) int64 {
		o.do(`UPDATE entry SET hashes = ? WHERE seq = ?`, o.flip(o.cell("hashes", a)), a)
		return a
	}},
	{"its hashes, cut short", func(o *owner, a, _ int64) int64 {
		o.do(`UPDATE entry SET hashes = ? WHERE seq = ?`, o.cell("hashes", a)[1:], a)
		return a
	}},
	{"removed", func(o *owner, a, _ int64) int64 { o.do(`DELETE FROM entry WHERE seq = ?`, a); return a }},
	{"removed, and the rest moved up", func(o *owner, a, _ int64) int64 {
		o.do(`DELETE FROM entry WHERE seq = ?`, a)
		o.do(`UPDATE entry SET seq = -seq WHERE seq > ?`, a)
		o.do(`UPDATE entry SET seq = -seq - 1 WHERE seq < 0`)
		return a
	}},
	{"exchanged with a later one", func(o *owner, a, b int64) int64 {
		o.do(`UPDATE entry SET seq = -1000000 WHERE seq = ?`, a)
		o.do(`UPDATE entry SET seq = ? WHERE seq = ?`, a, b)
		o.do(`UPDATE entry SET seq = ? WHERE seq = -1000000`, b)
		return a
	}},
	{"what it says, exchanged with a later one", func(o *owner, a, b int64) int64 {
		x, y := o.cell("body", a), o.cell("body", b)
		o.do(`UPDATE entry SET body = ? WHERE seq = ?`, y, a)
		o.do(`UPDATE entry SET body = ? WHERE seq = ?`, x, b)
		return a
	}},
	{"its number", func(o *owner, a, _ int64) int64 {
		o.do(`UPDATE entry SET pseq = pseq + 100000 WHERE seq = ?`, a)
		return a
	}},
	{"whose it is", func(o *owner, a, _ int64) int64 {
		o.do(`UPDATE entry SET client = 7777 WHERE seq = ?`, a)
		return a
	}},
	{"a later one over it", func(o *owner, a, b int64) int64 {
		o.do(`UPDATE entry SET body = (SELECT body FROM entry WHERE seq = ?), hashes = (SELECT hashes FROM entry WHERE seq = ?) WHERE seq = ?`, b, b, a)
		return a
	}},
	{"copied to the end", func(o *owner, a, _ int64) int64 {
		o.do(`INSERT INTO entry SELECT ?, client, pseq + 100000, hashes, body FROM entry WHERE seq = ?`, o.n, a)
		return o.n
	}},
	{"added before the first", func(o *owner, a, _ int64) int64 {
		o.do(`INSERT INTO entry SELECT -1 - seq, client, pseq + 100000, hashes, body FROM entry WHERE seq = ?`, a)
		return -1 - a
	}},
	{"all from it on taken away", func(o *owner, a, _ int64) int64 { o.do(`DELETE FROM entry WHERE seq >= ?`, a); return a }},
	{"checkpoint over it, a sign of it", func(o *owner, a, _ int64) int64 {
		var size int64
		var note []byte
		if err := o.db.QueryRowContext(o.t.Context(), `SELECT size, note FROM checkpoint WHERE size > ? ORDER BY size LIMIT 1`, a).Scan(&size, &note); err != nil {
			o.t.Fatal(err)
		}
		o.do(`UPDATE checkpoint SET note = ? WHERE size = ?`, o.flip(note), size)
		return -2 - size
	}},
	{"checkpoint of fewer entries over a later one", func(o *owner, a, _ int64) int64 {
		var size int64
		if err := o.db.QueryRowContext(o.t.Context(), `SELECT size FROM checkpoint WHERE size > ? AND size > (SELECT min(size) FROM checkpoint) ORDER BY size LIMIT 1`, a).Scan(&size); err != nil {
			o.t.Fatal(err)
		}
		o.do(`UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size < ? ORDER BY size DESC LIMIT 1) WHERE size = ?`, size, size)
		return -2 - size
	}},
	{"checkpoint over entries that never were", func(o *owner, a, _ int64) int64 {
		o.do(`INSERT INTO checkpoint SELECT size + 1 + ?, note FROM checkpoint ORDER BY size DESC LIMIT 1`, a)
		return -2 - (o.n + 1 + a)
	}},
	{"put in again after it, and the rest moved down", func(o *owner, a, _ int64) int64 {
		o.do(`UPDATE entry SET seq = -seq - 2 WHERE seq > ?`, a)
		o.do(`UPDATE entry SET seq = -seq - 1 WHERE seq < 0`)
		o.do(`INSERT INTO entry SELECT seq + 1, client, pseq + 100000, hashes, body FROM entry WHERE seq = ?`, a)
		return a + 1
	}},
	{"back-dated, with its client's keys", func(o *owner, a, _ int64) int64 {
		a = max(a, 1) // nothing comes before the first
		o.backdate(a)
		return a
	}},
}

// backdate writes an entry anew as somebody who has the keys as well: dated an hour before
// the one before it, sealed, and with its own hash fitted.
func (o *owner) backdate(a int64) {
	o.t.Helper()
	l := o.h.led
	err := o.h.st.View(o.t.Context(), func(r store.Reader) error {
		e, err := r.Entry(o.t.Context(), a)
		if err != nil {
			return err
		}
		pid, box, err := l.keysOf(o.t.Context(), r, e.Client)
		if err != nil {
			return err
		}
		salt, _, ent, err := openEntry(l.instance, pid, box, e)
		if err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339Nano, ent.Time)
		if err != nil {
			return err
		}
		ent.Time = at.Add(-time.Hour).Format("2006-01-02T15:04:05.000Z")
		raw, err := json.Marshal(ent)
		if err != nil {
			return err
		}
		leaf := proof.Leaf(salt, raw)
		body := box.Seal(nil, seal.Pad(nil, append(append([]byte(nil), salt...), raw...)), place(l.instance, pid, a, e.PSeq))
		o.do(`UPDATE entry SET hashes = ?, body = ? WHERE seq = ?`, append(append([]byte(nil), leaf[:]...), e.Hashes[len(leaf):]...), body, a)
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// TestAThousandEditsByTheOwner: whatever somebody with the database does to it, they are
// found, and the entry is named.
func TestAThousandEditsByTheOwner(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a thousand edits")
	}
	t.Parallel()
	h := build(t, 3)
	for i := range 200 {
		h.commit(t, i%4-1, fmt.Sprintf("act-%d", i))
		h.now.Add(300 * time.Millisecond)
	}
	h.led.Close()
	if _, err := h.led.Verify(t.Context()); err != nil {
		t.Fatal("it is not whole to begin with", err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, "data.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // done
	db.SetMaxOpenConns(1)
	o := &owner{t: t, h: h, db: db, dice: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // the test's dice
	for _, name := range []string{"entry_kept", "entry_fixed"} {
		o.do(`DROP TRIGGER ` + name)
	}
	if err := h.st.View(t.Context(), func(r store.Reader) (err error) { o.n, err = r.Size(t.Context()); return err }); err != nil {
		t.Fatal(err)
	}
	o.do(`CREATE TABLE kept AS SELECT * FROM entry`)
	o.do(`CREATE TABLE keptnote AS SELECT * FROM checkpoint`)
	const all = 1000
	found := 0
	for i := range all {
		e := edits[i%len(edits)]
		a := o.dice.Int64N(o.n - 1)
		b := a + 1 + o.dice.Int64N(o.n-1-a)
		want := e.do(o, a, b)
		if h.named(e.name, want, a) {
			found++
		} else {
			_, err := h.led.Verify(t.Context())
			t.Errorf("edit %d, %s of %d (and %d): want %d, Verify says %v", i, e.name, a, b, want, err)
		}
		o.do(`DELETE FROM entry`)
		o.do(`INSERT INTO entry SELECT * FROM kept`)
		o.do(`DELETE FROM checkpoint`)
		o.do(`INSERT INTO checkpoint SELECT * FROM keptnote`)
	}
	t.Logf("TRUST edits of the ledger: %d of %d found, the entry named, by %d kinds of edit", found, all, len(edits))
}

// named reports that Verify names what was edited: the entry, or the checkpoint where
// nothing but the signature can tell.
func (h *house) named(kind string, want, a int64) bool {
	_, err := h.led.Verify(context.Background())
	var w *Wrong
	if !errors.As(err, &w) {
		return false
	}
	switch {
	case strings.HasPrefix(kind, "checkpoint"):
		return w.Signed && w.Seq == -2-want
	case kind == "all from it on taken away": // what is left is whole: the checkpoint tells
		return w.Signed && w.Seq > a || w.Seq == a
	}
	return w.Seq == want && !w.Signed
}
