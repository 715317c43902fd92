package post_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rapport/clock"
	"rapport/errs"
	"rapport/lang"
	"rapport/post"
)

const (
	address  = "amara.okonkwo@mail.example"
	link     = "https://practice.example/in/Zm9vYmFyYmF6"
	practice = "Praxis Lindenhof"
)

func letter(k post.Kind) post.Letter {
	return post.Letter{ID: "l1", Kind: k, To: address, Lang: lang.English, Link: link}
}

// telling are words that would say what a letter is about, or whom: care and its
// parts in three languages, ages, and the names in the address.
var telling = regexp.MustCompile(`(?i)(?:^|\P{L})(amara|okonkwo|lindenhof|praxis|` +
	`health|medic\w*|doctor|nurse|clinic\w*|patient\w*|client|member|visits?|appointments?|results?|tests?|record|diagnos\w*|prescri\w*|therap\w*|treatment|hospital|child|parent|mother|father|birthday|age|years?|` +
	`salud|médic\w*|doctora?|enfermer\w*|clínic\w*|paciente|cliente|socio|cita|resultados?|historial|receta|diagn\w*|hijo|hija|madre|padre|edad|cumpleaños|años?|` +
	`santé|médec\w*|docteur|infirm\w*|clinique|rendez|résultats?|dossier|ordonnance|enfant|mère|père|âge|anniversaire|ans)(?:\P{L}|$)`)

var addresses = regexp.MustCompile(`(?i)\b(https?|mailto|ftp|www)[:.]\S*`)

func TestEveryLetterSaysNothing(t *testing.T) {
	t.Parallel()
	subjects := map[string]bool{}
	for _, k := range post.Kinds() {
		for _, tag := range lang.All() {
			l := letter(k)
			l.Lang = tag
			m, err := post.Write(l)
			if err != nil {
				t.Errorf("%v %v: %v", k, tag, err)
				continue
			}
			for _, wrong := range tells(m) {
				t.Errorf("%v %v: %s\n%s\n%s", k, tag, wrong, m.Subject, m.Text)
			}
			if n := strings.Count(m.Text, "\n"+link+"\n"); n != 1 {
				t.Errorf("%v %v: the link stands alone on a line %d times", k, tag, n)
			}
			if n := utf8.RuneCountInString(m.Subject); n < 8 || n > 50 {
				t.Errorf("%v %v: a subject of %d characters: %s", k, tag, n, m.Subject)
			}
			subjects[m.Subject] = true
			l.Practice = practice
			named, err := post.Write(l)
			if err != nil || !strings.HasPrefix(named.Subject, practice) || !strings.HasSuffix(named.Subject, m.Subject) || !strings.Contains(named.Text, practice+".") {
				t.Errorf("%v %v: with the practice's name allowed: %v %q", k, tag, err, named)
			}
		}
	}
	if want := len(post.Kinds()) * len(lang.All()); len(subjects) != want {
		t.Errorf("%d subjects for %d letters: two letters look the same", len(subjects), want)
	}
}

// tells lists what a mail gives away.
func tells(m post.Mail) []string {
	var out []string
	all := m.Subject + "\n" + strings.ReplaceAll(m.Text, link, "")
	if w := telling.FindAllString(all, -1); w != nil {
		out = append(out, fmt.Sprintf("it says %q", w))
	}
	if w := addresses.FindAllString(all, -1); w != nil {
		out = append(out, fmt.Sprintf("it leads to %q", w))
	}
	if strings.ContainsAny(all, "<>&{}@") {
		out = append(out, "it holds markup, an address or an unfilled brace")
	}
	if strings.ContainsFunc(m.Subject, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }) {
		out = append(out, "its subject is more than one plain line")
	}
	return out
}

// TestTheTellTaleCanFail plants what the test above must see.
func TestTheTellTaleCanFail(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Hello Amara", "Your appointment", "Sus resultados", "Votre santé", "Praxis Lindenhof", "look at http://elsewhere.example/x", "<b>now</b>", "dear {name}", "two\nlines", "turn\u202eed", "write to a@b.example"} {
		if len(tells(post.Mail{Subject: s})) == 0 {
			t.Errorf("%q passes", s)
		}
	}
}

func TestALetterAboutALinkNeedsOne(t *testing.T) {
	t.Parallel()
	var refused []string
	for _, k := range post.Kinds() {
		l := letter(k)
		l.Link = ""
		m, err := post.Write(l)
		switch {
		case errs.Is(err, errs.Invalid):
			refused = append(refused, k.String())
		case err != nil:
			t.Errorf("%v: %v", k, err)
		case strings.Contains(strings.ReplaceAll(m.Text, "Hello,", ""), ":\n"):
			t.Errorf("%v: it announces a link that is not there:\n%s", k, m.Text)
		}
	}
	if d := cmp.Diff([]string{"signin", "invite", "joining", "recovery-begun", "helper-invite", "verify", "visit-booked", "visit-moved", "visit-cancelled", "visit-reminder", "visit-earlier", "visit-earlier-gone", "visit-late", "forms", "message", "message-late", "steps", "digest", "news", "work-waiting", "work-yours", "glass", "work-why", "work-review", "answered"}, refused); d != "" {
		t.Error(d)
	}
}

