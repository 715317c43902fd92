package bundles

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"rapport/fhir"
)

// entry is one resource on its way in.
type entry struct {
	name      string // which it is in its file
	fullURL   string
	base      string // of the server a fullUrl names, "" for a URN
	typ, id   string
	condition string // it is made or put only by what it is like: "Type?query"
	create    bool   // by that condition it is made if there is none, and left alone if there is
	raw       []byte
	doc       *fhir.Doc
	json      []byte // with its references resolved
	client    string // logical id of the Patient it is about; "" if shared
	isShare   bool
	out       bool  // it was refused, or waits
	at        int64 // of an NDJSON line: where it begins
	line      int   // and which it is
}

// split parts a JSON file into entries. whole says that all must be taken or
// none (a transaction); then a single refusal refuses the file.
func split(raw []byte) (es []*entry, whole bool, refused []Refusal) {
	refuse := func(why string) ([]*entry, bool, []Refusal) { return nil, true, []Refusal{{Reason: why}} }
	o, err := scan(raw)
	if err != nil {
		return refuse(err.Error())
	}
	switch {
	case o.typ == "":
		return refuse("is not FHIR: it has no resourceType")
	case o.typ != "Bundle":
		e := &entry{name: entryName(1), raw: raw}
		if why := e.parse(); why != "" {
			return refuse(why)
		}
		return []*entry{e}, true, nil
	}
	switch o.kind {
	case "transaction", "batch", "collection", "searchset", "document":
	default:
		return refuse("is a Bundle of a kind that is not taken: give a transaction, batch, collection, searchset or document")
	}
	if doc, err := fhir.Parse(o.skeleton); err != nil {
		return refuse(whyNot(doc))
	}
	if len(o.parts) == 0 {
		return refuse("is a Bundle with nothing in it")
	}
	for i := range o.parts {
		e, why := o.parts[i].entry(i + 1)
		if why == errForm.Error() || why == errCut.Error() {
			// where one resource ends is not certain any more, so neither is the rest
			return nil, true, []Refusal{{Entry: e.name, Reason: errForm.Error()}}
		}
		if why != "" {
			refused = append(refused, Refusal{Entry: e.name, Reason: why})
			continue
		}
		es = append(es, e)
	}
	return es, o.kind == "transaction", refused
}

// entry makes an entry of a part, or says why not.
func (p *part) entry(n int) (*entry, string) {
	e := &entry{name: entryName(n), fullURL: p.fullURL, raw: p.resource, base: baseOf(p.fullURL)}
	if p.asked {
		if why := e.request(p); why != "" {
			if len(p.resource) > 0 && !json.Valid(p.resource) {
				why = errForm.Error() // then nobody knows where the entry ends
			}
			return e, why
		}
	}
	if len(p.resource) == 0 {
		return e, "holds no resource"
	}
	why := e.parse()
	if why == errDeep.Error() && !json.Valid(p.resource) {
		why = errForm.Error()
	}
	return e, why
}

// request reads what an entry asks a server to do.
func (e *entry) request(p *part) string {
	switch p.method {
	case "POST", "PUT":
	default:
		return "asks for " + p.method + ", which an import does not do" // a code of FHIR's: the skeleton was valid
	}
	if p.ifMatch {
		return "asks for a certain version (ifMatch), and versions elsewhere are not versions here: leave it out"
	}
	url, query, conditional := strings.Cut(p.url, "?")
	seg := strings.Split(strings.Trim(url, "/"), "/")
	switch {
	case p.method == "POST" && p.ifNoneExist != "":
		e.typ, e.create = seg[len(seg)-1], true
		e.condition = e.typ + "?" + p.ifNoneExist
	case p.method == "POST":
		if t := seg[len(seg)-1]; known(t) {
			e.typ = t
		}
	case conditional:
		e.typ = seg[len(seg)-1]
		e.condition = e.typ + "?" + query
	case len(seg) >= 2 && known(seg[len(seg)-2]):
		e.typ, e.id = seg[len(seg)-2], seg[len(seg)-1]
	default:
		return "is put at no address: its request needs a url such as Type/id"
	}
	if e.condition != "" && !fhir.PracticeWide(e.typ) {
		return "is to be found by a search (ifNoneExist or a conditional PUT), which an import does only for what a practice shares: give it an id and leave the search out"
	}
	return ""
}

