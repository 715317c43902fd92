package fhir

import "slices"

// Compartment returns the logical ids of the Patients a resource belongs to, by
// R4's Patient CompartmentDefinition. Parameters that say whom it is about
// (patient, subject, individual, beneficiary, actor, member) come first: when
// they name anybody, a Patient who performed, wrote or asserted it does not
// count. A Patient belongs to itself. Types the definition leaves out although
// they name a person (Task, Device) belong to their patient or subject.
//
// ok is false when resources of this type cannot be about a person at all; with
// ok and no ids, this one happens to name nobody.
func Compartment(d *Doc) (clients []string, ok bool) {
	typ := d.Type()
	if typ == "Patient" {
		return []string{d.ID()}, true
	}
	no, known := TypeNumber(typ)
	if !known {
		return nil, false
	}
	t := &d.s.search[no-1]
	if len(t.about) == 0 && len(t.named) == 0 {
		return nil, false
	}
	d.collect(t.root)
	for _, params := range [][]uint16{t.about, t.named} {
		for _, h := range d.hits {
			if !slices.Contains(params, hitParam(h)) {
				continue
			}
			if id := d.person(hitNode(h)); id != "" && !slices.Contains(clients, id) {
				clients = append(clients, id)
			}
		}
		if len(clients) > 0 {
			break
		}
	}
	return clients, true
}

// person returns the id in a literal reference to a Patient, wherever it is
// kept: an absolute reference to our own server is as good as a relative one.
func (d *Doc) person(i uint32) string {
	typ, id := splitRef(Node{d, i}.Get("reference").bytes())
	if string(typ) != "Patient" {
		return ""
	}
	return string(id)
}

// PracticeWide reports that resources of a type belong to the practice, not to
// a person's chart: its people, places and goods, and definitions. A Device is
// not among them: with a patient it is the patient's.
func PracticeWide(typ string) bool {
	switch typ {
	case "Practitioner", "PractitionerRole", "Organization", "OrganizationAffiliation", "Location", "HealthcareService", "Endpoint",
		"Medication", "MedicationKnowledge", "Substance", "SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein",
		"SubstanceReferenceInformation", "SubstanceSourceMaterial", "SubstanceSpecification", "DeviceDefinition", "CatalogEntry",
		"InsurancePlan", "MedicinalProduct", "MedicinalProductAuthorization", "MedicinalProductContraindication",
		"MedicinalProductIndication", "MedicinalProductIngredient", "MedicinalProductInteraction", "MedicinalProductManufactured",
		"MedicinalProductPackaged", "MedicinalProductPharmaceutical", "MedicinalProductUndesirableEffect",
		"Questionnaire", "PlanDefinition", "ActivityDefinition", "ValueSet", "CodeSystem", "ConceptMap", "NamingSystem",
		"StructureDefinition", "StructureMap", "Library", "Measure", "ChargeItemDefinition", "EventDefinition", "ObservationDefinition",
		"SpecimenDefinition", "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy", "Evidence", "EvidenceVariable",
		"EffectEvidenceSynthesis", "RiskEvidenceSynthesis", "ExampleScenario", "GraphDefinition", "ImplementationGuide",
		"MessageDefinition", "OperationDefinition", "SearchParameter", "CapabilityStatement", "CompartmentDefinition",
		"TerminologyCapabilities", "TestScript", "TestReport":
		return true
	}
	return false
}
