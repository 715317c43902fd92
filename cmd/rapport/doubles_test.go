package main

import (
	"os"
	"strings"
	"testing"

	"rapport/account"
	"rapport/edge/people"
)

// TestDoublesAreDecidedInABrowser looks at the pages about who may be here twice, as
// a list brought them, which the made-up practice has none of.
func TestDoublesAreDecidedInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while; -short leaves it out")
	}
	s := openStreet(t)
	source, pictures := axe(t), os.Getenv("RAPPORT_SHOTS")
	f, err := os.Open("testdata/people.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	im, err := people.New(t.Context(), s.h.vault, account.AsSystem(account.Importer))
	if err != nil {
		t.Fatal(err)
	}
	if rep, err := im.File(t.Context(), f, people.Options{Order: people.DayFirst, Source: "old"}); err != nil || rep.Proposals != 1 {
		t.Fatalf("%d proposed, %v", rep.Proposals, err)
	}
	b := browse(t, s)
	b.view(390, "light")
	b.signIn(s.link(t, "nurse"))
	b.open(s.url + "/doubles")
	var at string
	for _, l := range b.links() {
		if strings.HasPrefix(l, s.url+"/doubles/") {
			at = strings.TrimPrefix(l, s.url)
		}
	}
	if at == "" {
		t.Fatal("no pair is shown")
	}
	b.look(source, pictures, "doubles-open")
	b.open(s.url + at)
	b.look(source, pictures, "doubles-pair")
	b.press("button[value=left]", "/doubles")
	b.look(source, pictures, "doubles-merged")
	b.open(s.url + at)
	b.press("form[action='"+at+"/undo'] button", "/doubles")
	b.open(s.url + at)
	b.press("button[formaction$='/apart']", "/doubles")
	b.look(source, pictures, "doubles-apart")
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.what {
		t.Error(c)
	}
}
