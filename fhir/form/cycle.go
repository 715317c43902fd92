package form

// cycles finds items that wait for themselves: by enableWhen or by an
// expression that says when they are asked or what their answer is.
func (f *Form) cycles() {
	g := graph{f: f, state: make([]uint8, len(f.all))}
	g.next = g.conditions
	g.what = "enableWhen leads back to the item itself; it counts as asked where it does"
	for _, i := range f.all {
		g.visit(i)
	}
	g.state = make([]uint8, len(f.all))
	g.next = g.calculations
	g.what = "its calculation leads back to the item itself; it may have no value"
	for _, i := range f.all {
		g.visit(i)
	}
}

type graph struct {
	f     *Form
	state []uint8 // 1 is on the way, 2 is done
	trail []*Item
	next  func(*Item) []*Item
	what  string
}

func (g *graph) visit(i *Item) {
	switch g.state[i.Number] {
	case 1:
		for n := len(g.trail) - 1; n >= 0; n-- {
			g.f.problem(g.trail[n], Warning, "cycle", "%s", g.what)
			if g.trail[n] == i {
				return
			}
		}
		return
	case 2:
		return
	}
	g.state[i.Number] = 1
	g.trail = append(g.trail, i)
	for _, n := range g.next(i) {
		g.visit(n)
	}
	g.trail = g.trail[:len(g.trail)-1]
	g.state[i.Number] = 2
}

// conditions are the items whose answers say whether an item is asked.
func (g *graph) conditions(i *Item) []*Item {
	var out []*Item
	for _, c := range i.when {
		if c.on != nil {
			out = append(out, c.on)
		}
	}
	if len(out) > 0 || i.enable != nil {
		out = append(out, g.f.mentions(i.enable, map[*expression]bool{})...)
	}
	// An item is asked only where its group is.
	if i.Parent != nil && (i.Parent.Conditional() || i.Parent.Parent != nil) {
		out = append(out, i.Parent)
	}
	return out
}

// calculations are the items an item's answer is calculated from. What it is
// calculated from may be calculated, or asked only now and then.
func (g *graph) calculations(i *Item) []*Item {
	if i.calculate == nil {
		return nil
	}
	return g.f.mentions(i.calculate, map[*expression]bool{})
}
