package media

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"rapport/errs"
	"rapport/lang"

	"pgregory.net/rapid"
)

func TestWordsAreCleaned(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"hello":                            "hello",
		" \n\n a  b \t\r\nc\rd\n ":         "a  b\nc\nd",
		"a\n\n\n\n\n\nb\n \n\t\nc":         "a\n\n\nb\n\n\nc",
		"a\x00b\x1b[31mc\x7fd\te":          "ab[31mcd\te",
		"a\u2028b\u0085c\vd":               "a\nb\nc\nd",
		"abc\u202egnp.exe":                 "abcgnp.exe",
		"\u202aa\u202bb\u202cc\u202dd":     "abcd",
		"\u2066a\u2067b\u2068c\u2069d":     "abcd",
		"\u200fa\u200eb\u061cc":            "abc",
		"p\u200ba\u2060s\ufeffs\u00ad":     "pass",
		"hi\U000e0068\U000e0069\U000e0101": "hi",
		"a\u200db\u200cc":                  "abc",
		"می\u200cخواهم":                    "می\u200cخواهم",
		"می\u200c\u200c\u200dخواهم":        "می\u200dخواهم",
		"م\u200c me":                       "م me",
		"क्\u200dष":                        "क्\u200dष",
		"ක්\u200dර":                        "ක්\u200dර",
		"👩🏽\u200d🚀 ❤\ufe0f\u200d🔥":         "👩🏽\u200d🚀 ❤\ufe0f\u200d🔥",
		"👩\u200dx":                         "👩x",
		"bad\xff\xfeutf":                   "bad\ufffdutf",
		"שלום, world":                      "שלום, world",
		"e" + strings.Repeat("\u0301", 50): "e" + strings.Repeat("\u0301", 8),
		"a\ufffeb\ufdd0c\U0001ffff":        "abc",
		"Hangul\u3164 filler\uffa0":        "Hangul filler",
	} {
		got, err := Words(in, 100)
		if err != nil || got != want {
			t.Errorf("%q: %q, want %q (%v)", in, got, want, err)
		}
	}
	for in, say := range map[string]string{
		"": "media.blank", " \n\t ": "media.blank", "\u200b\u200d\ufeff": "media.blank", "\u2800\u2800": "media.blank", "\u3164": "media.blank",
		"\ufe0f\u0301": "media.blank", "\u202e": "media.blank", "\u00a0\u3000": "media.blank", strings.Repeat("é", 101): "media.words",
	} {
		if _, err := Words(in, 100); !errs.Is(err, errs.Invalid) || errs.SayOf(err) != say {
			t.Errorf("%q: %v says %q, want %q", in, err, errs.SayOf(err), say)
		}
	}
	if got, err := Words(strings.Repeat("é", 100), 100); err != nil || utf8.RuneCountInString(got) != 100 {
		t.Errorf("%q: %v", got, err)
	}
}

// lawsOfWords holds what is promised of any words.
func lawsOfWords(t interface{ Fatalf(string, ...any) }, in string) {
	out, err := Words(in, 1<<30)
	if err != nil {
		if errs.SayOf(err) != "media.blank" {
			t.Fatalf("%q: %v", in, err)
		}
		return
	}
	if !utf8.ValidString(out) || len(out) > 3*len(in) || strings.TrimSpace(out) != out || strings.Contains(out, "\n\n\n\n") ||
		strings.ContainsAny(out, "\r\x00\x1b\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u2028\U000e0041") {
		t.Fatalf("%q became %q", in, out)
	}
	if again, err := Words(out, 1<<30); err != nil || again != out {
		t.Fatalf("%q became %q, and that %q: %v", in, out, again, err)
	}
	lawsOfCaptions(t, in, 60)
}

// lawsOfCaptions holds that captions say what was typed, and nothing else.
func lawsOfCaptions(t interface{ Fatalf(string, ...any) }, in string, seconds int) {
	vtt := Captions(in, seconds)
	if !bytes.HasPrefix(vtt, []byte("WEBVTT\n")) || !utf8.Valid(vtt) {
		t.Fatalf("%q: %q", in, vtt)
	}
	back := ParseCaptions(vtt)
	n := strings.Count(string(vtt), "-->")
	if bare := strings.Join(strings.Fields(strings.Join(sentences(cleaned(in)), " ")), " "); strings.Join(strings.Fields(back), " ") != bare {
		t.Fatalf("%q says %q, want %q", vtt, back, bare)
	}
	if n != len(sentences(cleaned(in))) || n > 0 && strings.Count(back, "\n") != n-1 {
		t.Fatalf("%q: %d cues", vtt, n)
	}
	if again := Captions(back, seconds); !bytes.Equal(again, vtt) {
		t.Fatalf("%q became %q", vtt, again)
	}
}

func TestWordsAndCaptionsKeepTheirLaws(t *testing.T) {
	t.Parallel()
	odd := rapid.SampledFrom([]rune("ab .!?。」\n\r\t\u200c\u200d\u200b\u202e\u0301\ufe0fم\u094dक👩🔥🏽<>&-;\u2028\u00a0\ufeff\u2800\x00"))
	rapid.Check(t, func(t *rapid.T) {
		lawsOfWords(t, string(rapid.SliceOfN(odd, 0, 40).Draw(t, "words")))
		lawsOfWords(t, rapid.String().Draw(t, "any"))
	})
}

func TestCaptionsAreMadeAndRead(t *testing.T) {
	t.Parallel()
	got := string(Captions("Hello there. Is 3.5 < 4 & 5 --> 6?\nBye!", 6))
	want := "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nHello there.\n\n00:00:02.000 --> 00:00:04.000\nIs 3.5 &lt; 4 &amp; 5 --&gt; 6?\n\n00:00:04.000 --> 00:00:06.000\nBye!\n"
	if got != want {
		t.Errorf("%s", got)
	}
	for in, want := range map[string]int{"": 0, "\u200b": 0, "一。二！三": 3, "「一。」二": 2, "He said “no.” Yes.": 2, "Dr.Smith": 1, "a\n\n\nb": 2, "Wait... what?": 2} {
		if n := strings.Count(string(Captions(in, 10)), "-->"); n != want {
			t.Errorf("%q makes %d cues, want %d", in, n, want)
		}
	}
	if c := string(Captions("a. b.", 0)); !strings.Contains(c, "00:00:03.000 --> 00:00:06.000") {
		t.Errorf("a film of no known length: %s", c)
	}
	if c := string(Captions(strings.Repeat("a. ", 3000), 1)); !strings.Contains(c, "00:00:02.999 --> 00:00:03.000") {
		t.Error("many cues in a second stand on each other")
	}
	other := "\ufeffWEBVTT - a title\r\nKind: captions\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\nNOTE a note\r\nof two lines\r\n\r\n1\r\n00:01.000 --> 00:02.000 align:start\r\n<v Anna>Hello <b>you</b> &amp; me\r\n- again\r\n\r\n00:02.000 --> 00:03.000\r\nI &lt;3 you\u202e"
	if got := ParseCaptions([]byte(other)); got != "Hello you & me - again\nI <3 you" {
		t.Errorf("%q", got)
	}
}

// TestEveryRefusalCanBeSaid holds that each key has words in every language.
func TestEveryRefusalCanBeSaid(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"media.empty", "media.large", "media.kind", "media.heic", "media.broken", "media.pixels", "media.words", "media.blank"} {
		for _, tag := range lang.All() {
			if s, ok := lang.New(tag, lang.WordClient).Say(key); !ok || s == "" {
				t.Errorf("%s is not said in %v", key, tag)
			}
		}
	}
}
