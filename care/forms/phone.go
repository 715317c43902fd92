package forms

import (
	"slices"

	"rapport/fhir/form"
	"rapport/lang"
	"rapport/web/parts"
	"rapport/web/question"
)

// phoneView is a question as a client sees it on a phone.
type phoneView struct {
	P               lang.Printer
	Title           string
	Help, Why       []string
	Lines           []string // of a group: what is in it
	Draw            question.View
	Drawn           bool
	When            string
	Edit, Try       string
	Broken          string // why it cannot be shown
	Hidden          bool
	Required        bool
	Alarm           string // what raises the alarm
	Trail           string
	Notes           []string
	Another, Reader bool
}

// phone shows one item alone: always, whatever its conditions say.
func (d *desk) phone(root, item *tree, base string) phoneView {
	v := phoneView{P: d.P, Hidden: extText(item, hiddenURL) == "true"}
	t := d.reader()
	v.Title = readTexts(item, "text", base).in(t, base)
	if item.get("type").text() == "group" {
		for _, c := range item.each("item") {
			s := readTexts(c, "text", base).in(t, base)
			switch aside(c) {
			case "why":
				v.Why = append(v.Why, s)
			case "help":
				v.Help = append(v.Help, s)
			case "":
				if extText(c, hiddenURL) != "true" && len(v.Lines) < 8 {
					v.Lines = append(v.Lines, short(s, 90))
				}
			}
		}
		return v
	}
	f, err := form.Read(alone(root, item).bytes(), d.lib.Set)
	if err != nil {
		v.Broken = reason(err)
		return v
	}
	s, err := form.Start(f, form.Env{Now: d.Now, Sets: d.lib.Set})
	if err != nil {
		v.Broken = reason(err)
		return v
	}
	qs := s.Questions()
	if len(qs) == 0 {
		return v
	}
	d.fillPhone(&v, s, qs[0])
	return v
}

// fillPhone puts a question on the phone.
func (d *desk) fillPhone(v *phoneView, s *form.Sheet, q form.Question) {
	t := d.reader()
	v.Title, v.Required = q.Text(t), q.Required
	if q.Another {
		v.Title, v.Trail = d.P.IntakeAnother(), q.Item.Text(t)
		v.Another = true
	} else if n := len(q.Trail); n > 0 {
		v.Trail = q.Trail[n-1].Text(t)
	}
	for _, l := range q.Notes {
		v.Notes = append(v.Notes, l.Text(t))
	}
	for _, h := range q.Item.Help {
		v.Help = append(v.Help, h.Text(t))
	}
	for _, h := range q.Item.Why {
		v.Why = append(v.Why, h.Text(t))
	}
	v.Draw, v.Drawn = question.View{P: d.P, Q: q, ID: "a", By: "ask"}, !q.Another && !q.Display()
	options := q.Options
	if q.Item.Type == "boolean" {
		options = []form.Option{{Value: form.Answer{Type: "boolean", Text: "true"}}, {Value: form.Answer{Type: "boolean", Text: "false"}}}
	}
	for n, o := range options {
		if len(options) <= outlineMost && len(s.AlarmsIf(q.Place, o)) > 0 {
			v.Draw.Alarms = append(v.Draw.Alarms, n)
		}
	}
	if len(v.Draw.Alarms) > 0 {
		v.Draw.Help = alarmHelp(d.P)
	}
}

// alone is a form with nothing but one item, which is always shown.
func alone(root, item *tree) *tree {
	r := &tree{kind: '{'}
	for i, k := range root.keys {
		if k != "item" {
			r.keys, r.vals = append(r.keys, k), append(r.vals, root.vals[i])
		}
	}
	x := item.copied()
	x.set("enableWhen", nil)
	x.set("enableBehavior", nil)
	setExt(x, enableURL, nil)
	setExt(x, hiddenURL, nil)
	x.keep("item", func(c *tree) bool { return aside(c) != "" })
	r.set("item", list(x))
	return r
}

// tongues are the fields of a text in every language, with what there is to say of each.
func (d *desk) tongues(t texts, base string, official bool) []tongue {
	ls := d.languages(base)
	hs := judge(t, base, ls)
	var out []tongue
	for _, l := range ls {
		x := tongue{Tag: l, Value: t[l.String()]}
		for _, h := range hs {
			if h.Tag == l && (!official || h.Kind == missing) {
				x.Hints = append(x.Hints, h.say(d.P))
			}
		}
		out = append(out, x)
	}
	return out
}

// options of a select, one of them chosen.
func choose(chosen string, vs ...[2]string) []parts.Option {
	var out []parts.Option
	for _, v := range vs {
		out = append(out, parts.Option{Value: v[0], Text: v[1], Chosen: v[0] == chosen})
	}
	if !slices.ContainsFunc(out, func(o parts.Option) bool { return o.Chosen }) && chosen != "" {
		out = append(out, parts.Option{Value: chosen, Text: chosen, Chosen: true})
	}
	return out
}
