package idp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"golang.org/x/oauth2"

	"rapport/errs"
	"rapport/outbound"
)

// trouble says what went wrong with the provider in words that are all ours: an
// error of the libraries may hold a body, an address or a token.
func trouble(doing string, err error) error {
	kind, why := explain(err)
	return errs.E(kind, "account/idp: %s: %s", doing, why)
}

// refused is a sign-in that is not believed.
func refused(why string) error {
	return errs.E(errs.Refused, "account/idp: %s", why)
}

func explain(err error) (errs.Kind, string) {
	var (
		said    *oauth2.RetrieveError
		not     outbound.Refusal
		tooLong *http.MaxBytesError
		cert    *tls.CertificateVerificationError
		name    *net.DNSError
		op      *net.OpError
		slow    interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &said):
		return explainAnswer(said)
	case errors.As(err, &not):
		return errs.Unavailable, string(not)
	case errors.As(err, &tooLong):
		return errs.Unavailable, string(outbound.NotThisLong)
	case errors.Is(err, context.Canceled):
		return errs.Unavailable, "nobody waits for it any more"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &slow) && slow.Timeout():
		return errs.Unavailable, "it takes too long"
	case errors.As(err, &cert):
		return errs.Unavailable, "its certificate is not one we trust"
	case errors.As(err, &name):
		return errs.Unavailable, string(outbound.NotResolvable)
	case errors.As(err, &op):
		return errs.Unavailable, "it cannot be reached"
	}
	return errs.Unavailable, "it does not answer as it should"
}

// answers are the errors of a token endpoint (RFC 6749, section 5.2).
var answers = map[string]errs.Kind{
	"invalid_grant":          errs.Refused,
	"invalid_request":        errs.Internal,
	"invalid_client":         errs.Internal,
	"unauthorized_client":    errs.Internal,
	"unsupported_grant_type": errs.Internal,
	"invalid_scope":          errs.Internal,
}

// explainAnswer repeats of an answer only the status and a code of the standard.
func explainAnswer(said *oauth2.RetrieveError) (errs.Kind, string) {
	status := said.Response.StatusCode
	kind, known := answers[said.ErrorCode]
	switch {
	case status >= 500 || status == http.StatusTooManyRequests || !known:
		return errs.Unavailable, fmt.Sprintf("it answers with status %d", status)
	default:
		return kind, "it answers " + said.ErrorCode
	}
}

// gone reports whether the provider said that a grant is over.
func gone(err error) bool {
	var said *oauth2.RetrieveError
	if !errors.As(err, &said) || said.ErrorCode != "invalid_grant" {
		return false
	}
	s := said.Response.StatusCode
	return s < 500 && s != http.StatusTooManyRequests
}
