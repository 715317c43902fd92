// Package topics is where the manager says what people can write to the practice about,
// who answers and by when; sees how many of those promises were kept; and keeps what is
// said often.
//
// It refuses to let a topic promise what nobody is there to keep without saying so, and
// to show a message: who runs the practice reads none.
package topics

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// Routes lists the pages.
func Routes() []web.Route {
	page := func(pattern string, f func(*web.Ask, *record.Practice) (web.Answer, error)) web.Route {
		return web.Route{Pattern: pattern, Why: record.Running, Practice: f}
	}
	return []web.Route{
		page("GET /practice/messages", list),
		page("GET /practice/messages/{id}", edit),
		page("POST /practice/messages/{id}", save),
		page("GET /practice/replies", replies),
		page("GET /practice/replies/{id}", editReply),
		page("POST /practice/replies/{id}", saveReply),
	}
}

const (
	here    = "/practice/messages"
	saidAt  = "/practice/replies"
	fresh   = "new"
	perHour = 60
)

// listView is every topic, and how promises were kept.
type listView struct {
	Shell   shell.View
	P       lang.Printer
	Topics  []topicRow
	Weeks   []week
	Replies string
}

type topicRow struct {
	Href, Name, Text string
	Faults           []string // why messages about it would wait for nobody
	Off, Desk        bool
}

// week is how many promises of one week were kept, and about what.
type week struct {
	keptView
	iso    string // 2026-W48
	Topics []keptView
}

// keptView is how many promises were kept.
type keptView struct {
	Name         string
	kept, broken int
	Kept, Share  string // 12 of 13; 92%
	Value        string // of 100, for a bar
}

// said puts into words how many promises were kept.
func (k *keptView) said(p lang.Printer) {
	sum := k.kept + k.broken
	k.Kept = p.TopicsKeptOf(p.Count(k.kept), p.Count(sum))
	if sum > 0 {
		k.Value = strconv.Itoa(100 * k.kept / sum)
		k.Share = p.TopicsPercent(k.Value)
	}
}

func frame(a *web.Ask, title string) shell.View {
	s := a.Shell(title, "practice")
	s.Place = a.P.NavPractice()
	return s
}

// list answers GET /practice/messages.
func list(a *web.Ask, p *record.Practice) (web.Answer, error) {
	staff, err := p.Staff(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	v := listView{Shell: frame(a, a.P.TopicsTitle()), P: a.P, Replies: saidAt}
	names := map[string]string{}
	for _, t := range p.Topics() {
		names[t.ID] = a.In(t.Names)
		r := topicRow{Href: here + "/" + t.ID, Name: names[t.ID], Off: t.Off, Desk: t.Desk}
		r.Text = a.P.TopicsWithin(hoursOf(t.Minutes))
		if n := len(t.Team(staff)); n > 0 {
			r.Text += ", " + a.P.TopicsPeople(n)
		}
		r.Faults = faults(a.P, t, staff)
		v.Topics = append(v.Topics, r)
	}
	tallies, err := p.Tallies(a.Context())
	v.Weeks = weeks(a.P, tallies, names, a.Now)
	return web.Page(listPage(v)), err
}

// faults are what keeps messages about a topic from being answered.
func faults(p lang.Printer, t record.Topic, staff []record.StaffMember) []string {
	var out []string
	switch {
	case t.Unread(staff):
		out = append(out, p.TopicsUnread())
	case len(t.Team(staff)) == 0:
		out = append(out, p.TopicsNobody())
	}
	if t.Cover == "" {
		return out
	}
	i := slices.IndexFunc(staff, func(m record.StaffMember) bool { return m.ID == t.Cover && !m.Left })
	switch alone := (record.Topic{Who: []string{t.Cover}, Desk: t.Desk}); {
	case i < 0:
		out = append(out, p.TopicsCoverGone())
	case alone.Unread(staff):
		out = append(out, p.TopicsCoverUnread(staff[i].Name))
	}
	return out
}

// hoursOf writes minutes as hours, with a half where there is one.
func hoursOf(minutes int) string {
	return strings.TrimSuffix(strconv.FormatFloat(float64(minutes)/perHour, 'f', 1, 64), ".0")
}

// weeksMost is how many weeks are shown, with the one that is not over.
const weeksMost = 8

// weeks adds up what was promised, week by week, and says of each topic how it went. all
// has the newest week first.
func weeks(p lang.Printer, all []record.Tally, names map[string]string, now time.Time) []week {
	var out []week
	y, w := now.AddDate(0, 0, -7*(weeksMost-1)).ISOWeek()
	since := fmt.Sprintf("%d-W%02d", y, w)
	for _, t := range all {
		if t.Week < since {
			break
		}
		if n := len(out); n == 0 || out[n-1].iso != t.Week {
			out = append(out, week{iso: t.Week, keptView: keptView{Name: weekName(p, t.Week)}})
		}
		w := &out[len(out)-1]
		w.kept, w.broken = w.kept+t.Kept, w.broken+t.Broken
		k := keptView{Name: cmp.Or(names[t.Topic], p.TopicsGone()), kept: t.Kept, broken: t.Broken}
		k.said(p)
		w.Topics = append(w.Topics, k)
	}
	for i := range out {
		out[i].said(p)
	}
	return out
}

// weekName says which week "2026-W48" is, by its Monday.
func weekName(p lang.Printer, iso string) string {
	year, n, ok := strings.Cut(iso, "-W")
	y, err := strconv.Atoi(year)
	w, werr := strconv.Atoi(n)
	if !ok || err != nil || werr != nil {
		return iso
	}
	fourth := time.Date(y, 1, 4, 0, 0, 0, 0, time.UTC) // in week 1 by ISO 8601
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+7*(w-1))
	return p.TopicsWeek(p.ShortDay(monday))
}

