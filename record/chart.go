package record

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/fhir/search"
	"rapport/record/internal/keyring"
	"rapport/record/internal/pack"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Chart is the opened parts of one client's chart, for one actor and one
// purpose. Its methods take no client, so a Chart cannot wander to somebody
// else's. It dies with its request: never keep one. The zero Chart is closed.
type Chart struct {
	v      *Vault
	who    account.Actor
	why    Purpose
	client fhir.ClientID
	pid    store.PID
	row    store.Client // 0 for a chart that is still to be made
	keys   *keyring.Client
	asked  Parts // what the opener said it would open
	parts  Parts // what of that the policy left
	writes Parts // what may be written
	basis  policy.Basis
	// opens are the compartments that are open too; what lies in another is absent, not
	// counted and not found
	opens  label.Set
	bond   policy.Bond     // what makes staff one who treats the client
	eyes   account.Subject // through whose eyes the client looks; nobody for their own
	desk   bool            // of messages, only the administrative ones are there
	before time.Time       // when the actor was last here, before this visit
	person string          // the Patient's logical id, of a chart that is still to be made
	held   store.Key       // whose hold this act uses; the zero Key is the holder's own
	inside bool            // this write is made by an act of this package
	moves  bool            // this write merges the chart into another, or brings it back
	into   fhir.ClientID
}

// Client returns whose chart this is.
func (c *Chart) Client() fhir.ClientID { return c.client }

// Purpose returns why it was opened.
func (c *Chart) Purpose() Purpose { return c.why }

// Parts returns the parts that are open.
func (c *Chart) Parts() Parts { return c.parts }

// Who returns who opened it.
func (c *Chart) Who() account.Actor { return c.who }

// Found is one resource of a chart, with what the server knows about it.
type Found struct {
	fhir.Resource
	Ref     Ref
	Version int64
	Time    time.Time // when the server took this version
}

// Ref names a resource of one chart in an address. A logical id may come from
// another system and say who somebody is; a Ref is a keyed hash that says
// nothing. It is the same as long as the chart's key is.
type Ref string

// Ref returns the name of a resource of this chart for an address.
func (c *Chart) Ref(typ, id string) Ref {
	if c == nil || c.keys == nil {
		return ""
	}
	return refOf(c.keys.Row(typ, id))
}

func refOf(k store.Key) Ref { return Ref(idCoding.EncodeToString(k[:])) }

var errAbsent = errs.E(errs.NotFound, "record: no such resource in this chart")

// covers reports whether a resource type may be read: ok, absent (as if it were
// not there), or a part the opener did not name, which is a defect in the page.
func (c *Chart) covers(typ string) error {
	if c == nil || c.v == nil || c.parts == 0 {
		return errRefused
	}
	p := policy.PartOf(typ)
	if c.asked&p == 0 {
		return errs.E(errs.Internal, "record: %s is in part %q, which was not named when the chart was opened", typ, p)
	}
	if c.parts&p == 0 {
		return errAbsent
	}
	return nil
}

func typeNumber(typ string) (uint16, error) {
	n, ok := fhir.TypeNumber(typ)
	if !ok {
		return 0, errs.E(errs.Invalid, "record: %q is no resource type", typ)
	}
	return n, nil
}

