package main

import (
	"strings"
	"testing"
)

// TestAListIsTakenOnceAndSaysFiguresOnly imports a made-up list twice: two of its
// people are likely one, one has a birth date there is none of, and one has another's number
func TestAListIsTakenOnceAndSaysFiguresOnly(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	args := []string{"import", "--quiet", "--dir", dir, "--csv-order", "day", "--csv-source", "old", "testdata/people.csv"}
	for _, want := range []string{"rows: 5. New people: 4. Known already: 0. Not taken: 1.\nPairs that may be one person, for staff to decide: 1.\n", "rows: 5. New people: 0. Known already: 4. Not taken: 1.\n"} {
		out, errOut, code := run(t, "", args...)
		if code == 0 || !strings.HasSuffix(out, want) {
			t.Errorf("exit %d, %q, want %q at its end and no success, for one was not taken", code, out, want)
		}
		if strings.Contains(want, "Known already: 4") && strings.Contains(out, "Pairs") {
			t.Errorf("proposed again: %q", out)
		}
		for _, line := range []string{"line 5", "line 6"} {
			if !strings.Contains(errOut, line) {
				t.Errorf("%s is not named in %q", line, errOut)
			}
		}
		for _, secret := range []string{"Ashworth", "Marion", "Calder", "1961", "31/02", "Tilda", "1970", "7946", "Quay"} {
			if strings.Contains(out+errOut, secret) {
				t.Errorf("%q was printed: %q, %q", secret, out, errOut)
			}
		}
	}
	if _, errOut, code := run(t, "", "import", "--quiet", "--dir", dir, "--csv-source", "Old System", "testdata/people.csv"); code == 0 || !strings.Contains(errOut, "--csv-source takes") {
		t.Errorf("a source that is no name: exit %d, %q", code, errOut)
	}
	if _, errOut, code := run(t, "", "import", "--quiet", "--dir", dir, "--csv-order", "year", "testdata/people.csv"); code == 0 || errOut == "" {
		t.Errorf("an order there is none of: exit %d, %q", code, errOut)
	}
}
