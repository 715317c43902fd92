package path

import (
	"strings"

	"rapport/fhir"
)

// What FHIR R4 adds (R4 fhirpath.html, 2.1.20.3).
var fhirs = map[string]*function{
	"extension":         {1, 1, fnExtension},
	"hasExtension":      {1, 1, fnHasExtension},
	"hasValue":          {0, 0, fnHasValue},
	"getValue":          {0, 0, fnGetValue},
	"resolve":           {0, 0, fnResolve},
	"memberOf":          {1, 1, fnMemberOf},
	"conformsTo":        {1, 1, fnConformsTo},
	"htmlChecks":        {0, 0, fnHTMLChecks},
	"checkModifiers":    {0, 20, fnCheckModifiers},
	"elementDefinition": {0, 0, unavailable},
	"slice":             {2, 2, unavailable},
	"subsumes":          {1, 1, unavailable},
	"subsumedBy":        {1, 1, unavailable},
}

func unavailable(c *call) ([]Value, error) {
	return nil, fail("%s() is not available here: no profiles and no code systems are known", c.name())
}

func fnExtension(c *call) ([]Value, error) {
	url, ok, err := c.argText(0)
	if err != nil || !ok {
		return nil, err
	}
	var out []Value
	for _, v := range c.on {
		for x := range v.node.Elements("extension") {
			if err := c.run.work(1); err != nil {
				return nil, err
			}
			if x.Get("url").Says(url) {
				out = append(out, Value{node: x})
			}
		}
	}
	return out, c.run.work(len(c.on))
}

func fnHasExtension(c *call) ([]Value, error) {
	vs, err := fnExtension(c)
	return boolean(len(vs) > 0), err
}

func fnHasValue(c *call) ([]Value, error) {
	_, ok := c.value()
	return boolean(ok), nil
}

func fnGetValue(c *call) ([]Value, error) {
	if v, ok := c.value(); ok {
		return []Value{v}, nil
	}
	return nil, nil
}

// value is the primitive the function is called on, as one of FHIRPath's types.
func (c *call) value() (Value, bool) {
	if len(c.on) != 1 {
		return Value{}, false
	}
	if c.on[0].atom != nil {
		return c.on[0], true
	}
	if _, valued := c.on[0].node.Declared(); !valued {
		return Value{}, false
	}
	a, ok := c.on[0].system()
	return computed(a), ok
}

// top returns the outermost element.
func top(n fhir.Node) fhir.Node {
	for p := n.Parent(); p.OK(); p = n.Parent() {
		n = p
	}
	return n
}

// holder is the resource a value is in, itself included.
func holder(v Value) Value {
	for n := v.node; n.OK(); n = n.Parent() {
		if _, resource, _ := fhir.TypeInfo(n.Type()); resource {
			return Of(n)
		}
	}
	return Value{}
}

// container is the resource a value is in that is contained in no other, though
// it may be in a Bundle.
func container(v Value) Value {
	v = holder(v)
	if v.node.Name() == "contained" {
		return holder(Of(v.node.Parent()))
	}
	return v
}

func fnResolve(c *call) ([]Value, error) {
	var out []Value
	for _, v := range c.on {
		ref := v.Text()
		if v.Type() == "Reference" {
			ref = v.node.Get("reference").Str()
		}
		if ref == "" {
			continue
		}
		x, ok, err := c.resolve(v, ref)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, x)
		}
	}
	return out, c.run.work(len(c.on))
}

// resolve looks in the resource, in its Bundle, and asks the host.
func (c *call) resolve(v Value, ref string) (Value, bool, error) {
	from := container(v)
	if !from.OK() && len(c.root) > 0 {
		from = container(c.root[0])
	}
	if id, ok := strings.CutPrefix(ref, "#"); ok {
		for x := range from.node.Elements("contained") {
			if err := c.run.work(1); err != nil {
				return Value{}, false, err
			}
			if x.Get("id").Says(id) {
				return Of(x), true, nil
			}
		}
		return from, id == "" && from.OK(), nil
	}
	root := top(from.node)
	if root.OK() && root.Type() == "Bundle" {
		for e := range root.Elements("entry") {
			if err := c.run.work(1); err != nil {
				return Value{}, false, err
			}
			r := e.Get("resource")
			url := e.Get("fullUrl")
			if r.OK() && (url.Says(ref) || relative(url.Str(), r, ref)) {
				return Of(r), true, nil
			}
		}
	}
	if c.run.env.Resolve != nil {
		x, ok := c.run.env.Resolve(ref)
		return x, ok && x.OK(), nil
	}
	return Value{}, false, nil
}

// relative says whether a relative reference is to an entry of a Bundle.
func relative(url string, r fhir.Node, ref string) bool {
	typ, id, ok := strings.Cut(ref, "/")
	return ok && r.Type() == typ && r.Get("id").Says(id) && (url == "" || strings.HasSuffix(url, "/"+ref))
}

func fnMemberOf(c *call) ([]Value, error) {
	set, ok, err := c.argText(0)
	if err != nil || !ok || len(c.on) == 0 {
		return nil, err
	}
	if len(c.on) > 1 {
		return nil, fail("memberOf() takes one item, not %d", len(c.on))
	}
	if c.run.env.MemberOf == nil {
		return nil, fail("memberOf() is not available here: no value sets are known")
	}
	in, known := c.run.env.MemberOf(c.on[0], set)
	if !known {
		return nil, nil
	}
	return boolean(in), nil
}

// fnConformsTo knows the types themselves and no profiles of them.
func fnConformsTo(c *call) ([]Value, error) {
	url, ok, err := c.argText(0)
	if err != nil || !ok || len(c.on) == 0 {
		return nil, err
	}
	if len(c.on) > 1 {
		return nil, fail("conformsTo() takes one item, not %d", len(c.on))
	}
	typ, ok := strings.CutPrefix(url, "http://hl7.org/fhir/StructureDefinition/")
	if known, _, _ := fhir.TypeInfo(typ); !ok || !known {
		return nil, fail("conformsTo() knows the types of R4, and no such profile")
	}
	return boolean(typeSpec{"", typ}.is(c.on[0])), nil
}

// fnHTMLChecks is true for a narrative as far as parsing has checked it.
func fnHTMLChecks(c *call) ([]Value, error) {
	if len(c.on) == 0 {
		return nil, nil
	}
	return boolean(true), nil
}

// fnCheckModifiers refuses elements with a modifier extension that is not among
// those named.
func fnCheckModifiers(c *call) ([]Value, error) {
	known := map[string]bool{}
	for i := range c.node.args {
		url, _, err := c.argText(i)
		if err != nil {
			return nil, err
		}
		known[url] = true
	}
	for _, v := range c.on {
		for x := range v.node.Elements("modifierExtension") {
			if err := c.run.work(1); err != nil {
				return nil, err
			}
			if !known[x.Get("url").Str()] {
				return nil, fail("checkModifiers() met a modifier extension that is not understood")
			}
		}
	}
	return c.on, nil
}
