package demo

import "time"

// inbox holds the people who wrote to the practice in the last days.
func (p *practice) inbox() {
	p.safiya()
	p.walter()
	p.rosa()
	p.george()
	p.karim()
	p.newChart(who{
		key: "lan", given: "Lan", family: "Tran", gender: "female", born: p.birthday(57, 180), language: "en", speaks: []string{"vi"}, gp: samir,
		story: "Asthma that came late in life; the cough is worse at night this week.",
	}).wheeze()
	ines := p.newChart(who{
		key: "ines", given: "Inês", family: "Carvalho", gender: "female", born: p.birthday(34, 70), language: "en", speaks: []string{"pt"},
		gp: lena, since: 6, phone: "07700 900172", story: "New this week; one visit booked, nothing else recorded yet.",
	})
	ines.visit(visit{ago: -3, by: lena, minutes: 30, reason: "First visit", comment: "I would prefer a woman doctor. My English is good but slow."})
}

func (p *practice) safiya() {
	c := p.newChart(who{
		key: "safiya", given: "Safiya", family: "Yusuf", script: "صفية يوسف", gender: "female", born: p.birthday(49, 30), language: "en",
		speaks: []string{"so", "ar"}, gp: lena, phone: "07700 900171", story: "Type 2 diabetes; morning glucose high two days running; name written in Arabic too.",
	})
	sugar := c.has(history{ailment: diabetes, since: 1900})
	c.has(history{ailment: highFats, since: 1200})
	c.relatives(kin{"MTH", "Mother", diabetes, 44}, kin{"SIS", "Sister", diabetes, 39})
	for i, ago := range []int{330, 228, 131, 40} {
		s := c.visit(visit{ago: ago, by: []string{lena, priya, lena, priya}[i], minutes: 30, reason: "Diabetes review", note: []string{
			"HbA1c is 8.6, up from last year. Works nights and eats late. Agreed to add gliclazide and to check each morning. No blame, shifts are hard.",
			"Mornings are between 7 and 9 now. Feet are fine. Gave a list of quick suppers.",
			"HbA1c 7.4, the best in three years. Fewer night shifts now, and it shows.",
			"Feels well. Eye photo booked. Asked her to call if the morning number stays above 13.",
		}[i]})
		c.size(s, []float64{81.2, 80.1, 78.8, 78.4}[i], 161)
		c.pressure(s.at.Add(6*time.Minute), []float64{134, 130, 128, 129}[i], []float64{82, 80, 78, 79}[i], clinicLimits, s.origin())
		c.sugar(ago+3, []float64{8.6, 7.9, 7.4, 7.3}[i], []string{"Higher.", "Better.", "At goal.", "At goal."}[i])
		c.kidneys(ago+3, []float64{0.71, 0.74, 0.72, 0.73}[i], []float64{4.2, 4.4, 4.1, 4.3}[i], "Normal.")
	}
	c.fats(333, 201, 44, 171, "Above goal; tablet started.")
	c.fats(134, 158, 47, 139, "At goal.")
	c.takes(rx{key: "metformin", dose: 1000, text: "Two tablets with breakfast and two with supper", times: twice, from: 365, why: "Diabetes"})
	c.takes(rx{key: "gliclazide", text: "One tablet with breakfast", times: morning, from: 330, why: "Diabetes"})
	c.takes(rx{key: "atorvastatin", text: "One tablet each evening", times: evening, from: 329, why: "High cholesterol"})
	c.autumnFlu(fluShot, 2)
	c.letter(25, c.hospital, "Eye photographs", "Both eyes were photographed. There are no changes from diabetes. Next photographs in one year.")
	c.series(sugarHome, series{from: 329, until: 2, every: 2, minute: 6*60 + 50, course: curve{{329, 9.8}, {228, 8.1}, {131, 7.1}, {12, 7.2}, {4, 8.4}, {2, 11.2}}, spread: 0.8, skip: 0.12, kit: "Glucose meter"})
	last := c.within(c.clock(0, 6*60+52))
	c.measured(sugarHome, last.AddDate(0, 0, -1), 13.6, c.home("Glucose meter"))
	c.measured(sugarHome, last, 14.8, c.home("Glucose meter"))
	steady := c.wants(goal{words: "Mornings between 5 and 8, also after a night shift", from: 131, due: -60, progress: "worsening", measure: &sugarHome, low: 5, up: 8, why: []reference{sugar}})
	c.agrees(plan{
		title: "Diabetes", words: "A number each morning and supper before the shift.", from: 131, until: -230, by: lena, team: []string{priya, joy},
		why: []reference{sugar}, goals: []reference{steady},
		steps: []step{
			{name: "Glucose before breakfast", words: "Wash and dry your hands first.", state: "in-progress", times: morning, goals: []reference{steady}},
			{name: "Supper before the shift", words: "From the list on the fridge.", state: "in-progress", when: "On working days", goals: []reference{steady}},
			{name: "Above 13 two days in a row: tell us", words: "Write or call; we answer the same day.", state: "not-started", when: "When the meter says so", goals: []reference{steady}, by: priya},
		},
	})
}

