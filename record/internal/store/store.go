// Package store keeps sealed rows. It makes no privacy decision and holds no
// key, which is why only package record can import it: everything it is given is
// a pseudonym, a number or a ciphertext. It refuses a second writer.
//
// storetest is the full specification of Store.
package store

import (
	"context"
	"errors"
)

// The errors of a Store.
var (
	// ErrTaken reports that somebody or something is taken for part of that time.
	ErrTaken = errors.New("store: the time is taken")
	// ErrNotExist reports that there is no such row.
	ErrNotExist = errors.New("store: no such row")
	// ErrVersion reports that the row is not at the version the writer saw.
	ErrVersion = errors.New("store: row changed meanwhile")
)

// Client is a client's row number; zero is the practice itself.
type Client int64

// PID is a client's pseudonym.
type PID = [16]byte

// Key is the keyed hash that stands for a resource's type and logical id.
type Key = [16]byte

// Row is the newest version of a resource, or an older one.
type Row struct {
	Key     Key
	Version int64 // from 1, without gaps
	Time    int64 // milliseconds since 1970, UTC; when the server took it
	Gone    bool  // this version is a deletion
	Body    int64 // where the sealed body lies; 0 for a deletion
	Facet   []byte
	Type    uint16
}

// Put is one resource version to be written.
type Put struct {
	Row
	Sealed []byte // the sealed body; nil for a deletion
	Prior  int64  // the version this one follows; 0 for a new resource
}

// Entry is one line of the ledger.
type Entry struct {
	Seq    int64 // place in the tree, from 0
	Client Client
	PSeq   int64  // place in the client's own chain, from 1
	Hashes []byte // the tree hashes this entry completes, 32 bytes each, leaf first
	Body   []byte // sealed
}

// Note is a signed checkpoint.
type Note struct {
	Size int64
	Text []byte
}

// Space separates the small objects.
type Space uint8

// The spaces. Their order is kept on disk.
const (
	_           Space = iota
	Cards             // directory cards, sealed; key = pseudonym
	Sessions          // sealed; key = hash of the token
	Links             // sealed; key = hash of the token
	Settings          // practice settings, plain
	StaffSpace        // staff accounts, plain
	Definitions       // practice-wide FHIR resources, compressed, plain; key = type number and id
	Imports           // how far an import came; key = digest of the file
	LastLooks         // when an actor last opened a chart, sealed; key = keyed hash of both
	Access            // what lets an account in, sealed; key = keyed hash of the account
	Contacts          // whose a checked address is, sealed; key = keyed hash of the address
	Circles           // who may act for a client, sealed; key = pseudonym
	Caring            // whom an account may act for, sealed; key = keyed hash of the account
	Ceremonies        // half-way sign-ins, sealed; key = hash of the browser's token
	Outbox            // letters to be sent, sealed; key = when, and random
	Doubles           // charts that may be one person's, and merges, sealed; key = keyed hash of both
	Waiting           // who asked to be taken on, sealed; key = keyed hash of the account
	Marks             // what was done once and must not be done again; key = keyed hash
	Times             // no objects: where the sealed bodies of taken times belong; key = the time's id
	Wishes            // who would rather come earlier, sealed; key = keyed hash of client and visit
	Freed             // times that were given back and are offered, sealed; key = random
	Todos             // what somebody has to see to, sealed; key = keyed hash of the Task
	Boards            // where the plans of clients stand, sealed; key = keyed hash of client and plan
	Asked             // which forms a client was asked to fill in, and when, sealed; key = keyed hash of the client
	Talks             // where a thread stands, sealed; key = keyed hash of the thread
	Drafts            // what somebody has written and not sent, sealed under the client's key; key = keyed hash of who, whose and where
	Tallies           // promises kept and broken, by week and topic, sealed; key = keyed hash of both
	Notices           // how somebody is told of things, and what they were told lately, sealed; key = keyed hash of the account
	Ladders           // what somebody was told and may not have seen, sealed; key = when to look again, and random
	Blobs             // whose an attachment is, sealed; key = the name of its file
	Seals             // the key of a sealed thread's words, sealed; key = keyed hash of the thread
	Standings         // who treats a client, and whom the client keeps out, sealed; key = keyed hash of the client
	Whys              // whose chart was opened for no reason that can be told, sealed; key = keyed hash of who, whose and the day
	Reviews           // what the privacy officer has to look into, sealed; key = random
)

// Object is a small thing kept whole.
type Object struct {
	Key     []byte
	Expires int64 // milliseconds since 1970; 0 = never
	Body    []byte
}

// Kind says why a time is taken.
type Kind uint8

// The kinds. Their order is kept on disk.
const (
	_     Kind = iota
	Hold       // somebody is choosing it; it ends by itself
	Visit      // it is agreed
	Block      // nobody can have it
)

// LongestTaken is the longest a single time is taken for, in milliseconds.
const LongestTaken = 24 * 60 * 60 * 1000

