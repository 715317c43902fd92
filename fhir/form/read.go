package form

import (
	"errors"
	"slices"
	"strings"

	"rapport/errs"
	"rapport/fhir"
)

// Read reads a Questionnaire. The error is errs.Invalid and says exactly why;
// what can be lived with is in Problems. sets may be nil.
func Read(json []byte, sets ValueSets) (*Form, error) {
	if len(json) > MaxBytes {
		return nil, invalid("the form is larger than %d MB", MaxBytes>>20)
	}
	v := parseJSON(json)
	switch {
	case v == nil:
		return nil, invalid("not JSON, or nested too deep")
	case v.get("resourceType").str() != "Questionnaire":
		return nil, invalid("resourceType: a Questionnaire is expected")
	}
	f := &Form{src: json, byLink: map[string][]*Item{}, contained: map[string]*val{}, sets: map[string]set{}}
	f.head(v)
	r := formReader{f: f, more: sets}
	var err error
	if f.Items, err = r.items(v, nil); err != nil {
		return nil, err
	}
	f.strictly(json)
	f.rootExtensions(v)
	r.link()
	return f, nil
}

func (f *Form) head(v *val) {
	f.ID, f.URL, f.Version = v.get("id").str(), v.get("url").str(), v.get("version").str()
	f.Name, f.Status = v.get("name").str(), v.get("status").str()
	f.Copyright, f.Language = v.get("copyright").str(), v.get("language").str()
	f.From, f.Until = v.get("effectivePeriod", "start").str(), v.get("effectivePeriod", "end").str()
	f.title, f.description = readText(v, "title"), readText(v, "description")
	f.Codes = codings(v, "code")
	for _, c := range v.each("contained") {
		f.contained[c.get("id").str()] = c
	}
	if f.Status == "" {
		f.problem(nil, Warning, "structure", "status is missing")
	}
}

// strictly notes where the form is not valid R4. It is read all the same.
func (f *Form) strictly(json []byte) {
	d, err := fhir.Parse(json)
	f.strict = err == nil
	for n, is := range d.Issues() {
		if n == 8 {
			f.problem(nil, Warning, "structure", "and more that is not R4")
			break
		}
		f.problem(nil, Warning, "structure", "not R4: %s: %s", is.Path, is.Reason)
	}
	var e *errs.Error
	if err != nil && !errors.As(err, &e) {
		f.problem(nil, Warning, "structure", "not R4")
	}
	if f.strict && len(d.Unknown()) > 0 {
		f.problem(nil, Note, "structure", "%d elements R4 does not have", len(d.Unknown()))
	}
}

func codings(v *val, name string) []Answer {
	var out []Answer
	for _, c := range v.each(name) {
		if a := readAnswer("Coding", c); !a.IsZero() {
			out = append(out, a)
		}
	}
	return out
}

type formReader struct {
	f       *Form
	more    ValueSets
	sources []*val // by number
}

func (r *formReader) items(v *val, parent *Item) ([]*Item, error) {
	var out []*Item
	for _, c := range v.each("item") {
		i, err := r.item(c, parent)
		if err != nil {
			return nil, err
		}
		if parent != nil && i.Display() && aside(parent, i) {
			continue
		}
		for _, o := range out {
			if o.LinkID == i.LinkID && !i.Display() {
				r.f.problem(i, Serious, "duplicate", "the linkId stands twice side by side; the second is only shown")
				i.Type = "display"
			}
		}
		i.pos = len(out)
		out = append(out, i)
	}
	return out, nil
}

// aside puts a display item that only says more about its parent in its place.
func aside(parent, i *Item) bool {
	switch i.Control {
	case "help":
		parent.Help = append(parent.Help, i)
	case "why":
		parent.Why = append(parent.Why, i)
	case "flyover", "prompt":
		parent.Flyover = append(parent.Flyover, i)
	case "lower":
		parent.Lower = append(parent.Lower, i)
	case "upper":
		parent.Upper = append(parent.Upper, i)
	case "unit":
		if parent.Unit.Value.IsZero() {
			parent.Unit = Option{Value: Answer{Type: "Coding", Text: i.text.own}, text: i.text}
		}
	default:
		switch {
		case parent.Group() || i.Conditional():
			return false
		case i.Category == "help":
			parent.Help = append(parent.Help, i)
		default:
			parent.Notes = append(parent.Notes, i)
		}
	}
	return true
}

func (r *formReader) item(v *val, parent *Item) (*Item, error) {
	f := r.f
	i := &Item{Number: len(f.all), LinkID: v.get("linkId").str(), Type: v.get("type").str(), Parent: parent, MaxDecimals: -1}
	switch {
	case i.LinkID == "":
		return nil, invalid("item %d has no linkId", i.Number)
	case i.Number >= MaxItems:
		return nil, invalid("the form has more than %d items", MaxItems)
	case parent != nil && parent.depth >= MaxNests:
		return nil, invalid("items nest deeper than %d", MaxNests)
	}
	if parent != nil {
		i.depth = parent.depth + 1
	}
	f.all = append(f.all, i)
	r.sources = append(r.sources, v)
	if f.byLink[i.LinkID] != nil {
		f.problem(i, Warning, "duplicate", "the linkId is not the only one of its name")
	}
	f.byLink[i.LinkID] = append(f.byLink[i.LinkID], i)
	r.kind(i, v)
	i.text = readText(v, "text")
	i.Prefix, i.Definition, i.Codes = v.get("prefix").str(), v.get("definition").str(), codings(v, "code")
	i.Required, i.Repeats, i.ReadOnly = v.get("required").truth(), v.get("repeats").truth(), v.get("readOnly").truth()
	i.MaxLength = max(0, v.get("maxLength").int())
	r.options(i, v)
	r.initials(i, v)
	r.conditions(i, v)
	r.extensions(i, v)
	if i.Display() {
		i.Required, i.Repeats = false, false
	}
	var err error
	i.Items, err = r.items(v, i)
	return i, err
}

