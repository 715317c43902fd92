package joining

import (
	"strings"
	"time"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// newcomer is somebody whose record is to be begun.
type newcomer struct {
	ID, Given, Family, Birth, Phone, Mail, Language string
}

const nameMost = 80

// newView is the form for somebody new.
type newView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Who     newcomer
	Born    string // the same day as words, for checking
	Wrong   map[string]string
	Private string   // who else reads a minor's address
	Alike   []string // who is here already and very alike
	Spoken  []parts.Option
}

func newForm(a *web.Ask, w record.Waiting, n newcomer) newView {
	v := newView{Shell: frame(a, a.P.JoiningNewTitle(), "/waiting"), P: a.P, Base: "/waiting/" + w.Subject.ID, Who: n, Wrong: map[string]string{}}
	v.Spoken = []parts.Option{{Text: a.P.JoiningLanguageNone()}}
	for _, t := range lang.All() {
		v.Spoken = append(v.Spoken, parts.Option{Value: t.String(), Text: t.Name(), Chosen: t.String() == n.Language})
	}
	return v
}

// showNew fills in what can be guessed from the name they wrote.
func showNew(a *web.Ask, d *record.Directory) (web.Answer, error) {
	w, gone, err := waited(a, d)
	if err != nil || gone != nil {
		return or(gone), err
	}
	n := newcomer{Given: w.Name, Mail: w.Mail}
	if ws := strings.Fields(w.Name); len(ws) > 1 {
		n.Given, n.Family = strings.Join(ws[:len(ws)-1], " "), ws[len(ws)-1]
	}
	return web.Page(newPage(newForm(a, w, n))), nil
}

// begin makes a chart for somebody new and takes them on as its client. Who is very
// like somebody known, and a minor whose address others read, needs a second look.
func begin(a *web.Ask, d *record.Directory) (web.Answer, error) {
	w, gone, err := waited(a, d)
	if err != nil || gone != nil {
		return or(gone), err
	}
	n := newcomer{Given: account.CleanName(a.Form("given")), Family: account.CleanName(a.Form("family")), Birth: a.Form("birth"), Phone: a.Form("phone"), Mail: w.Mail, Language: a.Form("language")}
	v := newForm(a, w, n)
	v.check(a.Now)
	asked := record.NotAsked
	if a.Form("asked") != "" {
		asked = record.AskedInPrivate
	}
	if len(v.Wrong) == 0 {
		if err := v.look(a, d, w, asked); err != nil {
			return web.Answer{}, err
		}
	}
	if len(v.Wrong) > 0 {
		return web.Wrong(newPage(v)), nil
	}
	if n.ID, err = d.NewID(); err != nil {
		return web.Answer{}, err
	}
	id, err := d.Admit(a.Context(), written(n))
	if err != nil {
		return web.Answer{}, err
	}
	err = d.Accept(a.Context(), w.Subject.ID, id, asked)
	if errs.Is(err, errs.NotFound) {
		return web.See("/waiting?done=gone"), nil
	}
	return web.See("/waiting?done=taken"), err
}

// check says what is wrong with what was typed.
func (v *newView) check(now time.Time) {
	n := v.Who
	long := func(s string) bool { return utf8.RuneCountInString(s) > nameMost }
	if n.Given == "" && n.Family == "" || long(n.Given) {
		v.Wrong["given"] = v.P.JoiningNameBad()
	}
	if long(n.Family) {
		v.Wrong["family"] = v.P.JoiningNameBad()
	}
	b, err := time.Parse(time.DateOnly, n.Birth)
	if err != nil || b.Year() < now.Year()-oldest || now.Format(time.DateOnly) < n.Birth {
		v.Wrong["birth"] = v.P.JoiningBirthBad()
	}
	if n.Phone != "" && !dialled(n.Phone) {
		v.Wrong["phone"] = v.P.JoiningPhoneBad()
	}
	if _, ok := lang.Parse(n.Language); n.Language != "" && !ok {
		v.Who.Language = ""
	}
}

// oldest is older than anybody became.
const oldest = 130

// look asks again where a mistake would cost most.
func (v *newView) look(a *web.Ask, d *record.Directory, w record.Waiting, asked record.Asking) error {
	if a.Form("another") == "" {
		for _, c := range d.Find(v.Who.Given+" "+v.Who.Family+" "+v.Who.Birth, perGuess) {
			v.Alike = append(v.Alike, called(a.P, c)+", "+born(a.P, c.Birth))
		}
		if len(v.Alike) > 0 {
			v.Wrong["another"] = a.P.JoiningAlike()
		}
	}
	if err := d.OwnAccount(a.Context(), record.Card{Birth: v.Who.Birth}); err != nil {
		var ok bool
		if v.Wrong["birth"], ok = a.P.Say(errs.SayOf(err)); !ok {
			return err
		}
	}
	also, err := d.Shared(a.Context(), w, record.Card{Birth: v.Who.Birth})
	if v.Private = a.P.And(also); len(also) > 0 && asked != record.AskedInPrivate {
		v.Wrong["asked"] = a.P.JoiningPrivateMissing()
	}
	return err
}

func (v newView) problems() []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, id := range []string{"given", "family", "birth", "phone", "another", "asked"} {
		if text := v.Wrong[id]; text != "" {
			out = append(out, parts.FieldProblem{ID: id, Text: text})
		}
	}
	return out
}

// dialled reports whether s can be a telephone number as it is shown.
func dialled(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -().\u00a0", r):
		default:
			return false
		}
	}
	return digits >= 3 && digits <= 15 && len(s) <= 40
}
