package label

import "rapport/fhir"

// Coding is a code of a system.
type Coding struct{ System, Code string }

const (
	actCode         = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
	ourSystem       = "urn:rapport:compartment"
)

// written is how each compartment is written into meta.security: by HL7's code where one
// says just that, else by ours. SEX is sexual and reproductive at once, so neither of the
// two can be written with it; PREGNANT says less than Reproductive, and STD less than
// Sexual, but whoever reads them closes the right thing.
var written = map[Set]Coding{
	Reproductive: {actCode, "PREGNANT"},
	Sexual:       {actCode, "STD"},
	Gender:       {actCode, "GENDER"},
	Mental:       {actCode, "MH"},
	Substance:    {actCode, "SUD"},
	Genetic:      {actCode, "GDIS"},
	Violence:     {actCode, "VIO"},
	Own:          {actCode, "PRS"},
	Other:        {confidentiality, "R"},
}

// Codings returns the codings that Marked reads as a set, one for each compartment.
func Codings(s Set) []Coding {
	var out []Coding
	for _, x := range s.Each() {
		c := written[x]
		if x == Other && s != Other { // R beside another label only says that the other restricts
			c = Coding{ourSystem, x.String()}
		}
		out = append(out, c)
	}
	return out
}

// marks is what the labels of something say, as they are read.
type marks struct {
	named      Set  // compartments
	restricted bool // R or V: it is closed, and another label should say why
}

func (m *marks) add(system string, code []byte) {
	switch {
	case fhir.OpenLabel(system, code):
	case fhir.Confidentiality(system) && (string(code) == "R" || string(code) == "V"):
		m.restricted = true
	case system == ourSystem && parseOne(string(code)) != 0:
		m.named |= parseOne(string(code))
	default:
		s, ok := shipped().labels[string(code)]
		if !ok || system != "" && shipped().urls[system] != "label" {
			s = Other
		}
		m.named |= s
	}
}

func (m *marks) set() Set {
	if m.named == 0 && m.restricted {
		return Other
	}
	return m.named
}

// FacetMarked is Marked for a facet: but for what a resource contains, which has no place
// there. It is nothing exactly when fhir.FacetPrivate is false.
func FacetMarked(f []byte) Set {
	var m marks
	if !fhir.FacetLabels(f, m.add) {
		return m.set() | Other
	}
	return m.set()
}

// Marked returns the compartments that the labels of a resource, and of what it contains,
// name: HL7's sensitivity codes, and ours. Normal and less closes nothing; restricted
// alone, and every label that is not known, is Other.
func Marked(d *fhir.Doc) Set {
	s := marked(d.Root())
	for c := range d.Root().Each("contained") {
		s |= marked(c)
	}
	return s
}

func marked(n fhir.Node) Set {
	var m marks
	for l := range n.Get("meta").Each("security") {
		m.add(l.Get("system").Str(), []byte(l.Get("code").Str()))
	}
	return m.set()
}
