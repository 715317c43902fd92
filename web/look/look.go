// Package look says a line of the ledger in a sentence for the person it is about: who, what
// they are, what they did and why. It is pure. It refuses to hide a line, and to show a code
// or an account's id.
package look

import (
	"unicode"
	"unicode/utf8"

	"rapport/lang"
	"rapport/record"
)

// Said is one look in words: who, what they are, and what they did and why.
type Said struct {
	Who, Role, What string
	Seed            string // of the avatar; empty for what is no person
	Icon            string // for what is no person
	Flag            bool   // it was refused: it stands out
}

// Sort is whose look it is, for the filter.
type Sort uint8

// The sorts. The zero Sort is everybody but the reader.
const (
	_ Sort = iota
	Person
	Software
	Yours
	Helper // a client or a guest who looks after the reader
)

// SortOf tells people, software and the client's own looks apart. Whoever had
// not signed in counts as people: software always says its name.
func SortOf(l record.Look, me string) Sort {
	switch {
	case l.Kind == "system" || l.Act == "link":
		return Software
	case l.Kind == "client" && l.ID == me:
		return Yours
	case l.Kind == "client" || l.Kind == "guest":
		return Helper
	}
	return Person
}

// Say puts a look into words. It is pure, and it never fails: an act it does not
// know is still told.
func Say(p lang.Printer, l record.Look, me string) Said {
	s := Said{Flag: l.Refused, Role: role(l.Title)}
	switch SortOf(l, me) {
	case Yours:
		s.Who, s.Role, s.Seed = p.LooksYou(), "", l.ID
		s.What = own(p, l)
		return s
	case Software:
		s.Who, s.Role, s.Icon = program(p, l), p.LooksIsoftware(), "software"
		if l.Act == "link" {
			s.Icon = "key"
		}
	default:
		s.Seed = l.ID
		switch {
		case l.Kind == "nobody" || l.Kind == "":
			s.Who, s.Icon, s.Seed = p.LooksStranger(), "shield-alert", ""
		case l.Name == "":
			s.Who = p.LooksNameless()
		default:
			s.Who = l.Name
		}
		s.Role = tied(p, l, s.Role)
	}
	s.What = done(p, l)
	return s
}

// tied says what somebody who looks after the reader is to them.
func tied(p lang.Printer, l record.Look, role string) string {
	switch {
	case l.Basis == "guardian":
		return p.LooksGuardian()
	case l.Basis == "helper", l.Purpose == "helping":
		return p.LooksHelper()
	}
	return role
}

// program names a piece of software.
func program(p lang.Printer, l record.Look) string {
	switch {
	case l.Act == "link":
		return p.LooksLinkname()
	case l.ID == "import":
		return p.LooksImport()
	case l.ID == "visits":
		return p.LooksProgramVisits()
	case l.ID == "forms":
		return p.LooksProgramForms()
	case l.ID == "messages":
		return p.LooksProgramMessages()
	case l.ID == "privacy":
		return p.LooksProgramPrivacy()
	}
	return p.LooksProgram()
}

// done says what somebody else did.
func done(p lang.Printer, l record.Look) string {
	what, why := named(p, l.Parts), bound(p, l)
	if s := watched(p, l, why); s != "" && !l.Refused {
		return s
	}
	switch l.Act {
	case "open":
		if l.Refused {
			return p.LooksDoTried(what, why)
		}
		return p.LooksDoOpen(what, why)
	case "write":
		if l.Refused {
			return p.LooksDoNotwrite(what, why)
		}
		return p.LooksDoWrite(l.Written, what, why)
	case "admit":
		if l.Refused {
			return p.LooksDoNotwrite(what, why)
		}
		return p.LooksDoAdmit(l.Written, what, why)
	case "signin":
		if l.Refused {
			return p.LooksDoNotsignin()
		}
		return p.LooksDoSignin()
	case "signout":
		return p.LooksDoSignout()
	case "link":
		return p.LooksDoLink()
	}
	if l.Act == "give" && !l.Refused {
		return given(p, l, false)
	}
	if l.Purpose == "helping" && !l.Refused {
		switch l.Act {
		case "helptake":
			return p.LooksDoHelptake(what)
		case "helpend":
			return p.LooksDoHelpend()
		}
	}
	if l.Act == "tier" {
		return p.LooksDoTier()
	}
	if f, ok := visits[l.Act]; ok && !l.Refused {
		return f(p)
	}
	if f, ok := vouched[l.Act]; ok && l.Purpose == "vouching" && !l.Refused {
		return f(p)
	}
	if l.Refused {
		return p.LooksDoNotother(what, why)
	}
	return p.LooksDoOther(what, why)
}

