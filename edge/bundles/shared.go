package bundles

import (
	"context"
	"crypto/sha256"
	"net/url"
	"strings"
	"sync"

	"rapport/fhir"
	"rapport/record"
)

// shared knows what every chart shares: what is there already, and who answers
// to which identifier.
type shared struct {
	mu     sync.Mutex
	known  map[string]copied // by address
	idents idents
}

// copied is what is known of a shared resource without keeping it in memory.
type copied struct {
	digest  [32]byte
	updated string // its meta.lastUpdated
}

func loadShared(ctx context.Context, p *record.Practice) (*shared, error) {
	s := &shared{known: map[string]copied{}, idents: idents{}}
	doc := &fhir.Doc{}
	return s, p.Each(ctx, func(r fhir.Resource) error {
		at := r.Type + "/" + r.ID
		s.known[at] = copied{digest: sha256.Sum256(r.JSON)}
		if err := doc.Reset(r.JSON); err != nil {
			return nil //nolint:nilerr // kept by an older program; it answers to no identifier
		}
		s.known[at] = copied{sha256.Sum256(r.JSON), updated(doc)}
		s.idents.learn(doc, at)
		return nil
	})
}

// verdict is what becomes of a shared resource.
type verdict uint8

const (
	_       verdict = iota
	isNew           // it is to be kept
	isHere          // it is here
	isOther         // it is here with other content, which stays
)

// offer says what becomes of a shared resource, and takes its place if it is to
// be kept, so that another file does not keep it too.
func (s *shared) offer(r fhir.Resource, doc *fhir.Doc) verdict {
	at := r.Type + "/" + r.ID
	c := copied{sha256.Sum256(r.JSON), updated(doc)}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch old, ok := s.known[at]; {
	case ok && old.digest == c.digest:
		return isHere
	case ok && !later(c.updated, old.updated):
		return isOther
	}
	s.known[at] = c
	s.idents.learn(doc, at)
	return isNew
}

// forget gives up the places of resources that could not be kept.
func (s *shared) forget(rs []fhir.Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rs {
		delete(s.known, r.Type+"/"+r.ID)
	}
}

// find resolves a conditional reference such as
// "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|123".
func (s *shared) find(ref string) (string, fit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.idents.find(ref)
}

// fit says how many answer to an identifier.
type fit uint8

const (
	none  fit = iota
	one       // and it is known which
	many      // so none can be meant
	unfit     // the question is not one about an identifier
)

// idents is who answers to which identifier: "Type?system|value" → address. An
// empty address stands for more than one.
type idents map[string]string

type identifier struct{ system, value string }

func identifiers(doc *fhir.Doc) (out []identifier) {
	for n := range doc.Root().Each("identifier") {
		if v := n.Get("value").Str(); v != "" {
			out = append(out, identifier{n.Get("system").Str(), v})
		}
	}
	return out
}

// learn remembers the identifiers of the resource at an address.
func (m idents) learn(doc *fhir.Doc, at string) {
	add := func(key string) {
		if old, ok := m[key]; ok && old != at {
			m[key] = ""
			return
		}
		m[key] = at
	}
	typ := doc.Type()
	for _, k := range identifiers(doc) {
		add(typ + "?" + k.system + "|" + k.value)
		add(typ + "?" + k.value) // asked for without a system, any will do (R4 search, token)
	}
}

// find looks for the one resource a search by identifier means.
func (m idents) find(ref string) (string, fit) {
	typ, query, _ := strings.Cut(ref, "?")
	vs, err := url.ParseQuery(query)
	if err != nil || len(vs) != 1 || len(vs["identifier"]) != 1 || vs.Get("identifier") == "" {
		return "", unfit
	}
	switch at, ok := m[typ+"?"+vs.Get("identifier")]; {
	case !ok:
		return "", none
	case at == "":
		return "", many
	default:
		return at, one
	}
}
