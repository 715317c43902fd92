package bundles

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"rapport/fhir"
)

// entry is one resource on its way in.
type entry struct {
	name    string // which it is in its file
	fullURL string
	typ, id string
	raw     []byte
	doc     *fhir.Doc
	json    []byte // with its references resolved
	client  string // logical id of the Patient it is about; "" if shared
	isShare bool
}

// split parts a JSON file into entries. whole says that all must be taken or
// none (a transaction); then a single refusal refuses the file.
func split(file string, raw []byte) (es []*entry, whole bool, refused []Refusal) {
	var head struct{ ResourceType, Type string }
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, true, []Refusal{{file, "", notJSON(err)}}
	}
	if head.ResourceType != "Bundle" {
		if head.ResourceType == "" {
			return nil, true, []Refusal{{file, "", "is not FHIR: it has no resourceType"}}
		}
		e := &entry{name: entryName(1), raw: raw}
		if why := e.parse(); why != "" {
			return nil, true, []Refusal{{file, "", why}}
		}
		return []*entry{e}, true, nil
	}
	switch head.Type {
	case "transaction", "batch", "collection", "searchset", "document", "history":
	default:
		return nil, true, []Refusal{{file, "", "is a Bundle of a kind that is not taken: give a transaction, batch or collection"}}
	}
	whole = head.Type == "transaction"
	// The strict parser sees the bundle as a whole first: what encoding/json
	// forgives (a key twice, for one) must not get past it.
	_, bundleErr := fhir.Parse(raw)
	var b struct {
		Entry []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
			Request  *struct{ Method, URL string }
		}
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, true, []Refusal{{file, "", notJSON(err)}}
	}
	for i, x := range b.Entry {
		e := &entry{name: entryName(i + 1), fullURL: x.FullURL, raw: x.Resource}
		if x.Request != nil {
			if x.Request.Method == "DELETE" || x.Request.Method == "GET" {
				refused = append(refused, Refusal{file, e.name, "asks for " + x.Request.Method + ", which an import does not do"})
				continue
			}
			if typ, id, ok := strings.Cut(x.Request.URL, "/"); ok && x.Request.Method == "PUT" && !strings.Contains(id, "/") {
				e.typ, e.id = typ, id
			}
		}
		if len(x.Resource) == 0 {
			refused = append(refused, Refusal{file, e.name, "holds no resource"})
			continue
		}
		if why := e.parse(); why != "" {
			refused = append(refused, Refusal{file, e.name, why})
			continue
		}
		es = append(es, e)
	}
	if bundleErr != nil && len(refused) == 0 {
		return nil, true, []Refusal{{file, "", bundleErr.Error()}}
	}
	if len(es) == 0 && len(refused) == 0 {
		refused = []Refusal{{file, "", "is a Bundle with nothing in it"}}
	}
	return es, whole, refused
}

// notJSON says in one line what is wrong with a file that does not parse, and
// quotes nothing from it.
func notJSON(err error) string {
	var syn *json.SyntaxError
	if errors.As(err, &syn) {
		if strings.Contains(syn.Error(), "unexpected end") {
			return "is cut short: get the file again"
		}
		if strings.Contains(syn.Error(), "depth") {
			return "is nested too deeply to be FHIR"
		}
		return "is not JSON"
	}
	return "is not a FHIR Bundle"
}

// parse validates the resource and gives the entry its id; it returns why not.
func (e *entry) parse() string {
	if len(e.raw) > maxResource {
		return "is larger than 16 MB"
	}
	doc, err := fhir.Parse(e.raw)
	if err != nil {
		return err.Error()
	}
	if e.typ != "" && e.typ != doc.Type() {
		return "is put at the address of another type"
	}
	e.doc, e.typ = doc, doc.Type()
	if e.id == "" {
		e.id = doc.ID()
	}
	if e.id == "" {
		e.id = idFrom(e.fullURL)
	}
	if e.id == "" {
		return "has neither an id nor a fullUrl"
	}
	return ""
}

// idFrom makes a resource's id from its fullUrl, the same at every import.
func idFrom(fullURL string) string {
	if fullURL == "" {
		return ""
	}
	if u, ok := strings.CutPrefix(fullURL, "urn:uuid:"); ok && len(u) == 36 {
		return u
	}
	h := sha256.Sum256([]byte("rapport/import " + fullURL))
	return hex.EncodeToString(h[:16])
}

// names returns every way the other entries may point at this one.
func (e *entry) names() []string {
	out := []string{e.typ + "/" + e.id}
	if e.fullURL != "" {
		out = append(out, e.fullURL)
	}
	return out
}

// withID returns the resource with its id in it.
func (e *entry) withID(b []byte) []byte {
	if e.doc.ID() == e.id {
		return b
	}
	return fhir.WithID(bytes.Clone(b), e.id)
}
