package brief_test

import (
	"net/url"
	"testing"
)

func TestNothingOddMakesABriefFail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	told := h.tell(visit1, true, full())
	begun := h.tell("urn:rapport:form:still-true", false, says{})
	for _, who := range []string{"frontdesk", "ada", "bob", "hana"} {
		v := h.As(who)
		for _, at := range []string{h.forms(), told, begun + "/fill"} {
			v.Get(at).Is(404)
		}
		for _, at := range []string{h.forms(), h.forms() + "/ask", told, told + "/seen", begun + "/fill"} {
			v.Post(at, url.Values{"form": {visit1}, "do": {"accept"}}).Is(404)
		}
	}
	doctor := h.As("physician")
	odd := []string{"", "\x00", "0", "-1", "9223372036854775808", "Condition 1", "‮​", "<script>alert(1)</script>", "\xff\xfe", "#", "1 2 3 4", "add:", "add:99.9", "remove:0", "decline:1", "enough:1"}
	for _, s := range odd {
		for _, at := range []string{told + "?done=" + url.QueryEscape(s), told + "?%zz", begun + "/fill?done=" + url.QueryEscape(s), h.forms() + "?done=" + url.QueryEscape(s), told + "/fill", begun} {
			if got := doctor.Get(at).Status; got >= 500 {
				t.Errorf("GET %s: %d", at, got)
			}
		}
		for _, do := range []string{"accept", "change", "aside", s} {
			if got := doctor.Post(told, url.Values{"do": {do}, "fact": {s}, "why": {s}, "text0": {s}, "state": {s}}).Status; got >= 500 {
				t.Errorf("%s %q: %d", do, s, got)
			}
		}
		for _, was := range []string{s, "1", "999"} {
			if got := doctor.Post(begun+"/fill", url.Values{"do": {s}, "on": {s}, "was": {was}, "q1": {s}, "q2": {s, s}}).Status; got >= 500 {
				t.Errorf("fill %q was %q: %d", s, was, got)
			}
		}
		for _, at := range []string{h.forms(), h.forms() + "/ask", told + "/seen", begun + "/seen"} {
			if got := doctor.Post(at, url.Values{"form": {s}, "todo": {s}}).Status; got >= 500 {
				t.Errorf("%s %q: %d", at, s, got)
			}
		}
	}
	doctor.Get(told).Is(200).HasNot("main script:not([src])")
	doctor.Get(begun + "/fill").Is(200)
}
