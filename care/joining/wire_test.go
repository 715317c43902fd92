package joining

import (
	"testing"

	"rapport/account"
	"rapport/fhir"
)

func TestANewPatientReadsAsWritten(t *testing.T) {
	t.Parallel()
	r := written(newcomer{ID: "p1", Given: "Zoë María", Family: "de la Cruz", Birth: "2001-02-03", Phone: "+34 600", Mail: "z@home.example", Language: "es"})
	p, err := fhir.ReadPatient(r.JSON)
	if err != nil {
		t.Fatal(err)
	}
	n := p.Name()
	if p.ID != "p1" || p.BirthDate != "2001-02-03" || n == nil || n.Family != "de la Cruz" || len(n.Given) != 2 || n.Text != "Zoë María de la Cruz" || p.Language() != "es" || len(p.Telecoms) != 2 || !p.Active {
		t.Errorf("%+v", p)
	}
	bare, err := fhir.ReadPatient(written(newcomer{ID: "p2", Family: "Solo"}).JSON)
	if err != nil || bare.Name().Text != "Solo" || len(bare.Telecoms)+len(bare.Languages) != 0 {
		t.Errorf("%+v, %v", bare, err)
	}
}

// FuzzANewPatientIsWhole writes names as the form leaves them.
func FuzzANewPatientIsWhole(f *testing.F) {
	f.Add("Ada", "Nwosu")
	f.Add("\u202e\x00\"", "<b>\u2028")
	f.Fuzz(func(t *testing.T, given, family string) {
		n := newcomer{ID: "p", Given: account.CleanName(given), Family: account.CleanName(family), Birth: "1968-03-14", Phone: "07700", Language: "en"}
		if n.Given == "" && n.Family == "" {
			return // the form refuses it
		}
		if _, err := fhir.Parse(written(n).JSON); err != nil {
			t.Errorf("%q %q does not parse: %v", n.Given, n.Family, err)
		}
	})
}
