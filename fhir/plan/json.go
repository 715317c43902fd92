package plan

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"

	"rapport/errs"
	"rapport/fhir"
)

// obj is a JSON object whose members keep their order, so that what came is written
// back as it came.
type obj []member

type member struct {
	key string
	val any
}

// set puts a member where the one of that name stands, or at the end.
func (o *obj) set(key string, val any) {
	for i := range *o {
		if (*o)[i].key == key {
			(*o)[i].val = val
			return
		}
	}
	*o = append(*o, member{key, val})
}

// drop takes members out.
func (o *obj) drop(keys ...string) {
	out := (*o)[:0]
next:
	for _, m := range *o {
		for _, k := range keys {
			if m.key == k {
				continue next
			}
		}
		out = append(out, m)
	}
	*o = out
}

// text sets a string, or takes it out if it is empty; what stood beside another text
// (its translations) goes with that.
func (o *obj) text(key, s string) {
	if raw, ok := o.get(key).(json.RawMessage); ok {
		var was string
		if json.Unmarshal(raw, &was) == nil && was == s {
			return
		}
	}
	s = clean(s)
	if s == "" {
		o.drop(key, "_"+key)
		return
	}
	o.drop("_" + key)
	o.set(key, s)
}

// some sets a list, or takes it out if it is empty.
func (o *obj) some(key string, list []string) {
	if len(list) == 0 {
		o.drop(key, "_"+key)
		return
	}
	o.set(key, list)
}

// list sets a list of objects, or takes it out if it is empty.
func (o *obj) list(key string, list []any) {
	if len(list) == 0 {
		o.drop(key)
		return
	}
	o.set(key, list)
}

func (o *obj) get(key string) any {
	for _, m := range *o {
		if m.key == key {
			return m.val
		}
	}
	return nil
}

// has reports that there is a member.
func (o *obj) has(key string) bool { return o.get(key) != nil }

// write appends a value as JSON. Markup is not escaped: what came is written as it
// came.
func write(b []byte, v any) []byte {
	switch x := v.(type) {
	case obj:
		b = append(b, '{')
		for i, m := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(write(b, m.key), ':')
			b = write(b, m.val)
		}
		return append(b, '}')
	case []any:
		return writeList(b, x)
	case []string:
		return writeList(b, x)
	case []json.RawMessage:
		return writeList(b, x)
	case json.RawMessage:
		return append(b, x...)
	case json.Number:
		return append(b, x...)
	case int:
		return strconv.AppendInt(b, int64(x), 10)
	case string:
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if enc.Encode(x) != nil {
			return append(b, `""`...)
		}
		return append(b, bytes.TrimRight(out.Bytes(), "\n")...)
	}
	return append(b, "null"...)
}

func writeList[T any](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, x := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = write(b, x)
	}
	return append(b, ']')
}

// parseObj reads the members of an object; none of what is no object.
func parseObj(raw []byte) obj {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out obj
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		var v json.RawMessage
		if err != nil || !ok || dec.Decode(&v) != nil {
			return nil
		}
		out = append(out, member{key, v})
	}
	return out
}

// child returns a member as an object, empty if there is none.
func (o *obj) child(key string) obj {
	if raw, ok := o.get(key).(json.RawMessage); ok {
		return parseObj(raw)
	}
	return nil
}

// items returns a member as a list of raw values.
func (o *obj) items(key string) []json.RawMessage {
	raw, ok := o.get(key).(json.RawMessage)
	if !ok {
		return nil
	}
	var out []json.RawMessage
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

// extend replaces the extensions that are ours by others and leaves the rest.
func (o *obj) extend(ours func(url string) bool, exts []any) {
	var out []any
	for _, raw := range o.items("extension") {
		var x struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(raw, &x) != nil || !ours(x.URL) {
			out = append(out, raw)
		}
	}
	o.list("extension", append(out, exts...))
}

// ext writes an extension with a value of a type: ext("urn:x", "String", "text").
func ext(url, typ string, val any) obj { return obj{{"url", url}, {"value" + typ, val}} }

// group writes an extension of extensions; the nil ones do not count, and none make
// none.
func group(url string, parts ...any) obj {
	var sub []any
	for _, p := range parts {
		if o, ok := p.(obj); ok && o == nil {
			continue
		}
		sub = append(sub, p)
	}
	if len(sub) == 0 {
		return nil
	}
	return obj{{"url", url}, {"extension", sub}}
}

// maybe writes an extension with a text, or none if it is empty.
func maybe(url, typ, val string) obj {
	if typ == "String" {
		val = clean(val)
	}
	if val == "" {
		return nil
	}
	return ext(url, typ, val)
}

// resource makes a checked resource of an object.
func resource(o obj) (fhir.Resource, error) {
	b := write(nil, o)
	d, err := fhir.Parse(b)
	if err != nil {
		return fhir.Resource{}, errs.E(errs.Invalid, "plan: write: %w", err)
	}
	return fhir.Resource{Type: d.Type(), ID: d.ID(), JSON: bytes.Clone(d.Compact())}, nil
}

// clean makes a text one that FHIR takes: no control characters but line ends, no
// space around it, valid UTF-8.
func clean(s string) string {
	for _, r := range s {
		if r == unicode.ReplacementChar || unicode.IsControl(r) {
			s = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) && r != '\n' && r != '\t' {
					return -1
				}
				return r
			}, strings.ToValidUTF8(s, "\uFFFD"))
			break
		}
	}
	return strings.TrimSpace(s)
}
