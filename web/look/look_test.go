package look

import (
	"strings"
	"testing"

	"rapport/lang"
	"rapport/record"
)

const me = "abcdefghijklmnopqrstuvwxyz"

func TestEveryLookIsASentence(t *testing.T) {
	t.Parallel()
	purposes := []string{"", "none", "sprint"}
	for _, p := range record.Purposes() {
		purposes = append(purposes, p.String())
	}
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordClient)
		for _, act := range []string{"open", "write", "admit", "signin", "signout", "link", "find", "give", "dance"} {
			for _, purpose := range purposes {
				for _, who := range []record.Look{{Kind: "staff", ID: "n1", Name: "Priya Raman", Title: "Nurse"}, {Kind: "staff", ID: "n1"}, {Kind: "system", ID: "import", Name: "import"}, {Kind: "system", ID: "x-9", Name: "x-9"}, {Kind: "client", ID: me, Name: "Ada"}, {Kind: "client", ID: "other", Name: "Bob"}, {Kind: "nobody"}, {}} {
					for _, set := range []record.Parts{0, record.Results, record.Looks, record.Results | record.Looks, record.AllParts, record.AllParts | record.Looks} {
						for _, refused := range []bool{false, true} {
							l := who
							l.Act, l.Purpose, l.Parts, l.Refused, l.Written, l.Basis = act, purpose, set, refused, 2, "careteam"
							tellable(t, p, l)
						}
					}
				}
			}
		}
	}
}

func tellable(t *testing.T, p lang.Printer, l record.Look) {
	t.Helper()
	s := Say(p, l, me)
	if s.Who == "" || !strings.HasSuffix(s.What, ".") || strings.ContainsAny(s.What+s.Who+s.Role, "{}_|") {
		t.Errorf("%s %+v: %+v", p.Tag(), l, s)
	}
	for _, code := range []string{"careteam", "TREAT", "n1", "x-9", me, "dance", "sprint", " none", "importing"} {
		if strings.Contains(s.Who+" "+s.Role+" "+s.What, code) {
			t.Errorf("%s %+v shows %q: %+v", p.Tag(), l, code, s)
		}
	}
	if s.Flag != l.Refused {
		t.Errorf("%+v: flag %v", l, s.Flag)
	}
	if (s.Icon == "") == (s.Seed == "") && l.ID != "" {
		t.Errorf("%+v: neither a face nor a sign, or both: %+v", l, s)
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	nurse := record.Look{Kind: "staff", ID: "n1", Name: "Priya Raman", Title: "Nurse", Act: "open", Purpose: "care", Parts: record.Results | record.Medicines | record.Visits}
	turned := nurse
	turned.Refused, turned.Title = true, "GP"
	imported := record.Look{Kind: "system", ID: "import", Act: "admit", Purpose: "importing", Parts: record.Person, Written: 1}
	own := record.Look{Kind: "client", ID: me, Act: "open", Purpose: "own", Parts: record.Looks | record.Messages}
	for _, x := range []struct {
		l    record.Look
		want [3]string
	}{
		{nurse, [3]string{
			"Priya Raman, nurse: Opened your medicines, results and visits, for your care.",
			"Priya Raman, nurse: Abrió sus medicinas, resultados y citas, para su atención.",
			"Priya Raman, nurse: A ouvert vos médicaments, résultats et rendez-vous, pour vos soins."}},
		{turned, [3]string{
			"Priya Raman, GP: Tried to open your medicines, results and visits, for your care, and was turned away. Nothing was shown.",
			"Priya Raman, GP: Intentó abrir sus medicinas, resultados y citas, para su atención y no se le permitió. No se mostró nada.",
			"Priya Raman, GP: A essayé d’ouvrir vos médicaments, résultats et rendez-vous, pour vos soins, sans succès. Rien n’a été montré."}},
		{imported, [3]string{
			"Record import, software: Began your record here with 1 entry in your contact details, to bring in your record from another system.",
			"Importación de historiales, programa: Creó aquí su historial con 1 anotación en sus datos personales, para traer su historial de otro sistema.",
			"Import de dossiers, logiciel: A créé votre dossier ici avec 1 élément dans vos coordonnées, pour reprendre votre dossier d’un autre système."}},
		{own, [3]string{
			"You: Opened your messages and this list.",
			"Usted: Abrió sus mensajes y esta lista.",
			"Vous: Vous avez ouvert vos messages et cette liste."}},
	} {
		for i, tag := range lang.All() {
			s := Say(lang.New(tag, lang.WordClient), x.l, me)
			if got := s.Who + s.After() + ": " + s.What; got != x.want[i] {
				t.Errorf("%s:\n got %s\nwant %s", tag, got, x.want[i])
			}
		}
	}
}

func TestWholeRecord(t *testing.T) {
	t.Parallel()
	if got := named(lang.Printer{}, record.AllParts); got != "your whole record" {
		t.Error(got)
	}
	if got := named(lang.Printer{}, 0); got != "your record" {
		t.Error(got)
	}
	for _, x := range record.AllParts.Each() {
		if nouns[x] == nil {
			t.Errorf("%s has no word", x)
		}
	}
}

// TestWhatStaffVouchForHasWords: none of it is told as if nobody gave a reason, or
// as something the page has no words for.
func TestWhatStaffVouchForHasWords(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordClient)
		seen := map[string]bool{}
		for _, act := range []string{"invite", "uninvite", "vouch", "accept", "helpask", "helpend"} {
			got := Say(p, record.Look{Kind: "staff", ID: "nurse", Name: "Priya Raman", Act: act, Purpose: "vouching"}, "ada").What
			if got == "" || seen[got] || got == p.LooksDoOther(p.LooksRecord(), p.LooksWhyVouching()) {
				t.Errorf("%s in %s: %q", act, tag, got)
			}
			seen[got] = true
		}
		open := Say(p, record.Look{Kind: "staff", ID: "nurse", Act: "open", Purpose: "vouching", Parts: record.Person}, "ada").What
		if strings.Contains(open, p.LooksWhyNone()) || !strings.Contains(open, p.LooksWhyVouching()) {
			t.Errorf("in %s: %q", tag, open)
		}
	}
}

