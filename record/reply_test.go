package record

import (
	"slices"
	"strconv"
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
		"blank":    {{ID: "a", Title: "A", Body: map[string]string{"en": " \n"}}},
		"capital":  {{ID: "a", Title: "A", Body: map[string]string{"en": "Dear {Name}"}}},
		"spaced":   {{ID: "a", Title: "A", Body: map[string]string{"en": "Dear { name }"}}},
		"open":     {{ID: "a", Title: "A", Body: map[string]string{"en": "Dear {name"}}},
		"closed":   {{ID: "a", Title: "A", Body: map[string]string{"en": "Dear name}"}}},
		"nested":   {{ID: "a", Title: "A", Body: map[string]string{"en": "Dear {{name}}"}}},
		"title":    {{ID: "a", Title: strings.Repeat("x", 500), Body: ok.Body}},
		"step":     {{ID: "a", Title: "A", Body: ok.Body, Steps: []string{strings.Repeat("x", 500)}}},
		"second":   {ok, {ID: "b", Title: "B", Body: map[string]string{"en": "A", "fr": "{none}"}}},
		"many":     many(ok, 201),
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

func many(r Reply, n int) []Reply {
	var out []Reply
	for i := range n {
		r.ID = strconv.Itoa(i)
		out = append(out, r)
	}
	return out
}

func TestWhoMayChangeWhatIsSaidOftenAndWhoReadsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, role := range []string{"nurse", "clinician", "frontdesk"} {
		if _, err := h.v.OpenPractice(t.Context(), h.staff(role), Running); !errs.Is(err, errs.Refused) {
			t.Errorf("a %s runs the practice: %v", role, err)
		}
	}
	if _, err := h.v.OpenPractice(t.Context(), h.client(h.ada), Running); !errs.Is(err, errs.Refused) {
		t.Errorf("a client runs the practice: %v", err)
	}
	p, err := h.v.OpenPractice(t.Context(), h.staff("manager"), Running)
	do(t, err)
	mine := []Reply{{ID: "a", Title: "A", Body: map[string]string{"en": "Dear {name}"}, Steps: []string{"Ask"}}}
	if lines := h.grew("", func() { do(t, p.SetReplies(t.Context(), mine)) }); !slices.Equal(lines, []string{"staff replies running"}) {
		t.Errorf("on the ledger: %v", lines)
	}
	if lines := h.grew("", func() { _ = p.SetReplies(t.Context(), []Reply{{ID: "a"}}) }); len(lines) != 0 {
		t.Errorf("what was not kept is on the ledger: %v", lines)
	}
	reads := func() Reply {
		t.Helper()
		rs := h.open(h.staff("nurse"), Care, h.ada, Messages).Replies()
		if len(rs) != 1 {
			t.Fatalf("a nurse reads %v", rs)
		}
		return rs[0]
	}
	mine[0].Body["en"], mine[0].Steps[0] = "changed", "changed"
	got := reads()
	if got.Body["en"] != "Dear {name}" || got.Steps[0] != "Ask" {
		t.Errorf("who kept it changes it afterwards: %v", got)
	}
	got.Body["en"], got.Steps[0] = "changed", "changed"
	if again := reads(); again.Body["en"] != "Dear {name}" || again.Steps[0] != "Ask" {
		t.Errorf("who read it changes it for everybody: %v", again)
	}
	if rs := h.open(h.client(h.ada), Messaging, h.ada, Messages).Replies(); rs != nil {
		t.Errorf("a client reads what to ask first: %v", rs)
	}
	h.reopen()
	if again := reads(); again.Title != "A" {
		t.Errorf("after a restart: %v", again)
	}
}
