package messages

import (
	"bytes"
	"encoding/binary"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web/webtest"
)

// blobs counts the files of attachments on the disk.
func (h house) blobs() (n int) {
	h.t.Helper()
	err := filepath.WalkDir(filepath.Join(h.Dir, "blobs"), func(_ string, d os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h house) threads(who string, why record.Purpose) []record.Conversation {
	h.t.Helper()
	all, err := h.opened(who, why).Threads(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// nothing fails if anything is kept of what was refused.
func (h house) nothing(after string) {
	h.t.Helper()
	if n := h.blobs(); n != 0 {
		h.t.Errorf("%s: %d files are kept", after, n)
	}
	if all := h.threads("ada", record.Messaging); len(all) != 0 {
		h.t.Errorf("%s: %d threads begun", after, len(all))
	}
}

func with(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// TestARefusalKeepsNothingOfWhatWasGood refuses messages of which a part is good.
func TestARefusalKeepsNothingOfWhatWasGood(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada, at := h.As("ada"), h.at("/new/care?wait=yes")
	good := photo(t)
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)
	for name, c := range map[string]struct {
		form  url.Values
		files map[string][]byte
		says  string
		at    string // where it is said
	}{
		"a bad file behind a good one": {typed("two", "a"), map[string][]byte{"file": good, "file2": svg}, "We cannot send this kind of file", ""},
		"an empty file behind it":      {typed("two", "a2"), map[string][]byte{"file": good, "file2": {}}, "There is nothing in this file", ""},
		"too many words":               {typed(strings.Repeat("é", 100_000), "b"), map[string][]byte{"file": good}, "", ""},
		"too many words on it":         {with(typed("x", "c"), "caption", strings.Repeat("w", 10_001)), map[string][]byte{"file": good}, "", ""},
		"for nobody":                   {with(typed("x", "d"), "who", "named"), map[string][]byte{"file": good}, "choose at least one person", ".who-named .problem"},
		"for somebody who is not here": {with(typed("x", "d2"), "who", "named", "reader", "mallory"), map[string][]byte{"file": good}, "choose at least one person", ".who-named .problem"},
		"a title nobody sees":          {with(typed("x", "e"), "title", "\u200b\u2066"), map[string][]byte{"file": good}, "", ""},
		"a title without an end":       {with(typed("x", "f"), "title", strings.Repeat("t", 20_000)), map[string][]byte{"file": good}, "", ""},
	} {
		p := ada.UploadWith(at, c.form, c.files).Is(422)
		if c.at == "" {
			c.at = "form[data-composer] .problem"
		}
		if p.Has(c.at, c.says); p.Count(c.at) > 0 && len(p.Text(c.at)) < 15 {
			t.Errorf("%s is told in %q", name, p.Text(c.at))
		}
		h.nothing(name)
	}
}

// TestAsMuchAsASendingMayBe sends as much as may come, and more.
func TestAsMuchAsASendingMayBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada, at := h.As("ada"), h.at("/new/care?wait=yes")
	big := make([]byte, 50<<20)
	ada.UploadWith(at, typed("nothing in it", "a"), map[string][]byte{"file": big}).Is(422).Has(".problem", "We cannot send this kind of file")
	big = append(photo(t), big...)
	ada.UploadWith(at, typed("a photo with a tail", "b"), map[string][]byte{"file": big}).Is(422).Has(".problem", "too large to send")
	ada.UploadWith(at, typed("all of it", "c"), map[string][]byte{"file": append(big, make([]byte, 15<<20)...)}).Is(400).Says("too large to send")
	h.nothing("50 MB and more")
}

// TestAFlakyPhoneSaysItOnce sends the same message many times: at once, and long after it
// was answered.
func TestAFlakyPhoneSaysItOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at, sent := h.at("/new/care?wait=yes"), photo(t)
	const times = 6
	to := make([]string, times)
	var all sync.WaitGroup
	for i := range times {
		ada := h.As("ada")
		all.Go(func() {
			to[i] = ada.UploadWith(at, typed("hello", "k"), map[string][]byte{"file": sent}).Is(303).Header.Get("Location")
		})
	}
	all.Wait()
	for _, x := range to {
		if x != to[0] {
			t.Fatalf("it is at %q", to)
		}
	}
	id := strings.TrimPrefix(to[0], h.at("/"))
	if said := h.said(id); len(said) != 1 || len(said[0].Pieces) != 1 || len(h.threads("ada", record.Messaging)) != 1 {
		t.Errorf("said %d times", len(said))
	}
	for range times {
		h.As("ada").Post(to[0], typed("and this", "k2")).Is(303)
	}
	h.Now.Add(time.Minute)
	if _, err := h.opened("nurse", record.Care).Say(t.Context(), record.Message{Thread: id, Key: "n", Text: "yes"}); err != nil {
		t.Fatal(err)
	}
	h.Now.Add(time.Minute)
	for _, key := range []string{"k", "k2"} { // its phone hears of it only now
		h.As("ada").Post(to[0], typed("and this", "k2")).Is(303)
		h.As("ada").UploadWith(at, typed("hello", key), map[string][]byte{"file": sent})
	}
	h.As("ada").Get(to[0]).Has("#state", "Answered")
	if n := len(h.said(id)); n != 3 {
		t.Errorf("%d messages, want 3", n)
	}
	// another's key is another message
	h.As("ada").Post(to[0], typed("and this", "k3")).Is(303)
	bob := h.Helper("hana", h.Ada, record.Messages, record.Messages)
	bob.Post(to[0], typed("and this", "k3")).Is(303)
	if n := len(h.said(id)); n != 5 {
		t.Errorf("%d messages, want 5", n)
	}
	// what came again with a file is not kept for long
	h.Now.Add(25 * time.Hour)
	if _, err := h.Vault.Sweep(t.Context(), account.AsSystem(account.Promising)); err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, k := range h.threads("ada", record.Messaging) {
		for _, s := range h.said(k.ID) {
			want += len(s.Pieces)
		}
	}
	if n := h.blobs(); n != want || want == 0 {
		t.Errorf("%d files for %d that were said", n, want)
	}
}

// TestAClosedTopicIsNotWrittenTo closes a topic while somebody writes.
func TestAClosedTopicIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.As("ada")
	ada.Get(h.at("/new")).Has(`a[href="` + h.at("/new/paper") + `"]`)
	id := strings.TrimPrefix(ada.UploadWith(h.at("/new/paper?wait=yes"), typed("before", "a"), nil).Is(303).Header.Get("Location"), h.at("/"))
	p, err := h.Vault.OpenPractice(t.Context(), h.As("manager").Actor(), record.Running)
	if err != nil {
		t.Fatal(err)
	}
	topics := p.Topics()
	for i := range topics {
		topics[i].Off = topics[i].ID == "paper"
	}
	if err := p.SetTopics(t.Context(), topics); err != nil {
		t.Fatal(err)
	}
	ada.Get(h.at("/new")).HasNot(`a[href="` + h.at("/new/paper") + `"]`).Has(`a[href="` + h.at("/new/care") + `"]`)
	for _, q := range []string{"", "?wait=yes", "?wait=no"} {
		ada.Get(h.at("/new/paper" + q)).Is(404)
	}
	ada.UploadWith(h.at("/new/paper?wait=yes"), typed("late", "b"), map[string][]byte{"file": photo(t)}).Is(404)
	if n := h.blobs(); n != 0 {
		t.Errorf("%d files are kept", n)
	}
	ada.Post(h.at("/"+id), typed("what began goes on", "c")).Is(303) // and what had begun goes on
	if n := len(h.said(id)); n != 2 || len(h.threads("ada", record.Messaging)) != 1 {
		t.Errorf("%d messages", n)
	}
}

// TestWhetherItCanWaitIsAskedWhateverTheAddressSays tries to get around the question.
func TestWhetherItCanWaitIsAskedWhateverTheAddressSays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.As("ada")
	p := ada.Get(h.at("/new/care?to=nurse%26wait%3Dyes")).Is(200).Says("Could this be an emergency?").HasNot("textarea")
	ada.Get(p.Attr(".btn-danger", "href")).Is(200).Has(".numbers", "112").HasNot("textarea")
	p = ada.Get(h.at("/new/care?to=nurse")).Is(200)
	p = ada.Get(p.Attr(".two .btn-primary", "href")).Is(200).Has(".hear", "Priya Raman answers").Has("textarea")
	to := ada.Post(p.Attr("form[data-composer]", "action"), p.Form("form[data-composer]", "text", "for the nurse", "who", "team")).Is(303).Header.Get("Location")
	ada.Get(to).Has("#state", "With Nurse, Priya Raman").Has("#about", "Priya Raman", "Not yet")
	for _, who := range []string{"mallory", "manager", "frontdesk"} { // who does not read it does not answer it
		p := ada.Get(h.at("/new/care?wait=yes&to=" + who)).Is(200)
		if x := p.Text(".hear"); strings.Contains(x, "Joe Park answers") || strings.Contains(x, "Grace Obi answers") || strings.Contains(x, "mallory") {
			t.Errorf("%s: %s", who, x)
		}
	}
}

