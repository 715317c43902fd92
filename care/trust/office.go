package trust

import (
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// officeView is what the privacy officer looks into.
type officeView struct {
	Shell   shell.View
	P       lang.Printer
	Waits   []reviewView
	Matters []matterView
	Past    []reviewView
	Answers []reviewView
}

// matterView is a legal matter that stops somebody's clocks.
type matterView struct{ Client, Title, Text string }

// reviewView is one thing to look into, or one that was.
type reviewView struct {
	ID, Client string
	Title      string
	Facts      []string
	Said       string
	Tag        parts.TagView
	Own        bool // they did it themselves
	Erase      bool
	Held       bool
	Note       parts.AreaView
	Matter     parts.FieldView
}

const officeHref = "/practice/privacy"

// office answers GET /practice/privacy.
func office(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := officeFor(a, p)
	if a.Query("done") != "" {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.PrivacyDone()}
	}
	return web.Page(officePage(v)), err
}

func officeFor(a *web.Ask, p *record.Practice) (officeView, error) {
	v := officeView{Shell: a.Shell(a.P.PrivacyTitle(), "privacy"), P: a.P}
	all, err := p.Reviews(a.Context())
	if err != nil {
		return v, err
	}
	for _, x := range all {
		if r := reviewOf(a, x); x.Done.IsZero() {
			v.Waits = append(v.Waits, r)
		} else if len(v.Past) < perPage {
			v.Past = append(v.Past, r)
		}
	}
	matters, err := p.Matters(a.Context())
	if err != nil {
		return v, err
	}
	for _, x := range matters {
		v.Matters = append(v.Matters, matterView{string(x.Client), a.P.PrivacyMatter(x.Initials, x.Name), a.P.PrivacyMatterSince(x.By, a.P.Full(a.Local(x.Since)))})
	}
	answers, err := p.Explained(a.Context())
	if err != nil {
		return v, err
	}
	names, err := staffNames(a, p)
	for _, w := range answers[:min(len(answers), perPage)] {
		at := a.Local(w.First)
		v.Answers = append(v.Answers, reviewView{Title: names[w.Staff], Said: w.Said, Facts: []string{a.P.PrivacyWhyWhen(w.Initials, a.P.Date(at, a.Now), a.P.Clock(at))}})
	}
	return v, err
}

func staffNames(a *web.Ask, p *record.Practice) (map[string]string, error) {
	ms, err := p.Staff(a.Context())
	out := map[string]string{}
	for _, m := range ms {
		out[m.ID] = m.Name
	}
	return out, err
}

var verdicts = map[string]func(lang.Printer) string{
	record.VerdictRight: lang.Printer.PrivacyVerdictRight, record.VerdictWrong: lang.Printer.PrivacyVerdictWrong,
	record.VerdictErased: lang.Printer.PrivacyVerdictErased, record.VerdictRefused: lang.Printer.PrivacyVerdictRefused,
}

// reviewOf puts one thing to look into in words.
func reviewOf(a *web.Ask, x record.Review) reviewView {
	v := reviewView{ID: x.ID, Client: string(x.Client), Said: x.Said, Erase: x.Kind == record.ReviewErase || x.Kind == record.ReviewClock, Held: x.Held, Own: x.Staff == a.Who.ID()}
	at := a.Local(x.At)
	day := lang.Upper(a.P.Date(at, a.Now))
	switch x.Kind {
	case record.ReviewGlass:
		v.Title = a.P.PrivacyKindGlass(x.Name, x.Initials)
		told := a.P.PrivacyTold()
		if x.Unsafe {
			told = a.P.PrivacyUntold()
		}
		v.Facts = []string{a.P.PrivacySpan(day, a.P.Clock(at), a.P.Clock(a.Local(x.Until))), told}
	case record.ReviewErase:
		v.Title = a.P.PrivacyKindErase(x.Initials, erased(a.P, x))
		v.Facts = []string{a.P.TrustWrongAsked(a.P.Full(at))}
	case record.ReviewClock:
		v.Title = a.P.PrivacyKindClock(x.Initials, erased(a.P, x))
		v.Facts = []string{a.P.PrivacySince(a.P.Full(a.Local(x.Until)))}
	default:
		v.Title = a.P.PrivacyKindWhy(x.Name, x.Initials)
		v.Facts = []string{a.P.AccountWhen(day, a.P.Clock(at))}
	}
	if !x.Done.IsZero() {
		v.Facts = append(v.Facts, a.P.PrivacyBy(x.By, a.P.Full(a.Local(x.Done))), x.Note)
		if f, ok := verdicts[x.Verdict]; ok {
			v.Tag = parts.TagView{Text: f(a.P)}
		}
		return v
	}
	v.Tag = waiting(a, x)
	v.Note = parts.AreaView{P: a.P, ID: "n-" + x.ID, Name: "note", Label: a.P.PrivacyNote(), Hint: a.P.PrivacyNoteHint(), Rows: 2, MaxLength: 2000, Optional: true}
	if v.Erase {
		v.Note.Label, v.Note.Hint, v.Note.Optional = a.P.PrivacyNoteErase(), a.P.PrivacyNoteEraseHint(), false
	}
	if x.Kind == record.ReviewClock { // nobody reads it but who decides next
		v.Note.Label, v.Note.Hint = a.P.PrivacyNote(), a.P.PrivacyNoteHint()
	}
	v.Matter = parts.FieldView{P: a.P, ID: "h-" + x.ID, Name: "matter", Label: a.P.PrivacyHoldNote(), MaxLength: 200, Autocomplete: "off", Required: true}
	return v
}

