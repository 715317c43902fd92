package record

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// gained are the elements a person is given by a merge, and what makes two of them
// the same.
var gained = map[string]func(fhir.Node) string{
	"identifier": func(n fhir.Node) string { return n.Get("system").Str() + "|" + n.Get("value").Str() },
	"telecom": func(n fhir.Node) string {
		system, value := n.Get("system").Str(), n.Get("value").Str()
		if system == "phone" || system == "sms" {
			return "phone|" + digits(value)
		}
		return system + "|" + strings.ToLower(value)
	},
	"name": func(n fhir.Node) string {
		var given []string
		for g := range n.Each("given") {
			given = append(given, g.Str())
		}
		if n.Get("family").Str() == "" && len(given) == 0 {
			return fold(n.Get("text").Str())
		}
		return fold(strings.Join(given, " ") + " " + n.Get("family").Str())
	},
}

// persons returns the changes to both persons: whose chart stays is given what they
// lacked, and each says what became of the other.
func (m *merging) persons(ctx context.Context, r store.Reader) (mine, theirs Change, err error) {
	into, _, err := m.into.now(ctx, r)
	if err != nil {
		return mine, theirs, err
	}
	from, row, err := m.from.now(ctx, r)
	if err != nil {
		return mine, theirs, err
	}
	m.merge.Was = row.Version
	body := into.Compact()
	for _, name := range []string{"identifier", "telecom", "name"} {
		add, err := m.lacks(into, from, name)
		if err != nil {
			return mine, theirs, err
		}
		if body, err = m.give(body, into, name, add); err != nil {
			return mine, theirs, err
		}
	}
	if body, err = m.give(body, into, "link", []json.RawMessage{linked(from.ID(), "replaces")}); err != nil {
		return mine, theirs, err
	}
	gone, err := fhir.Amend(from.Compact(), "active", []byte("false"))
	if err == nil {
		gone, err = fhir.Amend(gone, "link", array(append(elements(from, "link"), linked(into.ID(), "replaced-by"))))
	}
	return Change{Resource: fhir.Resource{Type: "Patient", ID: into.ID(), JSON: body}}, Change{Resource: fhir.Resource{Type: "Patient", ID: from.ID(), JSON: gone}}, err
}

func linked(id, how string) json.RawMessage {
	return json.RawMessage(`{"other":{"reference":"Patient/` + id + `"},"type":"` + how + `"}`)
}

// elements returns the values of a top-level list as they are written.
func elements(doc *fhir.Doc, name string) []json.RawMessage {
	var out []json.RawMessage
	for n := range doc.Root().Each(name) {
		out = append(out, json.RawMessage(bytes.Clone(n.Raw())))
	}
	return out
}

func array(xs []json.RawMessage) []byte {
	return slices.Concat([]byte{'['}, bytes.Join(bare(xs), []byte{','}), []byte{']'})
}

func bare(xs []json.RawMessage) [][]byte {
	out := make([][]byte, len(xs))
	for i, x := range xs {
		out[i] = x
	}
	return out
}

// lacks returns the elements that one person has and the other has not. A name comes
// as one of before, or it might be what they are called from now on.
func (m *merging) lacks(into, from *fhir.Doc, name string) ([]json.RawMessage, error) {
	has := map[string]bool{}
	for n := range into.Root().Each(name) {
		has[gained[name](n)] = true
	}
	var out []json.RawMessage
	for n := range from.Root().Each(name) {
		if k := gained[name](n); has[k] {
			continue
		} else {
			has[k] = true
		}
		raw := bytes.Clone(compacted(n.Raw()))
		if use := n.Get("use").Str(); name == "name" && (use == "" || use == "usual" || use == "official") {
			var err error
			if raw, err = fhir.Amend(raw, "use", []byte(`"old"`)); err != nil {
				return nil, err
			}
		}
		out = append(out, raw)
	}
	return out, nil
}

// compacted takes the whitespace out of JSON.
func compacted(b []byte) []byte {
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		return b
	}
	return out.Bytes()
}

// give adds elements to a list, and keeps which.
func (m *merging) give(body []byte, doc *fhir.Doc, name string, add []json.RawMessage) ([]byte, error) {
	if len(add) == 0 {
		return body, nil
	}
	m.merge.Added[name] = add
	have := elements(doc, name)
	for i := range have {
		have[i] = compacted(have[i])
	}
	return fhir.Amend(body, name, array(append(have, add...)))
}

// taken takes elements out of a person that a merge gave them; whole is false if some
// of them are not there any more as they were.
func taken(doc *fhir.Doc, added map[string][]json.RawMessage) (body []byte, whole bool, err error) {
	body, whole = doc.Compact(), true
	for _, name := range []string{"identifier", "telecom", "name", "link"} {
		if len(added[name]) == 0 {
			continue
		}
		left := elements(doc, name)
		for i := range left {
			left[i] = compacted(left[i])
		}
		for _, x := range added[name] {
			i := slices.IndexFunc(left, func(y json.RawMessage) bool { return bytes.Equal(x, y) })
			if i < 0 {
				whole = false
				continue
			}
			left = slices.Delete(left, i, i+1)
		}
		list := array(left)
		if len(left) == 0 {
			list = nil
		}
		if body, err = fhir.Amend(body, name, list); err != nil {
			return nil, false, err
		}
	}
	return body, whole, nil
}

type reference struct {
	Reference  string      `json:"reference,omitempty"`
	Identifier *identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type agent struct {
	Type concept   `json:"type"`
	Who  reference `json:"who"`
}

type entity struct {
	Role string    `json:"role"`
	What reference `json:"what"`
}

// provenanceOfMerge writes the Provenance (R4) of a merge: software put it together,
// a member of staff said so.
func provenanceOfMerge(id string, at time.Time, targets []string, from string, who account.Actor) []byte {
	x := struct {
		ResourceType string      `json:"resourceType"`
		ID           string      `json:"id"`
		Target       []reference `json:"target"`
		Recorded     string      `json:"recorded"`
		Activity     concept     `json:"activity"`
		Agent        []agent     `json:"agent"`
		Entity       []entity    `json:"entity"`
	}{ResourceType: "Provenance", ID: id, Recorded: at.UTC().Format(time.RFC3339)}
	for _, t := range targets {
		x.Target = append(x.Target, reference{Reference: t})
	}
	role := func(code string) concept {
		return concept{[]coding{{"http://terminology.hl7.org/CodeSystem/provenance-participant-type", code}}}
	}
	x.Activity = concept{[]coding{{"http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "merge"}}}
	x.Agent = []agent{
		{role("assembler"), reference{Identifier: &identifier{"urn:rapport:software", "merge"}}},
		{role("verifier"), reference{Identifier: &identifier{"urn:rapport:staff", who.ID()}, Display: who.Name()}},
	}
	x.Entity = []entity{{"source", reference{Reference: from}}}
	out, err := json.Marshal(x)
	if err != nil {
		return nil // of strings alone: it cannot fail, and no JSON is refused
	}
	return out
}
