package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"rapport/clock"
	"rapport/errs"
)

// How long a session lives: idle, and in all.
const (
	idleStaff  = 15 * time.Minute
	idleClient = 30 * time.Minute
	lifeStaff  = 12 * time.Hour
	lifeClient = 24 * time.Hour
	touchEvery = time.Minute // how often a living session is written down
	// LinkLife is how long a sign-in link may be followed.
	LinkLife = 24 * time.Hour
)

// Hash is the SHA-256 of a token; the token itself is kept nowhere.
type Hash [sha256.Size]byte

// Session is one signed-in browser.
type Session struct {
	Hash    Hash
	Subject Subject
	Made    time.Time
	Seen    time.Time
	Ends    time.Time // never later than this, however busy
}

// Link is a sign-in link that was handed out.
type Link struct {
	Hash    Hash
	Subject Subject
	Ends    time.Time
	Uses    Uses
}

// Uses says how often a link may be followed. The zero Uses never.
type Uses uint8

// How often a link may be followed.
const (
	_    Uses = iota
	Once      // the first redemption spends it
	Demo      // as often as one likes; only made-up practices hand these out
)

// Keeper keeps links and sessions, sealed, and puts every entering and leaving
// on the ledger. Package record implements it.
type Keeper interface {
	// KeepLink keeps a link.
	KeepLink(ctx context.Context, l Link) error
	// Enter spends the link with this hash and keeps the session made for it, in
	// one transaction; NotFound if there is no such link or it was spent.
	Enter(ctx context.Context, link Hash, now time.Time, make func(Link) Session) (Session, error)
	// Session returns a kept session; NotFound if there is none.
	Session(ctx context.Context, h Hash) (Session, error)
	// KeepSession keeps a session again, after it was seen; NotFound if it ended.
	KeepSession(ctx context.Context, s Session) error
	// DropSession ends a session.
	DropSession(ctx context.Context, s Session) error
}

// Person is what the practice knows of an account.
type Person struct {
	Name     string
	Title    string
	Language string // BCP 47, for a client who said
	Roles    Roles
}

// People answers who an account belongs to; NotFound once they have left.
type People interface {
	Person(ctx context.Context, s Subject) (Person, error)
}

// Doors signs people in and out.
type Doors struct {
	keep   Keeper
	people People
	now    clock.Clock
	rand   io.Reader
}

// New returns the Doors of a practice.
func New(k Keeper, p People, now clock.Clock) *Doors {
	return &Doors{keep: k, people: p, now: now, rand: rand.Reader}
}

// token draws 256 random bits.
func (d *Doors) token() (string, Hash, error) {
	var b [32]byte
	if _, err := io.ReadFull(d.rand, b[:]); err != nil {
		return "", Hash{}, fmt.Errorf("account: draw token: %w", err)
	}
	t := base64.RawURLEncoding.EncodeToString(b[:])
	return t, sha256.Sum256([]byte(t)), nil
}

// Invite makes a sign-in link for an account and returns its token, which is
// shown once and kept nowhere.
func (d *Doors) Invite(ctx context.Context, s Subject, u Uses) (string, error) {
	t, h, err := d.token()
	if err != nil {
		return "", err
	}
	if _, err := d.people.Person(ctx, s); err != nil {
		return "", err
	}
	return t, d.keep.KeepLink(ctx, Link{Hash: h, Subject: s, Ends: d.now.Now().Add(LinkLife), Uses: u})
}

// limits returns how long a session of this kind may idle and live.
func limits(k Kind) (idle, life time.Duration) {
	if k == Staff {
		return idleStaff, lifeStaff
	}
	return idleClient, lifeClient
}

// Enter spends a link's token and returns the token of a new session. Of many
// who try at once, one succeeds.
func (d *Doors) Enter(ctx context.Context, linkToken string) (string, Session, error) {
	t, h, err := d.token()
	if err != nil {
		return "", Session{}, err
	}
	now := d.now.Now()
	s, err := d.keep.Enter(ctx, sha256.Sum256([]byte(linkToken)), now, func(l Link) Session {
		_, life := limits(l.Subject.Kind)
		return Session{Hash: h, Subject: l.Subject, Made: now, Seen: now, Ends: now.Add(life)}
	})
	if err != nil {
		return "", Session{}, err
	}
	return t, s, nil
}

// Who returns the Actor of a session's token. A token that is unknown, ended,
// idle too long, or of an account that is gone gives the zero Actor and no error;
// an error means the answer could not be had.
func (d *Doors) Who(ctx context.Context, token string) (Actor, error) {
	if token == "" {
		return Actor{}, nil
	}
	s, err := d.keep.Session(ctx, sha256.Sum256([]byte(token)))
	if errs.Is(err, errs.NotFound) {
		return Actor{}, nil
	}
	if err != nil {
		return Actor{}, err
	}
	now := d.now.Now()
	idle, _ := limits(s.Subject.Kind)
	if !now.Before(s.Ends) || now.Sub(s.Seen) >= idle {
		return Actor{}, nil
	}
	p, err := d.people.Person(ctx, s.Subject)
	if errs.Is(err, errs.NotFound) {
		return Actor{}, nil
	}
	if err != nil {
		return Actor{}, err
	}
	if now.Sub(s.Seen) >= touchEvery {
		s.Seen = now
		if err := d.keep.KeepSession(ctx, s); err != nil && !errs.Is(err, errs.NotFound) {
			return Actor{}, err
		}
	}
	return Actor{sub: s.Subject, name: p.Name, title: p.Title, lang: p.Language, roles: p.Roles}, nil
}

// Leave ends a session.
func (d *Doors) Leave(ctx context.Context, token string) error {
	s, err := d.keep.Session(ctx, sha256.Sum256([]byte(token)))
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.keep.DropSession(ctx, s)
}
