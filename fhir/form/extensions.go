package form

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// quiet are extensions of items that change nothing we do: how others draw
// things, notes to authors, which server to ask.
var quiet = []string{"rendering-xhtml", "rendering-style", "rendering-markdown", "designNote", "fhirType", "instruction",
	"answerRepeats", "terminology-server", "preferredTerminologyServer", "externallydefined", "unitSupplementalSystem",
	"itemMedia", "itemAnswerMedia", "collapsible", "width", "shortText", "openLabel", "choiceColumn", "columnCount",
	"isSubject", "supportLink", "baseType", "supportHyperlink", "lookupQuestionnaire", "keyboard", "referenceFilter",
	"allowedProfile", "referenceProfile", "optionalDisplay", "template-display", "structuredefinition-fmm",
	"structuredefinition-standards-status", "observation-extract-category", "columnWidth"}

func (r *formReader) extensions(i *Item, v *val) {
	for _, x := range append(v.each("extension"), v.each("modifierExtension")...) {
		url := x.get("url").str()
		name := short(url)
		_, c := x.choice("value")
		if r.look(i, name, c) || r.bound(i, name, x, c) || r.logic(i, name, x, c) || r.taken(i, name, x, c) ||
			slices.Contains(quiet, name) {
			continue
		}
		r.f.problem(i, Note, "extension", "kept, not used: %s", url)
	}
	i.said = r.f.expression(i, computed(v.get("_text")))
	i.required = r.f.expression(i, computed(v.get("_required")))
	i.readOnly = r.f.expression(i, computed(v.get("_readOnly")))
	i.repeated = r.f.expression(i, computed(v.get("_repeats")))
}

// computed returns the expression that stands in for a value.
func computed(v *val) *val {
	if x := extension(v, "cqf-expression"); x != nil {
		return x
	}
	return extension(v, "cqf-calculatedValue")
}

// look reads how an item is shown.
func (r *formReader) look(i *Item, name string, c *val) bool {
	switch name {
	case "itemControl":
		i.Control = c.get("coding", "code").str()
	case "choiceOrientation":
		i.Orientation = c.str()
	case "displayCategory":
		i.Category = c.get("coding", "code").str()
	case "entryFormat":
		i.Entry = c.str()
	case "sliderStepValue":
		i.Slider = c.str()
	case "usageMode":
		i.Usage = c.str()
	case "hidden":
		i.Hidden = c.truth()
	default:
		return false
	}
	return true
}

// bound reads what limits an answer.
func (r *formReader) bound(i *Item, name string, x, c *val) bool {
	switch name {
	case "minLength":
		i.MinLength = max(0, c.int())
	case "minOccurs":
		i.MinOccurs = max(0, c.int())
	case "maxOccurs":
		i.MaxOccurs = max(0, c.int())
	case "maxDecimalPlaces":
		i.MaxDecimals = max(0, c.int())
	case "maxSize":
		if n, err := strconv.ParseFloat(c.str(), 64); err == nil && n > 0 && n < math.MaxInt32 {
			i.MaxSize = int(n)
		}
	case "minValue", "minQuantity":
		r.limit(i, x, &i.Min, &i.minExpr)
	case "maxValue", "maxQuantity":
		r.limit(i, x, &i.Max, &i.maxExpr)
	case "mimeType":
		i.MIMETypes = append(i.MIMETypes, c.str())
	case "referenceResource", "allowedResource":
		i.References = append(i.References, c.str())
	case "regex":
		r.regex(i, c.str())
	case "unit":
		i.Unit = Option{Value: readAnswer("Coding", c), text: readText(c, "display")}
	case "unitOption":
		if u := readAnswer("Coding", c); !u.IsZero() {
			i.Units = append(i.Units, Option{Value: u, text: readText(c, "display")})
		}
	case "unitValueSet":
		r.units(i, c.str())
	case "unitOpen":
		i.UnitOpen = c.str() != "optionsOnly"
	default:
		return false
	}
	return true
}

