package booking

import (
	"slices"
	"strings"

	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// listView is somebody's visits, and what they can book with one press.
type listView struct {
	Shell    shell.View
	P        lang.Printer
	Of       string
	Base     string
	Coming   []parts.TicketView
	Past     []parts.RowView
	Services []serviceView // the likely ones
	More     bool          // there are others
	Books    bool          // the reader may book
	Phone    string
	Orders   []orderView
	Offers   []parts.Link // earlier times that are kept for them
	Series   string
	Feed     string // of their own visits only
}

// orderView is a visit that staff asked somebody to book.
type orderView struct{ What, After, Note, Href string }

// How much of it stands on the page.
const (
	mostComing, mostPast, mostServices = 12, 6, 4
)

// list answers GET /me/{client}/visits.
func list(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx, p, at := a.Context(), a.P, within(a, c)
	v := listView{P: p, Of: of(a), Base: at.base, Books: at.cal.Holds() && len(at.services()) > 0, Phone: a.Practice.Phone}
	title := p.VisitsTitle()
	if v.Of != "" {
		title = p.VisitsTitleOf(v.Of)
	}
	v.Shell = at.shell(title)
	next, err := coming(ctx, c, a.Now, mostComing)
	if err != nil {
		return web.Answer{}, err
	}
	for _, x := range next {
		v.Coming = append(v.Coming, at.asTicket(x))
	}
	was, err := gone(ctx, c, a.Now, 30)
	if err != nil {
		return web.Answer{}, err
	}
	for _, x := range was[:min(mostPast, len(was))] {
		v.Past = append(v.Past, parts.RowView{Icon: "calendar", Title: at.name(x), Text: p.And(x.names()), Meta: p.Short(a.Local(x.at))})
	}
	v.Services, v.More = at.likely(was)
	if err := at.asked(&v, next); err != nil {
		return web.Answer{}, err
	}
	return web.Page(listPage(v)), nil
}

// asked adds what staff asked for, and the earlier times that are kept for them.
func (at place) asked(v *listView, next []visit) error {
	if !at.cal.Holds() {
		return nil
	}
	v.Series = at.base + "/series"
	if of(at.a) == "" {
		v.Feed = at.base + "/calendar"
	}
	orders, err := at.chart.Orders(at.a.Context())
	if err != nil {
		return err
	}
	for _, o := range orders {
		s, ok := at.tt.Service(o.Service)
		if !ok || !s.Public {
			continue
		}
		c := choice{service: o.Service, move: o.Ref, from: o.After}
		x := orderView{What: at.a.In(s.Names), Note: o.Note, Href: c.at(at.base + "/map")}
		if day, ok := o.After.At(0, at.a.Now.Location()); ok && day.After(at.a.Now) {
			x.After = at.a.P.VisitsOrderAfter(at.a.P.DayMonth(day))
		}
		v.Orders = append(v.Orders, x)
	}
	for _, x := range next {
		if w, err := at.chart.Wish(at.a.Context(), x.id); err == nil && w.Offer != nil {
			v.Offers = append(v.Offers, parts.Link{Text: at.a.P.VisitsEarlierLook(), Href: at.base + "/" + string(x.ref) + "/earlier"})
		}
	}
	return nil
}

// names are who a visit is with.
func (v visit) names() []string {
	var out []string
	for _, w := range v.with {
		if w.name != "" {
			out = append(out, w.name)
		}
	}
	return out
}

// name is what a visit is about, in the reader's language where it is a service of the
// practice.
func (at place) name(v visit) string {
	if s, ok := at.tt.Service(v.service); ok {
		if n := at.a.In(s.Names); n != "" {
			return n
		}
	}
	if v.name != "" {
		return v.name
	}
	return at.a.P.TodayVisit()
}

// how says where a visit is, or by what.
func (at place) how(v visit) string {
	switch {
	case v.home:
		return at.a.P.TodayHome()
	case v.way == hours.Video:
		return at.a.P.TodayVideo()
	case v.way == hours.Phone:
		return at.a.P.TodayPhone()
	}
	return v.where
}

// meeting says with whom and where or by what: "Video with Dr Lena Ortiz".
func (at place) meeting(v visit) []string {
	p, who, how := at.a.P, at.a.P.And(v.names()), at.how(v)
	switch {
	case who != "" && (v.way == hours.Video || v.way == hours.Phone):
		return []string{p.VisitsWith(wayText(p, v.way), who)}
	case who != "" && how != "":
		return []string{who + ", " + how}
	case who+how != "":
		return []string{who + how}
	}
	return nil
}

// asTicket draws a coming visit.
func (at place) asTicket(v visit) parts.TicketView {
	p, from := at.a.P, at.a.Local(v.at)
	t := parts.Stub(p, "v-"+string(v.ref), from)
	t.When, t.Title, t.Meta = span(p, from, at.a.Local(v.end)), at.name(v), at.meeting(v)
	t.Actions = append(t.Actions, parts.ButtonView{Text: p.VisitsTicket(), Hidden: lang.Upper(p.Date(from, at.a.Now)), Kind: parts.ButtonInvert, Href: at.base + "/" + string(v.ref), EndIcon: "arrow-right"})
	if at.movable(v) {
		t.Actions = append(t.Actions, parts.ButtonView{Text: p.VisitsMove(), Hidden: lang.Upper(p.Date(from, at.a.Now)), Kind: parts.ButtonGhost, Href: at.moveTo(v)})
	}
	return t
}

// moveTo is the map on which a visit is moved.
func (at place) moveTo(v visit) string {
	return choice{service: v.service, move: v.ref}.at(at.base + "/map")
}

// movable reports that a visit can still be moved or cancelled by the reader.
func (at place) movable(v visit) bool {
	s, ok := at.tt.Service(v.service)
	return at.cal.Holds() && v.status == "booked" && ok && s.Public && !at.a.Now.After(until(s, v.at))
}

// likely are the services to book with one press, the one somebody had last before the
// others; and whether there are more.
func (at place) likely(was []visit) (out []serviceView, more bool) {
	rank := map[string]int{}
	for i, v := range was {
		if _, seen := rank[v.service]; !seen && v.service != "" {
			rank[v.service] = i - len(was)
		}
		for _, s := range at.services() { // what came from elsewhere is known by its name
			for _, n := range s.Names {
				if _, seen := rank[s.ID]; !seen && strings.EqualFold(n, v.name) {
					rank[s.ID] = i - len(was)
				}
			}
		}
	}
	all := at.services()
	slices.SortStableFunc(all, func(a, b hours.Service) int { return rank[a.ID] - rank[b.ID] })
	for i, s := range all {
		if i == mostServices {
			return out, true
		}
		v := at.service(s)
		v.Last = i == 0 && rank[s.ID] < 0
		out = append(out, v)
	}
	return out, false
}
