package question

import (
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/forms"
	"rapport/record"
	"rapport/web"
)

const response = "QuestionnaireResponse"

// Head is what a response says of itself, and when it was handed in.
type Head struct {
	fhir.QuestionnaireResponse
	At time.Time
}

// HeadOf reads the head of a response. What cannot be read is of no form.
func HeadOf(x record.Found) Head {
	h := Head{At: x.Time}
	h.QuestionnaireResponse, _ = fhir.ReadQuestionnaireResponse(x.JSON)
	if !h.Authored.IsZero() {
		h.At = h.Authored.At
	}
	return h
}

// New reports that a form was handed in since who looks last looked, and that nobody has
// decided anything about it.
func New(c *record.Chart, x record.Found) bool {
	return HeadOf(x).At.After(c.LastLook()) && len(form.Decisions(x.JSON)) == 0
}

// Begin begins a form, or goes on with it if it was begun, and returns the response.
// Where two begin it at once, the later one goes on with the first's. errs.NotFound says
// that there is no such form.
func Begin(a *web.Ask, c *record.Chart, url string) (record.Ref, error) {
	for try := 0; ; try++ {
		at, err := begin(a, c, url)
		if !errs.Is(err, errs.Conflict) || try == mostTries {
			return at, err
		}
	}
}

// mostTries bounds how often an act that met another's is tried again.
const mostTries = 5

func begin(a *web.Ask, c *record.Chart, url string) (record.Ref, error) {
	e, ok := c.Library().Form(url, "")
	if !ok {
		return "", errs.E(errs.NotFound, "question: no such form")
	}
	found, err := c.Find(a.Context(), response, "status", "in-progress", "_sort", "-authored")
	if err != nil {
		return "", err
	}
	for _, x := range found {
		if HeadOf(x).Form == url {
			return x.Ref, nil
		}
	}
	id, err := c.NewID()
	if err != nil {
		return "", err
	}
	s, err := form.Start(e.Form, Env(a, c))
	if err != nil {
		return "", err
	}
	return c.Ref(response, id), c.Answer(a.Context(), record.Answer{Form: url, ID: id, JSON: fhir.WithID(s.JSON(), id), Alarms: Alarms(s, "")})
}

// Resume reads a response in the version of the form that it answers, or in the newest if
// that is not here any more; lost says that not every answer has a place in it. errs.Gone
// says that the form itself is not here.
func Resume(c *record.Chart, x record.Found, env form.Env) (e *forms.Edition, s *form.Sheet, lost bool, err error) {
	h := HeadOf(x)
	if e, ok := c.Library().Form(h.Form, h.Version); ok {
		s, err = form.Resume(e.Form, x.JSON, env)
		return e, s, false, err
	}
	e, ok := c.Library().Form(h.Form, "")
	if !ok {
		return nil, nil, false, errs.E(errs.Gone, "question: no such form any more")
	}
	s, without, err := form.Move(e.Form, x.JSON, env)
	return e, s, len(without) > 0, err
}

// Again does what saves answers, and does it anew where another saved at the same time:
// the later one starts from what the first saved. What a person is told is not tried again.
func Again(do func() (web.Answer, error)) (web.Answer, error) {
	for try := 0; ; try++ {
		out, err := do()
		if !errs.Is(err, errs.Conflict) || errs.SayOf(err) != "" || try == mostTries {
			return out, err
		}
	}
}
