package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/pack"
	"rapport/record/internal/store"
)

// merge is what a merge keeps to be undone.
type merge struct {
	From, Into fhir.ClientID
	Brought    []thing                      // what Into's chart was given
	Added      map[string][]json.RawMessage // elements that Into's person was given
	Was        int64                        // the version of From's person before
	Moved      moved                        // accounts and helpers
}

// thing is one resource at one version.
type thing struct {
	Type, ID string
	Version  int64
}

// Merge makes one chart of the two of a double: all that is in the other chart is
// copied into the one that is kept, sealed anew under its key, with references to
// the person and to what was renamed following. The other chart is from then on not
// there, for anybody. It is one act, all or nothing, with a line in both chains, and
// Undo takes it back. It is for who vouches, who reads nothing of either chart.
//
// If both have a way in, or both have helpers, or one looks after the other, it is
// refused with an errs.Conflict that says which.
func (d *Directory) Merge(ctx context.Context, id string, keep fhir.ClientID) error {
	if d == nil || d.v == nil || d.why != Vouching {
		return errRefused
	}
	m := &merging{d: d, id: id, keep: keep}
	if _, err := d.v.commit(ctx, deed{act: "merge", plan: m.plan, also: m.also}); err != nil {
		return wrap("merge", err)
	}
	_, err := d.v.propose(ctx, d.who, d.why, d.basis, []fhir.ClientID{keep}) // there is more to compare now
	return wrap("merge", err)
}

// merging is a merge under way.
type merging struct {
	d          *Directory
	id         string
	keep       fhir.ClientID
	key        []byte
	kept       kept
	from, into *Chart
	seen       [32]byte // what was in from
	merge      merge
}

// inner opens a whole chart for a merge or its undoing. It never leaves this package,
// and its line is the merge's.
func (d *Directory) inner(ctx context.Context, c fhir.ClientID) (*Chart, error) {
	pid, ok := pidOf(c)
	if !ok {
		return nil, errAbsent
	}
	row, here := d.v.people.row(c)
	if a, away := d.v.people.merged(c); away {
		row, here = a.row, true
	}
	if !here {
		return nil, errAbsent
	}
	keys, err := d.v.ring.Client(ctx, pid)
	if err != nil {
		return nil, err
	}
	return &Chart{v: d.v, who: d.who, why: d.why, client: c, pid: pid, row: row, keys: keys, basis: d.basis,
		asked: AllParts, parts: AllParts, writes: AllParts, opens: label.All, inside: true}, nil
}

// known returns what is known of a chart's person, merged or not.
func (c *Chart) known() *Card {
	card, here := c.v.people.card(c.client)
	if a, away := c.v.people.merged(c.client); !here && away {
		card = *a.card
	}
	return &card
}

// plan works out what is written to both charts.
func (m *merging) plan(ctx context.Context, r store.Reader) ([]Write, error) {
	var err error
	if m.kept, m.key, err = m.d.v.double(ctx, r, m.id); err != nil {
		return nil, err
	}
	if m.kept.State != DoubleOpen {
		return nil, errDecided
	}
	other := m.kept.A
	switch m.keep {
	case m.kept.A:
		other = m.kept.B
	case m.kept.B:
	default:
		return nil, errs.E(errs.Invalid, "record: neither of the two is to be kept")
	}
	for _, c := range []fhir.ClientID{m.kept.A, m.kept.B} {
		if _, ok := m.d.v.people.row(c); !ok {
			return nil, errDecided // one of them was merged elsewhere
		}
	}
	if m.from, err = m.d.inner(ctx, other); err != nil {
		return nil, err
	}
	if m.into, err = m.d.inner(ctx, m.keep); err != nil {
		return nil, err
	}
	m.from.moves, m.from.into = true, m.keep
	m.merge = merge{From: other, Into: m.keep, Added: map[string][]json.RawMessage{}}
	brought, err := m.copies(ctx, r)
	if err != nil {
		return nil, err
	}
	mine, theirs, err := m.persons(ctx, r)
	if err != nil {
		return nil, err
	}
	said, err := m.provenance(brought)
	if err != nil {
		return nil, err
	}
	brought = append(brought, Change{Resource: said})
	for _, x := range brought {
		m.merge.Brought = append(m.merge.Brought, thing{x.Type, x.ID, 1})
	}
	return []Write{{m.from, []Change{theirs}}, {m.into, append(brought, mine)}}, nil
}

// held is one resource of a chart as a merge sees it.
type held struct {
	typ, id string
	row     store.Row
	labels  Labels
}

// all returns the resources of a chart, and a digest of what is there.
func (c *Chart) all(ctx context.Context, r store.Reader) (out []held, seen [32]byte, err error) {
	sum := sha256.New()
	err = r.Since(ctx, c.row, -1<<62, func(row store.Row) error {
		sum.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint16(slices.Clone(row.Key[:]), row.Type), uint64(row.Version))) //nolint:gosec // versions count up from 1
		if row.Gone {
			return nil
		}
		f, l, err := c.unseal(nil, c.facetHalf(), row.Facet, row)
		if errors.Is(err, errShut) { // of a compartment whose key is destroyed: there is nothing to bring
			return nil
		}
		if err != nil {
			return err
		}
		row.Facet = nil
		out = append(out, held{fhir.TypeName(row.Type), fhir.FacetID(f), row, l})
		return nil
	})
	sum.Sum(seen[:0])
	slices.SortFunc(out, func(a, b held) int { return bytes.Compare(a.row.Key[:], b.row.Key[:]) })
	return out, seen, err
}

