// Package keyring keeps the keys: one key-encryption key under the master key,
// and under it two keys for each client, one more for each of their compartments,
// and a few of the practice's own. The keyring is a file of its own, with a rollback
// journal, so that a deleted key leaves no copy behind in a write-ahead log, and it is
// never part of a data backup. It refuses to give out a key it cannot prove is the right one.
package keyring

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // the database driver

	"rapport/errs"
	"rapport/record/internal/seal"
)

// PID is a client's pseudonym: 16 random bytes. The zero PID is the practice
// itself.
type PID [16]byte

// use says what a wrapped key is for.
type use uint8

const (
	_         use = iota
	useRecord     // a client's chart
	useLedger     // a client's ledger lines; outlives the chart's key
	useOwn        // the practice's own: directory, sessions, signing
	useClosed     // a client's compartments, one key each, always all of them
)

// Client is the opened keys of one client.
type Client struct {
	Body   seal.Box // resource bodies
	Facet  seal.Box // search values
	Blob   seal.Box // attachments
	Ledger seal.Box // ledger lines
	row    seal.Key
	closed *closed
}

// Row returns the database key of a resource: a keyed hash of its type and
// logical id, because an id from another system may say who somebody is.
func (c *Client) Row(resourceType, id string) [16]byte {
	m := hmac.New(sha256.New, c.row[:])
	io.WriteString(m, resourceType) //nolint:errcheck // a hash never fails
	m.Write([]byte{0})
	io.WriteString(m, id) //nolint:errcheck // a hash never fails
	var out [16]byte
	copy(out[:], m.Sum(nil))
	return out
}

// Ring is an open keyring. It is safe for concurrent use.
type Ring struct {
	db   *sql.DB
	at   Config // without the passphrase, once it is open
	step func(string)

	lock     sync.Mutex // of what follows
	locked   string     // the mode it was opened in
	master   Master     // what opened the epochs last
	epochs   atomic.Pointer[epochs]
	own      seal.Key
	instance [16]byte
	rand     io.Reader

	mu    sync.Mutex
	cache map[PID]*Client
	// forgot counts how often keys were dropped from memory: what was read before is not
	// remembered after.
	forgot int
}

// cacheMax bounds the opened keys in memory, about 3 KB each.
const cacheMax = 4096

// Config says how to open a keyring.
type Config struct {
	Path       string    // the keyring's file
	KeyFile    string    // the master key's file, unless Passphrase is set
	Passphrase string    // the master passphrase, or "" for a key file
	Create     bool      // make a new keyring; it must not exist
	Rand       io.Reader // where keys are drawn from

	// Step, if it is set, is called before each thing that a crash could come between.
	Step func(string)
}

