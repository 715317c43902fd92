package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/clock"
	"rapport/proof"
	"rapport/record/internal/keyring"
	"rapport/record/internal/store"
)

// house is a ledger over a real store in a folder of the test's own.
type house struct {
	dir  string
	st   *store.SQLite
	ring *keyring.Ring
	led  *Ledger
	now  *clock.Fake
	pids []store.PID
	rows []store.Client
}

func build(t testing.TB, clients int) *house {
	t.Helper()
	h := &house{dir: t.TempDir(), now: clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	key := filepath.Join(t.TempDir(), "key")
	if err := keyring.NewKeyFile(key, rand.Reader); err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(t.Context(), keyring.Config{Path: filepath.Join(h.dir, "keyring.db"), KeyFile: key, Create: true, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	h.ring = ring
	if err := store.CreateSQLite(t.Context(), filepath.Join(h.dir, "data.db"), nil); err != nil {
		t.Fatal(err)
	}
	h.open(t)
	for range clients {
		var pid store.PID
		if _, err := rand.Read(pid[:]); err != nil {
			t.Fatal(err)
		}
		if err := ring.Add(t.Context(), pid); err != nil {
			t.Fatal(err)
		}
		tx, err := h.st.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		row, err := tx.AddClient(t.Context(), pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		h.pids, h.rows = append(h.pids, pid), append(h.rows, row)
	}
	t.Cleanup(func() { h.close(t) })
	return h
}

func (h *house) open(t testing.TB) {
	t.Helper()
	var err error
	if h.st, err = store.OpenSQLite(t.Context(), filepath.Join(h.dir, "data.db")); err != nil {
		t.Fatal(err)
	}
	if h.led, err = Open(t.Context(), h.st, h.ring, h.now, rand.Reader); err != nil {
		t.Fatal(err)
	}
}

func (h *house) close(t testing.TB) {
	t.Helper()
	if h.st == nil {
		return
	}
	if h.led != nil {
		h.led.Close()
	}
	if err := h.st.Close(); err != nil {
		t.Error(err)
	}
	h.st, h.led = nil, nil
}

func (h *house) line(t testing.TB, client int, act string) *Line {
	t.Helper()
	if client < 0 {
		return &Line{Keys: h.ring.Practice(), Entry: Entry{Act: act, Purpose: "public"}}
	}
	k, err := h.ring.Client(context.Background(), h.pids[client])
	if err != nil {
		t.Fatal(err)
	}
	return &Line{PID: h.pids[client], Row: h.rows[client], Keys: k.Ledger, Entry: Entry{Act: act, Purpose: "care", Client: "c"}}
}

func (h *house) commit(t testing.TB, client int, act string) int64 {
	t.Helper()
	l := h.line(t, client, act)
	if err := h.led.Commit(context.Background(), &Act{Lines: []*Line{l}}); err != nil {
		t.Fatal(err)
	}
	return l.Seq
}

func TestEveryEntryCanBeProvedAndTheWholeVerifies(t *testing.T) {
	t.Parallel()
	h := build(t, 3)
	for i := range 37 {
		h.commit(t, i%4-1, fmt.Sprintf("act-%d", i))
		h.now.Add(300 * time.Millisecond)
	}
	for seq := range int64(37) {
		client := int(seq)%4 - 1
		if client < 0 {
			continue
		}
		k, err := h.ring.Client(t.Context(), h.pids[client])
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.led.Prove(t.Context(), h.rows[client], h.pids[client], k.Ledger, seq)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(); err != nil {
			t.Errorf("entry %d: %v", seq, err)
		}
		p.Entry = append([]byte(nil), p.Entry...)
		p.Entry[len(p.Entry)/2] ^= 1
		if p.Check() == nil {
			t.Errorf("entry %d: an altered entry passes", seq)
		}
		other := (client + 1) % 3
		if _, err := h.led.Prove(t.Context(), h.rows[other], h.pids[other], k.Ledger, seq); !errors.Is(err, store.ErrNotExist) {
			t.Errorf("entry %d proved for another client: %v", seq, err)
		}
	}
	rep, err := h.led.Verify(t.Context())
	if err != nil || rep.Entries != 37 || rep.Signed != 37 {
		t.Errorf("Verify = %+v, %v; want 37 entries, all signed", rep, err)
	}
}

func TestTheTreeIsTheOneOfRFC6962(t *testing.T) {
	t.Parallel()
	h := build(t, 1)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(idx))
		for i, x := range idx {
			out[i] = stored[x]
		}
		return out, nil
	})
	for i := range int64(20) {
		h.commit(t, 0, "open")
		k, _ := h.ring.Client(t.Context(), h.pids[0])
		p, err := h.led.Prove(t.Context(), h.rows[0], h.pids[0], k.Ledger, i)
		if err != nil {
			t.Fatal(err)
		}
		hs, err := tlog.StoredHashesForRecordHash(i, proof.Leaf(p.Salt, p.Entry), reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hs...)
		want, err := tlog.TreeHash(i+1, reader)
		if err != nil || p.Checkpoint.Root != want || p.Checkpoint.Size != i+1 {
			t.Fatalf("size %d: root %v, want %v (%v)", p.Checkpoint.Size, p.Checkpoint.Root, want, err)
		}
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	t.Parallel()
	h := build(t, 1)
	h.commit(t, 0, "one")
	h.now.Add(-time.Hour)
	h.commit(t, 0, "two")
	h.close(t)
	h.now.Add(-time.Hour)
	h.open(t)
	h.commit(t, 0, "three")
	if _, err := h.led.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOneFailingActHurtsNoNeighbour(t *testing.T) {
	t.Parallel()
	h := build(t, 1)
	boom := errors.New("boom")
	var wg sync.WaitGroup
	results := make([]error, 60)
	for i := range results {
		a := &Act{Lines: []*Line{h.line(t, 0, "open")}}
		if i%7 == 3 {
			a.Write = func(context.Context, store.Tx) error { return boom }
		}
		wg.Go(func() { results[i] = h.led.Commit(context.Background(), a) })
	}
	wg.Wait()
	kept := int64(0)
	for i, err := range results {
		switch {
		case i%7 == 3 && !errors.Is(err, boom):
			t.Errorf("act %d: %v, want its own failure", i, err)
		case i%7 != 3 && err != nil:
			t.Errorf("act %d: %v", i, err)
		case err == nil:
			kept++
		}
	}
	rep, err := h.led.Verify(t.Context())
	if err != nil && !strings.Contains(err.Error(), "checkpoint") || rep.Entries != kept {
		t.Errorf("Verify = %+v, %v; want %d entries", rep, err, kept)
	}
}

// tamper changes the data file as its owner could.
func tamper(t *testing.T, dir, what string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{"DROP TRIGGER IF EXISTS entry_kept", "DROP TRIGGER IF EXISTS entry_fixed"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(what, args...); err != nil {
		t.Fatal(err)
	}
}

func TestEveryEditIsFoundAndTheFirstWrongEntryNamed(t *testing.T) {
	t.Parallel()
	rnd := mrand.New(mrand.NewPCG(1, 2))
	kinds := []struct {
		name string
		edit func(t *testing.T, h *house, at int64)
		seq  func(at int64) int64
	}{
		{"a byte of a body", func(t *testing.T, h *house, at int64) {
			e := h.raw(t, at)
			e[rnd.IntN(len(e))] ^= byte(1 + rnd.IntN(255))
			tamper(t, h.dir, `UPDATE entry SET body = ? WHERE seq = ?`, e, at)
		}, func(at int64) int64 { return at }},
		{"a byte of a leaf hash", func(t *testing.T, h *house, at int64) {
			tamper(t, h.dir, `UPDATE entry SET hashes = CAST(CASE substr(hashes, 1, 1) WHEN X'00' THEN X'01' ELSE X'00' END || substr(hashes, 2) AS BLOB) WHERE seq = ?`, at)
		}, func(at int64) int64 { return at }},
		{"a byte of a hash inside the tree", func(t *testing.T, h *house, at int64) {
			tamper(t, h.dir, `UPDATE entry SET hashes = CAST(substr(hashes, 1, 40) || CASE substr(hashes, 41, 1) WHEN X'00' THEN X'01' ELSE X'00' END || substr(hashes, 42) AS BLOB) WHERE seq = ?`, at|1)
		}, func(at int64) int64 { return at | 1 }},
		{"bytes added to its hashes", func(t *testing.T, h *house, at int64) {
			tamper(t, h.dir, `UPDATE entry SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE seq = ?`, at)
		}, func(at int64) int64 { return at }},
		{"an entry removed", func(t *testing.T, h *house, at int64) {
			tamper(t, h.dir, `DELETE FROM entry WHERE seq = ?`, at)
		}, func(at int64) int64 { return at }},
		{"two bodies swapped", func(t *testing.T, h *house, at int64) {
			tamper(t, h.dir, `UPDATE entry SET body = (SELECT body FROM entry WHERE seq = ?) WHERE seq = ?`, at+1, at)
		}, func(at int64) int64 { return at }},
		{"an entry moved to another chain", func(t *testing.T, h *house, at int64) {
			tamper(t, h.dir, `UPDATE entry SET client = 0, pseq = 1000 WHERE seq = ?`, at)
		}, func(at int64) int64 { return at }},
		{"a copy added at the end", func(t *testing.T, h *house, _ int64) {
			tamper(t, h.dir, `INSERT INTO entry SELECT 12, client, pseq + 100, hashes, body FROM entry WHERE seq = 11`)
		}, func(int64) int64 { return 12 }},
		{"the end cut off", func(t *testing.T, h *house, _ int64) {
			tamper(t, h.dir, `DELETE FROM entry WHERE seq >= 10`)
		}, func(int64) int64 { return 10 }},
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			for range 3 {
				h := build(t, 2)
				for i := range 12 {
					h.commit(t, i%2, "open")
				}
				h.led.Close()
				at := int64(2 + rnd.IntN(8))
				k.edit(t, h, at)
				_, err := h.led.Verify(t.Context())
				var w *Wrong
				if !errors.As(err, &w) || w.Seq != k.seq(at) {
					t.Errorf("%s at %d: Verify says %v, want entry %d named", k.name, at, err, k.seq(at))
				}
			}
		})
	}
}

func (h *house) raw(t *testing.T, seq int64) []byte {
	t.Helper()
	var out []byte
	err := h.st.View(t.Context(), func(r store.Reader) error {
		e, err := r.Entry(t.Context(), seq)
		out = e.Body
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACheckpointOfAnotherHistoryStopsTheStart(t *testing.T) {
	t.Parallel()
	h := build(t, 1)
	for range 8 {
		h.commit(t, 0, "open")
	}
	h.close(t)
	tamper(t, h.dir, `DELETE FROM entry WHERE seq >= 6`)
	st, err := store.OpenSQLite(t.Context(), filepath.Join(h.dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := Open(t.Context(), st, h.ring, h.now, rand.Reader); err == nil || !strings.Contains(err.Error(), "entry 6") || !strings.Contains(err.Error(), "restore a backup") {
		t.Errorf("Open over a ledger cut short: %v; want a refusal that says what to do", err)
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 8, 64, 256} {
		b.Run(fmt.Sprintf("%d at once", n), func(b *testing.B) {
			h := build(b, 50)
			var wg sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for g := range n {
				wg.Go(func() {
					for range (b.N + n - 1) / n {
						h.commit(b, g%50, "open")
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// moody is a store whose next commits lie about how they went, and whose next
// views fail.
type moody struct {
	store.Store
	landed, lost, blind int
}

var errMood = errors.New("the disk gave an error")

func (m *moody) View(ctx context.Context, f func(store.Reader) error) error {
	if m.blind > 0 {
		m.blind--
		return errMood
	}
	return m.Store.View(ctx, f)
}

func (m *moody) Begin(ctx context.Context) (store.Tx, error) {
	tx, err := m.Store.Begin(ctx)
	return moodyTx{tx, m}, err
}

type moodyTx struct {
	store.Tx
	m *moody
}

func (x moodyTx) Commit() error {
	switch {
	case x.m.landed > 0:
		x.m.landed--
		return errors.Join(errMood, x.Tx.Commit())
	case x.m.lost > 0:
		x.m.lost--
		return errors.Join(errMood, x.Rollback())
	}
	return x.Tx.Commit()
}

func TestACommitOfUnknownOutcomeIsGotOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		mood moody
	}{
		{"it had landed", moody{landed: 1}},
		{"it was lost", moody{lost: 1}},
		{"it had landed, and the disk could not be read for a while", moody{landed: 1, blind: 2}},
		{"one was lost, one landed, and so on", moody{landed: 2, lost: 2, blind: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := build(t, 2)
			for i := range 5 {
				h.commit(t, i%2, "before")
			}
			h.led.Close()
			m := &moody{Store: h.st}
			led, err := Open(t.Context(), m, h.ring, h.now, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			h.led = led
			*m = moody{h.st, c.mood.landed, c.mood.lost, c.mood.blind}
			failed := 0
			for i := range 12 {
				if err := led.Commit(t.Context(), &Act{Lines: []*Line{h.line(t, i%2, "after")}}); err != nil {
					if failed++; !errors.Is(err, errMood) {
						t.Fatalf("act %d: %v", i, err)
					}
				}
			}
			if most := c.mood.landed + c.mood.lost + c.mood.blind; failed == 0 || failed > most {
				t.Errorf("%d acts failed, want at most %d", failed, most)
			}
			led.Close()
			rep, err := led.Verify(t.Context())
			acked := int64(5 + 12 - failed)
			if err != nil || rep.Entries < acked || rep.Entries > acked+int64(c.mood.landed) || rep.Signed != rep.Entries {
				t.Errorf("Verify = %+v, %v; %d were acknowledged", rep, err, acked)
			}
		})
	}
}

func TestLinesLeftUnsignedByACrashAreSignedAtTheStart(t *testing.T) {
	t.Parallel()
	h := build(t, 1)
	h.commit(t, 0, "signed at once")
	h.close(t)
	h.open(t)
	for range 5 {
		h.commit(t, 0, "not yet signed") // the clock stands still
	}
	st, err := store.OpenSQLite(t.Context(), filepath.Join(h.dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	led, err := Open(t.Context(), st, h.ring, h.now, rand.Reader) // as after a crash: the other one never closed
	if err != nil {
		t.Fatal(err)
	}
	defer led.Close()
	rep, err := led.Verify(t.Context())
	if err != nil || rep.Signed != rep.Entries || rep.Entries != 6 {
		t.Errorf("Verify = %+v, %v; want all 6 signed", rep, err)
	}
}

func TestATamperedLedgerDoesNotStartAndTheStartNamesTheEntry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		q    string
		want string
	}{
		"the end cut off":            {`DELETE FROM entry WHERE seq >= 6`, "entry 6"},
		"all cut off":                {`DELETE FROM entry`, "entry 0"},
		"the last leaf altered":      {`UPDATE entry SET hashes = zeroblob(length(hashes)) WHERE seq = 7`, "entry 7"},
		"hashes cut short":           {`UPDATE entry SET hashes = X'00' WHERE seq = 7`, "entry 7"},
		"another's checkpoint":       {`UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), 'rapport.ledger/', 'rapport.ledger/0') AS BLOB)`, "not signed by this practice"},
		"a checkpoint of a size off": {`UPDATE checkpoint SET size = 5`, "not signed by this practice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, 1)
			for range 8 {
				h.commit(t, 0, "open")
			}
			h.close(t)
			tamper(t, h.dir, `DELETE FROM checkpoint WHERE size < 8`)
			tamper(t, h.dir, c.q)
			st, err := store.OpenSQLite(t.Context(), filepath.Join(h.dir, "data.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			led, err := Open(t.Context(), st, h.ring, h.now, rand.Reader)
			if err == nil {
				led.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "restore a backup") || strings.Contains(err.Error(), "\n") {
				t.Errorf("Open: %v; want one line that says %q and what to do", err, c.want)
			}
		})
	}
}
