package record

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/fhir"
)

func TestEveryVersionIsKeptAndComesBackAsItWentIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	ctx := t.Context()
	bodies := []fhir.Resource{
		resource("Observation", "o1", `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ada"},"valueQuantity":{"value":1.50}`),
		resource("Observation", "o1", `"status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/ada"},"valueQuantity":{"value":1.500},"extension":[{"url":"http://x","valueString":"é \u00e9 \ud83d\ude00"}]`),
	}
	for i, b := range bodies {
		h.now.Add(time.Hour)
		done, err := c.Put(ctx, b)
		if err != nil || done != (Done{Written: 1}) {
			t.Fatalf("put %d: %+v, %v", i, done, err)
		}
	}
	h.now.Add(time.Hour)
	_, err := c.Apply(ctx, Change{Resource: fhir.Resource{Type: "Observation", ID: "o1"}, Delete: true})
	do(t, err)
	_, err = c.Read(ctx, "Observation", "o1")
	kindIs(t, "a deleted resource", err, errs.NotFound)
	if fs, err := c.Search(ctx, query(t, "Observation", "")); err != nil || len(fs) > 0 {
		t.Errorf("a deleted resource is found: %v, %v", ids(fs), err)
	}
	if ch, err := c.Since(ctx, h.now.Now().Add(-time.Minute)); err != nil || len(ch) > 0 {
		t.Errorf("a deletion came: %v, %v", ch, err)
	}
	done, err := c.Apply(ctx, Change{Resource: fhir.Resource{Type: "Observation", ID: "o1"}, Delete: true})
	if err != nil || done != (Done{Unchanged: 1}) {
		t.Errorf("deleted twice: %+v, %v", done, err)
	}
	h.now.Add(time.Hour)
	_, err = c.Put(ctx, bodies[0])
	do(t, err)

	h.reopen()
	c = h.bring(h.ada)
	vs, err := c.History(ctx, "Observation", "o1")
	do(t, err)
	var got []string
	for _, v := range vs {
		got = append(got, fmt.Sprintf("%d %s %v %s", v.Version, v.Time.Format("15:04"), v.Deleted, v.JSON))
	}
	want := []string{"4 13:00 false " + string(bodies[0].JSON), "3 12:00 true ", "2 11:00 false " + string(bodies[1].JSON), "1 10:00 false " + string(bodies[0].JSON)}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("history (-want +got):\n%s", d)
	}
	if f, err := c.Read(ctx, "Observation", "o1"); err != nil || f.Version != 4 || !bytes.Equal(f.JSON, bodies[0].JSON) {
		t.Errorf("the newest: version %d, %v", f.Version, err)
	}
	for _, id := range []string{"o2", "", "O1"} {
		_, err := c.History(ctx, "Observation", id)
		kindIs(t, "history of "+id, err, errs.NotFound)
	}
	_, err = c.Read(ctx, "Observatio", "o1")
	kindIs(t, "no such type", err, errs.Invalid)
}

func TestWhatIsThereAlreadyWritesNothingAndIsNoLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	_, err := c.Put(t.Context(), pulse("o1", "ada", 60), pulse("o2", "ada", 61))
	do(t, err)
	before := h.size()
	done, err := c.Put(t.Context(), pulse("o1", "ada", 60), pulse("o2", "ada", 61), patient("ada", "Ada", "Lovelace", "1815-12-10"))
	if err != nil || done != (Done{Unchanged: 3}) || h.size() != before {
		t.Errorf("%+v, %v, %d lines more; want all unchanged and none", done, err, h.size()-before)
	}
	lines := h.grew(h.ada, func() {
		done, err := c.Put(t.Context(), pulse("o1", "ada", 60), pulse("o2", "ada", 62), condition("c1", "ada", "1"))
		if err != nil || done != (Done{Written: 2, Unchanged: 1}) {
			t.Errorf("%+v, %v", done, err)
		}
	})
	if d := cmp.Diff([]string{"system write importing conditions1 results1"}, lines); d != "" {
		t.Errorf("the line counts what was written (-want +got):\n%s", d)
	}
}

func TestAnOlderVersionCannotBeWrittenOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	put := func(v int, at int64) error {
		_, err := c.Apply(t.Context(), Change{Resource: pulse("o1", "ada", v), IfVersion: at})
		return err
	}
	kindIs(t, "version 1 of none", put(60, 1), errs.Conflict)
	do(t, put(60, 0))
	do(t, put(61, 1))
	kindIs(t, "over version 1, which is past", put(62, 1), errs.Conflict)
	kindIs(t, "over version 3, which is to come", put(62, 3), errs.Conflict)
	kindIs(t, "the same bytes over version 1", put(61, 1), errs.Conflict)
	_, err := c.Apply(t.Context(), Change{Resource: fhir.Resource{Type: "Observation", ID: "o1"}, Delete: true, IfVersion: 1})
	kindIs(t, "deleting version 1, which is past", err, errs.Conflict)
	do(t, put(63, 2))
	// of many who saw the same version, one may write
	var wg sync.WaitGroup
	results := make([]error, 50)
	for i := range results {
		wg.Go(func() { results[i] = put(100+i, 3) })
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !errs.Is(err, errs.Conflict) {
			t.Error(err)
		}
	}
	if f, err := c.Read(t.Context(), "Observation", "o1"); won != 1 || err != nil || f.Version != 4 {
		t.Errorf("%d of 50 wrote over version 3; it is now %d, %v", won, f.Version, err)
	}
}

func TestAChartTakesOnlyWhatIsThatPersons(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	before := h.size()
	for name, x := range map[string]struct {
		r    fhir.Resource
		kind errs.Kind
	}{
		"another person's result":       {pulse("o1", "bob", 60), errs.Refused},
		"another person":                {patient("carol", "Carol", "C", "2000-01-01"), errs.Refused},
		"a person of another chart":     {patient("bob", "Bob", "B", "2000-01-01"), errs.Conflict},
		"a shared type":                 {resource("Practitioner", "p1", `"active":true`), errs.Invalid},
		"another id than it says":       {fhir.Resource{Type: "Observation", ID: "o2", JSON: pulse("o1", "ada", 60).JSON}, errs.Invalid},
		"another type than it says":     {fhir.Resource{Type: "Condition", ID: "o1", JSON: pulse("o1", "ada", 60).JSON}, errs.Invalid},
		"no id":                         {fhir.Resource{Type: "Observation", JSON: []byte(`{"resourceType":"Observation","status":"final","code":{"text":"x"}}`)}, errs.Invalid},
		"no type":                       {fhir.Resource{ID: "o1", JSON: pulse("o1", "ada", 60).JSON}, errs.Invalid},
		"a type that is none":           {fhir.Resource{Type: "Obs", ID: "o1", JSON: pulse("o1", "ada", 60).JSON}, errs.Invalid},
		"no JSON":                       {fhir.Resource{Type: "Observation", ID: "o1"}, errs.Invalid},
		"half a JSON":                   {fhir.Resource{Type: "Observation", ID: "o1", JSON: pulse("o1", "ada", 60).JSON[:40]}, errs.Invalid},
		"a key twice":                   {resource("Observation", "o1", `"id":"o1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ada"}`), errs.Invalid},
		"more than can be given back":   {resource("DocumentReference", "d1", `"status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"data":"`+strings.Repeat("AAAA", 17<<20)+`"}}]`), errs.Invalid},
		"an absolute reference to Bob":  {resource("Observation", "o1", `"status":"final","code":{"text":"x"},"subject":{"reference":"https://here.example/fhir/Patient/bob"}`), errs.Refused},
		"about Bob, performed by Ada":   {resource("Observation", "o1", `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/bob"},"performer":[{"reference":"Patient/ada"}]`), errs.Refused},
		"a condition that Bob declared": {resource("Condition", "c1", `"subject":{"reference":"Patient/bob"},"asserter":{"reference":"Patient/ada"}`), errs.Refused},
	} {
		_, err := c.Put(t.Context(), x.r)
		kindIs(t, name, err, x.kind)
		if err != nil && (strings.Contains(err.Error(), "bob") || strings.Contains(err.Error(), "Carol")) {
			t.Errorf("%s: the error carries content: %v", name, err)
		}
		// and one bad one takes the good ones with it
		if _, err := c.Put(t.Context(), pulse("good", "ada", 1), x.r); err == nil {
			t.Errorf("%s was taken beside a good one", name)
		}
	}
	_, err := c.Apply(t.Context(), Change{Resource: fhir.Resource{Type: "Patient", ID: "ada"}, Delete: true})
	kindIs(t, "deleting the person", err, errs.Refused)
	_, err = c.Put(t.Context(), pulse("twice", "ada", 1), pulse("twice", "ada", 2))
	kindIs(t, "the same twice in one write", err, errs.Invalid)
	_, err = c.Read(t.Context(), "Observation", "good")
	kindIs(t, "a good one beside a bad one", err, errs.NotFound)
	if h.size() != before {
		t.Errorf("refused writes left %d lines", h.size()-before)
	}
}

