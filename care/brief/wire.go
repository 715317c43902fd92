package brief

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/record"
)

const response = "QuestionnaireResponse"

// todo is what somebody has to see to because of an answer.
type todo struct {
	id, what string
	crisis   bool
	open     bool
	due      time.Time
}

// todos reads what there is to see to because of this form, what is open first.
func (p *paper) todos() ([]todo, error) {
	found, err := p.c.Find(p.a.Context(), "Task", "focus", response+"/"+p.found.ID)
	if err != nil {
		return nil, err
	}
	var out []todo
	for _, x := range found {
		d, err := fhir.Parse(x.JSON)
		if err != nil {
			return nil, err
		}
		r := d.Root()
		if _, id := fhir.SplitReference(r.Get("focus", "reference").Str()); id != p.found.ID || r.Get("code", "coding", "code").Str() != record.TodoAlarm {
			continue
		}
		out = append(out, todo{id: x.ID, what: r.Get("description").Str(), crisis: r.Get("priority").Str() == "stat", open: r.Get("status").Str() == "requested",
			due: r.Get("restriction", "period", "end").Time().At})
	}
	slices.SortStableFunc(out, func(a, b todo) int {
		if a.open != b.open {
			return map[bool]int{true: -1, false: 1}[a.open]
		}
		return a.due.Compare(b.due)
	})
	return out, nil
}

// fact is a condition, a medicine, an allergy, a relative or another thing, stated in a
// form or kept in the record.
type fact struct {
	Type  string
	ID    string   // of what is kept; of what is stated, of what it is about
	Name  string   //
	Codes []string // system|code
	More  []string // what else it says, in words
	State string   // active, resolved, stopped …
	Wrong bool     // it is said not to be true
	Texts []string // what of it may be changed before it is kept
	JSON  []byte
}

// readFact reads what the record or a form says.
func readFact(typ string, b []byte) fact {
	f := fact{Type: typ, JSON: b}
	d, err := fhir.Parse(b)
	if err != nil {
		return f
	}
	r := d.Root()
	f.ID = d.ID()
	switch typ {
	case "Condition", "AllergyIntolerance":
		f.concept(r.Get("code"))
		f.State = r.Get("clinicalStatus", "coding", "code").Str()
		f.Wrong = r.Get("verificationStatus", "coding", "code").Str() == "entered-in-error" || r.Get("verificationStatus", "coding", "code").Str() == "refuted"
		f.add(moment(r, "onset"))
		for x := range r.Each("reaction") {
			for m := range x.Each("manifestation") {
				f.add(wordsOf(m))
			}
			f.add(x.Get("severity").Str())
		}
		f.Texts = []string{f.Name}
	case "MedicationStatement", "MedicationRequest":
		f.concept(r.Get("medicationCodeableConcept"))
		f.State = r.Get("status").Str()
		f.Wrong = f.State == "entered-in-error"
		dose := ""
		for x := range r.Each("dosage") {
			dose = x.Get("text").Str()
			f.add(dose)
			f.add(wordsOf(x.Get("timing", "code")))
			break
		}
		for x := range r.Each("dosageInstruction") {
			f.add(x.Get("text").Str())
			break
		}
		for x := range r.Each("reasonCode") {
			f.add(wordsOf(x))
		}
		f.Texts = []string{f.Name, dose}
	case "FamilyMemberHistory":
		f.relative(r)
	default:
		for _, n := range []string{"code", "vaccineCode", "description"} {
			if x := r.Get(n); x.OK() && f.Name == "" {
				f.concept(x)
			}
		}
	}
	return f
}

func (f *fact) relative(r fhir.Node) {
	f.concept(r.Get("relationship"))
	for x := range r.Each("condition") {
		s := wordsOf(x.Get("code"))
		f.Texts = append(f.Texts, s)
		if n := x.Get("onsetAge", "value").Str(); n != "" {
			s += ", " + n
		}
		f.add(s)
	}
	if r.Get("deceasedBoolean").Bool() {
		f.State = "died"
	}
}

func (f *fact) concept(n fhir.Node) {
	f.Name = wordsOf(n)
	for c := range n.Each("coding") {
		if code := c.Get("code").Str(); code != "" {
			f.Codes = append(f.Codes, c.Get("system").Str()+"|"+code)
		}
	}
}

func (f *fact) add(s string) {
	if s != "" {
		f.More = append(f.More, s)
	}
}

// wordsOf is what a concept says: its text, else its first display, else its code.
func wordsOf(n fhir.Node) string {
	if s := n.Get("text").Str(); s != "" {
		return s
	}
	for c := range n.Each("coding") {
		if s := c.Get("display").Str(); s != "" {
			return s
		}
		if s := c.Get("code").Str(); s != "" {
			return s
		}
	}
	return ""
}

// moment is when something was, as it was said.
func moment(r fhir.Node, stem string) string {
	if s := r.Get(stem + "String").Str(); s != "" {
		return s
	}
	if s := r.Get(stem + "DateTime").Str(); len(s) >= 4 {
		return s[:4]
	}
	return r.Get(stem+"Age", "value").Str()
}

// same reports that two facts are about the same thing.
func (f fact) same(g fact) bool {
	if f.Type != g.Type {
		return false
	}
	if f.Type == "FamilyMemberHistory" {
		return fold(f.Name) == fold(g.Name) && slices.EqualFunc(f.Texts, g.Texts, func(a, b string) bool { return fold(a) == fold(b) })
	}
	if f.Name != "" && fold(f.Name) == fold(g.Name) {
		return true
	}
	return slices.ContainsFunc(f.Codes, func(c string) bool { return slices.Contains(g.Codes, c) })
}

// idOf names what is written because of something that a response states: pressing
// twice writes the same.
func idOf(kind, of string, st form.Stated) string {
	h := sha256.Sum256([]byte(kind + "\n" + of + "\n" + st.Type + "\n" + st.Place()))
	return kind + hex.EncodeToString(h[:16])
}

type refJSON struct {
	Reference string `json:"reference"`
	Display   string `json:"display,omitempty"`
}

type codedJSON struct {
	Coding []codingJSON `json:"coding"`
}

type codingJSON struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type agentJSON struct {
	Type codedJSON `json:"type"`
	Who  refJSON   `json:"who"`
}

type entityJSON struct {
	Role string  `json:"role"`
	What refJSON `json:"what"`
}

// source says of one version of a resource that the client said it, in which form, and
// who took it into the record.
func source(id, target string, version int64, at time.Time, client, staff, name, form string) ([]byte, error) {
	coded := func(system, code string) codedJSON { return codedJSON{[]codingJSON{{system, code}}} }
	const agents = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
	activity := "CREATE"
	if version > 1 {
		activity = "UPDATE"
	}
	return json.Marshal(struct {
		ResourceType string       `json:"resourceType"`
		ID           string       `json:"id"`
		Target       []refJSON    `json:"target"`
		Recorded     string       `json:"recorded"`
		Activity     codedJSON    `json:"activity"`
		Agent        []agentJSON  `json:"agent"`
		Entity       []entityJSON `json:"entity"`
	}{"Provenance", id, []refJSON{{Reference: target + "/_history/" + strconv.FormatInt(version, 10)}}, at.UTC().Format(time.RFC3339),
		coded("http://terminology.hl7.org/CodeSystem/v3-DataOperation", activity),
		[]agentJSON{{coded(agents, "author"), refJSON{Reference: client}}, {coded(agents, "verifier"), refJSON{staff, name}}},
		[]entityJSON{{"source", refJSON{Reference: form}}}})
}
