package fhir

// Encounter is the view of an Encounter. Class is a code: AMB, IMP, VR.
type Encounter struct {
	ID, Status, Class string
	Types             []Concept
	Period            Period
	Reasons           []string
	Participants      []string
	Location          string
	Appointments      []Link
	Provider          string
}

// ReadEncounter reads an Encounter.
func ReadEncounter(json []byte) (Encounter, error) { return read(json, encounter, "Encounter") }

func encounter(n Node, e *Encounter) {
	e.ID, e.Status, e.Class = n.Get("id").Str(), n.Get("status").Str(), n.Get("class", "code").Str()
	e.Types, e.Period = concepts(n, "type"), periodOf(n.Get("period"))
	e.Reasons = texts(n, "reasonCode", "reasonReference")
	for k := range n.Each("participant") {
		if t := shown(k.Get("individual")); t != "" {
			e.Participants = append(e.Participants, t)
		}
	}
	e.Location, e.Provider = shown(n.Get("location", "location")), shown(n.Get("serviceProvider"))
	e.Appointments = links(n, "appointment")
}

// Appointment is the view of an Appointment. Status is FHIR's: booked, cancelled,
// noshow …
type Appointment struct {
	ID, Status, Description, Comment, Instruction string
	Type                                          Concept
	ServiceTypes                                  []Concept
	Start, End                                    Time
	Minutes                                       int
	Participants                                  []Participant
	Reasons                                       []string
	CancelReason                                  Concept
	Created                                       Time
}

// Participant is somebody or something an appointment is with. Status is
// accepted, declined, tentative or needs-action.
type Participant struct {
	Actor  Link
	Status string
	Types  []Concept
}

// ReadAppointment reads an Appointment.
func ReadAppointment(json []byte) (Appointment, error) { return read(json, appointment, "Appointment") }

func appointment(n Node, a *Appointment) {
	a.ID, a.Status = n.Get("id").Str(), n.Get("status").Str()
	a.Description, a.Comment, a.Instruction = n.Get("description").Str(), n.Get("comment").Str(), n.Get("patientInstruction").Str()
	a.Type, a.ServiceTypes = concept(n.Get("appointmentType")), concepts(n, "serviceType")
	a.Start, a.End, a.Created = n.Get("start").Time(), n.Get("end").Time(), n.Get("created").Time()
	a.Minutes = n.Get("minutesDuration").Int()
	for k := range n.Each("participant") {
		a.Participants = append(a.Participants, Participant{link(k.Get("actor")), k.Get("status").Str(), concepts(k, "type")})
	}
	a.Reasons, a.CancelReason = texts(n, "reasonCode", "reasonReference"), concept(n.Get("cancelationReason"))
}

// CarePlan is the view of a CarePlan: what it is called and where it stands.
type CarePlan struct {
	ID, Status, Intent, Title, Description string
	Categories                             []Concept
	Period                                 Period
	Created                                Time
	Goals, Addresses                       []Link
}

// ReadCarePlan reads a CarePlan. Without a title its first category names it.
func ReadCarePlan(json []byte) (CarePlan, error) { return read(json, carePlan, "CarePlan") }

func carePlan(n Node, p *CarePlan) {
	p.ID, p.Status, p.Intent = n.Get("id").Str(), n.Get("status").Str(), n.Get("intent").Str()
	p.Title, p.Description = n.Get("title").Str(), n.Get("description").Str()
	p.Categories, p.Period, p.Created = concepts(n, "category"), periodOf(n.Get("period")), n.Get("created").Time()
	p.Goals, p.Addresses = links(n, "goal"), links(n, "addresses")
	if p.Title == "" && len(p.Categories) > 0 {
		p.Title = p.Categories[0].Text
	}
}

// Communication is the view of a Communication. Texts are its payload's strings.
type Communication struct {
	ID, Status     string
	Categories     []Concept
	Topic          Concept
	About          []Link
	InResponseTo   []Link
	PartOf         []Link
	Texts          []string
	Attachments    []Attachment
	Contents       []Link // payload by reference
	Sent, Received Time
	Sender         Link
	Recipients     []Link
}

// ReadCommunication reads a Communication.
func ReadCommunication(json []byte) (Communication, error) {
	return read(json, communication, "Communication")
}

func communication(n Node, m *Communication) {
	m.ID, m.Status = n.Get("id").Str(), n.Get("status").Str()
	m.Categories, m.Topic = concepts(n, "category"), concept(n.Get("topic"))
	m.About, m.InResponseTo, m.PartOf = links(n, "about"), links(n, "inResponseTo"), links(n, "partOf")
	for k := range n.Each("payload") {
		switch c := k.Get("content"); c.Type() {
		case "string":
			m.Texts = append(m.Texts, c.Str())
		case "Attachment":
			m.Attachments = append(m.Attachments, attachment(c))
		case "Reference":
			m.Contents = append(m.Contents, link(c))
		}
	}
	m.Sent, m.Received = n.Get("sent").Time(), n.Get("received").Time()
	m.Sender, m.Recipients = link(n.Get("sender")), links(n, "recipient")
}
