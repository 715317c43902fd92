package demo

import (
	"math"
	"strings"
	"time"
)

// result is one line of a laboratory report.
type result struct {
	of    measure
	value float64
}

// panel is a kind of report.
type panel struct{ code, name string }

var (
	sugarPanel   = panel{"4548-4", "HbA1c"}
	fatsPanel    = panel{"24331-1", "Cholesterol"}
	kidneyPanel  = panel{"51990-0", "Kidneys and salts"}
	bloodPanel   = panel{"58410-2", "Full blood count"}
	thyroidPanel = panel{"24348-5", "Thyroid"}
	ironPanel    = panel{"2276-4", "Ferritin"}
	heartPanel   = panel{"33762-6", "NT-proBNP"}
)

// report keeps what the laboratory sent on that day about blood taken on the
// open day before: one Observation for each line and the report around them.
// Without a conclusion of its own the report says what is out of range.
func (c *chart) report(ago int, p panel, conclusion string, lines ...result) {
	issued := c.issued(ago)
	taken, ok := c.drawn[ago]
	if !ok {
		taken = c.clock(c.workday(c.daysSince(midnight(issued))+1), 8*60+c.between(35, 170))
		c.drawn[ago] = taken
	}
	if conclusion == "" {
		conclusion = verdict(lines)
	}
	r := &wireReport{
		Status: "final", Category: []concept{of(hl7+"v2-0074", "LAB", "")}, Code: of(loinc, p.code, p.name), Subject: c.self,
		EffectiveDateTime: instant(taken), Issued: instant(issued), Performer: []reference{c.lab}, Conclusion: conclusion,
	}
	for _, l := range lines {
		ref := c.keep("Observation", issued, ordinary, &wireObservation{
			Status: "final", Category: category(l.of.kind), Code: of(loinc, l.of.code, l.of.name), Subject: c.self,
			EffectiveDateTime: instant(taken), Issued: instant(issued), Performer: []reference{c.lab},
			ValueQuantity: l.of.quantity(l.value), Interpretation: l.of.judge(l.value), ReferenceRange: l.of.spans(),
		})
		ref.Display = l.of.name
		r.Result = append(r.Result, ref)
	}
	c.keep("DiagnosticReport", issued, ordinary, r)
}

// verdict says in plain words what lies outside its range.
func verdict(lines []result) string {
	found := map[string][]string{}
	for _, l := range lines {
		if j := l.of.judge(l.value); j != nil {
			found[j[0].Text] = append(found[j[0].Text], l.of.name)
		}
	}
	var out []string
	for _, side := range []string{"High", "Low"} {
		if names := found[side]; names != nil {
			out = append(out, side+": "+strings.Join(names, ", ")+".")
		}
	}
	if out == nil {
		return "All in range."
	}
	return strings.Join(out, " ")
}

// issued returns a moment in the afternoon of that day, or of the open day
// before if that is not over yet.
func (c *chart) issued(ago int) time.Time {
	minute := 15*60 + c.between(0, 150)
	for ago = c.workday(ago); ; ago = c.workday(ago + 1) {
		if t := c.clock(ago, minute); !t.After(c.now) {
			return t
		}
	}
}

// hb returns a usual haemoglobin, in g/dL.
func (c *chart) hb() float64 {
	if c.gender == "male" {
		return c.around(14.9, 0.4)
	}
	return c.around(13.2, 0.35)
}

func (c *chart) sugar(ago int, v float64, words string) {
	c.report(ago, sugarPanel, words, result{longSugar, v})
}

// fats takes values in mg/dL; LDL follows by Friedewald's formula.
func (c *chart) fats(ago int, total, good, tri float64, words string) {
	total, good, tri = math.Round(total), math.Round(good), math.Round(tri)
	c.report(ago, fatsPanel, words, result{cholesterol, total}, result{badFats, math.Round(total - good - tri/5)},
		result{goodFats, good}, result{triglyceride, tri})
}

// kidneys takes creatinine in mg/dL; filtration follows by CKD-EPI 2021.
func (c *chart) kidneys(ago int, creat, salt float64, words string) {
	creat = math.Round(creat*100) / 100
	m := creatinine
	if c.gender == "female" {
		m.high = 1.0
	}
	c.report(ago, kidneyPanel, words, result{m, creat}, result{filtration, c.filtration(creat)},
		result{potassium, salt}, result{sodium, c.around(139.5, 1.4)})
}

// filtration is eGFR in mL/min/1.73 m2 by the CKD-EPI equation of 2021.
func (c *chart) filtration(creat float64) float64 {
	kappa, alpha, factor := 0.9, -0.302, 1.0
	if c.gender == "female" {
		kappa, alpha, factor = 0.7, -0.241, 1.012
	}
	r := creat / kappa
	age := float64(c.age(c.born))
	return factor * 142 * math.Pow(min(r, 1), alpha) * math.Pow(max(r, 1), -1.2) * math.Pow(0.9938, age)
}

func (c *chart) blood(ago int, hb, white, plates float64, words string) {
	m := haemoglobin
	if c.gender == "male" {
		m.low, m.high = 13, 17.5
	}
	c.report(ago, bloodPanel, words, result{m, hb}, result{whiteCells, white}, result{platelets, plates})
}

func (c *chart) thyroid(ago int, tsh, free float64, words string) {
	c.report(ago, thyroidPanel, words, result{thyrotropin, tsh}, result{freeThyroxin, free})
}

func (c *chart) iron(ago int, v float64, words string) {
	c.report(ago, ironPanel, words, result{ferritin, v})
}
