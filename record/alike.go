package record

import (
	"strings"

	"rapport/fhir"
	"rapport/record/internal/alike"
)

// compared is what tells whether somebody else is the same person.
func (c *Card) compared() alike.Person {
	p := alike.Person{Given: c.Given, Family: c.Family, Birth: c.Birth, Gender: c.Gender, Street: c.Street, City: c.City, Postcode: c.Postcode,
		Phones: c.Phones, Mails: c.Mails, Numbers: c.Numbers}
	if p.Given == "" && p.Family == "" {
		p.Given, p.Family = parted(c.Name)
	}
	return p
}

// housed takes the address somebody lives at, as the card takes names: what is
// marked old is left out.
func (c *Card) housed(root fhir.Node) {
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
		c.Street, c.City, c.Postcode = strings.Join(lines, " "), a.Get("city").Str(), a.Get("postalCode").Str()
	}
}

// numbered takes the numbers in use that say which system they are of.
func (c *Card) numbered(root fhir.Node) {
	for n := range root.Each("identifier") {
		system, value := n.Get("system").Str(), n.Get("value").Str()
		if system != "" && value != "" && n.Get("use").Str() != "old" {
			c.Numbers = append(c.Numbers, system+"|"+value)
		}
	}
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
