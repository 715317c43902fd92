package plan

import (
	"encoding/json"
	"slices"
	"strings"

	"rapport/fhir"
)

func goalExtension(url string) bool { return url == whyURL || url == ruleURL || url == progressURL }

func (p Plan) goalJSON(g Goal, subject string) obj {
	o := parseObj(g.kept)
	differs := goalFields(Goal{}, g)
	if o != nil {
		if differs = changedGoal(g); len(differs) == 0 {
			return o
		}
	}
	o.set("resourceType", "Goal")
	if !o.has("id") {
		o.set("id", strings.TrimPrefix(p.goalRef[g.ID], "Goal/"))
	}
	exts := []any{}
	for _, x := range []obj{maybe(whyURL, "String", g.Because), maybe(ruleURL, "String", g.Rule)} {
		if x != nil {
			exts = append(exts, x)
		}
	}
	for _, m := range g.Progress {
		exts = append(exts, group(progressURL, maybe("on", "Date", m.On.String()), ext("value", "Integer", m.Value)))
	}
	o.extend(goalExtension, exts)
	if g.ref != g.ID {
		o.list("identifier", identified(&o, goalSystem, g.ID))
	}
	if g.Lifecycle != 0 || !o.has("lifecycleStatus") {
		o.set("lifecycleStatus", max(g.Lifecycle, GoalProposed).String())
	}
	o.concept("achievementStatus", achievedSys, g.Achievement.String())
	o.concept("priority", prioritySys, []string{"", "high-priority", "medium-priority", "low-priority"}[min(max(g.Important, 0), 3)])
	if slices.Contains(differs, "category") && g.Category != "" {
		o.set("category", []any{obj{{"coding", []any{obj{{"system", categorySys}, {"code", g.Category}}}}}})
	}
	d := o.child("description")
	d.text("text", g.Text)
	if len(d) == 0 {
		d = obj{{"text", "-"}}
	}
	o.set("description", d)
	if !o.has("subject") {
		o.set("subject", obj{{"reference", subject}})
	}
	if slices.Contains(differs, "measure") || slices.Contains(differs, "due") || slices.Contains(differs, "milestones") {
		o.list("target", g.targetsJSON())
	}
	if slices.Contains(differs, "addresses") {
		o.list("addresses", g.addressesJSON())
	}
	return o
}

func (g Goal) addressesJSON() []any {
	var about []any
	for _, a := range g.Addresses {
		var r obj
		r.text("reference", a.Reference)
		r.text("display", a.Text)
		if r != nil {
			about = append(about, r)
		}
	}
	return about
}

// changedGoal says what a goal no longer says as it came.
func changedGoal(g Goal) []string {
	d, err := fhir.Parse(g.kept)
	if err != nil {
		return []string{"text"}
	}
	was := readGoal(d.Root())
	f := goalFields(was, g)
	if was.ID != g.ID {
		f = append(f, "id")
	}
	return f
}

// concept sets a code of a system as a CodeableConcept, unless it says so already.
func (o *obj) concept(key, system, code string) {
	var was struct {
		Coding []struct{ System, Code string }
	}
	if raw, ok := o.get(key).(json.RawMessage); ok && json.Unmarshal(raw, &was) == nil {
		now := ""
		for _, c := range was.Coding {
			if c.System == system {
				now = c.Code
				break
			}
		}
		if now == code {
			return
		}
	}
	if code == "" {
		o.drop(key)
		return
	}
	o.set(key, obj{{"coding", []any{obj{{"system", system}, {"code", code}}}}})
}

// identified are the identifiers of an object with ours among them.
func identified(o *obj, system, value string) []any {
	var out []any
	for _, raw := range o.items("identifier") {
		var x struct {
			System string `json:"system"`
		}
		if json.Unmarshal(raw, &x) != nil || x.System != system {
			out = append(out, raw)
		}
	}
	return append(out, obj{{"system", system}, {"value", value}})
}

func (g Goal) targetsJSON() []any {
	var out []any
	for _, m := range append(g.Milestones[:len(g.Milestones):len(g.Milestones)], Milestone{g.Measure, g.Due}) {
		if t := m.json(); t != nil {
			out = append(out, t)
		}
	}
	return out
}

func (m Milestone) json() obj {
	var t, c obj
	x := m.Measure
	system, code := x.System, x.Code
	detail := x.Detail != "" || x.From.Text != "" || x.To.Text != ""
	if code == "" && detail {
		system, code = measureSystem, ownMeasure
	}
	if code != "" {
		var k obj
		k.text("system", system)
		k.text("code", code)
		c.set("coding", []any{k})
	}
	c.text("text", x.Text)
	if c != nil {
		t.set("measure", c)
	}
	switch from, to := x.From.Text, x.To.Text; {
	case from != "" && from == to:
		t.set("detailQuantity", quantityJSON(from, x.Unit, ""))
	case from != "" && to != "":
		t.set("detailRange", obj{{"low", quantityJSON(from, x.Unit, "")}, {"high", quantityJSON(to, x.Unit, "")}})
	case from != "":
		t.set("detailQuantity", quantityJSON(from, x.Unit, ">="))
	case to != "":
		t.set("detailQuantity", quantityJSON(to, x.Unit, "<="))
	default:
		t.text("detailString", x.Detail)
	}
	if m.Due != 0 {
		t.set("dueDate", m.Due.String())
	}
	return t
}

func quantityJSON(value, unit, comparator string) obj {
	q := obj{{"value", json.Number(value)}}
	if comparator != "" {
		q.set("comparator", comparator)
	}
	q.text("unit", unit)
	return q
}
