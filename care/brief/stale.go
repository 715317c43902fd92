package brief

import (
	"slices"
	"strings"

	"rapport/fhir/form"
	"rapport/web/question"
)

// shrunk reports that an instance of a group around a question was taken away since the
// page was shown: those after it moved up, and the question may be another's by now.
func shrunk(shown, now *paper, q form.Question) bool {
	return slices.ContainsFunc(q.Trail, func(l form.Line) bool {
		return l.Instance > 0 && now.instances(l.Item) < shown.instances(l.Item)
	})
}

// instances counts how often a group stands in the form.
func (p *paper) instances(of *form.Item) int {
	seen := map[form.Place]bool{}
	for _, q := range p.sheet.Questions() {
		for _, l := range q.Trail {
			if l.Item.LinkID == of.LinkID {
				seen[l.Place] = true
			}
		}
	}
	return len(seen)
}

// stale reports that a button would take away what was said elsewhere since the page was
// shown, and adds to what is wrong on the page.
func (p *paper) stale(shown *paper, do string, bad wrongs) bool {
	if shown.found.Version == p.found.Version {
		return false
	}
	what, at, _ := strings.Cut(do, ":")
	place := form.Place(at)
	stale := false
	for _, q := range p.sheet.Questions() {
		one := q.Place == place && (what == "decline" || what == "person")
		card := what == "remove" && slices.ContainsFunc(q.Trail, func(l form.Line) bool { return l.Place == place })
		if q.Another || !one && !card {
			continue
		}
		if old, ok := shown.sheet.Question(q.Place); !ok || !same(old.Answers, q.Answers) || old.Absent != q.Absent || card && shrunk(shown, p, q) {
			bad[q.Place], stale = wrong{p.a.P.BriefMet(question.Say(p.a.P, q)), p.typedOf(q.Place)}, true
		}
	}
	return stale
}
