package practice

import (
	"strconv"

	"rapport/fhir/label"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// keepingView is how long what people tell is kept.
type keepingView struct {
	Shell  shell.View
	P      lang.Printer
	Fields []parts.FieldView // of all records
	Closed []parts.FieldView // of one compartment each
}

// keptMost bounds a clock, in years.
const keptMost = 100

func keeping(a *web.Ask, _ *record.Practice) (web.Answer, error) {
	k := a.Practice.Keeping()
	v := newKeeping(a, func(name string) string {
		n := k.In[name]
		switch name {
		case "record":
			n = k.Record
		case "minor":
			n = k.Minor
		}
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	})
	if a.Query("saved") != "" {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.PracticeSaved()}
	}
	return web.Page(keepingPage(v)), nil
}

func newKeeping(a *web.Ask, value func(string) string) keepingView {
	v := keepingView{Shell: a.Shell(a.P.PracticeKeeping(), "practice"), P: a.P}
	v.Shell.Place = a.P.NavPractice()
	field := func(name, text string) parts.FieldView {
		return parts.FieldView{P: a.P, Name: name, Label: text, Value: value(name), InputMode: "numeric", Autocomplete: "off", MaxLength: 3, Width: parts.WidthNumber, After: a.P.PracticeKeepingYears()}
	}
	v.Fields = []parts.FieldView{field("record", a.P.PracticeKeepingRecord()), field("minor", a.P.PracticeKeepingMinor())}
	for _, x := range label.All.Each() {
		v.Closed = append(v.Closed, field(x.String(), look.Closed(a.P, x)))
	}
	return v
}

func saveKeeping(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v := newKeeping(a, a.Form)
	k, wrong := record.Keeping{In: map[string]int{}}, false
	read := func(f *parts.FieldView, needed bool) int {
		n, err := strconv.Atoi(f.Value)
		if f.Value == "" && !needed {
			return 0
		}
		if err != nil || n < 1 || n > keptMost {
			f.Problem, wrong = a.P.PracticeKeepingBad(), true
		}
		return n
	}
	k.Record, k.Minor = read(&v.Fields[0], true), read(&v.Fields[1], true)
	for i := range v.Closed {
		if n := read(&v.Closed[i], false); n > 0 {
			k.In[v.Closed[i].Name] = n
		}
	}
	if wrong {
		return web.Wrong(keepingPage(v)), nil
	}
	s := a.Practice
	s.Keep = k
	return web.See("/practice/keeping?saved=1"), p.SetSettings(a.Context(), s)
}
