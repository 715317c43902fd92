// Command dictionary makes record/internal/pack/dictionary.bin: what small FHIR
// resources have in common, learnt from made-up people and from the addresses
// that FHIR's own documents give to systems and profiles. It refuses to learn
// from anything real: a dictionary lies readable in the program. Data is packed
// with the one that is committed, so a new one goes beside it under a new number.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"

	"rapport/cmd/rapport/demo"
)

// size is the most the dictionary may hold. Every message pays for looking into
// it, so larger is slower.
const size = 48 << 10

func main() {
	log.SetFlags(0)
	var samples [][]byte
	per := map[string]int{}
	for seed := range uint64(3) {
		w := demo.Make(seed, time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC))
		for _, c := range w.Clients {
			for _, r := range c.Resources {
				if per[r.Type]++; per[r.Type] <= 700 {
					samples = append(samples, r.JSON)
				}
			}
		}
	}
	for _, s := range skeletons() {
		for range 24 {
			samples = append(samples, []byte(s))
		}
	}
	b, err := dict.BuildZstdDict(samples, dict.Options{MaxDictSize: size, HashBytes: 6, ZstdDictID: 1, ZstdLevel: zstd.SpeedDefault})
	if err != nil {
		log.Fatal("dictionary: ", err)
	}
	out := "record/internal/pack/dictionary.bin"
	if err := os.WriteFile(out, b, 0o644); err != nil { //nolint:gosec // a source file
		log.Fatal("dictionary: ", err)
	}
	fmt.Printf("%s: %d bytes from %d samples\n", out, len(b), len(samples))
}

