package plan

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
)

// MostAWeek is how many steps Merge lets a week have.
const MostAWeek = 7

// maxMergedWeeks is how far ahead weeks are counted when a phase has no end.
const maxMergedWeeks = 104

// Merge makes one proposal of several: the same goal and the same step once, and no
// week with more than MostAWeek steps. A step for every goal comes first, then the
// important ones, then those that serve more goals; what did not fit is in Left. The order of the arguments does not
// matter, nil ones do not count, and nothing makes nil.
func Merge(ps ...*Proposal) *Proposal {
	ps = ordered(ps)
	if len(ps) == 0 {
		return nil
	}
	m := &merging{out: &Proposal{}, taken: map[string]bool{}}
	var titles []string
	for _, p := range ps {
		titles = union(titles, []string{p.Title})
		m.out.From = append(m.out.From, p.From...)
		m.out.Problems = append(m.out.Problems, p.Problems...)
		m.out.Left = append(m.out.Left, p.Left...)
	}
	m.out.Title = strings.Join(slices.DeleteFunc(titles, func(s string) bool { return s == "" }), " · ")
	m.goals(ps)
	m.steps(ps)
	return m.out
}

// ordered leaves out nothing and doubles, and sorts by where proposals come from.
func ordered(ps []*Proposal) []*Proposal {
	type keyed struct {
		p         *Proposal
		from, all string
	}
	var ks []keyed
	for _, p := range ps {
		if p == nil {
			continue
		}
		k := keyed{p: p}
		for _, s := range p.From {
			k.from += s.String() + "\n"
		}
		if b, err := json.Marshal(p); err == nil {
			k.all = string(b)
		}
		ks = append(ks, k)
	}
	slices.SortFunc(ks, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.all, b.all)) })
	ks = slices.CompactFunc(ks, func(a, b keyed) bool { return a.from == b.from && a.from != "" || a.all == b.all })
	out := make([]*Proposal, len(ks))
	for i, k := range ks {
		out[i] = k.p
	}
	return out
}

type merging struct {
	out    *Proposal
	taken  map[string]bool     // ids of the result
	goalID []map[string]string // by proposal: its id of a goal → the result's
	week   [maxMergedWeeks + 1]int
}

// ranked is a goal or a step with what it is sorted by.
type ranked[T any] struct {
	x        T
	from     int // proposal
	rank, at int
}

// rank collects from all proposals: by importance, then by the place among their own,
// so that every template gets its turn.
func rank[T any](ps []*Proposal, of func(*Proposal) []T, important func(T) int) []ranked[T] {
	var out []ranked[T]
	for i, p := range ps {
		for k, x := range of(p) {
			out = append(out, ranked[T]{x, i, important(x), k})
		}
	}
	slices.SortStableFunc(out, func(a, b ranked[T]) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.at, b.at), cmp.Compare(a.from, b.from))
	})
	return out
}

func (m *merging) goals(ps []*Proposal) {
	m.goalID = make([]map[string]string, len(ps))
	for i := range ps {
		m.goalID[i] = map[string]string{}
	}
	type place struct{ at, from int }
	byText, byMeasure := map[string]int{}, map[Measure]place{}
	for _, r := range rank(ps, func(p *Proposal) []Goal { return p.Goals }, func(g Goal) int { return g.Important }) {
		g := r.x
		text := plain(g.Text)
		at, same := byText[text]
		measured := g.Measure.Code != "" && (g.Measure.From.Text != "" || g.Measure.To.Text != "")
		if !same && measured {
			if p, ok := byMeasure[g.Measure]; ok && p.from != r.from {
				at, same = p.at, true
			}
		}
		if same {
			kept := &m.out.Goals[at]
			m.goalID[r.from][g.ID] = kept.ID
			kept.Addresses = union(kept.Addresses, g.Addresses)
			continue
		}
		id := m.free(g.ID, g.Rule)
		m.goalID[r.from][g.ID] = id
		g.ID = id
		g.Addresses = slices.Clone(g.Addresses)
		byText[text] = len(m.out.Goals)
		if _, ok := byMeasure[g.Measure]; measured && !ok {
			byMeasure[g.Measure] = place{len(m.out.Goals), r.from}
		}
		m.out.Goals = append(m.out.Goals, g)
	}
}

func union[T comparable](a, b []T) []T {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}

// free returns an id that nothing has yet: two templates may have the same name.
func (m *merging) free(id, rule string) string {
	if m.taken[id] {
		id += "-" + name(id, rule)[:8]
	}
	for m.taken[id] {
		id += "x"
	}
	m.taken[id] = true
	return id
}

