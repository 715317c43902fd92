package search_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/search"
)

func facetOf(tb testing.TB, json string) []byte {
	tb.Helper()
	d, err := fhir.Parse([]byte(json))
	if err != nil {
		tb.Fatal(d.Issues())
	}
	return d.Facet(nil)
}

func parse(tb testing.TB, typ, query string) *search.Query {
	tb.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		tb.Fatal(err)
	}
	q, err := search.Parse(typ, v)
	if err != nil {
		tb.Fatal(query, err)
	}
	return q
}

// matches checks queries against one resource: those that must match and those
// that must not.
func matches(t *testing.T, json string, yes, no []string) {
	t.Helper()
	f := facetOf(t, json)
	typ := fhir.FacetType(f)
	for _, s := range yes {
		if !parse(t, typ, s).Match(f) {
			t.Errorf("%s does not match", s)
		}
	}
	for _, s := range no {
		if parse(t, typ, s).Match(f) {
			t.Errorf("%s matches", s)
		}
	}
}

const pressure = `{"resourceType":"Observation","id":"bp","status":"final",
	"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
	"code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel"},{"system":"https://x.example/c","code":"bp,1"}],"text":"Tensión arterial"},
	"subject":{"reference":"Patient/8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11"},"encounter":{"reference":"https://other.example/Encounter/e1"},
	"effectiveDateTime":"2024-03-05T10:00:30Z","method":{"coding":[{"code":"none"}]},
	"performer":[{"display":"somebody"},{"identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"123"}}],
	"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":142,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
	{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":91,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

func TestTokens(t *testing.T) {
	t.Parallel()
	matches(t, pressure, []string{
		"code=85354-9", "code=http://loinc.org|85354-9", "code=http://loinc.org|", "code=x,85354-9", "code=https://x.example/c|bp\\,1", "method=|none",
		"status=final", "status=http://hl7.org/fhir/observation-status|final", "status:not=amended", "value-concept:not=x", "code=85354-9&status=final",
		"code:text=blood", "code:text=PRESS", "code:text=tension", "code:text=arterial", "category=vital-signs", "_id=bp", "_id=x,bp",
	}, []string{
		"code=85354-8", "code=http://snomed.info/sct|85354-9", "code=|85354-9", "code=https://y.example/c|bp\\,1", "code=bp,1x", "status=|final", "status=Final",
		"status:not=final", "code:not=x,85354-9", "code=85354-9&status=amended", "code:text=ressure", "method:text=none", "_id=b", "_id=bp&_id=x",
	})
	matches(t, `{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:oid:1.2","value":"A|1"}],"active":true,"telecom":[{"system":"phone","value":"555"},{"system":"email","value":"a@b.example"}],"deceasedDateTime":"2020"}`,
		[]string{"identifier=urn:oid:1.2|A\\|1", "identifier=A\\|1", "active=true", "phone=555", "email=a@b.example", "telecom=555", "deceased=true"},
		[]string{"identifier=urn:oid:1.3|A\\|1", "active=false", "phone=a@b.example", "email=555", "deceased=false"})
	matches(t, `{"resourceType":"Patient","id":"p"}`, []string{"deceased=false", "gender:missing=true", "gender:not=male"}, []string{"deceased=true", "gender:missing=false"})
}

func TestDates(t *testing.T) {
	t.Parallel()
	matches(t, pressure, []string{
		"date=2024", "date=2024-03", "date=2024-03-05", "date=2024-03-05T10:00:30Z", "date=2024-03-05T10:00Z", "date=2024-03-05T11:00:30%2B01:00", "date=2024-03-05T11:00:30 01:00",
		"date=ge2024-03-05", "date=le2024-03-05", "date=gt2024-03-04", "date=lt2024-03-06", "date=sa2024-03-04", "date=eb2024-03-06", "date=ne2024-03-06", "date=ap2024-03-05",
		"date=ge2024-01-01&date=lt2025-01-01", "date=2023,2024",
	}, []string{
		"date=2023", "date=2024-03-05T10:01Z", "date=gt2024-03-05", "date=lt2024-03-05", "date=sa2024-03-05", "date=eb2024-03-05", "date=ne2024-03-05", "date=ap2023", "date=ge2024-01-01&date=lt2024-02-01",
	})
	matches(t, `{"resourceType":"Encounter","id":"e","status":"in-progress","class":{"code":"AMB"},"period":{"start":"2024-03-05"}}`,
		[]string{"date=ge2024-03-05", "date=gt2030", "date=sa2024-03-04", "date=ap2026"}, []string{"date=2024", "date=lt2024-03-05", "date=eb2030"})
	matches(t, `{"resourceType":"ServiceRequest","id":"s","status":"active","intent":"order","subject":{"reference":"Patient/p"},"occurrenceTiming":{"event":["2024-03-05","2024-03-07"]}}`,
		[]string{"occurrence=2024-03", "occurrence=ge2024-03-06"}, []string{"occurrence=2024-03-06", "occurrence=sa2024-03-05"})
}

