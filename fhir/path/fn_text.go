package path

import (
	"strings"
	"unicode/utf8"
)

// FHIRPath 5.6, strings. Places and lengths count characters, not bytes.
var texts = map[string]*function{
	"indexOf":        {1, 1, texted(fnIndexOf)},
	"lastIndexOf":    {1, 1, texted(fnLastIndexOf)},
	"substring":      {1, 2, fnSubstring},
	"startsWith":     {1, 1, texted(func(_ *call, s string, a []string) ([]Value, error) { return boolean(strings.HasPrefix(s, a[0])), nil })},
	"endsWith":       {1, 1, texted(func(_ *call, s string, a []string) ([]Value, error) { return boolean(strings.HasSuffix(s, a[0])), nil })},
	"contains":       {1, 1, texted(func(_ *call, s string, a []string) ([]Value, error) { return boolean(strings.Contains(s, a[0])), nil })},
	"upper":          {0, 0, texted(func(c *call, s string, _ []string) ([]Value, error) { return c.run.text(strings.ToUpper(s)) })},
	"lower":          {0, 0, texted(func(c *call, s string, _ []string) ([]Value, error) { return c.run.text(strings.ToLower(s)) })},
	"trim":           {0, 0, texted(func(c *call, s string, _ []string) ([]Value, error) { return c.run.text(strings.TrimSpace(s)) })},
	"replace":        {2, 2, texted(fnReplace)},
	"matches":        {1, 2, texted(fnMatches)},
	"matchesFull":    {1, 2, texted(fnMatches)},
	"replaceMatches": {2, 3, texted(fnReplaceMatches)},
	"length": {0, 0, texted(func(_ *call, s string, _ []string) ([]Value, error) {
		return []Value{Int(int64(utf8.RuneCountInString(s)))}, nil
	})},
	"toChars":  {0, 0, texted(func(c *call, s string, _ []string) ([]Value, error) { return c.run.splits(s, "") })},
	"split":    {1, 1, texted(func(c *call, s string, a []string) ([]Value, error) { return c.run.splits(s, a[0]) })},
	"join":     {0, 1, fnJoin},
	"encode":   {1, 1, texted(fnEncode)},
	"decode":   {1, 1, texted(fnDecode)},
	"escape":   {1, 1, texted(fnEscape)},
	"unescape": {1, 1, texted(fnUnescape)},
}

// texted is a function of one String with Strings for arguments. Without one of
// them it is nothing.
func texted(f func(c *call, s string, args []string) ([]Value, error)) func(c *call) ([]Value, error) {
	return func(c *call) ([]Value, error) {
		a, ok, err := c.one()
		if err != nil || !ok {
			return nil, err
		}
		if a.kind != kindString {
			return nil, fail("%s() is for a String, not for %s", c.name(), kindNames[a.kind])
		}
		var args [3]string
		for i := range c.node.args {
			s, ok, err := c.argText(i)
			if err != nil || !ok {
				return nil, err
			}
			args[i] = s
		}
		return f(c, a.text, args[:c.takes()])
	}
}

func fnIndexOf(_ *call, s string, a []string) ([]Value, error) {
	return place(s, strings.Index(s, a[0])), nil
}

func fnLastIndexOf(_ *call, s string, a []string) ([]Value, error) {
	return place(s, strings.LastIndex(s, a[0])), nil
}

func place(s string, at int) []Value {
	if at > 0 {
		at = utf8.RuneCountInString(s[:at])
	}
	return []Value{Int(int64(at))}
}

func fnSubstring(c *call) ([]Value, error) {
	a, ok, err := c.one()
	if err != nil || !ok {
		return nil, err
	}
	if a.kind != kindString {
		return nil, fail("substring() is for a String, not for %s", kindNames[a.kind])
	}
	start, ok, err := c.argInt(0)
	if err != nil || !ok {
		return nil, err
	}
	n := int64(len(a.text))
	if c.takes() > 1 {
		m, given, err := c.argInt(1)
		if err != nil {
			return nil, err
		}
		if given {
			n = max(m, 0)
		}
	}
	s := a.text
	if start < 0 {
		return nil, nil
	}
	for ; start > 0 && s != ""; start-- {
		_, k := utf8.DecodeRuneInString(s)
		s = s[k:]
	}
	if s == "" {
		return nil, nil
	}
	end := 0
	for ; n > 0 && end < len(s); n-- {
		_, k := utf8.DecodeRuneInString(s[end:])
		end += k
	}
	return c.run.text(s[:end])
}

func fnReplace(c *call, s string, a []string) ([]Value, error) {
	n := strings.Count(s, a[0])
	if err := c.run.room(len(s) + n*(len(a[1])-len(a[0]))); err != nil {
		return nil, err
	}
	return c.run.text(strings.ReplaceAll(s, a[0], a[1]))
}

// splits cuts a text at every separator, or into its characters.
func (r *run) splits(s, sep string) ([]Value, error) {
	n := strings.Count(s, sep) + 1
	if err := r.work(n); err != nil {
		return nil, err
	}
	out := make([]Value, 0, n)
	for _, x := range strings.Split(s, sep) {
		out = append(out, String(x))
	}
	return out, nil
}

func fnJoin(c *call) ([]Value, error) {
	sep := ""
	if c.takes() == 1 {
		var err error
		if sep, _, err = c.argText(0); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	for i, v := range c.on {
		a, ok, err := c.single(c.on[i : i+1])
		if err != nil {
			return nil, err
		}
		if !ok || a.kind != kindString {
			return nil, fail("join() is for Strings, not for %s", v.Type())
		}
		if i > 0 {
			b.WriteString(sep)
		}
		if err := c.run.room(b.Len() + len(sep) + len(a.text)); err != nil {
			return nil, err
		}
		b.WriteString(a.text)
	}
	if len(c.on) == 0 {
		return nil, nil
	}
	return c.run.text(b.String())
}
