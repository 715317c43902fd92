package form

// Issue is a rule of the form that an answer breaks, or a warning about it. It
// names the question and the rule, never the answer.
type Issue struct {
	Place  Place
	LinkID string
	// Code is the rule: required, occurs-min, occurs-max, type, too-long,
	// too-short, regex, min, max, decimals, option, set (its value set is not known here), display, exclusive, unit, mime,
	// size, reference, constraint; of a whole response also disabled, unknown,
	// nesting, calculated, expression, unsettled, status, period, form, structure.
	Code    string
	Bound   string // what the rule asks for, where that is one value: 20, 2022
	Warning bool   // it can be lived with
	Key     string // of a constraint

	text text
}

// Text returns the form's own words for what is wrong: those of a constraint.
func (i Issue) Text(lang string) string { return i.text.in(lang) }

// String returns the issue in one line.
func (i Issue) String() string {
	s := i.Code
	if i.LinkID != "" {
		s = i.LinkID + ": " + s
	}
	if i.Key != "" {
		s += " " + i.Key
	}
	if i.Bound != "" {
		s += " " + i.Bound
	}
	if i.Warning {
		s += " (warning)"
	}
	return s
}

// grave returns the issues that keep an answer out.
func grave(is []Issue) []Issue {
	var out []Issue
	for _, i := range is {
		if !i.Warning {
			out = append(out, i)
		}
	}
	return out
}
