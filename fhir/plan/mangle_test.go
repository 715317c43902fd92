package plan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir/plan"
)

// mangle changes a piece of JSON: takes something out, puts something twice, or puts
// something else in its place.
func (d *dice) mangle(v any, pool []any) any {
	switch x := v.(type) {
	case map[string]any:
		if len(x) == 0 {
			return x
		}
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		// The order of a map is chance; that of its keys is not.
		k := keys[0]
		n := d.n(1 << 20)
		for _, o := range keys {
			if (len(o)*31+int(o[0]))^n < (len(k)*31+int(k[0]))^n || o < k && len(o) == len(k) && o[0] == k[0] {
				k = o
			}
		}
		if d.n(6) == 0 {
			delete(x, k)
		} else {
			x[k] = d.mangle(x[k], pool)
		}
		return x
	case []any:
		if len(x) == 0 {
			return x
		}
		i := d.n(len(x))
		switch d.n(8) {
		case 0:
			return append(x[:i:i], x[i+1:]...)
		case 1:
			return append(x, x[i])
		}
		x[i] = d.mangle(x[i], pool)
		return x
	}
	return pool[d.n(len(pool))]
}

func gather(v any, pool *[]any) {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range x {
			gather(k, pool)
		}
	case []any:
		for _, k := range x {
			gather(k, pool)
		}
	default:
		*pool = append(*pool, x)
	}
}

// mangled returns a document changed in a few places.
func (d *dice) mangled(t *testing.T, src []byte) []byte {
	t.Helper()
	var v any
	dec := json.NewDecoder(strings.NewReader(string(src)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	pool := []any{"", "x", "2026-02-30", "2026-03-02", json.Number("0"), json.Number("10000"), json.Number("-1"), json.Number("0.5"), true, nil, "{{%said", "{{%each}}", "%each", "%missed > 0", "Goal/known", "wk", "h", "mon"}
	gather(v, &pool)
	for range d.n(4) + 1 {
		v = d.mangle(v, pool)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMangledTemplatesDoNoHarm(t *testing.T) {
	t.Parallel()
	d := dice(4)
	read := 0
	said := load(t, "said.json")
	for i := range 600 {
		src := d.mangled(t, load(t, []string{"sleep.json", "pressure.json"}[i%2]))
		x, err := plan.Read(src, activitiesIn(t, "testdata"))
		if err != nil {
			continue
		}
		read++
		f := facts(t)
		f.Said = said
		p, err := x.Propose(f, "fr")
		if err != nil || p == nil {
			continue
		}
		checkProposal(t, p)
		kept := plan.Merge(p).Plan("p1", monday)
		kept.Status = plan.Active
		got, _ := again(t, kept)
		if !cmp.Equal(kept, got, seen) {
			t.Fatalf("%s\n%s", cmp.Diff(kept, got, seen), src)
		}
		fs := knowing(t, facts(t), kept)
		fs.Now = now.AddDate(0, 0, 30)
		for e := plan.StepMissed; e <= plan.DayCame; e++ {
			ss, err := x.Adapt(fs, plan.Event{Name: e}, "fr")
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range ss {
				again(t, kept.Apply(s))
				if s.Why == "" || s.Rule == "" || s.Step == "" {
					t.Fatalf("%+v", s)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("%s", src)
		}
	}
	if read < 60 {
		t.Errorf("only %d could be read", read)
	}
}

func TestMangledPlansAreKept(t *testing.T) {
	t.Parallel()
	d := dice(9)
	read := 0
	goal := load(t, "their-goal.json")
	ours := dice(21)
	for i := range 600 {
		src, with := load(t, "theirs.json"), goal
		if i%2 == 0 {
			rs, err := ours.plan().Resources("Patient/1")
			if err != nil {
				t.Fatal(err)
			}
			src, with = rs[0].JSON, rs[len(rs)-1].JSON
		}
		src = d.mangled(t, src)
		if i%3 == 0 && i%2 == 1 {
			with = d.mangled(t, with)
		}
		p, err := plan.ReadPlan(src, [][]byte{with})
		if err != nil {
			continue
		}
		read++
		if p.ID == "" {
			p.ID = "p1"
		}
		for _, s := range p.Steps {
			p.Missed(s.ID, nil, monday)
		}
		p.Day(monday, nil)
		once, _ := again(t, p)
		twice, _ := again(t, once)
		if len(once.Steps) != len(p.Steps) || len(once.Goals) != len(p.Goals) || !cmp.Equal(once, twice, seen) {
			t.Fatalf("%s\n%s", cmp.Diff(once, twice, seen), src)
		}
		for k := range p.Steps {
			p.Steps[k].Title += "!"
		}
		for k := range p.Goals {
			p.Goals[k].Text += "!"
		}
		again(t, p)
		if t.Failed() {
			t.Fatalf("%s\n%s", src, with)
		}
	}
	if read < 60 {
		t.Errorf("only %d could be read", read)
	}
}

func TestATemplateOfAMegabyte(t *testing.T) {
	t.Parallel()
	var steps []string
	for i := range 2200 {
		steps = append(steps, fmt.Sprintf(`{"id":"x%d","title":"Step %d {{%%said.authored}}","description":%q,"extension":[{"url":"urn:rapport:why","valueString":"Because."}],"code":[{"coding":[{"system":"urn:rapport:step","code":"do"}]}],"goalId":["g"],"timingTiming":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}}}`, i, i, strings.Repeat("Long. ", 40)))
	}
	src := small("", "", "", `,{"id":"much","action":[`+strings.Join(steps, ",")+`]}`)
	if len(src) < 1<<20 {
		t.Fatalf("only %d bytes", len(src))
	}
	_, p := tried(t, src, &plan.Facts{Now: now, Said: load(t, "said.json")}, "")
	if len(p.Steps) != 2201 {
		t.Errorf("%d steps", len(p.Steps))
	}
	m := plan.Merge(p)
	if len(m.Steps) > 2*plan.MostAWeek || len(m.Left)+len(m.Steps) != 2201 {
		t.Errorf("%d steps, %d left", len(m.Steps), len(m.Left))
	}
	if _, err := plan.Read(append(src, make([]byte, 2<<20)...), nil); err == nil {
		t.Error("there is no end to what is read")
	}
}