func open(path string) (*sql.DB, error) {
	uri := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String() // a folder may have any name
	db, err := sql.Open("sqlite", uri+"?_pragma=journal_mode(DELETE)&_pragma=secure_delete(1)&_pragma=synchronous(3)&_pragma=temp_store(2)&_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("keyring: open: %w", err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// Open opens or makes the keyring. A wrong key file or passphrase is an error of
// kind Unavailable that says so.
func Open(ctx context.Context, c Config) (*Ring, error) {
	if err := there(c.Path); err != nil && !c.Create {
		return nil, err
	}
	db, err := open(c.Path)
	if err != nil {
		return nil, err
	}
	r := &Ring{db: db, at: c, rand: c.Rand, step: c.Step, cache: map[PID]*Client{}}
	if r.step == nil {
		r.step = func(string) {}
	}
	if c.Create {
		err = r.create(ctx, c)
	}
	if err == nil {
		err = r.unlock(ctx, c)
	}
	r.at.Passphrase = ""
	if err != nil {
		db.Close() //nolint:errcheck // the first error is the one to tell
		return nil, err
	}
	return r, nil
}

// there refuses a keyring that is missing, which opening would make anew, empty.
func there(path string) error {
	if st, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && st.Size() == 0 {
		return errs.E(errs.Unavailable, "the keyring %s is missing or empty: bring back your copy of it", path)
	}
	return nil
}

// told gives the errors a person can do something about their words.
func told(err error) error {
	var e interface{ Code() int }
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case 13: // SQLITE_FULL
		return errs.E(errs.Unavailable, "the disk is full: free some space; no key was half-written: %w", err)
	case 8, 14: // SQLITE_READONLY, SQLITE_CANTOPEN
		return errs.E(errs.Unavailable, "the keyring cannot be opened or written: check its owner and permissions: %w", err)
	case 10: // SQLITE_IOERR
		return errs.E(errs.Unavailable, "the disk gave an error: %w", err)
	case 1, 11, 26: // SQLITE_ERROR (a table is missing), SQLITE_CORRUPT, SQLITE_NOTADB
		return errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it: %w", err)
	}
	return err
}

const schema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE key (pid BLOB NOT NULL, use INTEGER NOT NULL, epoch INTEGER NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (pid, use)) WITHOUT ROWID;
` + goneSchema

func (r *Ring) create(ctx context.Context, c Config) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return told(fmt.Errorf("keyring: create: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return told(fmt.Errorf("keyring: create: %w", err))
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(r.rand, salt); err != nil {
		return told(fmt.Errorf("keyring: create: %w", err))
	}
	if _, err := io.ReadFull(r.rand, r.instance[:]); err != nil {
		return told(fmt.Errorf("keyring: create: %w", err))
	}
	m, mode, err := c.master(salt)
	if err != nil {
		return err
	}
	kek, err := seal.NewKey(r.rand)
	if err != nil {
		return err
	}
	own, err := seal.NewKey(r.rand)
	if err != nil {
		return err
	}
	wrapped, err := m.Wrap(kek)
	if err != nil {
		return fmt.Errorf("keyring: wrap: %w", err)
	}
	for name, v := range map[string][]byte{"salt": salt, "instance": r.instance[:], "mode": []byte(mode), "kek.1": wrapped} {
		if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES (?, ?)`, name, v); err != nil {
			return told(fmt.Errorf("keyring: create: %w", err))
		}
	}
	e := &epochs{now: 1, box: map[uint32]seal.Box{1: seal.NewBox(kek)}}
	if err := r.insert(ctx, tx, e, PID{}, useOwn, own[:]); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return told(fmt.Errorf("keyring: create: %w", err))
	}
	return nil
}

func (c Config) master(salt []byte) (Master, string, error) {
	if c.Passphrase != "" {
		return passMaster(c.Passphrase, salt), "passphrase", nil
	}
	m, err := FileMaster(c.KeyFile)
	return m, "file", err
}

func (r *Ring) meta(ctx context.Context, name string) ([]byte, error) {
	var v []byte
	if err := r.db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, name).Scan(&v); err != nil {
		return nil, told(fmt.Errorf("keyring: read %s: %w", name, err))
	}
	return v, nil
}

// Mode says how the keyring in path is locked, "file" or "passphrase", without
// opening it.
func Mode(ctx context.Context, path string) (string, error) {
	if err := there(path); err != nil {
		return "", err
	}
	db, err := open(path)
	if err != nil {
		return "", err
	}
	defer db.Close() //nolint:errcheck // nothing was written
	v, err := (&Ring{db: db}).need(ctx, "mode")
	return string(v), err
}

// need is meta for what every keyring has.
func (r *Ring) need(ctx context.Context, name string) ([]byte, error) {
	v, err := r.meta(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it: it has no %s", name)
	}
	return v, err
}

