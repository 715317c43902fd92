package demo

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// The structs in this file are FHIR R4 as far as the made-up practice needs it:
// field names follow the specification, and nothing is invented. Element order
// follows the specification too, which makes the output pleasant to read.

type coding struct {
	System string `json:"system,omitempty"`
	Code   string `json:"code,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type reference struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

type quantity struct {
	Value      json.Number `json:"value,omitempty"`
	Comparator string      `json:"comparator,omitempty"`
	Unit       string      `json:"unit,omitempty"`
	System     string      `json:"system,omitempty"`
	Code       string      `json:"code,omitempty"`
}

type span struct {
	Low  *quantity `json:"low,omitempty"`
	High *quantity `json:"high,omitempty"`
	Text string    `json:"text,omitempty"`
}

type period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

type meta struct {
	LastUpdated string   `json:"lastUpdated,omitempty"`
	Security    []coding `json:"security,omitempty"`
}

type note struct {
	AuthorReference *reference `json:"authorReference,omitempty"`
	Time            string     `json:"time,omitempty"`
	Text            string     `json:"text"`
}

type extension struct {
	URL       string `json:"url"`
	ValueCode string `json:"valueCode,omitempty"`
}

type identifier struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value,omitempty"`
}

type humanName struct {
	Extension []extension `json:"extension,omitempty"`
	Use       string      `json:"use,omitempty"`
	Text      string      `json:"text,omitempty"`
	Family    string      `json:"family,omitempty"`
	Given     []string    `json:"given,omitempty"`
	Prefix    []string    `json:"prefix,omitempty"`
}

type telecom struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value,omitempty"`
	Use    string `json:"use,omitempty"`
}

