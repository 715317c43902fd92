package form

import (
	"strings"

	"rapport/fhir"
	"rapport/fhir/path"
)

// answersOf turns computed values into answers of a row's question. What does
// not fit the question is left out.
func (s *Sheet) answersOf(r *row, vs []path.Value) []Answer {
	var out []Answer
	for _, v := range vs {
		if a := s.answerOf(r, v); !a.IsZero() && a.sound() {
			out = append(out, a)
		}
		if len(out) >= maxInstances {
			break
		}
	}
	return out
}

func (s *Sheet) answerOf(r *row, v path.Value) Answer {
	i := r.item
	switch i.Type {
	case "boolean":
		if b, ok := v.Bool(); ok {
			return Answer{Type: "boolean", Text: map[bool]string{true: "true", false: "false"}[b]}
		}
	case "integer", "decimal":
		return i.numberOf(v)
	case "date", "dateTime", "time":
		return moment(i.Type, v.Text())
	case "string", "text":
		return Answer{Type: "string", Text: v.Text()}
	case "url":
		return Answer{Type: "uri", Text: v.Text()}
	case "choice", "open-choice":
		return s.chosenOf(r, v)
	case "quantity":
		return i.quantityOf(v)
	case "reference":
		return referenceOf(v)
	case "attachment":
		if v.Type() == "Attachment" {
			a := readAnswer("Attachment", parseJSON(v.JSON()))
			return a
		}
	}
	return Answer{}
}

func (i *Item) numberOf(v path.Value) Answer {
	t, ok := v.Number()
	if !ok {
		if q := parseJSON(v.JSON()); q.isObject() {
			t = q.get("value").str()
		} else {
			t, _ = Number(v.Text())
		}
	}
	if i.Type == "integer" {
		whole, frac, _ := strings.Cut(t, ".")
		if strings.Trim(frac, "0") != "" {
			return Answer{}
		}
		t = whole
	}
	if !isNumber(t) {
		return Answer{}
	}
	return Answer{Type: i.Type, Text: t}
}

// moment fits a date or time to what is asked for.
func moment(kind, t string) Answer {
	t = strings.TrimPrefix(t, "@")
	switch {
	case kind == "date":
		t, _, _ = strings.Cut(t, "T")
	case kind == "time":
		if _, after, ok := strings.Cut(t, "T"); ok {
			t = after
		}
		if len(t) == 5 {
			t += ":00"
		}
	case !goodTime(t) && strings.Contains(t, "T"):
		if _, ok := fhir.ParseTime(t + "Z"); ok {
			t += "Z" // no zone was given, and R4 wants one
		}
	}
	return Answer{Type: kind, Text: t}
}

func (s *Sheet) chosenOf(r *row, v path.Value) Answer {
	i := r.item
	opts := s.options(r)
	raw := parseJSON(v.JSON())
	var a Answer
	switch v.Type() {
	case "Coding":
		a = readAnswer("Coding", raw)
	case "CodeableConcept":
		for _, c := range raw.each("coding") {
			a = readAnswer("Coding", c)
			if o := pick(opts, a); o != nil {
				break
			}
		}
	case "Reference":
		a = readAnswer("Reference", raw)
	}
	if raw.isObject() && v.Type() != "Reference" && a.IsZero() && raw.get("code") != nil {
		a = readAnswer("Coding", raw)
	}
	if !a.IsZero() {
		if o := pick(opts, a); o != nil {
			return o.Value
		}
		return plainCoding(a)
	}
	t := v.Text()
	for _, o := range opts {
		if t != "" && (o.Value.Code == t || o.Value.Text == t || sameNumber(o.Value.Text, t) && o.Value.number()) {
			return o.Value
		}
	}
	if i.Open && t != "" {
		return Answer{Type: "string", Text: t}
	}
	return Answer{}
}

// plainCoding forgets the extensions a coding came with.
func plainCoding(a Answer) Answer {
	a.raw = ""
	return a
}

