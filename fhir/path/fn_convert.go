package path

import (
	"strconv"
	"strings"

	"rapport/fhir/ucum"
)

// FHIRPath 5.5, conversion: toX() is nothing where convertsToX() is false.
var conversions = map[string]*function{
	"toBoolean": {0, 0, to(toBoolean)}, "convertsToBoolean": {0, 0, converts(toBoolean)},
	"toInteger": {0, 0, to(toInteger)}, "convertsToInteger": {0, 0, converts(toInteger)},
	"toLong": {0, 0, to(toLong)}, "convertsToLong": {0, 0, converts(toLong)},
	"toDecimal": {0, 0, to(toDecimal)}, "convertsToDecimal": {0, 0, converts(toDecimal)},
	"toString": {0, 0, to(toString)}, "convertsToString": {0, 0, converts(toString)},
	"toDate": {0, 1, to(toDate)}, "convertsToDate": {0, 1, converts(toDate)},
	"toDateTime": {0, 1, to(toDateTime)}, "convertsToDateTime": {0, 1, converts(toDateTime)},
	"toTime": {0, 0, to(toTime)}, "convertsToTime": {0, 0, converts(toTime)},
	"toQuantity": {0, 1, toQuantityIn}, "convertsToQuantity": {0, 1, convertsToQuantity},
}

type conversion func(a atom) (atom, bool)

func to(f conversion) func(c *call) ([]Value, error) {
	return func(c *call) ([]Value, error) {
		a, ok, err := c.convertible()
		if err != nil || !ok {
			return nil, err
		}
		if a, ok = f(a); !ok {
			return nil, nil
		}
		return []Value{computed(a)}, nil
	}
}

func converts(f conversion) func(c *call) ([]Value, error) {
	return func(c *call) ([]Value, error) {
		if len(c.on) == 0 {
			return nil, nil
		}
		a, ok, err := c.convertible()
		if err != nil {
			return nil, err
		}
		if ok {
			_, ok = f(a)
		}
		return boolean(ok), nil
	}
}

// convertible is the one item, if it is a simple value.
func (c *call) convertible() (atom, bool, error) {
	if len(c.on) == 1 {
		if _, ok := c.on[0].system(); !ok {
			return atom{}, false, nil
		}
	}
	return c.one()
}

func toBoolean(a atom) (atom, bool) {
	out := atom{kind: kindBool}
	switch a.kind {
	case kindBool:
		return a, true
	case kindInt:
		out.i = a.i
		return out, a.i == 0 || a.i == 1
	case kindDecimal:
		i, ok := a.num.int64()
		out.i = i
		return out, ok && (i == 0 || i == 1)
	case kindString:
		switch strings.ToLower(a.text) {
		case "true", "t", "yes", "y", "1", "1.0":
			out.i = 1
			return out, true
		case "false", "f", "no", "n", "0", "0.0":
			return out, true
		}
	}
	return out, false
}

func toInteger(a atom) (atom, bool) {
	a, ok := toLong(a)
	return a, ok && a.i == int64(int32(a.i))
}

func toLong(a atom) (atom, bool) {
	switch a.kind {
	case kindInt:
		return a, true
	case kindBool:
		return atom{kind: kindInt, i: a.i}, true
	case kindString:
		i, err := strconv.ParseInt(a.text, 10, 64)
		return atom{kind: kindInt, i: i}, err == nil
	}
	return a, false
}

func toDecimal(a atom) (atom, bool) {
	switch a.kind {
	case kindDecimal:
		return a, true
	case kindInt, kindBool:
		return atom{kind: kindDecimal, num: whole(a.i)}, true
	case kindString:
		n, ok := parseNumber(a.text)
		return atom{kind: kindDecimal, num: n}, ok && !strings.ContainsAny(a.text, "eE")
	}
	return a, false
}

func toString(a atom) (atom, bool) {
	return atom{kind: kindString, text: a.write()}, a.kind != kindType
}

func toDate(a atom) (atom, bool) {
	if a.kind == kindString {
		a = dated(a, kindDate)
	}
	if a.kind != kindDate && a.kind != kindDateTime {
		return a, false
	}
	m := moment{year: a.when.year, month: a.when.month, day: a.when.day, known: min(a.when.known, toDay)}
	return atom{kind: kindDate, when: m, text: m.write(kindDate)}, true
}

func toDateTime(a atom) (atom, bool) {
	if a.kind == kindString {
		a = dated(a, kindDateTime)
	}
	if a.kind != kindDate && a.kind != kindDateTime {
		return a, false
	}
	a.kind = kindDateTime
	return a, true
}

func toTime(a atom) (atom, bool) {
	if a.kind == kindString {
		a = dated(a, kindTime)
	}
	return a, a.kind == kindTime
}

// toQuantity reads 5, 5 'mg', 5 mg' is none, and 5 days.
func toQuantity(a atom) (atom, bool) {
	switch a.kind {
	case kindQuantity:
		return a, true
	case kindInt, kindDecimal:
		return atom{kind: kindQuantity, num: a.number(), text: "1"}, true
	case kindBool:
		return atom{kind: kindQuantity, num: whole(a.i), text: "1"}, true
	case kindString:
		return readQuantity(strings.TrimSpace(a.text))
	}
	return a, false
}

func readQuantity(s string) (atom, bool) {
	end := len(s)
	if i := strings.IndexAny(s, " '"); i >= 0 {
		end = i
	} else if i := strings.IndexFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' }); i >= 0 {
		end = i
	}
	q := atom{kind: kindQuantity, text: "1"}
	var ok bool
	if q.num, ok = parseNumber(s[:end]); !ok || strings.ContainsAny(s[:end], "eE") {
		return q, false
	}
	unit := strings.TrimSpace(s[end:])
	switch {
	case unit == "":
		return q, true
	case len(unit) > 2 && unit[0] == '\'' && unit[len(unit)-1] == '\'' && !strings.Contains(unit[1:len(unit)-1], "'"):
		q.text = unit[1 : len(unit)-1]
		return q, true
	}
	q.text, q.calendar = unit, true
	return q, calendar[unit] != ""
}

// toQuantityIn is toQuantity(), in a unit if one is given.
func toQuantityIn(c *call) ([]Value, error) {
	vs, err := to(toQuantity)(c)
	if err != nil || len(vs) == 0 || c.takes() == 0 {
		return vs, err
	}
	unit, ok, err := c.argText(0)
	if err != nil || !ok {
		return nil, err
	}
	a := *vs[0].atom
	target := atom{kind: kindQuantity, text: unit, calendar: calendar[unit] != ""}
	if a.unit() == target.unit() && a.calendar == target.calendar {
		return vs, nil
	}
	if degrees(a.unit()) || degrees(unit) {
		a, ok = inDegrees(a, unit)
	} else {
		a, ok = a.in(target)
	}
	if !ok {
		return nil, nil
	}
	return []Value{computed(a)}, nil
}

// inDegrees turns one scale of temperature into another.
func inDegrees(a atom, unit string) (atom, bool) {
	from, err := ucum.Parse(a.unit())
	to, err2 := ucum.Parse(unit)
	if err != nil || err2 != nil {
		return a, false
	}
	x, ok := ucum.Convert(a.num.rat(), from, to)
	if !ok {
		return a, false
	}
	return atom{kind: kindQuantity, num: fromRat(x), text: unit}, true
}

func convertsToQuantity(c *call) ([]Value, error) {
	if len(c.on) == 0 {
		return nil, nil
	}
	vs, err := toQuantityIn(c)
	return boolean(len(vs) == 1), err
}
