// Package post sends mail, pushes and texts that say nothing: which letter it is, a link,
// and no content. Whoever reads over a shoulder, keeps a mailbox or runs a relay learns
// that somebody was written to, and nothing else. It refuses names, topics, HTML,
// pictures and tracking; a practice's name unless the letter carries it; and any
// field that could become a header, a second address or a second line.
package post

import (
	"context"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/errs"
	"rapport/lang"
)

// Kind says which letter it is. The zero Kind is none, and is not written.
type Kind uint8

// The letters. Those marked "link" make no sense without one and are refused
// without it.
const (
	_                Kind = iota
	SignIn                // link: here is the link to sign in you asked for
	NoAccount             // somebody asked for one with this address, and no account has it
	Invite                // link: come and see what is kept, without saying about whom
	Joining               // link: confirm your address to join
	RecoveryBegun         // link: somebody is getting back into your account in 24 hours; stop it here
	RecoveryReady         // the 24 hours are over
	RecoveryDone          // somebody got back into your account
	KeyAdded              // there is one more way in
	KeyRemoved            // there is one way in less
	SharingChanged        // who may see what has changed
	TierChanged           // something changed with age; the letter does not say that it was age
	HelperInvite          // link: somebody asks you to help them
	Verify                // link: a code to check this address waits behind it
	Welcome               // who asked to join is taken on
	OwnAccount            // who the reader looks after may come in by themselves
	ColleagueReset        // the ways in of somebody who works here were taken away
	VisitBooked           // link: a visit is booked
	VisitMoved            // link: it is at another time
	VisitCancelled        // link: it is called off
	VisitReminder         // link: it comes nearer; confirm, move or cancel it
	VisitEarlier          // link: an earlier time may be had
	VisitEarlierGone      // link: somebody else has it
	VisitLate             // link: whoever is visited runs late
	Forms                 // link: there is something to fill in
	Message               // link: there is something to read
	MessageLate           // link: the answer takes longer than was promised
	Steps                 // link: something of today is open
	Digest                // link: what is new, once a day
	News                  // link: something for everybody there
	WorkWaiting           // link: to staff: something waits for them
	WorkYours             // link: to staff: something was handed to them
	Glass                 // link: to a client: somebody opened their record in an emergency; the letter says only that there is something to see
	WorkWhy               // link: to staff: they are asked about their day
	WorkReview            // link: to who watches over privacy: there is something to look into
	WorkClosed            // to staff: their way in is closed until somebody looked into what they did
	Answered              // link: to a client: there is an answer to what they asked
	kinds
)

var kindCodes = [kinds]string{"", "signin", "noaccount", "invite", "joining", "recovery-begun", "recovery-ready", "recovery-done",
	"key-added", "key-removed", "sharing-changed", "tier-changed", "helper-invite", "verify", "welcome", "own-account", "colleague-reset",
	"visit-booked", "visit-moved", "visit-cancelled", "visit-reminder", "visit-earlier", "visit-earlier-gone", "visit-late", "forms",
	"message", "message-late", "steps", "digest", "news", "work-waiting", "work-yours", "glass", "work-why", "work-review", "work-closed", "answered"}

// Kinds returns every letter there is.
func Kinds() []Kind {
	out := make([]Kind, 0, kinds-1)
	for k := SignIn; k < kinds; k++ {
		out = append(out, k)
	}
	return out
}

// String returns the kind's code, "" for none.
func (k Kind) String() string {
	if k < kinds {
		return kindCodes[k]
	}
	return ""
}

