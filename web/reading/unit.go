package reading

import (
	"strings"

	"rapport/lang"
)

// units writes UCUM codes as people read them. What is a word is in words.
var units = map[string]string{
	"%": "%", "1": "", "{score}": "", "{ratio}": "", "{nominal}": "", "{count}": "", "{#}": "",
	"mm[Hg]": "mmHg", "Cel": "°C", "[degF]": "°F", "kg/m2": "kg/m²", "m2": "m²", "cm": "cm", "kg": "kg", "g": "g", "mg": "mg", "ug": "µg",
	"[lb_av]": "lb", "[in_i]": "in", "[oz_av]": "oz",
	"mg/dL": "mg/dL", "g/dL": "g/dL", "mmol/L": "mmol/L", "umol/L": "µmol/L", "nmol/L": "nmol/L", "pmol/L": "pmol/L", "mmol/mol": "mmol/mol",
	"ug/dL": "µg/dL", "ug/L": "µg/L", "ng/mL": "ng/mL", "ng/dL": "ng/dL", "pg/mL": "pg/mL", "pg": "pg", "fL": "fL", "ug/mL": "µg/mL", "mg/L": "mg/L",
	"g/L": "g/L", "mg/g": "mg/g", "mg/mmol": "mg/mmol", "L/L": "L/L",
	"10*3/uL": "×10³/µL", "10*6/uL": "×10⁶/µL", "10*9/L": "×10⁹/L", "10*12/L": "×10¹²/L", "/uL": "/µL",
	"m[IU]/L": "mIU/L", "[IU]/L": "IU/L", "[iU]/L": "IU/L", "U/L": "U/L", "u[IU]/mL": "µIU/mL", "m[IU]/mL": "mIU/mL", "meq/L": "mEq/L",
	"mL/min/{1.73_m2}": "mL/min/1.73 m²", "mL/min": "mL/min", "L/min": "L/min", "mm/h": "mm/h", "L": "L", "mL": "mL", "mL/L": "mL/L",
}

// unitWords are the units that are words, and so differ between languages.
var unitWords = map[string]func(lang.Printer) string{
	"/min": lang.Printer.ReadingUnitMinute, "{beats}/min": lang.Printer.ReadingUnitMinute, "{breaths}/min": lang.Printer.ReadingUnitMinute,
	"{steps}/d": lang.Printer.ReadingUnitSteps, "{steps}": lang.Printer.ReadingUnitSteps,
	"a": lang.Printer.ReadingUnitYears, "d": lang.Printer.ReadingUnitDays, "h": lang.Printer.ReadingUnitHours, "min": lang.Printer.ReadingUnitMinutes, "min/wk": lang.Printer.ReadingUnitWeekly,
}

// Unit writes a value's unit: its UCUM code as people read it, or else what the
// sender wrote.
func Unit(p lang.Printer, v Value) string {
	code := v.Code
	if code == "" {
		code = v.Unit
	}
	if w := unitWords[code]; w != nil {
		return w(p)
	}
	if u, ok := units[code]; ok {
		return strings.Replace(u, "1.73", p.Number("1.73"), 1)
	}
	if v.Unit != "" && v.Unit != v.Code {
		return v.Unit
	}
	return plain(code)
}

// plain makes an unknown UCUM code bearable: the brackets of special units go,
// and so do annotations in braces, except where one stands for the unit itself
// ("{copies}/mL").
func plain(code string) string {
	var b strings.Builder
	in, keep := false, false
	for _, r := range code {
		switch {
		case r == '{':
			s := b.String()
			in, keep = true, s == "" || strings.HasSuffix(s, "/") || strings.HasSuffix(s, ".")
		case r == '}':
			in = false
		case in && !keep || r == '[' || r == ']':
		case in && r == '_':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
