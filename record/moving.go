package record

import (
	"context"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// moved is what went with a chart into another beside what is in it.
type moved struct {
	Account bool            // there was one
	Was     *account.Access `json:",omitempty"` // the account
	Held    *account.Access `json:",omitempty"` // the other's, nil if it had none
	Caring  []fhir.ClientID // whom the account looked after
	Grants  []string        // ids of who may act for the client
}

// What a merge is refused for. Staff mend it first: they know who the person is.
var (
	errBothKeys    = errs.Say(errs.E(errs.Conflict, "record: both have a way in"), "joining.both_keys")
	errBothHelpers = errs.Say(errs.E(errs.Conflict, "record: both have helpers, and not the same"), "joining.both_helpers")
	errTied        = errs.Say(errs.E(errs.Conflict, "record: one looks after the other"), "joining.tied")
)

func asClient(c fhir.ClientID) account.Subject {
	return account.Subject{Kind: account.Client, ID: string(c)}
}

// comesIn reports that an account has a way in.
func comesIn(a *account.Access) bool { return a != nil && !a.Moved && !a.Locked() }

// move gives one client's way in, and who may act for them, to another.
func (v *Vault) move(ctx context.Context, tx store.Tx, from, to fhir.ClientID) (moved, error) {
	var m moved
	was, err := v.accessOf(ctx, tx, asClient(from))
	if err != nil {
		return m, err
	}
	has, err := v.accessOf(ctx, tx, asClient(to))
	if err != nil {
		return m, err
	}
	if comesIn(was) && comesIn(has) {
		return m, errBothKeys
	}
	if err := v.apart(ctx, tx, from, to); err != nil {
		return m, err
	}
	if err := v.moveAsked(ctx, tx, from, to); err != nil {
		return m, err
	}
	if m.Grants, err = v.moveCircle(ctx, tx, from, to, nil); err != nil || was == nil || was.Moved {
		return m, err
	}
	looks, err := v.caringOf(ctx, tx, asClient(from))
	if err != nil {
		return m, err
	}
	m.Account, m.Was, m.Held, m.Caring = true, was, has, looks.Clients
	if err := v.become(ctx, tx, asClient(from), asClient(to)); err != nil || !comesIn(has) {
		return m, err
	}
	return m, v.tellAccount(ctx, tx, asClient(to), account.LetterKeyAdded, "/account") // of the other's addresses
}

// moveAsked makes what one client handed in count for the other, whose answers they are
// from now on.
func (v *Vault) moveAsked(ctx context.Context, tx store.Tx, from, to fhir.ClientID) error {
	was, err := v.askedOf(ctx, tx, from)
	if err != nil || len(was.Forms)+len(was.Staff) == 0 {
		return err
	}
	has, err := v.askedOf(ctx, tx, to)
	if err != nil {
		return err
	}
	for url, f := range was.Forms {
		if x, ok := has.Forms[url]; !ok || x.Done.Before(f.Done) {
			has.Forms[url] = f
		}
	}
	for url, a := range was.Staff {
		if _, ok := has.Staff[url]; !ok && !has.Forms[url].Done.After(a.At) {
			has.Staff[url] = a
		}
	}
	return v.putAsked(ctx, tx, to, has)
}

// apart refuses a merge of two who are tied to one another.
func (v *Vault) apart(ctx context.Context, tx store.Tx, a, b fhir.ClientID) error {
	for _, x := range [][2]fhir.ClientID{{a, b}, {b, a}} {
		all, err := v.circleOf(ctx, tx, x[0])
		if err != nil {
			return err
		}
		if slices.ContainsFunc(v.living(all.Grants), func(g Grant) bool { return g.Who == asClient(x[1]) }) {
			return errTied
		}
	}
	return nil
}

// moveCircle makes those who may act for one client act for another. Helpers that the
// other has already are not moved; if the other has others, it is refused. Told which
// grants, it moves those and refuses nothing.
func (v *Vault) moveCircle(ctx context.Context, tx store.Tx, from, to fhir.ClientID, which []string) ([]string, error) {
	mine, err := v.circleOf(ctx, tx, from)
	if err != nil {
		return nil, err
	}
	theirs, err := v.circleOf(ctx, tx, to)
	if err != nil {
		return nil, err
	}
	mine.Grants, theirs.Grants = v.living(mine.Grants), v.living(theirs.Grants)
	if which == nil {
		fresh := slices.ContainsFunc(mine.Grants, func(g Grant) bool {
			return g.Open() || !slices.ContainsFunc(theirs.Grants, func(t Grant) bool { return t.Who == g.Who && t.Tie == g.Tie })
		})
		if !fresh {
			return nil, nil
		}
		if len(theirs.Grants) > 0 {
			return nil, errBothHelpers
		}
	}
	var stay, gone []Grant
	var ids []string
	for _, g := range mine.Grants {
		if which != nil && !slices.Contains(which, g.ID) {
			stay = append(stay, g)
			continue
		}
		gone, ids = append(gone, g), append(ids, g.ID)
	}
	theirs.Grants = append(theirs.Grants, gone...)
	if err := v.putCircle(ctx, tx, to, theirs); err != nil {
		return nil, err
	}
	if err := v.putCircle(ctx, tx, from, circle{stay}); err != nil {
		return nil, err
	}
	for _, g := range gone {
		if err := v.follow(ctx, tx, g, from, to, stay); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// follow makes the other end of a grant that moved say so too: the link of one who is
// asked, or whom the helper looks after.
func (v *Vault) follow(ctx context.Context, tx store.Tx, g Grant, from, to fhir.ClientID, stay []Grant) error {
	if g.Open() {
		var l account.Link
		err := v.get(ctx, tx, store.Links, g.Link[:], &l)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		l.Of = string(to)
		return v.put(ctx, tx, store.Links, g.Link[:], l.Ends, &l)
	}
	x, err := v.caringOf(ctx, tx, g.Who)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(stay, func(s Grant) bool { return s.Who == g.Who }) {
		x.Clients = slices.DeleteFunc(x.Clients, func(c fhir.ClientID) bool { return c == from })
	}
	if !slices.Contains(x.Clients, to) {
		x.Clients = append(x.Clients, to)
	}
	return v.put(ctx, tx, store.Caring, v.caringKey(g.Who), time.Time{}, &x)
}

// moveBack undoes move, of what has not ended since.
func (v *Vault) moveBack(ctx context.Context, tx store.Tx, m moved, from, to fhir.ClientID) error {
	if len(m.Grants) > 0 {
		if _, err := v.moveCircle(ctx, tx, to, from, m.Grants); err != nil {
			return err
		}
	}
	if !m.Account {
		return nil
	}
	some := m.Caring
	if some == nil {
		some = []fhir.ClientID{} // none, not all
	}
	if err := v.moveCaring(ctx, tx, asClient(to), asClient(from), some); err != nil {
		return err
	}
	return v.split(ctx, tx, m, asClient(from), asClient(to))
}
