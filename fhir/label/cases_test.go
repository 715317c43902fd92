package label

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"rapport/fhir"
)

// made is one of testdata/cases.jsonl: a resource written for this test, and where it lies.
// What nobody would tell from a few words is among them too: those are missed.
type made struct {
	Kind     string // coded; en, fr or es for words; innocent; second: read once and learned from; later: written after the lists, which were not changed for it
	Want     string
	Resource json.RawMessage
}

func cases(t testing.TB) []made {
	t.Helper()
	f, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []made
	for in := bufio.NewScanner(f); in.Scan(); {
		var m made
		if err := json.Unmarshal(in.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func parsed(t testing.TB, b []byte) *fhir.Doc {
	t.Helper()
	d, err := fhir.Parse(b)
	if err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return d
}

// tally counts what was found of what was to be found.
type tally struct{ found, of int }

func (c tally) String() string { return fmt.Sprintf("%d of %d", c.found, c.of) }

var update = flag.Bool("update", false, "write testdata/recall.txt")

// TestRecallAndPrecision holds what is found to what was found when it was last written
// down with -update, which is for a change that is meant.
func TestRecallAndPrecision(t *testing.T) {
	t.Parallel()
	c := counts{recall: map[string]*tally{}}
	for _, m := range cases(t) {
		c.count(m, Of(parsed(t, m.Resource)))
	}
	for _, l := range c.log {
		t.Log(l)
	}
	got := c.String()
	t.Logf("TRUST %s: %s", "labels-recall", strings.ReplaceAll(strings.TrimSpace(got), "\n", "; "))
	if *update {
		if err := os.WriteFile("testdata/recall.txt", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/recall.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("found:\n%swritten down:\n%s", got, want)
	}
}

// counts is what was found of all cases.
type counts struct {
	recall          map[string]*tally
	innocent, later tally // what is not sensitive, and was found not to be
	more            int   // put where it does not lie, besides where it does
	log             []string
}

func (c *counts) count(m made, got Set) {
	want := Parse(m.Want)
	if want == 0 {
		n := &c.innocent
		if m.Kind == "later" {
			n = &c.later
		}
		n.of++
		if got == 0 {
			n.found++
		} else {
			c.log = append(c.log, "over: "+got.String()+" "+string(m.Resource))
		}
		return
	}
	kinds := []string{m.Kind, strings.Fields(m.Want)[0]}
	if m.Kind == "later" {
		kinds = kinds[:1]
	}
	for _, k := range kinds {
		if c.recall[k] == nil {
			c.recall[k] = &tally{}
		}
		c.recall[k].of++
		if got&want == want {
			c.recall[k].found++
		}
	}
	if got&want != want {
		c.log = append(c.log, "missed: "+m.Want+" "+string(m.Resource))
	}
	if got&^want != 0 {
		c.more++
		c.log = append(c.log, "more: "+got.String()+" for "+m.Want+" "+string(m.Resource))
	}
}

func (c *counts) String() string {
	var b strings.Builder
	for _, k := range []string{"coded", "en", "fr", "es", "reproductive", "sexual", "gender", "mental", "substance", "genetic", "violence", "second", "later"} {
		fmt.Fprintf(&b, "%s %s\n", k, c.recall[k])
	}
	fmt.Fprintf(&b, "innocent %s\ninnocent later %s\nmore %d\n", c.innocent, c.later, c.more)
	return b.String()
}
