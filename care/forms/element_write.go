package forms

import (
	"slices"
	"strconv"
)

// writeElement writes what is not words.
func (d *desk) writeElement(e place) {
	for i, x := range e.expressions() {
		if s := d.Form("expr-" + strconv.Itoa(i)); s != x.get("expression").text() {
			x.setText("expression", s)
		}
	}
	if e.sort != theHead {
		e.node.keep("condition", func(c *tree) bool {
			return c.get("expression") == nil || c.get("expression", "expression").text() != ""
		})
		e.node.keep("extension", func(x *tree) bool {
			u := x.get("url").text()
			return u != whenURL && u != "urn:rapport:each" || x.get("valueExpression", "expression").text() != ""
		})
	}
	if s := d.Form("expr-new"); s != "" {
		expr := obj(pair{"language", str("text/fhirpath")}, pair{"expression", str(s)})
		if e.sort == theHead || e.sort == aGoal {
			e.node.add("extension", obj(pair{"url", str(whenURL)}, pair{"valueExpression", expr}))
		} else {
			e.node.add("condition", obj(pair{"kind", str("applicability")}, pair{"expression", expr}))
		}
	}
	switch e.sort {
	case aPhase:
		writeWeeks(e.node, d.Form("from"), d.Form("to"))
	case aStep, theChange:
		d.writeStep(e.node)
	}
}

func writeWeeks(n *tree, from, to string) {
	weeks := func(s string) *tree {
		return obj(pair{"value", num(s)}, pair{"unit", str("wk")}, pair{"system", str("http://unitsofmeasure.org")}, pair{"code", str("wk")})
	}
	r := n.get("timingRange")
	if from == "" && to == "" {
		n.set("timingRange", nil)
		return
	}
	if r == nil {
		r = obj()
		n.set("timingRange", r)
	}
	for name, s := range map[string]string{"low": from, "high": to} {
		switch x := r.get(name); {
		case s == "":
			r.set(name, nil)
		case x != nil:
			x.set("value", num(s))
		default:
			r.set(name, weeks(s))
		}
	}
	if r.get("low") != nil && r.get("high") != nil && r.keys[0] == "high" {
		slices.Reverse(r.keys)
		slices.Reverse(r.vals)
	}
}

func (d *desk) writeStep(n *tree) {
	if k := d.Form("kind"); k != kindOf(n) && k != "" {
		done := false
		for _, c := range n.each("code") {
			for _, x := range c.each("coding") {
				if x.get("system").text() == "urn:rapport:step" {
					x.setText("code", k)
					done = true
				}
			}
		}
		if !done {
			n.add("code", obj(pair{"coding", list(obj(pair{"system", str("urn:rapport:step")}, pair{"code", str(k)}))}))
		}
	}
	goals, had := d.FormAll("goals"), map[string]bool{}
	n.keep("goalId", func(x *tree) bool { had[x.text()] = true; return slices.Contains(goals, x.text()) })
	for _, g := range goals {
		if !had[g] {
			n.add("goalId", str(g))
		}
	}
	unit := d.Form("unit")
	r := n.get("timingTiming", "repeat")
	if r.get("periodUnit").text() == unit && r.get("frequency").text() == d.Form("often") && r.get("period").text() == d.Form("per") {
		return
	}
	if unit == "" {
		n.set("timingTiming", nil)
		return
	}
	if r == nil {
		r = obj()
		t := n.get("timingTiming")
		if t == nil {
			t = obj()
			n.set("timingTiming", t)
		}
		t.set("repeat", r)
	}
	one := func(s string) *tree {
		if s == "" {
			s = "1"
		}
		return num(s)
	}
	r.set("frequency", one(d.Form("often")))
	r.set("period", one(d.Form("per")))
	r.setText("periodUnit", unit)
}
