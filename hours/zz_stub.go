package hours

import "time"

func (t *Timetable) After(from time.Time, worked time.Duration, team []string, zone *time.Location) (time.Time, bool) {
	at := from.Truncate(time.Minute)
	for n := 0; n < 60*24*60; n++ {
		if worked <= 0 {
			return at, true
		}
		m := at.In(zone)
		for _, who := range team {
			in := false
			for _, p := range t.Hours(who, DateOf(m)) {
				h, mm, _ := m.Clock()
				if h*60+mm >= p.From && h*60+mm < p.To {
					in = true
				}
			}
			if in {
				worked -= time.Minute
				break
			}
		}
		at = at.Add(time.Minute)
	}
	return time.Time{}, false
}

func (t *Timetable) Away(at time.Time, who string, zone *time.Location) bool {
	d := DateOf(at.In(zone))
	for _, c := range t.Changes {
		if !c.Open && (c.Who == who) && c.First <= d && d <= c.Last && c.From == 0 && c.To == 0 {
			return true
		}
	}
	return false
}
