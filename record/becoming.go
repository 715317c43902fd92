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

func (v *Vault) accessKey(s account.Subject) []byte {
	return v.Key("access", s.Kind.String()+" "+s.ID)
}

// become makes one account of two: of a guest's and a client's, or of two charts' when
// one is merged into the other. Only one of them has a way in, and keeps it; it is the
// second's from then on, with the addresses of both and with whom both look after.
// Everybody comes in again, and what the practice handed out for either is void.
func (v *Vault) become(ctx context.Context, tx store.Tx, from, to account.Subject) error {
	a, err := v.accessOf(ctx, tx, from)
	if err != nil {
		return err
	}
	if a == nil || a.Moved {
		return errAbsent
	}
	old, err := v.accessOf(ctx, tx, to)
	if err != nil || comesIn(a) && comesIn(old) {
		return orElse(err, errTaken)
	}
	if old == nil || old.Moved {
		old = &account.Access{}
	}
	one := *a
	if comesIn(old) {
		one = *old
	}
	if len(one.Handle) == 0 && !comesIn(old) { // what their passkeys call them, as long as there is one of them
		one.Handle = v.accessKey(from)
	}
	one.Subject, one.Sessions, one.Name, one.Mails = to, nil, "", slices.Clone(one.Mails)
	for _, m := range slices.Concat(a.Mails, old.Mails) {
		if !hasMail(one.Mails, m) {
			one.Mails = append(one.Mails, m)
		}
	}
	for _, h := range slices.Concat(a.Sessions, old.Sessions) {
		if err := tx.DropObject(ctx, store.Sessions, h[:]); err != nil {
			return err
		}
	}
	for _, s := range []account.Subject{from, to} {
		if err := v.dropLinks(ctx, tx, s, handedOut); err != nil {
			return err
		}
	}
	if err := v.putAccess(ctx, tx, from, a.Mails, &account.Access{Subject: to, Moved: true}); err != nil {
		return err
	}
	if err := v.putAccess(ctx, tx, to, old.Mails, &one); err != nil {
		return err
	}
	if err := v.moveCaring(ctx, tx, from, to, nil); err != nil {
		return err
	}
	return tx.DropObject(ctx, store.Waiting, v.Key("waiting", from.ID))
}

// handedOut is what the practice gave somebody to come in by.
func handedOut(l account.Link) bool {
	return (l.For == account.ToEnrol || l.For == account.ToGetBack) && l.Uses == account.Once
}

// split makes two accounts again of what become made one. Whoever brought the way in
// has it, with what was added to it since; the other has what it had, but for addresses
// that were removed meanwhile. Everybody comes in again, and no calendar is read on: who
// made its link while they were one may be the other.
func (v *Vault) split(ctx context.Context, tx store.Tx, m moved, from, to account.Subject) error {
	now, err := v.accessOf(ctx, tx, to)
	if err != nil {
		return err
	}
	if now == nil || now.Moved {
		return errLaterFirst
	}
	for _, h := range now.Sessions {
		if err := tx.DropObject(ctx, store.Sessions, h[:]); err != nil {
			return err
		}
	}
	for _, s := range []account.Subject{from, to} {
		if err := v.dropLinks(ctx, tx, s, isFeed); err != nil {
			return err
		}
	}
	keeper, own, other := *now, m.Was.Mails, m.Held
	if comesIn(m.Held) {
		own, other = m.Held.Mails, m.Was
	}
	if other != nil {
		other.Sessions = nil
		other.Mails = slices.DeleteFunc(slices.Clone(other.Mails), func(x account.Mail) bool { return !hasMail(now.Mails, x) })
		keeper.Mails = slices.DeleteFunc(slices.Clone(now.Mails), func(x account.Mail) bool { return hasMail(other.Mails, x) && !hasMail(own, x) })
	}
	keeper.Sessions = nil
	goes, stays := &keeper, other
	if comesIn(m.Held) {
		goes, stays = other, &keeper
	}
	goes.Subject = from
	if err := v.putAccess(ctx, tx, to, now.Mails, stays); err != nil {
		return err
	}
	return v.putAccess(ctx, tx, from, nil, goes)
}

