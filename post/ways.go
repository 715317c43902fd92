package post

import (
	"context"
	"encoding/json"
	"strings"

	"rapport/errs"
	"rapport/lang"
)

// Way is how a letter leaves. The zero Way is mail.
type Way string

// The ways.
const (
	ByMail Way = ""
	ByPush Way = "push" // to a browser that asked for it (RFC 8030)
	ByText Way = "text" // to a phone
)

// Ways is a Sender that sends each letter its own way. A way that is nil is not there:
// mail then waits, and what should go another way is refused at once, so that whoever
// keeps the letter tries the next.
type Ways struct{ Mail, Push, Text Sender }

// Send implements Sender.
func (w Ways) Send(ctx context.Context, l Letter) error {
	s := w.Mail
	switch l.By {
	case ByPush:
		s = w.Push
	case ByText:
		s = w.Text
	}
	switch {
	case s != nil:
		return s.Send(ctx, l)
	case l.By == ByMail:
		return errs.E(errs.Unavailable, "post: letter %q: no mail server is named", l.ID)
	}
	return l.never(0, nil)
}

// Notice is a letter in the few words of a lock screen: whom it is from, if they may be
// named, that there is something, and where. Nothing of what it is about.
type Notice struct {
	ID    string `json:"id"`    // the same for each try, so that a second replaces the first
	Title string `json:"title"` // the practice's name, or that it is a notice
	Text  string `json:"text"`
	Link  string `json:"link"`
}

// Short puts a letter into the words of a lock screen.
func Short(l Letter) (Notice, error) {
	p := lang.New(l.Lang, lang.WordClient)
	w, ok := wordings(p)[l.Kind]
	if !ok {
		return Notice{}, l.wrong("has no kind")
	}
	if l.Link == "" || !plainLink(l.Link) {
		return Notice{}, l.wrong("has no clean http or https address")
	}
	n := Notice{ID: l.Once, Title: oneLine(l.Practice), Text: w.subject, Link: l.Link}
	if n.Title == "" {
		n.Title = p.LetterNotice()
	}
	return n, nil
}

// textsMost bounds how many texts one letter is, as phones join them.
const textsMost = 2

// Text puts a letter into the words of a text, in the alphabet of phones where that can
// be. A practice's name that would make it too long is left out.
func Text(l Letter) (string, error) {
	n, err := Short(l)
	if err != nil {
		return "", err
	}
	if !plainNumber(l.To) {
		return "", l.wrong("is not for exactly one phone number")
	}
	s := n.Text
	if !strings.HasSuffix(s, "?") {
		s += "."
	}
	s = forPhones(s) + " " + n.Link
	if name := oneLine(l.Practice); name != "" {
		if named := forPhones(name) + ": " + s; texts(named) <= textsMost {
			return named, nil
		}
	}
	return s, nil
}

// plainNumber says whether s is one number as E.164 writes it.
func plainNumber(s string) bool {
	return len(s) >= 8 && len(s) <= 16 && s[0] == '+' && strings.Trim(s[1:], "0123456789") == "" && s[1] != '0'
}

// subscription is what a browser gave to be pushed to (Push API, PushSubscription).
type subscription struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

func subscribed(to string) (s subscription, ok bool) {
	return s, json.Unmarshal([]byte(to), &s) == nil && s.Endpoint != "" && s.Keys.P256dh != "" && s.Keys.Auth != ""
}
