// Package record is the only door to what is kept about people.
//
// A caller states who is asking, why, whose chart, and which parts of it, and
// gets back a [Chart] or a refusal. Either way the asking is on the ledger,
// durably, before Open returns: if the ledger cannot be written, nothing is
// read. The parts named at the door are all that the Chart can reach, so the
// ledger line a client reads is the most that was seen.
//
// It refuses to know anyone by name who is not an [account.Actor], to open
// anything without a purpose, and to hand out the store, the keys or a chart
// that can wander.
package record

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/forms"
	"rapport/record/internal/blob"
	"rapport/record/internal/keyring"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Purpose is why somebody opens something; see the constants.
type Purpose = policy.Purpose

// The purposes.
const (
	Own       = policy.Own
	Helping   = policy.Helping
	Sharing   = policy.Sharing
	Care      = policy.Care
	Finding   = policy.Finding
	Vouching  = policy.Vouching
	Running   = policy.Running
	Staffing  = policy.Staffing
	Importing = policy.Importing
	Telling   = policy.Telling
	Entering  = policy.Entering
	Public    = policy.Public
	Booking   = policy.Booking
	Answering = policy.Answering
	Planning  = policy.Planning
	Writing   = policy.Writing
	Messaging = policy.Messaging
	Replying  = policy.Replying
	Minding   = policy.Minding
	Breaking  = policy.Breaking
	Guarding  = policy.Guarding
	Taking    = policy.Taking
)

// Purposes returns every purpose.
func Purposes() []Purpose { return policy.Purposes() }

// Parts is a set of parts of a chart.
type Parts = policy.Parts

// The parts of a chart.
const (
	Person        = policy.Person
	Conditions    = policy.Conditions
	Medicines     = policy.Medicines
	Allergies     = policy.Allergies
	Immunisations = policy.Immunisations
	Results       = policy.Results
	Documents     = policy.Documents
	Visits        = policy.Visits
	Plans         = policy.Plans
	Messages      = policy.Messages
	Procedures    = policy.Procedures
	Family        = policy.Family
	Agreements    = policy.Agreements
	Money         = policy.Money
	Other         = policy.Other
	Looks         = policy.Looks
	Told          = policy.Told
	AllParts      = policy.AllParts
)

// PartOf returns the one part of a chart that a FHIR resource type belongs to.
func PartOf(resourceType string) Parts { return policy.PartOf(resourceType) }

// ParseParts reads the codes of parts, as a ledger line keeps them.
func ParseParts(codes string) Parts { return policy.ParseParts(codes) }

// Vault holds everything that is kept. It is safe for concurrent use.
type Vault struct {
	st    store.Store
	ring  *keyring.Ring
	led   *ledger.Ledger
	blobs *blob.Folder
	now   clock.Clock
	rand  io.Reader
	inst  [16]byte
	// lookKey names and seals when somebody last opened a chart.
	lookKey seal.Key
	doorKey seal.Key // names what is kept at the doors
	doorBox seal.Box // seals it

	people   *people
	practice atomic.Pointer[Settings]
	minors   atomic.Pointer[Rules] // nil while no rules for guardians are switched on
	times    *times
	topics   atomic.Pointer[[]Topic]
	replies  atomic.Pointer[[]Reply]
	library  atomic.Pointer[func() *forms.Library] // put together when it is first asked for
	shelving sync.Mutex                            // one at a time puts the library together
	zones    sync.Map                              // time zones that were loaded from the disk, by name
	memo     todoMemo
	bars     barMemo
	live     live
	folder   *folder
	closing  sync.Once
	step     func(string) // called between what a crash could come between
}

// Request ids travel in the context, and nothing else does: never who, why or
// whose.
type requestKey struct{}

// WithRequest returns a context that carries a request id to the ledger.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

func requestOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string) //nolint:errcheck // absent means none
	return id
}

var idCoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func clientID(pid store.PID) fhir.ClientID { return fhir.ClientID(idCoding.EncodeToString(pid[:])) }

func pidOf(c fhir.ClientID) (store.PID, bool) {
	b, err := idCoding.DecodeString(string(c))
	if err != nil || len(b) != len(store.PID{}) || clientID(store.PID(b)) != c {
		return store.PID{}, false
	}
	return store.PID(b), true
}

// errRefused is what everyone hears who may not, and everyone who asks for what
// is not there.
var errRefused = errs.E(errs.Refused, "record: refused")

// Open opens the parts of whose chart for who, because why. It returns a refusal
// (errs.Refused) for a chart that is not there and for one that is not for this
// actor, and the two look the same; errs.Unavailable if the ledger could not be
// written, and then nothing was read. Must are those of the parts without which the
// rest is of no use: who may not see them is refused.
func (v *Vault) Open(ctx context.Context, who account.Actor, why Purpose, whose fhir.ClientID, what Parts, must ...Parts) (*Chart, error) {
	c, line, d, err := v.decide(ctx, who, why, whose, what, must...)
	if err != nil && c == nil {
		return nil, err
	}
	act := &ledger.Act{Lines: []*ledger.Line{line}}
	if d.Allow() && err == nil {
		act.Write = both(v.seeing(c), v.wonders(c))
	}
	if err := v.led.Commit(ctx, act); err != nil {
		return nil, unwritten(err)
	}
	if !d.Allow() { // said first: whether there is a key is not for everyone
		return nil, refusal(d)
	}
	if err != nil {
		return nil, fmt.Errorf("record: open: %w", err)
	}
	return c, nil
}

