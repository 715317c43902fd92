package account

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRolesComeBackFromTheirCodes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r Roles
		for _, x := range AllRoles() {
			if rapid.Bool().Draw(t, x.String()) {
				r |= x
			}
		}
		if got, ok := ParseRoles(r.String()); !ok || got != r {
			t.Fatalf("%q comes back as %q, %v", r, got, ok)
		}
	})
	for _, bad := range []string{"doctor", "nurse doctor", "Nurse", "nurse,manager", "nurse manager root"} {
		if got, ok := ParseRoles(bad); ok || got != 0 {
			t.Errorf("%q grants %q, %v", bad, got, ok)
		}
	}
	if r, ok := ParseRoles(" \t"); !ok || r != 0 {
		t.Errorf("no codes grant %q, %v", r, ok)
	}
	seen := Roles(0)
	for _, r := range AllRoles() {
		if r == 0 || r&(r-1) != 0 || seen&r != 0 || strings.Contains(r.String(), " ") {
			t.Errorf("role %b is not one of its own", r)
		}
		seen |= r
	}
}

func TestTheZeroActorIsNobody(t *testing.T) {
	t.Parallel()
	var a Actor
	if a.Kind() != Nobody || a.ID() != "" || a.Name() != "" || a.Title() != "" || a.Roles() != 0 || a.Client() != "" {
		t.Errorf("the zero Actor is %+v", a)
	}
	if Kind(99).String() != "nobody" || Nobody.String() != "nobody" {
		t.Error("an unknown kind has a name")
	}
}

func TestOnlyAClientHasAChartOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, k := range []Kind{Nobody, Staff, System, 9} {
		if c := (Actor{sub: Subject{k, "x"}}).Client(); c != "" {
			t.Errorf("a %v has the chart %q", k, c)
		}
	}
	if c := (Actor{sub: Subject{Client, "x"}}).Client(); c != "x" {
		t.Errorf("a client has the chart %q", c)
	}
}

func TestOnlyListedSoftwareActs(t *testing.T) {
	t.Parallel()
	for _, s := range AllSoftware() {
		a := AsSystem(s)
		if a.Kind() != System || a.ID() == "" || a.ID() != s.String() || a.Roles() != 0 || a.Client() != "" {
			t.Errorf("software %d acts as %+v", s, a)
		}
	}
	for _, s := range []Software{0, softwareEnd, 200} {
		if a := AsSystem(s); a != (Actor{}) {
			t.Errorf("software %d, which is none, acts as %+v", s, a)
		}
	}
}

func TestAnActorPrintsNoName(t *testing.T) {
	t.Parallel()
	a := Actor{sub: Subject{Staff, "s1"}, name: "Priya Raman", title: "Nurse"}
	if s := a.String(); s != "staff s1" {
		t.Errorf("an Actor prints as %q", s)
	}
}
