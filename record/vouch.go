package record

import (
	"context"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/ledger"
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
	Has   bool // they have a way in
	Mails int  // how many addresses of theirs are checked
}

// Account says whether this client has a way in.
func (c *Chart) Account(ctx context.Context) (Account, error) {
	if c == nil || c.v == nil || c.parts&Person == 0 {
		return Account{}, errRefused
	}
	var out Account
	err := c.v.st.View(ctx, func(r store.Reader) error {
		a, err := c.v.accessOf(ctx, r, c.subject())
		if a != nil {
			out = Account{!a.Locked(), len(a.Mails)}
		}
		return err
	})
	return out, wrap("account", err)
}

// Invite makes a link with which this client makes their first way in, to be
// shown at the desk, or mailed if there is an address. A mailed one asks for the
// birth date, so that a forwarded or misdirected mail opens nothing. An address
// that somebody else uses needs a private question first.
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
	return token, c.act(ctx, "invite", 0, func(ctx context.Context, tx store.Tx) error {
		a, err := c.v.accessOf(ctx, tx, c.subject())
		if err != nil {
			return err
		}
		if a != nil && !a.Locked() {
			return errTaken
		}
		if mail != "" && asked != AskedInPrivate {
			if also, err := c.v.alsoRead(ctx, tx, l.Mail, c.client); err != nil || len(also) > 0 {
				return orElse(err, errSharedMail)
			}
		}
		if err := c.v.put(ctx, tx, store.Links, h[:], l.Ends, &l); err != nil || mail == "" {
			return err
		}
		return c.v.queue(ctx, tx, account.Letter{Kind: account.LetterInvite, To: l.Mail, Lang: tongue, Path: "/in/" + token})
	})
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// alsoRead returns who else, by account or by card, uses a mailbox: an account, a
// guardian or helper of the client's, or another client.
func (v *Vault) alsoRead(ctx context.Context, r store.Reader, mail string, but fhir.ClientID) ([]string, error) {
	var whose []account.Subject
	err := v.get(ctx, r, store.Contacts, v.Key("mailbox", account.Mailbox(mail)), &whose)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	var out []string
	for _, s := range whose {
		if s == (account.Subject{Kind: account.Client, ID: string(but)}) {
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

// Waiting is somebody who asked to be taken on.
type Waiting struct {
	account.Wait
	Also []string // who else uses their address
}

// Waiting returns who asked to be taken on, oldest first.
func (d *Directory) Waiting(ctx context.Context) ([]Waiting, error) {
	if d == nil || d.v == nil {
		return nil, errRefused
	}
	var out []Waiting
	err := d.v.st.View(ctx, func(r store.Reader) error {
		err := r.Objects(ctx, store.Waiting, func(o store.Object) error {
			var w Waiting
			err := d.v.unpack(store.Waiting, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &w.Wait)
			out = append(out, w)
			return err
		})
		for i := range out {
			if err == nil {
				out[i].Also, err = d.v.alsoRead(ctx, r, out[i].Mail, "")
				out[i].Also = slices.DeleteFunc(out[i].Also, func(n string) bool { return n == out[i].Name })
			}
		}
		return err
	})
	slices.SortFunc(out, func(a, b Waiting) int { return a.At.Compare(b.At) })
	return out, wrap("waiting", err)
}

// Accept takes somebody on who asked: as the client of a chart that staff say is
// theirs. Their way in, their addresses and whom they look after become that
// client's; they come in again. It is for who vouches.
func (d *Directory) Accept(ctx context.Context, guest string, as fhir.ClientID) error {
	if d == nil || d.v == nil || d.why != Vouching {
		return errRefused
	}
	v := d.v
	if _, ok := v.people.row(as); !ok {
		return errAbsent
	}
	from, to := account.Subject{Kind: account.Guest, ID: guest}, account.Subject{Kind: account.Client, ID: string(as)}
	line := v.line(ctx, d.who, d.why, "accept", d.basis, 0)
	v.chain(ctx, line, as)
	return wrap("accept", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		return v.become(ctx, tx, from, to)
	}}))
}

