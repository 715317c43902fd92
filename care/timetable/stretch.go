package timetable

import (
	"slices"
	"strconv"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// hoursView is the form of a stretch: hours on one weekday, or, when they are new, on
// several.
type hoursView struct {
	Shell   shell.View
	o       *office
	P       lang.Printer
	ID      string // "" while they are new
	S       hours.Stretch
	Days    []time.Weekday
	Typed   map[string]string // as it was typed, by field
	Wrong   wrongs
	Version string
}

func (v *hoursView) action() string {
	if v.ID == "" {
		return hoursHref
	}
	return hoursHref + "/" + v.ID
}

func (o *office) hoursForm(s hours.Stretch, days ...time.Weekday) *hoursView {
	title := o.P.TimetableHoursNew()
	if s.ID != "" {
		title = lang.Upper(o.P.TimetableHoursOf(o.P.Weekday(dayOf(s.Day)), o.name(s.Who)))
	}
	return &hoursView{Shell: o.frame(title), o: o, P: o.P, ID: s.ID, S: s, Days: days, Version: o.newest(), Typed: map[string]string{
		"from": clock(s.From), "to": clock(s.To), "every": strconv.Itoa(max(s.Every, 1)), "since": dateText(s.Since), "until": dateText(s.Until)}}
}

func newHours(o *office) (web.Answer, error) {
	s := hours.Stretch{Who: o.Query("who"), From: 9 * 60, To: 12*60 + 30}
	var days []time.Weekday
	if n, err := strconv.Atoi(o.Query("day")); err == nil && n >= 0 && n <= 6 {
		days = append(days, time.Weekday(n))
	}
	return web.Page(hoursPage(o.hoursForm(s, days...))), nil
}

func (o *office) stretch(id string) (hours.Stretch, int) {
	i := slices.IndexFunc(o.t.Stretches, func(s hours.Stretch) bool { return s.ID == id })
	if i < 0 {
		return hours.Stretch{}, i
	}
	return o.t.Stretches[i], i
}

func showHours(o *office) (web.Answer, error) {
	s, i := o.stretch(o.Path("id"))
	if i < 0 {
		return web.Answer{}, errNone
	}
	return web.Page(hoursPage(o.hoursForm(s, s.Day))), nil
}

// The longest name of a stretch, in letters.
const labelMost = 40

// read takes the form into the view.
func (v *hoursView) read() {
	o, s := v.o, &v.S
	for f := range v.Typed {
		v.Typed[f] = o.Form(f)
	}
	s.Who, s.Label, s.Room, s.Place = o.Form("who"), o.Form("label"), o.Form("room"), o.Form("place")
	s.Modes, s.Services, v.Days = modesIn(o.FormAll("modes")), nil, nil
	for _, x := range o.t.Services {
		if slices.Contains(o.FormAll("services"), x.ID) {
			s.Services = append(s.Services, x.ID)
		}
	}
	for _, d := range week {
		if slices.Contains(o.FormAll("days"), strconv.Itoa(int(d))) {
			v.Days = append(v.Days, d)
		}
	}
	if !o.here(s.Who) {
		v.Wrong.add("who", o.P.TimetableBadWho())
	}
	if len(v.Days) == 0 {
		v.Wrong.add("days", o.P.TimetableBadDays())
	}
	v.times()
	v.often()
	if s.Room != "" && !slices.ContainsFunc(o.t.Rooms, func(r hours.Room) bool { return r.ID == s.Room && !r.Device && r.Place == s.Place }) {
		v.Wrong.add("room", o.P.TimetableBadRoom())
	}
	if !runes(s.Label, labelMost) {
		v.Wrong.add("label", o.P.TimetableBadLong())
	}
}

// times reads from when to when.
func (v *hoursView) times() {
	var ok, too bool
	if v.S.From, ok = minuteIn(v.Typed["from"]); !ok {
		v.Wrong.add("from", v.P.TimetableBadTime())
	}
	if v.S.To, too = minuteIn(v.Typed["to"]); !too {
		v.Wrong.add("to", v.P.TimetableBadTime())
	}
	if ok && too && v.S.From >= v.S.To {
		v.Wrong.add("to", v.P.TimetableBadOrder())
	}
}

// often reads every how many weeks, from when and until when.
func (v *hoursView) often() {
	s := &v.S
	every, ok := countIn(v.Typed["every"], 52)
	if !ok || every == 0 && v.Typed["every"] != "" {
		v.Wrong.add("every", v.P.TimetableBadEvery())
	}
	if s.Every = every; every <= 1 {
		s.Every = 0
	}
	since, ok := dateIn(v.Typed["since"])
	if !ok {
		v.Wrong.add("since", v.P.TimetableBadDate())
	} else if s.Every > 1 && since == 0 {
		v.Wrong.add("since", v.P.TimetableBadSince())
	}
	s.Since = since
	until, ok := dateIn(v.Typed["until"])
	if !ok {
		v.Wrong.add("until", v.P.TimetableBadDate())
	} else if until != 0 && until < since {
		v.Wrong.add("until", v.P.TimetableBadUntil())
	}
	s.Until = until
}

// clash says which other hours of the same person are in the way.
func (v *hoursView) clash(s hours.Stretch) {
	for _, x := range v.o.t.Stretches {
		if x.ID != s.ID && hours.Clash(x, s) {
			v.Wrong.add("from", v.P.TimetableBadClash(v.o.name(x.Who), v.P.Weekday(dayOf(x.Day)), clock(x.From), clock(x.To)))
			return
		}
	}
}

func addHours(o *office) (web.Answer, error) {
	v := o.hoursForm(hours.Stretch{})
	v.read()
	for _, d := range v.Days {
		s := v.S
		s.ID, s.Day = newID("h"), d
		v.clash(s)
		o.t.Stretches = append(o.t.Stretches, s)
	}
	return v.keep()
}

func saveHours(o *office) (web.Answer, error) {
	s, i := o.stretch(o.Path("id"))
	if i < 0 {
		return web.Answer{}, errNone
	}
	if o.Form("do") == "move" {
		return moveHours(o, i)
	}
	v := o.hoursForm(s, s.Day)
	v.read()
	if len(v.Days) > 0 {
		v.S.Day = v.Days[0]
	}
	v.clash(v.S)
	o.t.Stretches[i] = v.S
	for _, d := range v.Days[min(1, len(v.Days)):] { // the same hours on more days
		s := v.S
		s.ID, s.Day = newID("h"), d
		v.clash(s)
		o.t.Stretches = append(o.t.Stretches, s)
	}
	return v.keep()
}

// keep writes the hours down, or shows the form with what is wrong.
func (v *hoursView) keep() (web.Answer, error) {
	if v.Wrong.any() {
		return web.Wrong(hoursPage(v)), nil
	}
	x, err := v.o.save()
	if err != nil || x == kept {
		return web.See(weekHref + "?who=" + v.S.Who + "&done=saved"), err
	}
	v.Shell.Flash = v.o.say(x)
	v.Version = v.o.newest()
	return web.Wrong(hoursPage(v)), nil
}

// moveHours keeps a block that was moved or made longer where it stands: its day, its
// beginning and its end, and nothing else. It answers with the week.
func moveHours(o *office, i int) (web.Answer, error) {
	s := o.t.Stretches[i]
	v := o.hoursForm(s)
	for _, f := range []string{"from", "to"} {
		v.Typed[f] = o.Form(f)
	}
	v.times()
	day, err := strconv.Atoi(o.Form("day"))
	if err != nil || day < 0 || day > 6 {
		v.Wrong.add("days", o.P.TimetableBadDays())
	}
	v.S.Day = time.Weekday(day)
	if !v.Wrong.any() {
		v.clash(v.S)
	}
	say, wrong := "", ""
	if v.Wrong.any() {
		wrong = v.Wrong.of(v.Wrong.fields[0])
	} else {
		was := o.t.Stretches[i]
		o.t.Stretches[i] = v.S
		switch x, err := o.save(); {
		case err != nil:
			return web.Answer{}, err
		case x == kept:
			say = lang.Upper(o.P.TimetableMoved(o.P.Weekday(dayOf(v.S.Day)), clock(v.S.From), clock(v.S.To)))
		default:
			o.t.Stretches[i] = was
			wrong = o.say(x).Text
			if x == changed {
				wrong = o.P.TimetableChangedWeek()
				o.t = *o.p.Timetable()
			}
		}
	}
	if !o.Fragment && wrong == "" {
		return web.See(weekHref + "?who=" + s.Who + "&done=saved"), nil
	}
	w, err := o.newWeek(s.Who)
	w.Grid.Say, w.Grid.Wrong = say, wrong
	switch {
	case err != nil:
		return web.Answer{}, err
	case o.Fragment && wrong == "":
		return web.Page(gridPart(w.Grid)), nil
	case o.Fragment:
		return web.Wrong(gridPart(w.Grid)), nil
	}
	return web.Wrong(weekPage(w)), nil
}

func removeHours(o *office) (web.Answer, error) {
	s, i := o.stretch(o.Path("id"))
	if i < 0 {
		return web.Answer{}, errNone
	}
	o.t.Stretches = slices.Delete(o.t.Stretches, i, i+1)
	x, err := o.save()
	if err != nil || x == kept {
		return web.See(weekHref + "?who=" + s.Who + "&done=removed"), err
	}
	o.t = *o.p.Timetable()
	v := o.hoursForm(s, s.Day)
	v.Shell.Flash = o.say(x)
	return web.Wrong(hoursPage(v)), nil
}

// dayOptions are the days of the week to choose from.
func (v *hoursView) dayOptions() []parts.Option {
	var out []parts.Option
	for _, d := range week {
		out = append(out, parts.Option{Value: strconv.Itoa(int(d)), Text: lang.Upper(v.P.Weekday(dayOf(d))), Chosen: slices.Contains(v.Days, d)})
	}
	return out
}

func (v *hoursView) roomOptions() []parts.Option {
	out := []parts.Option{{Value: "", Text: v.P.TimetableRoomAny(), Chosen: v.S.Room == ""}}
	for _, r := range v.o.t.Rooms {
		if !r.Device {
			text := r.Name
			if place := v.o.placeName(r.Place); place != "" {
				text += ", " + place
			}
			out = append(out, parts.Option{Value: r.ID, Text: text, Chosen: r.ID == v.S.Room})
		}
	}
	return out
}
