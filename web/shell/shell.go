// Package shell is what surrounds every page: the head, the way around, the
// reader's menu, and nothing else. Three kinds: Client for the people a
// practice cares for, Console for its staff, Bare for visitors. It refuses to
// name this software on any of them.
package shell

import (
	"net/url"
	"strconv"
	"time"

	"rapport/lang"
	"rapport/web/assets"
	"rapport/web/parts"
	"rapport/web/theme"
)

// View is all that a surrounding needs to know. P, Title and Brand are needed.
type View struct {
	P       lang.Printer
	Title   string // of the page, without the practice
	Place   string // Console: what the bar says, if not Title: "Clients" above one client's chart
	Brand   Brand
	Base    string // before every path of this client: "/me/4f2c", or ""
	Current NavID
	Nav     []NavItem
	Me      Me
	Here    string   // this page's path, for coming back after a change of language
	Scripts []string // more scripts than the shell's own: "js/check.js"
	Live    bool     // listen for changes at Base + "/live"
	Flash   parts.FlashView
	Search  parts.FindView // Console: find from anywhere; none without an Action
	Scheme  Scheme
	For     string        // whom the reader looks after on this page: "Mia's information"
	Idle    time.Duration // after which the session ends if nothing is done; 0 for never
	Exit    bool          // offer a way out that hides where one was
	Glass   string        // Console: that what is closed was opened in need, and until when
	// Languages are those the practice offers; all of them if empty.
	Languages []lang.Tag
	// Keys are the single keys of this page beside those of every page of the console.
	Keys []Key
	// Robots lets search engines index a Bare page: the practice's front door
	// and nothing personal.
	Robots bool
}

// Key is a single key, and what it does.
type Key struct{ Key, Text string }

// Brand is what makes the page the practice's own.
type Brand struct {
	Name      string
	Mark      string // a built-in mark, see parts.Marks
	MarkURL   string // an uploaded one instead, same origin
	ThemeHref string // see theme.Href; the default theme if empty
	IconHref  string // see IconHref; of the mark in default colours if empty
	Typeface  string // "figtree", "atkinson" or "system"
	Phone     string // as it is dialled and shown; none if empty
}

// Scheme is the reader's own choice of light or dark. The zero Scheme follows
// their system.
type Scheme string

// The schemes.
const (
	SchemeSystem Scheme = ""
	SchemeLight  Scheme = "light"
	SchemeDark   Scheme = "dark"
)

// NavID names a place in the nav.
type NavID string

// NavItem is a place: its icon, its count of what is new, and the letter that
// leads there after g in the console.
type NavItem struct {
	ID          NavID
	Label, Href string
	Icon        string
	Count       int
	Key         string // Console only: one letter, or none
	Last        bool   // Console only: stands at the foot of the rail
}

// Me is who is signed in. The zero Me is nobody: no menu.
type Me struct {
	Name, Role string // Role is for staff, or "for Ada Nwosu"
	Seed       string // of the avatar
	Keyed      bool   // they came in by more than a link
	Links      []parts.Link
}

// PageTitle is what the browser's tab says: "Today · Rowan Street Practice".
func (v View) PageTitle() string {
	switch {
	case v.Title == "":
		return v.Brand.Name
	case v.Brand.Name == "":
		return v.Title
	}
	return v.Title + " · " + v.Brand.Name
}

func (v View) place() string {
	if v.Place != "" {
		return v.Place
	}
	return v.Title
}

func (v View) languages() []lang.Tag {
	if len(v.Languages) == 0 {
		return lang.All()
	}
	return v.Languages
}

func (v View) lang() string { return v.P.Tag().String() }

// dir is the direction of the language: all three run from left to right. The
// style sheets are ready for the other.
func (v View) dir() string { return "ltr" }

func (v View) letters() string {
	switch v.Brand.Typeface {
	case "atkinson", "system":
		return v.Brand.Typeface
	}
	return "figtree"
}

// font is the file to fetch before the style sheet asks for it, or "".
func (v View) font() string {
	switch v.letters() {
	case "atkinson":
		return assets.Href("fonts/atkinson.woff2")
	case "figtree":
		return assets.Href("fonts/figtree.woff2")
	}
	return ""
}

func (v View) theme() string {
	if v.Brand.ThemeHref != "" {
		return v.Brand.ThemeHref
	}
	return theme.Href(theme.DefaultBrand, theme.DefaultAccent)
}

func (v View) icon() string {
	switch {
	case v.Brand.MarkURL != "":
		return v.Brand.MarkURL
	case v.Brand.IconHref != "":
		return v.Brand.IconHref
	}
	return IconHref(v.Brand.Mark, theme.DefaultBrand, theme.DefaultAccent)
}

func (v View) home() string {
	if len(v.Nav) > 0 {
		return v.Nav[0].Href
	}
	if v.Base != "" {
		return v.Base
	}
	return "/"
}

// in is the door, and leads back here.
func (v View) in() string {
	if v.Here == "" {
		return "/in"
	}
	return "/in?" + url.Values{"to": {v.Here}}.Encode()
}

func count(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// seconds is a time as scripts read it.
func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
