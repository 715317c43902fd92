package fhir

import "testing"

func TestALabelClosesUnlessItIsAnOrdinaryOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		security string
		want     bool
	}{
		{``, false},
		{`"security":[]`, false},
		{`"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"N"}]`, false},
		{`"security":[{"code":"L"},{"code":"M"}]`, false},
		{`"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]`, true},
		{`"security":[{"code":"N"},{"code":"V"}]`, true},
		{`"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"SEX"}]`, true},
		{`"security":[{"system":"https://elsewhere.example","code":"odd"}]`, true},
		{`"security":[{"system":"https://elsewhere.example","code":"N"}]`, true},
		{`"security":[{"system":"http://hl7.org/fhir/v3/Confidentiality","code":"N"}]`, false},
		{`"security":[{"system":"urn:oid:2.16.840.1.113883.5.25","code":"M"}]`, false},
		{`"security":[{"display":"only words"}]`, true},
		{`"security":[{"code":"n"}]`, true},
		{`"tag":[{"code":"R"}]`, false},
	} {
		for _, typ := range []string{"Observation", "Condition", "Appointment", "Communication", "DocumentReference", "MedicationRequest"} {
			doc, err := Parse([]byte(`{"resourceType":"` + typ + `","id":"a","meta":{` + c.security + `}}`))
			if doc == nil {
				t.Fatalf("%s %s: %v", typ, c.security, err)
			}
			if got := FacetPrivate(doc.Facet(nil)); got != c.want {
				t.Errorf("%s with meta{%s}: private is %v, want %v", typ, c.security, got, c.want)
			}
		}
	}
	for security, want := range map[string]bool{`"tag":[{"code":"R"}]`: false, `"security":[{"code":"N"}]`: false, `"security":[{"code":"R"}]`: true} {
		if got := Private([]byte(`{"resourceType":"Patient","id":"a","meta":{` + security + `}}`)); got != want {
			t.Errorf("a Patient with meta{%s}: private is %v, want %v", security, got, want)
		}
	}
	if FacetPrivate(GoneFacet(nil, "a")) || FacetPrivate(nil) {
		t.Error("a facet without values is private")
	}
	if !Private([]byte("{")) {
		t.Error("what cannot be read is open")
	}
}
