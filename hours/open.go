package hours

import "time"

// openWithin is how many days ahead is looked for somebody who sees people.
const openWithin = 30

// Open returns the first moment from a time on at which anybody sees people; false if
// nobody does within 30 days.
func (t *Timetable) Open(at time.Time, zone *time.Location) (time.Time, bool) {
	at = at.In(zone)
	who := map[string]bool{}
	for _, s := range t.Stretches {
		who[s.Who] = true
	}
	for _, c := range t.Changes {
		if c.Open {
			who[c.Who] = true
		}
	}
	today := DateOf(at)
	for d := today; d <= today+openWithin; d++ {
		var first time.Time
		for id := range who {
			for _, p := range t.Hours(id, d) {
				from, ok1 := d.At(p.From, zone)
				to, ok2 := d.At(p.To, zone)
				if !ok1 || !ok2 || !to.After(at) {
					continue
				}
				if from.Before(at) {
					from = at
				}
				if first.IsZero() || from.Before(first) {
					first = from
				}
			}
		}
		if !first.IsZero() {
			return first, true
		}
	}
	return time.Time{}, false
}
