package record

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/errs"
	"rapport/fhir/thread"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Conversation is a thread as a list shows it.
type Conversation struct {
	thread.Thread
	Talk Talk
	Last thread.Said // what was said last; notes are not, for clients
	Gone bool        // of a sealed thread: what was said earlier is no more
}

// Threads returns the threads of this chart that are for whoever opened it, the newest
// word first.
func (c *Chart) Threads(ctx context.Context) ([]Conversation, error) {
	heads, err := c.Find(ctx, communication, "category", thread.System+"|"+thread.Head.String())
	if err != nil {
		return nil, err
	}
	said, err := c.Find(ctx, communication, "category", thread.System+"|"+thread.Message.String(), "_sort", "-sent", "_count", strconv.Itoa(threadMost))
	if err != nil {
		return nil, err
	}
	last := map[string]thread.Said{}
	for _, f := range said {
		if x, err := thread.ReadSaid(f.JSON); err == nil {
			if _, ok := last[x.Thread]; !ok || x.At.After(last[x.Thread].At) {
				last[x.Thread] = x
			}
		}
	}
	var out []Conversation
	err = c.v.st.View(ctx, func(r store.Reader) error {
		out = nil
		for _, f := range heads {
			t, err := thread.ReadThread(f.JSON)
			if err != nil {
				continue // another system's
			}
			k, err := c.v.talkOf(ctx, r, t.ID)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
			x := Conversation{Thread: t, Talk: k, Last: last[t.ID]}
			box, ok, err := c.v.openThread(ctx, r, &x.Thread)
			if err != nil {
				return err
			}
			if x.Gone = !ok; ok {
				openSaid(box, &x.Last)
			}
			out = append(out, x)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Conversation) int { return b.Talk.Last.Compare(a.Talk.Last) })
	return out, wrap("threads", err)
}

// threadMost is how much of what was said is read: the newest.
const threadMost = 1000

// Thread returns one thread and what was said in it last, the oldest first; errs.NotFound for
// one that is not there, or not for whoever opened the chart.
func (c *Chart) Thread(ctx context.Context, id string) (Conversation, []thread.Said, error) {
	f, err := c.Read(ctx, communication, id)
	if err != nil {
		return Conversation{}, nil, err
	}
	t, err := thread.ReadThread(f.JSON)
	if err != nil {
		return Conversation{}, nil, errNoThread
	}
	found, err := c.Find(ctx, communication, "part-of", communication+"/"+id, "_sort", "-sent", "_count", strconv.Itoa(threadMost))
	if err != nil {
		return Conversation{}, nil, err
	}
	out := Conversation{Thread: t}
	var box seal.Box
	err = c.v.st.View(ctx, func(r store.Reader) error {
		var ok bool
		out.Thread = t
		box, ok, err = c.v.openThread(ctx, r, &out.Thread)
		out.Gone = !ok
		return err
	})
	if err != nil {
		return Conversation{}, nil, wrap("thread", err)
	}
	var said []thread.Said
	for _, f := range slices.Backward(found) {
		x, err := thread.ReadSaid(f.JSON)
		if err != nil {
			continue
		}
		openSaid(box, &x)
		said = append(said, x)
		if x.Kind == thread.Message {
			out.Last = x
		}
	}
	slices.SortStableFunc(said, func(a, b thread.Said) int { return a.At.Compare(b.At) })
	err = c.v.st.View(ctx, func(r store.Reader) (err error) {
		out.Talk, err = c.v.talkOf(ctx, r, id)
		return err
	})
	if errs.Is(err, errs.NotFound) {
		err = nil // begun elsewhere
	}
	return out, said, wrap("thread", err)
}

// MarkRead notes that whoever opened the chart has read a thread to its end. A helper's
// reading is not the client's, and is not noted.
func (c *Chart) MarkRead(ctx context.Context, id string) error {
	if c == nil || c.v == nil || c.parts&Messages == 0 {
		return errRefused
	}
	who := c.reader()
	if who == "" {
		return nil
	}
	if _, err := c.Read(ctx, communication, id); err != nil {
		return err
	}
	unread := func(r store.Reader) (Talk, bool, error) {
		k, err := c.v.talkOf(ctx, r, id)
		if errs.Is(err, errs.NotFound) {
			return k, false, nil
		}
		return k, err == nil && k.Reads[who].Before(k.Last), err
	}
	var due bool
	if err := c.v.st.View(ctx, func(r store.Reader) (err error) { _, due, err = unread(r); return err }); err != nil || !due {
		return wrap("read", err)
	}
	err := c.v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		k, due, err := unread(tx)
		if err != nil || !due {
			return err
		}
		k.seen(who, k.Last)
		if who == ClientReads {
			if err := c.v.finishTodo(ctx, tx, "u"+id, "", c.v.now.Now()); err != nil {
				return err
			}
		}
		return c.v.putTalk(ctx, tx, k)
	}, After: func() { c.v.changed(id) }})
	return wrap("read", err)
}

