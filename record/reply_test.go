package record

import (
	"strings"
	"testing"

	"rapport/account"
	"rapport/errs"
)

func TestAVariableIsFilledOnceAndNoMore(t *testing.T) {
	t.Parallel()
	values := map[string]string{"name": "{phone} {me}", "phone": "020", "me": "Priya"}
	for text, want := range map[string]string{
		"Dear {name}, call {phone}. {me}": "Dear {phone} {me}, call 020. Priya",
		"{none} {{name}}":                 " {{phone} {me}}",
		"{":                               "{", "}{": "}{", "": "",
	} {
		if got := Fill(text, values); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsSaidOftenIsKeptAndChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, err := h.v.OpenPractice(t.Context(), account.AsSystem(account.Importer), Importing)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.SetReplies(t.Context(), DefaultReplies()); err != nil {
		t.Fatalf("what ships is not good enough: %v", err)
	}
	ok := Reply{ID: "a", Title: "A", Body: map[string]string{"en": "Dear {name}"}}
	if err := p.SetReplies(t.Context(), []Reply{ok}); err != nil || len(p.Replies()) != 1 {
		t.Fatalf("%v, %d kept", err, len(p.Replies()))
	}
	for name, bad := range map[string][]Reply{
		"twice":    {ok, ok},
		"nameless": {{ID: "a", Body: ok.Body}},
		"wordless": {{ID: "a", Title: "A"}},
		"variable": {{ID: "a", Title: "A", Body: map[string]string{"en": "Dear {nmae}"}}},
		"long":     {{ID: "a", Title: "A", Body: map[string]string{"en": strings.Repeat("x", 5000)}}},
		"steps":    {{ID: "a", Title: "A", Body: ok.Body, Steps: make([]string, 13)}},
	} {
		if err := p.SetReplies(t.Context(), bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if rs := p.Replies(); len(rs) != 1 || rs[0].Title != "A" {
		t.Errorf("what was refused is kept: %v", rs)
	}
	for _, r := range DefaultReplies() {
		for _, l := range []string{"en", "es", "fr"} {
			if r.Body[l] == "" {
				t.Errorf("%s has no words in %s", r.ID, l)
			}
		}
	}
}
