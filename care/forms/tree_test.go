package forms

import (
	"bytes"
	"encoding/json"
	"testing"

	library "rapport/forms"
)

func TestATreeGivesBackWhatItWasGiven(t *testing.T) {
	t.Parallel()
	for _, s := range []string{`{}`, `[]`, `{"a":1.50,"b":[1e3,-0,true,null],"c":{"é":"\u00e9\/<&"},"a2":""}`, `{"x":[[],{}]}`} {
		n, err := parse([]byte(" " + s + "\n"))
		if err != nil || string(n.bytes()) != s {
			t.Errorf("%s: %v %s", s, err, n.bytes())
		}
	}
	for _, s := range []string{``, `{`, `{} {}`, `{"a"}`, `[1,]`, `nul`} {
		if _, err := parse([]byte(s)); err == nil {
			t.Errorf("%q is read", s)
		}
	}
	for _, r := range library.Shipped() {
		n, err := parse(r.JSON)
		var want bytes.Buffer
		if err == nil {
			err = json.Compact(&want, r.JSON)
		}
		if err != nil || !bytes.Equal(n.bytes(), want.Bytes()) {
			t.Errorf("%s: %v", r.URL, err)
		}
	}
}

func TestVersionsRise(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"1", "9", "1.2", "1.9", "2024", "4.0.0-ballot", "draft", ""} {
		if next := raised(v); library.Newer(next, v) <= 0 {
			t.Errorf("%q is not after %q", next, v)
		}
	}
}

func TestAnAddressHasOneName(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, u := range []string{"urn:rapport:form:a", "urn:rapport:form:A", "urn:rapport:form:a/b", "http://a/b", "http://a/b ", "urn:rapport:form:", "", "urn:rapport:form:x-1"} {
		k := key(u)
		if !plain(k) || seen[k] != "" {
			t.Errorf("%q is called %q, as is %q", u, k, seen[k])
		}
		seen[k] = u
	}
	if a, b := resourceID("f", "1.0+x"), resourceID("f", "1.0-x"); a == b || len(a) > 64 {
		t.Error(a, b)
	}
}

func FuzzTree(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,{"b":"c"}]}`, odd, `[[[]]]`, `{"a":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := parse(b)
		if err != nil {
			return
		}
		once := n.bytes()
		again, err := parse(once)
		if err != nil || !bytes.Equal(again.bytes(), once) || !json.Valid(once) {
			t.Fatalf("%v\n%s\n%s", err, once, b)
		}
		if n.kind == '{' {
			was := readAsked(n, "en")
			was.write(n, n, was, func(string) *asked { return nil }, "en")
			spots(n)
			judge(was.Text, "en", nil)
		}
	})
}
