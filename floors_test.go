// Package rapport_test checks the shape of the whole program: which package may
// lean on which, who may do dangerous things, and that the documents are true.
package rapport_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "rapport/"
	goMail = "github.com/wneessen/go-mail"
)

// floors lists the program from the ground up. A package may import packages on
// lower floors, its own descendants, and nothing else of ours.
var floors = [][]string{
	{"errs", "clock", "outbound"},
	{"fhir", "lang", "hours", "ical", "media", "urgent", "proof"},
	{"forms"},
	{"account", "post"},
	{"record"},
	{"web", "work"},
	{"care/*", "edge/*"},
	{"cmd/*"},
}

// onlyIn says which packages may import a dangerous package, and why only they.
// A rule ending in "/" covers what lies below.
var onlyIn = map[string]struct {
	rooms []string
	why   string
}{
	"database/sql":       {[]string{"record/internal/"}, "SQL lives below the gate"},
	"modernc.org/sqlite": {[]string{"record/internal/"}, "SQL lives below the gate"},
	"crypto/aes":         {[]string{"record/internal/seal"}, "one package seals"},
	"crypto/cipher":      {[]string{"record/internal/seal"}, "one package seals"},
	"net/smtp":           {[]string{"post/"}, "one package talks to the outside world"},
	goMail:               {[]string{"post"}, "one package talks to the outside world"},
	goMail + "/smtp":     {[]string{"post"}, "one package talks to the outside world"},
	"os/exec":            {[]string{"cmd/assets", "cmd/bench", "cmd/trust"}, "servers do not run programs"},
	"filippo.io/age":     {[]string{"care/takeaway", "record", "record/internal/backup"}, "what leaves locked is locked in two places: a client's own copy, and backups"},
	"unsafe":             {nil, "nobody needs it, and it walks around the gate"},
	"plugin":             {nil, "nobody needs it, and it walks around the gate"},
	"reflect":            {[]string{"cmd/fhirschema"}, "it reads unexported fields"},
	"math/rand":          {nil, "randomness is crypto/rand's, or seeded in the demo"},
	"math/rand/v2":       {[]string{"cmd/rapport/demo", "record/internal/store/storetest"}, "randomness is crypto/rand's, or seeded in the demo and in a test"},
	"net/http":           {[]string{"web/", "cmd/rapport", "cmd/bench", "account/idp", "outbound", "post", "post/posttest"}, "only web and edge speak HTTP, pages return answers; account/idp talks to the practice's identity provider, post to push services and a gateway, both through outbound"},
	"html/template":      {nil, "pages are templ"},
	"testing":            {[]string{"web/webtest", "record/internal/store/storetest", "post/posttest"}, "production code does not import testing"},
}

// pkg is what go list says of one package.
type pkg struct {
	ImportPath, Dir               string
	Imports, GoFiles, TestGoFiles []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles,TestGoFiles", "./...").Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("go list: %s", e.Stderr)
		}
		t.Fatal(err)
	}
	var ps []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return ps
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			ps = append(ps, p)
		}
	}
}

// room returns which room a package lies in, and on which floor.
func room(p string) (name string, floor int) {
	for i, fl := range floors {
		for _, pat := range fl {
			n := strings.Count(pat, "/") + 1
			parts := strings.Split(p, "/")
			if len(parts) < n {
				continue
			}
			head := strings.Join(parts[:n], "/")
			if ok, _ := path.Match(pat, head); ok { //nolint:errcheck // the patterns are above
				return head, i
			}
		}
	}
	return "", -1
}

func TestImportsGoDownOnly(t *testing.T) {
	t.Parallel()
	for _, broken := range upward(packages(t)) {
		t.Error(broken)
	}
}

// upward lists every import that goes up, sideways, or to what only others may.
func upward(ps []pkg) []string {
	var out []string
	for _, p := range ps {
		from, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		fromRoom, fromFloor := room(from)
		if fromFloor < 0 {
			out = append(out, from+" is on no floor; add it to floors")
			continue
		}
		for _, imp := range p.Imports {
			if rule, ok := onlyIn[imp]; ok && !slices.ContainsFunc(rule.rooms, func(r string) bool {
				return from == strings.TrimSuffix(r, "/") || strings.HasSuffix(r, "/") && strings.HasPrefix(from, r)
			}) {
				out = append(out, from+" imports "+imp+": "+rule.why)
			}
			to, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			toRoom, toFloor := room(to)
			if toRoom != fromRoom && toFloor >= fromFloor {
				out = append(out, from+" imports "+to+": imports go down only, and neighbours never know each other")
			}
		}
	}
	return out
}

