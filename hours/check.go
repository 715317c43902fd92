package hours

import (
	"slices"
	"strings"

	"rapport/errs"
)

// The longest service, in minutes.
const longest = 12 * 60

// Check refuses a timetable that says something impossible. What it refuses is for
// whoever wrote the software that made it: pages ask before.
func (t *Timetable) Check() error {
	bad := func(what, id string) error {
		return errs.E(errs.Invalid, "hours: %s %q", what, id)
	}
	seen := map[string]bool{}
	for _, r := range t.Rooms {
		if !named(r.ID) || seen[r.ID] || r.Name == "" {
			return bad("room", r.ID)
		}
		seen[r.ID] = true
	}
	devices := func(id string, device bool) bool {
		return slices.ContainsFunc(t.Rooms, func(r Room) bool { return r.ID == id && r.Device == device })
	}
	clear(seen)
	for _, s := range t.Services {
		whole := named(s.ID) && !seen[s.ID] && len(s.Names) > 0 && s.Minutes > 0 && s.Minutes <= longest && s.Modes != 0 && s.Modes&^AllModes == 0 &&
			s.Before >= 0 && s.After >= 0 && s.Before+s.Minutes+s.After <= DayMinutes && s.Step >= 0 && s.Lead >= 0 && s.Ahead >= 0 && s.Change >= 0 && s.PerDay >= 0 && len(s.Remind) <= RemindMost
		for _, m := range s.Remind {
			whole = whole && m > 0 && m <= 60*DayMinutes
		}
		for _, id := range s.Rooms {
			whole = whole && devices(id, false)
		}
		for _, id := range s.Devices {
			whole = whole && devices(id, true)
		}
		if !whole {
			return bad("service", s.ID)
		}
		seen[s.ID] = true
	}
	for _, x := range t.Stretches {
		if !named(x.ID) || x.Who == "" || x.Day < 0 || x.Day > 6 || x.From < 0 || x.From >= x.To || x.To > DayMinutes || x.Every < 0 || x.Every > 52 || x.Modes&^AllModes != 0 || x.Room != "" && !devices(x.Room, false) || x.Until != 0 && x.Until < x.Since {
			return bad("stretch", x.ID)
		}
	}
	for _, c := range t.Changes {
		from, to := c.minutes()
		if !named(c.ID) || c.Last < c.First || c.Last-c.First > 3*366 || from < 0 || from >= to || to > DayMinutes || c.Open && c.Who == "" {
			return bad("change", c.ID)
		}
	}
	if t.HoldFor < 0 || t.HoldFor > 60 {
		return errs.E(errs.Invalid, "hours: a hold of %d minutes", t.HoldFor)
	}
	return nil
}

// named reports that an id is one: the calendar keeps several on one line.
func named(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsAny(id, "\n\r\t ")
}
