package form

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// maxDepth bounds how deep JSON may nest: 32 levels of items and what is in them.
const maxDepth = 200

// val is one JSON value over the bytes it came from. The nil val is nothing, and
// asking nothing gives nothing.
type val struct {
	raw []byte
	obj []member
	arr []*val
}

type member struct {
	name string
	v    *val
}

// parseJSON reads JSON into a tree, or returns nil when it is not JSON or too deep.
func parseJSON(b []byte) *val {
	if !json.Valid(b) {
		return nil
	}
	r := reader{b: b}
	r.space()
	return r.value(0)
}

// reader walks over JSON that is known to be valid.
type reader struct {
	b    []byte
	i    int
	slab []val
	size int // of the last slab
}

func (r *reader) space() {
	for r.i < len(r.b) && (r.b[r.i] == ' ' || r.b[r.i] == '\n' || r.b[r.i] == '\t' || r.b[r.i] == '\r') {
		r.i++
	}
}

func (r *reader) fresh() *val {
	if len(r.slab) == 0 {
		r.size = min(max(4, 2*r.size), 256)
		r.slab = make([]val, r.size)
	}
	v := &r.slab[0]
	r.slab = r.slab[1:]
	return v
}

func (r *reader) value(depth int) *val {
	if depth > maxDepth {
		return nil
	}
	v, start := r.fresh(), r.i
	ok := true
	switch r.b[r.i] {
	case '{':
		ok = r.object(v, depth)
	case '[':
		ok = r.array(v, depth)
	case '"':
		r.skipString()
	default:
		for r.i < len(r.b) && strings.IndexByte(",]} \n\t\r", r.b[r.i]) < 0 {
			r.i++
		}
	}
	if !ok {
		return nil
	}
	v.raw = r.b[start:r.i:r.i]
	return v
}

func (r *reader) skipString() {
	for r.i++; r.b[r.i] != '"'; r.i++ {
		if r.b[r.i] == '\\' {
			r.i++
		}
	}
	r.i++
}

func (r *reader) object(v *val, depth int) bool {
	r.i++
	for r.space(); r.b[r.i] != '}'; r.space() {
		if r.b[r.i] == ',' {
			r.i++
			continue
		}
		k := r.i
		r.skipString()
		name := unquote(r.b[k:r.i])
		r.space()
		r.i++ // :
		r.space()
		c := r.value(depth + 1)
		if c == nil {
			return false
		}
		if v.obj == nil {
			v.obj = make([]member, 0, 4)
		}
		v.obj = append(v.obj, member{name, c})
	}
	r.i++
	return true
}

func (r *reader) array(v *val, depth int) bool {
	r.i++
	for r.space(); r.b[r.i] != ']'; r.space() {
		if r.b[r.i] == ',' {
			r.i++
			continue
		}
		c := r.value(depth + 1)
		if c == nil {
			return false
		}
		v.arr = append(v.arr, c)
	}
	r.i++
	return true
}

func unquote(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return strings.ToValidUTF8(string(b[1:len(b)-1]), "\uFFFD")
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return ""
	}
	return s
}

// quote returns a string as JSON. Unlike encoding/json it leaves <, > and & alone.
func quote(s string) string { return string(appendQuoted(nil, s)) }

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := true
	for n := 0; n < len(s) && plain; n++ {
		plain = s[n] >= ' ' && s[n] < 0x7f && s[n] != '"' && s[n] != '\\'
	}
	if plain {
		return append(append(dst, s...), '"')
	}
	for _, c := range s { // what is not UTF-8 comes out as U+FFFD
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', byte(c))
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c < ' ':
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, string(c)...)
		}
	}
	return append(dst, '"')
}

// get follows a path of names; in an array it takes the first.
func (v *val) get(path ...string) *val {
	for _, p := range path {
		v = v.one(p)
	}
	return v
}

func (v *val) one(name string) *val {
	if v == nil {
		return nil
	}
	for _, m := range v.obj {
		if m.name == name {
			if len(m.v.arr) > 0 {
				return m.v.arr[0]
			}
			return m.v
		}
	}
	return nil
}

// each returns the values called name: those of an array, or the one.
func (v *val) each(name string) []*val {
	if v == nil {
		return nil
	}
	for _, m := range v.obj {
		if m.name == name {
			if m.v.isArray() {
				return m.v.arr
			}
			return []*val{m.v}
		}
	}
	return nil
}

func (v *val) isArray() bool  { return v != nil && v.raw[0] == '[' }
func (v *val) isObject() bool { return v != nil && v.raw[0] == '{' }

// str returns the characters of a string, or a number or truth value as written.
func (v *val) str() string {
	switch {
	case v == nil || v.isArray() || v.isObject() || string(v.raw) == "null":
		return ""
	case v.raw[0] == '"':
		return unquote(v.raw)
	}
	return string(v.raw)
}

// truth reads a truth value; "true" in quotes, which R4 does not have, is one.
func (v *val) truth() bool { return v != nil && (string(v.raw) == "true" || string(v.raw) == `"true"`) }

func (v *val) int() int {
	n, err := strconv.Atoi(v.str())
	if err != nil {
		return 0
	}
	return n
}

// choice returns what stands under value[x] and its name.
func (v *val) choice(prefix string) (string, *val) {
	if v == nil {
		return "", nil
	}
	for _, m := range v.obj {
		if len(m.name) > len(prefix) && strings.HasPrefix(m.name, prefix) {
			return m.name[len(prefix):], m.v
		}
	}
	return "", nil
}
