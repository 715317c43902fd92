package record

import (
	"context"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/store"
)

// Somebody is told of things by a ladder: a push to their devices, then mail, then a
// text, each when the one before did not arrive or they have not been here since; and
// when there is no further rung, a person is to call. Nothing of a notice says what it
// is about, on any rung.

// Notices is how somebody wants to be told.
type Notices struct {
	Devices []Device `json:",omitempty"`
	Phone   string   `json:",omitempty"` // E.164, for texts; "" for none
	From    int      `json:",omitempty"` // quiet from this minute of the day
	To      int      `json:",omitempty"` // until this one; the same is never quiet
	Zone    string   `json:",omitempty"` // IANA, of their clock; "" is the practice's
	Digest  bool     `json:",omitempty"` // what can wait comes once a day, together
	Named   bool     `json:",omitempty"` // the practice's name may stand in what is sent
	Off     []string `json:",omitempty"` // what they do not want: "visits/text", a group and a way
	Held    bool     `json:",omitempty"` // something waits for the day's digest
	Lately  []Notice `json:",omitempty"` // what they were told, the newest first
	Nudged  string   `json:",omitempty"` // the last day on which they were nudged, YYYY-MM-DD
}

// Device is a browser that takes pushes.
type Device struct {
	Endpoint, Key, Auth string // as the browser gave them (RFC 8291, section 2)
	Name                string // "Firefox on Android"
	Since               time.Time
}

// Notice is one thing somebody was told.
type Notice struct {
	ID     string
	Kind   string // of letter
	Object string `json:",omitempty"` // what it is about: a thread's id, or a visit's
	Path   string // where it leads
	Made   time.Time
	Ends   time.Time // after which it is of no use
	Rungs  []Rung
	Seen   time.Time `json:",omitzero"` // when they were here after it
}

// Rung is one way in which somebody was told one thing.
type Rung struct {
	By    string // mail, push or text
	At    time.Time
	State RungState
}

// RungState is how far a notice came on one way. The zero state is none.
type RungState uint8

// The states.
const (
	_        RungState = iota
	RungSent           // the other side took it; whether anybody saw it nobody knows
	RungLost           // nobody takes it
	RungWait           // it is on its way
)

// byMail is the way of a letter whose By is "".
const byMail = "mail"

// Groups are what somebody can say for each how they want to be told.
var Groups = []string{"messages", "visits", "forms", "plan", "work"}

// GroupOf is the group of a kind of letter; "" for one about the account itself, which
// always goes, by mail and at once.
func GroupOf(kind string) string {
	switch kind {
	case account.LetterMessage, account.LetterTold, account.LetterNews, account.LetterAnswer:
		return "messages"
	case account.LetterForms:
		return "forms"
	case account.LetterSteps:
		return "plan"
	case account.LetterWaiting, account.LetterYours, account.LetterWhy, account.LetterReview:
		return "work"
	case account.LetterDigest:
		return theDigest
	}
	if strings.HasPrefix(kind, "visit-") {
		return "visits"
	}
	return ""
}

// later are the kinds that can wait for a day's digest.
var later = []string{account.LetterForms, account.LetterSteps, account.LetterNews}

// theDigest is the group of the day's digest, and its place among the ladders.
const theDigest = "digest"

// digestHour is when the day's digest goes, by the clock of whose it is.
const digestHour = 17

// digestAt is when the next digest of somebody goes.
func (v *Vault) digestAt(n Notices) time.Time {
	zone := n.zone(v.Zone())
	now := v.now.Now().In(zone)
	at := time.Date(now.Year(), now.Month(), now.Day(), digestHour, 0, 0, 0, zone)
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, digestHour, 0, 0, 0, zone)
	}
	return at
}

// How long a rung is given before the next, and how much of what somebody was told is
// remembered.
const (
	pushGiven = 30 * time.Minute
	mailGiven = 8 * time.Hour
	textGiven = 24 * time.Hour
	lastGiven = 48 * time.Hour
	latelyMax = 20
)

func given(by string) time.Duration {
	switch by {
	case account.ByPush:
		return pushGiven
	case account.ByText:
		return textGiven
	}
	return mailGiven
}

