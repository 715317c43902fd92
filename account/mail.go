package account

import (
	"context"
	"slices"
	"time"

	"rapport/errs"
	"rapport/lang"
)

// AskIn has a sign-in link sent to an address, if an account has it, and a letter
// that says so if none does. It returns the token of the browser that asked, and
// neither the answer nor the time it takes tells which. How often is bounded for
// each mailbox, without a word: the link sent before still works.
func (d *Doors) AskIn(ctx context.Context, address string, from Origin) (asking string, err error) {
	return d.askFor(ctx, address, from, func(_ Desk, whose []Subject, l Link) ([]Link, error) {
		if len(whose) == 0 { // kept all the same, and of no use to anyone
			return []Link{l}, nil
		}
		var out []Link
		for _, s := range whose {
			x := l
			x.Subject, x.For = s, ToSignIn
			out = append(out, x)
		}
		return out, nil
	})
}

// AskJoin has a link sent to an address of somebody who wants to be taken on. An
// account that has the address already gets a way in instead.
func (d *Doors) AskJoin(ctx context.Context, name, address string, from Origin) (asking string, err error) {
	name = CleanName(name)
	if name == "" {
		return "", errs.Say(errs.E(errs.Invalid, "account: a name is needed"), "door.name_missing")
	}
	return d.askFor(ctx, address, from, func(_ Desk, whose []Subject, l Link) ([]Link, error) {
		l.Name, l.For = name, ToJoin
		if len(whose) > 0 {
			l.For, l.Subject, l.Name = ToSignIn, whose[0], ""
		}
		return []Link{l}, nil
	})
}

func (d *Doors) askFor(ctx context.Context, typed string, from Origin, links func(Desk, []Subject, Link) ([]Link, error)) (string, error) {
	address, err := ParseMail(typed)
	if err != nil {
		return "", err
	}
	if err := d.take(ctx, from, asking); err != nil {
		return "", err
	}
	t, ah, err := d.token()
	if err != nil {
		return "", err
	}
	quiet, err := d.quiet(ctx, address, from)
	if err != nil {
		return "", err
	}
	err = d.keep.Change(ctx, func(k Desk) error {
		whose, err := d.readers(ctx, k, "mail", SameMail(address))
		if err != nil {
			return err
		}
		now := d.now.Now()
		ls, err := links(k, whose, Link{Uses: Once, Ends: now.Add(mailLife), Mail: address, Asking: ah, Lang: from.Lang.String()})
		if err != nil {
			return err
		}
		q := asked{Ends: now.Add(mailLife), Box: Mailbox(address)}
		for _, l := range ls {
			if err := d.send(ctx, k, &l, from.Lang, quiet); err != nil {
				return err
			}
			if !quiet { // what nobody was sent, nobody guesses at
				q.Links = append(q.Links, l.Hash)
			}
		}
		return k.Put(ctx, Ceremonies, ah[:], q.Ends, &q)
	})
	if err != nil {
		return "", err
	}
	return t, nil
}

// send keeps a link and mails it.
func (d *Doors) send(ctx context.Context, k Desk, l *Link, tongue lang.Tag, quiet bool) error {
	t, h, err := d.token()
	if err != nil {
		return err
	}
	l.Hash = h
	if l.Code, err = d.code(); err != nil {
		return err
	}
	// the line names nobody: one in a client's own chain takes longer, and tells who
	// asks whether there is such a client
	k.Note(Act{What: "link", How: ByMail})
	if err := d.putLink(ctx, k, *l); err != nil || quiet {
		return err
	}
	letter := Letter{Kind: LetterNobody, To: l.Mail, Lang: tongue, Path: "/join", Ends: l.Ends}
	switch l.For {
	case ToSignIn:
		letter.Kind, letter.Path = LetterSignIn, "/in/"+t
	case ToJoin:
		letter.Kind, letter.Path = LetterJoin, "/in/"+t
	}
	return k.Tell(ctx, letter)
}

// errShared is for an address that somebody else reads too.
var errShared = errs.Say(errs.E(errs.Conflict, "account: the address is another account's too"), "door.mail_shared")

// addMail makes an address one of an account's, by which it is found. A mailbox
// that another account uses is not added by whoever asks: staff must have asked,
// in private, who reads it.
func (d *Doors) addMail(ctx context.Context, k Desk, a *Access, l Link) error {
	if a.reads(l.Mail) {
		return nil
	}
	box, err := d.readers(ctx, k, "mailbox", Mailbox(l.Mail))
	if err != nil {
		return err
	}
	if l.For == ToAddMail && !l.Private && slices.ContainsFunc(box, func(s Subject) bool { return s != a.Subject }) {
		return errShared
	}
	if l.For == ToAddMail || !a.Locked() {
		if err := d.tell(ctx, k, a, LetterKeyAdded, "/account"); err != nil {
			return err
		}
	}
	a.Mails = append(a.Mails, Mail{Address: l.Mail, Checked: d.now.Now(), Private: l.Private})
	if err := d.indexed(ctx, k, a.Subject, "mail", SameMail(l.Mail)); err != nil {
		return err
	}
	return d.indexed(ctx, k, a.Subject, "mailbox", Mailbox(l.Mail))
}

// reads reports that an address is one of the account's.
func (a *Access) reads(address string) bool {
	return slices.ContainsFunc(a.Mails, func(m Mail) bool { return SameMail(m.Address) == SameMail(address) })
}

// readers returns the accounts that are kept under an address or a mailbox.
func (d *Doors) readers(ctx context.Context, r Reader, kind, of string) ([]Subject, error) {
	var whose []Subject
	err := r.Get(ctx, Addresses, d.keep.Key(kind, of), &whose)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	return whose, err
}

func (d *Doors) indexed(ctx context.Context, k Desk, s Subject, kind, of string) error {
	whose, err := d.readers(ctx, k, kind, of)
	if err != nil || slices.Contains(whose, s) {
		return err
	}
	whose = append(whose, s)
	return k.Put(ctx, Addresses, d.keep.Key(kind, of), time.Time{}, &whose)
}

func (d *Doors) unindexed(ctx context.Context, k Desk, s Subject, kind, of string) error {
	whose, err := d.readers(ctx, k, kind, of)
	if err != nil || !slices.Contains(whose, s) {
		return err
	}
	whose = slices.DeleteFunc(whose, func(x Subject) bool { return x == s })
	return k.Put(ctx, Addresses, d.keep.Key(kind, of), time.Time{}, &whose)
}

// addsMail adds an address that a session asked for; the session goes on.
func (d *Doors) addsMail(ctx context.Context, k Desk, a *Access, l Link, session string) (In, error) {
	_, s, err := d.own(ctx, k, session, SeeWays)
	if err != nil {
		return In{}, err
	}
	if err := d.addMail(ctx, k, a, l); err != nil {
		return In{}, err
	}
	k.Note(Act{Subject: a.Subject, What: "keyadd", How: ByMail})
	return In{session, *s}, d.putAccess(ctx, k, a)
}
