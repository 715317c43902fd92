package demo

// soreBack is low back pain that comes, and mostly goes.
func (c *chart) soreBack() {
	from := c.between(70, 190)
	c.has(history{ailment: backPain, since: from + 6})
	for i, ago := range []int{from, from - 14, from - 35, from - 60} {
		s := c.visit(visit{ago: ago, by: []string{c.gp, tomas, tomas, tomas}[i], minutes: 30, reason: []string{"Back pain", "Physiotherapy, back", "Physiotherapy, back", "Physiotherapy, back"}[i], note: pick(c.dice, [][]string{
			{"Low back pain for a week after lifting. No numbness, legs are strong, no warning signs. Keep moving; it nearly always settles.", "Back pain since digging the garden. Nothing worrying on examination. Ibuprofen for a week with food and physiotherapy."},
			{"Moves stiffly but well. Learned three exercises for the morning.", "Afraid to bend; we practised picking up a box and it went fine."},
			{"Half the pain of last month. Added a walk at lunch.", "Good days and bad days. More good ones now."},
			{"Back at work and lifting lightly. Knows what to do when it returns.", "Nearly well. We look once more if it comes back."},
		}[i])})
		c.measured(pain, s.at.Add(4*minute), []float64{7, 5, 4, 2}[i], s.origin())
	}
	c.takes(rx{key: "ibuprofen", text: "One tablet three times a day with food, for one week", times: thrice, from: from, until: from - 7, days: 7, why: "Back pain"})
	c.takes(rx{key: "paracetamol", text: "Two tablets when needed, up to four times a day", asNeeded: true, from: from, why: "Back pain"})
	kilos, tall := c.frame(26)
	s := c.review(visit{ago: c.between(240, 340), by: priya, reason: "Health check", note: "Blood pressure and weight looked at. Blood test taken."}, 124, 78)
	c.size(s, kilos, tall)
	c.tobacco(s)
	c.fats(c.between(200, 238), c.around(188, 12), c.around(52, 5), c.around(124, 18), "")
	c.series(pain, series{from: from, until: from - 65, every: 2, minute: 20 * 60, course: curve{{from, 7}, {from - 14, 5}, {from - 60, 1.6}}, spread: 0.7, skip: 0.1})
	c.series(steps, series{from: from, until: 1, every: 5, minute: 21 * 60, course: curve{{from, 3200}, {0, 7600}}, spread: 900, skip: 0.1, kit: "Phone"})
	c.mishap(tomas, "Physiotherapy, back")
	c.next(tomas, "Physiotherapy, back")
}

// slowThyroid is an underactive thyroid, with doses found by blood tests.
func (c *chart) slowThyroid() {
	c.has(history{ailment: hypothyroid, since: c.between(600, 4000)})
	c.relatives(kin{"MTH", "Mother", hypothyroid, c.between(30, 55)})
	kilos, tall := c.frame(26)
	newest := pick(c.dice, []int{1, 8, 30})
	tsh := []float64{c.around(6.8, 0.6), c.around(4.0, 0.2), c.around(2.9, 0.3), c.around(2.2, 0.4)}
	for i, ago := range []int{330, 240, 130, newest} {
		words := "A little high; dose looked at."
		if tsh[i] <= 4.5 {
			words = "In range."
		}
		c.thyroid(ago, tsh[i], c.around(0.95+0.1*float64(i), 0.05), words)
		if i%2 == 0 {
			c.blood(ago, c.hb(), c.around(6.4, 0.7), c.around(255, 25), "")
			c.iron(ago, c.around(48, 11), "")
		}
	}
	for i, ago := range []int{326, 236, 126} {
		s := c.review(visit{ago: ago, by: []string{c.gp, joy, c.gp}[i], how: []how{inPerson, byPhone, byVideo}[i], reason: "Thyroid", note: pick(c.dice, [][]string{
			{"Tired and cold for some months, and the blood test says why. A slightly higher dose.", "Sometimes takes the tablet with coffee; half an hour before works better."},
			{"Less tired. No racing heart. Same dose, blood test in three months.", "Takes it on waking now. Feels the difference."},
			{"Level is right and so is the energy. Yearly checks from here.", "Well. Nothing to change."},
		}[i])}, 120, 76)
		if i == 0 {
			c.size(s, kilos, tall)
			c.tobacco(s)
		}
	}
	c.takes(rx{key: "levothyroxine", text: "One tablet on waking, half an hour before breakfast", times: morning, from: 365, until: 326, why: "Thyroid"})
	c.takes(rx{key: "levothyroxine", dose: 75, text: "One and a half tablets on waking, half an hour before breakfast", times: morning, from: 326, why: "Thyroid", days: 56})
	c.autumnFlu(fluShot, c.between(1, 5))
	c.series(weight, series{from: 340, until: 2, every: 10, minute: 7 * 60, course: curve{{340, kilos}, {130, kilos - 2.2}, {0, kilos - 2.8}}, spread: 0.4, skip: 0.1, kit: "Bathroom scale"})
	c.mishap(joy, "Thyroid")
	c.next(c.gp, "Thyroid")
}

