package path

import (
	"strings"

	"rapport/fhir"
)

// Equal is FHIRPath's = of two values; what cannot be told (2024 and 2024-05) is
// not equal.
func Equal(a, b Value) bool {
	same, sure := equal(a, b)
	return same && sure
}

// equal is = of two items. sure is false when the answer is not known.
func equal(a, b Value) (same, sure bool) {
	if a.atom != nil {
		a, b = b, a
	}
	if b.atom != nil && b.atom.kind == kindString && a.atom == nil {
		if t, valued := a.node.Declared(); valued && textual[t] {
			return a.node.Says(b.atom.text), true
		}
	}
	x, ok := a.system()
	y, ok2 := b.system()
	if !ok || !ok2 {
		return a.node.OK() && b.node.OK() && deepEqual(a.node, b.node), true
	}
	x, y = meet(x, y)
	switch {
	case x.numeric() && y.numeric():
		if x.kind == kindInt && y.kind == kindInt {
			return x.i == y.i, true
		}
		return x.number().cmp(y.number()) == 0, true
	case x.timely() && y.timely():
		if (x.kind == kindTime) != (y.kind == kindTime) {
			return false, true
		}
		order, sure := x.compare(y)
		return order == 0, sure
	case x.kind != y.kind:
		return false, true
	case x.kind == kindQuantity:
		order, sure := compareQuantity(x, y)
		return order == 0, sure
	case x.kind == kindBool:
		return x.i == y.i, true
	}
	return x.text == y.text, true
}

// meet turns one of two values into the type of the other, where FHIRPath does
// so by itself: a number into a Quantity, a text into a date.
func meet(x, y atom) (atom, atom) {
	switch {
	case x.kind == kindQuantity && y.numeric():
		y = atom{kind: kindQuantity, num: y.number(), text: "1"}
	case y.kind == kindQuantity && x.numeric():
		x = atom{kind: kindQuantity, num: x.number(), text: "1"}
	case x.kind == kindString && y.timely():
		x = dated(x, y.kind)
	case y.kind == kindString && x.timely():
		y = dated(y, x.kind)
	}
	return x, y
}

func dated(x atom, k kind) atom {
	if k == kindTime {
		if a, ok := parseClock(strings.TrimPrefix(x.text, "T")); ok {
			return a
		}
		return x
	}
	if a, ok := parseMoment(x.text); ok {
		return a
	}
	return x
}

// deepEqual says whether two elements have the same parts in the same order.
func deepEqual(a, b fhir.Node) bool {
	t, valued := a.Declared()
	u, valued2 := b.Declared()
	if t != u || valued != valued2 {
		return false
	}
	if valued && !Equal(Of(a), Of(b)) {
		return false
	}
	xs, ys := parts(a), parts(b)
	if len(xs) != len(ys) {
		return false
	}
	used := make([]bool, len(ys))
	for _, x := range xs {
		found := false
		for j, y := range ys {
			if used[j] || x.Element() != y.Element() {
				continue
			}
			// The first of that name not yet met is the one in the same place.
			if used[j] = deepEqual(x, y); !used[j] {
				return false
			}
			found = true
			break
		}
		if !found {
			return false
		}
	}
	return true
}

func parts(n fhir.Node) []fhir.Node {
	var out []fhir.Node
	for c := range n.Elements("") {
		out = append(out, c)
	}
	return out
}

// equivalent is ~ of two items.
func equivalent(a, b Value) bool {
	x, ok := a.system()
	y, ok2 := b.system()
	if !ok || !ok2 {
		return a.node.OK() && b.node.OK() && deepEquivalent(a.node, b.node)
	}
	x, y = meet(x, y)
	switch {
	case x.numeric() && y.numeric():
		m, n := x.number(), y.number()
		p := min(m.trim().scale, n.trim().scale)
		return m.round(p).cmp(n.round(p)) == 0
	case x.kind == kindString && y.kind == kindString:
		return normal(x.text) == normal(y.text)
	case x.kind == kindQuantity && y.kind == kindQuantity:
		return likeQuantity(x, y)
	}
	return Equal(computed(x), computed(y))
}

func normal(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// deepEquivalent says whether two elements have like parts in any order. Ids do
// not count.
func deepEquivalent(a, b fhir.Node) bool {
	t, valued := a.Declared()
	u, valued2 := b.Declared()
	if valued != valued2 || !valued && t != u {
		return false
	}
	if valued {
		return equivalent(Of(a), Of(b))
	}
	xs, ys := parts(a), parts(b)
	if len(xs) != len(ys) {
		return false
	}
	used := make([]bool, len(ys))
	for _, x := range xs {
		found := false
		for j, y := range ys {
			if !used[j] && x.Element() == y.Element() && deepEquivalent(x, y) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}