func (p *practice) walter() {
	c := p.newChart(who{
		key: "walter", given: "Walter", family: "Lindgren", gender: "male", born: p.birthday(96, 148), language: "en", speaks: []string{"sv"},
		gp: samir, phone: "020 7946 0181", story: "Ninety-six, lives alone, sharp as ever; diabetes, thin bones, hearing aids.",
		contact: &contact{
			Relationship: []concept{{Text: "Neighbour"}}, Name: &humanName{Text: "Dorothy Quill", Family: "Quill", Given: []string{"Dorothy"}},
			Telecom: []telecom{{"phone", "020 7946 0182", "home"}},
		},
	})
	c.has(history{ailment: diabetes, since: 8200})
	c.has(history{ailment: osteoporosis, since: 3300})
	c.has(history{ailment: hearingLoss, since: 4000, note: "Two hearing aids; face him and speak slowly."})
	c.has(history{ailment: kidneyStage3, since: 1500})
	c.done(2100, of(snomed, "", "Operation for a broken hip"), "Left hip", "Fall on ice", "Healed well.")
	for i, ago := range []int{322, 214, 105, 36} {
		s := c.visit(visit{ago: ago, by: []string{samir, priya, samir, priya}[i], minutes: 30, how: []how{inPerson, atTheirs, inPerson, atTheirs}[i], reason: "Check-up", note: []string{
			"Walks to the shop with a stick and reads without glasses. One fall this year, without harm. Rails fitted in the bathroom.",
			"Seen at home. Fridge is full, pills are in the box. Standing blood pressure is fine. Neighbour Dorothy comes by twice a day.",
			"Feels well. HbA1c 7.2 is lower than he needs at his age, so metformin goes down to one tablet twice a day.",
			"Seen at home. Weight steady, no dizziness. He would like to stay in his own house and has written down what matters to him.",
		}[i]})
		c.pressure(s.at.Add(6*time.Minute), []float64{138, 134, 136, 133}[i], []float64{68, 66, 70, 67}[i], clinicLimits, s.origin())
		c.size(s, []float64{66.1, 65.8, 65.2, 65.4}[i], 171)
		c.kidneys(ago+3, []float64{1.28, 1.31, 1.33, 1.30}[i], []float64{4.6, 4.7, 4.8, 4.6}[i], "As before.")
		c.sugar(ago+3, []float64{7.1, 7.0, 7.2, 7.3}[i], "Fine at his age.")
	}
	c.takes(rx{key: "metformin", dose: 1000, text: "Two tablets with breakfast and two with supper", times: twice, from: 365, until: 105, why: "Diabetes", stopped: "Dose lowered"})
	c.takes(rx{key: "metformin", text: "One tablet with breakfast and one with supper", times: twice, from: 105, why: "Diabetes"})
	c.takes(rx{key: "vitamin D", text: "One capsule each morning", times: morning, from: 365, why: "Bones"})
	c.takes(rx{key: "paracetamol", text: "Two tablets when needed, up to three times a day", asNeeded: true, from: 300, why: "Hip"})
	c.autumnFlu(fluShot, 20)
	s := c.visit(visit{ago: 200, by: priya, minutes: 10, reason: "RSV vaccine"})
	c.vaccinated(rsv, s.at.Add(4*time.Minute), 1, priya)
	c.blood(34, 13.2, 6.1, 204, "Normal.")
	c.series(sugarHome, series{from: 360, until: 3, every: 7, minute: 8 * 60, course: curve{{360, 7.2}, {0, 7.8}}, spread: 0.8, skip: 0.2, kit: "Glucose meter"})
	c.visit(visit{ago: -9, by: samir, how: atTheirs, minutes: 30, reason: "Home visit"})
}

