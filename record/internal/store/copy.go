package store

import (
	"context"
	"database/sql"
	"fmt"
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
