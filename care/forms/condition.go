package forms

import (
	"slices"
	"strings"

	"rapport/lang"
)

// condition is one sentence about when an item is shown.
type condition struct {
	Key      string // stands for the condition as it was; "" if it is new
	Question string // the linkId it looks at
	Op       string
	Value    string // system|code of a choice, else as FHIR writes it
}

// ops are the ways to compare: what FHIR calls them, and of which answers they make sense.
var ops = []struct {
	name    string
	ordered bool // needs answers that have an order
}{{"=", false}, {"!=", false}, {">", true}, {">=", true}, {"<", true}, {"<=", true}, {"answered", false}, {"open", false}}

// valued reports that the way to compare needs something to compare with.
func (c condition) valued() bool { return c.Op != "answered" && c.Op != "open" }

func readCondition(w *tree) condition {
	c := condition{Key: digest(w), Question: w.get("question").text(), Op: w.get("operator").text()}
	typ, v := w.choice("answer")
	switch {
	case c.Op == "exists" && v.is():
		c.Op = "answered"
	case c.Op == "exists":
		c.Op = "open"
	case typ == "Coding":
		c.Value = v.get("system").text() + "|" + v.get("code").text()
	case typ == "Quantity":
		c.Value = v.get("value").text()
	case typ == "Reference":
		c.Value = v.get("reference").text()
	default:
		c.Value = v.text()
	}
	return c
}

// writeConditions writes the conditions that are not as they were.
func writeConditions(item *tree, now []condition, about func(link string) *asked, base string) {
	was := item.each("enableWhen")
	var out []*tree
	for _, c := range now {
		i := slices.IndexFunc(was, func(w *tree) bool { return c.Key != "" && digest(w) == c.Key })
		if i >= 0 {
			old := readCondition(was[i])
			if old == c {
				out = append(out, was[i])
				continue
			}
		}
		if c.Question == "" || c.valued() && c.Value == "" {
			continue
		}
		n := obj()
		if i >= 0 {
			n = was[i]
			if typ, _ := n.choice("answer"); typ != "" {
				n.set("answer"+typ, nil)
			}
		}
		n.setText("question", c.Question)
		writeAnswer(n, c, about(c.Question), base)
		out = append(out, n)
	}
	if len(out) == 0 {
		item.set("enableWhen", nil)
		item.set("enableBehavior", nil)
		return
	}
	item.set("enableWhen", list(out...))
}

func writeAnswer(n *tree, c condition, a *asked, base string) {
	switch c.Op {
	case "answered":
		n.setText("operator", "exists")
		n.set("answerBoolean", truth())
		return
	case "open":
		n.setText("operator", "exists")
		n.set("answerBoolean", num("false"))
		return
	}
	n.setText("operator", c.Op)
	typ := "string"
	if a != nil {
		typ = a.Type
	}
	switch typ {
	case "boolean":
		n.set("answerBoolean", num(c.Value))
	case "integer":
		n.set("answerInteger", num(c.Value))
	case "decimal":
		n.set("answerDecimal", num(c.Value))
	case "quantity":
		q := obj(pair{"value", num(c.Value)})
		if a.Unit != "" {
			q = obj(pair{"value", num(c.Value)}, pair{"system", str("http://unitsofmeasure.org")}, pair{"code", str(a.Unit)})
		}
		n.set("answerQuantity", q)
	case "date", "dateTime", "time":
		n.set("answer"+strings.ToUpper(typ[:1])+typ[1:], str(c.Value))
	case "choice", "open-choice":
		for _, o := range a.Options {
			if o.value(base) == c.Value && o.Kind != "Coding" {
				writePlain(n, o.Kind, c.Value)
				return
			}
		}
		system, code, _ := strings.Cut(c.Value, "|")
		x := obj()
		x.setText("system", system)
		x.setText("code", code)
		n.set("answerCoding", x)
	default:
		n.set("answerString", str(c.Value))
	}
}

func writePlain(n *tree, typ, v string) {
	if typ == "Integer" {
		n.set("answerInteger", num(v))
		return
	}
	n.set("answer"+typ, str(v))
}

// sayCondition says a condition in words: "“Do you smoke?” is “Yes”".
func sayCondition(p lang.Printer, c condition, about *asked, base string) string {
	code := p.Tag().String()
	name := c.Question
	if about != nil && about.Text.any() {
		name = short(about.Text.in(code, base), 60)
	}
	v := about.said(p, c.Value, base)
	switch c.Op {
	case "=":
		return p.BuilderSayIs(name, v)
	case "!=":
		return p.BuilderSayNot(name, v)
	case ">":
		return p.BuilderSayMore(name, v)
	case ">=":
		return p.BuilderSayLeast(name, v)
	case "<":
		return p.BuilderSayLess(name, v)
	case "<=":
		return p.BuilderSayMost(name, v)
	case "answered":
		return p.BuilderSayAnswered(name)
	}
	return p.BuilderSayOpen(name)
}

// said is the value of a condition in words.
func (a *asked) said(p lang.Printer, v, base string) string {
	if a != nil {
		switch {
		case a.Type == "boolean" && v == "true":
			return p.QuestionYes()
		case a.Type == "boolean" && v == "false":
			return p.QuestionNo()
		case a.Type == "decimal" || a.Type == "quantity":
			return p.Number(v)
		}
		for _, o := range a.Options {
			if o.value(base) == v {
				return o.words(p.Tag().String(), base)
			}
		}
	}
	if _, code, ok := strings.Cut(v, "|"); ok {
		return code
	}
	return v
}

// quoteEnd is the sign that closes what was said.
func quoteEnd(s string) string {
	return s[len(strings.TrimRight(s, "”»\u00a0 ")):]
}

// sayWhen says when an item is shown, as one sentence; "" if always.
func sayWhen(p lang.Printer, a *asked, about func(string) *asked, base string) string {
	var all []string
	for i := 0; i < len(a.Conditions); i++ {
		c := a.Conditions[i]
		said := sayCondition(p, c, about(c.Question), base)
		for a.Any && c.Op == "=" && i+1 < len(a.Conditions) && a.Conditions[i+1].Op == "=" && a.Conditions[i+1].Question == c.Question { // one question, several answers
			i++
			more := about(c.Question).said(p, a.Conditions[i].Value, base)
			said = strings.TrimRight(said, "”»\u00a0 ") + " / " + more + quoteEnd(said)
		}
		all = append(all, said)
	}
	switch {
	case len(all) == 0 && a.When != "":
		return p.BuilderWhenExpr()
	case len(all) == 0:
		return ""
	case a.Any && len(all) > 1:
		return p.BuilderWhen(strings.Join(all, p.BuilderOr()))
	}
	return p.BuilderWhen(strings.Join(all, p.BuilderAnd()))
}

// short cuts a text to so many letters.
func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}
