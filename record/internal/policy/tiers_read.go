package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/errs"
)

// What a file of rules may hold at most.
const (
	maxRulesBytes = 64 << 10
	maxBands      = 20
	maxSources    = 20
	minMajority   = 10
	maxMajority   = 25
)

// ParseRules reads one file of rules. It refuses what it does not know, what is
// said twice, ages left out or claimed twice, a part no guardian is ever given,
// an act where nothing is read, and a band that gives more than a younger one:
// only so does counting a partial birth date as the oldest age narrow. The error
// is errs.Invalid and names the field.
func ParseRules(b []byte) (Rules, error) {
	var f ruleReader
	switch {
	case len(b) > maxRulesBytes:
		f.fail("file", "is longer than 64 KB")
	case !utf8.Valid(b):
		f.fail("file", "is not UTF-8")
	case !json.Valid(b):
		f.fail("file", "is not JSON")
	}
	var r Rules
	if f.err == nil {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		r = f.rules(f.object("file", f.tree(dec, "file", 0)))
	}
	if f.err != nil {
		return Rules{}, f.err
	}
	return r, nil
}

// ruleReader keeps the first fault and goes on with zero values.
type ruleReader struct{ err error }

func (f *ruleReader) fail(field, format string, args ...any) {
	if f.err == nil {
		f.err = errs.E(errs.Invalid, "policy: rules: %s %s", field, fmt.Sprintf(format, args...))
	}
}

// ruleObject is a JSON object of which the fields already taken are gone.
type ruleObject struct {
	path string
	m    map[string]any
}

func (o ruleObject) field(name string) string {
	if o.path == "file" {
		return name
	}
	return o.path + "." + name
}

// tree reads one JSON value. encoding/json itself would take a name said twice,
// or in capitals.
func (f *ruleReader) tree(dec *json.Decoder, path string, depth int) any {
	tok, err := dec.Token()
	if err != nil {
		f.fail(path, "is not JSON")
		return nil
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return tok
	}
	if depth == 4 {
		f.fail(path, "is nested too deep")
		return nil
	}
	var out any
	if open == '{' {
		o := ruleObject{path, map[string]any{}}
		for f.err == nil && dec.More() {
			name, _ := f.tree(dec, path, depth).(string) // JSON has nothing else here
			at := o.field(short(name))
			if _, twice := o.m[name]; twice {
				f.fail(at, "is there twice")
			}
			o.m[name] = f.tree(dec, at, depth+1)
		}
		out = o.m
	} else {
		list := []any{}
		for f.err == nil && dec.More() {
			list = append(list, f.tree(dec, fmt.Sprintf("%s[%d]", path, len(list)), depth+1))
		}
		out = list
	}
	if _, err := dec.Token(); err != nil && f.err == nil {
		f.fail(path, "is not JSON")
	}
	return out
}

// short keeps a stranger's word short enough for an error.
func short(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), 40)], "")
	return strings.Trim(strconv.Quote(s), `"`)
}

func (f *ruleReader) object(path string, v any) ruleObject {
	m, ok := v.(map[string]any)
	if !ok {
		f.fail(path, "is not an object")
	}
	return ruleObject{path, m}
}

func (f *ruleReader) take(o ruleObject, name string) any {
	v, ok := o.m[name]
	if !ok {
		f.fail(o.field(name), "is missing")
	}
	delete(o.m, name)
	return v
}

// done refuses what nobody took.
func (f *ruleReader) done(o ruleObject) {
	var left []string
	for name := range o.m {
		left = append(left, name)
	}
	if len(left) > 0 {
		f.fail(o.field(short(slices.Min(left))), "is not known")
	}
}

func (f *ruleReader) number(o ruleObject, name string, low, high int) int {
	v, _ := f.take(o, name).(json.Number) // "" is no number either
	n, err := strconv.Atoi(v.String())
	if err != nil || n < low || n > high {
		f.fail(o.field(name), "is not a whole number from %d to %d", low, high)
		return low
	}
	return n
}

// text takes a string of at most n bytes that shows what it is: no control
// characters, nothing that turns the direction of writing.
func (f *ruleReader) text(field string, v any, n int) string {
	s, ok := v.(string)
	odd := func(c rune) bool { return !unicode.IsPrint(c) || c == utf8.RuneError }
	switch {
	case !ok:
		f.fail(field, "is not a text")
	case len(s) > n:
		f.fail(field, "is longer than %d bytes", n)
	case strings.ContainsFunc(s, odd):
		f.fail(field, "holds characters that do not print")
	}
	return s
}

func (f *ruleReader) words(field string, v any, n int) string {
	s := f.text(field, v, n)
	if strings.TrimSpace(s) == "" {
		f.fail(field, "is empty")
	}
	return s
}

