package inbox

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/talk"
)

// perPage is how many things the list shows at once.
const perPage = 50

// The lists.
const (
	tabMine = "mine"
	tabTeam = "team"
	tabFree = "unassigned"
	tabDone = "done"
)

// listView is the whole page.
type listView struct {
	Shell shell.View
	P     lang.Printer
	Queue queueView
}

// queueView is the list itself: what a page that is open asks for again.
type queueView struct {
	P         lang.Printer
	Tab, Href string
	Tabs      parts.TabsView
	Soon      string // how many are due within the hour
	Rows      []row
	Bulk      bool // several can be seen to at once
	Prev, Nxt parts.Link
	Live      string
	Empty     parts.EmptyView
}

// row is one thing to do.
type row struct {
	ID, Href, Name, Seed string
	Icon, What           string
	Due                  string
	Late, Soon, Open     bool
	Owner                string
	Tags                 []parts.TagView
	Bulk                 bool   // it can be seen to without being opened
	Done                 string // where it is said that it was seen to, if not here
}

// list answers GET /inbox.
func list(a *web.Ask, d *record.Directory) (web.Answer, error) {
	q, err := queueOf(a, d)
	if err != nil {
		return web.Answer{}, err
	}
	if a.Fragment {
		return web.Page(queue(q)), nil
	}
	return web.Page(listPage(listView{Shell: frame(a, a.P.InboxTitle()), P: a.P, Queue: q})), nil
}

// frame is the console around a page of this capability.
func frame(a *web.Ask, title string, scripts ...string) shell.View {
	s := a.Shell(title, "inbox", append([]string{"js/messages.js"}, scripts...)...)
	s.Place = a.P.InboxTitle()
	s.Search = parts.FindView{Action: "/clients/find", Name: "q", Label: a.P.ClientsFind(a.P.Client()), Placeholder: a.P.ClientsFindHint(), Private: true}
	return s
}

func queueOf(a *web.Ask, d *record.Directory) (queueView, error) {
	all, err := d.Inbox(a.Context())
	if err != nil {
		return queueView{}, err
	}
	staff, err := d.Staff(a.Context())
	if err != nil {
		return queueView{}, err
	}
	k := lister{a: a, d: d, names: map[string]string{}, topics: map[string]record.Topic{}}
	for _, s := range staff {
		k.names[s.ID] = s.Name
	}
	for _, t := range d.Topics() {
		k.topics[t.ID] = t
	}
	tab := a.Query("tab")
	if !slices.Contains([]string{tabTeam, tabFree, tabDone}, tab) {
		tab = tabMine
	}
	counts, soon := map[string]int{}, 0
	var in []record.Todo
	for _, t := range all {
		tabs := k.tabs(t)
		for _, x := range tabs {
			counts[x]++
		}
		if slices.Contains(tabs, tab) {
			in = append(in, t)
			if tab != tabDone && !t.Due.IsZero() && t.Due.Before(a.Now.Add(time.Hour)) {
				soon++
			}
		}
	}
	if tab == tabDone {
		slices.SortStableFunc(in, func(x, y record.Todo) int { return y.Done.Compare(x.Done) })
	}
	v := queueView{P: a.P, Tab: tab, Href: "/inbox?tab=" + tab, Live: "/live/" + d.LiveTicket()}
	if soon > 0 {
		v.Soon = a.P.InboxSoon(soon)
	}
	v.Tabs = parts.TabsView{Label: a.P.InboxTitle(), Current: v.Href}
	for _, x := range []struct{ id, text string }{{tabMine, a.P.InboxMine()}, {tabTeam, a.P.InboxTeam()}, {tabFree, a.P.InboxFree()}, {tabDone, a.P.InboxDone()}} {
		t := parts.Tab{Text: x.text, Href: "/inbox?tab=" + x.id}
		if n := counts[x.id]; n > 0 && x.id != tabDone {
			t.Count = a.P.Count(n)
		}
		v.Tabs.Tabs = append(v.Tabs.Tabs, t)
	}
	k.page(&v, in)
	return v, nil
}

