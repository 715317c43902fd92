package fhir

import "strings"

// QuestionnaireResponse is what a response says of itself; its answers are for package
// form.
type QuestionnaireResponse struct {
	ID, Status    string
	Form, Version string // the questionnaire it answers, and which version of it
	Authored      Time
}

// ReadQuestionnaireResponse reads the head of a QuestionnaireResponse.
func ReadQuestionnaireResponse(json []byte) (QuestionnaireResponse, error) {
	return read(json, response, "QuestionnaireResponse")
}

func response(n Node, r *QuestionnaireResponse) {
	r.ID, r.Status, r.Authored = n.Get("id").Str(), n.Get("status").Str(), n.Get("authored").Time()
	r.Form, r.Version, _ = strings.Cut(n.Get("questionnaire").Str(), "|")
}

// Begun reports that it is being filled in.
func (r QuestionnaireResponse) Begun() bool { return r.Status == "in-progress" }

// Given reports that it was handed in, and holds.
func (r QuestionnaireResponse) Given() bool { return r.Status == "completed" || r.Status == "amended" }
