package search_test

import (
	"net/url"
	"testing"

	"rapport/fhir"
	"rapport/fhir/search"
)

const bp = `{"resourceType":"Observation","id":"bp","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-03-05T10:00:00Z","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":142,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":91,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

func TestTry(t *testing.T) {
	d, err := fhir.Parse([]byte(bp))
	if err != nil {
		t.Fatal(err)
	}
	f := d.Facet(nil)
	t.Logf("%d bytes of %d: %q", len(f), len(bp), f)
	for s, want := range map[string]bool{
		"code=85354-9": true, "code=http://loinc.org|85354-9&date=ge2024-03-01": true, "date=2024-03": true, "date=lt2024-03-05": false,
		"component-code-value-quantity=8480-6$gt140": true, "component-code-value-quantity=8462-4$gt140": false,
		"combo-code-value-quantity=http://loinc.org|8480-6$gt140": true, "combo-code-value-quantity=8462-4$gt140": false,
		"patient=p1": true, "subject=Patient/p1": true, "subject=Patient/p2": false, "code:text=press": true, "status=final": true, "status:not=final": false,
		"value-quantity:missing=true": true, "_id=bp": true, "_id=bq": false, "encounter:missing=false": false,
	} {
		v, _ := url.ParseQuery(s)
		q, err := search.Parse("Observation", v)
		if err != nil {
			t.Error(s, err)
			continue
		}
		if q.Match(f) != want {
			t.Error(s, "got", !want)
		}
	}
}
