package record

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// CareRoles are the roles that somebody can hold at one place only. Who runs the
// practice, writes its library or watches over privacy does so everywhere.
const CareRoles = account.FrontDesk | account.Nurse | account.Clinician | account.Coordinator

// errLastManager is for a change after which nobody would run the practice.
var errLastManager = errs.Say(errs.E(errs.Conflict, "record: the last manager"), "team.last_manager")

// errPlace is for a place that the practice does not have.
var errPlace = errs.Say(errs.E(errs.NotFound, "record: no such place"), "team.place_gone")

// roles reads what a member of staff may do everywhere, and at each place the
// practice has; false if a code is unknown, or one of a place is for everywhere.
func (m StaffMember) roles(places []Place) (account.Roles, []account.At, bool) {
	all, ok := account.ParseRoles(m.Roles)
	for _, codes := range m.At {
		r, known := account.ParseRoles(codes)
		ok = ok && known && !r.Any(^CareRoles)
	}
	if !ok {
		return 0, nil, false
	}
	var out []account.At
	for _, p := range places {
		if r, _ := account.ParseRoles(m.At[p.ID]); r != 0 {
			out = append(out, account.At{Place: p.ID, Name: p.Name, Roles: r})
		}
	}
	return all, out, true
}

// May reports whether they may do anything, anywhere.
func (m StaffMember) May() bool {
	codes := m.Roles
	for _, at := range m.At {
		codes += " " + at
	}
	r, _ := account.ParseRoles(codes)
	return r != 0
}

// staffed refuses who did not open the practice to say who works here. Software
// that sets a practice up may.
func (p *Practice) staffed() error {
	if p == nil || p.v == nil || p.why != Staffing && p.why != Importing {
		return errRefused
	}
	return nil
}

// SetStaff keeps members of staff. Who has left is out everywhere at once: their
// sessions end and open invitations are void. A change after which nobody would
// run the practice is refused.
func (p *Practice) SetStaff(ctx context.Context, ms ...StaffMember) error {
	if err := p.staffed(); err != nil {
		return err
	}
	for _, m := range ms {
		if _, _, ok := m.roles(nil); !ok || m.ID == "" || m.Name == "" {
			return errs.E(errs.Invalid, "record: staff member without an id, a name or known roles")
		}
	}
	return wrap("staff", p.act(ctx, "staff", func(ctx context.Context, tx store.Tx) error {
		before, err := managers(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range ms {
			if err := p.byAnother(ctx, tx, m, before); err != nil {
				return err
			}
			was, err := staffIn(ctx, tx, m.ID)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
			m.Frozen = was.Frozen // who looks into what they did says so, nobody else
			if err := setStaff(ctx, tx, m); err != nil {
				return err
			}
			if !m.Left {
				continue
			}
			if err := p.v.shutOut(ctx, tx, staffSubject(m.ID)); err != nil {
				return err
			}
		}
		if after, err := managers(ctx, tx); err != nil || len(before) > 0 && len(after) == 0 {
			return orElse(err, errLastManager)
		}
		return nil
	}, func() { p.v.times.staffed(ms...) }))
}

// errOwnRoles is for a manager who would make themselves one who cares for people.
var errOwnRoles = errs.Say(errs.E(errs.Conflict, "record: one's own care roles"), "team.own_roles")

// byAnother refuses a manager who gives themselves a role that opens charts, or whom a
// colleague treats, where there is another manager who can.
func (p *Practice) byAnother(ctx context.Context, r store.Reader, m StaffMember, managers []string) error {
	if p.who.Subject() != staffSubject(m.ID) || len(managers) < 2 {
		return nil
	}
	was, err := staffIn(ctx, r, m.ID)
	if err != nil {
		return err
	}
	gains := func(now, before string) bool {
		n, _ := account.ParseRoles(now)
		b, _ := account.ParseRoles(before)
		return n&CareRoles&^b != 0
	}
	for place, codes := range m.At {
		if gains(codes, was.At[place]+" "+was.Roles) {
			return errOwnRoles
		}
	}
	stands := func(x Cover) bool {
		return slices.ContainsFunc(was.For, func(y Cover) bool { return x.Who == y.Who && x.From.Equal(y.From) && x.Until.Equal(y.Until) })
	}
	if gains(m.Roles, was.Roles) || slices.ContainsFunc(m.For, func(x Cover) bool { return !stands(x) }) {
		return errOwnRoles
	}
	return nil
}

// AddStaff keeps somebody new and returns the id they were given.
func (p *Practice) AddStaff(ctx context.Context, m StaffMember) (id string, err error) {
	if err := p.staffed(); err != nil {
		return "", err
	}
	if m.ID, err = p.v.newID(); err != nil {
		return "", err
	}
	return m.ID, p.SetStaff(ctx, m)
}

// StaffMember returns one person who works or worked here; errs.NotFound if there
// is none.
func (p *Practice) StaffMember(ctx context.Context, id string) (m StaffMember, err error) {
	if p == nil || p.v == nil {
		return StaffMember{}, errRefused
	}
	err = p.v.st.View(ctx, func(r store.Reader) error {
		m, err = staffIn(ctx, r, id)
		return err
	})
	return m, wrap("staff", err)
}

func staffIn(ctx context.Context, r store.Reader, id string) (m StaffMember, err error) {
	o, err := r.Object(ctx, store.StaffSpace, []byte(id))
	if errors.Is(err, store.ErrNotExist) {
		return m, errNoDoor
	}
	if err == nil {
		err = json.Unmarshal(o.Body, &m)
	}
	return m, err
}

// staffAll returns who works here, or did.
func staffAll(ctx context.Context, r store.Reader) (out []StaffMember, err error) {
	err = r.Objects(ctx, store.StaffSpace, func(o store.Object) error {
		var m StaffMember
		err := json.Unmarshal(o.Body, &m)
		out = append(out, m)
		return err
	})
	return out, err
}

func setStaff(ctx context.Context, tx store.Tx, m StaffMember) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.SetObject(ctx, store.StaffSpace, store.Object{Key: []byte(m.ID), Body: b})
}