// TestASealedThreadIsAbsentForOtherStaff seals a thread to the doctor, and has the nurse
// and the front desk look for it.
func TestASealedThreadIsAbsentForOtherStaff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := with(typed("for the doctor alone", "b"), "who", "named", "reader", "physician", "title", "Quince", "caption", "plum")
	id := h.begun(form, map[string][]byte{"file": photo(t)})
	blob := h.said(id)[0].Pieces[0].Blob
	nurse, doctor := h.opened("nurse", record.Care), h.opened("physician", record.Care)
	if _, _, err := nurse.Thread(t.Context(), id); !errs.Is(err, errs.NotFound) {
		t.Errorf("the nurse opens it: %v", err)
	}
	if _, err := nurse.Say(t.Context(), record.Message{Thread: id, Key: "n", Text: "me too"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("the nurse writes in it: %v", err)
	}
	if err := nurse.MarkRead(t.Context(), id); !errs.Is(err, errs.NotFound) {
		t.Errorf("the nurse reads it: %v", err)
	}
	if all := h.threads("nurse", record.Care); len(all) != 0 {
		t.Errorf("the nurse lists %+v", all)
	}
	if all := h.threads("physician", record.Care); len(all) != 1 || all[0].Title != "Quince" {
		t.Errorf("the doctor lists %+v", all)
	}
	h.Now.Add(time.Minute)
	if _, err := doctor.Say(t.Context(), record.Message{Thread: id, Key: "d", Text: "Only us two."}); err != nil {
		t.Fatal(err)
	}
	// no todo, no list and no page of the front desk or of a helper says that it is there
	for _, who := range []string{"nurse", "frontdesk"} {
		d, err := h.Vault.OpenDirectory(t.Context(), h.As(who).Actor(), record.Finding)
		if err != nil {
			t.Fatal(err)
		}
		if todos, err := d.Todos(t.Context()); err != nil || len(todos) != 0 {
			t.Errorf("%s has to do %+v, %v", who, todos, err)
		}
	}
	helper := h.Helper("hana", h.Ada, record.Messages, record.Messages)
	helper.Get(h.at("")).Is(200).HasNot(".thr").SaysNot("Quince", id, blob, "Ortiz")
	helper.Get(h.at("/new")).Is(200).SaysNot("Ortiz") // whom only the sealed thread makes known
	for _, end := range []string{"", "/file/" + blob, "/file/" + blob + "/cover", "/file/" + blob + "/words"} {
		there, never := helper.Get(h.at("/"+id+end)).Is(404), helper.Get(h.at("/c0123"+end)).Is(404)
		there.SaysNot("Quince", "plum")
		if strings.ReplaceAll(there.Body, id, "c0123") != never.Body {
			t.Errorf("%s: what is sealed and what is not there look different", end)
		}
	}
	helper.Post(h.at("/new/care?wait=yes"), with(typed("sealed by a helper", "z"), "who", "named", "reader", "physician")).Is(404)
	if n := len(h.threads("ada", record.Messaging)); n != 1 {
		t.Errorf("%d threads", n)
	}
	h.As("ada").Get(h.at("/"+id)).Has("#log", "Only us two.").Has(".photo figcaption", "plum")
}

