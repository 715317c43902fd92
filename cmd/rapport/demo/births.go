package demo

import "time"

// clarke is a mother and her son of nineteen days.
func (p *practice) clarke() {
	freya := p.newChart(who{
		key: "freya", given: "Freya", family: "Clarke", gender: "female", born: p.birthday(30, 166), language: "en",
		household: "clarke", gp: lena, phone: "07700 900161", story: "Gave birth nineteen days ago; tired, low iron, feeding well.",
	})
	theo := p.newChart(who{
		key: "theo", given: "Theo", family: "Clarke", gender: "male", born: p.day(19), language: "en",
		household: "clarke", gp: lena, since: 15, story: "Nineteen days old; back above his birth weight.",
	})
	theo.helpedBy(freya, "mother", "MTH", 14)
	theo.firstWeeks()
	freya.carrying(19 + 277)
	freya.has(history{ailment: pregnancy, since: 19 + 277, over: 19})
	freya.done(19, of(snomed, "177184002", "Birth"), "", "Birth at 39 weeks and 4 days", "Normal birth, no tears. Mother and baby well.")
	freya.letter(14, freya.hospital, "Birth and going home", "Freya gave birth to a boy of 3.42 kg. Blood loss was a little more than usual. Blood count on the ward 9.6, so iron tablets for six weeks; please check the blood count after two.")
	s := freya.visit(visit{ago: 9, by: grace, how: atTheirs, reason: "Visit at home after birth", note: "Feeding is going well after a sore start. Sleeps when Theo sleeps. Mood is good, she cried on day four and laughed about it. " +
		"Bleeding is settling. Blood count taken."})
	freya.pressure(s.at.Add(6*time.Minute), 118, 74, clinicLimits, s.origin())
	freya.measured(temperature, s.at.Add(6*time.Minute), 36.8, s.origin())
	freya.blood(1, 10.4, 8.1, 341, "Low but rising. Carry on with iron and check in four weeks.")
	freya.iron(1, 13, "Low.")
	freya.takes(rx{key: "iron", text: "One tablet each morning with a glass of orange juice", times: morning, from: 17, why: "Low iron after birth", by: ward})
	freya.visit(visit{ago: -24, by: lena, minutes: 30, reason: "Six-week check, mother"})
}

func (c *chart) firstWeeks() {
	birth := c.clock(19, 4*60+52)
	from := origin{by: c.hospital}
	c.measured(babyWeight, birth.Add(20*time.Minute), 3.42, from)
	c.measured(height, birth.Add(25*time.Minute), 51, from)
	c.measured(headSize, birth.Add(25*time.Minute), 34.8, from)
	c.has(history{ailment: jaundiceBaby, since: 16, over: 8, note: "Mild, no treatment needed."})
	for i, ago := range []int{14, 9, 4} {
		s := c.visit(visit{ago: ago, by: grace, how: atTheirs, minutes: 30, reason: "New baby visit", note: []string{
			"Feeding every two to three hours, five wet nappies. Weight down 6 %, which is usual. A little yellow; we look again soon.",
			"Almost no yellow left. Back to birth weight. Cord is dry. Safe sleep talked through.",
			"Alert and growing. Feeds well on both sides. First vaccines booked for eight weeks.",
		}[i]})
		c.measured(babyWeight, s.at.Add(5*time.Minute), []float64{3.22, 3.44, 3.66}[i], s.origin())
		if i == 2 {
			c.measured(headSize, s.at.Add(7*time.Minute), 36.1, s.origin())
			c.measured(height, s.at.Add(7*time.Minute), 52.6, s.origin())
		}
	}
	c.letter(14, c.hospital, "Newborn checks", "Heart, hips, eyes and hearing were checked and are normal. Vitamin K was given. The midwife takes the heel-prick test on day five.")
	c.visit(visit{ago: -24, by: lena, reason: "Six-week check, baby"})
	c.visit(visit{ago: -37, by: grace, reason: "First vaccines"})
}

