package thread

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
)

// The extensions of an attachment: HL7 has none for these.
const (
	coverURL   = "urn:rapport:attachment-cover"
	captionURL = "urn:rapport:attachment-caption"
	secondsURL = "urn:rapport:attachment-seconds"
	blobScheme = "blob:"
	forURL     = "urn:rapport:written-for"
	wordsURL   = "urn:rapport:sealed-words"
)

const restrictedSystem = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

type codingJSON struct {
	System string `json:"system,omitempty"`
	Code   string `json:"code,omitempty"`
}

type conceptJSON struct {
	Coding []codingJSON `json:"coding,omitempty"`
	Text   string       `json:"text,omitempty"`
}

type extensionJSON struct {
	URL     string `json:"url"`
	String  string `json:"valueString,omitempty"`
	Base64  string `json:"valueBase64Binary,omitempty"`
	Integer int    `json:"valueUnsignedInt,omitempty"`
}

type identifierJSON struct {
	Value string `json:"value"`
}

type refJSON struct {
	Extension  []extensionJSON `json:"extension,omitempty"`
	Reference  string          `json:"reference,omitempty"`
	Type       string          `json:"type,omitempty"`
	Identifier *identifierJSON `json:"identifier,omitempty"`
	Display    string          `json:"display,omitempty"`
}

type attachmentJSON struct {
	Extension   []extensionJSON `json:"extension,omitempty"`
	ContentType string          `json:"contentType"`
	URL         string          `json:"url"`
	Size        int64           `json:"size"`
	Title       string          `json:"title,omitempty"`
}

type payloadJSON struct {
	String     string          `json:"contentString,omitempty"`
	Attachment *attachmentJSON `json:"contentAttachment,omitempty"`
	Reference  *refJSON        `json:"contentReference,omitempty"`
}

type metaJSON struct {
	Security []codingJSON `json:"security,omitempty"`
}

type communicationJSON struct {
	ResourceType string          `json:"resourceType"`
	ID           string          `json:"id"`
	Meta         *metaJSON       `json:"meta,omitempty"`
	Extension    []extensionJSON `json:"extension,omitempty"`
	PartOf       []refJSON       `json:"partOf,omitempty"`
	Status       string          `json:"status"`
	Category     []conceptJSON   `json:"category"`
	Subject      refJSON         `json:"subject"`
	Topic        *conceptJSON    `json:"topic,omitempty"`
	Recipient    []refJSON       `json:"recipient,omitempty"`
	Sent         string          `json:"sent"`
	Sender       *refJSON        `json:"sender,omitempty"`
	Payload      []payloadJSON   `json:"payload,omitempty"`
}

// sentAs is RFC 3339 to the millisecond: what is said in one second stays in its order.
const sentAs = "2006-01-02T15:04:05.000Z07:00"

// words are the sealed words as an extension; none for none.
func words(b []byte) []extensionJSON {
	if len(b) == 0 {
		return nil
	}
	return []extensionJSON{{URL: wordsURL, Base64: base64.StdEncoding.EncodeToString(b)}}
}

// wordsOf reads them.
func wordsOf(es []extensionJSON) []byte {
	for _, e := range es {
		if b, err := base64.StdEncoding.DecodeString(e.Base64); err == nil && e.URL == wordsURL && len(b) > 0 {
			return b
		}
	}
	return nil
}

// base is what a head and what was said have in common.
func base(id string, k Kind, desk bool, named []Party, subject string, at time.Time) communicationJSON {
	x := communicationJSON{ResourceType: "Communication", ID: id, Status: "completed", Subject: refJSON{Reference: subject}, Sent: at.UTC().Format(sentAs),
		Category: []conceptJSON{{Coding: []codingJSON{{System, k.String()}}}}}
	if desk {
		x.Category = append(x.Category, conceptJSON{Coding: []codingJSON{{System, Desk}}})
	}
	if len(named) > 0 {
		x.Category = append(x.Category, conceptJSON{Coding: []codingJSON{{System, Sealed}}})
		x.Meta = &metaJSON{[]codingJSON{{restrictedSystem, "R"}}}
		for _, p := range named {
			x.Recipient = append(x.Recipient, party(p))
		}
	}
	return x
}

func party(p Party) refJSON {
	r := refJSON{Reference: p.Ref, Display: p.Name}
	if p.For != "" {
		r.Extension = []extensionJSON{{URL: forURL, String: p.For}}
	}
	return r
}

// Resource writes a thread. subject is the client's Patient, as a reference.
func (t Thread) Resource(subject string) (fhir.Resource, error) {
	x := base(t.ID, Head, t.Desk, t.Named, subject, t.Begun)
	if !t.Closed {
		x.Status = "in-progress"
	}
	x.Topic, x.Extension = &conceptJSON{[]codingJSON{{Topics, t.Topic}}, t.Title}, words(t.Words)
	b, err := json.Marshal(x)
	return fhir.Resource{Type: "Communication", ID: t.ID, JSON: b}, err
}

