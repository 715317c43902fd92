package rapport_test

import (
	"os"
	"strings"
	"testing"
)

// promised are what docs/trust-report.md must have a figure for, by a few words of its
// heading and of a line below it.
var promised = map[string][]string{
	"tell two worlds apart":     {"non-interference"},
	"Planted leaks":             {"leak count", "leak ETag", "leak 403 for 404", "leak next link", "leak order of lines", "leak badge"},
	"1,000 edits to the ledger": {"edits", "rolled-back"},
	"Canary strings":            {"canaries"},
	"50 clients shredded":       {"shred", "restore"},
	"Killed at each step":       {"kill"},
	"loopback only":             {"loopback"},
}

// TestTheTrustReportHasEveryPromise holds the committed report to what was asked for. Its
// figures are of the day they were measured; that each is there is checked.
func TestTheTrustReportHasEveryPromise(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("docs/trust-report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, lack := range lacking(string(b)) {
		t.Error(lack)
	}
	if strings.Contains(string(b), "**Failed or left out:**") {
		t.Error("docs/trust-report.md was made by a run in which something failed: mend it, or say so where the promise is made")
	}
	for _, line := range []string{"| leak badge |", "| shred |", "| loopback |"} {
		if len(lacking(strings.ReplaceAll(string(b), line, "| |"))) == 0 {
			t.Errorf("without %q the report passes", line)
		}
	}
}

// lacking lists the promises without a figure.
func lacking(report string) (out []string) {
	for about, lines := range promised {
		_, part, ok := strings.Cut(report, about)
		if !ok {
			out = append(out, "docs/trust-report.md says nothing of: "+about)
			continue
		}
		part, _, _ = strings.Cut(part, "\n## ")
		for _, l := range lines {
			if !strings.Contains(part, "\n| "+l) {
				out = append(out, "docs/trust-report.md has no figure for "+l+" under: "+about)
			}
		}
	}
	return out
}