// TestWhoWroteIsNamed has three people write, and each of them look at the list.
func TestWhoWroteIsNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(typed("From Ada", "a"), nil)
	ada, helper := h.As("ada"), h.Helper("Hana Novak", h.Ada, record.Messages, record.Messages)
	ada.Get(h.at("")).Has(".thr-p", "You: From Ada")
	helper.Get(h.at("")).Has(".thr-p", "Ada Nwosu: From Ada").SaysNot("You: From Ada")
	h.Now.Add(time.Minute)
	helper.Post(h.at("/"+id), typed("From Hana", "b")).Is(303)
	ada.Get(h.at("")).Has(".thr-p", "Hana Novak: From Hana").SaysNot("You: From Hana")
	ada.Get(h.at("/"+id)).Has("#log li:last-child .m-meta", "written by Hana Novak for Ada Nwosu")
	for code, want := range map[string]string{"es": "escrito por Hana Novak para Ada Nwosu", "fr": "écrit par Hana Novak pour Ada Nwosu"} {
		ada.Language = code
		ada.Get(h.at("/"+id)).Has("#log li:last-child .m-meta", want)
		ada.Get(h.at("")).Has(".thr-p", "Hana Novak: From Hana")
	}
	ada.Language = ""
	h.Now.Add(time.Minute)
	nurse := h.opened("nurse", record.Care)
	if _, err := nurse.Say(t.Context(), record.Message{Thread: id, Key: "n", Text: "From Priya"}); err != nil {
		t.Fatal(err)
	}
	// a helper's reading is not the client's
	helper.Get(h.at("/"+id)).Has("#log", "From Priya")
	if all := h.threads("nurse", record.Care); !all[0].Talk.Unread(record.ClientReads) {
		t.Error("what a helper read, the client has read")
	}
	ada.Get(h.at("")).Has(".thr-new .thr-p", "From Priya")
	ada.Get(h.at("/"+id)).Has("#log .m:not(.mine) .m-name", "Priya Raman", "Nurse")
	if all := h.threads("nurse", record.Care); all[0].Talk.Unread(record.ClientReads) {
		t.Error("the client's reading is not noted")
	}
	h.Now.Add(time.Minute)
	ada.Post(h.at("/"+id), typed("Thank you", "c")).Is(303)
	ada.Get(h.at("/" + id)).SaysNot("Read by")
	h.Now.Add(time.Minute)
	if err := h.opened("nurse", record.Care).MarkRead(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	ada.Get(h.at("/"+id)).Has("#log li:last-child .m-meta", "Read by Priya Raman,")
}