func (v *Vault) noticesKey(s account.Subject) []byte {
	return v.Key("notices", s.Kind.String()+"/"+s.ID)
}

func (v *Vault) noticesOf(ctx context.Context, r store.Reader, s account.Subject) (Notices, error) {
	var n Notices
	err := v.get(ctx, r, store.Notices, v.noticesKey(s), &n)
	if errs.Is(err, errs.NotFound) {
		err = nil
	}
	return n, err
}

func (v *Vault) putNotices(ctx context.Context, tx store.Tx, s account.Subject, n Notices) error {
	n.Lately = n.Lately[:min(len(n.Lately), latelyMax)]
	return v.put(ctx, tx, store.Notices, v.noticesKey(s), time.Time{}, &n)
}

// wants reports that somebody wants a group of notices in some way.
func (n Notices) wants(group, by string) bool { return !slices.Contains(n.Off, group+"/"+by) }

// zone is where somebody's clock is, else the practice's.
func (n Notices) zone(practice *time.Location) *time.Location {
	if z, err := time.LoadLocation(n.Zone); err == nil && n.Zone != "" {
		return z
	}
	return practice
}

// quiet is when something may be sent to somebody: now, or when their quiet hours end.
func (n Notices) quiet(now time.Time, zone *time.Location) time.Time {
	if n.From == n.To {
		return now
	}
	zone = n.zone(zone)
	at := now.In(zone)
	minute := at.Hour()*60 + at.Minute()
	if n.From < n.To && (minute < n.From || minute >= n.To) || n.From > n.To && minute < n.From && minute >= n.To {
		return now
	}
	end := time.Date(at.Year(), at.Month(), at.Day(), n.To/60, n.To%60, 0, 0, zone)
	if !end.After(now) {
		end = time.Date(at.Year(), at.Month(), at.Day()+1, n.To/60, n.To%60, 0, 0, zone)
	}
	return end
}

// telling is one thing to tell somebody.
type telling struct {
	to     account.Subject
	kind   string
	object string
	path   func(mail string) (string, error)
	ends   time.Time
}

// tell tells somebody of something, in the transaction of its cause: by the first rung
// of their ladder, now or when their quiet hours end, or in the day's digest.
func (v *Vault) tell(ctx context.Context, tx store.Tx, x telling) error {
	a, err := v.accessOf(ctx, tx, x.to)
	if err != nil || a == nil || a.Moved {
		return err
	}
	group := GroupOf(x.kind)
	n, err := v.noticesOf(ctx, tx, x.to)
	if err != nil {
		return err
	}
	if group == "" {
		return v.mailAll(ctx, tx, a, n, x, rungOf{}, time.Time{})
	}
	if n.Digest && slices.Contains(later, x.kind) {
		if n.Held {
			return nil
		}
		n.Held = true
		if err := v.lookAgain(ctx, tx, x.to, theDigest, v.digestAt(n)); err != nil {
			return err
		}
		return v.putNotices(ctx, tx, x.to, n)
	}
	path, err := x.path("")
	if err != nil {
		return err
	}
	id, err := v.newID()
	if err != nil {
		return err
	}
	one := Notice{ID: id, Kind: x.kind, Object: x.object, Path: inside(path, x.to), Made: v.now.Now(), Ends: x.ends}
	if err := v.climb(ctx, tx, x.to, a, &n, &one, x.path); err != nil {
		return err
	}
	n.Lately = slices.Insert(n.Lately, 0, one)
	return v.putNotices(ctx, tx, x.to, n)
}

// inside is where a notice leads that is not mail: what a mailed link speaks for, they
// see when they sign in.
func inside(path string, to account.Subject) string {
	if !strings.HasPrefix(path, "/v/") {
		return path
	}
	if to.Kind == account.Client {
		return "/me/" + to.ID + "/visits"
	}
	return "/"
}

// homeOf is where somebody sees what is new.
func homeOf(s account.Subject) string {
	switch s.Kind {
	case account.Client:
		return "/me/" + s.ID + "/today"
	case account.Guest:
		return "/family"
	}
	return "/inbox"
}
