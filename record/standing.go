package record

import (
	"context"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Who treats a client, and what the client said of who may look, is in the chart: visits,
// referrals, care teams, plans and consents. So that a decision need not read the chart,
// what follows from them lies beside it, written in the same transaction.

// standing is what a decision about staff and one client rests on.
type standing struct {
	Team   []member    `json:",omitempty"`
	Limits []limitedBy `json:",omitempty"`
	Glass  []glass     `json:",omitempty"`
	Hold   *legalHold  `json:",omitempty"`
}

// member is somebody who treats the client, by one resource of the chart.
type member struct {
	Of    string // the resource's row
	Who   string // staff id
	Bond  policy.Bond
	From  time.Time `json:",omitzero"`
	Until time.Time
}

// limitedBy is what one Consent of the chart says.
type limitedBy struct {
	Of string // the Consent's row
	limit
}

// limit is whom the client does not want to look, and at what.
type limit struct {
	Who   []string  `json:",omitempty"` // staff ids; none is everybody
	But   []string  `json:",omitempty"` // whom it is not about all the same
	In    label.Set `json:",omitempty"` // compartments; none is the whole chart
	From  time.Time `json:",omitzero"`
	Until time.Time `json:",omitzero"`
}

// glass is a glass that somebody broke.
type glass struct {
	Who         string
	From, Until time.Time
}

func (g glass) on(now time.Time) bool { return !now.Before(g.From) && now.Before(g.Until) }

// How long each thing in a chart makes somebody one who treats the client.
const (
	visitBinds = 90 * 24 * time.Hour  // after a visit
	referBinds = 180 * 24 * time.Hour // after a referral that stands
	namedBinds = 366 * 24 * time.Hour // of who is named without an end
)

func (v *Vault) standingKey(c fhir.ClientID) []byte { return v.Key("standing", string(c)) }

func (v *Vault) standingOf(ctx context.Context, r store.Reader, c fhir.ClientID) (standing, error) {
	var out standing
	err := v.get(ctx, r, store.Standings, v.standingKey(c), &out)
	if errs.Is(err, errs.NotFound) {
		return standing{}, nil
	}
	return out, err
}

// bound is who somebody is to a client now: what makes them one who treats them, and what
// the client said of them.
func (v *Vault) bound(ctx context.Context, r store.Reader, staff string, c fhir.ClientID) (b policy.Bond, barred bool, shut label.Set, err error) {
	s, err := v.standingOf(ctx, r, c)
	if err != nil {
		return 0, false, 0, err
	}
	now := v.now.Now()
	for _, l := range s.Limits {
		if !l.on(now) || !l.about(staff) {
			continue
		}
		if shut |= l.In; l.In == 0 {
			barred = true
		}
	}
	for _, g := range s.Glass {
		if g.Who == staff && g.on(now) {
			return policy.ByGlass, barred, shut, nil
		}
	}
	if b = s.bond(staff, now); b != policy.NoBond {
		return b, barred, shut, nil
	}
	todo, err := v.todoOf(ctx, c)
	if err != nil {
		return 0, barred, shut, err
	}
	holds := func(id string) bool { return slices.ContainsFunc(todo, func(t Todo) bool { return t.binds(id, now) }) }
	if holds(staff) {
		return policy.ByTask, barred, shut, nil
	}
	m, err := staffIn(ctx, r, staff)
	if err != nil && !errs.Is(err, errs.NotFound) { // whoever is nobody yet stands in for nobody
		return 0, barred, shut, err
	}
	for _, x := range m.For {
		if !now.Before(x.From) && now.Before(x.Until) && (s.bond(x.Who, now) != policy.NoBond || holds(x.Who)) {
			return policy.ByCover, barred, shut, nil
		}
	}
	return policy.NoBond, barred, shut, nil
}

// bond is what makes somebody one who treats the client, by the chart.
func (s standing) bond(staff string, now time.Time) policy.Bond {
	best := policy.NoBond
	for _, m := range s.Team {
		if m.Who == staff && !now.Before(m.From) && now.Before(m.Until) && (best == policy.NoBond || m.Bond < best) {
			best = m.Bond
		}
	}
	return best
}

func (l limit) on(now time.Time) bool {
	return !now.Before(l.From) && (l.Until.IsZero() || now.Before(l.Until))
}

// todoOf returns what is to do about a client.
func (v *Vault) todoOf(ctx context.Context, c fhir.ClientID) ([]Todo, error) {
	if _, err := v.todoList(ctx); err != nil {
		return nil, err
	}
	now := v.now.Now()
	v.memo.mu.Lock()
	defer v.memo.mu.Unlock()
	var out []Todo
	for _, x := range v.memo.of[c] {
		if x.ends == 0 || x.ends > now.UnixMilli() {
			out = append(out, x.todo)
		}
	}
	return out, nil
}

// bindings are the types that make somebody one who treats the client, or keep them out.
var bindings = []string{appointment, attended, "ServiceRequest", "CareTeam", "CarePlan", consent}

// binding is what one resource says about who treats the client, and who is kept out.
type binding struct {
	of      string
	members []member
	limits  []limitedBy
}

// binds notes what a written resource says of that; doc is nil for one that goes.
func (ch *charted) binds(d *draft) {
	if !slices.Contains(bindings, d.Type) {
		return
	}
	b := binding{of: string(refOf(d.key))}
	if d.doc != nil {
		root, now := d.doc.Root(), ch.v.now.Now()
		switch d.Type {
		case appointment, attended:
			b.members = ch.seen(root, now)
		case "ServiceRequest":
			b.members = ch.named(root, now, "performer", policy.ByRefer, referBinds)
		case "CareTeam":
			b.members = ch.named(root, now, "participant", policy.ByAssign, namedBinds)
		case "CarePlan":
			b.members = ch.named(root, now, "author", policy.ByAssign, namedBinds)
		case consent:
			for _, l := range ch.v.limitsIn(root) {
				b.limits = append(b.limits, limitedBy{b.of, l})
			}
		}
		for i := range b.members {
			b.members[i].Of = b.of
		}
	}
	ch.bindings = append(ch.bindings, b)
}

// works returns the staff id that a reference names.
func (v *Vault) works(ref fhir.Node) (string, bool) {
	typ, id := fhir.SplitReference(ref.Get("reference").Str())
	if typ != "Practitioner" {
		return "", false
	}
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	_, is := v.times.left[id]
	return id, is
}

// seen are those who see the client at a visit that stands.
func (ch *charted) seen(root fhir.Node, now time.Time) []member {
	switch root.Get("status").Str() {
	case "cancelled", "noshow", "entered-in-error":
		return nil
	}
	end := root.Get("end").Time().At
	if p := root.Get("period"); p.OK() {
		if end = p.Get("end").Time().At; end.IsZero() {
			end = p.Get("start").Time().At
		}
	}
	if end.IsZero() {
		end = now
	}
	var out []member
	for p := range root.Each("participant") {
		for _, at := range []string{"actor", "individual"} {
			if id, ok := ch.v.works(p.Get(at)); ok {
				out = append(out, member{Who: id, Bond: policy.ByVisit, Until: end.Add(visitBinds)})
			}
		}
	}
	return out
}

// named are those that something which stands names.
func (ch *charted) named(root fhir.Node, now time.Time, element string, by policy.Bond, for0 time.Duration) []member {
	if s := root.Get("status").Str(); s != "active" && s != "on-hold" && s != "proposed" && s != "draft" && s != "" {
		return nil
	}
	period := root.Get("period")
	from, until := period.Get("start").Time().At, period.Get("end").Time().At
	if until.IsZero() {
		until = now.Add(for0)
	}
	var out []member
	for x := range root.Each(element) {
		who, f, u := x, from, until
		if m := x.Get("member"); m.OK() {
			who = m
			if e := x.Get("period", "end").Time().At; !e.IsZero() && e.Before(u) {
				u = e
			}
			if s := x.Get("period", "start").Time().At; s.After(f) {
				f = s
			}
		}
		if id, ok := ch.v.works(who); ok {
			out = append(out, member{Who: id, Bond: by, From: f, Until: u})
		}
	}
	return out
}

// stand writes what follows from what was written.
func (ch *charted) stand(ctx context.Context, tx store.Tx) error {
	if len(ch.bindings) == 0 {
		return nil
	}
	s, err := ch.v.standingOf(ctx, tx, ch.client)
	if err != nil {
		return err
	}
	now := ch.v.now.Now()
	for _, b := range ch.bindings {
		s.Team = append(slices.DeleteFunc(s.Team, func(m member) bool { return m.Of == b.of || !now.Before(m.Until) }), b.members...)
		s.Limits = append(slices.DeleteFunc(s.Limits, func(l limitedBy) bool { return l.Of == b.of }), b.limits...)
	}
	return ch.v.putStanding(ctx, tx, ch.client, s)
}

func (v *Vault) putStanding(ctx context.Context, tx store.Tx, c fhir.ClientID, s standing) error {
	v.bars.forget(c)
	return v.put(ctx, tx, store.Standings, v.standingKey(c), time.Time{}, &s)
}

// Cover is whose work somebody does for a while.
type Cover struct {
	Who         string // staff id
	From, Until time.Time
}

// Treats is somebody who gives care here, as they stand to one client.
type Treats struct {
	ID, Name, Title string
	Bond            policy.Bond // NoBond if they do not treat the client
	Until           time.Time   // the zero time while something is theirs to see to
	Barred          bool        // the client keeps them from all of the chart
}

// Team returns who gives care here, by name: those who treat this client now, each by what
// binds them longest, and those who do not. It is for the client, and for who gives care.
func (c *Chart) Team(ctx context.Context) ([]Treats, error) {
	if c == nil || c.v == nil || c.basis != policy.IsTheirs && c.basis != policy.CareTeam {
		return nil, errRefused
	}
	staff, err := c.v.staff(ctx)
	if err != nil {
		return nil, wrap("team", err)
	}
	var out []Treats
	err = c.v.st.View(ctx, func(r store.Reader) error {
		s, err := c.v.standingOf(ctx, r, c.client)
		if err != nil {
			return err
		}
		now := c.v.now.Now()
		for _, m := range staff {
			if !m.reads(false) {
				continue
			}
			b, barred, _, err := c.v.bound(ctx, r, m.ID, c.client)
			if err != nil {
				return err
			}
			t := Treats{ID: m.ID, Name: m.Name, Title: m.Title, Bond: b, Barred: barred}
			for _, x := range s.Team {
				if x.Who == m.ID && x.Bond == b && now.Before(x.Until) && x.Until.After(t.Until) {
					t.Until = x.Until
				}
			}
			switch b {
			case policy.ByGlass:
				for _, g := range s.Glass {
					if g.Who == m.ID && g.Until.After(t.Until) {
						t.Until = g.Until
					}
				}
			case policy.ByCover:
				for _, x := range m.For {
					if !now.Before(x.From) && x.Until.After(t.Until) {
						t.Until = x.Until
					}
				}
			}
			out = append(out, t)
		}
		return nil
	})
	return out, wrap("team", err)
}

// treats reports that who opened the directory treats a client, who did not shut to them
// what lies in some compartments. Who cannot be asked about is not treated.
func (d *Directory) treats(ctx context.Context, c fhir.ClientID, in label.Set) bool {
	if d.basis != policy.CareTeam || c == "" {
		return false
	}
	is := false
	err := d.v.st.View(ctx, func(r store.Reader) error {
		b, barred, shut, err := d.v.bound(ctx, r, d.who.ID(), c)
		is = b == policy.ByGlass || b != policy.NoBond && !barred && in&shut == 0
		return err
	})
	return err == nil && is
}
