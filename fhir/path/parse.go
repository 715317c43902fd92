package path

import (
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
)

const (
	maxSource = 64 << 10
	maxDepth  = 200  // brackets in brackets
	maxChain  = 2000 // steps and operators after each other
)

type op uint8

const (
	opLiteral op = iota
	opThis
	opIndex
	opTotal
	opVariable
	opMember
	opCall
	opItem
	opBinary
	opNegate
	opPlus
	opIs
	opAs
)

// node is one step of an expression. A member or call without a left side is
// one on $this.
type node struct {
	op      op
	name    string // a member, variable, function, operator or type
	left    *node
	right   *node
	args    []*node
	value   []Value // of a literal
	call    *function
	depth   int
	defines bool    // there is a defineVariable() in it
	path    *lookup // where(name = 'literal'), to be looked up
}

// lookup is the criterion name = 'text' of a where().
type lookup struct{ name, text string }

// precedence of the operators, from the loosest.
var precedence = map[string]int{
	"implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "~": 5, "!=": 5, "!~": 5,
	"<=": 6, "<": 6, ">": 6, ">=": 6, "|": 7, "is": 8, "as": 8, "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10,
}

const tightest = 11 // a sign before a term

type parser struct {
	tokens []token
	i      int
	depth  int
	names  []string
}

func parse(src string) (*node, []string, error) {
	if len(src) > maxSource {
		return nil, nil, errs.E(errs.Invalid, "fhirpath: the expression is too long")
	}
	ts, err := lex(src)
	if err != nil {
		return nil, nil, err
	}
	p := &parser{tokens: ts}
	n, err := p.expression(0)
	if err != nil {
		return nil, nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, nil, p.unexpected()
	}
	return n, p.names, nil
}

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) unexpected() error {
	t := p.peek()
	if t.kind == tokenEnd {
		return syntax(t.pos, "the expression ends too early")
	}
	return syntax(t.pos, "something unexpected")
}

func (p *parser) eat(mark string) error {
	if !p.peek().is(mark) {
		return p.unexpected()
	}
	p.i++
	return nil
}

// grown sets what a node has of its parts. The depth bounds the work of walking
// the tree.
func grown(n *node, parts ...*node) (*node, error) {
	n.defines = n.op == opCall && n.name == "defineVariable"
	for _, x := range slices.Concat(parts, []*node{n.left, n.right}) {
		if x == nil {
			continue
		}
		n.depth = max(n.depth, x.depth+1)
		n.defines = n.defines || x.defines
	}
	if n.depth > maxChain {
		return nil, errs.E(errs.Invalid, "fhirpath: the expression is too deep")
	}
	return n, nil
}

func (p *parser) expression(min int) (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, syntax(p.peek().pos, "the expression is too deep")
	}
	defer func() { p.depth-- }()
	l, err := p.signed()
	for err == nil {
		t := p.peek()
		prec, ok := precedence[t.text]
		if !ok || prec < min || t.kind != tokenMark && t.kind != tokenName {
			return l, nil
		}
		p.i++
		n := &node{op: opBinary, name: t.text, left: l}
		switch t.text {
		case "is", "as":
			n.op = opIs
			if t.text == "as" {
				n.op = opAs
			}
			n.name, err = p.typeName()
		default:
			n.right, err = p.expression(prec + 1)
		}
		if err == nil {
			l, err = grown(n)
		}
	}
	return nil, err
}

func (p *parser) signed() (*node, error) {
	t := p.peek()
	if !t.is("-") && !t.is("+") {
		return p.chain()
	}
	p.i++
	x, err := p.expression(tightest)
	if err != nil {
		return nil, err
	}
	n := &node{op: opPlus, left: x}
	if t.text == "-" {
		n.op = opNegate
	}
	return grown(n)
}

func (p *parser) identifier() (string, bool) {
	t := p.peek()
	if t.kind == tokenName && !digit(t.text[0]) || t.kind == tokenQuoted && t.text != "" {
		p.i++
		return t.text, true
	}
	return "", false
}

func (p *parser) typeName() (string, error) {
	s, ok := p.identifier()
	if !ok {
		return "", p.unexpected()
	}
	if p.peek().is(".") {
		p.i++
		n, ok := p.identifier()
		if !ok {
			return "", p.unexpected()
		}
		s += "." + n
	}
	return s, nil
}

func (p *parser) chain() (*node, error) {
	l, err := p.term()
	for err == nil {
		switch {
		case p.peek().is("."):
			p.i++
			if t := p.peek(); t.kind == tokenDollar && t.text == "this" {
				p.i++ // x.$this is x
			} else if t.kind == tokenDollar {
				l, err = p.dollar()
			} else {
				l, err = p.invocation(l)
			}
		case p.peek().is("["):
			p.i++
			n := &node{op: opItem, left: l}
			if n.right, err = p.expression(0); err == nil {
				if err = p.eat("]"); err == nil {
					l, err = grown(n)
				}
			}
		default:
			return l, nil
		}
	}
	return nil, err
}

