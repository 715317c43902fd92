package policy

// Bond is what makes a member of staff one who treats a client, today. The zero Bond is
// none: they may be asked why they looked.
type Bond uint8

// The bonds. ByGlass is none of the practice's making: they broke the glass.
const (
	NoBond   Bond = iota
	ByVisit       // they see them, or did lately
	ByRefer       // somebody sent the client to them
	ByAssign      // they were named as one who looks after the client
	ByTask        // something about the client is theirs to see to
	ByCover       // they stand in for somebody who treats them
	ByGlass       // they said why they must, and answer for it
	bondEnd
)

var bondCodes = [...]string{"none", "visit", "refer", "assign", "task", "cover", "glass"}

// String returns the bond's code, as the ledger keeps it.
func (b Bond) String() string {
	if b < bondEnd {
		return bondCodes[b]
	}
	return "none"
}

// ParseBond is the inverse of String; NoBond for what is none.
func ParseBond(code string) Bond {
	for b, c := range bondCodes {
		if c == code {
			return Bond(b) //nolint:gosec // one of seven
		}
	}
	return NoBond
}
