package forms

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// asked is one item of a form as it is edited.
type asked struct {
	Link, Type         string
	Text, Help, Why    texts
	Required, Repeats  bool
	Options            []option
	OptionSet          string // a value set the options come from instead
	MinLength, Most    string // of words: the fewest and most characters
	Min, Max           string // of a number or a date
	Unit               string // its code
	UnitText           string
	Any                bool // one condition is enough
	Conditions         []condition
	When               string // an enableWhenExpression
	Alarm              alarm
	Definition         string
	Extract            bool // it becomes a result
	System, Code, Name string
	Official           string // where its wording was published
	Hidden             bool
	Calculated         string
	Context            string // what each repeat of a group becomes
}

// option is one of the answers a question offers.
type option struct {
	Key       string // stands for the option as it was; "" if it is new
	Kind      string // Coding, String, Integer, Date …
	System    string
	Code      string
	Text      texts
	Score     string
	Exclusive bool
	Alarm     bool // raises the alarm
}

// value names an option in a condition.
func (o option) value(base string) string {
	if o.Kind == "Coding" {
		return o.System + "|" + o.Code
	}
	return o.Text[base]
}

// words returns the option in words, its code if it has none.
func (o option) words(code, base string) string {
	if s := o.Text.in(code, base); s != "" {
		return s
	}
	return o.Code
}

// digest stands for a piece of JSON.
func digest(n *tree) string {
	h := sha256.Sum256(n.bytes())
	return hex.EncodeToString(h[:6])
}

// readAsked reads an item.
func readAsked(item *tree, base string) asked {
	a := asked{Link: item.get("linkId").text(), Type: item.get("type").text(), Text: readTexts(item, "text", base), Help: texts{}, Why: texts{}}
	for _, c := range item.each("item") {
		switch aside(c) {
		case "help":
			if !a.Help.any() {
				a.Help = readTexts(c, "text", base)
			}
		case "why":
			if !a.Why.any() {
				a.Why = readTexts(c, "text", base)
			}
		}
	}
	a.Required, a.Repeats = item.get("required").is(), item.get("repeats").is()
	for _, o := range item.each("answerOption") {
		a.Options = append(a.Options, readOption(o, base))
	}
	a.OptionSet = item.get("answerValueSet").text()
	a.Most, a.MinLength = item.get("maxLength").text(), extText(item, minLengthURL)
	a.Min, a.Max = extText(item, minURL), extText(item, maxURL)
	u := value(ext(item, unitURL))
	a.Unit, a.UnitText = u.get("code").text(), u.get("display").text()
	a.Any = item.get("enableBehavior").text() != "all"
	for _, w := range item.each("enableWhen") {
		a.Conditions = append(a.Conditions, readCondition(w))
	}
	a.When = expression(item, enableURL)
	a.Alarm = readAlarm(item, base)
	a.mark()
	a.Definition = item.get("definition").text()
	a.Extract = extText(item, extractURL) == "true"
	for _, c := range item.each("code") {
		a.System, a.Code, a.Name = c.get("system").text(), c.get("code").text(), c.get("display").text()
		break
	}
	a.Official = extText(item, officialURL)
	a.Hidden = extText(item, hiddenURL) == "true"
	a.Calculated = expression(item, calculatedURL)
	a.Context = extText(item, contextURL)
	if a.Context == "" {
		a.Context = expression(item, contextURL)
	}
	return a
}

func readOption(o *tree, base string) option {
	typ, v := o.choice("value")
	x := option{Key: digest(o), Kind: typ, Text: texts{}}
	switch typ {
	case "Coding":
		x.System, x.Code, x.Text = v.get("system").text(), v.get("code").text(), readTexts(v, "display", base)
	case "String":
		x.Text = readTexts(o, "valueString", base)
	case "Reference":
		x.Text[base] = v.get("display").text()
	default:
		x.Text[base] = v.text()
	}
	x.Score = value(scored(o)).text()
	x.Exclusive = extText(o, exclusiveURL) == "true"
	return x
}

// scored returns the extension that says what an option counts, wherever it stands.
func scored(o *tree) *tree {
	_, v := o.choice("value")
	for _, n := range []*tree{o, v} {
		for _, x := range n.each("extension") {
			if u := x.get("url").text(); u == ordinalURL || strings.HasSuffix(u, "/itemWeight") {
				return x
			}
		}
	}
	return nil
}

// offers reports that the question is answered by choosing.
func (a *asked) offers() bool { return a.Type == "choice" || a.Type == "open-choice" }

// counts reports that the question is answered by a number.
func (a *asked) counts() bool {
	return a.Type == "integer" || a.Type == "decimal" || a.Type == "quantity"
}

// dated reports that the question is answered by a day or a time.
func (a *asked) dated() bool { return a.Type == "date" || a.Type == "dateTime" || a.Type == "time" }

// worded reports that the question is answered by words.
func (a *asked) worded() bool {
	return a.Type == "string" || a.Type == "text" || a.Type == "url" || a.Type == "open-choice"
}

// answered reports that the item can have an answer at all.
func (a *asked) answered() bool { return a.Type != "group" && a.Type != "display" }

// types are the kinds of item that can be chosen.
var types = []string{"choice", "open-choice", "boolean", "string", "text", "integer", "decimal", "quantity", "date", "dateTime", "time", "url", "attachment", "group", "display"}
