package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/fhir/thread"
	"rapport/record"
	"rapport/web/webtest"
)

// secret is something that is in one of two worlds only.
type secret struct {
	name string
	refs []string // its addresses
	told []string // its words
	typ  string
	ref  record.Ref
}

// shape is a kind of thing in a chart; ID, WORD and DAY are filled in.
var secretShapes = map[string]string{
	"Observation":           `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"effectiveDateTime":"DAYT10:00:00Z","valueQuantity":{"value":7,"unit":"%"}`,
	"Condition":             `"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"onsetDateTime":"DAY"`,
	"MedicationRequest":     `"status":"active","intent":"order","medicationCodeableConcept":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"authoredOn":"DAY","dosageInstruction":[{"text":"one a day"}]`,
	"AllergyIntolerance":    `"criticality":"high","code":{"text":"WORD"},"patient":{"reference":"Patient/PERSON"}`,
	"Immunization":          `"status":"completed","vaccineCode":{"text":"WORD"},"patient":{"reference":"Patient/PERSON"},"occurrenceDateTime":"DAY"`,
	"Procedure":             `"status":"completed","code":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"performedDateTime":"DAY"`,
	"DocumentReference":     `"status":"current","type":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"date":"DAYT09:00:00Z","content":[{"attachment":{"contentType":"text/plain","title":"WORD","data":"` + base64.StdEncoding.EncodeToString([]byte("A letter.")) + `"}}]`,
	"DiagnosticReport":      `"status":"final","code":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"effectiveDateTime":"DAYT10:00:00Z"`,
	"Encounter":             `"status":"finished","class":{"code":"AMB"},"type":[{"text":"WORD"}],"subject":{"reference":"Patient/PERSON"},"period":{"start":"DAYT08:00:00Z","end":"DAYT08:20:00Z"},"participant":[{"individual":{"reference":"Practitioner/nurse","display":"Priya Raman"}}]`,
	"FamilyMemberHistory":   `"status":"completed","patient":{"reference":"Patient/PERSON"},"relationship":{"text":"mother"},"condition":[{"code":{"text":"WORD"}}]`,
	"QuestionnaireResponse": `"status":"completed","subject":{"reference":"Patient/PERSON"},"authored":"DAYT10:00:00Z","item":[{"linkId":"a","text":"WORD","answer":[{"valueString":"WORD"}]}]`,
	"CarePlan":              `"status":"active","intent":"plan","title":"WORD","subject":{"reference":"Patient/PERSON"},"created":"DAY"`,
	"Goal":                  `"lifecycleStatus":"active","description":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"startDate":"DAY"`,
	"ServiceRequest":        `"status":"active","intent":"order","code":{"text":"WORD"},"subject":{"reference":"Patient/PERSON"},"authoredOn":"DAY"`,
	"Communication":         `"status":"completed","subject":{"reference":"Patient/PERSON"},"sent":"DAYT10:00:00Z","topic":{"text":"WORD"},"payload":[{"contentString":"WORD"}]`,
}

// byCode are shapes that lie in a compartment by what they say, without a label.
var byCode = map[string][2]string{
	"Observation": {"sexual", `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"75622-1"}],"text":"HIV 1 and 2 tests WORD"},"subject":{"reference":"Patient/PERSON"},"effectiveDateTime":"DAYT10:00:00Z","valueString":"WORD"`},
	"Condition":   {"mental", `"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F32.1"}],"text":"Depression WORD"},"subject":{"reference":"Patient/PERSON"},"onsetDateTime":"DAY"`},
}

// areas are the pages of a chart under which a thing of a type has an address.
var areas = map[string][]string{
	"Observation": {"/health/results/", "/results/"}, "DiagnosticReport": {"/health/results/", "/results/"}, "DocumentReference": {"/health/documents/", "/documents/"},
	"Encounter": {"/visits/"}, "QuestionnaireResponse": {"/forms/"}, "Communication": {"/messages/"}, "CarePlan": {"/plan/"},
}

