package main

import (
	"fmt"
	"go/format"
	"regexp"
	"strings"
)

var (
	between = regexp.MustCompile(`>\s+<`)
	shape   = regexp.MustCompile(`^(<(path|circle|rect|line|polyline|polygon|ellipse)( (d|cx|cy|r|rx|ry|x|y|x1|x2|y1|y2|width|height|points|fill)="[-0-9A-Za-z., ]*")+ ?/>)+$`)
)

// innerSVG returns what stands inside the svg element, and refuses anything
// but plain shapes: what it returns is written into pages unescaped.
func innerSVG(s string) (string, error) {
	open := strings.Index(s, "<svg")
	if open < 0 {
		return "", fmt.Errorf("no svg element")
	}
	start := strings.IndexByte(s[open:], '>')
	end := strings.LastIndex(s, "</svg>")
	if start < 0 || end < open+start {
		return "", fmt.Errorf("no svg element")
	}
	in := strings.TrimSpace(between.ReplaceAllString(s[open+start+1:end], "><"))
	in = strings.ReplaceAll(in, " />", "/>")
	if !shape.MatchString(in) {
		return "", fmt.Errorf("more than plain shapes: %s", in)
	}
	return in, nil
}

func formatted(b []byte) ([]byte, error) { return format.Source(b) }
