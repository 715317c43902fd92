package takeaway

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
	"rapport/fhir/thread"
	"rapport/record"
	"rapport/web/reading"
	"rapport/web/steps"
)

func (r *telling) appointment(b []byte) (row, error) {
	v, err := fhir.ReadAppointment(b)
	out := row{title: v.Description, at: v.Start.At, when: r.x.dated(v.Start), paras: nonEmpty(v.Comment, v.Instruction)}
	if len(v.ServiceTypes) > 0 {
		out.title = first(out.title, v.ServiceTypes[0].Text)
	}
	var with []string
	for _, p := range v.Participants {
		if typ, _ := p.Actor.Target(); typ != "Patient" {
			with = append(with, p.Actor.Display)
		}
	}
	out.text = strings.Join(nonEmpty(append([]string{stood(r.x, v.Status)}, with...)...), ", ")
	return out, err
}

// stood says whether a visit stands.
func stood(x *copying, status string) string {
	switch status {
	case "cancelled":
		return x.p.TakeCancelled()
	case "noshow":
		return x.p.TakeMissed()
	case "booked", "arrived", "checked-in", "pending":
		return x.p.TakeBooked()
	}
	return ""
}

func (r *telling) visit(b []byte) (row, error) {
	v, err := fhir.ReadEncounter(b)
	out := row{at: v.Period.Start.At, when: r.x.spanned(v.Period), text: strings.Join(nonEmpty(append(append(v.Participants, v.Location, v.Provider), v.Reasons...)...), ", ")}
	if len(v.Types) > 0 {
		out.title = v.Types[0].Text
	}
	out.title = first(out.title, r.x.p.HealthEventVisit())
	return out, err
}

// plan tells a plan of care; its goals are told with it at the end.
func (r *telling) plan(b []byte) (row, error) {
	if _, ours := plan.Peek(b); ours {
		r.plans = append(r.plans, append([]byte(nil), b...))
	}
	v, err := fhir.ReadCarePlan(b)
	return row{title: first(v.Title, v.Description), at: v.Created.At, when: r.x.spanned(v.Period), text: v.Description}, err
}

// planRow is a plan that was made here: its goals, its steps with why and how often, and
// who agreed.
func (r *telling) planRow(b []byte) (row, bool) {
	p, err := plan.ReadPlan(b, r.goals)
	if err != nil {
		return row{}, false
	}
	x := r.x
	out := row{title: first(p.Title, x.p.TakePlan()), text: x.p.TakePlanVersion(p.Version)}
	if p.Started != 0 {
		out.at = p.Started.At(0, x.now.Location())
		out.when = x.p.Full(out.at)
	}
	for _, g := range p.Goals {
		out.facts = append(out.facts, fact{x.p.TakeGoal(), strings.Join(nonEmpty(g.Text, g.Measure.Detail), ". ")})
	}
	for _, s := range p.Steps {
		out.facts = append(out.facts, fact{x.p.TakeStep(), strings.Join(nonEmpty(s.Title, s.Text, steps.Often(x.p, s.When), s.Why), ". ")})
	}
	for _, a := range p.Agreed {
		out.facts = append(out.facts, fact{x.p.TakeAgreed(), a.Name + ", " + x.moment(a.At)})
	}
	for _, o := range p.Objections {
		out.facts = append(out.facts, fact{x.p.TakeObjected(), strings.Join(nonEmpty(o.Name, o.Text), ": ")})
	}
	for _, c := range p.Changes {
		out.facts = append(out.facts, fact{x.p.TakeChanged(), strings.Join(nonEmpty(c.Title, c.Why, c.Name), ", ") + ", " + x.moment(c.At)})
	}
	return out, true
}

// message keeps what belongs to a thread until all of it is there.
func (r *telling) message(b []byte) (row, bool, error) {
	if s, err := thread.ReadSaid(b); err == nil {
		r.said[s.Thread] = append(r.said[s.Thread], &s)
		return row{}, true, nil
	}
	if t, err := thread.ReadThread(b); err == nil {
		r.heads[t.ID] = &t
		return row{}, true, nil
	}
	v, err := fhir.ReadCommunication(b)
	out := row{title: first(v.Topic.Text, v.Sender.Display, r.x.p.TakeMessage()), at: v.Sent.At, when: r.x.dated(v.Sent), paras: v.Texts}
	for _, f := range v.Attachments {
		out.attach(r.x, f)
	}
	return out, false, err
}

// sealedLine is what a sealed thread says, for programs: the resource holds it under a key
// that stays with the practice.
type sealedLine struct {
	Resource string   `json:"resource"`
	Thread   string   `json:"thread,omitempty"`
	Title    string   `json:"title,omitempty"`
	Text     string   `json:"text,omitempty"`
	Captions []string `json:"captions,omitempty"`
}

// finish puts together what lies in several resources: threads, and plans with their goals.
func (r *telling) finish(ctx context.Context) error {
	for _, b := range r.plans {
		if out, ok := r.planRow(b); ok {
			sec := r.at[record.Plans]
			sec.rows = append(sec.rows, out)
		}
	}
	for id, said := range r.said {
		if r.heads[id] == nil {
			r.heads[id] = &thread.Thread{ID: id, Begun: said[0].At}
		}
	}
	ids := make([]string, 0, len(r.heads))
	for id := range r.heads {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		t, err := r.talk(ctx, r.heads[id], r.said[id])
		if err != nil {
			return err
		}
		sec := r.at[record.Messages]
		sec.talks = append(sec.talks, t)
	}
	return nil
}

