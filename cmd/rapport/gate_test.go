package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rapport/account"
	"rapport/record"
	"rapport/web"
	"rapport/web/webtest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden holds text against a file, or rewrites the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is stale; if the change is meant, run go test ./cmd/rapport -update. Got:\n%s", file, got)
	}
}

// TestRoutesAreWritten keeps docs/routes.txt true: every page, its purpose, and
// what it opens. A change to that file is a privacy decision.
func TestRoutesAreWritten(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, rt := range webtest.New(t, append(routes(), witnessPages(record.Published{})...)...).Web.Routes() {
		lines = append(lines, strings.TrimSpace(rt.String()))
	}
	slices.Sort(lines)
	golden(t, "../../docs/routes.txt", strings.Join(lines, "\n")+"\n")
}

// TestSystemActorsAreWritten keeps docs/system-actors.txt true: every piece of
// software that may open charts.
func TestSystemActorsAreWritten(t *testing.T) {
	t.Parallel()
	purpose := map[account.Software]record.Purpose{account.Importer: record.Importing, account.Birthdays: record.Telling, account.Visiting: record.Telling, account.Asking: record.Telling, account.Promising: record.Telling, account.Watching: record.Telling}
	var lines []string
	for _, s := range account.AllSoftware() {
		if purpose[s] == 0 {
			t.Errorf("%s has no purpose written here", s)
		}
		lines = append(lines, fmt.Sprintf("%-10s %s", s, purpose[s]))
	}
	golden(t, "../../docs/system-actors.txt", strings.Join(lines, "\n")+"\n")
}

// absent is a ClientID nobody has.
const absent = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

// everyone who might ask.
var everyone = []string{"nobody", "ada", "bob", "hana", "nurse", "physician", "frontdesk", "manager", "officer"}

// hanaSees is what Ada lets hana see, who helps her and has no chart of her own.
const hanaSees = record.Visits | record.Medicines

// may says, apart from the policy's own words, who gets anything but a refusal
// at a route: the oracle of the loop below.
func may(rt web.Route, who, whose string) bool {
	treats := who == "nurse" || who == "physician"
	switch rt.Target() {
	case "nothing", "times":
		return !strings.HasSuffix(rt.Pattern, "/account/why") || treats || who == "frontdesk" || who == "manager" || who == "officer"
	case "directory":
		return treats || who == "frontdesk" && rt.Pattern != "GET /plans"
	case "practice":
		return rt.Why == record.Guarding && who == "officer" || rt.Why != record.Guarding && who == "manager"
	case "household":
		return who == "ada" || who == "bob" || who == "hana"
	}
	if whose != "ada" && whose != "bob" {
		return false
	}
	switch rt.Why {
	case record.Own:
		return who == whose || who == "hana" && whose == "ada" && rt.What&hanaSees != 0
	case record.Booking:
		return who == whose || who == "hana" && whose == "ada"
	case record.Replying:
		return who == "frontdesk"
	case record.Sharing, record.Taking, record.Minding, record.Messaging, record.Answering, record.Planning:
		return who == whose
	case record.Care:
		return treats || who == "frontdesk" && rt.Must&^(record.Person|record.Visits) == 0 && rt.What&(record.Person|record.Visits) != 0
	case record.Breaking:
		return treats
	case record.Vouching:
		return treats || who == "frontdesk"
	}
	return false
}

var param = regexp.MustCompile(`\{([a-z]+)\}`)

// fill puts a chart and plausible values into a pattern.
func fill(rt web.Route, client string) string {
	_, path, _ := strings.Cut(rt.Pattern, " ")
	path = strings.TrimSuffix(path, "{$}")
	return param.ReplaceAllStringFunc(path, func(p string) string {
		switch p {
		case "{client}":
			return client
		case "{seq}":
			return "1"
		case "{token}":
			return "no-such-token"
		}
		return "c1"
	})
}

