package today

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
	"rapport/web/reading"
)

const (
	loinc               = "http://loinc.org"
	systolic, diastolic = "8480-6", "8462-4"
	// invalid are the states of a result that nobody is told of.
	invalid = "entered-in-error,cancelled"
)

// how is the way a visit takes place. The zero how is in person or not known.
type how uint8

const (
	_ how = iota
	byVideo
	byPhone
	atHome
)

// visit is one that is booked.
type visit struct {
	at    time.Time
	name  string
	with  []string
	where string
	how   how
}

// visits returns the next visits, at most n.
func visits(ctx context.Context, c *record.Chart, now time.Time, n int) ([]visit, error) {
	found, err := c.Find(ctx, "Appointment", "status", "booked,arrived,checked-in", "date", "gt"+now.UTC().Format(time.RFC3339), "_sort", "date", "_count", strconv.Itoa(n))
	if err != nil {
		return nil, err
	}
	var out []visit
	for _, f := range found {
		x, err := readVisit(f.JSON)
		if err != nil {
			return nil, err
		}
		if !x.at.IsZero() {
			out = append(out, x)
		}
	}
	return out, nil
}

func readVisit(b []byte) (visit, error) {
	v, err := fhir.ReadAppointment(b)
	if err != nil {
		return visit{}, err
	}
	x := visit{at: v.Start.At, name: v.Description, how: manner(v.Type.Text)}
	if x.name == "" && len(v.Reasons) > 0 {
		x.name = v.Reasons[0]
	}
	if x.name == "" && len(v.ServiceTypes) > 0 {
		x.name = v.ServiceTypes[0].Text
	}
	for _, p := range v.Participants {
		switch typ, _ := p.Actor.Target(); typ {
		case "Practitioner", "PractitionerRole":
			if p.Actor.Display != "" {
				x.with = append(x.with, p.Actor.Display)
			}
		case "Location":
			x.where = p.Actor.Display
			if x.how == 0 {
				x.how = manner(x.where)
			}
		}
	}
	return x, nil
}

// manner reads the way of a visit out of the words systems use for it.
func manner(s string) how {
	switch s = strings.ToLower(s); {
	case strings.Contains(s, "video"), strings.Contains(s, "vidéo"), strings.Contains(s, "vídeo"):
		return byVideo
	case strings.Contains(s, "phone"), strings.Contains(s, "teléfono"), strings.Contains(s, "téléphone"):
		return byPhone
	case strings.Contains(s, "home visit"), strings.Contains(s, "domicili"):
		return atHome
	}
	return 0
}

// replied reports that a message was answered since a moment. Of a message a link
// shows its state and nothing else, and that is all that is asked for.
func replied(ctx context.Context, c *record.Chart, since time.Time) (bool, error) {
	found, err := c.Find(ctx, "Communication", "status", "completed")
	for _, f := range found {
		if f.Time.After(since) {
			return true, err
		}
	}
	return false, err
}

// readFinding reads an Observation as far as this page shows it.
func readFinding(b []byte) (finding, error) {
	o, err := fhir.ReadObservation(b)
	if err != nil {
		return finding{}, err
	}
	f := finding{at: o.Effective.At, name: o.Code.Text, value: valueOf(o.Value, o.Interpretation, o.Ranges)}
	if o.Effective.IsZero() {
		f.at = o.Issued.At
	}
	for _, x := range o.Code.Codings {
		if x.System == loinc {
			f.code = x.Code
		}
	}
	f.state = f.value.State()
	var top, bottom *reading.Value
	for _, k := range o.Components {
		v := valueOf(k.Value, k.Interpretation, k.Ranges)
		if s := v.State(); s.Grave() || s.Out() && !f.state.Grave() || f.state == reading.Unsaid {
			f.state = s
		}
		switch {
		case v.Number == "":
		case k.Code.Has(loinc, systolic):
			top = &v
		case k.Code.Has(loinc, diastolic):
			bottom = &v
		}
	}
	if top != nil && bottom != nil {
		f.value = *top
		f.value.Second = bottom
		f.state = f.value.State()
	}
	return f, nil
}

