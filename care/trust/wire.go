package trust

import (
	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
	"rapport/web"
)

func gone(err error) bool { return errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) }

// words are where types say what they are about, and moments when it was: the first that is
// there is taken.
var (
	words   = []string{"code", "vaccineCode", "medication", "serviceType", "type", "relationship", "topic", "title", "description", "class"}
	moments = []string{"effective", "onset", "occurrence", "performed", "start", "authoredOn", "authored", "sent", "date", "recordedDate", "assertedDate", "created", "issued"}
)

// called is what a thing is called, and its day.
func called(a *web.Ask, typ string, f record.Found) (title, day string, err error) {
	d, err := fhir.Parse(f.JSON)
	if err != nil {
		return "", "", err
	}
	n := d.Root()
	switch typ {
	case "Communication":
		title = a.P.TrustMessage()
	case "QuestionnaireResponse":
		title = a.P.TrustAnswers()
	case "Appointment", "Encounter":
		title = a.P.TrustVisit()
	}
	for i := 0; i < len(words) && (title == "" || title == a.P.TrustVisit()); i++ {
		if s := worded(n.Get(words[i])); s != "" {
			title = s
		}
	}
	if title == "" {
		title = a.P.TrustUntitled()
	}
	for i := 0; i < len(moments) && day == ""; i++ {
		m := n.Get(moments[i])
		if day = dated(a, m.Time()); day == "" {
			day = dated(a, m.Get("start").Time())
		}
	}
	if day == "" {
		day = dated(a, n.Get("period", "start").Time())
	}
	return title, day, nil
}

// worded reads a concept, a reference or a text.
func worded(n fhir.Node) string {
	for _, s := range []string{n.Get("text").Str(), n.Get("coding", "display").Str(), n.Get("display").Str(), n.Str()} {
		if s != "" {
			return s
		}
	}
	return ""
}
