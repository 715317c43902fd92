package path

import (
	"encoding/json"
	"strconv"

	"rapport/errs"
	"rapport/fhir"
)

// Value is one item of a collection: an element of a resource or something
// computed. The zero Value is nothing. A Value does not change, but an element is
// part of its Doc, and void when that is Reset.
type Value struct {
	node fhir.Node
	atom *atom
}

type kind uint8

const (
	kindNone kind = iota
	kindBool
	kindInt
	kindDecimal
	kindString
	kindDate
	kindDateTime
	kindTime
	kindQuantity
	kindType // what type() returns
)

var kindNames = [...]string{"", "Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity", "ClassInfo"}

// atom is a value of FHIRPath's own types.
type atom struct {
	kind     kind
	calendar bool   // a Quantity in years, months … rather than a unit of UCUM
	either   bool   // a FHIR Quantity in 'a' or 'mo', which FHIR takes for calendar years too
	i        int64  // a whole number; a Boolean is 1 or 0
	num      number // a Decimal, or the value of a Quantity
	text     string // a String; the unit of a Quantity; a moment as written; the name of a type
	when     moment
}

func computed(a atom) Value { return Value{atom: &a} }

var truths = [2]Value{computed(atom{kind: kindBool}), computed(atom{kind: kindBool, i: 1})}

// Of returns an element of a resource as a Value.
func Of(n fhir.Node) Value { return Value{node: n} }

// String returns a System.String.
func String(s string) Value { return computed(atom{kind: kindString, text: s}) }

// Bool returns a System.Boolean.
func Bool(b bool) Value {
	if b {
		return truths[1]
	}
	return truths[0]
}

// Int returns a System.Integer.
func Int(i int64) Value { return computed(atom{kind: kindInt, i: i}) }

// Decimal returns a System.Decimal with the digits of its text. ok is false for
// what is no decimal, or has more than 600 digits.
func Decimal(text string) (v Value, ok bool) {
	n, ok := parseNumber(text)
	if !ok {
		return Value{}, false
	}
	return computed(atom{kind: kindDecimal, num: n}), true
}

// Quantity returns a System.Quantity of a decimal and a UCUM code, "1" if empty.
func Quantity(value, unit string) (v Value, ok bool) {
	n, ok := parseNumber(value)
	if !ok {
		return Value{}, false
	}
	if unit == "" {
		unit = "1"
	}
	return computed(atom{kind: kindQuantity, num: n, text: unit}), true
}

// Time returns a System.Date, DateTime or Time from the text of a FHIR date,
// dateTime, instant or time.
func Time(s string) (v Value, ok bool) {
	if len(s) > 2 && s[2] == ':' {
		if a, ok := parseClock(s); ok {
			return computed(a), true
		}
		return Value{}, false
	}
	a, ok := parseMoment(s)
	if !ok {
		return Value{}, false
	}
	return computed(a), true
}

// Parse returns a FHIR element (of a type an extension's value may have) or a
// resource from its JSON, validated. The error is errs.Invalid.
func Parse(typ string, src []byte) (Value, error) {
	known, resource, _ := fhir.TypeInfo(typ)
	if !known || !json.Valid(src) {
		return Value{}, errs.E(errs.Invalid, "fhirpath: neither a FHIR type nor JSON of it")
	}
	if resource {
		d, err := fhir.Parse(src)
		if err != nil {
			return Value{}, err
		}
		if d.Type() != typ {
			return Value{}, errs.E(errs.Invalid, "fhirpath: a resource of another type than %s", typ)
		}
		return Of(d.Root()), nil
	}
	b := append([]byte(`{"resourceType":"Parameters","parameter":[{"name":"v","value`), typ[0]&^0x20)
	b = append(append(b, typ[1:]...), `":`...)
	d, err := fhir.Parse(append(append(b, src...), `}]}`...))
	if err != nil {
		return Value{}, err
	}
	n := d.Root().Get("parameter", "value")
	if !n.OK() {
		return Value{}, errs.E(errs.Invalid, "fhirpath: a type that no extension may hold")
	}
	return Of(n), nil
}

// OK reports that there is a value.
func (v Value) OK() bool { return v.atom != nil || v.node.OK() }

// Node returns the element a value is, if it is one.
func (v Value) Node() (fhir.Node, bool) { return v.node, v.node.OK() }

// Type returns the type of a value: "Coding" or "dateTime" of an element,
// "System.Boolean" of something computed, "" of nothing. The type of a part of a
// resource is its path, "Patient.contact".
func (v Value) Type() string {
	if v.atom != nil {
		return "System." + kindNames[v.atom.kind]
	}
	t, _ := v.node.Declared()
	return t
}

