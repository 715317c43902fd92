// Package doubles is where staff decide whether two charts are one person's. It
// shows why they may be, in words, side by side; a merge can be taken apart again.
// It refuses to decide anything by itself, however alike two people look.
package doubles

import (
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// Routes returns the pages of this capability.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /doubles", Why: record.Finding, Directory: list},
		{Pattern: "GET /doubles/{id}", Why: record.Vouching, Directory: show},
		{Pattern: "POST /doubles/{id}/merge", Why: record.Vouching, Directory: merge},
		{Pattern: "POST /doubles/{id}/apart", Why: record.Vouching, Directory: apart},
		{Pattern: "POST /doubles/{id}/undo", Why: record.Vouching, Directory: undo},
	}
}

// view is the list, or one pair.
type view struct {
	Shell   shell.View
	P       lang.Printer
	Open    []parts.RowView
	Decided []past

	ID       string
	State    record.Standing
	A, B     record.Card
	For      []string // what speaks for one person
	Against  []string
	Table    parts.TableView
	Problem  string
	KeptName string
}

// past is a pair that was decided, and can be decided again.
type past struct {
	Row  parts.RowView
	Undo parts.ButtonView
	At   string
}

func frame(a *web.Ask, title string) shell.View {
	s := a.Shell(title, "clients")
	s.Place, s.Here = lang.Upper(a.P.Clients()), "/doubles"
	return s
}

// veryLikely is the score from which two people are said to be very likely one.
const veryLikely = 75

func list(a *web.Ask, d *record.Directory) (web.Answer, error) {
	all, err := d.Doubles(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	v := view{Shell: frame(a, a.P.DoublesTitle()), P: a.P}
	for _, x := range all {
		r := parts.RowView{Href: "/doubles/" + x.ID, Icon: "users", Title: pair(a.P, x)}
		if x.State == record.DoubleOpen {
			r.Text, r.Tag = a.P.And(reasons(a.P, x.Reasons, false)), parts.TagView{Tone: parts.ToneWarn, Text: likely(a.P, x.Score)}
			v.Open = append(v.Open, r)
			continue
		}
		r.Text, r.Meta = a.P.DoublesMergedBy(x.By), a.P.ShortDay(a.Local(x.At))
		if x.State == record.DoubleApart {
			r.Text = a.P.DoublesApartBy(x.By)
		}
		v.Decided = append(v.Decided, past{r, again(a.P, x), r.Href + "/undo"})
	}
	if n, err := strconv.Atoi(a.Query("stayed")); err == nil && n > 0 {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneInfo, Text: a.P.DoublesStayed(n)}
	}
	return web.Page(listPage(v)), nil
}

// again is the button that opens a decided pair again. Read aloud, it says which.
func again(p lang.Printer, x record.Double) parts.ButtonView {
	b := parts.ButtonView{Text: p.DoublesUndo(), Size: parts.ButtonSmall, Hidden: p.DoublesPair(x.Cards[0].Name, x.Cards[1].Name)}
	if x.State == record.DoubleApart {
		b.Text = p.DoublesReopen()
	}
	return b
}

// pair names the two with their birth dates, which tell apart who has one name.
func pair(p lang.Printer, x record.Double) string {
	var who [2]string
	for i, c := range x.Cards {
		who[i] = p.DoublesWho(c.Name, born(p, c.Birth))
	}
	return p.DoublesPair(who[0], who[1])
}

// born writes a birth date, or as much of one as is known.
func born(p lang.Printer, birth string) string {
	t, ok := fhir.ParseTime(birth)
	switch {
	case !ok:
		return p.ClientsBornUnknown()
	case t.Prec == fhir.ToYear:
		return strconv.Itoa(t.At.Year())
	case t.Prec == fhir.ToMonth:
		return p.Month(t.At)
	}
	return p.Full(t.At)
}

func likely(p lang.Printer, score int) string {
	if score >= veryLikely {
		return p.DoublesVery()
	}
	return p.DoublesLikely()
}

// reasons puts what speaks for one person, or against it, into words.
func reasons(p lang.Printer, codes []string, against bool) []string {
	var out []string
	for _, c := range codes {
		if say, ok := words[c]; ok && record.Against(c) == against {
			out = append(out, say(p))
		}
	}
	return out
}

// words are the reasons as people say them.
var words = map[string]func(lang.Printer) string{
	"same-number": lang.Printer.DoublesSameNumber, "same-birth": lang.Printer.DoublesSameBirth, "birth-slip": lang.Printer.DoublesBirthSlip,
	"birth-partly": lang.Printer.DoublesBirthPartly, "same-given": lang.Printer.DoublesSameGiven, "given-near": lang.Printer.DoublesGivenNear,
	"given-initial": lang.Printer.DoublesGivenInitial, "names-swapped": lang.Printer.DoublesNamesSwapped, "same-family": lang.Printer.DoublesSameFamily,
	"family-near": lang.Printer.DoublesFamilyNear, "same-address": lang.Printer.DoublesSameAddress, "address-near": lang.Printer.DoublesAddressNear,
	"same-phone": lang.Printer.DoublesSamePhone, "same-mail": lang.Printer.DoublesSameMail, "number-slip": lang.Printer.DoublesNumberSlip,
	"different-birth": lang.Printer.DoublesDifferentBirth, "different-gender": lang.Printer.DoublesDifferentGender, "different-number": lang.Printer.DoublesDifferentNumber,
	"different-given": lang.Printer.DoublesDifferentGiven, "different-family": lang.Printer.DoublesDifferentFamily,
}