// TestWordsArriveAsTheyWereMeant sends what turns, hides and joins.
func TestWordsArriveAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.As("ada")
	id := h.begun(with(typed("first", "0"), "title", "Knee\u202e eenK\u200b"), nil)
	if got := h.threads("ada", record.Messaging)[0].Title; got != "Knee eenK" {
		t.Errorf("it is called %q", got)
	}
	for in, want := range map[string]string{
		"Mon\t120\t80\nTue\t118\t79":        "Mon 120 80\nTue 118 79", // out of a table: not 12080
		"5\u202e1 mg\u202c":                 "51 mg",
		"a\u200b\u200c\u2060\ufeffb":        "ab",
		"one\r\n\r\n\r\n\r\n\r\n\r\ntwo":    "one\n\n\ntwo",
		"\u0627\u0644\u0633\u0644\u0627":    "\u0627\u0644\u0633\u0644\u0627",
		"👩\u200d👧 is well":                  "👩\u200d👧 is well",
		"z" + strings.Repeat("\u0301", 300): "z" + strings.Repeat("\u0301", 8),
		"a\x00b\x1bc\x7f":                   "abc",
		"not \xff\xfe text":                 "not \ufffd\ufffd text",
		"<script>alert(1)</script>":         "<script>alert(1)</script>",
		strings.Repeat("é", 10_000):         strings.Repeat("é", 10_000),
	} {
		h.Now.Add(time.Second)
		ada.UploadWith(h.at("/"+id), typed(in, in), nil).Is(303)
		said := h.said(id)
		if got := said[len(said)-1].Text; got != want {
			t.Errorf("%.40q arrives as %.60q, want %.60q", in, got, want)
		}
	}
	p := ada.Get(h.at("/" + id)).Is(200).HasNot("#log script").Has(".bub[dir=auto]")
	if p.Count(".bub") != p.Count(".bub[dir=auto]") || p.Attr("h1", "dir") != "auto" {
		t.Error("what somebody wrote does not say which way it runs")
	}
}

