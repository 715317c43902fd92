package schedule

import (
	"testing"
	"time"
)

func TestTheLineIsToldHonestly(t *testing.T) {
	t.Parallel()
	at := func(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, time.UTC) }
	visit := func(h, m, long int) seated {
		return seated{span: span{at(h, m), at(h, m).Add(time.Duration(long) * time.Minute)}}
	}
	begun := func(s seated, h, m int) seated { s.begun = at(h, m); return s }
	anybody := waiter{[]string{"lena", "samir"}, 15 * time.Minute}
	lena := waiter{[]string{"lena"}, 15 * time.Minute}
	now := at(10, 0)
	both := map[string][]span{"lena": {{at(9, 0), at(12, 0)}}, "samir": {{at(11, 0), at(12, 0)}}}
	const never = -1
	for name, c := range map[string]struct {
		booked map[string][]seated
		late   map[string]time.Duration
		line   []waiter
		want   []int // minutes
	}{
		"nobody is booked":                {nil, nil, []waiter{lena}, []int{0}},
		"one after the other":             {nil, nil, []waiter{lena, lena, anybody}, []int{0, 15, 30}},
		"somebody is booked":              {map[string][]seated{"lena": {visit(10, 0, 20)}}, nil, []waiter{lena}, []int{20}},
		"a gap that is too short":         {map[string][]seated{"lena": {visit(10, 10, 20)}}, nil, []waiter{lena}, []int{30}},
		"a gap that is just long enough":  {map[string][]seated{"lena": {visit(10, 15, 20)}}, nil, []waiter{lena}, []int{0}},
		"running late":                    {map[string][]seated{"lena": {visit(10, 15, 20)}}, map[string]time.Duration{"lena": 20 * time.Minute}, []waiter{lena, lena}, []int{0, 15}},
		"running late pushes the rest":    {map[string][]seated{"lena": {visit(9, 40, 20), visit(10, 0, 20), visit(10, 20, 20)}}, map[string]time.Duration{"lena": 20 * time.Minute}, []waiter{lena}, []int{60}},
		"in progress":                     {map[string][]seated{"lena": {begun(visit(9, 40, 20), 9, 50)}}, nil, []waiter{lena}, []int{10}},
		"in progress for too long":        {map[string][]seated{"lena": {begun(visit(9, 0, 20), 9, 0)}}, nil, []waiter{lena}, []int{0}},
		"the other is free first":         {map[string][]seated{"lena": {visit(10, 0, 120)}}, nil, []waiter{anybody, anybody}, []int{60, 75}},
		"the day is full":                 {map[string][]seated{"lena": {visit(10, 0, 120)}}, nil, []waiter{lena, anybody}, []int{never, 60}},
		"who does not fit takes no place": {map[string][]seated{"lena": {visit(10, 15, 105)}}, nil, []waiter{{[]string{"lena"}, time.Hour}, lena}, []int{never, 0}},
		"what is kept free around":        {map[string][]seated{"lena": {{span: span{at(10, 20), at(10, 40)}, before: 10 * time.Minute, after: 10 * time.Minute}}}, nil, []waiter{lena}, []int{50}},
		"a time that is being chosen":     {map[string][]seated{"lena": {{span: span{at(10, 5), at(10, 20)}, fixed: true}}}, map[string]time.Duration{"lena": time.Hour}, []waiter{lena}, []int{20}},
		"nobody who can":                  {nil, nil, []waiter{{nil, time.Minute}, {[]string{"ghost"}, time.Minute}}, []int{never, never}},
	} {
		for i, got := range waits(now, both, c.booked, c.late, c.line) {
			m := int(got.wait / time.Minute)
			if !got.ok {
				m = never
			}
			if m != c.want[i] {
				t.Errorf("%s: place %d waits %d, want %d", name, i+1, m, c.want[i])
			}
		}
	}
	if fives(0) != 0 || fives(time.Minute) != 5 || fives(5*time.Minute) != 5 || fives(301*time.Second) != 10 {
		t.Error("a wait is not rounded up to five minutes")
	}
}