// waiting says by when something is to be looked into, or what came of it that nobody did.
func waiting(a *web.Ask, x record.Review) parts.TagView {
	switch {
	case x.Held:
		return parts.TagView{Tone: parts.ToneWarn, Text: a.P.PrivacyStopped(), Icon: "lock"}
	case x.Frozen:
		return parts.TagView{Tone: parts.ToneDanger, Text: a.P.PrivacyFrozen(), Icon: "lock"}
	case x.Due.IsZero():
		return parts.TagView{}
	}
	t := parts.TagView{Tone: parts.ToneBrand, Text: a.P.PrivacyDue(a.P.Full(a.Local(x.Due.Add(-time.Second)))), Icon: "hourglass"}
	if !a.Now.Before(x.Due) {
		t.Tone = parts.ToneDanger
	}
	return t
}

// erased names what somebody asks to be erased.
func erased(p lang.Printer, x record.Review) string {
	if x.In == 0 {
		return p.PrivacyAll()
	}
	var out []string
	for _, in := range x.In.Each() {
		out = append(out, look.Closed(p, in))
	}
	return strings.Join(out, "; ")
}

// judge answers POST /practice/privacy.
func judge(a *web.Ask, p *record.Practice) (web.Answer, error) {
	ctx, id := a.Context(), a.Form("id")
	var err error
	switch a.Form("how") {
	case "erase":
		err = p.Erase(ctx, id, a.Form("note"))
	case "refuse":
		err = p.RefuseErase(ctx, id, a.Form("note"))
	case "hold":
		if a.Form("matter") == "" {
			err = errs.Say(errs.E(errs.Invalid, "trust: a hold for no matter"), "trust.say_something")
		} else {
			err = p.Hold(ctx, fhir.ClientID(a.Form("client")), a.Form("matter"))
		}
	case "unhold":
		err = p.Hold(ctx, fhir.ClientID(a.Form("client")), "")
	default:
		err = p.Judge(ctx, id, a.Form("how"), a.Form("note"))
	}
	if _, low := account.NeedOf(err); err == nil || low {
		return web.See(officeHref + "?done=1"), err
	}
	say, ok := a.P.Say(errs.SayOf(err))
	if !ok {
		return web.Answer{}, err
	}
	v, lerr := officeFor(a, p)
	v.again(a, err, say)
	return web.Wrong(officePage(v)), lerr
}

// again keeps what was typed, and says at its place what is wrong with it; what is wrong
// with no field stands above the page.
func (v *officeView) again(a *web.Ask, err error, say string) {
	hold := a.Form("how") == "hold"
	for i := range v.Waits {
		x := &v.Waits[i]
		if x.ID != a.Form("id") {
			continue
		}
		if hold {
			x.Matter.Value = a.Form("matter")
		} else {
			x.Note.Value = a.Form("note")
		}
		if errs.Is(err, errs.Invalid) && hold {
			x.Matter.Problem, say = say, ""
		} else if errs.Is(err, errs.Invalid) {
			x.Note.Problem, say = say, ""
		}
	}
	if say != "" {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneDanger, Text: say}
	}
}
