package feeds

import (
	"bytes"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/ical"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is the page on which a link is made, and a calendar brought.
type view struct {
	Shell   shell.View
	P       lang.Printer
	At      string // the page's own address
	Back    parts.Link
	Link    string // just made; it is shown once
	Flash   parts.FlashView
	Problem string
	Notes   []string // what of a calendar was not understood
}

// refresh is how often a calendar program is asked to look again.
const refresh = 4 * time.Hour

// feed answers GET /feeds/{token}/visits.ics.
func feed(a *web.Ask, f *record.Feed) (web.Answer, error) {
	c := ical.Calendar{Name: a.Practice.Name, Zone: a.Now.Location().String(), Refresh: refresh}
	for _, x := range f.Items() {
		where := a.Practice.Name
		if x.Room != "" {
			where += ", " + x.Room
		}
		switch x.Mode {
		case hours.Video:
			where = a.P.SlipsVideo()
		case hours.Phone:
			where = a.P.SlipsPhone()
		}
		made := x.Made
		if made.IsZero() {
			made = a.Now
		}
		c.Events = append(c.Events, ical.Event{UID: x.ID + "@visits", Title: a.P.FeedsEvent(), Where: where, From: x.From, To: x.To, Stamp: made, Private: true})
	}
	var b bytes.Buffer
	if err := ical.Write(&b, c); err != nil {
		return web.Answer{}, err
	}
	return web.File("text/calendar; charset=utf-8", "visits.ics", b.Bytes()), nil
}

func viewOf(a *web.Ask, c *record.Chart) view {
	at := "/me/" + string(c.Client()) + "/visits"
	return view{P: a.P, At: at + "/calendar", Back: parts.Link{Text: a.P.SlipsMine(), Href: at}, Shell: a.Shell(a.P.FeedsTitle(), "visits")}
}

// show answers GET …/visits/calendar.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return web.Page(page(viewOf(a, c))), nil
}

// begin answers POST …/visits/calendar: the link is shown here and nowhere again.
func begin(a *web.Ask, c *record.Chart) (web.Answer, error) {
	path, err := c.NewFeed(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	v := viewOf(a, c)
	v.Link = a.Absolute(path)
	return web.Page(page(v)), nil
}

func stop(a *web.Ask, c *record.Chart) (web.Answer, error) {
	if err := c.EndFeed(a.Context()); err != nil {
		return web.Answer{}, err
	}
	v := viewOf(a, c)
	v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.FeedsStopped()}
	return web.Page(page(v)), nil
}

func deskOf(a *web.Ask) view {
	v := view{P: a.P, At: "/day/calendar", Back: parts.Link{Text: a.P.ScheduleTitle(), Href: "/day"}, Shell: a.Shell(a.P.FeedsTitle(), "day")}
	v.Shell.Place, v.Shell.Here = a.P.ScheduleTitle(), "/day"
	return v
}

// desk answers GET /day/calendar.
func desk(a *web.Ask, _ *record.Directory) (web.Answer, error) {
	return web.Page(deskPage(deskOf(a))), nil
}

func deskBegin(a *web.Ask, d *record.Directory) (web.Answer, error) {
	path, err := d.NewFeed(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	v := deskOf(a)
	v.Link = a.Absolute(path)
	return web.Page(deskPage(v)), nil
}

func deskStop(a *web.Ask, d *record.Directory) (web.Answer, error) {
	if err := d.EndFeed(a.Context()); err != nil {
		return web.Answer{}, err
	}
	v := deskOf(a)
	v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.FeedsStopped()}
	return web.Page(deskPage(v)), nil
}

// readAhead is for how long a calendar that is brought counts.
const readAhead = 366 * 24 * time.Hour

// read answers POST /day/calendar/read: a calendar from elsewhere replaces the one that
// was brought before. An empty form takes it back.
func read(a *web.Ask, d *record.Directory) (web.Answer, error) {
	v := deskOf(a)
	var spans []record.Span
	if a.Form("none") == "" {
		file := a.File("calendar")
		if len(file) == 0 {
			v.Problem = a.P.FeedsReadNone()
			return web.Wrong(deskPage(v)), nil
		}
		r, err := ical.Read(bytes.NewReader(file), ical.Query{From: a.Now, To: a.Now.Add(readAhead), Zone: a.Now.Location()})
		if errs.Is(err, errs.Invalid) {
			v.Problem = a.P.FeedsReadWrong()
			return web.Wrong(deskPage(v)), nil
		}
		if err != nil {
			return web.Answer{}, err
		}
		for _, b := range r.Busy {
			spans = append(spans, record.Span{From: b.From, To: b.To})
		}
		for reason, text := range map[ical.Reason]func(int) string{ical.Malformed: a.P.FeedsSkipMalformed, ical.Repeat: a.P.FeedsSkipRepeat, ical.NoZone: a.P.FeedsSkipZone, ical.TooMany: a.P.FeedsSkipMany} {
			if n := r.Skipped[reason]; n > 0 {
				v.Notes = append(v.Notes, text(n))
			}
		}
	}
	n, err := d.SetBlocks(a.Context(), spans)
	if key := errs.SayOf(err); key != "" {
		v.Problem, _ = a.P.Say(key)
		return web.Wrong(deskPage(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.FeedsRead(n)}
	return web.Page(deskPage(v)), nil
}
