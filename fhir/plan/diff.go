package plan

import "slices"

// Diff returns what changed from one plan to another: the plan itself, goals, phases,
// then steps, each in the order of the plan after, and what was taken out last. A
// step that was stopped or cancelled counts as taken out.
func Diff(before, after Plan) []Change {
	var out []Change
	fields := fieldList{}
	fields.add("title", before.Title != after.Title, before.Title, after.Title)
	fields.add("status", before.Status != after.Status, before.Status.String(), after.Status.String())
	fields.add("started", before.Started != after.Started, before.Started.String(), after.Started.String())
	fields.add("ends", before.Ends != after.Ends, before.Ends.String(), after.Ends.String())
	if len(fields.names) > 0 {
		out = append(out, fields.change(ThePlan, "", after.Title))
	}
	out = append(out, diff(AGoal, before.Goals, after.Goals, func(g Goal) (string, string) { return g.ID, g.Text }, goalChange)...)
	out = append(out, diff(APhase, before.Phases, after.Phases, func(f Phase) (string, string) { return f.ID, f.Title }, phaseChange)...)
	return append(out, diff(AStep, before.Steps, after.Steps, func(s Step) (string, string) { return s.ID, s.Title }, stepChange)...)
}

func diff[T any](thing Thing, before, after []T, named func(T) (id, title string), changed func(a, b T) fieldList) []Change {
	was := make(map[string]T, len(before))
	for _, x := range before {
		id, _ := named(x)
		was[id] = x
	}
	var out []Change
	is := make(map[string]bool, len(after))
	for _, x := range after {
		id, title := named(x)
		is[id] = true
		old, ok := was[id]
		if !ok {
			out = append(out, Change{Kind: Create, Thing: thing, ID: id, Title: title})
		} else if f := changed(old, x); len(f.names) > 0 {
			c := f.change(thing, id, title)
			if thing == AStep && f.removed {
				c.Kind = Remove
			}
			out = append(out, c)
		}
	}
	for _, x := range before {
		if id, title := named(x); !is[id] {
			out = append(out, Change{Kind: Remove, Thing: thing, ID: id, Title: title})
		}
	}
	return out
}

// fieldList collects what is different, and the words of the first of it that has any.
type fieldList struct {
	names   []string
	was, is string
	removed bool // a step that was open is stopped or cancelled, and that is all
}

func (f *fieldList) add(name string, differs bool, was, is string) {
	if !differs {
		return
	}
	f.names = append(f.names, name)
	if f.was == "" && f.is == "" {
		f.was, f.is = was, is
	}
}

func (f *fieldList) change(thing Thing, id, title string) Change {
	return Change{Kind: Update, Thing: thing, ID: id, Title: title, Fields: f.names, Was: f.was, Is: f.is}
}

func goalChange(a, b Goal) fieldList {
	var f fieldList
	f.add("text", a.Text != b.Text, a.Text, b.Text)
	f.add("measure", a.Measure != b.Measure, a.Measure.Detail, b.Measure.Detail)
	f.add("due", a.Due != b.Due, a.Due.String(), b.Due.String())
	f.add("milestones", !slices.Equal(a.Milestones, b.Milestones), "", "")
	f.add("status", a.Lifecycle != b.Lifecycle, a.Lifecycle.String(), b.Lifecycle.String())
	f.add("achievement", a.Achievement != b.Achievement, a.Achievement.String(), b.Achievement.String())
	f.add("progress", !slices.Equal(a.Progress, b.Progress), "", "")
	f.add("why", a.Because != b.Because, a.Because, b.Because)
	f.add("importance", a.Important != b.Important, "", "")
	f.add("category", a.Category != b.Category, "", "")
	f.add("addresses", !slices.Equal(a.Addresses, b.Addresses), "", "")
	f.add("rule", a.Rule != b.Rule, "", "")
	return f
}

func goalFields(a, b Goal) []string { return goalChange(a, b).names }

func phaseChange(a, b Phase) fieldList {
	var f fieldList
	f.add("title", a.Title != b.Title, a.Title, b.Title)
	f.add("weeks", a.From != b.From || a.To != b.To, "", "")
	return f
}

func stepChange(a, b Step) fieldList {
	var f fieldList
	f.add("title", a.Title != b.Title, a.Title, b.Title)
	f.add("text", a.Text != b.Text, a.Text, b.Text)
	f.add("when", !a.When.same(b.When), "", "")
	f.add("why", a.Why != b.Why, a.Why, b.Why)
	f.add("goals", !slices.Equal(a.Goals, b.Goals), "", "")
	f.add("phase", a.Phase != b.Phase, "", "")
	f.add("kind", a.Kind != b.Kind, a.Kind.String(), b.Kind.String())
	f.add("what", a.What != b.What, "", "")
	f.add("code", a.Code != b.Code, "", "")
	f.add("status", a.Status != b.Status, a.Status.String(), b.Status.String())
	f.add("importance", a.Important != b.Important, "", "")
	f.add("rule", a.Rule != b.Rule, "", "")
	f.removed = len(f.names) == 1 && a.Status.Open() && (b.Status == StepStopped || b.Status == StepCancelled)
	return f
}

func stepFields(a, b Step) []string { return stepChange(a, b).names }
