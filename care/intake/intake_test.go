package intake

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"rapport/record"
	"rapport/web/webtest"
)

// path is where a page is.
func path(p *webtest.Page) string { _, to, _ := strings.Cut(p.Path, " "); return to }

func follow(v *webtest.Visitor, p *webtest.Page) *webtest.Page {
	p.T.Helper()
	p.Is(303)
	return v.Get(p.Header.Get("Location"))
}

// begun begins the first intake and returns its first question.
func begun(t *testing.T, h *webtest.House, v *webtest.Visitor) *webtest.Page {
	t.Helper()
	p := v.Get("/me/" + string(h.Ada) + "/forms").Is(200)
	p = follow(v, v.Post(path(p), p.Form("main form.btn-row")))
	return follow(v, p) // the form sends on to its first open question
}

// here is where a question's form is sent.
func here(p *webtest.Page) string { return p.Attr("main form", "action") }

// press sends a question's form as it stands, with more, and returns where it leads.
func press(v *webtest.Visitor, p *webtest.Page, more ...string) *webtest.Page {
	p.T.Helper()
	return follow(v, v.Post(here(p), p.Form("main form", more...)))
}

// option is the value of the option with these words.
func option(p *webtest.Page, words string) string {
	p.T.Helper()
	for i := 1; i < 30; i++ {
		sel := ".opts .opt:nth-of-type(" + strconv.Itoa(i) + ")"
		if p.Count(sel) > 0 && strings.Contains(p.Text(sel), words) {
			return p.Attr(sel+" input", "value")
		}
	}
	p.T.Fatalf("%s: no option says %q", p.Path, words)
	return ""
}

// walk answers questions until the review: those whose title begins with a key of says
// with its words or option, all others with "I would rather not say".
func walk(t *testing.T, v *webtest.Visitor, p *webtest.Page, says map[string]string) *webtest.Page {
	t.Helper()
	for range 400 {
		if strings.HasSuffix(path(p), "/review") {
			return p
		}
		if strings.Contains(path(p), "/help") {
			p = v.Get(p.Attr("main .btn-row a", "href"))
			continue
		}
		p.Is(200)
		title, said := p.Text("h1"), ""
		for k, s := range says {
			if strings.HasPrefix(title, k) {
				said = s
			}
		}
		switch {
		case p.Count(`button[value=enough]`) > 0:
			p = press(v, p, "do", "enough")
		case said == "" && p.Count(`button[value=decline]`) == 0:
			p = press(v, p)
		case said == "":
			p = press(v, p, "do", "decline")
		case p.Count(".opts") > 0:
			p = press(v, p, "a", option(p, said))
		default:
			p = press(v, p, "a", said)
		}
	}
	t.Fatal("400 questions, and no end")
	return nil
}

func TestAFormIsAskedForByAVisitAndFilledInToTheEnd(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/forms"
	ada.Get(me).Is(200).Has("h1", "Your forms").Has(".form-card", "Your story, told once", "Before your visit Thursday 26 November", "About", "Begin")
	p := begun(t, h, ada)
	p.Has(".flow-saved", "Saved").Has("h1").Has("button", "Continue").Has("button[value=person]", "Say it at the visit").Has("button[value=decline]", "I would rather not say").HasNot("[style]", "script:not([src])")
	if strings.Contains(path(p), "first") || !strings.Contains(path(p), "/q/") {
		t.Errorf("the address tells what is asked: %s", p.Path)
	}
	second := press(ada, p, "a", "Ada, please")
	second.Has(".back")
	// closed, and gone on with on another device
	phone := h.As("ada")
	card := phone.Get(me).Has(".form-card", "answered", "Go on")
	again := phone.Get(card.Attr(".form-card a.btn", "href"))
	if got := path(follow(phone, again)); got != path(second) {
		t.Errorf("gone on with at %s, want %s", got, path(second))
	}
	if got := phone.Get(path(p)).Attr("#a", "value"); got != "Ada, please" {
		t.Errorf("what was said is %q", got)
	}
	review := walk(t, phone, phone.Get(path(second)), map[string]string{"What would you like": "To walk to the park"})
	review.Has("h1", "Look it through").Has(".told", "Ada, please", "Change").Has("button", "Hand it in")
	// changed from the review, it goes back there
	back := phone.Get(review.Attr(".told a", "href")).Has(".back", "Look it through")
	review = press(phone, back, "a", "Ada L.")
	if !strings.HasSuffix(path(review), "/review") {
		t.Fatalf("changed from the review, it leads to %s", review.Path)
	}
	done := follow(phone, phone.Post(path(review), review.Form("main form"))).Is(200)
	done.Has(".callout, .note", "Thank you").Has(".told", "Ada L.").HasNot(".told a")
	ada.Get(me).HasNot(".form-card").Has("#given")
	// what was handed in stays as it is
	if to := ada.Post(path(p), url.Values{"a": {"Eve"}}).Is(303).Header.Get("Location"); strings.Contains(to, "/q/") {
		t.Errorf("a form that was handed in asks again: %s", to)
	}
	ada.Get(path(done)).SaysNot("Eve")
	l := h.Looks(h.Ada, 1)[0]
	if l.Act != "open" || l.Purpose != "answering" || l.Parts != record.Told|record.Visits {
		t.Errorf("the newest look is %+v", l)
	}
	h.As("bob").Get(path(done)).Is(404)
	h.As("hana").Get(path(done)).Is(404)
}

func TestHelpStandsOnlyByTheAnswerThatNeedsIt(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada := h.As("ada")
	p := begun(t, h, ada)
	asked, alarmed := 0, false
	for range 200 {
		at := path(p)
		if strings.HasSuffix(at, "/review") {
			break
		}
		if strings.Contains(at, "/help") {
			alarmed = true
			p = ada.Get(p.Attr("main .btn-row a", "href"))
			continue
		}
		safe := strings.Contains(p.Text("h1"), "safe at home")
		if chest := strings.Contains(p.Text("h1"), "stop you from moving"); (safe || chest) != (p.Count(".alarm-help") > 0) {
			t.Errorf("%s: help beside its options: %v", p.Text("h1"), !safe)
		}
		switch {
		case p.Count("button[value=enough]") > 0:
			p = press(ada, p, "do", "enough")
		case p.Count("button[value=none]") > 0:
			p = press(ada, p, "do", "none")
		case safe:
			p = press(ada, p, "a", "2")
		default:
			p = press(ada, p)
		}
		asked++
	}
	if !alarmed || !strings.HasSuffix(path(p), "/review") {
		t.Errorf("after %d questions at %s, alarmed: %v", asked, path(p), alarmed)
	}
	if asked > 50 {
		t.Errorf("who says little is asked %d things", asked)
	}
}