func TestStrings(t *testing.T) {
	t.Parallel()
	matches(t, `{"resourceType":"Patient","id":"p","name":[{"family":"Nuñez-Łuk","given":["Zoë","Ｊoy"]},{"text":"Straße 5, Ångström"}],"address":[{"line":["1 Elm Rd"],"city":"A\u0308ngelholm"}]}`,
		[]string{"name=nunez", "name=NUÑ", "family=nunez-luk", "given=zoe", "given=Zoë", "name:contains=uk", "name=strasse", "name:contains=angstrom", "family:exact=Nuñez-Łuk", "address=1 elm", "address-city=angel", "address-city=ängel", "name:contains=5\\,"},
		[]string{"name=unez", "family:exact=nuñez-łuk", "family:exact=Nuñez", "given=zoey", "name:contains=xyz", "family=zoe", "address-city=elm"})
}

func TestNumbersAndQuantities(t *testing.T) {
	t.Parallel()
	obs := func(q string) string {
		return `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},"valueQuantity":` + q + `}`
	}
	matches(t, obs(`{"value":5.40,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}`),
		[]string{"value-quantity=5.4", "value-quantity=5", "value-quantity=5.40|http://unitsofmeasure.org|mg", "value-quantity=5.4||mg", "value-quantity=gt5.3", "value-quantity=lt5.41", "value-quantity=ge5.4", "value-quantity=le5.4", "value-quantity=ne5.5", "value-quantity=ap5.8", "value-quantity=540e-2", "value-quantity=sa5", "value-quantity=eb6"},
		[]string{"value-quantity=5.5", "value-quantity=5.41", "value-quantity=5.4|http://unitsofmeasure.org|kg", "value-quantity=5.4|http://x|mg", "value-quantity=5.4||kg", "value-quantity=gt5.4", "value-quantity=lt5.4", "value-quantity=ap6.1", "value-quantity=sa5.4"})
	matches(t, obs(`{"value":5,"comparator":"<","unit":"mg"}`), []string{"value-quantity=lt5", "value-quantity=lt3", "value-quantity=le1", "value-quantity=lt1||mg"}, []string{"value-quantity=5", "value-quantity=gt5", "value-quantity=ge5"})
	matches(t, obs(`{"value":5,"comparator":">="}`), []string{"value-quantity=gt100", "value-quantity=ge5"}, []string{"value-quantity=lt5", "value-quantity=5"})
	matches(t, `{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"onsetRange":{"low":{"value":40,"code":"a"},"high":{"value":49,"code":"a"}}}`,
		[]string{"onset-age=gt45", "onset-age=lt45", "onset-age=ge49", "onset-age=gt30||a"}, []string{"onset-age=gt49", "onset-age=lt40", "onset-age=45"})
	matches(t, `{"resourceType":"RiskAssessment","id":"r","status":"final","subject":{"reference":"Patient/p"},"prediction":[{"probabilityDecimal":0.25}]}`,
		[]string{"probability=0.25", "probability=gt0.2"}, []string{"probability=0.2", "probability=0.24", "probability=gt0.25"})
}

