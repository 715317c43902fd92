package record

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
	"rapport/record/internal/alike"
)

func TestWhatIsComparedOfAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of   fhir.Resource
		want alike.Person
	}{
		"nothing": {resource("Patient", "p", `"active":true`), alike.Person{}},
		"all": {resource("Patient", "p", `"name":[{"use":"maiden","family":"Brunner","given":["Ruth"]},{"use":"official","family":"Keller","given":["Ruth","Anna"]}],
			"birthDate":"1944-04","gender":"female","telecom":[{"system":"phone","value":"079 1"},{"system":"phone","use":"old","value":"079 2"},{"system":"email","value":"r@mail.example"}],
			"address":[{"use":"old","line":["1 Away"],"city":"Lorca"},{"use":"temp","city":"Ashford"},{"line":["18 Station Road","Flat 2"],"city":"Baden","postalCode":"5400"},{"use":"work","city":"Zug"},{"city":"Later"}],
			"identifier":[{"system":"urn:mrn","value":"A|1"},{"use":"old","system":"urn:mrn","value":"A2"},{"value":"3"},{"system":"urn:x"}]`),
			alike.Person{Given: "Ruth Anna", Family: "Keller", Birth: "1944-04", Gender: "female", Street: "18 Station Road Flat 2", City: "Baden", Postcode: "5400",
				Phones: []string{"079 1"}, Mails: []string{"r@mail.example"}, Numbers: []string{"urn:mrn|A|1"}}},
		"home first":      {resource("Patient", "p", `"address":[{"city":"Ashford"},{"use":"home","city":"Baden"},{"use":"home","city":"Lorca"}]`), alike.Person{City: "Baden"}},
		"a name in whole": {resource("Patient", "p", `"name":[{"text":"Ruth Anna Keller"}]`), alike.Person{Given: "Ruth Anna", Family: "Keller"}},
		"with a comma":    {resource("Patient", "p", `"name":[{"text":"van Dyk, Ruth"}]`), alike.Person{Given: "Ruth", Family: "van Dyk"}},
		"one word":        {resource("Patient", "p", `"name":[{"text":"Olenka"}]`), alike.Person{Given: "Olenka"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := fhir.Parse(c.of.JSON)
			do(t, err)
			got := readCard("", doc).compared()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if v := alike.Compare(got, got); name == "all" && v.Score != 100 {
				t.Errorf("who is kept is like themselves by %d", v.Score)
			}
		})
	}
}
