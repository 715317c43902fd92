package fhir

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Type returns the resource's type, "Patient".
func (d *Doc) Type() string { return d.Root().Type() }

// ID returns the resource's logical id, or "".
func (d *Doc) ID() string { return d.Root().Get("id").Str() }

// Compact returns the resource without whitespace between tokens. Nothing else
// is touched: the order, the escapes and the digits are those that came. It may
// be Src itself and must not be changed.
func (d *Doc) Compact() []byte {
	if !d.spaced {
		return d.Src
	}
	if d.body == nil {
		d.body = compact(make([]byte, 0, len(d.Src)*3/4), d.Src)
	}
	return d.body
}

// compact appends valid JSON without the whitespace between its tokens.
func compact(dst, src []byte) []byte {
	from := 0
	for i := 0; i < len(src); {
		switch src[i] {
		case '"':
			for i++; i < len(src) && src[i] != '"'; {
				switch i = plain(src, i); {
				case i >= len(src) || src[i] == '"':
				case src[i] == '\\':
					i += 2
				default:
					i++
				}
			}
			i++
		case ' ', '\n', '\t', '\r':
			dst = append(dst, src[from:i]...)
			for i < len(src) && (src[i] == ' ' || src[i] == '\n' || src[i] == '\t' || src[i] == '\r') {
				i++
			}
			from = i
		default:
			i++
		}
	}
	return append(dst, src[min(from, len(src)):]...)
}

// Ref is the text of one Reference.reference and where its JSON string lies,
// quotes included: Src[Start:End].
type Ref struct {
	Text       string
	Start, End int
}

// References returns every Reference.reference of the resource, in order,
// contained resources included.
func (d *Doc) References() []Ref {
	var out []Ref
	for i := range d.n {
		if d.isReference(uint32(i)) {
			x := &d.n[i]
			out = append(out, Ref{Node{d, uint32(i)}.Str(), int(x.start), int(x.end)})
		}
	}
	return out
}

func (d *Doc) isReference(i uint32) bool {
	x := &d.n[i]
	return i > 1 && x.owner == d.s.reference && x.flags&(flagUnder|flagNull) == 0 && d.s.types[x.owner].elems[x.elem].name == "reference"
}

// isURN says whether a node is a uri, url or canonical with a URN: a transaction
// may link to another entry by its fullUrl there as well (R4 http, 3.1.0.11.2).
func (d *Doc) isURN(i uint32) bool {
	x := &d.n[i]
	switch d.s.types[x.typ].prim {
	case primURI, primURL, primCanonical, primUUID, primOID:
	default:
		return false
	}
	return x.flags&(flagUnder|flagNull) == 0 && bytes.HasPrefix(Node{d, i}.bytes(), []byte("urn:")) && d.s.types[x.owner].elems[x.elem].name != "fullUrl"
}

// Rewrite returns the compacted resource with references replaced. It asks to
// about every Reference.reference, and about every uri, url and canonical that
// is a URN (a fullUrl of a Bundle excepted); what to returns true for is
// replaced by what it returns. Links inside a narrative stay.
func (d *Doc) Rewrite(to func(ref string) (string, bool)) []byte {
	var out []byte
	from := 0
	for i := range d.n {
		if i < 2 || !(d.isReference(uint32(i)) || d.isURN(uint32(i))) {
			continue
		}
		s, ok := to(Node{d, uint32(i)}.Str())
		if !ok {
			continue
		}
		if out == nil {
			out = make([]byte, 0, len(d.Src))
		}
		out = compact(out, d.Src[from:d.n[i].start])
		out = quote(out, s)
		from = int(d.n[i].end)
	}
	if from == 0 {
		return slices.Clone(d.Compact())
	}
	return compact(out, d.Src[from:])
}

// quote appends s as a JSON string.
func quote(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// WithID returns a resource's JSON with this logical id, in place of the one it
// has or right after the resourceType. It does not validate: JSON it cannot
// follow comes back as it is.
func WithID(json []byte, id string) []byte {
	d := Doc{Src: json}
	d.space()
	if d.i >= len(json) || json[d.i] != '{' {
		return json
	}
	d.i++
	open := d.i
	if d.space(); d.i < len(json) && json[d.i] == '}' {
		return splice(json, open, open, quote([]byte(`"id":`), id))
	}
	after := 0
	for {
		k, ok := d.key()
		if !ok {
			return json
		}
		name := string(d.value(k))
		at := d.i
		if !d.skip() {
			return json
		}
		switch name {
		case "id":
			return splice(json, at, d.i, quote(nil, id))
		case "resourceType":
			after = d.i
		}
		if more, ok := d.more('}'); !ok {
			return json
		} else if !more {
			break
		}
	}
	if after > 0 {
		return splice(json, after, after, quote([]byte(`,"id":`), id))
	}
	return splice(json, open, open, append(quote([]byte(`"id":`), id), ','))
}

func splice(b []byte, from, to int, with []byte) []byte {
	return slices.Concat(b[:from], with, b[to:])
}