func (r *telling) talk(ctx context.Context, head *thread.Thread, said []*thread.Said) (talk, error) {
	x := r.x
	ok, err := x.c.Words(ctx, head, said)
	if err != nil {
		return talk{}, err
	}
	if ok && len(head.Named) > 0 {
		r.sealed = append(r.sealed, sealedLine{Resource: "Communication/" + head.ID, Title: head.Title})
	}
	slices.SortStableFunc(said, func(a, b *thread.Said) int { return a.At.Compare(b.At) })
	t := talk{at: head.Begun, title: first(head.Title, x.p.TakeMessage())}
	for _, s := range said {
		b := bubble{who: s.From.Name, when: x.moment(s.At), paras: nonEmpty(strings.Split(s.Text, "\n")...)}
		if s.From.For != "" {
			b.who = x.p.MessagesStamp(s.From.Name, s.From.For)
		}
		line := sealedLine{Resource: "Communication/" + s.ID, Thread: head.ID, Text: s.Text}
		for _, c := range s.Pieces {
			l, text := x.fileLink(attachment{Type: c.Type, Title: c.Name, URL: "blob:" + c.Blob})
			if l.href != "" {
				b.files = append(b.files, l)
			}
			b.paras = append(b.paras, nonEmpty(text, c.Caption)...)
			line.Captions = append(line.Captions, c.Caption)
		}
		for _, c := range s.Cards {
			b.paras = append(b.paras, c.Name)
		}
		if len(head.Named) > 0 && ok {
			r.sealed = append(r.sealed, line)
		}
		if len(s.Words) > 0 {
			b.paras = []string{x.p.MessagesGone()}
		}
		t.said, t.at = append(t.said, b), s.At
	}
	return t, nil
}

// withSealed adds the words of sealed threads for programs.
func (r *telling) withSealed(out []piece) ([]piece, error) {
	if len(r.sealed) == 0 {
		return out, nil
	}
	p, err := kept("fhir/sealed-words.ndjson", "application/x-ndjson", func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for _, l := range r.sealed {
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		return nil
	})
	return append(out, p), err
}

// response tells the answers to a form, each under its question.
func (r *telling) response(d *fhir.Doc) (row, error) {
	n := d.Root()
	url, version, _ := strings.Cut(n.Get("questionnaire").Str(), "|")
	at := n.Get("authored").Time()
	out := row{title: r.x.p.TakeForm(), at: at.At, when: r.x.dated(at)}
	var f *form.Form
	for _, v := range []string{version, ""} {
		if e, ok := r.x.c.Library().Form(url, v); ok && f == nil {
			f = e.Form
			out.title = f.Title(r.x.p.Tag().String())
		}
	}
	r.answers(&out, f, n)
	return out, nil
}

// answers goes down the items of a response.
func (r *telling) answers(out *row, f *form.Form, n fhir.Node) {
	tongue := r.x.p.Tag().String()
	for k := range n.Each("item") {
		question, id := k.Get("text").Str(), k.Get("linkId").Str()
		var item *form.Item
		if f != nil {
			if item = f.Find(id); item != nil {
				question = first(item.Text(tongue), question)
			}
		}
		var said []string
		for a := range k.Each("answer") {
			said = append(said, nonEmpty(r.answer(item, a.Get("value")))...)
			if l, _ := r.x.fileLink(attachedAt(a.Get("value"))); l.href != "" && a.Get("value").Type() == "Attachment" {
				out.files = append(out.files, l)
			}
		}
		if len(said) > 0 {
			out.facts = append(out.facts, fact{first(question, id), strings.Join(said, ", ")})
		}
		r.answers(out, f, k)
		for a := range k.Each("answer") {
			r.answers(out, f, a)
		}
	}
}

func attachedAt(v fhir.Node) attachment {
	return attachment{Type: v.Get("contentType").Str(), Title: v.Get("title").Str(), URL: v.Get("url").Str(), Data: v.Get("data").Str()}
}

// answer says one answer, in the form's own words where it has them.
func (r *telling) answer(item *form.Item, v fhir.Node) string {
	switch v.Type() {
	case "Coding":
		if item != nil {
			for _, o := range item.Options {
				if o.Value.Code == v.Get("code").Str() && (o.Value.System == v.Get("system").Str() || v.Get("system").Str() == "") {
					return o.Text(r.x.p.Tag().String())
				}
			}
		}
		return first(v.Get("display").Str(), v.Get("code").Str())
	case "Quantity":
		return reading.Say(r.x.p, reading.Value{Number: v.Get("value").Str(), Unit: v.Get("unit").Str(), Code: v.Get("code").Str()})
	case "Attachment":
		return first(v.Get("title").Str(), r.x.p.TakeFile())
	case "Reference":
		return first(v.Get("display").Str(), v.Get("reference").Str())
	}
	return r.x.leaf(v).text
}
