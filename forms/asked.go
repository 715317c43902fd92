package forms

import (
	"slices"
	"time"

	"rapport/fhir"
)

// Asked says when a form goes out by itself: it is written in the form, as the
// extension AskedURL.
type Asked struct {
	Form     string   // its url
	Services []string // of the visit; none is every service
	From, To int      // ages in whole years, both included; To is 0 for no end
	Again    int      // months after which it is asked again; 0 is never
	After    []string // the urls of forms of which one must have been handed in as long before; none are needed if empty
}

// AskedURL is the extension of a Questionnaire that says when it goes out by itself.
const AskedURL = "urn:rapport:asked"

// ReadAsked reads when a Questionnaire goes out by itself; false if it never does.
func ReadAsked(q fhir.Node) (Asked, bool) {
	for x := range q.Each("extension") {
		if x.Get("url").Str() != AskedURL {
			continue
		}
		a := Asked{Form: q.Get("url").Str()}
		for y := range x.Each("extension") {
			switch y.Get("url").Str() {
			case "service":
				a.Services = append(a.Services, y.Get("value").Str())
			case "from":
				a.From = y.Get("value").Int()
			case "to":
				a.To = y.Get("value").Int()
			case "again":
				a.Again = y.Get("value").Int()
			case "after":
				a.After = append(a.After, y.Get("value").Str())
			}
		}
		return a, a.Form != ""
	}
	return Asked{}, false
}

// Due reports that the form is to be filled in before a visit: for this service, by
// somebody of this age (-1 if it is not known), who handed forms in when done says.
func (a Asked) Due(service string, age int, visit time.Time, done func(form string) time.Time) bool {
	if len(a.Services) > 0 && !slices.Contains(a.Services, service) {
		return false
	}
	if age < 0 && a.From > 0 && a.From < adult || age >= 0 && (age < a.From || a.To > 0 && age > a.To) {
		return false // of whom the age is not known is taken for grown up
	}
	if age < 0 && a.To > 0 && a.To < adult {
		return false
	}
	last := done(a.Form)
	if len(a.After) > 0 {
		for _, f := range a.After {
			if at := done(f); at.After(last) {
				last = at
			}
		}
		if last.IsZero() {
			return false
		}
	}
	switch {
	case last.IsZero():
		return true
	case a.Again == 0:
		return false
	}
	return !visit.Before(last.AddDate(0, a.Again, 0))
}

const adult = 18
