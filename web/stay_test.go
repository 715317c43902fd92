package web_test

import (
	"net/url"
	"testing"

	"rapport/web/webtest"
)

// TestWhoStaysIsSaidWithHowTheyCameIn: a page that was covered opens to the same
// person, and not to one who came in by less than what it was shown for.
func TestWhoStaysIsSaidWithHowTheyCameIn(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	id := h.Subject("nurse").ID
	h.As("nurse").Post("/stay", url.Values{}).Is(200).Says(`{"keyed":true,"who":"` + id + `"}`)
	h.ByLink("nurse").Post("/stay", url.Values{}).Is(200).Says(`{"keyed":false,"who":"` + id + `"}`)
	h.As("nobody").Post("/stay", url.Values{}).Is(401)
}
