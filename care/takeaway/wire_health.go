package takeaway

import (
	"context"
	"strings"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web/reading"
)

// row puts a resource into words; done is true when it has its place already.
func (r *telling) row(ctx context.Context, h record.Holding, d *fhir.Doc) (out row, done bool, err error) {
	b := d.Src
	switch h.Type {
	case "Patient":
		out, err = r.person(b)
	case "Condition":
		out, err = r.condition(b)
	case "AllergyIntolerance":
		out, err = r.allergy(b)
	case "MedicationRequest", "MedicationStatement":
		out, err = r.medicine(ctx, b)
	case "Immunization":
		out, err = r.vaccine(b)
	case "Procedure":
		out, err = r.procedure(b)
	case "Observation":
		return r.finding(b)
	case "DiagnosticReport":
		out, err = r.report(b)
	case "DocumentReference":
		out, err = r.document(b)
	case "Appointment":
		out, err = r.appointment(b)
	case "Encounter":
		out, err = r.visit(b)
	case "CarePlan":
		out, err = r.plan(b)
	case "Goal":
		r.goals = append(r.goals, append([]byte(nil), b...))
		out, err = r.plain(d)
	case "Communication":
		return r.message(b)
	case "QuestionnaireResponse":
		out, err = r.response(d)
	default:
		out, err = r.plain(d)
	}
	return out, false, err
}

// plain is a resource that has no words of its own here: what it is called, and when.
func (r *telling) plain(d *fhir.Doc) (row, error) {
	n := d.Root()
	var out row
	for _, name := range []string{"code", "type", "category", "description", "title", "name", "relationship", "scope"} {
		k := n.Get(name)
		if t := first(k.Get("text").Str(), k.Get("coding", "display").Str(), k.Str()); t != "" {
			out.title = r.x.p.TakeNamed(spaced(d.Type()), t)
			break
		}
	}
	for _, path := range [][]string{{"date"}, {"dateTime"}, {"authoredOn"}, {"recorded"}, {"occurrence"}, {"period", "start"}, {"executionPeriod", "start"}, {"created"}, {"issued"}, {"performed"}, {"startDate"}} {
		if t := n.Get(path...).Time(); !t.IsZero() {
			out.at, out.when = t.At, r.x.dated(t)
			break
		}
	}
	return out, nil
}

func (r *telling) facts(pairs ...string) (out []fact) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, fact{pairs[i], pairs[i+1]})
		}
	}
	return out
}

func (r *telling) person(b []byte) (row, error) {
	v, err := fhir.ReadPatient(b)
	if err != nil {
		return row{}, err
	}
	p, out := r.x.p, row{}
	if n := v.Name(); n != nil {
		out.title, r.name = n.Text, first(r.name, n.Text)
	}
	born, _ := fhir.ParseTime(v.BirthDate)
	var reach, live, speak []string
	for _, t := range v.Telecoms {
		reach = append(reach, t.Value)
	}
	for _, a := range v.Addresses {
		live = append(live, first(a.Text, strings.Join(nonEmpty(append(a.Lines, a.PostalCode, a.City, a.State, a.Country)...), ", ")))
	}
	for _, s := range v.Languages {
		speak = append(speak, s.Text)
	}
	out.facts = r.facts(p.TakeBorn(), r.x.dated(born), p.TakeReach(), strings.Join(reach, ", "), p.TakeAddress(), strings.Join(live, "; "), p.TakeLanguages(), strings.Join(speak, ", "))
	return out, nil
}

func (r *telling) condition(b []byte) (row, error) {
	v, err := fhir.ReadCondition(b)
	out := row{title: v.Code.Text, text: strings.Join(v.Notes, " "), at: v.Onset.Time.At}
	if v.Onset.Time.IsZero() {
		out.at = v.Recorded.At
	}
	out.when = first(r.x.dated(v.Onset.Time), v.Onset.Text, r.x.dated(v.Recorded))
	if to := r.x.dated(v.Abatement.Time); to != "" {
		out.when = strings.Trim(r.x.p.HealthFromto(out.when, to), " ")
	}
	return out, err
}

func (r *telling) allergy(b []byte) (row, error) {
	v, err := fhir.ReadAllergyIntolerance(b)
	out := row{title: v.Code.Text, text: strings.Join(v.Notes, " "), at: v.Onset.Time.At, when: r.x.dated(v.Onset.Time)}
	for _, k := range v.Reactions {
		out.text = strings.TrimSpace(out.text + " " + first(k.Text, strings.Join(k.Manifestations, ", ")))
	}
	if v.Criticality == "high" {
		out.text = strings.TrimSpace(lang.Upper(r.x.p.HealthGrave()) + ". " + out.text)
	}
	return out, err
}

