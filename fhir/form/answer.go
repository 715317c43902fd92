package form

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Answer is one answer to a question. Which fields matter follows from Type.
type Answer struct {
	// Type is how FHIR calls the value: boolean, integer, decimal, date,
	// dateTime, time, string, uri, Coding, Quantity, Reference, Attachment.
	// Empty is no answer.
	Type string
	// Text is the value as FHIR writes it (true, 12, 70.50, 2026-11-22, the words
	// themselves); of a Coding or a Reference its display, of a Quantity the
	// number, of an Attachment its title.
	Text string
	// System and Code are a Coding's, or those of a Quantity's unit.
	System, Code string
	// Unit is a Quantity's unit as people say it.
	Unit string
	// URL is where a Reference or an Attachment leads.
	URL string
	// MIME, Data (base64) and Size (bytes) are an Attachment's.
	MIME, Data string
	Size       int

	raw  string // the value as it came, when it came from a response
	rest string // what else stood beside it in the answer: id, extension
}

// IsZero reports that there is no answer.
func (a Answer) IsZero() bool { return a.Type == "" }

// Is reports that two answers say the same: codings by system and code, numbers
// by value, everything else by its characters.
func (a Answer) Is(b Answer) bool {
	if a.Type != b.Type && !(a.number() && b.number()) {
		return false
	}
	switch a.Type {
	case "Coding":
		if a.Code == "" && b.Code == "" {
			return a.Text == b.Text
		}
		return a.Code == b.Code && (a.System == b.System || a.System == "" || b.System == "")
	case "integer", "decimal":
		return sameNumber(a.Text, b.Text)
	case "Quantity":
		return sameNumber(a.Text, b.Text) && a.unit() == b.unit()
	case "Reference":
		return a.URL == b.URL && (a.URL != "" || a.Text == b.Text)
	case "Attachment":
		return a.URL == b.URL && a.Data == b.Data && a.Text == b.Text
	}
	return a.Text == b.Text
}

func (a Answer) number() bool { return a.Type == "integer" || a.Type == "decimal" }

func (a Answer) unit() string {
	if a.Code != "" {
		return a.Code
	}
	return a.Unit
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && x == y
}

// readAnswer reads a value[x]: name is Coding, String …
func readAnswer(name string, v *val) Answer {
	if v == nil {
		return Answer{}
	}
	a := Answer{raw: string(v.raw)}
	switch name {
	case "Boolean", "Integer", "Decimal", "Date", "Time", "String", "Uri":
		a.Type = strings.ToLower(name)
	case "DateTime", "Instant":
		a.Type = "dateTime"
	case "Url", "Canonical", "Uuid", "Oid":
		a.Type = "uri"
	case "Code", "Markdown", "Id":
		a.Type = "string"
	case "PositiveInt", "UnsignedInt":
		a.Type = "integer"
	case "Coding", "Quantity", "Reference", "Attachment":
		return readComplex(name, v, a)
	case "Duration", "Age", "Money":
		return readComplex("Quantity", v, a)
	case "CodeableConcept":
		return readComplex("Coding", v.get("coding"), Answer{})
	default:
		return Answer{}
	}
	a.Text = v.str()
	return a
}

func readComplex(name string, v *val, a Answer) Answer {
	if !v.isObject() {
		return Answer{}
	}
	a.Type = name
	switch name {
	case "Coding":
		a.System, a.Code, a.Text = v.get("system").str(), v.get("code").str(), v.get("display").str()
	case "Quantity":
		a.Text, a.Unit = v.get("value").str(), v.get("unit").str()
		a.System, a.Code = v.get("system").str(), v.get("code").str()
	case "Reference":
		a.URL, a.Text = v.get("reference").str(), v.get("display").str()
	case "Attachment":
		a.Text, a.URL, a.MIME = v.get("title").str(), v.get("url").str(), v.get("contentType").str()
		a.Data, a.Size = v.get("data").str(), v.get("size").int()
	}
	return a
}

// property returns the name the value goes by: valueCoding.
func (a Answer) property(prefix string) string {
	return prefix + strings.ToUpper(a.Type[:1]) + a.Type[1:]
}

// JSON returns the value alone, as FHIR writes it; nil for no answer. A value
// that came from a response is as it came.
func (a Answer) JSON() []byte { return a.append(nil, "") }

// append writes the value; extra is an extension to write into a Coding.
func (a Answer) append(dst []byte, extra string) []byte {
	switch a.Type {
	case "":
		return nil
	case "boolean", "integer", "decimal":
		return append(dst, a.Text...)
	case "Coding", "Quantity", "Reference", "Attachment":
		if a.raw != "" && extra == "" {
			return append(dst, a.raw...)
		}
		return a.object(dst, extra)
	}
	return appendQuoted(dst, a.Text)
}

func (a Answer) object(dst []byte, extra string) []byte {
	start := len(dst)
	put := func(name, v string, text bool) {
		if v == "" {
			return
		}
		if len(dst) == start {
			dst = append(dst, '{')
		} else {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), name...), '"', ':')
		if text {
			dst = appendQuoted(dst, v)
		} else {
			dst = append(dst, v...)
		}
	}
	switch a.Type {
	case "Coding":
		if extra != "" {
			put("extension", extra, false)
		}
		put("system", a.System, true)
		put("code", a.Code, true)
		put("display", a.Text, true)
	case "Quantity":
		put("value", a.Text, false)
		put("unit", a.Unit, true)
		put("system", a.System, true)
		put("code", a.Code, true)
	case "Reference":
		put("reference", a.URL, true)
		put("display", a.Text, true)
	case "Attachment":
		put("contentType", a.MIME, true)
		put("data", a.Data, true)
		put("url", a.URL, true)
		if a.Size > 0 {
			put("size", strconv.Itoa(a.Size), false)
		}
		put("title", a.Text, true)
	}
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	return append(dst, '}')
}

// isNumber reports that a text is a number as JSON writes them.
func isNumber(s string) bool {
	return s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && json.Valid([]byte(s))
}
