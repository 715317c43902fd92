package brief

import (
	"slices"
	"strconv"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/record"
	"rapport/web"
	"rapport/web/question"
)

// mostWhy is how long a reason may be, in bytes.
const mostWhy = 2000

// decide answers POST …/{id}: one thing that is stated is taken into the record, changed
// on the way, or set aside.
func decide(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return question.Again(func() (web.Answer, error) { return decideOnce(a, c) })
}

func decideOnce(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if !p.done() {
		return web.See(p.base), nil
	}
	all, err := p.claims()
	if err != nil {
		return web.Answer{}, err
	}
	at := slices.IndexFunc(all, func(x claim) bool { return x.key() == a.Form("fact") })
	if at < 0 {
		return web.Answer{}, errs.E(errs.NotFound, "brief: the form states no such thing")
	}
	x := all[at]
	if x.decided != nil {
		return web.See(p.base + "?done=before#" + anchor(at)), nil
	}
	d := form.Decision{Type: x.fact.Type, Place: x.place, By: "Practitioner/" + c.Who().ID(), Name: c.Who().Name(), At: a.Now}
	switch do := a.Form("do"); {
	case do == "aside":
		return p.aside(at, d)
	case (do == "accept" || do == "change") && x.keep:
		d.What = form.Accepted
		if do == "change" {
			if x.fact.JSON, d, err = p.reworded(x, d); err != nil {
				return web.Answer{}, err
			}
		}
		return p.take(all, at, x, d)
	}
	return web.Answer{}, errs.E(errs.Invalid, "brief: neither taken nor set aside")
}

// aside keeps a reason, and nothing else.
func (p *paper) aside(at int, d form.Decision) (web.Answer, error) {
	why := p.a.Form("why")
	if why == "" || len(why) > mostWhy {
		v, err := p.view()
		if err != nil {
			return web.Answer{}, err
		}
		v.Facts[at].Problem, v.Facts[at].Why = p.a.P.BriefWhyMissing(), why
		return web.Wrong(showPage(v)), nil
	}
	d.What, d.Why = form.Aside, why
	json, err := form.Decide(p.found.JSON, d)
	if err != nil {
		return web.Answer{}, err
	}
	if _, err := p.c.Apply(p.a.Context(), p.decided(json)); err != nil {
		return web.Answer{}, err
	}
	return p.on("aside", at)
}

// reworded is a claim as it was changed on the page.
func (p *paper) reworded(x claim, d form.Decision) ([]byte, form.Decision, error) {
	var texts []string
	for i := range x.Texts {
		texts = append(texts, p.a.Form("text"+strconv.Itoa(i)))
	}
	json, did, err := changed(x.fact, texts, p.a.Form("state"))
	if did {
		d.What, d.Text = form.Changed, told(p.a, readFact(x.fact.Type, json))
	}
	return json, d, err
}

// take writes what is stated into the record: over what is there already, if it is about
// that, else anew. Where it came from is written with it, and that it was decided.
func (p *paper) take(all []claim, at int, x claim, d form.Decision) (web.Answer, error) {
	to := record.Change{Resource: fhir.Resource{Type: x.fact.Type}}
	version := int64(1)
	if k := x.about; k != nil && !k.cannot {
		json, err := merged(k.JSON, x.fact.JSON)
		if err != nil {
			return web.Answer{}, err
		}
		to.ID, to.JSON, to.IfVersion = k.ID, json, k.version
		if version = k.version; string(json) != string(k.JSON) {
			version++
		}
	} else {
		to.ID = idOf("f", p.found.ID, x.Stated)
		json, err := recorded(x.fact.Type, fhir.WithID(x.fact.JSON, to.ID), d)
		if err != nil {
			return web.Answer{}, err
		}
		to.JSON = json
	}
	d.Resource = to.Type + "/" + to.ID
	json, err := form.Decide(p.found.JSON, d)
	if err != nil {
		return web.Answer{}, err
	}
	why := record.Change{Resource: fhir.Resource{Type: "Provenance", ID: idOf("p", p.found.ID, x.Stated)}}
	if why.JSON, err = source(why.ID, d.Resource, version, d.At, person(p.c), d.By, d.Name, response+"/"+p.found.ID); err != nil {
		return web.Answer{}, err
	}
	if _, err := p.c.Apply(p.a.Context(), to, why, p.decided(json)); err != nil {
		return web.Answer{}, err
	}
	return p.on("taken", at)
}

// decided is the change that keeps a decision with the form it is about.
func (p *paper) decided(json []byte) record.Change {
	return record.Change{Resource: fhir.Resource{Type: response, ID: p.found.ID, JSON: json}, IfVersion: p.found.Version}
}

// on goes on to the next thing that nobody has decided about.
func (p *paper) on(did string, at int) (web.Answer, error) {
	return web.See(p.base + "?done=" + did + "#" + anchor(at+1)), nil
}

// anchor is where a claim stands on the page.
func anchor(at int) string { return "f" + strconv.Itoa(at) }
