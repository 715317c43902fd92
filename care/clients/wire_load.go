package clients

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/fhir/search"
	"rapport/record"
)

// chart is what the one page of a chart shows. A part that is not open leaves
// its fields empty, and the page does not mention it.
type chart struct {
	open      record.Parts
	person    person
	active    []condition
	over      []condition
	taken     []medicine
	stopped   []medicine
	allergies []allergy
	measures  []measure
	coming    []visit
	visits    []visit
	documents []document
	happened  []happened // everything that has a time, newest first
	questions []lookQuestion
	lastLook  time.Time       // zero: never
	fresh     map[string]bool // what came or changed since, by key
	counts    map[sortOf]int  // the same, by sort
	forms     int             // handed in since, and not gone through
}

// puller reads entries out of a chart and remembers the first thing that went
// wrong.
type puller struct {
	ctx context.Context
	c   *record.Chart
	err error
}

// search runs a query written as in an address.
func (p *puller) search(typ, query string) []record.Found {
	if p.err != nil {
		return nil
	}
	var fs []record.Found
	params, err := url.ParseQuery(query)
	if err == nil {
		var q *search.Query
		if q, err = search.Parse(typ, params); err == nil {
			fs, err = p.c.Search(p.ctx, q)
		}
	}
	p.err = err
	return fs
}

// pull reads what a query finds.
func pull[T any](p *puller, typ, query string, read func([]byte) (T, bool, error)) []T {
	fs := p.search(typ, query)
	out := make([]T, 0, len(fs))
	for _, f := range fs {
		e, ok, err := read(f.JSON)
		if err != nil {
			p.err = err
			return nil
		}
		if n, has := any(&e).(interface{ named(record.Ref) }); has {
			n.named(f.Ref)
		}
		if ok {
			out = append(out, e)
		}
	}
	return out
}

// reports reads test reports; their page is that of their first result.
func (p *puller) reports(query string) []happened {
	hs := pull(p, "DiagnosticReport", query, readReport)
	for i, h := range hs {
		if h.first != "" {
			hs[i].ref = p.c.Ref("Observation", h.first)
		}
	}
	return hs
}

// How much of each sort the page reads. What is older stands on the timeline's
// own page.
const recent = 20

const (
	living = "clinical-status=active,recurrence,relapse&_sort=-onset-date&_count=24"
	past   = "clinical-status:not=active,recurrence,relapse&_sort=-onset-date&_count=20"
)

func (p *puller) allergies() []allergy {
	return pull(p, "AllergyIntolerance", "_count=24", readAllergy)
}

// load reads the chart for its one page.
func load(ctx context.Context, c *record.Chart, now time.Time) (chart, error) {
	p := &puller{ctx: ctx, c: c}
	ch := chart{open: c.Parts(), person: readWho(p)}
	ch.active, ch.over = splitConditions(pull(p, "Condition", living, readCondition), pull(p, "Condition", past, readCondition))
	ch.taken, ch.stopped = p.medicines()
	ch.allergies = p.allergies()
	ch.measures = p.measures()
	ch.coming = pull(p, "Appointment", "status=booked,pending,proposed,arrived,checked-in&date=ge"+now.UTC().Format("2006-01-02T15:04:05Z")+"&_sort=date&_count=4", readComing)
	ch.visits = pull(p, "Encounter", "_sort=-date&_count=20", readVisit)
	if ch.open&record.Conditions == 0 {
		ch.coming, ch.visits = unnamed(ch.coming), unnamed(ch.visits)
	}
	ch.documents = pull(p, "DocumentReference", "_sort=-date&_count=20", readDocument)
	for _, f := range p.search("Communication", "category=urn:rapport:communication|ledger-question&status=in-progress&_sort=-sent&_count=3") {
		q, err := readQuestion(f.JSON)
		p.err = cmp.Or(p.err, err)
		ch.questions = append(ch.questions, q)
	}
	ch.happened = slices.Concat(p.reports("_sort=-date&_count=20"), pull(p, "Procedure", "_sort=-date&_count=20", readProcedure),
		pull(p, "Immunization", "_sort=-date&_count=20", readImmunisation), pull(p, "Communication", "_sort=-sent&_count=10", readMessage))
	ch.mix()
	ch.forms = p.newForms()
	p.since(&ch)
	return ch, p.err
}

// readWho reads the person; every chart has one.
func readWho(p *puller) person {
	card, ok := p.c.Card()
	if !ok {
		return person{}
	}
	f, err := p.c.Read(p.ctx, "Patient", card.Person)
	if err != nil {
		p.err = err
		return person{}
	}
	who, err := readPerson(f.JSON)
	p.err = cmp.Or(p.err, err)
	return who
}

// unnamed takes away what visits are called: that is why somebody comes, and so
// what they have. Who may not know that knows who, when, where and with whom.
func unnamed(vs []visit) []visit {
	for i := range vs {
		vs[i].title = ""
	}
	return vs
}

// splitConditions corrects what the search, which knows codes only, put on the
// wrong side: a condition without a status is over if it ended.
func splitConditions(active, rest []condition) (on, over []condition) {
	for _, c := range slices.Concat(active, rest) {
		if c.active {
			on = append(on, c)
		} else {
			over = append(over, c)
		}
	}
	name := func(c condition) string { return c.name }
	return newest(on, name), newest(over, name)
}

