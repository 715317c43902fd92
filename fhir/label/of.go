package label

import (
	"bytes"

	"rapport/fhir"
)

// silent are the types that Of says nothing of. Who somebody is goes with every part of a
// chart, and cannot lie apart from it; who does not see an allergy may do harm; and what a
// Consent is about is for the record to say.
var silent = map[string]bool{"Patient": true, "RelatedPerson": true, "Person": true, "Group": true, "AllergyIntolerance": true, "Consent": true}

// Of returns the compartments that the codes and the few words in a resource, and in what
// it contains, name. What belongs to the practice and not to a chart lies in none.
func Of(d *fhir.Doc) Set { return inUse().of(d) }

func (b *book) of(d *fhir.Doc) Set {
	typ := d.Type()
	if silent[typ] || fhir.PracticeWide(typ) {
		return 0
	}
	words := typ != "Immunization" && typ != "ImmunizationRecommendation" // a vaccine's name is of what it prevents
	var s Set
	for t := range d.Terms {
		switch t.Kind {
		case fhir.CodedTerm:
			if c := b.by[string(t.System)]; c != nil {
				s |= c.of(t.Code)
			}
		case fhir.AskedTerm:
			s |= b.asked(t.Code)
		case fhir.FollowedTerm:
			s |= b.followed(t.Code)
		}
		if words && len(t.Text) > 0 {
			s |= b.words.find(t.Text)
		}
	}
	return s
}

// asked is where an item of a form lies that was answered, by its linkId: forms made from
// LOINC write its codes into them, /44249-1/44250-9.
func (b *book) asked(link []byte) Set {
	s := b.by[askedKey].of(link)
	for len(link) > 0 {
		i := bytes.IndexByte(link, '/')
		if i < 0 {
			i = len(link)
		}
		s |= b.by[loincKey].of(link[:i])
		link = link[min(i+1, len(link)):]
	}
	return s
}

// followed is where something lies by the form or the plan template it was made by.
func (b *book) followed(canonical []byte) Set {
	if i := bytes.IndexByte(canonical, '|'); i >= 0 {
		canonical = canonical[:i]
	}
	s := b.by[formKey].of(canonical)
	if bytes.HasPrefix(canonical, []byte("http://loinc.org/")) {
		s |= b.by[loincKey].of(canonical[bytes.LastIndexByte(canonical, '/')+1:])
	}
	return s
}