// become turns an account into another's: a guest's into a client's, or that of a
// chart which is merged into that of the one that goes on.
func (v *Vault) become(ctx context.Context, tx store.Tx, from, to account.Subject) error {
	if err := v.renames(ctx, tx, from, to); err != nil {
		return err
	}
	if err := v.moveCaring(ctx, tx, from, to, nil); err != nil {
		return err
	}
	return tx.DropObject(ctx, store.Waiting, v.Key("waiting", from.ID))
}

// renames makes an account another's, with its addresses; its sessions end.
func (v *Vault) renames(ctx context.Context, tx store.Tx, from, to account.Subject) error {
	a, err := v.accessOf(ctx, tx, from)
	if err != nil {
		return err
	}
	if a == nil {
		return errAbsent
	}
	if old, err := v.accessOf(ctx, tx, to); err != nil || old != nil && !old.Locked() {
		return orElse(err, errTaken)
	}
	for _, h := range a.Sessions { // they come in again, as who they are now
		if err := tx.DropObject(ctx, store.Sessions, h[:]); err != nil {
			return err
		}
	}
	a.Subject, a.Sessions, a.Name = to, nil, ""
	if len(a.Handle) == 0 { // what their passkeys call them, as long as there is one of them
		a.Handle = v.Key("access", from.Kind.String()+" "+from.ID)
	}
	if err := v.put(ctx, tx, store.Access, v.Key("access", to.Kind.String()+" "+to.ID), time.Time{}, a); err != nil {
		return err
	}
	if err := v.put(ctx, tx, store.Access, v.Key("access", from.Kind.String()+" "+from.ID), time.Time{}, &account.Access{Subject: to, Moved: true}); err != nil {
		return err
	}
	for _, m := range a.Mails {
		for kind, of := range map[string]string{"mail": account.SameMail(m.Address), "mailbox": account.Mailbox(m.Address)} {
			if err := v.renamed(ctx, tx, v.Key(kind, of), from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// renamed changes whose an address is.
func (v *Vault) renamed(ctx context.Context, tx store.Tx, key []byte, from, to account.Subject) error {
	var whose []account.Subject
	err := v.get(ctx, tx, store.Contacts, key, &whose)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range whose {
		if whose[i] == from {
			whose[i] = to
		}
	}
	return v.put(ctx, tx, store.Contacts, key, time.Time{}, &whose)
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
		all, err := v.circleOf(ctx, tx, c)
		if err != nil {
			return err
		}
		for i := range all.Grants {
			if all.Grants[i].Who == from {
				all.Grants[i].Who = to
			}
		}
		if err := v.putCircle(ctx, tx, c, all); err != nil {
			return err
		}
	}
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

// Decline tells nobody anything: the account stays, and is no longer waiting.
func (d *Directory) Decline(ctx context.Context, guest string) error {
	if d == nil || d.v == nil || d.why != Vouching {
		return errRefused
	}
	line := d.v.line(ctx, d.who, d.why, "decline", d.basis, 0)
	return wrap("decline", d.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		return tx.DropObject(ctx, store.Waiting, d.v.Key("waiting", guest))
	}}))
}

// Admit makes a chart for somebody who is new, with a name, a birth date and how
// to reach them, for who vouches. If somebody like them is here, that is proposed.
func (d *Directory) Admit(ctx context.Context, person fhir.Resource) (fhir.ClientID, error) {
	if d == nil || d.v == nil || d.why != Vouching || strings.TrimSpace(person.ID) == "" {
		return "", errRefused
	}
	c, err := d.v.newChart(ctx)
	if err != nil {
		return "", err
	}
	c.who, c.why, c.basis = d.who, d.why, d.basis
	c.asked, c.parts, c.writes = Person, Person, Person
	if _, err := c.Put(ctx, person); err != nil {
		return "", err
	}
	_, err = d.v.propose(ctx, d.who, d.why, d.basis, []fhir.ClientID{c.client})
	return c.client, err
}
