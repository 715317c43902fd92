package question

import (
	"net/url"
	"slices"
	"strings"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/path"
	"rapport/record"
	"rapport/web"
)

// Env is what a form can reach of the chart it is filled in for: the person, and what the
// open parts hold, nothing else.
func Env(a *web.Ask, c *record.Chart) form.Env {
	e := form.Env{Now: a.Now, Sets: c.Library().Set}
	if card, ok := c.Card(); ok && card.Person != "" {
		e.Subject = "Patient/" + card.Person
	}
	e.Author = e.Subject
	if _, helps := a.Of(); helps {
		e.Author = "" // somebody who is no resource here; the ledger says who
	}
	if c.Purpose() == record.Care {
		e.Author = "Practitioner/" + c.Who().ID()
	}
	var person path.Value
	e.Vars = func(name string) ([]path.Value, bool) {
		if name != "patient" || e.Subject == "" {
			return nil, false
		}
		if !person.OK() {
			if f, err := c.Read(a.Context(), "Patient", strings.TrimPrefix(e.Subject, "Patient/")); err == nil {
				if d, err := fhir.Parse(f.JSON); err == nil {
					person = path.Of(d.Root())
				}
			}
		}
		if !person.OK() {
			return nil, true
		}
		return []path.Value{person}, true
	}
	e.Query = func(q string) ([]byte, bool) { return bundle(a, c, e.Subject, q) }
	return e
}

// mostFound bounds what one question of a form to the chart gets.
const mostFound = 100

// bundle answers an x-fhir-query out of the chart; false if it may not be asked.
func bundle(a *web.Ask, c *record.Chart, subject, q string) ([]byte, bool) {
	typ, query, _ := strings.Cut(q, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, false
	}
	var params []string
	for name, vs := range values {
		switch name {
		case "patient", "subject", "_count", "_format": // a chart is one person's
			continue
		}
		for _, v := range vs {
			params = append(params, name, v)
		}
	}
	found, err := c.Find(a.Context(), typ, append(params, "_count", "100")...)
	if err != nil {
		return nil, false
	}
	// What is marked as private is not copied into a form, which is not.
	found = slices.DeleteFunc(found, func(f record.Found) bool { return fhir.Private(f.JSON) })
	if typ == "MedicationStatement" && values.Get("status") == "active" {
		found = append(found, prescribed(a, c, subject, found)...)
	}
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"searchset"`)
	for i, f := range found[:min(len(found), mostFound)] {
		b.WriteString(map[bool]string{true: `,"entry":[`, false: ","}[i == 0] + `{"resource":`)
		b.Write(f.JSON)
		b.WriteString("}")
	}
	if len(found) > 0 {
		b.WriteString("]")
	}
	b.WriteString("}")
	return []byte(b.String()), true
}
