package ical

import (
	"os"
	"strings"
	"testing"
	"time"
)

// given is a rule, where it begins and the times it must give, as libical's tests have it.
type given struct {
	about, rule, start, startAt string
	want                        []string
}

func readGiven(t testing.TB, file string) []given {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Skip("the shared answers are not here")
	}
	var out []given
	for block := range strings.SplitSeq(string(b), "\n\n") {
		var g given
		for line := range strings.Lines(block) {
			name, v, _ := strings.Cut(strings.TrimSpace(line), ":")
			switch {
			case strings.HasPrefix(line, "#"):
				g.about = strings.TrimSpace(line)
			case name == "RRULE":
				g.rule = v
			case name == "DTSTART":
				g.start = v
			case name == "START-AT":
				g.startAt = v
			case name == "INSTANCES":
				if v = strings.TrimSpace(v); !strings.HasPrefix(v, "***") {
					g.want = strings.Split(v, ",")
				}
			}
		}
		if g.rule != "" {
			out = append(out, g)
		}
	}
	return out
}

// times expands a rule from a time on, and writes what it gives as the start is written.
func times(rule, start, from string, most int) ([]string, bool) {
	r, ok := parseRule(rule)
	if !ok {
		return nil, false
	}
	w, isDate, utc, ok := parseWall(start)
	if !ok {
		return nil, false
	}
	since := w
	if from != "" {
		since, _, _, _ = parseWall(from)
	}
	form := "20060102T150405"
	if isDate {
		form = "20060102"
	} else if utc {
		form += "Z"
	}
	var out []string
	work := 1 << 24
	whole := r.begin(w, time.UTC, isDate).each(since, lastWall, &work, func(w wall) bool {
		out = append(out, w.utc().Format(form))
		return len(out) < most
	})
	return out, whole
}

// TestRulesGiveWhatOthersSay holds every rule against libical's answers: from its
// start, and from each of its times on.
func TestRulesGiveWhatOthersSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file            string
		answers, silent int
	}{
		{"icalrecur_test.txt", 145, 1},
		{"icalrecur_test_rscale.txt", 13, 1},
	} {
		all := readGiven(t, "../../shared/data/ics/rrule-oracle/"+c.file)
		agree, answers, silent := 0, 0, 0
		for _, g := range all {
			if g.want == nil {
				silent++
				continue
			}
			answers++
			if got, ok := times(g.rule, g.start, "", len(g.want)+3); !ok || strings.Join(got, ",") != strings.Join(g.want, ",") {
				t.Errorf("%s\n%s from %s\n got %v\nwant %v", g.about, g.rule, g.start, got, g.want)
				continue
			}
			agree++
			for i := range g.want {
				if got, ok := times(g.rule, g.start, g.want[i], len(g.want)+3); !ok || strings.Join(got, ",") != strings.Join(g.want[i:], ",") {
					t.Errorf("%s from %s, seen from %s: got %v", g.rule, g.start, g.want[i], got)
				}
			}
			if g.startAt != "" {
				from, _, _, _ := parseWall(g.startAt)
				want := g.want
				for len(want) > 0 {
					if w, _, _, _ := parseWall(want[0]); w >= from {
						break
					}
					want = want[1:]
				}
				if got, _ := times(g.rule, g.start, g.startAt, len(g.want)+3); strings.Join(got, ",") != strings.Join(want, ",") {
					t.Errorf("%s from %s, seen from %s: got %v", g.rule, g.start, g.startAt, got)
				}
			}
		}
		t.Logf("%s: %d of %d agree; it has no answer for %d", c.file, agree, answers, silent)
		if answers != c.answers || silent != c.silent {
			t.Errorf("%s: read %d answers and %d without", c.file, answers, silent)
		}
	}
}
