package fhir

import "strings"

// Name is a HumanName. Text is the whole name: as written, else given and family.
type Name struct {
	Use, Text, Family     string
	Given, Prefix, Suffix []string
}

// Contact is a ContactPoint: System is phone, email, sms …
type Contact struct {
	System, Value, Use string
	Rank               int
}

// Address is a postal address, for showing.
type Address struct {
	Use, Text, City, District, State, PostalCode, Country string
	Lines                                                 []string
}

// Spoken is a language somebody speaks, as a BCP 47 tag and in words.
type Spoken struct {
	Language, Text string
	Preferred      bool
}

// Patient is the view of a Patient. BirthDate and the dates are as written.
type Patient struct {
	ID, BirthDate, Gender string
	Active                bool // unless it says otherwise
	Deceased              bool
	DeceasedAt            Time
	Names                 []Name
	Telecoms              []Contact
	Addresses             []Address
	Languages             []Spoken
	Identifiers           []Identifier
	Photos                []Attachment
	GeneralPractitioners  []Link
	Contacts              []Relative
}

// Relative is somebody to turn to about a patient.
type Relative struct {
	Relationship []string
	Name         Name
	Telecoms     []Contact
}

// ReadPatient reads a Patient.
func ReadPatient(json []byte) (Patient, error) { return read(json, patient, "Patient") }

func patient(n Node, p *Patient) {
	p.ID, p.BirthDate, p.Gender = n.Get("id").Str(), n.Get("birthDate").Str(), n.Get("gender").Str()
	p.Active = string(n.Get("active").Raw()) != "false"
	if d := n.Get("deceased"); d.OK() {
		p.DeceasedAt = d.Time()
		p.Deceased = d.Bool() || !p.DeceasedAt.IsZero()
	}
	p.Names, p.Telecoms, p.Addresses, p.Identifiers = names(n), contacts(n), addresses(n), identifiers(n)
	for k := range n.Each("communication") {
		c := concept(k.Get("language"))
		p.Languages = append(p.Languages, Spoken{c.Code(), c.Text, k.Get("preferred").Bool()})
	}
	p.Photos = attachments(n, "photo")
	p.GeneralPractitioners = links(n, "generalPractitioner")
	for k := range n.Each("contact") {
		p.Contacts = append(p.Contacts, Relative{texts(k, "relationship"), name(k.Get("name")), contacts(k)})
	}
}

// Name returns the name to call the person by: the usual one, else the official
// one, else the first that is not old or a maiden name. It is nil without names.
func (p *Patient) Name() *Name { return bestName(p.Names) }

// Language returns the preferred language, else the first, or "".
func (p *Patient) Language() string {
	for _, l := range p.Languages {
		if l.Preferred {
			return l.Language
		}
	}
	if len(p.Languages) > 0 {
		return p.Languages[0].Language
	}
	return ""
}

// Practitioner is the view of a Practitioner.
type Practitioner struct {
	ID, Gender     string
	Active         bool // unless it says otherwise
	Names          []Name
	Telecoms       []Contact
	Qualifications []string
	Languages      []Spoken
	Identifiers    []Identifier
	Photos         []Attachment
}

// ReadPractitioner reads a Practitioner.
func ReadPractitioner(json []byte) (Practitioner, error) {
	return read(json, practitioner, "Practitioner")
}

func practitioner(n Node, p *Practitioner) {
	p.ID, p.Gender = n.Get("id").Str(), n.Get("gender").Str()
	p.Active = string(n.Get("active").Raw()) != "false"
	p.Names, p.Telecoms, p.Identifiers = names(n), contacts(n), identifiers(n)
	for k := range n.Each("qualification") {
		if t := concept(k.Get("code")).Text; t != "" {
			p.Qualifications = append(p.Qualifications, t)
		}
	}
	for k := range n.Each("communication") {
		c := concept(k)
		p.Languages = append(p.Languages, Spoken{c.Code(), c.Text, false})
	}
	p.Photos = attachments(n, "photo")
}

// Name returns the name to show, as Patient.Name does.
func (p *Practitioner) Name() *Name { return bestName(p.Names) }

func bestName(names []Name) *Name {
	var best *Name
	for i := range names {
		if best == nil || nameRank(names[i].Use) < nameRank(best.Use) {
			best = &names[i]
		}
	}
	return best
}

func nameRank(use string) int {
	switch use {
	case "usual":
		return 0
	case "official":
		return 1
	case "old", "maiden", "temp":
		return 3
	}
	return 2
}

func names(n Node) []Name {
	var out []Name
	for k := range n.Each("name") {
		out = append(out, name(k))
	}
	return out
}

func name(n Node) Name {
	var x Name
	for k := range n.Children() {
		switch k.Name() {
		case "use":
			x.Use = k.Str()
		case "text":
			x.Text = k.Str()
		case "family":
			x.Family = k.Str()
		case "given":
			x.Given = append(x.Given, k.Str())
		case "prefix":
			x.Prefix = append(x.Prefix, k.Str())
		case "suffix":
			x.Suffix = append(x.Suffix, k.Str())
		}
	}
	if x.Text == "" {
		x.Text = strings.TrimSpace(strings.Join(x.Given, " ") + " " + x.Family)
	}
	return x
}

func contacts(n Node) []Contact {
	var out []Contact
	for k := range n.Each("telecom") {
		out = append(out, Contact{k.Get("system").Str(), k.Get("value").Str(), k.Get("use").Str(), k.Get("rank").Int()})
	}
	return out
}

func addresses(n Node) []Address {
	var out []Address
	for k := range n.Each("address") {
		a := Address{Use: k.Get("use").Str(), Text: k.Get("text").Str(), City: k.Get("city").Str(), District: k.Get("district").Str(),
			State: k.Get("state").Str(), PostalCode: k.Get("postalCode").Str(), Country: k.Get("country").Str()}
		for l := range k.Each("line") {
			a.Lines = append(a.Lines, l.Str())
		}
		out = append(out, a)
	}
	return out
}
