package record

import (
	"context"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// offerLife is how long somebody who is asked to help has to answer.
const offerLife = 72 * time.Hour

// errHelper is for who may not be asked.
var errHelper = errs.E(errs.Invalid, "record: such a helper cannot be asked")

// Circle returns who may act for this client and who is asked to, in the order
// they came. What has ended is not among them; the ledger keeps it.
func (c *Chart) Circle(ctx context.Context) ([]Grant, error) {
	if err := c.sees(Agreements); err != nil {
		return nil, err
	}
	var out []Grant
	err := c.v.st.View(ctx, func(r store.Reader) error {
		all, err := c.v.circleOf(ctx, r, c.client)
		now := c.v.now.Now()
		for _, g := range all.Grants {
			switch {
			case g.Open() && now.Sub(g.Asked) >= offerLife, !g.Until.IsZero() && !now.Before(g.Until):
				continue
			case g.Tie == Guardian && !g.Open(): // what the rules give today
				g.Reads, g.Acts = c.v.gives(g, c.client)
			}
			out = append(out, g)
		}
		return err
	})
	return out, wrap("circle", err)
}

// sees refuses who did not open a part.
func (c *Chart) sees(p Parts) error {
	if c == nil || c.v == nil || c.parts&p == 0 {
		return errRefused
	}
	return nil
}

// Offer asks somebody to act for this client. Without an address it returns the
// token of the link that they follow, to be handed over. With one the link is
// mailed and nobody else ever has it, for it shows who reads that address: who
// asks could come in as them. A client asks helpers (purpose Sharing), staff name
// guardians of a minor (Vouching). Nothing is given before it is accepted.
func (c *Chart) Offer(ctx context.Context, g Grant, mail string, tongue lang.Tag) (token string, err error) {
	if err := c.sees(Agreements); err != nil || c.writes&Agreements == 0 {
		return "", errRefused
	}
	g.Reads &= policy.ForOthers
	g.Acts &= g.Reads
	switch {
	case g.Tie == Helper && (c.why != Sharing || g.Reads&^Person == 0), g.Tie == Guardian && (c.why != Vouching || !c.minor()), g.Tie != Helper && g.Tie != Guardian:
		return "", errHelper
	case g.Tie == Guardian:
		g.Reads, g.Acts = 0, 0 // the rules say what, day by day
	}
	if g.Name = account.CleanName(g.Name); g.Name == "" {
		return "", errs.Say(errHelper, "door.name_missing")
	}
	g.Relation = account.CleanName(g.Relation)
	if mail != "" {
		if mail, err = account.ParseMail(mail); err != nil {
			return "", err
		}
	}
	if g.ID, err = c.v.newID(); err != nil {
		return "", err
	}
	token, h, err := account.NewToken(c.v.rand)
	if err != nil {
		return "", err
	}
	now := c.v.now.Now()
	if !g.Until.IsZero() && !g.Until.After(now) {
		return "", errHelper
	}
	g.Link, g.Asked, g.Who, g.From = h, now, account.Subject{}, time.Time{}
	l := account.Link{Hash: h, For: account.ToHelp, Uses: account.Once, Ends: now.Add(offerLife), Mail: mail, Name: g.Name, Lang: tongue.String(), Of: string(c.client), Grant: g.ID}
	err = c.actOn(ctx, "helpask", g.Reads, g.Name, func(ctx context.Context, tx store.Tx) error {
		all, err := c.v.circleOf(ctx, tx, c.client)
		if err != nil {
			return err
		}
		if all.Grants = append(c.v.living(all.Grants), g); len(all.Grants) > grantsMax {
			return errs.Say(errs.E(errs.Conflict, "record: too many helpers"), "family.too_many")
		}
		if err := c.v.putCircle(ctx, tx, c.client, all); err != nil {
			return err
		}
		if err := c.v.put(ctx, tx, store.Links, h[:], l.Ends, &l); err != nil || mail == "" {
			return err
		}
		return c.v.queue(ctx, tx, account.Letter{Kind: account.LetterHelp, To: mail, Lang: tongue, Path: "/help/" + token})
	})
	return handed(token, mail, err), err
}

// handed is the token of a link for who made it: none if it was mailed.
func handed(token, mail string, err error) string {
	if err != nil || mail != "" {
		return ""
	}
	return token
}

// grantsMax bounds who may act for one client.
const grantsMax = 20

// living leaves out what has ended.
func (v *Vault) living(gs []Grant) []Grant {
	now := v.now.Now()
	return slices.DeleteFunc(gs, func(g Grant) bool {
		return g.Open() && now.Sub(g.Asked) >= offerLife || !g.Until.IsZero() && !now.Before(g.Until)
	})
}

// minor reports that the rules in force have a band for this client's age today.
func (c *Chart) minor() bool {
	reads, _ := c.v.gives(Grant{Tie: Guardian}, c.client)
	card, ok := c.v.people.card(c.client)
	rules := c.v.minors.Load()
	if !ok || rules == nil {
		return false
	}
	_, in := rules.On(card.Birth, policy.DayIn(c.v.now.Now(), c.v.zoneOf(card)))
	return in || reads != 0
}

// act puts one act in this chart's chain, with what it writes.
func (c *Chart) act(ctx context.Context, what string, about Parts, write func(context.Context, store.Tx) error) error {
	return c.actOn(ctx, what, about, "", write)
}

// actOn is act for what concerns somebody by name.
func (c *Chart) actOn(ctx context.Context, what string, about Parts, whom string, write func(context.Context, store.Tx) error) error {
	line := c.v.line(ctx, c.who, c.why, what, c.basis, about)
	line.Entry.Whom = whom
	line.PID, line.Row, line.Keys, line.Entry.Client = c.pid, c.row, c.keys.Ledger, string(c.client)
	return wrap(what, c.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: write}))
}

