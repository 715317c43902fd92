package demo

import "time"

const minute = time.Minute

// The lives below are what most people come for. Each is told with the dice of
// the person, so no two are the same; the people written by hand use some too.

// review is a visit where the usual things are measured.
func (c *chart) review(v visit, sys, dia float64) seen {
	s := c.visit(v)
	c.pressure(s.at.Add(5*minute), c.around(sys, 3), c.around(dia, 2), clinicLimits, s.origin())
	c.measured(pulse, s.at.Add(5*minute), c.around(74, 5), s.origin())
	return s
}

// frame returns a likely height in centimetres and weight in kilos.
func (c *chart) frame(heavy float64) (kilos, centimetres float64) {
	centimetres = c.around(176, 5)
	if c.gender == "female" {
		centimetres = c.around(163, 5)
	}
	m := centimetres / 100
	return c.around(heavy, 1.6) * m * m, centimetres
}

// mishap is a visit that did not happen, for some.
func (c *chart) mishap(by, reason string) {
	if c.daysSince(c.born) < 400 {
		return
	}
	switch roll := c.between(1, 100); {
	case roll <= 22:
		c.visit(visit{ago: c.between(20, 300), by: by, outcome: cancelled, reason: reason,
			pause: pick(c.dice, []string{"Child was ill", "Could not leave work", "Feeling better", "Away that week"})})
	case roll <= 36:
		c.visit(visit{ago: c.between(15, 300), by: by, outcome: missed, reason: reason})
	}
}

// next books a visit ahead, for about half.
func (c *chart) next(by, reason string) {
	if c.hits(0.55) {
		h := inPerson
		if c.hits(0.25) {
			h = byVideo
		}
		c.visit(visit{ago: -c.between(1, 24), by: by, how: h, reason: reason})
	}
}

func (c *chart) tobacco(s seen) {
	k := pick(c.dice, []int{0, 0, 0, 1, 1, 2})
	c.smoking(s, []string{neverSmoked, usedToSmoke, smokes}[k], []string{"Never smoked", "Used to smoke", "Smokes, would like to stop"}[k])
}

// sweetBlood is type 2 diabetes, getting better over the year.
func (c *chart) sweetBlood() {
	c.has(history{ailment: diabetes, since: c.between(500, 5200)})
	kilos, tall := c.frame(30)
	start, end := c.around(8.4, 0.4), c.around(7.1, 0.25)
	creat := c.around(0.85, 0.08)
	if c.gender == "male" {
		creat += 0.15
	}
	// The newest bloods arrived yesterday for some.
	newest := pick(c.dice, []int{1, 1, 9, 26, 41})
	a1c := curve{{340, start}, {newest, end}}
	for i, ago := range []int{c.between(325, 350), c.between(215, 245), c.between(120, 145), newest + 4} {
		s := c.review(visit{ago: ago, by: []string{c.gp, priya}[i%2], minutes: 30, reason: "Diabetes review", note: pick(c.dice, [][]string{
			{"We looked at the year together. More walking, fewer sweet drinks. Feet are fine.", "HbA1c is above the goal. Nobody’s fault; we look for one thing to change and chose breakfast."},
			{"Feet warm, no sores, feels all the points. Medicines are taken most days.", "Morning numbers are coming down. Showed how to rotate the fingers."},
			{"Doing well. Weight a little down. Next blood test in four months.", "A holiday with good food and no regrets. Back to the plan now."},
			{"The year went the right way. Keep the tablets as they are.", "Feels well. Blood test taken before the visit; results follow."},
		}[i])}, 136-float64(i)*2, 82-float64(i))
		c.size(s, kilos-float64(i)*0.8, tall)
		if i == 0 {
			c.tobacco(s)
		}
	}
	for i, ago := range []int{330, 225, 125, newest} {
		v := a1c.at(ago)
		words := "Above the goal of 7."
		if v <= 7.05 {
			words = "At goal."
		}
		c.sugar(ago, v, words)
		c.kidneys(ago, c.around(creat, 0.03), c.around(4.4, 0.2), "")
		if i%2 == 0 {
			c.fats(ago, c.around(192-float64(i)*16, 8), c.around(46, 4), c.around(158, 15), "")
		}
	}
	c.takes(rx{key: "metformin", text: "One tablet with breakfast and one with supper", times: twice, from: 365, why: "Diabetes"})
	c.takes(rx{key: "atorvastatin", text: "One tablet each evening", times: evening, from: c.between(200, 365), why: "To protect heart and vessels"})
	if c.hits(0.5) {
		c.takes(rx{key: "empagliflozin", text: "One tablet each morning", times: morning, from: 215, why: "Diabetes"})
	}
	c.autumnFlu(fluShot, c.between(1, 9))
	c.series(sugarHome, series{from: 350, until: 0, every: 3, minute: 7*60 + 10, course: curve{{350, start + 1.4}, {0, end + 0.3}}, spread: 0.9, skip: 0.1, kit: "Glucose meter"})
	c.series(weight, series{from: 345, until: 2, every: 14, minute: 7 * 60, course: curve{{345, kilos}, {0, kilos - 2.6}}, spread: 0.4, kit: "Bathroom scale"})
	c.mishap(priya, "Diabetes review")
	c.next(priya, "Diabetes review")
}

