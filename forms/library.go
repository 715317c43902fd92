package forms

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
)

// Kinds are the types of resource a library is made of.
var Kinds = []string{"Questionnaire", "ValueSet", "PlanDefinition", "ActivityDefinition"}

// Library is a practice's forms and plan templates as they are now: those that ship,
// and over them what the practice wrote or brought in. It never changes; a change makes
// another.
type Library struct {
	editions map[string][]*Edition // by url, the newest version first
	asked    []Asked
	plans    map[string][]*Template // by url, the newest version first
	sets     map[string][]form.Option
	// activities are the ActivityDefinitions that plan templates lean on, by their url
	activities map[string][]byte
	broken     []Broken
}

// Edition is one version of a form.
type Edition struct {
	*form.Form
	Asked  Asked
	Goes   bool // it goes out by itself, when Asked says
	Source Source
}

// Template is one version of a plan template.
type Template struct {
	*plan.Template
	ID, URL, Version, Title, Status string
	JSON                            []byte
	Source                          Source
}

// Source says where a form or a plan template came from.
type Source uint8

// The sources. The zero Source is none.
const (
	OfProgram  Source = iota + 1 // it ships
	OfPractice                   // written or brought in by the practice
)

// Broken is a form or a template that cannot be used, and why.
type Broken struct {
	Type, ID string
	Err      error
}

// New puts a library together out of what ships and what the practice has. What cannot
// be read is left out, and told by Broken.
func New(practice []fhir.Resource) *Library {
	if len(practice) == 0 {
		return shipped()
	}
	return shipped().with(practice, OfPractice)
}

// shipped is the library of a practice that has added nothing.
var shipped = sync.OnceValue(func() *Library { return (&Library{}).with(resources(), OfProgram) })

// with returns the library with more in it.
func (l *Library) with(rs []fhir.Resource, s Source) *Library {
	n := &Library{editions: map[string][]*Edition{}, plans: map[string][]*Template{}, sets: maps.Clone(l.sets), activities: maps.Clone(l.activities), broken: slices.Clone(l.broken)}
	if n.sets == nil {
		n.sets, n.activities = map[string][]form.Option{}, map[string][]byte{}
	}
	for url, es := range l.editions {
		n.editions[url] = slices.Clone(es)
	}
	for url, ts := range l.plans {
		n.plans[url] = slices.Clone(ts)
	}
	for _, r := range rs {
		switch r.Type {
		case "ValueSet":
			if os, ok := form.ReadValueSet(r.JSON); ok {
				n.sets[urlOf(r.JSON)] = os
			}
		case "ActivityDefinition":
			n.activities[urlOf(r.JSON)] = r.JSON
		}
	}
	for _, r := range rs {
		switch r.Type {
		case "Questionnaire":
			n.addForm(r, s)
		case "PlanDefinition":
			n.addPlan(r, s)
		}
	}
	n.settle()
	return n
}

func urlOf(json []byte) string {
	d, err := fhir.Parse(json)
	if err != nil {
		return ""
	}
	return d.Root().Get("url").Str()
}

func (l *Library) addForm(r fhir.Resource, s Source) {
	f, err := form.Read(r.JSON, l.Set)
	if err == nil && f.URL == "" {
		err = errs.E(errs.Invalid, "forms: a form without an address (Questionnaire.url)")
	}
	if err != nil {
		l.broken = append(l.broken, Broken{r.Type, r.ID, err})
		return
	}
	d, err := fhir.Parse(r.JSON)
	if err != nil {
		return // form.Read has parsed it
	}
	e := &Edition{Form: f, Source: s}
	e.Asked, e.Goes = ReadAsked(d.Root())
	same := func(o *Edition) bool { return o.Version == e.Version }
	l.editions[f.URL] = append(slices.DeleteFunc(l.editions[f.URL], same), e)
}

