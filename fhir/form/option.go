package form

// Option is one of the answers a question offers.
type Option struct {
	Value     Answer
	Score     string // what it counts (ordinalValue, itemWeight), or ""
	Prefix    string // a), b) …
	Exclusive bool   // it goes with no other
	Initial   bool   // it is chosen from the start

	text text
}

// Text returns the option in words: its display, else the value itself.
func (o Option) Text(lang string) string {
	if s := o.text.in(lang); s != "" {
		return s
	}
	if o.Value.Type == "Quantity" {
		return o.Value.Text + " " + o.Value.Unit
	}
	for _, s := range []string{o.Value.Text, o.Value.Code, o.Value.URL} {
		if s != "" {
			return s
		}
	}
	return ""
}

// ValueSets returns the options of a value set by its canonical, or false when
// it is not known here.
type ValueSets func(url string) ([]Option, bool)

// CodingOption makes an option of a code, for those who implement ValueSets.
// The words are pairs of language and text, and may be empty.
func CodingOption(system, code, display string, words ...string) Option {
	o := Option{Value: Answer{Type: "Coding", System: system, Code: code, Text: display}, text: text{own: display}}
	for i := 0; i+1 < len(words); i += 2 {
		o.text.by = append(o.text.by, translation{words[i], words[i+1]})
	}
	return o
}

func readOption(v *val) (Option, bool) {
	name, c := v.choice("value")
	o := Option{Value: readAnswer(name, c), Initial: v.get("initialSelected").truth()}
	if o.Value.IsZero() {
		return o, false
	}
	o.Value.raw = ""
	o.text = optionText(v, name, c)
	o.Score = score(v)
	if o.Score == "" {
		o.Score = score(c)
	}
	o.Exclusive = extension(v, "optionExclusive").truth()
	if o.Prefix = extension(v, "optionPrefix").str(); o.Prefix == "" {
		o.Prefix = extension(c, "optionPrefix").str()
	}
	return o, true
}

func optionText(v *val, name string, c *val) text {
	switch name {
	case "Coding", "Reference":
		return readText(c, "display")
	case "String":
		return readText(v, "valueString")
	}
	return text{}
}

func score(v *val) string {
	for _, name := range []string{"itemWeight", "ordinalValue"} {
		if s := extension(v, name).str(); isNumber(s) {
			return s
		}
	}
	return ""
}

// expand returns the options of a ValueSet resource: its expansion, else the
// concepts it lists one by one. A set made by filters is not ours to expand.
func expand(v *val) ([]Option, bool) {
	var out []Option
	var walk func(cs []*val, system string)
	walk = func(cs []*val, system string) {
		for _, c := range cs {
			if s := c.get("system").str(); s != "" {
				system = s
			}
			if c.get("code") != nil && !c.get("abstract").truth() {
				out = append(out, conceptOption(c, system))
			}
			walk(c.each("contains"), system)
		}
	}
	if x := v.get("expansion"); len(x.each("contains")) > 0 {
		walk(x.each("contains"), "")
		return out, true
	}
	whole := true
	for _, inc := range v.get("compose").each("include") {
		if len(inc.each("concept")) == 0 || len(inc.each("filter")) > 0 || len(inc.each("valueSet")) > 0 {
			whole = false
		}
		for _, c := range inc.each("concept") {
			out = append(out, conceptOption(c, inc.get("system").str()))
		}
	}
	return out, whole && len(out) > 0
}

func conceptOption(c *val, system string) Option {
	o := CodingOption(system, c.get("code").str(), c.get("display").str())
	o.text = readText(c, "display")
	for _, d := range c.each("designation") {
		if use := d.get("use", "code").str(); use == "" || use == "display" || use == "900000000000013009" {
			o.text.by = append(o.text.by, translation{d.get("language").str(), d.get("value").str()})
		}
	}
	o.Score = score(c)
	o.Prefix = extension(c, "optionPrefix").str()
	return o
}

// ReadValueSet returns the options of a ValueSet resource; false when it cannot
// be listed from what it holds.
func ReadValueSet(json []byte) ([]Option, bool) {
	v := parseJSON(json)
	if v.get("resourceType").str() != "ValueSet" {
		return nil, false
	}
	return expand(v)
}
