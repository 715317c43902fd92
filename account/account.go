// Package account knows who is signed in: sessions, one-time links, and the
// Actor they make. It knows nothing about anybody's health, keeps nothing
// itself (package record keeps it, sealed), and refuses to make an Actor out of
// anything but a live session or a named piece of software.
package account

import (
	"slices"
	"strings"
	"time"

	"rapport/fhir"
)

// Kind says what sort of party an Actor is. The zero Kind is nobody.
type Kind uint8

// The kinds of Actor.
const (
	Nobody Kind = iota
	Client      // a person the practice cares for
	Staff       // a person who works for the practice
	System      // a named piece of this software, with one purpose
	Guest       // a person with an account and no chart: a helper, or somebody waiting to be taken on
)

var kindCodes = [...]string{"nobody", "client", "staff", "system", "guest"}

// String returns the kind's code as the ledger keeps it.
func (k Kind) String() string {
	if int(k) < len(kindCodes) {
		return kindCodes[k]
	}
	return "nobody"
}

// Roles is a set of roles; a person may hold several. The empty set may do
// nothing.
type Roles uint16

// The roles.
const (
	FrontDesk Roles = 1 << iota
	Nurse
	Clinician // physicians, therapists, pharmacists: who treat in their own name
	Coordinator
	Editor
	Manager
	PrivacyOfficer
)

var roleCodes = []struct {
	r    Roles
	code string
}{
	{FrontDesk, "frontdesk"}, {Nurse, "nurse"}, {Clinician, "clinician"}, {Coordinator, "coordinator"},
	{Editor, "editor"}, {Manager, "manager"}, {PrivacyOfficer, "privacy"},
}

// AllRoles returns every single role.
func AllRoles() []Roles {
	out := make([]Roles, len(roleCodes))
	for i, rc := range roleCodes {
		out[i] = rc.r
	}
	return out
}

// Any reports whether r and s share a role.
func (r Roles) Any(s Roles) bool { return r&s != 0 }

// String returns the codes of the roles, joined by spaces.
func (r Roles) String() string {
	var out []string
	for _, rc := range roleCodes {
		if r&rc.r != 0 {
			out = append(out, rc.code)
		}
	}
	return strings.Join(out, " ")
}

// ParseRoles returns the roles of a list of codes separated by spaces; it
// reports false for a code it does not know, and then grants nothing.
func ParseRoles(codes string) (Roles, bool) {
	var r Roles
next:
	for _, c := range strings.Fields(codes) {
		for _, rc := range roleCodes {
			if rc.code == c {
				r |= rc.r
				continue next
			}
		}
		return 0, false
	}
	return r, true
}

// Subject names an account: the ClientID of a client, or the id of a member of
// staff.
type Subject struct {
	Kind Kind
	ID   string
}

// Actor is a party that this program has authenticated. Its fields are
// unexported so that only this package can make one; the zero Actor is nobody
// and is refused everywhere.
type Actor struct {
	sub   Subject
	name  string
	title string
	lang  string
	roles Roles
	level Level
	idle  time.Duration
	place string
	at    *[]At // a pointer, so that Actors can be compared
}

// At is what a member of staff may do at one place of the practice.
type At struct {
	Place string // its id
	Name  string // as people know it
	Roles Roles
}

// Kind returns what sort of party the actor is.
func (a Actor) Kind() Kind { return a.sub.Kind }

// ID returns the account's id, "" for nobody.
func (a Actor) ID() string { return a.sub.ID }

// Name returns the name the actor is shown under.
func (a Actor) Name() string { return a.name }

// Title returns what a member of staff does, in the practice's own words.
func (a Actor) Title() string { return a.title }

// Language returns the language a client asked the practice to use with them,
// as BCP 47; "" if they did not say.
func (a Actor) Language() string { return a.lang }

// Roles returns the roles a member of staff holds where they are at work; none for
// anyone else.
func (a Actor) Roles() Roles { return a.roles }

// Level returns how surely it is known who this is.
func (a Actor) Level() Level { return a.level }

// Idle returns how long the actor may do nothing before their session ends.
func (a Actor) Idle() time.Duration { return a.idle }

// Place returns the id of the place where a member of staff is at work; "" if
// they hold roles at no place of their own, or have yet to say at which they are.
func (a Actor) Place() string { return a.place }

// Places returns where a member of staff holds roles of that place alone.
func (a Actor) Places() []At {
	if a.at == nil {
		return nil
	}
	return slices.Clone(*a.at)
}

// Subject returns the account.
func (a Actor) Subject() Subject { return a.sub }

// Client returns the chart that is the actor's own, "" for anyone but a client.
func (a Actor) Client() fhir.ClientID {
	if a.sub.Kind != Client {
		return ""
	}
	return fhir.ClientID(a.sub.ID)
}

// String says who this is without saying a name, for logs.
func (a Actor) String() string { return a.sub.Kind.String() + " " + a.sub.ID }

// Software is a piece of this program that acts on its own. Every one is listed
// here, in docs/system-actors.txt with its one purpose, and nowhere else.
type Software uint8

// The pieces of software that may open charts.
const (
	_         Software = iota
	Importer           // brings in records from files
	Birthdays          // tells people that what a guardian sees has changed with age
	Visiting           // reminds people of visits, and offers them earlier times
	Asking             // asks people to fill in what their visits need
	Promising          // watches over the times by which answers were promised
	Watching           // asks why charts were opened, and sees that it is looked into
	softwareEnd
)

// AllSoftware returns every piece of software that may act.
func AllSoftware() []Software {
	var out []Software
	for s := Software(1); s < softwareEnd; s++ {
		out = append(out, s)
	}
	return out
}

// String returns the name on the ledger.
func (s Software) String() string {
	switch s {
	case Importer:
		return "import"
	case Birthdays:
		return "birthdays"
	case Visiting:
		return "visits"
	case Asking:
		return "forms"
	case Promising:
		return "messages"
	case Watching:
		return "privacy"
	}
	return ""
}

// AsSystem returns the Actor of a piece of software. Only cmd and work may call
// it (floors_test.go).
func AsSystem(s Software) Actor {
	if s.String() == "" {
		return Actor{}
	}
	return Actor{sub: Subject{System, s.String()}, name: s.String(), level: ByKey}
}
