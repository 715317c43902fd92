package main

import (
	"context"
	"net/url"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/post"
	"rapport/record"
	"rapport/work"
)

// letters is the vault's outbox as package work wants it: the path of a letter
// becomes an address people can open.
type letters struct {
	v    *record.Vault
	base *url.URL
}

var _ work.Outbox = letters{}

// Due implements work.Outbox.
func (l letters) Due(ctx context.Context, _ time.Time, n int) ([]post.Parcel, error) {
	ps, err := l.v.Due(ctx, n)
	out := make([]post.Parcel, 0, len(ps))
	for _, p := range ps {
		out = append(out, post.Parcel{ID: p.ID, Letter: l.letter(p.ID, p.Once, p.Letter), Tries: p.Tries, Made: p.Made})
	}
	return out, err
}

func (l letters) letter(id, once string, x account.Letter) post.Letter {
	out := post.Letter{ID: id, Once: once, By: post.Way(x.By), To: x.To, Lang: x.Lang}
	if x.Named {
		out.Practice = l.v.Settings().Name
	}
	out.Kind.UnmarshalText([]byte(x.Kind)) //nolint:errcheck // a kind nobody knows is none, and is refused by who writes it
	if x.Path != "" {
		out.Link = l.base.String() + x.Path
	}
	return out
}

// Settle implements work.Outbox.
func (l letters) Settle(ctx context.Context, id string, fate post.Fate, next time.Time) error {
	switch fate {
	case post.Sent:
		return l.v.Settled(ctx, id)
	case post.Dropped:
		return l.v.Lost(ctx, id)
	case post.Later:
		return l.v.Again(ctx, id, next)
	}
	return errs.E(errs.Internal, "rapport: a letter without a fate")
}

// birthdays is the job that tells people that what a guardian sees has changed
// with age.
type birthdays struct{ v *record.Vault }

// Name implements work.Job.
func (birthdays) Name() string { return "birthdays" }

// Run implements work.Job.
func (b birthdays) Run(ctx context.Context) error {
	_, err := b.v.Birthdays(ctx, account.AsSystem(account.Birthdays))
	return err
}

// asking is the job that asks people to fill in what their visits need.
type asking struct{ v *record.Vault }

// Name implements work.Job.
func (asking) Name() string { return "forms" }

// Run implements work.Job.
func (b asking) Run(ctx context.Context) error {
	_, err := b.v.Ask(ctx, account.AsSystem(account.Asking))
	return err
}

// visits is the job that reminds people of visits, and offers those who wait the
// earlier times that were given back.
type visits struct{ v *record.Vault }

// Name implements work.Job.
func (visits) Name() string { return "visits" }

// Run implements work.Job.
func (b visits) Run(ctx context.Context) error {
	who := account.AsSystem(account.Visiting)
	_, err := b.v.Offer(ctx, who)
	if err == nil {
		_, err = b.v.Remind(ctx, who)
	}
	return err
}

// promises is the job that watches over the times by which answers were promised.
type promises struct{ v *record.Vault }

// Name implements work.Job.
func (promises) Name() string { return "promises" }

// Run implements work.Job.
func (b promises) Run(ctx context.Context) error {
	_, err := b.v.Promises(ctx, account.AsSystem(account.Promising))
	return err
}

// ladders is the job that tells people by the next way what they have not seen, and that
// something of their plan is open.
type ladders struct{ v *record.Vault }

// Name implements work.Job.
func (ladders) Name() string { return "ladders" }

// Run implements work.Job.
func (b ladders) Run(ctx context.Context) error {
	who := account.AsSystem(account.Promising)
	_, err := b.v.Climb(ctx, who)
	if err == nil {
		_, err = b.v.Nudge(ctx, who)
	}
	return err
}

// watching is the job that asks why charts were opened, and sees that it is looked into.
type watching struct{ v *record.Vault }

// Name implements work.Job.
func (watching) Name() string { return "privacy" }

// Run implements work.Job.
func (b watching) Run(ctx context.Context) error {
	who := account.AsSystem(account.Watching)
	_, err := b.v.AskWhy(ctx, who)
	if err == nil {
		_, err = b.v.Overlook(ctx, who)
	}
	return err
}

// clocks is the job that tells of whom the time to keep their record has run out.
type clocks struct{ v *record.Vault }

// Name implements work.Job.
func (clocks) Name() string { return "clocks" }

// Run implements work.Job.
func (b clocks) Run(ctx context.Context) error {
	_, err := b.v.RunOut(ctx, account.AsSystem(account.Watching))
	return err
}

// sweeping is the job that removes attachments that nothing names.
type sweeping struct{ v *record.Vault }

// Name implements work.Job.
func (sweeping) Name() string { return "sweep" }

// Run implements work.Job.
func (b sweeping) Run(ctx context.Context) error {
	_, err := b.v.Sweep(ctx, account.AsSystem(account.Promising))
	return err
}