// Taken is a time that somebody and something are taken for. No two overlap that are
// of the same one: the database itself refuses the second.
type Taken struct {
	ID       [16]byte
	Kind     Kind
	From, To int64    // milliseconds since 1970; To is not part of it
	Ends     int64    // of a hold: when it may be dropped; 0 = never
	Holder   Key      // whose hold it is; nobody has two. The zero Key is nobody's
	Client   Client   // whose visit it is, 0 for nobody's
	Of       []string // who and what is taken: staff, rooms and devices, by id
	Body     []byte   // sealed
}

// Reader reads one consistent state. Every method returns ErrNotExist for what
// is not there; the slices handed to callbacks live only until they return.
type Reader interface {
	ClientOf(ctx context.Context, pid PID) (Client, error)
	PIDOf(ctx context.Context, c Client) (PID, error)
	Clients(ctx context.Context, f func(Client, PID) error) error
	Row(ctx context.Context, c Client, typ uint16, key Key) (Row, error)
	Rows(ctx context.Context, c Client, typ uint16, f func(Row) error) error
	Body(ctx context.Context, id int64) ([]byte, error)
	// Bodies hands over the bodies that are there, in any order.
	Bodies(ctx context.Context, ids []int64, f func(id int64, sealed []byte) error) error
	Past(ctx context.Context, c Client, typ uint16, key Key) ([]Row, error)
	Since(ctx context.Context, c Client, ms int64, f func(Row) error) error

	Size(ctx context.Context) (int64, error)
	Entry(ctx context.Context, seq int64) (Entry, error)
	Entries(ctx context.Context, from, to int64, f func(Entry) error) error
	ClientEntries(ctx context.Context, c Client, below int64, limit int) ([]Entry, error)
	Checkpoint(ctx context.Context) (size int64, note []byte, err error)
	// Checkpoints returns those over more than so many entries, smallest first.
	Checkpoints(ctx context.Context, above int64, limit int) ([]Note, error)

	Taken(ctx context.Context, id [16]byte) (Taken, error)
	// TakenBetween hands over what overlaps a span of time, by when it begins.
	TakenBetween(ctx context.Context, from, to int64, f func(Taken) error) error
	HeldBy(ctx context.Context, holder Key) (Taken, error)
	TakenOf(ctx context.Context, c Client, f func(Taken) error) error

	Object(ctx context.Context, s Space, key []byte) (Object, error)
	// Objects hands over what lies in a space, in the order of the keys; an error of f
	// ends it and is returned.
	Objects(ctx context.Context, s Space, f func(Object) error) error
}

// Tx is the one writing transaction. Nothing it did is there until Commit
// returns nil, and then it survives a power cut.
type Tx interface {
	Reader
	AddClient(ctx context.Context, pid PID, ms int64) (Client, error)
	Put(ctx context.Context, c Client, p Put) error // ErrVersion if Prior is not the newest
	// Refacet puts another facet in the place of that of the newest version of a resource;
	// ErrVersion if row is not that.
	Refacet(ctx context.Context, c Client, row Row, facet []byte) error
	// Reseal puts another sealed body in the place of one; ErrVersion if there is none.
	Reseal(ctx context.Context, id int64, sealed []byte) error
	// DropRow removes a resource, all its versions; ErrNotExist if there is none.
	DropRow(ctx context.Context, c Client, typ uint16, key Key) error
	// DropClient removes all resources of a client and all times taken for them. The client
	// stays, and so do the lines of the ledger.
	DropClient(ctx context.Context, c Client) error
	Append(ctx context.Context, e Entry) error
	Sign(ctx context.Context, size int64, note []byte) error
	// Take takes a time for all it names, or for none: ErrTaken if one of them is taken
	// for part of it, or if its holder holds another. The transaction goes on.
	Take(ctx context.Context, t Taken) error
	// Free gives a time back; ErrNotExist if it is not taken.
	Free(ctx context.Context, id [16]byte) error
	// Lapse gives back every time that ended by itself.
	Lapse(ctx context.Context, ms int64) error
	SetObject(ctx context.Context, s Space, o Object) error
	DropObject(ctx context.Context, s Space, key []byte) error
	DropExpired(ctx context.Context, s Space, ms int64) error
	Commit() error
	Rollback() error
}

// Store is what a database must do.
type Store interface {
	// View runs f over one consistent state.
	View(ctx context.Context, f func(Reader) error) error
	// Begin starts the writing transaction, waiting for the one before it.
	Begin(ctx context.Context) (Tx, error)
	// Meta returns a value kept at creation.
	Meta(ctx context.Context, name string) ([]byte, error)
	// Settle writes what lies in the log into the file and empties the log, so that
	// nothing that was taken away is left in either.
	Settle(ctx context.Context) error
	// Check reads every page and reports the first that is damaged.
	Check(ctx context.Context) error
	Close() error
}