func TestReferencesAndURIs(t *testing.T) {
	t.Parallel()
	matches(t, pressure, []string{
		"patient=8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11", "subject=Patient/8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11", "subject:Patient=8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11",
		"encounter=https://other.example/Encounter/e1", "performer:identifier=http://hl7.org/fhir/sid/us-npi|123", "performer:missing=false", "subject=x,Patient/8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11",
	}, []string{
		"patient=8c1f3c1e", "subject=Group/8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11", "subject:Group=8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11", "encounter=e1", "encounter=Encounter/e1", "performer=123", "performer:identifier=http://x|123", "device:missing=false",
	})
	matches(t, `{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","questionnaire":"https://x.example/q|2","meta":{"profile":["https://x.example/p"]}}`,
		[]string{"questionnaire=https://x.example/q", "questionnaire=https://x.example/q|2", "_profile=https://x.example/p", "_profile:below=https://x.example"}, []string{"questionnaire=https://x.example/q|1", "questionnaire=https://x.example/", "_profile=https://x.example", "_profile:below=https://x.exam"})
}

func TestComposites(t *testing.T) {
	t.Parallel()
	matches(t, pressure, []string{
		"component-code-value-quantity=8480-6$gt140", "combo-code-value-quantity=http://loinc.org|8480-6$142||mm[Hg]", "component-code-value-quantity=8480-6$gt200,8462-4$lt95",
	}, []string{
		"component-code-value-quantity=8462-4$gt140", "combo-code-value-quantity=8462-4$142", "combo-code-value-quantity=85354-9$142", "code-value-quantity=85354-9$gt1",
	})
	matches(t, `{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"code":"w"}]},"valueQuantity":{"value":80}}`,
		[]string{"code-value-quantity=w$80", "combo-code-value-quantity=w$gt70"}, []string{"code-value-quantity=w$81", "code-value-quantity=x$80", "component-code-value-quantity=w$80"})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typ, query, want string }{
		{"Nothing", "", "no such resource type"},
		{"Patient", "general-practitioner.name=a", "chained parameters are not supported"},
		{"Patient", "organization:Organization.name=a", "chained parameters are not supported"},
		{"Patient", "_has:Observation:patient:code=a", "_has is not supported"},
		{"Patient", "_include=Patient:organization", "_include is not supported"},
		{"Patient", "_revinclude:iterate=x", "_revinclude is not supported"},
		{"Patient", "SECRET=a", "Patient has no parameter of that name"},
		{"Patient", "_format=json", "Patient has no parameter of that name"},
		{"Patient", "value-quantity=1", "Patient has no parameter value-quantity"},
		{"Patient", "name:SECRET=a", "name does not take that modifier"},
		{"Patient", "name:=a", "a modifier is missing"},
		{"Patient", "name:not=a", "name does not take that modifier"},
		{"Patient", "gender:exact=a", "gender does not take that modifier"},
		{"Patient", "gender:in=http://a", "gender does not take that modifier"},
		{"Patient", "birthdate:missing=SECRET", "birthdate:missing must be true or false"},
		{"Patient", "birthdate=SECRET", "not a value for birthdate"},
		{"Patient", "birthdate=xx2020", "not a value for birthdate"},
		{"Patient", "birthdate=2020-02-30", "not a value for birthdate"},
		{"Patient", "name=", "not a value for name"},
		{"Patient", "name=a,", "not a value for name"},
		{"Patient", "_count=0", "_count must be a number from 1"},
		{"Patient", "_count=x", "_count must be a number from 1"},
		{"Patient", "_sort=SECRET", "Patient cannot be sorted by that"},
		{"Patient", "_lastUpdated=SECRET", "not a value for _lastUpdated"},
		{"Patient", "_id:not=a", "Patient has no parameter"},
		{"Patient", "general-practitioner:Patient=Practitioner/1", "general-practitioner names two types"},
		{"Observation", "value-quantity=SECRET", "not a value for value-quantity"},
		{"Observation", "value-quantity=1|2|3|4", "not a value for value-quantity"},
		{"Observation", "value-quantity=1e", "not a value for value-quantity"},
		{"Observation", "code-value-quantity=a", "not a value for code-value-quantity"},
		{"Observation", "code-value-quantity=a$b", "not a value for code-value-quantity"},
		{"Observation", "code-value-quantity:missing=true", "code-value-quantity does not take that modifier"},
		{"Location", "near=1|2", "Location has no parameter of that name"},
		{"Patient", "name=" + strings.Repeat("a,", 1000) + "a", "too many values for name"},
		{"Patient", strings.Repeat("name=a&", 65), "more than 64 conditions"},
	} {
		v, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = search.Parse(c.typ, v)
		if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: got %v, want %s", c.query, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%.60s: the error repeats what was asked: %v", c.query, err)
		}
	}
}