func (p *parser) invocation(l *node) (*node, error) {
	quoted := p.peek().kind == tokenQuoted
	name, ok := p.identifier()
	if !ok {
		return nil, p.unexpected()
	}
	if quoted || !p.peek().is("(") {
		return grown(&node{op: opMember, name: name, left: l})
	}
	p.i++
	switch name {
	case "is", "as", "ofType":
		typ, err := p.typeArgument()
		if err != nil {
			return nil, err
		}
		n := &node{op: opCall, name: name, left: l, call: functions[name], value: []Value{String(typ)}}
		return grown(n)
	}
	n := &node{op: opCall, name: name, left: l}
	if err := p.arguments(n); err != nil {
		return nil, err
	}
	if f, ok := functions[name]; ok {
		if len(n.args) < f.min || len(n.args) > f.max {
			return nil, errs.E(errs.Invalid, "fhirpath: %s() does not take %d arguments", name, len(n.args))
		}
		n.call = f
	}
	n.path = criterion(n)
	return grown(n, n.args...)
}

// typeArgument reads the type of is(), as() and ofType(), which many write as a
// string.
func (p *parser) typeArgument() (string, error) {
	if t := p.peek(); t.kind == tokenString {
		p.i++
		return t.text, p.eat(")")
	}
	s, err := p.typeName()
	if err != nil {
		return "", err
	}
	return s, p.eat(")")
}

func (p *parser) arguments(n *node) error {
	if p.peek().is(")") {
		p.i++
		return nil
	}
	for {
		x, err := p.expression(0)
		if err != nil {
			return err
		}
		if t := p.peek(); n.name == "sort" && t.kind == tokenName && (t.text == "asc" || t.text == "desc") {
			p.i++
			if t.text == "desc" {
				x = &node{op: opNegate, left: x}
			}
		}
		n.args = append(n.args, x)
		if !p.peek().is(",") {
			return p.eat(")")
		}
		p.i++
	}
}

// criterion recognises where(name = 'text').
func criterion(n *node) *lookup {
	if n.name != "where" || len(n.args) != 1 {
		return nil
	}
	x := n.args[0]
	if x.op != opBinary || x.name != "=" || x.left.op != opMember || x.left.left != nil || x.right.op != opLiteral || len(x.right.value) != 1 {
		return nil
	}
	a := x.right.value[0].atom
	if a == nil || a.kind != kindString || x.left.name == "" || x.left.name[0] <= 'Z' {
		return nil
	}
	return &lookup{x.left.name, a.text}
}

func literal(v Value) *node { return &node{op: opLiteral, value: []Value{v}} }

func (p *parser) term() (*node, error) {
	t := p.peek()
	switch t.kind {
	case tokenMark:
		switch t.text {
		case "(":
			p.i++
			x, err := p.expression(0)
			if err != nil {
				return nil, err
			}
			return x, p.eat(")")
		case "{":
			p.i++
			return &node{op: opLiteral}, p.eat("}")
		}
	case tokenString:
		p.i++
		return literal(String(t.text)), nil
	case tokenNumber, tokenLong:
		return p.number()
	case tokenMoment:
		p.i++
		a, ok := momentLiteral(t.text)
		if !ok {
			return nil, syntax(t.pos, "a date or time that is none")
		}
		return literal(computed(a)), nil
	case tokenDollar:
		return p.dollar()
	case tokenPercent:
		p.i++
		if !slices.Contains(p.names, t.text) {
			p.names = append(p.names, t.text)
		}
		return &node{op: opVariable, name: t.text}, nil
	case tokenName, tokenQuoted:
		if (t.text == "true" || t.text == "false") && t.kind == tokenName && !p.tokens[p.i+1].is("(") {
			p.i++
			return literal(Bool(t.text == "true")), nil
		}
		return p.invocation(nil)
	}
	return nil, p.unexpected()
}

func (p *parser) dollar() (*node, error) {
	t := p.peek()
	p.i++
	switch t.text {
	case "this":
		return &node{op: opThis}, nil
	case "index":
		return &node{op: opIndex}, nil
	case "total":
		return &node{op: opTotal}, nil
	}
	return nil, syntax(t.pos, "an unknown $ name")
}

func (p *parser) number() (*node, error) {
	t := p.peek()
	p.i++
	num, ok := parseNumber(t.text)
	if !ok {
		return nil, syntax(t.pos, "a number that is too long")
	}
	if u := p.peek(); t.kind == tokenNumber {
		if u.kind == tokenString {
			p.i++
			_, word := calendar[u.text] // many write 1 'month'
			return literal(computed(atom{kind: kindQuantity, num: num, text: u.text, calendar: word})), nil
		}
		if _, ok := calendar[u.text]; ok && u.kind == tokenName {
			p.i++
			return literal(computed(atom{kind: kindQuantity, num: num, text: u.text, calendar: true})), nil
		}
	}
	if strings.Contains(t.text, ".") {
		return literal(computed(atom{kind: kindDecimal, num: num})), nil
	}
	v, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil {
		return nil, syntax(t.pos, "a whole number that is too large")
	}
	return literal(Int(v)), nil
}
