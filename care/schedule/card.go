package schedule

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"rapport/hours"
	"rapport/record"
	"rapport/web/parts"
)

// kind is what a card stands for.
type kind uint8

// The kinds. The zero kind is none.
const (
	_ kind = iota
	kindVisit
	kindHeld
	kindBlocked
	kindTaken
	kindFree
)

var kindClasses = [...]string{"", "is-visit", "is-hold", "is-block", "is-taken", "is-free"}

// card is one time of a day: a visit, a time that is chosen or blocked, or one that is
// free.
type card struct {
	Kind          kind
	ID, Href      string
	Slot          string
	From, To      int // minutes after midnight
	Times         string
	Name, Seed    string
	Service       string
	Icon, How     string // the way to meet
	Where         string // the room, or who it is with in a room's column
	State         string // in words
	Tone          parts.Tone
	Since         string // of waiting, RFC 3339: the script counts on
	Waits         int    // minutes
	Out           string // why the rules have no place for it
	Beside        bool   // it overlaps another
	Short         bool   // there is room for one line
	Act           quick  // the next thing that happens to it
	Move          string // where it is moved, "" if it cannot be
	Label, Hidden string
}

// quick is the one act that comes next.
type quick struct {
	Text, Icon, Status, Action string
}

// begins and ends are the two halves of its times: a column has room for the first.
func (c card) begins() string { a, _, _ := strings.Cut(c.Times, "–"); return a }

func (c card) ends() string { _, b, _ := strings.Cut(c.Times, "–"); return "–" + b }

func (c card) class() string {
	s := kindClasses[c.Kind]
	if c.Kind == kindVisit {
		s += " tone-" + c.Tone.String()
	}
	if c.Short {
		s += " is-short"
	}
	if c.To-c.From < tiniest {
		s += " is-tiny"
	}
	if c.Beside {
		s += " is-beside"
	}
	if c.Out != "" {
		s += " is-out"
	}
	return s
}

// base is the address of a client's visit.
func base(b record.Booked) string {
	return "/clients/" + string(b.Client) + "/visits/" + string(b.Ref)
}

// card draws a time that is taken. Who is whose column it stands in; "" is a room's.
func (k *desk) card(b record.Booked, who string) card {
	from := k.Local(b.From)
	c := card{From: from.Hour()*60 + from.Minute(), Times: k.span(b.From, b.To), Service: k.service(b.Service), Where: k.room(b.Room)}
	c.To = c.From + int(b.To.Sub(b.From)/time.Minute)
	c.To = min(c.To, hours.DayMinutes)
	c.Slot, c.Short = parts.Slot(c.From, c.To), c.To-c.From < shortest
	c.How, c.Icon = mode(k.P, b.Mode)
	if who == "" {
		c.Where = k.name(b.Who)
	}
	switch {
	case b.Hold:
		c.Kind, c.Name = kindHeld, k.P.ScheduleHeld()
		return c
	case b.Block:
		c.Kind, c.Name, c.Service = kindBlocked, k.P.ScheduleBlocked(), ""
		return c
	case b.Guest != "":
		c.Kind, c.ID, c.Href, c.Name, c.Seed = kindVisit, "v-"+string(b.Ref), "/waiting", k.guests[b.Guest], b.Guest
		if c.Name != "" {
			c.Href += "/" + b.Guest
		}
		c.Name = cmp.Or(c.Name, k.P.ScheduleNameless())
		c.State, c.Tone = k.P.ScheduleStateNew(), parts.ToneInfo
		return c
	case b.Client == "":
		c.Kind, c.Name, c.Service, c.Icon = kindTaken, k.P.ScheduleTaken(), k.P.SchedulePrivateText(), "lock"
		return c
	}
	c.Kind, c.ID, c.Href, c.Name, c.Seed = kindVisit, "v-"+string(b.Ref), base(b), k.client(b), string(b.Client)
	if b.Mode == hours.InPerson {
		c.Icon = "" // as most are
	}
	c.State, c.Tone = stateWord(k.practice, b)
	if b.State == "arrived" {
		c.Since, c.Waits = b.Since.UTC().Format(time.RFC3339), waited(k.Now, b.Since)
	}
	c.Out = outWord(k.practice, b.Cover)
	c.Act = k.next(b)
	if b.State == "booked" {
		c.Move = c.Href + "/move"
	}
	return c
}

// shortest is how long a visit is whose card has air around its two lines, in minutes.
const shortest = 20

// tiniest is how long one is whose card has one line.
const tiniest = 15