func known(typ string) bool {
	_, ok := fhir.TypeNumber(typ)
	return ok
}

// parse validates the resource and gives the entry its id; it returns why not.
func (e *entry) parse() string {
	if len(e.raw) > maxResource {
		if !json.Valid(e.raw) {
			return errForm.Error()
		}
		return tooLarge
	}
	doc, err := fhir.Parse(e.raw)
	if err != nil {
		if !json.Valid(e.raw) && len(doc.Issues()) > 0 && doc.Issues()[0].Reason != "too deep" {
			return errForm.Error()
		}
		return whyNot(doc)
	}
	if e.typ != "" && e.typ != doc.Type() {
		return "is sent to the address of another type"
	}
	e.doc, e.typ = doc, doc.Type()
	own := doc.ID()
	switch {
	case e.id != "" && own != "" && e.id != own:
		return "is put at another id than it has"
	case own != "":
		e.id = own
	case e.id == "":
		e.id = idFrom(cmp.Or(e.fullURL, e.condition))
	}
	if e.id == "" {
		return "has neither an id nor a fullUrl, so a second import could not know it again: give it an id"
	}
	return ""
}

const tooLarge = "is larger than 16 MB"

// whyNot says in one line what is wrong with a resource that does not parse, and
// quotes nothing from it.
func whyNot(doc *fhir.Doc) string {
	is := doc.Issues()
	if len(is) == 0 {
		return errForm.Error()
	}
	switch x := is[0]; {
	case x.Reason == "too deep":
		return errDeep.Error()
	case x.Reason == "an array is too long":
		return "has an array that is too long"
	case x.Code == "invalid":
		return errForm.Error() + ": " + x.Reason
	case x.Path == "":
		return "is not FHIR: " + x.Reason
	default:
		return "is not valid FHIR: " + x.Path + ": " + x.Reason
	}
}

// baseOf returns the address of the server in a fullUrl, https://a.example/fhir
// for https://a.example/fhir/Patient/1, and "" if it names none.
func baseOf(fullURL string) string {
	base, typ, _ := cutURL(fullURL)
	if typ == "" {
		return ""
	}
	return base
}

// cutURL parts an absolute address of a resource. Without a type it is none.
func cutURL(url string) (base, typ, id string) {
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return "", "", ""
	}
	url, _, _ = strings.Cut(url, "/_history/")
	seg := strings.Split(url, "/")
	if n := len(seg); n >= 5 && known(seg[n-2]) && seg[n-1] != "" {
		return strings.Join(seg[:n-2], "/"), seg[n-2], seg[n-1]
	}
	return "", "", ""
}

// idFrom makes a resource's id from its fullUrl, the same at every import.
func idFrom(fullURL string) string {
	if fullURL == "" {
		return ""
	}
	if u, ok := strings.CutPrefix(fullURL, "urn:uuid:"); ok && isUUID(u) {
		return u
	}
	if _, typ, id := cutURL(fullURL); typ != "" && isUUID(id) {
		return id
	}
	h := sha256.Sum256([]byte("rapport/import " + fullURL))
	return hex.EncodeToString(h[:16])
}

// isUUID reports whether an id is one that no two servers give.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// address is where the entry is kept: Type/id.
func (e *entry) address() string { return e.typ + "/" + e.id }

// withID returns the resource with its id in it.
func (e *entry) withID(b []byte) []byte {
	if e.doc.ID() == e.id {
		return b
	}
	return fhir.WithID(bytes.Clone(b), e.id)
}
