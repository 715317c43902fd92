package form

import (
	"rapport/fhir/path"
)

// part gathers what the rows of a part say about the resources that are open.
func (x *extractor) part(p *part, h inherited) {
	for _, r := range p.rows {
		if r.off() || r.item.Display() {
			continue
		}
		e := &r.item.extract
		if r.item.Group() {
			for _, q := range r.parts {
				x.group(r, q, e, h.with(e))
			}
			continue
		}
		if len(r.answers) == 0 {
			continue
		}
		x.allocate2(r.in, e)
		n := x.begin(e, scope{row: r})
		x.templates(e, scope{row: r})
		x.assign(e, scope{row: r}, r)
		for _, q := range r.parts {
			x.part(q, h.with(e))
		}
		x.open = x.open[:len(x.open)-n]
	}
}

func (x *extractor) allocate2(p *part, e *extraction) {
	if len(e.allocate) > 0 {
		x.allocate(p, e.allocate)
	}
}

func (x *extractor) group(r *row, q *part, e *extraction, h inherited) {
	if q.blank() {
		return
	}
	x.allocate2(q, e)
	n := x.begin(e, scope{part: q})
	shut := x.enter(r.item)
	x.templates(e, scope{part: q})
	x.assign(e, scope{part: q}, nil)
	x.part(q, h)
	shut()
	x.open = x.open[:len(x.open)-n]
}

// enter begins the element a group stands for: a name, a contact.
func (x *extractor) enter(i *Item) (leave func()) {
	typ, path := definition(i.Definition)
	d := x.nearest(typ)
	if d == nil {
		return func() {}
	}
	steps, ok := resolve(typ, path, "")
	if !ok {
		return func() {}
	}
	at, key := d.root, ""
	for n, st := range steps {
		key += "/" + st.name + ":" + st.slice
		m := at.member(st.name)
		if m == nil {
			m = &property{name: st.name, list: st.list}
			at.kids = append(at.kids, m)
		}
		kid := d.open[key]
		if kid == nil || n == len(steps)-1 {
			kid = &element{typ: st.of}
			if !st.list {
				m.values, m.slices = nil, nil
			}
			m.values, m.slices = append(m.values, kid), append(m.slices, st.slice)
		}
		at = kid
	}
	before := d.open[key]
	d.open[key] = at
	return func() { d.open[key] = before }
}

// assign writes the answers of a row and the fixed values beside them into the
// resources they belong to.
func (x *extractor) assign(e *extraction, at scope, r *row) {
	all := map[*draft][]placed{}
	add := func(def, kind string, raw func(of string) (string, bool)) *draft {
		typ, path := definition(def)
		d := x.nearest(typ)
		if d == nil {
			return nil
		}
		steps, ok := resolve(typ, path, kind)
		if !ok {
			return nil
		}
		if v, ok := raw(steps[len(steps)-1].of); ok {
			all[d] = append(all[d], placed{steps, v})
			return d
		}
		return nil
	}
	if r != nil {
		for _, a := range r.answers {
			d := add(r.item.Definition, a.Type, func(of string) (string, bool) { return a.as(of, r.item.Unit.Value) })
			if d != nil {
				d.from(r)
				d.real = d.real || !r.item.Hidden || r.item.Calculated()
			}
		}
		// A resource that begins at a question is there because it was answered.
		for n := range e.contexts {
			d := x.open[len(x.open)-1-n]
			if len(d.links) == 0 {
				d.from(r)
			}
			d.real = d.real || !r.item.Hidden || r.item.Calculated()
		}
	}
	for n := range e.values {
		f := &e.values[n]
		if f.expr == nil {
			add(f.path, f.value.Type, func(of string) (string, bool) {
				if f.kind == of || f.value.IsZero() {
					return f.raw, true
				}
				return f.value.as(of, Answer{})
			})
			continue
		}
		for _, v := range x.s.values(f.expr, at) {
			a := answerFrom(v)
			add(f.path, a.Type, func(of string) (string, bool) { return valueAs(v, a, of) })
		}
	}
	for d, vs := range all {
		d.root.put(vs, d.open)
	}
}

// valueAs writes a computed value as a type of R4.
func valueAs(v path.Value, a Answer, of string) (string, bool) {
	if v.Type() == of && a.IsZero() {
		return string(v.JSON()), true
	}
	return a.as(of, Answer{})
}

