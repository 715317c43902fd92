package keyring

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"rapport/errs"
)

// A copy of the keyring opens whoever was erased after it was made: it is the spare key
// that has to go too. So the keyring remembers which copies were made of it, and where.

const copyPrefix = "copy."

// Copy is a copy that was made of the keyring.
type Copy struct {
	At   time.Time
	Path string
}

// Bytes returns the file of a keyring that others may be using, in one consistent state.
// It opens none of the keys.
func Bytes(ctx context.Context, path string) (raw []byte, instance [16]byte, err error) {
	r, done, err := peek(ctx, path)
	if err != nil {
		return nil, instance, err
	}
	defer done()
	inst, err := r.need(ctx, "instance")
	if err != nil {
		return nil, instance, err
	}
	if len(inst) != len(instance) {
		return nil, instance, errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it")
	}
	c, err := r.db.Conn(ctx)
	if err != nil {
		return nil, instance, told(fmt.Errorf("keyring: copy: %w", err))
	}
	defer c.Close() //nolint:errcheck // only read
	err = c.Raw(func(driver any) (err error) {
		s, ok := driver.(interface{ Serialize() ([]byte, error) })
		if !ok {
			return errs.E(errs.Internal, "keyring: the driver makes no copies")
		}
		raw, err = s.Serialize()
		return err
	})
	return raw, [16]byte(inst), told(err)
}

// peek opens a keyring's file without its keys.
func peek(ctx context.Context, path string) (*Ring, func(), error) {
	if err := there(path); err != nil {
		return nil, nil, err
	}
	db, err := open(path)
	if err != nil {
		return nil, nil, err
	}
	if _, err := db.ExecContext(ctx, goneSchema); err != nil {
		db.Close() //nolint:errcheck // the first error is the one to tell
		return nil, nil, told(fmt.Errorf("keyring: open: %w", err))
	}
	return &Ring{db: db}, func() { db.Close() }, nil //nolint:errcheck // what was committed is synced
}

// Copied remembers that a copy of a keyring was made.
func Copied(ctx context.Context, path string, c Copy) error {
	r, done, err := peek(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	name := copyPrefix + fmt.Sprintf("%020d", c.At.UnixMilli())
	_, err = r.db.ExecContext(ctx, `INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, []byte(c.Path))
	return told(err)
}

// Copies returns the copies that were made of the keyring, the oldest first.
func (r *Ring) Copies(ctx context.Context) ([]Copy, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT name, value FROM meta WHERE name GLOB 'copy.*' ORDER BY name`)
	if err != nil {
		return nil, told(fmt.Errorf("keyring: copies: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var out []Copy
	for rows.Next() {
		var name string
		var c []byte
		if err := rows.Scan(&name, &c); err != nil {
			return nil, told(fmt.Errorf("keyring: copies: %w", err))
		}
		var ms int64
		if _, err := fmt.Sscanf(strings.TrimPrefix(name, copyPrefix), "%d", &ms); err == nil {
			out = append(out, Copy{time.UnixMilli(ms).UTC(), string(c)})
		}
	}
	return out, told(rows.Err())
}

// Forget says that copies made before a time are gone.
func (r *Ring) Forget(ctx context.Context, before time.Time) error {
	_, err := r.db.ExecContext(ctx, `DELETE FROM meta WHERE name GLOB 'copy.*' AND name < ?`, copyPrefix+fmt.Sprintf("%020d", before.UnixMilli()))
	return told(err)
}

// Peek says how the keys stand without opening one.
func Peek(ctx context.Context, path string) (State, error) {
	var s State
	r, done, err := peek(ctx, path)
	if err != nil {
		return s, err
	}
	defer done()
	wrapped, err := wrappedKEKs(ctx, r.db)
	if err != nil {
		return s, err
	}
	for n := range wrapped {
		s.Epoch, s.Open = max(s.Epoch, n), s.Open+1
	}
	var begun []byte
	if err := r.db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'begun'`).Scan(&begun); err == nil && len(begun) == 8 {
		s.Begun = time.UnixMilli(int64(binary.BigEndian.Uint64(begun))).UTC() //nolint:gosec // it was written so
	} else if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, told(err)
	}
	err = r.db.QueryRowContext(ctx, `SELECT (SELECT value FROM meta WHERE name = 'mode'), (SELECT count(*) FROM key WHERE epoch = ?), (SELECT count(*) FROM key WHERE epoch < ?), (SELECT count(*) FROM gone WHERE part = 0), (SELECT coalesce(max(at), 0) FROM gone)`,
		s.Epoch, s.Epoch).Scan(&s.Mode, &s.Keys, &s.Behind, &s.Gone, &s.last)
	if err == nil && s.last > 0 {
		s.Last = time.UnixMilli(s.last).UTC()
	}
	if err == nil {
		s.Copies, err = r.Copies(ctx)
	}
	return s, told(err)
}
