package schedule

import (
	"cmp"
	"slices"
	"time"
)

// span is a time somebody works, or is with somebody.
type span struct{ from, to time.Time }

// seated is one visit of somebody's day, as the line has to wait for it.
type seated struct {
	span
	before, after time.Duration // kept free around it
	begun         time.Time     // when it began; zero if it has not
	fixed         bool          // nobody is late for it: a hold, or a time nobody can have
}

// waiter is somebody in line.
type waiter struct {
	who  []string // who can see them
	need time.Duration
}

// estimate is what somebody in line is told.
type estimate struct {
	wait time.Duration
	who  string // who will be free first
	ok   bool   // false: there is no room for them today
}

// waits says honestly how long each of a line has still to wait: out of who works until
// when, what is booked, how late they run, and how long everybody before them takes. A
// booked visit is never put off for one in line.
func waits(now time.Time, works map[string][]span, booked map[string][]seated, late map[string]time.Duration, line []waiter) []estimate {
	free := map[string][]span{}
	for who, hours := range works {
		for _, h := range hours {
			if h.from = later(h.from, now); h.from.Before(h.to) {
				free[who] = append(free[who], h)
			}
		}
		slices.SortFunc(free[who], func(a, b span) int { return a.from.Compare(b.from) })
		for _, b := range taken(now, booked[who], late[who]) {
			free[who] = cut(free[who], b)
		}
	}
	out := make([]estimate, len(line))
	for i, w := range line {
		var at time.Time
		for _, who := range w.who {
			for _, f := range free[who] {
				if f.to.Sub(f.from) < w.need {
					continue
				}
				if !out[i].ok || f.from.Before(at) {
					out[i], at = estimate{f.from.Sub(now), who, true}, f.from
				}
				break
			}
		}
		if out[i].ok {
			free[out[i].who] = cut(free[out[i].who], span{at, at.Add(w.need)})
		}
	}
	return out
}

// taken is when somebody is really busy from now on: each visit begins when it was to
// and they are free, later by how late they run.
func taken(now time.Time, all []seated, late time.Duration) []span {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b seated) int { return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to)) })
	var out []span
	free := now
	for _, s := range all {
		long := s.to.Sub(s.from)
		switch {
		case s.fixed:
			out = append(out, s.span)
			continue
		case !s.begun.IsZero():
			s.from, s.to = now, later(s.begun.Add(long), now)
		default:
			s.from = later(s.from.Add(late), free.Add(s.before))
			s.to = s.from.Add(long)
		}
		free = later(free, s.to.Add(s.after))
		out = append(out, span{s.from.Add(-s.before), s.to.Add(s.after)})
	}
	return out
}

// cut takes a time out of spans.
func cut(in []span, b span) []span {
	var out []span
	for _, x := range in {
		if !b.from.Before(x.to) || !x.from.Before(b.to) {
			out = append(out, x)
			continue
		}
		if x.from.Before(b.from) {
			out = append(out, span{x.from, b.from})
		}
		if b.to.Before(x.to) {
			out = append(out, span{b.to, x.to})
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// fives rounds a wait up to five minutes: nobody knows it better.
func fives(d time.Duration) int { return int((d+5*time.Minute-1)/(5*time.Minute)) * 5 }
