package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/record/internal/store"
	"rapport/record/internal/store/storetest"
)

func create(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "data.db")
	if err := store.CreateSQLite(t.Context(), path, map[string][]byte{"instance": []byte("one")}); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) *store.SQLite {
	t.Helper()
	s, err := store.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLiteIsAStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, create(t, t.TempDir())) })
}

func behind(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestTheLedgerTableTakesNoChangeAndNoDeletion(t *testing.T) {
	t.Parallel()
	path := create(t, t.TempDir())
	s := open(t, path)
	tx, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Append(t.Context(), store.Entry{Seq: 0, PSeq: 1, Hashes: make([]byte, 32), Body: []byte("b")}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	db := behind(t, path)
	for _, q := range []string{`DELETE FROM entry`, `DELETE FROM entry WHERE seq = 0`, `UPDATE entry SET body = X'00'`, `UPDATE entry SET seq = 5`} {
		if _, err := db.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want a refusal", q, err)
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	s := open(t, create(t, t.TempDir()))
	err := s.View(t.Context(), func(r store.Reader) error {
		if w, ok := r.(store.Tx); ok {
			t.Error("a reader is a writer in disguise")
			return w.Rollback()
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestADataFolderMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space", "50%20off", "what?", "a#b", "naïve ✓", "a&b=c"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		open(t, create(t, dir))
		if _, err := os.Stat(filepath.Join(dir, "data.db")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestEveryFailureToOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, c := range []struct {
		name, want string
		spoil      func(t *testing.T, path string)
	}{
		{"a file of a later version", "use the program that wrote it", func(t *testing.T, path string) {
			if _, err := behind(t, path).Exec(`PRAGMA user_version = 3`); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file that is no database", "restore a backup", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"an empty file", "restore a backup", func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}},
		{"no file", "restore a backup", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := create(t, t.TempDir())
			c.spoil(t, path)
			s, err := store.OpenSQLite(ctx, path)
			if err == nil {
				s.Close()
			}
			if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v; want one line, unavailable, that says %q", err, c.want)
			}
		})
	}
}

// TestAnOlderFileIsBroughtUp takes away what a version added, and opens the file.
func TestAnOlderFileIsBroughtUp(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "data")
	if err := store.CreateSQLite(ctx, path, map[string][]byte{"instance": []byte("one")}); err != nil {
		t.Fatal(err)
	}
	db := behind(t, path)
	for _, q := range []string{`DROP TABLE seat`, `DROP TABLE taken`, `PRAGMA user_version = 1`} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		s, err := store.OpenSQLite(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := s.Begin(ctx)
		if err == nil {
			err = tx.Take(ctx, store.Taken{ID: [16]byte{1}, Kind: store.Visit, From: 0, To: 1, Of: []string{"lena"}, Body: []byte{}})
		}
		if err == nil {
			err = tx.Rollback()
		}
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
