package account

import (
	"context"
	"time"

	"rapport/lang"
)

// Shelf is a place where things of the doors are kept.
type Shelf uint8

// The shelves.
const (
	_          Shelf = iota
	Sessions         // signed-in browsers, by the hash of their token
	Links            // links that were handed out, by the hash of theirs
	Accesses         // what lets an account in, by account
	Addresses        // whose a checked address is, by address
	Waiting          // who asked to be taken on, by account
	Ceremonies       // half-way sign-ins, by the hash of the browser's token
)

// Reader reads what is kept, as it is at one moment.
type Reader interface {
	// Get reads a thing into x; errs.NotFound if it is not there.
	Get(ctx context.Context, s Shelf, key []byte, x any) error
}

// Desk changes what is kept. Nothing of it is there until the whole change is.
type Desk interface {
	Reader
	// Put keeps a thing until it ends; the zero time is for ever.
	Put(ctx context.Context, s Shelf, key []byte, ends time.Time, x any) error
	// Drop forgets a thing, there or not.
	Drop(ctx context.Context, s Shelf, key []byte) error
	// Note puts an act on the ledger, in the chain of whom it is about.
	Note(n Act)
	// Tell queues a letter that carries a link and nothing else.
	Tell(ctx context.Context, l Letter) error
}

// Keeper keeps the doors' things, sealed, and puts every coming and going on the
// ledger in the same transaction. Package record implements it.
type Keeper interface {
	// Look runs f over one consistent state.
	Look(ctx context.Context, f func(Reader) error) error
	// Change runs f in the one writing transaction. It may run f twice, so f has no
	// effects of its own but through the Desk.
	Change(ctx context.Context, f func(Desk) error) error
	// Key returns the key something is kept under: a keyed hash, so that the disk
	// tells nothing.
	Key(kind, of string) []byte
}

// Act is what somebody did at the doors.
type Act struct {
	Subject Subject // whose account it is about; nobody's if it is not known
	By      Actor   // who did it, if it was somebody else
	What    string  // "signin", "signout", "link", "keyadd", "keydrop", "spares", "recover", "recovered", "stopped", "invite", "join", "place"
	How     Proof
	At      string // the place of the practice they went to, for "place"
	Refused bool
}

// Letter is a mail to be sent: a kind and a link, never content.
type Letter struct {
	Kind  string // as package post names them: "signin"
	By    string // "" is mail; else ByPush or ByText
	To    string // an address, a number, or what a browser gave to be pushed to
	Lang  lang.Tag
	Path  string // of this site, "" for none
	Named bool   // the practice's name may stand in it

	After time.Time // not sent before; the zero time is at once
	Ends  time.Time // not sent any more; the zero time is never
	While Hash      // sent only while this link is there; the zero Hash is always
}

// The ways of a letter beside mail.
const (
	ByPush = "push"
	ByText = "text"
)

// The kinds of letter.
const (
	LetterSignIn   = "signin"
	LetterNobody   = "noaccount"
	LetterInvite   = "invite"
	LetterJoin     = "joining"
	LetterBack     = "recovery-begun"
	LetterBackOpen = "recovery-ready"
	LetterBackDone = "recovery-done"
	LetterKeyAdded = "key-added"
	LetterKeyGone  = "key-removed"
	LetterSharing  = "sharing-changed"
	LetterTier     = "tier-changed"
	LetterHelp     = "helper-invite"
	LetterVerify   = "verify"
	LetterWelcome  = "welcome"
	LetterOwn      = "own-account"
	LetterReset    = "colleague-reset"
	LetterBooked   = "visit-booked"
	LetterMoved    = "visit-moved"
	LetterOff      = "visit-cancelled"
	LetterRemind   = "visit-reminder"
	LetterEarlier  = "visit-earlier"
	LetterGone     = "visit-earlier-gone"
	LetterLate     = "visit-late"
	LetterForms    = "forms"
	LetterMessage  = "message"
	LetterTold     = "message-late"
	LetterWaiting  = "work-waiting"
	LetterYours    = "work-yours"
	LetterSteps    = "steps"
	LetterDigest   = "digest"
	LetterNews     = "news"
	LetterGlass    = "glass"
	LetterWhy      = "work-why"
	LetterReview   = "work-review"
	LetterClosed   = "work-closed"
	LetterAnswer   = "answered"
)
