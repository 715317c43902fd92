package record

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// feedLife is for how long a calendar may be subscribed to by one link.
const feedLife = 366 * 24 * time.Hour

// Feed is somebody's visits as their calendar program may know them, by a link they
// made for it: when and where, and never what about or with whom. The zero Feed is
// closed.
type Feed struct {
	v   *Vault
	sub account.Subject
}

// FeedItem is one visit of a feed.
type FeedItem struct {
	ID       string // the same as long as it is the same visit
	From, To time.Time
	Mode     hours.Modes
	Room     string // its name
	Made     time.Time
}

// OpenFeed opens the calendar that a link is for.
func (v *Vault) OpenFeed(_ context.Context, who account.Actor) (*Feed, error) {
	if who.Kind() != account.Client && who.Kind() != account.Staff {
		return nil, errRefused
	}
	return &Feed{v, who.Subject()}, nil
}

// Items returns the visits of the last day and of those to come, in order.
func (f *Feed) Items() []FeedItem {
	if f == nil || f.v == nil {
		return nil
	}
	tt := f.v.Timetable()
	var out []FeedItem
	for _, x := range f.v.times.all() {
		mine := f.sub.Kind == account.Client && x.Seat.Client == fhir.ClientID(f.sub.ID) || f.sub.Kind == account.Staff && slices.Contains(x.Seat.of(), f.sub.ID)
		if mine && x.Kind == store.Visit && !x.Line && x.State != "noshow" {
			room, _ := tt.Room(x.Room)
			out = append(out, FeedItem{f.v.feedID(f.sub, x.ID), x.Seat.From, x.Seat.To, x.Mode, room.Name, x.Made})
		}
	}
	return out
}

// all returns what is taken, in order.
func (t *times) all() []*taking {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := slices.Collect(maps.Values(t.byID))
	slices.SortFunc(out, func(a, b *taking) int { return a.Seat.From.Compare(b.Seat.From) })
	return out
}

// feedID names a visit in one feed, and says nothing in another.
func (v *Vault) feedID(s account.Subject, id timeID) string {
	return hex.EncodeToString(v.Key("feed "+s.Kind.String()+" "+s.ID, string(id[:])))
}

// newFeed makes the link of a feed; the one before ends.
func (v *Vault) newFeed(ctx context.Context, s account.Subject, line *ledger.Line) (string, error) {
	token, h, err := account.NewToken(v.rand)
	if err != nil {
		return "", err
	}
	ends := v.now.Now().Add(feedLife)
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		if err := v.dropLinks(ctx, tx, s, isFeed); err != nil {
			return err
		}
		return v.put(ctx, tx, store.Links, h[:], ends, &account.Link{Hash: h, For: account.ToFeed, Subject: s, Uses: account.Once, Made: v.now.Now(), Ends: ends})
	}})
	return "/feeds/" + token + "/visits.ics", wrap("feed", err)
}

func isFeed(l account.Link) bool { return l.For == account.ToFeed }

func (v *Vault) endFeed(ctx context.Context, s account.Subject, line *ledger.Line) error {
	return wrap("feed", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		return v.dropLinks(ctx, tx, s, isFeed)
	}}))
}

// feedLine is the ledger line of a link that is made or ended.
func (c *Chart) feedLine(ctx context.Context, what string) *ledger.Line {
	line := c.v.line(ctx, c.who, c.why, what, c.basis, 0)
	c.v.chain(ctx, line, c.client)
	return line
}

// owned refuses who does not have their own chart open to book in, and who came by a
// link alone: what they would make is read for a year, and ends the one its owner made.
func (c *Chart) owned() error {
	switch {
	case !c.books() || c.who.Client() != c.client:
		return errRefused
	case c.basis == policy.ByLink:
		return account.Low(account.ByKey)
	}
	return nil
}

// NewFeed makes the link by which the client's own calendar program reads when their
// visits are, and returns its path; the one before ends.
func (c *Chart) NewFeed(ctx context.Context) (string, error) {
	if err := c.owned(); err != nil {
		return "", err
	}
	line := c.feedLine(ctx, "feed")
	line.Entry.Gave = &Gave{To: ToLink, As: "text/calendar"}
	return c.v.newFeed(ctx, asClient(c.client), line)
}

