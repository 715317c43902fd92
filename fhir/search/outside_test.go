package search_test

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rapport/fhir/search"
)

// deviates says whether we answer a case of Microsoft's otherwise, on purpose.
func deviates(query string) bool {
	switch query {
	case "date=1980-05", "date=1980-05-11":
		return true // R4: the range asked for must contain the resource's; theirs overlaps
	}
	// Facets keep whole seconds: a question about a part of one is about the whole.
	return strings.HasPrefix(query, "date=") && strings.Contains(query, ".")
}

// suite is some resources of one type and what must be found among them.
type suite struct {
	Name, Type string
	Fixtures   []json.RawMessage
	Cases      []struct {
		Query, Type string
		Expect      []int
		ExpectError any
	}
}

// literal is the cases' own note of a decimal's digits.
var literal = regexp.MustCompile(`,\s*"_literal":\s*"[^"]*"`)

// TestMicrosoftsCases runs the search cases of github.com/microsoft/fhir-server
// (MIT), where they are.
func TestMicrosoftsCases(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../../shared/data/search/dev/ms-search-cases.json")
	if err != nil {
		t.Skip("the shared search cases are not here")
	}
	var all struct{ Suites []suite }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all.Suites {
		t.Run("by "+s.Name, func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}

func (s suite) run(t *testing.T) {
	var facets [][]byte
	for _, f := range s.Fixtures {
		facets = append(facets, facetOf(t, string(literal.ReplaceAll(f, nil))))
	}
	right := 0
	for _, c := range s.Cases {
		typ := s.Type
		if c.Type != "" {
			typ = c.Type
		}
		v, err := url.ParseQuery(c.Query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := search.Parse(typ, v)
		var got []int
		if err == nil {
			for i, f := range facets {
				if q.Match(f) {
					got = append(got, i)
				}
			}
		}
		slices.Sort(c.Expect)
		switch {
		case (err != nil) == (c.ExpectError != nil) && slices.Equal(got, c.Expect):
			right++
		case !deviates(c.Query):
			t.Errorf("%s: got %v (%v), want %v (%v)", c.Query, got, err, c.Expect, c.ExpectError)
		}
	}
	t.Logf("%d of %d as they are, the rest on purpose otherwise", right, len(s.Cases))
}
