package reading

import (
	"strings"

	"rapport/lang"
)

// Name says what was measured: our own words for the LOINC codes everybody has,
// and otherwise the sender's, without what only a laboratory needs.
func Name(p lang.Printer, loinc, text string) string {
	if n := names[loinc]; n != nil {
		return n(p)
	}
	return tidy(text)
}

// Known reports whether a LOINC code has words of ours.
func Known(loinc string) bool { return names[loinc] != nil }

// tidy takes the technical tail off a LOINC name: "Ferritin [Mass/volume] in
// Serum or Plasma" becomes "Ferritin".
func tidy(s string) string {
	if i := strings.Index(s, " ["); i > 0 {
		s = s[:i]
	}
	for _, tail := range []string{" in Serum", " in Blood", " in Plasma", " in Urine", " by Automated"} {
		if i := strings.Index(s, tail); i > 0 {
			s = s[:i]
		}
	}
	return lang.Upper(strings.TrimSpace(s))
}