// Text returns a primitive as FHIR writes it, a Quantity as "5 'mg'", and "" for
// what is made of parts or is nothing.
func (v Value) Text() string {
	if v.atom == nil {
		if t, valued := v.node.Declared(); valued {
			return v.node.Str()
		} else if !quantities[t] {
			return ""
		}
	}
	a, ok := v.system()
	if !ok {
		return ""
	}
	return a.write()
}

// JSON returns a value as FHIR's JSON has it: a String in quotes, a Quantity as
// an object, an element as it was written. It is nil for nothing and for a
// primitive that has only extensions.
func (v Value) JSON() []byte {
	if v.atom == nil {
		if t, valued := v.node.Declared(); !valued {
			if _, _, primitive := fhir.TypeInfo(t); primitive {
				return nil
			}
		}
		return v.node.Raw()
	}
	a := v.atom
	switch a.kind {
	case kindBool, kindInt, kindDecimal:
		return []byte(a.write())
	case kindQuantity:
		code := a.text
		if a.calendar {
			code = calendar[a.text]
		}
		b := append([]byte(`{"value":`), a.num.String()...)
		b = append(append(b, `,"unit":`...), quoted(a.text)...)
		b = append(append(b, `,"system":"http://unitsofmeasure.org","code":`...), quoted(code)...)
		return append(b, '}')
	}
	return quoted(a.write())
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`)
	}
	return b
}

// Bool returns a Boolean; ok is false for anything else.
func (v Value) Bool() (val, ok bool) {
	a, ok := v.system()
	return a.i != 0, ok && a.kind == kindBool
}

// Number returns the digits of an Integer or Decimal; ok is false for anything
// else.
func (v Value) Number() (text string, ok bool) {
	a, ok := v.system()
	if !ok || !a.numeric() {
		return "", false
	}
	return a.write(), true
}

func (a atom) numeric() bool { return a.kind == kindInt || a.kind == kindDecimal }
func (a atom) timely() bool {
	return a.kind == kindDate || a.kind == kindDateTime || a.kind == kindTime
}

// number is the value of an Integer, Decimal or Quantity.
func (a atom) number() number {
	if a.kind == kindInt {
		return whole(a.i)
	}
	return a.num
}

func (a atom) write() string {
	switch a.kind {
	case kindBool:
		return strconv.FormatBool(a.i != 0)
	case kindInt:
		return strconv.FormatInt(a.i, 10)
	case kindDecimal:
		return a.num.String()
	case kindQuantity:
		if a.calendar {
			return a.num.String() + " " + a.text
		}
		return a.num.String() + " '" + a.text + "'"
	}
	return a.text
}

// quantities are the types that are a Quantity by another name.
var quantities = map[string]bool{"Quantity": true, "Age": true, "Count": true, "Distance": true, "Duration": true, "SimpleQuantity": true, "MoneyQuantity": true}

// system returns a value as one of FHIRPath's own types, if it can be: a FHIR
// primitive by what it says, a FHIR Quantity by its value and code.
func (v Value) system() (atom, bool) {
	if v.atom != nil {
		return *v.atom, true
	}
	t, valued := v.node.Declared()
	if !valued {
		if quantities[t] {
			return quantityOf(v.node)
		}
		return atom{}, false
	}
	s := v.node.Str()
	switch t {
	case "boolean":
		a := atom{kind: kindBool}
		if s == "true" {
			a.i = 1
		}
		return a, true
	case "integer", "unsignedInt", "positiveInt":
		i, err := strconv.ParseInt(s, 10, 64)
		return atom{kind: kindInt, i: i}, err == nil
	case "decimal":
		n, ok := parseNumber(s)
		return atom{kind: kindDecimal, num: n}, ok
	case "date", "dateTime", "instant":
		a, ok := parseMoment(s)
		if t != "date" {
			a.kind = kindDateTime
		}
		return a, ok
	case "time":
		return parseClock(s)
	}
	return atom{kind: kindString, text: s}, true
}

func quantityOf(n fhir.Node) (atom, bool) {
	num, ok := parseNumber(n.Get("value").Str())
	if !ok || n.Get("comparator").OK() {
		return atom{}, false
	}
	a := atom{kind: kindQuantity, num: num, text: n.Get("code").Str()}
	if a.text == "" || n.Get("system").OK() && !n.Get("system").Says("http://unitsofmeasure.org") {
		a.text = n.Get("unit").Str()
	}
	if a.text == "" {
		a.text = "1"
	}
	a.either = a.text == "a" || a.text == "mo"
	return a, true
}
