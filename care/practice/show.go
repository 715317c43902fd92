package practice

import (
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/theme"
)

// view is the settings page.
type view struct {
	Shell    shell.View
	P        lang.Printer
	Draft    draft
	Problems []problem
	First    bool // nobody has set the practice up yet
	Preview  bool // what is shown is not saved
	Clock    string
	Colours  coloursView
	Staff    []record.StaffMember
	Copies   copies
}

func show(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := newView(a, p, fresh(a.Practice))
	if err != nil {
		return web.Answer{}, err
	}
	if a.Query("saved") != "" {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.PracticeSaved()}
	}
	return web.Page(page(v)), nil
}

// save keeps what was written, or shows it without keeping it.
func save(a *web.Ask, p *record.Practice) (web.Answer, error) {
	d := readDraft(a)
	probs := d.problems()
	if len(probs) == 0 && a.Form("do") != "preview" {
		if err := p.SetSettings(a.Context(), d.settings()); err != nil {
			return web.Answer{}, err
		}
		return web.See("/practice?saved=1"), nil
	}
	v, err := newView(a, p, d)
	if err != nil {
		return web.Answer{}, err
	}
	if v.Problems = probs; len(probs) > 0 {
		return web.Wrong(page(v)), nil
	}
	v.Preview = true
	return web.Page(page(v)), nil
}

// readDraft takes the form. What a form cannot say stays as it is kept.
func readDraft(a *web.Ask) draft {
	d := draft{Settings: a.Practice, First: a.Form("first")}
	d.Name, d.Phone, d.Emergency, d.Crisis = a.Form("name"), a.Form("phone"), a.Form("emergency"), a.Form("crisis")
	d.Mark, d.Typeface, d.Word, d.Zone = a.Form("mark"), a.Form("typeface"), a.Form("word"), a.Form("zone")
	d.Brand = colour(a.Form("brand-was"), a.Form("brand"), a.Form("brand-hex"))
	d.Accent = colour(a.Form("accent-was"), a.Form("accent"), a.Form("accent-hex"))
	d.Languages = nil
	for _, t := range lang.All() { // in one order, each once, and none that is unknown
		if slices.Contains(a.FormAll("languages"), t.String()) {
			d.Languages = append(d.Languages, t.String())
		}
	}
	return d
}

func newView(a *web.Ask, p *record.Practice, d draft) (view, error) {
	staff, err := p.Staff(a.Context())
	if err != nil {
		return view{}, err
	}
	v := view{Shell: a.Shell(a.P.NavPractice(), "practice", "js/brand.js"), P: a.P, Draft: d, First: a.Practice.Name == "", Clock: clockIn(a, d.Zone), Staff: staff}
	v.Colours = newColours(a.P, d.Brand, d.Accent)
	v.dress()
	v.Copies, err = newCopies(a, p)
	return v, err
}

// dress puts the page itself into the colours, letters, name and mark of the
// draft, as far as they hold.
func (v *view) dress() {
	b := &v.Shell.Brand
	if isColour(v.Draft.Brand) && isColour(v.Draft.Accent) {
		b.ThemeHref = theme.Href(v.Draft.Brand, v.Draft.Accent)
	}
	if parts.HasMark(v.Draft.Mark) {
		b.Mark = v.Draft.Mark
	}
	if slices.Contains(typefaces, v.Draft.Typeface) {
		b.Typeface = v.Draft.Typeface
	}
}

// clockIn is the time of day in a zone, so that a wrong choice is seen at once.
func clockIn(a *web.Ask, zone string) string {
	if !isZone(zone) {
		return ""
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return ""
	}
	return a.P.Clock(a.Now.In(loc))
}

// problem returns what is wrong with a field, in words.
func (v view) problem(field string) string {
	for _, p := range v.Problems {
		if p.field() == field {
			return p.say(v.P)
		}
	}
	return ""
}

func (v view) problemList() []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, p := range v.Problems {
		out = append(out, parts.FieldProblem{ID: anchor(p.field()), Text: p.say(v.P)})
	}
	return out
}

// anchor is the element a problem's link leads to: groups of choices have no
// one field, so their frame takes it.
func anchor(field string) string {
	switch field {
	case "mark", "typeface", "word", "languages", "first":
		return field + "-group"
	}
	return field
}

func (v view) marks() []parts.Option {
	names := map[string]string{"rowan": v.P.PracticeMarkRowan(), "leaf": v.P.PracticeMarkLeaf(), "heart": v.P.PracticeMarkHeart(),
		"sunrise": v.P.PracticeMarkSunrise(), "house": v.P.PracticeMarkHouse(), "rings": v.P.PracticeMarkRings(), "wave": v.P.PracticeMarkWave()}
	var out []parts.Option
	for _, m := range parts.Marks() {
		n := names[m]
		if n == "" {
			n = lang.Upper(m)
		}
		out = append(out, parts.Option{Value: m, Text: n, Mark: m, Chosen: m == v.Draft.Mark})
	}
	return out
}

