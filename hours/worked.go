package hours

import (
	"slices"
	"time"
)

// shift is a time at which somebody is at work; to is not part of it.
type shift struct{ from, to time.Time }

// team returns whose hours count: those asked for who have hours of their own, or, if
// none of them has, everybody's.
func (t *Timetable) team(ids []string) []string {
	var all, out []string
	for i := range t.Stretches {
		if id := t.Stretches[i].Who; !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	for i := range t.Changes {
		if c := &t.Changes[i]; c.Open && !slices.Contains(all, c.Who) {
			all = append(all, c.Who)
		}
	}
	for _, id := range ids {
		if slices.Contains(all, id) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// shifts returns when at least one of a team is at work on a day, in order, none touching
// another. What a change of the clock leaves nothing of is not there.
func (t *Timetable) shifts(team []string, d Date, zone *time.Location) []shift {
	var all []shift
	for _, id := range team {
		for _, p := range t.Hours(id, d) {
			from, _ := d.At(p.From, zone)
			to, _ := d.At(p.To, zone)
			if to.After(from) {
				all = append(all, shift{from, to})
			}
		}
	}
	slices.SortFunc(all, func(a, b shift) int { return a.from.Compare(b.from) })
	var out []shift
	for _, s := range all {
		if n := len(out); n > 0 && !s.from.After(out[n-1].to) {
			if s.to.After(out[n-1].to) {
				out[n-1].to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// workedWithin is how many days ahead working time is looked for.
const workedWithin = 60

// After returns the moment at which so much time has been worked since from: time at
// which at least one of a team is at work, by staff id. A team of whom nobody has hours
// of their own works when anybody does. It is false if that is not within 60 days. No
// time at all is worked at from itself.
func (t *Timetable) After(from time.Time, worked time.Duration, team []string, zone *time.Location) (time.Time, bool) {
	if worked <= 0 {
		return from, true
	}
	team = t.team(team)
	first := DateOf(from.In(zone))
	for d := first; d <= first+workedWithin; d++ {
		for _, s := range t.shifts(team, d, zone) {
			if s.from.Before(from) {
				s.from = from
			}
			if left := s.to.Sub(s.from); left < worked {
				worked -= max(left, 0)
				continue
			}
			return s.from.Add(worked), true
		}
	}
	return time.Time{}, false
}

// Worked returns how much of a time at least one of a team is at work.
func (t *Timetable) Worked(from, to time.Time, team []string, zone *time.Location) time.Duration {
	var sum time.Duration
	team = t.team(team)
	for d := DateOf(from.In(zone)); d <= DateOf(to.In(zone)); d++ {
		for _, s := range t.shifts(team, d, zone) {
			if s.from.Before(from) {
				s.from = from
			}
			if s.to.After(to) {
				s.to = to
			}
			sum += max(s.to.Sub(s.from), 0)
		}
	}
	return sum
}

// Away reports that somebody has no hours left on a day on which they would have some:
// they are on leave, or the practice is closed. Who has no hours at all is never away.
func (t *Timetable) Away(at time.Time, who string, zone *time.Location) bool {
	d := DateOf(at.In(zone))
	usual := false
	for i := range t.Stretches {
		x := &t.Stretches[i]
		usual = usual || x.Who == who && x.holds(d)
	}
	return usual && len(t.Hours(who, d)) == 0
}
