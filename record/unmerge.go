package record

import (
	"context"
	"errors"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Undone is what undoing a merge did.
type Undone struct {
	Removed int   // resources taken out of the chart that was kept
	Stayed  int   // of those brought, how many stay because somebody changed them since
	Parts   Parts // what those are; Person if the person's own data was changed
}

// errLaterFirst is for a merge whose outcome was merged again.
var errLaterFirst = errs.Say(errs.E(errs.Conflict, "record: the chart that was kept was merged again"), "doubles.later_first")

// Undo takes a merge back: what it brought and nobody changed since leaves the chart
// that was kept, and the other chart is there again as it was, with its account and
// helpers. What somebody changed since stays where it is, and is counted. Of a pair
// that was said to be two people it takes that back. Either way the pair is open
// again. It is for who vouches.
//
// If the chart that was kept was itself merged into a third since, or another account
// became one with its own, that merge is undone first: errs.Conflict.
func (d *Directory) Undo(ctx context.Context, id string) (Undone, error) {
	if d == nil || d.v == nil || d.why != Vouching {
		return Undone{}, errRefused
	}
	x, err := d.Double(ctx, id)
	if err != nil {
		return Undone{}, wrap("undo", err)
	}
	if x.State != DoubleMerged {
		return Undone{}, d.decide(ctx, id, "together", func(k *kept) error {
			if k.State != DoubleApart {
				return errDecided
			}
			k.State, k.By, k.At = DoubleOpen, "", d.v.now.Now().UTC()
			return nil
		})
	}
	u := &undoing{d: d, id: id}
	if _, err := d.v.commit(ctx, deed{act: "unmerge", plan: u.plan, also: u.also}); err != nil {
		return Undone{}, wrap("undo", err)
	}
	return u.done, nil
}

// undoing is a merge being undone.
type undoing struct {
	d    *Directory
	id   string
	key  []byte
	kept kept
	done Undone
}

// plan works out what is written to both charts.
func (u *undoing) plan(ctx context.Context, r store.Reader) ([]Write, error) {
	v := u.d.v
	var err error
	if u.kept, u.key, err = v.double(ctx, r, u.id); err != nil {
		return nil, err
	}
	m := u.kept.Merge
	if u.kept.State != DoubleMerged || m == nil {
		return nil, errDecided
	}
	if _, here := v.people.row(m.Into); !here {
		return nil, errLaterFirst
	}
	if _, away := v.people.merged(m.From); !away {
		return nil, errDecided
	}
	if later, err := v.accountSince(ctx, r, u.kept); err != nil || later {
		return nil, orElse(err, errLaterFirst)
	}
	from, err := u.d.inner(ctx, m.From)
	if err != nil {
		return nil, err
	}
	into, err := u.d.inner(ctx, m.Into)
	if err != nil {
		return nil, err
	}
	from.moves = true
	u.done = Undone{}
	out, err := u.removals(ctx, r, into)
	if err != nil {
		return nil, err
	}
	mine, err := u.person(ctx, r, into)
	if err != nil {
		return nil, err
	}
	theirs, err := from.earlier(ctx, r, m.Was)
	if err != nil {
		return nil, err
	}
	return []Write{{from, []Change{theirs}}, {into, append(out, mine)}}, nil
}

// removals deletes what was brought and is still as it was.
func (u *undoing) removals(ctx context.Context, r store.Reader, into *Chart) ([]Change, error) {
	var out []Change
	for _, x := range u.kept.Merge.Brought {
		tn, err := typeNumber(x.Type)
		if err != nil {
			return nil, err
		}
		row, err := r.Row(ctx, into.row, tn, into.keys.Row(x.Type, x.ID))
		switch {
		case errors.Is(err, store.ErrNotExist) || err == nil && row.Gone:
			continue
		case err != nil:
			return nil, err
		case row.Version != x.Version:
			u.done.Stayed++
			u.done.Parts |= policy.PartOf(x.Type)
			continue
		}
		u.done.Removed++
		out = append(out, Change{Resource: fhir.Resource{Type: x.Type, ID: x.ID}, Delete: true, IfVersion: x.Version})
	}
	return out, nil
}

// person takes back what the person was given.
func (u *undoing) person(ctx context.Context, r store.Reader, into *Chart) (Change, error) {
	doc, _, err := into.now(ctx, r)
	if err != nil {
		return Change{}, err
	}
	body, whole, err := taken(doc, u.kept.Merge.Added)
	if !whole {
		u.done.Parts |= Person
	}
	return Change{Resource: fhir.Resource{Type: "Patient", ID: doc.ID(), JSON: body}}, err
}

// earlier returns a chart's person as they were at a version.
func (c *Chart) earlier(ctx context.Context, r store.Reader, version int64) (Change, error) {
	doc, row, err := c.now(ctx, r)
	if err != nil {
		return Change{}, err
	}
	past, err := r.Past(ctx, c.row, row.Type, row.Key)
	if err != nil {
		return Change{}, err
	}
	for _, p := range past {
		if p.Version == version {
			doc, err = c.docOf(ctx, r, p)
			break
		}
	}
	if err != nil {
		return Change{}, err
	}
	return Change{Resource: fhir.Resource{Type: "Patient", ID: doc.ID(), JSON: doc.Compact()}}, nil
}

// accountSince reports that after a merge another account became one with the chart's:
// what was whose is known of the newest only.
func (v *Vault) accountSince(ctx context.Context, r store.Reader, k kept) (later bool, err error) {
	if !k.Merge.Moved.Account {
		return false, nil
	}
	return later, r.Objects(ctx, store.Doubles, func(o store.Object) error {
		var x kept
		err := v.unpack(store.Doubles, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &x)
		later = later || x.State == DoubleMerged && x.Merge != nil && x.Merge.Into == k.Merge.Into && x.Merge.Moved.Account && x.At.After(k.At)
		return err
	})
}

// also does what an undoing does beside the charts' rows.
func (u *undoing) also(ctx context.Context, tx store.Tx, planned bool) error {
	v, m := u.d.v, u.kept.Merge
	if planned {
		k, _, err := v.double(ctx, tx, u.id)
		if err != nil {
			return err
		}
		if k.State != DoubleMerged {
			return errDecided
		}
	}
	for _, c := range []fhir.ClientID{m.From, m.Into} {
		if v.people.left(tx, c) {
			return store.ErrVersion
		}
	}
	if err := u.stays(ctx, tx); err != nil {
		return err
	}
	v.people.leave(tx, m.From)
	if err := v.moveBack(ctx, tx, m.Moved, m.From, m.Into); err != nil {
		return err
	}
	k := u.kept
	k.State, k.By, k.Kept, k.At, k.Merge = DoubleOpen, "", "", v.now.Now().UTC(), nil
	return v.put(ctx, tx, store.Doubles, u.key, time.Time{}, &k)
}
