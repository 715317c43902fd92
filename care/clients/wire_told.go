package clients

import (
	"rapport/fhir"
	"rapport/fhir/form"
)

// newForms counts the forms that were handed in since whoever looks last looked, and
// about which nobody has decided anything yet.
func (p *puller) newForms() int {
	n := 0
	for _, f := range p.search("QuestionnaireResponse", "status=completed,amended&_sort=-authored&_count=20") {
		at := f.Time
		if d, err := fhir.Parse(f.JSON); err == nil {
			if t := d.Root().Get("authored").Time(); !t.IsZero() {
				at = t.At
			}
		}
		if at.After(p.c.LastLook()) && len(form.Decisions(f.JSON)) == 0 {
			n++
		}
	}
	return n
}
