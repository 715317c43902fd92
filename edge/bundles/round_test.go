package bundles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryByteComesBack holds what is kept against the file, byte for byte: only
// the whitespace between tokens may go.
func TestEveryByteComesBack(t *testing.T) {
	t.Parallel()
	odd, err := os.ReadFile(filepath.Join("testdata", "odd.json"))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat(`long \u00e9 é 😀 \\ \" `, 40_000)
	more := []string{
		res("Patient", "long", `"name":[{"text":"`+long+`"}]`),
		res("Observation", "wide", `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/long"},"note":[`+strings.TrimSuffix(strings.Repeat(`{"text":"n"},`, 5000), ",")+`]`),
		res("Binary", "data", `"contentType":"application/octet-stream","securityContext":{"reference":"Patient/long"},"data":"`+strings.Repeat("QUJD", 1<<20)+`"`),
	}
	want := map[string]string{}
	var lines []string
	learn := func(raw []byte) {
		t.Helper()
		var x struct{ ResourceType, ID string }
		if err := json.Unmarshal(raw, &x); err != nil {
			t.Fatal(err)
		}
		person := x.ID
		if x.ResourceType != "Patient" {
			person = map[string]string{"digits": "odd", "wide": "long", "data": "long"}[x.ID]
		}
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			t.Fatal(err)
		}
		want[fmt.Sprintf("%s/%s/%s", person, x.ResourceType, x.ID)] = "1 " + b.String()
		lines = append(lines, b.String())
	}
	var x struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(odd, &x); err != nil {
		t.Fatal(err)
	}
	for _, e := range x.Entry {
		learn(e.Resource)
	}
	for _, r := range more {
		learn([]byte(r))
	}
	for name, files := range map[string][]string{
		"bundles": {filepath.Join("testdata", "odd.json"), file(t, "more.json", collection(more...))},
		"lines":   {file(t, "all.ndjson", strings.Join(lines, "\r\n"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			if rep := bring(t, v, files...); rep.Written != len(want) || len(rep.Refused) > 0 {
				t.Fatalf("%+v", rep)
			}
			sameState(t, state(t, v), want)
		})
	}
}
