package demo

import "time"

// The Mehta-Walshes are two parents, a girl of six and one of fifteen who comes
// to see the nurse on her own. What she says there is labelled.
func (p *practice) mehtaWalsh() {
	arjun := p.newChart(who{
		key: "arjun", given: "Arjun", family: "Mehta", gender: "male", born: p.birthday(44, 61), language: "en", speaks: []string{"gu"},
		household: "mehta-walsh", gp: samir, story: "Father of Isla and Nuala; a bad back from driving.",
	})
	sinead := p.newChart(who{
		key: "sinead", given: "Sinéad", family: "Walsh", gender: "female", born: p.birthday(42, 290), language: "en", speaks: []string{"ga"},
		household: "mehta-walsh", gp: samir, story: "Mother of Isla and Nuala; underactive thyroid.",
	})
	isla := p.newChart(who{
		key: "isla", given: "Isla", family: "Mehta-Walsh", gender: "female", born: p.birthday(6, 97), language: "en",
		household: "mehta-walsh", gp: samir, since: 2250, story: "Six years old; growing well, all vaccines given, one sore ear.",
	})
	nuala := p.newChart(who{
		key: "nuala", given: "Nuala", family: "Mehta-Walsh", gender: "female", born: p.birthday(15, 44), language: "en",
		household: "mehta-walsh", gp: samir, since: 2250, phone: "07700 900154", mail: "nuala.mw@example.org",
		story: "Fifteen; acne in the open part of her chart, confidential visits in the closed part.",
	})
	for _, child := range []*chart{isla, nuala} {
		child.helpedBy(arjun, "father", "FTH", 360)
		child.helpedBy(sinead, "mother", "MTH", 360)
	}
	arjun.soreBack()
	sinead.slowThyroid()
	isla.childVaccines()
	isla.islaYear()
	nuala.childVaccines()
	nuala.nualaYear()
}

// childVaccines gives what the schedule asked for up to today's age.
func (c *chart) childVaccines() {
	for _, v := range []struct {
		weeks int
		what  vaccine
		dose  int
	}{
		{8, sixInOne, 1}, {8, rotavirus, 1}, {8, menB, 1}, {12, sixInOne, 2}, {12, rotavirus, 2}, {12, lungChild, 1},
		{16, sixInOne, 3}, {16, menB, 2}, {53, hibMenC, 1}, {53, mmr, 1}, {53, lungChild, 2}, {53, menB, 3},
		{176, mmr, 2}, {176, fourInOne, 1}, {640, hpv, 1},
	} {
		day := c.born.AddDate(0, 0, 7*v.weeks)
		ago := c.daysSince(day)
		if ago > 3 {
			c.vaccinated(v.what, c.clock(c.workday(ago), 10*60+10+c.between(0, 30)), v.dose, grace)
		}
	}
}

func (c *chart) islaYear() {
	c.autumnFlu(fluSpray, 3)
	for i, ago := range []int{351, 178, 20} {
		s := c.visit(visit{ago: ago, by: grace, reason: "Growth check", note: []string{
			"Isla came with her dad. She grows along her own line, sees and hears well, and told a long story about a snail.",
			"Height and weight are just where we would expect. New front teeth. Nothing to do.",
			"Another fine check. Started school reading. Bedtime is late; a screen-free hour may help.",
		}[i]})
		c.size(s, []float64{18.4, 19.7, 20.9}[i], []float64{110.2, 113.6, 116.7}[i])
	}
	s := c.visit(visit{ago: 121, by: samir, reason: "Sore ear", note: "Two days of earache and fever after swimming lessons. Right ear drum red, still whole. " +
		"Paracetamol and rest first; call if no better in two days. Mum is happy with waiting."})
	c.measured(temperature, s.at.Add(3*time.Minute), 38.4, s.origin())
	c.has(history{ailment: earInfection, since: 123, over: 116})
	c.has(history{ailment: eczema, since: 1700})
	c.takes(rx{key: "emollient", text: "All over after the bath and on dry patches whenever they itch", asNeeded: true, from: 340, why: "Eczema"})
	c.relatives(kin{"MTH", "Mother", hypothyroid, 33})
	c.series(temperature, series{from: 123, until: 119, every: 1, minute: 18 * 60, course: curve{{123, 38.6}, {119, 36.9}}, spread: 0.2, kit: "Ear thermometer"})
}

func (c *chart) nualaYear() {
	c.has(history{ailment: acne, since: 400})
	s := c.visit(visit{ago: 226, by: samir, reason: "Skin", note: "Spots on the face and back for a year. Gel at night, little and often, and sun cream in summer. It takes two months to work."})
	c.size(s, 54.1, 164.5)
	c.takes(rx{key: "benzoyl", text: "A thin layer each evening", times: evening, from: 226, why: "Acne", days: 60})
	c.visit(visit{ago: 150, by: samir, how: byVideo, reason: "Skin, second look", note: "Clearer on the face, back still sore. Go on for three more months. Nuala feels better about swimming."})
	c.visit(visit{ago: 75, by: priya, outcome: missed, reason: "Skin"})
	s = c.visit(visit{ago: 58, by: priya, minutes: 30, label: restricted, reason: "Confidential advice", note: "Nuala came on her own to ask about relationships and contraception. She understands the choices, is not under pressure, and there is no safety worry. " +
		"We talked about telling a parent; she does not want to, and can decide this herself. Nothing about this visit goes to the family. Leaflet given, follow-up in six weeks."})
	c.pressure(s.at.Add(8*time.Minute), 112, 68, clinicLimits, s.origin())
	c.takes(rx{key: "pill", text: "One tablet at the same time every day, without a break", times: evening, from: 58, why: "Contraception", by: lena, days: 84, label: restricted})
	s = c.visit(visit{ago: 16, by: priya, label: restricted, reason: "Confidential advice, follow-up", note: "Doing well, no side effects, remembers most evenings and knows what to do after a missed tablet. " +
		"Screening offered and taken, result to her own phone only. Sees us again in ten weeks."})
	c.pressure(s.at.Add(5*time.Minute), 110, 66, clinicLimits, s.origin())
	c.has(history{ailment: ailment{"Contraception advice", "", "Z30.0"}, since: 58, label: restricted})
	c.visit(visit{ago: -12, minute: 16*60 + 20, by: priya, label: restricted, reason: "Confidential advice"})
	c.visit(visit{ago: -27, minute: 16 * 60, by: samir, reason: "Skin"})
}