// worries is anxiety, told in GAD-7 scores.
func (c *chart) worries() {
	from := c.between(210, 330)
	c.has(history{ailment: anxiety, since: from})
	top := c.around(15, 1.5)
	for i, ago := range []int{from, from - 20, from - 55, from - 110, from - 180} {
		s := c.visit(visit{ago: ago, by: []string{c.gp, c.gp, priya, c.gp, c.gp}[i], how: []how{inPerson, byPhone, inPerson, byVideo, byVideo}[i], minutes: 30, reason: "Worry and sleep", note: pick(c.dice, [][]string{
			{"Worries from waking to sleeping since a change at work, heart races in shops. No thoughts of harm. Talked about how worry works; talking therapy asked for.", "Cannot switch off, wakes at four. Not depressed. We start with sleep, breathing and a course, and look again soon."},
			{"First session was good. Sleeps an hour longer.", "Still tense, but has a name for it now and that helps."},
			{"Shops are fine on quiet days. Breathing exercise used most evenings.", "A wobble after the holidays. Knows it passes."},
			{"Score halved. Back to the choir.", "Course finished. Keeps the notes on the phone."},
			{"Well. Knows the early signs and whom to call.", "A calm season. The door is open."},
		}[i])})
		c.measured(worry, s.at.Add(3*minute), max(top-float64(i)*2.7, 2), s.origin())
		c.measured(mood, s.at.Add(3*minute), max(9-float64(i)*1.5, 1), s.origin())
		if i == 0 {
			c.pressure(s.at.Add(6*minute), 136, 84, clinicLimits, s.origin())
			c.tobacco(s)
		}
	}
	c.thyroid(from-2, c.around(2, 0.5), c.around(1.2, 0.1), "Normal, so not the cause.")
	if c.hits(0.5) {
		c.takes(rx{key: "propranolol", text: "One tablet when the heart races, up to three times a day", asNeeded: true, from: from, until: from - 120, why: "Racing heart"})
	}
	c.series(worry, series{from: from - 7, until: 3, every: 14, minute: 20 * 60, course: curve{{from, top}, {from - 110, top / 2}, {0, 4}}, spread: 0.8, skip: 0.15})
	c.series(steps, series{from: from, until: 1, every: 3, minute: 21 * 60, course: curve{{from, 4200}, {0, 7100}}, spread: 900, skip: 0.1, kit: "Phone"})
	c.mishap(c.gp, "Worry and sleep")
	c.next(c.gp, "Worry and sleep")
}

