// Package demo makes up a practice: its staff, its rooms, some sixty people and
// a year of their lives, as FHIR R4. Everything follows from one number and one
// instant, so the same seed and time give the same bytes.
//
// It refuses to touch anything real: every name, number, address and note was
// invented for it, telephone numbers come from the ranges Ofcom keeps for
// fiction, and mail goes to example.org. It stores nothing and asks no clock.
package demo

import "time"

// World is all that was made up.
type World struct {
	Practice Practice
	// Staff are the eight people who work there.
	Staff []Staff
	// Shared holds what belongs to the practice and to nobody's chart:
	// Organization, Location, Practitioner, PractitionerRole,
	// HealthcareService and Medication resources.
	Shared []Resource
	// Clients begin with the people written by hand, Amara Nwosu first.
	Clients []Client
}

// Practice is how the practice presents itself.
type Practice struct {
	Name   string
	Brand  string // brand colour, #rrggbb
	Accent string // the colour of now and yours, #rrggbb
	// ClientWord is the practice's choice among client, patient and member.
	ClientWord string
	Languages  []string // BCP 47, the practice's own language first
	TimeZone   string   // IANA name
	Phone      string
	Emergency  string // the number to call when it cannot wait
	Mail       string
	// OrganizationID is the logical id of the practice's Organization in
	// World.Shared.
	OrganizationID string
}

// Staff is one person who works at the practice.
type Staff struct {
	ID        string // logical id of the Practitioner resource
	Name      string // as people say it: "Dr Lena Ortiz"
	Role      string // physician, nurse, therapist, pharmacist, frontdesk or manager
	Title     string // as shown: "GP", "Physiotherapist"
	Mail      string
	Languages []string // BCP 47
	// Practitioner is the FHIR resource, the same bytes as in World.Shared.
	Practitioner []byte
	// Room is the logical id of the Location this person works in.
	Room string
}

// Client is one person receiving care, and their whole chart.
type Client struct {
	// ID is the logical id of the Patient resource: 26 lowercase base32
	// characters.
	ID string
	// Name is what the person is called, in Latin letters.
	Name string
	// Language is one of the practice's languages, the one to write in.
	Language string
	// Story says in one line who this is, for documentation and tests.
	Story string
	// Household is the same word for people who live together, else empty.
	Household string
	// Helps lists the people this client acts for.
	Helps []Help
	// Resources holds the chart: the Patient first, the rest in the order in
	// which it was written down.
	Resources []Resource
}

// Help says that a client acts for another one.
type Help struct {
	// ClientID names the person who is helped.
	ClientID string
	// RelatedPersonID is the logical id, in that person's chart, of the
	// RelatedPerson that stands for the helper.
	RelatedPersonID string
	// Relation is what the helper is to the person: "daughter", "mother".
	Relation string
}

// Resource is one FHIR resource: its type, its logical id and its JSON on one
// line. Meta.lastUpdated says when it was written down; meta.security labels
// what is confidential.
type Resource struct {
	Type, ID string
	JSON     []byte
}

// Make makes up the practice as it stands at now. Visits, results and notes lie
// within opening hours, in the year before now; booked visits lie after it.
func Make(seed uint64, now time.Time) World {
	p := newPractice(seed, newDays(now))
	p.everybody()
	w := World{Practice: p.face(), Shared: p.shared}
	for _, s := range p.staff {
		w.Staff = append(w.Staff, s.Staff)
	}
	for _, c := range p.charts {
		w.Clients = append(w.Clients, c.client())
	}
	return w
}
