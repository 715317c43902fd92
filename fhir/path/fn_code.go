package path

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// This file is regular expressions, encodings and escapes.

const maxPattern = 4096

// pattern is a compiled regular expression.
type pattern struct {
	re  *regexp.Regexp
	err error
}

// regular compiles a regular expression once in an evaluation. Go's take time in
// proportion to the text, whatever they are.
func (c *call) regular(src string) (*regexp.Regexp, error) {
	r := c.run
	if p, ok := r.regs[src]; ok {
		return p.re, p.err
	}
	if len(src) > maxPattern {
		return nil, fail("%s() takes a shorter regular expression", c.name())
	}
	if err := r.work(1000 + 10*len(src)); err != nil {
		return nil, err
	}
	p := &pattern{}
	if p.re, p.err = regexp.Compile(src); p.err != nil {
		p.err = fail("%s() takes a regular expression, and this is none", c.name())
	}
	if r.regs == nil {
		r.regs = map[string]*pattern{}
	}
	r.regs[src] = p
	return p.re, p.err
}

// flags is a pattern with the letters of the flags argument in front: a point is
// any character also without them.
func flags(c *call, a []string, at int) (string, error) {
	f := "s"
	if len(a) > at {
		for _, x := range a[at] {
			if x != 'i' && x != 'm' && x != 's' {
				return "", fail("%s() knows the flags i, m and s", c.name())
			}
		}
		f += strings.ReplaceAll(a[at], "s", "")
	}
	return "(?" + f + ")", nil
}

func fnMatches(c *call, s string, a []string) ([]Value, error) {
	f, err := flags(c, a, 1)
	if err != nil {
		return nil, err
	}
	src := f + a[0]
	if c.name() == "matchesFull" {
		src = f + `\A(?:` + a[0] + `)\z`
	}
	re, err := c.regular(src)
	if err != nil {
		return nil, err
	}
	if err := c.run.work(len(s) * (1 + len(src)/16) / 16); err != nil {
		return nil, err
	}
	return boolean(re.MatchString(s)), nil
}

var groupName = regexp.MustCompile(`\$(\d+|\w+)`)

func fnReplaceMatches(c *call, s string, a []string) ([]Value, error) {
	if a[0] == "" {
		return c.run.text(s)
	}
	f, err := flags(c, a, 2)
	if err != nil {
		return nil, err
	}
	re, err := c.regular(f + a[0])
	if err != nil {
		return nil, err
	}
	if err := c.run.work(len(s) * (1 + len(a[0])/16) / 4); err != nil {
		return nil, err
	}
	with := groupName.ReplaceAllString(a[1], `$${$1}`)
	var out []byte
	at := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, s[at:m[0]]...)
		out = re.ExpandString(out, with, s, m)
		at = m[1]
		if len(out) > maxText {
			return nil, fail("a text grows too long")
		}
	}
	return c.run.text(string(append(out, s[at:]...)))
}

// encoding returns a base64 encoding by its name, and nil for another name.
func encoding(name string) *base64.Encoding {
	switch name {
	case "base64":
		return base64.StdEncoding
	case "urlbase64":
		return base64.URLEncoding
	}
	return nil
}

func fnEncode(c *call, s string, a []string) ([]Value, error) {
	if e := encoding(a[0]); e != nil {
		return c.run.text(e.EncodeToString([]byte(s)))
	}
	if a[0] == "hex" {
		return c.run.text(hex.EncodeToString([]byte(s)))
	}
	return nil, nil
}

func fnDecode(c *call, s string, a []string) ([]Value, error) {
	var b []byte
	var err error
	if e := encoding(a[0]); e != nil {
		b, err = e.DecodeString(s)
	} else if a[0] == "hex" {
		b, err = hex.DecodeString(s)
	} else {
		return nil, nil
	}
	if err != nil || !utf8.Valid(b) {
		return nil, fail("decode() takes a text that was encoded")
	}
	return c.run.text(string(b))
}

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func fnEscape(c *call, s string, a []string) ([]Value, error) {
	switch a[0] {
	case "html":
		return c.run.text(htmlEscapes.Replace(s))
	case "json":
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			return nil, fail("escape() takes a text")
		}
		q := strings.TrimSuffix(b.String(), "\n")
		return c.run.text(q[1 : len(q)-1])
	}
	return nil, nil
}

func fnUnescape(c *call, s string, a []string) ([]Value, error) {
	switch a[0] {
	case "html":
		return c.run.text(html.UnescapeString(s))
	case "json":
		out, ok := unescapeJSON(s)
		if !ok {
			return nil, fail("unescape() takes a text that was escaped")
		}
		return c.run.text(out)
	}
	return nil, nil
}

// unescapeJSON is lenient with quotes that were not escaped.
func unescapeJSON(s string) (string, bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String(), true
		}
		b.WriteString(s[:i])
		n := 2
		if strings.HasPrefix(s[i:], `\u`) {
			if n = 6; len(s) >= i+12 && s[i+2]|0x20 == 'd' && s[i+3] >= '8' && s[i+6] == '\\' {
				n = 12 // a pair of surrogates
			}
		}
		var x string
		if len(s) < i+n || json.Unmarshal([]byte(`"`+s[i:i+n]+`"`), &x) != nil {
			return "", false
		}
		b.WriteString(x)
		s = s[i+n:]
	}
}
