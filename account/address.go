package account

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rapport/errs"
)

// longestMail is the longest address SMTP carries (RFC 5321, 4.5.3.1.3).
const longestMail = 254

// ParseMail returns an address as letters are sent to it, or errs.Invalid for
// what is none: one address, without a name, a list or a comment.
func ParseMail(typed string) (string, error) {
	typed = norm.NFC.String(strings.TrimSpace(typed))
	a, err := mail.ParseAddress(typed)
	same := folded(typed)
	if err != nil || a.Name != "" || a.Address != typed || len(typed) > longestMail || !utf8.ValidString(typed) || strings.ContainsFunc(typed, unprintable) ||
		strings.Count(same, "@") != 1 || strings.ContainsFunc(same, unprintable) || strings.ContainsAny(same, `"(),:;<>[]\`) {
		return "", errs.Say(errs.E(errs.Invalid, "account: not a mail address"), "door.mail_wrong")
	}
	local, domain, _ := strings.Cut(typed, "@")
	if local == "" || !strings.Contains(domain, ".") {
		return "", errs.Say(errs.E(errs.Invalid, "account: not a mail address"), "door.mail_wrong")
	}
	return typed, nil
}

// unprintable reports what no address may hold: controls, spaces, and the marks
// that turn the direction of writing or take no room.
func unprintable(r rune) bool {
	return r == ' ' || !unicode.IsPrint(r) || blank(r) || unicode.Is(unicode.Variation_Selector, r)
}

// SameMail returns what two spellings of one address share: an account is found
// by it, and a letter goes to the address as it was typed. So only case is the
// same, which does not tell two mailboxes apart anywhere that matters; letters that
// look alike, or become one of ASCII when they are made small, do.
func SameMail(address string) string {
	return strings.Map(func(r rune) rune {
		if small := unicode.ToLower(r); r <= unicode.MaxASCII || small > unicode.MaxASCII {
			return small
		}
		return r
	}, norm.NFC.String(address))
}

// folded takes away every difference that a person does not see.
func folded(address string) string { return strings.ToLower(norm.NFKC.String(address)) }

// Mailbox returns what all spellings share that reach one mailbox with most
// services: without dots and without what follows a plus. It is for counting
// tries and for seeing that two people read one mailbox, never for letting
// somebody in.
func Mailbox(address string) string {
	whole, domain, _ := strings.Cut(folded(address), "@")
	local, _, _ := strings.Cut(whole, "+")
	if local = strings.ReplaceAll(local, ".", ""); local == "" {
		local = whole
	}
	return local + "@" + strings.TrimSuffix(strings.ReplaceAll(domain, "\u3002", "."), ".")
}

// SameMailbox reports whether two addresses reach one mailbox.
func SameMailbox(a, b string) bool { return Mailbox(a) == Mailbox(b) }