// TestEveryActAtTheDoorsHasItsWords goes through what can stand in a client's chain
// by now, by whoever can have done it.
func TestEveryActAtTheDoorsHasItsWords(t *testing.T) {
	t.Parallel()
	const me = "abcdefghijklmnopqrstuvwxyz"
	var ls []record.Look
	for _, act := range []string{"signin", "signout", "keyadd", "keydrop", "spares", "join", "recover", "recovered", "stopped", "helpask", "helpend"} {
		ls = append(ls, record.Look{Kind: "client", ID: me, Act: act, Purpose: "entering", Whom: "Ana Ruiz"})
	}
	ls = append(ls, record.Look{Kind: "client", ID: me, Act: "recover", Purpose: "entering", Refused: true})
	for _, act := range []string{"invite", "uninvite", "vouch", "accept", "helpask", "helpend", "merge", "unmerge", "open", "write"} {
		ls = append(ls, record.Look{Kind: "staff", ID: "desk", Name: "Joe Park", Act: act, Purpose: "vouching"})
	}
	for _, basis := range []string{"helper", "guardian"} {
		for _, act := range []string{"open", "write", "helptake", "helpend"} {
			ls = append(ls, record.Look{Kind: "guest", ID: "other", Name: "Ana Ruiz", Act: act, Purpose: "helping", Basis: basis, Parts: record.Visits})
		}
	}
	ls = append(ls, record.Look{Kind: "system", ID: "birthdays", Act: "tier", Purpose: "telling", Basis: "software"})
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordClient)
		for _, l := range ls {
			s := Say(p, l, me)
			for _, none := range []string{p.LooksDoOther(named(p, l.Parts), reason(p, l.Purpose)), p.LooksOwnOther(named(p, l.Parts))} {
				if s.What == none {
					t.Errorf("%s: %s by %s has no words", tag, l.Act, l.Kind)
				}
			}
			if l.Purpose == "helping" && (s.Role == "" || strings.Contains(s.What, p.LooksWhyNone())) {
				t.Errorf("%s: %s by who helps reads %+v", tag, l.Act, s)
			}
		}
	}
}

// TestWhatWasSaidEndsOnce: a reason that ends with a full stop is said with one.
func TestWhatWasSaidEndsOnce(t *testing.T) {
	t.Parallel()
	p := lang.New(lang.English, lang.WordClient)
	for _, act := range []string{"glass", "explain"} {
		s := Say(p, record.Look{Kind: "staff", ID: "n1", Name: "Priya Raman", Act: act, Purpose: "breaking", Said: "Fainted here."}, me)
		if !strings.HasSuffix(s.What, "“Fainted here”.") {
			t.Errorf("%s: %s", act, s.What)
		}
	}
}
