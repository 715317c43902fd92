package clients

import (
	"cmp"

	"rapport/account"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
)

// footView is what stands below a chart: that the look is seen, and where to go from here.
type footView struct {
	Text  string
	Links []parts.Link
}

// footOf leads whoever gives care to what is asked to be put right, and to where they open
// what is closed to them. It leads there from every chart, so that it says of none that
// something is closed.
func footOf(a *web.Ask, c *record.Chart, who person) footView {
	v := footView{Text: a.P.ClientsFoot(cmp.Or(who.given, a.P.Client()))}
	if !a.Who.Roles().Any(account.Nurse | account.Clinician | account.Coordinator) {
		return v
	}
	v.Links = append(v.Links, parts.Link{Text: a.P.PrivacyFixLink(), Href: base(c) + "/corrections", Icon: "edit"})
	if c.Bond() != record.ByGlass {
		v.Links = append(v.Links, parts.Link{Text: a.P.PrivacyGlassLink(), Href: base(c) + "/glass", Icon: "lock"})
	}
	return v
}
