package fhir

import (
	"strings"
	"testing"
)

func TestTermsAreWhatNamesThings(t *testing.T) {
	t.Parallel()
	d, err := Parse([]byte(`{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"urn:q|1",
		"meta":{"tag":[{"code":"tag"}],"profile":["urn:profile"]},"identifier":{"type":{"text":"kind"},"value":"1"},
		"subject":{"display":"somebody","identifier":{"type":{"text":"kind"}}},
		"contained":[{"resourceType":"Condition","id":"c","subject":{"reference":"#p"},"code":{"text":"short \"words\"","coding":[{"system":"urn:s","code":"k","display":"shown"}]},"note":[{"text":"prose"}]}],
		"item":[{"linkId":"none","text":"question"},{"linkId":"group","item":[{"linkId":"one","answer":[{"valueString":"answer","item":[{"linkId":"below","answer":[{"valueBoolean":true}]}]}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for x := range d.Terms {
		got = append(got, strings.Join([]string{[]string{"coded", "written", "asked", "followed"}[x.Kind], string(x.System), string(x.Code), string(x.Text)}, " "))
	}
	want := strings.Join([]string{"followed  urn:q|1 ", "written   somebody", `written   short "words"`, "coded urn:s k shown", "asked  one ", "written   answer", "asked  below "}, "\n")
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
	for range d.Terms {
		break // and no more
	}
	d, err = Parse([]byte(`{`))
	if err == nil {
		t.Fatal("half an object is read")
	}
	for x := range d.Terms {
		t.Errorf("of nothing: %v", x)
	}
}

func TestTermsAllocateNothing(t *testing.T) {
	d, err := Parse([]byte(`{"resourceType":"Condition","subject":{"display":"x"},"code":{"text":"x","coding":[{"system":"urn:s","code":"k","display":"shown"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		for range d.Terms {
			continue
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
