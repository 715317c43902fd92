package forms

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"rapport/errs"
)

// tree is a JSON value that keeps what it was read from: the order of its elements, the
// digits of its numbers, and everything this package has no name for. Editing a form is
// changing a tree; a form is never written anew from what we understand of it.
type tree struct {
	kind byte   // '{', '[' or 'v' for a value
	raw  string // of a value: as it was written
	keys []string
	vals []*tree
}

// deepest is how deep a tree may be nested.
const deepest = 200

func parse(b []byte) (*tree, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	p := parser{b: b, d: d}
	n, err := p.value(0)
	if err != nil {
		return nil, errs.E(errs.Invalid, "forms: not JSON: %w", err)
	}
	if len(bytes.TrimSpace(b[d.InputOffset():])) > 0 {
		return nil, errs.E(errs.Invalid, "forms: something follows the JSON")
	}
	return n, nil
}

type parser struct {
	b []byte
	d *json.Decoder
}

func (p *parser) value(depth int) (*tree, error) {
	from := p.d.InputOffset()
	t, err := p.d.Token()
	if err != nil {
		return nil, err
	}
	if depth > deepest {
		return nil, errs.E(errs.Invalid, "forms: nested too deep")
	}
	c, ok := t.(json.Delim)
	if !ok {
		return &tree{kind: 'v', raw: string(bytes.TrimLeft(p.b[from:p.d.InputOffset()], " \t\r\n,:"))}, nil
	}
	n := &tree{kind: byte(c)}
	for p.d.More() {
		if c == '{' {
			k, err := p.d.Token()
			if err != nil {
				return nil, err
			}
			name, _ := k.(string) // the decoder lets nothing else be a name
			n.keys = append(n.keys, name)
		}
		x, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.vals = append(n.vals, x)
	}
	_, err = p.d.Token()
	return n, err
}

func (n *tree) bytes() []byte {
	var b bytes.Buffer
	n.write(&b)
	return b.Bytes()
}

func (n *tree) write(b *bytes.Buffer) {
	switch n.kind {
	case 'v':
		b.WriteString(n.raw)
		return
	case '{':
		b.WriteByte('{')
	default:
		b.WriteByte('[')
	}
	for i, x := range n.vals {
		if i > 0 {
			b.WriteByte(',')
		}
		if n.kind == '{' {
			b.WriteString(quoted(n.keys[i]))
			b.WriteByte(':')
		}
		x.write(b)
	}
	if n.kind == '{' {
		b.WriteByte('}')
	} else {
		b.WriteByte(']')
	}
}

// quoted writes a string as JSON, and its signs as themselves.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func str(s string) *tree { return &tree{kind: 'v', raw: quoted(s)} }

// num is a number as its digits say, or true or false; anything else is a string, for
// the check of what is kept to find.
func num(digits string) *tree {
	if !isNumber(digits) && digits != "true" && digits != "false" {
		return str(digits)
	}
	return &tree{kind: 'v', raw: digits}
}

func truth() *tree { return &tree{kind: 'v', raw: "true"} }

func list(vs ...*tree) *tree { return &tree{kind: '[', vals: vs} }

// pair is an element with its name.
type pair struct {
	key string
	val *tree
}

// obj is an object of what there is: elements that are nil are left out.
func obj(ps ...pair) *tree {
	n := &tree{kind: '{'}
	for _, p := range ps {
		if p.val != nil {
			n.keys, n.vals = append(n.keys, p.key), append(n.vals, p.val)
		}
	}
	return n
}

// get follows names down; nil if there is no such element.
func (n *tree) get(names ...string) *tree {
	for _, name := range names {
		if n == nil || n.kind != '{' {
			return nil
		}
		i := slices.Index(n.keys, name)
		if i < 0 {
			return nil
		}
		n = n.vals[i]
	}
	return n
}

// each returns the elements of a list, or one that is none.
func (n *tree) each(name string) []*tree {
	x := n.get(name)
	switch {
	case x == nil:
		return nil
	case x.kind == '[':
		return x.vals
	}
	return []*tree{x}
}

// text is a string without its quotes, or the digits of a number; "" if it is neither.
func (n *tree) text() string {
	if n == nil || n.kind != 'v' {
		return ""
	}
	if !strings.HasPrefix(n.raw, `"`) {
		return n.raw
	}
	var s string
	if err := json.Unmarshal([]byte(n.raw), &s); err != nil {
		return ""
	}
	return s
}

func (n *tree) is() bool { return n.text() == "true" }

// set puts an element in its place, after its sibling or at the end; nil takes it away.
func (n *tree) set(name string, v *tree) {
	i := slices.Index(n.keys, name)
	switch {
	case v == nil && i >= 0:
		n.keys, n.vals = slices.Delete(n.keys, i, i+1), slices.Delete(n.vals, i, i+1)
	case v == nil:
	case i >= 0:
		n.vals[i] = v
	default:
		at := len(n.keys)
		if j := slices.Index(n.keys, strings.TrimPrefix(name, "_")); j >= 0 {
			at = j + 1
		}
		n.keys, n.vals = slices.Insert(n.keys, at, name), slices.Insert(n.vals, at, v)
	}
}

// setText sets a string, or takes it away if it is empty.
func (n *tree) setText(name, s string) {
	if s == "" {
		n.set(name, nil)
		return
	}
	if n.get(name).text() != s {
		n.set(name, str(s))
	}
}

// flag sets what is true, and takes away what is not.
func (n *tree) flag(name string, is bool) {
	if n.get(name).is() == is {
		return
	}
	if n.set(name, nil); is {
		n.set(name, truth())
	}
}

// add puts an element at the end of a list.
func (n *tree) add(name string, v *tree) {
	if x := n.get(name); x != nil && x.kind == '[' {
		x.vals = append(x.vals, v)
		return
	}
	n.set(name, list(v))
}

// keep leaves in a list what is wanted, and no empty list.
func (n *tree) keep(name string, wanted func(*tree) bool) {
	x := n.get(name)
	if x == nil || x.kind != '[' {
		return
	}
	x.vals = slices.DeleteFunc(x.vals, func(v *tree) bool { return !wanted(v) })
	if len(x.vals) == 0 {
		n.set(name, nil)
	}
}

// choice returns the element that is one of several types: value[x].
func (n *tree) choice(name string) (typ string, v *tree) {
	if n == nil || n.kind != '{' {
		return "", nil
	}
	for i, k := range n.keys {
		if t, ok := strings.CutPrefix(k, name); ok && t != "" && t[0] >= 'A' && t[0] <= 'Z' {
			return t, n.vals[i]
		}
	}
	return "", nil
}

// copied returns a tree of its own.
func (n *tree) copied() *tree {
	if n == nil {
		return nil
	}
	c := &tree{kind: n.kind, raw: n.raw, keys: slices.Clone(n.keys)}
	for _, v := range n.vals {
		c.vals = append(c.vals, v.copied())
	}
	return c
}

// broken is JSON with its lines broken, for people to read.
func broken(b []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return b
	}
	return append(bytes.TrimSpace(out.Bytes()), '\n')
}
