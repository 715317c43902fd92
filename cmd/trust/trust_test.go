package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// printing finds the tests of a file that print figures; by a helper, its file alone.
func printing(text string) (tests []string) {
	for part := range strings.SplitSeq(text, "\nfunc ") {
		if name, _, _ := strings.Cut(part, "("); strings.HasPrefix(name, "Test") && strings.Contains(part, `("TRUST `) {
			tests = append(tests, name)
		}
	}
	return tests
}

// TestEveryTestThatPrintsAFigureIsRun walks through the program's tests.
func TestEveryTestThatPrintsAFigureIsRun(t *testing.T) {
	t.Parallel()
	n := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") || strings.Contains(path, "cmd/trust") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel("../..", filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, name := range printing(string(b)) {
			n++
			if !strings.HasPrefix(name, "TestInside") && !slices.ContainsFunc(runs, func(r run) bool {
				return r.pkg == "./"+filepath.ToSlash(dir) && regexp.MustCompile(r.tests).MatchString(name)
			}) {
				t.Errorf("%s: %s prints a figure that no report has: add it to runs in cmd/trust", path, name)
			}
		}
		return nil
	})
	if err != nil || n < 9 {
		t.Errorf("%d tests print figures: %v", n, err)
	}
}

func TestTheReportKeepsMisses(t *testing.T) {
	t.Parallel()
	var r report
	passed := r.read(strings.NewReader(`=== RUN   TestA
    a_test.go:1: TRUST loopback: 7 pages
    a_test.go:2: TRUST something new: 1|2
--- PASS: TestA (0.01s)
    --- FAIL: TestB/one (0.01s)
--- SKIP: TestC (0.00s)
--- SKIP: TestInsideX (0.00s)
`))
	if passed != 1 {
		t.Errorf("%d passed, want 1", passed)
	}
	text := r.text(time.Date(2026, 11, 27, 1, 0, 0, 0, time.UTC), 61*time.Second, "1, 2")
	for _, want := range []string{"Made 2026-11-27 01:00 UTC in 1m1s", "load 1, 2", "**Failed or left out:** TestB/one, TestC (left out).", "| loopback | 7 pages |", "**Missed:** no test said anything of it.", "| something new | 1/2 |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	if strings.Count(text, "**Missed:**") != len(items)-1 {
		t.Errorf("%d misses, want %d", strings.Count(text, "**Missed:**"), len(items)-1)
	}
}
