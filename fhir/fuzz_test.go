package fhir_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/fhir/search"
)

func seed(f *testing.F) {
	f.Add(load(f, "observation.json"))
	f.Add(load(f, "patient.json"))
	for _, s := range []string{
		`{"resourceType":"Patient","gender":"m\u0061le","name":[{"given":["a",null],"_given":[null,{"id":"x"}]}]}`,
		`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Basic","code":{"text":"a"}}}]}`,
		`{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationReference":{"reference":"#a"},"subject":{"reference":"Patient/1"},"dosageInstruction":[{"timing":{"event":["2024"]}}]}`,
		`{"resourceType":"Condition","subject":{"reference":"Patient/1"},"onsetRange":{"low":{"value":1e3}}}`,
		`{"resourceType":"Communication","status":"completed","payload":[{"contentString":"\ud83d\ude00"}]}`,
		`{"resourceType":"Appointment","status":"booked","participant":[{"actor":{"reference":"Patient/1"},"status":"accepted"}]}`,
	} {
		f.Add([]byte(s))
	}
}

func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := fhir.Parse(b)
		if err != nil {
			if len(d.Issues()) == 0 {
				t.Fatal("an error without an issue")
			}
			for _, i := range d.Issues() {
				_ = i.String()
			}
			return
		}
		if !json.Valid(b) {
			t.Fatal("what is not JSON was taken")
		}
		var std bytes.Buffer
		if err := json.Compact(&std, b); err != nil || !bytes.Equal(std.Bytes(), d.Compact()) {
			t.Fatalf("compacted to %s, want %s", d.Compact(), std.Bytes())
		}
		same := d.Rewrite(func(r string) (string, bool) { return r, true })
		if _, err := fhir.Parse(same); err != nil {
			t.Fatalf("rewritten to what does not parse: %v", err)
		}
		if d.Type() != "Bundle" || d.ID() == "" {
			other, err := fhir.Parse(fhir.WithID(b, "new-1"))
			if err != nil || other.ID() != "new-1" {
				t.Fatalf("with an id: %v", err)
			}
		}
		fhir.Compartment(d)
		for n := range d.Root().Children() {
			_, _, _ = n.Str(), n.Raw(), n.Time()
		}
	})
}

func FuzzFacetAndMatch(f *testing.F) {
	seed(f)
	var queries []*search.Query
	for _, typ := range []string{"Observation", "Patient", "Condition", "MedicationRequest", "Bundle"} {
		for _, p := range fhir.Params(typ) {
			v := map[fhir.ParamKind]string{fhir.TokenParam: "http://loinc.org|a", fhir.StringParam: "a", fhir.ReferenceParam: "Patient/1", fhir.DateParam: "ge2024",
				fhir.NumberParam: "1", fhir.QuantityParam: "gt1||mg", fhir.URIParam: "http://a", fhir.CompositeParam: "a$1"}[p.Kind]
			q, err := search.Parse(typ, url.Values{p.Code: {v}, "_sort": {"_id"}})
			if err != nil {
				continue // a composite of other kinds
			}
			queries = append(queries, q)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, q := range queries { // the bytes as a facet
			q.Match(b)
			q.Compare(b, b)
		}
		_, _, _ = fhir.FacetID(b), fhir.FacetHash(b), fhir.FacetType(b)
		d, err := fhir.Parse(b)
		if err != nil {
			return
		}
		facet := d.Facet(nil)
		if fhir.FacetID(facet) != d.ID() || fhir.FacetType(facet) != d.Type() {
			t.Fatalf("the facet is of %s %s", fhir.FacetType(facet), fhir.FacetID(facet))
		}
		for _, q := range queries {
			if q.Match(facet) && q.Type() != d.Type() {
				t.Fatal("a facet of another type matches")
			}
		}
		for cut := range facet {
			queries[cut%len(queries)].Match(facet[:cut])
		}
	})
}

// views reads a resource as every view there is.
func views(b []byte) map[string]error {
	out := map[string]error{}
	for typ, read := range map[string]func([]byte) error{
		"Patient": func(b []byte) error { _, err := fhir.ReadPatient(b); return err }, "Practitioner": func(b []byte) error { _, err := fhir.ReadPractitioner(b); return err },
		"Condition": func(b []byte) error { _, err := fhir.ReadCondition(b); return err }, "AllergyIntolerance": func(b []byte) error { _, err := fhir.ReadAllergyIntolerance(b); return err },
		"MedicationRequest": func(b []byte) error { _, err := fhir.ReadMedicationRequest(b); return err }, "MedicationStatement": func(b []byte) error { _, err := fhir.ReadMedicationStatement(b); return err },
		"Immunization": func(b []byte) error { _, err := fhir.ReadImmunization(b); return err }, "Procedure": func(b []byte) error { _, err := fhir.ReadProcedure(b); return err },
		"Observation": func(b []byte) error { _, err := fhir.ReadObservation(b); return err }, "DiagnosticReport": func(b []byte) error { _, err := fhir.ReadDiagnosticReport(b); return err },
		"DocumentReference": func(b []byte) error { _, err := fhir.ReadDocumentReference(b); return err }, "Encounter": func(b []byte) error { _, err := fhir.ReadEncounter(b); return err },
		"Appointment": func(b []byte) error { _, err := fhir.ReadAppointment(b); return err }, "CarePlan": func(b []byte) error { _, err := fhir.ReadCarePlan(b); return err },
		"Communication": func(b []byte) error { _, err := fhir.ReadCommunication(b); return err },
	} {
		out[typ] = read(b)
	}
	return out
}

func FuzzViews(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		got := views(b)
		d, err := fhir.Parse(b)
		for typ, e := range got {
			if want := err == nil && d.Type() == typ; want != (e == nil) {
				t.Fatalf("as a %s: %v", typ, e)
			}
		}
	})
}

// TestErrorsDoNotRepeatContent puts a mark in place of each text of the
// fixtures, names included, and looks for it in what is reported.
func TestErrorsDoNotRepeatContent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"observation.json", "patient.json"} {
		b := string(load(t, name))
		for from := 0; ; {
			i := strings.IndexByte(b[from:], '"')
			if i < 0 {
				break
			}
			a := from + i + 1
			j := strings.IndexByte(b[a:], '"')
			from = a + j + 1
			for _, mark := range []string{marked, "a b" + marked, marked + "\x01"} {
				d, err := fhir.Parse([]byte(b[:a] + mark + b[a+j:]))
				if err == nil {
					continue
				}
				for _, i := range d.Issues() {
					if strings.Contains(i.String()+i.Code+err.Error(), marked) {
						t.Fatalf("an issue repeats content: %s", i)
					}
				}
			}
		}
	}
}
