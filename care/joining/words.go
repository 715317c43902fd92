package joining

import (
	"strconv"

	"rapport/fhir"
	"rapport/lang"
)

// born writes a birth date, or as much of one as is known.
func born(p lang.Printer, birth string) string {
	t, ok := fhir.ParseTime(birth)
	if !ok {
		return p.ClientsBornUnknown()
	}
	switch t.Prec {
	case fhir.ToYear:
		return strconv.Itoa(t.At.Year())
	case fhir.ToMonth:
		return p.Month(t.At)
	}
	return p.Full(t.At)
}

// phoneEnd is the end of the first number that has four digits: enough to ask for,
// too little to call.
func phoneEnd(p lang.Printer, phones []string) string {
	for _, n := range phones {
		var d []rune
		for _, r := range n {
			if r >= '0' && r <= '9' {
				d = append(d, r)
			}
		}
		if len(d) >= 4 {
			return p.ClientsPhoneEnds(string(d[len(d)-4:]))
		}
	}
	return ""
}