// Quietly says whether who is ended is told. The zero Quietly tells them.
type Quietly uint8

// Whether somebody is told.
const (
	AndTell Quietly = iota
	AndSayNothing
)

// EndHelp ends what somebody may do for this client, or takes an invitation back,
// at once. The client may (their own chart, any purpose of theirs), but not end a
// guardian, who is there by law; staff who vouch may.
func (c *Chart) EndHelp(ctx context.Context, id string, q Quietly) error {
	if err := c.sees(Agreements); err != nil || c.basis != policy.IsTheirs && c.why != Vouching {
		return errRefused
	}
	g, err := c.grant(ctx, id)
	switch {
	case err != nil:
		return err
	case g.Tie == Guardian && c.why != Vouching:
		return errRefused
	}
	return c.actOn(ctx, "helpend", 0, g.Name, func(ctx context.Context, tx store.Tx) error {
		return c.v.endGrant(ctx, tx, c.client, func(g Grant) bool { return g.ID == id }, q)
	})
}

// grant returns one grant of this chart; errs.NotFound if there is none.
func (c *Chart) grant(ctx context.Context, id string) (Grant, error) {
	all, err := c.Circle(ctx)
	if err != nil {
		return Grant{}, err
	}
	for _, g := range all {
		if g.ID == id {
			return g, nil
		}
	}
	return Grant{}, errAbsent
}

// endGrant takes grants out of a client's circle.
func (v *Vault) endGrant(ctx context.Context, tx store.Tx, of fhir.ClientID, which func(Grant) bool, q Quietly) error {
	all, err := v.circleOf(ctx, tx, of)
	if err != nil {
		return err
	}
	var left []Grant
	for _, g := range all.Grants {
		if !which(g) {
			left = append(left, g)
			continue
		}
		if err := tx.DropObject(ctx, store.Links, g.Link[:]); err != nil {
			return err
		}
		if q == AndTell && !g.Open() {
			if err := v.tellAccount(ctx, tx, g.Who, account.LetterSharing, "/family"); err != nil {
				return err
			}
		}
		if !g.Open() && !slices.ContainsFunc(all.Grants, func(o Grant) bool { return o.ID != g.ID && o.Who == g.Who && !which(o) }) {
			if err := v.forget(ctx, tx, g.Who, of); err != nil {
				return err
			}
		}
	}
	return v.putCircle(ctx, tx, of, circle{left})
}

// forget takes a client from whom an account may act for.
func (v *Vault) forget(ctx context.Context, tx store.Tx, s account.Subject, of fhir.ClientID) error {
	x, err := v.caringOf(ctx, tx, s)
	if err != nil {
		return err
	}
	x.Clients = slices.DeleteFunc(x.Clients, func(c fhir.ClientID) bool { return c == of })
	return v.put(ctx, tx, store.Caring, v.caringKey(s), time.Time{}, &x)
}

// accessOf reads an account's access; nil if it has none.
func (v *Vault) accessOf(ctx context.Context, r store.Reader, s account.Subject) (*account.Access, error) {
	var a account.Access
	err := v.get(ctx, r, store.Access, v.accessKey(s), &a)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	return &a, err
}

// tellAccount queues a letter to every address of an account, and notes it on its page.
func (v *Vault) tellAccount(ctx context.Context, tx store.Tx, s account.Subject, kind, path string) error {
	a, err := v.accessOf(ctx, tx, s)
	if err != nil || a == nil || a.Moved {
		return err
	}
	tongue, _ := lang.Parse(a.Language) // English for what is not spoken
	for _, m := range a.Mails {
		if err := v.queue(ctx, tx, account.Letter{Kind: kind, To: m.Address, Lang: tongue, Path: path}); err != nil {
			return err
		}
	}
	a.Noted(account.Note{At: v.now.Now(), What: kind})
	return v.put(ctx, tx, store.Access, v.accessKey(s), time.Time{}, a)
}

// Asked is what somebody who is asked to help is shown.
type Asked struct {
	Client fhir.ClientID
	Name   string // of who asks
	Grant
}