// skeletons are the shapes of resources that other systems send, without
// anybody in them: the addresses are FHIR's, US Core's and the code systems' own.
func skeletons() []string {
	const (
		hl7  = "http://terminology.hl7.org/CodeSystem/"
		core = "http://hl7.org/fhir/us/core/StructureDefinition/"
	)
	coding := func(system, code, text string) string {
		return fmt.Sprintf(`{"coding":[{"system":%q,"code":%q,"display":%q}],"text":%q}`, system, code, text, text)
	}
	about := `"subject":{"reference":"Patient/00000000-0000-0000-0000-000000000000"},"encounter":{"reference":"Encounter/00000000-0000-0000-0000-000000000000"},`
	meta := func(profile string) string { return `"meta":{"profile":["` + core + profile + `"]},` }
	money := `{"value":129.16,"currency":"USD"}`
	return []string{
		`{"resourceType":"Observation","id":"00000000-0000-0000-0000-000000000000",` + meta("us-core-observation-lab") + `"status":"final","category":[{"coding":[{"system":"` + hl7 + `observation-category","code":"laboratory","display":"laboratory"}]}],"code":` + coding("http://loinc.org", "2093-3", "Total Cholesterol") + `,` + about + `"effectiveDateTime":"2011-01-01T00:00:00-05:00","issued":"2011-01-01T00:00:00.000-05:00","valueQuantity":{"value":100,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}`,
		`{"resourceType":"Observation","id":"","status":"final","category":[{"coding":[{"system":"` + hl7 + `observation-category","code":"vital-signs","display":"vital-signs"}]}],"code":` + coding("http://loinc.org", "8302-2", "Body Height") + `,` + about + `"valueQuantity":{"value":100,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"},"component":[{"code":` + coding("http://loinc.org", "8462-4", "Diastolic Blood Pressure") + `,"valueQuantity":{"value":80,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`,
		`{"resourceType":"Observation","id":"","status":"final","category":[{"coding":[{"system":"` + hl7 + `observation-category","code":"survey","display":"survey"}]}],"code":` + coding("http://loinc.org", "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported") + `,` + about + `"valueCodeableConcept":` + coding("http://snomed.info/sct", "266919005", "Never smoker") + `}`,
		`{"resourceType":"Condition","id":"",` + meta("us-core-condition") + `"clinicalStatus":{"coding":[{"system":"` + hl7 + `condition-clinical","code":"resolved"}]},"verificationStatus":{"coding":[{"system":"` + hl7 + `condition-ver-status","code":"confirmed"}]},"category":[{"coding":[{"system":"` + hl7 + `condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":` + coding("http://snomed.info/sct", "444814009", "Viral sinusitis (disorder)") + `,` + about + `"onsetDateTime":"2011-01-01T00:00:00-05:00","abatementDateTime":"2011-01-01T00:00:00-05:00","recordedDate":"2011-01-01T00:00:00-05:00"}`,
		`{"resourceType":"Encounter","id":"",` + meta("us-core-encounter") + `"identifier":[{"use":"official","system":"https://github.com/synthetichealth/synthea","value":""}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[` + coding("http://snomed.info/sct", "162673000", "General examination of patient (procedure)") + `],"subject":{"reference":"Patient/","display":"Mr. "},"participant":[{"type":[{"coding":[{"system":"` + hl7 + `v3-ParticipationType","code":"PPRF","display":"primary performer"}],"text":"primary performer"}],"period":{"start":"2011-01-01T00:00:00-05:00","end":"2011-01-01T00:15:00-05:00"},"individual":{"reference":"Practitioner/","display":"Dr. "}}],"period":{"start":"2011-01-01T00:00:00-05:00","end":"2011-01-01T00:15:00-05:00"},"location":[{"location":{"reference":"Location/","display":""}}],"serviceProvider":{"reference":"Organization/","display":""}}`,
		`{"resourceType":"Procedure","id":"",` + meta("us-core-procedure") + `"status":"completed","code":` + coding("http://snomed.info/sct", "430193006", "Medication Reconciliation (procedure)") + `,` + about + `"performedPeriod":{"start":"2011-01-01T00:00:00-05:00","end":"2011-01-01T00:15:00-05:00"},"location":{"reference":"Location/","display":""},"reasonReference":[{"reference":"Condition/","display":""}]}`,
		`{"resourceType":"MedicationRequest","id":"",` + meta("us-core-medicationrequest") + `"status":"stopped","intent":"order","medicationCodeableConcept":` + coding("http://www.nlm.nih.gov/research/umls/rxnorm", "314076", "lisinopril 10 MG Oral Tablet") + `,` + about + `"authoredOn":"2011-01-01T00:00:00-05:00","requester":{"reference":"Practitioner/","display":"Dr. "},"reasonReference":[{"reference":"Condition/"}],"dosageInstruction":[{"sequence":1,"text":"Take as needed.","timing":{"repeat":{"frequency":1,"period":1.0,"periodUnit":"d"}},"asNeededBoolean":false,"doseAndRate":[{"type":{"coding":[{"system":"` + hl7 + `dose-rate-type","code":"ordered","display":"Ordered"}]},"doseQuantity":{"value":1.0}}]}]}`,
		`{"resourceType":"Immunization","id":"",` + meta("us-core-immunization") + `"status":"completed","vaccineCode":` + coding("http://hl7.org/fhir/sid/cvx", "140", "Influenza, seasonal, injectable, preservative free") + `,"patient":{"reference":"Patient/"},"encounter":{"reference":"Encounter/"},"occurrenceDateTime":"2011-01-01T00:00:00-05:00","primarySource":true,"location":{"reference":"Location/","display":""}}`,
		`{"resourceType":"DiagnosticReport","id":"",` + meta("us-core-diagnosticreport-lab") + `"status":"final","category":[{"coding":[{"system":"` + hl7 + `v2-0074","code":"LAB","display":"Laboratory"}]}],"code":` + coding("http://loinc.org", "57698-3", "Lipid Panel") + `,` + about + `"effectiveDateTime":"2011-01-01T00:00:00-05:00","issued":"2011-01-01T00:00:00.000-05:00","performer":[{"reference":"Organization/","display":""}],"result":[{"reference":"Observation/","display":"Total Cholesterol"},{"reference":"Observation/","display":"Triglycerides"}],"presentedForm":[{"contentType":"text/plain","data":""}]}`,
		`{"resourceType":"Claim","id":"","status":"active","type":{"coding":[{"system":"` + hl7 + `claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/","display":""},"billablePeriod":{"start":"2011-01-01T00:00:00-05:00","end":"2011-01-01T00:15:00-05:00"},"created":"2011-01-01T00:00:00-05:00","provider":{"reference":"Organization/","display":""},"priority":{"coding":[{"system":"` + hl7 + `processpriority","code":"normal"}]},"facility":{"reference":"Location/","display":""},"procedure":[{"sequence":1,"procedureReference":{"reference":"Procedure/"}}],"diagnosis":[{"sequence":1,"diagnosisReference":{"reference":"Condition/"}}],"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"Medicare"}}],"item":[{"sequence":1,"procedureSequence":[1],"productOrService":` + coding("http://snomed.info/sct", "162673000", "General examination of patient (procedure)") + `,"encounter":[{"reference":"Encounter/"}]},{"sequence":2,"diagnosisSequence":[1],"net":` + money + `}],"total":` + money + `}`,
		`{"resourceType":"ExplanationOfBenefit","id":"","contained":[{"resourceType":"ServiceRequest","id":"referral","status":"completed","intent":"order","subject":{"reference":"Patient/"},"requester":{"reference":"Practitioner/"},"performer":[{"reference":"Practitioner/"}]},{"resourceType":"Coverage","id":"coverage","status":"active","type":{"text":"Medicare"},"beneficiary":{"reference":"Patient/"},"payor":[{"display":"Medicare"}]}],"identifier":[{"system":"https://bluebutton.cms.gov/resources/variables/clm_id","value":""},{"system":"https://bluebutton.cms.gov/resources/identifier/claim-group","value":"99999999999"}],"status":"active","type":{"coding":[{"system":"` + hl7 + `claim-type","code":"professional"}]},"use":"claim","insurer":{"display":"Medicare"},"referral":{"reference":"#referral"},"claim":{"reference":"Claim/"},"outcome":"complete","careTeam":[{"sequence":1,"provider":{"reference":"Practitioner/"},"role":{"coding":[{"system":"` + hl7 + `claimcareteamrole","code":"primary","display":"Primary Care Practitioner"}]}}],"insurance":[{"focal":true,"coverage":{"reference":"#coverage","display":"Medicare"}}],"item":[{"sequence":1,"category":{"coding":[{"system":"https://bluebutton.cms.gov/resources/variables/line_cms_type_srvc_cd","code":"1","display":"Medical care"}]},"servicedPeriod":{"start":"","end":""},"locationCodeableConcept":{"coding":[{"system":"` + hl7 + `ex-serviceplace","code":"19","display":"Off Campus-Outpatient Hospital"}]},"adjudication":[` + adjudications(hl7) + `]}],"total":[{"category":{"coding":[{"system":"` + hl7 + `adjudication","code":"submitted","display":"Submitted Amount"}],"text":"Submitted Amount"},"amount":` + money + `}],"payment":{"amount":{"value":0.0,"currency":"USD"}}}`,
		`{"resourceType":"DocumentReference","id":"","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:"}],"status":"current","type":{"coding":[{"system":"http://loinc.org","code":"34117-2","display":"History and physical note"},{"system":"http://loinc.org","code":"51847-2","display":"Evaluation+Plan note"}]},"category":[{"coding":[{"system":"` + core + `../CodeSystem/us-core-documentreference-category","code":"clinical-note","display":"Clinical Note"}]}],"custodian":{"reference":"Organization/","display":""},"content":[{"attachment":{"contentType":"text/plain","data":""},"format":{"system":"http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem","code":"urn:ihe:iti:xds:2017:mimeTypeSufficient","display":"mimeType Sufficient"}}],"context":{"encounter":[{"reference":"Encounter/"}],"period":{"start":"","end":""}}}`,
		`{"resourceType":"Provenance","id":"",` + meta("us-core-provenance") + `"target":[` + strings.TrimSuffix(strings.Repeat(`{"reference":"Observation/"},{"reference":"Claim/"},`, 4), ",") + `],"recorded":"2011-01-01T00:00:00.000-05:00","agent":[{"type":{"coding":[{"system":"` + hl7 + `provenance-participant-type","code":"author","display":"Author"}],"text":"Author"},"who":{"reference":"Practitioner/"},"onBehalfOf":{"reference":"Organization/"}}]}`,
		`{"resourceType":"CareTeam","id":"","status":"active","participant":[{"role":[` + coding("http://snomed.info/sct", "223366009", "Healthcare professional (occupation)") + `],"member":{"reference":"Practitioner/","display":""}}],"managingOrganization":[{"reference":"Organization/"}]}`,
		`{"resourceType":"CarePlan","id":"","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Care Plan for .<br/>Activities: <ul></ul></div>"},"status":"active","intent":"order","category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/careplan-category","code":"assess-plan"}]}],"careTeam":[{"reference":"CareTeam/"}],"addresses":[{"reference":"Condition/"}],"activity":[{"detail":{"code":` + coding("http://snomed.info/sct", "", "") + `,"status":"in-progress","location":{"display":""}}}]}`,
	}
}

func adjudications(hl7 string) string {
	var out []string
	for _, a := range [][2]string{{"line_coinsrnc_amt", "Line Beneficiary Coinsurance Amount"}, {"line_prvdr_pmt_amt", "Line Provider Payment Amount"}, {"line_sbmtd_chrg_amt", "Line Submitted Charge Amount"}, {"line_alowd_chrg_amt", "Line Allowed Charge Amount"}, {"line_bene_ptb_ddctbl_amt", "Line Beneficiary Part B Deductible Amount"}, {"line_prcsg_ind_cd", "Line Processing Indicator Code"}} {
		out = append(out, fmt.Sprintf(`{"category":{"coding":[{"system":"https://bluebutton.cms.gov/resources/codesystem/adjudication","code":"https://bluebutton.cms.gov/resources/variables/%s","display":%q}]},"amount":{"value":96.87,"currency":"USD"}}`, a[0], a[1]))
	}
	return strings.Join(out, ",")
}
