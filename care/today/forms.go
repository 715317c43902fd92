package today

import (
	"context"

	"rapport/record"
	"rapport/web"
)

// formView is the form that is to be filled in next.
type formView struct{ Title, Text, Go, Href string }

// asked returns the form that is to be filled in next; nil for none.
func asked(ctx context.Context, a *web.Ask, c *record.Chart) (*formView, error) {
	if c.Parts()&record.Told == 0 {
		return nil, nil
	}
	ws, err := c.Wanted(ctx)
	if err != nil || len(ws) == 0 {
		return nil, err
	}
	e, ok := c.Library().Form(ws[0].Form, "")
	if !ok {
		return nil, nil
	}
	v := &formView{Title: a.P.TodayForms(), Text: a.P.TodayFormsText(e.Title(a.P.Tag().String()), before(a, ws[0])), Go: a.P.TodayFormsBegin(), Href: "/me/" + string(c.Client()) + "/forms"}
	if ws[0].Begun {
		v.Go = a.P.TodayFormsGo()
	}
	return v, nil
}

// before says before when a form is to be filled in, or who asks for it.
func before(a *web.Ask, w record.Wanted) string {
	switch {
	case !w.Visit.IsZero():
		return a.P.IntakeBeforeAny(a.P.Date(a.Local(w.Visit), a.Now))
	case w.By != "":
		return a.P.IntakeAskedBy(w.By)
	}
	return a.P.IntakeAskedAny()
}
