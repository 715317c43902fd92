package main

import (
	"crypto/rand"

	"rapport/account"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"

	"rapport/care/booking"
	"rapport/care/brief"
	"rapport/care/clients"
	"rapport/care/doubles"
	"rapport/care/earlier"
	"rapport/care/family"
	"rapport/care/feeds"
	"rapport/care/forms"
	"rapport/care/health"
	"rapport/care/inbox"
	"rapport/care/intake"
	"rapport/care/joining"
	"rapport/care/looks"
	"rapport/care/messages"
	"rapport/care/orders"
	"rapport/care/plans"
	"rapport/care/practice"
	"rapport/care/schedule"
	"rapport/care/several"
	"rapport/care/slips"
	"rapport/care/takeaway"
	"rapport/care/team"
	"rapport/care/timetable"
	"rapport/care/today"
	"rapport/care/topics"
	"rapport/care/trust"
)

// routes lists every page of every capability.
func routes() []web.Route {
	var out []web.Route
	for _, rs := range [][]web.Route{today.Routes(), booking.Routes(), health.Routes(), looks.Routes(), clients.Routes(), joining.Routes(), doubles.Routes(), family.Routes(), practice.Routes(), team.Routes(), slips.Routes(), earlier.Routes(), feeds.Routes(), several.Routes(), orders.Routes(), timetable.Routes(), schedule.Routes(), intake.Routes(), plans.Routes(), brief.Routes(), forms.Routes(), messages.Routes(), inbox.Routes(), topics.Routes(), takeaway.Routes(rand.Reader), trust.Routes()} {
		out = append(out, rs...)
	}
	return out
}

// treats are the roles whose day begins at the list of clients.
const treats = account.Nurse | account.Clinician | account.Coordinator | account.FrontDesk

// home is where somebody lands after signing in.
func home(who account.Actor, caring []record.Cared) string {
	switch {
	case who.Kind() == account.Client && who.Level() < account.ByKey:
		return "/me/" + who.ID() + "/now"
	case who.Kind() == account.Client:
		return "/me/" + who.ID() + "/today"
	case who.Kind() == account.Guest && who.Level() < account.ByKey:
		return "/account/start"
	case who.Kind() == account.Guest:
		return "/family"
	case who.Level() < account.ByKey:
		return "/account/start"
	case who.Roles().Any(treats):
		return "/clients"
	case who.Roles() == 0 && len(who.Places()) > 1: // they have yet to say where they are
		return "/place"
	case who.Roles().Any(account.Editor) && !who.Roles().Any(account.Manager):
		return "/practice/forms"
	case who.Roles().Any(account.PrivacyOfficer) && !who.Roles().Any(account.Manager):
		return "/practice/privacy"
	}
	return "/practice"
}

// healthParts are the parts of which a page under Health may show something.
const healthParts = record.Conditions | record.Medicines | record.Allergies | record.Immunisations | record.Results | record.Documents | record.Visits

// todayParts are the parts of which Today may show something.
const todayParts = record.Medicines | record.Results | record.Documents | record.Visits

// nav is the way around for somebody. What somebody who looks after another may
// not see has no entry either.
func nav(p lang.Printer, who account.Actor, caring []record.Cared, of *record.Cared) []shell.NavItem {
	switch {
	case of != nil:
		me := "/me/" + string(of.Client)
		var out []shell.NavItem
		if of.Reads&todayParts != 0 {
			out = append(out, shell.NavItem{ID: "today", Label: p.NavToday(), Href: me + "/today", Icon: "sun"})
		}
		if of.Reads&record.Plans != 0 {
			out = append(out, shell.NavItem{ID: "plan", Label: p.NavPlan(), Href: me + "/plan", Icon: "plan"})
		}
		if of.Reads&record.Visits != 0 {
			out = append(out, shell.NavItem{ID: "visits", Label: p.NavVisits(), Href: me + "/visits", Icon: "calendar"})
		}
		if of.Reads&record.Messages != 0 {
			out = append(out, shell.NavItem{ID: "messages", Label: p.NavMessages(), Href: me + "/messages", Icon: "messages"})
		}
		if of.Reads&healthParts != 0 {
			out = append(out, shell.NavItem{ID: "health", Label: p.NavHealth(), Href: me + "/health", Icon: "heart-pulse"})
		}
		return append(out, shell.NavItem{ID: "family", Label: p.NavFamily(), Href: "/family", Icon: "family"})
	case who.Kind() == account.Guest:
		return []shell.NavItem{{ID: "family", Label: p.NavFamily(), Href: "/family", Icon: "family"}}
	case who.Kind() == account.Client:
		me := "/me/" + who.ID()
		out := []shell.NavItem{
			{ID: "today", Label: p.NavToday(), Href: me + "/today", Icon: "sun"},
			{ID: "plan", Label: p.NavPlan(), Href: me + "/plan", Icon: "plan"},
			{ID: "visits", Label: p.NavVisits(), Href: me + "/visits", Icon: "calendar"},
			{ID: "messages", Label: p.NavMessages(), Href: me + "/messages", Icon: "messages"},
			{ID: "health", Label: p.NavHealth(), Href: me + "/health", Icon: "heart-pulse"},
		}
		if len(caring) > 0 {
			out = append(out, shell.NavItem{ID: "family", Label: p.NavFamily(), Href: "/family", Icon: "family"})
		}
		return out
	}
	var out []shell.NavItem
	if who.Roles().Any(treats) {
		out = append(out, shell.NavItem{ID: "inbox", Label: p.InboxTitle(), Href: "/inbox", Icon: "inbox", Key: "i"})
		out = append(out, shell.NavItem{ID: "day", Label: p.ScheduleTitle(), Href: "/day", Icon: "calendar-days", Key: "d"})
		out = append(out, shell.NavItem{ID: "clients", Label: lang.Upper(p.Clients()), Href: "/clients", Icon: "users", Key: "c"})
	}
	if who.Roles().Any(treats &^ account.FrontDesk) {
		out = append(out, shell.NavItem{ID: "plans", Label: p.PlanListTitle(), Href: "/plans", Icon: "plan", Key: "l"})
	}
	if who.Roles().Any(account.Manager | account.Editor) {
		out = append(out, shell.NavItem{ID: "forms", Label: p.BuilderTitle(), Href: "/practice/forms", Icon: "forms", Key: "f"})
	}
	if who.Roles().Any(account.PrivacyOfficer) {
		out = append(out, shell.NavItem{ID: "privacy", Label: p.PrivacyTitle(), Href: "/practice/privacy", Icon: "shield", Key: "v"})
	}
	if who.Roles().Any(account.Manager) {
		out = append(out, shell.NavItem{ID: "times", Label: p.TimetableTitle(), Href: "/practice/times", Icon: "clock", Key: "w"})
		out = append(out, shell.NavItem{ID: "team", Label: p.TeamTitle(), Href: "/practice/team", Icon: "users", Key: "t"})
		out = append(out, shell.NavItem{ID: "practice", Label: p.NavPractice(), Href: "/practice", Icon: "settings", Key: "p", Last: true})
	}
	return out
}
