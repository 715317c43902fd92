// Package messages is the client's side of what is written to and fro: what it is about,
// whether it can wait, by when they hear, and then the thread itself. Who acts for a
// client reads and writes here too, and what they write says so.
//
// It refuses to be a way to call for help, to promise what the practice's hours do not
// hold, and to show on a list what a sealed thread says.
package messages

import (
	"rapport/record"
	"rapport/web"
	"rapport/web/talk"
)

const opens = record.Person | record.Visits | record.Messages

// Routes lists the pages.
func Routes() []web.Route {
	me := "/me/{client}/messages"
	page := func(pattern string, f func(*web.Ask, *record.Chart) (web.Answer, error)) web.Route {
		return web.Route{Pattern: pattern, Why: record.Messaging, What: opens, Must: record.Messages, Chart: f}
	}
	takes := func(r web.Route) web.Route { r.Takes = talk.TakesMost; return r }
	records := func(r web.Route) web.Route { r.Records = true; return r }
	return []web.Route{
		page("GET "+me, list),
		page("GET "+me+"/new", about),
		records(page("GET "+me+"/new/{topic}", fresh)),
		takes(page("POST "+me+"/new/{topic}", begin)),
		records(page("GET "+me+"/{thread}", show)),
		takes(page("POST "+me+"/{thread}", reply)),
		page("POST "+me+"/draft/{thread}", draft),
		page("GET "+me+"/{thread}/file/{blob}", file("")),
		page("GET "+me+"/{thread}/file/{blob}/cover", file("cover")),
		page("GET "+me+"/{thread}/file/{blob}/words", file("words")),
	}
}

func file(part string) func(*web.Ask, *record.Chart) (web.Answer, error) {
	return func(a *web.Ask, c *record.Chart) (web.Answer, error) {
		return talk.Serve(a, c, a.Path("thread"), a.Path("blob"), part)
	}
}

// me is where the client's pages are, base where their messages are.
func me(c *record.Chart) string   { return "/me/" + string(c.Client()) }
func base(c *record.Chart) string { return me(c) + "/messages" }