func show(a *web.Ask, d *record.Directory) (web.Answer, error) {
	v, err := one(a, d)
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(showPage(v)), nil
}

// one is the page of one pair.
func one(a *web.Ask, d *record.Directory) (view, error) {
	x, err := d.Double(a.Context(), a.Path("id"))
	if err != nil {
		return view{}, err
	}
	v := view{Shell: frame(a, a.P.DoublesTitle()), P: a.P, ID: x.ID, State: x.State, A: x.Cards[0], B: x.Cards[1]}
	v.For, v.Against = reasons(a.P, x.Reasons, false), reasons(a.P, x.Reasons, true)
	v.Table = parts.TableView{Caption: a.P.DoublesBeside(), CaptionHidden: true, Columns: []parts.Column{{Text: ""}, {Text: a.P.DoublesLeft()}, {Text: a.P.DoublesRight()}}}
	for _, f := range []struct{ name, left, right string }{
		{a.P.DoublesName(), v.A.Name, v.B.Name},
		{a.P.DoublesBirth(), written(a.P, v.A.Birth), written(a.P, v.B.Birth)},
		{a.P.DoublesAddress(), address(v.A), address(v.B)},
		{a.P.DoublesPhone(), a.P.And(v.A.Phones), a.P.And(v.B.Phones)},
		{a.P.DoublesMail(), a.P.And(v.A.Mails), a.P.And(v.B.Mails)},
	} {
		left, right := known(a.P, f.left), known(a.P, f.right)
		if f.left != "" && f.right != "" && f.left != f.right {
			right.Tag = parts.TagView{Tone: parts.ToneWarn, Text: a.P.DoublesDiffers()}
		}
		v.Table.Rows = append(v.Table.Rows, []parts.Cell{{Text: f.name}, left, right})
	}
	if x.State == record.DoubleOpen {
		ways := []parts.Cell{{Text: a.P.DoublesWay()}}
		opens := []parts.Cell{{Text: a.P.DoublesChart()}}
		for i, c := range []fhir.ClientID{x.A, x.B} {
			text := a.P.DoublesWayNone()
			if x.Comes[i] {
				text = a.P.DoublesWayHas()
			}
			ways = append(ways, parts.Cell{Text: text})
			opens = append(opens, parts.Cell{Text: a.P.DoublesOpen(), Href: "/clients/" + string(c)})
		}
		v.Table.Rows = append(v.Table.Rows, ways, opens)
	}
	v.KeptName = v.A.Name
	if x.Kept == x.B {
		v.KeptName = v.B.Name
	}
	return v, nil
}

// known is a cell that says so when nothing is known.
func known(p lang.Printer, text string) parts.Cell {
	if text == "" {
		return parts.Cell{Small: p.DoublesUnknown()}
	}
	return parts.Cell{Text: text}
}

// written is a birth date in words, "" if there is none.
func written(p lang.Printer, birth string) string {
	if birth == "" {
		return ""
	}
	return born(p, birth)
}

func address(c record.Card) string {
	town := strings.TrimSpace(c.Postcode + " " + c.City)
	if c.Street == "" || town == "" {
		return c.Street + town
	}
	return c.Street + ", " + town
}

// decided leads back to the list, or shows what stands in the way.
func decided(a *web.Ask, d *record.Directory, err error) (web.Answer, error) {
	if err == nil {
		return web.See("/doubles"), nil
	}
	say, ok := a.P.Say(errs.SayOf(err))
	if !ok {
		return web.Answer{}, err
	}
	v, verr := one(a, d)
	if verr != nil {
		return web.Answer{}, verr
	}
	v.Problem = say
	return web.Wrong(showPage(v)), nil
}

func merge(a *web.Ask, d *record.Directory) (web.Answer, error) {
	x, err := d.Double(a.Context(), a.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	keep := map[string]fhir.ClientID{"left": x.A, "right": x.B}[a.Form("keep")]
	if keep == "" {
		return web.Answer{}, errs.E(errs.Invalid, "doubles: neither is to be kept")
	}
	return decided(a, d, d.Merge(a.Context(), x.ID, keep))
}

func apart(a *web.Ask, d *record.Directory) (web.Answer, error) {
	return decided(a, d, d.Apart(a.Context(), a.Path("id")))
}

func undo(a *web.Ask, d *record.Directory) (web.Answer, error) {
	done, err := d.Undo(a.Context(), a.Path("id"))
	if err == nil && done.Stayed > 0 {
		return web.See("/doubles?stayed=" + strconv.Itoa(done.Stayed)), nil
	}
	return decided(a, d, err)
}
