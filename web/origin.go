package web

import (
	"crypto/rand"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"rapport/account"
)

// from says where a request comes from. Behind a proxy of the practice's own the
// last address it added counts; what the browser wrote before it does not.
func (a *Ask) from() account.Origin {
	o := account.Origin{Trust: a.s.cookieOf(a.r, deviceCookie), Lang: a.P.Tag()}
	host, _, err := net.SplitHostPort(a.r.RemoteAddr)
	if err != nil {
		host = a.r.RemoteAddr
	}
	if all := a.r.Header.Values("X-Forwarded-For"); a.s.cfg.Proxied && len(all) > 0 {
		hops := strings.Split(all[len(all)-1], ",")
		host = strings.TrimSpace(hops[len(hops)-1])
	}
	o.Addr, _ = netip.ParseAddr(host) //nolint:errcheck // an unreadable address is one place of its own
	return o
}

// deviceLife is how long a browser is remembered as one somebody came in with.
const deviceLife = 365 * 24 * time.Hour

// device describes the browser, and the cookie by which it is known again; no
// cookie if others use it too.
func (a *Ask) device(lent account.Use) (account.Device, *http.Cookie) {
	d := account.Device{Name: browserName(a.r.UserAgent()), Use: lent, Trust: a.s.cookieOf(a.r, deviceCookie)}
	if lent == account.Lent {
		d.Trust = ""
		return d, nil
	}
	if d.Trust == "" {
		var b [24]byte
		rand.Read(b[:]) //nolint:errcheck // never fails, says crypto/rand
		d.Trust = base64.RawURLEncoding.EncodeToString(b[:])
	}
	return d, a.s.cookie(deviceCookie, d.Trust, deviceLife, http.SameSiteLaxMode)
}

// lent reads whether somebody said that others use this device too.
func (a *Ask) lent() account.Use {
	if a.Form("lent") != "" {
		return account.Lent
	}
	return account.Theirs
}

// browserName says what a browser is as coarsely as its owner needs to know it
// again: "Firefox, Android". No more is kept.
func browserName(ua string) string {
	pick := func(table [][2]string) string {
		for _, x := range table {
			if strings.Contains(ua, x[0]) {
				return x[1]
			}
		}
		return ""
	}
	browser := pick([][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := pick([][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}})
	return strings.Trim(browser+", "+system, ", ")
}