// answerFrom makes an answer of a computed value, of whatever type it is.
func answerFrom(v path.Value) Answer {
	raw := parseJSON(v.JSON())
	if raw == nil {
		return Answer{}
	}
	var a Answer
	switch v.Type() {
	case "System.Boolean":
		a = readAnswer("Boolean", raw)
	case "System.Integer":
		a = readAnswer("Integer", raw)
	case "System.Decimal":
		a = readAnswer("Decimal", raw)
	case "System.Quantity":
		a = readAnswer("Quantity", raw)
	case "System.Date", "System.DateTime", "System.Time", "System.String":
		a = Answer{Type: map[string]string{"System.Date": "date", "System.DateTime": "dateTime", "System.Time": "time", "System.String": "string"}[v.Type()], Text: v.Text()}
	default:
		t := v.Type()
		if t == "" || t == "CodeableConcept" {
			return Answer{}
		}
		a = readAnswer(string(upper(t[0]))+t[1:], raw)
	}
	a.raw = ""
	return a
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// as writes an answer as a type of R4; unit is what a bare number is measured in.
func (a Answer) as(of string, unit Answer) (string, bool) {
	words := a.Text
	if words == "" {
		words = a.Code
	}
	if a.Type == "Quantity" {
		words = a.Text + " " + a.Unit
	}
	if a.Type == "Reference" && a.Text == "" || a.Type == "Attachment" {
		words = a.URL
	}
	switch of {
	case "CodeableConcept":
		if a.Type == "Coding" && a.Code != "" {
			c := `{"coding":[` + string(a.plain()) + `]`
			if a.Text != "" {
				c += `,"text":` + quote(a.Text)
			}
			return c + "}", true
		}
		return `{"text":` + quote(words) + `}`, words != ""
	case "Coding", "Attachment":
		return string(a.plain()), a.Type == of
	case "code", "id":
		if a.Type == "Coding" {
			words = a.Code
		}
		return quote(words), words != ""
	case "string", "markdown":
		return quote(words), words != ""
	case "uri", "url", "canonical", "uuid", "oid":
		if a.URL != "" {
			words = a.URL
		}
		return quote(words), words != ""
	case "boolean":
		return a.Text, a.Type == "boolean"
	case "Annotation", "HumanName", "Address", "Dosage":
		return `{"text":` + quote(words) + `}`, words != ""
	case "ContactPoint", "Identifier":
		return `{"value":` + quote(words) + `}`, words != ""
	case "Reference":
		return a.reference()
	case "Period":
		return `{"start":` + quote(a.Text) + `}`, a.Type == "date" || a.Type == "dateTime"
	}
	return a.measure(of, unit)
}

func (a Answer) plain() []byte { a.raw, a.rest = "", ""; return a.JSON() }

func (a Answer) reference() (string, bool) {
	switch a.Type {
	case "Reference":
		return string(a.plain()), true
	case "string", "uri":
		return `{"reference":` + quote(a.Text) + `}`, a.Text != ""
	}
	return `{"display":` + quote(a.Text) + `}`, a.Text != ""
}

// measure writes numbers, amounts and times.
func (a Answer) measure(of string, unit Answer) (string, bool) {
	timed := a.Type == "date" || a.Type == "dateTime"
	switch of {
	case "decimal":
		return a.Text, a.number() || a.Type == "Quantity"
	case "integer", "positiveInt", "unsignedInt":
		return a.Text, a.Type == "integer"
	case "date":
		return quote(moment("date", a.Text).Text), timed
	case "dateTime":
		return quote(a.Text), timed
	case "instant":
		return quote(a.Text), a.Type == "dateTime" && len(a.Text) > 19
	case "time":
		return quote(a.Text), a.Type == "time"
	case "Quantity", "Age", "Duration", "SimpleQuantity", "Count", "Distance", "MoneyQuantity":
		if a.Type == "Quantity" {
			return string(a.plain()), true
		}
		q := Answer{Type: "Quantity", Text: a.Text, Unit: unit.Text, System: unit.System, Code: unit.Code}
		if q.Unit == "" {
			q.Unit = q.Code
		}
		return string(q.JSON()), a.number()
	}
	return "", false
}