// TestADraftIsOnesOwnAndThreadsOwn keeps drafts of two people in two places.
func TestADraftIsOnesOwnAndThreadsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(typed("hello", "a"), nil)
	ada, helper := h.As("ada"), h.Helper("hana", h.Ada, record.Messages, record.Messages)
	keep := func(v *webtest.Visitor, at, text string) {
		v.Post(h.at("/draft/"+at), url.Values{"text": {text}}).Is(200)
	}
	keep(ada, id, "in the thread")
	keep(ada, "new", "in a new one")
	keep(helper, id, "the helper's")
	for v, want := range map[*webtest.Visitor][2]string{h.As("ada"): {"in the thread", "in a new one"}, helper: {"the helper's", ""}} {
		if got := v.Get(h.at("/" + id)).Is(200).Text("textarea[name=text]"); got != want[0] {
			t.Errorf("in the thread stands %q, want %q", got, want[0])
		}
		if got := v.Get(h.at("/new/care?wait=yes")).Is(200).Text("textarea[name=text]"); got != want[1] {
			t.Errorf("in a new one stands %q, want %q", got, want[1])
		}
	}
	// sent in the thread: forgotten there, for whoever sent it
	ada.Post(h.at("/"+id), typed("in the thread", "b")).Is(303)
	h.As("ada").Get(h.at("/" + id)).HasNot(".composer .problem")
	if got := h.As("ada").Get(h.at("/" + id)).Text("textarea[name=text]"); got != "" {
		t.Errorf("sent, and still %q", got)
	}
	helper.Get(h.at("/"+id)).Has("textarea[name=text]", "the helper's")
	ada.Get(h.at("/new/care?wait=yes")).Has("textarea[name=text]", "in a new one")
	// rubbed out is forgotten, too long is not kept, and what is old goes
	keep(ada, "new", "")
	ada.Get(h.at("/new/care?wait=yes")).SaysNot("in a new one")
	keep(ada, "new", "short")
	ada.Post(h.at("/draft/new"), url.Values{"text": {strings.Repeat("w", 10_001)}}).Is(400)
	ada.Get(h.at("/new/care?wait=yes")).Has("textarea[name=text]", "short")
	h.As("bob").Post(h.at("/draft/"+id), url.Values{"text": {"x"}}).Is(404)
	h.As("nurse").Post(h.at("/draft/"+id), url.Values{"text": {"x"}}).Is(404)
	h.As("nobody").Post(h.at("/draft/"+id), url.Values{"text": {"x"}}).Is(401)
}

// tagged is a second of silence that says where it was recorded.
func tagged() []byte {
	tag := []byte("LIST\x1e\x00\x00\x00INFOICMT\x12\x00\x00\x00secret-street 12\x00\x00")
	b := append(wav(), tag...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// TestARecordingIsServedInPartsAndWithoutItsPlace asks for a recording as a player does.
func TestARecordingIsServedInPartsAndWithoutItsPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(with(typed("", "a"), "caption", "words", "seconds", "75"), map[string][]byte{"file": tagged()})
	ada := h.As("ada")
	src := ada.Get(h.at("/"+id)).Is(200).Attr(".vid audio", "src")
	whole := ada.Get(src).Is(200)
	if strings.Contains(whole.Body, "secret-street") {
		t.Error("where it was recorded came along")
	}
	for ask, want := range map[string]string{"bytes=0-99": whole.Body[:100], "bytes=1000-1999": whole.Body[1000:2000], "bytes=-50": whole.Body[len(whole.Body)-50:], "bytes=8000-": whole.Body[8000:]} {
		ada.Range = ask
		p := ada.Get(src).Is(206)
		if p.Body != want {
			t.Errorf("%s: %d bytes, want %d", ask, len(p.Body), len(want))
		}
		head := p.Header
		if head.Get("Content-Type") != "audio/wav" || head.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(head.Get("Content-Security-Policy"), "sandbox") || head.Get("Cache-Control") != "no-store" || !strings.HasPrefix(head.Get("Content-Range"), "bytes ") {
			t.Errorf("%s: %v", ask, head)
		}
	}
	ada.Range = "bytes=99999999-"
	ada.Get(src).Is(416)
	for _, who := range []string{"bob", "nurse"} {
		v := h.As(who)
		v.Range = "bytes=0-9"
		v.Get(src).Is(404)
	}
	ada.Range = ""
	ada.Get(src[:len(src)-1] + "g").Is(404)
	ada.Get(h.at("/" + id + "/file/..%2f..%2fkeyring")).Is(404)
}

// TestAPaperIsOnlyEverKept holds that nothing of ours shows a paper.
func TestAPaperIsOnlyEverKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	paper := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	id := h.begun(typed("my letter", "a"), map[string][]byte{"file": paper})
	p := h.As("ada").Get(h.at("/"+id)).Is(200).HasNot("iframe", "embed", "object")
	got := h.As("ada").Get(p.Attr("a.event[download]", "href")).Is(200)
	if !bytes.Equal([]byte(got.Body), paper) || got.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%v", got.Header)
	}
}

