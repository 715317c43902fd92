package health

import (
	"strings"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/web/reading"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const blood = `{"resourceType":"Observation","id":"bp","status":"final","category":[{"coding":[{"code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"effectiveDateTime":"2026-11-23T08:00:00Z","performer":[{"reference":"Patient/p"}],"device":{"display":"Monitor"},"component":[
{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":151,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"},"referenceRange":[{"low":{"value":90},"high":{"value":140}}]},
{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":79,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"},"referenceRange":[{"low":{"value":60},"high":{"value":90}}]}]}`

func lab(value, rest string) string {
	return `{"resourceType":"Observation","id":"x","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobin [Mass/volume] in Blood"}]},"effectiveDateTime":"2026-10","valueQuantity":` + value + rest + `}`
}

func TestFindingsInWords(t *testing.T) {
	t.Parallel()
	const unit = `,"unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL"}`
	const span = `,"referenceRange":[{"low":{"value":12.0},"high":{"value":16.5}}]`
	for _, x := range []struct {
		name, json, text string
		state            reading.State
		shelf            shelf
	}{
		{"a blood pressure with a high top number", blood, "151/79 mmHg", reading.High, vitals},
		{"digits stay as written", lab(`{"value":12.0`+unit, span), "12.0 g/dL", reading.InRange, laboratory},
		{"below its range", lab(`{"value":11.4`+unit, span), "11.4 g/dL", reading.Low, laboratory},
		{"the sender's word counts before the range", lab(`{"value":11.4`+unit, span+`,"interpretation":[{"coding":[{"code":"N"}]}]`), "11.4 g/dL", reading.InRange, laboratory},
		{"critical", lab(`{"value":6`+unit, `,"interpretation":[{"coding":[{"code":"LL"}]}]`), "6 g/dL", reading.VeryLow, laboratory},
		{"a bound is not judged on its open side", lab(`{"value":13,"comparator":"<"`+unit, span), "< 13 g/dL", reading.Unsaid, laboratory},
		{"no range says nothing", lab(`{"value":13`+unit, ""), "13 g/dL", reading.Unsaid, laboratory},
		{"a range for another purpose does not count", lab(`{"value":13`+unit, `,"referenceRange":[{"type":{"text":"Critical"},"high":{"value":9}}]`), "13 g/dL", reading.Unsaid, laboratory},
		{"an answer", `{"resourceType":"Observation","id":"s","status":"final","category":[{"coding":[{"code":"social-history"}]}],"code":{"text":"Housing"},"valueCodeableConcept":{"text":"Housed (finding)"}}`, "Housed", reading.Unsaid, answers},
		{"a score is a measure", `{"resourceType":"Observation","id":"s","status":"final","category":[{"coding":[{"code":"survey"}]}],"code":{"text":"Score"},"valueInteger":3}`, "3", reading.Unsaid, others},
	} {
		f, err := readFinding([]byte(x.json))
		if err != nil {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		got := strings.ReplaceAll(reading.Say(lang.Printer{}, f.main()), "\u00a0", " ")
		if got != x.text || f.state() != x.state || f.Shelf != x.shelf {
			t.Errorf("%s: %q, state %d, shelf %d; want %q, %d, %d", x.name, got, f.state(), f.Shelf, x.text, x.state, x.shelf)
		}
	}
	o, err := readOrigin([]byte(blood))
	if err != nil || !o.Own || o.Kit != "Monitor" || len(o.By) != 0 {
		t.Errorf("%+v, %v", o, err)
	}
}

func at(s string) fhir.Time { t, _ := fhir.ParseTime(s); return t }

func number(day, n string) finding {
	return finding{Key: "k", At: at(day), Values: []value{{Value: reading.Value{Number: n}}}}
}

func TestCourses(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		rs   []finding
		want string
	}{
		{"one value has no course", []finding{number("2026-11-20", "5")}, ""},
		{"held against one three weeks older", []finding{number("2026-11-20", "5"), number("2026-11-19", "9"), number("2026-10-20", "7")}, "Lower than on 20 October."},
		{"or the oldest", []finding{number("2026-11-20", "9"), number("2026-11-19", "5")}, "Higher than on 19 November."},
		{"a month is named when it is long ago", []finding{number("2026-11-20", "5.0"), number("2026-03-02", "5.1")}, "About the same as in March."},
		{"with its year when it was another", []finding{number("2026-11-20", "5"), number("2024-03-02", "3")}, "Higher than in March 2024."},
		{"a day within its own month", []finding{number("2026-03-30", "5"), number("2026-03-02", "3")}, "Higher than on 2 March."},
		{"words have none", []finding{{Values: []value{{Value: reading.Value{Words: "Clear"}}}}, number("2026-03-02", "3")}, ""},
	} {
		d, then := course(x.rs)
		if got := compared(lang.Printer{}, d, x.rs[0], then, noon); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
	high := number("2026-10-01", "9")
	high.Values[0].Low, high.Values[0].High = "1", "6"
	now := number("2026-11-20", "5")
	now.Values[0].Low, now.Values[0].High = "1", "6"
	if d := delta(lang.Printer{}, []finding{now, high}, noon); d.Tone == 0 || d.Icon != "trending-down" {
		t.Errorf("back in range is no good news: %+v", d)
	}
	if d := delta(lang.Printer{}, []finding{high, now}, noon); d.Tone != 0 {
		t.Errorf("out of range is good news: %+v", d)
	}
}

func TestThinKeepsTheEnds(t *testing.T) {
	t.Parallel()
	var rs []finding
	for i := range 500 {
		rs = append(rs, finding{ID: string(rune('a' + i%26)), Key: time.Unix(int64(-i), 0).String()})
	}
	got := reading.Thin(rs, 60)
	if len(got) != 60 || got[0].Key != rs[0].Key || got[59].Key != rs[499].Key || len(reading.Thin(rs[:5], 60)) != 5 {
		t.Errorf("%d left", len(got))
	}
}

func TestStock(t *testing.T) {
	t.Parallel()
	of := func(code, day string, s shelf) finding {
		return finding{Key: code, Code: code, At: at(day), Shelf: s, Values: []value{{Value: reading.Value{Number: "1"}}}}
	}
	ks := kinds([]finding{of("zz", "2026-11-02", vitals), of("8867-4", "2026-01-01", vitals), of("85354-9", "2025-01-01", vitals), of("zz", "2024-01-01", vitals), of("aa", "2026-01-01", laboratory)})
	var got []string
	for _, k := range stock(ks, vitals) {
		got = append(got, k.last().Code)
	}
	if strings.Join(got, " ") != "85354-9 8867-4 zz" {
		t.Errorf("%v", got)
	}
}

func TestDosesInWords(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		m    medicine
		want [3]string
	}{
		{medicine{Dosage: []string{"One tablet each morning"}}, [3]string{"One tablet each morning", "One tablet each morning", "One tablet each morning"}},
		{medicine{Doses: []dose{{Digits: "1", Times: 2, Every: 1, Unit: "d"}}}, [3]string{"1 at a time, 2 times a day", "1 cada vez, 2 veces al día", "1 à la fois, 2 fois par jour"}},
		{medicine{Doses: []dose{{Times: 1, Every: 1, Unit: "d"}}, AsNeeded: true}, [3]string{"Once a day, when needed", "Una vez al día, cuando haga falta", "Une fois par jour, si besoin"}},
		{medicine{Doses: []dose{{Times: 1, Every: 4, Unit: "h"}}}, [3]string{"Every 4 hours", "Cada 4 horas", "Toutes les 4 heures"}},
		{medicine{Doses: []dose{{Times: 3, Every: 2, Unit: "wk"}}}, [3]string{"", "", ""}},
		{medicine{AsNeeded: true}, [3]string{"When needed", "Cuando haga falta", "Si besoin"}},
	} {
		for i, tag := range lang.All() {
			if got := x.m.takes(lang.New(tag, lang.WordClient)); got != x.want[i] {
				t.Errorf("%+v in %s: %q, want %q", x.m, tag, got, x.want[i])
			}
		}
	}
}

func TestOneMedicineStandsOnce(t *testing.T) {
	t.Parallel()
	m := func(name, day string, current bool) medicine {
		return medicine{Name: name, Started: at(day), Current: current}
	}
	current, stopped := tidy([]medicine{m("A", "2026-10-01", true), m("A", "2026-07-01", true), m("A", "2026-01-01", false), m("B", "2025-01-01", false), m("B", "2024-01-01", false)})
	if len(current) != 1 || current[0].Started != at("2026-10-01") || len(stopped) != 1 || stopped[0].Started != at("2025-01-01") {
		t.Errorf("%+v %+v", current, stopped)
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	got := blocks("2024-01-01\r\n\r\n# Chief Complaint\n- Cough\n- Fever\nline one\nline two\n\n#\n<b>")
	want := []block{{paragraph, "2024-01-01"}, {heading, "Chief Complaint"}, {item, "Cough"}, {item, "Fever"}, {paragraph, "line one\nline two"}, {paragraph, "<b>"}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("block %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestFilesAreServedSafely(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"application/pdf": "application/pdf .pdf", "text/plain; charset=utf-8": "text/plain; charset=utf-8 .txt", "text/html": "application/octet-stream .bin",
		"image/svg+xml": "application/octet-stream .bin", "": "application/octet-stream .bin", "IMAGE/PNG": "image/png .png",
	} {
		kind, ext := file{Type: in}.safe()
		if kind+" "+ext != want {
			t.Errorf("%q is served as %s %s, want %s", in, kind, ext, want)
		}
	}
	if got := fileName(at("2026-11-24"), noon, ".pdf"); got != "document-2026-11-24.pdf" {
		t.Error(got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(blood))
	f.Add([]byte(`{"resourceType":"DocumentReference","id":"d","status":"current","content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`))
	f.Add([]byte(`{"resourceType":"Condition","id":"c","code":{"text":"Flu (disorder)"},"onsetDateTime":"2020"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := lang.Printer{}
		if x, err := readFinding(b); err == nil {
			_, _ = row(p, "", kind{[]finding{x}}, noon), x.state()
		}
		if x, err := readDocument(b); err == nil {
			_ = x.row(p, "", noon)
		}
		if x, err := readCondition(b); err == nil {
			_ = x.row(p, noon)
		}
		if x, err := readAllergy(b); err == nil {
			_ = x.says(p)
		}
		_, _ = readReport(b)
		_, _ = readPastVisit(b)
		_, _ = readAppointment(b)
		_, _ = readVaccination(b)
		_ = medicineRest(b, &medicine{})
		_, _ = readOrigin(b)
		_ = blocks(string(b))
	})
}
