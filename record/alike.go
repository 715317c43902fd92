package record

import (
	"strings"

	"rapport/fhir"
	"rapport/record/internal/alike"
)

// personOf takes from a Patient what tells whether somebody else is the same
// person: what its card says, and the address and numbers that no card keeps.
// Names, addresses and numbers that are marked old are left out, as the card
// leaves them out.
func personOf(doc *fhir.Doc) alike.Person {
	root := doc.Root()
	c := readCard("", doc)
	p := alike.Person{Given: c.Given, Family: c.Family, Birth: c.Birth, Gender: c.Gender, Phones: c.Phones, Mails: c.Mails}
	if p.Given == "" && p.Family == "" {
		p.Given, p.Family = parted(c.Name)
	}
	home := -1
	for a := range root.Each("address") {
		rank := map[string]int{"home": 2, "": 1, "temp": 0}[a.Get("use").Str()]
		if use := a.Get("use").Str(); use == "old" || use == "billing" || use == "work" || rank <= home {
			continue
		}
		home = rank
		var lines []string
		for l := range a.Each("line") {
			lines = append(lines, l.Str())
		}
		p.Street, p.City, p.Postcode = strings.Join(lines, " "), a.Get("city").Str(), a.Get("postalCode").Str()
	}
	for n := range root.Each("identifier") {
		system, value := n.Get("system").Str(), n.Get("value").Str()
		if system != "" && value != "" && n.Get("use").Str() != "old" {
			p.Numbers = append(p.Numbers, system+"|"+value)
		}
	}
	return p
}

// parted guesses which part of a name written whole is the family name: what
// stands before a comma, or the last word. A wrong guess costs little: alike
// takes names that are swapped, and never decides by a name alone.
func parted(whole string) (given, family string) {
	if f, g, ok := strings.Cut(whole, ","); ok {
		return strings.TrimSpace(g), strings.TrimSpace(f)
	}
	ws := strings.Fields(whole)
	if len(ws) < 2 {
		return whole, ""
	}
	return strings.Join(ws[:len(ws)-1], " "), ws[len(ws)-1]
}
