package today

import (
	"context"
	"math"
	"net/url"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/search"
	"rapport/lang"
	"rapport/record"
)

const (
	loinc               = "http://loinc.org"
	systolic, diastolic = "8480-6", "8462-4"
	// invalid are the states of a result that nobody is told of.
	invalid = "entered-in-error,cancelled"
)

// look finds resources of one type; params alternate names and values.
func look(ctx context.Context, c *record.Chart, typ string, params ...string) ([]record.Found, error) {
	v := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		v.Add(params[i], params[i+1])
	}
	q, err := search.Parse(typ, v)
	if err != nil {
		return nil, err
	}
	return c.Search(ctx, q)
}

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

// visits returns the next two visits.
func visits(ctx context.Context, c *record.Chart, now time.Time) ([]visit, error) {
	found, err := look(ctx, c, "Appointment", "status", "booked,arrived,checked-in", "date", "gt"+now.UTC().Format(time.RFC3339), "_sort", "date", "_count", "2")
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

// readReading reads an Observation as far as this page shows it.
func readReading(b []byte) (reading, error) {
	o, err := fhir.ReadObservation(b)
	if err != nil {
		return reading{}, err
	}
	r := reading{at: o.Effective.At, name: o.Code.Text, number: math.NaN(), second: math.NaN(), low: math.Inf(-1), high: math.Inf(1)}
	if o.Effective.IsZero() {
		r.at = o.Issued.At
	}
	for _, x := range o.Code.Codings {
		if x.System == loinc {
			r.code = x.Code
		}
	}
	r.key = r.code + " " + r.name
	r.value(o.Value, o.Interpretation, o.Ranges)
	var top, bottom fhir.Component
	for _, k := range o.Components {
		r.flag = max(r.flag, judged(k.Value.Quantity.Value, k.Interpretation, k.Ranges))
		switch {
		case k.Code.Has(loinc, systolic):
			top = k
		case k.Code.Has(loinc, diastolic):
			bottom = k
		}
	}
	if t, l := top.Value.Quantity, bottom.Value.Quantity; t.Value.Text != "" && l.Value.Text != "" {
		r.number, r.second, r.digits, r.printed, r.ucum = t.Value.Float, l.Value.Float, t.Value.Text, t.Unit, t.Code
		r.bounds(top.Ranges)
		r.text = func(p lang.Printer) string { return r.big(p) + "\u00a0" + p.Unit(r.printed, r.ucum) }
		r.big = func(p lang.Printer) string { return p.Number(t.Value.Text) + "/" + p.Number(l.Value.Text) }
	}
	return r, nil
}

// ownReading reports that the client measured it.
func ownReading(b []byte) (bool, error) {
	d, err := fhir.Parse(b)
	if err != nil {
		return false, err
	}
	return strings.HasPrefix(d.Root().Get("performer", "reference").Str(), "Patient/"), nil
}

func (r *reading) value(v fhir.Value, said []fhir.Concept, ranges []fhir.ReferenceRange) {
	r.flag = judged(v.Quantity.Value, said, ranges)
	switch v.Kind {
	case fhir.QuantityValue:
		q := v.Quantity
		if q.Value.Text == "" {
			return
		}
		sign := strings.NewReplacer("<=", "≤", ">=", "≥").Replace(q.Comparator)
		if sign == "" {
			r.number, r.digits = q.Value.Float, q.Value.Text
		}
		r.printed, r.ucum = q.Unit, q.Code
		r.bounds(ranges)
		r.text = func(p lang.Printer) string { return sign + p.Amount(q.Value.Text, p.Unit(q.Unit, q.Code)) }
		r.big = func(p lang.Printer) string { return sign + p.Number(q.Value.Text) }
	case fhir.ConceptValue:
		if v.Concept.Text != "" {
			r.text = func(lang.Printer) string { return v.Concept.Text }
		}
	case fhir.TextValue:
		r.text = func(lang.Printer) string { return v.Text }
	}
}

func (r *reading) bounds(ranges []fhir.ReferenceRange) {
	for _, x := range ranges {
		if x.Low.Value.Text != "" && x.High.Value.Text != "" {
			r.low, r.high, r.lowText, r.highText = x.Low.Value.Float, x.High.Value.Float, x.Low.Value.Text, x.High.Value.Text
			return
		}
	}
}

// judged says where a value lies: as its sender said, or else by the range sent
// with it.
func judged(d fhir.Decimal, said []fhir.Concept, ranges []fhir.ReferenceRange) flag {
	for _, s := range said {
		switch s.Code() {
		case "H", "HH", "HU":
			return high
		case "L", "LL", "LU":
			return low
		case "A", "AA", "POS", "DET":
			return odd
		case "N":
			return usual
		}
	}
	if d.Text == "" || len(ranges) == 0 {
		return 0
	}
	r := ranges[0]
	switch {
	case r.High.Value.Text != "" && d.Float > r.High.Value.Float:
		return high
	case r.Low.Value.Text != "" && d.Float < r.Low.Value.Float:
		return low
	case r.High.Value.Text == "" && r.Low.Value.Text == "":
		return 0
	}
	return usual
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
func courses(ctx context.Context, c *record.Chart, now time.Time) ([]reading, error) {
	codes := make([]string, len(worth))
	for i, w := range worth {
		codes[i] = loinc + "|" + w
	}
	found, err := look(ctx, c, "Observation", "code", strings.Join(codes, ","), "date", "ge"+now.AddDate(-1, 0, 0).UTC().Format(time.RFC3339),
		"_sort", "-date", "_count", "200", "status:not", invalid)
	if err != nil {
		return nil, err
	}
	var out []reading
	for _, f := range found {
		r, err := readReading(f.JSON)
		if err != nil {
			return nil, err
		}
		r.ref = f.Ref
		out = append(out, r)
	}
	return out, nil
}

// tel is the address that dials a number as shown.
func tel(number string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
}