// headaches is migraine.
func (c *chart) headaches() {
	c.has(history{ailment: migraine, since: c.between(1000, 7000)})
	for i, ago := range []int{c.between(290, 340), c.between(170, 210), c.between(15, 60)} {
		s := c.review(visit{ago: ago, by: []string{c.gp, joy, c.gp}[i], how: []how{inPerson, byPhone, byVideo}[i], reason: "Headaches", note: pick(c.dice, [][]string{
			{"Six bad days a month with light hurting the eyes. Neurological check is normal. A diary, regular meals and a tablet for attacks."},
			{"The tablet works within the hour if taken early. Not more than ten days a month.", "Diary shows late nights and missed lunches. That is something to work with."},
			{"Down to three bad days a month. Propranolol suits well.", "Better. Screen breaks help too."},
		}[i])}, 122, 78)
		if i == 0 {
			kilos, tall := c.frame(25)
			c.size(s, kilos, tall)
			c.tobacco(s)
		}
	}
	c.takes(rx{key: "sumatriptan", text: "One tablet as early as you can in an attack; one more after two hours if it comes back", asNeeded: true, from: 290, why: "Migraine"})
	c.takes(rx{key: "propranolol", text: "One tablet morning and evening", times: twice, from: 180, why: "To have fewer attacks"})
	c.blood(285, c.hb(), c.around(6.3, 0.6), c.around(250, 25), "")
	c.series(pain, series{from: 280, until: 2, every: 7, minute: 19 * 60, course: curve{{280, 7}, {0, 4}}, spread: 1.2, skip: 0.15})
	c.series(steps, series{from: 200, until: 1, every: 4, minute: 21 * 60, course: curve{{200, 6800}, {0, 7400}}, spread: 1200, kit: "Phone"})
	c.mishap(c.gp, "Headaches")
	c.next(joy, "Headaches")
}

// steady is somebody who is well: a check, a cold, a watch.
func (c *chart) steady() {
	kilos, tall := c.frame(24)
	s := c.review(visit{ago: c.between(230, 345), by: priya, reason: "Health check", note: pick(c.dice, []string{
		"Well, and keeps active. Blood pressure and weight are fine. See you in five years, or when you need us.",
		"A first check. Nothing to worry about. We talked about sleep and sun cream.",
	})}, 118, 74)
	c.size(s, kilos, tall)
	c.tobacco(s)
	c.fats(c.between(200, 226), c.around(178, 12), c.around(56, 6), c.around(104, 16), "")
	c.sugar(c.between(200, 226), c.around(5.3, 0.15), "")
	ill := c.between(9, 150)
	if c.hits(0.6) || c.gender == "male" {
		c.has(history{ailment: coldVirus, since: ill + 4, over: max(ill-4, 1)})
		c.visit(visit{ago: ill, by: c.gp, how: byPhone, reason: "Sore throat and cold", note: "Four days of sore throat and a blocked nose, drinking well, no fever. Rest and paracetamol; call if not better in a week."})
	} else {
		c.has(history{ailment: bladderInfect, since: ill + 1, over: max(ill-5, 1)})
		c.visit(visit{ago: ill, by: joy, reason: "Burning when passing water", note: "Two days, no fever, no back pain. Tablets for three days and plenty to drink."})
		c.takes(rx{key: "nitrofurantoin", text: "One capsule morning and evening for three days", times: twice, from: ill, until: max(ill-3, 1), days: 3, why: "Bladder infection", by: joy})
	}
	s = c.visit(visit{ago: c.between(160, 300), by: priya, minutes: 10, reason: "Tetanus vaccine"})
	c.vaccinated(tetanusShot, s.at.Add(4*minute), 4, priya)
	if c.hits(0.35) {
		c.avoids(pick(c.dice, []allergy{penicillin, pollen, peanut}))
	}
	base := c.around(8200, 900)
	c.series(steps, series{from: 300, until: 1, every: 3, minute: 22 * 60, course: curve{{300, base}, {0, base + 300}}, spread: 1600, winter: -700, skip: 0.06, kit: "Watch"})
	c.series(pulse, series{from: 300, until: 1, every: 6, minute: 6*60 + 30, course: curve{{300, 64}, {0, 61}}, spread: 2.5, kit: "Watch"})
	c.mishap(priya, "Health check")
	c.next(pick(c.dice, []string{c.gp, priya}), "Something new")
}

