package form

import "regexp"

// Item is one item of a form: a question, a group or something to read.
type Item struct {
	// Number is the item's place in the form, counted from 0 in reading order. It
	// names the item in an address.
	Number int
	LinkID string
	// Type is R4's: group, display, boolean, decimal, integer, date, dateTime,
	// time, string, text, url, choice, open-choice, attachment, reference,
	// quantity. A type we do not know has become display, and a Problem.
	Type       string
	Prefix     string
	Definition string // the element it stands for
	Codes      []Answer

	Required, Repeats, ReadOnly, Hidden bool

	Control     string // itemControl: drop-down, check-box, slider, gtable …
	Orientation string // vertical or horizontal, or ""
	Category    string // displayCategory: instructions, security, help
	Entry       string // entryFormat, or ""
	Slider      string // a slider's step, or ""
	Usage       string // usageMode, or ""

	Options   []Option
	OptionSet string // the value set they come from, or ""
	Open      bool   // words of one's own are as good as an option

	Unit     Option
	Units    []Option
	UnitSet  string
	UnitOpen bool

	MinLength, MaxLength int // characters; 0 is no bound
	MinOccurs, MaxOccurs int // 0 is no bound
	MaxDecimals          int // -1 is no bound
	MaxSize              int // bytes of an attachment; 0 is no bound
	Min, Max             Answer
	MIMETypes            []string
	References           []string // the types of resource to choose from
	Regex                string

	// Help, Why, Flyover, Lower, Upper and Notes are display items beneath this
	// one that say more about it. Why is ours: "why we ask"
	// (urn:rapport:item-control, why). Notes are read with a question.
	Help, Why, Flyover, Lower, Upper, Notes []*Item

	Items  []*Item // what lies beneath, without those
	Parent *Item   // nil at the top

	text    text
	said    *expression // the text, computed
	minExpr *expression
	maxExpr *expression
	initial []Answer

	when       []condition
	any        bool
	enable     *expression
	calculate  *expression
	populate   *expression // initialExpression
	answers    *expression // answerExpression
	candidates *expression
	context    *expression // itemPopulationContext
	required   *expression // on _required
	readOnly   *expression // on _readOnly
	repeated   *expression // on _repeats
	toggles    []toggle
	variables  []*expression

	constraints []constraint
	bands       []Band
	observed    period // observationLinkPeriod
	extract     extraction
	re          *regexp.Regexp
	depth       int
	pos         int  // place among the rows of its part
	lively      bool // it has an expression that only shows
}

// Text returns the item's words in a language, or the original ones.
func (i *Item) Text(lang string) string { return i.text.in(lang) }

// Group reports that the item is a group.
func (i *Item) Group() bool { return i.Type == "group" }

// Display reports that the item only has something to read.
func (i *Item) Display() bool { return i.Type == "display" }

// Question reports that the item can have an answer.
func (i *Item) Question() bool { return !i.Group() && !i.Display() }

// Calculated reports that the answer follows from other answers.
func (i *Item) Calculated() bool { return i.calculate != nil }

// Conditional reports that the item is not always asked.
func (i *Item) Conditional() bool { return len(i.when) > 0 || i.enable != nil }

// Several reports that a place within the item needs to say in which instance: a
// group that repeats, or a question that repeats and has questions beneath.
func (i *Item) Several() bool {
	return i.Repeats && !i.Display() && (i.Group() || len(i.Items) > 0)
}

// value returns the type an answer has: FHIR's name of the value.
func (i *Item) value() string {
	switch i.Type {
	case "text":
		return "string"
	case "url":
		return "uri"
	case "choice", "open-choice":
		if len(i.Options) > 0 {
			return i.Options[0].Value.Type
		}
		return "Coding"
	case "reference", "quantity", "attachment":
		return string(i.Type[0]-'a'+'A') + i.Type[1:]
	}
	return i.Type
}

// takes reports that an answer of a type may stand under the item.
func (i *Item) takes(typ string) bool {
	switch i.Type {
	case "choice", "open-choice":
		if i.Open && typ == "string" {
			return true
		}
		if len(i.Options) == 0 {
			return typ == "Coding"
		}
		for _, o := range i.Options {
			if o.Value.Type == typ {
				return true
			}
		}
		return false
	}
	return i.Question() && typ == i.value()
}

type condition struct {
	link   string
	on     *Item
	op     string
	answer Answer
}

type toggle struct {
	options []Answer
	when    *expression
}

type constraint struct {
	key, severity, human string
	text                 text
	requirements         string
	must                 *expression
	at                   string // location, where a targetConstraint gives one
}

// danger is an answer that must not pass in silence (urn:rapport:danger).
type danger struct {
	item  *Item
	level string
	text  text
	when  *expression
}

// Band is what a score between two bounds means (urn:rapport:bands).
type Band struct {
	Low, High string // decimals, both included; "" is open
	Tone      string // good, note, watch, danger: the form's own word

	text text
}

// Text returns the band in words.
func (b Band) Text(lang string) string { return b.text.in(lang) }

type period struct {
	value float64
	unit  string // UCUM
	set   bool
}
