package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/account"
	"rapport/fhir"
)

// TestPolicyIsWritten prints docs/policy.md from the rules that are in force, so
// that what a practice reads is what the program does. -update writes it.
func TestPolicyIsWritten(t *testing.T) {
	t.Parallel()
	p := &page{t: t}
	p.opening()
	p.levels()
	p.rules()
	p.shows()
	p.parts()
	p.errands()
	p.guardians()
	p.nevers()
	golden(t, "../../../docs/policy.md", p.String())
}

// page is the document being written.
type page struct {
	strings.Builder
	t *testing.T
}

func (p *page) say(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// row writes one line of a table.
func (p *page) row(cells ...string) {
	for i, c := range cells {
		if strings.Contains(c, "|") || strings.Contains(c, "\n") {
			p.t.Errorf("a cell breaks the table: %q", c)
		}
		cells[i] = c
	}
	p.say("| %s |", strings.Join(cells, " | "))
}

func (p *page) head(cells ...string) {
	p.row(cells...)
	p.say("|%s", strings.Repeat("---|", len(cells)))
}

// word looks a word up, so that nothing new goes into the page without words.
func word[K comparable](p *page, words map[K]string, k K, what string) string {
	w, ok := words[k]
	if !ok {
		p.t.Errorf("docs/policy.md has no words for %s %v: add them in print_test.go", what, k)
	}
	return w
}

var levelWords = map[account.Level]string{
	0:              "by nothing: it is the program itself",
	account.ByLink: "by a mailed link",
	account.ByKey:  "by a passkey or two proofs",
	account.Fresh:  "by a passkey touched in the last five minutes",
}

var purposeWords = map[Purpose]string{
	Own:       "to look at their own chart, or add to it",
	Helping:   "to look after somebody",
	Sharing:   "to say who may act for them",
	Care:      "to give care",
	Finding:   "to find somebody",
	Vouching:  "to answer for who somebody is",
	Running:   "to run the practice",
	Staffing:  "to say who works here, and as what",
	Importing: "to bring records in",
	Telling:   "to tell people that something changed",
	Entering:  "to sign in or out",
	Public:    "to read a page about nobody",
	Booking:   "to book, move or cancel a visit",
	Answering: "to fill in a form",
	Planning:  "to agree, change or follow a plan",
	Writing:   "to write the practice's forms and plan templates",
	Messaging: "to write a message, or answer one",
	Replying:  "to answer what was written to the desk",
	Minding:   "to say who sees what of their own information, and ask for corrections",
	Breaking:  "to break the glass",
	Taking:    "to take a copy of everything with them",
	Guarding:  "to look into what was opened, and decide what clients ask of the practice",
}

var roleWords = map[account.Roles]string{
	account.FrontDesk: "front desk", account.Nurse: "nurse", account.Clinician: "clinician", account.Coordinator: "coordinator",
	account.Editor: "editor", account.Manager: "manager", account.PrivacyOfficer: "privacy officer",
}

var kindWords = map[account.Kind]string{
	account.Client: "A client", account.Staff: "Staff", account.System: "The program's own software", account.Guest: "somebody with an account and no chart",
}

var partWords = map[Parts][2]string{ // its name, and what lies in it
	Person:        {"who they are", "name, birth date, how to reach them, relatives on file"},
	Conditions:    {"conditions", "problems, and what was found about them"},
	Medicines:     {"medicines", "prescribed, given, taken"},
	Allergies:     {"allergies", "allergies and intolerances"},
	Immunisations: {"immunisations", "vaccinations given and due"},
	Results:       {"results", "measurements, laboratory, imaging, reports"},
	Documents:     {"documents", "letters and notes"},
	Told:          {"what they told", "forms filled in, and who said what"},
	Visits:        {"visits", "past and coming, and who took part"},
	Plans:         {"plans", "plans, goals, orders, tasks"},
	Messages:      {"messages", "what was written to and fro"},
	Procedures:    {"procedures", "what was done, and devices"},
	Family:        {"family history", "illness in the family"},
	Agreements:    {"agreements", "consents and flags, and who may act for them"},
	Money:         {"money", "claims and cover that another system sent; no page shows it"},
	Other:         {"other", "whatever else another system sent; no page shows it"},
	Looks:         {"looks", "who opened this chart: the client's lines of the ledger"},
}

func (p *page) opening() {
	p.say(`# Who may see what

This page is printed by the program from the rules it follows. It is for whoever answers for privacy at a practice; nothing in it needs technical knowledge.

Every time somebody opens anything about a client, the program asks one question: *may this person, known this surely, for this purpose, open these parts of this chart?* One small part of the program answers it, from the table below, and nothing else may. What no line of the table allows is refused. The lines are tried from the top, and the first that gives something decides. Each answer, a refusal too, is written down where the client can read it, before anything is shown.

It is kept true in three ways. This page is a test: if a rule changes and this page does not, the program is not released. The whole table is written a second time, by hand and in other words, and tens of millions of combinations of who, why, whose and what are asked of both; they must agree on every one. And the program is broken on purpose, one condition at a time, to see that the tests notice.
`)
}

func (p *page) levels() {
	p.say("## How surely somebody is known\n")
	p.head("level", "what it takes")
	for _, l := range account.Levels() {
		p.row(l.String(), word(p, levelWords, l, "level"))
	}
	p.say("\nWho is known less surely than a line asks is told what is missing, and may show it: but only if the line would then let them. Otherwise they hear what anybody hears who asks for a chart that is not there.\n")
}

// who says who a rule is about; rules that differ in nothing else are one line.
func (p *page) who(r Rule, also []account.Kind) string {
	names := []string{word(p, kindWords, r.Kind, "kind")}
	for _, k := range also {
		names = append(names, word(p, kindWords, k, "kind"))
	}
	who := strings.Join(names, ", or ")
	var roles []string
	for _, x := range account.AllRoles() {
		if r.Roles.Any(x) {
			roles = append(roles, word(p, roleWords, x, "role"))
		}
	}
	if len(roles) > 0 {
		who += ": " + strings.Join(roles, ", ")
	}
	switch r.Tie {
	case Helper:
		who += ", whom the client let help them"
	case Guardian:
		who += ", who is the guardian of a minor"
	}
	return who
}

func (p *page) whose(r Rule) string {
	words := map[Whom]string{Themselves: "their own chart", Known: "anybody the practice knows", Anyone: "anybody, known or new"}
	if r.Whom == Tied {
		return map[Tie]string{Helper: "who let them", Guardian: "the minor"}[r.Tie]
	}
	if r.Whom == Nobody {
		return map[Target]string{Directory: "the list of people", Practice: "the practice's own settings"}[r.Target]
	}
	if r.Bonded {
		return "anybody whom they treat: see below"
	}
	return word(p, words, r.Whom, "whom")
}

// list writes parts in words; all of them in two.
func (p *page) list(parts Parts) string {

	switch {
	case parts == AllParts|Looks:
		return "every part, and the looks"
	case parts == AllParts:
		return "every part, not the looks"
	case parts == ForOthers:
		return "every part but agreements, money, other and the looks"
	case parts == 0:
		return "nothing"
	}
	var out []string
	for _, x := range parts.Each() {
		out = append(out, p.part(x))
	}
	return strings.Join(out, ", ")
}

func (p *page) part(x Parts) string {
	w, ok := partWords[x]
	if !ok {
		p.t.Errorf("docs/policy.md has no words for the part %s: add them in print_test.go", x)
	}
	return w[0]
}

func (p *page) rules() {
	p.say("## The rules\n\n\"May see\" is the most: a page names the parts it opens, and gets no other.\n")
	p.head("who", "known", "why", "whose", "may see", "may add or change", "what lies in a compartment")
	rs := Table()
	for i, r := range rs {
		same := func(k account.Kind) Rule { r := r; r.Kind = k; return r }
		var also []account.Kind
		for _, o := range rs[i+1:] {
			if o == same(o.Kind) {
				also = append(also, o.Kind)
			}
		}
		if slices.ContainsFunc(rs[:i], func(o Rule) bool { return o == same(o.Kind) }) {
			continue
		}
		sees, writes, private := p.list(r.Gives), p.list(r.Writes), "seen"
		switch {
		case r.Target != Chart:
			sees, writes, private = "no chart", "as the page says", "no chart"
		case r.Closed:
			private = "absent"
		case r.Kind == account.Staff:
			private = "seen, but what the client shut to them"
		}
		if r.Desk {
			private += "; and of messages, those that are not administrative"
		}
		if r.Whole {
			sees = "when and whether: " + sees + "; nothing at all if a page asks for more"
		}
		if r.Must != 0 {
			sees += "; nothing without " + p.list(r.Must)
		}
		if r.Whom == Tied {
			private = "absent"
			sees = map[Tie]string{Helper: "what the client let them, at most ", Guardian: "what the practice's rules give at the minor's age today, at most "}[r.Tie] + sees + "; who they are goes along, and is never given alone"
			writes += ", where they were let"
		}
		p.row(p.who(r, also), word(p, levelWords, r.Least, "level"), word(p, purposeWords, r.Purpose, "purpose"), p.whose(r), sees, writes, private)
	}
	for _, x := range Purposes() {
		word(p, purposeWords, x, "purpose")
	}
	p.say(`
"Absent" means that it is as if it did not exist: not shown, not found, not counted, not hinted at.

### Compartments

What is most private lies in a compartment: pregnancy and contraception; sexual health; gender; mental health; alcohol and drugs; genetic tests; violence; and whatever the client says is private. Something is in one by the codes in it, by the service that was booked, by the word of whoever wrote it, by the word of the client, or because it tells what a visit was about that is in one (docs/labels.md). What carries a label the program does not know lies in a compartment of its own. Each has a key of its own.

### Who treats a client

A member of staff treats a client today if they have a visit with them, or had one in the last ninety days; if somebody referred the client to them; if they were named as one who looks after them; if something about the client is theirs to see to; or if they stand in for somebody of whom one of these is true. Each has an end. Nothing else counts: not the job, not the role.

Who treats nobody here opens the chart all the same, for people come in by every door: but not what lies in a compartment, the client sees it, and the same evening they are asked why.

### What the client says

A client may bar a member of staff from their chart, or shut compartments to one of them, or to all but some. Their word is a FHIR Consent in the chart, and the rules above follow it. Only who breaks the glass gets past it.

A guardian is only a guardian while the practice has switched on rules for where it is, and says who checked them. Without rules, guardians see nothing.
`)
}

// elementWords says in words what an element of a FHIR resource tells.
var elementWords = map[string]string{
	"status": "whether it stands", "start": "when it starts", "end": "when it ends", "minutesDuration": "how long", "participant": "with whom",
	"slot": "the opening it takes", "created": "when it was made", "appointmentType": "what sort of appointment", "class": "at the practice, at home or by video",
	"subject": "whose it is", "period": "from when to when", "location": "where", "serviceProvider": "which practice", "appointment": "which appointment it was",
	"name": "name", "birthDate": "birth date", "gender": "gender",
}

// bookkeeping is what every resource shows: what it is, not what it says.
var bookkeeping = []string{"resourceType", "id", "meta"}

func (p *page) shows() {
	p.say("## How much of a visit, and of a person\n\nSome see that something is there without seeing what it says. They cannot search by what they do not see either.\n")
	bases := []struct {
		b    Basis
		says string
	}{
		{IsTheirs, "the client, by a passkey or two proofs"}, {ByLink, "the client, by a mailed link"}, {Helps, "a helper"}, {Guards, "a guardian"},
		{CareTeam, "the care team"}, {FrontDesk, "the front desk, and who answers for who somebody is"}, {Software, "software that brings records in"},
	}
	p.head("who", "of an appointment", "of a visit that took place", "of the person", "of relatives on file", "of anything else they may open")
	for _, x := range bases {
		cells := []string{x.says}
		for _, typ := range []string{"Appointment", "Encounter", "Patient", "RelatedPerson", "Basic"} {
			names, all := x.b.Elements(typ)
			var out []string
			for _, n := range names {
				if !slices.Contains(bookkeeping, n) {
					out = append(out, word(p, elementWords, n, "element"))
				}
			}
			if all {
				out = []string{"everything"}
			}
			if x.b == ByLink && PartOf(typ) == Person {
				out = []string{"nothing: it is not opened"}
			}
			if len(out) == 1 && out[0] == elementWords["status"] {
				out[0] = "that it is there, and whether it stands"
			}
			cells = append(cells, strings.Join(out, ", "))
		}
		p.row(cells...)
	}
	for b := IsTheirs; b.String() != "none"; b++ {
		if b != Manages && !slices.ContainsFunc(bases, func(x struct {
			b    Basis
			says string
		}) bool {
			return x.b == b
		}) {
			p.t.Errorf("docs/policy.md says nothing of the basis %s", b)
		}
	}
	p.say("")
}

func (p *page) parts() {
	p.say("## What goes into each part of a chart\n\nEverything that can lie in a chart is in exactly one part. The second column is the names these things have in FHIR, the standard that charts are kept in.\n")
	p.head("part", "what it is", "FHIR types")
	in := map[Parts][]string{}
	for _, typ := range slices.Sorted(slices.Values(fhir.Types())) {
		if x := PartOf(typ); x != Other || !fhir.PracticeWide(typ) {
			in[x] = append(in[x], typ)
		}
	}
	for _, x := range (AllParts | Looks).Each() {
		types := strings.Join(in[x], ", ")
		if x == Looks {
			types = "none: the ledger"
		}
		p.row(p.part(x), partWords[x][1], types)
	}
	p.say("")
}

func (p *page) errands() {
	p.say("## What people may do with their own account\n")
	p.head("to", "they must be known")
	for _, n := range account.Needs {
		p.row(n.Code, word(p, levelWords, n.Least, "level"))
	}
	p.say("\nSomebody who was just handed their first way in, and somebody whose recovery has waited its time, may see their ways in, add a passkey or an app, and print recovery codes with that alone: they have nothing else yet.\n")
}

var matterWords = map[Matter]string{
	Contraception: "contraception", SexualHealth: "sexual health", Pregnancy: "pregnancy", MentalHealth: "mental health", SubstanceUse: "alcohol and drugs",
	SexualAssault: "care after a sexual assault", Vaccination: "vaccination", AllCare: "all care",
}

var accountWords = map[AccountRule]string{NoAccount: "no", GuardianKnows: "with the guardian's knowledge", OnTheirOwn: "on their own"}

func (p *page) guardians() {
	p.say(`## Rules for guardians of minors: examples

**None of these has been reviewed. They are NOT REVIEWED examples, not advice, and not the law.** They show what rules look like, so that somebody who knows the law of the place can say what is wrong with them. A practice switches rules on by name, and writes down who checked them. A birthday begins at midnight where the client lives.
`)
	for _, r := range Examples() {
		status := "NOT REVIEWED"
		if r.Reviewed {
			status = "reviewed"
		}
		p.say("### %s (%s)\n", r.Place, status)
		p.say("Name: `%s`, version %d. Guardianship ends at %d. Somebody born on 29 February has their birthday on %s in other years.\n", r.ID, r.Version, r.Majority, r.LeapDay)
		p.head("age", "a guardian sees", "a guardian may add or change, as far as the rules above go", "a minor may agree to alone", "an account of their own")
		for _, b := range r.Bands {
			reads, acts := b.Gives()
			var alone []string
			for _, m := range b.Alone {
				alone = append(alone, word(p, matterWords, m, "matter"))
			}
			if len(alone) == 0 {
				alone = []string{"nothing is said"}
			}
			p.row(fmt.Sprintf("%d to %d", b.From, b.To-1), p.list(reads), p.list(acts&(Messages|Results)), strings.Join(alone, ", "), word(p, accountWords, b.OwnAccount, "rule"))
		}
		p.say("\nSources: %s.\n\n%s\n", strings.Join(r.Sources, "; "), r.Note)
	}
}

func (p *page) nevers() {
	p.say("## What is never allowed\n\nEach sentence is a test, asked of the whole table.\n")
	for _, n := range nevers {
		p.say("- %s", n.says)
	}
}
