package record

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// legalHold stops every clock of a client.
type legalHold struct {
	Of   fhir.ClientID
	By   string // the name of who said so
	At   time.Time
	Note string // which matter
}

// Matter is a legal matter, for which nothing of a client may be destroyed.
type Matter struct {
	Client   fhir.ClientID
	Initials string
	Name     string // which matter
	By       string // the name of who said so
	Since    time.Time
}

var errHeld = errs.Say(errs.E(errs.Conflict, "record: a legal hold stops every clock"), "privacy.held")

// held reports that a legal hold stops every clock of a client. What was said of a chart
// that became part of theirs holds for the whole.
func (v *Vault) held(ctx context.Context, r store.Reader, of fhir.ClientID) (bool, error) {
	if s, err := v.standingOf(ctx, r, of); err != nil || s.Hold != nil {
		return s.Hold != nil, err
	}
	for c := range v.people.all(of) {
		if s, err := v.standingOf(ctx, r, c); err != nil || s.Hold != nil {
			return s.Hold != nil, err
		}
	}
	return false, nil
}

// Matters returns the legal matters for which clocks stand still, the newest first. It is
// for the privacy officer.
func (p *Practice) Matters(ctx context.Context) ([]Matter, error) {
	if err := p.guards(); err != nil {
		return nil, err
	}
	var out []Matter
	err := p.v.st.View(ctx, func(r store.Reader) error {
		out = nil
		return r.Objects(ctx, store.Standings, func(o store.Object) error {
			var s standing
			if err := p.v.unpack(store.Standings, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &s); err != nil || s.Hold == nil {
				return err
			}
			x := Matter{Client: s.Hold.Of, Name: s.Hold.Note, By: s.Hold.By, Since: s.Hold.At}
			if into := p.v.people.went(x.Client); into != "" {
				x.Client = into
			}
			x.Initials = p.v.initials(x.Client)
			out = append(out, x)
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Matter) int { return b.Since.Compare(a.Since) })
	return out, wrap("matters", err)
}

// matterMost is how long what a legal matter is called may be, in letters.
const matterMost = 200

// Hold stops every clock of a client, for a legal matter, or lets them run again if the
// note is "". It stands on the client's ledger. It is for the privacy officer.
func (p *Practice) Hold(ctx context.Context, of fhir.ClientID, note string) error {
	if err := p.guards(); err != nil {
		return err
	}
	if p.who.Level() < account.Fresh {
		return account.Low(account.Fresh)
	}
	if utf8.RuneCountInString(note) > matterMost {
		return errSaid
	}
	v := p.v
	act := map[bool]string{true: "unhold", false: "hold"}[note == ""]
	line := v.line(ctx, p.who, p.why, act, policy.Manages, 0)
	v.chain(ctx, line, of)
	if line.Entry.Client == "" {
		return errAbsent
	}
	return wrap("hold", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		for c := range v.people.all(of) {
			s, err := v.standingOf(ctx, tx, c)
			if err != nil {
				return err
			}
			was := s.Hold
			if s.Hold = nil; note != "" && c == of {
				s.Hold = &legalHold{of, p.who.Name(), v.now.Now().UTC(), note}
			}
			if was == nil && s.Hold == nil {
				continue
			}
			if err := v.putStanding(ctx, tx, c, s); err != nil {
				return err
			}
		}
		return nil
	}}))
}
