// Command bench measures this program on this machine and prints figures beside
// what we aim for, with the ratio. It passes and fails nothing: machines differ,
// and a figure is for reading. It refuses to measure a build other than the tree
// it stands in.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"rapport/clock"
)

// wall is the clock that durations are read from.
var wall clock.Wall

// figure is one line of the report.
type figure struct {
	what string
	got  float64
	unit string
	aim  float64 // what we aim for; 0 for a figure without an aim
	best way     // which side of the aim is good
	note string
}

// way says which side of an aim is good.
type way uint8

const (
	_ way = iota
	atLeast
	atMost
)

func (f figure) String() string {
	s := fmt.Sprintf("%-46s %12s %-12s", f.what, short(f.got), f.unit)
	ratio := f.got / f.aim
	if f.got == f.aim {
		ratio = 1
	}
	switch f.best {
	case atLeast:
		s += fmt.Sprintf("aim ≥ %-9s ratio %5.2f %s", short(f.aim), ratio, verdict(f.got >= f.aim))
	case atMost:
		s += fmt.Sprintf("aim ≤ %-9s ratio %5.2f %s", short(f.aim), ratio, verdict(f.got <= f.aim))
	}
	if f.note != "" {
		s += "  " + f.note
	}
	return s
}

func verdict(good bool) string {
	if good {
		return "met"
	}
	return "MISSED"
}

func short(v float64) string {
	switch {
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func main() {
	log.SetFlags(0)
	synthea := flag.String("synthea", "../shared/data/synthea", "a folder of Synthea bundles to import")
	only := flag.String("only", "", "measure this alone: import, charts, booking, told, talk or process")
	flag.Parse()
	dir, err := os.MkdirTemp("", "rapport-bench")
	if err != nil {
		log.Fatal("bench: ", err)
	}
	err = run(context.Background(), dir, *synthea, *only)
	os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	if err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, dir, synthea, only string) error {
	fmt.Printf("%s, %s/%s, %d processors, load %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load())
	print := func(fs []figure, err error) error {
		for _, f := range fs {
			fmt.Println(f)
		}
		return err
	}
	files, err := jsonFiles(synthea)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		fmt.Println("no Synthea bundles in", synthea, "- the import is measured over nothing, and left out")
	}
	for _, part := range []struct {
		name    string
		measure func() ([]figure, error)
	}{
		{"import", func() ([]figure, error) { return importing(ctx, filepath.Join(dir, "import"), files) }},
		{"charts", func() ([]figure, error) { return charts(ctx, filepath.Join(dir, "charts")) }},
		{"booking", func() ([]figure, error) { return booking(ctx, dir) }},
		{"told", func() ([]figure, error) { return told(ctx, filepath.Join(dir, "told")) }},
		{"talk", func() ([]figure, error) { return talk(ctx, filepath.Join(dir, "talk")) }},
		{"process", func() ([]figure, error) { return process(ctx, dir) }},
	} {
		if only != "" && only != part.name {
			continue
		}
		if err := print(part.measure()); err != nil {
			return err
		}
	}
	fmt.Printf("\nload at the end %s\n", load())
	return nil
}

// load is the machine's load average, for whoever reads the figures.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// jsonFiles finds the JSON files below a folder; none if there is no folder.
func jsonFiles(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(p) == ".json" {
			out = append(out, p)
		}
		return nil //nolint:nilerr // a folder that is not there holds none
	})
	return out, err
}

// quantile returns the q-th part of durations, in milliseconds.
func quantile(ds []time.Duration, q float64) float64 {
	slices.Sort(ds)
	return float64(ds[int(q*float64(len(ds)-1))].Microseconds()) / 1000
}

// timed runs f n times and returns how long each took.
func timed(n int, f func(i int) error) ([]time.Duration, error) {
	ds := make([]time.Duration, n)
	for i := range ds {
		begun := wall.Now()
		if err := f(i); err != nil {
			return nil, err
		}
		ds[i] = wall.Now().Sub(begun)
	}
	return ds, nil
}
