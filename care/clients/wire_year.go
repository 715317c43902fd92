package clients

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/record"
)

// dated are the types that have a place on the timeline, and the parameter that
// says when.
var dated = []struct{ typ, when string }{
	{"Encounter", "date"}, {"DiagnosticReport", "date"}, {"DocumentReference", "date"}, {"Procedure", "date"}, {"Immunization", "date"},
	{"Condition", "onset-date"}, {"MedicationRequest", "authoredon"}, {"Communication", "sent"},
}

// years returns the years there is something to show of, the newest first: from
// the oldest entry of each sort on. There is at least one.
func (p *puller) years(now int) []int {
	oldest := now
	for _, d := range dated {
		for _, h := range p.happenings(d.typ, "_sort="+d.when+"&_count=1") {
			if !h.at.IsZero() {
				oldest = min(oldest, h.at.At.Year())
			}
		}
	}
	oldest = max(oldest, now-120) // nobody is older; a slip in a date must not make a thousand years
	var out []int
	for y := now; y >= oldest; y-- {
		out = append(out, y)
	}
	return out
}

// newestYear returns the last year in which anything happened, and now if
// nothing ever did.
func (p *puller) newestYear(now int) int {
	newest := 0
	for _, d := range dated {
		for _, h := range p.happenings(d.typ, "_sort=-"+d.when+"&_count=1") {
			if !h.at.IsZero() {
				newest = max(newest, h.at.At.Year())
			}
		}
	}
	if newest == 0 || newest > now {
		return now
	}
	return newest
}

// year returns everything of one year, newest first.
func (p *puller) year(y int) []happened {
	var out []happened
	for _, d := range dated {
		out = append(out, p.happenings(d.typ, d.when+"="+fourDigits(y)+"&_sort=-"+d.when+"&_count=1000")...)
	}
	// A time near midnight belongs to another year elsewhere; here it belongs to
	// the one it was found in.
	out = slices.DeleteFunc(out, func(h happened) bool { return h.at.IsZero() })
	order(out)
	return out
}

// fourDigits writes a year as a search reads it: a slip of the pen in a date is
// year 1 or 202, and "1" is no date.
func fourDigits(y int) string { return fmt.Sprintf("%04d", y) }

// happenings reads what a query finds as points in time.
func (p *puller) happenings(typ, query string) []happened {
	switch typ {
	case "Encounter":
		vs := pull(p, typ, query, readVisit)
		if p.c.Parts()&record.Conditions == 0 {
			vs = unnamed(vs)
		}
		return points(vs)
	case "DocumentReference":
		return points(pull(p, typ, query, readDocument))
	case "Condition":
		return points(pull(p, typ, query, readCondition))
	case "MedicationRequest":
		return points(p.named(typ, query))
	case "DiagnosticReport":
		return p.reports(query)
	case "Procedure":
		return pull(p, typ, query, readProcedure)
	case "Immunization":
		return pull(p, typ, query, readImmunisation)
	case "Communication":
		return pull(p, typ, query, readMessage)
	}
	return nil
}

func points[T interface{ happened() happened }](es []T) []happened {
	out := make([]happened, len(es))
	for i, e := range es {
		out[i] = e.happened()
	}
	return out
}

// measure reads one finding and the course it belongs to, newest first. What is
// not there, and what was entered in error, is not found.
func (p *puller) measure(ref record.Ref) (measure, finding) {
	if p.err != nil {
		return measure{}, finding{}
	}
	r, err := p.c.ReadRef(p.ctx, "Observation", ref)
	if err != nil {
		p.err = err
		return measure{}, finding{}
	}
	at, ok, err := readFinding(r.JSON)
	if err != nil || !ok {
		p.err = cmp.Or(err, errAbsent)
		return measure{}, finding{}
	}
	at.ref = r.Ref
	m := measure{loinc: at.loinc, name: at.name, kind: at.kind, found: []finding{at}}
	if at.code == "" {
		return m, at
	}
	sys, code, _ := strings.Cut(at.code, "|")
	fs := pull(p, "Observation", "code="+url.QueryEscape(escape(sys)+"|"+escape(code))+"&_sort=-date&_count="+strconv.Itoa(mostValues), readFinding)
	fs = slices.DeleteFunc(fs, func(f finding) bool { return !f.shown || f.course() != at.course() })
	if len(fs) > 0 {
		m.found = fs
	}
	return m, at
}

var errAbsent = errs.E(errs.NotFound, "clients: no such entry in this chart")

// paper reads one document.
func (p *puller) paper(ref record.Ref) document {
	if p.err != nil {
		return document{}
	}
	r, err := p.c.ReadRef(p.ctx, "DocumentReference", ref)
	if err != nil {
		p.err = err
		return document{}
	}
	d, ok, err := readDocument(r.JSON)
	d.ref = r.Ref
	if err != nil || !ok {
		p.err = cmp.Or(err, errAbsent)
	}
	return d
}

// contents returns the bytes of a file and what sort they are. A file that lies
// elsewhere is not found here.
func (p *puller) contents(f attached) (kind string, body []byte) {
	kind, data := f.kind, f.data
	if data == "" && f.ref != "" && p.err == nil {
		r, err := p.c.Read(p.ctx, "Binary", f.ref)
		if err != nil {
			p.err = err
			return "", nil
		}
		var own string
		own, data, err = readBinary(r.JSON)
		p.err = err
		kind = cmp.Or(kind, own)
	}
	if p.err == nil && data == "" {
		p.err = errAbsent
	}
	if p.err != nil {
		return "", nil
	}
	body, p.err = decode(data)
	return kind, body
}
