package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the database driver

	"rapport/errs"
)

const schema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE client (n INTEGER PRIMARY KEY, pid BLOB NOT NULL UNIQUE, made INTEGER NOT NULL);
CREATE TABLE facet (
	client INTEGER NOT NULL, type INTEGER NOT NULL, key BLOB NOT NULL,
	version INTEGER NOT NULL, time INTEGER NOT NULL, gone INTEGER NOT NULL, body INTEGER NOT NULL, facet BLOB NOT NULL,
	PRIMARY KEY (client, type, key)) WITHOUT ROWID;
CREATE TABLE body (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE past (
	client INTEGER NOT NULL, type INTEGER NOT NULL, key BLOB NOT NULL,
	version INTEGER NOT NULL, time INTEGER NOT NULL, gone INTEGER NOT NULL, body INTEGER NOT NULL,
	PRIMARY KEY (client, type, key, version)) WITHOUT ROWID;
CREATE TABLE entry (seq INTEGER PRIMARY KEY, client INTEGER NOT NULL, pseq INTEGER NOT NULL, hashes BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX entry_client ON entry (client, pseq);
CREATE TRIGGER entry_kept BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entry_fixed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note BLOB NOT NULL);
CREATE TABLE object (space INTEGER NOT NULL, key BLOB NOT NULL, expires INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;
`

// schemaVersion is written into the database; a newer one is refused, and an older one
// is brought up to it.
const schemaVersion = 2

// oldestSQLite is the first version without the WAL-reset corruption.
const oldestSQLite = "3.51.3"

// SQLite is the embedded Store: one file with a write-ahead log, synced at every
// commit.
type SQLite struct {
	w, r   *sql.DB
	ws, rs *statements
}

var _ Store = (*SQLite)(nil)

// readers is how many connections read at once; each holds up to 2 MB of pages.
const readers = 4

func dsn(path, extra string) string {
	p := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String()
	return p + "?_pragma=journal_mode(WAL)&_pragma=synchronous(2)&_pragma=busy_timeout(5000)&_pragma=temp_store(2)&_pragma=foreign_keys(0)&_pragma=wal_autocheckpoint(4000)&_pragma=secure_delete(1)" + extra
}

// CreateSQLite makes a new database with the values of meta in it.
func CreateSQLite(ctx context.Context, path string, meta map[string][]byte) error {
	db, err := sql.Open("sqlite", dsn(path, "&_pragma=page_size(8192)"))
	if err != nil {
		return fmt.Errorf("store: create: %w", err)
	}
	defer db.Close() //nolint:errcheck // what was committed is synced
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: create: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if _, err := tx.ExecContext(ctx, schema+timesSchema); err != nil {
		return fmt.Errorf("store: create: %w", err)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return fmt.Errorf("store: create: %w", err)
	}
	for k, v := range meta {
		if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES (?, ?)`, k, v); err != nil {
			return fmt.Errorf("store: create: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: create: %w", err)
	}
	return nil
}

// OpenSQLite opens a database that CreateSQLite made.
func OpenSQLite(ctx context.Context, path string) (*SQLite, error) {
	if st, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && st.Size() == 0 {
		return nil, errs.E(errs.Unavailable, "the data file %s is missing or empty: restore a backup", path)
	}
	// SQLite would open a file it may not write, and say so at the first act
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return nil, errs.E(errs.Unavailable, "the data folder cannot be written: check its owner and permissions: %w", err)
	} else if err := f.Close(); err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	w, err := sql.Open("sqlite", dsn(path, "&_txlock=immediate&_pragma=cache_size(-16000)"))
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite", dsn(path, "&_pragma=query_only(1)&_pragma=cache_size(-2000)"))
	if err != nil {
		w.Close() //nolint:errcheck // never used
		return nil, fmt.Errorf("store: open: %w", err)
	}
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	s := &SQLite{w: w, r: r}
	if err := s.prepare(ctx); err != nil {
		s.Close() //nolint:errcheck // the first error is the one to tell
		return nil, err
	}
	return s, nil
}

func (s *SQLite) prepare(ctx context.Context) error {
	var version string
	var have int
	err := s.w.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version)
	if err == nil {
		err = s.w.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&have)
	}
	if err != nil {
		return told(fmt.Errorf("store: open: %w", err))
	}
	if older(version, oldestSQLite) {
		return errs.E(errs.Unavailable, "store: SQLite %s is too old, need %s", version, oldestSQLite)
	}
	if have > 0 && have < schemaVersion {
		if err := upgrade(ctx, s.w, have); err != nil {
			return err
		}
		have = schemaVersion
	}
	if have != schemaVersion {
		return errs.E(errs.Unavailable, "store: the data is of version %d and this program reads version %d: use the program that wrote it", have, schemaVersion)
	}
	if s.ws, err = prepare(ctx, s.w); err != nil {
		return err
	}
	s.rs, err = prepare(ctx, s.r)
	return err
}

func older(v, than string) bool {
	a, b := strings.Split(v, "."), strings.Split(than, ".")
	for i := range min(len(a), len(b)) {
		if len(a[i]) != len(b[i]) {
			return len(a[i]) < len(b[i])
		}
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return len(a) < len(b)
}

// taken reports that there is a row with that key already.
func taken(err error) bool {
	var e interface{ Code() int }
	return errors.As(err, &e) && e.Code()&0xff == 19 // SQLITE_CONSTRAINT
}

// told gives the errors a person can do something about their words.
func told(err error) error {
	if err == nil {
		return nil
	}
	var e interface{ Code() int }
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case 13: // SQLITE_FULL
			return errs.E(errs.Unavailable, "the disk is full: free some space; nothing was half-written: %w", err)
		case 8: // SQLITE_READONLY
			return errs.E(errs.Unavailable, "the data folder cannot be written: check its owner and permissions: %w", err)
		case 14: // SQLITE_CANTOPEN
			return errs.E(errs.Unavailable, "the data cannot be opened: check that the folder is there and writable: %w", err)
		case 10: // SQLITE_IOERR
			return errs.E(errs.Unavailable, "the disk gave an error: %w", err)
		case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
			return errs.E(errs.Unavailable, "the data file is damaged: restore a backup: %w", err)
		}
	}
	return err
}

// View implements Store.
func (s *SQLite) View(ctx context.Context, f func(Reader) error) error {
	tx, err := s.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return told(fmt.Errorf("store: view: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // a reading transaction has nothing to lose
	return f(&reader{tx, s.rs})
}

// Begin implements Store.
func (s *SQLite) Begin(ctx context.Context) (Tx, error) {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return nil, told(fmt.Errorf("store: begin: %w", err))
	}
	return &writer{reader{tx, s.ws}}, nil
}

// Meta implements Store.
func (s *SQLite) Meta(ctx context.Context, name string) ([]byte, error) {
	var v []byte
	err := s.r.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotExist
	}
	return v, told(err)
}

// Check implements Store.
func (s *SQLite) Check(ctx context.Context) error {
	rows, err := s.r.QueryContext(ctx, `PRAGMA integrity_check(1)`)
	if err != nil {
		return told(fmt.Errorf("store: check: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return fmt.Errorf("store: check: %w", err)
		}
		if line != "ok" {
			return errs.E(errs.Internal, "the data file is damaged: %s", line)
		}
	}
	return told(rows.Err())
}

// Close implements Store.
func (s *SQLite) Close() error { return errors.Join(s.r.Close(), s.w.Close()) }