func (f *ruleReader) list(o ruleObject, name string, low, high int) []any {
	l, ok := f.take(o, name).([]any)
	if !ok || len(l) < low || len(l) > high {
		f.fail(o.field(name), "is not a list of %d to %d", low, high)
		return nil
	}
	return l
}

// code returns the place of a code in a list whose first entry is none.
func (f *ruleReader) code(field string, v any, codes []string) int {
	s := f.words(field, v, 40)
	i := slices.Index(codes, s)
	if i < 1 {
		f.fail(field, "is %q, which is not one of %s", short(s), strings.Join(codes[1:], ", "))
		return 0
	}
	return i
}

// parts takes the codes of ParseParts, joined by spaces; "" is none.
func (f *ruleReader) parts(o ruleObject, name string) Parts {
	field := o.field(name)
	var sum Parts
	for _, c := range strings.Fields(f.text(field, f.take(o, name), 400)) {
		p := ParseParts(c)
		switch {
		case p == 0:
			f.fail(field, "names %q, which is no part", short(c))
		case p&sum != 0:
			f.fail(field, "names %s twice", c)
		case p&^ForOthers != 0:
			f.fail(field, "names %s, which no guardian is given", c)
		}
		sum |= p
	}
	return sum
}

var (
	ruleID      = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	reviewCodes = []string{"", "not reviewed", "reviewed"}
)

func (f *ruleReader) rules(o ruleObject) Rules {
	r := Rules{
		ID:       f.words("id", f.take(o, "id"), 64),
		Version:  f.number(o, "version", 1, 1_000_000),
		Place:    f.words("place", f.take(o, "place"), 100),
		Note:     f.words("note", f.take(o, "note"), 4000),
		Reviewed: f.code("status", f.take(o, "status"), reviewCodes) == 2,
		Majority: f.number(o, "majority", minMajority, maxMajority),
		LeapDay:  LeapDay(f.code("leapDay", f.take(o, "leapDay"), leapDayCodes[:])),
	}
	if !ruleID.MatchString(r.ID) {
		f.fail("id", "is not small letters, digits and single dashes")
	}
	for i, v := range f.list(o, "sources", 1, maxSources) {
		r.Sources = append(r.Sources, f.words(fmt.Sprintf("sources[%d]", i), v, 400))
	}
	for i, v := range f.list(o, "bands", 1, maxBands) {
		r.Bands = append(r.Bands, f.band(f.object(fmt.Sprintf("bands[%d]", i), v)))
	}
	f.done(o)
	f.order(r)
	return r
}

func (f *ruleReader) band(o ruleObject) Band {
	b := Band{
		From:       f.number(o, "from", 0, maxMajority),
		To:         f.number(o, "to", 1, maxMajority),
		Reads:      f.parts(o, "reads"),
		Acts:       f.parts(o, "acts"),
		OwnAccount: AccountRule(f.code(o.field("ownAccount"), f.take(o, "ownAccount"), accountRuleCodes[:])),
	}
	if out := b.Acts &^ b.Reads; out != 0 {
		f.fail(o.field("acts"), "names %s, which reads does not", out)
	}
	for i, v := range f.list(o, "alone", 0, len(matterCodes)) {
		field := fmt.Sprintf("%s[%d]", o.field("alone"), i)
		m := Matter(f.code(field, v, matterCodes[:]))
		if slices.Contains(b.Alone, m) {
			f.fail(field, "names %s twice", m)
		}
		b.Alone = append(b.Alone, m)
	}
	f.done(o)
	return b
}

// order holds the bands against each other.
func (f *ruleReader) order(r Rules) {
	end := 0
	for i, b := range r.Bands {
		name := fmt.Sprintf("bands[%d]", i)
		switch {
		case b.From > end:
			f.fail(name+".from", "leaves out the years from %d to %d", end, b.From)
		case b.From < end:
			f.fail(name+".from", "overlaps the years before %d", end)
		case b.To <= b.From:
			f.fail(name+".to", "is not after from")
		}
		if i > 0 {
			if more := b.Reads &^ r.Bands[i-1].Reads; more != 0 {
				f.fail(name+".reads", "gives %s, which a younger minor's guardian has not", more)
			}
			if more := b.Acts &^ r.Bands[i-1].Acts; more != 0 {
				f.fail(name+".acts", "gives %s, which a younger minor's guardian has not", more)
			}
		}
		end = b.To
	}
	if end != r.Majority {
		f.fail(fmt.Sprintf("bands[%d].to", len(r.Bands)-1), "is not majority, %d", r.Majority)
	}
}
