package demo

import (
	"math"
	"time"
)

// origin says who took a reading, at which visit and with what.
type origin struct {
	by  reference
	enc *reference
	kit string
	// label follows the visit.
	label secrecy
}

func (s seen) origin() origin { return origin{by: s.by.ref, enc: &s.enc, label: s.label} }

func (c *chart) home(kit string) origin { return origin{by: c.self, kit: kit} }

func category(kind string) []concept { return []concept{of(hl7+"observation-category", kind, "")} }

func (m measure) quantity(v float64) *quantity {
	return &quantity{Value: number(v, m.decimals), Unit: m.unit, System: ucum, Code: m.ucum}
}

// spans returns the range to print beside a value; none if it has no bounds.
func (m measure) spans() []span {
	if m.low == 0 && m.high == 0 {
		return nil
	}
	var s span
	if m.low != 0 {
		s.Low = m.quantity(m.low)
	}
	if m.high != 0 {
		s.High = m.quantity(m.high)
	}
	return []span{s}
}

// judge returns H or L when v, as written, is outside the range.
func (m measure) judge(v float64) []concept {
	scale := math.Pow(10, float64(m.decimals))
	v = math.Round(v*scale) / scale
	switch {
	case m.high != 0 && v > m.high:
		return interpretation("H", "High")
	case m.low != 0 && v < m.low:
		return interpretation("L", "Low")
	}
	return nil
}

func interpretation(code, text string) []concept {
	return []concept{of(hl7+"v3-ObservationInterpretation", code, text)}
}

// measured keeps one number.
func (c *chart) measured(m measure, at time.Time, v float64, from origin) reference {
	o := &wireObservation{
		Status: "final", Category: category(m.kind), Code: of(loinc, m.code, m.name), Subject: c.self,
		Encounter: from.enc, EffectiveDateTime: instant(at), Performer: []reference{from.by},
		ValueQuantity: m.quantity(v), Interpretation: m.judge(v), ReferenceRange: m.spans(),
	}
	if m.code == oxygen.code { // R4 asks for 2708-6; meters report 59408-5
		o.Code.Coding = append(o.Code.Coding, coding{loinc, "59408-5"})
	}
	if from.kit != "" {
		o.Device = &reference{Display: from.kit}
	}
	return c.keep("Observation", at, from.label, o)
}

// limits are the agreed bounds of a blood pressure, in mmHg.
type limits struct{ low, high, lowDia, highDia float64 }

var (
	clinicLimits = limits{90, 140, 60, 90}
	homeLimits   = limits{90, 135, 60, 85}
)

// pressure keeps a blood pressure, both numbers in one Observation.
func (c *chart) pressure(at time.Time, sys, dia float64, l limits, from origin) {
	top := measure{"8480-6", "Top number (systolic)", "mmHg", "mm[Hg]", l.low, l.high, 0, ""}
	low := measure{"8462-4", "Bottom number (diastolic)", "mmHg", "mm[Hg]", l.lowDia, l.highDia, 0, ""}
	o := &wireObservation{
		Status: "final", Category: category("vital-signs"), Code: of(loinc, "85354-9", "Blood pressure"), Subject: c.self,
		Encounter: from.enc, EffectiveDateTime: instant(at), Performer: []reference{from.by},
	}
	if from.kit != "" {
		o.Device = &reference{Display: from.kit}
	}
	for _, x := range []struct {
		m measure
		v float64
	}{{top, sys}, {low, dia}} {
		o.Component = append(o.Component, component{
			Code: of(loinc, x.m.code, x.m.name), ValueQuantity: x.m.quantity(x.v),
			Interpretation: x.m.judge(x.v), ReferenceRange: x.m.spans(),
		})
	}
	c.keep("Observation", at, from.label, o)
}

// body keeps weight, height and what follows from them.
func (c *chart) size(s seen, kilos, centimetres float64) {
	at := s.at.Add(4 * time.Minute)
	c.measured(weight, at, kilos, s.origin())
	c.measured(height, at, centimetres, s.origin())
	if c.age(c.born) >= 18 {
		metres := centimetres / 100
		c.measured(bodyMass, at, kilos/(metres*metres), s.origin())
	}
}

// smoking keeps the answer to one question.
func (c *chart) smoking(s seen, code, words string) {
	c.keep("Observation", s.at, ordinary, &wireObservation{
		Status: "final", Category: category("social-history"), Code: of(loinc, "72166-2", "Smoking"), Subject: c.self,
		Encounter: &s.enc, EffectiveDateTime: instant(s.at), Performer: []reference{s.by.ref},
		ValueCodeableConcept: ptr(of(snomed, code, words)),
	})
}

const (
	neverSmoked = "266919005"
	usedToSmoke = "8517006"
	smokes      = "77176002"
)

// series keeps readings from home: from one day to another, every so many days,
// at about a time of day, following a course with some spread.
type series struct {
	from, until, every int // days ago; until may be 0
	minute             int // of the day
	course             curve
	spread             float64
	skip               float64 // the chance to forget one
	winter             float64 // added in mid-January, taken away in mid-July
	kit                string
}

// likely returns a likely value on that day.
func (c *chart) likely(s series, ago int) float64 {
	turn := 2 * math.Pi * float64(c.day(ago).YearDay()-15) / 365
	return c.around(s.course.at(ago)+s.winter*math.Cos(turn), s.spread)
}

func (c *chart) series(m measure, s series) {
	for ago := s.from; ago >= s.until; ago -= s.every {
		at := c.clock(ago, s.minute+c.between(-25, 35))
		v := c.likely(s, ago)
		if at.After(c.now) || c.hits(s.skip) {
			continue
		}
		c.measured(m, at, max(v, 0), c.home(s.kit))
	}
}

// pressures keeps home blood pressures; the bottom number follows the top one.
func (c *chart) pressures(s series, dia curve, l limits) {
	for ago := s.from; ago >= s.until; ago -= s.every {
		at := c.clock(ago, s.minute+c.between(-25, 35))
		lift := c.around(0, s.spread)
		low := c.around(dia.at(ago)+lift/2, s.spread/2)
		if at.After(c.now) || c.hits(s.skip) {
			continue
		}
		c.pressure(at, s.course.at(ago)+lift, low, l, c.home(s.kit))
	}
}
