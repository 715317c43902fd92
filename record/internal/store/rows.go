package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// statements are prepared once for each connection pool.
type statements struct {
	clientOf, pidOf, clients, row, rows, body, bodies, past, since                *sql.Stmt
	size, entry, entries, clientEntries, checkpoint, checkpoints, object, objects *sql.Stmt
	refacet, reseal                                                               *sql.Stmt
	addClient, addFacet, setFacet, addBody, addPast, append, sign                 *sql.Stmt
	setObject, dropObject, dropExpired                                            *sql.Stmt
	taken, heldBy, takenBetween, takenOf, take, seat, free, lapse                 *sql.Stmt
}

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	s := &statements{}
	const cols = `key, version, time, gone, body, facet, type`
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.clientOf, `SELECT n FROM client WHERE pid = ?`},
		{&s.pidOf, `SELECT pid FROM client WHERE n = ?`},
		{&s.clients, `SELECT n, pid FROM client ORDER BY n`},
		{&s.row, `SELECT ` + cols + ` FROM facet WHERE client = ? AND type = ? AND key = ?`},
		{&s.rows, `SELECT ` + cols + ` FROM facet WHERE client = ? AND type = ?`},
		{&s.body, `SELECT sealed FROM body WHERE id = ?`},
		{&s.bodies, `SELECT id, sealed FROM body WHERE id IN (?` + strings.Repeat(`, ?`, bodiesAtOnce-1) + `)`},
		{&s.past, `SELECT key, version, time, gone, body, NULL, type FROM past WHERE client = ? AND type = ? AND key = ? ORDER BY version DESC`},
		{&s.since, `SELECT ` + cols + ` FROM facet WHERE client = ? AND time > ?`},
		{&s.size, `SELECT coalesce(max(seq) + 1, 0) FROM entry`},
		{&s.entry, `SELECT seq, client, pseq, hashes, body FROM entry WHERE seq = ?`},
		{&s.entries, `SELECT seq, client, pseq, hashes, body FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq`},
		{&s.clientEntries, `SELECT seq, client, pseq, hashes, body FROM entry WHERE client = ? AND pseq < ? ORDER BY pseq DESC LIMIT ?`},
		{&s.checkpoints, `SELECT size, note FROM checkpoint WHERE size > ? ORDER BY size LIMIT ?`},
		{&s.checkpoint, `SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1`},
		{&s.object, `SELECT key, expires, body FROM object WHERE space = ? AND key = ?`},
		{&s.objects, `SELECT key, expires, body FROM object WHERE space = ? ORDER BY key`},
		{&s.taken, `SELECT ` + takenCols + ` FROM taken WHERE id = ?`},
		{&s.heldBy, `SELECT ` + takenCols + ` FROM taken WHERE holder = ?`},
		{&s.takenBetween, `SELECT ` + takenCols + ` FROM taken WHERE start > ? AND start < ? AND stop > ? ORDER BY start, id`},
		{&s.takenOf, `SELECT ` + takenCols + ` FROM taken WHERE client = ? AND client > 0 ORDER BY start`},
		{&s.take, `INSERT INTO taken (` + takenCols + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.seat, `INSERT INTO seat (who, start, stop, taken) VALUES (?, ?, ?, ?)`},
		{&s.free, `DELETE FROM taken WHERE id = ?`},
		{&s.lapse, `DELETE FROM taken WHERE ends > 0 AND ends <= ?`},
		{&s.addClient, `INSERT INTO client (pid, made) VALUES (?, ?)`},
		{&s.addFacet, `INSERT INTO facet (client, type, key, version, time, gone, body, facet) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.setFacet, `UPDATE facet SET version = ?, time = ?, gone = ?, body = ?, facet = ? WHERE client = ? AND type = ? AND key = ? AND version = ?`},
		{&s.refacet, `UPDATE facet SET facet = ? WHERE client = ? AND type = ? AND key = ? AND version = ?`},
		{&s.reseal, `UPDATE body SET sealed = ? WHERE id = ?`},
		{&s.addBody, `INSERT INTO body (sealed) VALUES (?)`},
		{&s.addPast, `INSERT INTO past (client, type, key, version, time, gone, body) SELECT client, type, key, version, time, gone, body FROM facet WHERE client = ? AND type = ? AND key = ? AND version = ?`},
		{&s.append, `INSERT INTO entry (seq, client, pseq, hashes, body) VALUES (?, ?, ?, ?, ?)`},
		{&s.sign, `INSERT OR IGNORE INTO checkpoint (size, note) VALUES (?, ?)`},
		{&s.setObject, `INSERT INTO object (space, key, expires, body) VALUES (?, ?, ?, ?) ON CONFLICT (space, key) DO UPDATE SET expires = excluded.expires, body = excluded.body`},
		{&s.dropObject, `DELETE FROM object WHERE space = ? AND key = ?`},
		{&s.dropExpired, `DELETE FROM object WHERE space = ? AND expires > 0 AND expires <= ?`},
	} {
		st, err := db.PrepareContext(ctx, p.sql)
		if err != nil {
			return nil, told(fmt.Errorf("store: prepare: %w", err))
		}
		*p.to = st
	}
	return s, nil
}

type reader struct {
	tx *sql.Tx
	s  *statements
}

func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotExist
	}
	return told(err)
}

func (r *reader) ClientOf(ctx context.Context, pid PID) (Client, error) {
	var c Client
	err := r.tx.StmtContext(ctx, r.s.clientOf).QueryRowContext(ctx, pid[:]).Scan(&c)
	return c, absent(err)
}

func (r *reader) PIDOf(ctx context.Context, c Client) (PID, error) {
	var pid []byte
	if err := r.tx.StmtContext(ctx, r.s.pidOf).QueryRowContext(ctx, c).Scan(&pid); err != nil {
		return PID{}, absent(err)
	}
	if len(pid) != len(PID{}) {
		return PID{}, ErrNotExist
	}
	return PID(pid), nil
}

// each runs a query and hands every row to f.
func (r *reader) each(ctx context.Context, st *sql.Stmt, f func(*sql.Rows) error, args ...any) error {
	rows, err := r.tx.StmtContext(ctx, st).QueryContext(ctx, args...)
	if err != nil {
		return told(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return told(rows.Err())
}

func (r *reader) Clients(ctx context.Context, f func(Client, PID) error) error {
	return r.each(ctx, r.s.clients, func(rows *sql.Rows) error {
		var c Client
		var pid sql.RawBytes
		if err := rows.Scan(&c, &pid); err != nil {
			return err
		}
		return f(c, PID(pid))
	})
}

type scanner interface{ Scan(...any) error }

func scanRow(s scanner, facet any) (Row, error) {
	var r Row
	var key []byte
	err := s.Scan(&key, &r.Version, &r.Time, &r.Gone, &r.Body, facet, &r.Type)
	if err == nil && len(key) == len(r.Key) {
		r.Key = Key(key)
	}
	return r, err
}

func (r *reader) Row(ctx context.Context, c Client, typ uint16, key Key) (Row, error) {
	var facet []byte
	row, err := scanRow(r.tx.StmtContext(ctx, r.s.row).QueryRowContext(ctx, c, typ, key[:]), &facet)
	row.Facet = facet
	return row, absent(err)
}

func (r *reader) rowsOf(ctx context.Context, st *sql.Stmt, f func(Row) error, args ...any) error {
	return r.each(ctx, st, func(rows *sql.Rows) error {
		var row Row
		var key, facet sql.RawBytes
		if err := rows.Scan(&key, &row.Version, &row.Time, &row.Gone, &row.Body, &facet, &row.Type); err != nil {
			return err
		}
		if len(key) == len(row.Key) {
			row.Key = Key(key)
		}
		row.Facet = facet
		return f(row)
	}, args...)
}

func (r *reader) Rows(ctx context.Context, c Client, typ uint16, f func(Row) error) error {
	return r.rowsOf(ctx, r.s.rows, f, c, typ)
}

func (r *reader) Since(ctx context.Context, c Client, ms int64, f func(Row) error) error {
	return r.rowsOf(ctx, r.s.since, f, c, ms)
}

func (r *reader) Body(ctx context.Context, id int64) ([]byte, error) {
	var b []byte
	err := r.tx.StmtContext(ctx, r.s.body).QueryRowContext(ctx, id).Scan(&b)
	return b, absent(err)
}

// bodiesAtOnce is how many bodies one statement asks for: asking costs more than
// finding.
const bodiesAtOnce = 32

func (r *reader) Bodies(ctx context.Context, ids []int64, f func(id int64, sealed []byte) error) error {
	args := make([]any, bodiesAtOnce)
	for len(ids) > 0 {
		some := ids[:min(bodiesAtOnce, len(ids))]
		ids = ids[len(some):]
		for i := range args {
			args[i] = some[min(i, len(some)-1)] // the last again, where there are no more
		}
		err := r.each(ctx, r.s.bodies, func(rows *sql.Rows) error {
			var id int64
			var sealed sql.RawBytes
			if err := rows.Scan(&id, &sealed); err != nil {
				return err
			}
			return f(id, sealed)
		}, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) Past(ctx context.Context, c Client, typ uint16, key Key) ([]Row, error) {
	var out []Row
	err := r.each(ctx, r.s.past, func(rows *sql.Rows) error {
		var none []byte
		row, err := scanRow(rows, &none)
		out = append(out, row)
		return err
	}, c, typ, key[:])
	return out, err
}

func (r *reader) Size(ctx context.Context) (int64, error) {
	var n int64
	err := r.tx.StmtContext(ctx, r.s.size).QueryRowContext(ctx).Scan(&n)
	return n, told(err)
}

func scanEntry(s scanner) (Entry, error) {
	var e Entry
	err := s.Scan(&e.Seq, &e.Client, &e.PSeq, &e.Hashes, &e.Body)
	return e, err
}

func (r *reader) Entry(ctx context.Context, seq int64) (Entry, error) {
	e, err := scanEntry(r.tx.StmtContext(ctx, r.s.entry).QueryRowContext(ctx, seq))
	return e, absent(err)
}

func (r *reader) Entries(ctx context.Context, from, to int64, f func(Entry) error) error {
	return r.each(ctx, r.s.entries, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		if err != nil {
			return err
		}
		return f(e)
	}, from, to)
}

func (r *reader) ClientEntries(ctx context.Context, c Client, below int64, limit int) ([]Entry, error) {
	var out []Entry
	err := r.each(ctx, r.s.clientEntries, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		out = append(out, e)
		return err
	}, c, below, limit)
	return out, err
}

func (r *reader) Checkpoint(ctx context.Context) (int64, []byte, error) {
	var size int64
	var note []byte
	err := r.tx.StmtContext(ctx, r.s.checkpoint).QueryRowContext(ctx).Scan(&size, &note)
	return size, note, absent(err)
}

func (r *reader) Checkpoints(ctx context.Context, above int64, limit int) ([]Note, error) {
	var out []Note
	err := r.each(ctx, r.s.checkpoints, func(rows *sql.Rows) error {
		var n Note
		if err := rows.Scan(&n.Size, &n.Text); err != nil {
			return err
		}
		out = append(out, n)
		return nil
	}, above, limit)
	return out, err
}

func (r *reader) Object(ctx context.Context, s Space, key []byte) (Object, error) {
	var o Object
	err := r.tx.StmtContext(ctx, r.s.object).QueryRowContext(ctx, s, key).Scan(&o.Key, &o.Expires, &o.Body)
	return o, absent(err)
}

func (r *reader) Objects(ctx context.Context, s Space, f func(Object) error) error {
	return r.each(ctx, r.s.objects, func(rows *sql.Rows) error {
		var o Object
		if err := rows.Scan(&o.Key, &o.Expires, &o.Body); err != nil {
			return err
		}
		return f(o)
	}, s)
}

type writer struct{ reader }

func (w *writer) exec(ctx context.Context, st *sql.Stmt, args ...any) (sql.Result, error) {
	res, err := w.tx.StmtContext(ctx, st).ExecContext(ctx, args...)
	if err != nil {
		return nil, told(fmt.Errorf("store: write: %w", err))
	}
	return res, nil
}

func (w *writer) AddClient(ctx context.Context, pid PID, ms int64) (Client, error) {
	res, err := w.exec(ctx, w.s.addClient, pid[:], ms)
	if err != nil {
		return 0, err
	}
	n, err := res.LastInsertId()
	return Client(n), err
}

func (w *writer) Put(ctx context.Context, c Client, p Put) error {
	if p.Sealed != nil {
		res, err := w.exec(ctx, w.s.addBody, p.Sealed)
		if err != nil {
			return err
		}
		if p.Body, err = res.LastInsertId(); err != nil {
			return err
		}
	}
	if p.Prior == 0 {
		_, err := w.exec(ctx, w.s.addFacet, c, p.Type, p.Key[:], p.Version, p.Time, p.Gone, p.Body, p.Facet)
		if taken(err) {
			return ErrVersion
		}
		return err
	}
	if _, err := w.exec(ctx, w.s.addPast, c, p.Type, p.Key[:], p.Prior); err != nil {
		return err
	}
	return one(w.exec(ctx, w.s.setFacet, p.Version, p.Time, p.Gone, p.Body, p.Facet, c, p.Type, p.Key[:], p.Prior))
}

func (w *writer) Refacet(ctx context.Context, c Client, row Row, facet []byte) error {
	return one(w.exec(ctx, w.s.refacet, facet, c, row.Type, row.Key[:], row.Version))
}

func (w *writer) Reseal(ctx context.Context, id int64, sealed []byte) error {
	return one(w.exec(ctx, w.s.reseal, sealed, id))
}

func (w *writer) DropRow(ctx context.Context, c Client, typ uint16, key Key) error {
	for _, q := range []string{
		`DELETE FROM body WHERE id IN (SELECT body FROM facet WHERE client = ?1 AND type = ?2 AND key = ?3 UNION ALL SELECT body FROM past WHERE client = ?1 AND type = ?2 AND key = ?3)`,
		`DELETE FROM past WHERE client = ?1 AND type = ?2 AND key = ?3`,
	} {
		if _, err := w.tx.ExecContext(ctx, q, c, typ, key[:]); err != nil {
			return told(err)
		}
	}
	res, err := w.tx.ExecContext(ctx, `DELETE FROM facet WHERE client = ? AND type = ? AND key = ?`, c, typ, key[:])
	if err = one(res, told(err)); errors.Is(err, ErrVersion) {
		return ErrNotExist
	}
	return err
}

func (w *writer) DropClient(ctx context.Context, c Client) error {
	if c == 0 {
		return errors.New("store: the practice is no client")
	}
	for _, q := range []string{
		`DELETE FROM body WHERE id IN (SELECT body FROM facet WHERE client = ?1 UNION ALL SELECT body FROM past WHERE client = ?1)`,
		`DELETE FROM past WHERE client = ?1`, `DELETE FROM facet WHERE client = ?1`, `DELETE FROM taken WHERE client = ?1`,
	} {
		if _, err := w.tx.ExecContext(ctx, q, c); err != nil {
			return told(err)
		}
	}
	return nil
}

// one is ErrVersion unless one row was changed.
func one(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(ErrVersion, err)
	}
	return nil
}

func (w *writer) Append(ctx context.Context, e Entry) error {
	_, err := w.exec(ctx, w.s.append, e.Seq, e.Client, e.PSeq, e.Hashes, e.Body)
	return err
}

func (w *writer) Sign(ctx context.Context, size int64, note []byte) error {
	_, err := w.exec(ctx, w.s.sign, size, note)
	return err
}

func (w *writer) SetObject(ctx context.Context, s Space, o Object) error {
	_, err := w.exec(ctx, w.s.setObject, s, o.Key, o.Expires, o.Body)
	return err
}

func (w *writer) DropObject(ctx context.Context, s Space, key []byte) error {
	_, err := w.exec(ctx, w.s.dropObject, s, key)
	return err
}

func (w *writer) DropExpired(ctx context.Context, s Space, ms int64) error {
	_, err := w.exec(ctx, w.s.dropExpired, s, ms)
	return err
}

func (w *writer) Commit() error   { return told(w.tx.Commit()) }
func (w *writer) Rollback() error { return w.tx.Rollback() }