func staffSubject(id string) account.Subject { return account.Subject{Kind: account.Staff, ID: id} }

// staffAct puts one act about who works here on the ledger, with what it writes.
func (p *Practice) staffAct(ctx context.Context, what string, write func(context.Context, store.Tx) error) error {
	return p.act(ctx, what, write, nil)
}

// act puts one act about the practice on the ledger, with what it writes and what
// happens once that is kept.
func (p *Practice) act(ctx context.Context, what string, write func(context.Context, store.Tx) error, after func()) error {
	if p.why == Writing {
		return errRefused
	}
	return p.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{p.v.line(ctx, p.who, p.why, what, p.b, 0)}, Write: write, After: after})
}

// managers are the ids of those who run the practice, and may come in.
func managers(ctx context.Context, r store.Reader) (ids []string, err error) {
	return ids, r.Objects(ctx, store.StaffSpace, func(o store.Object) error {
		var m StaffMember
		err := json.Unmarshal(o.Body, &m)
		if rs, ok := account.ParseRoles(m.Roles); ok && !m.Left && !m.Frozen && rs.Any(account.Manager) {
			ids = append(ids, m.ID)
		}
		return err
	})
}

// shutOut ends the sessions of an account and takes back every link to it.
func (v *Vault) shutOut(ctx context.Context, tx store.Tx, s account.Subject) error {
	if err := v.dropLinks(ctx, tx, s, every); err != nil {
		return err
	}
	a, err := v.accessOf(ctx, tx, s)
	if err != nil || a == nil {
		return err
	}
	return v.endSessions(ctx, tx, s, a)
}

// endSessions ends what an account is signed in with, and keeps the rest of it.
func (v *Vault) endSessions(ctx context.Context, tx store.Tx, s account.Subject, a *account.Access) error {
	for _, h := range a.Sessions {
		if err := tx.DropObject(ctx, store.Sessions, h[:]); err != nil {
			return err
		}
	}
	a.Sessions = nil
	return v.put(ctx, tx, store.Access, v.accessKey(s), time.Time{}, a)
}

// dropLinks takes back links that were handed out for an account.
func (v *Vault) dropLinks(ctx context.Context, tx store.Tx, s account.Subject, which func(account.Link) bool) error {
	var theirs [][]byte
	err := tx.Objects(ctx, store.Links, func(o store.Object) error {
		key := slices.Clone(o.Key)
		var l account.Link
		if err := v.unpack(store.Links, store.Object{Key: key, Body: o.Body}, &l); err != nil {
			return err
		}
		if l.Subject == s && which(l) {
			theirs = append(theirs, key)
		}
		return nil
	})
	for _, k := range theirs {
		if err == nil {
			err = tx.DropObject(ctx, store.Links, k)
		}
	}
	return err
}

// InviteStaff makes a link with which a member of staff makes their first way in:
// it works once, for a day, and earlier ones work no more. Who has a way in, or has
// left, is not invited.
func (p *Practice) InviteStaff(ctx context.Context, id string) (token string, err error) {
	if err := p.staffed(); err != nil {
		return "", err
	}
	token, h, err := account.NewToken(p.v.rand)
	if err != nil {
		return "", err
	}
	s := staffSubject(id)
	l := account.Link{Hash: h, For: account.ToEnrol, Subject: s, Uses: account.Once, Ends: p.v.now.Now().Add(account.LinkLife)}
	return token, wrap("invite", p.staffAct(ctx, "invite", func(ctx context.Context, tx store.Tx) error {
		if _, err := p.v.personIn(ctx, tx, s); err != nil {
			return err
		}
		a, err := p.v.accessOf(ctx, tx, s)
		if err != nil {
			return err
		}
		if a != nil && !a.Locked() {
			return errTaken
		}
		if err := p.v.dropLinks(ctx, tx, s, every); err != nil {
			return err
		}
		return p.v.put(ctx, tx, store.Links, h[:], l.Ends, &l)
	}))
}

