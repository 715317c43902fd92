package demo

import (
	"strings"
	"time"
)

// practice is the world while it is being made.
type practice struct {
	days
	diary  diary
	seed   uint64
	dice   *dice
	staff  []*worker
	shared []Resource
	charts []*chart

	org, lab, hospital, pharmacy reference
	house, video                 reference
	formulary                    map[string]reference
	number                       int // the last client number given out
}

// worker is a member of staff with what the charts need to know of them.
type worker struct {
	Staff
	ref  reference
	room reference
}

// The staff, by the first names the rest of this package uses.
const (
	lena   = "lena"
	samir  = "samir"
	priya  = "priya"
	grace  = "grace"
	tomas  = "tomas"
	joy    = "joy"
	maya   = "maya"
	morwen = "morwen"
)

var staffList = []struct {
	key, prefix, given, family, gender string
	role, title, room                  string
	languages                          []string
}{
	{lena, "Dr", "Lena", "Ortiz", "female", "physician", "GP", "Room 3", []string{"en", "es"}},
	{samir, "Dr", "Samir", "Haddad", "male", "physician", "GP", "Room 1", []string{"en", "fr", "ar"}},
	{priya, "", "Priya", "Raman", "female", "nurse", "Nurse", "Room 2", []string{"en", "ta"}},
	{grace, "", "Grace", "Okello", "female", "nurse", "Midwife and children’s nurse", "Room 5", []string{"en", "sw"}},
	{tomas, "", "Tomas", "Berg", "male", "therapist", "Physiotherapist", "Movement room", []string{"en", "sv"}},
	{joy, "", "Joy", "Mensah", "female", "pharmacist", "Pharmacist", "Room 4", []string{"en", "fr"}},
	{maya, "", "Maya", "Lindqvist", "female", "frontdesk", "Front desk", "Front desk", []string{"en", "es"}},
	{morwen, "", "Morwen", "Tregear", "female", "manager", "Practice manager", "Office", []string{"en"}},
}

func newPractice(seed uint64, k days) *practice {
	p := &practice{
		days: k, seed: seed, dice: newDice(seed, "practice"), number: 20100,
		diary:     diary{days: k, taken: map[diarySlot]bool{}},
		formulary: map[string]reference{},
	}
	p.org = p.organization("Rowan Street Practice", "prov", "020 7946 0100", "hello@rowanstreet.example.org",
		address{Use: "work", Line: []string{"12 Rowan Street"}, City: town, PostalCode: "AW1 2RS", Country: "GB"})
	p.lab = p.organization("Weir Lane Laboratory", "other", "020 7946 0210", "desk@weirlane.example.org",
		address{Use: "work", Line: []string{"4 Weir Lane"}, City: town, PostalCode: "AW2 6WL", Country: "GB"})
	p.hospital = p.organization("Alderwick General Hospital", "prov", "020 7946 0300", "letters@hospital.example.org",
		address{Use: "work", Line: []string{"1 Infirmary Road"}, City: town, PostalCode: "AW3 1GH", Country: "GB"})
	p.pharmacy = p.organization("Mill Lane Pharmacy", "other", "020 7946 0420", "counter@milllane.example.org",
		address{Use: "work", Line: []string{"31 Mill Lane"}, City: town, PostalCode: "AW1 4ML", Country: "GB"})
	p.rooms()
	p.people()
	p.services()
	for _, key := range formularyKeys {
		p.medication(key)
	}
	return p
}

// share keeps a practice-wide resource and returns a reference to it.
func (p *practice) share(kind, display string, b body) reference {
	// Written down a little over a year ago, when the practice began with us.
	r := encode(kind, p.dice.id(), &meta{LastUpdated: instant(p.clock(p.workday(380), 9*60))}, b)
	p.shared = append(p.shared, r)
	return reference{kind + "/" + r.ID, display}
}

func (p *practice) organization(name, kind, phone, mail string, a address) reference {
	return p.share("Organization", name, &wireOrganization{
		Active: yes(), Name: name,
		Type:    []concept{{Coding: []coding{{"http://terminology.hl7.org/CodeSystem/organization-type", kind}}}},
		Telecom: []telecom{{"phone", phone, "work"}, {"email", mail, "work"}},
		Address: []address{a},
	})
}

func (p *practice) rooms() {
	where := address{Use: "work", Line: []string{"12 Rowan Street"}, City: town, PostalCode: "AW1 2RS", Country: "GB"}
	p.house = p.share("Location", "Rowan Street Practice", &wireLocation{
		Status: "active", Name: "Rowan Street Practice", Mode: "instance", Address: &where,
		Description:  "Step-free from the street. Bus 14 stops outside.",
		Telecom:      []telecom{{"phone", "020 7946 0100", "work"}},
		PhysicalType: &concept{Coding: []coding{{physicalType, "bu"}}}, ManagingOrganization: &p.org,
	})
	// A kind of place, not one place: many video visits may run at once.
	p.video = p.share("Location", "Video", &wireLocation{
		Status: "active", Name: "Video", Mode: "kind", ManagingOrganization: &p.org,
		Description: "A video visit, from wherever you are.",
	})
}

