package demo

import "time"

// Amara Nwosu is the person the pictures show. Her knee was replaced 19 days
// ago, her blood pressure came down over the last month, and she sees Dr Ortiz
// in two days.
func (p *practice) amara() *chart {
	c := p.newChart(who{
		key: "amara", given: "Amara", family: "Nwosu", gender: "female",
		born: time.Date(1968, time.March, 14, 0, 0, 0, 0, p.today.Location()), language: "en", speaks: []string{"ig"},
		phone: "07700 900118", mail: "amara.nwosu@example.org", gp: lena, household: "nwosu",
		story: "New knee nineteen days ago; blood pressure falling since her tablet was doubled; video visit in two days.",
		contact: &contact{
			Relationship: []concept{{Text: "Daughter"}}, Name: &humanName{Text: "Ada Nwosu", Family: "Nwosu", Given: []string{"Ada"}},
			Telecom: []telecom{{"phone", "07700 900119", "mobile"}},
		},
	})
	a := penicillin
	a.year = "2019"
	c.avoids(a)
	c.relatives(kin{"MTH", "Mother", hypertension, 50}, kin{"MTH", "Mother", ailment{"Stroke", "230690007", "I64"}, 71}, kin{"FTH", "Father", diabetes, 62})
	knee := c.has(history{ailment: kneeArthritis, since: 1480, note: "Right knee, both sides of the joint."})
	c.amaraPressure()
	pressure := c.has(history{ailment: hypertension, since: 235, note: "Home average 148/93 over seven days."})
	c.amaraKnee()
	c.amaraMedicines()
	c.amaraBloods()
	c.amaraReadings()
	c.amaraPlans(pressure, knee)
	return c
}

func (c *chart) amaraPressure() {
	s := c.visit(visit{ago: 242, by: priya, reason: "Blood-pressure check", note: "Came for a routine check and feels well. " +
		"Blood pressure 152/94, and 150/92 after a rest. Lent a home monitor for one week, morning and evening. Results go to Dr Ortiz."})
	c.pressure(s.at.Add(5*time.Minute), 152, 94, clinicLimits, s.origin())
	c.pressure(s.at.Add(12*time.Minute), 150, 92, clinicLimits, s.origin())
	c.measured(pulse, s.at.Add(5*time.Minute), 76, s.origin())
	c.size(s, 82.4, 166)
	c.smoking(s, neverSmoked, "Never smoked")
	c.visit(visit{ago: 235, by: lena, reason: "Blood pressure, results", note: "Seven days at home average 148/93, so this is high blood pressure. " +
		"Amara would like to try walking and less salt before tablets, and that is a fair choice. Blood and kidney tests taken this week. We look again in four months."})
	s = c.visit(visit{ago: 118, by: lena, reason: "Blood-pressure review", note: "Walking more, 3 kg lighter, but home readings are still about 150 over 94. " +
		"We agreed to start amlodipine 2.5 mg each morning. Explained ankle swelling and flushing and when to call. Next look in three months."})
	c.pressure(s.at.Add(5*time.Minute), 151, 94, clinicLimits, s.origin())
	c.measured(weight, s.at.Add(6*time.Minute), 79.3, s.origin())
	c.visit(visit{ago: 62, by: joy, outcome: cancelled, reason: "Medicines review", pause: "Could not leave work that day"})
	s = c.visit(visit{ago: 28, by: lena, reason: "Blood-pressure review before surgery", note: "Home readings about 146 over 92 and no swelling. " +
		"Amlodipine goes up to 5 mg each morning. Together we agreed a home range of 110 to 130 for the top number. Surgery can go ahead."})
	c.pressure(s.at.Add(5*time.Minute), 147, 91, clinicLimits, s.origin())
	c.measured(pulse, s.at.Add(5*time.Minute), 74, s.origin())
	c.measured(weight, s.at.Add(6*time.Minute), 78.6, s.origin())
	c.visit(visit{ago: -2, minute: 10*60 + 30, by: lena, how: byVideo, reason: "Blood-pressure review",
		comment: "How do the readings look, and for how long do I take the tablet?"})
}

