// Command trust runs the tests that say what of our promises is shown, and writes the
// figures they print into docs/trust-report.md: one line for each thing that is to be true,
// a miss beside the rest. It measures nothing itself, and leaves nothing out that it was
// told to run.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"rapport/clock"
)

// run is one call of the tests.
type run struct{ pkg, tests string }

// item is one thing that is to be true, by what the tests call it.
type item struct {
	is    string   // in words
	lines []string // how the names of its figures begin
}

// report is what one making of it knows.
type report struct {
	figures []figure
	failed  []string
}

// figure is a line a test printed.
type figure struct{ name, says, test string }

func main() {
	to := flag.String("to", "docs/trust-report.md", "where the report goes; - for the screen")
	only := flag.String("only", "", "run the tests of this package alone, and print what they say")
	flag.Parse()
	if err := do(context.Background(), *to, *only); err != nil {
		log.Fatal(err)
	}
}

func do(ctx context.Context, to, only string) error {
	now, began := clock.Wall{}, load()
	start := now.Now()
	var r report
	for _, x := range runs {
		if only != "" && x.pkg != only {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s %s\n", x.pkg, x.tests)
		if err := r.run(ctx, x); err != nil {
			return err
		}
	}
	text := r.text(start, now.Now().Sub(start), began+", "+load())
	if to == "-" || only != "" {
		fmt.Print(text)
	} else if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
		return err
	}
	if len(r.failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(r.failed, ", "))
	}
	return nil
}

// run runs some tests and takes what they print. That one fails is part of the report.
func (r *report) run(ctx context.Context, x run) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-timeout=30m", "-run="+x.tests, x.pkg)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	passed := r.read(out)
	err = cmd.Wait()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return err
	}
	if err != nil || passed == 0 {
		r.failed = append(r.failed, x.pkg+" "+x.tests)
	}
	return nil
}

// read takes the figures out of what tests print, and counts the tests that passed.
func (r *report) read(out io.Reader) (passed int) {
	sc := bufio.NewScanner(out)
	sc.Buffer(nil, 1<<20)
	test := ""
	for sc.Scan() {
		l := strings.TrimSpace(sc.Text())
		for _, mark := range []string{"=== RUN ", "=== NAME ", "=== CONT "} {
			if rest, ok := strings.CutPrefix(l, mark); ok {
				test = strings.TrimSpace(rest)
			}
		}
		switch _, said, ok := strings.Cut(l, "TRUST "); {
		case ok:
			if name, says, ok := strings.Cut(said, ": "); ok {
				r.figures = append(r.figures, figure{name, says, test})
			}
		case strings.HasPrefix(l, "--- PASS"):
			passed++
		case strings.HasPrefix(l, "--- FAIL"):
			r.failed = append(r.failed, strings.Fields(strings.TrimPrefix(l, "--- FAIL: "))[0])
		case strings.HasPrefix(l, "--- SKIP"):
			name := strings.Fields(strings.TrimPrefix(l, "--- SKIP: "))[0]
			if !strings.HasPrefix(name, "TestInside") { // it runs within another
				r.failed = append(r.failed, name+" (left out)")
			}
		}
	}
	return passed
}

// of returns the figures of an item, in the order of their names.
func (r *report) of(it item) []figure {
	var out []figure
	for _, f := range r.figures {
		if slices.ContainsFunc(it.lines, func(l string) bool { return strings.HasPrefix(f.name, l) }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b figure) int { return strings.Compare(a.name, b.name) })
	return out
}

// text is the report.
func (r *report) text(at time.Time, took time.Duration, load string) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Trust report\n\nWhat of our promises is shown by a test, with the test's own figures. `make trust` runs the tests and writes this page; `go run ./cmd/trust -only ./record` prints what one package says. What is missed stands here like the rest.\n\n")
	p("Made %s in %s, on %d cores (%s, %s, %s), load %s: the machine is shared, so times are upper bounds.\n\n", at.UTC().Format("2006-01-02 15:04 UTC"), took.Round(time.Second), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
	if len(r.failed) > 0 {
		slices.Sort(r.failed)
		p("**Failed or left out:** %s.\n\n", strings.Join(slices.Compact(r.failed), ", "))
	}
	var known []figure
	for _, it := range items {
		p("## %s\n\n", it.is)
		fs := r.of(it)
		known = append(known, fs...)
		if len(fs) == 0 {
			p("**Missed:** no test said anything of it.\n\n")
			continue
		}
		p("| what | figure |\n|---|---|\n")
		for _, f := range fs {
			p("| %s | %s |\n", f.name, strings.ReplaceAll(f.says, "|", "/"))
		}
		p("\n")
	}
	var rest []figure
	for _, f := range r.figures {
		if !slices.Contains(known, f) {
			rest = append(rest, f)
		}
	}
	if len(rest) > 0 {
		slices.SortStableFunc(rest, func(a, b figure) int { return strings.Compare(a.name, b.name) })
		p("## And besides\n\n| what | figure |\n|---|---|\n")
		for _, f := range rest {
			p("| %s | %s |\n", f.name, strings.ReplaceAll(f.says, "|", "/"))
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// load is how much the machine has to do, over the last minute.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if f := strings.Fields(string(b)); err == nil && len(f) > 0 {
		return f[0]
	}
	return "unknown"
}