// growing is a well child.
func (c *chart) growing() {
	c.childVaccines()
	c.guarded()
	born := c.daysSince(c.born)
	for _, ago := range []int{300, 160, c.between(6, 40)} {
		if ago > born-7 {
			continue
		}
		at := float64(born-ago) / 365.25
		kilos, tall := growth(at)
		kilos, tall = kilos*c.around(1, 0.02), tall*c.around(1, 0.006)
		s := c.visit(visit{ago: ago, by: grace, reason: "Growth check", note: pick(c.dice, [...][]string{{
			"Feeds well and gains as we would wish. Smiles, follows a face, holds the head up. Sleep is short, as it is at this age.",
			"Growing along the line. Kicks, babbles and looks around. Safe sleep and first foods talked through.",
		}, {
			"Growing along the line, eats most things, sleeps well. Teeth are clean. Nothing to do.",
			"Weight and height fit the age. Runs, climbs and chatters. Questions about sleep answered.",
			"A happy check. We looked at the red book together.",
		}}[min(int(at), 1)])})
		if at < 1 {
			c.measured(babyWeight, s.at.Add(4*minute), kilos, s.origin())
			c.measured(height, s.at.Add(4*minute), tall, s.origin())
		} else {
			c.size(s, kilos, tall)
		}
		if at < 2 {
			c.measured(headSize, s.at.Add(6*minute), headCourse.at(-int(at*365)), s.origin())
		}
	}
	ill := c.between(30, 200)
	if ill < born-10 {
		s := c.visit(visit{ago: ill, by: c.gp, reason: "Fever and cough", note: pick(c.dice, []string{
			"Two days of fever and a runny nose, drinks and wees well. Chest is clear. Paracetamol for comfort; call if breathing looks hard or no better in three days.",
			"Barking cough last night, better this morning. Alert and curious. Shown which signs mean 999.",
		})})
		c.measured(temperature, s.at.Add(4*minute), c.around(38.3, 0.3), s.origin())
		c.has(history{ailment: coldVirus, since: ill + 2, over: ill - 5})
		c.series(temperature, series{from: ill + 2, until: ill - 2, every: 1, minute: 18 * 60, course: curve{{ill + 2, 38.4}, {ill - 2, 36.8}}, spread: 0.2, kit: "Ear thermometer"})
	}
	if c.hits(0.4) && born > 400 {
		c.has(history{ailment: eczema, since: born - 200})
		c.takes(rx{key: "emollient", text: "All over after the bath, and on dry patches", asNeeded: true, from: 200, why: "Eczema"})
	}
	if born > 2*366 {
		c.autumnFlu(fluSpray, 1)
	}
	c.mishap(grace, "Growth check")
	c.next(grace, "Growth check")
}

// headCourse is a usual head size in centimetres; days count up from birth.
var headCourse = curve{{0, 35}, {-90, 40.5}, {-180, 43.3}, {-365, 46}, {-730, 48.3}}

// growth returns a usual weight and height at that age in years, near the
// middle of what children weigh and measure.
func growth(years float64) (kilos, centimetres float64) {
	ages := []float64{0, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18}
	weights := []float64{3.4, 6.1, 7.6, 9.3, 11.9, 14.1, 16.2, 20.5, 25.5, 32, 40.5, 49.5, 57, 61}
	heights := []float64{50, 60.5, 66.5, 75, 87, 95.5, 102.5, 115.5, 127.5, 138.5, 149.5, 160, 167, 170}
	for i := 1; i < len(ages); i++ {
		if years <= ages[i] {
			part := max(years-ages[i-1], 0) / (ages[i] - ages[i-1])
			return weights[i-1] + part*(weights[i]-weights[i-1]), heights[i-1] + part*(heights[i]-heights[i-1])
		}
	}
	return weights[len(weights)-1], heights[len(heights)-1]
}