func (c *chart) amaraKnee() {
	s := c.visit(visit{ago: 352, by: samir, reason: "Knee pain", note: "Right knee has hurt on stairs for years and now wakes her at night. " +
		"No swelling today, bend 100 degrees. X-ray asked for. Paracetamol before walks, and physiotherapy with Tomas."})
	c.measured(pain, s.at.Add(3*time.Minute), 6, s.origin())
	for i, ago := range []int{338, 317, 296, 268} {
		s := c.visit(visit{ago: ago, by: tomas, minutes: 30, reason: "Physiotherapy, knee", note: []string{
			"First session. Thigh strength a little down on the right. Showed straight leg raises and sit to stand, ten of each twice a day.",
			"Doing the exercises most days. Stairs are slightly easier. Added heel raises and a short walk after lunch.",
			"Pain is much the same at night. Strength is better than at the start, which will help whatever she decides.",
			"We have done what exercise can do for now. Amara wants to ask about a new knee. Letter sent to the hospital.",
		}[i]})
		c.measured(pain, s.at.Add(5*time.Minute), []float64{6, 5, 6, 6}[i], s.origin())
	}
	c.letter(345, c.hospital, "X-ray of the right knee", "The joint space on the inner side of the right knee is lost, with bony spurs. The left knee shows early change. No fracture.")
	c.letter(171, c.hospital, "Knee clinic", "Thank you for sending this lady. She has severe arthritis of the right knee and good general health. We agreed to a total knee replacement and have placed her on the list.")
	c.letter(24, c.hospital, "Checks before surgery", "Blood count, kidneys and heart tracing are fine. Blood pressure 142/88 on the day. Penicillin allergy noted; another antibiotic will be used.")
	c.done(19, of(snomed, "609588000", "Total knee replacement"), "Right knee", "Arthritis of the knee", "Spinal anaesthetic. No complications. Home on the second day.")
	c.letter(14, c.hospital, "Going home after knee replacement", "Mrs Nwosu went home two days after a right knee replacement, walking with two crutches. Please remove the clips after 12 days. "+
		"Apixaban 2.5 mg twice a day for 14 days to prevent clots; paracetamol for pain. Exercises were taught. Hospital review in six weeks.")
	s = c.visit(visit{ago: 14, by: tomas, minutes: 30, how: atTheirs, reason: "Physiotherapy at home", note: "Walks to the kitchen with two crutches. Bend 65 degrees, straightens almost fully. " +
		"Ankle pumps and heel slides shown. Knee is warm and swollen as expected."})
	c.measured(pain, s.at.Add(5*time.Minute), 6, s.origin())
	c.visit(visit{ago: 12, by: joy, how: byPhone, reason: "Bruise and wet dressing", note: "Large bruise on the thigh and the dressing was wet twice since yesterday. " +
		"Spoke with the hospital team, who asked her to stop apixaban on day 7 of 14 and to keep walking and doing ankle pumps. Told her which leg and chest signs need a call the same hour."})
	s = c.visit(visit{ago: 7, by: priya, reason: "Clips out after knee surgery", note: "Wound is dry and clean, clips removed, small dressing for two days. Bruise is fading. " +
		"Calf soft on both sides. Amara is pleased with her walking."})
	c.measured(temperature, s.at.Add(4*time.Minute), 36.7, s.origin())
	c.pressure(s.at.Add(5*time.Minute), 129, 80, clinicLimits, s.origin())
	s = c.visit(visit{ago: 4, by: tomas, minutes: 30, reason: "Physiotherapy, knee", note: "One crutch indoors now. Bend 85 degrees. Some evening swelling, which is usual until about week six. " +
		"Heel slides three times ten in the afternoon and a flat walk of 20 minutes."})
	c.measured(pain, s.at.Add(5*time.Minute), 3, s.origin())
	c.visit(visit{ago: -10, minute: 9 * 60, by: tomas, minutes: 30, reason: "Physio check, week 5"})
}