func (r *Ring) unlock(ctx context.Context, c Config) error {
	mode, err := r.need(ctx, "mode")
	if err != nil {
		return err
	}
	if (string(mode) == "passphrase") != (c.Passphrase != "") {
		if string(mode) == "passphrase" {
			return errs.E(errs.Unavailable, "this practice is locked with a passphrase: start with --passphrase and type it")
		}
		return errs.E(errs.Unavailable, "this practice is locked with a key file: start with --key-file")
	}
	if _, err := r.need(ctx, "salt"); err != nil {
		return err
	}
	r.locked = string(mode)
	if err := r.reload(ctx, r.db); err != nil {
		return err
	}
	inst, err := r.need(ctx, "instance")
	if err != nil {
		return err
	}
	if len(inst) != len(r.instance) {
		return errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it")
	}
	r.instance = [16]byte(inst)
	if _, err := r.db.ExecContext(ctx, goneSchema); err != nil { // a keyring from before anybody could be erased
		return told(fmt.Errorf("keyring: open: %w", err))
	}
	if r.own, err = r.load(ctx, PID{}, useOwn); errors.Is(err, ErrNoKey) {
		return errs.E(errs.Unavailable, "the keyring is damaged: bring back your copy of it: %w", err)
	}
	return err
}

func (r *Ring) place(pid PID, u use, epoch uint32) []byte {
	b := append([]byte("rapport/key "), r.instance[:]...)
	b = append(append(b, pid[:]...), byte(u))
	return binary.BigEndian.AppendUint32(b, epoch)
}

func (r *Ring) insert(ctx context.Context, tx *sql.Tx, e *epochs, pid PID, u use, k []byte) error {
	w := e.box[e.now].Seal(nil, k, r.place(pid, u, e.now))
	if _, err := tx.ExecContext(ctx, `INSERT INTO key VALUES (?, ?, ?, ?)`, pid[:], u, e.now, w); err != nil {
		return told(fmt.Errorf("keyring: add key: %w", err))
	}
	return nil
}

// ErrNoKey reports that there is no such key, because there never was or because
// it was destroyed.
var ErrNoKey = errs.E(errs.Gone, "keyring: no such key")

func (r *Ring) load(ctx context.Context, pid PID, u use) (seal.Key, error) {
	var k seal.Key
	return k, r.loadInto(ctx, k[:], pid, u)
}

// loadInto opens a key that is as long as dst into it.
func (r *Ring) loadInto(ctx context.Context, dst []byte, pid PID, u use) error {
	var w []byte
	var epoch uint32
	err := r.db.QueryRowContext(ctx, `SELECT epoch, wrapped FROM key WHERE pid = ? AND use = ?`, pid[:], u).Scan(&epoch, &w)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoKey
	}
	if err != nil {
		return told(fmt.Errorf("keyring: read key: %w", err))
	}
	box, err := r.boxOf(ctx, epoch)
	if err != nil {
		return err
	}
	b, err := box.Open(nil, w, r.place(pid, u, epoch))
	if err != nil || len(b) != len(dst) {
		return errs.E(errs.Unavailable, "keyring: a key does not open: the keyring is damaged")
	}
	copy(dst, b)
	return nil
}

// Instance returns the random id of this practice's installation.
func (r *Ring) Instance() [16]byte { return r.instance }

// Own returns the practice's own key for one use, named by label.
func (r *Ring) Own(label string) seal.Key { return r.own.Derive("own " + label) }

// Client returns the keys of a client, or ErrNoKey.
func (r *Ring) Client(ctx context.Context, pid PID) (*Client, error) {
	r.mu.Lock()
	c, ok := r.cache[pid]
	forgot := r.forgot
	r.mu.Unlock()
	if ok {
		return c, nil
	}
	rec, err := r.load(ctx, pid, useRecord)
	if err != nil {
		return nil, err
	}
	led, err := r.load(ctx, pid, useLedger)
	if err != nil {
		return nil, err
	}
	cl, err := r.loadClosed(ctx, pid)
	if err != nil {
		return nil, err
	}
	lost, err := r.dead(ctx, `SELECT pid, part, at FROM gone WHERE pid = ?`, pid[:])
	if err != nil {
		return nil, err
	}
	c = opened(rec, led, cl)
	for _, d := range lost {
		c.closed.lost |= d.Set
	}
	r.remember(pid, c, forgot)
	return c, nil
}

