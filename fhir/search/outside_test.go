package search_test

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/fhir/search"
)

// deviations are the cases of Microsoft's suite we answer otherwise, and why.
var deviations = map[string]string{
	"date=1980-05":             "R4: the range asked for must contain the resource's; theirs overlaps",
	"date=1980-05-11":          "R4: the range asked for must contain the resource's; theirs overlaps",
	"date=1980-05-16T16:32:15": "R4: the range asked for must contain the resource's; theirs overlaps",
}

// deviates says whether we answer a query otherwise on purpose. Facets keep whole
// seconds, so that a question about a part of one is about the whole.
func deviates(query string) bool {
	return deviations[query] != "" || strings.HasPrefix(query, "date=") && strings.Contains(query, ".")
}

// literal is the cases' own note of a decimal's digits.
var literal = regexp.MustCompile(`,\s*"_literal":\s*"[^"]*"`)

// TestMicrosoftsCases runs the search cases of github.com/microsoft/fhir-server
// (MIT), where they are: fixtures, a query, and which fixtures must match.
func TestMicrosoftsCases(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../../shared/data/search/dev/ms-search-cases.json")
	if err != nil {
		t.Skip("the shared search cases are not here")
	}
	var all struct {
		Suites []struct {
			Name, Type string
			Fixtures   []json.RawMessage
			Cases      []struct {
				Query, Type string
				Expect      []int
				ExpectError any
			}
		}
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all.Suites {
		var facets [][]byte
		for i, f := range s.Fixtures {
			d, err := fhir.Parse(literal.ReplaceAll(f, nil))
			if err != nil {
				t.Fatalf("%s %d: %v", s.Name, i, d.Issues())
			}
			facets = append(facets, d.Facet(nil))
		}
		right := 0
		for _, c := range s.Cases {
			typ, query := s.Type, c.Query
			if c.Type != "" {
				typ = c.Type
			}
			if t2, q, ok := strings.Cut(query, "?"); ok && !strings.Contains(t2, "=") {
				typ, query = t2, q
			}
			v, err := url.ParseQuery(query)
			if err != nil {
				t.Errorf("%s: %v", c.Query, err)
				continue
			}
			q, err := search.Parse(typ, v)
			if (err != nil) != (c.ExpectError != nil) {
				if !deviates(c.Query) {
					t.Errorf("%s %s: got error %v, want %v", s.Name, c.Query, err, c.ExpectError)
				}
				continue
			}
			if err != nil {
				right++
				continue
			}
			var got []int
			for i, f := range facets {
				if q.Match(f) {
					got = append(got, i)
				}
			}
			slices.Sort(c.Expect)
			if slices.Equal(got, c.Expect) {
				right++
			} else if !deviates(c.Query) {
				t.Errorf("%s %s: got %v, want %v", s.Name, c.Query, got, c.Expect)
			}
		}
		t.Logf("%s: %d of %d", s.Name, right, len(s.Cases))
	}
}
