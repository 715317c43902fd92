package form

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shared returns a path in the data folder that lies beside the module in our
// workshop; the test is skipped where it does not.
func shared(tb testing.TB, path string) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			p := filepath.Join(dir, "..", "shared", "data", "questionnaires", path)
			if _, err := os.Stat(p); err == nil {
				return p
			}
			break
		}
	}
	tb.Skip("the shared examples are not here")
	return ""
}

func load1(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s has changed; -update writes it anew:\n%s", name, d)
	}
}

var theDay = time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)

// listed are the value sets the suites ask for.
func listed(url string) ([]Option, bool) {
	switch url {
	case "http://hl7.org/fhir/ValueSet/item-type":
		var out []Option
		for _, c := range []string{"Group", "Display", "Question", "Boolean", "Decimal", "Integer", "Date", "String", "Text", "Url", "Choice"} {
			out = append(out, CodingOption("http://hl7.org/fhir/item-type", strings.ToLower(c), c))
		}
		return out, true
	case "http://hl7.org/fhir/ValueSet/jurisdiction":
		return []Option{CodingOption("urn:iso:std:iso:3166", "AU", "Australia"), CodingOption("urn:iso:std:iso:3166", "BD", "Bangladesh")}, true
	}
	return nil, false
}

// short of the suite, by name and why.
var validationShort = map[string]string{}

func TestQuestionnaireResponseValidationSuite(t *testing.T) {
	t.Parallel()
	root := shared(t, "qr-validation/dev")
	var manifest struct {
		Cases []struct {
			Name, File string
			Supporting []string
			Expect     struct{ FatalCount, ErrorCount, WarningCount int } `json:"dotnet-brianpos"`
		} `json:"test-cases"`
	}
	if err := json.Unmarshal(load1(t, filepath.Join(root, "manifest.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	agree, exact := 0, 0
	for _, c := range manifest.Cases {
		var f *Form
		if len(c.Supporting) > 0 {
			if b, err := os.ReadFile(filepath.Join(root, c.Supporting[0])); err == nil {
				if f, err = Read(b, listed); err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
			}
		}
		is := Validate(f, load1(t, filepath.Join(root, c.File)), Env{Now: theDay, Sets: listed})
		bad, warned := 0, 0
		for _, i := range is {
			if i.Warning {
				warned++
			} else {
				bad++
			}
		}
		want := c.Expect.FatalCount + c.Expect.ErrorCount
		word := "agrees"
		switch {
		case (want > 0) != (bad > 0):
			word = "DIFFERS"
			if validationShort[c.Name] == "" {
				t.Errorf("%s: want %d errors, got %v", c.Name, want, is)
			}
		case want == bad && warned == c.Expect.WarningCount:
			exact++
			fallthrough
		default:
			agree++
		}
		fmt.Fprintf(&out, "%-45s %-8s want %d errors %d warnings, got %d and %d: %v\n", c.Name, word, want, c.Expect.WarningCount, bad, warned, is)
	}
	fmt.Fprintf(&out, "%d of %d agree, %d of them to the count\n", agree, len(manifest.Cases), exact)
	golden(t, "testdata/qr-validation.golden", out.String())
}

func TestEveryQuestionnaireLoadsOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	root := shared(t, "dev")
	var out strings.Builder
	var files []string
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	loaded, refused := 0, 0
	for _, p := range files {
		name, _ := filepath.Rel(root, p)
		switch ext := filepath.Ext(p); ext {
		case ".json":
		case ".xml":
			continue // each has its twin in JSON beside it
		default:
			fmt.Fprintf(&out, "%s\n\tnot FHIR JSON (%s)\n", name, ext)
			continue
		}
		b := load1(t, p)
		f, err := Read(b, listed)
		if err != nil {
			refused++
			fmt.Fprintf(&out, "%s\n\t%v\n", name, err)
			continue
		}
		loaded++
		fmt.Fprintf(&out, "%s\n\t%d items: %s\n", name, f.Count(), strings.Join(features(b), ", "))
		for _, pr := range summed(f.Problems()) {
			fmt.Fprintf(&out, "\t%s\n", pr)
		}
		s, err := Start(f, Env{Now: theDay, Sets: listed, Subject: "Patient/1"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := Resume(f, s.JSON(), Env{Now: theDay, Sets: listed, Subject: "Patient/1"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if string(again.JSON()) != string(s.JSON()) {
			t.Errorf("%s: the draft is another after it was resumed:\n%s\n%s", name, s.JSON(), again.JSON())
		}
	}
	fmt.Fprintf(&out, "%d questionnaires loaded, %d files are none\n", loaded, refused)
	golden(t, "testdata/questionnaires.golden", out.String())
}

// summed puts problems that say the same into one line.
func summed(ps []Problem) []string {
	type key struct {
		s    Severity
		c, t string
	}
	var order []key
	where := map[key][]string{}
	for _, p := range ps {
		k := key{p.Severity, p.Code, p.Text}
		if where[k] == nil {
			order = append(order, k)
		}
		link := p.LinkID
		if link == "" {
			link = "(form)"
		}
		where[k] = append(where[k], link)
	}
	var out []string
	for _, k := range order {
		w := where[k]
		at := strings.Join(w[:min(3, len(w))], " ")
		if len(w) > 3 {
			at += fmt.Sprintf(" and %d more", len(w)-3)
		}
		out = append(out, fmt.Sprintf("%s: %s: %s [%s]", k.s, k.c, k.t, at))
	}
	return out
}

// features lists what a questionnaire uses, by its JSON.
func features(b []byte) []string {
	seen := map[string]bool{}
	var walk func(v *val)
	walk = func(v *val) {
		for _, m := range v.obj {
			switch m.name {
			case "enableWhen", "enableBehavior", "answerValueSet", "repeats", "initial", "maxLength":
				seen[m.name] = true
			case "url":
				if u := m.v.str(); strings.HasPrefix(u, core) || strings.HasPrefix(u, sdc) {
					seen[short(u)] = true
				}
			}
			walk(m.v)
		}
		for _, a := range v.arr {
			walk(a)
		}
	}
	walk(parseJSON(b))
	var out []string
	for f := range seen {
		out = append(out, f)
	}
	sort.Strings(out)
	return out
}
