package clients

import "rapport/web/question"

// newForms counts the forms that were handed in since whoever looks last looked, and
// about which nobody has decided anything yet.
func (p *puller) newForms() int {
	n := 0
	for _, f := range p.search("QuestionnaireResponse", "status=completed,amended&_sort=-authored&_count=20") {
		if question.New(p.c, f) {
			n++
		}
	}
	return n
}
