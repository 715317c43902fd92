// Package inbox is what the care team sees to: one list, sorted by when it is due, and
// each thing on it opened beside the client's chart. Nobody's chart is opened by looking
// at the list: it says who and by when, and not a word of what they wrote.
//
// It refuses to send what was written for staff alone, to answer anybody by itself, and
// to let two people answer without each seeing the other.
package inbox

import (
	"rapport/account"
	"rapport/fhir"
	"rapport/record"
	"rapport/web"
	"rapport/web/talk"
)

const (
	opens = record.Person | record.Visits | record.Messages | record.Results | record.Medicines | record.Allergies
	desks = record.Person | record.Visits | record.Messages
)

// Routes lists the pages. The front desk reads what was written to it, under a purpose
// of its own; who gives care reads all of it.
func Routes() []web.Route {
	out := []web.Route{
		{Pattern: "GET /inbox", Why: record.Finding, Directory: list},
		{Pattern: "POST /inbox", Why: record.Finding, Directory: act},
		{Pattern: "GET /inbox/many", Why: record.Finding, Directory: many},
		{Pattern: "POST /inbox/many", Why: record.Finding, Directory: sayMany},
	}
	for _, s := range []side{{"/inbox", record.Care, opens}, {"/desk", record.Replying, desks}} {
		begin := web.Route{Pattern: "POST " + s.at + "/{client}/new", Why: s.why, What: s.what, Must: record.Messages, Chart: s.begin, Takes: talk.TakesMost}
		fresh := web.Route{Pattern: "GET " + s.at + "/{client}/new", Why: s.why, What: s.what, Must: record.Messages, Chart: s.fresh, Records: true}
		page := func(method, path string, f func(*web.Ask, *record.Chart) (web.Answer, error)) web.Route {
			return web.Route{Pattern: method + " " + s.at + "/{client}/{thread}" + path, Why: s.why, What: s.what, Must: record.Messages, Chart: f}
		}
		show, say, note := page("GET", "", s.show), page("POST", "", s.reply), page("POST", "/note", s.note)
		show.Records, say.Takes, note.Takes = true, talk.TakesMost, talk.TakesMost
		out = append(out, fresh, begin, show, say, note,
			page("POST", "/draft", s.draft),
			page("POST", "/time", s.time),
			page("GET", "/file/{blob}", file("")),
			page("GET", "/file/{blob}/cover", file("cover")),
			page("GET", "/file/{blob}/words", file("words")))
	}
	return append(out, cardRoutes(side{"/inbox", record.Care, opens})...)
}

// treats are the roles that open a chart to give care.
const treats = account.Nurse | account.Clinician | account.Coordinator

// side is how a thread is opened: to give care, or at the desk.
type side struct {
	at   string
	why  record.Purpose
	what record.Parts
}

func (s side) href(c *record.Chart, thread string) string {
	return s.at + "/" + string(c.Client()) + "/" + thread
}

// sideOf is where somebody opens threads.
func sideOf(who account.Actor, client fhir.ClientID, thread string) string {
	if who.Roles().Any(treats) {
		return "/inbox/" + string(client) + "/" + thread
	}
	return "/desk/" + string(client) + "/" + thread
}

func file(part string) func(*web.Ask, *record.Chart) (web.Answer, error) {
	return func(a *web.Ask, c *record.Chart) (web.Answer, error) {
		return talk.Serve(a, c, a.Path("thread"), a.Path("blob"), part)
	}
}