// TestEveryRouteByEveryoneOnEveryChart tries every kind of actor on their own
// chart, another's, and one that is not there. Refused must look like absent, to
// the byte, and neither may say anything of the other chart.
func TestEveryRouteByEveryoneOnEveryChart(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	ids := map[string]string{"ada": string(h.Ada), "bob": string(h.Bob), "absent": absent, "malformed": "not-a-client"}
	visitors := map[string]*webtest.Visitor{}
	for _, who := range everyone {
		visitors[who] = h.As(who)
	}
	tried := 0
	for _, rt := range h.Web.Routes() {
		if rt.Pattern == "POST /out" || rt.Pattern == "POST /away" {
			continue // they would end the session the loop goes on with
		}
		for _, who := range everyone {
			var refusal string // what this actor gets for a chart that is not there
			for _, whose := range []string{"absent", "malformed", "ada", "bob"} {
				if rt.Chart == nil && whose != "absent" {
					continue
				}
				tried++
				path := fill(rt, ids[whose])
				var form url.Values
				if rt.Method() == "POST" {
					form = url.Values{}
				}
				p := visitors[who].Do(rt.Method(), path, form)
				body := strings.NewReplacer(path, "PATH", ids[whose], "CLIENT").Replace(p.Body)
				switch {
				case p.Status >= 500:
					t.Errorf("%s as %s on %s: status %d", rt.Pattern, who, whose, p.Status)
				case rt.Target() == "nothing" && who == "nobody" && p.Status == 401:
					// one's own account needs somebody whose it is
				case strings.HasPrefix(path, "/in/issuer") && p.Status == 404:
					// this practice has no identity service
				case strings.HasPrefix(path, "/live/") && p.Status == 404:
					// nobody hears by a ticket that is none
				case strings.HasPrefix(path, "/help/") && p.Status == 410:
					// a link that is none looks the same to everybody
				case rt.Target() == "slip" && p.Status == 410, rt.Target() == "feed" && p.Status == 404:
					// so does one about a visit, or to a calendar
				case rt.Method() == "POST" && strings.Contains(path, "/visits/calendar") && who == "hana" && p.Status == 404:
					// nobody makes a link to another's calendar
				case (path == "/family/stop" || strings.HasSuffix(path, "/helpers/end") || strings.HasSuffix(path, "/trust/who/end")) && may(rt, who, whose) && p.Status == 404:
					// whom or what it is about stands in the form, and this one is empty
				case strings.Contains(path, "/plan") && may(rt, who, whose) && p.Status == 404, strings.HasSuffix(path, "/forms") && rt.Method() == "POST" && may(rt, who, whose) && p.Status == 404:
					// there is no plan here yet, and no form of no name
				case may(rt, who, whose):
					// a thing of another name may be absent in a chart that is open
					if p.Status == 401 || p.Status == 404 && !strings.Contains(rt.Pattern, "{id}") && !strings.Contains(rt.Pattern, "{seq}") && !strings.Contains(rt.Pattern, "{thread}") && !strings.Contains(rt.Pattern, "{topic}") {
						t.Errorf("%s as %s on %s: status %d, and they may", rt.Pattern, who, whose, p.Status)
					}
				case who == "nobody":
					if p.Status != 401 {
						t.Errorf("%s as nobody on %s: status %d, want 401", rt.Pattern, whose, p.Status)
					}
				case p.Status != 404:
					t.Errorf("%s as %s on %s: status %d, want 404", rt.Pattern, who, whose, p.Status)
				}
				if !may(rt, who, whose) && rt.Chart != nil {
					if whose == "absent" {
						refusal = body
					} else if body != refusal {
						t.Errorf("%s as %s: refused on %s does not look like absent", rt.Pattern, who, whose)
					}
				}
				if who == "ada" && strings.Contains(p.Body, "Zebra") || who == "bob" && strings.Contains(p.Body, "Penicillin") {
					t.Errorf("%s as %s on %s shows another's chart", rt.Pattern, who, whose)
				}
				if who == "frontdesk" || who == "manager" {
					p.SaysNot("Zebra", "Penicillin", "Amlodipine", "HbA1c")
					if rt.Why != record.Writing { // a form may ask about it
						p.SaysNot("blood pressure")
					}
				}
				headers(t, rt, p)
			}
		}
	}
	t.Logf("%d routes, %d requests tried", len(h.Web.Routes()), tried)
	if rep, err := h.Vault.Verify(t.Context()); err != nil {
		t.Errorf("the ledger afterwards: %+v, %v", rep, err)
	}
}

// headers every answer has.
func headers(t *testing.T, rt web.Route, p *webtest.Page) {
	t.Helper()
	if csp := p.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "require-trusted-types-for 'script'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: content security policy %q", rt.Pattern, csp)
	}
	if p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Referrer-Policy") != "no-referrer" || p.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: headers %v", rt.Pattern, p.Header)
	}
}

// TestARefusalIsOnTheLedgerAndTheClientSeesIt holds the difference that is not
// shown outside.
func TestARefusalIsOnTheLedgerAndTheClientSeesIt(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.As("manager").Get("/clients/" + string(h.Ada)).Is(404)
	looks := h.Looks(h.Ada, 1)
	if len(looks) != 1 || !looks[0].Refused || looks[0].Name != webtest.Staff["manager"].Name || looks[0].Purpose != "care" {
		t.Errorf("the newest look is %+v, want the manager's refusal", looks)
	}
}

// TestTheLoopCanFail plants a route that shows another's chart.
func TestTheLoopCanFail(t *testing.T) {
	t.Parallel()
	for _, bad := range []web.Route{
		{Pattern: "GET /x/{client}", Why: 0, What: record.Person, Chart: func(*web.Ask, *record.Chart) (web.Answer, error) { return web.See("/"), nil }},
		{Pattern: "GET /x", Why: record.Own, What: record.Person, Chart: func(*web.Ask, *record.Chart) (web.Answer, error) { return web.See("/"), nil }},
		{Pattern: "GET /x/{client}", Why: record.Own, Chart: func(*web.Ask, *record.Chart) (web.Answer, error) { return web.See("/"), nil }},
		{Pattern: "DELETE /x", Why: record.Public, Open: func(*web.Ask) (web.Answer, error) { return web.See("/"), nil }},
		{Pattern: "GET /x", Why: record.Public},
	} {
		if _, err := web.New(web.Config{}, bad); err == nil {
			t.Errorf("%+v is served, and must not be", bad)
		}
	}
}
