// Package forms is where a practice writes what it asks and what it proposes: the list
// of its forms and plan templates, the questions of a form beside the phone they are
// answered on, a trial run, and what is checked before something is published.
//
// It refuses to change what is published (a change is the next version's draft), to
// rewrite what it does not understand (a form is edited as the JSON it is), to overwrite
// what somebody else wrote meanwhile, and to keep an answer of a trial run. It opens no
// chart.
package forms

import (
	"rapport/errs"
	library "rapport/forms"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// The largest that is taken: of a file with definitions, and of a trial's answers.
const (
	mostBytes = 4 << 20
	mostItems = 5000
)

// page is one page or act.
type page func(*desk) (web.Answer, error)

// Routes returns the pages.
func Routes() []web.Route {
	var out []web.Route
	for _, r := range []struct {
		pattern string
		takes   int64
		page    page
	}{
		{"GET /practice/forms", 0, showList},
		{"POST /practice/forms", 0, addForm},
		{"POST /practice/forms/import", mostBytes + 1<<20, importFile},
		{"GET /practice/forms/{id}", 0, showForm},
		{"POST /practice/forms/{id}", 0, changeOutline},
		{"GET /practice/forms/{id}/about", 0, showAbout},
		{"POST /practice/forms/{id}/about", 0, saveAbout},
		{"GET /practice/forms/{id}/q/{n}", 0, showQuestion},
		{"POST /practice/forms/{id}/q/{n}", 0, saveQuestion},
		{"GET /practice/forms/{id}/try", 0, showTrial},
		{"POST /practice/forms/{id}/try", mostBytes + 1<<20, goTrial},
		{"GET /practice/forms/{id}/versions", 0, of(aForm, showVersions)},
		{"POST /practice/forms/{id}/versions", 0, of(aForm, changeState)},
		{"GET /practice/forms/{id}/publish", 0, of(aForm, showPublish)},
		{"POST /practice/forms/{id}/publish", 0, of(aForm, publish)},
		{"GET /practice/forms/{id}/file", 0, of(aForm, export)},
		{"GET /practice/plans/{id}", 0, showPlan},
		{"POST /practice/plans/{id}", 0, changePlan},
		{"GET /practice/plans/{id}/e/{at}", 0, showElement},
		{"POST /practice/plans/{id}/e/{at}", 0, saveElement},
		{"GET /practice/plans/{id}/versions", 0, of(aPlan, showVersions)},
		{"POST /practice/plans/{id}/versions", 0, of(aPlan, changeState)},
		{"GET /practice/plans/{id}/publish", 0, of(aPlan, showPublish)},
		{"POST /practice/plans/{id}/publish", 0, of(aPlan, publish)},
		{"GET /practice/plans/{id}/file", 0, of(aPlan, export)},
	} {
		out = append(out, web.Route{Pattern: r.pattern, Why: record.Writing, Takes: r.takes, Practice: func(a *web.Ask, p *record.Practice) (web.Answer, error) {
			return r.page(&desk{a, p, p.Library()})
		}})
	}
	return out
}

// of makes a page about forms or plan templates of one about either.
func of(k kind, f func(*desk, kind) (web.Answer, error)) page {
	return func(d *desk) (web.Answer, error) { return f(d, k) }
}

// desk is one request: who asks, and the practice's library.
type desk struct {
	*web.Ask
	p   *record.Practice
	lib *library.Library
}

// errNone is for a page about something that is not there.
var errNone = errs.E(errs.NotFound, "forms: nothing by that name")

const listHref = "/practice/forms"

func (d *desk) frame(title string, scripts ...string) shell.View {
	s := d.Shell(title, "forms", scripts...)
	s.Place, s.Here = d.P.BuilderTitle(), listHref
	switch d.Query("done") {
	case "saved":
		s.Flash = parts.FlashView{Tone: parts.ToneOK, Text: d.P.BuilderSaved()}
	case "removed":
		s.Flash = parts.FlashView{Tone: parts.ToneOK, Text: d.P.BuilderRemoved()}
	case "published":
		s.Flash = parts.FlashView{Tone: parts.ToneOK, Text: d.P.BuilderPublished()}
	case "retired":
		s.Flash = parts.FlashView{Tone: parts.ToneOK, Text: d.P.BuilderRetiredDone()}
	}
	return s
}

// languages are those texts are written in: the practice's, and the form's own.
func (d *desk) languages(base string) []lang.Tag {
	var out []lang.Tag
	if t, ok := lang.Parse(base); ok {
		out = append(out, t)
	}
	for _, c := range d.Practice.Languages {
		if t, ok := lang.Parse(c); ok && t.String() != base {
			out = append(out, t)
		}
	}
	return out
}

// reader is the language of who reads the page.
func (d *desk) reader() string { return d.P.Tag().String() }
