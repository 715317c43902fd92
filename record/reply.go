package record

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"rapport/errs"
	"rapport/record/internal/store"
)

// Reply is words that staff say often, or a protocol: what to ask and check first, and
// then say. It is a beginning that whoever answers reads and changes, never an answer by
// itself.
type Reply struct {
	ID    string
	Title string            // what staff find it by
	Topic string            `json:",omitempty"` // of a topic's threads; "" is of any
	Body  map[string]string // by language, BCP 47; with the variables of ReplyVariables
	Steps []string          `json:",omitempty"` // what to do before it is said; shown to staff alone
}

// ReplyVariables are what stands in braces in a reply, and is filled in when it is used:
// the client's and the answerer's names, the practice's name and phone, and the number
// for emergencies.
var ReplyVariables = []string{"name", "me", "practice", "phone", "emergency"}

// The bounds of the replies a practice keeps.
const (
	repliesMost = 200
	replyMost   = 4000 // bytes of one text
	titleMost   = 320  // bytes
	stepsMost   = 12
	stepMost    = 400 // bytes of one step
)

// variable is a variable of a reply. What is in braces holds no brace itself.
var variable = regexp.MustCompile(`\{([^{}]*)\}`)

// Fill fills in the variables of a reply in one pass: what a value holds is never read as
// a variable itself.
func Fill(text string, values map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string { return values[v[1:len(v)-1]] })
}

// DefaultReplies is what a practice has that wrote down none.
func DefaultReplies() []Reply {
	return []Reply{
		{ID: "normal", Title: "Result as expected", Body: map[string]string{
			"en": "Dear {name}, your result is as we would expect, and nothing needs to change. If you have questions, write here. {me}",
			"es": "{name}: su resultado es el esperado y no hace falta cambiar nada. Si tiene preguntas, escriba aquí. {me}",
			"fr": "Bonjour {name}, votre résultat est celui que nous attendions, rien ne doit changer. Si vous avez des questions, écrivez ici. {me}"}},
		{ID: "book", Title: "Please book a visit", Body: map[string]string{
			"en": "Dear {name}, I would like to see you about this. Please choose a time under Visits, or call {phone}. {me}",
			"es": "{name}: me gustaría verle por esto. Elija una hora en Citas o llame al {phone}. {me}",
			"fr": "Bonjour {name}, j’aimerais vous voir à ce sujet. Choisissez un horaire sous Rendez-vous, ou appelez le {phone}. {me}"}},
		{ID: "calf", Title: "Sore calf: call first", Topic: "care", Steps: []string{"One leg or both? Since when?", "Warm, red or swollen? Wider than the other by 3 cm?", "Operation, cast, flight or bed rest in the last weeks? Pregnant? A clot before?", "Short of breath or chest pain: ambulance at once", "Any of these: same-day check, no exercise until then"}, Body: map[string]string{
			"en": "Dear {name}, please rest and do not exercise for now. I will call you in the next minutes. If you get short of breath or your chest hurts, call {emergency} at once. {me}",
			"es": "{name}: descanse y no haga ejercicio por ahora. Le llamaré en unos minutos. Si le falta el aire o le duele el pecho, llame al {emergency} enseguida. {me}",
			"fr": "Bonjour {name}, reposez-vous et ne faites pas d’exercice pour l’instant. Je vous appelle dans quelques minutes. Si vous êtes essoufflé ou avez mal à la poitrine, appelez le {emergency} tout de suite. {me}"}},
		{ID: "refill", Title: "Medicine is renewed", Topic: "medicine", Steps: []string{"Last review less than a year ago?", "Bloods or blood pressure due for it?", "Dose and name as in the chart?"}, Body: map[string]string{
			"en": "Dear {name}, your medicine is renewed and goes to your pharmacy today. {me}",
			"es": "{name}: su medicamento está renovado y llega hoy a su farmacia. {me}",
			"fr": "Bonjour {name}, votre médicament est renouvelé et part aujourd’hui à votre pharmacie. {me}"}},
		{ID: "ready", Title: "Letter is ready", Topic: "paper", Body: map[string]string{
			"en": "Dear {name}, your letter is ready. You find it under Health, and can pick it up here. {me}, {practice}",
			"es": "{name}: su carta está lista. La encuentra en Salud y puede recogerla aquí. {me}, {practice}",
			"fr": "Bonjour {name}, votre lettre est prête. Vous la trouvez sous Santé, et pouvez la prendre ici. {me}, {practice}"}},
		{ID: "photo", Title: "A photo would help", Topic: "care", Body: map[string]string{
			"en": "Dear {name}, a photo would help me to answer. In daylight, once from near and once from an arm’s length. It stays covered until somebody taps it. {me}",
			"es": "{name}: una foto me ayudaría a responder. Con luz de día, una de cerca y otra a un brazo de distancia. Queda tapada hasta que alguien la toca. {me}",
			"fr": "Bonjour {name}, une photo m’aiderait à répondre. À la lumière du jour, une de près et une à longueur de bras. Elle reste couverte jusqu’à ce qu’on la touche. {me}"}},
		{ID: "call", Title: "Too much for a message: call us", Body: map[string]string{
			"en": "Dear {name}, this is better said than written. Please call us on {phone}; if it cannot wait, call {emergency}. {me}",
			"es": "{name}: esto es mejor hablarlo. Llámenos al {phone}; si no puede esperar, llame al {emergency}. {me}",
			"fr": "Bonjour {name}, cela se dit mieux que cela ne s’écrit. Appelez-nous au {phone} ; si cela ne peut pas attendre, appelez le {emergency}. {me}"}},
		{ID: "close", Title: "All is said", Body: map[string]string{
			"en": "You are welcome, {name}. You can always write here again. {me}",
			"es": "De nada, {name}. Siempre puede volver a escribir aquí. {me}",
			"fr": "Je vous en prie, {name}. Vous pouvez toujours écrire ici de nouveau. {me}"}},
	}
}

