package practice_test

import (
	"net/url"
	"testing"
	"time"

	"rapport/account"
	"rapport/care/practice"
	"rapport/record"
	"rapport/web/webtest"
)

func filled() url.Values {
	return url.Values{"name": {"Calle Mayor"}, "mark": {"leaf"}, "brand": {"#7b1e4b"}, "brand-was": {"#0b5a60"}, "brand-hex": {"#7b1e4b"}, "accent": {"#ffb930"}, "accent-was": {"#ffb930"}, "accent-hex": {"#ffb930"},
		"typeface": {"atkinson"}, "word": {"patient"}, "languages": {"es", "en", "xx"}, "first": {"es"}, "zone": {"Europe/Madrid"}, "phone": {"910 000 000"}, "emergency": {"112"}, "do": {"save"}}
}

func TestThePracticeIsSetUp(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, practice.Routes()...)
	m := h.As("manager")
	m.Get("/practice").Is(200).Has("a[href='/practice/messages']", "Messages and promises").Has("a[href='/practice/replies']", "What is said often").Has("h1", "Practice").Has("#name").Has("aside", "Priya Raman", "opens charts to give care", "opens nobody’s chart").Has(".on-dark .ticket").Has("#colours", "Buttons:").HasNot(".settings-hello", "#flash")
	m.Post("/practice", filled()).Is(303)
	s := h.Vault.Settings()
	if s.Name != "Calle Mayor" || s.Mark != "leaf" || s.Brand != "#7b1e4b" || s.Typeface != "atkinson" || s.Word != "patient" || len(s.Languages) != 2 || s.Languages[0] != "es" || s.Zone != "Europe/Madrid" {
		t.Errorf("kept %+v", s)
	}
	m.Language = "en"
	m.Get("/practice?saved=1").Is(200).Has("#flash", "Saved").Has("input[name=mark][value=leaf][checked]").Has("html[data-letters=atkinson]").Has("#zone-hint", "10:30").SaysNot("Nwosu", "Quaresma")
}

func TestAPreviewSavesNothing(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, practice.Routes()...)
	f := filled()
	f.Set("do", "preview")
	f.Set("brand", "#0b5a60") // as without script: only the digits were changed
	p := h.As("manager").Post("/practice", f).Is(200).Has(".callout", "This is a preview").Has("#name[value='Calle Mayor']").Has("#brand[value='#7b1e4b']")
	if got := p.Attr("link#theme", "href"); got != "/theme.css?a=ffb930&b=7b1e4b&v=2" {
		t.Errorf("the page is drawn with %s", got)
	}
	if h.Vault.Settings().Name == "Calle Mayor" {
		t.Error("it was saved")
	}
}

func TestWhatIsWrongIsSaidAtTheTopAndBesideIt(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, practice.Routes()...)
	for language, head := range map[string]string{"en": "3 things to put right", "es": "3 cosas por corregir", "fr": "3 points à corriger"} {
		m := h.As("manager")
		m.Language = language
		f := filled()
		f.Set("name", "")
		f.Set("zone", "Moon")
		f.Del("languages")
		p := m.Post("/practice", f).Is(422).Has(".errors h2", head).Has(".errors a[href='#name']").Has(".errors a[href='#languages-group']").Has("#name[aria-invalid]").Has("#languages-group .problem").Has("#zone-problem")
		p.SaysNot("style=", "https://", "http://", "%!")
	}
	if h.Vault.Settings().Zone == "Moon" {
		t.Error("it was saved")
	}
}

func TestTheFirstTimeIsAWelcome(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, practice.Routes()...)
	p, err := h.Vault.OpenPractice(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	s := h.Vault.Settings()
	s.Name = ""
	if err := p.SetSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	h.As("manager").Get("/practice").Is(200).Has("h2", "Let us set up your practice")
}

func TestOnlyTheManagerRunsThePractice(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, practice.Routes()...)
	for _, who := range []string{"nurse", "physician", "frontdesk", "ada"} {
		h.As(who).Get("/practice").Is(404)
		h.As(who).Post("/practice", filled()).Is(404)
	}
	h.As("nobody").Get("/practice").Is(401)
	h.As("nobody").Get("/practice/colours?b=0b5a60&a=ffb930").Is(200).Has("#colours", "Buttons: 7.9 to 1, very clear")
	h.As("nobody").Get("/practice/colours?b=x").Is(200).HasNot("li")
}

// TestHowLongRecordsAreKept: the clocks are kept as they were typed, and nothing else.
func TestHowLongRecordsAreKept(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, practice.Routes()...)
	m := h.As("manager")
	m.Get("/practice/keeping").Is(200).Has("#record[value='10']").Has("#minor[value='25']").Has("#mental[value='']")
	for _, bad := range []url.Values{{"record": {"0"}, "minor": {"25"}}, {"record": {"ten"}, "minor": {"25"}}, {"record": {"10"}}, {"record": {"10"}, "minor": {"25"}, "mental": {"101"}}} {
		m.Post("/practice/keeping", bad).Is(422).Says("1 to 100")
	}
	name := h.Vault.Settings().Name
	m.Post("/practice/keeping", url.Values{"record": {"20"}, "minor": {"28"}, "mental": {"5"}, "nonsense": {"3"}}).Is(303)
	if s := h.Vault.Settings(); s.Keep.Record != 20 || s.Keep.Minor != 28 || s.Keep.In["mental"] != 5 || len(s.Keep.In) != 1 || s.Name != name {
		t.Errorf("kept %+v", s.Keep)
	}
	m.Get("/practice/keeping?saved=1").Is(200).Has("#record[value='20']").Has("#mental[value='5']").Has("#flash", "Saved")
}

// TestTheManagerSeesHowTheBackupsStand shows the red tile without a backup, with one that is
// kept nowhere, and with one that is old; and that all is well when it is.
func TestTheManagerSeesHowTheBackupsStand(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, practice.Routes()...)
	software, offline := account.AsSystem(account.Promising), []string(nil)
	_, public, err := record.BackupKey()
	if err != nil {
		t.Fatal(err)
	}
	offline = append(offline, public)
	page := func() *webtest.Page { return h.As("manager").Get("/practice").Is(200) }
	page().Has(".callout-danger", "There is no fresh backup", "No backup has been made yet").HasNot("#copies-h")
	if _, err := h.Vault.DrillDue(t.Context(), software, record.Spare{}, record.Spare{}); err != nil {
		t.Fatal(err)
	}
	page().Has(".callout-danger", "it is kept nowhere")
	h.Now.Add(25 * time.Hour)
	if _, err := h.Vault.DrillDue(t.Context(), software, record.Spare{Dir: t.TempDir(), For: offline}, record.Spare{}); err != nil {
		t.Fatal(err)
	}
	page().HasNot(".callout-danger").Has("aside", "made and tried out: Wednesday 25 November", "were read whole")
	h.Now.Add(record.DrillLate + time.Minute)
	for language, text := range map[string]string{"en": "more than 36 hours old", "es": "tiene más de 36 horas", "fr": "a plus de 36 heures"} {
		m := h.As("manager")
		m.Language = language
		m.Get("/practice").Is(200).Has(".callout-danger", text).HasNot("#copies-h")
	}
}