func TestAWriteToSeveralChartsIsAllOrNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada, bob := h.bring(h.ada), h.bring(h.bob)
	ctx := t.Context()
	fresh, err := h.v.Admit(ctx, importer, Importing)
	do(t, err)
	writes := func(last fhir.Resource, at int64) []Write {
		return []Write{
			{ada, []Change{{Resource: pulse("o1", "ada", 60)}}},
			{fresh, []Change{{Resource: pulse("o1", "carol", 61)}, {Resource: patient("carol", "Carol", "C", "2001-01-01")}}},
			{bob, []Change{{Resource: last, IfVersion: at}}},
		}
	}
	before := h.size()
	_, err = h.v.Commit(ctx, writes(pulse("o1", "ada", 62), 0)...)
	kindIs(t, "somebody else's", err, errs.Refused)
	_, err = h.v.Commit(ctx, writes(pulse("o1", "bob", 62), 7)...)
	kindIs(t, "a conflict", err, errs.Conflict)
	_, err = ada.Read(ctx, "Observation", "o1")
	kindIs(t, "the first chart's share", err, errs.NotFound)
	_, err = h.v.Open(ctx, importer, Importing, fresh.Client(), AllParts)
	kindIs(t, "the new chart", err, errs.Refused)
	if n := h.size(); n != before+1 { // the refusal just above
		t.Errorf("%d lines came of it", n-before-1)
	}
	done, err := h.v.Commit(ctx, writes(pulse("o1", "bob", 62), 0)...)
	if err != nil || done.Written != 4 {
		t.Fatalf("%+v, %v", done, err)
	}
	for whose, want := range map[fhir.ClientID]string{h.ada: "system write importing results1", h.bob: "system write importing results1", fresh.Client(): "system admit importing person1 results1"} {
		var last string
		h.grew(whose, func() {})
		ls := h.lines(whose)
		l := ls[len(ls)-1]
		last = l.Actor.Kind + " " + l.Act + " " + l.Purpose
		for _, w := range l.What {
			last += fmt.Sprintf(" %s%d", w.Part, w.N)
		}
		if last != want {
			t.Errorf("%s: %q, want %q", whose, last, want)
		}
	}
	_, err = fresh.Put(ctx, pulse("o2", "carol", 63)) // the same Chart goes on
	do(t, err)
	h.verify()
}

func TestANewChartBeginsWithThePerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, err := h.v.Admit(t.Context(), importer, Importing)
	do(t, err)
	before := h.size()
	_, err = c.Put(t.Context(), resource("Observation", "o1", `"status":"final","code":{"text":"x"}`))
	kindIs(t, "a result first", err, errs.Invalid)
	_, err = c.Put(t.Context(), pulse("o1", "dora", 1))
	kindIs(t, "a result of somebody", err, errs.Refused)
	_, err = c.Put(t.Context(), patient("ada", "Ada", "L", "1815-12-10"))
	kindIs(t, "somebody who has a chart", err, errs.Conflict)
	if h.size() != before {
		t.Error("a chart that did not begin left a line")
	}
	if _, err := c.Read(t.Context(), "Patient", "dora"); err == nil {
		t.Error("a chart that is not there was read")
	}
	_, err = c.Put(t.Context(), pulse("o1", "dora", 1), patient("dora", "Dora", "D", "2000-02-29"))
	do(t, err)
	d, err := h.v.OpenDirectory(t.Context(), importer, Importing)
	do(t, err)
	if who, ok := d.ByPerson("dora"); !ok || who != c.Client() {
		t.Errorf("Dora's chart is %q, %v", who, ok)
	}
}

