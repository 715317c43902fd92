package demo

import "time"

// Carmen Ruiz has a weak heart and diabetes. Her daughter Lucía reads the
// messages, comes along and has a chart of her own.
func (p *practice) ruiz() {
	carmen := p.newChart(who{
		key: "carmen", given: "Carmen", family: "Ruiz", gender: "female", born: p.birthday(79, 201), language: "es",
		speaks: []string{"en"}, gp: lena, household: "ruiz", phone: "07700 900131",
		story: "Grandmother with heart failure and diabetes who weighs herself every day; two kilos up this week; her daughter helps.",
	})
	lucia := p.newChart(who{
		key: "lucia", given: "Lucía", family: "Ruiz", gender: "female", born: p.birthday(47, 88), language: "es",
		speaks: []string{"en"}, gp: lena, household: "ruiz", phone: "07700 900132",
		story: "Carmen’s daughter and helper; migraine, few visits of her own.",
	})
	carmen.helpedBy(lucia, "daughter", "DAUC", 330)
	carmen.carmenHeart()
	carmen.carmenMedicines()
	carmen.carmenBloods()
	carmen.carmenReadings()
	lucia.headaches()
}

func (c *chart) carmenHeart() {
	heart := c.has(history{ailment: heartFailure, since: 1130, note: "After a heart attack in 2021. Pumping reduced."})
	c.has(history{ailment: diabetes, since: 5300})
	c.has(history{ailment: kidneyStage3, since: 900})
	c.avoids(allergy{code: "764146007", name: "Penicillin", category: "medication", criticality: "high", rash: hivesSign, severity: "severe",
		words: "Hives and a tight throat after a tablet; ambulance called.", year: "1994"})
	s := c.visit(visit{ago: 344, by: lena, minutes: 30, language: "es", reason: "Long-term condition review", note: "Viene con su hija Lucía. Camina hasta el mercado sin parar y duerme con una almohada. " +
		"Peso estable. Seguimos igual con las pastillas y con el peso cada mañana. Lucía llamará si sube dos kilos en tres días."})
	c.size(s, 68.3, 154)
	c.pressure(s.at.Add(6*time.Minute), 126, 72, clinicLimits, s.origin())
	c.measured(pulse, s.at.Add(6*time.Minute), 66, s.origin())
	c.measured(oxygen, s.at.Add(7*time.Minute), 96, s.origin())
	c.smoking(s, usedToSmoke, "Stopped smoking in 1990")
	s = c.visit(visit{ago: 232, by: priya, reason: "Diabetes foot check", note: "Both feet warm, pulses felt, no sores. Feels the light touch on all toes but one. " +
		"Showed Lucía how to look between the toes. Next check in a year."})
	c.measured(weight, s.at.Add(4*time.Minute), 68.9, s.origin())
	s = c.visit(visit{ago: 96, by: samir, how: atTheirs, reason: "Breathless, legs swollen", note: "Weight up three kilos in a week after a family wedding with salty food. Breathless on the stairs, ankles swollen, no chest pain. " +
		"Oxygen 93 %. Furosemide doubled for two weeks with a blood test after one. Lucía knows when to call 999."})
	c.pressure(s.at.Add(5*time.Minute), 138, 78, clinicLimits, s.origin())
	c.measured(oxygen, s.at.Add(6*time.Minute), 93, s.origin())
	c.measured(pulse, s.at.Add(6*time.Minute), 88, s.origin())
	s = c.visit(visit{ago: 82, by: lena, reason: "Heart failure check", language: "es", note: "Mucho mejor: ha perdido el líquido y vuelve a dormir tumbada. Volvemos a una furosemida cada mañana. " +
		"Repasamos juntas la lista de comidas con mucha sal. Análisis dentro de un mes."})
	c.measured(weight, s.at.Add(4*time.Minute), 68.6, s.origin())
	c.measured(oxygen, s.at.Add(5*time.Minute), 96, s.origin())
	c.visit(visit{ago: 30, by: joy, minutes: 20, reason: "Medicines review", note: "Nine medicines, all in a weekly box that Lucía fills on Sundays. No dizziness on standing. " +
		"Asked her to avoid ibuprofen and salt substitutes. Potassium to be checked this month."})
	c.visit(visit{ago: 160, by: priya, outcome: missed, reason: "Weight and blood pressure"})
	c.autumnFlu(fluShot, 8)
	c.letter(270, c.hospital, "Heart clinic", "Heart ultrasound: pumping at 38 %, unchanged from last year. Please keep the present medicines. We see Mrs Ruiz again in one year.")
	c.visit(visit{ago: -1, minute: 11 * 60, by: lena, how: byPhone, reason: "Call about weight and potassium"})
	dry := c.wants(goal{words: "Stay close to 68 kilos and sleep lying down", from: 82, due: -100, progress: "worsening", measure: &weight, low: 67, up: 69.5, why: []reference{heart}})
	c.agrees(plan{
		title: "Heart and weight", words: "A look at the scale each morning, and a call when it climbs.", from: 82, until: -100, by: lena, team: []string{priya, joy},
		why: []reference{heart}, goals: []reference{dry},
		steps: []step{
			{name: "Weigh yourself", words: "After the toilet, before breakfast, in nightclothes.", state: "in-progress", times: morning, goals: []reference{dry}},
			{name: "Call if two kilos up in three days", words: "Ring the practice the same day; 999 if you cannot breathe.", state: "in-progress", when: "Any day", goals: []reference{dry}, by: priya},
			{name: "Walk to the market", words: "At your own pace, with Lucía.", state: "in-progress", when: "Three times a week", goals: []reference{dry}},
		},
	})
}

