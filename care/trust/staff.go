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

// glassView is the page on which staff open what is closed to them.
type glassView struct {
	Shell  shell.View
	P      lang.Printer
	Client string // the way back
	Name   string
	Why    parts.AreaView
	Unsafe bool
}

// glass answers GET /clients/{client}/glass.
func glass(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return web.Page(glassPage(glassFor(a, c))), nil
}

func glassFor(a *web.Ask, c *record.Chart) glassView {
	v := glassView{Shell: a.Shell(a.P.PrivacyGlassTitle(), "clients"), P: a.P, Client: "/clients/" + string(c.Client()), Name: nameOf(a, c), Unsafe: a.Form("unsafe") != ""}
	v.Why = parts.AreaView{P: a.P, Name: "why", Label: a.P.PrivacyGlassWhy(), Value: a.Form("why"), Rows: 3, MaxLength: 500, Required: true}
	return v
}

func nameOf(a *web.Ask, c *record.Chart) string {
	if card, ok := c.Card(); ok && card.Name != "" {
		return card.Name
	}
	return a.P.ClientsNameless()
}

// breakGlass answers POST /clients/{client}/glass.
func breakGlass(a *web.Ask, c *record.Chart) (web.Answer, error) {
	t := record.Safe
	if a.Form("unsafe") != "" {
		t = record.Unsafe
	}
	err := c.Break(a.Context(), a.Form("why"), t)
	if errs.Is(err, errs.Invalid) {
		v := glassFor(a, c)
		v.Why.Problem = a.P.PrivacyReasonShort()
		return web.Wrong(glassPage(v)), nil
	}
	return web.See("/clients/" + string(c.Client())), err
}

// fixesView is what a client asks to be put right, for staff.
type fixesView struct {
	Shell  shell.View
	P      lang.Printer
	Client string
	Name   string
	List   []askedFix
}

// askedFix is one asking, and a form to answer it while it waits.
type askedFix struct {
	fixView
	ID   string // "" once it is answered
	Text parts.AreaView
}

// corrections answers GET /clients/{client}/corrections.
func corrections(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := fixesFor(a, c)
	return web.Page(fixesPage(v)), err
}

func fixesFor(a *web.Ask, c *record.Chart) (fixesView, error) {
	v := fixesView{Shell: a.Shell(a.P.PrivacyFixTitle(), "clients"), P: a.P, Client: "/clients/" + string(c.Client()), Name: nameOf(a, c)}
	all, err := c.Corrections(a.Context())
	if err != nil {
		return v, err
	}
	for _, x := range all {
		f, err := fixOf(a, c, x)
		if err != nil {
			return v, err
		}
		if x.Type == "" {
			f.About = a.P.PrivacyFixGone()
		}
		y := askedFix{fixView: f}
		if x.State == record.CorrectionAsked {
			y.ID = x.ID
			y.Text = parts.AreaView{P: a.P, ID: "t-" + x.ID, Name: "text", Label: a.P.PrivacyFixText(), Rows: 3, MaxLength: 2000, Required: true}
		}
		v.List = append(v.List, y)
	}
	return v, nil
}

// answerFix answers POST /clients/{client}/corrections.
func answerFix(a *web.Ask, c *record.Chart) (web.Answer, error) {
	state := record.CorrectionRefused
	if a.Form("how") == "made" {
		state = record.CorrectionMade
	}
	err := c.AnswerCorrection(a.Context(), a.Form("id"), state, a.Form("text"))
	if !errs.Is(err, errs.Invalid) {
		return web.See("/clients/" + string(c.Client()) + "/corrections"), err
	}
	v, err := fixesFor(a, c)
	for i := range v.List {
		if x := &v.List[i]; x.ID != "" && x.ID == a.Form("id") {
			x.Text.Value, x.Text.Problem = a.Form("text"), a.P.TrustSaySomething()
		}
	}
	return web.Wrong(fixesPage(v)), err
}

// officeView is what the privacy officer looks into.
type officeView struct {
	Shell   shell.View
	P       lang.Printer
	Waits   []reviewView
	Past    []reviewView
	Answers []reviewView
}

// reviewView is one thing to look into, or one that was.
type reviewView struct {
	ID, Client string
	Title      string
	Facts      []string
	Said       string
	Tag        parts.TagView
	Erase      bool
	Note       parts.AreaView
	Held       parts.FieldView
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
	answers, err := p.Explained(a.Context())
	if err != nil {
		return v, err
	}
	names, err := staffNames(a, p)
	for _, w := range answers {
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
	v := reviewView{ID: x.ID, Client: string(x.Client), Said: x.Said, Erase: x.Kind == record.ReviewErase}
	switch x.Kind {
	case record.ReviewGlass:
		v.Title = a.P.PrivacyKindGlass(x.Name, x.Initials)
	case record.ReviewErase:
		v.Title = a.P.PrivacyKindErase(x.Initials, erased(a.P, x))
	default:
		v.Title = a.P.PrivacyKindWhy(x.Name, x.Initials)
	}
	v.Facts = []string{lang.Upper(a.P.Date(a.Local(x.At), a.Now))}
	if x.Unsafe {
		v.Facts = append(v.Facts, a.P.PrivacyUntold())
	}
	if !x.Done.IsZero() {
		v.Facts = append(v.Facts, a.P.PrivacyBy(x.By, a.P.Full(a.Local(x.Done))), x.Note)
		if f, ok := verdicts[x.Verdict]; ok {
			v.Tag = parts.TagView{Text: f(a.P)}
		}
		return v
	}
	if !x.Due.IsZero() {
		v.Tag = parts.TagView{Tone: parts.ToneBrand, Text: a.P.PrivacyDue(a.P.Full(a.Local(x.Due.Add(-time.Second)))), Icon: "hourglass"}
	}
	if x.Frozen {
		v.Tag = parts.TagView{Tone: parts.ToneDanger, Text: a.P.PrivacyFrozen(), Icon: "lock"}
	}
	label := a.P.PrivacyNote()
	if v.Erase {
		label = a.P.PrivacyNoteErase()
	}
	v.Note = parts.AreaView{P: a.P, ID: "n-" + x.ID, Name: "note", Label: label, Rows: 2, MaxLength: 2000, Required: v.Erase}
	v.Held = parts.FieldView{P: a.P, ID: "h-" + x.ID, Name: "matter", Label: a.P.PrivacyHoldNote(), MaxLength: 200, Autocomplete: "off"}
	return v
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
			err = errs.E(errs.Invalid, "trust: a hold for no matter")
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
	v, err := officeFor(a, p)
	v.Shell.Flash = parts.FlashView{Tone: parts.ToneDanger, Text: say}
	return web.Wrong(officePage(v)), err
}