// Resource writes what was said.
func (s Said) Resource(subject string) (fhir.Resource, error) {
	x := base(s.ID, s.Kind, s.Desk, s.Named, subject, s.At)
	x.PartOf, x.Extension = []refJSON{{Reference: "Communication/" + s.Thread}}, words(s.Words)
	from := party(s.From)
	x.Sender = &from
	if s.Text != "" {
		x.Payload = append(x.Payload, payloadJSON{String: s.Text})
	}
	for _, p := range s.Pieces {
		a := attachmentJSON{ContentType: p.Type, URL: blobScheme + p.Blob, Size: p.Size, Title: p.Name}
		if len(p.Cover) > 0 {
			a.Extension = append(a.Extension, extensionJSON{URL: coverURL, Base64: base64.StdEncoding.EncodeToString(p.Cover)})
		}
		if p.Caption != "" {
			a.Extension = append(a.Extension, extensionJSON{URL: captionURL, String: p.Caption})
		}
		if p.Seconds > 0 {
			a.Extension = append(a.Extension, extensionJSON{URL: secondsURL, Integer: p.Seconds})
		}
		x.Payload = append(x.Payload, payloadJSON{Attachment: &a})
	}
	for _, c := range s.Cards {
		r := refJSON{Type: c.Type, Display: c.Name}
		if c.Type == "Questionnaire" || c.Type == "Slot" { // the practice's: neither lies in a chart
			r.Identifier = &identifierJSON{c.ID}
		} else {
			r.Reference = c.Type + "/" + c.ID
		}
		x.Payload = append(x.Payload, payloadJSON{Reference: &r})
	}
	b, err := json.Marshal(x)
	return fhir.Resource{Type: "Communication", ID: s.ID, JSON: b}, err
}

var errNone = errs.E(errs.Invalid, "thread: a communication of another kind")

// read reads what a head and what was said have in common.
func read(b []byte) (x communicationJSON, k Kind, desk bool, named []Party, at time.Time, err error) {
	if err = json.Unmarshal(b, &x); err != nil || x.ResourceType != "Communication" {
		return x, 0, false, nil, at, errNone
	}
	sealed := false
	for _, c := range x.Category {
		for _, d := range c.Coding {
			if d.System != System {
				continue
			}
			if i := slices.Index(kindCodes[1:], d.Code); i >= 0 {
				k = Kind(i + 1)
			}
			desk, sealed = desk || d.Code == Desk, sealed || d.Code == Sealed
		}
	}
	if sealed {
		for _, r := range x.Recipient {
			named = append(named, partyOf(r))
		}
	}
	if k == 0 {
		return x, 0, false, nil, at, errNone
	}
	at, err = time.Parse(time.RFC3339, x.Sent)
	if err != nil {
		err = errNone
	}
	return x, k, desk, named, at, err
}

func partyOf(r refJSON) Party {
	p := Party{Ref: r.Reference, Name: r.Display}
	for _, e := range r.Extension {
		if e.URL == forURL {
			p.For = e.String
		}
	}
	return p
}

// ReadThread reads a thread; errs.Invalid for what is none.
func ReadThread(b []byte) (Thread, error) {
	x, k, desk, named, at, err := read(b)
	if err != nil || k != Head || x.Topic == nil {
		return Thread{}, errNone
	}
	t := Thread{ID: x.ID, Title: x.Topic.Text, Closed: x.Status != "in-progress", Desk: desk, Named: named, Begun: at, Words: wordsOf(x.Extension)}
	for _, c := range x.Topic.Coding {
		if c.System == Topics {
			t.Topic = c.Code
		}
	}
	return t, nil
}

// ReadSaid reads something that was said; errs.Invalid for what is none.
func ReadSaid(b []byte) (Said, error) {
	x, k, desk, named, at, err := read(b)
	if err != nil || k == Head || x.Sender == nil || len(x.PartOf) != 1 {
		return Said{}, errNone
	}
	typ, id := fhir.SplitReference(x.PartOf[0].Reference)
	if typ != "Communication" {
		return Said{}, errNone
	}
	s := Said{ID: x.ID, Thread: id, Kind: k, From: partyOf(*x.Sender), At: at, Desk: desk, Named: named, Words: wordsOf(x.Extension)}
	for _, p := range x.Payload {
		switch {
		case p.Attachment != nil:
			s.Pieces = append(s.Pieces, pieceOf(*p.Attachment))
		case p.Reference != nil:
			c := Card{Type: p.Reference.Type, Name: p.Reference.Display}
			if p.Reference.Identifier != nil {
				c.ID = p.Reference.Identifier.Value
			} else {
				c.Type, c.ID = fhir.SplitReference(p.Reference.Reference)
			}
			s.Cards = append(s.Cards, c)
		case s.Text == "":
			s.Text = p.String
		default:
			s.Text += "\n\n" + p.String
		}
	}
	return s, nil
}

func pieceOf(a attachmentJSON) Piece {
	p := Piece{Type: a.ContentType, Name: a.Title, Size: a.Size}
	p.Blob, _ = strings.CutPrefix(a.URL, blobScheme)
	for _, e := range a.Extension {
		switch e.URL {
		case coverURL:
			if b, err := base64.StdEncoding.DecodeString(e.Base64); err == nil {
				p.Cover = b
			}
		case captionURL:
			p.Caption = e.String
		case secondsURL:
			p.Seconds = e.Integer
		}
	}
	return p
}
