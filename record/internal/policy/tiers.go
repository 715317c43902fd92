package policy

import (
	"embed"
	"path"
	"slices"
	"sync"
)

// Rules says for one place what a parent or other guardian of a minor may read
// and do as the minor grows up, and what a minor may decide alone there. Rules
// are versioned data, never constants in code; ParseRules is the way in and
// promises what is said below. The zero Rules give nobody anything.
type Rules struct {
	ID       string   // such as example-england; also the file's name
	Version  int      // 1 and up; a changed file gets a new one
	Place    string   // the place's name, in English
	Sources  []string // citations of law or guidance
	Note     string   // what the bands cannot say, and what is uncertain
	Reviewed bool     // somebody who answers for it read it; false in every file we ship
	Majority int      // the age in years at which guardianship ends
	LeapDay  LeapDay
	Bands    []Band // from 0 to Majority without gap; no band gives more than a younger one
}

// Band is what holds while the minor's age in whole years is at least From and
// less than To.
type Band struct {
	From, To   int
	Reads      Parts    // what a guardian may read; Gives says what is left of it
	Acts       Parts    // where a guardian may also do something; within Reads
	Alone      []Matter // what a minor of this age may consent to alone
	OwnAccount AccountRule
}

// ForOthers is all that a guardian is ever given, whatever a file says, and all
// that a client can let a helper see. It is a list of what may be given, so that a
// part added later is not given until somebody writes it here: never looks,
// agreements, money, or what lies in Other.
const ForOthers = Person | Conditions | Medicines | Allergies | Immunisations | Results |
	Documents | Visits | Plans | Messages | Procedures | Family | Told

// Gives returns what a guardian may read and what they may act on in this band:
// never looks, agreements, money or other, and no act where nothing is read.
func (b Band) Gives() (reads, acts Parts) {
	reads = b.Reads & ForOthers
	return reads, b.Acts & reads
}

// Consents reports whether a minor in this band may consent to m alone, by name
// or because they may consent to all care.
func (b Band) Consents(m Matter) bool {
	return m != 0 && m < matterEnd && (slices.Contains(b.Alone, m) || slices.Contains(b.Alone, AllCare))
}

// Matter is something a minor may be able to consent to without a guardian. The
// zero Matter is nothing.
type Matter uint8

// The matters.
const (
	_             Matter = iota
	Contraception        // sterilisation apart
	SexualHealth         // testing and treatment of sexually transmitted infection
	Pregnancy            // care in pregnancy; ending one has laws of its own
	MentalHealth         // outpatient counselling and treatment
	SubstanceUse         // alcohol and drugs
	SexualAssault        // care after one
	Vaccination          //
	AllCare              // everything, as an adult
	matterEnd
)

var matterCodes = [...]string{"", "contraception", "sexual-health", "pregnancy", "mental-health", "substance-use", "sexual-assault", "vaccination", "all-care"}

// String returns the matter's code as files keep it, or "" for none.
func (m Matter) String() string {
	if m >= matterEnd {
		return ""
	}
	return matterCodes[m]
}

// AccountRule says whether a minor may have a way in of their own. The zero
// AccountRule says nothing and allows none.
type AccountRule uint8

// The rules for a minor's own account.
const (
	_             AccountRule = iota
	NoAccount                 // none
	GuardianKnows             // with the guardian's knowledge
	OnTheirOwn                // without anybody being told
	accountRuleEnd
)

var accountRuleCodes = [...]string{"", "no", "with-guardians-knowledge", "on-their-own"}

// String returns the rule's code as files keep it, or "" for none.
func (a AccountRule) String() string {
	if a >= accountRuleEnd {
		return ""
	}
	return accountRuleCodes[a]
}

// On returns the band in which somebody born on a FHIR date is on a day. There is
// none, and a guardian has nothing, if the birth is unknown, impossible or yet to
// come, and from majority on. A partial birth date counts as the oldest the
// person could be, so that access ends early rather than late.
func (r Rules) On(birth string, day Day) (Band, bool) {
	i := r.index(birth, day)
	if i < 0 {
		return Band{}, false
	}
	return r.Bands[i], true
}

func (r Rules) index(birth string, day Day) int {
	age, ok := Age(birth, day, r.LeapDay)
	if !ok || age >= r.Majority {
		return -1
	}
	return slices.IndexFunc(r.Bands, func(b Band) bool { return b.From <= age && age < b.To })
}

// Next returns the first day after day on which On answers otherwise: a birthday
// that ends a band, or majority, or the birth itself while it is to come. False
// means it never will.
func (r Rules) Next(birth string, day Day) (Day, bool) {
	born, ok := oldest(birth)
	if !ok || !day.valid() {
		return Day{}, false
	}
	ages := []int{r.Majority}
	for _, b := range r.Bands {
		ages = append(ages, b.From, b.To)
	}
	slices.Sort(ages)
	now := r.index(birth, day)
	for _, age := range ages {
		if d := born.birthday(age, r.LeapDay); d.compare(day) > 0 && r.index(birth, d) != now {
			return d, true
		}
	}
	return Day{}, false
}

//go:embed rules/*.json
var ruleFiles embed.FS

// shipped is the examples, read once. That they can be read is a matter of the
// build, so it panics rather than answer.
var shipped = sync.OnceValue(func() []Rules {
	entries, err := ruleFiles.ReadDir("rules")
	if err != nil {
		panic("policy: " + err.Error())
	}
	var out []Rules
	for _, e := range entries {
		b, err := ruleFiles.ReadFile(path.Join("rules", e.Name()))
		if err != nil {
			panic("policy: " + err.Error())
		}
		r, err := ParseRules(b)
		if err != nil {
			panic("policy: " + e.Name() + ": " + err.Error())
		}
		out = append(out, r)
	}
	return out
})

// Examples returns the rules we ship, by ID. None has been reviewed: they show
// what a file looks like and start a conversation with somebody who knows the
// law of the place. What is returned is the asker's to change.
func Examples() []Rules {
	out := slices.Clone(shipped())
	for i, r := range out {
		out[i].Sources, out[i].Bands = slices.Clone(r.Sources), slices.Clone(r.Bands)
		for j, b := range r.Bands {
			out[i].Bands[j].Alone = slices.Clone(b.Alone)
		}
	}
	return out
}
