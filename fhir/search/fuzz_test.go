package search_test

import (
	"net/url"
	"testing"

	"rapport/errs"
	"rapport/fhir/search"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{"code=a|b,c&date=ge2024", "value-quantity=5.4|http://a|b", "code:text=a\\,b", "_sort=-date,_id&_count=3", "component-code-value-quantity=a$gt1", "subject:Patient=1", "_lastUpdated=2024-01-01T10:00"} {
		f.Add(s)
	}
	facet := facetOf(f, pressure)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		q, err := search.Parse("Observation", v)
		if err != nil {
			if !errs.Is(err, errs.Invalid) {
				t.Fatalf("%v is not invalid", err)
			}
			return
		}
		q.Match(facet)
		q.MatchAt(facet, 1)
		if q.Compare(facet, facet) != 0 {
			t.Fatal("a facet differs from itself")
		}
	})
}
