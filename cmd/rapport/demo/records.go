package demo

import "time"

func (c *chart) gpRef() *reference { return &c.by(c.gp).ref }

// history is something a person has or had.
type history struct {
	ailment
	since int // days ago it began
	over  int // days ago it ended; zero while it lasts
	note  string
	label secrecy
}

// has keeps a condition and returns a reference to it.
func (c *chart) has(h history) reference {
	if alive := c.daysSince(c.born); h.since > alive {
		h.since = alive * 2 / 3 // nobody is ill before birth
	}
	state := "active"
	w := &wireCondition{
		VerificationStatus: ptr(of(hl7+"condition-ver-status", "confirmed", "")),
		Category:           []concept{of(hl7+"condition-category", "problem-list-item", "")},
		Code:               h.concept(), Subject: c.self, OnsetDateTime: date(c.day(h.since)), Recorder: c.gpRef(),
	}
	noted, enc := c.moment(h.since, h.label)
	w.RecordedDate, w.Encounter = instant(noted), enc
	if onset := c.day(h.since); onset.After(noted) {
		w.OnsetDateTime = date(noted) // the practice was closed that day
	}
	if h.over > 0 {
		state = "resolved"
		w.AbatementDateTime = date(c.day(h.over))
		noted, _ = c.moment(h.over, h.label)
	}
	w.ClinicalStatus = ptr(of(hl7+"condition-clinical", state, ""))
	if h.note != "" {
		w.Note = []note{{Text: h.note}}
	}
	r := c.keep("Condition", noted, h.label, w)
	r.Display = h.name
	return r
}

// rx is one prescription. Text says how to take it, in plain words.
type rx struct {
	key      string // of medicines
	text     string
	times    []string // R4 EventTiming codes; one dose at each
	asNeeded bool
	from     int    // days ago
	until    int    // days ago it ended; zero while it runs
	stopped  string // why, if it ended before its time
	why      string
	by       string  // who prescribed; the GP if empty, the hospital if ward
	dose     float64 // if it is not the usual amount of that medicine
	days     int     // length of one supply
	label    secrecy
}

var (
	morning = []string{"MORN"}
	evening = []string{"EVE"}
	twice   = []string{"MORN", "EVE"}
	thrice  = []string{"MORN", "AFT", "EVE"}
)

// ward stands for the hospital where a prescription was begun.
const ward = "ward"

// takes keeps a prescription and returns a reference to it.
func (c *chart) takes(r rx) reference {
	m := medicines[r.key]
	by := *c.gpRef()
	switch r.by {
	case "":
	case ward:
		by = c.hospital
	default:
		by = c.by(r.by).ref
	}
	at, enc := c.moment(r.from, r.label)
	w := &wireMedicine{
		Status: "active", Intent: "order", Subject: c.self, Encounter: enc, AuthoredOn: instant(at), Requester: &by,
		DosageInstruction: []dosage{c.dosage(r, m)},
	}
	if ref, ok := c.formulary[r.key]; ok {
		w.MedicationReference = &ref
	} else {
		w.MedicationCodeableConcept = ptr(m.concept())
	}
	if r.why != "" {
		w.ReasonCode = []concept{{Text: r.why}}
	}
	if r.days == 0 {
		r.days = 28
	}
	w.DispenseRequest = &supply{ExpectedSupplyDuration: &quantity{Value: whole(r.days), Unit: "days", System: ucum, Code: "d"}}
	switch {
	case r.stopped != "":
		w.Status, w.StatusReason = "stopped", &concept{Text: r.stopped}
	case r.until > 0:
		w.Status = "completed"
	case !r.asNeeded:
		w.DispenseRequest.NumberOfRepeatsAllowed = 6
	}
	if r.until > 0 {
		at, _ = c.moment(r.until, r.label)
	}
	ref := c.keep("MedicationRequest", at, r.label, w)
	ref.Display = m.name
	return ref
}

func (c *chart) dosage(r rx, m medicine) dosage {
	d := dosage{Text: r.text}
	if r.dose > 0 {
		m.amount = r.dose
	}
	if m.unit != "" {
		decimals := 0
		if m.amount != float64(int(m.amount)) {
			decimals = 1
		}
		d.DoseAndRate = []dose{{&quantity{Value: number(m.amount, decimals), Unit: m.unit, System: ucum, Code: m.unitSystem}}}
	}
	if r.asNeeded {
		d.AsNeededBoolean = yes()
		return d
	}
	span := period{Start: date(c.day(r.from))}
	if r.until > 0 {
		span.End = date(c.day(r.until))
	}
	d.Timing = &timing{&repeat{BoundsPeriod: &span, Frequency: len(r.times), Period: "1", PeriodUnit: "d", When: r.times}}
	return d
}

// allergy is something to keep away from.
type allergy struct {
	code, name  string // SNOMED CT
	category    string // food, medication, environment or biologic
	criticality string // low or high
	rash        concept
	severity    string // mild, moderate or severe
	words       string
	year        string // when it happened, as FHIR date of any precision
}

var (
	rashSign   = of(snomed, "271807003", "Rash")
	hivesSign  = of(snomed, "126485001", "Hives")
	sneezeSign = of(snomed, "76067001", "Sneezing")
)

