package form

import (
	"strings"
	"time"
)

const enoughURL = ours + "enough"

// writer writes a response.
type writer struct {
	b      []byte
	all    bool   // answers of disabled items too: a draft keeps them
	scores bool   // for expressions
	extend string // an extension that says what a coding counts, %s its place; "" is none
	final  bool   // without marks that only matter while filling
	mark   bool   // remember where rows and parts lie
	count  int    // items written
}

// JSON returns the response as a draft: a valid QuestionnaireResponse in
// progress, with everything a resumed one held.
func (s *Sheet) JSON() []byte { return s.write(&writer{all: true}, "in-progress", time.Time{}) }

func (s *Sheet) write(w *writer, status string, authored time.Time) []byte {
	w.b = append(make([]byte, 0, 64*len(s.form.all)+512), `{"resourceType":"QuestionnaireResponse"`...)
	s.about(w, status, authored)
	items := len(w.b)
	w.b = append(w.b, `,"item":[`...)
	start := len(w.b)
	w.part(s.root)
	if len(w.b) == start {
		w.b = w.b[:items]
	} else {
		w.b = append(w.b, ']')
	}
	return append(w.b, '}')
}

// order is how R4 lists what a response holds beside its items.
var order4 = []string{"id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension",
	"identifier", "basedOn", "partOf", "questionnaire", "status", "subject", "encounter", "authored", "author", "source"}

// about writes whose response it is, to what, and everything else a resumed one
// said of itself.
func (s *Sheet) about(w *writer, status string, authored time.Time) {
	if authored.IsZero() {
		authored = s.env.Now
	}
	ref := func(to string) string {
		if to == "" {
			return ""
		}
		return `{"reference":` + quote(to) + `}`
	}
	own := map[string]string{"status": quote(status), "subject": ref(s.env.Subject), "encounter": ref(s.env.Encounter),
		"author": ref(s.env.Author)}
	if c := s.form.Canonical(); c != "" {
		own["questionnaire"] = quote(c)
	}
	if !authored.IsZero() {
		own["authored"] = quote(authored.Format("2006-01-02T15:04:05Z07:00"))
	}
	for _, m := range s.head {
		own[m.name] = string(m.v.raw)
	}
	for _, name := range order4 {
		for _, n := range []string{name, "_" + name} {
			if v := own[n]; v != "" {
				w.raw(n, []byte(v))
				delete(own, n)
			}
		}
	}
	for _, m := range s.head {
		if v := own[m.name]; v != "" {
			w.raw(m.name, []byte(v))
		}
	}
}

func (w *writer) comma() {
	if c := w.b[len(w.b)-1]; c != '[' && c != '{' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) raw(name string, v []byte) {
	w.comma()
	w.b = append(appendQuoted(w.b, name), ':')
	w.b = append(w.b, v...)
}

func (w *writer) part(p *part) {
	for _, r := range p.rows {
		if !w.all && r.off() || r.item.Display() && r.rest == "" && !r.bare {
			continue
		}
		if r.item.Group() {
			w.group(r)
		} else {
			w.question(r)
		}
	}
	for _, x := range p.strays {
		if w.all {
			w.comma()
			w.b = append(w.b, x.raw...)
		}
	}
}

// open starts an item of the response and returns where to go back to.
func (w *writer) open(r *row) int {
	mark := len(w.b)
	w.count++
	w.comma()
	w.b = append(w.b, `{"linkId":`...)
	w.b = appendQuoted(w.b, r.item.LinkID)
	return mark
}

func (w *writer) members(rest, extra string) {
	// The extensions a response came with and ours stand in one array.
	if extra != "" {
		if kept, ok := strings.CutPrefix(rest, `"extension":[`); ok {
			rest = `"extension":[` + extra + "," + kept
		} else {
			w.b = append(w.b, `,"extension":[`...)
			w.b = append(append(w.b, extra...), ']')
		}
	}
	if rest != "" {
		w.b = append(append(w.b, ','), rest...)
	}
}

func (w *writer) group(r *row) {
	if len(r.parts) == 0 && !w.final {
		w.open(r)
		extra := absent("not-applicable")
		if r.enough {
			extra += "," + enoughMark
		}
		w.members("", extra)
		w.b = append(w.b, '}')
		return
	}
	for k, p := range r.parts {
		count := w.count
		mark := w.open(r)
		if w.mark {
			p.doc = where(w.count)
		}
		start := len(w.b)
		last := k == len(r.parts)-1
		extra := ""
		if last && r.enough && !w.final && !w.scores {
			extra = enoughMark
		}
		w.members(p.rest, extra)
		w.items(p)
		if len(w.b) == start && !(len(r.parts) > 1 && w.all) && !(p.bare && w.all) {
			w.b, w.count = w.b[:mark], count
			if w.mark {
				p.doc = 0
			}
			continue
		}
		w.b = append(w.b, '}')
	}
}

const enoughMark = `{"url":"` + enoughURL + `","valueBoolean":true}`

func absent(code string) string {
	return `{"url":"` + core + `data-absent-reason","valueCode":"` + code + `"}`
}

func (w *writer) items(p *part) {
	mark := len(w.b)
	w.b = append(w.b, `,"item":[`...)
	start := len(w.b)
	w.part(p)
	if len(w.b) == start {
		w.b = w.b[:mark]
		return
	}
	w.b = append(w.b, ']')
}

func (w *writer) question(r *row) {
	if w.mark {
		r.doc = 0
	}
	if len(r.answers) == 0 && r.absent == 0 && (r.rest == "" && !r.bare || !w.all) {
		return
	}
	w.open(r)
	if w.mark {
		r.doc = where(w.count)
	}
	extra := ""
	if r.absent != 0 && len(r.answers) == 0 {
		extra = absent(absences[r.absent])
	}
	w.members(r.rest, extra)
	if len(r.answers) > 0 {
		w.b = append(w.b, `,"answer":[`...)
		for k, a := range r.answers {
			w.answer(r, k, a)
		}
		w.b = append(w.b, ']')
	}
	if r.under != "" && w.all {
		w.b = append(append(w.b, `,"item":`...), r.under...)
	}
	w.b = append(w.b, '}')
}

func (w *writer) answer(r *row, k int, a Answer) {
	w.comma()
	w.b = append(w.b, '{')
	if a.rest != "" {
		w.b = append(append(w.b, a.rest...), ',')
	}
	w.b = append(append(append(w.b, '"'), a.property("value")...), '"', ':')
	count := ""
	if w.extend != "" && a.Type == "Coding" {
		if count = r.item.score(a); count != "" {
			count = strings.ReplaceAll(w.extend, "%s", count)
		}
	}
	w.b = a.append(w.b, count)
	if k < len(r.parts) {
		w.items(r.parts[k])
	}
	w.b = append(w.b, '}')
}

// score returns what an answer counts by the options of its question, or "".
func (i *Item) score(a Answer) string {
	for n := range i.Options {
		if o := &i.Options[n]; o.Score != "" && o.Value.Is(a) {
			return o.Score
		}
	}
	return ""
}