// hide puts things into a chart that the observer may not see, and says which. The same
// dice make the same things, in whichever chart.
func (s *scene) hide(t testing.TB, h *webtest.House, o observer, chart fhir.ClientID, r *mrand.Rand) []secret {
	t.Helper()
	var out []secret
	for n := range 1 + r.IntN(4) {
		switch k := r.IntN(12); {
		case o.of != "sealed" && (k < 8 || o.who == "physician"):
			x := s.hideThing(t, h, o, chart, r, n)
			if r.IntN(4) == 0 && !o.lists() {
				s.hideCorrection(t, h, chart, &x, r)
			}
			out = append(out, x)
		case o.of == "sealed" || o.who == "officer" || k < 10: // what the officer looks into is no secret to her
			out = append(out, s.hideThread(t, h, o, chart, r, n))
		case k < 11:
			out = append(out, s.hideGlass(t, h, chart, r))
		default:
			out = append(out, s.hideLimit(t, h, chart))
		}
	}
	return out
}

// hideVisit books a visit that is private. That the time is taken everybody may know: in
// the one world it is Ada's, and in the other Carol's.
func (s *scene) hideVisit(t testing.TB, h *webtest.House, o observer, chart fhir.ClientID, r *mrand.Rand) secret {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), account.AsSystem(account.Importer), record.Importing, chart, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	at := webtest.Start.Truncate(24*time.Hour).AddDate(0, 0, r.IntN(4)).Add(time.Duration(28+r.IntN(8)) * 20 * time.Minute)
	code := label.Codings(pick(r, o.in.Each()))[0]
	word := fmt.Sprintf("Zibet%dkatze", r.IntN(1000))
	body := fmt.Sprintf(`{"resourceType":"Appointment","id":"secretvisit","meta":{"security":[{"system":%q,"code":%q}]},"status":"booked","description":%q,"start":%q,"end":%q,"participant":[{"actor":{"reference":"Patient/%s"},"status":"accepted"},{"actor":{"reference":"Practitioner/nurse","display":"Priya Raman"},"status":"accepted"}]}`,
		code.System, code.Code, word, at.Format(time.RFC3339), at.Add(20*time.Minute).Format(time.RFC3339), s.person(h, chart))
	if _, err := c.Put(t.Context(), fhir.Resource{Type: "Appointment", ID: "secretvisit", JSON: []byte(body)}); err != nil {
		t.Fatal(err)
	}
	ref := string(c.Ref("Appointment", "secretvisit"))
	return secret{name: "private visit " + at.Format("2006-01-02 15:04"), refs: []string{"/visits/" + ref}, told: []string{word}}
}

// lists reports that somebody may know that there is something to do: the privacy officer
// looks into what is asked for, and who is barred from a chart is not barred from the
// practice's day and list, which say that something waits, of whom and by when, and no word
// of it (docs/threats.md).
func (o observer) lists() bool { return o.who == "officer" || o.who == "locum" }

// hideCorrection has the client ask that something be put right.
func (s *scene) hideCorrection(t testing.TB, h *webtest.House, chart fhir.ClientID, x *secret, r *mrand.Rand) {
	t.Helper()
	mind := s.opened(t, h, h.AsClient(string(chart)), record.Minding, chart, record.AllParts)
	word := fmt.Sprintf("Zibet%dkatze is wrong", r.IntN(1000))
	if _, err := mind.AskCorrection(t.Context(), word, x.typ, x.ref, word); err != nil {
		t.Fatal(err)
	}
	x.name, x.told = x.name+" to be put right", append(x.told, word)
}

// hideLimit has the client bar somebody else.
func (s *scene) hideLimit(t testing.TB, h *webtest.House, chart fhir.ClientID) secret {
	t.Helper()
	mind := s.opened(t, h, h.AsClient(string(chart)), record.Minding, chart, record.AllParts)
	if _, err := mind.Limit(t.Context(), record.Limit{Who: []string{"nurse"}, In: label.Mental}); err != nil {
		t.Fatal(err)
	}
	return secret{name: "limit for another"}
}

