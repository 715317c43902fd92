package main

import (
	"fmt"
	"strconv"
	"strings"
)

type stepKind uint8

const (
	stepName stepKind = iota + 1
	stepAs
	stepIndex
	stepEquals
	stepRefIs
	stepExtension
	stepHasExtension
	stepNotFalse
)

type step struct {
	kind stepKind
	a, b string
	n    int
}

// split cuts s at sep where no quote or parenthesis is open.
func split(s, sep string) []string {
	var out []string
	depth, quoted, last := 0, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(s[i:], sep):
			out = append(out, strings.TrimSpace(s[last:i]))
			last = i + len(sep)
			i += len(sep) - 1
		}
	}
	return append(out, strings.TrimSpace(s[last:]))
}

// parse reads one alternative of a search parameter's expression: the small part
// of FHIRPath that R4's own parameters use.
func parse(s string) ([]step, error) {
	s = strings.TrimSpace(s)
	if a := split(s, " and "); len(a) > 1 {
		// Patient.deceased.exists() and Patient.deceased != false
		st, err := parse(strings.TrimSuffix(a[0], ".exists()"))
		return append(st, step{kind: stepNotFalse}), err
	}
	if a := split(s, " as "); len(a) == 2 {
		st, err := parse(a[0])
		return append(st, step{kind: stepAs, a: strings.TrimSpace(a[1])}), err
	}
	var out []step
	for _, p := range split(s, ".") {
		st, err := parseStep(p)
		if err != nil {
			return nil, err
		}
		out = append(out, st...)
	}
	return out, nil
}

func parseStep(p string) ([]step, error) {
	if strings.HasPrefix(p, "(") && strings.HasSuffix(p, ")") {
		return parse(p[1 : len(p)-1])
	}
	if i := strings.IndexByte(p, '['); i > 0 {
		n, err := strconv.Atoi(strings.TrimSuffix(p[i+1:], "]"))
		return []step{{kind: stepName, a: p[:i]}, {kind: stepIndex, n: n}}, err
	}
	i := strings.IndexByte(p, '(')
	if i < 0 {
		if strings.HasPrefix(p, "%") {
			return nil, fmt.Errorf("unsupported %q", p)
		}
		return []step{{kind: stepName, a: p}}, nil
	}
	f, arg := p[:i], strings.TrimSpace(p[i+1:len(p)-1])
	quoted := strings.Trim(arg, "'")
	switch {
	case f == "as" || f == "ofType":
		return []step{{kind: stepAs, a: arg}}, nil
	case f == "extension":
		return []step{{kind: stepExtension, a: quoted}}, nil
	case f == "where" && strings.HasPrefix(arg, "resolve() is "):
		return []step{{kind: stepRefIs, a: strings.TrimPrefix(arg, "resolve() is ")}}, nil
	case f == "where" && strings.HasPrefix(arg, "hasExtension("):
		return []step{{kind: stepHasExtension, a: strings.Trim(arg[13:len(arg)-1], "'")}}, nil
	case f == "where" && strings.Contains(arg, "="):
		a, b, _ := strings.Cut(arg, "=")
		return []step{{kind: stepEquals, a: strings.TrimSpace(a), b: strings.Trim(strings.TrimSpace(b), "'")}}, nil
	}
	return nil, fmt.Errorf("unsupported %q", p)
}