func (l *Library) addPlan(r fhir.Resource, s Source) {
	t, err := plan.Read(r.JSON, func(canonical string) ([]byte, bool) {
		url, _, _ := strings.Cut(canonical, "|")
		b, ok := l.activities[url]
		return b, ok
	})
	if err != nil {
		l.broken = append(l.broken, Broken{r.Type, r.ID, err})
		return
	}
	d, err := fhir.Parse(r.JSON)
	if err != nil {
		return // plan.Read has parsed it
	}
	x := d.Root()
	n := &Template{Template: t, ID: r.ID, URL: x.Get("url").Str(), Version: x.Get("version").Str(), Title: x.Get("title").Str(), Status: x.Get("status").Str(), JSON: r.JSON, Source: s}
	same := func(o *Template) bool { return o.Version == n.Version }
	l.plans[n.URL] = append(slices.DeleteFunc(l.plans[n.URL], same), n)
}

// settle puts everything in order.
func (l *Library) settle() {
	for url, es := range l.editions {
		slices.SortFunc(es, func(a, b *Edition) int { return Newer(b.Version, a.Version) })
		if e, ok := l.Form(url, ""); ok && e.Goes {
			l.asked = append(l.asked, e.Asked) // of a library that is being made
		}
	}
	slices.SortFunc(l.asked, func(a, b Asked) int { return cmp.Compare(a.Form, b.Form) })
	for _, ts := range l.plans {
		slices.SortFunc(ts, func(a, b *Template) int { return Newer(b.Version, a.Version) })
	}
}

// Newer compares two versions: by their numbers, part by part, and as text where they
// are none.
func Newer(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y string
		if i < len(as) {
			x = as[i]
		}
		if i < len(bs) {
			y = bs[i]
		}
		m, err1 := strconv.Atoi(x)
		n, err2 := strconv.Atoi(y)
		c := cmp.Compare(m, n)
		if err1 != nil || err2 != nil {
			c = cmp.Compare(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// Set returns the options of a value set, for form.Read.
func (l *Library) Set(url string) ([]form.Option, bool) {
	url, _, _ = strings.Cut(url, "|")
	os, ok := l.sets[url]
	return os, ok
}

// Form returns a version of a form, or with none the newest that is published.
func (l *Library) Form(url, version string) (*Edition, bool) {
	for _, e := range l.editions[url] {
		if version == "" && e.Status == "active" || version != "" && e.Version == version {
			return e, true
		}
	}
	return nil, false
}

// Editions returns every version of a form, the newest first.
func (l *Library) Editions(url string) []*Edition { return slices.Clone(l.editions[url]) }

// Forms returns the newest published version of every form, by its url; one that has
// never been published in its newest.
func (l *Library) Forms() []*Edition {
	var out []*Edition
	for url, es := range l.editions {
		e, ok := l.Form(url, "")
		if !ok {
			e = es[0]
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b *Edition) int { return cmp.Compare(a.URL, b.URL) })
	return out
}

// Asked returns the forms that go out by themselves, and when.
func (l *Library) Asked() []Asked { return slices.Clone(l.asked) }

// Plans returns the newest published version of every plan template that has one, by
// its url.
func (l *Library) Plans() []*Template {
	var out []*Template
	for _, ts := range l.plans {
		if i := slices.IndexFunc(ts, func(t *Template) bool { return t.Status == "active" }); i >= 0 {
			out = append(out, ts[i])
		}
	}
	slices.SortFunc(out, func(a, b *Template) int { return cmp.Compare(a.URL, b.URL) })
	return out
}

// Templates returns every version of a plan template, the newest first.
func (l *Library) Templates(url string) []*Template { return slices.Clone(l.plans[url]) }

// TemplateURLs returns the addresses of all plan templates, published or not, in order.
func (l *Library) TemplateURLs() []string { return slices.Sorted(maps.Keys(l.plans)) }

// Broken returns what cannot be used.
func (l *Library) Broken() []Broken { return slices.Clone(l.broken) }

// resources are the shipped definitions as resources.
func resources() []fhir.Resource {
	var out []fhir.Resource
	for _, r := range read() {
		out = append(out, fhir.Resource{Type: r.Type, ID: r.ID, JSON: r.JSON})
	}
	return out
}