func (c *chart) avoids(a allergy) {
	at := c.officeHour(c.since - 1)
	c.keep("AllergyIntolerance", at, ordinary, &wireAllergy{
		ClinicalStatus:     ptr(of(hl7+"allergyintolerance-clinical", "active", "")),
		VerificationStatus: ptr(of(hl7+"allergyintolerance-verification", "confirmed", "")),
		Type:               "allergy", Category: []string{a.category}, Criticality: a.criticality,
		Code: of(snomed, a.code, a.name), Whose: c.self, OnsetDateTime: a.year, RecordedDate: instant(at), Recorder: c.gpRef(),
		Reaction: []reaction{{Manifestation: []concept{a.rash}, Description: a.words, Severity: a.severity}},
	})
}

var penicillin = allergy{
	code: "764146007", name: "Penicillin", category: "medication", criticality: "low",
	rash: rashSign, severity: "moderate", words: "Itchy rash on the chest and arms on the third day.",
}

var pollen = allergy{
	code: "256259004", name: "Pollen", category: "environment", criticality: "low",
	rash: sneezeSign, severity: "mild", words: "Sneezing and itchy eyes from May to July.",
}

var peanut = allergy{
	code: "762952008", name: "Peanut", category: "food", criticality: "high",
	rash: hivesSign, severity: "moderate", words: "Hives within minutes of half a biscuit.",
}

// vaccine is one kind of vaccine.
type vaccine struct{ cvx, name string }

var (
	fluShot     = vaccine{"88", "Flu"}
	tetanusShot = vaccine{"", "Tetanus, diphtheria and polio"}
	lungShot    = vaccine{"33", "Pneumococcal"}
	sixInOne    = vaccine{"146", "6-in-1"}
	fourInOne   = vaccine{"130", "4-in-1 pre-school booster"}
	rotavirus   = vaccine{"119", "Rotavirus"}
	menB        = vaccine{"", "Meningitis B"}
	lungChild   = vaccine{"133", "Pneumococcal, child"}
	hibMenC     = vaccine{"", "Hib and meningitis C"}
	mmr         = vaccine{"03", "MMR"}
	fluSpray    = vaccine{"149", "Flu, nasal spray"}
	hpv         = vaccine{"165", "HPV"}
	whooping    = vaccine{"115", "Whooping cough"}
	rsv         = vaccine{"305", "RSV"}
)

// vaccinated keeps a dose given on that moment.
func (c *chart) vaccinated(v vaccine, at time.Time, number int, by string) {
	who := c.by(by)
	w := &wireImmunization{
		Status: "completed", VaccineCode: of(cvx, v.cvx, v.name), Whose: c.self, OccurrenceDateTime: instant(at),
		PrimarySource: yes(), LotNumber: lot(c.dice), Performer: []performer{{who.ref}},
		ProtocolApplied: []protocol{{Series: v.name, DoseNumberPositiveInt: number}},
	}
	if v != fluSpray && v != rotavirus {
		w.Site = ptr(of(hl7+"v3-ActSite", pick(c.dice, []string{"LA", "RA"}), ""))
		w.Site.Text = map[string]string{"LA": "Left arm", "RA": "Right arm"}[w.Site.Coding[0].Code]
	}
	c.keep("Immunization", at, ordinary, w)
}

func lot(d *dice) string {
	const letters = "ABCDEFGHJKLMNPRSTVWXYZ"
	return string([]byte{letters[d.between(0, 21)], letters[d.between(0, 21)], byte('0' + d.between(0, 9)), byte('0' + d.between(0, 9)), byte('0' + d.between(0, 9)), byte('0' + d.between(0, 9))})
}

// autumnFlu vaccinates against flu in the last October, if that is within the
// year.
func (c *chart) autumnFlu(v vaccine, number int) {
	day := time.Date(c.today.Year(), time.October, c.between(5, 30), 0, 0, 0, 0, c.today.Location())
	if day.After(c.day(3)) {
		day = day.AddDate(-1, 0, 0)
	}
	ago := c.daysSince(day)
	if ago > min(355, c.since-3) {
		return
	}
	s := c.visit(visit{ago: ago, by: priya, minutes: 10, reason: "Flu vaccine"})
	c.vaccinated(v, s.at.Add(4*time.Minute), number, priya)
}

// done keeps a procedure.
func (c *chart) done(ago int, what concept, where, why, words string) {
	at := c.clock(ago, 9*60+30)
	w := &wireProcedure{
		Status: "completed", Code: what, Subject: c.self, PerformedDateTime: date(at),
		ReasonCode: []concept{{Text: why}}, Performer: []performer{{c.hospital}},
	}
	if where != "" {
		w.BodySite = []concept{{Text: where}}
	}
	if words != "" {
		w.Note = []note{{Text: words}}
	}
	c.keep("Procedure", at.Add(8*time.Hour), ordinary, w)
}

// kin is what runs in the family.
type kin struct {
	code, name string // v3-RoleCode
	what       ailment
	age        int // when it began, in years; zero if not known
}

func (c *chart) relatives(list ...kin) {
	at := c.officeHour(c.since - 2)
	for _, k := range list {
		rc := relativeCondition{Code: k.what.concept()}
		if k.age > 0 {
			rc.OnsetAge = &quantity{Value: whole(k.age), Unit: "years", System: ucum, Code: "a"}
		}
		c.keep("FamilyMemberHistory", at, ordinary, &wireFamily{
			Status: "completed", Whose: c.self, Date: date(at),
			Relationship: of(hl7+"v3-RoleCode", k.code, k.name), Condition: []relativeCondition{rc},
		})
	}
}