// page fills in one page of the list.
func (k *lister) page(v *queueView, in []record.Todo) {
	p := k.a.P
	from, err := strconv.Atoi(k.a.Query("from"))
	if err != nil || from < 0 || from >= len(in) {
		from = 0
	}
	from = from / perPage * perPage
	at := k.a.Query("at")
	for _, t := range in[from:min(from+perPage, len(in))] {
		r := k.row(t, v.Tab)
		r.Open = at != "" && (t.ID == at || t.Thread == at)
		v.Bulk = v.Bulk || r.Bulk
		v.Rows = append(v.Rows, r)
	}
	if from > 0 {
		v.Prev = parts.Link{Text: p.ClientsPrev(), Href: v.Href + "&from=" + strconv.Itoa(from-perPage), Icon: "arrow-left"}
	}
	if from+perPage < len(in) {
		v.Nxt = parts.Link{Text: p.ClientsNext(), Href: v.Href + "&from=" + strconv.Itoa(from+perPage), Icon: "arrow-right"}
	}
	v.Empty = parts.EmptyView{Icon: "check-circle", Title: p.InboxEmpty(), Text: p.InboxEmptyText()}
	if from > 0 {
		v.Href += "&from=" + strconv.Itoa(from)
	}
}

// lister makes rows.
type lister struct {
	a      *web.Ask
	d      *record.Directory
	names  map[string]string
	topics map[string]record.Topic
}

// tabs are the lists on which something stands.
func (k *lister) tabs(t record.Todo) []string {
	switch {
	case !t.Done.IsZero():
		return []string{tabDone}
	case t.Snooze.After(k.a.Now):
		if t.Owner == "" || t.Owner == k.a.Who.ID() {
			return nil // it comes back
		}
		return []string{tabTeam}
	case t.Owner == k.a.Who.ID():
		return []string{tabMine, tabTeam}
	case t.Owner == "" || k.names[t.Owner] == "":
		return []string{tabFree, tabTeam}
	}
	return []string{tabTeam}
}

func (k *lister) row(t record.Todo, tab string) row {
	p, client := k.a.P, "/clients/"+string(t.Client)
	r := row{ID: t.ID, Name: p.ClientsNameless(), Seed: string(t.Client)}
	if c, ok := k.d.Card(t.Client); ok && c.Name != "" {
		r.Name = c.Name
	}
	switch t.Kind {
	case record.TodoMessage:
		r.Icon, r.What, r.Bulk = "messages", p.InboxMessage(), t.Desk || t.Broken > 0
		r.Href = sideOf(k.a.Who, t.Client, t.ID)
		if topic, ok := k.topics[t.Topic]; ok {
			r.What = k.a.In(topic.Names)
		}
	case record.TodoNote:
		r.Icon, r.What, r.Bulk, r.Href = "note", p.InboxNote(), true, sideOf(k.a.Who, t.Client, t.Thread)
	case record.TodoUnreached:
		r.Icon, r.What, r.Bulk, r.Href = "phone", p.InboxUnreached(), true, sideOf(k.a.Who, t.Client, t.Thread)
	case record.TodoAlarm:
		r.Icon, r.What, r.Href, r.Done = "flag", p.InboxAlarm(), client+"/forms", client+"/todo/"+t.ID
		if t.About != "" {
			r.Href += "/" + string(t.About)
		}
	case record.TodoCorrection:
		r.Icon, r.What, r.Href = "edit", p.InboxCorrection(), client+"/corrections"
	default:
		r.Icon, r.What, r.Href, r.Done = "calendar-x", p.InboxVisit(), client+"/book", client+"/todo/"+t.ID
	}
	if r.Href != "" && strings.HasPrefix(r.Href, "/inbox/") || strings.HasPrefix(r.Href, "/desk/") {
		r.Href += "?tab=" + tab
	}
	k.due(&r, t)
	if t.Owner != "" && t.Owner != k.a.Who.ID() {
		r.Owner = k.names[t.Owner]
	}
	if len(t.Named) > 0 {
		r.Tags, r.Bulk = append(r.Tags, parts.TagView{Tone: parts.ToneBrand, Icon: "lock", Text: p.InboxSealed()}), false
	}
	if t.Broken > 0 {
		r.Tags = append(r.Tags, parts.TagView{Tone: parts.ToneDanger, Text: p.InboxBroken(t.Broken)})
	}
	if t.Snooze.After(k.a.Now) {
		r.Tags = append(r.Tags, parts.TagView{Icon: "clock", Text: p.InboxSnoozed(talk.By(k.a, t.Snooze))})
	}
	if tab == tabDone {
		r.Bulk, r.Done = false, ""
	}
	return r
}