var repliesKey = []byte("replies")

// Replies returns what the practice says often, for staff who may answer here.
func (c *Chart) Replies() []Reply {
	if !c.talks() || !c.byStaff() {
		return nil
	}
	return each(*c.v.replies.Load(), Reply.clone)
}

// Replies returns what the practice says often.
func (p *Practice) Replies() []Reply {
	if p == nil || p.v == nil {
		return nil
	}
	return each(*p.v.replies.Load(), Reply.clone)
}

// clone is a reply that shares nothing with another.
func (r Reply) clone() Reply {
	r.Body, r.Steps = maps.Clone(r.Body), slices.Clone(r.Steps)
	return r
}

// check says what is wrong with a reply, for whoever wrote it.
func (r Reply) check() error {
	if r.ID == "" || strings.TrimSpace(r.Title) == "" || blank(r.Body) || len(r.Steps) > stepsMost {
		return errs.Say(errs.E(errs.Invalid, "record: a reply without a name of its own, or without words"), "topics.reply_empty")
	}
	if len(r.Title) > titleMost || longest(r.Body) > replyMost || slices.ContainsFunc(r.Steps, func(s string) bool { return len(s) > stepMost }) {
		return errs.Say(errs.E(errs.Invalid, "record: a reply that is too long"), "topics.reply_long")
	}
	for _, text := range r.Body {
		unknown := slices.ContainsFunc(variable.FindAllStringSubmatch(text, -1), func(m []string) bool { return !slices.Contains(ReplyVariables, m[1]) })
		if unknown || strings.ContainsAny(variable.ReplaceAllString(text, ""), "{}") { // a brace left open is a slip of the same kind
			return errs.Say(errs.E(errs.Invalid, "record: a reply with a variable that nothing fills"), "topics.reply_variable")
		}
	}
	return nil
}

// SetReplies keeps what the practice says often.
func (p *Practice) SetReplies(ctx context.Context, rs []Reply) error {
	if p == nil || p.v == nil || p.why != Running && p.why != Importing {
		return errRefused
	}
	seen := map[string]bool{}
	for _, r := range rs {
		if err := r.check(); err != nil {
			return err
		}
		if seen[r.ID] {
			return errs.E(errs.Invalid, "record: two replies of one id")
		}
		seen[r.ID] = true
	}
	if len(rs) > repliesMost {
		return errs.Say(errs.E(errs.Invalid, "record: too many replies"), "topics.reply_many")
	}
	rs = each(rs, Reply.clone)
	b, err := json.Marshal(rs)
	if err != nil {
		return wrap("replies", err)
	}
	return wrap("replies", p.set(ctx, "replies", store.Settings, []store.Object{{Key: repliesKey, Body: b}}, func() { p.v.replies.Store(&rs) }))
}
