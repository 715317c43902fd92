package fhir

// ValueKind says which field of a Value holds it. The zero kind is no value.
type ValueKind uint8

// The kinds of value an Observation may have.
const (
	_ ValueKind = iota
	QuantityValue
	ConceptValue
	TextValue
	BoolValue
	IntValue
	RangeValue
	RatioValue
	TimeValue
	PeriodValue
	SampledValue // a series; only its presence is told
)

// Value is what was observed. For a ratio Low and High are the numerator and the
// denominator.
type Value struct {
	Kind      ValueKind
	Quantity  Quantity
	Low, High Quantity
	Concept   Concept
	Text      string
	Bool      bool
	Int       int
	Time      Time
	Period    Period
}

func valueOf(n Node) Value {
	switch n.Type() {
	case "":
		return Value{}
	case "Quantity":
		return Value{Kind: QuantityValue, Quantity: quantity(n)}
	case "CodeableConcept":
		return Value{Kind: ConceptValue, Concept: concept(n)}
	case "boolean":
		return Value{Kind: BoolValue, Bool: n.Bool()}
	case "integer":
		return Value{Kind: IntValue, Int: n.Int()}
	case "Range":
		return Value{Kind: RangeValue, Low: quantity(n.Get("low")), High: quantity(n.Get("high"))}
	case "Ratio":
		return Value{Kind: RatioValue, Low: quantity(n.Get("numerator")), High: quantity(n.Get("denominator"))}
	case "dateTime":
		return Value{Kind: TimeValue, Time: n.Time()}
	case "Period":
		return Value{Kind: PeriodValue, Period: periodOf(n)}
	case "SampledData":
		return Value{Kind: SampledValue}
	}
	return Value{Kind: TextValue, Text: n.Str()} // string, time
}

// ReferenceRange is what to expect of a value.
type ReferenceRange struct {
	Low, High  Quantity
	Text, Type string
}

// Component is a part of an Observation: the systolic pressure of a pressure.
type Component struct {
	Code           Concept
	Value          Value
	Absent         Concept // why there is no value
	Interpretation []Concept
	Ranges         []ReferenceRange
}

// Observation is the view of an Observation.
type Observation struct {
	ID, Status        string
	Code              Concept
	Categories        []Concept
	Effective         Time // of a period, its start
	EffectiveEnd      Time
	Issued            Time
	Value             Value
	Absent            Concept // why there is no value
	Interpretation    []Concept
	Ranges            []ReferenceRange
	Components        []Component
	Performers, Notes []string
	Members           []Link
	BodySite, Method  string
	Encounter         Link
}

// ReadObservation reads an Observation.
func ReadObservation(json []byte) (Observation, error) { return read(json, observation, "Observation") }

func observation(n Node, o *Observation) {
	for k := range n.Children() {
		switch k.Name() {
		case "id":
			o.ID = k.Str()
		case "status":
			o.Status = k.Str()
		case "code":
			o.Code = concept(k)
		case "category":
			o.Categories = append(o.Categories, concept(k))
		case "issued":
			o.Issued = k.Time()
		case "dataAbsentReason":
			o.Absent = concept(k)
		case "interpretation":
			o.Interpretation = append(o.Interpretation, concept(k))
		case "referenceRange":
			o.Ranges = append(o.Ranges, referenceRange(k))
		case "component":
			if o.Components == nil {
				o.Components = make([]Component, 0, n.count("component"))
			}
			o.Components = append(o.Components, component(k))
		case "hasMember":
			o.Members = append(o.Members, link(k))
		case "bodySite":
			o.BodySite = concept(k).Text
		case "method":
			o.Method = concept(k).Text
		case "encounter":
			o.Encounter = link(k)
		}
	}
	when := n.Get("effective")
	switch when.Type() {
	case "Timing":
		o.Effective = when.Get("event").Time()
	default:
		o.Effective, o.EffectiveEnd = timeOf(when), when.Get("end").Time()
	}
	o.Value = valueOf(n.Get("value"))
	o.Performers, o.Notes = texts(n, "performer"), texts(n, "note")
}

func component(n Node) Component {
	c := Component{Code: concept(n.Get("code")), Value: valueOf(n.Get("value")), Absent: concept(n.Get("dataAbsentReason")),
		Interpretation: concepts(n, "interpretation")}
	for k := range n.Each("referenceRange") {
		c.Ranges = append(c.Ranges, referenceRange(k))
	}
	return c
}

func referenceRange(n Node) ReferenceRange {
	return ReferenceRange{quantity(n.Get("low")), quantity(n.Get("high")), n.Get("text").Str(), concept(n.Get("type")).Text}
}

// DiagnosticReport is the view of a DiagnosticReport.
type DiagnosticReport struct {
	ID, Status      string
	Code            Concept
	Categories      []Concept
	Effective       Time // of a period, its start
	Issued          Time
	Results         []Link
	Conclusion      string
	ConclusionCodes []Concept
	Forms           []Attachment
	Performers      []string
	Encounter       Link
}

// ReadDiagnosticReport reads a DiagnosticReport.
func ReadDiagnosticReport(json []byte) (DiagnosticReport, error) {
	return read(json, diagnosticReport, "DiagnosticReport")
}

func diagnosticReport(n Node, r *DiagnosticReport) {
	r.ID, r.Status = n.Get("id").Str(), n.Get("status").Str()
	r.Code, r.Categories = concept(n.Get("code")), concepts(n, "category")
	r.Effective, r.Issued = timeOf(n.Get("effective")), n.Get("issued").Time()
	r.Results = links(n, "result")
	r.Conclusion, r.ConclusionCodes = n.Get("conclusion").Str(), concepts(n, "conclusionCode")
	r.Forms = attachments(n, "presentedForm")
	r.Performers, r.Encounter = texts(n, "performer"), link(n.Get("encounter"))
}

// DocumentReference is the view of a DocumentReference.
type DocumentReference struct {
	ID, Status, Description string
	Type                    Concept
	Categories              []Concept
	Date                    Time
	Authors                 []string
	Content                 []Attachment
}

// ReadDocumentReference reads a DocumentReference.
func ReadDocumentReference(json []byte) (DocumentReference, error) {
	return read(json, documentReference, "DocumentReference")
}

func documentReference(n Node, r *DocumentReference) {
	r.ID, r.Status, r.Description = n.Get("id").Str(), n.Get("status").Str(), n.Get("description").Str()
	r.Type, r.Categories = concept(n.Get("type")), concepts(n, "category")
	r.Date, r.Authors = n.Get("date").Time(), texts(n, "author")
	for k := range n.Each("content") {
		r.Content = append(r.Content, attachment(k.Get("attachment")))
	}
}
