package fhir

import (
	"fmt"
	"strconv"
)

// Issue is one reason a resource is not valid. It names elements and never
// repeats content.
type Issue struct {
	Code   string // FHIR's IssueType: invalid, structure, required, value, code-invalid, invariant
	Path   string // a FHIRPath location, Patient.name[0].given
	Reason string
	Offset int // where in the bytes
}

// String returns the issue in one line.
func (i Issue) String() string {
	if i.Path == "" {
		return fmt.Sprintf("%s, at byte %d", i.Reason, i.Offset)
	}
	return fmt.Sprintf("%s: %s, at byte %d", i.Path, i.Reason, i.Offset)
}

type issue struct {
	code, reason string
	node         uint32
	name         string
	off          int
}

const maxIssues = 100

func (d *Doc) issue(code, reason string, at uint32, name string) {
	if len(d.issues) < maxIssues {
		d.issues = append(d.issues, issue{code, reason, at, name, d.i})
	}
}

// Issues returns what is wrong with the resource, at most 100.
func (d *Doc) Issues() []Issue {
	out := make([]Issue, 0, len(d.issues))
	for _, i := range d.issues {
		p := d.path(i.node)
		switch {
		case i.name != "" && p != "":
			p += "." + i.name
		case i.name != "":
			p = i.name
		}
		out = append(out, Issue{i.code, p, i.reason, i.off})
	}
	return out
}

// Unknown returns where the resource holds elements that R4 does not have, at
// most 100. They are kept as they are and read as nothing; whoever wants strict
// R4 refuses a resource that has any. Their names may be content, and are not
// repeated.
func (d *Doc) Unknown() []Issue {
	out := make([]Issue, 0, len(d.strange))
	for _, i := range d.strange {
		out = append(out, Issue{i.code, d.path(i.node), "an element R4 does not have here", i.off})
	}
	return out
}

// path returns where a node is, in FHIRPath.
func (d *Doc) path(n uint32) string {
	if n == 0 || int(n) >= len(d.n) {
		return ""
	}
	x := &d.n[n]
	if x.parent == 0 {
		return d.s.types[x.typ].name
	}
	e := &d.s.types[x.owner].elems[x.elem]
	p := d.path(x.parent) + "." + e.base
	if e.array {
		p += "[" + strconv.Itoa(int(x.at)) + "]"
	}
	return p
}
