package health

import (
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
)

// whose is whom a page is about, for its wording alone: what is on it is the
// policy's. Of is the given name of somebody the reader looks after, "" for the
// reader. Of another nothing is said to be missing: that something is not here
// does not say that there is none.
type whose struct {
	P  lang.Printer
	Of string
}

func whoseOf(a *web.Ask) whose {
	w := whose{P: a.P}
	if of, ok := a.Of(); ok {
		if w.Of = of.Given; w.Of == "" {
			w.Of = of.Name
		}
	}
	return w
}

func (w whose) title() string {
	if w.Of != "" {
		return w.P.HealthOf(w.Of)
	}
	return w.P.HealthTitle()
}

func (w whose) lede() string {
	if w.Of != "" {
		return w.P.HealthOfLede()
	}
	return w.P.HealthLede()
}

// back leads to the overview, at this address.
func (w whose) back(base string) parts.Link {
	if w.Of != "" {
		return parts.Link{Text: w.P.HealthOfBack(), Href: base}
	}
	return parts.Link{Text: w.P.HealthBack(), Href: base}
}

func (w whose) empty() parts.EmptyView {
	if w.Of != "" {
		return parts.EmptyView{Icon: "health", Title: w.P.HealthOfEmptyTitle(), Text: w.P.HealthOfEmptyText()}
	}
	return parts.EmptyView{Icon: "health", Title: w.P.HealthEmptyTitle(), Text: w.P.HealthEmptyText()}
}

func (w whose) noYear(year string) string {
	if w.Of != "" {
		return w.P.HealthOfEmptyTitle()
	}
	return w.P.HealthTimelineNone(year)
}

func (w whose) stopped(n int) string {
	if w.Of != "" {
		return w.P.HealthOfMedicinesPast(n)
	}
	return w.P.HealthMedicinesPast(n)
}

func (w whose) answers() string {
	if w.Of != "" {
		return w.P.HealthOfAnswers()
	}
	return w.P.HealthAnswers()
}

// measured names who measured at home.
func (w whose) measured() string {
	if w.Of != "" {
		return w.Of
	}
	return w.P.HealthByYou()
}
