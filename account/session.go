package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"rapport/clock"
	"rapport/errs"
)

// How long a session lives: idle, and in all.
const (
	idleStaff  = 15 * time.Minute
	idleClient = 30 * time.Minute
	idleLent   = 5 * time.Minute // on a device others use too
	lifeStaff  = 12 * time.Hour
	lifeClient = 24 * time.Hour
	touchEvery = time.Minute // how often a living session is written down
	freshFor   = 5 * time.Minute
)

// Hash is the SHA-256 of a token; the token itself is kept nowhere.
type Hash [sha256.Size]byte

// HashOf returns the hash a token is kept under.
func HashOf(token string) Hash { return sha256.Sum256([]byte(token)) }

// MarshalJSON writes the hash in a length that says nothing of its digits: what is sealed
// must not tell two of a kind apart by its size.
func (h Hash) MarshalJSON() ([]byte, error) { return []byte(`"` + hex.EncodeToString(h[:]) + `"`), nil }

// UnmarshalJSON reads it, and the list of numbers that was written before.
func (h *Hash) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[sha256.Size]byte)(h))
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if n, err := hex.Decode(h[:], []byte(s[:min(len(s), 2*sha256.Size)])); err != nil || n != sha256.Size || len(s) != 2*sha256.Size {
		return errs.E(errs.Invalid, "account: a hash of another length")
	}
	return nil
}

// Device is the browser somebody comes in with.
type Device struct {
	Name  string // "Firefox on Linux": no more is kept of it
	Use   Use
	Trust string // the token of a device this account came in with before, "" if none
}

// Use says whose device a browser is on. The zero Use is their own.
type Use uint8

// Whose a device is.
const (
	Theirs Use = iota
	Lent       // others use it too: the session is short, and nothing stays behind
)

// Session is one signed-in browser.
type Session struct {
	Hash    Hash
	Subject Subject
	Made    time.Time
	Seen    time.Time
	Ends    time.Time // never later than this, however busy
	Level   Level     // ByLink or ByKey
	Touched time.Time // when a passkey was last unlocked for it
	Coded   time.Time // when a code of an authenticator app was last typed for it
	Proofs  []Proof
	Enrols  bool // it was handed out to make a first way in, or a new one
	Device  Device
	Place   string    // where a member of staff said they are at work; "" if they did not
	Renew   string    // what the identity provider gave to ask again with
	Asked   time.Time // when it was last asked whether the account still lives
}

// at returns the level a session has at a time.
func (s *Session) at(now time.Time) Level {
	if s.Level == ByKey && slices.Contains(s.Proofs, MadeUp) {
		return Fresh
	}
	if s.Level == ByKey && !s.Touched.IsZero() && now.Sub(s.Touched).Abs() < freshFor { // a clock that goes back makes nothing fresh
		return Fresh
	}
	return s.Level
}

// limits returns how long a session may idle and live.
func limits(s *Session) (idle, life time.Duration) {
	idle, life = idleClient, lifeClient
	if s.Subject.Kind == Staff {
		idle, life = idleStaff, lifeStaff
	}
	if s.Device.Use == Lent {
		idle = min(idle, idleLent)
	}
	return idle, life
}

// live reports that a session has neither ended nor idled away.
func (s *Session) live(now time.Time) bool {
	idle, _ := limits(s)
	return now.Before(s.Ends) && now.Sub(s.Seen) < idle
}

// Person is what the practice knows of an account.
type Person struct {
	Name     string
	Title    string
	Language string // BCP 47, for a client who said
	Roles    Roles  // everywhere
	Places   []At   // and at single places
}

// People answers who an account belongs to; errs.NotFound once they have left.
type People interface {
	Person(ctx context.Context, s Subject) (Person, error)
}

// Doors signs people in and out.
type Doors struct {
	keep   Keeper
	people People
	now    clock.Clock
	rand   io.Reader
	keys   *webauthn.WebAuthn // nil until Serve says where people come in
	limit  *limiter

	asking flights
	issuer Issuer // nil without an identity provider
}

// New returns the Doors of a practice.
func New(k Keeper, p People, now clock.Clock) *Doors {
	return &Doors{keep: k, people: p, now: now, rand: rand.Reader, limit: newLimiter(now)}
}

func (d *Doors) token() (string, Hash, error) { return NewToken(d.rand) }

// NewToken draws a token of 256 random bits and returns it, to be shown once, and
// its hash, to be kept.
func NewToken(from io.Reader) (string, Hash, error) {
	var b [32]byte
	if _, err := io.ReadFull(from, b[:]); err != nil {
		return "", Hash{}, fmt.Errorf("account: draw token: %w", err)
	}
	t := base64.RawURLEncoding.EncodeToString(b[:])
	return t, HashOf(t), nil
}

// In is somebody who came in: the token of their session, to be kept by their
// browser alone, and the session.
type In struct {
	Token string
	Session
}

