package record

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// minimal makes the least resource of a type that is one, about a person if the type
// can be: it tries values for what is missing until nothing is.
func minimal(typ, id, of string) (fhir.Resource, bool) {
	ref := fmt.Sprintf(`{"reference":"Patient/%s"}`, of)
	values := []string{ref, `[` + ref + `]`, `"active"`, `"final"`, `"draft"`, `"completed"`, `"unknown"`, `"proposal"`, `"order"`, `"open"`, `"actual"`, `"person"`, `"claim"`, `"history"`, `"text/plain"`, `{"text":"x"}`, `[{"text":"x"}]`,
		`{"code":"x"}`, `"2026-11-20"`, `"2026-11-20T10:00:00Z"`, `true`, `1`, `{"value":1}`, `{"start":"2026-11-20"}`, `"urn:x"`, `"x"`, `{"contentType":"text/plain"}`, `{"system":"urn:x","value":"x"}`}
	fields := map[string]string{}
	write := func() ([]byte, string) {
		b := fmt.Appendf(nil, `{"resourceType":%q,"id":%q`, typ, id)
		for _, k := range sortedKeys(fields) {
			b = fmt.Appendf(b, `,%q:%s`, k, fields[k])
		}
		b = append(b, '}')
		doc, err := fhir.Parse(b)
		switch {
		case doc != nil && len(doc.Unknown()) > 0:
			return b, typ + "." + fmt.Sprint(doc.Unknown())
		case err != nil:
			return b, err.Error()
		}
		return b, ""
	}
	for range 10 {
		b, why := write()
		if why == "" {
			for _, about := range []string{"subject", "patient", "beneficiary", "individual"} {
				if fields[about] != "" {
					continue
				}
				fields[about] = ref
				if with, why := write(); why == "" {
					if doc, err := fhir.Parse(with); err == nil && len(doc.Unknown()) == 0 {
						b = with
						break
					}
				}
				delete(fields, about)
			}
			return fhir.Resource{Type: typ, ID: id, JSON: b}, true
		}
		_, rest, _ := strings.Cut(why, "fhir: "+typ+".")
		name, _, ok := strings.Cut(rest, ": is required")
		if !ok || strings.ContainsAny(name, ".[") && !strings.HasSuffix(name, "[x]") {
			return fhir.Resource{}, false
		}
		name = strings.Replace(name, "[x]", "String", 1)
		found := false
		for _, v := range values {
			fields[name] = v
			if _, now := write(); !strings.Contains(now, typ+"."+name) && !strings.Contains(now, ".[") && now != why {
				found = true
				break
			}
		}
		if !found {
			return fhir.Resource{}, false
		}
	}
	return fhir.Resource{}, false
}

// everyKind is a resource of nearly every R4 type that is kept in charts.
func everyKind(t *testing.T, of string) (out []fhir.Resource) {
	t.Helper()
	var not []string
	for n := uint16(1); fhir.TypeName(n) != ""; n++ {
		if typ := fhir.TypeName(n); typ != "Patient" && !fhir.PracticeWide(typ) {
			if r, ok := minimal(typ, fmt.Sprint("k", n), of); ok {
				out = append(out, r)
			} else {
				not = append(not, typ)
			}
		}
	}
	about := fmt.Sprintf(`"subject":{"reference":"Patient/%s"}`, of)
	out = append(out,
		resource("MedicationRequest", "h1", `"status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},`+about),
		resource("MedicationStatement", "h2", `"status":"active","medicationCodeableConcept":{"text":"x"},`+about),
		resource("DocumentReference", "h3", `"status":"current",`+about+`,"content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}],"context":{"encounter":[{"reference":"Encounter/e1"}]}`),
		resource("Appointment", "h4", fmt.Sprintf(`"status":"booked","participant":[{"actor":{"reference":"Patient/%s"},"status":"accepted"}]`, of)),
		resource("Immunization", "h5", fmt.Sprintf(`"status":"completed","vaccineCode":{"text":"x"},"patient":{"reference":"Patient/%s"},"occurrenceDateTime":"2020-01-01"`, of)),
		resource("List", "h6", `"status":"current","mode":"working",`+about+`,"entry":[{"item":{"reference":"Condition/c1"}}]`),
		resource("Provenance", "h7", fmt.Sprintf(`"target":[{"reference":"Patient/%s"}],"recorded":"2020-01-01T00:00:00Z","agent":[{"who":{"reference":"Practitioner/p1"}}]`, of)),
	)
	t.Logf("%d kinds, the rest of them not tried: %d", len(out), len(not)-7)
	if len(out) < 55 {
		t.Fatalf("only %d kinds", len(out))
	}
	return out
}

// life is resources that point at each other in every way there is.
func life(of string) []fhir.Resource {
	return []fhir.Resource{
		pulse("o1", of, 61),
		condition("c1", of, "38341003"),
		resource("Observation", "o2", fmt.Sprintf(`"status":"final","code":{"text":"with parts"},"subject":{"reference":"https://old.example/fhir/Patient/%s/_history/4"},"hasMember":[{"reference":"Observation/o1"},{"reference":"Observation/o1/_history/2"},{"reference":"https://lab.example/Observation/o1"}],"derivedFrom":[{"reference":"#in"}],"contained":[{"resourceType":"Observation","id":"in","status":"final","code":{"text":"inside"},"subject":{"reference":"Patient/%s"},"focus":[{"reference":"Condition/c1"}]}],"valueQuantity":{"value":1.50},"extension":[{"url":"urn:x","valueReference":{"reference":"Condition/c1"}}]`, of, of)),
		resource("Encounter", "e1", fmt.Sprintf(`"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/%s"},"diagnosis":[{"condition":{"reference":"Condition/c1"}}],"participant":[{"individual":{"reference":"Practitioner/p1"}}]`, of)),
		resource("Observation", "o3", fmt.Sprintf(`"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"status":"final","code":{"text":"PRIVATE"},"subject":{"reference":"Patient/%s"}`, of)),
	}
}

// failing is a store whose transactions fail at their nth write.
type failing struct {
	store.Store
	at int
}

type failingTx struct {
	store.Tx
	s *failing
}

var errDisk = errors.New("the disk is full")

func (s *failing) Begin(ctx context.Context) (store.Tx, error) {
	tx, err := s.Store.Begin(ctx)
	return failingTx{tx, s}, err
}

func (x failingTx) fails() error {
	if x.s.at--; x.s.at == 0 {
		return errs.E(errs.Unavailable, "%w", errDisk)
	}
	return nil
}

func (x failingTx) Put(ctx context.Context, c store.Client, p store.Put) error {
	return orElse(x.fails(), x.Tx.Put(ctx, c, p))
}

func (x failingTx) SetObject(ctx context.Context, s store.Space, o store.Object) error {
	return orElse(x.fails(), x.Tx.SetObject(ctx, s, o))
}

func (x failingTx) Append(ctx context.Context, e store.Entry) error {
	return orElse(x.fails(), x.Tx.Append(ctx, e))
}
