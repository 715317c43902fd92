package brief_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/care/brief"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/record"
	"rapport/web/webtest"
)

const visit1 = "urn:rapport:form:first-visit"

// house is a practice in which Ada fills in forms.
type house struct {
	*webtest.House
	t testing.TB
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return &house{webtest.New(t, brief.Routes()...), t}
}

// forms is where Ada's are.
func (h *house) forms() string { return "/clients/" + string(h.Ada) + "/forms" }

// answering opens Ada's chart as she fills in a form.
func (h *house) answering() *record.Chart {
	h.t.Helper()
	c, err := h.Vault.Open(h.t.Context(), h.As("ada").Actor(), record.Answering, h.Ada,
		record.Told|record.Person|record.Visits|record.Conditions|record.Medicines|record.Allergies|record.Results|record.Family)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// treating opens somebody's chart as Dr Lena Ortiz.
func (h *house) treating(of fhir.ClientID) *record.Chart {
	h.t.Helper()
	c, err := h.Vault.Open(h.t.Context(), h.As("physician").Actor(), record.Care, of, record.AllParts)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// says is what somebody answers: words, a code, a number or yes, by linkId; of a group
// that repeats a list of such answers, one for each instance. decline and person are why
// there is no answer.
type says map[string]any

const (
	decline = "\x00decline"
	person  = "\x00person"
)

// tell has Ada fill in a form and hand it in, or begin it; it returns the brief's address.
func (h *house) tell(url string, hand bool, a says) string {
	h.t.Helper()
	c := h.answering()
	e, ok := c.Library().Form(url, "")
	if !ok {
		h.t.Fatalf("no form %s", url)
	}
	id, err := c.NewID()
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := form.Start(e.Form, h.env(c))
	if err != nil {
		h.t.Fatal(err)
	}
	done := map[form.Place]bool{}
	for h.next(s, a, done) {
	}
	json := s.JSON()
	var results []fhir.Resource
	if hand {
		_, json = s.Complete(h.Now.Now())
		all, err := s.Extract()
		if err != nil {
			h.t.Fatal(err)
		}
		for n, x := range all {
			if id := fmt.Sprintf("%s-%d", id, n); x.Type == "Observation" {
				results = append(results, fhir.Resource{Type: x.Type, ID: id, JSON: fhir.WithID(x.JSON, id)})
			}
		}
	}
	var alarms []record.Alarm
	for _, x := range s.Alarms() {
		alarms = append(alarms, record.Alarm{Crisis: x.Level == "crisis", What: x.Text("")})
	}
	if err := c.Answer(h.t.Context(), record.Answer{Form: url, ID: id, JSON: fhir.WithID(json, id), Done: hand, Results: results, Alarms: alarms}); err != nil {
		h.t.Fatal(err)
	}
	return h.forms() + "/" + string(c.Ref("QuestionnaireResponse", id))
}

func (h *house) env(c *record.Chart) form.Env {
	return form.Env{Now: h.Now.Now(), Subject: "Patient/ada-person", Author: "Patient/ada-person", Query: func(q string) ([]byte, bool) {
		typ, query, _ := strings.Cut(q, "?")
		vs, _ := url.ParseQuery(query)
		var params []string
		for n, v := range vs {
			params = append(params, n, v[0])
		}
		found, err := c.Find(h.t.Context(), typ, params...)
		if err != nil {
			return nil, false
		}
		var es []string
		for _, f := range found {
			es = append(es, `{"resource":`+string(f.JSON)+`}`)
		}
		return []byte(`{"resourceType":"Bundle","type":"searchset","entry":[` + strings.Join(es, ",") + `]}`), true
	}}
}

// next answers one more question, and reports whether there was one.
func (h *house) next(s *form.Sheet, a says, done map[form.Place]bool) bool {
	h.t.Helper()
	qs := s.Questions()
	for _, q := range qs {
		given := at(a, q.Trail)[q.Item.LinkID]
		if given == nil || done[q.Place] {
			continue
		}
		if q.Another {
			list, _ := given.([]says)
			n := map[form.Place]bool{}
			for _, x := range qs {
				for _, l := range x.Trail {
					if l.Item == q.Item {
						n[l.Place] = true
					}
				}
			}
			if len(n) < len(list) {
				if _, err := s.Add(q.Place); err != nil {
					h.t.Fatal(err)
				}
				return true
			}
			continue
		}
		done[q.Place] = true
		var err error
		var issues []form.Issue
		switch given {
		case decline:
			err = s.Skip(q.Place, form.Declined)
		case person:
			err = s.Skip(q.Place, form.InPerson)
		default:
			issues, err = s.Set(q.Place, []form.Answer{answer(q, given)})
		}
		if err != nil || len(issues) > 0 {
			h.t.Fatalf("%s: %v %v", q.Item.LinkID, issues, err)
		}
		return true
	}
	return false
}

func at(a says, trail []form.Line) says {
	for _, l := range trail {
		if l.Instance == 0 {
			continue
		}
		list, _ := a[l.Item.LinkID].([]says)
		if l.Instance > len(list) {
			return nil
		}
		a = list[l.Instance-1]
	}
	return a
}

func answer(q form.Question, v any) form.Answer {
	switch x := v.(type) {
	case bool:
		return form.Answer{Type: "boolean", Text: fmt.Sprint(x)}
	case int:
		return form.Answer{Type: q.Item.Type, Text: fmt.Sprint(x)}
	}
	for _, o := range q.Options {
		if o.Value.Code == v {
			return o.Value
		}
	}
	return form.Answer{Type: "string", Text: v.(string)}
}

// full is a first visit with something of everything.
func full() says {
	return says{
		"called": "Ada", "reason-words": "I cannot sing any more.\nMy breath stops.", "worry-words": "That it is my heart.", "visit-hope": person,
		"goal":         []says{{"goal-words": "Sing in the choir again", "goal-measure": "I sing every Tuesday", "goal-by": "3-months", "goal-hard": 8}},
		"helped-words": "Walking by the sea", "sleep-hours": 6, "tobacco": decline, "move-days": 1, "move-minutes": 20,
		"condition": []says{{"condition-still": "over"}, {"condition-name": "Migraine", "condition-since": "2019"}},
		"medicine":  []says{{"medicine-name": "Magnesium", "medicine-dose": "300 mg", "medicine-often": "every evening"}, {"medicine-name": "amlodipine 5 mg"}},
		"allergy":   []says{{"allergy-still": "yes"}, {"allergy-what": "Strawberries", "allergy-happened": "Itching", "allergy-bad": "mild"}},
		"relative":  []says{{"relative-who": "MTH", "relative-illness": []says{{"relative-illness-what": "stroke", "relative-illness-age": 68}}, "relative-died": true}},
		"phq-1":     "LA6569-3", "phq-2": "LA6569-3", "safe-home": "no",
	}
}

// later lets time pass.
func (h *house) later(d time.Duration) { h.Now.Add(d) }
