package theme

import "math"

// palette is one scheme while it is being mixed. Tokens may be set only from
// tokens set before them.
type palette struct {
	brand, accent RGB
	k, a          lch     // the same in OKLCH
	chroma        float64 // of the brand, held below what glares
	tint          float64 // 0 to 1: a grey brand gets grey neutrals
	set           map[string]RGB
	order         []string
}

func newPalette(brand, accent RGB) *palette {
	k := brand.lch()
	return &palette{
		brand: brand, accent: accent, k: k, a: accent.lch(),
		chroma: math.Min(k.C, 0.16), tint: math.Min(k.C/0.10, 1),
		set: map[string]RGB{},
	}
}

func (p *palette) put(name string, c RGB) {
	p.set[name] = c.quantised()
	p.order = append(p.order, name)
}

// neutral is a grey with a trace of the brand's hue.
func (p *palette) neutral(l, c float64) lch { return lch{l, c * p.tint, p.k.H} }

func (p *palette) of(names ...string) []RGB {
	out := make([]RGB, len(names))
	for i, n := range names {
		out[i] = p.set[n]
	}
	return out
}

var white = RGB{1, 1, 1}

func (p *palette) light() {
	h := p.k.H
	p.put("bg", p.neutral(0.973, 0.005).rgb())
	p.put("surface", white)
	p.put("sunken", p.neutral(0.949, 0.008).rgb())
	p.put("line", p.neutral(0.900, 0.010).rgb())
	p.put("ink", p.neutral(0.225, 0.024).rgb())
	grounds := p.of("bg", "surface", "sunken")
	soft := math.Min(p.chroma, 0.13)
	p.put("brand-soft", lch{0.945, soft * 0.28, h}.rgb())
	p.put("brand-line", lch{0.86, soft * 0.55, h}.rgb())
	p.put("ink-2", until(p.neutral(0.43, 0.022), darker, 7, grounds...))
	p.put("ink-3", until(p.neutral(0.54, 0.020), darker, 4.6, grounds...))
	p.put("line-strong", until(p.neutral(0.68, 0.020), darker, 3.1, grounds...))
	p.put("brand-mid", until(lch{0.66, math.Min(p.chroma, 0.11), h}, darker, 3.1, grounds...))
	p.put("brand-text", until(lch{math.Min(p.k.L, 0.50), p.chroma, h}, darker, 5, append(grounds, p.of("brand-soft", "brand-line")...)...))
	p.lightFill()
	p.put("accent", p.accent)
	p.put("accent-soft", lch{0.962, math.Min(p.a.C, 0.16) * 0.30, p.a.H}.rgb())
	p.put("on-accent", lch{0.22, 0.03, p.a.H}.rgb())
	for _, s := range []signal{{"danger", 0.19, 25}, {"warn", 0.13, 62}, {"ok", 0.14, 152}, {"info", 0.13, 250}} {
		p.put(s.name+"-soft", lch{0.955, s.c * 0.16, s.h}.rgb())
		p.put(s.name, until(lch{0.56, s.c, s.h}, darker, 5, p.of("surface", "bg", "sunken", s.name+"-soft")...))
	}
}

// signal is a colour whose meaning is fixed, so its hue is not the practice's.
type signal struct {
	name string
	c, h float64
}

// lightFill keeps the practice's own colour whenever a legible label fits on
// it, light or dark, and otherwise darkens it until one does.
func (p *palette) lightFill() {
	own := p.brand.quantised()
	switch {
	case Contrast(own, white) >= 4.6:
		p.put("brand", own)
		p.put("on-brand", white)
	case Contrast(own, p.set["ink"]) >= 7 && (own.lch().C > 0.04 || Contrast(own, white) >= 1.5): // paper on paper is no button
		p.put("brand", own)
		p.put("on-brand", p.set["ink"])
	default:
		p.put("brand", until(lch{math.Min(p.k.L, 0.95), p.k.C, p.k.H}, darker, 4.6, white))
		p.put("on-brand", white)
	}
	b := p.set["brand"].lch()
	if p.set["on-brand"] == white {
		p.put("brand-press", until(lch{b.L - 0.06, b.C, p.k.H}, darker, 4.6, white))
		second := until(lch{0.92, 0.03 * p.tint, p.k.H}, lighter, 4.6, p.set["brand"])
		if Contrast(second, p.set["brand"]) < 4.6 {
			second = white
		}
		p.put("on-brand-2", second)
	} else {
		p.put("brand-press", until(lch{b.L - 0.07, b.C, p.k.H}, lighter, 4.6, p.set["ink"]))
		p.put("on-brand-2", p.set["ink"])
	}
	// A fill without a label (progress, a check) needs 3:1 against the page.
	if Contrast(p.set["brand"], p.set["bg"]) >= 3.1 {
		p.put("brand-ui", p.set["brand"])
		p.put("on-brand-ui", p.set["on-brand"])
		return
	}
	p.put("brand-ui", p.set["brand-text"])
	p.put("on-brand-ui", white)
}