// vouched is what staff do who answer for who somebody is.
var vouched = map[string]func(lang.Printer) string{
	"invite": lang.Printer.LooksDoInvite, "uninvite": lang.Printer.LooksDoUninvite, "vouch": lang.Printer.LooksDoVouch, "accept": lang.Printer.LooksDoAccept,
	"merge": lang.Printer.LooksDoMerge, "unmerge": lang.Printer.LooksDoUnmerge,
	"helpask": lang.Printer.LooksDoGuardask, "helpend": lang.Printer.LooksDoGuardend,
}

// visits are what others, and this program, do about visits, forms and plans.
var visits = map[string]func(lang.Printer) string{
	"book": lang.Printer.LooksDoBook, "move": lang.Printer.LooksDoMove, "cancel": lang.Printer.LooksDoCancel, "confirm": lang.Printer.LooksDoConfirm,
	"arrive": lang.Printer.LooksDoArrive, "wish": lang.Printer.LooksDoWish, "remind": lang.Printer.LooksDoRemind, "offer": lang.Printer.LooksDoOffer,
	"order": lang.Printer.LooksDoOrder, "answer": lang.Printer.LooksDoAnswer, "ask": lang.Printer.LooksDoAsk, "plan": lang.Printer.LooksDoPlan, "step": lang.Printer.LooksDoStep, "walk-in": lang.Printer.LooksDoWalkin,
	"message": lang.Printer.LooksDoMessage, "promise": lang.Printer.LooksDoPromise, "assign": lang.Printer.LooksDoAssign, "snooze": lang.Printer.LooksDoSnooze, "nudge": lang.Printer.LooksDoNudge, "done": lang.Printer.LooksDoDone,
}

// own says what the client did. They need no reason.
func own(p lang.Printer, l record.Look) string {
	what := named(p, l.Parts)
	switch l.Act {
	case "open":
		if l.Refused {
			return p.LooksOwnTried(what)
		}
		return p.LooksOwnOpen(what)
	case "write", "admit":
		if l.Refused {
			return p.LooksOwnTried(what)
		}
		return p.LooksOwnWrite(l.Written, what)
	case "signin":
		if l.Refused {
			return p.LooksOwnNotsignin()
		}
		if f, ok := hows[l.How]; ok {
			return p.LooksOwnSigninby(f(p))
		}
		return p.LooksOwnSignin()
	case "signout":
		return p.LooksOwnSignout()
	case "give":
		if !l.Refused {
			return given(p, l, true)
		}
	case "helpask":
		return p.LooksOwnHelpask(l.Whom)
	case "helpend":
		return p.LooksOwnHelpend(l.Whom)
	}
	if f, ok := errands[l.Act]; ok && !l.Refused {
		return f(p)
	}
	if l.Act == "recover" {
		return p.LooksOwnNotrecover()
	}
	return p.LooksOwnOther(what)
}

// errands are what somebody does with their own account.
var errands = map[string]func(lang.Printer) string{
	"keyadd": lang.Printer.LooksOwnKeyadd, "keydrop": lang.Printer.LooksOwnKeydrop, "spares": lang.Printer.LooksOwnSpares, "join": lang.Printer.LooksOwnJoin,
	"book": lang.Printer.LooksOwnBook, "move": lang.Printer.LooksOwnMove, "cancel": lang.Printer.LooksOwnCancel, "confirm": lang.Printer.LooksOwnConfirm,
	"wish": lang.Printer.LooksOwnWish, "unwish": lang.Printer.LooksOwnUnwish, "decline": lang.Printer.LooksOwnDecline,
	"answer": lang.Printer.LooksOwnAnswer, "plan": lang.Printer.LooksOwnPlan, "step": lang.Printer.LooksOwnStep,
	"message": lang.Printer.LooksOwnMessage, "notices": lang.Printer.LooksOwnNotices,
	"mark": lang.Printer.LooksOwnMark, "limit": lang.Printer.LooksOwnLimit, "unlimit": lang.Printer.LooksOwnUnlimit, "as": lang.Printer.LooksOwnAs,
	"askfix": lang.Printer.LooksOwnAskfix, "askerase": lang.Printer.LooksOwnAskerase,
	"feed": lang.Printer.LooksOwnFeed, "unfeed": lang.Printer.LooksOwnUnfeed,
	"recover": lang.Printer.LooksOwnRecover, "recovered": lang.Printer.LooksOwnRecovered, "stopped": lang.Printer.LooksOwnStopped,
}

