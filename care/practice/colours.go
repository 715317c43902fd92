package practice

import (
	"math"
	"strconv"
	"strings"

	"rapport/lang"
	"rapport/web"
	"rapport/web/theme"
)

// fact is one thing people must be able to read, and how well they can: the
// lesser of its two contrasts, by day and by night.
type fact struct {
	What  string
	Ratio float64
}

// say puts a fact in words: "Buttons: 7.9 to 1, very clear".
func (f fact) say(p lang.Printer) string {
	// Rounded down: what is said is never more than what is.
	ratio := p.Number(strconv.FormatFloat(math.Floor(f.Ratio*10)/10, 'f', 1, 64))
	switch {
	case f.Ratio >= 7:
		return p.PracticeLegibleHigh(f.What, ratio)
	case f.Ratio >= 4.5:
		return p.PracticeLegibleGood(f.What, ratio)
	}
	return p.PracticeLegibleLarge(f.What, ratio)
}

// coloursView is what two colours become.
type coloursView struct {
	P     lang.Printer
	Facts []fact
	Moved bool // the brand colour cannot carry a label as it is
}

// newColours works out what two colours become; the zero view if they are none.
func newColours(p lang.Printer, brand, accent string) coloursView {
	t, err := theme.New(brand, accent)
	if err != nil {
		return coloursView{P: p}
	}
	least := func(fg, bg string) float64 {
		x := math.Inf(1)
		for _, pair := range t.Pairs {
			if pair.FG == fg && pair.BG == bg {
				x = min(x, pair.Ratio)
			}
		}
		return x
	}
	own, err := theme.Hex(brand)
	return coloursView{P: p, Moved: err == nil && !strings.EqualFold(t.Value("brand"), own.Hex()), Facts: []fact{
		{p.PracticeLegibleButtons(), least("on-brand", "brand")},
		{p.PracticeLegibleLinks(), least("brand-text", "bg")},
		{p.PracticeLegibleTags(), least("on-accent", "accent")},
		{p.PracticeLegibleText(), least("ink", "bg")},
	}}
}

// colours answers the script of the settings page while colours are tried out.
func colours(a *web.Ask) (web.Answer, error) {
	return web.Page(coloursPart(newColours(a.P, a.Query("b"), a.Query("a")))), nil
}