// admit makes a session in a change that let somebody in, and puts it on the
// ledger.
func (d *Doors) admit(ctx context.Context, k Desk, a *Access, dev Device, p Proof, enrols bool) (In, error) {
	t, h, err := d.token()
	if err != nil {
		return In{}, err
	}
	now := d.now.Now()
	s := Session{Hash: h, Subject: a.Subject, Made: now, Seen: now, Level: p.level(), Proofs: []Proof{p}, Enrols: enrols, Device: dev}
	if p == ByPasskey {
		s.Touched = now
	}
	err = d.keepNew(ctx, k, a, &s, p)
	return In{t, s}, err
}

func (d *Doors) keepNew(ctx context.Context, k Desk, a *Access, s *Session, p Proof) error {
	_, life := limits(s)
	if s.Ends.IsZero() {
		s.Ends = s.Made.Add(life)
	}
	a.Sessions = append(a.Sessions, s.Hash)
	if err := d.prune(ctx, k, a); err != nil {
		return err
	}
	if err := d.trust(ctx, k, a, s); err != nil {
		return err
	}
	k.Note(Act{Subject: a.Subject, What: "signin", How: p})
	if err := k.Put(ctx, Sessions, s.Hash[:], s.Ends, s); err != nil {
		return err
	}
	return d.putAccess(ctx, k, a)
}

// sessionsMax bounds how many browsers one account is signed in with.
const sessionsMax = 20

// prune forgets sessions that have ended, and the oldest of too many.
func (d *Doors) prune(ctx context.Context, k Desk, a *Access) error {
	var live []Hash
	for _, h := range a.Sessions {
		var s Session
		err := k.Get(ctx, Sessions, h[:], &s)
		if errs.Is(err, errs.NotFound) && h != a.Sessions[len(a.Sessions)-1] {
			continue
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		live = append(live, h)
	}
	for len(live) > sessionsMax {
		if err := k.Drop(ctx, Sessions, live[0][:]); err != nil {
			return err
		}
		live = live[1:]
	}
	a.Sessions = live
	return nil
}

// Who returns the Actor of a session's token. A token that is unknown, ended,
// idle too long, or of an account that is gone gives the zero Actor and no error;
// an error means the answer could not be had.
func (d *Doors) Who(ctx context.Context, token string) (Actor, error) {
	s, err := d.session(ctx, token)
	if err != nil || s == nil {
		return Actor{}, err
	}
	p, err := d.people.Person(ctx, s.Subject)
	if errs.Is(err, errs.NotFound) {
		return Actor{}, nil
	}
	if err != nil {
		return Actor{}, err
	}
	if there, err := d.stillThere(ctx, s); err != nil || !there {
		return Actor{}, err
	}
	now := d.now.Now()
	if now.Sub(s.Seen) >= touchEvery {
		if err := d.touch(ctx, s.Hash, now); err != nil {
			return Actor{}, err
		}
	}
	idle, _ := limits(s)
	who := Actor{sub: s.Subject, name: p.Name, title: p.Title, lang: p.Language, roles: p.Roles, level: s.at(now), idle: idle}
	who.goTo(p.Places, s.Place)
	return who, nil
}

// session reads a live session; nil if there is none.
func (d *Doors) session(ctx context.Context, token string) (*Session, error) {
	if token == "" {
		return nil, nil
	}
	h := HashOf(token)
	var s Session
	err := d.keep.Look(ctx, func(r Reader) error { return r.Get(ctx, Sessions, h[:], &s) })
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !s.live(d.now.Now()) {
		return nil, nil
	}
	return &s, nil
}

// touch writes down that a session was seen. That is no act, so there is no line.
func (d *Doors) touch(ctx context.Context, h Hash, now time.Time) error {
	return d.keep.Change(ctx, func(k Desk) error {
		var s Session
		err := k.Get(ctx, Sessions, h[:], &s)
		if errs.Is(err, errs.NotFound) {
			return nil // it ended meanwhile, and stays ended
		}
		if err != nil {
			return err
		}
		s.Seen = now
		return k.Put(ctx, Sessions, h[:], s.Ends, &s)
	})
}

// Leave ends a session.
func (d *Doors) Leave(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	return d.keep.Change(ctx, func(k Desk) error {
		var s Session
		h := HashOf(token)
		err := k.Get(ctx, Sessions, h[:], &s)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		k.Note(Act{Subject: s.Subject, What: "signout"})
		return k.Drop(ctx, Sessions, h[:])
	})
}

// endAll ends every session of an account but one.
func (d *Doors) endAll(ctx context.Context, k Desk, a *Access, but Hash) error {
	for _, h := range a.Sessions {
		if h == but {
			continue
		}
		if err := k.Drop(ctx, Sessions, h[:]); err != nil {
			return err
		}
	}
	a.Sessions = slices.DeleteFunc(a.Sessions, func(h Hash) bool { return h != but })
	return nil
}