func TestOtherTypesAndDeletedResourcesNeverMatch(t *testing.T) {
	t.Parallel()
	q := parse(t, "Patient", "gender:missing=true")
	for _, f := range [][]byte{nil, {0}, facetOf(t, pressure), fhir.GoneFacet(nil, "p")} {
		if q.Match(f) {
			t.Errorf("%q matches", f)
		}
	}
}

func TestLastUpdatedIsGivenWhenMatching(t *testing.T) {
	t.Parallel()
	f := facetOf(t, pressure)
	at := time.Date(2024, 5, 1, 12, 0, 0, 999, time.UTC).UnixMilli()
	q := parse(t, "Observation", "_lastUpdated=ge2024-05-01&status=final")
	if !q.NeedsTime() || q.Match(f) {
		t.Error("a query about time matched without one")
	}
	if !q.MatchAt(f, at) || q.MatchAt(f, at-24*3600*1000) {
		t.Error("the time was not compared")
	}
	if parse(t, "Observation", "status=final").NeedsTime() || !parse(t, "Observation", "_sort=-_lastUpdated").NeedsTime() {
		t.Error("who needs a time is told wrongly")
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	people := map[string][]byte{}
	for id, more := range map[string]string{
		"a": `"birthDate":"1990","name":[{"family":"Öberg"}],"gender":"male"`,
		"b": `"birthDate":"1980-05-01","name":[{"family":"olsen"},{"family":"Adams"}],"gender":"female"`,
		"c": `"name":[{"family":"Zed"}],"gender":"male"`,
		"d": `"birthDate":"1980"`,
	} {
		people[id] = facetOf(t, `{"resourceType":"Patient","id":"`+id+`",`+more+`}`)
	}
	for query, want := range map[string]string{
		"_sort=_id": "abcd", "_sort=-_id": "dcba", "_sort=birthdate,_id": "dbac", "_sort=-birthdate,_id": "adbc", "_sort=family,_id": "bacd", "_sort=-family,_id": "cbad",
		"_sort=gender,-_id": "bcad", "": "abcd",
	} {
		q := parse(t, "Patient", query)
		ids := []string{"a", "b", "c", "d"}
		slices.SortStableFunc(ids, func(x, y string) int { return q.Compare(people[x], people[y]) })
		if diff := cmp.Diff(want, strings.Join(ids, "")); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	if got := parse(t, "Patient", "_count=20").Count(); got != 20 {
		t.Errorf("got a count of %d", got)
	}
	q := parse(t, "Patient", "_sort=-_lastUpdated")
	if q.CompareAt(people["a"], people["b"], 1, 2) <= 0 || q.CompareAt(people["a"], people["b"], 2, 2) != 0 {
		t.Error("times are not compared")
	}
}

// chart is a thousand facets of one person's observations.
func chart(tb testing.TB) [][]byte {
	tb.Helper()
	var out [][]byte
	for i := range 1000 {
		code := []string{"8480-6", "8867-4", "29463-7", "85354-9"}[i%4]
		at := time.Date(2020, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(time.RFC3339)
		out = append(out, facetOf(tb, strings.NewReplacer("85354-9", code, "2024-03-05T10:00:30Z", at).Replace(pressure)))
	}
	return out
}

// Not parallel: the count is of the whole process.
func TestMatchDoesNotAllocate(t *testing.T) {
	facets := chart(t)
	for _, s := range []string{"code=http://loinc.org|85354-9&date=ge2022-01-01", "code:text=blood&component-code-value-quantity=8480-6$gt140", "subject=Patient/x", "combo-value-quantity=gt100||mm[Hg]"} {
		q := parse(t, "Observation", s+"&_sort=-date,code")
		if n := testing.AllocsPerRun(10, func() {
			for i, f := range facets {
				q.Match(f)
				q.Compare(f, facets[len(facets)-1-i])
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", s, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	facets := chart(b)
	for _, s := range []string{"code=http://loinc.org|85354-9&date=ge2022-01-01", "code:text=blood", "component-code-value-quantity=8480-6$gt140", "patient=x"} {
		b.Run(s, func(b *testing.B) {
			q := parse(b, "Observation", s)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for _, f := range facets {
					if q.Match(f) {
						n++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/facet")
		})
	}
}