// asked finds the open grant of a link.
func (v *Vault) asked(ctx context.Context, r store.Reader, token string) (account.Link, Asked, error) {
	var l account.Link
	h := account.HashOf(token)
	if err := v.get(ctx, r, store.Links, h[:], &l); err != nil {
		return l, Asked{}, err
	}
	if l.For != account.ToHelp || !v.now.Now().Before(l.Ends) {
		return l, Asked{}, errNoDoor
	}
	all, err := v.circleOf(ctx, r, fhir.ClientID(l.Of))
	if err != nil {
		return l, Asked{}, err
	}
	card, _ := v.people.card(fhir.ClientID(l.Of))
	for _, g := range all.Grants {
		if g.ID == l.Grant && g.Open() && g.Link == h {
			return l, Asked{fhir.ClientID(l.Of), card.Name, g}, nil
		}
	}
	return l, Asked{}, errNoDoor
}

// Asks returns who asks for help by a link, and with what. Only who is in with a
// key sees it.
func (v *Vault) Asks(ctx context.Context, who account.Actor, token string) (Asked, error) {
	if err := helper(who); err != nil {
		return Asked{}, err
	}
	var a Asked
	err := v.st.View(ctx, func(r store.Reader) (err error) {
		_, a, err = v.asked(ctx, r, token)
		return err
	})
	return a, wrap("help", err)
}

// helper refuses who cannot look after anybody.
func helper(who account.Actor) error {
	if who.Kind() != account.Client && who.Kind() != account.Guest {
		return errRefused
	}
	if who.Level() < account.ByKey {
		return account.Low(account.ByKey)
	}
	return nil
}

// TakeHelp accepts to act for whoever asked by a link. From then on it is in
// force; the client is told.
func (v *Vault) TakeHelp(ctx context.Context, who account.Actor, token string) (fhir.ClientID, error) {
	if err := helper(who); err != nil {
		return "", err
	}
	var of fhir.ClientID
	line := v.line(ctx, who, Helping, "helptake", policy.None, 0)
	err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		_, a, err := v.asked(ctx, tx, token)
		if err != nil {
			return err
		}
		if of = a.Client; who.Client() == of {
			return errHelper // nobody looks after themselves
		}
		all, err := v.circleOf(ctx, tx, of)
		if err != nil {
			return err
		}
		for i := range all.Grants {
			if g := &all.Grants[i]; g.ID == a.ID {
				g.Who, g.From, g.Link = who.Subject(), v.now.Now(), account.Hash{}
				line.Entry.What = whats(g.Reads)
			}
		}
		v.chain(ctx, line, of)
		if err := v.putCircle(ctx, tx, of, all); err != nil {
			return err
		}
		x, err := v.caringOf(ctx, tx, who.Subject())
		if err != nil {
			return err
		}
		if !slices.Contains(x.Clients, of) {
			x.Clients = append(x.Clients, of)
		}
		if err := v.put(ctx, tx, store.Caring, v.caringKey(who.Subject()), time.Time{}, &x); err != nil {
			return err
		}
		h := account.HashOf(token)
		if err := tx.DropObject(ctx, store.Links, h[:]); err != nil {
			return err
		}
		return v.tellAccount(ctx, tx, account.Subject{Kind: account.Client, ID: string(of)}, account.LetterSharing, "/me/"+string(of)+"/helpers")
	}})
	return of, wrap("help", err)
}

// DeclineHelp says no to whoever asked by a link: the link is of no use any more, and
// the client is told.
func (v *Vault) DeclineHelp(ctx context.Context, who account.Actor, token string) error {
	if err := helper(who); err != nil {
		return err
	}
	line := v.line(ctx, who, Helping, "helpend", policy.None, 0)
	return wrap("help", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		_, a, err := v.asked(ctx, tx, token)
		if err != nil {
			return err
		}
		v.chain(ctx, line, a.Client)
		if err := v.endGrant(ctx, tx, a.Client, func(g Grant) bool { return g.ID == a.ID }, AndSayNothing); err != nil {
			return err
		}
		return v.tellAccount(ctx, tx, asClient(a.Client), account.LetterSharing, "/me/"+string(a.Client)+"/helpers")
	}}))
}

// StepBack ends what an actor may do for a client, at their own wish.
func (v *Vault) StepBack(ctx context.Context, who account.Actor, of fhir.ClientID) error {
	if err := helper(who); err != nil {
		return err
	}
	line := v.line(ctx, who, Helping, "helpend", policy.None, 0)
	v.chain(ctx, line, of)
	return wrap("help", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		all, err := v.circleOf(ctx, tx, of)
		if err != nil {
			return err
		}
		mine := func(g Grant) bool { return g.Who == who.Subject() }
		if !slices.ContainsFunc(all.Grants, mine) {
			return errRefused
		}
		if err := v.endGrant(ctx, tx, of, mine, AndSayNothing); err != nil {
			return err
		}
		return v.tellAccount(ctx, tx, account.Subject{Kind: account.Client, ID: string(of)}, account.LetterSharing, "/me/"+string(of)+"/helpers")
	}}))
}
