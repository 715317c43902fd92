package inbox

import (
	"net/url"

	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
)

// replyLinks are what is said often in threads of a topic. Each puts its words where the
// reply is written; nothing is sent by it.
func replyLinks(a *web.Ask, c *record.Chart, href, topic string) []parts.Link {
	var out []parts.Link
	for _, r := range c.Replies() {
		if r.Topic == "" || r.Topic == topic {
			out = append(out, parts.Link{Text: r.Title, Href: href + "?" + url.Values{"say": {r.ID}, "tab": {a.Query("tab")}}.Encode() + "#text"})
		}
	}
	return out
}

// chosen is what is said often by its name.
func chosen(c *record.Chart, id string) (record.Reply, bool) {
	for _, r := range c.Replies() {
		if id != "" && r.ID == id {
			return r, true
		}
	}
	return record.Reply{}, false
}

// said is a reply in the client's language, with their name and whatever else it leaves
// open filled in.
func said(a *web.Ask, c *record.Chart, r record.Reply) string {
	text := r.Body[tongue(a, c)]
	if text == "" {
		text = a.In(r.Body)
	}
	card, _ := c.Card()
	name := card.Given
	if name == "" {
		name = card.Name
	}
	return record.Fill(text, map[string]string{"name": name, "me": a.Who.Name(), "practice": a.Practice.Name, "phone": a.Practice.Phone, "emergency": a.Practice.Emergency})
}