// due says by when, or since when.
func (k *lister) due(r *row, t record.Todo) {
	p, now := k.a.P, k.a.Now
	switch {
	case !t.Done.IsZero():
		r.Due = talk.By(k.a, t.Done)
		if n := k.names[t.By]; n != "" {
			r.Owner = n
		}
	case t.Due.IsZero():
		r.Due = p.InboxSince(talk.Near(k.a, t.At))
	case !t.Due.After(now):
		r.Late, r.Due = true, p.InboxLate(long(p, now.Sub(t.Due)))
	case t.Due.Before(now.Add(time.Hour)):
		r.Soon, r.Due = true, long(p, t.Due.Sub(now))
	case t.Due.Before(now.Add(6 * time.Hour)):
		r.Due = long(p, t.Due.Sub(now))
	default:
		r.Due = talk.By(k.a, t.Due)
	}
}

// long says a stretch of time in few letters.
func long(p lang.Printer, d time.Duration) string {
	m := int(d.Round(time.Minute).Minutes())
	switch {
	case m < 60:
		return p.InboxMinutes(m)
	case m < 24*60:
		return p.InboxHours(m/60, strconv.Itoa(100 + m%60)[1:])
	}
	return p.InboxDays(m / (24 * 60))
}

// back is where to go after something was done on the list: a place of the inbox.
func back(a *web.Ask) string {
	to := a.Form("back")
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.Contains(u.Path, "..") || u.Path != "/inbox" && !strings.HasPrefix(u.Path, "/inbox/") && !strings.HasPrefix(u.Path, "/desk/") {
		return "/inbox"
	}
	return to
}

// act answers POST /inbox: something is taken on, given to somebody, put off, or seen to.
func act(a *web.Ask, d *record.Directory) (web.Answer, error) {
	ids := a.FormAll("id")
	if one := a.Form("one"); one != "" {
		ids = []string{one}
	}
	if len(ids) == 0 {
		return web.See(back(a)), nil
	}
	ids = ids[:min(len(ids), perPage)] // what one page of the list shows
	var err error
	switch a.Form("do") {
	case "take":
		err = each(ids, func(id string) error { return d.Assign(a.Context(), id, a.Who.ID()) })
	case "assign":
		err = each(ids, func(id string) error { return d.Assign(a.Context(), id, a.Form("owner")) })
	case "snooze":
		until := until(a, a.Form("until"))
		err = each(ids, func(id string) error { return d.Snooze(a.Context(), id, until, a.Form("why")) })
	case "done":
		_, err = d.Settle(a.Context(), ids...)
	default:
		err = errs.E(errs.Invalid, "inbox: nothing of that kind can be done")
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See(back(a)), nil
}

func each(ids []string, f func(string) error) error {
	for _, id := range ids {
		if err := f(id); err != nil && !(errs.Is(err, errs.NotFound) && len(ids) > 1) {
			return err // of several, somebody else may have seen to one
		}
	}
	return nil
}

// until is when something that is put off comes back.
func until(a *web.Ask, what string) time.Time {
	l := a.Now
	morning := time.Date(l.Year(), l.Month(), l.Day()+1, 8, 0, 0, 0, l.Location())
	switch what {
	case "hour":
		return l.Add(time.Hour)
	case "afternoon":
		if at := time.Date(l.Year(), l.Month(), l.Day(), 14, 0, 0, 0, l.Location()); at.After(l) {
			return at
		}
		return l.Add(3 * time.Hour)
	case "week":
		return morning.AddDate(0, 0, 6)
	}
	return morning
}