var types = []string{"group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text",
	"url", "choice", "open-choice", "attachment", "reference", "quantity"}

// kind settles what type the item is. R5's coding becomes choice; what nobody
// knows becomes something to read.
func (r *formReader) kind(i *Item, v *val) {
	if slices.Contains(types, i.Type) {
		i.Open = i.Type == "open-choice"
		return
	}
	was := i.Type
	switch {
	case was == "coding":
		i.Type = "choice"
		if c := v.get("answerConstraint").str(); c == "optionsOrString" || c == "optionsOrType" {
			i.Type, i.Open = "open-choice", true
		}
	case was == "question" || was == "" && len(v.each("item")) > 0:
		i.Type = "group"
	default:
		i.Type = "display"
	}
	r.f.problem(i, Warning, "type", "an item type R4 does not have; it is used as %s", i.Type)
}

func (r *formReader) options(i *Item, v *val) {
	for _, o := range v.each("answerOption") {
		if opt, ok := readOption(o); ok {
			i.Options = append(i.Options, opt)
		} else {
			r.f.problem(i, Warning, "structure", "an answerOption without a value that can be chosen")
		}
	}
	i.OptionSet = v.get("answerValueSet").str()
	if i.OptionSet == "" || len(i.Options) > 0 {
		return
	}
	opts, ok := r.set(i.OptionSet)
	if !ok {
		r.f.problem(i, Warning, "set", "its value set is not known here: %s", i.OptionSet)
		return
	}
	i.Options = opts
}

// set returns the options of a value set: a contained one, else one of ours.
func (r *formReader) set(url string) ([]Option, bool) {
	if s, ok := r.f.sets[url]; ok {
		return s.options, s.ok
	}
	var s set
	if id, ok := strings.CutPrefix(url, "#"); ok {
		s.options, s.ok = r.contained(id)
	} else {
		for id, c := range r.f.contained {
			if c.get("resourceType").str() == "ValueSet" && c.get("url").str() == url {
				s.options, s.ok = r.contained(id)
			}
		}
		if !s.ok && r.more != nil {
			s.options, s.ok = r.more(url)
			if bare, _, cut := strings.Cut(url, "|"); !s.ok && cut {
				s.options, s.ok = r.more(bare)
			}
		}
	}
	r.f.sets[url] = s
	return s.options, s.ok
}

func (r *formReader) contained(id string) ([]Option, bool) {
	c := r.f.contained[id]
	if c.get("resourceType").str() != "ValueSet" {
		return nil, false
	}
	if opts, ok := expand(c); ok {
		return opts, true
	}
	if u := c.get("url").str(); u != "" && r.more != nil {
		return r.more(u)
	}
	return nil, false
}

func (r *formReader) initials(i *Item, v *val) {
	for _, x := range v.each("initial") {
		name, c := x.choice("value")
		a := readAnswer(name, c)
		a.raw = ""
		if a.Type == "Quantity" && a.Text == "" { // a unit to begin with, not an answer
			if i.Unit.Value.IsZero() {
				i.Unit = Option{Value: Answer{Type: "Coding", System: a.System, Code: a.Code, Text: a.Unit}}
			}
			continue
		}
		if !a.IsZero() {
			i.initial = append(i.initial, a)
		}
	}
	if len(i.initial) == 0 {
		for _, o := range i.Options {
			if o.Initial {
				i.initial = append(i.initial, o.Value)
			}
		}
	}
	if i.Group() || i.Display() {
		i.initial = nil
	}
	if !i.Repeats && len(i.initial) > 1 && i.Question() {
		r.f.problem(i, Warning, "structure", "several initial values for a question with one answer; the first is used")
		i.initial = i.initial[:1]
	}
}

var operators = []string{"exists", "=", "!=", ">", "<", ">=", "<="}

func (r *formReader) conditions(i *Item, v *val) {
	for _, w := range v.each("enableWhen") {
		c := condition{link: w.get("question").str(), op: w.get("operator").str()}
		name, a := w.choice("answer")
		c.answer = readAnswer(name, a)
		if !slices.Contains(operators, c.op) {
			r.f.problem(i, Serious, "operator", "enableWhen has an operator R4 does not have; the item is never asked")
			c.op = ""
		}
		if c.answer.IsZero() || c.op == "exists" && c.answer.Type != "boolean" {
			r.f.problem(i, Serious, "structure", "enableWhen has no answer to compare with; the item is never asked")
			c.op = ""
		}
		i.when = append(i.when, c)
	}
	i.any = v.get("enableBehavior").str() == "any"
	if len(i.when) > 1 && v.get("enableBehavior") == nil {
		r.f.problem(i, Note, "structure", "several enableWhen without enableBehavior: all must hold")
	}
}
