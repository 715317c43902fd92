package main

import (
	"strings"

	"rapport/post"
	"rapport/record"
	"rapport/web"
)

// kept is one letter as the demo shows it.
type kept struct {
	At, By, To, Subject string
	Lines               []string
	Link                string // its path on this site
}

// mailbox is the page of what would have been mailed. Only a made-up practice has
// it.
func mailbox(t *post.Tray) web.Route {
	return web.Route{Pattern: "GET /_mail", Why: record.Public, Open: func(a *web.Ask) (web.Answer, error) {
		var all []kept
		for _, k := range t.Letters() {
			x := kept{At: a.P.Clock(a.Local(k.At)), By: "Mail", To: k.Letter.To, Subject: k.Mail.Subject}
			switch k.Letter.By {
			case post.ByPush:
				x.By, x.To = "Push, as a lock screen shows it", "a browser"
			case post.ByText:
				x.By = "Text"
			}
			for l := range strings.Lines(k.Mail.Text) {
				if l = strings.TrimSpace(l); l != "" && l != k.Letter.Link {
					x.Lines = append(x.Lines, l)
				}
			}
			if _, path, ok := strings.Cut(k.Letter.Link, "://"); ok {
				if i := strings.IndexByte(path, '/'); i >= 0 {
					x.Link = path[i:]
				}
			}
			all = append(all, x)
		}
		v := a.Shell("Mail", "")
		v.Nav, v.For = nil, ""
		return web.Page(mailPage(v, all)), nil
	}}
}