func (r *Ring) remember(pid PID, c *Client, forgot int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgot != forgot {
		return
	}
	if len(r.cache) >= cacheMax {
		for k := range r.cache { // any one will do: opening again costs 50 µs
			delete(r.cache, k)
			break
		}
	}
	r.cache[pid] = c
}

func opened(rec, led seal.Key, cl slots) *Client {
	return &Client{
		Body:   seal.NewBox(rec.Derive("body")),
		Facet:  seal.NewBox(rec.Derive("facet")),
		Blob:   seal.NewBox(rec.Derive("blob")),
		Ledger: seal.NewBox(led.Derive("ledger")),
		row:    rec.Derive("row"),
		closed: &closed{keys: cl},
	}
}

// Practice returns the box that seals the practice's own ledger lines.
func (r *Ring) Practice() seal.Box { return seal.NewBox(r.Own("ledger")) }

// Add draws and keeps the keys of new clients, durably, before it returns.
func (r *Ring) Add(ctx context.Context, pids ...PID) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return told(fmt.Errorf("keyring: add: %w", err))
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	e, err := r.current(ctx, tx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	forgot := r.forgot
	r.mu.Unlock()
	fresh := make([]*Client, len(pids))
	for i, pid := range pids {
		rec, err := seal.NewKey(r.rand)
		if err != nil {
			return err
		}
		led, err := seal.NewKey(r.rand)
		if err != nil {
			return err
		}
		if err := r.insert(ctx, tx, e, pid, useRecord, rec[:]); err != nil {
			return err
		}
		if err := r.insert(ctx, tx, e, pid, useLedger, led[:]); err != nil {
			return err
		}
		cl, err := newSlots(r.rand)
		if err != nil {
			return err
		}
		if err := r.insert(ctx, tx, e, pid, useClosed, cl[:]); err != nil {
			return err
		}
		fresh[i] = opened(rec, led, cl)
	}
	if err := tx.Commit(); err != nil {
		return told(fmt.Errorf("keyring: add: %w", err))
	}
	for i, pid := range pids {
		r.remember(pid, fresh[i], forgot)
	}
	return nil
}

// Check opens every key and reports how many there are, or the first that does
// not open.
func (r *Ring) Check(ctx context.Context) (int, error) {
	if err := r.reload(ctx, r.db); err != nil {
		return 0, err
	}
	e := r.epochs.Load()
	rows, err := r.db.QueryContext(ctx, `SELECT pid, use, epoch, wrapped FROM key`)
	if err != nil {
		return 0, told(fmt.Errorf("keyring: check: %w", err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	n := 0
	for rows.Next() {
		var pid, w []byte
		var u use
		var epoch uint32
		if err := rows.Scan(&pid, &u, &epoch, &w); err != nil {
			return n, told(fmt.Errorf("keyring: check: %w", err))
		}
		if len(pid) != len(PID{}) {
			return n, errs.E(errs.Internal, "keyring: key %d is damaged", n)
		}
		if _, err := e.box[epoch].Open(nil, w, r.place(PID(pid), u, epoch)); err != nil {
			return n, errs.E(errs.Internal, "keyring: key %d does not open", n)
		}
		n++
	}
	return n, told(rows.Err())
}

// Blob keeps a small secret of the practice under its own key, or returns the
// one kept before under that name.
func (r *Ring) Blob(ctx context.Context, name string, fresh func() ([]byte, error)) ([]byte, error) {
	box, place := seal.NewBox(r.Own("blob")), append([]byte("rapport/blob "+name+" "), r.instance[:]...)
	w, err := r.meta(ctx, "blob."+name)
	if err == nil {
		return box.Open(nil, w, place)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	b, err := fresh()
	if err != nil {
		return nil, err
	}
	if _, err := r.db.ExecContext(ctx, `INSERT INTO meta VALUES (?, ?)`, "blob."+name, box.Seal(nil, b, place)); err != nil {
		return nil, told(fmt.Errorf("keyring: keep %s: %w", name, err))
	}
	return bytes.Clone(b), nil
}

// Close closes the keyring.
func (r *Ring) Close() error { return r.db.Close() }