// wheeze is asthma with a meter at home.
func (c *chart) wheeze() {
	c.has(history{ailment: asthma, since: c.between(900, 9000)})
	best := c.around(430, 30)
	if c.gender == "male" {
		best += 110
	}
	if age := c.age(c.born); age < 16 {
		c.guarded()
		best = 150 + float64(age)*18
	}
	if c.hits(0.5) {
		c.has(history{ailment: hayFever, since: c.between(900, 4000)})
		c.avoids(pollen)
	}
	bad := c.between(4, 90)
	for i, ago := range []int{c.between(320, 355), c.between(150, 200), bad} {
		s := c.visit(visit{ago: ago, by: []string{priya, joy, c.gp}[i], reason: []string{"Asthma review", "Inhaler check", "Cough and wheeze"}[i], note: pick(c.dice, [][]string{
			{"Few bad days, sleeps through. Inhaler technique is good. Written plan renewed.", "Uses the blue inhaler about twice a week. We agreed to use the brown one every day, not only on bad days."},
			{"Spacer is clean, technique is fine. Reminder set for the evening dose.", "Forgot the brown inhaler on holiday and felt it. Back on it for two weeks and better."},
			{"A cold went to the chest. No fever, oxygen fine. More puffs for a week and a call if it gets worse.", "Cough is worse at night. No pneumonia on listening. Peak flow twice a day this week."},
		}[i])})
		c.measured(peakFlow, s.at.Add(4*minute), best*[]float64{0.97, 0.98, 0.78}[i], s.origin())
		c.measured(oxygen, s.at.Add(4*minute), []float64{98, 98, 96}[i], s.origin())
		c.measured(pulse, s.at.Add(5*minute), c.around(78+float64(i)*4, 4), s.origin())
	}
	c.takes(rx{key: "beclometasone", text: "Two puffs morning and evening with the spacer", times: twice, from: 365, why: "Asthma", days: 56})
	c.takes(rx{key: "salbutamol", text: "Two puffs when you wheeze", asNeeded: true, from: 365, why: "Asthma"})
	c.autumnFlu(fluShot, c.between(1, 6))
	dip := curve{{360, best * 0.97}, {bad + 8, best * 0.97}, {bad, best * 0.76}, {max(bad-8, 1), best * 0.9}, {0, best * 0.96}}
	c.series(peakFlow, series{from: 358, until: 0, every: 3, minute: 7*60 + 20, course: dip, spread: best * 0.025, winter: -best * 0.03, skip: 0.1, kit: "Peak-flow meter"})
	c.mishap(priya, "Asthma review")
	c.next(priya, "Asthma review")
}

