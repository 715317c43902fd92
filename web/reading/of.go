package reading

import (
	"strconv"
	"strings"

	"rapport/fhir"
)

const loinc = "http://loinc.org"

// Of returns the value of an observation, or its two pressures as one; false if it has
// none that can be shown.
func Of(x fhir.Observation) (Value, bool) {
	if v, ok := valueOf(x.Value, x.Interpretation, x.Ranges); ok {
		return v, true
	}
	return pair(x.Components)
}

func valueOf(v fhir.Value, meaning []fhir.Concept, ranges []fhir.ReferenceRange) (Value, bool) {
	var out Value
	switch v.Kind {
	case fhir.QuantityValue:
		q := v.Quantity
		out = Value{Number: q.Value.Text, Than: q.Comparator, Unit: q.Unit, Code: q.Code}
	case fhir.IntValue:
		out.Number = strconv.Itoa(v.Int)
	case fhir.TextValue:
		out.Words = v.Text
	case fhir.BoolValue: // a sign, because a chart has no language
		out.Words = "–"
		if v.Bool {
			out.Words = "✓"
		}
	case fhir.RangeValue:
		out.Words = v.Low.Value.Text + "–" + v.High.Value.Text
	case fhir.RatioValue:
		out.Words = v.Low.Value.Text + ":" + v.High.Value.Text
	case fhir.ConceptValue:
		out.Words = v.Concept.Text
	}
	if len(meaning) > 0 {
		out.Meaning = meaning[0].Code()
	}
	for _, r := range ranges {
		if r.Type == "" || strings.EqualFold(r.Type, "normal") || strings.EqualFold(r.Type, "normal range") || len(ranges) == 1 {
			out.Low, out.High, out.Range = r.Low.Value.Text, r.High.Value.Text, r.Text
			break
		}
	}
	return out, out.Number != "" || out.Words != ""
}

// pair reads two pressures as one value, whichever stands first.
func pair(cs []fhir.Component) (Value, bool) {
	var upper, lower *Value
	for _, c := range cs {
		v, ok := valueOf(c.Value, c.Interpretation, c.Ranges)
		if !ok {
			continue
		}
		switch {
		case c.Code.Has(loinc, "8480-6"):
			upper = &v
		case c.Code.Has(loinc, "8462-4"):
			lower = &v
		}
	}
	if upper == nil {
		return Value{}, false
	}
	upper.Second = lower
	return *upper, true
}
