package bundles

import (
	"bytes"
	"encoding/json"
	"errors"
)

// This file finds where the entries of a Bundle lie, in one pass and without
// building anything. It does not validate: what it steps over is parsed strictly
// afterwards, the resources one by one and the rest as the Bundle's skeleton.
// That keeps encoding/json's forgiveness out (a key twice, a key in capitals).

// maxDeep is how deeply a Bundle may be nested: fhir's own bound for a resource
// and the few levels a Bundle puts around one.
const maxDeep = 80

// maxEntries is how many entries one Bundle may have: fhir's bound for an array.
const maxEntries = 100_000

var (
	errCut   = errors.New("is cut short: get the file again")
	errEmpty = errors.New("is empty")
	errForm  = errors.New("is not JSON")
	errDeep  = errors.New("is nested too deeply to be FHIR")
	errMany  = errors.New("is one Bundle of more than 100,000 entries: give smaller ones, or NDJSON")
	errMore  = errors.New("holds more than one JSON value: if it is NDJSON, give it a name that ends in .ndjson")
)

// stub stands in the skeleton where a resource stood.
var stub = []byte(`{"resourceType":"Basic","code":{"text":"-"}}`)

// part is one entry as it stands in the Bundle.
type part struct {
	fullURL, method, url, ifNoneExist string
	ifMatch, asked                    bool // there is an ifMatch; there is a request
	resource                          []byte
}

// outline is a Bundle taken apart.
type outline struct {
	typ, kind string
	parts     []part
	skeleton  []byte // the Bundle with a stub for every resource
}

// scan takes a JSON file apart. For anything but a Bundle only typ is of use.
func scan(raw []byte) (*outline, error) {
	c := cursor{b: raw}
	o := &outline{}
	if c.space(); c.i == len(raw) {
		return nil, errEmpty
	}
	from := 0
	cut := func(r []byte, end int) {
		o.skeleton = append(append(o.skeleton, raw[from:end-len(r)]...), stub...)
		from = end
	}
	err := c.object(func(key []byte) error {
		switch string(key) {
		case "resourceType":
			return c.text(&o.typ)
		case "type":
			return c.text(&o.kind)
		case "entry":
			if c.peek() != '[' {
				return c.skip()
			}
			return c.array(func() error { return c.entry(o, cut) })
		}
		return c.skip()
	})
	if err != nil {
		return nil, err
	}
	if c.space(); c.i < len(raw) {
		return nil, errMore
	}
	o.skeleton = append(o.skeleton, raw[from:]...)
	return o, nil
}

// entry reads one entry; cut is told of a resource and where it ends.
func (c *cursor) entry(o *outline, cut func(r []byte, end int)) error {
	if c.peek() != '{' {
		return c.skip()
	}
	if len(o.parts) == maxEntries {
		return errMany
	}
	var p part
	err := c.object(func(key []byte) error {
		switch string(key) {
		case "fullUrl":
			return c.text(&p.fullURL)
		case "resource":
			if c.peek() != '{' {
				return c.skip()
			}
			at := c.i
			if err := c.skip(); err != nil {
				return err
			}
			p.resource = c.b[at:c.i:c.i]
			cut(p.resource, c.i)
			return nil
		case "request":
			if c.peek() != '{' {
				return c.skip()
			}
			p.asked = true
			return c.request(&p)
		}
		return c.skip()
	})
	o.parts = append(o.parts, p)
	return err
}

func (c *cursor) request(p *part) error {
	return c.object(func(key []byte) error {
		switch string(key) {
		case "method":
			return c.text(&p.method)
		case "url":
			return c.text(&p.url)
		case "ifNoneExist":
			return c.text(&p.ifNoneExist)
		case "ifMatch":
			p.ifMatch = true
		}
		return c.skip()
	})
}

// cursor steps over JSON.
type cursor struct {
	b []byte
	i int
}

func (c *cursor) space() {
	for c.i < len(c.b) && (c.b[c.i] == ' ' || c.b[c.i] == '\n' || c.b[c.i] == '\r' || c.b[c.i] == '\t') {
		c.i++
	}
}

// peek returns the next byte that is not space, and 0 at the end.
func (c *cursor) peek() byte {
	if c.space(); c.i < len(c.b) {
		return c.b[c.i]
	}
	return 0
}

// take steps over one byte that must be there.
func (c *cursor) take(want byte) error {
	switch c.peek() {
	case want:
		c.i++
		return nil
	case 0:
		if c.i >= len(c.b) {
			return errCut
		}
	}
	return errForm
}

// object calls f at the value of every property of the object that begins here;
// f steps over the value.
func (c *cursor) object(f func(key []byte) error) error {
	if err := c.take('{'); err != nil {
		return err
	}
	if c.peek() == '}' {
		c.i++
		return nil
	}
	for {
		c.space()
		key, err := c.str()
		if err != nil {
			return err
		}
		if err := c.take(':'); err != nil {
			return err
		}
		c.space()
		if err := f(key); err != nil {
			return err
		}
		if c.peek() == ',' {
			c.i++
			continue
		}
		return c.take('}')
	}
}

// array calls f at every value of the array that begins here.
func (c *cursor) array(f func() error) error {
	if err := c.take('['); err != nil {
		return err
	}
	if c.peek() == ']' {
		c.i++
		return nil
	}
	for {
		c.space()
		if err := f(); err != nil {
			return err
		}
		if c.peek() == ',' {
			c.i++
			continue
		}
		return c.take(']')
	}
}

// str reads a string and returns what it says, its escapes resolved.
func (c *cursor) str() ([]byte, error) {
	at := c.i
	if err := c.skipString(); err != nil {
		return nil, err
	}
	in := c.b[at+1 : c.i-1]
	if bytes.IndexByte(in, '\\') < 0 {
		return in, nil
	}
	var s string
	if err := json.Unmarshal(c.b[at:c.i], &s); err != nil {
		return nil, errForm
	}
	return []byte(s), nil
}

// text reads a string into s; anything else it steps over.
func (c *cursor) text(s *string) error {
	if c.peek() != '"' {
		return c.skip()
	}
	b, err := c.str()
	*s = string(b)
	return err
}

func (c *cursor) skipString() error {
	if c.i >= len(c.b) {
		return errCut
	}
	if c.b[c.i] != '"' {
		return errForm
	}
	for i := c.i + 1; ; {
		n := bytes.IndexByte(c.b[i:], '"')
		if n < 0 {
			return errCut
		}
		i += n
		back := i - 1
		for c.b[back] == '\\' {
			back--
		}
		i++
		if (i-back)%2 == 0 { // an even number of backslashes stands before the quote
			c.i = i
			return nil
		}
	}
}

// skip steps over any value. It goes deep by counting, not by calling itself.
func (c *cursor) skip() error {
	switch c.peek() {
	case '"':
		return c.skipString()
	case '{', '[':
	default:
		return c.skipScalar()
	}
	for depth := 0; c.i < len(c.b); {
		switch c.b[c.i] {
		case '"':
			if err := c.skipString(); err != nil {
				return err
			}
			continue
		case '{', '[':
			if depth++; depth > maxDeep {
				return errDeep
			}
		case '}', ']':
			if depth--; depth == 0 {
				c.i++
				return nil
			}
		}
		c.i++
	}
	return errCut
}

func (c *cursor) skipScalar() error {
	at := c.i
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t', '"', '{', '[', ':':
			if c.i == at {
				return errForm
			}
			return nil
		}
		c.i++
	}
	return errCut
}
