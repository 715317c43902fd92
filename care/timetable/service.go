package timetable

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"rapport/fhir/label"
	"rapport/hours"
	"rapport/lang"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// servicesView is what the practice does.
type servicesView struct {
	Shell shell.View
	P     lang.Printer
	Tabs  parts.TabsView
	Rows  []parts.RowView
}

// serviceView is the form of one service.
type serviceView struct {
	Shell   shell.View
	o       *office
	P       lang.Printer
	S       hours.Service
	Typed   map[string]string
	Wrong   wrongs
	Version string
}

// numbers are the fields of a service that hold a number, and the most each may be.
var numbers = map[string]int{"minutes": 720, "step": 720, "before": 240, "after": 240, "ahead": 731, "perday": 200}

func listServices(o *office) (web.Answer, error) {
	v := servicesView{Shell: o.frame(o.P.TimetableTabServices()), P: o.P, Tabs: o.tabs(servicesHref)}
	for _, s := range o.t.Services {
		r := parts.RowView{Href: servicesHref + "/" + s.ID, Icon: s.Icon, Title: o.serviceName(s), Text: o.P.TimetableServiceMinutes(s.Minutes) + " · " + modeWords(o.P, s.Modes)}
		var who []string
		for _, id := range s.Who {
			if o.here(id) {
				who = append(who, o.name(id))
			}
		}
		r.Meta = strings.Join(who, ", ")
		switch {
		case len(who) == 0:
			r.Tag = parts.TagView{Tone: parts.ToneWarn, Text: o.P.TimetableServiceNobody()}
		case s.Private != "":
			r.Tag = parts.TagView{Tone: parts.ToneBrand, Text: o.P.TimetablePrivateHead(), Icon: "lock"}
		case !s.Public:
			r.Tag = parts.TagView{Text: o.P.TimetableServiceInside()}
		}
		v.Rows = append(v.Rows, r)
	}
	return web.Page(servicesPage(v)), nil
}

func (o *office) serviceForm(s hours.Service) *serviceView {
	title := o.P.TimetableServiceAdd()
	if s.ID != "" {
		title = o.serviceName(s)
	}
	s.Names, s.About, s.Prepare, s.Price = copied(s.Names), copied(s.About), copied(s.Prepare), copied(s.Price)
	return &serviceView{Shell: o.frame(title), o: o, P: o.P, S: s, Version: o.newest(), Typed: map[string]string{
		"minutes": countText(s.Minutes), "step": countText(s.Step), "before": countText(s.Before), "after": countText(s.After), "ahead": countText(s.Ahead), "perday": countText(s.PerDay)}}
}

func copied(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}

func newService(o *office) (web.Answer, error) {
	return web.Page(servicePage(o.serviceForm(hours.Service{Modes: hours.InPerson, Public: true, Minutes: 15, Icon: "stethoscope"}))), nil
}

func (o *office) service() int {
	return slices.IndexFunc(o.t.Services, func(s hours.Service) bool { return s.ID == o.Path("id") })
}

func showService(o *office) (web.Answer, error) {
	i := o.service()
	if i < 0 {
		return web.Answer{}, errNone
	}
	return web.Page(servicePage(o.serviceForm(o.t.Services[i]))), nil
}

// languages are those the practice speaks, its own first.
func (o *office) languages() []lang.Tag {
	var out []lang.Tag
	for _, c := range o.Practice.Languages {
		if t, ok := lang.Parse(c); ok {
			out = append(out, t)
		}
	}
	return out
}

// The longest texts of a service, in letters.
const textMost = 300

// read takes the form into the view.
func (v *serviceView) read() {
	o, s := v.o, &v.S
	for _, t := range o.languages() {
		code := t.String()
		for field, m := range map[string]map[string]string{"name": s.Names, "about": s.About, "prepare": s.Prepare, "price": s.Price} {
			text := o.Form(field + "-" + code)
			if m[code] = text; text == "" {
				delete(m, code)
			}
		}
		if s.Names[code] == "" {
			v.Wrong.add("name-"+code, o.P.TimetableBadName())
		} else if !runes(s.Names[code], nameMost) {
			v.Wrong.add("name-"+code, o.P.TimetableBadLong())
		}
		for field, m := range map[string]map[string]string{"about": s.About, "prepare": s.Prepare} {
			if !runes(m[code], textMost) {
				v.Wrong.add(field+"-"+code, o.P.TimetableBadLong())
			}
		}
		if !runes(s.Price[code], labelMost) {
			v.Wrong.add("price-"+code, o.P.TimetableBadLong())
		}
	}
	v.counts()
	s.Modes, s.Public = modesIn(o.FormAll("modes")), o.Form("public") != ""
	if s.Modes == 0 {
		v.Wrong.add("modes", o.P.TimetableBadModes())
	}
	if icon := o.Form("icon"); isSign(icon) { // one that came with an import stays
		s.Icon = icon
	}
	s.Private = label.Parse(strings.Join(o.FormAll("private"), " ")).String()
	s.Remind = v.reminders(o.FormAll("remind"))
	s.Who = v.chosen("who", s.Who, func(id string) bool { return o.here(id) })
	s.Rooms = v.chosen("rooms", s.Rooms, func(id string) bool { return o.has(id, false) })
	s.Devices = v.chosen("devices", s.Devices, func(id string) bool { return o.has(id, true) })
}

