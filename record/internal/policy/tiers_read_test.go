package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
)

const goodRules = `{"id":"example-here","version":2,"place":"Here","status":"reviewed","majority":18,"leapDay":"28 February",
"sources":["An Act, section 1"],"note":"None.","bands":[
{"from":0,"to":12,"reads":"person visits","acts":"visits","alone":[],"ownAccount":"no"},
{"from":12,"to":18,"reads":"person","acts":"","alone":["vaccination","all-care"],"ownAccount":"on-their-own"}]}`

func TestParseRules(t *testing.T) {
	t.Parallel()
	got, err := ParseRules([]byte(goodRules))
	if err != nil {
		t.Fatal(err)
	}
	want := Rules{
		ID: "example-here", Version: 2, Place: "Here", Sources: []string{"An Act, section 1"}, Note: "None.", Reviewed: true,
		Majority: 18, LeapDay: LastOfFebruary,
		Bands: []Band{
			{From: 0, To: 12, Reads: Person | Visits, Acts: Visits, OwnAccount: NoAccount},
			{From: 12, To: 18, Reads: Person, Alone: []Matter{Vaccination, AllCare}, OwnAccount: OnTheirOwn},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

const goodSources = `"sources":["An Act, section 1"]`

// faultyRules change one thing at a time in rules that are good.
var faultyRules = []struct{ old, new, field string }{
	{`"id":"example-here"`, `"id":"Example here"`, "id"},
	{`"id":"example-here"`, `"id":""`, "id"},
	{`"id":"example-here"`, `"id":"../x"`, "id"},
	{`"id":"example-here",`, ``, "id"},
	{`"id":"example-here"`, `"ID":"example-here"`, "id"},
	{`"id":"example-here"`, `"id":"example-here","Id":"x"`, "Id"},
	{`"id":"example-here"`, `"id":"example-here","id":"example-here"`, "id"},
	{`"id":"example-here"`, `"id":["example-here"]`, "id"},
	{`"version":2`, `"version":0`, "version"},
	{`"version":2`, `"version":2.0`, "version"},
	{`"version":2`, `"version":"2"`, "version"},
	{`"version":2`, `"version":1e3`, "version"},
	{`"version":2`, `"version":99999999999999999999`, "version"},
	{`"place":"Here"`, `"place":" "`, "place"},
	{`"place":"Here"`, `"place":"He\u0000re"`, "place"},
	{`"place":"Here"`, `"place":"He\u202ere"`, "place"},
	{`"place":"Here"`, `"place":"He\ud800re"`, "place"},
	{`"place":"Here"`, `"place":"` + strings.Repeat("x", 101) + `"`, "place"},
	{`"place":"Here"`, `"place":null`, "place"},
	{`"status":"reviewed"`, `"status":"Reviewed"`, "status"},
	{`"status":"reviewed"`, `"status":true`, "status"},
	{`"status":"reviewed",`, ``, "status"},
	{`"majority":18`, `"majority":9`, "majority"},
	{`"majority":18`, `"majority":26`, "majority"},
	{`"majority":18`, `"majority":17`, "bands[1].to"},
	{`"majority":18`, `"majority":19`, "bands[1].to"},
	{`"leapDay":"28 February"`, `"leapDay":"29 February"`, "leapDay"},
	{`"leapDay":"28 February"`, `"leapDay":""`, "leapDay"},
	{`"leapDay":"28 February",`, ``, "leapDay"},
	{goodSources, `"sources":[]`, "sources"},
	{goodSources, `"sources":"An Act"`, "sources"},
	{goodSources, `"sources":["An Act",7]`, "sources[1]"},
	{goodSources, `"sources":["An Act",""]`, "sources[1]"},
	{goodSources, `"sources":[` + strings.Repeat(`"x",`, 20) + `"x"]`, "sources"},
	{`"note":"None."`, `"note":""`, "note"},
	{`"note":"None."`, `"note":"None.","comment":"x"`, "comment"},
	{`"from":0,"to":12`, `"from":1,"to":12`, "bands[0].from"},
	{`"from":0,"to":12`, `"from":0,"to":11`, "bands[1].from"},
	{`"from":0,"to":12`, `"from":0,"to":13`, "bands[1].from"},
	{`"from":0,"to":12`, `"from":-1,"to":12`, "bands[0].from"},
	{`"from":0,"to":12`, `"from":0,"to":0`, "bands[0].to"},
	{`"from":12,"to":18`, `"from":12,"to":12`, "bands[1].to"},
	{`"from":12,"to":18`, `"from":12,"to":30`, "bands[1].to"},
	{`{"from":12,"to":18`, `{"from":12,"to":12,"reads":"person","acts":"","alone":[],"ownAccount":"no"},{"from":12,"to":18`, "bands[1].to"},
	{`"from":12,`, `"From":12,`, "bands[1].from"},
	{`"from":12,`, `"from":12,"until":3,`, "bands[1].until"},
	{`"from":12,`, `"from":12,"from":12,`, "bands[1].from"},
	{`"reads":"person visits"`, `"reads":"person visitz"`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":"person,visits"`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":"person visits visits"`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":"person visits looks"`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":"person visits agreements"`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":"person visits money"`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":"person visits other"`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":["person","visits"]`, "bands[0].reads"},
	{`"reads":"person visits"`, `"reads":"person"`, "bands[0].acts"},
	{`"reads":"person","acts":""`, `"reads":"person results","acts":""`, "bands[1].reads"},
	{`"reads":"person","acts":""`, `"reads":"person","acts":"person"`, "bands[1].acts"},
	{`"acts":"visits",`, ``, "bands[0].acts"},
	{`"alone":[]`, `"alone":["dentistry"]`, "bands[0].alone[0]"},
	{`"alone":[]`, `"alone":["vaccination","vaccination"]`, "bands[0].alone[1]"},
	{`"alone":[]`, `"alone":[""]`, "bands[0].alone[0]"},
	{`"alone":[]`, `"alone":[["vaccination"]]`, "bands[0].alone[0]"},
	{`"alone":[]`, `"alone":[[["vaccination"]]]`, "bands[0].alone[0]"},
	{`"alone":[]`, `"alone":"vaccination"`, "bands[0].alone"},
	{`"alone":[],`, ``, "bands[0].alone"},
	{`"ownAccount":"no"`, `"ownAccount":"yes"`, "bands[0].ownAccount"},
	{`"ownAccount":"no"`, `"ownAccount":""`, "bands[0].ownAccount"},
	{`"ownAccount":"no"`, `"ownAccount":false`, "bands[0].ownAccount"},
	{`"bands":[`, `"bands":[7,`, "bands[0]"},
	{`"bands":[`, `"bands":[` + strings.Repeat(`{},`, 19), "bands"},
	{`"ownAccount":"on-their-own"}]}`, `"ownAccount":"on-their-own"}]} {}`, "file"},
	{`"ownAccount":"on-their-own"}]}`, `"ownAccount":"on-their-own"},]}`, "file"},
	{`"place":"Here"`, "\"place\":\"He\xffre\"", "file"},
	{goodRules, ``, "file"},
	{goodRules, `null`, "file"},
	{goodRules, `[` + goodRules + `]`, "file"},
	{goodRules, strings.Repeat(`[`, 9000) + strings.Repeat(`]`, 9000), "file[0][0][0][0]"},
	{goodRules, strings.Repeat(`[`, 30000) + strings.Repeat(`]`, 30000), "file"},
	{goodRules, goodRules + strings.Repeat(" ", 64<<10), "file"},
	{goodRules, `{}`, "id"},
}

func TestParseRulesNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range faultyRules {
		if strings.Count(goodRules, c.old) != 1 {
			t.Errorf("%q is not there once", c.old)
		}
		r, err := ParseRules([]byte(strings.Replace(goodRules, c.old, c.new, 1)))
		if err == nil {
			t.Errorf("%.60q passes", c.new)
			continue
		}
		if !cmp.Equal(r, Rules{}) || !errs.Is(err, errs.Invalid) {
			t.Errorf("%.60q: %v with %v", c.new, r, err)
		}
		named, ok := strings.CutPrefix(err.Error(), "policy: rules: "+c.field)
		if !ok || !strings.HasPrefix(named, " ") && !(c.field == "file" && strings.HasPrefix(named, "[0]")) || len(err.Error()) > 250 {
			t.Errorf("%.60q: want %s named: %v", c.new, c.field, err)
		}
	}
}

// inWords writes rules as a file would, by other means than the parser.
func inWords(r Rules) string {
	status := "not reviewed"
	if r.Reviewed {
		status = "reviewed"
	}
	bands := []any{}
	for _, b := range r.Bands {
		alone := []string{}
		for _, m := range b.Alone {
			alone = append(alone, m.String())
		}
		bands = append(bands, map[string]any{"from": b.From, "to": b.To, "reads": b.Reads.String(), "acts": b.Acts.String(), "alone": alone, "ownAccount": b.OwnAccount.String()})
	}
	out, _ := json.Marshal(map[string]any{"id": r.ID, "version": r.Version, "place": r.Place, "sources": r.Sources, "note": r.Note, "status": status,
		"majority": r.Majority, "leapDay": r.LeapDay.String(), "bands": bands})
	return string(out)
}

func TestExamplesComeBack(t *testing.T) {
	t.Parallel()
	for _, r := range Examples() {
		got, err := ParseRules([]byte(inWords(r)))
		if d := cmp.Diff(r, got); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", r.ID, err, d)
		}
	}
}

// FuzzParseRules: what is read keeps every promise, and comes back the same.
func FuzzParseRules(f *testing.F) {
	files, err := filepath.Glob("rules/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add(goodRules)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRules([]byte(s))
		if err != nil {
			if !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), "policy: rules: ") || !cmp.Equal(r, Rules{}) {
				t.Fatalf("%v with %v", r, err)
			}
			return
		}
		end, before := 0, ForOthers
		for _, b := range r.Bands {
			reads, acts := b.Gives()
			if b.From != end || b.To <= b.From || reads != b.Reads || acts != b.Acts || reads&^before != 0 || b.OwnAccount == 0 {
				t.Fatalf("%+v passes", b)
			}
			end, before = b.To, reads
		}
		if end != r.Majority || end < 10 || end > 25 || len(r.Bands) > 20 || r.LeapDay == 0 || r.Version < 1 || r.ID == "" {
			t.Fatalf("%+v passes", r)
		}
		if again, err := ParseRules([]byte(inWords(r))); err != nil || !cmp.Equal(r, again) {
			t.Fatalf("%v: %s", err, cmp.Diff(r, again))
		}
	})
}
