package demo

import "time"

// Étienne Moreau has asthma and a peak-flow meter. Winters are hard, and pollen
// is too.
func (p *practice) moreau() {
	c := p.newChart(who{
		key: "etienne", given: "Étienne", family: "Moreau", gender: "male", born: p.birthday(44, 133), language: "fr",
		speaks: []string{"en"}, gp: samir, phone: "07700 900141",
		story: "French-speaking cook with asthma; blows into his meter every other day; a bad chest seven weeks ago, better now.",
	})
	breath := c.has(history{ailment: asthma, since: 11000})
	c.has(history{ailment: hayFever, since: 9000})
	c.avoids(pollen)
	c.relatives(kin{"MTH", "Mother", asthma, 0}, kin{"BRO", "Brother", eczema, 2})
	s := c.visit(visit{ago: 338, by: samir, minutes: 30, language: "fr", reason: "Long-term condition review", note: "Respire bien la plupart du temps, mais se réveille la nuit environ une fois par semaine en hiver. " +
		"Utilise le bleu trois fois par semaine au travail. Technique revue avec la chambre d’inhalation. On continue le brun matin et soir, sans en sauter."})
	c.size(s, 84.2, 181)
	c.pressure(s.at.Add(5*time.Minute), 128, 80, clinicLimits, s.origin())
	c.measured(peakFlow, s.at.Add(8*time.Minute), 490, s.origin())
	c.measured(oxygen, s.at.Add(8*time.Minute), 98, s.origin())
	c.smoking(s, usedToSmoke, "Stopped smoking eight years ago")
	c.visit(visit{ago: 182, by: joy, how: byVideo, reason: "Inhaler check by video", note: "Watched him use both inhalers. He breathed in too fast with the brown one; much better after two tries. " +
		"Cetirizine before work in the pollen season. He has a written plan on the fridge."})
	s = c.visit(visit{ago: 47, by: samir, reason: "Cough and tight chest", note: "Cold a week ago, now wheezy and awake every night. Peak flow 360, which is 64 % of his best. Speaks in full sentences, oxygen 95 %. " +
		"Prednisolone for five days and the blue inhaler every four hours. Call tomorrow; 999 if he cannot finish a sentence."})
	c.measured(peakFlow, s.at.Add(4*time.Minute), 360, s.origin())
	c.measured(oxygen, s.at.Add(4*time.Minute), 95, s.origin())
	c.measured(pulse, s.at.Add(4*time.Minute), 104, s.origin())
	c.measured(temperature, s.at.Add(5*time.Minute), 37.4, s.origin())
	c.visit(visit{ago: 46, by: samir, minutes: 10, how: byPhone, reason: "Call after a bad chest", note: "Slept four hours in a row. Peak flow 410 this morning. Carry on as agreed."})
	s = c.visit(visit{ago: 33, by: priya, reason: "Check after a bad chest", note: "No wheeze, peak flow 520. He forgot the brown inhaler in the weeks before the cold; a reminder at breakfast and supper may help."})
	c.measured(peakFlow, s.at.Add(4*time.Minute), 520, s.origin())
	c.has(history{ailment: chestInfection, since: 54, over: 38})
	c.takes(rx{key: "beclometasone", text: "Two puffs morning and evening with the spacer; rinse your mouth", times: twice, from: 365, why: "Asthma", days: 56})
	c.takes(rx{key: "salbutamol", text: "Two puffs when you wheeze; come and see us if you need it more than three times a week", asNeeded: true, from: 365, why: "Asthma"})
	c.takes(rx{key: "prednisolone high", text: "Eight tablets each morning for five days", times: morning, from: 47, until: 42, days: 5, why: "Asthma attack", by: samir})
	c.takes(rx{key: "cetirizine", text: "One tablet each morning in the pollen season", times: morning, from: 205, until: 120, why: "Hay fever"})
	c.autumnFlu(fluShot, 4)
	c.blood(336, 15.1, 7.4, 238, "Normal.")
	c.fats(336, 188, 49, 140, "Fine.")
	c.blood(1, 14.9, 7.9, 246, "All as it should be. Nothing to do now.")
	best := curve{{366, 522}, {196, 520}, {180, 486}, {150, 525}, {58, 528}, {50, 420}, {47, 362}, {40, 468}, {30, 528}, {0, 540}}
	c.series(peakFlow, series{from: 365, until: 61, every: 2, minute: 7*60 + 10, course: best, spread: 14, winter: -22, skip: 0.08, kit: "Peak-flow meter"})
	c.series(peakFlow, series{from: 60, until: 0, every: 1, minute: 7*60 + 10, course: best, spread: 10, skip: 0.05, kit: "Peak-flow meter"})
	c.series(peakFlow, series{from: 56, until: 30, every: 1, minute: 21 * 60, course: best, spread: 12, kit: "Peak-flow meter"})
	calm := c.wants(goal{words: "Sleep through, and finish a Saturday shift without the blue inhaler", from: 33, due: -60, progress: "improving", measure: &peakFlow, low: 500, up: 600, why: []reference{breath}})
	c.agrees(plan{
		title: "Breathing", words: "Brown every day, blue when needed, and a number to act on.", from: 33, until: -150, by: priya, team: []string{samir, joy},
		why: []reference{breath}, goals: []reference{calm},
		steps: []step{
			{name: "Brown inhaler", words: "Two puffs with the spacer, then rinse your mouth.", state: "in-progress", times: twice, goals: []reference{calm}, by: joy},
			{name: "Blow into the meter", words: "Best of three, standing.", state: "in-progress", times: morning, goals: []reference{calm}},
			{name: "Below 420: blue inhaler and a call", words: "Four puffs, one at a time. Call us the same day.", state: "not-started", when: "When the meter says so", goals: []reference{calm}, by: samir},
		},
	})
	c.visit(visit{ago: -6, by: samir, minutes: 30, reason: "Asthma review"})
}
