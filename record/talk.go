package record

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// What is written to and fro lies in the chart and is written once. Where a thread
// stands (who answers, by when, who has read it) lies beside the charts, without a word
// of what it is about, in the same transaction.

// Talk is where a thread stands.
type Talk struct {
	Client fhir.ClientID
	Thread string
	Topic  string
	State  TalkState
	Owner  string               // staff id of who answers; "" is whoever is first
	Named  []string             `json:",omitempty"` // staff ids of who may read a sealed thread
	Desk   bool                 `json:",omitempty"`
	Asked  time.Time            `json:",omitzero"`  // since when the client waits
	Due    time.Time            `json:",omitzero"`  // by when they hear
	Broken int                  `json:",omitempty"` // how often a new time was told, since Asked
	Last   time.Time            // when something was last said
	Reads  map[string]time.Time `json:",omitempty"` // until when somebody has read: a staff id, or [ClientReads]
}

// ClientReads is the client's own name in who has read.
const ClientReads = "client"

// TalkState says what a thread waits for. The zero TalkState is none.
type TalkState uint8

// The states, in the order in which a thread goes through them.
const (
	_            TalkState = iota
	TalkReceived           // nobody has taken it on yet
	TalkWith               // somebody answers
	TalkYours              // the practice waits for the client
	TalkAnswered           // there is nothing to do
)

// TodoMessage is the kind of what is to do while a client waits for an answer.
const TodoMessage = "message"

// Message is something to be said.
type Message struct {
	Thread string         // the id of the thread; "" begins one
	Key    string         // which saying it is: said again, it is said once
	Topic  string         // of a thread that begins
	Title  string         // of a thread that begins: in the client's words; "" is the topic's
	To     string         // staff id of who should answer a thread that begins; "" for whoever is first
	Named  []thread.Party // who alone may read a thread that begins; none is everybody who may
	Text   string
	Pieces []thread.Piece
	Cards  []thread.Card
	Note   bool     // staff say it to each other
	Calls  []string // staff ids of who should look at a note
	Wait   bool     // staff: the client is to do something next
}

// talks reports whether the chart was opened by somebody who may write.
func (c *Chart) talks() bool {
	return c != nil && c.v != nil && (c.why == Messaging || c.why == Replying || c.why == Care) && c.writes&Messages != 0
}

// byStaff reports that it was opened by somebody of the practice.
func (c *Chart) byStaff() bool { return c.who.Kind() == account.Staff }

// party is who says something.
func (c *Chart) party() thread.Party {
	switch {
	case c.byStaff():
		return thread.Party{Ref: "Practitioner/" + c.who.ID(), Name: c.who.Name()}
	case c.basis == policy.IsTheirs:
		return thread.Party{Ref: "Patient/" + c.v.people.personOf(c.client), Name: c.who.Name()}
	}
	card, _ := c.v.people.card(c.client)
	return thread.Party{Name: c.who.Name(), For: card.Name}
}

var (
	errUnsaid = errs.Say(errs.E(errs.Invalid, "record: nothing is said"), "messages.empty")
	errTopic  = errs.Say(errs.E(errs.Invalid, "record: no such topic"), "messages.no_topic")
)

// Say says something in a thread, or begins one, and returns the thread's id. What was
// said before by the same Key is not said again. A client's message has an answer
// promised, and staff who were asked for; a message of staff is the answer.
func (c *Chart) Say(ctx context.Context, w Message) (string, error) {
	if !c.talks() || w.Key == "" || !c.byStaff() && (w.Note || w.Wait || len(w.Calls) > 0) {
		return "", errRefused
	}
	if w.Text == "" && len(w.Pieces) == 0 && len(w.Cards) == 0 {
		return "", errUnsaid
	}
	by := c.who.Kind().String() + "/" + c.who.ID() + "/" + string(c.client) + "/" + w.Key
	said := thread.Said{ID: "m" + hex.EncodeToString(c.v.Key("said", by)), Kind: thread.Message, From: c.party(), Text: w.Text, Pieces: w.Pieces, Cards: w.Cards}
	if w.Note {
		said.Kind = thread.Note
	}
	begins := w.Thread == ""
	if begins {
		w.Thread = "c" + hex.EncodeToString(c.v.Key("thread", by))
	}
	staff, err := c.v.staff(ctx)
	if err != nil {
		return "", wrap("say", err)
	}
	s := &saying{c: c, w: w, said: said, begins: begins, staff: staff}
	_, err = c.v.commit(ctx, deed{act: "message", plan: s.plan, also: s.also, done: func() { c.v.changed(w.Thread, inboxTopic) }})
	return w.Thread, wrap("say", err)
}

