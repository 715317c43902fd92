package clients

import (
	"encoding/base64"
	"mime"
	"strings"

	"rapport/fhir"
)

// More of FHIR: what happened, and papers. See wire.go.

func readDocument(json []byte) (document, bool, error) {
	x, err := fhir.ReadDocumentReference(json)
	d := document{key: "DocumentReference/" + x.ID, title: x.Description, kind: x.Type.Text, by: x.Authors, at: x.Date}
	for _, a := range x.Content {
		f := attached{kind: mediaType(a.ContentType), title: a.Title, data: a.Data}
		if typ, id := (fhir.Link{Reference: a.URL}).Target(); typ == "Binary" {
			f.ref = id
		}
		d.files = append(d.files, f)
		if d.title == "" {
			d.title = a.Title
		}
	}
	if d.title == "" {
		d.title = d.kind
	}
	if d.title == "" && len(x.Categories) > 0 {
		d.title = x.Categories[0].Text
	}
	return d, err == nil && x.Status != inError, err
}

// readBinary returns a file that lies in the chart beside its document.
func readBinary(json []byte) (kind, data string, err error) {
	d, err := fhir.Parse(json)
	if err != nil {
		return "", "", err
	}
	return mediaType(d.Root().Get("contentType").Str()), d.Root().Get("data").Str(), nil
}

func mediaType(s string) string {
	t, _, err := mime.ParseMediaType(s)
	if err != nil {
		return ""
	}
	return t
}

// decode reads base64 as FHIR writes it, which may be broken into lines.
func decode(data string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, data))
}

func readReport(json []byte) (happened, bool, error) {
	x, err := fhir.ReadDiagnosticReport(json)
	h := happened{key: "DiagnosticReport/" + x.ID, title: term(x.Code.Text), text: x.Conclusion, sort: aReport, at: x.Effective}
	if h.at.IsZero() {
		h.at = x.Issued
	}
	for _, r := range x.Results {
		if typ, id := r.Target(); typ == "Observation" && h.first == "" {
			h.first = id
		}
	}
	return h, err == nil && x.Status != inError && x.Status != "cancelled" && h.title != "", err
}

func readProcedure(json []byte) (happened, bool, error) {
	x, err := fhir.ReadProcedure(json)
	h := happened{key: "Procedure/" + x.ID, title: term(x.Code.Text), text: first(x.Performers), sort: aProcedure, at: x.Performed.Time}
	return h, err == nil && x.Status != inError && x.Status != "not-done" && h.title != "", err
}

func readImmunisation(json []byte) (happened, bool, error) {
	x, err := fhir.ReadImmunization(json)
	h := happened{key: "Immunization/" + x.ID, title: x.Code.Text, text: first(x.Performers), sort: anImmunisation, at: x.Date}
	return h, err == nil && x.Status == "completed" && h.title != "", err
}

func readMessage(json []byte) (happened, bool, error) {
	x, err := fhir.ReadCommunication(json)
	h := happened{key: "Communication/" + x.ID, title: x.Topic.Text, text: x.Sender.Display, sort: aMessage, at: x.Sent}
	return h, err == nil && x.Status != inError, err
}

func (v visit) happened() happened {
	return happened{key: v.key, title: v.title, text: v.with, sort: aVisit, at: v.start}
}

func (d document) happened() happened {
	return happened{key: d.key, ref: d.ref, title: d.title, text: first(d.by), sort: aDocument, at: d.at}
}

func (c condition) happened() happened {
	return happened{key: c.key, title: c.name, text: c.severity, sort: aCondition, at: c.since}
}

func (m medicine) happened() happened {
	return happened{key: m.key, title: m.name, text: m.how, sort: aMedicine, at: m.since}
}
