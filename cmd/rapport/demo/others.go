package demo

import "time"

// others are the charts that pages must survive: long, accented and foreign
// names, nothing recorded, and a life that has ended.
func (p *practice) others() {
	p.newChart(who{
		key: "ada", given: "Ada", family: "Nwosu", gender: "female", born: p.birthday(27, 120), language: "en", speaks: []string{"ig"},
		household: "nwosu", gp: samir, phone: "07700 900119", story: "Amara’s daughter and helper; well.",
	}).steady()
	amara, ada := p.charts[0], p.charts[len(p.charts)-1]
	amara.helpedBy(ada, "daughter", "DAUC", 40)

	p.newChart(who{
		key: "long", given: "Maximiliana Esperanza", family: "Villanueva de los Santos-Etxeberria y Montenegro", gender: "female",
		born: p.birthday(52, 310), language: "es", speaks: []string{"en"}, story: "The longest name in the practice; back pain.",
	}).soreBack()
	p.newChart(who{
		key: "accents", given: "Zuzana", family: "Kovářová-Šťastná", gender: "female", born: p.birthday(39, 27), language: "en", speaks: []string{"cs"},
		story: "A name full of accents; underactive thyroid.",
	}).slowThyroid()
	p.newChart(who{
		key: "script", given: "Xuemei", family: "Li", script: "李雪梅", gender: "female", born: p.birthday(63, 140), language: "en", speaks: []string{"zh"},
		story: "Her name is written in Chinese and in Latin letters; diabetes.",
	}).sweetBlood()
	p.newChart(who{
		key: "nothing", given: "Sam", family: "Whitlock", gender: "unknown", born: p.birthday(29, 200), language: "en",
		story: "Joined on paper; nothing recorded at all.",
	})
	p.marsh()
}

// marsh died 47 days ago, at home, as he had wished.
func (p *practice) marsh() {
	const died = 47
	c := p.newChart(who{
		key: "marsh", given: "Edwin", family: "Marsh", gender: "male", born: p.birthday(88, 77), language: "en", gp: lena,
		died: p.clock(died, 4*60+20), story: "Died seven weeks ago, at home, as he had wished.",
	})
	c.has(history{ailment: lungCancer, since: 260})
	c.has(history{ailment: copd, since: 5200})
	for i, ago := range []int{280, 255, 190, 121, 82, 60, 49} {
		s := c.visit(visit{ago: ago, by: []string{samir, lena, lena, lena, priya, lena, lena}[i], minutes: 30, how: []how{inPerson, inPerson, inPerson, atTheirs, atTheirs, atTheirs, atTheirs}[i],
			reason: []string{"Cough and weight loss", "Results of the scan", "How things are", "Visit at home", "Visit at home", "Visit at home", "Visit at home"}[i],
			note: []string{
				"Cough for six weeks and five kilos lighter. A shadow on the chest X-ray. Seen at the hospital within two weeks.",
				"Told him and his son what the scan shows. He wants time with his roses rather than treatment, and no hospital if it can be helped.",
				"Breathless on hills, eats small meals. Liquid morphine at night helps. He has written down what he wants.",
				"In bed most of the day. Comfortable. The hospice nurse comes twice a week.",
				"Sleeps a lot, no pain. His son is doing well and knows whom to call.",
				"Drinks a little. Mouth care shown. Everything he needs is in the house.",
				"Peaceful. Family at the bedside. We talked about what the last days look like.",
			}[i]})
		c.measured(oxygenLungs, s.at.Add(5*time.Minute), []float64{93, 93, 92, 91, 90, 89, 87}[i], s.origin())
		c.measured(pain, s.at.Add(6*time.Minute), []float64{3, 3, 4, 3, 2, 2, 1}[i], s.origin())
		if i < 5 {
			c.measured(weight, s.at.Add(7*time.Minute), []float64{64.2, 62.8, 60.1, 57.4, 55.0}[i], s.origin())
		}
	}
	c.letter(264, c.hospital, "Chest clinic", "The scan and the sample show lung cancer that has spread. Mr Marsh understands this well and has decided against treatment.")
	c.takes(rx{key: "morphine", text: "2.5 mg when breathless or in pain, up to every four hours", asNeeded: true, from: 190, until: died, why: "Breathlessness"})
	c.takes(rx{key: "tiotropium", text: "Two puffs each morning", times: morning, from: 365, until: died, why: "COPD"})
	c.series(pain, series{from: 185, until: 50, every: 5, minute: 10 * 60, course: curve{{185, 4}, {50, 1}}, spread: 0.8})
	c.letter(46, c.org, "Death at home", "Edwin Marsh died at home in the early morning with his family. The certificate is ready. We are sorry, and we call his son this week.")
}
