package record

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/fhir/thread"
)

// peopled writes down everything that a chart opens, as one text an item.
func (h *house) peopled(c *Chart, err error) []string {
	h.t.Helper()
	if err != nil {
		kindIs(h.t, "opening", err, errs.Refused)
		return []string{"nothing"}
	}
	if c == nil {
		return []string{"nothing"}
	}
	ctx := h.t.Context()
	out := []string{"parts " + (c.Parts() &^ Looks).String()}
	for _, typ := range eyeTypes {
		all, err := c.Find(ctx, typ)
		if err != nil {
			out = append(out, typ+" "+errs.KindOf(err).String())
			continue
		}
		for _, f := range all {
			out = append(out, fmt.Sprintf("%s %s v%d %s", typ, f.ID, f.Version, f.JSON))
			past, err := c.History(ctx, typ, f.ID)
			out = append(out, fmt.Sprintf("%s %s has %d, %v", typ, f.ID, len(past), err))
		}
		for i := range 12 { // by name too, also of what is not found
			id := fmt.Sprintf("%s-%d", strings.ToLower(typ), i)
			_, err := c.Read(ctx, typ, id)
			out = append(out, fmt.Sprintf("%s %t %v", id, err == nil, errs.KindOf(err)))
		}
	}
	hold, err := c.Holdings(ctx)
	out = append(out, fmt.Sprintf("%d held, %v", len(hold), err))
	for _, x := range hold {
		out = append(out, fmt.Sprintf("held %s %s %d", x.Type, x.ID, x.Version))
	}
	card, ok := c.Card()
	out = append(out, fmt.Sprintf("card %t %s %s %d", ok, card.Name, card.Birth, len(card.Phones)))
	return out
}

var eyeTypes = []string{"Observation", "Condition", "Appointment", "Encounter", "Communication", "Consent", "CarePlan", "DocumentReference"}

// dice draws a world.
type dice struct{ *rand.Rand }

func (d dice) one(of ...string) string { return of[d.IntN(len(of))] }

// item is one random thing in Ada's chart.
func (d dice) item(i int) fhir.Resource {
	typ := d.one("Observation", "Condition", "Encounter", "DocumentReference", "Communication", "Appointment")
	id, ada := fmt.Sprintf("%s-%d", strings.ToLower(typ), i), `{"reference":"Patient/ada"}`
	visit := ""
	if d.IntN(3) == 0 {
		visit = `,"encounter":{"reference":"Encounter/encounter-0"}`
	}
	var r fhir.Resource
	switch typ {
	case "Observation":
		r = resource(typ, id, fmt.Sprintf(`"status":"final","code":{"text":"x"},"subject":%s,"valueString":"%d"%s`, ada, i, visit))
	case "Condition":
		r = condition(id, "ada", d.one("73211009", "35489007", "76272004", "7200002")) // diabetes, depression, syphilis, alcohol
	case "Encounter":
		r = resource(typ, id, fmt.Sprintf(`"status":"finished","class":{"code":"AMB"},"subject":%s,"period":{"start":"2026-10-02T10:00:00Z"}`, ada))
	case "DocumentReference":
		r = resource(typ, id, fmt.Sprintf(`"status":"current","subject":%s,"content":[{"attachment":{"title":"%d"}}]`, ada, i))
		if visit != "" {
			r = resource(typ, id, fmt.Sprintf(`"status":"current","subject":%s,"content":[{"attachment":{"title":"%d"}}],"context":{"encounter":[{"reference":"Encounter/encounter-0"}]}`, ada, i))
		}
	case "Communication":
		category := d.one(thread.Note.String(), thread.Desk, thread.Sealed, "none")
		r = resource(typ, id, fmt.Sprintf(`"status":"completed","subject":%s,"sent":"2026-10-02T10:00:00Z","category":[{"coding":[{"system":%q,"code":%q}]}],"recipient":[%s],"payload":[{"contentString":"%d"}]`,
			ada, thread.System, category, practitioner(d.one("nurse", "clinician")), i))
	case "Appointment":
		r = visited(id, "ada", d.one("booked", "cancelled"), start.Add(time.Duration(i)*time.Hour))
	}
	if d.IntN(2) == 0 && typ != "Condition" {
		return labelled(r, d.one("MH", "SEX", "ETH", "GDIS", "R", "V", "PSY"))
	}
	return r
}

// world makes a random chart, people who treat Ada or do not, limits, glass and helpers.
func (d dice) world(h *house) (helpers map[string]account.Actor) {
	ctx := h.t.Context()
	h.write(h.bring(h.ada), resource("Encounter", "encounter-0", `"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"},"period":{"start":"2026-10-02T10:00:00Z"}`))
	for i := range 4 + d.IntN(8) {
		h.write(h.bring(h.ada), d.item(i))
	}
	for _, id := range []string{"nurse", "clinician", "coordinator"} {
		switch d.IntN(4) {
		case 0:
			h.write(h.bring(h.ada), resource("CareTeam", "team-"+id, `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":`+practitioner(id)+`}]`))
		case 1:
			do(h.t, h.breaks(h.staff(id), h.ada, need, Safe))
		}
	}
	mind := h.minding(h.ada)
	all, err := mind.Find(ctx, "Observation")
	do(h.t, err)
	for _, f := range all {
		if d.IntN(3) == 0 {
			do(h.t, mind.Mark(ctx, "Observation", mind.Ref("Observation", f.ID), label.Own, 0))
		}
	}
	for range d.IntN(3) {
		l := Limit{Who: []string{d.one("nurse", "clinician", "coordinator", "frontdesk")}, In: []label.Set{0, label.Mental, label.Mental | label.Own, label.Sexual}[d.IntN(4)]}
		if l.In != 0 && d.IntN(2) == 0 {
			l.Who, l.But = nil, l.Who
		}
		h.bars(h.ada, l)
	}
	helpers = map[string]account.Actor{}
	for _, name := range []string{"Eve", "Max"} {
		reads := AllParts
		if d.IntN(2) == 0 {
			reads = []Parts{Results, Results | Visits, Messages | Conditions}[d.IntN(3)]
		}
		helpers[name] = h.helper(h.ada, Grant{Tie: Helper, Name: name, Reads: reads, Acts: Messages})
	}
	return helpers
}