func (s *scene) hideThing(t testing.TB, h *webtest.House, o observer, chart fhir.ClientID, r *mrand.Rand, n int) secret {
	t.Helper()
	typ := pick(r, sortedKeys(secretShapes))
	body, way := secretShapes[typ], r.IntN(3)
	in := pick(r, o.in.Each())
	if x, ok := byCode[typ]; ok && way == 2 {
		if l := label.Parse(x[0]); l&o.in != 0 {
			in, body = l, x[1]
		} else {
			way = 0
		}
	}
	word := fmt.Sprintf("Zibet%dkatze", r.IntN(1000))
	day := webtest.Start.AddDate(0, 0, -r.IntN(400)).Format(time.DateOnly)
	id := fmt.Sprintf("hid%d-%d", n, r.IntN(1_000_000))
	body = strings.NewReplacer("WORD", word, "DAY", day, "PERSON", s.person(h, chart)).Replace(body)
	meta := ""
	if o.of == "ada" && way == 0 {
		var sec []map[string]string
		for _, c := range label.Codings(in) {
			sec = append(sec, map[string]string{"system": c.System, "code": c.Code})
		}
		b, err := json.Marshal(sec)
		if err != nil {
			t.Fatal(err)
		}
		meta = `"meta":{"security":` + string(b) + `},`
	}
	c, err := h.Vault.Open(t.Context(), account.AsSystem(account.Importer), record.Importing, chart, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	for range 1 + r.IntN(4)/3 { // some are written twice
		if _, err := c.Put(t.Context(), fhir.Resource{Type: typ, ID: id, JSON: []byte(fmt.Sprintf(`{"resourceType":%q,"id":%q,%s%s}`, typ, id, meta, body))}); err != nil {
			t.Fatal(typ, err)
		}
	}
	ref := c.Ref(typ, id)
	how := []string{"labelled", "marked by Ada", "by its code"}[way]
	if o.of == "ada" && way == 1 || o.of == "ada" && way == 2 && byCode[typ][0] == "" {
		how = "marked by Ada"
		if o.who == "physician" {
			in = label.Own
		}
		mind := s.opened(t, h, h.AsClient(string(chart)), record.Minding, chart, record.AllParts)
		if err := mind.Mark(t.Context(), typ, ref, in, 0); err != nil {
			t.Fatal(err)
		}
	}
	out := secret{typ: typ, ref: ref, name: typ + " " + how + " " + in.String(), told: []string{word, id}}
	for _, a := range areas[typ] {
		out.refs = append(out.refs, a+string(ref))
	}
	return out
}

// hideThread begins a thread that only one of the staff may read.
func (s *scene) hideThread(t testing.TB, h *webtest.House, o observer, chart fhir.ClientID, r *mrand.Rand, n int) secret {
	t.Helper()
	word := fmt.Sprintf("Zibet%dkatze", r.IntN(1000))
	reader := thread.Party{Ref: "Practitioner/nurse", Name: "Priya Raman"}
	if o.who == "nurse" {
		reader = thread.Party{Ref: "Practitioner/physician", Name: "Dr Lena Ortiz"}
	}
	if o.mirrored() || o.who == "nobody" { // they may not know of any thread
		if r.IntN(2) == 0 {
			s.talk(t, h, chart, pick(r, []string{"care", "visit", "privacy"}), word, fmt.Sprint("hidden", n))
			return secret{name: "thread", told: []string{word}}
		}
	}
	s.talk(t, h, chart, "privacy", word, fmt.Sprint("hidden", n), reader)
	return secret{name: "sealed thread", told: []string{word}}
}

// hideGlass has Priya Raman break the glass.
func (s *scene) hideGlass(t testing.TB, h *webtest.House, chart fhir.ClientID, r *mrand.Rand) secret {
	t.Helper()
	word := fmt.Sprintf("Zibet%dkatze is unconscious", r.IntN(1000))
	c := s.opened(t, h, s.visitors["nurse"].In(h), record.Breaking, chart, record.Person)
	if err := c.Break(t.Context(), word, record.Safe); err != nil {
		t.Fatal(err)
	}
	return secret{name: "broken glass", told: []string{word}}
}

func (s *scene) person(h *webtest.House, c fhir.ClientID) string {
	return map[fhir.ClientID]string{h.Ada: "ada-person", h.Bob: "bob-person", s.carol: "carol-person"}[c]
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