// editView is one topic to be changed.
type editView struct {
	Shell   shell.View
	P       lang.Printer
	Title   string
	Action  string
	Problem string
	Faults  []string
	Names   []parts.FieldView
	About   []parts.AreaView
	Hours   parts.FieldView
	Roles   []parts.CheckView
	People  []parts.CheckView
	Cover   []parts.Option
	Desk    bool
	Off     bool
}

// answers are the roles that can answer.
var answers = []account.Roles{account.Nurse, account.Clinician, account.Coordinator, account.FrontDesk}

func find(p *record.Practice, id string) (record.Topic, bool) {
	for _, t := range p.Topics() {
		if t.ID == id {
			return t, true
		}
	}
	return record.Topic{Names: map[string]string{}, About: map[string]string{}, Roles: "nurse clinician", Minutes: 4 * perHour}, id == fresh
}

var errNoTopic = errs.E(errs.NotFound, "topics: no such topic")

// edit answers GET /practice/messages/{id}.
func edit(a *web.Ask, p *record.Practice) (web.Answer, error) {
	t, ok := find(p, a.Path("id"))
	if !ok {
		return web.Answer{}, errNoTopic
	}
	v, err := editOf(a, p, t)
	return web.Page(editPage(v)), err
}

func editOf(a *web.Ask, p *record.Practice, t record.Topic) (editView, error) {
	staff, err := p.Staff(a.Context())
	v := editView{Shell: frame(a, a.P.TopicsTitle()), P: a.P, Title: cmp.Or(a.In(t.Names), a.P.TopicsNew()), Action: here + "/" + a.Path("id"), Desk: t.Desk, Off: t.Off}
	if t.ID != "" {
		v.Faults = faults(a.P, t, staff)
	}
	for _, l := range languages(a) {
		v.Names = append(v.Names, parts.FieldView{P: a.P, Name: "name-" + l.String(), Label: a.P.TopicsName(l.Name()), Value: t.Names[l.String()], MaxLength: 60})
		v.About = append(v.About, parts.AreaView{P: a.P, Name: "about-" + l.String(), Label: a.P.TopicsAbout(l.Name()), Value: t.About[l.String()], Rows: 2, MaxLength: 300})
	}
	v.Hours = parts.FieldView{P: a.P, Name: "hours", Label: a.P.TopicsHours(), Hint: a.P.TopicsHoursHint(), Value: hoursOf(t.Minutes), InputMode: "decimal", Width: parts.WidthNumber, Required: true}
	has, _ := account.ParseRoles(t.Roles)
	for _, r := range answers {
		v.Roles = append(v.Roles, parts.CheckView{Name: "role", Value: r.String(), Text: roleWord(a.P, r), Chosen: has.Any(r)})
	}
	for _, m := range staff {
		if m.Left {
			continue
		}
		v.People = append(v.People, parts.CheckView{Name: "who", Value: m.ID, Text: m.Name + ", " + m.Title, Chosen: slices.Contains(t.Who, m.ID)})
		v.Cover = append(v.Cover, parts.Option{Value: m.ID, Text: m.Name, Chosen: t.Cover == m.ID})
	}
	return v, err
}

