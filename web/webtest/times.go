package webtest

import (
	"time"

	"rapport/hours"
)

// Times are when a House can be visited: on weekdays Dr Lena Ortiz and Priya Raman do
// blood-pressure reviews, Priya sees people in the morning, and on Thursdays Lena has an
// evening clinic. One service only staff can book.
func Times() hours.Timetable {
	t := hours.Timetable{
		Services: []hours.Service{
			{ID: "review", Names: map[string]string{"en": "Blood-pressure review", "es": "Revisión de la tensión", "fr": "Suivi de la tension"}, About: map[string]string{"en": "A look at your readings."},
				Prepare: map[string]string{"en": "Bring a week of readings.", "es": "Traiga una semana de mediciones.", "fr": "Apportez une semaine de mesures."},
				Icon:    "activity", Minutes: 20, Step: 30, Who: []string{"physician", "nurse"}, Modes: hours.InPerson | hours.Video, Rooms: []string{"room-1", "room-2"}, Lead: 30, Ahead: 60, Change: 120, Public: true},
			{ID: "jab", Names: map[string]string{"en": "Vaccine", "es": "Vacuna", "fr": "Vaccin"}, About: map[string]string{"en": "Vaccines for travel and for winter."}, Price: map[string]string{"en": "£25"},
				Icon: "syringe", Minutes: 10, Step: 20, Who: []string{"nurse"}, Modes: hours.InPerson, Rooms: []string{"room-2"}, Change: 120, Public: true},
			{ID: "hidden", Names: map[string]string{"en": "Minor surgery"}, Minutes: 60, Who: []string{"physician"}, Modes: hours.InPerson},
		},
		Rooms: []hours.Room{{ID: "room-1", Name: "Room 1"}, {ID: "room-2", Name: "Room 2"}},
	}
	for d := time.Monday; d <= time.Friday; d++ {
		t.Stretches = append(t.Stretches,
			hours.Stretch{ID: "l" + d.String(), Who: "physician", Room: "room-1", Day: d, From: 10 * 60, To: 12*60 + 30},
			hours.Stretch{ID: "p" + d.String(), Who: "nurse", Room: "room-2", Day: d, From: 9 * 60, To: 12 * 60},
			hours.Stretch{ID: "q" + d.String(), Who: "nurse", Room: "room-2", Day: d, From: 14 * 60, To: 15*60 + 30, Modes: hours.InPerson})
	}
	t.Stretches = append(t.Stretches, hours.Stretch{ID: "evening", Who: "physician", Room: "room-1", Day: time.Thursday, From: 17 * 60, To: 19 * 60, Label: "Evening clinic"})
	return t
}