const physicalType = "http://terminology.hl7.org/CodeSystem/location-physical-type"

func (p *practice) people() {
	for _, s := range staffList {
		w := &worker{}
		w.room = p.share("Location", s.room, &wireLocation{
			Status: "active", Name: s.room, Mode: "instance", ManagingOrganization: &p.org, PartOf: &p.house,
			PhysicalType: &concept{Coding: []coding{{physicalType, "ro"}}},
		})
		name := humanName{Use: "official", Text: strings.TrimSpace(s.prefix + " " + s.given + " " + s.family), Family: s.family, Given: []string{s.given}}
		if s.prefix != "" {
			name.Prefix = []string{s.prefix}
		}
		mail := s.key + "@rowanstreet.example.org"
		var speaks []concept
		for _, l := range s.languages {
			speaks = append(speaks, concept{Coding: []coding{{"urn:ietf:bcp:47", l}}})
		}
		w.ref = p.share("Practitioner", name.Text, &wirePractitioner{
			Active: yes(), Name: []humanName{name}, Gender: s.gender, Communication: speaks,
			Telecom:       []telecom{{"email", mail, "work"}, {"phone", "020 7946 0100", "work"}},
			Qualification: []qualification{{concept{Text: s.title}}},
		})
		made := p.shared[len(p.shared)-1]
		w.Staff = Staff{
			ID: made.ID, Name: name.Text, Role: s.role, Title: s.title, Mail: mail, Languages: s.languages,
			Practitioner: made.JSON, Room: idOf(w.room),
		}
		p.share("PractitionerRole", s.title, &wireRole{
			Active: yes(), Practitioner: w.ref, Organization: &p.org, Location: []reference{w.room, p.house},
			Code:          []concept{{Text: s.title}},
			AvailableTime: []hours{{[]string{"mon", "tue", "wed", "thu", "fri"}, "08:00:00", "18:30:00"}},
		})
		p.staff = append(p.staff, w)
	}
}

func idOf(r reference) string { return r.Reference[strings.IndexByte(r.Reference, '/')+1:] }

// by returns the member of staff called key.
func (p *practice) by(key string) *worker {
	for i, s := range staffList {
		if s.key == key {
			return p.staff[i]
		}
	}
	panic("demo: nobody is called " + key)
}

func (p *practice) services() {
	week := []hours{{[]string{"mon", "tue", "wed", "thu", "fri"}, "08:00:00", "18:30:00"}}
	for _, s := range []struct{ name, comment string }{
		{"GP visit", "15 minutes with a GP, in person, by phone or by video."},
		{"Blood-pressure review", "20 minutes. Bring or send a week of readings from home."},
		{"Long-term condition review", "30 minutes, once a year, for diabetes, asthma, heart or lung conditions."},
		{"Nurse visit", "15 minutes for vaccines, dressings, blood tests and cervical screening."},
		{"Medicines review", "20 minutes with the pharmacist, in person or by video."},
		{"Physiotherapy", "30 minutes. Wear something you can move in."},
		{"Pregnancy visit", "30 minutes with the midwife."},
		{"Children’s clinic", "20 minutes for growth checks and vaccines."},
	} {
		p.share("HealthcareService", s.name, &wireService{
			Active: yes(), ProvidedBy: &p.org, Name: s.name, Comment: s.comment, Type: []concept{{Text: s.name}},
			Location: []reference{p.house}, AppointmentRequired: yes(), AvailableTime: week,
		})
	}
}

func (p *practice) medication(key string) {
	m := medicines[key]
	p.formulary[key] = p.share("Medication", m.name, &wireMedication{
		Code: m.concept(), Status: "active", Form: &concept{Text: m.form},
	})
}

func (p *practice) face() Practice {
	return Practice{
		Name: "Rowan Street Practice", Brand: "#0b5a60", Accent: "#ffb930", ClientWord: "client",
		Languages: []string{"en", "es", "fr"}, TimeZone: zoneName,
		Phone: "020 7946 0100", Emergency: "999", Mail: "hello@rowanstreet.example.org", OrganizationID: idOf(p.org),
	}
}

// within moves t into the past if it lies after now, by whole days.
func (p *practice) within(t time.Time) time.Time {
	for t.After(p.now) {
		t = t.AddDate(0, 0, -1)
	}
	return t
}