// saying is one thing being said.
type saying struct {
	c      *Chart
	w      Message
	said   thread.Said
	head   thread.Thread
	begins bool
	staff  []StaffMember
	key    seal.Key // of a sealed thread
}

func (s *saying) plan(ctx context.Context, r store.Reader) ([]Write, error) {
	c := s.c
	if was, err := c.has(ctx, r, communication, s.said.ID); err != nil || was {
		return nil, err // it was said
	}
	s.said.At, s.said.Thread = c.v.now.Now(), s.w.Thread
	in, subject := c.inner(), "Patient/"+c.v.people.personOf(c.client)
	if s.begins {
		if err := s.begin(); err != nil {
			return nil, err
		}
	} else {
		was, err := c.raw(ctx, r, communication, s.w.Thread)
		if err != nil {
			return nil, err
		}
		if s.head, err = thread.ReadThread(was.JSON); err != nil {
			return nil, err
		}
	}
	s.said.Desk, s.said.Named = s.head.Desk, s.head.Named
	s.said.Text, s.said.Pieces, s.said.Cards = s.w.Text, s.w.Pieces, s.w.Cards
	if err := s.sealWords(ctx, r); err != nil {
		return nil, err
	}
	changes := make([]Change, 0, 2)
	if s.begins {
		x, err := s.head.Resource(subject)
		if err != nil {
			return nil, err
		}
		changes = append(changes, Change{Resource: x})
	}
	x, err := s.said.Resource(subject)
	return []Write{{in, append(changes, Change{Resource: x})}}, err
}

// begin makes the head of a thread.
func (s *saying) begin() error {
	t := s.c.v.topic(s.w.Topic)
	if s.w.Topic == "" || len(t.Names) == 0 || t.Off && !s.c.byStaff() {
		return errTopic
	}
	if s.c.desk && !t.Desk {
		return errTopic // of which they could not see the answer
	}
	s.head = thread.Thread{ID: s.w.Thread, Topic: t.ID, Title: s.w.Title, Desk: t.Desk && len(s.w.Named) == 0, Named: s.w.Named, Begun: s.said.At}
	for _, p := range s.w.Named {
		id, ok := p.Staff()
		if !ok || !slices.ContainsFunc(s.staff, func(m StaffMember) bool { return m.ID == id && m.reads(false) }) {
			return errs.E(errs.Invalid, "record: a thread is sealed to who gives care here")
		}
	}
	if len(s.w.Named) > 0 && (s.c.basis != policy.IsTheirs || s.c.byStaff()) {
		return errRefused // it is whose chart it is who says whom they trust
	}
	return nil
}

// also keeps where the thread stands now, who has to see to it, and who is told.
func (s *saying) also(ctx context.Context, tx store.Tx, _ bool) error {
	c := s.c
	k, err := c.v.talkOf(ctx, tx, s.w.Thread)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if k.Thread == "" {
		k = Talk{Client: c.client, Thread: s.w.Thread, Topic: s.head.Topic, Desk: s.head.Desk, Owner: s.w.To}
		for _, p := range s.head.Named {
			id, _ := p.Staff()
			k.Named = append(k.Named, id)
		}
	}
	k.Client = c.client // a merge moves it
	var blobs []string
	for _, p := range s.said.Pieces {
		blobs = append(blobs, p.Blob)
	}
	var until time.Time
	if len(s.head.Named) > 0 {
		until = s.said.At.Add(sealedHolds)
		if err := c.v.keepKey(ctx, tx, s.w.Thread, s.key, s.said.At); err != nil {
			return err
		}
	}
	if err := c.v.keepBlob(ctx, tx, c.client, until, blobs...); err != nil {
		return err
	}
	k.seen(c.reader(), s.said.At)
	if s.w.Note {
		if err := c.v.putTalk(ctx, tx, k); err != nil {
			return err
		}
		return c.v.callFor(ctx, tx, k, s.staff, s.w.Calls)
	}
	k.Last = s.said.At
	if !c.byStaff() {
		return s.asks(ctx, tx, k)
	}
	return s.answers(ctx, tx, k)
}

