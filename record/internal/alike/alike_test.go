package alike

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ruth is somebody of whom everything is known.
var ruth = Person{Given: "Ruth Anna", Family: "Keller", Birth: "1944-04-17", Gender: "female", Street: "18 Station Road", City: "Millbrook", Postcode: "5400",
	Phones: []string{"+41 79 000 11 22"}, Mails: []string{"ruth@mail.example"}, Numbers: []string{"urn:mrn|A-4471", "urn:ssn|440414123"}}

func but(p Person, change func(*Person)) Person {
	change(&p)
	return p
}

func codes(v Verdict) string {
	var out []string
	for _, r := range v.Reasons {
		out = append(out, r.String())
	}
	return strings.Join(out, " ")
}

func TestEveryReasonIsGivenForWhatItSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b Person
		want string
	}{
		{"nothing known", Person{}, Person{}, ""},
		{"nothing in common to compare", Person{Given: "Ruth"}, Person{Family: "Keller"}, ""},
		{"everything", ruth, ruth, "same-number same-birth same-given same-family same-address same-phone same-mail"},
		{"one number of two", Person{Numbers: []string{"a|123", "b|77"}}, Person{Numbers: []string{"b|77", "a|999"}}, "same-number"},
		{"number written otherwise", Person{Numbers: []string{"a|12-34 x"}}, Person{Numbers: []string{"a|1234X"}}, "same-number"},
		{"another system", Person{Numbers: []string{"a|123"}}, Person{Numbers: []string{"b|123"}}, ""},
		{"another number", Person{Numbers: []string{"a|123456"}}, Person{Numbers: []string{"a|987654"}}, "different-number"},
		{"a number a slip away", Person{Numbers: []string{"a|123456"}}, Person{Numbers: []string{"a|123465"}}, "number-slip"},
		{"short numbers a slip away", Person{Numbers: []string{"a|123"}}, Person{Numbers: []string{"a|124"}}, "different-number"},
		{"a number that is none", Person{Numbers: []string{"a|000-00-0000", "a|", "|77"}}, Person{Numbers: []string{"a|000000000", "a|", "|77"}}, ""},
		{"birth", Person{Birth: "1980-02-03"}, Person{Birth: "1980-02-03"}, "same-birth"},
		{"day and month exchanged", Person{Birth: "1980-02-03"}, Person{Birth: "1980-03-02"}, "birth-slip"},
		{"one digit wrong", Person{Birth: "1980-02-03"}, Person{Birth: "1980-02-08"}, "birth-slip"},
		{"two digits exchanged", Person{Birth: "1980-02-13"}, Person{Birth: "1980-02-31"}, "birth-slip"},
		{"a generation apart", Person{Birth: "1950-03-12"}, Person{Birth: "1980-03-12"}, "different-birth"},
		{"two digits wrong", Person{Birth: "1980-02-03"}, Person{Birth: "1980-02-19"}, "different-birth"},
		{"year known", Person{Birth: "1980"}, Person{Birth: "1980-02-19"}, "birth-partly"},
		{"month known", Person{Birth: "1980-02"}, Person{Birth: "1980-02-19"}, "birth-partly"},
		{"another month", Person{Birth: "1980-03"}, Person{Birth: "1980-02-19"}, "different-birth"},
		{"1 January", Person{Birth: "1980-01-01"}, Person{Birth: "1980-01-01"}, "birth-partly"},
		{"1 January and another day", Person{Birth: "1980-01-01"}, Person{Birth: "1980-07-12"}, "birth-partly"},
		{"no date", Person{Birth: "12/07/1980"}, Person{Birth: "12/07/1980"}, ""},
		{"gender", Person{Gender: "male"}, Person{Gender: "female"}, "different-gender"},
		{"gender not said", Person{Gender: "unknown"}, Person{Gender: "female"}, ""},
		{"marks and case", Person{Given: "ÉTIENNE", Family: "Weiß"}, Person{Given: "Etienne", Family: "WEISS"}, "same-given same-family"},
		{"given a slip away", Person{Given: "Kayla"}, Person{Given: "Kayal"}, "given-near"},
		{"given shortened", Person{Given: "Alexandra"}, Person{Given: "Alex"}, "given-near"},
		{"given with another", Person{Given: "Anne Marie"}, Person{Given: "Anne"}, "same-given"},
		{"second given only", Person{Given: "Anne Marie"}, Person{Given: "Marie"}, "given-near"},
		{"given in another order", Person{Given: "Anne Marie"}, Person{Given: "Marie Anne"}, "given-near"},
		{"given in one word", Person{Given: "Anne-Marie"}, Person{Given: "Annemarie"}, "same-given"},
		{"initial", Person{Given: "T."}, Person{Given: "Thomas"}, "given-initial"},
		{"initials", Person{Given: "T."}, Person{Given: "T"}, "given-initial"},
		{"middle initial", Person{Given: "Thomas A."}, Person{Given: "Thomas Alan"}, "same-given"},
		{"other middle initial", Person{Given: "Thomas A."}, Person{Given: "Thomas B."}, "different-given"},
		{"rhyming", Person{Given: "Jayden"}, Person{Given: "Kayden"}, "different-given"},
		{"a name of one character", Person{Given: "伟"}, Person{Given: "伟明"}, "different-given"},
		{"not named yet", Person{Given: "Baby", Family: "Novak"}, Person{Given: "Lucas", Family: "Novak"}, "same-family"},
		{"Paul and Paula", Person{Given: "Paul", Gender: "male"}, Person{Given: "Paula", Gender: "female"}, "different-gender different-given"},
		{"swapped", Person{Given: "Wei", Family: "Zhang"}, Person{Given: "Zhang", Family: "Wei"}, "names-swapped"},
		{"the initial of a family name", Person{Family: "K"}, Person{Family: "K Meyer"}, "different-family"},
		{"one name for both", Person{Given: "Ali", Family: "Ali"}, Person{Given: "Ali", Family: "Ali"}, "same-given same-family"},
		{"one name, in two places", Person{Given: "Wei", Family: "Zhang"}, Person{Given: "Wei", Family: "Wei"}, "same-given different-family"},
		{"half swapped", Person{Given: "Wei", Family: "Zhang"}, Person{Given: "Zhang", Family: "Kim"}, "different-given different-family"},
		{"family a slip away", Person{Family: "Sondergeld"}, Person{Family: "Sodnergeld"}, "family-near"},
		{"family with another", Person{Family: "Smith-Jones"}, Person{Family: "Jones"}, "family-near"},
		{"other family of one particle", Person{Family: "de la Cruz"}, Person{Family: "de la Torre"}, "different-family"},
		{"street shortened", Person{Street: "12 High St", City: "Ashford"}, Person{Street: "12 high street", City: "ASHFORD"}, "same-address"},
		{"street with the house's name", Person{Street: "12 High St, The Old Mill", City: "Ashford"}, Person{Street: "12 High St", City: "Ashford"}, "same-address"},
		{"street with two names of a house", Person{Street: "12 Long High St, Mill", City: "Ashford"}, Person{Street: "12 Long High St, Forge", City: "Ashford"}, "same-address"},
		{"little of a street", Person{Street: "12 Long High St, Forge Hill East", City: "Ashford"}, Person{Street: "12 Long High Rd, Upper Barn", City: "Ashford"}, ""},
		{"one word of a street", Person{Street: "12 Broadway", City: "Ashford"}, Person{Street: "12 Broadway Market Hall", City: "Ashford"}, ""},
		{"another street", Person{Street: "12 High St", City: "Ashford"}, Person{Street: "12 Mill St", City: "Ashford"}, ""},
		{"neighbours", Person{Street: "12 High St", City: "Ashford"}, Person{Street: "14 High St", City: "Ashford"}, "address-near"},
		{"High Street elsewhere", Person{Street: "12 High St", City: "Ashford"}, Person{Street: "12 High St", City: "Lorca"}, ""},
		{"High Street somewhere", Person{Street: "12 High St"}, Person{Street: "12 High St"}, ""},
		{"phone at home and abroad", Person{Phones: []string{"1234567", "+33 6 12 34 56 78"}}, Person{Phones: []string{"06.12.34.56.78"}}, "same-phone"},
		{"a phone that is none", Person{Phones: []string{"000 000 000", "112"}}, Person{Phones: []string{"000000000", "112"}}, ""},
		{"mail", Person{Mails: []string{" Ruth@Mail.example"}}, Person{Mails: []string{"ruth@mail.example"}}, "same-mail"},
		{"a mail that is none", Person{Mails: []string{"none"}}, Person{Mails: []string{"none"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := Compare(c.a, c.b)
			if got := codes(v); got != c.want {
				t.Errorf("said %q, want %q", got, c.want)
			}
			if diff := cmp.Diff(v, Compare(c.b, c.a)); diff != "" {
				t.Errorf("the other way round it differs: %s", diff)
			}
		})
	}
}

