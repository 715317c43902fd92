// Package errs gives every error a kind, so that the two places that turn
// errors into bytes (web and edge) can do so without reading messages. It
// refuses to carry content: an error's text holds ids and causes, never what a
// client told us.
package errs

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure an error is.
type Kind uint8

// The kinds of error. The zero Kind is not an answer anyone should see.
const (
	_           Kind = iota
	Invalid          // the asker's words are off; saying them again will not help
	NotFound         // there is no such thing
	Refused          // there may be such a thing, but not for this asker
	Conflict         // it changed meanwhile, or somebody else has it
	Gone             // there was such a thing
	Unavailable      // not now: a full disk, a sealed vault, a stopping server
	Internal         // our fault
)

// String returns the kind in one lowercase word.
func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case NotFound:
		return "not found"
	case Refused:
		return "refused"
	case Conflict:
		return "conflict"
	case Gone:
		return "gone"
	case Unavailable:
		return "unavailable"
	case Internal:
		return "internal"
	}
	return "unknown"
}

// Error is an error with a kind and two texts: Text for us, and Say, a key of
// package lang, for the person in front of the screen. Say may be empty.
type Error struct {
	Kind Kind
	Text string
	Say  string
	Err  error
}

// Error implements error with our text and the cause; it is not for people.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Text
	case e.Text == "":
		return e.Err.Error()
	}
	return e.Text + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// E makes an error of a kind. The format follows fmt.Errorf, %w included.
func E(k Kind, format string, args ...any) error {
	return &Error{Kind: k, Err: fmt.Errorf(format, args...)}
}

// Say adds the lang key a person is shown.
func Say(err error, key string) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: KindOf(err), Say: key, Err: err}
}

// KindOf returns the kind of the outermost Error in err's chain, or Internal
// for any other error. KindOf(nil) is zero.
func KindOf(err error) Kind {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// SayOf returns the lang key of the outermost error that has one, or "".
func SayOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Say != "" {
			return e.Say
		}
		err = e.Err
	}
	return ""
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }
