package post

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"rapport/errs"
	"rapport/outbound"
)

// What became of a request that nobody answered, in words of ours: what package net/http
// says may repeat an address, or what the other side wrote.
var (
	errLate      = errors.New("no answer in time")
	errLeft      = errors.New("we did not wait for the answer")
	errStranger  = errors.New("its certificate is none this machine believes")
	errNoAnswer  = errors.New("the connection ended before an answer")
	errNoMeaning = errors.New("its answer cannot be read")
)

// answered says what an answer over HTTP means for a letter. A refusal to let us in is
// about our settings or our clock, and not about the letter.
func (l Letter) answered(r *http.Response) error {
	switch s := r.StatusCode; {
	case s/100 == 2:
		return nil
	case s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s >= 500,
		s == http.StatusUnauthorized, s == http.StatusForbidden:
		return l.later(s, asked(r.Header), nil)
	default:
		return l.never(s, nil)
	}
}

// unanswered says what it means for a letter that a request had no answer. What we would
// not send out, and a redirect, no later try changes.
func (l Letter) unanswered(err error) error {
	if r, ok := errors.AsType[outbound.Refusal](err); ok {
		switch r {
		case outbound.NotAnAddress, outbound.NotListed, outbound.NotPublic, outbound.NotReachable, outbound.NotHere:
			return l.never(0, r)
		case outbound.NotThisLong, outbound.NotResolvable:
		}
		return l.later(0, 0, r)
	}
	return l.later(0, 0, why(err))
}

// why puts what net/http says of a request into words of ours. What the network says of a
// connection holds addresses of machines alone, and stays.
func why(err error) error {
	if errors.Is(err, context.Canceled) {
		return errLeft
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return errLate
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return errStranger
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errNoAnswer
	}
	return errNoMeaning
}

// asked is how long an answer asks us to wait (RFC 9110 section 10.2.3), 0 if it does not
// say. A date is held against the other side's own clock.
func asked(h http.Header) time.Duration {
	s := h.Get("Retry-After")
	if n, err := strconv.ParseUint(s, 10, 31); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(n) * time.Second //nolint:gosec // 31 bits
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}

// never is a letter that no later try would bring there, maybe with what the other side
// answered, or why it was not asked.
func (l Letter) never(code int, err error) error {
	return errs.E(errs.Refused, "post: letter %q: %w", l.ID, &Failure{Verdict: Permanent, Step: Recipient, Code: code, Err: err})
}

// later is one that a later try may bring there.
func (l Letter) later(code int, wait time.Duration, err error) error {
	return errs.E(errs.Unavailable, "post: letter %q: %w", l.ID, &Failure{Verdict: Temporary, Step: Recipient, Code: code, Wait: wait, Err: err})
}

// drained closes an answer that nobody reads.
func drained(b io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, b, 4<<10) //nolint:errcheck // it is not read
	_ = b.Close()                         //nolint:errcheck // it was not written
}
