package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/fhir/plan"
)

var library = flag.String("library", "../../forms/library", "where the templates that are shipped lie")

// activitiesIn reads what templates name from a folder.
func activitiesIn(t testing.TB, dir string) func(string) ([]byte, bool) {
	byURL := map[string][]byte{}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var x struct{ URL string }
		if json.Unmarshal(b, &x) == nil && x.URL != "" {
			byURL[x.URL] = b
		}
	}
	return func(canonical string) ([]byte, bool) {
		url, _, _ := strings.Cut(canonical, "|")
		b, ok := byURL[url]
		return b, ok
	}
}

func TestEveryTemplateThatIsShippedLoads(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(*library, "plan-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no templates there")
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		x, err := plan.Read(b, activitiesIn(t, *library))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
			continue
		}
		for _, p := range x.Problems() {
			t.Errorf("%s: %s", filepath.Base(f), p)
		}
		for _, lang := range []string{"en", "es", "fr"} {
			o := x.Outline(lang)
			if x.Title(lang) == "" || len(o.Goals) == 0 || len(o.Steps) == 0 {
				t.Errorf("%s: nothing to propose in %s", filepath.Base(f), lang)
			}
		}
		t.Logf("%s: %d goals, %d steps, %d rules", filepath.Base(f), len(x.Outline("").Goals), len(x.Outline("").Steps), len(x.Rules("")))
	}
}