// Unread reports that something was said that the client, or a member of staff, has not
// read.
func (k Talk) Unread(who string) bool { return k.Reads[who].Before(k.Last) }

// draftHolds is for how long what was written and not sent is kept.
const draftHolds = 30 * 24 * time.Hour

func (c *Chart) draftKey(at string) []byte {
	return c.v.Key("draft", c.who.Kind().String()+"/"+c.who.ID()+"/"+string(c.client)+"/"+at)
}

// SetDraft keeps what somebody has written in a thread, "" for a new one, and not sent;
// no text forgets it. It is sealed under the client's key, for 30 days.
func (c *Chart) SetDraft(ctx context.Context, at, text string) error {
	if !c.talks() {
		return errRefused
	}
	key := c.draftKey(at)
	return wrap("draft", c.v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		if text == "" {
			return tx.DropObject(ctx, store.Drafts, key)
		}
		sealed := c.keys.Body.Seal(nil, []byte(text), c.v.place(store.Drafts, key))
		return tx.SetObject(ctx, store.Drafts, store.Object{Key: key, Expires: c.v.now.Now().Add(draftHolds).UnixMilli(), Body: sealed})
	}}))
}

// Draft returns what somebody has written in a thread and not sent, "" for nothing.
func (c *Chart) Draft(ctx context.Context, at string) (string, error) {
	if !c.talks() {
		return "", errRefused
	}
	var text string
	key := c.draftKey(at)
	err := c.v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.Drafts, key)
		if err != nil {
			return err
		}
		b, err := c.keys.Body.Open(nil, o.Body, c.v.place(store.Drafts, key))
		text = string(b)
		return err
	})
	if err != nil { // none, or none that can be opened any more
		return "", nil //nolint:nilerr // a draft is a convenience
	}
	return text, nil
}

// Promise returns by when somebody who writes now about a topic would hear, and from
// whom. to is who should answer, by staff id; "" for whoever is first.
func (c *Chart) Promise(ctx context.Context, topic, to string) (Promise, error) {
	if !c.talks() {
		return Promise{}, errRefused
	}
	staff, err := c.v.staff(ctx)
	if err != nil {
		return Promise{}, wrap("promise", err)
	}
	return c.v.promise(staff, c.v.topic(topic), to, c.v.now.Now()), nil
}

// Colleagues returns who of the practice may read a thread, by name.
func (c *Chart) Colleagues(ctx context.Context, t thread.Thread) ([]Colleague, error) {
	if c == nil || c.v == nil || c.parts&Messages == 0 {
		return nil, errRefused
	}
	staff, err := c.v.staff(ctx)
	if err != nil {
		return nil, wrap("colleagues", err)
	}
	var named []string
	for _, p := range t.Named {
		id, _ := p.Staff()
		named = append(named, id)
	}
	var out []Colleague
	for _, m := range among(staff, named) {
		if m.reads(t.Desk) {
			out = append(out, Colleague{m.ID, m.Name, m.Title})
		}
	}
	return out, nil
}

// Here returns the names of the staff who have a thread open. Clients are not told.
func (c *Chart) Here(thread string) []string {
	if c == nil || c.v == nil || c.basis == policy.IsTheirs || !c.byStaff() {
		return nil
	}
	return c.v.live.here(thread)
}