// client is the name of whose visit it is.
func (k *desk) client(b record.Booked) string {
	if c, ok := k.d.Card(b.Client); ok && c.Name != "" {
		return c.Name
	}
	return k.P.ScheduleNameless()
}

// waited is for how many whole minutes somebody has waited.
func waited(now, since time.Time) int { return max(int(now.Sub(since)/time.Minute), 0) }

// stateWord says how a visit stands, and what that means.
func stateWord(p *practice, b record.Booked) (string, parts.Tone) {
	switch b.State {
	case "arrived":
		return p.P.ScheduleStateArrived(), parts.ToneAccent
	case "checked-in":
		return p.P.ScheduleStateSeen(), parts.ToneBrand
	case "fulfilled":
		return p.P.ScheduleStateDone(), parts.ToneOK
	case "noshow":
		return p.P.ScheduleStateMissed(), parts.ToneDanger
	case "pending":
		return p.P.ScheduleStateAsked(), parts.ToneInfo
	}
	if !b.From.After(p.Now) {
		return p.P.ScheduleStateOverdue(), parts.ToneWarn
	}
	return p.P.ScheduleStateBooked(), parts.TonePlain
}

// outWord says why the rules have no place for a visit.
func outWord(p *practice, c hours.Cover) string {
	switch c {
	case hours.NoHours:
		return p.P.ScheduleOutHours()
	case hours.OnLeave:
		return p.P.ScheduleOutLeave()
	case hours.RoomClosed:
		return p.P.ScheduleOutRoom()
	}
	return ""
}

// next is what usually happens to a visit next, on its day.
func (k *desk) next(b record.Booked) quick {
	if hours.DateOf(k.Local(b.From)) != hours.DateOf(k.Now) {
		return quick{}
	}
	q := quick{Action: base(b) + "/state"}
	switch b.State {
	case "booked":
		q.Text, q.Icon, q.Status = k.P.ScheduleDoArrived(), "user-check", "arrived"
	case "arrived":
		q.Text, q.Icon, q.Status = k.P.ScheduleDoStart(), "play", "checked-in"
	case "checked-in":
		q.Text, q.Icon, q.Status = k.P.ScheduleDoDone(), "check", "fulfilled"
	default:
		return quick{}
	}
	return q
}

// free are the gaps of a person's day in which something can be booked.
func (k *desk) free(who string, d hours.Date, works []hours.Part, busy []record.Booked) []card {
	if len(works) == 0 || d < hours.DateOf(k.Now) {
		return nil
	}
	opens := map[int]time.Time{}
	for _, s := range k.t.Services {
		for _, o := range k.cal.Openings(hours.Query{Service: s.ID, From: d, To: d, Who: []string{who}}) {
			at := k.Local(o.From)
			opens[at.Hour()*60+at.Minute()] = o.From
		}
	}
	var gaps [][2]int
	for _, p := range works {
		gaps = append(gaps, [2]int{p.From, p.To})
	}
	cut := func(from, to int) {
		var left [][2]int
		for _, g := range gaps {
			if to <= g[0] || from >= g[1] {
				left = append(left, g)
				continue
			}
			if g[0] < from {
				left = append(left, [2]int{g[0], from})
			}
			if to < g[1] {
				left = append(left, [2]int{to, g[1]})
			}
		}
		gaps = left
	}
	for _, b := range busy {
		s, _ := k.t.Service(b.Service)
		from, to := k.Local(b.From), k.Local(b.To)
		cut(from.Hour()*60+from.Minute()-s.Before, to.Hour()*60+to.Minute()+s.After)
	}
	if d == hours.DateOf(k.Now) {
		cut(0, (k.Now.Hour()*60+k.Now.Minute()+4)/5*5)
	}
	var out []card
	for _, g := range gaps {
		var at time.Time
		for m, t := range opens {
			if m >= g[0] && m < g[1] && (at.IsZero() || t.Before(at)) {
				at = t
			}
		}
		if at.IsZero() {
			continue
		}
		href := "/day/book?" + url.Values{"who": {who}, "at": {at.UTC().Format(time.RFC3339)}}.Encode()
		day, from := on(k.Ask, d), clockOf(g[0])
		out = append(out, card{Kind: kindFree, From: g[0], To: g[1], Slot: parts.Slot(g[0], g[1]), Short: g[1]-g[0] < shortest, Times: from + "–" + clockOf(g[1]), Name: k.P.ScheduleFree(), Href: href, Hidden: k.P.ScheduleBookAt(k.P.DayMonth(day), from, k.name(who))})
	}
	return out
}

func clockOf(minute int) string {
	return time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
}
