package fhir

// Moment is when something began or ended: a time, an age or words.
type Moment struct {
	Time Time
	Age  Quantity
	Text string
}

func moment(n Node) Moment {
	switch n.Type() {
	case "Age":
		return Moment{Age: quantity(n)}
	case "string":
		return Moment{Text: n.Str()}
	case "Range":
		return Moment{Age: quantity(n.Get("low"))}
	}
	return Moment{Time: timeOf(n)}
}

// Condition is the view of a Condition. The statuses are codes: active, resolved;
// confirmed, provisional.
type Condition struct {
	ID                                 string
	Code                               Concept
	ClinicalStatus, VerificationStatus string
	Category                           []Concept
	Severity                           Concept
	Onset, Abatement                   Moment
	Recorded                           Time
	Recorder, Asserter                 Link
	BodySites, Notes                   []string
}

// ReadCondition reads a Condition.
func ReadCondition(json []byte) (Condition, error) { return read(json, condition, "Condition") }

func condition(n Node, c *Condition) {
	c.ID, c.Code = n.Get("id").Str(), concept(n.Get("code"))
	c.ClinicalStatus = n.Get("clinicalStatus", "coding", "code").Str()
	c.VerificationStatus = n.Get("verificationStatus", "coding", "code").Str()
	c.Category, c.Severity = concepts(n, "category"), concept(n.Get("severity"))
	c.Onset, c.Abatement = moment(n.Get("onset")), moment(n.Get("abatement"))
	c.Recorded = n.Get("recordedDate").Time()
	c.Recorder, c.Asserter = link(n.Get("recorder")), link(n.Get("asserter"))
	c.BodySites, c.Notes = texts(n, "bodySite"), texts(n, "note")
}

// AllergyIntolerance is the view of an AllergyIntolerance. Categories are codes:
// food, medication; Criticality is low, high or unable-to-assess.
type AllergyIntolerance struct {
	ID                                              string
	Code                                            Concept
	Type, Criticality, ClinicalStatus, Verification string
	Categories                                      []string
	Onset                                           Moment
	Recorded, Last                                  Time
	Reactions                                       []Reaction
	Notes                                           []string
}

// Reaction is what an allergy did once. Severity is mild, moderate or severe.
type Reaction struct {
	Substance, Severity, Text string
	Manifestations            []string
	Onset                     Time
}

// ReadAllergyIntolerance reads an AllergyIntolerance.
func ReadAllergyIntolerance(json []byte) (AllergyIntolerance, error) {
	return read(json, allergy, "AllergyIntolerance")
}

func allergy(n Node, a *AllergyIntolerance) {
	a.ID, a.Code = n.Get("id").Str(), concept(n.Get("code"))
	a.Type, a.Criticality = n.Get("type").Str(), n.Get("criticality").Str()
	a.ClinicalStatus = n.Get("clinicalStatus", "coding", "code").Str()
	a.Verification = n.Get("verificationStatus", "coding", "code").Str()
	a.Categories = texts(n, "category")
	a.Onset = moment(n.Get("onset"))
	a.Recorded, a.Last = n.Get("recordedDate").Time(), n.Get("lastOccurrence").Time()
	a.Notes = texts(n, "note")
	for k := range n.Each("reaction") {
		a.Reactions = append(a.Reactions, Reaction{
			Substance: concept(k.Get("substance")).Text, Severity: k.Get("severity").Str(), Text: k.Get("description").Str(),
			Manifestations: texts(k, "manifestation"), Onset: k.Get("onset").Time(),
		})
	}
}

// Medicine is the view of a MedicationRequest or a MedicationStatement.
type Medicine struct {
	ID, Type  string // Type is the resource's
	Code      Concept
	Reference Link // to a Medication, when Code is not given here
	Status    string
	Intent    string // of a request: order, plan …
	Dosage    []string
	Authored  Time // when it was ordered or asserted
	Effective Period
	By        Link // who ordered it or said so
	Reasons   []string
	Notes     []string
	AsNeeded  bool
}

// ReadMedicine reads a MedicationRequest or a MedicationStatement.
func ReadMedicine(json []byte) (Medicine, error) {
	return read(json, medicine, "MedicationRequest", "MedicationStatement")
}

// ReadMedicationRequest reads a MedicationRequest as a Medicine.
func ReadMedicationRequest(json []byte) (Medicine, error) {
	return read(json, medicine, "MedicationRequest")
}