// errSelf is for a manager who would lock themselves out.
var errSelf = errs.Say(errs.E(errs.Conflict, "record: one's own ways in"), "team.reset_self")

// ResetStaff takes every way in from a member of staff and ends their sessions, so
// that they can be invited anew. They are told, and so is everybody else who runs the
// practice: whoever resets somebody could come in as them. Nobody does it to
// themselves: they would be out, and nobody may be left to let them in.
func (p *Practice) ResetStaff(ctx context.Context, id string) error {
	if err := p.staffed(); err != nil {
		return err
	}
	s := staffSubject(id)
	if p.who.Subject() == s {
		return errSelf
	}
	return wrap("reset", p.staffAct(ctx, "reset", func(ctx context.Context, tx store.Tx) error {
		if _, err := staffIn(ctx, tx, id); err != nil {
			return err
		}
		if err := p.v.shutOut(ctx, tx, s); err != nil {
			return err
		}
		a, err := p.v.accessOf(ctx, tx, s)
		if err != nil || a == nil {
			return err
		}
		a.Passkeys, a.App, a.Spares, a.Bound, a.Back = nil, nil, nil, nil, nil
		if err := p.v.put(ctx, tx, store.Access, p.v.accessKey(s), time.Time{}, a); err != nil {
			return err
		}
		if err := p.v.tellAccount(ctx, tx, s, account.LetterKeyGone, "/account"); err != nil {
			return err
		}
		ids, err := managers(ctx, tx)
		for _, m := range ids {
			if m := staffSubject(m); err == nil && m != s && m != p.who.Subject() {
				err = p.v.tellAccount(ctx, tx, m, account.LetterReset, "/practice/team/"+id)
			}
		}
		return err
	}))
}

// every is every link.
func every(account.Link) bool { return true }

// EndSessions signs a member of staff out everywhere. They can come in again.
func (p *Practice) EndSessions(ctx context.Context, id string) error {
	if err := p.staffed(); err != nil {
		return err
	}
	return wrap("sessions", p.staffAct(ctx, "signout", func(ctx context.Context, tx store.Tx) error {
		if _, err := staffIn(ctx, tx, id); err != nil {
			return err
		}
		return p.v.shutOut(ctx, tx, staffSubject(id))
	}))
}

// StaffAccounts returns, by id, whether those who work here have a way in, and
// never which.
func (p *Practice) StaffAccounts(ctx context.Context) (map[string]Account, error) {
	if p == nil || p.v == nil {
		return nil, errRefused
	}
	ms, err := p.Staff(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]Account{}
	err = p.v.st.View(ctx, func(r store.Reader) error {
		for _, m := range ms {
			a, err := p.v.accessOf(ctx, r, staffSubject(m.ID))
			if err != nil {
				return err
			}
			if a != nil {
				out[m.ID] = Account{Has: !a.Locked(), Mails: len(a.Mails)}
			}
		}
		return nil
	})
	return out, wrap("accounts", err)
}

// The most places a practice has, and the longest name of one, in letters.
const (
	placesMax    = 40
	placeNameMax = 60
)

// AddPlace adds a place where the practice works.
func (p *Practice) AddPlace(ctx context.Context, name string) error {
	if err := p.staffed(); err != nil {
		return err
	}
	name = account.CleanName(name)
	s := p.v.Settings()
	switch {
	case name == "" || len([]rune(name)) > placeNameMax:
		return errs.Say(errs.E(errs.Invalid, "record: a place without a name"), "team.place_name")
	case len(s.Places) >= placesMax:
		return errs.E(errs.Conflict, "record: too many places")
	case slices.ContainsFunc(s.Places, func(x Place) bool { return strings.EqualFold(x.Name, name) }):
		return errs.Say(errs.E(errs.Conflict, "record: two places of one name"), "team.place_twice")
	}
	id, err := p.v.newID()
	if err != nil {
		return err
	}
	s.Places = append(slices.Clone(s.Places), Place{id, name})
	return p.SetSettings(ctx, s)
}

// RemovePlace removes a place. What staff might do there and nowhere else they may
// do no more.
func (p *Practice) RemovePlace(ctx context.Context, id string) error {
	if err := p.staffed(); err != nil {
		return err
	}
	s := p.v.Settings()
	n := len(s.Places)
	s.Places = slices.DeleteFunc(slices.Clone(s.Places), func(x Place) bool { return x.ID == id })
	if len(s.Places) == n {
		return errPlace
	}
	return p.SetSettings(ctx, s)
}

// founding is the practice opened for its first manager.
func (v *Vault) founding() *Practice {
	return &Practice{v, account.Actor{}, Staffing, policy.Manages}
}
