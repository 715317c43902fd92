package topics

import (
	"net/url"
	"strings"
	"testing"

	"rapport/lang"
	"rapport/record"
	"rapport/web/webtest"
)

func TestAManagerSaysWhoAnswersAndByWhen(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	m := h.As("manager")
	m.Get("/practice/messages").Is(200).Has(".topics", "How I am", "within 4 working hours", "Front desk reads it").Says("Nothing was promised yet")
	form := m.Get("/practice/messages/care").Is(200).Form("form.form")
	form.Set("hours", "2.5")
	form.Set("name-en", "My health")
	m.Post("/practice/messages/care", form).Is(303)
	m.Get("/practice/messages").Has(".topics", "My health", "2.5 working")
	for field, v := range map[string]string{"hours": "soon", "name-en": ""} {
		bad := url.Values{}
		for k, x := range form {
			bad[k] = x
		}
		if field == "name-en" {
			for _, l := range lang.All() {
				bad.Set("name-"+l.String(), "")
			}
		}
		bad.Set(field, v)
		m.Post("/practice/messages/care", bad).Is(422).Has(".problem")
	}
	for _, hours := range []string{"0", "-1", "81", "NaN", "1e9"} {
		form.Set("hours", hours)
		m.Post("/practice/messages/care", form).Is(422)
	}
	form.Set("hours", "0,5")
	form.Del("role")
	m.Post("/practice/messages/care", form).Is(422).Says("Nobody answers")
	form.Set("who", "physician")
	m.Post("/practice/messages/care", form).Is(303)
	m.Get("/practice/messages").Has(".topics", "0.5 working hours, 1 person answers")
	fresh := m.Get("/practice/messages/new").Form("form.form")
	fresh.Set("name-en", "Garden")
	fresh.Set("role", "coordinator") // nobody is one here
	m.Post("/practice/messages/new", fresh).Is(303)
	m.Get("/practice/messages").Has(".topics", "Garden", "Nobody answers")
	m.Get("/practice/messages/none").Is(404)
	for _, who := range []string{"nurse", "frontdesk", "ada"} {
		h.As(who).Get("/practice/messages").Is(404)
		h.As(who).Post("/practice/messages/care", form).Is(404)
		h.As(who).Post("/practice/replies/close", url.Values{"do": {"remove"}}).Is(404)
	}
}

func TestPromisesAreCountedByWeek(t *testing.T) {
	t.Parallel()
	p := lang.New(lang.English, lang.WordClient)
	got := weeks(p, []record.Tally{{Week: "2026-W48", Topic: "care", Kept: 9, Broken: 1}, {Week: "2026-W48", Topic: "gone", Kept: 3}, {Week: "2026-W01", Topic: "care", Broken: 2}}, map[string]string{"care": "How I am"})
	if len(got) != 2 || got[0].Name != "Week of 23 Nov" || got[0].Value != "92" || got[0].Share != "92%, 12 of 13" || strings.Join(got[0].Topics, "; ") != "How I am: 9 of 10; gone: 3 of 3" {
		t.Errorf("%+v", got)
	}
	if got[1].Name != "Week of 29 Dec" || got[1].Value != "0" {
		t.Errorf("%+v", got[1])
	}
	if got := weeks(p, nil, nil); got != nil {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsSaidOftenIsWrittenAndRemoved(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	m := h.As("manager")
	m.Get("/practice/replies").Is(200).Says("Result as expected", "Sore calf")
	m.Get("/practice/replies/calf").Is(200).Has("#steps", "Warm, red or swollen")
	form := m.Get("/practice/replies/new").Form("form.form")
	form.Set("title", "Come in")
	form.Set("body-en", "Dear {name}, come in.")
	form.Set("steps", "Look\n\n  Ask \n")
	m.Post("/practice/replies/new", form).Is(303)
	m.Get("/practice/replies").Says("Come in")
	if len(h.Practice().Replies()) != len(record.DefaultReplies())+1 {
		t.Error("one more is not kept")
	}
	r := h.Practice().Replies()[len(record.DefaultReplies())]
	if strings.Join(r.Steps, "|") != "Look|Ask" {
		t.Errorf("%q", r.Steps)
	}
	form.Set("body-en", "Dear {nmae}")
	m.Post("/practice/replies/new", form).Is(422).Says("in braces")
	m.Post("/practice/replies/"+r.ID, url.Values{"do": {"remove"}}).Is(303)
	m.Get("/practice/replies").SaysNot("Come in")
	m.Get("/practice/replies/" + r.ID).Is(404)
	m.Post("/practice/replies/"+r.ID, url.Values{"do": {"remove"}}).Is(404)
}

func TestInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	m := h.As("manager")
	for _, l := range lang.All() {
		m.Language = l.String()
		for _, at := range []string{"/practice/messages", "/practice/messages/care", "/practice/messages/new", "/practice/replies", "/practice/replies/calf"} {
			m.Get(at).Is(200).SaysNot("%!", "{n}", "{hours}")
		}
	}
}
