package account

import (
	"context"

	"rapport/errs"
)

// Slip returns whom a mailed link about one visit speaks for, known by that link
// alone, and which visit. It lets nobody in and is not spent: it may be opened as
// often as one likes until the visit.
func (d *Doors) Slip(ctx context.Context, token string) (who Actor, visit string, err error) {
	return d.stands(ctx, token, ToVisit)
}

// Feed returns whose calendar a link is for, known by that link alone.
func (d *Doors) Feed(ctx context.Context, token string) (Actor, error) {
	who, _, err := d.stands(ctx, token, ToFeed)
	return who, err
}

// stands reads a link that lets nobody in.
func (d *Doors) stands(ctx context.Context, token string, what For) (who Actor, of string, err error) {
	var a *Access
	err = d.keep.Look(ctx, func(r Reader) error {
		l, err := d.link(ctx, r, HashOf(token))
		if err == nil && l.For != what {
			err = errNoLink
		}
		if err != nil {
			return err
		}
		of = l.Of
		a, err = d.access(ctx, r, l.Subject)                // whose it is now: a guest may be a client since
		if err == nil && l.Mail != "" && !a.reads(l.Mail) { // the address was removed meanwhile
			return errNoLink
		}
		if err == nil && l.For == ToFeed && l.Made.Before(a.Regained) { // who had the account made it, maybe
			return errNoLink
		}
		return err
	})
	if errs.Is(err, errs.NotFound) {
		return Actor{}, "", d.stray(ctx, 0, errNoLink)
	}
	if err != nil {
		return Actor{}, "", err
	}
	p, err := d.people.Person(ctx, a.Subject)
	if err != nil {
		return Actor{}, "", err
	}
	return Actor{sub: a.Subject, name: p.Name, lang: p.Language, level: ByLink}, of, nil
}

// MayLook counts a look at the practice's times by somebody who is not known, and
// refuses who looks so often that it is a program reading everything.
func (d *Doors) MayLook(from Origin) error { return d.limit.open(looking, from, perMap) }

// MayHold counts a time that somebody holds at the open door: nobody keeps a practice's
// times from others by holding them in many browsers. Who is known is counted by
// themselves, others by where they are.
func (d *Doors) MayHold(who Actor, from Origin) error {
	if s := who.Subject(); s.Kind != Nobody {
		return d.limit.counted(holding, s.Kind.String()+" "+s.ID, perHold)
	}
	return d.limit.open(holding, from, perHold)
}