// medicines reads what is taken and what was stopped, each newest first, a
// medicine once.
func (p *puller) medicines() (taken, stopped []medicine) {
	var all []medicine
	for _, q := range [][2]string{
		{"MedicationRequest", "status=active,on-hold&_sort=-authoredon&_count=30"}, {"MedicationRequest", "status:not=active,on-hold&_sort=-authoredon&_count=20"},
		{"MedicationStatement", "_sort=-effective&_count=20"},
	} {
		all = append(all, p.named(q[0], q[1])...)
	}
	slices.SortStableFunc(all, func(a, b medicine) int { return b.since.At.Compare(a.since.At) })
	for _, m := range all {
		if m.current {
			taken = append(taken, m)
		}
	}
	name := func(m medicine) string { return m.name }
	taken = newest(taken, name)
	for _, m := range all {
		if !m.current && !slices.ContainsFunc(taken, func(t medicine) bool { return strings.EqualFold(t.name, m.name) }) {
			stopped = append(stopped, m)
		}
	}
	return taken, newest(stopped, name)
}

// named reads medicines, and looks up the names of those that only refer to one.
func (p *puller) named(typ, query string) []medicine {
	var out []medicine
	known := map[string]string{}
	for _, f := range p.search(typ, query) {
		m, see, ok, err := readMedicine(f.JSON)
		p.err = cmp.Or(p.err, err)
		if !ok {
			continue
		}
		if m.name == "" {
			if _, seen := known[see.Reference]; !seen {
				known[see.Reference] = p.lookUp(see)
			}
			m.name = known[see.Reference]
		}
		if m.name != "" {
			out = append(out, m)
		}
	}
	return out
}

func (p *puller) lookUp(l fhir.Link) string {
	typ, id := l.Target()
	if typ != "Medication" {
		return ""
	}
	r, err := p.c.Shared(p.ctx, typ, id)
	if err != nil {
		return "" // not among what the practice shares: the medicine stays unnamed
	}
	return medicationName(r.JSON)
}

// How findings are read: so many at a time, and in how many rounds at most.
const (
	findings = 90
	rounds   = 2
)

// measures reads the newest findings. What is measured so often that it fills
// its line is left out of the next round: somebody who measures daily at home
// must not hide their yearly blood test.
func (p *puller) measures() []measure {
	var all []finding
	seen, often := map[string]bool{}, map[string]int{}
	for range rounds {
		var full []string
		for code, n := range often {
			if n >= sparkPoints {
				full = append(full, code)
			}
		}
		fs := pull(p, "Observation", "_sort=-date&_count="+strconv.Itoa(findings)+notThese(full), readFinding)
		fresh := 0
		for _, f := range fs {
			if !seen[f.key] {
				seen[f.key] = true
				often[f.code]++
				fresh++
				all = append(all, f)
			}
		}
		if fresh == 0 || !slices.ContainsFunc(all, func(f finding) bool { return often[f.code] >= sparkPoints && !slices.Contains(full, f.code) }) {
			break
		}
	}
	return group(all)
}

// notThese is a condition that leaves codes out, ready to follow others.
func notThese(codes []string) string {
	var out []string
	for _, c := range codes {
		sys, code, _ := strings.Cut(c, "|")
		out = append(out, escape(sys)+"|"+escape(code))
	}
	if len(out) == 0 {
		return ""
	}
	slices.Sort(out)
	return "&code:not=" + url.QueryEscape(strings.Join(out, ","))
}

// escape keeps the signs that have a meaning in a search value (FHIR R4 §3.1.1.4.1).
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`).Replace(s)
}

// mix puts everything that has a time into one order.
func (ch *chart) mix() {
	for _, v := range ch.visits {
		ch.happened = append(ch.happened, v.happened())
	}
	for _, d := range ch.documents {
		ch.happened = append(ch.happened, d.happened())
	}
	for _, c := range slices.Concat(ch.active, ch.over) {
		ch.happened = append(ch.happened, c.happened())
	}
	for _, m := range slices.Concat(ch.taken, ch.stopped) {
		ch.happened = append(ch.happened, m.happened())
	}
	ch.happened = slices.DeleteFunc(ch.happened, func(h happened) bool { return h.at.IsZero() })
	order(ch.happened)
}

// since finds what came or changed since this person last looked.
func (p *puller) since(ch *chart) {
	if p.err != nil {
		return
	}
	ch.lastLook = p.c.LastLook()
	if ch.lastLook.IsZero() {
		return
	}
	changed, err := p.c.Since(p.ctx, ch.lastLook)
	p.err = err
	ch.fresh, ch.counts = map[string]bool{}, map[sortOf]int{}
	for _, x := range changed {
		ch.fresh[x.Type+"/"+x.ID] = true
		ch.counts[sorts[x.Type]]++
	}
}

// sorts says what sort of thing a resource type is; what is not here is not
// counted as new.
var sorts = map[string]sortOf{
	"Observation": aResult, "DiagnosticReport": aReport, "Encounter": aVisit, "Appointment": aVisit, "DocumentReference": aDocument,
	"MedicationRequest": aMedicine, "MedicationStatement": aMedicine, "Condition": aCondition, "AllergyIntolerance": anAllergy,
	"Immunization": anImmunisation, "Procedure": aProcedure, "Communication": aMessage,
}
