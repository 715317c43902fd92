package record

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/keyring"
	"rapport/record/internal/pack"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// What lies in a compartment is sealed twice: inside under the compartment's own key, or
// under all of them at once if it lies in several, and outside under the chart's, as
// everything is. From outside nobody can tell the two kinds apart. Which compartments
// stands between the two seals, so that whoever holds the chart's key alone learns that
// something is closed, and nothing of it.

// Labels are the compartments a resource lies in, and by whose word.
type Labels struct {
	In     label.Set // all of them
	Client label.Set // those the client put it in
	Lifted label.Set // those the client took it out of
	Staff  label.Set // those staff put it in, outside the resource itself
}

const (
	halfClosedBody  = 'B'
	halfClosedFacet = 'F'
	labelsSize      = 8
)

// errShut is for what lies in a compartment that is not open.
var errShut = errors.New("record: it lies in a compartment that is closed")

// errKeyless is for what lies in a compartment whose key was destroyed.
var errKeyless = errs.E(errs.Gone, "record: the key of a compartment is destroyed")

func (l Labels) append(b []byte) []byte {
	for _, s := range []label.Set{l.In, l.Client, l.Lifted, l.Staff} {
		b = binary.BigEndian.AppendUint16(b, uint16(s))
	}
	return b
}

func readLabels(b []byte) Labels {
	at := func(i int) label.Set { return label.Set(binary.BigEndian.Uint16(b[2*i:])) }
	return Labels{at(0), at(1), at(2), at(3)}
}

// halves says how one half of a resource is sealed.
type halves struct {
	open, closed byte
	outer        seal.Box
	inner        func(keyring.Compartment) seal.Box
}

func (c *Chart) bodyHalf() halves {
	return halves{halfBody, halfClosedBody, c.keys.Body, func(k keyring.Compartment) seal.Box { return k.Body }}
}

func (c *Chart) facetHalf() halves {
	return halves{halfFacet, halfClosedFacet, c.keys.Facet, func(k keyring.Compartment) seal.Box { return k.Facet }}
}

// seal seals one half of a resource for the compartments it lies in.
func (c *Chart) seal(h halves, plain []byte, l Labels, typ uint16, key store.Key, version int64) ([]byte, error) {
	if l == (Labels{}) {
		return h.outer.Seal(nil, seal.Pad(nil, plain), c.place(typ, key, version, h.open)), nil
	}
	place := c.place(typ, key, version, h.closed)
	inside := l.append(make([]byte, 0, labelsSize+seal.Overhead+len(plain)+64))
	if l.In == 0 { // taken out of all it would lie in
		inside = append(inside, plain...)
	} else {
		k, ok := c.keys.Closed(uint16(l.In))
		if !ok {
			return nil, errKeyless
		}
		inside = h.inner(k).Seal(inside, plain, place)
	}
	return h.outer.Seal(nil, seal.Pad(nil, inside), place), nil
}

// unseal appends to buf what seal sealed; errShut if it lies in a compartment this chart does not
// open, and then the labels are told all the same.
func (c *Chart) unseal(buf []byte, h halves, sealed []byte, row store.Row) ([]byte, Labels, error) {
	padded, err := h.outer.Open(buf, sealed, c.place(row.Type, row.Key, row.Version, h.open))
	if err == nil {
		plain, err := seal.Unpad(padded[len(buf):])
		return plain, Labels{}, err
	}
	place := c.place(row.Type, row.Key, row.Version, h.closed)
	if padded, err = h.outer.Open(nil, sealed, place); err != nil {
		return nil, Labels{}, err
	}
	inside, err := seal.Unpad(padded)
	if err != nil || len(inside) < labelsSize {
		return nil, Labels{}, errors.Join(err, errs.E(errs.Internal, "record: labels are cut short"))
	}
	l := readLabels(inside)
	switch inside = inside[labelsSize:]; {
	case l.In == 0:
		return inside, l, nil
	case l.In&^c.opens != 0:
		return nil, l, errShut
	}
	k, ok := c.keys.Closed(uint16(l.In))
	if !ok {
		return nil, l, errShut // destroyed: nobody reads it again
	}
	plain, err := h.inner(k).Open(nil, inside, place)
	if err != nil && c.keys.Lost(uint16(l.In)) {
		err = errShut // as above: the compartment was emptied since, and has another key
	}
	return plain, l, err
}

// shows opens the search values of a row into buf; false if what they are of is not for
// whoever opened this chart: it lies in a compartment that is closed to them, or was
// written to others.
func (c *Chart) shows(buf []byte, row store.Row) ([]byte, bool, error) {
	f, _, err := c.unseal(buf[:0], c.facetHalf(), row.Facet, row)
	if errors.Is(err, errShut) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return f, !c.closed(f), nil
}

// closed reports that what a facet is of is not for whoever opened this chart, by what it
// says itself.
func (c *Chart) closed(f []byte) bool {
	if c.notFor(f) {
		return true
	}
	return c.opens != label.All && label.FacetMarked(f)&^c.opens != 0 && !isSealedThread(f) // of that, whom it is for was just said
}

// whole is this chart for an act of this package that looks at what its opener may not
// see, and says nothing of it.
func (c *Chart) whole() *Chart {
	x := *c
	x.opens = label.All
	return &x
}

// labels returns the compartments that a stored resource lies in.
func (c *Chart) labels(row store.Row) (Labels, error) {
	f, l, err := c.whole().unseal(nil, c.facetHalf(), row.Facet, row)
	if errors.Is(err, errShut) { // its key is destroyed
		return l, nil
	}
	if err == nil && l == (Labels{}) { // written before compartments had keys
		l.In = label.FacetMarked(f)
	}
	return l, err
}

// relabel is a resource that is sealed anew, for other compartments. Its content and its
// version stay.
type relabel struct {
	row    store.Row
	facet  []byte
	bodies map[int64][]byte
}

// relabeled prepares that a stored resource, all its versions, lies in other compartments.
func (c *Chart) relabeled(ctx context.Context, r store.Reader, row store.Row, to Labels) (relabel, error) {
	out, in := relabel{row: row, bodies: map[int64][]byte{}}, c.whole()
	f, _, err := in.unseal(nil, in.facetHalf(), row.Facet, row)
	if err != nil {
		return out, err
	}
	if out.facet, err = c.seal(c.facetHalf(), f, to, row.Type, row.Key, row.Version); err != nil {
		return out, err
	}
	past, err := r.Past(ctx, c.row, row.Type, row.Key)
	if err != nil {
		return out, err
	}
	for _, x := range append(past, row) {
		if x.Gone {
			continue
		}
		sealed, err := r.Body(ctx, x.Body)
		if err != nil {
			return out, err
		}
		b, _, err := in.unseal(nil, in.bodyHalf(), sealed, x)
		if err != nil {
			return out, err
		}
		if out.bodies[x.Body], err = c.seal(c.bodyHalf(), b, to, x.Type, x.Key, x.Version); err != nil {
			return out, err
		}
	}
	return out, nil
}

// write puts what was sealed anew in the place of the old.
func (x relabel) write(ctx context.Context, tx store.Tx, c store.Client) error {
	if x.facet != nil {
		if err := tx.Refacet(ctx, c, x.row, x.facet); err != nil {
			return err
		}
	}
	ids := make([]int64, 0, len(x.bodies))
	for id := range x.bodies {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := tx.Reseal(ctx, id, x.bodies[id]); err != nil {
			return err
		}
	}
	return nil
}

// packed is a document as it is sealed.
func packed(d *fhir.Doc) []byte { return pack.Pack(nil, d.Compact()) }