func (r *formReader) limit(i *Item, x *val, to *Answer, e **expression) {
	name, c := x.choice("value")
	if *e = r.f.expression(i, computed(x.get("_value"+name))); *e != nil {
		return
	}
	if name == "Expression" {
		*e = r.f.expression(i, c)
		return
	}
	for _, m := range x.obj { // {"url", "_valueDate": {the expression}} has no value beside it
		if rest, ok := strings.CutPrefix(m.name, "_value"); ok && rest != "" {
			if *e = r.f.expression(i, computed(m.v)); *e != nil {
				return
			}
		}
	}
	if c != nil {
		*to = readAnswer(name, c)
	}
}

func (r *formReader) regex(i *Item, src string) {
	re, err := regexp.Compile("^(?:" + src + ")$")
	if err != nil || len(src) > 2000 {
		r.f.problem(i, Warning, "expression", "the regular expression is not one we can run; it is not checked")
		return
	}
	i.Regex, i.re = src, re
}

func (r *formReader) units(i *Item, url string) {
	i.UnitSet = url
	if opts, ok := r.set(url); ok {
		i.Units = append(i.Units, opts...)
	} else {
		r.f.problem(i, Warning, "set", "its value set of units is not known here: %s", url)
	}
}

// logic reads the expressions of an item.
func (r *formReader) logic(i *Item, name string, x, c *val) bool {
	f := r.f
	switch name {
	case "enableWhenExpression":
		i.enable = f.expression(i, c)
	case "calculatedExpression":
		i.calculate = f.expression(i, c)
		i.named(i.calculate)
	case "initialExpression":
		i.populate = f.expression(i, c)
		i.named(i.populate)
	case "answerExpression":
		i.answers = f.expression(i, c)
	case "candidateExpression":
		i.candidates = f.expression(i, c)
	case "itemPopulationContext":
		i.context = f.expression(i, c)
	case "variable":
		if e := f.expression(i, c); e != nil {
			i.variables = append(i.variables, e)
		}
	case "constraint", "targetConstraint":
		i.constraints = append(i.constraints, f.constraint(i, x))
	case "cqf-expression":
		i.said = f.expression(i, c)
	case "answerOptionsToggleExpression":
		r.toggle(i, x)
	case ours + "danger":
		f.dangers = append(f.dangers, f.danger(i, x))
	case ours + "bands":
		i.bands = append(i.bands, readBand(x))
	case "subQuestionnaire":
		f.problem(i, Serious, "unsupported", "another questionnaire belongs here; assemble the form first")
	default:
		return false
	}
	return true
}

// named makes an expression that has a name a variable for what lies below.
func (i *Item) named(e *expression) {
	if e != nil && e.name != "" {
		i.variables = append(i.variables, e)
	}
}

func (r *formReader) toggle(i *Item, x *val) {
	var t toggle
	for _, p := range x.each("extension") {
		name, c := p.choice("value")
		if p.get("url").str() == "option" {
			t.options = append(t.options, readAnswer(name, c))
		} else if p.get("url").str() == "expression" {
			t.when = r.f.expression(i, c)
		}
	}
	if t.when != nil {
		i.toggles = append(i.toggles, t)
	}
}

// nested returns the value of a nested extension.
func nested(x *val, url string) *val {
	for _, p := range x.each("extension") {
		if p.get("url").str() == url {
			_, c := p.choice("value")
			return c
		}
	}
	return nil
}

func partText(x *val, url string) text {
	for _, p := range x.each("extension") {
		if p.get("url").str() == url {
			return readText(p, "valueString")
		}
	}
	return text{}
}

func (f *Form) constraint(i *Item, x *val) constraint {
	c := constraint{key: nested(x, "key").str(), severity: nested(x, "severity").str(), text: partText(x, "human"),
		requirements: nested(x, "requirements").str(), at: nested(x, "location").str()}
	c.human = c.text.own
	e := nested(x, "expression")
	if e != nil && !e.isObject() {
		c.must = &expression{lang: langPath, src: e.str(), item: i}
		f.ready(c.must)
	} else {
		c.must = f.expression(i, e)
	}
	return c
}