type address struct {
	Use        string   `json:"use,omitempty"`
	Line       []string `json:"line,omitempty"`
	City       string   `json:"city,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
	Country    string   `json:"country,omitempty"`
}

type tongue struct {
	Language  concept `json:"language"`
	Preferred *bool   `json:"preferred,omitempty"`
}

// person is FHIR's name for the resource that says who somebody is.
const person = "Patient"

// head opens every resource.
type head struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Meta         *meta  `json:"meta,omitempty"`
}

func (h *head) top() *head { return h }

// body is any resource below.
type body interface{ top() *head }

type contact struct {
	Relationship []concept  `json:"relationship,omitempty"`
	Name         *humanName `json:"name,omitempty"`
	Telecom      []telecom  `json:"telecom,omitempty"`
}

type wirePerson struct {
	head
	Identifier           []identifier `json:"identifier,omitempty"`
	Active               *bool        `json:"active,omitempty"`
	Name                 []humanName  `json:"name,omitempty"`
	Telecom              []telecom    `json:"telecom,omitempty"`
	Gender               string       `json:"gender,omitempty"`
	BirthDate            string       `json:"birthDate,omitempty"`
	DeceasedDateTime     string       `json:"deceasedDateTime,omitempty"`
	Address              []address    `json:"address,omitempty"`
	Contact              []contact    `json:"contact,omitempty"`
	Communication        []tongue     `json:"communication,omitempty"`
	GeneralPractitioner  []reference  `json:"generalPractitioner,omitempty"`
	ManagingOrganization *reference   `json:"managingOrganization,omitempty"`
}

type wireRelated struct {
	head
	Identifier    []identifier `json:"identifier,omitempty"`
	Active        *bool        `json:"active,omitempty"`
	Whose         reference    `json:"patient"`
	Relationship  []concept    `json:"relationship,omitempty"`
	Name          []humanName  `json:"name,omitempty"`
	Telecom       []telecom    `json:"telecom,omitempty"`
	Gender        string       `json:"gender,omitempty"`
	Communication []tongue     `json:"communication,omitempty"`
}

type wireCondition struct {
	head
	ClinicalStatus     *concept   `json:"clinicalStatus,omitempty"`
	VerificationStatus *concept   `json:"verificationStatus,omitempty"`
	Category           []concept  `json:"category,omitempty"`
	Severity           *concept   `json:"severity,omitempty"`
	Code               concept    `json:"code"`
	Subject            reference  `json:"subject"`
	Encounter          *reference `json:"encounter,omitempty"`
	OnsetDateTime      string     `json:"onsetDateTime,omitempty"`
	AbatementDateTime  string     `json:"abatementDateTime,omitempty"`
	RecordedDate       string     `json:"recordedDate,omitempty"`
	Recorder           *reference `json:"recorder,omitempty"`
	Note               []note     `json:"note,omitempty"`
}

type repeat struct {
	BoundsPeriod *period     `json:"boundsPeriod,omitempty"`
	Count        int         `json:"count,omitempty"`
	Frequency    int         `json:"frequency,omitempty"`
	Period       json.Number `json:"period,omitempty"`
	PeriodUnit   string      `json:"periodUnit,omitempty"`
	DayOfWeek    []string    `json:"dayOfWeek,omitempty"`
	TimeOfDay    []string    `json:"timeOfDay,omitempty"`
	When         []string    `json:"when,omitempty"`
}

type timing struct {
	Repeat *repeat `json:"repeat,omitempty"`
}

type dose struct {
	DoseQuantity *quantity `json:"doseQuantity,omitempty"`
}

type dosage struct {
	Text            string   `json:"text,omitempty"`
	Timing          *timing  `json:"timing,omitempty"`
	AsNeededBoolean *bool    `json:"asNeededBoolean,omitempty"`
	Route           *concept `json:"route,omitempty"`
	DoseAndRate     []dose   `json:"doseAndRate,omitempty"`
}

type supply struct {
	ValidityPeriod         *period   `json:"validityPeriod,omitempty"`
	NumberOfRepeatsAllowed int       `json:"numberOfRepeatsAllowed,omitempty"`
	Quantity               *quantity `json:"quantity,omitempty"`
	ExpectedSupplyDuration *quantity `json:"expectedSupplyDuration,omitempty"`
}

type wireMedicine struct {
	head
	Status                    string      `json:"status"`
	StatusReason              *concept    `json:"statusReason,omitempty"`
	Intent                    string      `json:"intent"`
	MedicationCodeableConcept *concept    `json:"medicationCodeableConcept,omitempty"`
	MedicationReference       *reference  `json:"medicationReference,omitempty"`
	Subject                   reference   `json:"subject"`
	Encounter                 *reference  `json:"encounter,omitempty"`
	AuthoredOn                string      `json:"authoredOn,omitempty"`
	Requester                 *reference  `json:"requester,omitempty"`
	ReasonCode                []concept   `json:"reasonCode,omitempty"`
	ReasonReference           []reference `json:"reasonReference,omitempty"`
	Note                      []note      `json:"note,omitempty"`
	DosageInstruction         []dosage    `json:"dosageInstruction,omitempty"`
	DispenseRequest           *supply     `json:"dispenseRequest,omitempty"`
}

type reaction struct {
	Manifestation []concept `json:"manifestation"`
	Description   string    `json:"description,omitempty"`
	Onset         string    `json:"onset,omitempty"`
	Severity      string    `json:"severity,omitempty"`
}

type wireAllergy struct {
	head
	ClinicalStatus     *concept   `json:"clinicalStatus,omitempty"`
	VerificationStatus *concept   `json:"verificationStatus,omitempty"`
	Type               string     `json:"type,omitempty"`
	Category           []string   `json:"category,omitempty"`
	Criticality        string     `json:"criticality,omitempty"`
	Code               concept    `json:"code"`
	Whose              reference  `json:"patient"`
	OnsetDateTime      string     `json:"onsetDateTime,omitempty"`
	RecordedDate       string     `json:"recordedDate,omitempty"`
	Recorder           *reference `json:"recorder,omitempty"`
	Reaction           []reaction `json:"reaction,omitempty"`
}

type component struct {
	Code           concept   `json:"code"`
	ValueQuantity  *quantity `json:"valueQuantity,omitempty"`
	Interpretation []concept `json:"interpretation,omitempty"`
	ReferenceRange []span    `json:"referenceRange,omitempty"`
}

type wireObservation struct {
	head
	Status               string      `json:"status"`
	Category             []concept   `json:"category,omitempty"`
	Code                 concept     `json:"code"`
	Subject              reference   `json:"subject"`
	Encounter            *reference  `json:"encounter,omitempty"`
	EffectiveDateTime    string      `json:"effectiveDateTime,omitempty"`
	Issued               string      `json:"issued,omitempty"`
	Performer            []reference `json:"performer,omitempty"`
	ValueQuantity        *quantity   `json:"valueQuantity,omitempty"`
	ValueCodeableConcept *concept    `json:"valueCodeableConcept,omitempty"`
	Interpretation       []concept   `json:"interpretation,omitempty"`
	Note                 []note      `json:"note,omitempty"`
	Device               *reference  `json:"device,omitempty"`
	ReferenceRange       []span      `json:"referenceRange,omitempty"`
	Component            []component `json:"component,omitempty"`
}

type wireReport struct {
	head
	Status            string      `json:"status"`
	Category          []concept   `json:"category,omitempty"`
	Code              concept     `json:"code"`
	Subject           reference   `json:"subject"`
	EffectiveDateTime string      `json:"effectiveDateTime,omitempty"`
	Issued            string      `json:"issued,omitempty"`
	Performer         []reference `json:"performer,omitempty"`
	Result            []reference `json:"result,omitempty"`
	Conclusion        string      `json:"conclusion,omitempty"`
}

// encode gives r its type and id and returns its bytes: compact, one line, with
// letters of every script as they are.
func encode(kind, id string, m *meta, r body) Resource {
	h := r.top()
	h.ResourceType, h.ID, h.Meta = kind, id, m
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		panic("demo: encode " + kind + ": " + err.Error()) // our own structs
	}
	return Resource{kind, id, bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

func instant(t time.Time) string { return t.Format(time.RFC3339) }
func date(t time.Time) string    { return t.Format(time.DateOnly) }
func yes() *bool                 { v := true; return &v }
func no() *bool                  { v := false; return &v }

// number writes v with a fixed count of decimals, as an instrument would.
func number(v float64, decimals int) json.Number {
	return json.Number(strconv.FormatFloat(v, 'f', decimals, 64))
}

func whole(n int) json.Number { return json.Number(strconv.Itoa(n)) }
