package parts

import (
	"math"
	"time"

	"rapport/lang"
)

// The gallery's people, times and values are made up, and fixed: it looks the
// same on every day.
var galleryNow = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func gallerySeries(days int, values ...float64) []Point {
	var out []Point
	for i, v := range values {
		at := galleryNow.AddDate(0, 0, -days+days*i/max(1, len(values)-1))
		out = append(out, Point{At: at, Value: v, Second: math.Round(v * 0.62)})
	}
	return out
}

func galleryPressure(p lang.Printer) TrendView {
	pts := gallerySeries(29, 146, 143, 145, 140, 142, 139, 141, 136, 138, 137, 133, 136, 132, 134, 130, 133, 129, 131, 128, 131, 127, 129, 126, 128)
	for i := range pts {
		pts[i].Text = coordinate(pts[i].Value) + "/" + coordinate(pts[i].Second)
	}
	return TrendView{
		P: p, ID: "g-bp", Title: "Blood pressure", More: Link{Text: "All readings", Href: "#bp"},
		Big: "128/79", Unit: "mmHg", Delta: TagView{Tone: ToneOK, Icon: "trending-down", Text: "18 lower than a month ago"},
		Points: pts, First: "Top number", Second: "Bottom number",
		Band: &Band{110, 130}, BandText: "Shaded: the range you and Dr Ortiz agreed, 110 to 130.", Now: galleryNow,
	}
}

func galleryTrends(p lang.Printer) []TrendView {
	one := func(id, title string, pts []Point) TrendView {
		return TrendView{P: p, ID: id, Title: title, Points: pts, Now: galleryNow}
	}
	a1c := gallerySeries(900, 7.9, 7.4, 7.1, 6.8, 6.9, 6.6)
	a1c[0].Note, a1c[1].Note = "High", "High"
	sugar := one("g-a1c", "Three-month sugar (HbA1c)", a1c)
	sugar.Big, sugar.Unit, sugar.Band = "6.6", "%", &Band{math.Inf(-1), 7}
	sugar.BandText = "Shaded: below 7, the goal you set."
	return []TrendView{
		galleryPressure(p), sugar,
		one("g-none", "No values", nil),
		one("g-one", "One value", gallerySeries(0, 5.6)),
		one("g-two", "Two values", gallerySeries(3, 71.2, 70.8)),
		one("g-flat", "All the same", gallerySeries(20, 60, 60, 60, 60)),
		one("g-huge", "Huge, and not a number", gallerySeries(20, 2.1e9, math.NaN(), 9.7e9, math.Inf(1), 4e9)),
	}
}

func galleryRanges(p lang.Printer) []RangeView {
	return []RangeView{
		{P: p, Low: 3.5, High: 5.1, Value: 4.2, LowText: "3.5", HighText: "5.1", ValueText: "4.2 mmol/L"},
		{P: p, Low: math.Inf(-1), High: 5, Value: 6.1, HighText: "5.0", ValueText: "6.1 mmol/L"},
		{P: p, Low: 60, High: math.Inf(1), Value: 41, LowText: "60", ValueText: "41 mL/min"},
	}
}

func galleryHeat() HeatView {
	v := HeatView{From: "26 Oct", To: "Today", Text: "23 looks in 30 days; most on 12 November; one from outside your team, yesterday."}
	for _, l := range []int{0, 1, 0, 0, 2, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2, 3, 1, 0, 0, 1, 0, 0, 1, 2, 0, 0, 4, 3} {
		v.Days = append(v.Days, HeatDay{Level: min(l, 3), Marked: l == 4})
	}
	return v
}

func galleryLooks() []LookDay {
	return []LookDay{
		{"Today", []LookView{
			{Name: "Priya Raman", Seed: Face(3), Role: "nurse", What: "Read your message and your plan. You wrote to the team.", Clock: "09:34", At: "2026-11-24T09:34:00Z"},
			{Name: "Tomas Berg", Seed: "tb", Role: "physiotherapist", What: "Read your message. Added heel slides to your plan.", Clock: "07:48", At: "2026-11-24T07:48:00Z"},
		}},
		{"Yesterday", []LookView{
			{Name: "Mill Lane Pharmacy", Icon: "building", Role: "outside your team", What: "Saw your medicine list. You allowed this on 12 November.", Clock: "14:10", At: "2026-11-23T14:10:00Z", Flag: true,
				Actions: []ButtonView{{Text: "Stop sharing", Href: "#", Size: ButtonSmall}, {Text: "Ask about this", Href: "#", Size: ButtonSmall}}},
			{Name: "Reminder service", Icon: "software", Role: "software", What: "Used your visit time and phone number to send one text.", Clock: "09:00", At: "2026-11-23T09:00:00Z"},
			{Name: "Dr Lena Ortiz", Seed: Face(1), Role: "your GP", What: "Read 14 blood-pressure readings before your visit.", Clock: "08:21", At: "2026-11-23T08:21:00Z"},
		}},
	}
}

func galleryStops() []StopGroup {
	return []StopGroup{
		{"November 2026", []Stop{
			{Href: "#1", Icon: "calendar", Title: "Blood-pressure review", Text: "Video with Dr Lena Ortiz", Meta: "26 Nov", Tone: ToneAccent},
			{Href: "#2", Icon: "flask", Title: "Cholesterol", Text: "Blood test", Value: "6.1", Meta: "12 Nov", Tag: TagView{Tone: ToneWarn, Text: "High"}},
			{Icon: "check", Title: "Flu vaccine", Text: "Given by Priya Raman", Meta: "3 Nov", Tone: ToneOK},
		}},
		{"2025", []Stop{{Href: "#3", Icon: "pill", Title: "Amlodipine 5 mg", Text: "Started", Meta: "14 Mar"}}},
	}
}

func galleryRows() []RowView {
	return []RowView{
		{Href: "#a", Icon: "flask", Title: "Potassium", Text: "Blood test, 12 November", Value: "4.2 mmol/L", Tag: TagView{Tone: ToneOK, Text: "Usual"}},
		{Href: "#b", Icon: "flask", Title: "Cholesterol, total", Text: "Blood test, 12 November", Value: "6.1 mmol/L", Tag: TagView{Tone: ToneWarn, Text: "High"}},
		{Href: "#c", Name: "Walter Lindgren", Seed: Face(6), Title: "Walter Lindgren", Text: "Born 4 Feb 1941, lives alone", Meta: "12 Nov"},
		{Name: "Karim Benali", Title: "Karim Benali", Text: "A row that opens nothing"},
	}
}

func galleryTable() TableView {
	return TableView{
		Caption: "Medicines",
		Columns: []Column{{Text: "Medicine"}, {Text: "How"}, {Text: "Since"}, {Text: "Left", Number: true}},
		Rows: [][]Cell{
			{{Text: "Amlodipine 5 mg", Href: "#m1", Small: "tablet"}, {Text: "One in the morning"}, {Text: "14 Mar 2025"}, {Text: "12"}},
			{{Text: "Apixaban 2.5 mg", Href: "#m2"}, {Text: "Stopped", Tag: TagView{Tone: ToneDanger, Text: "Day 7 of 14"}}, {Text: "5 Nov 2026"}, {Text: "0"}},
		},
	}
}