// both does two things in one transaction; either may be nil.
func both(a, b func(context.Context, store.Tx) error) func(context.Context, store.Tx) error {
	if a == nil || b == nil {
		if a == nil {
			a = b
		}
		return a
	}
	return func(ctx context.Context, tx store.Tx) error {
		if err := a(ctx, tx); err != nil {
			return err
		}
		return b(ctx, tx)
	}
}

// decide asks the policy about a chart, and returns the chart as it would be
// opened and the line that must be on the ledger first. An error with a chart
// means that its key is destroyed or damaged.
func (v *Vault) decide(ctx context.Context, who account.Actor, why Purpose, whose fhir.ClientID, what Parts, must ...Parts) (*Chart, *ledger.Line, policy.Decision, error) {
	pid, wellFormed := pidOf(whose)
	row, exists := store.Client(0), false
	if wellFormed {
		row, exists = v.people.row(whose)
	}
	f, err := v.facts(ctx, who, why, whose, exists, what)
	if err != nil {
		return nil, nil, policy.Decision{}, err
	}
	why = f.Purpose
	for _, p := range must {
		f.Must |= p
	}
	d := policy.Decide(f)
	if !exists || f.Barred && !d.Allow() { // only Admit makes charts, and what is not there asks for what what is there would
		g := f
		g.Exists, g.Barred, g.Bond = true, false, policy.NoBond
		d = policy.Decision{Needs: policy.Decide(g).Needs}
	}
	var keys *keyring.Client
	var locked error // a key that is destroyed or damaged: nothing can be opened
	if exists {
		keys, locked = v.ring.Client(ctx, pid)
	}
	line := v.line(ctx, who, why, "open", d.Basis, d.Parts)
	if f.Bond != policy.NoBond && why == Care {
		line.Entry.Bond = f.Bond.String()
	}
	if !d.Allow() || locked != nil {
		line.Entry.Refused, line.Entry.What = true, whats(what)
	}
	if keys != nil {
		line.PID, line.Row, line.Keys, line.Entry.Client = pid, row, keys.Ledger, string(whose)
	}
	return &Chart{v: v, who: who, why: why, client: whose, pid: pid, row: row, keys: keys, asked: what, parts: d.Parts, writes: d.Writes(), basis: d.Basis, opens: d.Opens(), bond: f.Bond, desk: d.Desk()}, line, d, locked
}

// refusal is what who may not hears: nothing but that, unless they may once they
// show more surely who they are.
func refusal(d policy.Decision) error {
	if d.Needs != 0 {
		return account.Low(d.Needs)
	}
	return errRefused
}

// Into opens a chart for delivery only: what comes back can be written through
// and reads nothing, so the one ledger line is the write's own. It is for
// software that brings something in. Refusals are as Open's.
func (v *Vault) Into(ctx context.Context, who account.Actor, why Purpose, whose fhir.ClientID) (*Chart, error) {
	row, exists := v.people.row(whose)
	f, err := v.facts(ctx, who, why, whose, exists, AllParts)
	if err != nil {
		return nil, err
	}
	d := policy.Decide(f)
	if !d.Allow() || !exists {
		return v.Open(ctx, who, why, whose, AllParts) // which refuses, and writes it down
	}
	pid, _ := pidOf(whose)
	keys, err := v.ring.Client(ctx, pid)
	if err != nil {
		return nil, fmt.Errorf("record: open: %w", err)
	}
	return &Chart{v: v, who: who, why: f.Purpose, client: whose, pid: pid, row: row, keys: keys, writes: d.Writes(), basis: d.Basis, opens: d.Opens(), bond: f.Bond, desk: d.Desk()}, nil
}

// unwritten is the error for an act that could not be put on the ledger.
func unwritten(err error) error {
	if errs.KindOf(err) != errs.Internal {
		return err
	}
	return errs.E(errs.Unavailable, "record: the ledger could not be written, so nothing was opened: %w", err)
}

// line makes a ledger line for an act about nobody; the caller makes it a
// client's.
func (v *Vault) line(ctx context.Context, who account.Actor, why Purpose, act string, b policy.Basis, what Parts) *ledger.Line {
	e := ledger.Entry{
		Actor:   ledger.Actor{Kind: who.Kind().String(), ID: who.ID(), Name: who.Name(), Title: who.Title()},
		Act:     act,
		Purpose: why.String(),
		What:    whats(what),
		Request: requestOf(ctx),
		At:      who.Place(),
	}
	if b != policy.None {
		e.Basis = b.String()
	}
	return &ledger.Line{Keys: v.ring.Practice(), Entry: e}
}

func whats(p Parts) []ledger.What {
	var out []ledger.What
	for _, x := range p.Each() {
		out = append(out, ledger.What{Part: x.String()})
	}
	return out
}

// Now returns the time by the vault's clock, which is what the ledger says too.
func (v *Vault) Now() clock.Clock { return v.now }

// Close finishes what was begun, signs the ledger, and lets the folder go.
func (v *Vault) Close() error {
	var err error
	v.closing.Do(func() {
		if v.led != nil {
			v.led.Close()
		}
		if v.st != nil {
			err = errors.Join(err, v.st.Close())
		}
		if v.ring != nil {
			err = errors.Join(err, v.ring.Close())
		}
		err = errors.Join(err, v.folder.release())
	})
	return err
}

// Config says where a practice's data lies and how it is unlocked.
type Config struct {
	Dir        string      // the data folder
	KeyFile    string      // the master key's file, outside Dir
	Passphrase string      // or a passphrase instead of a key file
	Clock      clock.Clock // clock.Wall{} in earnest
	Rand       io.Reader   // nil for the system's

	step func(string) // called between what a crash could come between
}

func (c *Config) defaults() {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Clock == nil {
		c.Clock = clock.Wall{}
	}
	if c.step == nil {
		c.step = func(string) {}
	}
}
