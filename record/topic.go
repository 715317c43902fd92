package record

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/store"
)

// Topic is what somebody can write to the practice about: who answers, and by when.
type Topic struct {
	ID      string
	Names   map[string]string // by language, BCP 47, in a client's words
	About   map[string]string // what belongs here, in a sentence
	Roles   string            // whoever holds one of these answers, as account.ParseRoles reads them
	Who     []string          // and these, by staff id
	Cover   string            // who takes over what is not answered or whose owner is away; "" is whoever of them is there
	Minutes int               // of working time, in which an answer is promised
	Desk    bool              // administrative: the front desk reads it
	Off     bool              // nobody begins a thread about it any more
}

// The bounds of the topics a practice has: how many; how long an answer may take, in
// minutes; and, in bytes, how long a name and what belongs to it may be.
const (
	topicsMost  = 24
	promiseMost = 10 * 8 * 60
	nameMost    = 240
	aboutMost   = 1200
)

// DefaultTopics is what a practice has that wrote down none.
func DefaultTopics() []Topic {
	return []Topic{
		{ID: "care", Names: map[string]string{"en": "How I am, or my plan", "es": "Cómo estoy o mi plan", "fr": "Comment je vais, ou mon plan"},
			About: map[string]string{"en": "Something has changed, something is not clear, or a question about your plan.", "es": "Algo ha cambiado, algo no está claro o una pregunta sobre su plan.", "fr": "Quelque chose a changé, n’est pas clair, ou une question sur votre plan."},
			Roles: "nurse clinician", Minutes: 4 * 60},
		{ID: "medicine", Names: map[string]string{"en": "A medicine", "es": "Un medicamento", "fr": "Un médicament"},
			About: map[string]string{"en": "A refill, how to take it, or something you notice since you take it.", "es": "Una receta, cómo tomarlo o algo que nota desde que lo toma.", "fr": "Un renouvellement, comment le prendre, ou ce que vous remarquez depuis."},
			Roles: "nurse clinician", Minutes: 4 * 60},
		{ID: "visit", Names: map[string]string{"en": "A visit", "es": "Una visita", "fr": "Une visite"},
			About: map[string]string{"en": "Finding a time, getting here, or what to bring.", "es": "Encontrar una hora, cómo llegar o qué traer.", "fr": "Trouver un horaire, venir, ou quoi apporter."},
			Roles: "frontdesk coordinator", Minutes: 8 * 60, Desk: true},
		{ID: "paper", Names: map[string]string{"en": "A letter or a form", "es": "Una carta o un formulario", "fr": "Une lettre ou un formulaire"},
			About: map[string]string{"en": "For work, school, insurance or another practice.", "es": "Para el trabajo, la escuela, el seguro u otra consulta.", "fr": "Pour le travail, l’école, l’assurance ou un autre cabinet."},
			Roles: "frontdesk coordinator", Minutes: 16 * 60, Desk: true},
		{ID: "privacy", Names: map[string]string{"en": "My record and my privacy", "es": "Mi expediente y mi privacidad", "fr": "Mon dossier et ma vie privée"},
			About: map[string]string{"en": "Who looked, something that is wrong, or something you want kept apart.", "es": "Quién miró, algo que está mal o algo que quiere guardar aparte.", "fr": "Qui a regardé, ce qui est faux, ou ce que vous voulez garder à part."},
			Roles: "clinician coordinator", Minutes: 16 * 60},
	}
}

var topicsKey = []byte("topics")

// written reads a setting that the practice wrote, or what it has that wrote none.
func written[T any](ctx context.Context, v *Vault, key []byte, none T) (T, error) {
	out := none
	err := v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.Settings, key)
		if errors.Is(err, store.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		var x T
		err = json.Unmarshal(o.Body, &x)
		out = x
		return err
	})
	return out, err
}

// loadTopics reads the practice's topics, and what it says often.
func (v *Vault) loadTopics(ctx context.Context) error {
	ts, err := written(ctx, v, topicsKey, DefaultTopics())
	if err != nil {
		return wrap("topics", err)
	}
	rs, err := written(ctx, v, repliesKey, DefaultReplies())
	v.topics.Store(&ts)
	v.replies.Store(&rs)
	return wrap("replies", err)
}

// Topics returns what people can write to the practice about, in its order.
func (v *Vault) Topics() []Topic { return each(*v.topics.Load(), Topic.clone) }

// clone is a topic that shares nothing with another: what the practice has in force is
// read by everybody at once.
func (t Topic) clone() Topic {
	t.Names, t.About, t.Who = maps.Clone(t.Names), maps.Clone(t.About), slices.Clone(t.Who)
	return t
}

func each[T any](from []T, f func(T) T) []T {
	out := make([]T, len(from))
	for i, x := range from {
		out[i] = f(x)
	}
	return out
}

// blank reports that no language has words.
func blank(texts map[string]string) bool {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return false
		}
	}
	return true
}

// longest is how many bytes the longest of texts has.
func longest(texts map[string]string) int {
	n := 0
	for _, t := range texts {
		n = max(n, len(t))
	}
	return n
}

// Topics returns what people can write to the practice about.
func (c *Chart) Topics() []Topic {
	if c == nil || c.v == nil {
		return nil
	}
	return c.v.Topics()
}

