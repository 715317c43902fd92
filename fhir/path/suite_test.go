package path_test

import (
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/fhir/path"
)

var update = flag.Bool("update", false, "write the golden files anew")

// official is where the official tests lie in our workshop.
var official = filepath.Join("..", "..", "..", "shared", "data", "fhirpath", "dev")

type suiteTest struct {
	XMLName   xml.Name
	Name      string `xml:"name,attr"`
	Input     string `xml:"inputfile,attr"`
	Mode      string `xml:"mode,attr"`
	Predicate string `xml:"predicate,attr"`
	Expr      struct {
		Invalid string `xml:"invalid,attr"`
		Text    string `xml:",chardata"`
	} `xml:"expression"`
	Outputs []struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"output"`
}

type suite struct {
	Groups []struct {
		Name  string      `xml:"name,attr"`
		Tests []suiteTest `xml:",any"`
	} `xml:"group"`
}

// inputs reads a resource of the suite: its XML, turned into JSON, if what comes
// out is valid, else the JSON beside it.
type inputs map[string]path.Value

func (in inputs) get(name string) (path.Value, error) {
	if name == "" {
		return path.Value{}, nil
	}
	if v, ok := in[name]; ok {
		return v, nil
	}
	base := filepath.Join(official, "input", strings.TrimSuffix(strings.TrimSuffix(name, ".xml"), ".json"))
	if strings.HasSuffix(name, ".xml") {
		if b, err := os.ReadFile(base + ".xml"); err == nil {
			if b, err = jsonOf(b); err == nil {
				if d, err := fhir.Parse(b); err == nil {
					in[name] = path.Of(d.Root())
					return in[name], nil
				}
			}
		}
	}
	b, err := os.ReadFile(base + ".json")
	if err != nil {
		return path.Value{}, err
	}
	d, err := fhir.Parse(b)
	if err == nil {
		in[name] = path.Of(d.Root())
	}
	return in[name], err
}

// TestSuite runs the official tests. testdata/suite.txt holds how many pass, which
// must never become fewer, and every one that does not, with the reason.
func TestSuite(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(official, "tests-fhir-r4.xml"))
	if err != nil {
		t.Skip("the official tests are not here")
	}
	var s suite
	if err := xml.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	in := inputs{}
	total := 0
	var failed []string
	for _, g := range s.Groups {
		for i, x := range g.Tests {
			if x.XMLName.Local != "test" && x.XMLName.Local != "modeTest" {
				continue
			}
			total++
			name := x.Name
			if name == "" {
				name = fmt.Sprintf("%s#%d", g.Name, i)
			}
			if why := x.run(in); why != "" {
				failed = append(failed, name+": "+why)
				if testing.Verbose() {
					t.Logf("%s: %s\n\t%s", name, why, strings.TrimSpace(x.Expr.Text))
				}
			}
		}
	}
	golden(t, total, failed)
}

// run returns why a test fails, or "".
func (x suiteTest) run(in inputs) string {
	v, err := in.get(x.Input)
	if err != nil {
		return "the resource: " + err.Error()
	}
	env := &path.Env{Now: time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC), Strict: x.Mode == "strict"}
	e, err := path.Compile(x.Expr.Text)
	var got []path.Value
	if err == nil {
		var focus []path.Value
		if v.OK() {
			focus = []path.Value{v}
		}
		got, err = e.Eval(env, focus...)
	}
	if x.Expr.Invalid != "" {
		if err == nil {
			return "no error (" + x.Expr.Invalid + ")"
		}
		return ""
	}
	if err != nil {
		return "error " + err.Error()
	}
	if x.Predicate == "true" {
		got = []path.Value{path.Bool(len(got) > 0)}
	}
	if len(got) != len(x.Outputs) {
		return fmt.Sprintf("%d items, not %d", len(got), len(x.Outputs))
	}
	for i, o := range x.Outputs {
		want := strings.TrimPrefix(strings.TrimSpace(o.Text), "@")
		if o.Type == "string" || o.Type == "code" {
			want = o.Text
		}
		if got[i].Type() == "System.Time" {
			want = strings.TrimPrefix(want, "T")
		}
		typ := strings.TrimPrefix(got[i].Type(), "System.")
		if o.Type != "" && !strings.EqualFold(typ, o.Type) || got[i].Text() != want {
			return fmt.Sprintf("%s %q, not %s %q", typ, got[i].Text(), o.Type, want)
		}
	}
	return ""
}

var passing = regexp.MustCompile(`(?m)^(\d+) of (\d+) pass$`)

func golden(t *testing.T, total int, failed []string) {
	t.Helper()
	file := filepath.Join("testdata", "suite.txt")
	was, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for l := range strings.Lines(string(was)) {
		if name, why, ok := strings.Cut(strings.TrimSpace(l), " | "); ok {
			reasons[name] = why
		}
	}
	pass := total - len(failed)
	floor := 0
	if m := passing.FindSubmatch(was); m != nil {
		floor, _ = strconv.Atoi(string(m[1]))
	}
	if pass < floor {
		t.Errorf("%d of %d pass, and it were %d", pass, total, floor)
	}
	if pass*100 < total*98 {
		t.Errorf("%d of %d pass", pass, total)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d of %d pass\n", pass, total)
	slices.Sort(failed)
	for _, f := range failed {
		why := reasons[f]
		if why == "" {
			why = "(no reason given)"
			if !*update {
				t.Errorf("%s fails for no reason given", f)
			}
		}
		fmt.Fprintf(&out, "%s | %s\n", f, why)
	}
	if *update && pass >= floor {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(was) != out.String() {
		t.Errorf("testdata/suite.txt is not what was found: run with -update\n%s", out.String())
	}
}
