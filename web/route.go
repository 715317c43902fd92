package web

import (
	"fmt"
	"slices"
	"strings"

	"rapport/record"
)

// Route is one page or one act. It says what it opens and why before it opens
// anything; the server opens it and hands it over. Exactly one of the handlers
// is set, and none of them ever sees the vault.
type Route struct {
	Pattern string // as net/http's: "GET /me/{client}/health"
	Why     record.Purpose
	What    record.Parts // the parts of the chart it opens
	Must    record.Parts // those of them without which it is no page: who may not see them is refused
	Takes   int64        // how much a form may carry, in bytes; 0 is 1 MiB, which no file fits
	Records bool         // the page may use the camera and the microphone, when somebody asks it to

	Chart     func(*Ask, *record.Chart) (Answer, error)     // about the client in {client}
	Directory func(*Ask, *record.Directory) (Answer, error) // about finding a person
	Practice  func(*Ask, *record.Practice) (Answer, error)  // about the practice itself
	Household func(*Ask, *record.Household) (Answer, error) // about everybody the actor looks after
	Times     func(*Ask, *record.Calendar) (Answer, error)  // about the practice's times, for anybody
	Slip      func(*Ask, *record.Slip) (Answer, error)      // about one visit, by the link in {token}
	Feed      func(*Ask, *record.Feed) (Answer, error)      // somebody's calendar, by the link in {token}
	Open      func(*Ask) (Answer, error)                    // about nobody
}

// Target says what the route opens: chart, directory, practice, household, times, a
// slip, a feed or nothing.
func (rt Route) Target() string {
	switch {
	case rt.Chart != nil:
		return "chart"
	case rt.Directory != nil:
		return "directory"
	case rt.Practice != nil:
		return "practice"
	case rt.Household != nil:
		return "household"
	case rt.Times != nil:
		return "times"
	case rt.Slip != nil:
		return "slip"
	case rt.Feed != nil:
		return "feed"
	}
	return "nothing"
}

// String writes the route as docs/routes.txt keeps it. A change there is a
// privacy decision.
func (rt Route) String() string {
	what := rt.Target()
	if rt.Household != nil {
		what = strings.TrimSpace("household " + rt.What.String())
	}
	if rt.Chart != nil {
		what = rt.What.String()
		if rt.What&record.AllParts == record.AllParts {
			what = "everything" + strings.TrimPrefix(what, record.AllParts.String())
		}
	}
	if rt.Must != 0 {
		what += "; not without " + rt.Must.String()
	}
	return fmt.Sprintf("%-44s %-10s %s", rt.Pattern, rt.Why, what)
}

// Method returns the pattern's method.
func (rt Route) Method() string { m, _, _ := strings.Cut(rt.Pattern, " "); return m }

// check reports what is wrong with a route.
func (rt Route) check() error {
	n := 0
	for _, set := range []bool{rt.Chart != nil, rt.Directory != nil, rt.Practice != nil, rt.Household != nil, rt.Times != nil, rt.Slip != nil, rt.Feed != nil, rt.Open != nil} {
		if set {
			n++
		}
	}
	onePerson := strings.Contains(rt.Pattern, "{client}")
	switch {
	case n != 1:
		return fmt.Errorf("web: %s has %d handlers, want one", rt.Pattern, n)
	case !slices.Contains(record.Purposes(), rt.Why):
		return fmt.Errorf("web: %s states no purpose", rt.Pattern)
	case rt.Method() != "GET" && rt.Method() != "POST":
		return fmt.Errorf("web: %s: pages are GET, acts are POST", rt.Pattern)
	case rt.Must&^rt.What != 0:
		return fmt.Errorf("web: %s must have what it does not open", rt.Pattern)
	case (rt.Chart != nil) != onePerson || rt.Household == nil && (rt.Chart != nil) != (rt.What != 0):
		return fmt.Errorf("web: %s: a page about a client names {client} and the parts it opens, and no other page does", rt.Pattern)
	}
	return nil
}
