package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// timesSchema is where overlap is made impossible: one row for each one that is taken,
// and a trigger that refuses a second row for part of its time. A time is a day at
// most, so that the trigger looks back no further.
const timesSchema = `
CREATE TABLE taken (
	id BLOB PRIMARY KEY, kind INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, ends INTEGER NOT NULL,
	holder BLOB, client INTEGER NOT NULL, who TEXT NOT NULL, body BLOB NOT NULL,
	CHECK (length(id) = 16 AND kind BETWEEN 1 AND 3 AND stop > start AND stop - start <= 86400000 AND who <> '')) WITHOUT ROWID;
CREATE INDEX taken_start ON taken (start);
CREATE UNIQUE INDEX taken_holder ON taken (holder) WHERE holder IS NOT NULL;
CREATE INDEX taken_client ON taken (client, start) WHERE client > 0;
CREATE INDEX taken_ends ON taken (ends) WHERE ends > 0;
CREATE TABLE seat (
	who TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, taken BLOB NOT NULL,
	PRIMARY KEY (who, start)) WITHOUT ROWID;
CREATE INDEX seat_taken ON seat (taken);
CREATE TRIGGER seat_once BEFORE INSERT ON seat
	WHEN EXISTS (SELECT 1 FROM seat o WHERE o.who = NEW.who AND o.start > NEW.start - 86400000 AND o.start < NEW.stop AND o.stop > NEW.start)
	BEGIN SELECT RAISE(ABORT, 'the time is taken'); END;
CREATE TRIGGER seat_fixed BEFORE UPDATE ON seat BEGIN SELECT RAISE(ABORT, 'a time is taken and given back, never moved'); END;
CREATE TRIGGER taken_freed AFTER DELETE ON taken BEGIN DELETE FROM seat WHERE taken = OLD.id; END;
`

const takenCols = `id, kind, start, stop, ends, holder, client, who, body`

// orNull is what a time without a holder is kept as.
func orNull(k Key) any {
	if k == (Key{}) {
		return nil
	}
	return k[:]
}

func scanTaken(s scanner) (Taken, error) {
	var t Taken
	var id, holder []byte
	var who string
	if err := s.Scan(&id, &t.Kind, &t.From, &t.To, &t.Ends, &holder, &t.Client, &who, &t.Body); err != nil {
		return t, err
	}
	if len(id) != len(t.ID) || len(holder) != 0 && len(holder) != len(t.Holder) {
		return t, errors.New("store: a time without its name")
	}
	t.ID = [16]byte(id)
	if len(holder) > 0 {
		t.Holder = Key(holder)
	}
	t.Of = strings.Split(who, "\n")
	return t, nil
}

func (r *reader) Taken(ctx context.Context, id [16]byte) (Taken, error) {
	t, err := scanTaken(r.tx.StmtContext(ctx, r.s.taken).QueryRowContext(ctx, id[:]))
	return t, absent(err)
}

func (r *reader) HeldBy(ctx context.Context, holder Key) (Taken, error) {
	t, err := scanTaken(r.tx.StmtContext(ctx, r.s.heldBy).QueryRowContext(ctx, holder[:]))
	return t, absent(err)
}

func (r *reader) TakenBetween(ctx context.Context, from, to int64, f func(Taken) error) error {
	return r.each(ctx, r.s.takenBetween, func(rows *sql.Rows) error {
		t, err := scanTaken(rows)
		if err != nil {
			return err
		}
		return f(t)
	}, from-LongestTaken, to, from)
}

func (r *reader) TakenOf(ctx context.Context, c Client, f func(Taken) error) error {
	return r.each(ctx, r.s.takenOf, func(rows *sql.Rows) error {
		t, err := scanTaken(rows)
		if err != nil {
			return err
		}
		return f(t)
	}, c)
}

func (w *writer) Take(ctx context.Context, t Taken) error {
	if len(t.Of) == 0 {
		return errors.New("store: a time of nobody")
	}
	_, err := w.exec(ctx, w.s.take, t.ID[:], t.Kind, t.From, t.To, t.Ends, orNull(t.Holder), t.Client, strings.Join(t.Of, "\n"), t.Body)
	if err != nil {
		if busy(err) {
			return ErrTaken
		}
		return err
	}
	for _, who := range t.Of {
		_, err := w.exec(ctx, w.s.seat, who, t.From, t.To, t.ID[:])
		if err == nil {
			continue
		}
		if _, undo := w.exec(ctx, w.s.free, t.ID[:]); undo != nil {
			return errors.Join(err, undo)
		}
		if busy(err) {
			return ErrTaken
		}
		return err
	}
	return nil
}

// busy reports that the database refused a second one for a time, or a second hold.
// What breaks a rule about the time itself is no such thing.
func busy(err error) bool {
	var e interface{ Code() int }
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case 1811, 1555, 2067: // SQLITE_CONSTRAINT_TRIGGER, _PRIMARYKEY, _UNIQUE
		return true
	}
	return false
}

func (w *writer) Free(ctx context.Context, id [16]byte) error {
	res, err := w.exec(ctx, w.s.free, id[:])
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotExist
	}
	return err
}

func (w *writer) Lapse(ctx context.Context, ms int64) error {
	_, err := w.exec(ctx, w.s.lapse, ms)
	return err
}

// upgrade brings a database of an earlier version to this one.
func upgrade(ctx context.Context, db *sql.DB, from int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return told(fmt.Errorf("store: upgrade: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if from < 2 {
		if _, err := tx.ExecContext(ctx, timesSchema); err != nil {
			return told(fmt.Errorf("store: upgrade: %w", err))
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return told(fmt.Errorf("store: upgrade: %w", err))
	}
	return told(tx.Commit())
}