func valueOf(v fhir.Value, said []fhir.Concept, ranges []fhir.ReferenceRange) reading.Value {
	var out reading.Value
	switch v.Kind {
	case fhir.QuantityValue:
		out.Number, out.Than, out.Unit, out.Code = v.Quantity.Value.Text, v.Quantity.Comparator, v.Quantity.Unit, v.Quantity.Code
	case fhir.ConceptValue:
		out.Words = v.Concept.Text
	case fhir.TextValue:
		out.Words = v.Text
	}
	if len(said) > 0 {
		out.Meaning = said[0].Code()
	}
	if len(ranges) > 0 {
		out.Low, out.High, out.Range = ranges[0].Low.Value.Text, ranges[0].High.Value.Text, ranges[0].Text
	}
	return out
}

// ownReading reports that the client measured it.
func ownReading(b []byte) (bool, error) {
	d, err := fhir.Parse(b)
	if err != nil {
		return false, err
	}
	return strings.HasPrefix(d.Root().Get("performer", "reference").Str(), "Patient/"), nil
}

// report is a group of results.
type report struct {
	name    string
	at      time.Time
	results []string // logical ids
}

func readReport(b []byte) (report, error) {
	v, err := fhir.ReadDiagnosticReport(b)
	if err != nil {
		return report{}, err
	}
	r := report{name: v.Code.Text, at: v.Issued.At}
	if v.Issued.IsZero() {
		r.at = v.Effective.At
	}
	for _, l := range v.Results {
		if typ, id := l.Target(); typ == "Observation" {
			r.results = append(r.results, id)
		}
	}
	return r, nil
}

func readDocument(b []byte) (change, error) {
	v, err := fhir.ReadDocumentReference(b)
	if err != nil {
		return change{}, err
	}
	x := change{at: v.Date.At, title: v.Description}
	if x.title == "" && len(v.Content) > 0 {
		x.title = v.Content[0].Title
	}
	text := v.Authors
	if x.title == "" {
		x.title = v.Type.Text
	} else if v.Type.Text != "" && v.Type.Text != x.title {
		text = append([]string{v.Type.Text}, text...)
	}
	x.text = strings.Join(text, ", ")
	return x, nil
}

// medicine is as much of a prescription as tells that it began or ended.
type medicine struct {
	name         string
	active       bool
	begun, ended time.Time
}

func medicineOf(ctx context.Context, c *record.Chart, b []byte) (medicine, error) {
	v, err := fhir.ReadMedicationRequest(b)
	if err != nil || v.Intent == "proposal" || v.Intent == "plan" || v.Intent == "option" {
		return medicine{}, err
	}
	m := medicine{name: v.Code.Text, active: v.Status == "active", begun: v.Authored.At}
	d, err := fhir.Parse(b)
	if err != nil {
		return medicine{}, err
	}
	m.ended = d.Root().Get("dosageInstruction", "timing", "repeat", "bounds", "end").Time().At
	if typ, id := v.Reference.Target(); typ == "Medication" && m.name == "" {
		r, err := c.Shared(ctx, "Medication", id)
		if errs.Is(err, errs.NotFound) {
			return m, nil
		}
		if err != nil {
			return medicine{}, err
		}
		if d, err = fhir.Parse(r.JSON); err != nil {
			return medicine{}, err
		}
		if m.name = d.Root().Get("code", "text").Str(); m.name == "" {
			m.name = d.Root().Get("code", "coding", "display").Str()
		}
	}
	return m, nil
}

// courses returns the last year's readings of the kinds that may be drawn here,
// newest first.
func courses(ctx context.Context, c *record.Chart, now time.Time) ([]finding, error) {
	codes := make([]string, len(worth))
	for i, w := range worth {
		codes[i] = loinc + "|" + w
	}
	found, err := c.Find(ctx, "Observation", "code", strings.Join(codes, ","), "date", "ge"+now.AddDate(-1, 0, 0).UTC().Format(time.RFC3339),
		"_sort", "-date", "_count", "200", "status:not", invalid)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, f := range found {
		r, err := readFinding(f.JSON)
		if err != nil {
			return nil, err
		}
		r.ref = f.Ref
		out = append(out, r)
	}
	return out, nil
}
