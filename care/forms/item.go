package forms

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rapport/errs"
)

// spot is an item of a form in its tree: the list it stands in, its place there, and the
// item around it (nil at the top).
type spot struct {
	item   *tree
	in     *tree // what has the list: an item, or the form
	at     int
	around *spot
	number int // in reading order
}

// spots are all items of a form in reading order, numbered as package form does.
func spots(root *tree) []*spot {
	var out []*spot
	var walk func(in *tree, around *spot)
	walk = func(in *tree, around *spot) {
		for i, x := range in.each("item") {
			s := &spot{item: x, in: in, at: i, around: around, number: len(out)}
			out = append(out, s)
			walk(x, s)
		}
	}
	walk(root, nil)
	return out
}

func (s *spot) link() string { return s.item.get("linkId").text() }

// aside is what a display item within another is for: help or why; "" if it is read on
// its own.
func aside(item *tree) string {
	if item.get("type").text() != "display" {
		return ""
	}
	for _, c := range ext(item, controlURL).get("valueCodeableConcept").each("coding") {
		switch code := c.get("code").text(); code {
		case "help", "why", "flyover", "prompt", "lower", "upper", "unit":
			return code
		}
	}
	return ""
}

// find returns an item by its number if it has the linkId, else by that.
func find(all []*spot, number int, link string) (*spot, bool) {
	if number >= 0 && number < len(all) && (link == "" || all[number].link() == link) {
		return all[number], true
	}
	i := slices.IndexFunc(all, func(s *spot) bool { return s.link() == link })
	if i < 0 || link == "" {
		return nil, false
	}
	return all[i], true
}

// siblings are the items beside one that are read on their own, by their places.
func (s *spot) siblings() (places []int, mine int) {
	for i, x := range s.in.each("item") {
		if s.around == nil || aside(x) == "" {
			if i == s.at {
				mine = len(places)
			}
			places = append(places, i)
		}
	}
	return places, mine
}

func (s *spot) first() bool { _, m := s.siblings(); return m == 0 }

func (s *spot) last() bool { ps, m := s.siblings(); return m == len(ps)-1 }

// act is what can be done to an item in the outline.
type act string

const (
	goUp      act = "up"
	goDown    act = "down"
	goIn      act = "in"
	goOut     act = "out"
	addAfter  act = "add"
	addWithin act = "within"
	double    act = "double"
	drop      act = "drop"
)

// do changes the outline. It returns the linkId of the item to look at after.
func do(root *tree, s *spot, a act, text, base string) (string, error) {
	here := s.in.get("item")
	if here == nil || here.kind != '[' {
		return "", errs.E(errs.Invalid, "forms: the items are no list")
	}
	ps, mine := s.siblings()
	switch {
	case a == goUp && mine > 0:
		o := ps[mine-1]
		here.vals[o], here.vals[s.at] = here.vals[s.at], here.vals[o]
	case a == goDown && mine < len(ps)-1:
		o := ps[mine+1]
		here.vals[o], here.vals[s.at] = here.vals[s.at], here.vals[o]
	case a == goIn && mine > 0 && here.vals[ps[mine-1]].get("type").text() == "group":
		group := here.vals[ps[mine-1]]
		here.vals = slices.Delete(here.vals, s.at, s.at+1)
		group.add("item", s.item)
	case a == goOut && s.around != nil:
		s.in.keep("item", func(x *tree) bool { return x != s.item })
		up := s.around.in.get("item")
		up.vals = slices.Insert(up.vals, s.around.at+1, s.item)
	case a == addAfter:
		n := blank(root, text, base)
		here.vals = slices.Insert(here.vals, s.at+1, n)
		return n.get("linkId").text(), nil
	case a == addWithin:
		n := blank(root, text, base)
		s.item.add("item", n)
		return n.get("linkId").text(), nil
	case a == double:
		n := s.item.copied()
		rename(root, n)
		here.vals = slices.Insert(here.vals, s.at+1, n)
		return n.get("linkId").text(), nil
	case a == drop:
		after := ""
		if mine > 0 {
			after = here.vals[ps[mine-1]].get("linkId").text()
		} else if s.around != nil {
			after = s.around.link()
		}
		s.in.keep("item", func(x *tree) bool { return x != s.item })
		return after, nil
	}
	return s.link(), nil
}

// blank is a new question: words to write in.
func blank(root *tree, text, base string) *tree {
	return obj(pair{"linkId", str(unused(root, slug(text, "question")))}, pair{"text", str(text)}, pair{"type", str("string")})
}

// rename gives a copy and everything in it linkIds of their own, and has its conditions
// follow.
func rename(root, n *tree) {
	taken := map[string]bool{}
	for _, s := range spots(root) {
		taken[s.link()] = true
	}
	now := map[string]string{}
	var each func(x *tree, f func(*tree))
	each = func(x *tree, f func(*tree)) {
		f(x)
		for _, c := range x.each("item") {
			each(c, f)
		}
	}
	each(n, func(x *tree) {
		was := x.get("linkId").text()
		link := was
		for i := 2; taken[link]; i++ {
			link = was + "-" + strconv.Itoa(i)
		}
		taken[link], now[was] = true, link
		x.setText("linkId", link)
	})
	each(n, func(x *tree) {
		for _, w := range x.each("enableWhen") {
			if link, ok := now[w.get("question").text()]; ok {
				w.setText("question", link)
			}
		}
	})
}

// unused is a linkId that no item has.
func unused(root *tree, want string) string {
	taken := map[string]bool{}
	for _, s := range spots(root) {
		taken[s.link()] = true
	}
	link := want
	for i := 2; taken[link]; i++ {
		link = want + "-" + strconv.Itoa(i)
	}
	return link
}

// plainly are letters with marks and what they are without.
var plainly = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "î", "i", "ï", "i", "ñ", "n", "ó", "o", "ô", "o", "ö", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u", "œ", "oe")

// slug makes a readable name of words: "sleep-hours"; otherwise another if nothing is left.
func slug(s, otherwise string) string {
	var b strings.Builder
	dash := false
	for _, r := range plainly.Replace(strings.ToLower(s)) {
		switch {
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		default:
			dash = true
		}
		if b.Len() >= 32 {
			break
		}
	}
	if b.Len() == 0 {
		return otherwise
	}
	return b.String()
}
