package fhir

// Property says what stands under a property of a type: the R4 type of its
// values (Patient.contact of a part), and whether they come in a list. ok is
// false when the type has no such property.
func Property(typ, name string) (of string, list, ok bool) {
	s := r4()
	i, ok := s.byName[typ]
	if !ok {
		return "", false, false
	}
	for j := range s.types[i].elems {
		if e := &s.types[i].elems[j]; e.name == name {
			return s.types[e.typ].name, e.array, true
		}
	}
	return "", false, false
}
