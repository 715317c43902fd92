package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"rapport/errs"
	"rapport/lang"
)

// Access is everything that lets one account in. It holds no health data.
type Access struct {
	Subject  Subject
	Name     string // of a guest, as they wrote it; clients' and staff's names are kept elsewhere
	Language string // BCP 47
	Made     time.Time
	Mails    []Mail
	Passkeys []Passkey
	App      *App
	Spares   []Hash // unspent recovery codes
	Bound    *Identity
	Sessions []Hash // live ones, and some that have ended
	Back     *Back
	Handle   []byte    // what passkeys call it, if not the key it is kept under
	Trusted  []Hash    // of the tokens of devices it came in from with a key, oldest first
	Regained time.Time // when it was last got back by who was locked out
	Moved    bool      // the account is Subject's now: a passkey that names this one names that
	Notes    []Note    // newest first
}

// Mail is an address somebody proved to read.
type Mail struct {
	Address string
	Checked time.Time
	Private bool // staff asked in private who else reads it
}

// Passkey is one device or password manager somebody signs in with.
type Passkey struct {
	Credential webauthn.Credential
	Name       string // "Firefox on Linux"
	Made, Used time.Time
}

// App is an authenticator app.
type App struct {
	Secret []byte
	Last   int64 // the newest time step whose code was spent
	Made   time.Time
}

// Identity names an account at the practice's identity provider. It is never an
// e-mail address.
type Identity struct{ Issuer, Subject string }

// Back is somebody getting back into an account they are locked out of.
type Back struct {
	Begun  time.Time
	Opens  time.Time // when a new way in may be made; zero until there are two proofs
	Proofs []Proof
	From   Hash // of the token of the device it was begun on; the zero Hash if that has none
	Stop   Hash // of the token that stops it
}

// Note is something an account is told on its own page.
type Note struct {
	At   time.Time
	What string // the kind of the letter that went with it
	Of   string // the client it is about, "" for the account itself
}

// notesMax bounds the notes kept.
const notesMax = 20

// Noted adds what the account is told on its own page.
func (a *Access) Noted(n Note) {
	a.Notes = slices.Insert(a.Notes, 0, n)
	a.Notes = a.Notes[:min(len(a.Notes), notesMax)]
}

// Locked reports that nothing but links lets this account in.
func (a *Access) Locked() bool { return len(a.Passkeys) == 0 && a.App == nil && a.Bound == nil }

// appOnly reports that an authenticator app is all that lets this account in.
func (a *Access) appOnly() bool { return len(a.Passkeys) == 0 && a.Bound == nil && a.App != nil }

// How long a recovery waits, and how long it then stays open.
const (
	BackWaits = 24 * time.Hour
	BackOpen  = 7 * 24 * time.Hour
	backLapse = time.Hour // in which both proofs must be shown
)

// open reports that a recovery has waited its time.
func (b *Back) open(now time.Time) bool {
	return b != nil && !b.Opens.IsZero() && !now.Before(b.Opens) && now.Before(b.Opens.Add(BackOpen))
}

// waits reports that a recovery is under way.
func (b *Back) waits(now time.Time) bool {
	return b != nil && !b.Opens.IsZero() && now.Before(b.Opens.Add(BackOpen))
}

func (d *Doors) accessKey(s Subject) []byte { return d.keep.Key("access", s.Kind.String()+" "+s.ID) }

// access reads an account's access; an empty one if it has none yet.
func (d *Doors) access(ctx context.Context, r Reader, s Subject) (*Access, error) {
	a := &Access{Subject: s}
	err := d.named(ctx, r, d.accessKey(s), a)
	if errs.Is(err, errs.NotFound) {
		return &Access{Subject: a.Subject, Made: d.now.Now()}, nil
	}
	return a, err
}

// named reads the account that is kept under a key, wherever it has moved to since:
// from somebody who joined to a client, and on each time two charts became one. What
// is not found leaves a with whose it would be.
func (d *Doors) named(ctx context.Context, r Reader, key []byte, a *Access) error {
	const moves = 16 // more is a circle
	for range moves {
		if err := r.Get(ctx, Accesses, key, a); err != nil || !a.Moved {
			return err
		}
		*a = Access{Subject: a.Subject}
		key = d.accessKey(a.Subject)
	}
	return errKey
}

// errMoved is for what would be written over somebody else's account.
var errMoved = errors.New("account: the account has moved")

func (d *Doors) putAccess(ctx context.Context, k Desk, a *Access) error {
	if a.Moved {
		return errMoved
	}
	return k.Put(ctx, Accesses, d.accessKey(a.Subject), time.Time{}, a)
}

// tell queues a letter to every address of an account, and notes it on its page.
func (d *Doors) tell(ctx context.Context, k Desk, a *Access, kind, path string) error {
	a.Noted(Note{At: d.now.Now(), What: kind})
	for _, m := range a.Mails {
		if err := k.Tell(ctx, Letter{Kind: kind, To: m.Address, Lang: a.tongue(), Path: path}); err != nil {
			return err
		}
	}
	return nil
}

func (a *Access) tongue() lang.Tag {
	t, _ := lang.Parse(a.Language) // English for what is not spoken
	return t
}