// place is what a sealed resource is bound to: instance, client, type, row,
// version and which of the two halves it is.
func (c *Chart) place(typ uint16, key store.Key, version int64, half byte) []byte {
	b := make([]byte, 0, 80)
	b = append(b, "rapport/resource "...)
	b = append(append(b, c.v.inst[:]...), c.pid[:]...)
	b = binary.BigEndian.AppendUint16(b, typ)
	b = append(b, key[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(version))
	return append(b, half)
}

const (
	halfBody  = 'b'
	halfFacet = 'f'
)

// Read returns the newest version of one resource; errs.NotFound if there is
// none, if it was deleted, or if it is not for this actor.
func (c *Chart) Read(ctx context.Context, typ, id string) (Found, error) {
	if err := c.covers(typ); err != nil {
		return Found{}, err
	}
	return c.read(ctx, typ, c.keys.Row(typ, id))
}

// ReadRef is Read by the name in an address.
func (c *Chart) ReadRef(ctx context.Context, typ string, ref Ref) (Found, error) {
	if err := c.covers(typ); err != nil {
		return Found{}, err
	}
	key, err := idCoding.DecodeString(string(ref))
	if err != nil || len(key) != len(store.Key{}) {
		return Found{}, errAbsent
	}
	return c.read(ctx, typ, store.Key(key))
}

func (c *Chart) read(ctx context.Context, typ string, key store.Key) (Found, error) {
	tn, err := typeNumber(typ)
	if err != nil {
		return Found{}, err
	}
	var out Found
	err = c.v.st.View(ctx, func(r store.Reader) error {
		row, err := r.Row(ctx, c.row, tn, key)
		if errors.Is(err, store.ErrNotExist) || err == nil && row.Gone {
			return errAbsent
		}
		if err != nil {
			return err
		}
		f, ok, err := c.shows(nil, row)
		if err != nil {
			return err
		}
		if !ok {
			return errAbsent
		}
		out, err = c.fetch(ctx, r, typ, fhir.FacetID(f), row)
		return err
	})
	return out, wrap("read", err)
}

// bodies opens the bodies of hits, in their order.
func (c *Chart) bodies(ctx context.Context, r store.Reader, typ string, hits []hit) ([]Found, error) {
	ids, at := make([]int64, len(hits)), make(map[int64]int, len(hits))
	for i, h := range hits {
		ids[i], at[h.row.Body] = h.row.Body, i
	}
	out := make([]Found, len(hits))
	got := 0
	err := r.Bodies(ctx, ids, func(id int64, sealed []byte) error {
		i := at[id]
		var err error
		out[i], err = c.shown(typ, fhir.FacetID(hits[i].facet), sealed, hits[i].row)
		got++
		return err
	})
	if err == nil && got != len(hits) {
		err = fmt.Errorf("%d of %d bodies are there", got, len(hits))
	}
	return out, err
}

// fetch opens the body of a row.
func (c *Chart) fetch(ctx context.Context, r store.Reader, typ, id string, row store.Row) (Found, error) {
	sealed, err := r.Body(ctx, row.Body)
	if err != nil {
		return Found{}, err
	}
	return c.shown(typ, id, sealed, row)
}

// shown is what this chart shows of a sealed body.
func (c *Chart) shown(typ, id string, sealed []byte, row store.Row) (Found, error) {
	json, err := c.open(sealed, row)
	if err != nil {
		return Found{}, err
	}
	if names, all := c.basis.Elements(typ); !all {
		if json, err = fhir.Only(json, names...); err != nil {
			return Found{}, err
		}
	}
	return found(fhir.Resource{Type: typ, ID: id, JSON: json}, row), nil
}

func found(r fhir.Resource, row store.Row) Found {
	return Found{r, refOf(row.Key), row.Version, time.UnixMilli(row.Time).UTC()}
}

func (c *Chart) open(sealed []byte, row store.Row) ([]byte, error) {
	packed, _, err := c.unseal(nil, c.bodyHalf(), sealed, row)
	if err != nil {
		return nil, err
	}
	return pack.Unpack(nil, packed)
}

// facet opens the search values of a row into buf.
func (c *Chart) facet(buf []byte, row store.Row) ([]byte, error) {
	f, _, err := c.unseal(buf[:0], c.facetHalf(), row.Facet, row)
	return f, err
}

// hides is the contrary of shows, for a row that may be of the past and have no search
// values: then the body says it.
func (c *Chart) hides(ctx context.Context, r store.Reader, row store.Row) (bool, error) {
	if len(row.Facet) > 0 {
		_, ok, err := c.shows(nil, row)
		return err == nil && !ok, err
	}
	if row.Gone || c.opens == label.All && fhir.TypeName(row.Type) != communication {
		return false, nil
	}
	sealed, err := r.Body(ctx, row.Body)
	if err != nil {
		return false, err
	}
	json, err := c.open(sealed, row)
	if errors.Is(err, errShut) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	doc, err := fhir.Parse(json)
	return err == nil && c.closed(doc.Facet(nil)), err
}

// hit is a row whose facet matched.
type hit struct {
	row   store.Row
	facet []byte
}

// Search returns the resources of one type that match, in the query's order. It
// reads the facets of that type in this chart and nothing else: the cost grows
// with one person's chart, and what is not open is not there.
func (c *Chart) Search(ctx context.Context, q *search.Query) ([]Found, error) {
	typ := q.Type()
	err := c.covers(typ)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, p := range q.Params() {
		if !c.basis.Asks(typ, p) {
			return nil, errs.E(errs.Refused, "record: searching %s by %s would tell what is not shown", typ, p)
		}
	}
	tn, err := typeNumber(typ)
	if err != nil {
		return nil, err
	}
	var out []Found
	err = c.v.st.View(ctx, func(r store.Reader) error {
		hits, err := c.scan(ctx, r, tn, q)
		if err != nil {
			return err
		}
		if n := q.Count(); n > 0 && len(hits) > n {
			hits = hits[:n]
		}
		out, err = c.bodies(ctx, r, typ, hits)
		return err
	})
	return out, wrap("search", err)
}

// Find is Search for a page: params alternate names and values, as in
// Find(ctx, "Observation", "code", "85354-9", "_sort", "-date").
func (c *Chart) Find(ctx context.Context, typ string, params ...string) ([]Found, error) {
	v := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		v.Add(params[i], params[i+1])
	}
	q, err := search.Parse(typ, v)
	if err != nil {
		return nil, wrap("find", err)
	}
	return c.Search(ctx, q)
}

