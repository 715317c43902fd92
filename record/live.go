package record

import (
	"encoding/base64"
	"encoding/json"
	"sync"
	"time"

	"rapport/account"
	"rapport/errs"
)

// live tells pages that are open that something they show has changed, and who else has
// them open. It tells nothing of what changed: the page asks again, and is shown what
// whoever looks may see.
type live struct {
	mu   sync.Mutex
	subs map[string]map[*Ear]struct{}
	by   map[account.Subject]int // how many ears somebody has
	n    int64
}

// earsMost is how many pages of one person hear at a time: more windows than anybody
// looks at. Those above it ask now and then instead.
const earsMost = 24

// inboxTopic is what is heard of when anything in the inbox changed.
const inboxTopic = "inbox"

// Ear hears of changes to one thing.
type Ear struct {
	l     *live
	topic string
	sub   account.Subject
	who   string        // the name of whoever listens, shown to others of the staff; "" for nobody's
	wake  chan struct{} // filled when there is news
}

// listen begins to hear. Whoever is named is seen by the others who listen; nil for one
// who has too many ears already.
func (l *live) listen(sub account.Subject, topic, who string) *Ear {
	e := &Ear{l: l, topic: topic, sub: sub, who: who, wake: make(chan struct{}, 1)}
	l.mu.Lock()
	if l.by == nil {
		l.by = map[account.Subject]int{}
	}
	if l.by[sub] >= earsMost {
		l.mu.Unlock()
		return nil
	}
	l.by[sub]++
	if l.subs == nil {
		l.subs = map[string]map[*Ear]struct{}{}
	}
	if l.subs[topic] == nil {
		l.subs[topic] = map[*Ear]struct{}{}
	}
	l.subs[topic][e] = struct{}{}
	l.mu.Unlock()
	if who != "" {
		l.changed(topic)
	}
	return e
}

// Wake returns a channel on which something comes after there was news; several changes
// shortly after each other are one.
func (e *Ear) Wake() <-chan struct{} { return e.wake }

// Close ends the hearing.
func (e *Ear) Close() {
	e.l.mu.Lock()
	delete(e.l.subs[e.topic], e)
	if e.l.by[e.sub]--; e.l.by[e.sub] <= 0 {
		delete(e.l.by, e.sub)
	}
	if len(e.l.subs[e.topic]) == 0 {
		delete(e.l.subs, e.topic)
	}
	e.l.mu.Unlock()
	if e.who != "" {
		e.l.changed(e.topic)
	}
}

// changed wakes whoever listens to one of some topics.
func (l *live) changed(topics ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	for _, t := range topics {
		for e := range l.subs[t] {
			select {
			case e.wake <- struct{}{}:
			default: // it has news already
			}
		}
	}
}

// here returns the names of who listens to a topic.
func (l *live) here(topic string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := map[string]bool{}
	var out []string
	for e := range l.subs[topic] {
		if e.who != "" && !seen[e.who] {
			seen[e.who] = true
			out = append(out, e.who)
		}
	}
	return out
}

// changed tells open pages that something of theirs has changed.
func (v *Vault) changed(topics ...string) { v.live.changed(topics...) }

// ticketHolds is for how long a page that is open may ask to hear more.
const ticketHolds = 12 * time.Hour

// ticket lets whom it was made for hear of one thing. It is sealed: an address with it
// tells nothing, and is of no use to anybody else.
type ticket struct {
	Topic string
	Who   account.Subject
	Name  string // shown to others who listen; "" for nobody's
	Ends  time.Time
}

var ticketPlace = []byte("rapport/live")

func (v *Vault) ticket(who account.Actor, topic, name string) string {
	b, err := json.Marshal(ticket{topic, who.Subject(), name, v.now.Now().Add(ticketHolds)})
	if err != nil {
		return "" // of strings and a time: it marshals
	}
	return base64.RawURLEncoding.EncodeToString(v.box().Seal(nil, b, ticketPlace))
}

// LiveTicket lets the page that shows a thread hear of its changes. Staff who have it
// open are seen by the others who do.
func (c *Chart) LiveTicket(thread string) string {
	if c == nil || c.v == nil || c.parts&Messages == 0 {
		return ""
	}
	name := ""
	if c.byStaff() {
		name = c.who.Name()
	}
	return c.v.ticket(c.who, thread, name)
}

// LiveTicket lets the page that shows the inbox hear of its changes.
func (d *Directory) LiveTicket() string {
	if d == nil || d.v == nil || d.why != Finding {
		return ""
	}
	return d.v.ticket(d.who, inboxTopic, "")
}

// Hear begins to hear what a ticket is for; errs.NotFound if it is not this actor's, or
// has ended.
func (v *Vault) Hear(who account.Actor, sealed string) (*Ear, error) {
	none := errs.E(errs.NotFound, "record: no such ticket")
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, none
	}
	if b, err = v.box().Open(nil, b, ticketPlace); err != nil {
		return nil, none
	}
	var t ticket
	if json.Unmarshal(b, &t) != nil || t.Who != who.Subject() || who.Level() < account.ByKey || !v.now.Now().Before(t.Ends) {
		return nil, none
	}
	e := v.live.listen(t.Who, t.Topic, t.Name)
	if e == nil {
		return nil, errs.E(errs.Unavailable, "record: somebody has %d pages open", earsMost)
	}
	return e, nil
}
