package post

import (
	"net/http"
	"time"
)

// Through has a gateway go out by another client, that follows nothing either.
func Through(g *Gateway, c *http.Client, wait time.Duration) {
	g.client = &http.Client{Transport: c.Transport, Timeout: wait, CheckRedirect: g.client.CheckRedirect}
}
