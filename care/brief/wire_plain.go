package brief

import (
	"cmp"
	"strings"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web/reading"
)

// asItStands is what a response says without its form: its own words for what was asked,
// or the name of the question where it has none.
func asItStands(p lang.Printer, x record.Found) []section {
	d, err := fhir.Parse(x.JSON)
	if err != nil {
		return nil
	}
	var out []section
	for n := range d.Root().Each("item") {
		s := section{Title: cmp.Or(n.Get("text").Str(), n.Get("linkId").Str())}
		if n.Get("answer").OK() {
			s.Title = ""
			s.item(p, n)
		}
		for k := range n.Each("item") {
			s.item(p, k)
		}
		out = append(out, s)
	}
	return out
}

func (s *section) item(p lang.Printer, n fhir.Node) {
	var said []string
	for a := range n.Each("answer") {
		if v := valueOf(p, a); v != "" {
			said = append(said, v)
		}
	}
	l := line{Question: cmp.Or(n.Get("text").Str(), n.Get("linkId").Str()), Answer: strings.Join(said, " · ")}
	if len(said) > 0 {
		s.Lines = append(s.Lines, l)
	} else {
		s.Lines = append(s.Lines, line{Trail: l.Question})
	}
	for a := range n.Each("answer") {
		for k := range a.Each("item") {
			s.item(p, k)
		}
	}
	for k := range n.Each("item") {
		s.item(p, k)
	}
}

// valueOf says an answer of any type.
func valueOf(p lang.Printer, a fhir.Node) string {
	for c := range a.Children() {
		switch name := c.Name(); {
		case name == "valueBoolean" && c.Bool():
			return p.QuestionYes()
		case name == "valueBoolean":
			return p.QuestionNo()
		case name == "valueCoding":
			return cmp.Or(c.Get("display").Str(), c.Get("code").Str())
		case name == "valueQuantity":
			return reading.Say(p, reading.Value{Number: string(c.Get("value").Raw()), Unit: cmp.Or(c.Get("unit").Str(), c.Get("code").Str())})
		case name == "valueReference":
			return cmp.Or(c.Get("display").Str(), c.Get("reference").Str())
		case name == "valueAttachment":
			return cmp.Or(c.Get("title").Str(), p.QuestionFile())
		case strings.HasPrefix(name, "value"):
			return cmp.Or(c.Str(), string(c.Raw()))
		}
	}
	return ""
}
