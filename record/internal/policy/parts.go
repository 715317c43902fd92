package policy

import (
	"slices"
	"strings"
)

// Parts is a set of parts of a chart: what a page says it will open, before it
// opens anything. A page can read no other part, so the ledger line "opened your
// results" is the upper bound of what was seen. The empty set opens nothing.
type Parts uint32

// The parts. Every resource type that can lie in a chart belongs to exactly one.
const (
	Person        Parts = 1 << iota // name, birth date, contacts, relatives on file
	Conditions                      // problems and what was found about them
	Medicines                       // prescribed, given, taken
	Allergies                       //
	Immunisations                   //
	Results                         // measurements, laboratory, imaging, reports
	Documents                       // letters and notes
	Visits                          // past and coming, and who took part
	Plans                           // plans, goals, orders, tasks
	Messages                        // what was written to and fro
	Procedures                      // what was done, and devices
	Family                          // family history
	Agreements                      // consents and flags
	Money                           // claims and cover another system sent; never shown
	Other                           // everything else that lies in a chart
	Looks                           // the ledger lines about this client
	Told                            // forms they filled in, and who said what
	partsEnd
)

// AllParts is every part of a chart, the looks apart.
const AllParts = partsEnd - 1 - Looks

var partCodes = []struct {
	p    Parts
	code string
}{
	{Person, "person"}, {Conditions, "conditions"}, {Medicines, "medicines"}, {Allergies, "allergies"},
	{Immunisations, "immunisations"}, {Results, "results"}, {Documents, "documents"}, {Visits, "visits"},
	{Plans, "plans"}, {Messages, "messages"}, {Procedures, "procedures"}, {Family, "family"},
	{Agreements, "agreements"}, {Money, "money"}, {Other, "other"}, {Told, "told"}, {Looks, "looks"},
}

// Each returns the single parts in the set, in their fixed order.
func (p Parts) Each() []Parts {
	var out []Parts
	for _, pc := range partCodes {
		if p&pc.p != 0 {
			out = append(out, pc.p)
		}
	}
	return out
}

// String returns the codes of the parts, joined by spaces.
func (p Parts) String() string {
	var out []string
	for _, pc := range partCodes {
		if p&pc.p != 0 {
			out = append(out, pc.code)
		}
	}
	return strings.Join(out, " ")
}

// ParseParts is the inverse of String; unknown codes are left out.
func ParseParts(codes string) Parts {
	var p Parts
	for _, c := range strings.Fields(codes) {
		for _, pc := range partCodes {
			if pc.code == c {
				p |= pc.p
			}
		}
	}
	return p
}

// byPart lists the FHIR R4 resource types of each part. Types that stand in no
// list are Other: kept, sealed, given back, and opened only by who opens Other.
var byPart = map[Parts]string{
	Person:        "Patient RelatedPerson Person Group",
	Conditions:    "Condition ClinicalImpression DetectedIssue AdverseEvent RiskAssessment",
	Medicines:     "MedicationRequest MedicationStatement MedicationAdministration MedicationDispense",
	Allergies:     "AllergyIntolerance",
	Immunisations: "Immunization ImmunizationEvaluation ImmunizationRecommendation",
	Results:       "Observation DiagnosticReport ImagingStudy Specimen Media MolecularSequence BodyStructure",
	Documents:     "DocumentReference DocumentManifest Composition List Binary",
	Told:          "QuestionnaireResponse Provenance",
	Visits:        "Appointment AppointmentResponse Encounter EpisodeOfCare Schedule Slot",
	Plans:         "CarePlan CareTeam Goal Task ServiceRequest RequestGroup DeviceRequest NutritionOrder VisionPrescription SupplyRequest SupplyDelivery",
	Messages:      "Communication CommunicationRequest",
	Procedures:    "Procedure Device DeviceUseStatement",
	Family:        "FamilyMemberHistory",
	Agreements:    "Consent Flag",
	Money:         "Account ChargeItem Claim ClaimResponse Coverage CoverageEligibilityRequest CoverageEligibilityResponse EnrollmentRequest EnrollmentResponse ExplanationOfBenefit Invoice PaymentNotice PaymentReconciliation",
}

var ofType = func() map[string]Parts {
	m := map[string]Parts{}
	for p, types := range byPart {
		for _, t := range strings.Fields(types) {
			m[t] = p
		}
	}
	return m
}()

// PartOf returns the one part of a chart that a FHIR resource type belongs to.
func PartOf(resourceType string) Parts {
	if p, ok := ofType[resourceType]; ok {
		return p
	}
	return Other
}

// shown is what is shown of a type of resource, and what it may be searched by: a
// search by what is not shown would tell it all the same.
type shown struct {
	all      bool
	elements string
	params   string
}

// least is what is left of a resource nothing else is said about.
var least = shown{elements: "resourceType id meta status", params: "status _id _lastUpdated"}

// whoAndWhen is what somebody at the front desk may see of a visit: who, when,
// where, and whether it stands. Why is for those who treat.
var whoAndWhen = map[string]shown{
	"Appointment": {
		elements: "resourceType id meta status start end minutesDuration participant slot created appointmentType",
		params:   "date status part-status actor patient practitioner location slot appointment-type _id _lastUpdated",
	},
	"Encounter": {
		elements: "resourceType id meta status class subject participant period location serviceProvider appointment",
		params:   "date status class patient subject participant practitioner location service-provider appointment _id _lastUpdated",
	},
}

// whoItIs is what somebody who looks after another may see of the person: not
// how to reach them, nor who else does.
var whoItIs = map[string]shown{
	"Patient": {
		elements: "resourceType id meta name birthDate gender",
		params:   "name family given birthdate gender _id _lastUpdated",
	},
}

// view is what a permission on this basis shows of a type of resource.
func (b Basis) view(resourceType string) shown {
	seen, known := whoAndWhen[resourceType]
	switch b {
	case IsTheirs, CareTeam, Software:
		return shown{all: true}
	case Helps, Guards:
		if PartOf(resourceType) != Person {
			return shown{all: true}
		}
		seen, known = whoItIs[resourceType]
	case FrontDesk:
		if resourceType == "Patient" || resourceType == "Communication" { // of those, the administrative ones
			return shown{all: true}
		}
	case ByLink:
	default: // a basis that opens no chart shows nothing of one
		return shown{}
	}
	if !known {
		return least
	}
	return seen
}

// Elements returns the top-level elements of a resource that a permission on this
// basis shows; all is true if it shows the whole.
func (b Basis) Elements(resourceType string) (names []string, all bool) {
	v := b.view(resourceType)
	return strings.Fields(v.elements), v.all
}

// Asks reports whether a permission on this basis may search a type of resource by
// a parameter.
func (b Basis) Asks(resourceType, param string) bool {
	v := b.view(resourceType)
	return v.all || slices.Contains(strings.Fields(v.params), param)
}