// bianchi is 27 weeks pregnant.
func (p *practice) bianchi() {
	c := p.newChart(who{
		key: "chiara", given: "Chiara", family: "Bianchi", gender: "female", born: p.birthday(32, 212), language: "en", speaks: []string{"it"},
		gp: lena, phone: "07700 900163", story: "Twenty-seven weeks pregnant with her first child; iron a little low.",
	})
	c.has(history{ailment: pregnancy, since: 27 * 7, note: "First pregnancy. Due in 13 weeks."})
	c.carrying(27 * 7)
	c.blood(1, 10.8, 9.2, 226, "Slightly low, common at this stage.")
	c.iron(1, 11, "Low. Iron tablets suggested.")
	c.sugar(12, 5.1, "Normal.")
	c.visit(visit{ago: -7, by: grace, minutes: 30, reason: "Pregnancy visit, 28 weeks", comment: "Marco would like to come too."})
	c.visit(visit{ago: -21, by: priya, minutes: 10, reason: "RSV vaccine"})
	hope := c.wants(goal{words: "Meet the baby rested, and at the birth centre if all stays well", from: 77, due: -91, progress: "in-progress", target: "Birth plan written by week 34"})
	c.agrees(plan{
		title: "Pregnancy", words: "Visits, tests and small things that help.", from: 133, until: -91, by: grace, team: []string{lena}, goals: []reference{hope},
		steps: []step{
			{name: "Feel for movements", words: "Get to know the baby’s pattern. Call the same day if it changes.", state: "in-progress", times: evening, goals: []reference{hope}, by: grace},
			{name: "Write the birth plan", words: "What matters to you and Marco.", state: "not-started", when: "By week 34", goals: []reference{hope}, by: grace},
		},
	})
	c.series(steps, series{from: 120, until: 1, every: 3, minute: 21 * 60, course: curve{{120, 7400}, {1, 6100}}, spread: 900, kit: "Phone"})
}

// carrying is a pregnancy that began that many days ago, counted as midwives
// do, visit by visit up to today or the birth.
func (c *chart) carrying(began int) {
	base := c.around(62, 4)
	tall := c.around(166, 4)
	for _, v := range []struct {
		week        int
		gain        float64
		sys, dia    float64
		reason, say string
	}{
		{9, 0.4, 112, 70, "First pregnancy visit", "A wanted pregnancy, a little sick in the mornings. Talked through food, folic acid, scans and what to expect. No worries at home."},
		{16, 2.6, 110, 66, "Pregnancy visit, 16 weeks", "Feels better and eats well. Heard the heartbeat together. Blood group and other tests are fine."},
		{25, 6.8, 114, 68, "Pregnancy visit, 25 weeks", "Feels the baby move each evening. Growth is as expected. Heartburn now and then; smaller meals help."},
		{31, 9.1, 118, 72, "Pregnancy visit, 31 weeks", "Sleeps on her side with a pillow. Swollen feet in the evening, blood pressure fine. Talked about the birth."},
		{36, 11.2, 120, 76, "Pregnancy visit, 36 weeks", "Head is down. Birth plan written. Knows when to call, and whom."},
	} {
		ago := began - 7*v.week
		if ago < 1 || ago > 360 || (c.key == "freya" && ago < 19) {
			continue
		}
		s := c.visit(visit{ago: ago, by: grace, minutes: 30, reason: v.reason, note: v.say})
		c.pressure(s.at.Add(6*time.Minute), v.sys, v.dia, clinicLimits, s.origin())
		c.measured(weight, s.at.Add(7*time.Minute), base+v.gain, s.origin())
		if v.week == 9 {
			c.measured(height, s.at.Add(7*time.Minute), tall, s.origin())
			c.smoking(s, neverSmoked, "Never smoked")
			c.blood(ago-3, c.around(12.4, 0.2), c.around(7.8, 0.4), c.around(244, 15), "Normal.")
			c.takes(rx{key: "folic acid", text: "One tablet each morning until week 12", times: morning, from: ago, until: ago - 21, why: "Pregnancy"})
		}
		if v.week == 16 {
			c.vaccinated(whooping, s.at.Add(10*time.Minute), 1, grace)
		}
	}
	c.letter(max(began-20*7, 1), c.hospital, "Scan at 20 weeks", "One baby, growing as expected, heart and spine seen. The placenta lies high at the back.")
	c.takes(rx{key: "vitamin D", text: "One capsule each morning", times: morning, from: min(began-63, 360), why: "Pregnancy"})
}
