package account

// Level says how surely it is known who somebody is. The zero Level is not at
// all.
type Level uint8

// The levels, weakest first.
const (
	_      Level = iota
	ByLink       // L1: a link in a mail, or a code, and nothing else
	ByKey        // L2: a passkey; or a link and a second proof; or the practice's own identity provider
	Fresh        // L3: a passkey touched within the last few minutes
)

var levelCodes = [...]string{"nobody", "link", "key", "fresh"}

// String returns the level's code.
func (l Level) String() string {
	if int(l) < len(levelCodes) {
		return levelCodes[l]
	}
	return "nobody"
}

// Levels returns every level somebody can be known at.
func Levels() []Level { return []Level{ByLink, ByKey, Fresh} }

// Proof is one thing somebody showed to be let in, or to be let back in.
type Proof uint8

// The proofs. The zero Proof proves nothing.
const (
	_         Proof = iota
	ByMail          // they read a mail sent to a checked address
	ByPasskey       // they hold a passkey, unlocked
	ByAppCode       // they read a code from an authenticator app
	BySpare         // they hold a printed recovery code
	AtDesk          // somebody at the practice saw them
	ByIssuer        // the practice's identity provider says so
	MadeUp          // nothing: a made-up practice lets everybody in
	ByHand          // somebody passed them a link; it proves nothing of an account that is there
)

var proofCodes = [...]string{"none", "mail", "passkey", "appcode", "spare", "desk", "issuer", "madeup", "hand"}

// String returns the proof's code, as the ledger keeps it.
func (p Proof) String() string {
	if int(p) < len(proofCodes) {
		return proofCodes[p]
	}
	return "none"
}

// level is what a proof alone is worth.
func (p Proof) level() Level {
	switch p {
	case ByMail, AtDesk, ByHand:
		return ByLink
	case ByPasskey, ByIssuer, MadeUp:
		return ByKey
	}
	return 0
}

// Errand is what somebody wants to do with their own account.
type Errand uint8

// The errands.
const (
	_          Errand = iota
	SeeWays           // see how they sign in, and on which devices
	EndDevice         // end a session on one of their devices
	AddKey            // add a passkey or an authenticator app
	DropKey           // remove one
	MakeSpares        // print recovery codes
	Contact           // add or remove an address
	StopBack          // stop somebody who is getting back into the account
	Prove             // show again, or more surely, who they are
	GetBack           // begin to get back into an account they are locked out of
	GoTo              // say at which place of the practice they are at work
)

// Needs is the level an errand needs. A session that was handed to somebody to
// make their first way in may do AddKey and MakeSpares below it; one that shows a
// proof of a recovery that has waited its time may do AddKey; one of an account that
// has only an authenticator app may do AddKey, MakeSpares and Contact for five minutes
// after a code. docs/policy.md prints the table.
var Needs = []struct {
	Errand Errand
	Least  Level
	Code   string
}{
	{Prove, ByLink, "show again who they are"},
	{GetBack, ByLink, "begin a recovery"},
	{SeeWays, ByKey, "see ways in and devices"},
	{EndDevice, ByKey, "end a session on a device"},
	{StopBack, ByKey, "stop a recovery"},
	{GoTo, ByKey, "say at which place they are at work"},
	{AddKey, Fresh, "add a passkey or an app"},
	{DropKey, Fresh, "remove a passkey or an app"},
	{MakeSpares, Fresh, "print recovery codes"},
	{Contact, Fresh, "add or remove an address"},
}

// least returns what an errand needs; an unknown one needs more than there is.
func least(e Errand) Level {
	for _, n := range Needs {
		if n.Errand == e {
			return n.Least
		}
	}
	return Fresh + 1
}
