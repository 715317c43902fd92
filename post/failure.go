package post

import (
	"errors"
	"fmt"
	"time"

	"rapport/errs"
)

// Verdict says what an error means for the letter. The zero Verdict means nothing.
type Verdict uint8

// The verdicts on a letter that did not go.
const (
	_         Verdict = iota
	Temporary         // a later try may work: 4xx, a time-out, a lost connection, our own settings
	Permanent         // no later try will: the address was refused, or the letter cannot be written
)

// Step says how far a conversation with the relay came. The zero Step is none.
type Step uint8

// The steps, in their order.
const (
	_         Step = iota
	Reach          // the connection, its encryption, signing in
	From           // our own address was offered
	Recipient      // the letter's address was offered
	Body           // the letter itself was handed over
)

var stepNames = [...]string{"none", "reach", "from", "recipient", "body"}

// String returns the step in one word.
func (s Step) String() string {
	if int(s) < len(stepNames) {
		return stepNames[s]
	}
	return stepNames[0]
}

// Failure is why the relay did not take a letter. It holds codes and what the
// network said, never the relay's own words: those repeat addresses.
type Failure struct {
	Verdict  Verdict
	Step     Step
	Code     int           // the SMTP reply, 0 if there was none
	Wait     time.Duration // how long the other side asks us to wait, 0 if it does not
	Enhanced string        // RFC 3463, such as "5.1.1"; "" if there was none
	Err      error         // what the network said, or why the caller stopped; may be nil
}

// Error implements error.
func (f *Failure) Error() string {
	s := "the relay failed at " + f.Step.String()
	if f.Code != 0 {
		s += fmt.Sprintf(" with %d", f.Code)
	}
	if f.Enhanced != "" {
		s += " " + f.Enhanced
	}
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	return s
}

// Unwrap returns what the network said.
func (f *Failure) Unwrap() error { return f.Err }

// VerdictOf returns what an error of Send means for the letter: 0 for nil. An error
// that says nothing about itself is Temporary, because trying again costs less
// than losing a letter.
func VerdictOf(err error) Verdict {
	if err == nil {
		return 0
	}
	if f, ok := errors.AsType[*Failure](err); ok && f.Verdict != 0 {
		return f.Verdict
	}
	if errs.Is(err, errs.Invalid) {
		return Permanent
	}
	return Temporary
}

// WaitOf returns how long the other side asked us to wait before another try, 0 if it did
// not. It is a stranger's word: whoever waits bounds it.
func WaitOf(err error) time.Duration {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Wait
	}
	return 0
}

// General reports whether an error would have met any other letter too: the
// relay cannot be reached, or does not want our own address.
func General(err error) bool {
	f, ok := errors.AsType[*Failure](err)
	return ok && f.Verdict == Temporary && f.Step != 0 && f.Step <= From
}

// failed makes the error of a letter the relay did not take.
func failed(l Letter, f *Failure) error {
	f.Verdict = Temporary
	kind := errs.Unavailable
	// 530 asks us to sign in: that is our settings, not the address
	if f.Step >= Recipient && f.Code >= 500 && f.Code != 530 {
		f.Verdict, kind = Permanent, errs.Refused
	}
	return errs.E(kind, "post: letter %q: %w", l.ID, f)
}
