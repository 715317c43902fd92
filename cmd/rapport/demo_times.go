package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/cmd/rapport/demo"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record"
)

// service is one of the demo practice's, in its three languages.
type service struct {
	id, icon           string
	minutes, step      int
	modes              hours.Modes
	who                []string // first names
	en, es, fr         string
	about, sobre, soin string
	bring, trae, venir string
}

var demoServices = []service{
	{id: "blood-pressure", icon: "activity", minutes: 20, step: 30, modes: hours.InPerson | hours.Video, who: []string{"Lena", "Samir", "Priya", "Joy"},
		en: "Blood-pressure review", es: "Revisión de la tensión", fr: "Suivi de la tension",
		about: "A look at your readings, and at what to change.", sobre: "Vemos sus mediciones y qué conviene cambiar.", soin: "Nous regardons vos mesures et ce qu’il faut changer.",
		bring: "Bring or send a week of readings from home.", trae: "Traiga o envíe una semana de mediciones de casa.", venir: "Apportez ou envoyez une semaine de mesures faites chez vous."},
	{id: "gp", icon: "stethoscope", minutes: 15, step: 30, modes: hours.AllModes, who: []string{"Lena", "Samir"},
		en: "GP visit", es: "Consulta médica", fr: "Consultation médicale",
		about: "Something new, or something that does not get better.", sobre: "Algo nuevo, o algo que no mejora.", soin: "Quelque chose de nouveau, ou qui ne passe pas.",
		bring: "Write down your two most important questions.", trae: "Apunte sus dos preguntas más importantes.", venir: "Notez vos deux questions les plus importantes."},
	{id: "long-term", icon: "heart", minutes: 30, step: 30, modes: hours.InPerson, who: []string{"Lena", "Samir", "Priya"},
		en: "Long-term condition review", es: "Revisión de enfermedad crónica", fr: "Suivi d’une maladie chronique",
		about: "Once a year, for diabetes, asthma, heart or lung conditions.", sobre: "Una vez al año: diabetes, asma, corazón o pulmones.", soin: "Une fois par an : diabète, asthme, cœur ou poumons.",
		bring: "Have your blood test a week before.", trae: "Hágase el análisis una semana antes.", venir: "Faites votre prise de sang une semaine avant."},
	{id: "nurse", icon: "shield", minutes: 15, step: 15, modes: hours.InPerson, who: []string{"Priya", "Grace"},
		en: "Nurse visit", es: "Consulta de enfermería", fr: "Consultation infirmière",
		about: "Vaccines, dressings, blood tests, cervical screening.", sobre: "Vacunas, curas, análisis, citologías.", soin: "Vaccins, pansements, prises de sang, frottis.",
		bring: "Wear a loose sleeve.", trae: "Venga con una manga ancha.", venir: "Portez une manche ample."},
	{id: "medicines", icon: "pill", minutes: 20, step: 30, modes: hours.InPerson | hours.Video | hours.Phone, who: []string{"Joy"},
		en: "Medicines review", es: "Revisión de la medicación", fr: "Revue des médicaments",
		about: "What you take, whether it helps, and whether you still need it.", sobre: "Qué toma, si le ayuda y si aún lo necesita.", soin: "Ce que vous prenez, si cela aide et s’il le faut encore.",
		bring: "Have all your medicines beside you.", trae: "Tenga a mano todos sus medicamentos.", venir: "Ayez tous vos médicaments près de vous."},
	{id: "physio", icon: "move", minutes: 30, step: 30, modes: hours.InPerson, who: []string{"Tomas"},
		en: "Physiotherapy", es: "Fisioterapia", fr: "Kinésithérapie",
		about: "Pain, stiffness, and getting strong again.", sobre: "Dolor, rigidez y recuperar fuerza.", soin: "Douleur, raideur, et reprendre des forces.",
		bring: "Wear something you can move in.", trae: "Lleve ropa cómoda para moverse.", venir: "Portez une tenue dans laquelle vous bougez."},
	{id: "pregnancy", icon: "baby", minutes: 30, step: 30, modes: hours.InPerson | hours.Video, who: []string{"Grace"},
		en: "Pregnancy visit", es: "Consulta de embarazo", fr: "Suivi de grossesse",
		about: "With the midwife.", sobre: "Con la matrona.", soin: "Avec la sage-femme.",
		bring: "Bring your maternity notes.", trae: "Traiga su cartilla de embarazo.", venir: "Apportez votre carnet de maternité."},
	{id: "children", icon: "family", minutes: 20, step: 20, modes: hours.InPerson, who: []string{"Grace"},
		en: "Children’s clinic", es: "Consulta infantil", fr: "Consultation enfants",
		about: "Growth checks and vaccines.", sobre: "Crecimiento y vacunas.", soin: "Croissance et vaccins.",
		bring: "Bring the child’s health record.", trae: "Traiga la cartilla del niño.", venir: "Apportez le carnet de santé."},
}

