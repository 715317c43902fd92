package forms

import (
	"slices"
	"strconv"
)

// write writes into an item what was changed about it, and leaves the rest as it is.
func (was *asked) write(root, item *tree, now asked, about func(string) *asked, base string) {
	writeTexts(item, "text", base, "String", was.Text, now.Text)
	writeAside(root, item, "help", base, was.Help, now.Help)
	writeAside(root, item, "why", base, was.Why, now.Why)
	if was.Type != now.Type {
		item.setText("type", now.Type)
	}
	item.flag("required", now.Required)
	item.flag("repeats", now.Repeats)
	was.writeBounds(item, now)
	if now.offers() && (now.OptionSet == "" || len(now.Options) > 0) {
		writeOptions(item, &now, base)
	} else if !now.offers() && was.offers() && now.answered() {
		item.set("answerOption", nil)
	}
	writeConditions(item, now.Conditions, about, base)
	if len(now.Conditions) > 1 || item.get("enableBehavior") != nil {
		behavior := "all"
		if now.Any {
			behavior = "any"
		}
		if len(item.each("enableWhen")) > 0 {
			item.setText("enableBehavior", behavior)
		}
	}
	if was.When != now.When {
		setExpression(item, enableURL, now.When)
	}
	if was.Calculated != now.Calculated {
		setExpression(item, calculatedURL, now.Calculated)
	}
	writeAlarm(item, base, was.Alarm, now.Alarm)
	was.writeRecord(item, now)
}

func setExpression(n *tree, url, s string) {
	if s == "" {
		setExt(n, url, nil)
		return
	}
	if x := ext(n, url).get("valueExpression"); x != nil {
		x.setText("expression", s)
		return
	}
	setExt(n, url, obj(pair{"url", str(url)}, pair{"valueExpression", obj(pair{"language", str("text/fhirpath")}, pair{"expression", str(s)})}))
}

// writeAside writes help, or why we ask: a display item beneath the question.
func writeAside(root, item *tree, what, base string, was, now texts) {
	if was.same(now) {
		return
	}
	var at *tree
	for _, c := range item.each("item") {
		if aside(c) == what {
			at = c
			break
		}
	}
	switch {
	case !now.any() && at != nil:
		item.keep("item", func(x *tree) bool { return x != at })
		return
	case at == nil:
		system := "http://hl7.org/fhir/questionnaire-item-control"
		if what == "why" {
			system = "urn:rapport:item-control"
		}
		at = obj(
			pair{"extension", list(obj(pair{"url", str(controlURL)}, pair{"valueCodeableConcept", obj(pair{"coding", list(obj(pair{"system", str(system)}, pair{"code", str(what)}))})}))},
			pair{"linkId", str(unused(root, item.get("linkId").text()+"-"+what))},
			pair{"type", str("display")},
		)
		l := item.get("item")
		if l == nil || l.kind != '[' {
			l = list()
			item.set("item", l)
		}
		l.vals = slices.Insert(l.vals, 0, at)
	}
	writeTexts(at, "text", base, "String", was, now)
}

// writeBounds writes how long, how little and how much an answer may be.
func (was *asked) writeBounds(item *tree, now asked) {
	if was.Most != now.Most {
		item.set("maxLength", digits(now.Most))
	}
	if was.MinLength != now.MinLength {
		setValue(item, minLengthURL, "Integer", digits(now.MinLength))
	}
	for _, b := range []struct{ url, was, now string }{{minURL, was.Min, now.Min}, {maxURL, was.Max, now.Max}} {
		if b.was == b.now && was.Type == now.Type {
			continue
		}
		switch {
		case b.now == "":
			setValue(item, b.url, "", nil)
		case now.Type == "integer":
			setValue(item, b.url, "Integer", num(b.now))
		case now.Type == "decimal" || now.Type == "quantity":
			setValue(item, b.url, "Decimal", num(b.now))
		case now.Type == "date":
			setValue(item, b.url, "Date", str(b.now))
		case now.Type == "dateTime":
			setValue(item, b.url, "DateTime", str(b.now))
		}
	}
	if was.Unit != now.Unit || was.UnitText != now.UnitText {
		if now.Unit == "" && now.UnitText == "" {
			setValue(item, unitURL, "", nil)
			return
		}
		c := value(ext(item, unitURL))
		if c == nil || c.kind != '{' {
			c = obj(pair{"system", str("http://unitsofmeasure.org")})
		}
		c.setText("code", now.Unit)
		c.setText("display", now.UnitText)
		setValue(item, unitURL, "Coding", c)
	}
}

