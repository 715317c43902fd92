package form

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rapport/fhir"
)

// check returns the rules of its question that answers break, one by one and
// together. That there are none at all is not its business.
func (s *Sheet) check(r *row, answers []Answer) []Issue {
	c := checker{r: r, options: s.options(r)}
	i := r.item
	for _, a := range answers {
		c.answer(a)
	}
	if most := r.most(); most > 0 && len(answers) > most {
		c.add("occurs-max", strconv.Itoa(most))
	}
	if len(answers) > 0 && len(answers) < i.MinOccurs {
		c.add("occurs-min", strconv.Itoa(i.MinOccurs))
	}
	if len(answers) > 1 {
		for _, a := range answers {
			if o := pick(c.options, a); o != nil && o.Exclusive {
				c.add("exclusive", "")
				break
			}
		}
	}
	return c.out
}

// most returns how many answers there may be, or 0.
func (r *row) most() int {
	if !r.repeats() {
		return 1
	}
	return r.item.MaxOccurs
}

type checker struct {
	r       *row
	options []Option
	out     []Issue
}

func (c *checker) add(code, bound string) {
	c.out = append(c.out, Issue{Place: c.r.place(), LinkID: c.r.item.LinkID, Code: code, Bound: bound})
}

func (c *checker) answer(a Answer) {
	i := c.r.item
	if !i.takes(a.Type) || !a.sound() {
		c.add("type", i.value())
		return
	}
	switch a.Type {
	case "string", "uri":
		c.words(a)
	case "Quantity":
		c.unit(a)
	case "Attachment":
		c.attachment(a)
	case "Reference":
		c.reference(a)
	}
	if a.Type == "decimal" || a.Type == "Quantity" {
		_, frac, _ := strings.Cut(a.Text, ".")
		if i.MaxDecimals >= 0 && len(frac) > i.MaxDecimals {
			c.add("decimals", strconv.Itoa(i.MaxDecimals))
		}
	}
	if i.re != nil && a.Type != "string" && a.Type != "uri" && a.primitive() && !i.re.MatchString(a.Text) {
		c.add("regex", "")
	}
	c.limits(a)
	c.option(a)
}

func (a Answer) primitive() bool { return a.Type != "" && a.Type[0] >= 'a' }

func (c *checker) words(a Answer) {
	i, n := c.r.item, utf8.RuneCountInString(a.Text)
	if i.MaxLength > 0 && n > i.MaxLength {
		c.add("too-long", strconv.Itoa(i.MaxLength))
	}
	if i.MinLength > 0 && n < i.MinLength {
		c.add("too-short", strconv.Itoa(i.MinLength))
	}
	if i.re != nil && !i.re.MatchString(a.Text) {
		c.add("regex", "")
	}
}

func (c *checker) limits(a Answer) {
	outside := func(b Answer, code string, wrong func(lo, hi int) bool) {
		if b.IsZero() {
			return
		}
		if a.Type == "Quantity" && b.number() {
			b = Answer{Type: "Quantity", Text: b.Text}
		}
		lo, hi, ok := compare(a, b)
		if !ok && a.Type == "Quantity" && b.Type == "Quantity" || ok && wrong(lo, hi) {
			c.add(code, strings.TrimSpace(b.Text+" "+b.Unit))
		}
	}
	outside(c.r.low(), "min", func(lo, hi int) bool { return lo < 0 && hi < 0 })
	outside(c.r.high(), "max", func(lo, hi int) bool { return lo > 0 && hi > 0 })
}

func (c *checker) option(a Answer) {
	i := c.r.item
	if len(c.options) == 0 {
		switch {
		case a.Type != "Coding":
		case len(i.Options) > 0:
			c.add("option", "")
		case i.OptionSet != "":
			c.add("set", "") // nobody here knows what may be chosen
		}
		return
	}
	if i.Open && a.Type == "string" {
		return
	}
	o := pick(c.options, a)
	if o == nil {
		c.add("option", "")
		return
	}
	if a.Type == "Coding" && a.Text != "" && !o.called(a.Text) {
		c.add("display", "")
	}
}

// pick returns the option an answer is, or nil.
func pick(options []Option, a Answer) *Option {
	for n := range options {
		if options[n].Value.Is(a) {
			return &options[n]
		}
	}
	return nil
}