// ladder are how long before a visit somebody can be reminded of it, in minutes.
var ladder = []int{14 * hours.DayMinutes, 7 * hours.DayMinutes, 3 * hours.DayMinutes, 2 * hours.DayMinutes, hours.DayMinutes, 4 * 60, 2 * 60, 60}

// steps is the ladder, with what an import brought that is not on it.
func (v *serviceView) steps() []int {
	out := slices.Clone(ladder)
	for _, m := range v.S.Reminders() {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// privateOptions are the compartments that the visits of a service can lie in.
func (v *serviceView) privateOptions() []parts.Option {
	is := label.Parse(v.S.Private)
	var out []parts.Option
	for _, x := range (label.All &^ label.Own).Each() {
		out = append(out, parts.Option{Value: x.String(), Text: look.Closed(v.P, x), Chosen: is&x != 0})
	}
	return out
}

func (v *serviceView) remindOptions() []parts.Option {
	now := v.S.Reminders()
	var out []parts.Option
	for _, m := range v.steps() {
		out = append(out, parts.Option{Value: strconv.Itoa(m), Text: term(v.P, m), Chosen: slices.Contains(now, m)})
	}
	return out
}

// reminders reads when a client is reminded, the longest before first; none is none.
func (v *serviceView) reminders(chosen []string) []int {
	out := []int{}
	for _, m := range v.steps() {
		if slices.Contains(chosen, strconv.Itoa(m)) {
			out = append(out, m)
		}
	}
	if len(out) > hours.RemindMost {
		v.Wrong.add("remind", v.P.TimetableBadRemind(hours.RemindMost))
	}
	return out
}

// chosen is what was chosen of a list, what was there before in its order.
func (v *serviceView) chosen(field string, was []string, known func(string) bool) []string {
	var out []string
	now := v.o.FormAll(field)
	for _, id := range slices.Concat(was, now) {
		if slices.Contains(now, id) && known(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (o *office) has(id string, device bool) bool {
	return slices.ContainsFunc(o.t.Rooms, func(r hours.Room) bool { return r.ID == id && r.Device == device })
}

// counts reads the numbers.
func (v *serviceView) counts() {
	o, s := v.o, &v.S
	into := map[string]*int{"minutes": &s.Minutes, "step": &s.Step, "before": &s.Before, "after": &s.After, "ahead": &s.Ahead, "perday": &s.PerDay}
	for _, f := range []string{"minutes", "step", "before", "after", "ahead", "perday"} {
		v.Typed[f] = o.Form(f)
		n, ok := countIn(v.Typed[f], numbers[f])
		switch {
		case f == "minutes" && (!ok || n == 0):
			v.Wrong.add(f, o.P.TimetableBadMinutes())
		case !ok:
			v.Wrong.add(f, o.P.TimetableBadNumber())
		default:
			*into[f] = n
		}
	}
	for f, to := range map[string]*int{"lead": &s.Lead, "change": &s.Change} {
		if n, ok := countIn(o.Form(f), 365*hours.DayMinutes); ok {
			*to = n
		}
	}
}

func addService(o *office) (web.Answer, error) {
	v := o.serviceForm(hours.Service{})
	if v.read(); v.Wrong.any() {
		return web.Wrong(servicePage(v)), nil
	}
	s := v.S
	s.ID = newID("s")
	o.t.Services = append(o.t.Services, s)
	return v.keep(s.ID)
}

func saveService(o *office) (web.Answer, error) {
	i := o.service()
	if i < 0 {
		return web.Answer{}, errNone
	}
	v := o.serviceForm(o.t.Services[i])
	if v.read(); v.Wrong.any() {
		return web.Wrong(servicePage(v)), nil
	}
	o.t.Services[i] = v.S
	return v.keep(v.S.ID)
}

func (v *serviceView) keep(id string) (web.Answer, error) {
	x, err := v.o.save()
	if err != nil || x == kept {
		return web.See(servicesHref + "/" + id + "?done=saved"), err
	}
	v.Shell.Flash, v.Version = v.o.say(x), v.o.newest()
	return web.Wrong(servicePage(v)), nil
}

func removeService(o *office) (web.Answer, error) {
	i := o.service()
	if i < 0 {
		return web.Answer{}, errNone
	}
	v := o.serviceForm(o.t.Services[i])
	o.t.Services = slices.Delete(o.t.Services, i, i+1)
	for j := range o.t.Stretches { // hours for this alone would become hours for everything
		s := &o.t.Stretches[j]
		if k := slices.Index(s.Services, v.S.ID); k >= 0 && len(s.Services) > 1 {
			s.Services = slices.Delete(slices.Clone(s.Services), k, k+1)
		}
	}
	x, err := o.save()
	if err != nil || x == kept {
		return web.See(servicesHref + "?done=removed"), err
	}
	v.Shell.Flash, v.Version = o.say(x), o.newest()
	return web.Wrong(servicePage(v)), nil
}

func (v *serviceView) action() string {
	if v.S.ID == "" {
		return servicesHref + "/new"
	}
	return servicesHref + "/" + v.S.ID
}

// sign is an icon that a service can have, and what it shows.
type sign struct {
	icon string
	say  func(lang.Printer) string
}

var signs = []sign{
	{"stethoscope", lang.Printer.TimetableSignStethoscope}, {"activity", lang.Printer.TimetableSignActivity}, {"heart", lang.Printer.TimetableSignHeart},
	{"pill", lang.Printer.TimetableSignPill}, {"syringe", lang.Printer.TimetableSignSyringe}, {"droplet", lang.Printer.TimetableSignDroplet},
	{"flask", lang.Printer.TimetableSignFlask}, {"bandage", lang.Printer.TimetableSignBandage}, {"shield", lang.Printer.TimetableSignShield},
	{"eye", lang.Printer.TimetableSignEye}, {"smile", lang.Printer.TimetableSignSmile}, {"family", lang.Printer.TimetableSignFamily},
	{"footprints", lang.Printer.TimetableSignFootprints}, {"scale", lang.Printer.TimetableSignScale}, {"thermometer", lang.Printer.TimetableSignThermometer},
	{"messages", lang.Printer.TimetableSignMessages},
}

func isSign(icon string) bool {
	return slices.ContainsFunc(signs, func(s sign) bool { return s.icon == icon })
}

func (v *serviceView) signOptions() []parts.Option {
	var out []parts.Option
	for _, s := range signs {
		out = append(out, parts.Option{Value: s.icon, Icon: s.icon, Text: s.say(v.P), Chosen: s.icon == v.S.Icon})
	}
	return out
}

func (v *serviceView) whoOptions() []parts.Option {
	var out []parts.Option
	for _, m := range v.o.staff {
		if !m.Left && (m.May() || slices.Contains(v.S.Who, m.ID)) {
			out = append(out, parts.Option{Value: m.ID, Text: m.Name, Small: m.Title, Chosen: slices.Contains(v.S.Who, m.ID)})
		}
	}
	return out
}

func (v *serviceView) roomOptions(chosen []string, device bool) []parts.Option {
	var out []parts.Option
	for _, r := range v.o.t.Rooms {
		if r.Device == device {
			out = append(out, parts.Option{Value: r.ID, Text: r.Name, Small: v.o.placeName(r.Place), Chosen: slices.Contains(chosen, r.ID)})
		}
	}
	return out
}

// terms are how long before a visit something can last be done, in minutes.
var terms = []int{0, 15, 30, 60, 2 * 60, 4 * 60, 12 * 60, 24 * 60, 2 * 24 * 60, 3 * 24 * 60, 7 * 24 * 60}

func (v *serviceView) termOptions(now int) []parts.Option {
	ts := terms
	if !slices.Contains(ts, now) {
		ts = append(slices.Clone(ts), now)
		slices.Sort(ts)
	}
	var out []parts.Option
	for _, t := range ts {
		out = append(out, parts.Option{Value: strconv.Itoa(t), Text: term(v.P, t), Chosen: t == now})
	}
	return out
}

// term says a number of minutes before a visit.
func term(p lang.Printer, minutes int) string {
	switch {
	case minutes == 0:
		return p.TimetableUntilStart()
	case minutes%hours.DayMinutes == 0:
		return p.TimetableUntilDayn(minutes / hours.DayMinutes)
	case minutes%60 == 0:
		return p.TimetableUntilHour(minutes / 60)
	}
	return p.TimetableUntilMin(minutes)
}
