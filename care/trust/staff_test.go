package trust

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/webtest"
)

func TestStaffPagesRenderInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordClient)
		sh := shell.View{P: p, Title: "x"}
		rendered(t, glassPage(glassView{Shell: sh, P: p, Client: "/c", Name: "Ada", Why: parts.AreaView{P: p, Name: "why"}}))
		f := askedFix{fixView: fixView{About: "a", Text: "t", Answer: "x"}, ID: "1", Text: parts.AreaView{P: p, Name: "text"}}
		g := f
		g.Href = "/x"
		rendered(t, fixesPage(fixesView{Shell: sh, P: p, Client: "/c", List: []askedFix{f, g}}))
		rendered(t, glassPage(glassView{Shell: sh, P: p, Client: "/c", Name: "Ada", Open: true}))
		rendered(t, fixesPage(fixesView{Shell: sh, P: p, Client: "/c"}))
		r := reviewView{ID: "1", Client: "c", Title: "t", Facts: []string{"f"}, Said: "s", Note: parts.AreaView{P: p, Name: "note"}, Matter: parts.FieldView{P: p, Name: "matter"}}
		e := r
		e.Erase = true
		o, s := r, e
		o.Own, s.Held = true, true
		rendered(t, officePage(officeView{Shell: sh, P: p, Waits: []reviewView{r, e, o, s}, Matters: []matterView{{"c", "t", "x"}}, Past: []reviewView{r}, Answers: []reviewView{r}}))
		rendered(t, officePage(officeView{Shell: sh, P: p}))
	}
}

// TestOpeningWhatIsClosed: a nurse whom Ada keeps out opens her record in need; Ada reads
// why, every page says so, it ends by itself, and the privacy officer looks into it.
func TestOpeningWhatIsClosed(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, nurse, at := h.As("ada"), h.As("nurse"), "/clients/"+string(h.Ada)
	h.Reads("ada", "ada@example.org")
	ada.Post("/me/"+string(h.Ada)+"/trust/who/limit", url.Values{"who": {"nurse"}, "what": {"all"}}).Is(303)
	nurse.Get(at+"/corrections").Is(404).Has("a[href='"+at+"/glass']", "Do you need to open it to give care?")
	h.As("frontdesk").Get(at + "/corrections").Is(404).HasNot("a[href$='/glass']")

	nurse.Get(at+"/glass").Is(200).Says("Ada Nwosu is told at once", "four hours", "There may be nothing more to see")
	nurse.Post(at+"/glass", url.Values{"why": {"because"}}).Is(422).Says("a reason of 10 to 500 letters")
	h.Mailed()
	nurse.Post(at+"/glass", url.Values{"why": {"Found unconscious in the waiting room."}}).Is(303)
	var kinds []string
	for _, l := range h.Mailed() {
		kinds = append(kinds, l.Kind)
	}
	if !slices.Contains(kinds, account.LetterGlass) {
		t.Errorf("she is not told: %q", kinds)
	}
	nurse.Get(at+"/corrections").Is(200).Has(".glass", "You opened what is closed to you")
	nurse.Get(at + "/glass").Is(200).Says("It is open to you already").HasNot("textarea")
	nurse.Post(at+"/glass", url.Values{"why": {"And once more for good measure."}}).Is(303)
	for _, l := range h.Mailed() {
		t.Errorf("what is open is opened again: %s", l.Kind)
	}
	ada.Get("/me/" + string(h.Ada) + "/trust/who").Says("Opened what is closed, in need, until 13:").SaysNot("until it is done")
	ada.Get("/me/" + string(h.Ada) + "/trust").Says("1 time somebody opened what is closed to them, in need.")

	h.As("manager").Get("/practice/privacy").Is(404)
	officer := h.As("officer")
	page := officer.Get("/practice/privacy").Is(200).Says("Priya Raman opened what was closed, for A. N.", "Found unconscious", "They were told at once").SaysNot("Nwosu")
	if n := strings.Count(page.Body, `name="id"`); n != 1 {
		t.Errorf("%d things to look into", n)
	}
	id := firstOf(t, page, `name="id" value="`)
	h.Now.Add(2 * time.Hour)
	officer.Post("/practice/privacy", url.Values{"id": {id}, "how": {"right"}, "note": {"Rightly so."}}).SaysNot("Nothing waits")
	h.Now.Add(3 * time.Hour)
	h.As("nurse").Get(at + "/corrections").Is(404)
}

// TestAnsweringACorrection: it stands in the chart's corrections until it is answered, and
// once.
func TestAnsweringACorrection(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, nurse, at := h.As("ada"), h.As("nurse"), "/clients/"+string(h.Ada)+"/corrections"
	nurse.Get(at).Is(200).Says("Nothing is asked.")
	wrong := "/me/" + string(h.Ada) + "/trust/wrong"
	key := firstOf(t, ada.Get(wrong), `name="key" value="`)
	ada.Post(wrong, url.Values{"key": {key}, "text": {"My allergy to latex is missing."}}).Is(303)
	id := firstOf(t, nurse.Get(at).Is(200).Says("My allergy to latex is missing.", "Something that is missing"), `name="id" value="`)
	nurse.Post(at, url.Values{"id": {id}, "how": {"made"}, "text": {" "}}).Is(422)
	nurse.Get(nurse.Post(at, url.Values{"id": {id}, "how": {"made"}, "text": {"Added today."}}).Is(303).Header.Get("Location")).Says("they are told")
	nurse.Post(at, url.Values{"id": {id}, "how": {"refuse"}, "text": {"No."}}).Is(409)
	ada.Get(wrong).Says("Put right", "Added today.")
	if p := nurse.Get(at).Says("Added today."); strings.Contains(p.Body, `name="how"`) {
		t.Error("what is answered can be answered again")
	}
}

