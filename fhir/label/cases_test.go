package label

import (
	"bufio"
	"encoding/json"
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

// TestRecallAndPrecision holds what is found to what was found when it was last written
// down: `go test ./fhir/label -run Recall -args -write`, which is for a change that is meant.
func TestRecallAndPrecision(t *testing.T) {
	t.Parallel()
	recall := map[string]*tally{}
	innocent, later, wrong := tally{}, tally{}, 0
	var missed []string
	for _, m := range cases(t) {
		got, want := Of(parsed(t, m.Resource)), Parse(m.Want)
		if want == 0 {
			c := &innocent
			if m.Kind == "later" {
				c = &later
			}
			c.of++
			if got == 0 {
				c.found++
			} else {
				missed = append(missed, "over: "+got.String()+" "+string(m.Resource))
			}
			continue
		}
		kinds := []string{m.Kind, strings.Fields(m.Want)[0]}
		if m.Kind == "later" {
			kinds = kinds[:1]
		}
		for _, k := range kinds {
			if recall[k] == nil {
				recall[k] = &tally{}
			}
			recall[k].of++
			if got&want == want {
				recall[k].found++
			}
		}
		if got&want != want {
			missed = append(missed, "missed: "+m.Want+" "+string(m.Resource))
		}
		if got&^want != 0 {
			wrong++
			missed = append(missed, "more: "+got.String()+" for "+m.Want+" "+string(m.Resource))
		}
	}
	var lines []string
	for _, k := range []string{"coded", "en", "fr", "es", "reproductive", "sexual", "gender", "mental", "substance", "genetic", "violence", "second", "later"} {
		lines = append(lines, k+" "+recall[k].String())
	}
	lines = append(lines, "innocent "+innocent.String(), "innocent later "+later.String(), fmt.Sprintf("more %d", wrong))
	for _, l := range missed {
		t.Log(l)
	}
	t.Logf("TRUST %s: %s", "labels-recall", strings.Join(lines, "; "))
}