func TestTwoAdmissionsOfOnePersonMakeOneChart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for round := range 20 {
		id := fmt.Sprintf("p%d", round)
		const n = 16
		charts := make([]*Chart, n)
		for i := range charts {
			c, err := h.v.Admit(t.Context(), importer, Importing)
			do(t, err)
			charts[i] = c
		}
		results := make([]error, n)
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for i, c := range charts {
			wg.Go(func() {
				<-begin
				_, results[i] = c.Put(context.WithoutCancel(t.Context()), patient(id, "Twin", "Twice", "2000-01-01"))
			})
		}
		close(begin)
		wg.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if !errs.Is(err, errs.Conflict) {
				t.Errorf("round %d: %v, want a conflict", round, err)
			}
		}
		if won != 1 {
			t.Fatalf("round %d: %d charts for one person", round, won)
		}
	}
	// a person claimed in a write that came to nothing is free again
	var twins []Write
	for range 3 {
		c, err := h.v.Admit(t.Context(), importer, Importing)
		do(t, err)
		twins = append(twins, Write{c, []Change{{Resource: patient("free", "Free", "Again", "2000-01-01")}}})
	}
	_, err := h.v.Commit(t.Context(), twins[:2]...)
	kindIs(t, "one person in two new charts at once", err, errs.Conflict)
	_, err = h.v.Commit(t.Context(), twins[2])
	do(t, err)
	h.reopen()
	d, err := h.v.OpenDirectory(t.Context(), h.staff("nurse"), Finding)
	do(t, err)
	if _, n := d.All(0, 1); n != 23 {
		t.Errorf("%d people after a start, want 23", n)
	}
}

func TestWritersOfOneResourceAllGetTheirVersion(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	const n = 100
	results := make([]error, n)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			_, results[i] = c.Put(context.WithoutCancel(t.Context()), pulse("o1", "ada", i))
		})
	}
	close(begin)
	wg.Wait()
	for i, err := range results {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	vs, err := c.History(t.Context(), "Observation", "o1")
	do(t, err)
	seen := map[string]bool{}
	for i, v := range vs {
		if v.Version != int64(len(vs)-i) {
			t.Fatalf("version %d stands at place %d of %d", v.Version, i, len(vs))
		}
		seen[string(v.JSON)] = true
	}
	if len(vs) != n || len(seen) != n {
		t.Errorf("%d versions of %d different writes, want %d", len(vs), len(seen), n)
	}
	written := 0
	for _, l := range h.lines(h.ada) {
		if l.Act == "write" {
			written++
		}
	}
	if written != n {
		t.Errorf("%d lines for %d writes", written, n)
	}
	h.verify()
}

func TestSearchSeesWhatMatchesInItsOwnChartOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	ctx := t.Context()
	for i := range 8 {
		h.now.Add(time.Hour)
		_, err := c.Put(ctx, pulse(fmt.Sprintf("o%d", i), "ada", 60+i))
		do(t, err)
	}
	_, err := h.bring(h.bob).Put(ctx, pulse("o1", "bob", 65), pulse("b9", "bob", 66))
	do(t, err)
	for q, want := range map[string][]string{
		"":                                        {"o0", "o1", "o2", "o3", "o4", "o5", "o6", "o7"},
		"value-quantity=gt65":                     {"o6", "o7"},
		"value-quantity=65":                       {"o5"},
		"_id=o1,o2,b9":                            {"o1", "o2"},
		"_id=b9":                                  {},
		"patient=bob":                             {},
		"subject=Patient/ada&_count=2":            nil,
		"code=8867-4&_sort=-date&_count=1":        nil,
		"_lastUpdated=ge2026-11-24T16:00Z":        {"o6", "o7"},
		"_lastUpdated=lt2026-11-24T10:30Z":        {"o0"},
		"_sort=-_lastUpdated&_count=3":            {"o7", "o6", "o5"},
		"_sort=_lastUpdated&_count=2":             {"o0", "o1"},
		"code=http://loinc.org|other":             {},
		"_lastUpdated=gt2030&_sort=-_lastUpdated": {},
	} {
		fs, err := c.Search(ctx, query(t, "Observation", strings.ReplaceAll(q, "|", "%7C")))
		do(t, err)
		got := ids(fs)
		for _, f := range fs {
			if !strings.Contains(string(f.JSON), "Patient/ada") || !strings.Contains(string(f.JSON), `"`+f.ID+`"`) {
				t.Errorf("%q finds %s", q, f.JSON)
			}
		}
		if want == nil {
			if len(got) == 0 || len(got) > 2 {
				t.Errorf("%q finds %q", q, got)
			}
			continue
		}
		if !strings.Contains(q, "_sort") {
			slices.Sort(got)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", q, d)
		}
	}
}

func TestSinceTellsWhatCameNewestFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.bring(h.ada)
	ctx := t.Context()
	h.now.Add(time.Hour)
	_, err := c.Put(ctx, pulse("o1", "ada", 60))
	do(t, err)
	seen := h.now.Now()
	h.now.Add(time.Hour)
	_, err = c.Put(ctx, condition("c1", "ada", "1"))
	do(t, err)
	h.now.Add(time.Hour)
	_, err = c.Put(ctx, pulse("o1", "ada", 61))
	do(t, err)
	_, err = h.bring(h.bob).Put(ctx, pulse("b1", "bob", 61))
	do(t, err)
	short := func(c *Chart, at time.Time) (out []string) {
		t.Helper()
		cs, err := c.Since(ctx, at)
		do(t, err)
		for _, x := range cs {
			out = append(out, fmt.Sprintf("%s/%s %d %s", x.Type, x.ID, x.Version, x.Time.Format("15:04")))
		}
		return out
	}
	if d := cmp.Diff([]string{"Observation/o1 2 12:00", "Condition/c1 1 11:00"}, short(c, seen)); d != "" {
		t.Errorf("since the first (-want +got):\n%s", d)
	}
	nurse := h.open(h.staff("nurse"), Care, h.ada, Conditions)
	if d := cmp.Diff([]string{"Condition/c1 1 11:00"}, short(nurse, seen)); d != "" {
		t.Errorf("for who opened the conditions (-want +got):\n%s", d)
	}
	if got := short(c, h.now.Now()); len(got) > 0 {
		t.Errorf("since now: %q", got)
	}
}

func TestWhatIsSharedIsAboutNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	p, err := h.v.OpenPractice(ctx, importer, Importing)
	do(t, err)
	lab := resource("Organization", "lab", `"name":"The Lab"`)
	for i, want := range []Done{{Written: 1}, {Unchanged: 1}} {
		if done, err := p.Put(ctx, lab); err != nil || done != want {
			t.Errorf("put %d: %+v, %v; want %+v", i, done, err, want)
		}
	}
	for name, r := range map[string]fhir.Resource{
		"somebody's result":        pulse("o1", "ada", 60),
		"a person":                 patient("x", "X", "X", "2000-01-01"),
		"a result that names none": resource("Observation", "o1", `"status":"final","code":{"text":"x"}`),
		"a letter that names none": resource("Binary", "b1", `"contentType":"text/plain","data":"aGk="`),
		"another id":               {Type: "Organization", ID: "other", JSON: lab.JSON},
		"another type":             {Type: "Location", ID: "lab", JSON: lab.JSON},
		"half":                     {Type: "Organization", ID: "lab", JSON: lab.JSON[:20]},
	} {
		if _, err := p.Put(ctx, r); err == nil {
			t.Errorf("%s was shared with every chart, and lies readable on the disk", name)
		}
	}
	c := h.open(h.client(h.ada), Own, h.ada, Results)
	if r, err := c.Shared(ctx, "Organization", "lab"); err != nil || !bytes.Equal(r.JSON, lab.JSON) {
		t.Errorf("shared: %s, %v", r.JSON, err)
	}
	_, err = c.Shared(ctx, "Organization", "other")
	kindIs(t, "not shared", err, errs.NotFound)
	_, err = c.Shared(ctx, "Nonsense", "lab")
	kindIs(t, "no such type", err, errs.Invalid)
	n := 0
	do(t, p.Each(ctx, func(r fhir.Resource) error { n++; return nil }))
	if n != 1 {
		t.Errorf("%d shared resources, want 1", n)
	}
}