func (c *Chart) scan(ctx context.Context, r store.Reader, tn uint16, q *search.Query) ([]hit, error) {
	var hits []hit
	var buf []byte
	err := r.Rows(ctx, c.row, tn, func(row store.Row) error {
		if row.Gone {
			return nil
		}
		f, ok, err := c.shows(buf, row)
		if err != nil || f == nil {
			return err
		}
		buf = f[:cap(f)]
		if ok && q.MatchAt(f, row.Time) {
			row.Facet = nil
			hits = append(hits, hit{row, slices.Clone(f)})
		}
		return nil
	})
	slices.SortStableFunc(hits, func(a, b hit) int { return q.CompareAt(a.facet, b.facet, a.row.Time, b.row.Time) })
	return hits, err
}

// Version is one version of a resource, newest first in a history.
type Version struct {
	Found
	Deleted bool // this version is the deletion; its JSON is empty
}

// History returns every version of a resource, newest first.
func (c *Chart) History(ctx context.Context, typ, id string) ([]Version, error) {
	if err := c.covers(typ); err != nil {
		return nil, err
	}
	tn, err := typeNumber(typ)
	if err != nil {
		return nil, err
	}
	var out []Version
	err = c.v.st.View(ctx, func(r store.Reader) error {
		key := c.keys.Row(typ, id)
		row, err := r.Row(ctx, c.row, tn, key)
		if errors.Is(err, store.ErrNotExist) {
			return errAbsent
		}
		if err != nil {
			return err
		}
		newest := row.Version
		past, err := r.Past(ctx, c.row, tn, key)
		if err != nil {
			return err
		}
		if row.Gone && len(past) > 0 { // a deletion is as private as what it deleted
			if hidden, err := c.hides(ctx, r, past[0]); err != nil || hidden {
				return orElse(err, errAbsent)
			}
		}
		for _, row := range append([]store.Row{row}, past...) {
			if hidden, err := c.hides(ctx, r, row); err != nil || hidden {
				if err != nil {
					return err
				}
				if row.Version == newest {
					return errAbsent
				}
				continue
			}
			v := Version{Found: found(fhir.Resource{Type: typ, ID: id}, row), Deleted: row.Gone}
			if !row.Gone {
				if v.Found, err = c.fetch(ctx, r, typ, id, row); err != nil {
					return err
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, wrap("history", err)
}

// Changed is a resource that came or changed, without its content.
type Changed struct {
	Type, ID string
	Ref      Ref
	Version  int64
	Time     time.Time
}

// Since returns what came or changed in the open parts after t, newest first.
func (c *Chart) Since(ctx context.Context, t time.Time) ([]Changed, error) {
	if c == nil || c.v == nil {
		return nil, errRefused
	}
	var out []Changed
	err := c.v.st.View(ctx, func(r store.Reader) error {
		return r.Since(ctx, c.row, t.UnixMilli(), func(row store.Row) error {
			typ := fhir.TypeName(row.Type)
			if row.Gone || c.parts&policy.PartOf(typ) == 0 {
				return nil
			}
			f, ok, err := c.shows(nil, row)
			if err != nil {
				return err
			}
			if ok {
				out = append(out, Changed{typ, fhir.FacetID(f), refOf(row.Key), row.Version, time.UnixMilli(row.Time).UTC()})
			}
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Changed) int { return b.Time.Compare(a.Time) })
	return out, wrap("since", err)
}

// wrap says what was attempted, and keeps the kind.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("record: %s: %w", what, err)
}