// TestAskedToBeErased: the officer answers, the client reads it; a legal hold stops it.
func TestAskedToBeErased(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, keep := h.As("ada"), "/me/"+string(h.Ada)+"/trust/keep"
	ada.Post(keep, url.Values{"what": {"mental"}, "why": {"I moved away."}}).Is(303)
	officer := h.As("officer")
	page := officer.Get("/practice/privacy").Is(200).Says("A. N. asks to have this erased: Mental health", "I moved away.")
	id := firstOf(t, page, `name="id" value="`)
	officer.Post("/practice/privacy", url.Values{"id": {id}, "client": {string(h.Ada)}, "how": {"hold"}, "matter": {" "}}).Is(422).Has("#h-" + id + "[aria-invalid=true]")
	officer.Post("/practice/privacy", url.Values{"id": {id}, "client": {string(h.Ada)}, "how": {"hold"}, "matter": {"A case of 2026"}}).Is(303)
	officer.Get("/practice/privacy").Says("A. N.: A case of 2026", "A legal matter stops this").HasNot("button[value=erase]", "button[value=hold]")
	officer.Post("/practice/privacy", url.Values{"id": {id}, "how": {"erase"}, "note": {"I said: gone."}}).Is(422).Says("nothing can be erased", "I said: gone.")
	ada.Get(keep).Says("A legal matter stops every clock")
	officer.Post("/practice/privacy", url.Values{"client": {string(h.Ada)}, "how": {"unhold"}}).Is(303)
	ada.Get(keep).SaysNot("A legal matter stops every clock")
	officer.Post("/practice/privacy", url.Values{"id": {id}, "how": {"refuse"}, "note": {""}}).Is(422).Has("#n-" + id + "[aria-invalid=true]")
	officer.Post("/practice/privacy", url.Values{"id": {id}, "how": {"refuse"}, "note": {"The law of this land asks for ten years."}}).Is(303)
	officer.Post("/practice/privacy", url.Values{"id": {id}, "how": {"refuse"}, "note": {"Again."}}).Is(422).Says("That was decided already")
	ada.Get(keep).Says("Kept", "The law of this land asks for ten years.", "Ruth Bell")
}

// TestAskedWhy: who opened a record that nothing explains is asked the same evening, the
// client sees that they were and what they said, and so does the privacy officer.
func TestAskedWhy(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	if err := h.Practice().SetStaff(t.Context(), record.StaffMember{ID: "locum", Name: "Sam Hill", Title: "Nurse", Roles: "nurse"}); err != nil {
		t.Fatal(err)
	}
	locum := h.As("locum")
	locum.Get("/account/why").Is(200).Says("Nothing is asked of you")
	if _, err := h.Vault.Open(t.Context(), locum.Actor(), record.Care, h.Ada, record.Results); err != nil {
		t.Fatal(err)
	}
	h.Now.Add(24 * time.Hour)
	if n, err := h.Vault.AskWhy(t.Context(), account.AsSystem(account.Watching)); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	locum = h.As("locum")
	locum.Get("/account").Is(200).Says("1 waits for you")
	page := locum.Get("/account/why").Is(200).Has("a[href='/account']", "How you sign in").Says("A. N.", "no visit, no task, no referral").SaysNot("Nwosu")
	id := firstOf(t, page, `name="id" value="`)
	locum.Post("/account/why", url.Values{"id": {id}, "said": {"short"}}).Is(422).Says("a reason of 10 to 500 letters")
	h.As("nurse").Post("/account/why", url.Values{"id": {id}, "said": {"I answer for somebody else."}}).Is(404)
	locum.Post("/account/why", url.Values{"id": {id}, "said": {"She rang while Priya was out."}}).Is(303)
	locum.Get("/account").SaysNot("waits for you")
	locum.Get("/account/why?did=answered").Says("Thank you", "Nothing is asked of you")
	h.As("officer").Get("/practice/privacy").Says("Sam Hill", "She rang while Priya was out.", "A. N.").SaysNot("Nwosu")
	h.As("ada").Get("/me/" + string(h.Ada) + "/trust").Says("1 time somebody was asked why")
}

// TestErasing: what is asked for is erased by the officer alone; of everything nothing is
// left to come back to.
func TestErasing(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, at := h.As("ada"), "/me/"+string(h.Ada)+"/trust"
	of := firstOf(t, ada.Get(at+"/private?part=results"), `name="what" value="`)
	ada.Post(at+"/private", url.Values{"what": {of}, "set": {"own"}, "how": {"add"}}).Is(303)
	ada.Post(at+"/keep", url.Values{"what": {"own"}, "why": {"Not this."}}).Is(303)
	officer := h.As("officer")
	page := officer.Get("/practice/privacy").Is(200).Says("What is erased never comes back")
	officer.Post("/practice/privacy", url.Values{"id": {firstOf(t, page, `name="id" value="`)}, "how": {"erase"}, "note": {"It is gone."}}).Is(303)
	ada.Get(at+"/keep").Says("Erased", "It is gone.")
	ada.Get(at + "/private").SaysNot("You said so")

	ada.Post(at+"/keep", url.Values{"what": {"all"}, "why": {"All of it."}}).Is(303)
	page = officer.Get("/practice/privacy").Is(200).Says("A. N. asks to have this erased: everything")
	officer.Post("/practice/privacy", url.Values{"id": {firstOf(t, page, `name="id" value="`)}, "how": {"erase"}}).Is(303)
	ada.Get(at).Is(401)
	h.As("nurse").Get("/clients/" + string(h.Ada) + "/corrections").Is(404)
	officer.Get("/practice/privacy").Is(200).SaysNot("A. N.")
}