func (p *practice) rosa() {
	c := p.newChart(who{
		key: "rosa", given: "Rosa", family: "Silva", gender: "female", born: p.birthday(36, 251), language: "es", speaks: []string{"en", "pt"},
		gp: lena, phone: "07700 900176", story: "Depression, much better over the year; a heavier week again.",
	})
	low := c.has(history{ailment: depression, since: 320})
	c.has(history{ailment: sleepTrouble, since: 330, over: 150})
	scores := []float64{19, 17, 14, 12, 9, 8, 7, 6, 6, 7, 12}
	for i, ago := range []int{320, 306, 278, 250, 222, 194, 159, 124, 89, 47, 6} {
		c.measured(mood, c.clock(ago, 19*60+c.between(0, 60)), scores[i], c.home(""))
	}
	talk := []struct {
		ago  int
		how  how
		lang string
		say  string
	}{
		{320, inPerson, "es", "Lleva cuatro meses triste, sin fuerzas y durmiendo mal desde que perdió el trabajo. No piensa en hacerse daño. Lo ha contado con valentía. Empezamos sertralina y terapia, y nos vemos en dos semanas."},
		{306, byVideo, "", "Some nausea in the first week, now gone. Sleep is a little better. No thoughts of harming herself. Her sister visits on Sundays."},
		{278, inPerson, "", "PHQ-9 down to 14. Gets up at eight and walks the dog. We raised sertraline to 100 mg together."},
		{222, byVideo, "", "Started a part-time job in a bakery. Talking therapy helps. She laughed today."},
		{124, inPerson, "", "Six points on the PHQ-9. Stay on the tablet for six more months to keep it that way. Warning signs written down in her own words."},
		{5, byPhone, "", "Score went up to 12 after a hard week; the bakery may close. Safe, eating, has told her sister. Visit brought forward to next week."},
	}
	for _, v := range talk {
		s := c.visit(visit{ago: v.ago, by: lena, how: v.how, minutes: 30, reason: "Mood", note: v.say, language: v.lang})
		if v.how == inPerson {
			c.measured(weight, s.at.Add(4*time.Minute), c.around(63, 0.8), s.origin())
			c.pressure(s.at.Add(5*time.Minute), c.around(118, 3), c.around(74, 2), clinicLimits, s.origin())
		}
	}
	c.visit(visit{ago: 180, by: lena, outcome: missed, reason: "Mood"})
	c.takes(rx{key: "sertraline", text: "One tablet each morning", times: morning, from: 320, until: 278, why: "Depression"})
	c.takes(rx{key: "sertraline high", text: "One tablet each morning", times: morning, from: 278, why: "Depression"})
	c.thyroid(318, 2.1, 1.2, "Normal, so not the cause of tiredness.")
	c.blood(318, 13.0, 6.6, 270, "Normal.")
	c.series(steps, series{from: 300, until: 1, every: 4, minute: 21 * 60, course: curve{{300, 2600}, {222, 6100}, {20, 7900}, {1, 3900}}, spread: 800, skip: 0.1, kit: "Phone"})
	bake := c.wants(goal{words: "Bake on Sundays and see my sister", from: 278, due: -90, progress: "sustaining", target: "Three Sundays a month", why: []reference{low}})
	c.agrees(plan{
		title: "Mood", words: "Small things that hold, and people to call.", from: 278, until: -120, by: lena, team: []string{priya}, why: []reference{low}, goals: []reference{bake},
		steps: []step{
			{name: "Walk the dog", words: "Before breakfast, whatever the weather.", state: "in-progress", times: morning, goals: []reference{bake}},
			{name: "Weekly check-in", words: "Four taps about mood, sleep, food and people.", state: "in-progress", when: "Every Sunday", goals: []reference{bake}},
		},
	})
	c.visit(visit{ago: -5, by: lena, minutes: 30, reason: "Mood"})
}

func (p *practice) george() {
	c := p.newChart(who{
		key: "george", given: "George", family: "Petrou", gender: "male", born: p.birthday(72, 19), language: "en", speaks: []string{"el"},
		gp: samir, story: "Atrial fibrillation on apixaban; asked for another time, mornings are better.",
	})
	c.flutter()
	c.visit(visit{ago: -4, minute: 15 * 60, by: samir, reason: "Heart rhythm review", comment: "Friday does not work, mornings are better."})
}

func (p *practice) karim() {
	c := p.newChart(who{
		key: "karim", given: "Karim", family: "Benali", gender: "male", born: p.birthday(38, 99), language: "fr", speaks: []string{"en", "ar"},
		gp: samir, story: "Warehouse worker with a sore back; needs a letter for work.",
	})
	c.soreBack()
	c.visit(visit{ago: 3, by: samir, how: byPhone, language: "fr", reason: "Back pain, work", note: "Mal de dos revenu après une livraison lourde. Pas de douleur dans la jambe, pas de signe inquiétant. " +
		"Bouger doucement, paracétamol si besoin, et une lettre pour le travail à partir de lundi."})
}