// TestSeeItAsIsWhatTheyGet compares, item by item, what the client is shown as somebody else's
// sight with what that somebody is given who opens the chart, in random worlds.
func TestSeeItAsIsWhatTheyGet(t *testing.T) {
	t.Parallel()
	n := 40
	if testing.Short() {
		n = 5
	}
	items, nothing := 0, 0
	for seed := range n {
		d := dice{rand.New(rand.NewPCG(uint64(seed), 7))}
		h := newHouse(t)
		helpers := d.world(h)
		ctx := t.Context()
		mind := h.minding(h.ada)
		same := func(who string, e Eyes, real account.Actor, why Purpose) {
			t.Helper()
			c, err := h.v.Open(ctx, real, why, h.ada, AllParts)
			got := h.peopled(c, err)
			s, err := mind.As(ctx, e)
			do(t, err)
			want := h.peopled(s.Chart, nil)
			items += len(got)
			if len(got) == 1 {
				nothing++
			}
			if !slices.Equal(got, want) {
				for i := range max(len(got), len(want)) {
					a, b := "-", "-"
					if i < len(got) {
						a = got[i]
					}
					if i < len(want) {
						b = want[i]
					}
					if a != b {
						t.Fatalf("world %d, %s: they get %q, the client is shown %q", seed, who, a, b)
					}
				}
			}
			if c != nil && (s.Bond != c.Bond() || s.Parts&^Looks != c.Parts()&^Looks) {
				t.Errorf("world %d, %s: bond %v and %s, shown %v and %s", seed, who, c.Bond(), c.Parts(), s.Bond, s.Parts)
			}
		}
		for _, id := range []string{"nurse", "clinician", "coordinator", "frontdesk", "manager", "editor", "privacy"} {
			same(id, Eyes{Staff: id}, h.staff(id), Care)
		}
		grants, err := h.sharing(h.ada).Circle(ctx)
		do(t, err)
		for _, g := range grants {
			same(g.Name, Eyes{Helper: g.ID}, helpers[g.Name], Own)
		}
		stranger := StaffMember{ID: "stranger", Name: "Stranger", Roles: "nurse"}
		do(t, h.staffing().SetStaff(ctx, stranger))
		same("any nurse", Eyes{Roles: account.Nurse}, h.staff("stranger"), Care)
	}
	if items < n*500 || nothing == 0 {
		t.Errorf("%d items compared, %d who get nothing: too little", items, nothing)
	}
	t.Logf("%d worlds, %d items", n, items)
}

// TestSeeItAsIsTheClientsAndReadsOnly: it is on their ledger, writes and marks nothing, and
// tells nothing of who is not there.
func TestSeeItAsIsTheClientsAndReadsOnly(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.write(h.bring(h.ada), pulse("p1", "ada", 80))
	h.write(h.bring(h.ada), resource("CareTeam", "t", `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":`+practitioner("nurse")+`}]`))
	for _, who := range []account.Actor{h.staff("nurse"), h.client(h.ada), h.helper(h.ada, Grant{Tie: Helper, Name: "Eve", Reads: AllParts, Acts: AllParts})} {
		for _, why := range Purposes() {
			if c, err := h.v.Open(ctx, who, why, h.ada, AllParts); err == nil && why != Minding {
				_, err := c.As(ctx, Eyes{Staff: "nurse"})
				kindIs(t, who.Name()+" for "+why.String(), err, errs.Refused)
			}
		}
	}
	mind := h.minding(h.ada)
	var s Sight
	if added := h.grew(h.ada, func() {
		var err error
		s, err = mind.As(ctx, Eyes{Staff: "nurse"})
		do(t, err)
	}); !slices.Equal(added, []string{"client as minding"}) {
		t.Errorf("on the ledger: %q", added)
	}
	c := s.Chart
	ref := c.Ref("Observation", "p1")
	_, put := c.Put(ctx, pulse("p2", "ada", 90))
	_, again := c.As(ctx, Eyes{Staff: "clinician"})
	_, limit := c.Limit(ctx, Limit{Who: []string{"clinician"}})
	for name, err := range map[string]error{
		"writing": put, "marking": c.Mark(ctx, "Observation", ref, label.Own, 0), "looking through yet other eyes": again, "a limit": limit,
		"breaking the glass": c.Break(ctx, need, Safe), "answering": c.AnswerCorrection(ctx, "x", CorrectionMade, "x"), "erasing": c.AskErase(ctx, 0, "x"), "finishing": c.Finish(ctx, "x"),
	} {
		kindIs(t, name+" through another's eyes", err, errs.Refused)
	}
	m, err := h.staffing().StaffMember(ctx, "coordinator")
	do(t, err)
	m.Left = true
	do(t, h.staffing().SetStaff(ctx, m))
	for name, e := range map[string]Eyes{"who left": {Staff: "coordinator"}, "nobody": {Staff: "nobody"}, "no grant": {Helper: "none"}} {
		_, err := mind.As(ctx, e)
		kindIs(t, name, err, errs.NotFound)
	}
	none, err := mind.As(ctx, Eyes{})
	if err != nil || none.Chart != nil {
		t.Errorf("nobody's eyes see %v, %v", none.Chart, err)
	}
}
