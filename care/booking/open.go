package booking

import (
	"bytes"
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"

	"rapport/errs"
	"rapport/hours"
	"rapport/record"
	"rapport/web"
)

// How long a question about open times waits for an answer: a map that is not looked
// at any more asks no further. A hold that ends by itself wakes nobody, so that the
// state is looked at now and then.
const (
	patience = 20 * time.Second
	glance   = time.Second
	widest   = 62 // days that can be asked for
)

// openView is what is open: for each clinician and day, "lena.2026-11-26", the minutes
// and the ways (1 in person, 2 video, 4 phone).
type openView struct {
	State uint64                      `json:"state"`
	Free  map[string]map[string]uint8 `json:"free"`
}

// waitMost is how many windows may wait for a change at once; whoever comes then is told
// to come back, and their page does, less and less often.
const waitMost = 1000

var waiting atomic.Int64

// open answers GET /visits/open: at once if the calendar is in another state than the
// asker knows, else when it is. It is about times and nobody's visit.
func open(a *web.Ask, cal *record.Calendar) (web.Answer, error) {
	from, ok := hours.ParseDate(a.Query("from"))
	to, too := hours.ParseDate(a.Query("to"))
	if !ok || !too || to < from || to-from > widest {
		return web.Answer{}, errs.E(errs.Invalid, "booking: no such days")
	}
	defer waiting.Add(-1)
	if waiting.Add(1) > waitMost {
		return web.Answer{}, errs.E(errs.Unavailable, "booking: too many windows wait")
	}
	known, err := strconv.ParseUint(a.Query("state"), 10, 64)
	state, err := settled(a.Context(), cal, known, err == nil)
	if err != nil {
		return web.Answer{}, err
	}
	v, zone := openView{State: state, Free: map[string]map[string]uint8{}}, a.Now.Location()
	for _, o := range cal.Openings(hours.Query{Service: a.Query("service"), From: from, To: to, Modes: hours.ParseMode(a.Query("how"))}) {
		s := slotOf(o.Who, o.From, zone)
		key := s.who + "." + s.day.String()
		if v.Free[key] == nil {
			v.Free[key] = map[string]uint8{}
		}
		v.Free[key][strconv.Itoa(s.minute)] = uint8(o.Modes)
	}
	return web.JSON(v)
}

// settled waits until the calendar is in another state than the one that is known, and
// not for ever.
func settled(ctx context.Context, cal *record.Calendar, known uint64, waits bool) (uint64, error) {
	all, end := context.WithTimeout(ctx, patience)
	defer end()
	for {
		state, next := cal.Watch()
		if !waits || state != known || next == nil || all.Err() != nil {
			return state, ctx.Err()
		}
		look, end := context.WithTimeout(all, glance)
		select {
		case <-next:
		case <-look.Done():
		}
		end()
	}
}

// rendered is a page as bytes.
func rendered(ctx context.Context, c templ.Component) ([]byte, error) {
	var b bytes.Buffer
	err := c.Render(ctx, &b)
	return b.Bytes(), err
}