// stretches are the demo practice's week: who, which days, from when to when.
var demoWeek = []struct {
	who, label string
	days       []time.Weekday
	from, to   int
	modes      hours.Modes
}{
	{"Lena", "", weekdays, 8 * 60, 12*60 + 30, 0},
	{"Lena", "", weekdays, 13*60 + 30, 17 * 60, hours.InPerson},
	{"Lena", "Evening clinic", []time.Weekday{time.Wednesday, time.Thursday}, 17 * 60, 19 * 60, 0},
	{"Samir", "", weekdays, 8 * 60, 12*60 + 30, 0},
	{"Samir", "", []time.Weekday{time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, 13*60 + 30, 17 * 60, 0},
	{"Samir", "Evening clinic", []time.Weekday{time.Tuesday, time.Wednesday}, 17 * 60, 19 * 60, 0},
	{"Priya", "", weekdays, 9 * 60, 12*60 + 30, hours.InPerson},
	{"Priya", "", weekdays, 13*60 + 30, 17 * 60, 0},
	{"Joy", "", weekdays, 8*60 + 30, 12*60 + 30, 0},
	{"Joy", "", []time.Weekday{time.Monday, time.Wednesday, time.Friday}, 13*60 + 30, 16 * 60, 0},
	{"Tomas", "", []time.Weekday{time.Monday, time.Tuesday, time.Thursday}, 8 * 60, 13 * 60, 0},
	{"Grace", "", []time.Weekday{time.Monday, time.Wednesday, time.Friday}, 9 * 60, 13 * 60, 0},
	{"Grace", "", []time.Weekday{time.Tuesday, time.Thursday}, 13 * 60, 18 * 60, 0},
}

var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

// demoTimetable is when the demo practice can be visited.
func demoTimetable(w demo.World) hours.Timetable {
	at := func(first string) (id, room string) {
		i := slices.IndexFunc(w.Staff, func(s demo.Staff) bool { return slices.Contains(strings.Fields(s.Name), first) })
		if i < 0 {
			return "", ""
		}
		return w.Staff[i].ID, w.Staff[i].Room
	}
	var t hours.Timetable
	for _, s := range demoServices {
		x := hours.Service{ID: s.id, Icon: s.icon, Minutes: s.minutes, Step: s.step, Modes: s.modes, Lead: 30, Ahead: 90, Change: 2 * 60, Public: true,
			Names: map[string]string{"en": s.en, "es": s.es, "fr": s.fr}, About: map[string]string{"en": s.about, "es": s.sobre, "fr": s.soin}, Prepare: map[string]string{"en": s.bring, "es": s.trae, "fr": s.venir}}
		for _, first := range s.who {
			id, room := at(first)
			x.Who, x.Rooms = append(x.Who, id), append(x.Rooms, room)
		}
		t.Services = append(t.Services, x)
	}
	for _, s := range demoWeek {
		id, room := at(s.who)
		for _, d := range s.days {
			t.Stretches = append(t.Stretches, hours.Stretch{ID: strings.ToLower(s.who + "-" + d.String() + "-" + strconv.Itoa(s.from)), Who: id, Room: room, Day: d, From: s.from, To: s.to, Modes: s.modes, Label: s.label})
		}
	}
	for _, r := range w.Shared {
		seen := slices.ContainsFunc(w.Staff, func(s demo.Staff) bool { return s.Room == r.ID })
		if doc, err := fhir.Parse(r.JSON); err == nil && seen && r.Type == "Location" {
			t.Rooms = append(t.Rooms, hours.Room{ID: r.ID, Name: doc.Root().Get("name").Str()})
		}
	}
	return t
}

// opens says when the practice can be visited.
func (m *madeUp) opens(ctx context.Context, p *record.Practice) error {
	return p.SetTimetable(ctx, demoTimetable(m.world))
}