// called reports that the words are the option's own, in some language.
func (o *Option) called(words string) bool {
	same := func(s string) bool {
		return strings.EqualFold(strings.Join(strings.Fields(s), " "), strings.Join(strings.Fields(words), " "))
	}
	if o.text.own == "" || same(o.text.own) || same(o.Value.Text) {
		return true
	}
	for _, t := range o.text.by {
		if same(t.words) {
			return true
		}
	}
	return false
}

func (c *checker) unit(a Answer) {
	i := c.r.item
	if i.UnitOpen || len(i.Units) == 0 && i.UnitSet == "" {
		return
	}
	for _, u := range append(i.Units[:len(i.Units):len(i.Units)], i.Unit) {
		v := u.Value
		if !v.IsZero() && (a.Code != "" && a.Code == v.Code && a.System == v.System || a.Code == "" && (a.Unit == v.Text || a.Unit == v.Code)) {
			return
		}
	}
	c.add("unit", "")
}

func (c *checker) attachment(a Answer) {
	i := c.r.item
	if len(i.MIMETypes) > 0 && !slices.ContainsFunc(i.MIMETypes, func(m string) bool {
		major, minor, _ := strings.Cut(m, "/")
		return strings.EqualFold(m, a.MIME) || minor == "*" && strings.HasPrefix(a.MIME, major+"/") || m == "*/*"
	}) {
		c.add("mime", "")
	}
	if size := max(a.Size, len(a.Data)/4*3-strings.Count(a.Data, "=")); i.MaxSize > 0 && size > i.MaxSize {
		c.add("size", strconv.Itoa(i.MaxSize))
	}
}

func (c *checker) reference(a Answer) {
	if a.URL == "" || strings.HasPrefix(a.URL, "#") || strings.HasPrefix(a.URL, "urn:") {
		return
	}
	typ, _ := fhir.SplitReference(a.URL)
	_, known := fhir.TypeNumber(typ)
	_, err := url.Parse(a.URL)
	if !known || err != nil || strings.ContainsAny(a.URL, " \t\n") {
		c.add("reference", "")
	} else if refs := c.r.item.References; len(refs) > 0 && !slices.Contains(refs, typ) {
		c.add("reference", strings.Join(refs, ", "))
	}
}

var (
	codeForm = regexp.MustCompile(`^[^\s]+(\s[^\s]+)*$`)
	uriForm  = regexp.MustCompile(`^\S*$`)
	mimeForm = regexp.MustCompile(`^[^\s]+(\s[^\s]+)*$`)
)

// maxText bounds one answer's words.
const maxText = 1 << 20

// sound reports that the value can be written as FHIR.
func (a Answer) sound() bool {
	if len(a.Text) > maxText || !utf8.ValidString(a.Text) || !utf8.ValidString(a.Unit) {
		return false
	}
	switch a.Type {
	case "boolean":
		return a.Text == "true" || a.Text == "false"
	case "integer":
		n, err := strconv.ParseInt(a.Text, 10, 32)
		return err == nil && strconv.FormatInt(n, 10) == a.Text
	case "decimal":
		return isNumber(a.Text)
	case "date":
		return goodDate(a.Text)
	case "dateTime":
		return goodTime(a.Text)
	case "time":
		return clockForm.MatchString(a.Text) && len(a.Text) > 5
	case "string":
		return strings.TrimSpace(a.Text) != "" && plain(a.Text)
	case "uri":
		return a.Text != "" && uriForm.MatchString(a.Text)
	case "Coding":
		return (a.Code != "" || a.Text != "") && (a.Code == "" || codeForm.MatchString(a.Code)) && uriForm.MatchString(a.System) && plain(a.Text)
	case "Quantity":
		return isNumber(a.Text) && (a.Code == "" || codeForm.MatchString(a.Code)) && uriForm.MatchString(a.System) && plain(a.Unit)
	case "Reference":
		return (a.URL != "" || a.Text != "") && uriForm.MatchString(a.URL) && plain(a.Text)
	case "Attachment":
		return (a.URL != "" || a.Data != "") && uriForm.MatchString(a.URL) && (a.MIME == "" || mimeForm.MatchString(a.MIME)) && plain(a.Text) && base64Form(a.Data)
	}
	return false
}

// plain reports that words hold no control characters FHIR leaves out.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' })
}

func base64Form(s string) bool {
	n := strings.TrimRight(s, "=")
	return len(s)%4 == 0 && len(s)-len(n) <= 2 &&
		!strings.ContainsFunc(n, func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/')
		})
}
