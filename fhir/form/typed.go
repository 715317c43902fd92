package form

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Typed is one answer as a browser's form sends it.
type Typed struct {
	Text   string // what was typed: a number, a date, words; true or false
	Option string // which option was chosen, by its number from 0; or ""
	Unit   string // a quantity's unit, by its code or in words
	// MIME, Data (base64), URL and Size are an attachment's; URL a reference's.
	MIME, Data, URL string
	Size            int
}

// Read turns what somebody typed into answers to the question. Blank ones are no
// answer. ok is false, with the place of the first in typed, when one cannot be
// read as what the question asks for. Whether the form allows it Set says.
func (q *Question) Read(typed ...Typed) (answers []Answer, bad int, ok bool) {
	for n, t := range typed {
		a, ok := q.read(t)
		if !ok {
			return nil, n, false
		}
		if !a.IsZero() {
			answers = append(answers, a)
		}
	}
	return answers, -1, true
}

func (q *Question) read(t Typed) (Answer, bool) {
	i := q.Item
	if t.Option != "" {
		n, ok := index(t.Option)
		if !ok || n >= len(q.Options) {
			return Answer{}, false
		}
		return q.Options[n].Value, true
	}
	if t.Text == "" && t.URL == "" && t.Data == "" {
		return Answer{}, true
	}
	text := strings.TrimSpace(t.Text)
	switch i.Type {
	case "reference":
		return Answer{Type: "Reference", URL: t.URL, Text: text}, true
	case "attachment":
		return attachment(t, text)
	case "quantity":
		return i.quantity(text, t.Unit)
	case "choice", "open-choice":
		for _, o := range q.Options {
			if o.Value.Code == text && text != "" || o.Value.Type != "Coding" && o.Value.Text == text {
				return o.Value, true
			}
		}
		if !i.Open {
			return Answer{}, false
		}
		return Answer{Type: "string", Text: text}, text != ""
	}
	return typed(i.value(), text, t.Text)
}

var (
	dateForm  = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$`)
	clockForm = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$`)
	localForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$`)
)

// typed reads a primitive. text is trimmed, whole is not.
func typed(kind, text, whole string) (Answer, bool) {
	if text == "" {
		return Answer{}, true
	}
	a, ok := Answer{Type: kind, Text: text}, true
	switch kind {
	case "boolean":
		ok = text == "true" || text == "false"
	case "integer":
		n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 32)
		a.Text, ok = strconv.FormatInt(n, 10), err == nil
	case "decimal":
		a.Text, ok = Number(text)
	case "date":
		ok = goodDate(text)
	case "dateTime":
		if localForm.MatchString(text) {
			a.Text = text + ":00Z"
		}
		ok = goodTime(a.Text)
	case "time":
		if len(text) == 5 {
			a.Text = text + ":00"
		}
		ok = clockForm.MatchString(text)
	case "uri":
		_, err := url.Parse(text)
		ok = err == nil && !strings.ContainsAny(text, " \t\n")
	case "string":
		a.Text = strings.ReplaceAll(whole, "\r\n", "\n")
	}
	return a, ok
}

func goodDate(s string) bool {
	if !dateForm.MatchString(s) {
		return false
	}
	_, err := time.Parse("2006-01-02"[:len(s)], s)
	return err == nil
}

func goodTime(s string) bool {
	if goodDate(s) {
		return true
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

// Number reads a decimal as people type it, with a point or a comma and no
// groups of thousands, and returns it as FHIR writes it.
func Number(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	s = strings.TrimPrefix(s, "+")
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	}
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	s = strings.TrimSuffix(s, ".")
	for len(s) > 1 && s[0] == '0' && s[1] != '.' {
		s = s[1:]
	}
	if len(s) > 40 || s == "" || strings.Trim(s, "0123456789.") != "" {
		return "", false
	}
	return sign + s, isNumber(sign + s)
}

func (i *Item) quantity(text, unit string) (Answer, bool) {
	n, ok := Number(text)
	if !ok {
		return Answer{}, false
	}
	a := Answer{Type: "Quantity", Text: n}
	choices := i.Units
	if !i.Unit.Value.IsZero() {
		choices = append(choices[:len(choices):len(choices)], i.Unit)
	}
	if unit == "" && len(choices) > 0 {
		if u := i.Unit; !u.Value.IsZero() {
			unit = u.Value.Code
			if unit == "" {
				unit = u.Value.Text
			}
		} else if len(choices) == 1 {
			unit = choices[0].Value.Code
		}
	}
	for _, u := range choices {
		if unit != "" && (u.Value.Code == unit || u.Value.Text == unit) {
			a.System, a.Code, a.Unit = u.Value.System, u.Value.Code, u.Value.Text
			if a.Unit == "" {
				a.Unit = a.Code
			}
			return a, true
		}
	}
	a.Unit = unit
	return a, true
}

func attachment(t Typed, title string) (Answer, bool) {
	a := Answer{Type: "Attachment", Text: title, MIME: t.MIME, Data: t.Data, URL: t.URL, Size: t.Size}
	if t.Data != "" {
		raw, err := base64.StdEncoding.DecodeString(t.Data)
		if err != nil {
			return a, false
		}
		a.Size = len(raw)
	}
	return a, a.Data != "" || a.URL != ""
}