// plain is a text without what two people write differently.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

func (m *merging) steps(ps []*Proposal) {
	all := rank(ps, func(p *Proposal) []Step { return p.Steps }, func(s Step) int { return s.Important })
	phases := make([]map[string]Phase, len(ps))
	for i, p := range ps {
		phases[i] = map[string]Phase{}
		for _, f := range p.Phases {
			phases[i][f.ID] = f
		}
	}
	all = m.doubles(all, phases)
	// What serves more goals comes first among equals: it is the better use of a week.
	slices.SortStableFunc(all, func(a, b ranked[Step]) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(len(b.x.Goals), len(a.x.Goals)))
	})
	keep := make([]bool, len(all))
	served := map[string]bool{}
	for _, every := range []bool{true, false} { // first a step for every goal
		for i, r := range all {
			if keep[i] || every && !slices.ContainsFunc(r.x.Goals, func(g string) bool { return !served[g] }) {
				continue
			}
			if m.fits(r.x, phases[r.from][r.x.Phase]) {
				keep[i] = true
				for _, g := range r.x.Goals {
					served[g] = true
				}
			}
		}
	}
	used, kept := map[Phase]bool{}, map[string]bool{}
	for i, r := range all {
		if !keep[i] {
			m.out.Left = append(m.out.Left, Left{Step: r.x, Why: TooMany})
			continue
		}
		if f, ok := phases[r.from][r.x.Phase]; ok {
			f = m.phase(f, ps)
			used[f] = true
			r.x.Phase = f.ID
		}
		m.out.Steps = append(m.out.Steps, r.x)
		kept[r.x.ID] = true
	}
	for i, l := range m.out.Left {
		if l.Why == Double && !kept[l.For] {
			m.out.Left[i].Why, m.out.Left[i].For = TooMany, ""
		}
	}
	for f := range used {
		m.out.Phases = append(m.out.Phases, f)
	}
	slices.SortFunc(m.out.Phases, func(a, b Phase) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.end(), b.end()), cmp.Compare(a.ID, b.ID))
	})
}

// phase returns the phase that stands for all of the same weeks: the first template's.
func (m *merging) phase(f Phase, ps []*Proposal) Phase {
	for _, p := range ps {
		for _, x := range p.Phases {
			if x.From == f.From && x.To == f.To {
				return x
			}
		}
	}
	return f
}

// end is a phase's last week, or one after all others.
func (f Phase) end() int {
	if f.To == 0 {
		return 1 << 20
	}
	return f.To
}

// doubles leaves out the steps that ask for the same, in some of the same weeks, as a
// more important one of another template, which then serves the goals of both.
func (m *merging) doubles(all []ranked[Step], phases []map[string]Phase) []ranked[Step] {
	at := map[[3]string][]int{}
	var out []ranked[Step]
	for _, r := range all {
		goals := r.x.Goals
		r.x.Goals = nil
		for _, g := range goals {
			if id, ok := m.goalID[r.from][g]; ok {
				r.x.Goals = union(r.x.Goals, []string{id})
			}
		}
		if len(r.x.Goals) == 0 {
			continue
		}
		key := [3]string{r.x.Kind.String(), "title", plain(r.x.Title)}
		switch {
		case r.x.Kind == ToMeasure && r.x.Code != "":
			key = [3]string{"measure", "code", r.x.Code}
		case r.x.What != "":
			key = [3]string{r.x.Kind.String(), "what", r.x.What}
		}
		f := phases[r.from][r.x.Phase]
		k := slices.IndexFunc(at[key], func(i int) bool {
			g := phases[out[i].from][out[i].x.Phase]
			return out[i].from != r.from && f.From <= g.end() && g.From <= f.end()
		})
		if k >= 0 {
			i := at[key][k]
			out[i].x.Goals = union(out[i].x.Goals, r.x.Goals)
			m.out.Left = append(m.out.Left, Left{Step: r.x, Why: Double, For: out[i].x.ID})
			continue
		}
		at[key] = append(at[key], len(out))
		r.x.ID = m.free(r.x.ID, r.x.Rule)
		out = append(out, r)
	}
	return out
}

// fits reports that the weeks of a step have room for it, and takes it. What is done
// once takes room in its first week only.
func (m *merging) fits(s Step, f Phase) bool {
	from := min(max(f.From, 1), maxMergedWeeks)
	to := min(f.end(), maxMergedWeeks)
	if s.When.Times == 0 {
		to = from
	}
	for w := from; w <= to; w++ {
		if m.week[w] >= MostAWeek {
			return false
		}
	}
	for w := from; w <= to; w++ {
		m.week[w]++
	}
	return true
}