// Topics returns what people can write to the practice about.
func (d *Directory) Topics() []Topic {
	if d == nil || d.v == nil {
		return nil
	}
	return d.v.Topics()
}

// Topics returns what people can write to the practice about.
func (p *Practice) Topics() []Topic {
	if p == nil || p.v == nil {
		return nil
	}
	return p.v.Topics()
}

// SetTopics keeps what people can write about. Threads that have begun go on with what
// was promised in them.
func (p *Practice) SetTopics(ctx context.Context, ts []Topic) error {
	if p == nil || p.v == nil || p.why != Running && p.why != Importing {
		return errRefused
	}
	seen := map[string]bool{}
	for _, t := range ts {
		_, ok := account.ParseRoles(t.Roles)
		if t.ID == "" || seen[t.ID] || !ok || t.Minutes < 1 || t.Minutes > promiseMost || blank(t.Names) {
			return errs.E(errs.Invalid, "record: a topic without a name of its own, or whose answer is promised never")
		}
		if longest(t.Names) > nameMost || longest(t.About) > aboutMost {
			return errs.Say(errs.E(errs.Invalid, "record: a topic of too many words"), "topics.too_long")
		}
		seen[t.ID] = true
	}
	if len(ts) == 0 || len(ts) > topicsMost {
		return errs.Say(errs.E(errs.Invalid, "record: too few topics, or too many"), "topics.too_many")
	}
	ts = each(ts, Topic.clone)
	b, err := json.Marshal(ts)
	if err != nil {
		return wrap("topics", err)
	}
	return wrap("topics", p.set(ctx, "topics", store.Settings, []store.Object{{Key: topicsKey, Body: b}}, func() { p.v.topics.Store(&ts) }))
}

// topic returns a topic by its id; a thread outlives its topic, and then is about care.
func (v *Vault) topic(id string) Topic {
	ts := *v.topics.Load()
	for _, t := range ts {
		if t.ID == id {
			return t
		}
	}
	return Topic{ID: id, Roles: "nurse clinician", Minutes: 8 * 60}
}

// named reports that somebody of the staff is to answer messages about a topic.
func (t Topic) named(m StaffMember) bool {
	if m.Left {
		return false
	}
	want, _ := account.ParseRoles(t.Roles)
	codes := m.Roles
	for _, at := range m.At {
		codes += " " + at
	}
	has, _ := account.ParseRoles(codes)
	return has.Any(want) || slices.Contains(t.Who, m.ID)
}

// Team returns who answers messages about a topic, by staff id: whoever is to, and may
// read them. The front desk does not read what is not administrative, so a topic that is
// only theirs and not marked so has nobody.
func (t Topic) Team(staff []StaffMember) []string {
	var out []string
	for _, m := range staff {
		if t.named(m) && m.reads(t.Desk) {
			out = append(out, m.ID)
		}
	}
	return out
}

// Unread reports that somebody is to answer messages about a topic, and that none of them
// may read them.
func (t Topic) Unread(staff []StaffMember) bool {
	return slices.ContainsFunc(staff, t.named) && len(t.Team(staff)) == 0
}

// reads reports that a member of staff may read messages at all: those of the front desk
// the administrative ones.
func (m StaffMember) reads(desk bool) bool {
	roles := account.Nurse | account.Clinician | account.Coordinator
	if desk {
		roles |= account.FrontDesk
	}
	codes := m.Roles
	for _, at := range m.At {
		codes += " " + at
	}
	has, _ := account.ParseRoles(codes)
	return !m.Left && has.Any(roles)
}

// Promise is by when somebody who writes now hears, and from whom.
type Promise struct {
	Due   time.Time
	Owner string // staff id; "" is whoever of the team is first
	Away  string // who would answer, and is away; "" for nobody
}

// promise works out what can be promised at a moment. to is who should answer, "" for
// whoever of the topic's team is first.
func (v *Vault) promise(staff []StaffMember, t Topic, to string, at time.Time) Promise {
	table, zone := v.Timetable(), v.Zone()
	p := Promise{Owner: to}
	if to != "" && (!slices.ContainsFunc(staff, func(m StaffMember) bool { return m.ID == to && m.reads(t.Desk) }) || table.Away(at, to, zone)) {
		p.Owner, p.Away = v.cover(staff, t, to, at), to
	}
	p.Due = v.after(at, t.Minutes, t.Team(staff))
	return p
}

// after is when so many minutes have been worked. A practice that wrote down no hours
// promises by the clock, three times as long, and at most a week.
func (v *Vault) after(at time.Time, minutes int, team []string) time.Time {
	if due, ok := v.Timetable().After(at, time.Duration(minutes)*time.Minute, team, v.Zone()); ok {
		return due.UTC()
	}
	return at.Add(min(3*time.Duration(minutes)*time.Minute, 7*24*time.Hour)).UTC()
}

// cover is who takes over from somebody: whom the topic names, else the first of its team
// who is not away, else nobody.
func (v *Vault) cover(staff []StaffMember, t Topic, from string, at time.Time) string {
	table, zone := v.Timetable(), v.Zone()
	for _, id := range append([]string{t.Cover}, t.Team(staff)...) {
		here := slices.ContainsFunc(staff, func(m StaffMember) bool { return m.ID == id && m.reads(t.Desk) })
		if id != "" && id != from && here && !table.Away(at, id, zone) {
			return id
		}
	}
	return ""
}