// MarshalText implements encoding.TextMarshaler, so that a letter waiting in the
// outbox keeps its meaning when a kind is added.
func (k Kind) MarshalText() ([]byte, error) {
	if k.String() == "" {
		return nil, errs.E(errs.Invalid, "post: there is no letter of kind %d", uint8(k))
	}
	return []byte(k.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler; an unknown code is Invalid.
func (k *Kind) UnmarshalText(b []byte) error {
	i := slices.Index(kindCodes[1:], string(b))
	if i < 0 {
		return errs.E(errs.Invalid, "post: there is no letter of this kind")
	}
	*k = Kind(i + 1)
	return nil
}

// Letter is all that is known about one mail before it is written. It is kept in
// the outbox as JSON, sealed by whoever keeps it: To is a person's address.
type Letter struct {
	ID       string   `json:"id"`             // random, for logs and errors; it never leaves with the mail
	Once     string   `json:"once,omitempty"` // random too, and the same for each try
	Kind     Kind     `json:"kind"`
	By       Way      `json:"by,omitempty"`
	To       string   `json:"to"` // one address, without a display name; a number; or what a browser gave, as JSON
	Lang     lang.Tag `json:"lang"`
	Link     string   `json:"link,omitempty"`     // an absolute address on our own base, or ""
	Practice string   `json:"practice,omitempty"` // "" unless the person allows the practice's name in mail
}

// Mail is a letter in words: plain text in UTF-8, lines ended by "\n", and a
// subject of one line.
type Mail struct{ Subject, Text string }

// Sender sends letters. Package work calls it from one place at a time, but it
// must be safe for concurrent use.
type Sender interface {
	// Send sends one letter. A nil error means that the other side took it; any
	// other is read with VerdictOf. An error never holds an address.
	Send(ctx context.Context, l Letter) error
}

// The bounds of a letter's fields: RFC 5321 section 4.5.3.1.3 for an address
// (256 with its brackets), our own for the others.
const (
	maxTo       = 254    // bytes
	maxLink     = 2000   // bytes
	maxPractice = 80     // characters; what is longer is cut
	break2      = "\n\n" // between paragraphs
)

// Write puts a letter into words. It fails with Invalid for a letter without a
// kind, an address that is not exactly one plain address, and a link that is
// missing where the letter is about it, or is not a clean http or https address.
func Write(l Letter) (Mail, error) {
	p := lang.New(l.Lang, lang.WordClient)
	w, ok := wordings(p)[l.Kind]
	if !ok {
		return Mail{}, l.wrong("has no kind")
	}
	if !plainAddress(l.To) {
		return Mail{}, l.wrong("is not for exactly one valid address")
	}
	if l.Link == "" && w.needsLink {
		return Mail{}, l.wrong("needs a link")
	}
	if l.Link != "" && !plainLink(l.Link) {
		return Mail{}, l.wrong("has a link that is not a clean http or https address")
	}
	m := Mail{Subject: w.subject}
	parts := []string{p.LetterHello(), w.text}
	if l.Link != "" {
		parts = append(parts, w.open+"\n"+l.Link)
	}
	if w.after != "" {
		parts = append(parts, w.after)
	}
	if name := oneLine(l.Practice); name != "" {
		m.Subject = p.LetterSubject(name, w.subject)
		parts = slices.Insert(parts, 1, p.LetterFrom(name))
	}
	m.Text = strings.Join(append(parts, p.LetterPrivate()+"\n"+p.LetterReply()), break2) + "\n"
	return m, nil
}

// wrong says what is wrong with a letter, by its id alone: no field of it goes
// into an error.
func (l Letter) wrong(what string) error {
	return errs.E(errs.Invalid, "post: letter %q %s", l.ID, what)
}

// plainAddress says whether s is one address as people write it: no display
// name, no comment, no list, no quotes, no address literal, nothing invisible.
func plainAddress(s string) bool {
	if s == "" || len(s) > maxTo || strings.ContainsFunc(s, unfit) || strings.ContainsAny(s, `"[]<>(),;:\`) {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s
}

// plainLink says whether s can stand on a line of its own and lead to one place.
func plainLink(s string) bool {
	if len(s) > maxLink || strings.ContainsFunc(s, unfit) || strings.ContainsAny(s, `<>"`) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// unfit says whether a rune has no place in an address or a link: spaces, line
// ends, control characters, and those that are not seen.
func unfit(r rune) bool { return r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsGraphic(r) }

// oneLine makes a practice's name fit for a subject: one line of at most
// maxPractice characters, nothing that controls a terminal or turns the line
// around. Joiners stay, because Persian and Hindi names need them.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case r == utf8.RuneError, unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxPractice {
		s = strings.TrimSpace(string(r[:maxPractice]))
	}
	return s
}
