package lang

import "strings"

// Unit writes a unit as people read it: "mmHg" for mm[Hg], "per minute", "por
// minuto". It knows a unit by its UCUM code or, failing that, by the text that
// was printed; one it does not know stays as printed, without the marks that
// only machines need. A pure count has no unit.
func (p Printer) Unit(printed, ucum string) string {
	for _, k := range []string{ucum, printed} {
		if u, ok := units[k]; ok {
			return u[p.tag]
		}
	}
	s := first(printed, ucum)
	for {
		i := strings.IndexByte(s, '{')
		j := strings.IndexByte(s, '}')
		if i < 0 || j < i {
			break
		}
		s = s[:i] + s[j+1:]
	}
	s = strings.NewReplacer("[", "", "]", "", "*", "^").Replace(s)
	return strings.Trim(s, " /_")
}

// Amount writes a number with its unit: "128 mmHg", "5,6 %". English sets the
// percent sign close.
func (p Printer) Amount(decimal, unit string) string {
	n := p.Number(decimal)
	switch {
	case unit == "":
		return n
	case unit == "%" && p.tag == English:
		return n + unit
	}
	return n + "\u00a0" + unit
}

func first(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// all is a unit that is written alike in every language.
func all(s string) [tags]string { return [tags]string{s, s, s} }

var units = map[string][tags]string{
	"mm[Hg]": all("mmHg"), "%": all("%"), "kg": all("kg"), "g": all("g"), "mg": all("mg"), "ug": all("µg"), "mcg": all("µg"),
	"cm": all("cm"), "m": all("m"), "mm": all("mm"), "[in_i]": {"in", "pulg.", "po"}, "[lb_av]": {"lb", "lb", "lb"},
	"kg/m2": all("kg/m²"), "Cel": all("°C"), "[degF]": all("°F"), "L": all("L"), "mL": all("mL"), "L/min": {"L per minute", "L por minuto", "L par minute"},
	"/min": {"per minute", "por minuto", "par minute"}, "{beats}/min": {"per minute", "por minuto", "par minute"}, "{breaths}/min": {"per minute", "por minuto", "par minute"}, "beats/min": {"per minute", "por minuto", "par minute"},
	"{steps}/d": {"steps", "pasos", "pas"}, "{score}": all(""), "{count}": all(""), "{#}": all(""), "1": all(""), "{nominal}": all(""), "{presence}": all(""), "{ratio}": all(""), "{T-score}": all(""),
	"min": {"minutes", "minutos", "minutes"}, "h": {"hours", "horas", "heures"}, "s": {"seconds", "segundos", "secondes"}, "d": {"days", "días", "jours"}, "wk": {"weeks", "semanas", "semaines"}, "mo": {"months", "meses", "mois"}, "a": {"years", "años", "ans"},
	"h/wk":  {"hours a week", "horas por semana", "heures par semaine"},
	"mg/dL": all("mg/dL"), "g/dL": all("g/dL"), "g/L": all("g/L"), "mg/L": all("mg/L"), "ug/L": all("µg/L"), "ng/mL": all("ng/mL"), "pg/mL": all("pg/mL"), "ng/dL": all("ng/dL"), "ug/dL": all("µg/dL"),
	"mmol/L": all("mmol/L"), "umol/L": all("µmol/L"), "nmol/L": all("nmol/L"), "pmol/L": all("pmol/L"), "mmol/mol": all("mmol/mol"), "meq/L": all("mEq/L"), "mg/g": all("mg/g"), "mg/mmol": all("mg/mmol"),
	"U/L": all("U/L"), "[IU]/L": {"IU/L", "UI/L", "UI/L"}, "m[IU]/L": {"mIU/L", "mUI/L", "mUI/L"}, "u[IU]/mL": {"µIU/mL", "µUI/mL", "µUI/mL"}, "[iU]": {"units", "unidades", "unités"}, "[IU]": {"units", "unidades", "unités"}, "U": {"units", "unidades", "unités"},
	"10*3/uL": {"thousand per µL", "mil por µL", "mille par µL"}, "10*9/L": {"billion per L", "mil millones por L", "milliards par L"}, "10*6/uL": {"million per µL", "millones por µL", "millions par µL"}, "10*12/L": all("×10¹²/L"),
	"mL/min": {"mL per minute", "mL por minuto", "mL par minute"}, "mL/min/{1.73_m2}": {"mL per minute", "mL por minuto", "mL par minute"}, "fL": all("fL"), "pg": all("pg"), "kPa": all("kPa"),
	"{puff}": {"puffs", "inhalaciones", "bouffées"}, "puffs": {"puffs", "inhalaciones", "bouffées"}, "{tbl}": {"tablets", "comprimidos", "comprimés"}, "{tablet}": {"tablets", "comprimidos", "comprimés"},
}
