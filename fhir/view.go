package fhir

import (
	"slices"
	"strconv"

	"rapport/errs"
)

// The views are what our pages show of a resource: small structs, read from its
// JSON in one pass. They are for reading. Nothing is written back from one: an
// edit changes the JSON and leaves the rest of it alone.

// Coding is one code. System is the address of its code system.
type Coding struct{ System, Code, Display string }

// Concept is a CodeableConcept. Text is what to show: its text, else the first
// display, else the first code.
type Concept struct {
	Text    string
	Codings []Coding
}

// Has reports that one of the codings is this one. An empty system is any.
func (c Concept) Has(system, code string) bool {
	return slices.ContainsFunc(c.Codings, func(x Coding) bool { return x.Code == code && (system == "" || x.System == system) })
}

// Code returns the first code, or "".
func (c Concept) Code() string {
	for _, x := range c.Codings {
		if x.Code != "" {
			return x.Code
		}
	}
	return ""
}

// IsZero reports that nothing is said.
func (c Concept) IsZero() bool { return c.Text == "" && len(c.Codings) == 0 }

// Link is a Reference as written: Reference is "Practitioner/1", or "" when only
// a display is given.
type Link struct{ Reference, Display string }

// Target returns the type and logical id a link leads to, or nothing for a
// fragment, a URN or a display alone.
func (l Link) Target() (typ, id string) {
	t, i := splitRef([]byte(l.Reference))
	return string(t), string(i)
}

// Decimal is a decimal with the digits it was written with. Float is the nearest
// number, for drawing and comparing; it is 0 when no float64 comes near. An empty
// Text is no decimal.
type Decimal struct {
	Text  string
	Float float64
}

// Quantity is a Quantity, Age, Duration or Money. Unit is the unit to show, Code
// the coded one (UCUM); Comparator is "", <, <=, >= or >.
type Quantity struct {
	Value                          Decimal
	Comparator, Unit, System, Code string
}

// Period is a time with two ends, either of which may be open.
type Period struct{ Start, End Time }

// Attachment is a document or picture. Data is the base64 text as written; the
// content itself may lie behind URL instead.
type Attachment struct {
	ContentType, Title, URL, Language, Data string
	Size                                    int
	Created                                 Time
}

// Identifier is a business identifier.
type Identifier struct{ System, Value, Use, Type string }

// read parses a resource of one of some types and hands it over.
func read[T any](json []byte, take func(Node, *T), types ...string) (T, error) {
	var out T
	d := Doc{n: make([]node, 0, 16+len(json)/24)}
	if err := d.Reset(json); err != nil {
		return out, err
	}
	if !slices.Contains(types, d.Type()) {
		return out, errs.E(errs.Invalid, "fhir: a %s is not a %s", d.Type(), types[0])
	}
	d.text = string(json) // one copy for all the view's strings
	take(d.Root(), &out)
	return out, nil
}

func concept(n Node) Concept {
	var c Concept
	if !n.OK() {
		return c
	}
	c.Text = n.Get("text").Str()
	for k := range n.Each("coding") {
		c.Codings = append(c.Codings, coding(k))
	}
	for _, k := range c.Codings {
		if c.Text == "" {
			c.Text = k.Display
		}
	}
	if c.Text == "" {
		c.Text = c.Code()
	}
	return c
}

func coding(n Node) Coding {
	var c Coding
	for k := range n.Children() {
		switch k.Name() {
		case "system":
			c.System = k.Str()
		case "code":
			c.Code = k.Str()
		case "display":
			c.Display = k.Str()
		}
	}
	return c
}

func concepts(n Node, name string) []Concept {
	var out []Concept
	for k := range n.Each(name) {
		out = append(out, concept(k))
	}
	return out
}

// texts returns what to show of each concept, the empty ones left out.
func texts(n Node, names ...string) []string {
	var out []string
	for _, name := range names {
		for k := range n.Each(name) {
			if t := shown(k); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

// shown returns the text of a CodeableConcept, the display of a Reference or
// Coding, or the text of an Annotation or primitive.
func shown(n Node) string {
	switch n.Type() {
	case "CodeableConcept":
		return concept(n).Text
	case "Reference":
		return n.Get("display").Str()
	case "Coding":
		if d := n.Get("display"); d.OK() {
			return d.Str()
		}
		return n.Get("code").Str()
	case "Annotation":
		return n.Get("text").Str()
	}
	return n.Str()
}

func link(n Node) Link { return Link{n.Get("reference").Str(), n.Get("display").Str()} }

func links(n Node, name string) []Link {
	var out []Link
	for k := range n.Each(name) {
		out = append(out, link(k))
	}
	return out
}

func decimalOf(n Node) Decimal {
	if !n.OK() {
		return Decimal{}
	}
	t := n.Str()
	f, err := strconv.ParseFloat(t, 64)
	if err != nil {
		return Decimal{Text: t}
	}
	return Decimal{t, f}
}

func quantity(n Node) Quantity {
	var q Quantity
	for k := range n.Children() {
		switch k.Name() {
		case "value":
			q.Value = decimalOf(k)
		case "comparator":
			q.Comparator = k.Str()
		case "unit":
			q.Unit = k.Str()
		case "system":
			q.System = k.Str()
		case "code", "currency":
			q.Code = k.Str()
		}
	}
	if q.Unit == "" {
		q.Unit = q.Code
	}
	return q
}

func periodOf(n Node) Period { return Period{n.Get("start").Time(), n.Get("end").Time()} }

// timeOf reads a choice of date, dateTime, instant or Period (its start).
func timeOf(n Node) Time {
	if n.Type() == "Period" {
		return n.Get("start").Time()
	}
	return n.Time()
}

func attachment(n Node) Attachment {
	var a Attachment
	for k := range n.Children() {
		switch k.Name() {
		case "contentType":
			a.ContentType = k.Str()
		case "title":
			a.Title = k.Str()
		case "url":
			a.URL = k.Str()
		case "language":
			a.Language = k.Str()
		case "data":
			a.Data = k.Str()
		case "size":
			a.Size = k.Int()
		case "creation":
			a.Created = k.Time()
		}
	}
	return a
}

func attachments(n Node, name string) []Attachment {
	var out []Attachment
	for k := range n.Each(name) {
		out = append(out, attachment(k))
	}
	return out
}

func identifiers(n Node) []Identifier {
	var out []Identifier
	for k := range n.Each("identifier") {
		out = append(out, Identifier{k.Get("system").Str(), k.Get("value").Str(), k.Get("use").Str(), concept(k.Get("type")).Text})
	}
	return out
}