// lungs is COPD, with oxygen measured at home.
func (c *chart) lungs() {
	c.has(history{ailment: copd, since: c.between(1200, 4200)})
	kilos, tall := c.frame(24)
	bad := c.between(30, 120)
	for i, ago := range []int{c.between(325, 350), c.between(190, 230), bad, bad - 20} {
		s := c.review(visit{ago: ago, by: []string{c.gp, priya, c.gp, priya}[i], minutes: 30, reason: []string{"Long-term condition review", "Breathing check", "Bad chest", "Check after a bad chest"}[i], note: pick(c.dice, [][]string{
			{"Walks to the corner and back with one stop. Inhaler technique is good. Lung exercise class offered.", "Breathless on stairs, as last year. Has not smoked for months, which is a big thing."},
			{"Feels steady. Weight steady too. Rescue pack is in date.", "Goes to the exercise class and likes the company."},
			{"More cough and green phlegm for three days. Started the rescue pack as agreed. Oxygen a little low; call tomorrow.", "Chest infection. Tablets for five days, rest, and drink enough. Daughter stays the weekend."},
			{"Back to usual. Replaced the rescue pack.", "Better, still tired. Exercise class again next week."},
		}[i])}, 134, 76)
		c.measured(oxygenLungs, s.at.Add(6*minute), []float64{94, 94, 90, 93}[i], s.origin())
		if i == 0 {
			c.size(s, kilos, tall)
			c.smoking(s, usedToSmoke, "Used to smoke")
		}
	}
	c.has(history{ailment: chestInfection, since: bad + 3, over: bad - 12})
	c.takes(rx{key: "tiotropium", text: "Two puffs each morning", times: morning, from: 365, why: "COPD"})
	c.takes(rx{key: "salbutamol", text: "Two puffs when breathless", asNeeded: true, from: 365, why: "COPD"})
	c.takes(rx{key: "prednisolone", text: "Six tablets each morning for five days", times: morning, from: bad, until: bad - 5, days: 5, why: "Bad chest"})
	c.takes(rx{key: "doxycycline", text: "Two capsules today, then one each morning for four days", times: morning, from: bad, until: bad - 5, days: 5, why: "Chest infection"})
	c.blood(bad-1, c.hb(), c.around(12.6, 0.6), c.around(290, 30), "White cells are up, as with an infection.")
	c.blood(pick(c.dice, []int{1, 12, 22}), c.hb(), c.around(7.4, 0.6), c.around(270, 25), "")
	c.autumnFlu(fluShot, c.between(4, 14))
	s := c.visit(visit{ago: 180, by: priya, minutes: 10, reason: "Pneumococcal vaccine"})
	c.vaccinated(lungShot, s.at.Add(4*minute), 1, priya)
	dip := curve{{360, 94}, {bad + 6, 94}, {bad, 90}, {bad - 12, 93}, {0, 94}}
	c.series(oxygenLungs, series{from: 350, until: 0, every: 4, minute: 9 * 60, course: dip, spread: 0.8, winter: -0.5, skip: 0.1, kit: "Finger oxygen meter"})
	c.series(weight, series{from: 345, until: 2, every: 30, minute: 8 * 60, course: curve{{345, kilos}, {bad, kilos - 1.2}, {0, kilos - 0.6}}, spread: 0.4, kit: "Bathroom scale"})
	c.mishap(priya, "Breathing check")
	c.next(priya, "Breathing check")
}

// flutter is atrial fibrillation, with pulse and blood pressure at home.
func (c *chart) flutter() {
	c.has(history{ailment: fibrillation, since: c.between(400, 2600)})
	c.has(history{ailment: hypertension, since: c.between(2700, 6000)})
	kilos, tall := c.frame(27)
	for i, ago := range []int{c.between(320, 350), c.between(160, 200), c.between(25, 60)} {
		s := c.review(visit{ago: ago, by: []string{c.gp, joy, c.gp}[i], reason: []string{"Heart rhythm review", "Medicines review", "Heart rhythm review"}[i], note: pick(c.dice, [][]string{
			{"Feels the heart skip now and then, no dizziness. Pulse is uneven at about 80. Takes apixaban twice a day without gaps.", "Walks every day and sleeps well. Heart tracing shows the uneven rhythm at a calm speed. Blood pressure is fine."},
			{"No bleeding, no missed doses. Kidneys checked for the dose. Carries the card in the wallet.", "Asked about travel; tablets go in the hand luggage."},
			{"Steady. No chest pain, no breathlessness. Same tablets, see you in six months.", "A short spell of flutter after a bad night. Settled on its own. Less coffee after noon."},
		}[i])}, 132, 78)
		if i == 0 {
			c.size(s, kilos, tall)
			c.tobacco(s)
		}
	}
	creat := c.around(0.95, 0.08)
	for _, ago := range []int{318, 158, pick(c.dice, []int{1, 1, 20})} {
		c.kidneys(ago, c.around(creat, 0.03), c.around(4.4, 0.2), "")
		c.blood(ago, c.hb(), c.around(6.6, 0.6), c.around(230, 20), "")
	}
	c.takes(rx{key: "apixaban", text: "One tablet in the morning and one in the evening; do not stop on your own", times: twice, from: 365, why: "To prevent strokes", days: 56})
	c.takes(rx{key: "bisoprolol", text: "One tablet each morning", times: morning, from: 365, why: "To slow the heart"})
	c.autumnFlu(fluShot, c.between(2, 12))
	c.pressures(series{from: 340, until: 1, every: 7, minute: 8*60 + 20, course: curve{{340, 134}, {0, 129}}, spread: 5, skip: 0.1, kit: "Upper-arm monitor"}, curve{{340, 79}, {0, 76}}, homeLimits)
	c.series(pulse, series{from: 340, until: 1, every: 7, minute: 8*60 + 25, course: curve{{340, 82}, {0, 74}}, spread: 7, kit: "Upper-arm monitor"})
	c.mishap(joy, "Medicines review")
	c.next(c.gp, "Heart rhythm review")
}