func (c *chart) carmenMedicines() {
	heart, sugar := "Heart failure", "Diabetes"
	c.takes(rx{key: "bisoprolol", text: "One tablet each morning", times: morning, from: 365, why: heart})
	c.takes(rx{key: "ramipril", text: "One capsule each morning", times: morning, from: 365, why: heart})
	c.takes(rx{key: "spironolactone", text: "One tablet each morning", times: morning, from: 365, why: heart})
	c.takes(rx{key: "furosemide", text: "One tablet each morning", times: morning, from: 365, until: 96, why: heart})
	c.takes(rx{key: "furosemide", text: "One tablet in the morning and one at midday, for two weeks", times: []string{"MORN", "NOON"}, from: 96, until: 82, why: "Fluid", days: 14, by: samir})
	c.takes(rx{key: "furosemide", text: "One tablet each morning", times: morning, from: 82, why: heart})
	c.takes(rx{key: "empagliflozin", text: "One tablet each morning", times: morning, from: 340, why: "Heart failure and diabetes"})
	c.takes(rx{key: "metformin", text: "One tablet with breakfast and one with supper", times: twice, from: 365, why: sugar})
	c.takes(rx{key: "atorvastatin", text: "One tablet each evening", times: evening, from: 365, why: "After a heart attack"})
	c.takes(rx{key: "aspirin", text: "One tablet each morning with food", times: morning, from: 365, why: "After a heart attack"})
	c.takes(rx{key: "vitamin D", text: "One capsule each morning", times: morning, from: 232, why: "Bones"})
}

func (c *chart) carmenBloods() {
	pro := func(ago int, v float64, words string) { c.report(ago, heartPanel, words, result{heartStrain, v}) }
	c.kidneys(340, 1.11, 4.7, "Stable.")
	c.sugar(340, 7.9, "A little above her goal of 7.5.")
	c.fats(340, 158, 46, 132, "At goal.")
	c.blood(340, 12.2, 6.8, 231, "Normal.")
	pro(340, 1480, "As usual for her.")
	c.kidneys(230, 1.14, 4.8, "Stable.")
	c.sugar(230, 7.6, "Coming down.")
	pro(95, 3120, "Higher, fits with the fluid.")
	c.kidneys(95, 1.12, 4.6, "Fine to raise furosemide.")
	c.kidneys(88, 1.26, 4.3, "A small rise with the water tablet; check again.")
	c.sugar(80, 7.4, "At goal.")
	c.kidneys(54, 1.15, 4.9, "Back to usual.")
	pro(54, 1610, "Settled.")
	c.blood(54, 12.0, 6.5, 240, "Normal.")
	c.kidneys(1, 1.22, 5.5, "Potassium a little high. Please look at spironolactone and repeat within a week.")
	pro(1, 2240, "Up from 1610.")
}

func (c *chart) carmenReadings() {
	course := curve{{366, 68.2}, {110, 68.6}, {103, 69.0}, {96, 71.7}, {88, 69.4}, {80, 68.5}, {5, 68.4}, {3, 69.0}, {0, 70.4}}
	c.series(weight, series{from: 364, until: 124, every: 3, minute: 7*60 + 20, course: course, spread: 0.25, skip: 0.08, kit: "Bathroom scale"})
	c.series(weight, series{from: 122, until: 0, every: 1, minute: 7*60 + 20, course: course, spread: 0.2, skip: 0.03, kit: "Bathroom scale"})
	sugar := curve{{364, 8.9}, {230, 8.2}, {90, 7.7}, {0, 7.4}}
	c.series(sugarHome, series{from: 362, until: 0, every: 4, minute: 7*60 + 35, course: sugar, spread: 0.9, skip: 0.15, kit: "Glucose meter"})
	c.pressures(series{from: 360, until: 1, every: 7, minute: 9 * 60, course: curve{{360, 124}, {96, 136}, {80, 122}, {0, 126}}, spread: 4, skip: 0.1, kit: "Upper-arm monitor"},
		curve{{360, 70}, {0, 71}}, homeLimits)
}
