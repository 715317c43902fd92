// Package health shows a client their own record in plain words: what they have,
// what they take, what was measured and what it means, and when it all happened.
// It refuses to judge a value on its own account (only the range and the word
// that came with it count) and to load a whole record onto one page.
package health

import (
	"rapport/record"
	"rapport/web"
)

// Routes lists the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/{client}/health", Why: record.Own, What: record.Results, Chart: show},
	}
}

func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return web.See("/me/" + string(c.Client()) + "/looks"), nil
}
