package theme

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// RGB is a colour in gamma-encoded sRGB, each part from 0 to 1.
type RGB struct{ R, G, B float64 }

// Hex reads "#0b5a60" or "0b5a60", in either case, with or without space
// around it. The three-digit form is refused: a colour field never sends it.
func Hex(s string) (RGB, error) {
	d := strings.TrimPrefix(strings.TrimSpace(s), "#")
	if len(d) != 6 {
		return RGB{}, fmt.Errorf("theme: want #rrggbb, got %q", s)
	}
	n, err := strconv.ParseUint(d, 16, 32)
	if err != nil {
		return RGB{}, fmt.Errorf("theme: want #rrggbb, got %q", s)
	}
	return RGB{float64(n>>16&255) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
}

// Hex writes "#0b5a60".
func (c RGB) Hex() string {
	f := func(v float64) int { return int(math.Round(math.Max(0, math.Min(1, v)) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", f(c.R), f(c.G), f(c.B))
}

// quantised is the 8-bit colour that is really sent, so that the contrast we
// check is the contrast we ship.
func (c RGB) quantised() RGB {
	f := func(v float64) float64 { return math.Round(math.Max(0, math.Min(1, v))*255) / 255 }
	return RGB{f(c.R), f(c.G), f(c.B)}
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

func (c RGB) luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast is the contrast ratio of WCAG 2.2, 1 to 21.
func Contrast(a, b RGB) float64 {
	x, y := a.luminance(), b.luminance()
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// lch is a colour in OKLCH: lightness 0 to 1, chroma, hue in degrees. Equal
// steps of lightness look equal, which sRGB and HSL do not promise.
type lch struct{ L, C, H float64 }

func (c RGB) lch() lch {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	L := 0.2104542553*l + 0.7936177850*m - 0.0040720468*s
	A := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	B := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	h := math.Atan2(B, A) * 180 / math.Pi
	if h < 0 {
		h += 360
	}
	return lch{L, math.Hypot(A, B), h}
}

// raw converts without mapping, and says whether the result is inside sRGB.
func (c lch) raw() (RGB, bool) {
	a, b := c.C*math.Cos(c.H*math.Pi/180), c.C*math.Sin(c.H*math.Pi/180)
	l := math.Pow(c.L+0.3963377774*a+0.2158037573*b, 3)
	m := math.Pow(c.L-0.1055613458*a-0.0638541728*b, 3)
	s := math.Pow(c.L-0.0894841775*a-1.2914855480*b, 3)
	r := 4.0767416621*l - 3.3077115913*m + 0.2309699292*s
	g := -1.2684380046*l + 2.6097574011*m - 0.3413193965*s
	bl := -0.0041960863*l - 0.7034186147*m + 1.7076147010*s
	in := func(v float64) bool { return v >= -1e-4 && v <= 1.0001 }
	return RGB{gamma(r), gamma(g), gamma(bl)}, in(r) && in(g) && in(bl)
}

// rgb maps into sRGB by reducing chroma; hue and lightness are kept.
func (c lch) rgb() RGB {
	if r, ok := c.raw(); ok {
		return r
	}
	lo, hi := 0.0, c.C
	for range 24 {
		mid := (lo + hi) / 2
		if _, ok := (lch{c.L, mid, c.H}).raw(); ok {
			lo = mid
		} else {
			hi = mid
		}
	}
	r, _ := lch{c.L, lo, c.H}.raw()
	return r
}

type direction float64

const (
	darker  direction = -1
	lighter direction = 1
)

// until walks lightness in dir until every ground gives at least want:1.
func until(c lch, dir direction, want float64, grounds ...RGB) RGB {
	for {
		r := c.rgb().quantised()
		ok := true
		for _, g := range grounds {
			ok = ok && Contrast(r, g) >= want
		}
		if ok || c.L <= 0.02 || c.L >= 0.99 {
			return r
		}
		c.L += float64(dir) * 0.004
	}
}