func (f *Form) danger(i *Item, x *val) danger {
	d := danger{item: i, when: f.expression(i, nested(x, "when")), text: partText(x, "text"), level: nested(x, "code").str()}
	if d.level != "crisis" && d.level != "urgent" {
		f.problem(i, Warning, "structure", "a danger without a level; it counts as a crisis")
		d.level = "crisis"
	}
	if d.when == nil {
		f.problem(i, Serious, "structure", "a danger without an expression")
	}
	return d
}

func readBand(x *val) Band {
	return Band{Low: nested(x, "low").str(), High: nested(x, "high").str(), Tone: nested(x, "tone").str(), text: partText(x, "text")}
}

// taken reads what is taken from the chart and given back to it.
func (r *formReader) taken(i *Item, name string, x, c *val) bool {
	switch name {
	case "observationLinkPeriod":
		v, err := strconv.ParseFloat(c.get("value").str(), 64)
		unit := c.get("code").str()
		if unit == "" {
			unit = c.get("unit").str()
		}
		i.observed = period{v, unit, err == nil}
		return true
	}
	return i.extract.read(r.f, i, name, x, c)
}

func (f *Form) rootExtensions(v *val) {
	for _, x := range v.each("extension") {
		name := short(x.get("url").str())
		_, c := x.choice("value")
		switch name {
		case "variable", "calculatedExpression":
			if e := f.expression(nil, c); e != nil {
				f.variables = append(f.variables, e)
			}
		case "constraint", "targetConstraint":
			f.constraints = append(f.constraints, f.constraint(nil, x))
		case "launchContext":
			if n := nested(x, "name"); n.isObject() {
				f.launch = append(f.launch, n.get("code").str())
			} else {
				f.launch = append(f.launch, n.str())
			}
		case "sourceQueries":
			f.source(strings.TrimPrefix(c.get("reference").str(), "#"))
		case ours + "danger":
			f.dangers = append(f.dangers, f.danger(nil, x))
		default:
			f.extract.read(f, nil, name, x, c)
		}
	}
}

// link finds what enableWhen refers to.
func (r *formReader) link() {
	f := r.f
	for _, i := range f.all {
		for n := range i.when {
			c := &i.when[n]
			if c.on = f.Find(c.link); c.on == nil {
				f.problem(i, Serious, "target", "enableWhen asks about an item that is not there: %s", c.link)
			}
		}
	}
	f.cycles()
	f.enliven()
}

// counting returns the extension expressions look for to know what a coding
// counts, or "" when none does.
func (f *Form) counting() string {
	one := func(name string) string { return `{"url":"` + core + name + `","valueDecimal":%s}` }
	switch {
	case bytes.Contains(f.src, []byte("itemWeight")):
		return "[" + one("itemWeight") + "," + one("ordinalValue") + "]"
	case bytes.Contains(f.src, []byte("ordinal")), bytes.Contains(f.src, []byte("weight")):
		return "[" + one("ordinalValue") + "]"
	}
	return ""
}

// enliven notes what has to be evaluated while the form is filled.
func (f *Form) enliven() {
	f.weights = map[string]string{}
	f.counts = f.counting()
	f.lively = len(f.dangers) > 0 || len(f.constraints) > 0
	for _, i := range f.all {
		i.lively = i.said != nil || i.required != nil || i.readOnly != nil || i.repeated != nil || i.minExpr != nil ||
			i.maxExpr != nil || i.answers != nil || i.candidates != nil || len(i.toggles) > 0
		if i.lively || i.enable != nil || i.calculate != nil || len(i.constraints) > 0 || i.populate != nil || i.context != nil || i.observed.set {
			f.lively = true
		}
		for _, o := range i.Options {
			key := o.Value.System + "|" + o.Value.Code
			if w, seen := f.weights[key]; o.Score != "" && (!seen || w == o.Score) {
				f.weights[key] = o.Score
			} else if o.Score != "" {
				f.weights[key] = ""
			}
		}
	}
}