// hows say what somebody showed to come in.
var hows = map[string]func(lang.Printer) string{
	"mail": lang.Printer.LooksHowMail, "passkey": lang.Printer.LooksHowPasskey, "appcode": lang.Printer.LooksHowAppcode,
	"spare": lang.Printer.LooksHowSpare, "desk": lang.Printer.LooksHowDesk,
}

// reason says why, as a clause with its comma. Whoever stated no purpose is told
// on: it is what a reader would want to know.
func reason(p lang.Printer, purpose string) string {
	switch purpose {
	case "care":
		return p.LooksWhyCare()
	case "finding":
		return p.LooksWhyFinding()
	case "vouching":
		return p.LooksWhyVouching()
	case "running":
		return p.LooksWhyRunning()
	case "importing":
		return p.LooksWhyImporting()
	case "own":
		return p.LooksWhyOwn()
	case "helping":
		return p.LooksWhyHelping()
	case "booking":
		return p.LooksWhyBooking()
	case "answering":
		return p.LooksWhyAnswering()
	case "planning":
		return p.LooksWhyPlanning()
	case "messaging":
		return p.LooksWhyMessaging()
	case "replying":
		return p.LooksWhyReplying()
	case "minding":
		return p.LooksWhyMinding()
	case "breaking":
		return p.LooksWhyBreaking()
	case "guarding":
		return p.LooksWhyGuarding()
	case "telling":
		return p.LooksWhyTelling()
	case "taking":
		return p.LooksWhyTaking()
	}
	return p.LooksWhyNone()
}

// many is the number of parts from which naming them says less than "your whole
// record".
const many = 9

// named names the parts of a record: "your results, medicines and visits".
func named(p lang.Printer, set record.Parts) string {
	var nouns []string
	for _, x := range (set &^ record.Looks).Each() {
		nouns = append(nouns, noun(p, x))
	}
	var out []string
	switch {
	case len(nouns) >= many:
		out = append(out, p.LooksWhole())
	case len(nouns) > 0:
		out = append(out, p.LooksYour(p.And(nouns)))
	}
	if set&record.Looks != 0 {
		out = append(out, p.LooksPartLooks())
	}
	if len(out) == 0 {
		return p.LooksRecord()
	}
	return p.And(out)
}

func noun(p lang.Printer, x record.Parts) string {
	if f, ok := nouns[x]; ok {
		return f(p)
	}
	return p.LooksPartOther()
}

var nouns = map[record.Parts]func(lang.Printer) string{
	record.Person: lang.Printer.LooksPartPerson, record.Conditions: lang.Printer.LooksPartConditions,
	record.Medicines: lang.Printer.LooksPartMedicines, record.Allergies: lang.Printer.LooksPartAllergies,
	record.Immunisations: lang.Printer.LooksPartImmunisations, record.Results: lang.Printer.LooksPartResults,
	record.Documents: lang.Printer.LooksPartDocuments, record.Visits: lang.Printer.LooksPartVisits,
	record.Plans: lang.Printer.LooksPartPlans, record.Messages: lang.Printer.LooksPartMessages,
	record.Procedures: lang.Printer.LooksPartProcedures, record.Family: lang.Printer.LooksPartFamily,
	record.Agreements: lang.Printer.LooksPartAgreements, record.Money: lang.Printer.LooksPartMoney,
	record.Told: lang.Printer.LooksPartTold, record.Other: lang.Printer.LooksPartOther,
}

// role writes a title as it stands after a name: "nurse", but "GP".
func role(title string) string {
	r, n := utf8.DecodeRuneInString(title)
	if next, _ := utf8.DecodeRuneInString(title[n:]); unicode.IsUpper(next) {
		return title
	}
	return string(unicode.ToLower(r)) + title[n:]
}

// After is what follows the name: ", nurse".
func (s Said) After() string {
	if s.Role == "" {
		return ""
	}
	return ", " + s.Role
}