func (c *chart) amaraMedicines() {
	c.takes(rx{key: "amlodipine 2.5", text: "One tablet each morning", times: morning, from: 118, until: 28, why: "High blood pressure"})
	c.takes(rx{key: "amlodipine", text: "One tablet each morning", times: morning, from: 28, why: "High blood pressure", days: 56})
	c.takes(rx{key: "apixaban low", text: "One tablet twice a day for 14 days", times: twice, from: 19, until: 12, days: 14, by: ward,
		why: "To prevent clots after knee surgery", stopped: "Bruise and wet wound; stopped on day 7 on the hospital team’s advice"})
	c.takes(rx{key: "paracetamol", text: "Two tablets when needed, up to four times a day, at least four hours apart", asNeeded: true, from: 14, why: "Knee pain"})
	c.takes(rx{key: "codeine", text: "One tablet when needed for strong pain, up to four times a day", asNeeded: true, from: 17, until: 10, why: "Pain after surgery", days: 7, by: ward})
	s := c.visit(visit{ago: 310, by: priya, minutes: 10, reason: "Tetanus vaccine before travel"})
	c.vaccinated(tetanusShot, s.at.Add(4*time.Minute), 4, priya)
	c.autumnFlu(fluShot, 3)
}

func (c *chart) amaraBloods() {
	c.kidneys(236, 0.78, 4.3, "Kidneys and salts are fine.")
	c.sugar(236, 5.8, "Just below the line. Walking and less sugar will help.")
	c.fats(236, 214, 52, 138, "A little high. We talk about it at the next visit.")
	c.blood(236, 12.9, 6.2, 254, "Normal.")
	c.kidneys(112, 0.81, 4.2, "Unchanged.")
	c.sugar(112, 5.7, "Slightly better.")
	c.fats(112, 203, 54, 126, "Better than last time.")
	c.blood(112, 13.1, 5.9, 248, "Normal.")
	c.kidneys(26, 0.79, 4.4, "Fine before surgery.")
	c.blood(26, 12.8, 6.4, 261, "Fine before surgery.")
	c.sugar(26, 5.6, "Normal.")
	c.fats(26, 196, 56, 118, "Normal now.")
	c.kidneys(1, 0.77, 4.5, "Kidneys and potassium are fine on the new dose.")
	c.blood(1, 11.4, 7.1, 372, "A little low, as expected two weeks after surgery. Check again in a month.")
}

func (c *chart) amaraReadings() {
	const kit = "Upper-arm monitor"
	agreed := limits{110, 130, 65, 85}
	long := curve{{366, 139}, {250, 148}, {235, 148}, {118, 150}, {100, 147}, {30, 146}}
	longDia := curve{{366, 87}, {250, 93}, {235, 93}, {118, 94}, {100, 92}, {30, 92}}
	c.pressures(series{from: 241, until: 236, every: 1, minute: 7*60 + 40, course: long, spread: 3, kit: kit}, longDia, homeLimits)
	c.pressures(series{from: 242, until: 236, every: 1, minute: 20*60 + 10, course: long, spread: 3, kit: kit}, longDia, homeLimits)
	c.pressures(series{from: 230, until: 32, every: 6, minute: 7*60 + 45, course: long, spread: 3.5, skip: 0.08, kit: kit}, longDia, homeLimits)

	c.pressure(c.clock(29, 7*60+48), 146, 92, homeLimits, c.home(kit))
	month := curve{{29, 146}, {19, 138}, {10, 129}, {0, 128}}
	monthDia := curve{{29, 92}, {19, 86}, {10, 80}, {0, 79}}
	for _, away := range []series{{from: 28, until: 20}, {from: 16, until: 2}} { // not in hospital
		away.every, away.minute, away.course, away.spread, away.kit = 1, 7*60+45, month, 1.6, kit
		c.pressures(away, monthDia, agreed)
		away.every, away.minute, away.skip = 2, 20*60+5, 0.15
		c.pressures(away, monthDia, agreed)
	}
	last := c.within(c.clock(0, 7*60+42))
	if before := c.clock(1, 7*60+50); before.Before(last) {
		c.pressure(before, 129, 80, agreed, c.home(kit))
	}
	c.pressure(last, 128, 79, agreed, c.home(kit))

	c.series(weight, series{from: 360, until: 22, every: 10, minute: 7*60 + 30, course: curve{{366, 83}, {242, 82.4}, {118, 79.3}, {28, 78.6}}, spread: 0.35, skip: 0.1, kit: "Bathroom scale"})
	c.series(pain, series{from: 330, until: 27, every: 14, minute: 20 * 60, course: curve{{330, 6}, {200, 6}, {27, 7}}, spread: 0.5})
	c.series(pain, series{from: 16, until: 1, every: 1, minute: 20 * 60, course: curve{{16, 6.4}, {8, 4.4}, {1, 3}}, spread: 0.3})
	c.series(steps, series{from: 60, until: 20, every: 2, minute: 21 * 60, course: curve{{60, 4900}, {20, 4600}}, spread: 600, kit: "Phone"})
	c.series(steps, series{from: 16, until: 1, every: 1, minute: 21 * 60, course: curve{{16, 420}, {8, 1500}, {1, 2600}}, spread: 140, kit: "Phone"})
}