func (p *palette) dark() {
	h := p.k.H
	p.put("bg", p.neutral(0.175, 0.014).rgb())
	p.put("surface", p.neutral(0.222, 0.016).rgb())
	p.put("sunken", p.neutral(0.150, 0.012).rgb())
	p.put("line", p.neutral(0.315, 0.018).rgb())
	p.put("ink", p.neutral(0.955, 0.006).rgb())
	grounds := p.of("bg", "surface", "sunken")
	soft := math.Min(p.chroma, 0.12)
	p.put("brand-soft", lch{0.285, soft * 0.42, h}.rgb())
	p.put("brand-line", lch{0.42, soft * 0.65, h}.rgb())
	p.put("ink-2", until(lch{0.80, 0.012 * p.tint, h}, lighter, 7, append(grounds, p.set["brand-soft"])...))
	p.put("ink-3", until(lch{0.66, 0.014 * p.tint, h}, lighter, 4.6, grounds...))
	p.put("line-strong", until(lch{0.48, 0.018 * p.tint, h}, lighter, 3.1, grounds...))
	p.put("brand-mid", until(lch{0.50, math.Min(p.chroma, 0.10), h}, lighter, 3.1, grounds...))
	p.put("brand-text", until(lch{0.78, p.chroma * 0.85, h}, lighter, 5, append(grounds, p.of("brand-soft", "brand-line")...)...))
	p.put("on-brand", lch{0.17, 0.025 * p.tint, h}.rgb())
	p.put("brand", until(lch{0.80, math.Min(p.chroma, 0.13), h}, lighter, 7, p.set["on-brand"]))
	p.put("brand-press", lch{0.86, math.Min(p.chroma, 0.11), h}.rgb())
	p.put("on-brand-2", p.set["on-brand"])
	p.put("brand-ui", p.set["brand"])
	p.put("on-brand-ui", p.set["on-brand"])
	p.put("accent", until(lch{math.Max(p.a.L, 0.78), p.a.C, p.a.H}, lighter, 7, p.set["bg"]))
	p.put("accent-soft", lch{0.30, 0.05, p.a.H}.rgb())
	p.put("on-accent", lch{0.20, 0.03, p.a.H}.rgb())
	for _, s := range []signal{{"danger", 0.16, 25}, {"warn", 0.13, 75}, {"ok", 0.14, 155}, {"info", 0.12, 250}} {
		p.put(s.name+"-soft", lch{0.29, s.c * 0.42, s.h}.rgb())
		p.put(s.name, until(lch{0.76, s.c, s.h}, lighter, 5, p.of("bg", "surface", "sunken", s.name+"-soft")...))
	}
}

func (p *palette) tokens() []Token {
	ts := make([]Token, len(p.order))
	for i, n := range p.order {
		ts[i] = Token{n, p.set[n].Hex()}
	}
	return ts
}

// promises lists what style sheets may put on what. A rule that uses another
// pair belongs here first.
var promises = []struct {
	want    float64
	fg      string
	grounds []string
}{
	{7, "ink", []string{"bg", "surface", "sunken", "brand-soft", "accent-soft", "danger-soft", "warn-soft", "ok-soft", "info-soft"}},
	{7, "ink-2", []string{"bg", "surface", "sunken"}},
	{4.5, "ink-2", []string{"brand-soft", "accent-soft", "danger-soft", "warn-soft", "ok-soft", "info-soft"}},
	{4.5, "ink-3", []string{"bg", "surface", "sunken"}},
	{3, "line-strong", []string{"bg", "surface", "sunken"}},
	{4.5, "brand-text", []string{"bg", "surface", "sunken", "brand-soft", "brand-line"}},
	{3, "brand-mid", []string{"bg", "surface", "sunken"}},
	{4.5, "on-brand", []string{"brand", "brand-press"}},
	{4.5, "on-brand-2", []string{"brand"}},
	{3, "brand-ui", []string{"bg", "surface"}},
	{4.5, "on-brand-ui", []string{"brand-ui"}},
	{4.5, "on-accent", []string{"accent"}},
	{4.5, "danger", []string{"bg", "surface", "sunken", "danger-soft"}},
	{4.5, "warn", []string{"bg", "surface", "sunken", "warn-soft"}},
	{4.5, "ok", []string{"bg", "surface", "sunken", "ok-soft"}},
	{4.5, "info", []string{"bg", "surface", "sunken", "info-soft"}},
	{4.5, "surface", []string{"danger"}},
}

func (p *palette) pairs(scheme string) []Pair {
	var out []Pair
	for _, x := range promises {
		for _, g := range x.grounds {
			out = append(out, Pair{scheme, x.fg, g, Contrast(p.set[x.fg], p.set[g]), x.want})
		}
	}
	return out
}
