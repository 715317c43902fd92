package record

import (
	"context"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/store"
)

// How long an invitation may be followed: shown at the desk, and mailed.
const (
	deskLife = 15 * time.Minute
	mailLife = 72 * time.Hour
)

// Asking says whether staff asked somebody, in private, who else reads their
// mail. The zero Asking is that they did not.
type Asking uint8

// Whether staff asked in private.
const (
	NotAsked Asking = iota
	AskedInPrivate
)

// errTaken is for an account that has a way in already.
var errTaken = errs.Say(errs.E(errs.Conflict, "record: that account has a way in"), "joining.has_key")

// errSharedMail is for an address that somebody else reads too, or that a guardian
// uses: staff must ask in private first.
var errSharedMail = errs.Say(errs.E(errs.Conflict, "record: somebody else uses that address"), "joining.shared_mail")

// vouched refuses who did not open this chart to answer for who it is.
func (c *Chart) vouched() error {
	if c == nil || c.v == nil || c.why != Vouching || c.parts&Agreements == 0 {
		return errRefused
	}
	return nil
}

func (c *Chart) subject() account.Subject {
	return account.Subject{Kind: account.Client, ID: string(c.client)}
}

// Account is what the desk may know of how somebody comes in: whether, never how.
type Account struct {
	Has     bool      // they have a way in
	Mails   int       // how many addresses of theirs are checked
	Invited time.Time // until when an invitation may be followed; the zero time if there is none
	By      string    // the address it was sent to, "" for one at the desk
}

// Account says whether this client has a way in.
func (c *Chart) Account(ctx context.Context) (Account, error) {
	if c == nil || c.v == nil || c.parts&Person == 0 || c.looksAfter() {
		return Account{}, errRefused
	}
	var out Account
	err := c.v.st.View(ctx, func(r store.Reader) error {
		a, err := c.v.accessOf(ctx, r, c.subject())
		if a != nil {
			out.Has, out.Mails = !a.Locked(), len(a.Mails)
		}
		if err != nil || out.Has {
			return err
		}
		return r.Objects(ctx, store.Links, func(o store.Object) error {
			var l account.Link
			err := c.v.unpack(store.Links, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &l)
			if err == nil && l.Subject == c.subject() && l.For == account.ToEnrol && l.Uses == account.Once && c.v.now.Now().Before(l.Ends) {
				out.Invited, out.By = l.Ends, l.Mail
			}
			return err
		})
	})
	return out, wrap("account", err)
}

// Withdraw takes back an invitation that was not followed.
func (c *Chart) Withdraw(ctx context.Context) error {
	if err := c.vouched(); err != nil {
		return err
	}
	return c.act(ctx, "uninvite", 0, func(ctx context.Context, tx store.Tx) error {
		return c.v.dropLinks(ctx, tx, c.subject(), handedOut)
	})
}

// Invite makes a link with which this client makes their first way in: to be
// shown at the desk, or mailed if there is an address, and then its token is not
// returned, for it shows who reads the mail. A mailed one asks for the birth date,
// so that a forwarded or misdirected mail opens nothing. An address that somebody
// else uses needs a private question first. A minor is invited if the rules let them
// have an account of their own, and their guardians are told if they must know.
func (c *Chart) Invite(ctx context.Context, mail string, asked Asking, tongue lang.Tag) (token string, err error) {
	if err := c.vouched(); err != nil {
		return "", err
	}
	card, ok := c.v.people.card(c.client)
	if !ok {
		return "", errAbsent
	}
	l := account.Link{For: account.ToEnrol, Subject: c.subject(), Uses: account.Once, Ends: c.v.now.Now().Add(deskLife), Lang: tongue.String()}
	if mail != "" {
		if l.Mail, err = account.ParseMail(mail); err != nil {
			return "", err
		}
		l.Ends, l.Private = c.v.now.Now().Add(mailLife), asked == AskedInPrivate
		if len(card.Birth) == len(time.DateOnly) {
			l.Born = card.Birth
		}
	}
	token, h, err := account.NewToken(c.v.rand)
	if err != nil {
		return "", err
	}
	l.Hash = h
	err = c.act(ctx, "invite", 0, func(ctx context.Context, tx store.Tx) error {
		a, err := c.v.accessOf(ctx, tx, c.subject())
		if err != nil {
			return err
		}
		if a != nil && !a.Locked() {
			return errTaken
		}
		guardians, err := c.v.ownAccount(ctx, tx, c.client, card)
		if err != nil {
			return err
		}
		if mail != "" && asked != AskedInPrivate {
			if also, err := c.v.alsoRead(ctx, tx, l.Mail, c.client); err != nil || len(also) > 0 {
				return orElse(err, errSharedMail)
			}
		}
		if err := c.v.dropLinks(ctx, tx, c.subject(), every); err != nil { // only the newest invitation is good
			return err
		}
		for _, g := range guardians {
			if err := c.v.tellAccount(ctx, tx, g, account.LetterOwn, "/family"); err != nil {
				return err
			}
		}
		if err := c.v.put(ctx, tx, store.Links, h[:], l.Ends, &l); err != nil || mail == "" {
			return err
		}
		return c.v.queue(ctx, tx, account.Letter{Kind: account.LetterInvite, To: l.Mail, Lang: tongue, Path: "/in/" + token})
	})
	return handed(token, mail, err), err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// alsoRead returns who else, by account or by card, uses a mailbox: an account, a
// guardian or helper of the client's, or another client. Left out are a client and
// accounts that are theirs too.
func (v *Vault) alsoRead(ctx context.Context, r store.Reader, mail string, but fhir.ClientID, theirs ...account.Subject) ([]string, error) {
	var whose []account.Subject
	err := v.get(ctx, r, store.Contacts, v.Key("mailbox", account.Mailbox(mail)), &whose)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	var out []string
	for _, s := range whose {
		if s == (account.Subject{Kind: account.Client, ID: string(but)}) || slices.Contains(theirs, s) {
			continue
		}
		p, err := v.personIn(ctx, r, s)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		out = append(out, p.Name)
	}
	v.people.mu.RLock()
	defer v.people.mu.RUnlock()
	for id, card := range v.people.cards {
		if id != but && slices.ContainsFunc(card.Mails, func(m string) bool { return account.SameMailbox(m, mail) }) {
			out = append(out, card.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// AlsoRead returns who else uses an address, by name, for staff who vouch.
func (c *Chart) AlsoRead(ctx context.Context, mail string) (names []string, err error) {
	if err := c.vouched(); err != nil {
		return nil, err
	}
	err = c.v.st.View(ctx, func(r store.Reader) error {
		names, err = c.v.alsoRead(ctx, r, mail, c.client)
		return err
	})
	return names, wrap("address", err)
}

// LetBack makes a link, shown at the desk, that proves the practice saw this
// client, who is locked out. It is one of two proofs, and a credential is never
// seen or chosen by staff.
func (c *Chart) LetBack(ctx context.Context) (token string, err error) {
	if err := c.vouched(); err != nil {
		return "", err
	}
	token, h, err := account.NewToken(c.v.rand)
	if err != nil {
		return "", err
	}
	l := account.Link{Hash: h, For: account.ToGetBack, Subject: c.subject(), Uses: account.Once, Ends: c.v.now.Now().Add(deskLife)}
	return token, c.act(ctx, "vouch", 0, func(ctx context.Context, tx store.Tx) error {
		return c.v.put(ctx, tx, store.Links, h[:], l.Ends, &l)
	})
}
