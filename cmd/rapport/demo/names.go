package demo

import (
	"fmt"
	"strings"
)

// town does not exist, nor do its streets, nor any postcode that begins AW.
const town = "Alderwick"

var streets = []string{
	"Rowan Street", "Mill Lane", "Weir Lane", "Chandler’s Row", "Foundry Walk", "Orchard Terrace", "Heron Close",
	"Bellmaker Street", "Quarry Rise", "Tannery Road", "Old Ropewalk", "Larkspur Avenue", "Ferry Hill", "Saddler’s Yard",
}

func (d *dice) address() address {
	const letters = "ABDEFGHJLNPQRSTUWXYZ"
	post := fmt.Sprintf("AW%d %d%c%c", d.between(1, 4), d.between(1, 9), letters[d.between(0, 19)], letters[d.between(0, 19)])
	line := fmt.Sprintf("%d %s", d.between(2, 140), pick(d, streets))
	if d.hits(0.25) {
		line = fmt.Sprintf("Flat %d, %s", d.between(1, 18), line)
	}
	return address{Use: "home", Line: []string{line}, City: town, PostalCode: post, Country: "GB"}
}

var plain = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ã", "a", "ä", "a", "ą", "a", "ó", "o", "č", "c", "ć", "c", "ç", "c", "é", "e", "è", "e", "ê", "e",
	"ě", "e", "ë", "e", "í", "i", "î", "i", "ï", "i", "ł", "l", "ñ", "n", "ń", "n", "ó", "o", "ô", "o", "ö", "o", "ø", "o",
	"ř", "r", "š", "s", "ś", "s", "ť", "t", "ú", "u", "ü", "u", "ů", "u", "ý", "y", "ž", "z", "ż", "z", "'", "", "’", "", " ", "",
)

// mailFor makes an address at example.org that nobody can own.
func mailFor(given, family string) string {
	s := plain.Replace(strings.ToLower(given)) + "." + plain.Replace(strings.ToLower(family))
	if len(s) > 48 {
		s = strings.TrimRight(s[:48], ".-")
	}
	return s + "@example.org"
}

// culture is a handful of names that go together.
type culture struct {
	language    string   // the one to write in
	speaks      []string // besides
	women, men  []string
	familyNames []string
}

var cultures = []culture{
	{"en", nil, []string{"Margaret", "Holly", "Bethan", "Alice", "Eleanor", "Ruth"}, []string{"Peter", "Callum", "Gareth", "Toby", "Stanley", "Hugh"},
		[]string{"Ashworth", "Pemberton", "Hollis", "Carrow", "Thackeray", "Dunmore"}},
	{"en", []string{"pa"}, []string{"Harpreet", "Simran", "Jasleen"}, []string{"Gurdeep", "Manjit", "Arvinder"}, []string{"Dhillon", "Sandhu", "Grewal"}},
	{"en", []string{"bn"}, []string{"Nasrin", "Shirin", "Rumana"}, []string{"Tariq", "Imran", "Kamal"}, []string{"Chowdhury", "Miah", "Rahim"}},
	{"en", []string{"pl"}, []string{"Agnieszka", "Kasia", "Bożena"}, []string{"Łukasz", "Piotr", "Witold"}, []string{"Wróbel", "Wrona", "Mączka"}},
	{"en", []string{"yo"}, []string{"Folake", "Bisi", "Temi"}, []string{"Kunle", "Femi", "Dayo"}, []string{"Adebayo", "Ogunleye", "Balogun"}},
	{"en", nil, []string{"Denise", "Marcia", "Yvonne"}, []string{"Winston", "Leroy", "Desmond"}, []string{"Campbell", "Brathwaite", "Gordon"}},
	{"es", nil, []string{"Pilar", "Marisol", "Ximena", "Beatriz"}, []string{"Joaquín", "Ramón", "Diego"}, []string{"Ibáñez", "Quiroga", "Salvatierra", "Peña"}},
	{"fr", nil, []string{"Aïcha", "Mireille", "Solène"}, []string{"Théo", "Mamadou", "Gaël"}, []string{"Lefèvre", "Diallo", "Garnier"}},
	{"en", []string{"vi"}, []string{"Mai", "Thuy"}, []string{"Bao", "Minh"}, []string{"Pham", "Dang"}},
}

// somebody makes up a person of that age, in years, with a given name nobody has yet.
func (p *practice) somebody(d *dice, key string, age int) who {
	for {
		k := pick(d, cultures)
		w := who{key: key, language: k.language, speaks: k.speaks, gender: "female", family: pick(d, k.familyNames)}
		w.given = pick(d, k.women)
		if d.hits(0.48) {
			w.gender, w.given = "male", pick(d, k.men)
		}
		w.born = p.birthday(age, d.between(8, 350))
		if age == 0 {
			w.born = p.birthday(0, d.between(150, 330))
		}
		if !p.called(w.given) {
			return w
		}
	}
}

func (p *practice) called(given string) bool {
	for _, c := range p.charts {
		if c.given == given {
			return true
		}
	}
	return false
}
