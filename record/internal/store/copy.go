package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"rapport/errs"
)

// Settle implements Store.
func (s *SQLite) Settle(ctx context.Context) error {
	var busy, log, done int
	if err := s.w.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &done); err != nil {
		return told(fmt.Errorf("store: settle: %w", err))
	}
	return nil
}

// CopySQLite writes one consistent state of a database that others may be using to a new
// file, without keeping anybody waiting.
func CopySQLite(ctx context.Context, from, to string) error {
	db, err := sql.Open("sqlite", dsn(from, ""))
	if err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	defer db.Close() //nolint:errcheck // only read
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return told(fmt.Errorf("store: copy: %w", err))
	}
	return nil
}

// MetaOf returns a value kept at the creation of a database that others may be using, this
// process too. It opens the file by way of SQLite alone: whoever closes it otherwise
// takes away the locks of all in the process.
func MetaOf(ctx context.Context, path, name string) ([]byte, error) {
	if st, err := os.Stat(path); err != nil || st.Size() == 0 {
		return nil, errs.E(errs.Unavailable, "the data file %s is missing or empty: restore a backup", path)
	}
	db, err := sql.Open("sqlite", dsn(path, "&_pragma=query_only(1)"))
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	defer db.Close() //nolint:errcheck // only read
	var v []byte
	return v, told(db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, name).Scan(&v))
}
