package store_test

import (
	"errors"
	"sync"
	"testing"

	"rapport/record/internal/store"
)

// TestTwoWritersOfOneFileAreOneForEachSeat opens one file twice, as two programs would
// that walked past the folder's lock, and lets both take the same times.
func TestTwoWritersOfOneFileAreOneForEachSeat(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := create(t, t.TempDir())
	both := []*store.SQLite{open(t, path), open(t, path)}
	const seats = 60
	var won [2][seats]bool
	var wg sync.WaitGroup
	for i, s := range both {
		wg.Go(func() {
			for n := range seats {
				if i == 1 {
					n = seats - 1 - n // they meet in the middle
				}
				tx, err := s.Begin(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				x := store.Taken{ID: [16]byte{byte(i + 1), byte(n)}, Kind: store.Visit, From: int64(n)*20 + int64(i), To: int64(n)*20 + 15 + int64(i), Of: []string{"lena", "room"}, Body: []byte{1}}
				switch err = tx.Take(ctx, x); {
				case err == nil:
					won[i][n] = tx.Commit() == nil
				case errors.Is(err, store.ErrTaken):
					err = tx.Rollback()
				}
				if err != nil && !errors.Is(err, store.ErrTaken) {
					t.Errorf("seat %d: %v", n, err)
				}
			}
		})
	}
	wg.Wait()
	for n := range seats {
		if won[0][n] == won[1][n] {
			t.Errorf("seat %d: the one %t, the other %t", n, won[0][n], won[1][n])
		}
	}
	for i, s := range both { // and each sees what the other did
		n := 0
		if err := s.View(ctx, func(r store.Reader) error {
			return r.TakenBetween(ctx, 0, 1<<40, func(store.Taken) error { n++; return nil })
		}); err != nil || n != seats {
			t.Errorf("writer %d sees %d taken, %v", i, n, err)
		}
	}
}

// TestTheFileItselfRefusesASecondVisit writes as somebody would with another program.
func TestTheFileItselfRefusesASecondVisit(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := create(t, t.TempDir())
	s := open(t, path)
	tx, err := s.Begin(ctx)
	if err == nil {
		err = tx.Take(ctx, store.Taken{ID: [16]byte{1}, Kind: store.Visit, From: 600, To: 620, Of: []string{"lena"}, Body: []byte{1}})
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	db := behind(t, path)
	for _, q := range []string{
		`INSERT INTO seat VALUES ('lena', 600, 620, X'02')`,
		`INSERT INTO seat VALUES ('lena', 610, 611, X'02')`,
		`INSERT OR REPLACE INTO seat VALUES ('lena', 600, 620, X'02')`,
		`INSERT OR IGNORE INTO seat VALUES ('lena', 590, 700, X'02')`,
		`UPDATE OR REPLACE seat SET start = 500`,
		`UPDATE seat SET who = 'samir'`,
	} {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("%s is done", q)
		}
	}
	n := 0
	if err := db.QueryRow(`SELECT count(*) FROM seat WHERE who = 'lena' AND start = 600 AND taken <> X'02'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("the seat that was taken: %d, %v", n, err)
	}
	if _, err := db.Exec(`INSERT INTO seat VALUES ('lena', 620, 640, X'02')`); err != nil {
		t.Errorf("the next one: %v", err)
	}
}
