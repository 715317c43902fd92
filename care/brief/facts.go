package brief

import (
	"slices"
	"strings"

	"rapport/fhir/form"
	"rapport/record"
)

// kept is something in the record already.
type kept struct {
	fact
	version int64
	cannot  bool // it is of another system's hand, and is not written over
}

// claim is one thing that the form states, and how it stands.
type claim struct {
	fact
	form.Stated
	place   string
	about   *kept          // what it is about, if that is in the record
	differs bool           // it says more or other than the record
	decided *form.Decision // nil while nobody has decided
	keep    bool           // it can be taken into the record
}

// name of a claim in an address of the page.
func (c claim) key() string { return c.fact.Type + " " + c.place }

// claims are the things that the answers state, results apart: those need nobody's yes.
func (p *paper) claims() ([]claim, error) {
	all, err := p.sheet.Extract()
	if err != nil && len(all) == 0 {
		return nil, err
	}
	here, err := p.kept()
	if err != nil {
		return nil, err
	}
	done := form.Decisions(p.found.JSON)
	var out []claim
	for _, st := range all {
		if st.Type == "Observation" {
			continue
		}
		c := claim{fact: readFact(st.Type, st.JSON), Stated: st, place: st.Place(), keep: slices.Contains(keepable, st.Type)}
		if slices.ContainsFunc(out, func(x claim) bool { return x.key() == c.key() }) {
			continue
		}
		if i := slices.IndexFunc(done, func(d form.Decision) bool { return d.Type == st.Type && d.Place == c.place }); i >= 0 {
			c.decided = &done[i]
		}
		c.about = find(here, c.fact)
		if c.about != nil && !c.about.cannot {
			now, err := merged(c.about.JSON, st.JSON)
			if err != nil {
				return nil, err
			}
			c.differs = string(now) != string(c.about.JSON)
		}
		if c.Name == "" {
			c.Name = p.answersAt(st)
		}
		out = append(out, c)
	}
	return out, nil
}

// find is what of the record a fact is about: what it names, else what is called the same.
func find(here []kept, f fact) *kept {
	if f.ID != "" {
		if i := slices.IndexFunc(here, func(k kept) bool { return k.Type == f.Type && k.ID == f.ID }); i >= 0 {
			return &here[i]
		}
	}
	if i := slices.IndexFunc(here, func(k kept) bool { return k.same(f) && !k.Wrong }); i >= 0 {
		return &here[i]
	}
	if f.Type == "MedicationStatement" { // it may be prescribed here
		g := f
		g.Type = "MedicationRequest"
		if i := slices.IndexFunc(here, func(k kept) bool { return k.same(g) && !k.Wrong }); i >= 0 {
			return &here[i]
		}
	}
	return nil
}

// kept reads what is in the record of the kinds that are stated.
func (p *paper) kept() ([]kept, error) {
	var out []kept
	for _, typ := range []string{"Condition", "AllergyIntolerance", "MedicationStatement", "MedicationRequest", "FamilyMemberHistory"} {
		found, err := p.c.Find(p.a.Context(), typ, "_count", "500")
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			f := readFact(typ, x.JSON)
			f.ID = x.ID
			out = append(out, kept{fact: f, version: x.Version, cannot: typ == "MedicationRequest"})
		}
	}
	return out, nil
}

// unspoken is what the record holds as true now and the form, which asks for such
// things, does not mention.
func unspoken(here []kept, all []claim) []kept {
	var out []kept
	for _, typ := range []string{"Condition", "AllergyIntolerance", "MedicationStatement"} {
		if !slices.ContainsFunc(all, func(c claim) bool { return c.fact.Type == typ }) {
			continue
		}
		for _, k := range here {
			live := k.State == "active" || k.State == "recurrence" || k.State == "relapse" || k.State == "on-hold"
			of := k.Type == typ || typ == "MedicationStatement" && k.Type == "MedicationRequest"
			if of && live && !k.Wrong && k.Name != "" && !spoken(k, all) && !slices.ContainsFunc(out, func(o kept) bool { return fold(o.Name) == fold(k.Name) }) {
				out = append(out, k)
			}
		}
	}
	return out
}

func spoken(k kept, all []claim) bool {
	return slices.ContainsFunc(all, func(c claim) bool {
		return c.about != nil && c.about.Type == k.Type && c.about.ID == k.ID || fold(c.Name) == fold(k.Name) || c.decided != nil && c.decided.Resource == k.Type+"/"+k.ID
	})
}

// answersAt are the answers that something is stated by, in words.
func (p *paper) answersAt(st form.Stated) string {
	var out []string
	for _, at := range st.Places {
		if q, ok := p.sheet.Question(at); ok && len(q.Answers) > 0 {
			out = append(out, say(p, q))
		}
	}
	return strings.Join(out, " · ")
}

// person is the reference to whose record it is.
func person(c *record.Chart) string {
	card, _ := c.Card()
	return "Patient/" + card.Person
}
