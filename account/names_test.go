package account_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rapport/account"
	"rapport/errs"
)

func TestAddressesAreOneAndPlain(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"ada@mail.example": "ada@mail.example", " ada@mail.example\n": "ada@mail.example", "Ada.L+x@Mail.Example": "Ada.L+x@Mail.Example",
		"o'neil@mail.example": "o'neil@mail.example", "josé@mail.example": "josé@mail.example", "jose\u0301@mail.example": "josé@mail.example",
		"用户@例子.广告": "用户@例子.广告", "ada@xn--fsq.xn--0zwm56d": "ada@xn--fsq.xn--0zwm56d", "a@b.c": "a@b.c", "_@mail.example": "_@mail.example",
	} {
		if got, err := account.ParseMail(typed); err != nil || got != want {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{
		"", " ", "ada", "ada@", "@mail.example", "ada@mail", "ada@@mail.example", "ada@mail.example@mail.example", "ada@mail..example", ".ada@mail.example", "ada.@mail.example",
		"Ada <ada@mail.example>", "<ada@mail.example>", "ada@mail.example, eve@evil.example", "ada@mail.example;eve@evil.example", "ada@mail.example eve@evil.example",
		"ada@mail.example (x)", "(x)ada@mail.example", "\"ada\"@mail.example", "\"a b\"@mail.example", "\"a@b\"@mail.example", "ada@[192.0.2.1]", "ada@[IPv6:::1]", "ada@mail.example:25",
		"ada@mail.example\r\nBcc: eve@evil.example", "ada\r\n@mail.example", "ada@mail.example\x00", "ada\x00@mail.example", "a\tb@mail.example", "ada@mail.\x7fexample",
		"a\u202eda@mail.example", "a\u200bda@mail.example", "a\u00adda@mail.example", "a\u00a0da@mail.example", "a\u2066da@mail.example", "a\u061cda@mail.example", "a\ufeffda@mail.example",
		"a\u0085da@mail.example", "a\u2028da@mail.example", "a\u3000da@mail.example", "a\U000e0041da@mail.example", "a\ufe0fda@mail.example", "a\u3164da@mail.example",
		"ada\uff20mail.example@evil.example", "ada@mail.example\uff20evil.example", "ada@evil\uff0cmail.example\u2028", "ada\xff@mail.example", "Undisclosed:;", "Group: ada@mail.example;",
		strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 100) + "example", "ada@mail.example" + strings.Repeat(".x", 150),
	} {
		if got, err := account.ParseMail(typed); err == nil || !errs.Is(err, errs.Invalid) || errs.SayOf(err) != "door.mail_wrong" || got != "" {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
	if !account.SameMailbox("A.D.A+x@mail.example", "ada@Mail.Example") || account.SameMailbox("ada@mail.example", "ada@mai.lexample") || account.SameMailbox("+a@x.example", "+b@x.example") {
		t.Error("mailboxes are told apart wrongly")
	}
}

func TestNamesAreShownAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Ada Lovelace": "Ada Lovelace", "  Ada \t Lovelace\r\n": "Ada Lovelace", "O’Neil-Smith, Jr.": "O’Neil-Smith, Jr.", "山田 太郎": "山田 太郎", "李\u3000明": "李 明",
		"محمد علی": "محمد علی", "می\u200cخواهم": "می\u200cخواهم", "क्\u200dष": "क्\u200dष", "Jose\u0301": "José", "e\u200b\u0301": "é", "Zoë": "Zoë", "👩\u200d⚕": "👩\u200d⚕",
		"Ada\u202eevil": "Adaevil", "\u2066Ada\u2069": "Ada", "\u061cAda\u200f": "Ada", "Ada\x00\x1b[31m": "Ada[31m", "Ada\u2028Eve": "Ada Eve", "Ada\u0085Eve": "Ada Eve", "a\xffb": "ab",
		"": "", " ": "", "\u200b\u200d\u200c": "", "\u3164": "", "\u2800 \u115f": "", "\u0301": "", "\U000e0041\U000e0042": "", "\u00ad": "", "\ue000": "",
	} {
		if got := account.CleanName(typed); got != want {
			t.Errorf("%q is shown as %q, want %q", typed, got, want)
		}
	}
	if got := account.CleanName(strings.Repeat("é ", 100)); utf8.RuneCountInString(got) > 120 || strings.HasSuffix(got, " ") || got == "" {
		t.Errorf("a long name is %q", got)
	}
}

func FuzzParseMail(f *testing.F) {
	for _, s := range []string{"ada@mail.example", "\"a b\"@x.y", "a\r\nb@x.y", "josé@例子.广告", "a＠b@x.y", "A@K.X", "ⅷ@x.y", "ﷺ@x.y", "a@x。y.z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := account.ParseMail(s)
		if err != nil {
			if a != "" {
				t.Errorf("%q is refused and is %q", s, a)
			}
			return
		}
		if strings.ContainsAny(a, "\r\n\x00 <>,;\"") || strings.Count(a, "@") != 1 || len(a) > 254 || !utf8.ValidString(a) || !norm.NFC.IsNormalString(a) {
			t.Errorf("%q became %q", s, a)
		}
		if b, err := account.ParseMail(a); err != nil || b != a {
			t.Errorf("%q became %q, which becomes %q, %v", s, a, b, err)
		}
		box := account.Mailbox(a)
		if strings.Count(box, "@") != 1 || strings.HasPrefix(box, "@") || strings.HasSuffix(box, "@") {
			t.Errorf("%q has the mailbox %q", a, box)
		}
		if up := strings.ToUpper(a); strings.EqualFold(up, a) && !account.SameMailbox(a, strings.ToLower(a)) {
			t.Errorf("%q and its lower case are two mailboxes", a)
		}
	})
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"Ada Lovelace", "می\u200cخواهم", "e\u200b\u0301", "\u202eabc", strings.Repeat("a ", 100), "\xff\xfe", "a\u0301\u0301\u0301", "\u1100\u1161\u11a8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := account.CleanName(s)
		if !utf8.ValidString(n) || utf8.RuneCountInString(n) > 120 || strings.TrimSpace(n) != n || strings.Contains(n, "  ") || !norm.NFC.IsNormalString(n) {
			t.Errorf("%q became %q", s, n)
		}
		if i := strings.IndexFunc(n, func(r rune) bool {
			return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
		}); i >= 0 {
			t.Errorf("%q became %q", s, n)
		}
		if again := account.CleanName(n); again != n {
			t.Errorf("%q became %q, which becomes %q", s, n, again)
		}
	})
}