// asks is what a client's message leaves: somebody to answer it, by a time.
func (s *saying) asks(ctx context.Context, tx store.Tx, k Talk) error {
	v := s.c.v
	if k.State != TalkReceived && k.State != TalkWith { // else they wait already, since then
		t := v.topic(k.Topic)
		p := v.promise(s.among(k), t, k.Owner, s.said.At)
		k.Owner, k.Asked, k.Due, k.Broken = p.Owner, s.said.At, p.Due, 0
		k.State = TalkReceived
		if k.Owner != "" {
			k.State = TalkWith
		}
		if err := v.putTodo(ctx, tx, v.waitsFor(k, t, s.among(k))); err != nil {
			return err
		}
	}
	return v.putTalk(ctx, tx, k)
}

// among is who of the staff can have to do with a thread.
func (s *saying) among(k Talk) []StaffMember { return among(s.staff, k.Named) }

func among(staff []StaffMember, named []string) []StaffMember {
	if len(named) == 0 {
		return staff
	}
	return slices.DeleteFunc(slices.Clone(staff), func(m StaffMember) bool { return !slices.Contains(named, m.ID) })
}

// answers is what a message of staff leaves: nothing to do, a promise kept, and a client
// who is told that there is something to read.
func (s *saying) answers(ctx context.Context, tx store.Tx, k Talk) error {
	v := s.c.v
	if err := v.settled(ctx, tx, &k, s.c.who.ID(), s.said.At); err != nil {
		return err
	}
	k.Owner = s.c.who.ID()
	if s.w.Wait {
		k.State = TalkYours
	}
	if err := v.putTalk(ctx, tx, k); err != nil {
		return err
	}
	return v.tellMessage(ctx, tx, k, account.LetterMessage)
}

// settled makes a thread one in which nobody waits for the practice.
func (v *Vault) settled(ctx context.Context, tx store.Tx, k *Talk, by string, at time.Time) error {
	if !k.Asked.IsZero() && k.Broken == 0 {
		if err := v.tally(ctx, tx, k.Topic, at, 1, 0); err != nil {
			return err
		}
	}
	k.rest()
	return v.finishTodo(ctx, tx, k.Thread, by, at)
}

// messageHolds is for how long it is worth telling somebody that a message is there.
const messageHolds = 14 * 24 * time.Hour

// tellMessage tells a client that there is something to read. Who reads their messages
// for them hears it too, unless the thread is sealed.
func (v *Vault) tellMessage(ctx context.Context, tx store.Tx, k Talk, kind string) error {
	ends := v.now.Now().Add(messageHolds)
	if err := v.tell(ctx, tx, telling{asClient(k.Client), kind, k.Thread, leads("/me/" + string(k.Client) + "/messages/" + k.Thread), ends}); err != nil || len(k.Named) > 0 {
		return err
	}
	return v.tellHelpers(ctx, tx, k.Client, Messages, kind, ends)
}

// seen notes until when somebody has read.
func (k *Talk) seen(who string, at time.Time) {
	if who == "" || !k.Reads[who].Before(at) {
		return
	}
	if k.Reads == nil {
		k.Reads = map[string]time.Time{}
	}
	k.Reads[who] = at
}

// reader is the name under which it is kept who has read; "" for a helper, whose reading
// is not the client's.
func (c *Chart) reader() string {
	switch {
	case c.byStaff():
		return c.who.ID()
	case c.basis == policy.IsTheirs:
		return ClientReads
	}
	return ""
}

func (v *Vault) talkOf(ctx context.Context, r store.Reader, id string) (Talk, error) {
	var k Talk
	err := v.get(ctx, r, store.Talks, v.Key("talk", id), &k)
	return k, err
}

func (v *Vault) putTalk(ctx context.Context, tx store.Tx, k Talk) error {
	return v.put(ctx, tx, store.Talks, v.Key("talk", k.Thread), time.Time{}, &k)
}

// errNoThread is for a thread that is not there, or not for this actor.
var errNoThread = errs.E(errs.NotFound, "record: no such thread")