// ReadMedicationStatement reads a MedicationStatement as a Medicine.
func ReadMedicationStatement(json []byte) (Medicine, error) {
	return read(json, medicine, "MedicationStatement")
}

func medicine(n Node, m *Medicine) {
	m.ID, m.Type, m.Status, m.Intent = n.Get("id").Str(), n.Type(), n.Get("status").Str(), n.Get("intent").Str()
	if med := n.Get("medication"); med.Type() == "Reference" {
		m.Reference = link(med)
		m.Code = containedCode(n, m.Reference)
	} else {
		m.Code = concept(med)
	}
	dosage := "dosageInstruction"
	m.Authored, m.By = n.Get("authoredOn").Time(), link(n.Get("requester"))
	if m.Type == "MedicationStatement" {
		dosage = "dosage"
		m.Authored, m.By = n.Get("dateAsserted").Time(), link(n.Get("informationSource"))
		if e := n.Get("effective"); e.Type() == "Period" {
			m.Effective = periodOf(e)
		} else {
			m.Effective.Start = e.Time()
		}
	}
	for k := range n.Each(dosage) {
		if t := dosageText(k); t != "" {
			m.Dosage = append(m.Dosage, t)
		}
		m.AsNeeded = m.AsNeeded || k.Get("asNeededBoolean").Bool() || k.Get("asNeededCodeableConcept").OK()
	}
	m.Reasons, m.Notes = texts(n, "reasonCode", "reasonReference"), texts(n, "note")
}

// dosageText returns the words of a dosage: its text, else the instruction for
// the patient. Structured dosages are put into words elsewhere, in a language.
func dosageText(n Node) string {
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	return n.Get("patientInstruction").Str()
}

// containedCode returns the code of a contained Medication a link leads to, else
// the link's display as a text.
func containedCode(n Node, l Link) Concept {
	if len(l.Reference) > 1 && l.Reference[0] == '#' {
		for c := range n.Each("contained") {
			if c.Get("id").Str() == l.Reference[1:] {
				return concept(c.Get("code"))
			}
		}
	}
	return Concept{Text: l.Display}
}

// Immunization is the view of an Immunization. Dose is its number in the series,
// as written.
type Immunization struct {
	ID, Status, Lot, Dose string
	Code                  Concept
	Date                  Time
	DateText              string // when only words are known
	Manufacturer          string
	Site                  string
	Performers, Reasons   []string
	Notes                 []string
}

// ReadImmunization reads an Immunization.
func ReadImmunization(json []byte) (Immunization, error) {
	return read(json, immunization, "Immunization")
}

func immunization(n Node, i *Immunization) {
	i.ID, i.Status, i.Lot = n.Get("id").Str(), n.Get("status").Str(), n.Get("lotNumber").Str()
	i.Code = concept(n.Get("vaccineCode"))
	if o := n.Get("occurrence"); o.Type() == "string" {
		i.DateText = o.Str()
	} else {
		i.Date = o.Time()
	}
	i.Dose = n.Get("protocolApplied", "doseNumber").Str()
	i.Manufacturer, i.Site = shown(n.Get("manufacturer")), concept(n.Get("site")).Text
	for k := range n.Each("performer") {
		if t := shown(k.Get("actor")); t != "" {
			i.Performers = append(i.Performers, t)
		}
	}
	i.Reasons, i.Notes = texts(n, "reasonCode"), texts(n, "note")
}

// Procedure is the view of a Procedure.
type Procedure struct {
	ID, Status        string
	Code, Category    Concept
	Performed         Moment
	PerformedEnd      Time
	Performers        []string
	Reasons, Notes    []string
	Outcome, Location string
}

// ReadProcedure reads a Procedure.
func ReadProcedure(json []byte) (Procedure, error) { return read(json, procedure, "Procedure") }

func procedure(n Node, p *Procedure) {
	p.ID, p.Status = n.Get("id").Str(), n.Get("status").Str()
	p.Code, p.Category = concept(n.Get("code")), concept(n.Get("category"))
	when := n.Get("performed")
	p.Performed = moment(when)
	p.PerformedEnd = when.Get("end").Time()
	for k := range n.Each("performer") {
		if t := shown(k.Get("actor")); t != "" {
			p.Performers = append(p.Performers, t)
		}
	}
	p.Reasons, p.Notes = texts(n, "reasonCode", "reasonReference"), texts(n, "note")
	p.Outcome, p.Location = concept(n.Get("outcome")).Text, shown(n.Get("location"))
}
