package main

import (
	"rapport/record"
	"rapport/web"
)

// gallery is the page of every piece a page is built from. Only a made-up
// practice has it.
func gallery() web.Route {
	return web.Route{Pattern: "GET /_parts", Why: record.Public, Open: func(a *web.Ask) (web.Answer, error) {
		return web.Page(galleryPage(a.Shell("Parts", ""), a.P)), nil
	}}
}
