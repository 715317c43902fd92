package health

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// condition is something a person has or had.
type condition struct {
	Name, Words string // Words is a note
	Since, Over fhir.Time
	SinceText   string
	Past        bool
	Aside       bool // a circumstance rather than an illness
	Recorded    fhir.Time
}

func readCondition(b []byte) (condition, error) {
	v, err := fhir.ReadCondition(b)
	if err != nil || v.VerificationStatus == "entered-in-error" || v.VerificationStatus == "refuted" {
		return condition{}, err
	}
	c := condition{Name: plain(v.Code.Text), Since: v.Onset.Time, Over: v.Abatement.Time, Recorded: v.Recorded, SinceText: v.Onset.Text}
	c.Words = strings.Join(v.Notes, " ")
	c.Past = slices.Contains([]string{"resolved", "inactive", "remission"}, v.ClinicalStatus) || v.ClinicalStatus == "" && !c.Over.IsZero()
	c.Aside = strings.HasSuffix(v.Code.Text, " (finding)") || strings.HasSuffix(v.Code.Text, " (situation)") || strings.HasSuffix(v.Code.Text, " (person)")
	if c.Since.IsZero() && v.Onset.Text == "" {
		c.Since = v.Recorded
	}
	return c, nil
}

// medicine is something taken or once taken.
type medicine struct {
	Name, Why, StopReason string
	Dosage                []string
	Doses                 []dose // where no words were written
	AsNeeded              bool
	Started, Ended        fhir.Time
	Current               bool
}

// dose is a dosage in parts, to be put into the reader's language.
type dose struct {
	Digits, Printed, Ucum string
	Times                 int    // so many times …
	Every                 int    // … in so many …
	Unit                  string // … h, d, wk, mo
}

// medicineOf reads a prescription or a statement; its name may stand in a
// Medication that the whole practice shares. A zero medicine is none to show.
func medicineOf(ctx context.Context, c *record.Chart, b []byte) (medicine, error) {
	v, err := fhir.ReadMedicine(b)
	if err != nil || v.Status == "entered-in-error" || v.Status == "draft" || v.Status == "cancelled" || v.Status == "not-taken" || v.Status == "intended" {
		return medicine{}, err
	}
	if v.Intent == "proposal" || v.Intent == "plan" || v.Intent == "option" {
		return medicine{}, nil
	}
	m := medicine{Name: v.Code.Text, Why: strings.Join(v.Reasons, ", "), Dosage: v.Dosage, AsNeeded: v.AsNeeded, Started: v.Authored, Ended: v.Effective.End}
	if !v.Effective.Start.IsZero() {
		m.Started = v.Effective.Start
	}
	m.Current = v.Status == "active" || v.Status == "on-hold"
	if typ, id := v.Reference.Target(); typ == "Medication" {
		if name, err := medicationName(ctx, c, id); err != nil {
			return medicine{}, err
		} else if name != "" {
			m.Name = name
		}
	}
	return m, medicineRest(b, &m)
}

func medicationName(ctx context.Context, c *record.Chart, id string) (string, error) {
	r, err := c.Shared(ctx, "Medication", id)
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	d, err := fhir.Parse(r.JSON)
	if err != nil {
		return "", err
	}
	code := d.Root().Get("code")
	if t := code.Get("text").Str(); t != "" {
		return t, nil
	}
	return code.Get("coding", "display").Str(), nil
}

// medicineRest reads what the views leave out: dosages without words, when it
// ended and why.
func medicineRest(b []byte, m *medicine) error {
	d, err := fhir.Parse(b)
	if err != nil {
		return err
	}
	n := d.Root()
	m.StopReason = n.Get("statusReason", "text").Str()
	if m.StopReason == "" {
		m.StopReason = n.Get("statusReason", "coding", "display").Str()
	}
	for k := range n.Each("dosageInstruction") {
		rep := k.Get("timing", "repeat")
		if end := rep.Get("bounds", "end").Time(); m.Ended.IsZero() && !end.IsZero() {
			m.Ended = end
		}
		q := k.Get("doseAndRate", "dose")
		m.Doses = append(m.Doses, dose{Digits: q.Get("value").Str(), Printed: q.Get("unit").Str(), Ucum: q.Get("code").Str(),
			Times: rep.Get("frequency").Int(), Every: rep.Get("period").Int(), Unit: rep.Get("periodUnit").Str()})
	}
	if m.Ended.IsZero() {
		m.Ended = n.Get("dispenseRequest", "validityPeriod", "end").Time()
	}
	return nil
}

// allergy is something to keep away from.
type allergy struct {
	Name, Severity string
	Signs          []string
	Words          string
	Since          fhir.Time
	Grave, Past    bool
}

func readAllergy(b []byte) (allergy, error) {
	v, err := fhir.ReadAllergyIntolerance(b)
	if err != nil || v.Verification == "entered-in-error" || v.Verification == "refuted" {
		return allergy{}, err
	}
	a := allergy{Name: plain(v.Code.Text), Since: v.Onset.Time, Grave: v.Criticality == "high", Past: v.ClinicalStatus == "resolved" || v.ClinicalStatus == "inactive"}
	for _, r := range v.Reactions {
		if r.Severity == "severe" || a.Severity == "" {
			a.Severity = r.Severity
		}
		a.Grave = a.Grave || r.Severity == "severe"
		for _, s := range r.Manifestations {
			if s = plain(s); !slices.Contains(a.Signs, s) {
				a.Signs = append(a.Signs, s)
			}
		}
		if a.Words == "" {
			a.Words = r.Text
		}
	}
	return a, nil
}