func (i *Item) quantityOf(v path.Value) Answer {
	if q := parseJSON(v.JSON()); q.isObject() {
		a := readAnswer("Quantity", q)
		a.raw = ""
		return a
	}
	n := (&Item{Type: "decimal"}).numberOf(v)
	if n.IsZero() {
		return n
	}
	u := i.Unit.Value
	a := Answer{Type: "Quantity", Text: n.Text, System: u.System, Code: u.Code, Unit: u.Text}
	if a.Unit == "" {
		a.Unit = a.Code
	}
	return a
}

// referenceOf makes a reference of a Reference, a resource or a text.
func referenceOf(v path.Value) Answer {
	raw := parseJSON(v.JSON())
	switch {
	case raw.isObject() && raw.get("resourceType") != nil && raw.get("id") != nil:
		return Answer{Type: "Reference", URL: raw.get("resourceType").str() + "/" + raw.get("id").str(), Text: nameOf(raw)}
	case v.Type() == "Reference":
		a := readAnswer("Reference", raw)
		a.raw = ""
		return a
	case !raw.isObject() && v.Text() != "":
		return Answer{Type: "Reference", URL: v.Text()}
	}
	return Answer{}
}

// nameOf is what a resource is called.
func nameOf(v *val) string {
	n := v.get("name")
	given := strings.TrimSpace(n.get("given").str() + " " + n.get("family").str())
	for _, s := range []string{n.str(), n.get("text").str(), given, v.get("title").str(), v.get("code", "text").str(),
		v.get("code", "coding", "display").str(), v.get("description").str()} {
		if s != "" {
			return s
		}
	}
	return ""
}

// optionOf makes an option of a computed value.
func optionOf(i *Item, v path.Value) (Option, bool) {
	raw := parseJSON(v.JSON())
	var o Option
	switch {
	case i.Type == "reference":
		o.Value = referenceOf(v)
	case v.Type() == "CodeableConcept":
		o.Value = readAnswer("CodeableConcept", raw)
	case raw.isObject() && raw.get("valueCoding") != nil:
		return readOption(raw)
	case raw.isObject() && raw.get("code") != nil: // a Coding, or a line of an expansion
		o = conceptOption(raw, raw.get("system").str())
	case v.Type() == "Quantity":
		o.Value = readAnswer("Quantity", raw)
	default:
		o.Value = Answer{Type: "string", Text: v.Text()}
		if want := i.value(); want != "Coding" && want != "string" {
			o.Value, _ = typed(want, v.Text(), v.Text())
		}
	}
	o.Value.raw = ""
	if o.text.own == "" {
		o.text.own = o.Value.Text
	}
	return o, o.Value.sound()
}

// function returns the functions SDC adds to FHIRPath: what an answer counts
// (weight, ordinal), and all answers beneath (answers).
func (s *Sheet) function(name string) (path.Func, bool) {
	switch name {
	case "weight", "ordinal":
		return s.weight, true
	case "answers":
		return answersBeneath, true
	}
	return nil, false
}

func (s *Sheet) weight(focus []path.Value, _ [][]path.Value) ([]path.Value, error) {
	var out []path.Value
	for _, v := range focus {
		e, ok := v.Node()
		if !ok {
			continue
		}
		n := counted(e)
		if n == "" {
			n = s.form.weights[e.Get("system").Str()+"|"+e.Get("code").Str()]
		}
		if d, ok := path.Decimal(n); ok && n != "" {
			out = append(out, d)
		}
	}
	return out, nil
}

// counted is what a coding says itself that it counts.
func counted(e fhir.Node) string {
	for x := range e.Each("extension") {
		switch x.Get("url").Str() {
		case core + "itemWeight", core + "ordinalValue":
			return x.Get("value").Str()
		}
	}
	return ""
}

func answersBeneath(focus []path.Value, _ [][]path.Value) ([]path.Value, error) {
	var out []path.Value
	var walk func(n fhir.Node)
	walk = func(n fhir.Node) {
		for a := range n.Each("answer") {
			if v := a.Get("value"); v.OK() {
				out = append(out, path.Of(v))
			}
			for c := range a.Each("item") {
				walk(c)
			}
		}
		for c := range n.Each("item") {
			walk(c)
		}
	}
	for _, v := range focus {
		if n, ok := v.Node(); ok {
			walk(n)
		}
	}
	return out, nil
}
