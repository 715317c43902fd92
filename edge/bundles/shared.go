package bundles

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/url"
	"strings"
	"sync"

	"rapport/fhir"
	"rapport/record"
)

// shared knows what every chart shares: what is there already, and who answers
// to which identifier.
type shared struct {
	mu    sync.Mutex
	known map[string][32]byte // "Type/id" → digest of what was put
	ident map[string]string   // "Type system|value" → "Type/id"
}

func loadShared(ctx context.Context, p *record.Practice) (*shared, error) {
	s := &shared{known: map[string][32]byte{}, ident: map[string]string{}}
	return s, p.Each(ctx, func(r fhir.Resource) error {
		s.learn(r)
		return nil
	})
}

// learn remembers the identifiers of a shared resource.
func (s *shared) learn(r fhir.Resource) {
	var x struct {
		Identifier []struct{ System, Value string }
	}
	if err := json.Unmarshal(r.JSON, &x); err != nil {
		return // one without readable identifiers answers to none
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[r.Type+"/"+r.ID] = sha256.Sum256(r.JSON)
	for _, id := range x.Identifier {
		if id.Value != "" {
			s.ident[r.Type+" "+id.System+"|"+id.Value] = r.Type + "/" + r.ID
		}
	}
}

// has reports whether exactly this resource was put before.
func (s *shared) has(r fhir.Resource) bool {
	d := sha256.Sum256(r.JSON)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[r.Type+"/"+r.ID] == d
}

// find resolves a conditional reference such as
// "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|123".
func (s *shared) find(ref string) (string, bool) {
	typ, query, ok := strings.Cut(ref, "?")
	if !ok {
		return "", false
	}
	vs, err := url.ParseQuery(query)
	if err != nil || len(vs) != 1 || len(vs["identifier"]) != 1 {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.ident[typ+" "+vs.Get("identifier")]
	return to, ok
}
