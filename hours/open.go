package hours

import "time"

// openWithin is how many days ahead is looked for somebody who sees people.
const openWithin = 30

// Open returns the first moment from a time on at which anybody sees people; false if
// nobody does within 30 days.
func (t *Timetable) Open(at time.Time, zone *time.Location) (time.Time, bool) {
	at = at.In(zone)
	team := t.team(nil)
	for d := DateOf(at); d <= DateOf(at)+openWithin; d++ {
		for _, s := range t.shifts(team, d, zone) {
			switch {
			case !s.to.After(at):
			case s.from.Before(at):
				return at, true
			default:
				return s.from, true
			}
		}
	}
	return time.Time{}, false
}
