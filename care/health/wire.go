package health

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"rapport/fhir"
	"rapport/record"
)

const loinc = "http://loinc.org"

// each finds resources and reads each of them.
func each[T any](ctx context.Context, c *record.Chart, read func([]byte) (T, error), typ string, params ...string) ([]T, error) {
	found, err := c.Find(ctx, typ, params...)
	if err != nil {
		return nil, err
	}
	out := make([]T, 0, len(found))
	for _, f := range found {
		x, err := read(f.JSON)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// valid are the states of a result that people may rely on, or are told of as
// early.
const invalid = "entered-in-error,cancelled"

// findings returns measurements and tests, newest first, those that say nothing
// left out.
func findings(ctx context.Context, c *record.Chart, params ...string) ([]finding, error) {
	found, err := c.Find(ctx, "Observation", append(params, "_sort", "-date", "status:not", invalid)...)
	if err != nil {
		return nil, err
	}
	out := make([]finding, 0, len(found))
	for _, f := range found {
		r, err := readFinding(f.JSON)
		if err != nil {
			return nil, err
		}
		if len(r.Values) > 0 {
			r.Ref = f.Ref
			out = append(out, r)
		}
	}
	return out, nil
}

// readFinding reads an Observation.
func readFinding(b []byte) (finding, error) {
	o, err := fhir.ReadObservation(b)
	if err != nil {
		return finding{}, err
	}
	r := finding{ID: o.ID, Key: key(o.Code), Code: loincOf(o.Code), Name: o.Code.Text, At: o.Effective, Notes: o.Notes, Method: o.Method, Void: o.Status == "entered-in-error" || o.Status == "cancelled"}
	if r.At.IsZero() {
		r.At = o.Issued
	}
	if v, ok := readValue(o.Code, o.Value, o.Interpretation, o.Ranges); ok {
		r.Values = append(r.Values, v)
	}
	for _, k := range o.Components {
		if v, ok := readValue(k.Code, k.Value, k.Interpretation, k.Ranges); ok {
			r.Values = append(r.Values, v)
		}
	}
	r.Shelf = shelfOf(o.Categories, r.Values)
	return r, nil
}

// key tells what was measured apart from what else was: its first code, or its
// words.
func key(c fhir.Concept) string {
	for _, x := range c.Codings {
		if x.Code != "" {
			return x.System + "|" + x.Code
		}
	}
	return "text:" + c.Text
}

func loincOf(c fhir.Concept) string {
	for _, x := range c.Codings {
		if x.System == loinc {
			return x.Code
		}
	}
	return ""
}

func shelfOf(cs []fhir.Concept, vs []value) shelf {
	has := func(code string) bool {
		return slices.ContainsFunc(cs, func(c fhir.Concept) bool { return c.Has("", code) })
	}
	number := slices.ContainsFunc(vs, func(v value) bool { return v.Number != "" })
	switch {
	case has("vital-signs"):
		return vitals
	case has("laboratory"):
		return laboratory
	case has("social-history") || has("survey") && !number:
		return answers
	}
	return others
}

// readValue reads one value; false if there is none to show.
func readValue(code fhir.Concept, v fhir.Value, said []fhir.Concept, ranges []fhir.ReferenceRange) (value, bool) {
	out := value{Code: loincOf(code), Name: code.Text}
	switch v.Kind {
	case fhir.QuantityValue:
		q := v.Quantity
		out.Number, out.Than, out.Unit = q.Value.Text, q.Comparator, q.Unit
		if q.System == "http://unitsofmeasure.org" {
			out.Value.Code = q.Code
		}
	case fhir.IntValue:
		out.Number = strconv.Itoa(v.Int)
	case fhir.ConceptValue:
		out.Words = plain(v.Concept.Text)
	case fhir.TextValue:
		out.Words = v.Text
	case fhir.RangeValue:
		out.Words = strings.Trim(v.Low.Value.Text+"–"+v.High.Value.Text+" "+v.High.Unit, " –")
	case fhir.RatioValue:
		out.Words = strings.Trim(v.Low.Value.Text+"/"+v.High.Value.Text+" "+v.High.Unit, " /")
	default:
		return out, false
	}
	for _, s := range said {
		if out.Meaning == "" {
			out.Meaning = s.Code()
		}
	}
	for _, r := range ranges {
		if r.Type != "" && !strings.Contains(strings.ToLower(r.Type), "normal") && r.Type != "recommended" {
			continue // a range for another purpose: critical, therapeutic
		}
		out.Low, out.High, out.Range = r.Low.Value.Text, r.High.Value.Text, r.Text
		break
	}
	return out, out.Number != "" || out.Words != ""
}

// origin is who took a reading and with what.
type origin struct {
	Own bool // the client measured it
	By  []string
	Kit string
}

// readOrigin reads who took a reading: of those the views say only the words.
func readOrigin(b []byte) (origin, error) {
	d, err := fhir.Parse(b)
	if err != nil {
		return origin{}, err
	}
	var o origin
	n := d.Root()
	for p := range n.Each("performer") {
		if strings.HasPrefix(p.Get("reference").Str(), "Patient/") {
			o.Own = true
		} else if t := p.Get("display").Str(); t != "" {
			o.By = append(o.By, t)
		}
	}
	o.Kit = n.Get("device", "display").Str()
	return o, nil
}

// report is what a group of results came in.
type report struct {
	ID, Name, Words string
	At              fhir.Time // when it was sent
	Taken           fhir.Time // when what it tells of was so
	By              []string
	Results         []string // logical ids
}

func readReport(b []byte) (report, error) {
	v, err := fhir.ReadDiagnosticReport(b)
	if err != nil {
		return report{}, err
	}
	r := report{ID: v.ID, Name: v.Code.Text, Words: v.Conclusion, At: v.Issued, Taken: v.Effective, By: v.Performers}
	if r.At.IsZero() {
		r.At = r.Taken
	}
	if r.Taken.IsZero() {
		r.Taken = r.At
	}
	for _, l := range v.Results {
		if typ, id := l.Target(); typ == "Observation" {
			r.Results = append(r.Results, id)
		}
	}
	return r, nil
}