// TestEveryPieceOfNewsHasAPlace holds that a page that is open is not given what it has
// no place for.
func TestEveryPieceOfNewsHasAPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(typed("hello", "a"), map[string][]byte{"file": photo(t)})
	ada := h.As("ada")
	whole := ada.Get(h.at("/" + id))
	ada.Fragment = true
	p := ada.Get(h.at("/" + id)).Is(200)
	pieces, err := html.ParseFragment(strings.NewReader(p.Body), nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, root := range pieces {
		for x := range root.Descendants() {
			if x.Type != html.ElementNode || x.Parent.Data != "body" {
				continue
			}
			n++
			at := ""
			for _, a := range x.Attr {
				if a.Key == "id" {
					at = a.Val
				}
			}
			if at == "" || whole.Count("#"+at) != 1 {
				t.Errorf("<%s id=%q> has no place on the page", x.Data, at)
			}
		}
	}
	if n != 4 {
		t.Errorf("%d pieces", n)
	}
	// a script is told where to go on, once
	q := ada.UploadWith(h.at("/"+id), typed("more", "b"), nil).Is(204)
	if to := q.Header.Get("X-Location"); to != h.at("/"+id+"#end") || q.Body != "" {
		t.Errorf("it goes on at %q", to)
	}
}

// TestWhatIsWrittenAndReadStandsOnTheLedger looks at what Ada can check of it.
func TestWhatIsWrittenAndReadStandsOnTheLedger(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.As("ada")
	before := len(h.Looks(h.Ada, 100))
	to := ada.UploadWith(h.at("/new/care?wait=yes"), typed("zucchini", "a"), nil).Is(303).Header.Get("Location")
	wrote := h.Looks(h.Ada, 100)
	if len(wrote) <= before {
		t.Fatal("nothing stands on the ledger")
	}
	said := 0
	for _, l := range wrote {
		if l.Act == "message" {
			said++
		}
	}
	if said != 1 {
		t.Errorf("a message is there %d times", said)
	}
	ada.UploadWith(h.at("/new/care?wait=yes"), typed("zucchini", "a"), nil).Is(303)
	n := 0
	for _, l := range h.Looks(h.Ada, 100) {
		if l.Act == "message" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("said again, it is there %d times", n)
	}
	h.As("bob").Get(to).Is(404)
	if strings.Contains(h.Log.String(), "zucchini") {
		t.Error("the log repeats it")
	}
}

// TestEveryStateInEveryLanguage draws the thread and the list in all four states.
func TestEveryStateInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(typed("hello", "a"), nil)
	nurse := h.opened("nurse", record.Care)
	answer := func(key string, wait bool) func() error {
		return func() error {
			_, err := nurse.Say(t.Context(), record.Message{Thread: id, Key: key, Text: "so", Wait: wait})
			return err
		}
	}
	asks := func() error { h.As("ada").Post(h.at("/"+id), typed("why", "b")).Is(303); return nil }
	for _, s := range []struct {
		do    func() error
		words map[string]string
	}{
		{func() error { return nil }, map[string]string{"en": "Received. You hear by", "es": "Recibido. Tendrá respuesta", "fr": "Reçu"}},
		{answer("n1", true), map[string]string{"en": "Waiting for you", "es": "Esperamos su respuesta", "fr": "En attente de votre réponse"}},
		{asks, map[string]string{"en": "With Nurse, Priya Raman. You hear by", "es": "Lo tiene Nurse, Priya Raman", "fr": "Nurse, Priya Raman"}},
		{answer("n2", false), map[string]string{"en": "Answered", "es": "Respondido", "fr": "Répondu"}},
	} {
		h.Now.Add(time.Minute)
		if err := s.do(); err != nil {
			t.Fatal(err)
		}
		ada := h.As("ada")
		for _, l := range lang.All() {
			ada.Language = l.String()
			ada.Get(h.at("/"+id)).Is(200).Has("#state", s.words[l.String()]).SaysNot("%!", "{")
			ada.Get(h.at("")).Is(200).SaysNot("%!", "{")
		}
	}
}
