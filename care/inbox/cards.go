package inbox

import (
	"cmp"
	"slices"
	"strings"

	"rapport/errs"
	"rapport/fhir/thread"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/steps"
)

// What can be sent along: a form to fill in, and the plan to look at. Each is an act of
// its own that opens what it needs, and no more.
const (
	formParts = record.Person | record.Messages | record.Told
	planParts = record.Person | record.Messages | record.Told | record.Results | record.Plans
)

// cardRoutes are the pages of that; only who gives care sends them.
func cardRoutes(s side) []web.Route {
	at := "POST " + s.at + "/{client}/{thread}/"
	return []web.Route{
		{Pattern: at + "form", Why: s.why, What: formParts, Must: formParts, Chart: s.sendForm},
		{Pattern: at + "plan", Why: s.why, What: planParts, Must: planParts, Chart: s.sendPlan},
	}
}

// formOptions are the forms there are.
func formOptions(a *web.Ask, c *record.Chart) []parts.Option {
	var out []parts.Option
	for _, e := range c.Library().Forms() {
		if e.Status == "active" {
			out = append(out, parts.Option{Value: e.URL, Text: e.Title(a.P.Tag().String())})
		}
	}
	slices.SortFunc(out, func(x, y parts.Option) int { return cmp.Compare(strings.ToLower(x.Text), strings.ToLower(y.Text)) })
	return out
}

// tongue is the language in which a client is written to.
func tongue(a *web.Ask, c *record.Chart) string {
	card, _ := c.Card()
	return cmp.Or(card.Language, a.P.Tag().String())
}

// sendForm answers POST …/form: the client is asked to fill in a form, and finds it here.
func (s side) sendForm(a *web.Ask, c *record.Chart) (web.Answer, error) {
	e, ok := c.Library().Form(a.Form("form"), "")
	if !ok {
		return web.Answer{}, errs.E(errs.Invalid, "inbox: no such form")
	}
	if err := c.AskFor(a.Context(), e.URL); err != nil {
		return web.Answer{}, err
	}
	return s.sends(a, c, thread.Card{Type: "Questionnaire", ID: e.URL, Name: e.Title(tongue(a, c))})
}

// sendPlan answers POST …/plan: the client is pointed to their plan.
func (s side) sendPlan(a *web.Ask, c *record.Chart) (web.Answer, error) {
	k, err := steps.Open(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	return s.sends(a, c, thread.Card{Type: "CarePlan", ID: k.ID, Name: k.Title})
}

func (s side) sends(a *web.Ask, c *record.Chart, card thread.Card) (web.Answer, error) {
	id := a.Path("thread")
	m := record.Message{Thread: id, Key: card.Type + " " + a.Form("key"), Wait: true, Cards: []thread.Card{card}}
	if _, err := c.Say(a.Context(), m); err != nil {
		return web.Answer{}, err
	}
	return web.See(s.href(c, id) + "#end"), nil
}