// TestWhoIsProposed is what the weights are for.
func TestWhoIsProposed(t *testing.T) {
	t.Parallel()
	twin := but(ruth, func(p *Person) { p.Given, p.Numbers = "Magdalena", nil })
	name := Person{Given: "Maria", Family: "Garcia", Gender: "female", City: "Millbrook", Postcode: "5012"}
	home := but(ruth, func(p *Person) { p.Birth, p.Numbers = "", nil })
	for _, c := range []struct {
		name        string
		a, b        Person
		least, most int
	}{
		{"the same", ruth, ruth, 100, 100},
		{"nobody", Person{}, Person{}, 0, 0},
		{"twins", ruth, twin, 0, Possible - 1},
		{"twins, no gender, initials differ", but(ruth, func(p *Person) { p.Given, p.Gender = "A", "" }), but(twin, func(p *Person) { p.Given = "B" }), 0, Possible - 1},
		{"twins with a name in common", but(ruth, func(p *Person) { p.Given = "María José" }), but(twin, func(p *Person) { p.Given = "María Luz" }), 0, Possible - 1},
		{"twins of two genders", ruth, but(twin, func(p *Person) { p.Gender = "male" }), 0, Possible - 1},
		{"father and son with one name", ruth, but(ruth, func(p *Person) { p.Birth, p.Numbers = "1970-11-02", nil }), 0, Possible - 1},
		{"father and son with one birthday", ruth, but(ruth, func(p *Person) { p.Birth, p.Numbers = "1974-04-17", nil }), 0, Possible - 1},
		{"husband and wife", ruth, but(ruth, func(p *Person) { p.Given, p.Birth, p.Gender, p.Numbers = "Karl", "1940-01-09", "male", nil }), 0, 20},
		{"a common name only", name, name, 0, Possible - 1},
		{"a common name and a year", but(name, func(p *Person) { p.Birth = "1980" }), but(name, func(p *Person) { p.Birth = "1980-05-05" }), 0, Possible - 1},
		{"a common name and 1 January", but(name, func(p *Person) { p.Birth = "1980-01-01" }), but(name, func(p *Person) { p.Birth = "1980-01-01" }), 0, Possible - 1},
		{"a number only", Person{Numbers: []string{"a|12345"}}, Person{Numbers: []string{"a|12345"}}, Possible, Likely - 1},
		{"a name and a household", home, home, Possible, Likely - 1},
		{"a name and a phone", but(name, func(p *Person) { p.Phones = ruth.Phones }), but(name, func(p *Person) { p.Phones = ruth.Phones }), Possible, Likely - 1},
		{"a name and a birth date", but(name, func(p *Person) { p.Birth = "1980-05-05" }), but(name, func(p *Person) { p.Birth = "1980-05-05" }), Likely, 70},
		{"the same, with two record numbers", but(name, func(p *Person) { p.Birth, p.Numbers = "1980-05-05", []string{"a|1234567"} }), but(name, func(p *Person) { p.Birth, p.Numbers = "1980-05-05", []string{"a|7654321"} }), Likely, 60},
		{"a name changed by marriage", but(ruth, func(p *Person) { p.Numbers = nil }), but(ruth, func(p *Person) { p.Family = "Brunner" }), Likely, 80},
		{"moved, with a slip in the date", ruth, Person{Given: "Ruth", Family: "Keller", Birth: "1944-04-71", Numbers: ruth.Numbers[:1]}, Likely, 99},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if v := Compare(c.a, c.b); v.Score < c.least || v.Score > c.most {
				t.Errorf("%d (%s), want %d to %d", v.Score, codes(v), c.least, c.most)
			}
		})
	}
}

func TestReasonsHaveCodesAndSides(t *testing.T) {
	t.Parallel()
	if Reason(0).String() != "" || Reason(200).String() != "" || Reason(0).Against() || Reason(200).Against() {
		t.Error("no reason says something")
	}
	var seen []string
	for r := SameNumber; r <= DifferentFamily; r++ {
		code := r.String()
		if code == "" || slices.Contains(seen, code) {
			t.Errorf("reason %d is called %q", r, code)
		}
		seen = append(seen, code)
		if w := table[r].weight; r.Against() != (w < 0) {
			t.Errorf("%s weighs %d", code, w)
		}
	}
}

func TestPersonsAreNotChanged(t *testing.T) {
	t.Parallel()
	a := but(ruth, func(p *Person) { p.Phones = slices.Clone(p.Phones) })
	var x Index
	x.Add(1, a)
	Compare(a, a)
	if diff := cmp.Diff(ruth, a); diff != "" {
		t.Error(diff)
	}
}
