package intake

import (
	"slices"
	"strings"

	"rapport/fhir/form"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/question"
)

// decided is what became of what was stated: accepted, changed or set aside, and by whom.
// What nobody has decided about is not there.
func decided(a *web.Ask, f *filling) []parts.RowView {
	all, err := f.sheet.Extract()
	if err != nil && len(all) == 0 {
		return nil
	}
	done := form.Decisions(f.found.JSON)
	var out []parts.RowView
	for _, st := range all {
		at := slices.IndexFunc(done, func(d form.Decision) bool { return d.Type == st.Type && d.Place == st.Place() })
		if at < 0 {
			continue
		}
		d := done[at]
		done = slices.Delete(done, at, at+1) // each stands once
		r := parts.RowView{Title: f.stated(st), Icon: "check"}
		text := []string{}
		switch d.What {
		case form.Accepted:
			text = append(text, a.P.IntakeDecidedAccepted())
		case form.Changed:
			r.Icon = "edit"
			text = append(text, a.P.IntakeDecidedChanged())
		default:
			r.Icon = "eye"
			text = append(text, a.P.IntakeDecidedAside())
		}
		if d.Name != "" {
			text[0] = a.P.IntakeDecidedBy(text[0], d.Name)
		}
		text[0] += "."
		if d.What == form.Changed && d.Text != "" {
			text = append(text, a.P.IntakeDecidedNow(d.Text))
		}
		if d.Why != "" {
			text = append(text, a.P.IntakeDecidedWhy(d.Why))
		}
		r.Text = strings.Join(text, " ")
		out = append(out, r)
	}
	return out
}

// stated is what they said that stated it, in their words.
func (f *filling) stated(st form.Stated) string {
	var out []string
	for _, at := range st.Places {
		if q, ok := f.sheet.Question(at); ok && len(q.Answers) > 0 {
			if s := question.Say(f.a.P, q); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	if len(out) == 0 {
		return f.a.P.IntakeForm()
	}
	return strings.Join(out, " · ")
}