// TestTheFloorsTestCanFail plants imports that must be caught.
func TestTheFloorsTestCanFail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, imp string }{
		{"care/today", "rapport/care/looks"},
		{"fhir", "rapport/record"},
		{"record", "rapport/web"},
		{"web", "rapport/care/today"},
		{"care/today", "database/sql"},
		{"care/today", "net/http"},
		{"care/today", "filippo.io/age"},
		{"edge/bundles", "modernc.org/sqlite"},
		{"web/parts", "unsafe"},
		{"record", "os/exec"},
		{"record", "reflect"},
		{"post", "rapport/account"},
		{"post", "rapport/record"},
		{"post", "testing"},
		{"ical", "rapport/hours"},
		{"ical", "net/http"},
		{"record", "rapport/work"},
		{"work", "rapport/web"},
		{"web", "rapport/work"},
		{"work", "rapport/care/today"},
		{"work", goMail},
		{"account", "net/http"},
		{"attic", "errors"},
	} {
		if len(upward([]pkg{{ImportPath: module + c.from, Imports: []string{c.imp}, GoFiles: []string{"x.go"}}})) == 0 {
			t.Errorf("%s may import %s, and must not", c.from, c.imp)
		}
	}
}

// callers says which packages may call the few functions that grant something.
var callers = map[string][]string{
	"account.AsSystem": {"cmd/rapport", "cmd/bench"},
	"record.Open":      {"cmd/rapport"},
	"record.Create":    {"cmd/rapport", "cmd/bench"},
	"time.Now":         {"clock"},
	"time.Sleep":       {},
	"time.After":       {},
	"time.Since":       {},
	"os.Getenv":        {},
}

// bannedNames are package names that say nothing.
var bannedNames = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "shared", "base", "misc", "lib"}

// The longest file and function allowed, generated code apart.
const (
	maxFile     = 600
	maxFunction = 100
)

func TestEveryFileKeepsTheHouseRules(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(p, ".go") {
			checkFile(t, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, p string) {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, p, nil, parser.ParseComments)
	if err != nil {
		t.Error(err)
		return
	}
	generated := ast.IsGenerated(f)
	test := strings.HasSuffix(p, "_test.go")
	dir := filepath.ToSlash(filepath.Dir(p))
	if slices.Contains(bannedNames, f.Name.Name) {
		t.Errorf("%s: package %s says nothing about what it is for", p, f.Name.Name)
	}
	if n := set.Position(f.End()).Line; n > maxFile && !generated {
		t.Errorf("%s has %d lines, %d are allowed", p, n, maxFile)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncDecl:
			if l := set.Position(x.End()).Line - set.Position(x.Pos()).Line; l > maxFunction && !generated {
				t.Errorf("%s: %s has %d lines, %d are allowed", p, x.Name.Name, l, maxFunction)
			}
		case *ast.CallExpr:
			checkCall(t, set, p, dir, test, x)
		}
		return true
	})
}

func checkCall(t *testing.T, set *token.FileSet, p, dir string, test bool, call *ast.CallExpr) {
	t.Helper()
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Obj != nil { // a local variable of that name
		return
	}
	name := x.Name + "." + sel.Sel.Name
	if rooms, ok := callers[name]; ok && !test && !slices.Contains(rooms, dir) && !strings.HasPrefix(dir, "web/webtest") {
		t.Errorf("%s: calls %s, which only %v may", set.Position(call.Pos()), name, rooms)
	}
	if sel.Sel.Name == "Value" && x.Name == "ctx" && strings.HasPrefix(dir, "care") {
		t.Errorf("%s: authority is an argument, never a context value", set.Position(call.Pos()))
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		said := false
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Error(err)
				continue
			}
			said = said || f.Doc != nil && len(f.Doc.Text()) > 40
		}
		if !said {
			t.Errorf("%s has no package comment that says what it is for and what it refuses to do", p.ImportPath)
		}
	}
}
