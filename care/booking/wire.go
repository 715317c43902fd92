package booking

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/hours"
	"rapport/record"
)

// visit is one that is booked, or was.
type visit struct {
	ref      record.Ref
	id       string
	at, end  time.Time
	name     string // as whoever wrote it called it
	service  string // the practice's own; "" if it is none of those
	with     []clinician
	where    string // the room, or the place
	room     string // the id of one of the practice's rooms
	way      hours.Modes
	home     bool // at the client's
	status   string
	note     string
	prepare  string
	sequence int64 // goes up with every change, as calendars want it
}

type clinician struct{ id, name string }

// comes reports that a visit is still to come.
func (v visit) comes(now time.Time) bool {
	return (v.status == "booked" || v.status == "pending" || v.status == "arrived" || v.status == "checked-in") && v.end.After(now)
}

// coming returns the next visits, at most n, one that is under way included.
func coming(ctx context.Context, c *record.Chart, now time.Time, n int) ([]visit, error) {
	vs, err := visits(ctx, c, "status", "booked,arrived,checked-in,pending", "date", "gt"+now.Add(-2*time.Hour).UTC().Format(time.RFC3339), "_sort", "date", "_count", strconv.Itoa(n))
	var out []visit
	for _, v := range vs {
		if v.comes(now) {
			out = append(out, v)
		}
	}
	return out, err
}

// gone returns the visits that were, newest first, at most n.
func gone(ctx context.Context, c *record.Chart, now time.Time, n int) ([]visit, error) {
	vs, err := visits(ctx, c, "status", "fulfilled,arrived,checked-in,booked", "date", "lt"+now.UTC().Format(time.RFC3339), "_sort", "-date", "_count", strconv.Itoa(n+1))
	var out []visit
	for _, v := range vs {
		if !v.end.After(now) && len(out) < n {
			out = append(out, v)
		}
	}
	return out, err
}

func visits(ctx context.Context, c *record.Chart, params ...string) ([]visit, error) {
	found, err := c.Find(ctx, "Appointment", params...)
	if err != nil {
		return nil, err
	}
	var out []visit
	for _, f := range found {
		v, err := readVisit(f)
		if err != nil {
			return nil, err
		}
		if !v.at.IsZero() {
			out = append(out, v)
		}
	}
	return out, nil
}

// one returns the visit with a name in an address.
func one(ctx context.Context, c *record.Chart, ref record.Ref) (visit, error) {
	f, err := c.ReadRef(ctx, "Appointment", ref)
	if err != nil {
		return visit{}, err
	}
	return readVisit(f)
}

// refOf returns the name in addresses of the visit with an id.
func refOf(c *record.Chart, id string) record.Ref { return c.Ref("Appointment", id) }

func readVisit(f record.Found) (visit, error) {
	a, err := fhir.ReadAppointment(f.JSON)
	if err != nil {
		return visit{}, err
	}
	v := visit{ref: f.Ref, id: f.ID, at: a.Start.At, end: a.End.At, name: a.Description, status: a.Status, note: a.Comment, prepare: a.Instruction, sequence: f.Version}
	if v.end.IsZero() {
		v.end = v.at.Add(time.Duration(max(a.Minutes, 1)) * time.Minute)
	}
	for _, t := range a.ServiceTypes {
		for _, c := range t.Codings {
			if c.System == record.ServiceSystem {
				v.service = c.Code
			}
		}
		if v.name == "" {
			v.name = t.Text
		}
	}
	if v.name == "" && len(a.Reasons) > 0 {
		v.name = a.Reasons[0]
	}
	v.way, v.home = manner(a.Type.Text)
	for _, c := range a.Type.Codings {
		if c.System == record.ModeSystem {
			v.way = hours.ParseMode(c.Code)
		}
	}
	for _, p := range a.Participants {
		switch typ, id := p.Actor.Target(); typ {
		case "Practitioner", "PractitionerRole":
			v.with = append(v.with, clinician{id, p.Actor.Display})
		case "Location":
			v.where, v.room = p.Actor.Display, id
			if way, home := manner(v.where); v.way == 0 && !v.home {
				v.way, v.home = way, home
			}
		}
	}
	return v, nil
}

// manner reads the way of a visit out of the words other systems use for it.
func manner(s string) (way hours.Modes, home bool) {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(strings.ToLower(s), w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("video", "vidéo", "vídeo"):
		return hours.Video, false
	case has("phone", "teléfono", "téléphone"):
		return hours.Phone, false
	case has("home visit", "domicili"):
		return 0, true
	}
	return 0, false
}
