package account_test

import (
	"rapport/account"
	"rapport/fhir"
	"rapport/record"
	"strings"
)

// early is a mailed link that waits to be followed.
type early struct{ token, asking string }

// guest joins by mail and has asked for one more link: their session, their
// account's id, and the link.
func (d *door) guest(name, address string) (token, id string, e early) {
	d.t.Helper()
	ctx := d.t.Context()
	d.saw.take()
	asking, err := d.AskJoin(ctx, name, address, account.Origin{})
	do(d.t, err)
	in, err := d.Enter(ctx, d.saw.take().token(d.t, account.LetterJoin), account.Ask{Asking: asking})
	do(d.t, err)
	e.asking, err = d.AskIn(ctx, address, account.Origin{})
	do(d.t, err)
	e.token = d.saw.take().token(d.t, account.LetterSignIn)
	return in.Token, in.Subject.ID, e
}

// desk is somebody at the front desk who was let in a moment ago.
func (d *door) desk() account.Actor {
	d.t.Helper()
	d.staff("desk", "frontdesk coordinator", false)
	in, err := d.Enter(d.t.Context(), d.link(account.Subject{Kind: account.Staff, ID: "desk"}, account.Demo), account.Ask{})
	do(d.t, err)
	who, err := d.Who(d.t.Context(), in.Token)
	do(d.t, err)
	return who
}

// accept takes a guest on as the client.
func (d *door) accept(guest string) {
	d.t.Helper()
	dir, err := d.v.OpenDirectory(d.t.Context(), d.desk(), record.Vouching)
	do(d.t, err)
	do(d.t, dir.Accept(d.t.Context(), guest, fhir.ClientID(d.client.ID), record.NotAsked))
}

// vouched is a desk link for the client who is locked out, made as staff make it.
func (d *door) vouched() string {
	d.t.Helper()
	c, err := d.v.Open(d.t.Context(), d.desk(), record.Vouching, fhir.ClientID(d.client.ID), record.Person|record.Agreements)
	do(d.t, err)
	token, err := c.LetBack(d.t.Context())
	do(d.t, err)
	return token
}

// helped is a client, ada, who asks somebody to help her: the link.
func (d *door) helped(session, address string) string {
	d.t.Helper()
	who, err := d.Who(d.t.Context(), session)
	do(d.t, err)
	c, err := d.v.Open(d.t.Context(), who, record.Sharing, fhir.ClientID(who.ID()), record.Agreements)
	do(d.t, err)
	token, err := c.Offer(d.t.Context(), record.Grant{Name: "Grace", Tie: record.Helper, Reads: record.Visits, Acts: record.Visits}, address, 0)
	do(d.t, err)
	if address != "" { // only who reads the mail has it
		token = d.posted(account.LetterHelp)
	}
	return token
}

// posted takes the newest letter of a kind out of the outbox and returns the
// token it carries.
func (d *door) posted(kind string) string {
	d.t.Helper()
	ps, err := d.v.Due(d.t.Context(), 100)
	do(d.t, err)
	token := ""
	for _, p := range ps {
		if p.Letter.Kind == kind {
			token = p.Letter.Path[strings.LastIndexByte(p.Letter.Path, '/')+1:]
		}
		do(d.t, d.v.Settled(d.t.Context(), p.ID))
	}
	return token
}

// other is one more client.
func (d *door) other(id string) account.Subject {
	d.t.Helper()
	c, err := d.v.Admit(d.t.Context(), account.AsSystem(account.Importer), record.Importing)
	do(d.t, err)
	_, err = c.Put(d.t.Context(), fhir.Resource{Type: "Patient", ID: id, JSON: []byte(`{"resourceType":"Patient","id":"` + id + `","name":[{"text":"Somebody"}],"birthDate":"1990-02-03"}`)})
	do(d.t, err)
	return account.Subject{Kind: account.Client, ID: string(c.Client())}
}
