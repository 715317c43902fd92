package account

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Wait is somebody who asked to be taken on.
type Wait struct {
	Subject Subject
	Name    string
	Mail    string
	At      time.Time
}

// comesIn opens a session for a spent link.
func (d *Doors) comesIn(ctx context.Context, k Desk, l Link, ask Ask) (In, error) {
	fresh, err := d.newcomer(ctx, k, &l)
	if err != nil {
		return In{}, err
	}
	a, err := d.access(ctx, k, l.Subject)
	if err != nil {
		return In{}, err
	}
	if l.For == ToAddMail {
		return d.addsMail(ctx, k, a, l, ask.Old)
	}
	if fresh {
		a.Name = l.Name
		k.Note(Act{Subject: l.Subject, What: "join", How: l.proof()})
	}
	if a.Language == "" {
		a.Language = l.Lang
	}
	own, err := d.ownsMail(ctx, k, l, fresh)
	if err != nil {
		return In{}, err
	}
	if own {
		if err := d.addMail(ctx, k, a, l); err != nil {
			return In{}, err
		}
	}
	p := l.proof()
	enrols := l.For == ToEnrol || l.For == ToJoin && a.Subject.Kind == Guest || l.For == ToHelp
	return d.admit(ctx, k, a, ask.Device, p, enrols && p != MadeUp)
}

// ownsMail reports that who follows a mailed link has its address from then on.
// An invitation to help gives it only to somebody new, and only an address that
// is nobody's yet.
func (d *Doors) ownsMail(ctx context.Context, k Desk, l Link, fresh bool) (bool, error) {
	if l.Mail == "" || l.For != ToHelp {
		return l.Mail != "", nil
	}
	whose, err := d.readers(ctx, k, "mail", SameMail(l.Mail))
	return fresh && len(whose) == 0, err
}

// newcomer gives who follows a link to join or to help an account of their own,
// without a chart. Who wants to join and has an account with the address gets that
// one; who is asked to help does not, for whoever asked them holds the link too.
func (d *Doors) newcomer(ctx context.Context, k Desk, l *Link) (fresh bool, err error) {
	if l.For != ToJoin && l.For != ToHelp || l.Subject.Kind != Nobody {
		return false, nil
	}
	var whose []Subject
	if l.For == ToJoin {
		if whose, err = d.readers(ctx, k, "mail", SameMail(l.Mail)); err != nil {
			return false, err
		}
	}
	if len(whose) > 0 {
		l.Subject = whose[0]
	} else {
		id, err := d.guestID()
		if err != nil {
			return false, err
		}
		l.Subject, fresh = Subject{Guest, id}, true
	}
	if l.For == ToHelp { // whoever follows it again is the same
		return fresh, d.putLink(ctx, k, *l)
	}
	if !fresh {
		return false, nil
	}
	return true, k.Put(ctx, Waiting, d.keep.Key("waiting", l.Subject.ID), time.Time{}, &Wait{l.Subject, l.Name, l.Mail, d.now.Now()})
}

// guestID draws the id of an account without a chart: 128 random bits, written as
// a ClientID is.
func (d *Doors) guestID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(d.rand, b[:]); err != nil {
		return "", fmt.Errorf("account: draw id: %w", err)
	}
	return idCoding.EncodeToString(b[:]), nil
}
