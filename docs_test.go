package rapport_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// foreign are FHIR's words and others' words; ours are in docs/words.md.
var foreign = regexp.MustCompile(`(?i)patient|encounter|provider|tenant|customer|auditlog|auditevent`)

// spoken are identifiers that may hold a foreign word, and why.
var spoken = map[string]string{
	"WordPatient":     "the practice may choose to say patient",
	"WordPatientOne":  "as above",
	"WordPatientMany": "as above",
	"ReadPatient":     "package fhir's name for it",
}

// TestIdentifiersUseOurWords holds the code to docs/words.md: FHIR's words stay
// in fhir, edge, wire.go files, the demo's FHIR, and tests.
func TestIdentifiersUseOurWords(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(p)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || slices.Contains([]string{"fhir", "edge", "cmd/rapport/demo", "cmd/fhirschema", "cmd/rapport/dictionary", "cmd/bench"}, slash)) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || strings.HasPrefix(d.Name(), "wire") || strings.HasSuffix(p, "_gen.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, p, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && foreign.MatchString(id.Name) && spoken[id.Name] == "" {
				t.Errorf("%s: %s: see docs/words.md", set.Position(id.Pos()), id.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheWordsTestCanFail(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"patientID", "listEncounters", "AuditEvent"} {
		if !foreign.MatchString(w) {
			t.Errorf("%s passes", w)
		}
	}
}

// TestEveryDependencyHasItsLine holds docs/dependencies.md against go.mod.
func TestEveryDependencyHasItsLine(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	listed := string(b)
	direct := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.HasSuffix(line, "// indirect") || !strings.HasPrefix(fields[1], "v") || !strings.Contains(fields[0], ".") {
			continue
		}
		direct++
		if !strings.Contains(listed, "`"+fields[0]+"` "+fields[1]) {
			t.Errorf("docs/dependencies.md has no line for %s %s", fields[0], fields[1])
		}
	}
	if direct < 10 {
		t.Errorf("found %d direct dependencies: the test reads go.mod wrongly", direct)
	}
}

var mdLink = regexp.MustCompile(`\]\(([^)#:]+)\)`)

// TestDocumentsPointAtWhatIsThere follows every relative link of every document.
func TestDocumentsPointAtWhatIsThere(t *testing.T) {
	t.Parallel()
	var docs []string
	for _, g := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		m, err := filepath.Glob(g)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, m...)
	}
	for _, d := range docs {
		b, err := os.ReadFile(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mdLink.FindAllStringSubmatch(string(b), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(d), m[1])); err != nil {
				t.Errorf("%s points at %s, which is not there", d, m[1])
			}
		}
	}
}

// TestNothingForeignInPages looks for addresses of other places in what the
// browser is given: templates, scripts and style sheets.
func TestNothingForeignInPages(t *testing.T) {
	t.Parallel()
	address := regexp.MustCompile(`https?://[a-zA-Z0-9.-]+`)
	allowed := []string{"http://www.w3.org"}
	n := 0
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		slash := filepath.ToSlash(p)
		if filepath.Ext(p) != ".templ" && !strings.HasPrefix(slash, "web/assets/js") && !strings.HasPrefix(slash, "web/assets/css") {
			return nil
		}
		n++
		b, err := os.ReadFile(p)
		for _, a := range address.FindAllString(string(b), -1) {
			if !slices.Contains(allowed, a) {
				t.Errorf("%s holds %s: a page loads nothing from elsewhere", p, a)
			}
		}
		if filepath.Ext(p) == ".templ" && regexp.MustCompile(`\sstyle=|<style|<script>|\son[a-z]+=`).Match(b) {
			t.Errorf("%s has an inline style, script or handler", p)
		}
		return err
	})
	if err != nil || n < 10 {
		t.Errorf("looked into %d files: %v", n, err)
	}
}