// vaccination is one dose of one vaccine.
type vaccination struct {
	Name, Dose, Text string
	At               fhir.Time
}

func readVaccination(b []byte) (vaccination, error) {
	v, err := fhir.ReadImmunization(b)
	if err != nil || v.Status != "completed" {
		return vaccination{}, err
	}
	return vaccination{Name: plain(v.Code.Text), Dose: v.Dose, At: v.Date, Text: v.DateText}, nil
}

// visit is one that was or will be.
type visit struct {
	Name, Place string
	With        []string
	At          fhir.Time
	Coming      bool
}

func readPastVisit(b []byte) (visit, error) {
	v, err := fhir.ReadEncounter(b)
	if err != nil || v.Status == "cancelled" || v.Status == "entered-in-error" || v.Status == "planned" {
		return visit{}, err
	}
	x := visit{At: v.Period.Start, With: v.Participants, Place: v.Provider}
	if len(v.Types) > 0 {
		x.Name = plain(v.Types[0].Text)
	}
	if len(v.Reasons) > 0 && plain(v.Reasons[0]) != x.Name {
		x.Name = strings.Trim(x.Name+": "+plain(v.Reasons[0]), ": ")
	}
	return x, nil
}

// document is a letter, note or picture.
type document struct {
	Ref            record.Ref
	ID, Name, Kind string
	By             []string
	At             fhir.Time
	Files          []file
}

// file is one form a document comes in. Data is its content as base64; Binary is
// the logical id of a resource that holds it instead.
type file struct{ Type, Title, Data, Binary, Language string }

// documentList returns documents, newest first as asked for.
func documentList(ctx context.Context, c *record.Chart, params ...string) ([]document, error) {
	found, err := c.Find(ctx, "DocumentReference", append(params, "_sort", "-date", "status:not", "entered-in-error")...)
	if err != nil {
		return nil, err
	}
	var out []document
	for _, f := range found {
		d, err := readDocument(f.JSON)
		if err != nil {
			return nil, err
		}
		d.Ref = f.Ref
		out = append(out, d)
	}
	return out, nil
}

func readDocument(b []byte) (document, error) {
	v, err := fhir.ReadDocumentReference(b)
	if err != nil || v.Status == "entered-in-error" {
		return document{}, err
	}
	d := document{ID: v.ID, Name: v.Description, Kind: v.Type.Text, By: v.Authors, At: v.Date}
	for _, a := range v.Content {
		if d.Name == "" {
			d.Name = a.Title
		}
		if d.At.IsZero() {
			d.At = a.Created
		}
		f := file{Type: a.ContentType, Title: a.Title, Data: a.Data, Language: a.Language}
		if typ, id := (fhir.Link{Reference: a.URL}).Target(); typ == "Binary" && !strings.Contains(a.URL, ":") {
			f.Binary = id
		}
		d.Files = append(d.Files, f)
	}
	if d.Name == "" {
		d.Name, d.Kind = d.Kind, ""
	}
	return d, nil
}

// content returns a file's bytes; errs.NotFound if they are not kept here.
func (f file) content(ctx context.Context, c *record.Chart) ([]byte, error) {
	data := f.Data
	if data == "" && f.Binary != "" {
		r, err := c.Read(ctx, "Binary", f.Binary)
		if err != nil {
			return nil, err
		}
		d, err := fhir.Parse(r.JSON)
		if err != nil {
			return nil, err
		}
		data = d.Root().Get("data").Str()
	}
	if data == "" {
		return nil, errs.E(errs.NotFound, "health: the document is not kept here")
	}
	b, err := base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, data))
	if err != nil {
		return nil, errs.E(errs.Internal, "health: the document's content does not decode")
	}
	return b, nil
}

// readAppointment reads a visit that is still to come.
func readAppointment(b []byte) (visit, error) {
	v, err := fhir.ReadAppointment(b)
	if err != nil {
		return visit{}, err
	}
	x := visit{Name: v.Description, At: v.Start, Coming: true}
	if x.Name == "" && len(v.Reasons) > 0 {
		x.Name = plain(v.Reasons[0])
	}
	if x.Name == "" && len(v.ServiceTypes) > 0 {
		x.Name = plain(v.ServiceTypes[0].Text)
	}
	for _, p := range v.Participants {
		if typ, _ := p.Actor.Target(); (typ == "Practitioner" || typ == "PractitionerRole") && p.Actor.Display != "" {
			x.With = append(x.With, p.Actor.Display)
		}
	}
	return x, nil
}

// yearOf returns the year a resource of the timeline is dated; 0 if it is not.
func yearOf(f record.Found) (int, error) {
	d, err := fhir.Parse(f.JSON)
	if err != nil {
		return 0, err
	}
	n := d.Root()
	for _, path := range [][]string{{"period", "start"}, {"effective"}, {"effective", "start"}, {"issued"}, {"date"}, {"performed"}, {"performed", "start"}, {"occurrence"}, {"onset"}, {"onset", "start"}, {"authoredOn"}} {
		if t := n.Get(path...).Time(); !t.IsZero() {
			return t.At.Year(), nil
		}
	}
	return 0, nil
}