func roleWord(p lang.Printer, r account.Roles) string {
	switch r {
	case account.Nurse:
		return p.TopicsNurses()
	case account.Clinician:
		return p.TopicsClinicians()
	case account.Coordinator:
		return p.TopicsCoordinators()
	}
	return p.TopicsDesks()
}

// languages are those in which the practice writes.
func languages(a *web.Ask) []lang.Tag {
	var out []lang.Tag
	for _, code := range a.Practice.Languages {
		if t, ok := lang.Parse(code); ok {
			out = append(out, t)
		}
	}
	return out
}

// save answers POST /practice/messages/{id}.
func save(a *web.Ask, p *record.Practice) (web.Answer, error) {
	t, ok := find(p, a.Path("id"))
	if !ok {
		return web.Answer{}, errNoTopic
	}
	for _, l := range languages(a) {
		t.Names = with(t.Names, l.String(), a.Form("name-"+l.String()))
		t.About = with(t.About, l.String(), a.Form("about-"+l.String()))
	}
	roles := strings.Join(a.FormAll("role"), " ")
	h, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(a.Form("hours")), ",", ".", 1), 64)
	staff, serr := p.Staff(a.Context())
	if serr != nil {
		return web.Answer{}, serr
	}
	away := func(id string) bool { // somebody who left while the page was open, or never was
		return !slices.ContainsFunc(staff, func(m record.StaffMember) bool { return m.ID == id && !m.Left })
	}
	t.Roles, t.Who, t.Cover, t.Desk, t.Off = roles, slices.DeleteFunc(a.FormAll("who"), away), a.Form("cover"), a.Form("desk") != "", a.Form("off") != ""
	if away(t.Cover) {
		t.Cover = ""
	}
	t.Minutes = int(h * perHour)
	problem := ""
	switch {
	case err != nil || t.Minutes < 1 || !(h <= 80): // the most that can be promised
		problem = a.P.TopicsHoursWrong()
	case len(t.Names) == 0:
		problem = a.P.TopicsNameless()
	case roles == "" && len(t.Who) == 0:
		problem = a.P.TopicsNobody()
	}
	if problem != "" {
		v, err := editOf(a, p, t)
		v.Problem, v.Hours.Value = problem, a.Form("hours")
		return web.Wrong(editPage(v)), err
	}
	all := p.Topics()
	if i := slices.IndexFunc(all, func(x record.Topic) bool { return x.ID == t.ID }); i >= 0 {
		all[i] = t
	} else {
		t.ID = "t" + strconv.FormatInt(a.Now.UnixMilli(), 36) + "-" + strconv.Itoa(len(all))
		all = append(all, t)
	}
	err = p.SetTopics(a.Context(), all)
	if text, ok := a.P.Say(errs.SayOf(err)); ok && errs.Is(err, errs.Invalid) {
		v, err := editOf(a, p, t)
		v.Problem, v.Hours.Value = text, a.Form("hours")
		return web.Wrong(editPage(v)), err
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See(here), nil
}

// with returns a map in which a key holds a text, or is not there.
func with(m map[string]string, key, text string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v
	}
	if text = strings.TrimSpace(text); text != "" {
		out[key] = text
	} else {
		delete(out, key)
	}
	return out
}