// copies returns what is in the chart that goes, as it will be in the one that stays.
func (m *merging) copies(ctx context.Context, r store.Reader) ([]Change, error) {
	all, seen, err := m.from.all(ctx, r)
	if err != nil {
		return nil, err
	}
	m.seen = seen
	renamed := map[string]string{"Patient/" + m.from.known().Person: "Patient/" + m.into.known().Person}
	ids := make([]string, len(all))
	for i, h := range all {
		if ids[i], err = m.name(ctx, r, h); err != nil {
			return nil, err
		}
		if ids[i] != h.id {
			renamed[h.typ+"/"+h.id] = h.typ + "/" + ids[i]
		}
	}
	var out []Change
	for i, h := range all {
		if h.typ == "Patient" {
			continue
		}
		sealed, err := r.Body(ctx, h.row.Body)
		if err != nil {
			return nil, err
		}
		body, err := m.from.open(sealed, h.row)
		if err != nil {
			return nil, err
		}
		doc, err := fhir.Parse(body)
		if err != nil {
			return nil, err
		}
		body = doc.Rewrite(func(ref string) (string, bool) {
			typ, id := fhir.SplitReference(ref)
			// another server's resource may have the same id; a person's is theirs wherever it is kept
			if typ != "Patient" && !relative(ref, typ) {
				return "", false
			}
			to, ok := renamed[typ+"/"+id]
			return to, ok
		})
		if ids[i] != h.id {
			body = fhir.WithID(body, ids[i])
		}
		out = append(out, Change{Resource: fhir.Resource{Type: h.typ, ID: ids[i], JSON: body}, was: h.labels})
	}
	return out, nil
}

func relative(ref, typ string) bool { return len(ref) > len(typ) && ref[:len(typ)] == typ }

// name returns the id something has in the chart that stays: its own, or another if
// anything there has or had it.
func (m *merging) name(ctx context.Context, r store.Reader, h held) (string, error) {
	if h.typ == "Patient" {
		return h.id, nil
	}
	_, err := r.Row(ctx, m.into.row, h.row.Type, m.into.keys.Row(h.typ, h.id))
	if errors.Is(err, store.ErrNotExist) {
		return h.id, nil
	}
	if err != nil {
		return "", err
	}
	return m.d.v.newID()
}

// now reads the newest version of a chart's person.
func (c *Chart) now(ctx context.Context, r store.Reader) (*fhir.Doc, store.Row, error) {
	tn, err := typeNumber("Patient")
	if err != nil {
		return nil, store.Row{}, err
	}
	row, err := r.Row(ctx, c.row, tn, c.keys.Row("Patient", c.known().Person))
	if err != nil {
		return nil, row, err
	}
	doc, err := c.docOf(ctx, r, row)
	return doc, row, err
}

func (c *Chart) docOf(ctx context.Context, r store.Reader, row store.Row) (*fhir.Doc, error) {
	sealed, err := r.Body(ctx, row.Body)
	if err != nil {
		return nil, err
	}
	body, err := c.open(sealed, row)
	if err != nil {
		return nil, err
	}
	return fhir.Parse(body)
}

// also does what a merge does beside the charts' rows, once nothing has changed since
// it was planned.
func (m *merging) also(ctx context.Context, tx store.Tx, planned bool) error {
	v := m.d.v
	if planned {
		k, _, err := v.double(ctx, tx, m.id)
		if err != nil {
			return err
		}
		if k.State != DoubleOpen {
			return errDecided
		}
		if _, seen, err := m.from.all(ctx, tx); err != nil || seen != m.seen {
			return orElse(err, store.ErrVersion)
		}
	}
	for _, c := range []fhir.ClientID{m.merge.From, m.merge.Into} {
		if v.people.left(tx, c) {
			return store.ErrVersion
		}
	}
	v.people.leave(tx, m.merge.From)
	var err error
	if m.merge.Moved, err = v.move(ctx, tx, m.merge.From, m.merge.Into); err != nil {
		return err
	}
	k := m.kept
	k.State, k.By, k.At, k.Kept, k.Merge = DoubleMerged, m.d.who.Name(), v.now.Now().UTC(), m.keep, &m.merge
	return v.put(ctx, tx, store.Doubles, m.key, time.Time{}, &k)
}

// provenanceOf bounds one Provenance; see pack.Max.
const provenanceOf = pack.Max / 256

// provenance says in the chart itself what came from where, and by whose word.
func (m *merging) provenance(brought []Change) (fhir.Resource, error) {
	id, err := m.d.v.newID()
	targets := []string{"Patient/" + m.into.known().Person}
	for _, x := range brought[:min(len(brought), provenanceOf)] {
		targets = append(targets, x.Type+"/"+x.ID)
	}
	return fhir.Resource{Type: "Provenance", ID: id, JSON: provenanceOfMerge(id, m.d.v.now.Now(), targets, "Patient/"+m.from.known().Person, m.d.who)}, err
}
