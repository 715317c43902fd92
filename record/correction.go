package record

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/store"
)

// A client who finds something wrong in their chart asks for it to be put right. The asking
// is a Task in the chart with a time by which it is answered; what became of it stands
// there too, in the practice's words, and if something was changed a Provenance says so.

// Correction is what a client asked to be put right, and what became of it.
type Correction struct {
	ID       string
	Type     string // of what is wrong; "" for something that is missing
	Of       string // its logical id
	Text     string // what is wrong, as they wrote it
	Asked    time.Time
	Due      time.Time // by when it is answered
	State    CorrectionState
	Answer   string // in the practice's words
	By       string // the name of who answered
	Answered time.Time
}

// CorrectionState is where the asking stands. The zero state is none.
type CorrectionState uint8

// The states.
const (
	_                 CorrectionState = iota
	CorrectionAsked                   // it waits for an answer
	CorrectionMade                    // the chart was put right
	CorrectionRefused                 // it was not, and the answer says why
)

// TodoCorrection is the kind of what is to do when a client asks for a correction.
const TodoCorrection = "correction"

// correctionIn is by when a client is answered: sixty days in some laws, a month in others
// (45 CFR 164.526, GDPR Art. 12(3)).
const correctionIn = 30 * 24 * time.Hour

// saidMost is how long what is said about one's own information may be, in letters.
const saidMost = 2000

var errSaid = errs.Say(errs.E(errs.Invalid, "record: nothing is said, or more than %d letters", saidMost), "trust.say_something")

func sayable(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || utf8.RuneCountInString(s) > saidMost {
		return "", errSaid
	}
	return s, nil
}

// AskCorrection asks for something to be put right: what a type and a name in an address
// say, or something missing if typ is "". It is for the client; key says which asking it
// is, so that it is asked once.
func (c *Chart) AskCorrection(ctx context.Context, key, typ string, ref Ref, text string) (string, error) {
	if c == nil || c.v == nil || c.why != Minding || c.writes&Plans == 0 {
		return "", errRefused
	}
	text, err := sayable(text)
	if err != nil {
		return "", err
	}
	now := c.v.now.Now().UTC()
	x := Correction{ID: "k" + idCoding.EncodeToString(c.v.Key("correction", string(c.client)+"/"+key)), Type: typ, Text: text, Asked: now, Due: now.Add(correctionIn), State: CorrectionAsked}
	var in label.Set // the asking lies where what it is about does
	if typ != "" {
		f, err := c.ReadRef(ctx, typ, ref)
		if err != nil {
			return "", err
		}
		x.Of = f.ID
		l, err := c.LabelsOf(ctx, typ, ref)
		if err != nil {
			return "", err
		}
		in = l.In
	}
	inner := c.inner()
	asked := false
	_, err = c.v.commit(ctx, deed{act: "askfix", plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		there, err := c.has(ctx, r, task, x.ID)
		if asked = !there; err != nil || there {
			return nil, err
		}
		return []Write{{inner, []Change{{Resource: c.correctionTask(x), was: Labels{Client: in}}}}}, nil
	}, also: func(ctx context.Context, tx store.Tx, _ bool) error {
		if !asked {
			return nil
		}
		return c.v.putTodo(ctx, tx, Todo{ID: x.ID, Client: c.client, Kind: TodoCorrection, Owner: c.v.nextWho(c.client), At: now, Due: x.Due, Private: in != 0, In: in})
	}})
	return x.ID, wrap("correction", err)
}

// Corrections returns what was asked to be put right, what waits first, then the newest.
func (c *Chart) Corrections(ctx context.Context) ([]Correction, error) {
	all, err := c.Find(ctx, task, "code", todoSystem+"|"+TodoCorrection)
	if err != nil {
		return nil, err
	}
	var out []Correction
	for _, f := range all {
		x, err := readCorrection(f.JSON)
		if err != nil {
			return nil, wrap("corrections", err)
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Correction) int {
		if w := (a.State == CorrectionAsked); w != (b.State == CorrectionAsked) {
			return map[bool]int{true: -1, false: 1}[w]
		}
		return b.Asked.Compare(a.Asked)
	})
	return out, nil
}

// AnswerCorrection says what became of an asking: that the chart was put right, with the
// changes that do so, or why not. The client is told that there is an answer. It is for
// staff who give care.
func (c *Chart) AnswerCorrection(ctx context.Context, id string, state CorrectionState, text string, changes ...Change) error {
	if c == nil || c.v == nil || c.why != Care || c.writes&Plans == 0 {
		return errRefused
	}
	text, err := sayable(text)
	if err != nil {
		return err
	}
	if state != CorrectionMade && (state != CorrectionRefused || len(changes) > 0) {
		return errs.E(errs.Invalid, "record: no such answer")
	}
	in, now := c.inner(), c.v.now.Now().UTC()
	in.writes |= Told
	prov, err := c.v.newID()
	if err != nil {
		return wrap("correction", err)
	}
	_, err = c.v.commit(ctx, deed{act: "fix", plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		was, err := c.raw(ctx, r, task, id)
		if err != nil {
			return nil, err
		}
		x, err := readCorrection(was.JSON)
		if err != nil {
			return nil, err
		}
		if x.State != CorrectionAsked {
			return nil, errDecided
		}
		x.State, x.Answer, x.By, x.Answered = state, text, c.who.Name(), now
		all := append([]Change{{Resource: c.correctionTask(x), IfVersion: was.Version}}, changes...)
		if state == CorrectionMade && (x.Of != "" || len(changes) > 0) {
			lies, err := c.liesOf(ctx, r, id, changes)
			if err != nil {
				return nil, err
			}
			all = append(all, Change{Resource: fhir.Resource{Type: "Provenance", ID: prov, JSON: provenanceOfCorrection(prov, now, x, changes, c.who)}, was: Labels{Client: lies}})
		}
		return []Write{{in, all}}, nil
	}, also: func(ctx context.Context, tx store.Tx, _ bool) error {
		if err := c.v.finishTodo(ctx, tx, id, c.who.ID(), now); err != nil {
			return err
		}
		return c.v.letterTo(ctx, tx, asClient(c.client), account.LetterAnswer, leads("/me/"+string(c.client)+"/trust/wrong"), now.Add(messageHolds))
	}})
	return wrap("correction", err)
}

// liesOf are the compartments that an asking and what is changed for it lie in: so does what
// says where the change came from.
func (c *Chart) liesOf(ctx context.Context, r store.Reader, id string, changes []Change) (label.Set, error) {
	l, err := c.labelsIn(ctx, r, task, id)
	in := l.In
	for _, x := range changes {
		if err != nil {
			return 0, err
		}
		if l, err = c.labelsIn(ctx, r, x.Type, x.ID); errors.Is(err, store.ErrNotExist) {
			l, err = Labels{}, nil
		}
		in |= l.In
		if doc, bad := fhir.Parse(x.JSON); bad == nil { // what cannot be read is refused elsewhere
			in |= label.Of(doc) | label.Marked(doc)
		}
	}
	return in, err
}