func TestWriteRefusesWhatIsNotOneAddressOrOneLink(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"", "a", "a@", "@b.example", "a@b.example,c@d.example", "a@b.example;c@d.example", "A <a@b.example>", "<a@b.example>", "a@b.example (me)",
		"a@b.example\r\nBcc: c@d.example", "a@b.example\n", "a\x00@b.example", "a\u0085@b.example", "a\u2028@b.example", "a\u202e@b.example", "a @b.example", `"a b"@c.example`, "a@[127.0.0.1]",
		"group: a@b.example;", strings.Repeat("a", 250) + "@b.example", "a@b.example\xff"} {
		l := letter(post.SignIn)
		l.To = to
		if _, err := post.Write(l); !errs.Is(err, errs.Invalid) || post.VerdictOf(err) != post.Permanent {
			t.Errorf("to %q: %v", to, err)
		} else if strings.Contains(err.Error(), "b.example") {
			t.Errorf("the error tells the address: %v", err)
		}
	}
	for _, to := range []string{"a@b.example", "a.b+c@d.example", "josé@correo.example", "o'neil@b.example", strings.Repeat("a", 60) + "@b.example"} {
		l := letter(post.SignIn)
		l.To = to
		if _, err := post.Write(l); err != nil {
			t.Errorf("to %q: %v", to, err)
		}
	}
	for _, link := range []string{"/in/x", "in/x", "//host/x", "javascript:alert(1)", "ftp://h/x", "https://", "https://a b/c", "https://h/x\r\nBcc: y", "https://h/x\n\nevil", "https://u:p@h/x", "https://h/<b>",
		"https://h/\u202ex", "https://h/" + strings.Repeat("x", 2000)} {
		l := letter(post.SignIn)
		l.Link = link
		if _, err := post.Write(l); !errs.Is(err, errs.Invalid) {
			t.Errorf("link %q: %v", link, err)
		}
	}
	for _, k := range []post.Kind{0, 200} {
		if _, err := post.Write(letter(k)); !errs.Is(err, errs.Invalid) {
			t.Errorf("kind %d: %v", k, err)
		}
	}
}

func TestThePracticesNameStaysOneLine(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Lindenhof\r\nBcc: evil@example.org": "Lindenhof Bcc: evil@example.org: Your link to sign in",
		"  Linden\x00\thof\u2028\u0085 ":     "Linden hof: Your link to sign in",
		"\u202eevil":                         "evil: Your link to sign in",
		"مطب دکتر می\u200cخواهم":             "مطب دکتر می\u200cخواهم: Your link to sign in",
		strings.Repeat("é", 81):              strings.Repeat("é", 80) + ": Your link to sign in",
		" \n ":                               "Your link to sign in",
		"{subject} {practice}":               "{subject} {practice}: Your link to sign in",
	} {
		l := letter(post.SignIn)
		l.Practice = name
		m, err := post.Write(l)
		if err != nil || m.Subject != want {
			t.Errorf("%q: subject %q, want %q (%v)", name, m.Subject, want, err)
		}
	}
}

func TestALetterSurvivesTheOutbox(t *testing.T) {
	t.Parallel()
	for _, k := range post.Kinds() {
		l := letter(k)
		l.Lang, l.Practice = lang.French, practice
		b, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var back post.Letter
		if err := json.Unmarshal(b, &back); err != nil || cmp.Diff(l, back) != "" {
			t.Errorf("%v: %v %s", k, err, cmp.Diff(l, back))
		}
	}
	b, err := json.Marshal(letter(post.RecoveryBegun))
	if err != nil || !strings.Contains(string(b), `"kind":"recovery-begun"`) {
		t.Errorf("%s %v", b, err)
	}
	for _, s := range []string{`{"kind":""}`, `{"kind":"gossip"}`, `{"kind":3}`} {
		if err := json.Unmarshal([]byte(s), new(post.Letter)); err == nil {
			t.Errorf("%s is a letter", s)
		}
	}
	if _, err := json.Marshal(post.Letter{}); err == nil {
		t.Error("a letter of no kind can be kept")
	}
}

func TestTheTrayKeepsTheLast200NewestFirst(t *testing.T) {
	t.Parallel()
	now := clock.At(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	tray := post.NewTray(now)
	done := make(chan error)
	for i := range 4 {
		go func() {
			var err error
			for range 60 {
				l := letter(post.Verify)
				l.ID = fmt.Sprint("early", i)
				err = tray.Send(t.Context(), l)
				tray.Letters()
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	now.Add(time.Hour)
	last := letter(post.SignIn)
	last.ID = "last"
	if err := tray.Send(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	got := tray.Letters()
	if len(got) != 200 || got[0].Letter.ID != "last" || got[0].Mail.Subject != "Your link to sign in" || !got[0].At.After(got[1].At) {
		t.Errorf("%d letters, the newest %+v", len(got), got[0])
	}
	if err := tray.Send(t.Context(), post.Letter{}); err == nil || len(tray.Letters()) != 200 {
		t.Error("a letter that cannot be written was kept")
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("a@b.example", link, practice, uint8(1), uint8(0))
	f.Add("a@b.example\r\nBcc: c@d.example", link+"\r\n", "x\r\nBcc: y", uint8(3), uint8(2))
	f.Add("\"a\"@b.example", "https://h/%0d%0a", "\u202e\u2028", uint8(13), uint8(9))
	f.Fuzz(func(t *testing.T, to, link, practice string, kind, tag uint8) {
		m, err := post.Write(post.Letter{ID: "f", Kind: post.Kind(kind), To: to, Lang: lang.Tag(tag), Link: link, Practice: practice})
		if err != nil {
			if post.VerdictOf(err) != post.Permanent {
				t.Errorf("a letter that cannot be written is not given up: %v", err)
			}
			return
		}
		if strings.ContainsFunc(m.Subject, func(r rune) bool {
			return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
		}) {
			t.Errorf("subject %q", m.Subject)
		}
		if strings.ContainsFunc(m.Text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) || !utf8.ValidString(m.Subject+m.Text) {
			t.Errorf("text %q", m.Text)
		}
	})
}
