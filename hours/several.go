package hours

import (
	"slices"
	"time"
)

// Weekly returns the series of n openings, one each week, at the same time by the clock
// on the wall and with the same person; of openings in order. Each series is there once,
// by its first.
func Weekly(os []Opening, n int, zone *time.Location) [][]Opening {
	type seat struct {
		who    string
		day    Date
		minute int
	}
	at := func(o Opening) seat {
		t := o.From.In(zone)
		return seat{o.Who, DateOf(t), t.Hour()*60 + t.Minute()}
	}
	open := make(map[seat]Opening, len(os))
	for _, o := range os {
		open[at(o)] = o
	}
	var out [][]Opening
	for _, o := range os {
		run, s, modes := []Opening{o}, at(o), o.Modes
		for len(run) < n {
			s.day += 7
			next, ok := open[s]
			if modes &= next.Modes; !ok || modes == 0 {
				break
			}
			run = append(run, next)
		}
		if len(run) != n {
			continue
		}
		for i := range run { // in one way, all of them
			run[i].Modes = modes
		}
		out = append(out, run)
	}
	return out
}

// Runs returns the runs of n openings with one person, one after the other with no more
// than a pause between; never less than must be kept free. Of openings in order.
func Runs(os []Opening, n int, least, most time.Duration) [][]Opening {
	var out [][]Opening
	for i, o := range os {
		run := []Opening{o}
		for _, x := range os[i+1:] {
			last := run[len(run)-1]
			if len(run) == n || x.From.Sub(last.To) > most {
				break
			}
			if x.Who == o.Who && x.From.Sub(last.To) >= least && x.Modes&o.Modes != 0 {
				run = append(run, x)
			}
		}
		if len(run) == n {
			out = append(out, slices.Clone(run))
		}
	}
	return out
}
