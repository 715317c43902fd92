package forms

import (
	"slices"
	"strings"
)

// alarm is what the form says is dangerous about an answer.
type alarm struct {
	Level string // crisis or urgent; "" for none
	Expr  string
	Text  texts
	More  int  // further ones, which are kept
	Yes   bool // of a yes or no: yes raises it
	No    bool
	From  string // of a number: from this on
}

func readAlarm(item *tree, base string) alarm {
	a := alarm{Text: texts{}}
	for _, x := range item.each("extension") {
		if x.get("url").text() != dangerURL {
			continue
		}
		if a.Level != "" || a.Expr != "" {
			a.More++
			continue
		}
		a.Level = extText(x, "code")
		a.Expr = expression(x, "when")
		if t := ext(x, "text"); t != nil {
			a.Text = readTexts(t, "valueString", base)
		}
	}
	return a
}

// answers are the answers to an item, as an expression names them.
func answers(link string) string {
	return "%resource.descendants().where(linkId = '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(link) + "').answer"
}

// expr is the expression of the answers that were ticked; "" if none was.
func (a *asked) expr() string {
	from := answers(a.Link)
	switch {
	case a.offers():
		var codes []string
		for _, o := range a.Options {
			if o.Alarm && o.Code != "" {
				codes = append(codes, "value.code = '"+strings.ReplaceAll(o.Code, "'", `\'`)+"'")
			}
		}
		if len(codes) > 0 {
			return from + ".where(" + strings.Join(codes, " or ") + ").exists()"
		}
	case a.Type == "boolean" && a.Alarm.Yes && !a.Alarm.No:
		return from + ".where(value = true).exists()"
	case a.Type == "boolean" && a.Alarm.No && !a.Alarm.Yes:
		return from + ".where(value = false).exists()"
	case (a.Type == "integer" || a.Type == "decimal") && a.Alarm.From != "":
		return from + ".where(value >= " + a.Alarm.From + ").exists()"
	}
	return ""
}

// mark ticks the answers that an expression is about, where it is one that we write.
func (a *asked) mark() {
	x := a.Alarm.Expr
	if x == "" {
		return
	}
	from := answers(a.Link)
	switch {
	case a.offers():
		for i := range a.Options {
			code := "value.code = '" + a.Options[i].Code + "'"
			a.Options[i].Alarm = strings.Contains(x, "("+code+" ") || strings.Contains(x, "("+code+")") || strings.Contains(x, "or "+code+" ") || strings.Contains(x, "or "+code+")")
		}
		if a.expr() == x {
			return
		}
		// all but one, as the instruments that ship write it
		for i := range a.Options {
			a.Options[i].Alarm = x != from+".where(value.code != '"+a.Options[i].Code+"').exists()"
		}
		if !slices.ContainsFunc(a.Options, func(o option) bool { return !o.Alarm }) {
			for i := range a.Options {
				a.Options[i].Alarm = false
			}
		}
	case a.Type == "boolean":
		a.Alarm.Yes, a.Alarm.No = x == from+".where(value = true).exists()", x == from+".where(value = false).exists()"
	case a.Type == "integer" || a.Type == "decimal":
		if n, ok := strings.CutPrefix(x, from+".where(value >= "); ok {
			if n, ok = strings.CutSuffix(n, ").exists()"); ok && isNumber(n) {
				a.Alarm.From = n
			}
		}
	}
}

// ticks are the answers that raise the alarm, to be compared.
func (a *asked) ticks() string {
	var b strings.Builder
	for _, o := range a.Options {
		if o.Alarm {
			b.WriteString(o.Code + "\n")
		}
	}
	if a.Alarm.Yes {
		b.WriteString("yes")
	}
	if a.Alarm.No {
		b.WriteString("no")
	}
	return b.String() + a.Alarm.From
}

// writeAlarm writes the first danger of an item; others stay.
func writeAlarm(item *tree, base string, was, now alarm) {
	if was.Level == now.Level && was.Expr == now.Expr && was.Text.same(now.Text) {
		return
	}
	x := ext(item, dangerURL)
	if now.Level == "" {
		setExt(item, dangerURL, nil)
		return
	}
	if x == nil {
		x = obj(pair{"url", str(dangerURL)}, pair{"extension", list()})
		item.add("extension", x)
	}
	if w := ext(x, "when").get("valueExpression"); w != nil {
		w.setText("expression", now.Expr)
	} else {
		x.add("extension", obj(pair{"url", str("when")}, pair{"valueExpression", obj(pair{"language", str("text/fhirpath")}, pair{"expression", str(now.Expr)})}))
	}
	t := ext(x, "text")
	if t == nil && now.Text.any() {
		t = obj(pair{"url", str("text")})
		x.add("extension", t)
	}
	if t != nil {
		writeTexts(t, "valueString", base, "String", was.Text, now.Text)
	}
	setValue(x, "code", "Code", str(now.Level))
}