func digits(s string) *tree {
	if s == "" {
		return nil
	}
	return num(s)
}

// writeOptions writes the options in their order; each that was there stays what it is.
func writeOptions(item *tree, now *asked, base string) {
	was := item.each("answerOption")
	used := map[*tree]bool{}
	var out []*tree
	for _, o := range now.Options {
		var n *tree
		for _, w := range was {
			if o.Key != "" && !used[w] && digest(w) == o.Key {
				n = w
				break
			}
		}
		if n != nil {
			used[n] = true
		} else {
			n = obj(pair{"valueCoding", obj(pair{"system", str(o.System)}, pair{"code", str(o.Code)})})
		}
		writeOption(n, o, base)
		out = append(out, n)
	}
	if len(out) == 0 {
		item.set("answerOption", nil)
		return
	}
	item.set("answerOption", list(out...))
}

func writeOption(n *tree, o option, base string) {
	old := readOption(n, base)
	_, v := n.choice("value")
	switch old.Kind {
	case "Coding":
		if old.Code != o.Code {
			v.setText("code", o.Code)
		}
		writeTexts(v, "display", base, "String", old.Text, o.Text)
	case "String":
		writeTexts(n, "valueString", base, "String", old.Text, o.Text)
	case "Integer":
		if isNumber(o.Text[base]) {
			n.set("valueInteger", num(o.Text[base]))
		}
	}
	if old.Exclusive != o.Exclusive {
		if o.Exclusive {
			setValue(n, exclusiveURL, "Boolean", truth())
		} else {
			setExt(n, exclusiveURL, nil)
		}
	}
	if old.Score == o.Score {
		return
	}
	x := scored(n)
	switch {
	case x == nil:
		setValue(n, ordinalURL, "Decimal", num(o.Score))
	case o.Score == "":
		n.keep("extension", func(t *tree) bool { return t != x })
		v.keep("extension", func(t *tree) bool { return t != x })
	default:
		typ, _ := x.choice("value")
		x.set("value"+typ, num(o.Score))
	}
}

// writeRecord writes what an answer becomes in the record.
func (was *asked) writeRecord(item *tree, now asked) {
	if was.Definition != now.Definition {
		item.setText("definition", now.Definition)
	}
	if was.Extract != now.Extract {
		if now.Extract {
			setValue(item, extractURL, "Boolean", truth())
		} else {
			setExt(item, extractURL, nil)
		}
	}
	if was.System == now.System && was.Code == now.Code && was.Name == now.Name {
		return
	}
	l := item.get("code")
	switch {
	case now.Code == "" && l != nil && l.kind == '[' && len(l.vals) > 0:
		first := l.vals[0]
		item.keep("code", func(x *tree) bool { return x != first })
	case now.Code == "":
	case l == nil || l.kind != '[' || len(l.vals) == 0:
		item.set("code", list(obj(pair{"system", str(now.System)}, pair{"code", str(now.Code)})))
		item.get("code").vals[0].setText("display", now.Name)
	default:
		l.vals[0].setText("system", now.System)
		l.vals[0].setText("code", now.Code)
		l.vals[0].setText("display", now.Name)
	}
}

// settle gives new options what they lack: a system and a code that no other has.
func (a *asked) settle(base string) {
	system := "urn:rapport:answer:" + slug(a.Link, "question")
	taken := map[string]bool{}
	for _, o := range a.Options {
		if o.Key != "" && o.Kind == "Coding" {
			system = o.System
			break
		}
	}
	for _, o := range a.Options {
		taken[o.Code] = true
	}
	for i := range a.Options {
		o := &a.Options[i]
		if o.Key != "" || o.Code != "" {
			if o.Key == "" && o.System == "" {
				o.Kind, o.System = "Coding", system
			}
			continue
		}
		want := slug(o.Text[base], "answer")
		code := want
		for n := 2; taken[code]; n++ {
			code = want + "-" + strconv.Itoa(n)
		}
		taken[code] = true
		o.Kind, o.System, o.Code = "Coding", system, code
	}
}
