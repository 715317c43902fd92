package brief

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
)

// states are the codes a fact of each type may be in, and the system they are of.
var states = map[string]struct {
	system string
	codes  []string
}{
	"Condition":           {"http://terminology.hl7.org/CodeSystem/condition-clinical", []string{"active", "remission", "resolved"}},
	"AllergyIntolerance":  {"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", []string{"active", "inactive", "resolved"}},
	"MedicationStatement": {"", []string{"active", "on-hold", "stopped", "completed"}},
}

// keepable are the types of resource that can be taken into the record from here.
var keepable = []string{"Condition", "AllergyIntolerance", "MedicationStatement", "FamilyMemberHistory", "Procedure", "Immunization", "Goal"}

// loose reads JSON so that numbers keep how they were written.
func loose(b []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	m := map[string]any{}
	if err := d.Decode(&m); err != nil {
		return nil, errs.E(errs.Invalid, "brief: a resource that is no JSON")
	}
	return m, nil
}

// changed is a stated fact with other words or in another state: its texts in the order
// of fact.Texts, and its state, where they differ.
func changed(f fact, texts []string, state string) ([]byte, bool, error) {
	m, err := loose(f.JSON)
	if err != nil {
		return nil, false, err
	}
	did := false
	for i, s := range texts {
		if i < len(f.Texts) && s != "" && s != f.Texts[i] {
			did = put(f.Type, m, i, s) || did
		}
	}
	if of, ok := states[f.Type]; ok && state != f.State && slices.Contains(of.codes, state) && !f.Wrong {
		did = true
		if of.system == "" {
			m["status"] = state
		} else {
			m["clinicalStatus"] = map[string]any{"coding": []any{map[string]any{"system": of.system, "code": state}}}
		}
	}
	if !did {
		return f.JSON, false, nil
	}
	b, err := json.Marshal(m)
	return b, true, err
}

// put writes one of a fact's texts. What it was coded as is not what it says any more.
func put(typ string, m map[string]any, i int, s string) bool {
	said := map[string]any{"text": s}
	switch typ {
	case "Condition", "AllergyIntolerance":
		m["code"] = said
	case "MedicationStatement":
		if i == 0 {
			m["medicationCodeableConcept"] = said
			return true
		}
		ds, _ := m["dosage"].([]any)
		if len(ds) == 0 {
			ds = []any{map[string]any{}}
		}
		d, ok := ds[0].(map[string]any)
		if !ok {
			return false
		}
		d["text"] = s
		m["dosage"] = ds
	case "FamilyMemberHistory":
		cs, _ := m["condition"].([]any)
		if i >= len(cs) {
			return false
		}
		c, ok := cs[i].(map[string]any)
		if !ok {
			return false
		}
		c["code"] = said
	default:
		return false
	}
	return true
}

// own are elements of what is stated that say who said it and when, which stay as they
// are in what is kept already.
var own = []string{"resourceType", "id", "subject", "patient", "asserter", "recorder", "recordedDate", "dateAsserted", "informationSource", "date"}

// stems are elements of which a resource has one, under several names.
var stems = []string{"onset", "deceased", "effective", "medication", "abatement", "performed", "occurrence", "born", "age"}

// merged is what is kept with what is stated over it: what says no more than what is
// there stays as it is, to the byte, and so does what is not spoken of.
func merged(kept, stated []byte) ([]byte, error) {
	old, err := loose(kept)
	if err != nil {
		return nil, err
	}
	now, err := loose(stated)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(now))
	for n := range now {
		names = append(names, n)
	}
	slices.Sort(names)
	out := kept
	wrong := saysAny(now["verificationStatus"], "entered-in-error", "refuted")
	for _, n := range names {
		switch {
		case slices.Contains(own, n), within(old[n], now[n]), other(old, n):
			continue
		case n == "verificationStatus" && !wrong: // what is in the record is not less sure because it is said again
			continue
		}
		b, err := json.Marshal(now[n])
		if err != nil {
			return nil, err
		}
		if out, err = fhir.Amend(out, n, b); err != nil {
			return nil, err
		}
	}
	if _, has := old["clinicalStatus"]; wrong && has && saysAny(now["verificationStatus"], "entered-in-error") { // FHIR R4, con-5 and ait-2
		return fhir.Amend(out, "clinicalStatus", nil)
	}
	return out, nil
}

// other reports that a resource says the same element under another name: the date of an
// onset that is stated in words. The words are of no use then.
func other(old map[string]any, name string) bool {
	for _, s := range stems {
		if !strings.HasPrefix(name, s) {
			continue
		}
		for n := range old {
			if n != name && strings.HasPrefix(n, s) && len(n) > len(s) && n[len(s)] >= 'A' && n[len(s)] <= 'Z' {
				return true
			}
		}
	}
	return false
}

// within reports that what is stated says nothing that is not there: every text, code
// and number of it is in what is kept.
func within(kept, stated any) bool {
	if kept == nil {
		return false
	}
	have := said(kept, nil)
	for _, s := range said(stated, nil) {
		if !slices.Contains(have, s) {
			return false
		}
	}
	return true
}

// said are the texts, codes and numbers in a value. A coding's system and display only
// say what its code is.
func said(v any, to []string) []string {
	switch x := v.(type) {
	case map[string]any:
		for n, y := range x {
			if n != "system" && n != "display" {
				to = said(y, to)
			}
		}
	case []any:
		for _, y := range x {
			to = said(y, to)
		}
	case string:
		to = append(to, fold(x))
	case json.Number:
		to = append(to, x.String())
	case bool:
		to = append(to, map[bool]string{true: "true", false: "false"}[x])
	}
	return to
}

func saysAny(v any, codes ...string) bool {
	return slices.ContainsFunc(said(v, nil), func(s string) bool { return slices.Contains(codes, s) })
}

// recorded adds who took it into the record to what has a place for that.
func recorded(typ string, b []byte, d form.Decision) ([]byte, error) {
	if typ != "Condition" && typ != "AllergyIntolerance" && typ != "Procedure" {
		return b, nil
	}
	r, err := json.Marshal(refJSON{d.By, d.Name})
	if err != nil {
		return nil, err
	}
	return fhir.Amend(b, "recorder", r)
}