func (r *telling) medicine(ctx context.Context, b []byte) (row, error) {
	v, err := fhir.ReadMedicine(b)
	if err != nil {
		return row{}, err
	}
	out := row{title: v.Code.Text, text: strings.Join(append(v.Dosage, v.Notes...), " "), at: v.Authored.At, when: r.x.dated(v.Authored)}
	if typ, id := v.Reference.Target(); out.title == "" && typ == "Medication" {
		if s, err := r.x.c.Shared(ctx, typ, id); err == nil {
			if d, err := fhir.Parse(s.JSON); err == nil {
				out.title = first(d.Root().Get("code", "text").Str(), d.Root().Get("code", "coding", "display").Str())
			}
		}
	}
	if why := strings.Join(v.Reasons, ", "); why != "" {
		out.text = strings.TrimSpace(out.text + " " + r.x.p.HealthFor(why))
	}
	return out, nil
}

func (r *telling) vaccine(b []byte) (row, error) {
	v, err := fhir.ReadImmunization(b)
	return row{title: v.Code.Text, at: v.Date.At, when: first(r.x.dated(v.Date), v.DateText), text: strings.Join(nonEmpty(v.Manufacturer, v.Lot), ", ")}, err
}

func (r *telling) procedure(b []byte) (row, error) {
	v, err := fhir.ReadProcedure(b)
	return row{title: v.Code.Text, at: v.Performed.Time.At, when: first(r.x.dated(v.Performed.Time), v.Performed.Text), text: strings.Join(nonEmpty(append(v.Performers, v.Notes...)...), ", ")}, err
}

// finding puts a reading into the table of its kind. One that has no value is left to be
// told as anything is.
func (r *telling) finding(b []byte) (row, bool, error) {
	o, err := fhir.ReadObservation(b)
	if err != nil {
		return row{}, false, err
	}
	p := r.x.p
	at := o.Effective
	if at.IsZero() {
		at = o.Issued
	}
	name := first(reading.Name(p, loincOf(o.Code), o.Code.Text), p.HealthUnnamed())
	g := gridRow{at: at.At, when: r.x.dated(at), who: strings.Join(o.Performers, ", "), note: strings.Join(o.Notes, " ")}
	if v, ok := reading.Of(o); ok {
		g.value, g.usual, g.state = reading.Say(p, v), reading.RangeText(p, v), reading.Word(p, v.State())
	} else if g.value = r.components(o); g.value == "" {
		return row{title: name, at: at.At, when: g.when, text: strings.Join(nonEmpty(o.Absent.Text, g.note), ". ")}, false, nil
	}
	if o.Status != "final" && o.Status != "" {
		g.note = strings.TrimSpace(g.note + " (" + o.Status + ")")
	}
	t := r.grids[name]
	if t == nil {
		t = &grid{title: name}
		r.grids[name] = t
		sec := r.at[record.Results]
		sec.grids = append(sec.grids, t)
	}
	t.rows = append(t.rows, g)
	return row{}, true, nil
}

// components are the values of a reading of many.
func (r *telling) components(o fhir.Observation) string {
	var out []string
	for _, k := range o.Components {
		if v, ok := reading.Of(fhir.Observation{Code: k.Code, Value: k.Value, Interpretation: k.Interpretation, Ranges: k.Ranges}); ok {
			out = append(out, reading.Name(r.x.p, loincOf(k.Code), k.Code.Text)+" "+reading.Say(r.x.p, v))
		}
	}
	return strings.Join(out, ", ")
}

func loincOf(c fhir.Concept) string {
	for _, k := range c.Codings {
		if k.System == "http://loinc.org" {
			return k.Code
		}
	}
	return ""
}

func (r *telling) report(b []byte) (row, error) {
	v, err := fhir.ReadDiagnosticReport(b)
	at := v.Effective
	if at.IsZero() {
		at = v.Issued
	}
	out := row{title: v.Code.Text, at: at.At, when: r.x.dated(at), text: first(v.Conclusion, strings.Join(v.Performers, ", "))}
	for _, f := range v.Forms {
		out.attach(r.x, f)
	}
	return out, err
}

func (r *telling) document(b []byte) (row, error) {
	v, err := fhir.ReadDocumentReference(b)
	out := row{title: first(v.Description, v.Type.Text), at: v.Date.At, when: r.x.dated(v.Date), text: strings.Join(v.Authors, ", ")}
	for _, f := range v.Content {
		if a := (attachment{Type: f.ContentType, Data: f.Data}); strings.HasPrefix(a.media(), "text/plain") && f.Data != "" {
			if text, err := a.decode(); err == nil && len(out.paras) == 0 {
				out.paras = strings.Split(strings.ToValidUTF8(string(text), "�"), "\n")
			}
		}
		out.attach(r.x, f)
	}
	return out, err
}

// attach adds the file that an attachment is; one of another resource is found there.
func (o *row) attach(x *copying, f fhir.Attachment) {
	if l, _ := x.fileLink(attachment{Type: f.ContentType, Title: f.Title, URL: f.URL, Data: f.Data}); l.href != "" {
		o.files = append(o.files, l)
	}
}

func nonEmpty(ss ...string) (out []string) {
	for _, s := range ss {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