func hasMail(ms []account.Mail, x account.Mail) bool {
	return slices.ContainsFunc(ms, func(m account.Mail) bool { return account.SameMail(m.Address) == account.SameMail(x.Address) })
}

// putAccess keeps an account, nil for none any more, and makes it found by the addresses it
// has, and not by others that it had.
func (v *Vault) putAccess(ctx context.Context, tx store.Tx, s account.Subject, had []account.Mail, a *account.Access) error {
	found := map[string]bool{} // keys of the index: whether s is there
	for _, m := range had {
		found[string(v.Key("mail", account.SameMail(m.Address)))] = false
		found[string(v.Key("mailbox", account.Mailbox(m.Address)))] = false
	}
	key := v.accessKey(s)
	if a == nil {
		if err := tx.DropObject(ctx, store.Access, key); err != nil {
			return err
		}
	} else {
		for _, m := range a.Mails {
			found[string(v.Key("mail", account.SameMail(m.Address)))] = true
			found[string(v.Key("mailbox", account.Mailbox(m.Address)))] = true
		}
		if err := v.put(ctx, tx, store.Access, key, time.Time{}, a); err != nil {
			return err
		}
	}
	for key, here := range found {
		var whose []account.Subject
		if err := v.get(ctx, tx, store.Contacts, []byte(key), &whose); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		whose = slices.DeleteFunc(whose, func(x account.Subject) bool { return x == s })
		if here {
			whose = append(whose, s)
		}
		if err := v.put(ctx, tx, store.Contacts, []byte(key), time.Time{}, &whose); err != nil {
			return err
		}
	}
	return nil
}

// moveCaring makes whom one account looks after another's: all of them, or some.
func (v *Vault) moveCaring(ctx context.Context, tx store.Tx, from, to account.Subject, some []fhir.ClientID) error {
	mine, err := v.caringOf(ctx, tx, from)
	if err != nil || len(mine.Clients) == 0 {
		return err
	}
	theirs, err := v.caringOf(ctx, tx, to)
	if err != nil {
		return err
	}
	var stay []fhir.ClientID
	for _, c := range mine.Clients {
		if some != nil && !slices.Contains(some, c) {
			stay = append(stay, c)
			continue
		}
		theirs.Clients = append(theirs.Clients, c)
		if err := v.regrant(ctx, tx, c, from, to); err != nil {
			return err
		}
	}
	theirs.Clients = slices.DeleteFunc(theirs.Clients, func(c fhir.ClientID) bool { return string(c) == to.ID })
	slices.Sort(theirs.Clients)
	theirs.Clients = slices.Compact(theirs.Clients)
	if err := v.put(ctx, tx, store.Caring, v.caringKey(to), time.Time{}, &theirs); err != nil {
		return err
	}
	if len(stay) > 0 {
		return v.put(ctx, tx, store.Caring, v.caringKey(from), time.Time{}, &caring{stay})
	}
	return tx.DropObject(ctx, store.Caring, v.caringKey(from))
}

// regrant makes what one account may do for a client another's. Nobody looks
// after themselves.
func (v *Vault) regrant(ctx context.Context, tx store.Tx, c fhir.ClientID, from, to account.Subject) error {
	all, err := v.circleOf(ctx, tx, c)
	if err != nil {
		return err
	}
	for i := range all.Grants {
		if all.Grants[i].Who == from {
			all.Grants[i].Who = to
		}
	}
	if string(c) == to.ID {
		all.Grants = slices.DeleteFunc(all.Grants, func(g Grant) bool { return g.Who == to })
	}
	return v.putCircle(ctx, tx, c, all)
}
