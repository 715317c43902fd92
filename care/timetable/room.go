package timetable

import (
	"slices"

	"rapport/hours"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// roomsView is the rooms and devices.
type roomsView struct {
	Shell shell.View
	P     lang.Printer
	Tabs  parts.TabsView
	Rows  []parts.RowView
}

// roomView is the form of one.
type roomView struct {
	Shell   shell.View
	o       *office
	P       lang.Printer
	R       hours.Room
	Used    []string // the services that need it
	Out     outView
	Wrong   wrongs
	Version string
}

func listRooms(o *office) (web.Answer, error) {
	v := roomsView{Shell: o.frame(o.P.TimetableTabRooms()), P: o.P, Tabs: o.tabs(roomsHref)}
	for _, r := range o.t.Rooms {
		x := parts.RowView{Href: roomsHref + "/" + r.ID, Icon: "building", Title: r.Name, Text: o.P.TimetableKindRoom()}
		if r.Device {
			x.Icon, x.Text = "monitor", o.P.TimetableKindDevice()
		}
		if p := o.placeName(r.Place); p != "" {
			x.Text += ", " + p
		}
		if r.Closed {
			x.Tag = parts.TagView{Tone: parts.ToneWarn, Icon: "lock", Text: o.P.TimetableClosed()}
		}
		v.Rows = append(v.Rows, x)
	}
	return web.Page(roomsPage(v)), nil
}

func (o *office) roomForm(r hours.Room) *roomView {
	title := r.Name
	if r.ID == "" {
		title = o.P.TimetableRoomAdd()
	}
	v := &roomView{Shell: o.frame(title), o: o, P: o.P, R: r, Version: o.newest()}
	for _, s := range o.t.Services {
		if r.ID != "" && (slices.Contains(s.Rooms, r.ID) || slices.Contains(s.Devices, r.ID)) {
			v.Used = append(v.Used, o.serviceName(s))
		}
	}
	return v
}

func newRoom(o *office) (web.Answer, error) { return web.Page(roomPage(o.roomForm(hours.Room{}))), nil }

func (o *office) room() int {
	return slices.IndexFunc(o.t.Rooms, func(r hours.Room) bool { return r.ID == o.Path("id") })
}

func showRoom(o *office) (web.Answer, error) {
	i := o.room()
	if i < 0 {
		return web.Answer{}, errNone
	}
	v := o.roomForm(o.t.Rooms[i])
	out, err := o.p.Outliers(&o.t)
	for _, x := range out {
		if v.R.Closed && x.Room == v.R.ID {
			v.Out.N++
		}
	}
	v.Out.P = o.P
	return web.Page(roomPage(v)), err
}

// The longest name of a room or a service, in letters.
const nameMost = 60

func (v *roomView) read() {
	o := v.o
	v.R.Name, v.R.Place = o.Form("name"), o.Form("place")
	v.R.Closed = o.Form("closed") != ""
	if v.R.ID == "" || len(v.Used) == 0 { // what services need stays what it is
		v.R.Device = o.Form("kind") == "device"
	}
	if v.R.Name == "" {
		v.Wrong.add("name", o.P.TimetableBadName())
	} else if !runes(v.R.Name, nameMost) {
		v.Wrong.add("name", o.P.TimetableBadLong())
	}
}

func addRoom(o *office) (web.Answer, error) {
	v := o.roomForm(hours.Room{})
	if v.read(); v.Wrong.any() {
		return web.Wrong(roomPage(v)), nil
	}
	r := v.R
	r.ID = newID("r")
	o.t.Rooms = append(o.t.Rooms, r)
	return v.keep(r.ID)
}

func saveRoom(o *office) (web.Answer, error) {
	i := o.room()
	if i < 0 {
		return web.Answer{}, errNone
	}
	v := o.roomForm(o.t.Rooms[i])
	if v.read(); v.Wrong.any() {
		return web.Wrong(roomPage(v)), nil
	}
	o.t.Rooms[i] = v.R
	return v.keep(v.R.ID)
}

func (v *roomView) keep(id string) (web.Answer, error) {
	x, err := v.o.save()
	if err != nil || x == kept {
		return web.See(roomsHref + "/" + id + "?done=saved"), err
	}
	v.Shell.Flash, v.Version = v.o.say(x), v.o.newest()
	return web.Wrong(roomPage(v)), nil
}

func removeRoom(o *office) (web.Answer, error) {
	i := o.room()
	if i < 0 {
		return web.Answer{}, errNone
	}
	v := o.roomForm(o.t.Rooms[i])
	if len(v.Used) > 0 {
		v.Wrong.add("name", o.P.TimetableRoomUsed(o.P.And(v.Used)))
		return web.Wrong(roomPage(v)), nil
	}
	o.t.Rooms = slices.Delete(o.t.Rooms, i, i+1)
	for j := range o.t.Stretches { // whoever sat there sits in any that is free
		if o.t.Stretches[j].Room == v.R.ID {
			o.t.Stretches[j].Room = ""
		}
	}
	x, err := o.save()
	if err != nil || x == kept {
		return web.See(roomsHref + "?done=removed"), err
	}
	v.Shell.Flash, v.Version = o.say(x), o.newest()
	return web.Wrong(roomPage(v)), nil
}

func (v *roomView) action() string {
	if v.R.ID == "" {
		return roomsHref + "/new"
	}
	return roomsHref + "/" + v.R.ID
}

func (v *roomView) kinds() []parts.Option {
	return []parts.Option{{Value: "room", Text: v.P.TimetableKindRoom(), Icon: "building", Chosen: !v.R.Device}, {Value: "device", Text: v.P.TimetableKindDevice(), Icon: "monitor", Chosen: v.R.Device}}
}
