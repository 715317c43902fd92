package practice

import (
	"slices"
	"strings"
	"testing"

	"rapport/lang"
	"rapport/record"
)

func whole() draft {
	return draft{First: "en", Settings: record.Settings{Name: "Rowan Street Practice", Mark: "rowan", Brand: "#0b5a60", Accent: "#ffb930", Typeface: "figtree", Word: "client",
		Languages: []string{"en", "es"}, Zone: "Europe/London", Phone: "020 7946 0100", Emergency: "112"}}
}

func TestWhatIsWrongWithADraft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*draft)
		want   []problem
	}{
		{"nothing", func(*draft) {}, nil},
		{"any script", func(d *draft) { d.Name = "مركز الصحة ۱" }, nil},
		{"a joiner inside a word", func(d *draft) { d.Name = "می\u200cخواهم" }, nil},
		{"80 letters", func(d *draft) { d.Name = strings.Repeat("é", 80) }, nil},
		{"81 letters", func(d *draft) { d.Name = strings.Repeat("é", 81) }, []problem{nameLong}},
		{"no name", func(d *draft) { d.Name = " \u00a0" }, []problem{nameMissing}},
		{"a line break", func(d *draft) { d.Name = "A\nB" }, []problem{nameOdd}},
		{"a turned direction", func(d *draft) { d.Name = "A\u202eB" }, []problem{nameOdd}},
		{"no phone", func(d *draft) { d.Phone = "" }, nil},
		{"a phone from abroad", func(d *draft) { d.Phone = "+44 (0)20 7946-0100" }, nil},
		{"words for a phone", func(d *draft) { d.Phone = "ask Maya" }, []problem{phoneBad}},
		{"a crisis line nobody can dial", func(d *draft) { d.Crisis = "call us" }, []problem{crisisBad}},
		{"no emergency number", func(d *draft) { d.Emergency = "" }, []problem{emergencyBad}},
		{"an unknown mark", func(d *draft) { d.Mark = "skull" }, []problem{markUnknown}},
		{"no colour", func(d *draft) { d.Brand, d.Accent = "red", "#fff" }, []problem{brandBad, accentBad}},
		{"an unknown typeface", func(d *draft) { d.Typeface = "comic" }, []problem{typefaceUnknown}},
		{"an unknown word", func(d *draft) { d.Word = "customer" }, []problem{wordUnknown}},
		{"no language", func(d *draft) { d.Languages = nil }, []problem{languageNone}},
		{"its own language is not offered", func(d *draft) { d.First = "fr" }, []problem{languageFirst}},
		{"no zone", func(d *draft) { d.Zone = "" }, []problem{zoneUnknown}},
		{"wherever the machine is", func(d *draft) { d.Zone = "Local" }, []problem{zoneUnknown}},
		{"a zone on the moon", func(d *draft) { d.Zone = "Moon/Tranquility" }, []problem{zoneUnknown}},
		{"a way out of the zones", func(d *draft) { d.Zone = "../../etc/passwd" }, []problem{zoneUnknown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := whole()
			c.change(&d)
			if got := d.problems(); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestEveryProblemHasAFieldAndWords(t *testing.T) {
	t.Parallel()
	for p := nameMissing; p <= crisisBad; p++ {
		for _, l := range lang.All() {
			if p.field() == "" || p.say(lang.New(l, lang.WordClient)) == "" {
				t.Errorf("problem %d in %v", p, l)
			}
		}
	}
}

func TestTheOwnLanguageComesFirst(t *testing.T) {
	t.Parallel()
	d := whole()
	d.Languages, d.First = []string{"en", "es", "fr"}, "es"
	if got := d.settings().Languages; !slices.Equal(got, []string{"es", "en", "fr"}) {
		t.Error(got)
	}
}

func TestAColourIsWhatWasChangedLast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, was, picker, digits, want string }{
		{"nothing changed", "#0b5a60", "#0b5a60", "#0b5a60", "#0b5a60"},
		{"the picker changed", "#0b5a60", "#112233", "#0b5a60", "#112233"},
		{"the digits changed", "#0b5a60", "#0B5A60", "112233", "#112233"},
		{"both changed: the picker is the value", "#0b5a60", "#112233", "#445566", "#112233"},
		{"the digits are none", "#0b5a60", "#0b5a60", "teal", "teal"},
		{"no digits", "#0b5a60", "#0b5a60", "", "#0b5a60"},
	} {
		if got := colour(c.was, c.picker, c.digits); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatColoursBecomeIsSaidPlainly(t *testing.T) {
	t.Parallel()
	p := lang.New(lang.English, lang.WordClient)
	v := newColours(p, "#0b5a60", "#ffb930")
	if len(v.Facts) != 4 || v.Moved || v.Facts[0].say(p) != "Buttons: 7.9 to 1, very clear" {
		t.Errorf("%+v, %q", v, v.Facts[0].say(p))
	}
	if got := (fact{"Links", 6.99}).say(p); got != "Links: 6.9 to 1, good" {
		t.Errorf("%q: never more than it is", got)
	}
	if v := newColours(p, "red", "#ffb930"); len(v.Facts) != 0 {
		t.Error("no colour, no facts")
	}
}