func (v view) letters() []parts.Option {
	texts := map[string]string{"figtree": "Figtree", "atkinson": "Atkinson Hyperlegible", "system": v.P.PracticeTypefaceSystem()}
	var out []parts.Option
	for _, t := range typefaces {
		out = append(out, parts.Option{Value: t, Text: texts[t], Chosen: t == v.Draft.Typeface})
	}
	return out
}

// words shows each word in every language the practice may speak.
func (v view) words() []parts.Option {
	var out []parts.Option
	for _, w := range lang.Words() {
		var others []string
		for _, t := range lang.All() {
			if t != v.P.Tag() {
				others = append(others, lang.New(t, w).Client())
			}
		}
		out = append(out, parts.Option{Value: w.String(), Text: lang.Upper(lang.New(v.P.Tag(), w).Client()), Small: strings.Join(others, ", "), Chosen: w.String() == v.Draft.Word})
	}
	return out
}

func (v view) offered() []parts.Option {
	var out []parts.Option
	for _, t := range lang.All() {
		out = append(out, parts.Option{Value: t.String(), Text: t.Name(), Chosen: slices.Contains(v.Draft.Languages, t.String())})
	}
	return out
}

func (v view) firsts() []parts.Option {
	var out []parts.Option
	for _, t := range lang.All() {
		out = append(out, parts.Option{Value: t.String(), Text: t.Name(), Chosen: t.String() == v.Draft.First})
	}
	return out
}

// zones are suggestions; any zone of the IANA database can be written.
var zones = strings.Fields(`Europe/London Europe/Dublin Europe/Lisbon Europe/Madrid Europe/Paris Europe/Brussels Europe/Amsterdam
	Europe/Berlin Europe/Zurich Europe/Rome Europe/Vienna Europe/Stockholm Europe/Oslo Europe/Copenhagen Europe/Helsinki Europe/Warsaw
	Europe/Prague Europe/Budapest Europe/Bucharest Europe/Athens Europe/Istanbul Europe/Kyiv Atlantic/Canary Atlantic/Azores
	America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage Pacific/Honolulu America/Puerto_Rico
	America/Toronto America/Montreal America/Vancouver America/Mexico_City America/Tijuana America/Guatemala America/Panama America/Bogota
	America/Lima America/Caracas America/La_Paz America/Santiago America/Buenos_Aires America/Montevideo America/Sao_Paulo America/Santo_Domingo
	America/Port-au-Prince America/Cayenne America/Martinique Africa/Casablanca Africa/Algiers Africa/Tunis Africa/Dakar Africa/Abidjan
	Africa/Accra Africa/Lagos Africa/Kinshasa Africa/Nairobi Africa/Johannesburg Africa/Cairo Indian/Reunion Asia/Dubai Asia/Kolkata Asia/Singapore
	Asia/Manila Asia/Tokyo Australia/Perth Australia/Sydney Pacific/Auckland Pacific/Noumea UTC`)

// rows lists who works here, those who left last.
func (v view) rows() []parts.RowView {
	ms := slices.Clone(v.Staff)
	slices.SortStableFunc(ms, func(a, b record.StaffMember) int {
		switch {
		case a.Left == b.Left:
			return 0
		case a.Left:
			return 1
		}
		return -1
	})
	var out []parts.RowView
	for _, m := range ms {
		r := parts.RowView{Name: m.Name, Seed: m.ID, Title: m.Name, Text: m.Title}
		if may := v.may(m.Roles); may != "" && !m.Left {
			r.Text = strings.TrimPrefix(r.Text+" · "+may, " · ")
		}
		if m.Left {
			r.Tag = parts.TagView{Text: v.P.PracticeStaffLeft()}
		}
		out = append(out, r)
	}
	return out
}

// may says what somebody's roles let them do, in words.
func (v view) may(codes string) string {
	rs, ok := account.ParseRoles(codes)
	if !ok {
		return ""
	}
	var out []string
	for _, r := range account.AllRoles() {
		if rs.Any(r) {
			out = append(out, roleWord(v.P, r))
		}
	}
	return v.P.And(out)
}

func roleWord(p lang.Printer, r account.Roles) string {
	switch r {
	case account.FrontDesk:
		return p.PracticeRoleFrontdesk()
	case account.Nurse, account.Clinician:
		return p.PracticeRoleTreats()
	case account.Coordinator:
		return p.PracticeRoleCoordinator()
	case account.Editor:
		return p.PracticeRoleEditor()
	case account.Manager:
		return p.PracticeRoleManager()
	case account.PrivacyOfficer:
		return p.PracticeRolePrivacy()
	}
	return ""
}