func (c *chart) amaraPlans(pressure, knee reference) {
	walk := c.wants(goal{words: "Walk to Saturday market and back with Ada", from: 15, due: -35, progress: "improving", target: "25 minutes each way, no crutches", why: []reference{knee}})
	bend := c.wants(goal{words: "Bend my knee enough for the garden bench", from: 15, due: -23, progress: "improving", target: "110 degrees", why: []reference{knee}})
	top := c.wants(goal{words: "Top number between 110 and 130 at home", from: 28, due: -60, progress: "achieved", why: []reference{pressure},
		measure: &measure{code: "8480-6", name: "Top number (systolic)", unit: "mmHg", ucum: "mm[Hg]"}, low: 110, up: 130})
	c.agrees(plan{
		title: "Knee recovery", words: "Six weeks of small steps after the new knee.", from: 15, until: -23, by: tomas, team: []string{priya, lena},
		why: []reference{knee}, goals: []reference{walk, bend},
		steps: []step{
			{name: "Ankle pumps", words: "Ten with each foot, sitting or lying. Keeps the blood moving.", state: "in-progress", times: thrice, goals: []reference{walk}},
			{name: "Heel slides", words: "3 sets of 10. Keep the heel on the floor the whole way. Stop at the first pull, not at pain.", state: "in-progress", clock: "13:00:00", goals: []reference{bend}, by: tomas},
			{name: "Walk outside", words: "20 minutes on flat ground.", state: "in-progress", clock: "16:00:00", goals: []reference{walk}},
			{name: "How was today?", words: "4 taps about pain, sleep and mood.", state: "in-progress", clock: "20:00:00", goals: []reference{walk, bend}},
			{name: "Physio check, week 5", words: "See how the bend and the walking are coming on.", state: "scheduled", when: "In week 5", goals: []reference{bend}, by: tomas},
			{name: "Clips out", words: "Wound check and clips out with Priya.", state: "completed", when: "Day 12", goals: []reference{walk}, by: priya},
		},
	})
	c.agrees(plan{
		title: "Blood pressure", words: "One tablet, one reading a day, and a look together.", from: 28, until: -180, by: lena, team: []string{joy, priya},
		why: []reference{pressure}, goals: []reference{top},
		steps: []step{
			{name: "Amlodipine 5 mg", words: "One tablet each morning.", state: "in-progress", times: morning, goals: []reference{top}, by: lena},
			{name: "Blood pressure", words: "Sit for five minutes first, arm at heart height.", state: "in-progress", times: morning, goals: []reference{top}},
			{name: "Blood-pressure review", words: "By video with Dr Ortiz.", state: "scheduled", when: "This week", goals: []reference{top}, by: lena},
		},
	})
}
