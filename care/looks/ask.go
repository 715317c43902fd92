package looks

import (
	"strings"
	"unicode/utf8"

	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// askView is the form, or what became of it.
type askView struct {
	Shell     shell.View
	P         lang.Printer
	Back      string
	Action    string
	Line      line
	When      string
	Practice  string
	Text      string // as typed, when it came back
	Problem   string
	Mine      []asked // asked about this look
	Questions []asked // asked about others
}

// maxQuestion is how long a question may be, in letters.
const maxQuestion = 2000

// ask answers GET /me/{client}/looks/{seq}/ask.
func ask(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := askFor(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(askPage(v)), nil
}

func askFor(a *web.Ask, c *record.Chart) (askView, error) {
	_, l, err := proven(a, c)
	if err != nil {
		return askView{}, err
	}
	qs, err := questions(a.Context(), c)
	if err != nil {
		return askView{}, err
	}
	d := diary{p: a.P, me: a.Who.ID(), base: base(c), now: a.Now}
	v := askView{Shell: a.Shell(a.P.LooksAskTitle(), "health"), P: a.P, Back: base(c), Action: d.href(l) + "/ask",
		Line: d.line(l, a.Local(l.Time)), When: lang.Upper(a.P.Date(a.Local(l.Time), a.Now)), Practice: a.Practice.Name}
	var mine, others []question
	for _, q := range qs {
		if q.Seq == l.Seq {
			mine = append(mine, q)
		} else {
			others = append(others, q)
		}
	}
	v.Mine, v.Questions = list(a, d.base, mine), list(a, d.base, others)
	return v, nil
}

// askPost answers POST /me/{client}/looks/{seq}/ask: it keeps the question in the
// chart.
func askPost(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := askFor(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	v.Text = clean(a.Form("question"))
	switch {
	case v.Text == "":
		v.Problem = a.P.LooksAskEmpty()
	case utf8.RuneCountInString(v.Text) > maxQuestion:
		v.Problem = a.P.LooksAskLong()
	}
	if v.Problem != "" {
		return web.Wrong(askPage(v)), nil
	}
	if len(v.Mine) > 0 { // sent twice: the first one stands
		return web.See(v.Action), nil
	}
	n, err := seq(a)
	if err != nil {
		return web.Answer{}, err
	}
	card, ok := c.Card()
	if !ok {
		return web.Answer{}, errNoPerson
	}
	r, err := question{ID: idOf(c.Client(), n), Text: v.Text, Seq: n, Sent: a.Now, State: waiting}.resource(card.Person)
	if err != nil {
		return web.Answer{}, err
	}
	if _, err := c.Put(a.Context(), r); err != nil {
		return web.Answer{}, err
	}
	return web.See(v.Action), nil
}

// clean takes out what turns the direction of writing around (a question must
// read as it was written), and what is no character.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\u061c', r == '\ufeff', r == utf8.RuneError:
			return -1
		case r < ' ' && r != '\n', r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, s))
}

// area is the one field.
func (v askView) area() parts.AreaView {
	return parts.AreaView{P: v.P, Name: "question", Label: v.P.LooksAskLabel(), Hint: v.P.LooksAskHint(), Problem: v.Problem, Value: v.Text,
		Rows: 5, MaxLength: maxQuestion, Required: true}
}

// practice is who must answer; a practice that is not set up has no name yet.
func (v askView) practice() string {
	if v.Practice == "" {
		return lang.Upper(v.P.LooksPractice())
	}
	return v.Practice
}
