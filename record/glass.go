package record

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// glassHolds is for how long a broken glass lets somebody in.
const glassHolds = 4 * time.Hour

// reasonLeast and reasonMost bound a reason, in letters.
const (
	reasonLeast = 10
	reasonMost  = 500
)

var errReason = errs.Say(errs.E(errs.Invalid, "record: a reason of %d to %d letters", reasonLeast, reasonMost), "privacy.reason_short")

// reason is what somebody said for why they must, fit to be kept: what is not seen is no
// part of it.
func reason(s string) (string, error) {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf) && !unicode.IsSpace(r) && r != '\u200c' && r != '\u200d' { // those two join letters
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if n := utf8.RuneCountInString(s); n-strings.Count(s, "\u200c")-strings.Count(s, "\u200d") < reasonLeast || n > reasonMost {
		return "", errReason
	}
	return s, nil
}

// Safety says whether a letter now could put a client in danger. The zero Safety is that
// it is safe to tell them at once.
type Safety uint8

// Whether it is safe to tell somebody at once.
const (
	Safe   Safety = iota
	Unsafe        // no letter goes; the line on the ledger stands
)

// Break lets who opened the chart see what is closed to them, for four hours: what the
// client keeps them from, and every compartment. The reason stands on the client's own
// ledger, they are told at once unless that is unsafe, and the privacy officer looks into
// it the next day. It is for staff who give care, with a fresh passkey.
func (c *Chart) Break(ctx context.Context, why string, t Safety) error {
	if c == nil || c.v == nil || c.why != Breaking || c.parts&Person == 0 {
		return errRefused
	}
	said, err := reason(why)
	if err != nil {
		return err
	}
	v, now := c.v, c.v.now.Now().UTC()
	id, err := v.newID()
	if err != nil {
		return wrap("glass", err)
	}
	line := v.line(ctx, c.who, c.why, "glass", c.basis, 0)
	line.Entry.Said = said
	v.chain(ctx, line, c.client)
	x := Review{ID: id, Kind: ReviewGlass, Client: c.client, Staff: c.who.ID(), Name: c.who.Name(), Said: said, At: now, Until: now.Add(glassHolds), Unsafe: t == Unsafe, Due: v.dayAfter(now)}
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		if _, here := v.people.row(c.client); !here {
			return errRefused // merged or erased since it was opened
		}
		s, err := v.standingOf(ctx, tx, c.client)
		if err != nil {
			return err
		}
		s.Glass = append(slices.DeleteFunc(s.Glass, func(g glass) bool { return g.Who == x.Staff || !now.Before(g.Until) }), glass{x.Staff, now, x.Until})
		if err := v.putStanding(ctx, tx, c.client, s); err != nil {
			return err
		}
		if err := v.putReview(ctx, tx, x); err != nil {
			return err
		}
		if err := v.tellOfficers(ctx, tx); err != nil || x.Unsafe {
			return err
		}
		return v.tellAccount(ctx, tx, asClient(c.client), account.LetterGlass, "/me/"+string(c.client)+"/looks")
	}})
	return wrap("glass", err)
}

// Glass returns until when the glass that who opened the chart broke lets them in; the
// zero Time if they broke none.
func (c *Chart) Glass(ctx context.Context) (time.Time, error) {
	if c == nil || c.v == nil || c.bond != policy.ByGlass {
		return time.Time{}, nil
	}
	var until time.Time
	err := c.v.st.View(ctx, func(r store.Reader) error {
		s, err := c.v.standingOf(ctx, r, c.client)
		for _, g := range s.Glass {
			if g.Who == c.looker().ID && g.on(c.v.now.Now()) && g.Until.After(until) {
				until = g.Until
			}
		}
		return err
	})
	return until, wrap("glass", err)
}

// Bond returns what makes who opened the chart one who treats the client.
func (c *Chart) Bond() Bond { return c.bond }

// Bond is what makes a member of staff one who treats a client.
type Bond = policy.Bond

// The bonds.
const (
	NoBond   = policy.NoBond
	ByVisit  = policy.ByVisit
	ByRefer  = policy.ByRefer
	ByAssign = policy.ByAssign
	ByTask   = policy.ByTask
	ByCover  = policy.ByCover
	ByGlass  = policy.ByGlass
)

// dayAfter is the end of the next day at the practice.
func (v *Vault) dayAfter(t time.Time) time.Time {
	z := v.Zone()
	d := t.In(z)
	return time.Date(d.Year(), d.Month(), d.Day()+2, 0, 0, 0, 0, z).UTC()
}

// tellOfficers tells who watches over privacy that there is something to look into.
func (v *Vault) tellOfficers(ctx context.Context, tx store.Tx) error {
	ms, err := staffAll(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range ms {
		if roles, _ := account.ParseRoles(m.Roles); !m.Left && roles.Any(account.PrivacyOfficer) {
			if err := v.letterTo(ctx, tx, staffSubject(m.ID), account.LetterReview, leads("/practice/privacy"), v.now.Now().Add(messageHolds)); err != nil {
				return err
			}
		}
	}
	return nil
}

// initials are what a person is called where no more is needed.
func (v *Vault) initials(c fhir.ClientID) string {
	card, _ := v.people.card(c)
	var out []string
	for _, w := range []string{card.Given, card.Family} {
		if r, n := utf8.DecodeRuneInString(w); n > 0 {
			out = append(out, string(r)+".")
		}
	}
	return strings.Join(out, " ")
}
