package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
)

// Resources writes the plan: the CarePlan first, then its Goals, for a subject
// ("Patient/1"). What came with the plan and is not ours is left as it was. The error
// is errs.Invalid for a plan that does not make valid FHIR.
func (p Plan) Resources(subject string) ([]fhir.Resource, error) {
	if p.ID == "" {
		return nil, errs.E(errs.Invalid, "plan: write: a plan needs an id")
	}
	p.goalRef = map[string]string{}
	p.goalKey = map[string]string{}
	for _, g := range p.Goals {
		ref := g.reference(p.ID)
		p.goalRef[g.ID], p.goalKey[strings.TrimPrefix(ref, "Goal/")] = ref, g.ID
	}
	out := make([]fhir.Resource, 1, 1+len(p.Goals))
	seen := map[string]bool{}
	for _, g := range p.Goals {
		if g.ID == "" || seen[g.ID] {
			return nil, errs.E(errs.Invalid, "plan: write: every goal needs an id of its own")
		}
		seen[g.ID] = true
		r, err := resource(p.goalJSON(g, subject))
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	r, err := resource(p.carePlanJSON(subject))
	if err != nil {
		return nil, err
	}
	out[0] = r
	return out, nil
}

// reference is where a goal of a plan lies, "Goal/…".
func (g Goal) reference(plan string) string {
	if g.ref != "" {
		return "Goal/" + g.ref
	}
	return "Goal/" + name("goal", plan, g.ID)
}

// name makes a logical id of what it stands for: the same for the same, of 26 letters.
func name(parts ...string) string {
	h := sha256.New()
	for _, s := range parts {
		h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
	}
	return string(bytes.ToLower([]byte(base32.StdEncoding.EncodeToString(h.Sum(nil))[:26])))
}

func (p Plan) carePlanJSON(subject string) obj {
	o := parseObj(p.kept)
	o.set("resourceType", "CarePlan")
	o.set("id", p.ID)
	o.extend(planExtension, p.extensions())
	if len(p.From) > 0 {
		var from []string
		for _, s := range p.From {
			from = append(from, s.String())
		}
		o.some("instantiatesCanonical", from)
	}
	if p.Status != 0 || !o.has("status") {
		o.set("status", max(p.Status, Draft).String())
	}
	if !o.has("intent") {
		o.set("intent", "plan")
	}
	o.text("title", p.Title)
	if !o.has("subject") {
		o.set("subject", obj{{"reference", subject}})
	}
	period := o.child("period")
	setDate(&period, "start", p.Started)
	setDate(&period, "end", p.Ends)
	if len(period) > 0 {
		o.set("period", period)
	} else {
		o.drop("period")
	}
	o.list("goal", p.goalRefs(&o))
	var acts []any
	for i, s := range p.Steps {
		acts = append(acts, p.stepJSON(s, i))
	}
	o.list("activity", acts)
	return o
}

// goalRefs are the plan's goals, as they stood where they did, and those it knows
// nothing about.
func (p Plan) goalRefs(o *obj) []any {
	was := map[string]any{}
	var strange []any
	for _, raw := range o.items("goal") {
		var r struct {
			Reference string `json:"reference"`
		}
		if json.Unmarshal(raw, &r) != nil {
			continue
		}
		_, id := fhir.SplitReference(r.Reference)
		was["Goal/"+id] = raw
		for _, s := range p.strange {
			if s == r.Reference {
				strange = append(strange, raw)
				break
			}
		}
	}
	var out []any
	for _, g := range p.Goals {
		ref := p.goalRef[g.ID]
		if raw, ok := was[ref]; ok {
			out = append(out, raw)
		} else {
			out = append(out, obj{{"reference", ref}})
		}
	}
	return append(out, strange...)
}

// String writes a source as a canonical address, with its version if it has one.
func (s Source) String() string {
	if s.Version == "" {
		return s.URL
	}
	return s.URL + "|" + s.Version
}

// setDate writes a day, unless what stands there means it already.
func setDate(o *obj, key string, d Date) {
	if raw, ok := o.get(key).(json.RawMessage); ok {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			if t, ok := fhir.ParseTime(s); ok && max(DateOf(t.At), 0) == d {
				return
			}
		}
	}
	if d == 0 {
		o.drop(key)
		return
	}
	o.set(key, d.String())
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func number(url, typ string, n int) obj {
	if n == 0 {
		return nil
	}
	return ext(url, typ, n)
}

func who(ref string) obj {
	if ref == "" {
		return nil
	}
	return ext("who", "Reference", obj{{"reference", ref}})
}

func (p Plan) extensions() []any {
	var out []any
	if p.Version > 0 {
		out = append(out, ext(versionURL, "PositiveInt", p.Version))
	}
	add := func(x obj) {
		if x != nil {
			out = append(out, x)
		}
	}
	for _, f := range p.Phases {
		add(group(phaseURL, maybe("id", "String", f.ID), maybe("title", "String", f.Title), number("from", "Integer", f.From), number("to", "Integer", f.To)))
	}
	for _, a := range p.Agreed {
		add(group(agreedURL, who(a.Who), maybe("name", "String", a.Name), maybe("role", "Code", a.Role.String()),
			maybe("at", "DateTime", instant(a.At)), number("version", "Integer", a.Version)))
	}
	for _, b := range p.Objections {
		add(group(objectionURL, who(b.Who), maybe("name", "String", b.Name), maybe("role", "Code", b.Role.String()), maybe("at", "DateTime", instant(b.At)),
			number("version", "Integer", b.Version), maybe("text", "String", b.Text), maybe("closed", "DateTime", instant(b.Closed))))
	}
	for _, c := range p.Changes[max(0, len(p.Changes)-maxChanges):] {
		parts := []any{maybe("kind", "Code", c.Kind.String()), maybe("thing", "Code", c.Thing.String()), maybe("id", "String", c.ID), maybe("title", "String", c.Title),
			maybe("was", "String", c.Was), maybe("is", "String", c.Is), number("version", "Integer", c.Version), maybe("at", "DateTime", instant(c.At)),
			who(c.Who), maybe("name", "String", c.Name), maybe("rule", "String", c.Rule), maybe("why", "String", c.Why)}
		for _, f := range c.Fields {
			parts = append(parts, maybe("field", "Code", f))
		}
		add(group(changeURL, parts...))
	}
	for _, s := range p.Settled[max(0, len(p.Settled)-maxChanges):] {
		add(group(settledURL, maybe("rule", "String", s.Rule), maybe("step", "String", s.Step), maybe("said", "Code", s.Said.String()), who(s.Who), maybe("at", "DateTime", instant(s.At))))
	}
	return out
}