// EndFeed ends it, there or not.
func (c *Chart) EndFeed(ctx context.Context) error {
	if err := c.owned(); err != nil {
		return err
	}
	return c.v.endFeed(ctx, asClient(c.client), c.feedLine(ctx, "unfeed"))
}

// NewFeed makes the link by which a member of staff's own calendar program reads when
// they are taken, and returns its path; the one before ends.
func (d *Directory) NewFeed(ctx context.Context) (string, error) {
	if d == nil || d.v == nil || d.why != Finding || d.who.Kind() != account.Staff {
		return "", errRefused
	}
	return d.v.newFeed(ctx, d.who.Subject(), d.v.line(ctx, d.who, d.why, "feed", d.basis, 0))
}

// EndFeed ends it, there or not.
func (d *Directory) EndFeed(ctx context.Context) error {
	if d == nil || d.v == nil || d.why != Finding || d.who.Kind() != account.Staff {
		return errRefused
	}
	return d.v.endFeed(ctx, d.who.Subject(), d.v.line(ctx, d.who, d.why, "unfeed", d.basis, 0))
}

// Span is a stretch of time.
type Span struct{ From, To time.Time }

// blockMost bounds how many times one calendar blocks.
const blockMost = 4000

// SetBlocks makes a member of staff's own calendar count: nobody can book them while
// it says that they are taken. It replaces what it said before. A visit that is there
// already stays. It returns how many times it takes.
func (d *Directory) SetBlocks(ctx context.Context, spans []Span) (int, error) {
	if d == nil || d.v == nil || d.why != Finding || d.who.Kind() != account.Staff {
		return 0, errRefused
	}
	v, who := d.v, d.who.ID()
	spans = pieces(spans, v.now.Now())
	if len(spans) > blockMost {
		return 0, errs.Say(errs.E(errs.Invalid, "record: %d times in one calendar", len(spans)), "visits.calendar_large")
	}
	var freed []timeID
	var took []*taking
	line := v.line(ctx, d.who, d.why, "blocks", d.basis, 0)
	err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		freed, took = nil, nil
		for _, x := range v.times.all() {
			if x.Kind == store.Block && x.Seat.Who == who {
				if err := tx.Free(ctx, x.ID); err != nil {
					return err
				}
				freed = append(freed, x.ID)
			}
		}
		for _, s := range spans {
			x, err := v.block(ctx, tx, Seat{Who: who, From: s.From, To: s.To, Made: v.now.Now().UTC()})
			if err != nil {
				return err
			}
			took = append(took, x)
		}
		return nil
	}, After: func() { v.times.change(freed, took) }})
	return len(spans), wrap("blocks", err)
}

// block takes a time for nobody; beside a visit, if one is there.
func (v *Vault) block(ctx context.Context, tx store.Tx, s Seat) (*taking, error) {
	var id timeID
	if _, err := io.ReadFull(v.rand, id[:]); err != nil {
		return nil, err
	}
	for {
		x, err := v.closed(id, store.Block, s)
		if err != nil {
			return nil, err
		}
		err = tx.Take(ctx, x.Taken)
		if err == nil {
			return x, nil
		}
		if s.Beside || goneIf(err) != errGone { //nolint:errorlint // goneIf returns it bare
			return nil, fmt.Errorf("block: %w", err)
		}
		s.Beside = true
	}
}

// pieces are spans in order, none overlapping another, none over and none longer than
// a day, of the next year.
func pieces(in []Span, now time.Time) []Span {
	in = slices.Clone(in)
	slices.SortFunc(in, func(a, b Span) int { return a.From.Compare(b.From) })
	var out []Span
	for _, s := range in {
		if s.From.Before(now) {
			s.From = now
		}
		if last := now.Add(feedLife); s.To.After(last) {
			s.To = last
		}
		s.From, s.To = s.From.UTC().Truncate(time.Second), s.To.UTC().Truncate(time.Second)
		if n := len(out); n > 0 && !s.From.After(out[n-1].To) {
			if s.To.After(out[n-1].To) {
				out[n-1].To = s.To
			}
			continue
		}
		if s.To.After(s.From) {
			out = append(out, s)
		}
	}
	var cut []Span
	for _, s := range out {
		for s.To.Sub(s.From) > 12*time.Hour {
			cut = append(cut, Span{s.From, s.From.Add(12 * time.Hour)})
			s.From = s.From.Add(12 * time.Hour)
		}
		cut = append(cut, s)
	}
	return cut
}
