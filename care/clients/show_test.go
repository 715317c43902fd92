package clients_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/care/clients"
	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

func TestAChartOnOnePage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	p := h.As("nurse").Get("/clients/" + string(h.Ada)).Is(200)
	p.Has("h1", "Clients").Has("h2#who", "Ada Nwosu").Has(".case-id", "58 years", "14 Mar 1968", "female", "English")
	p.Has("#alerts", "Penicillin: rash", "high risk").Has("a[href='tel:07700900118']")
	p.Has("#conditions", "High blood pressure", "since 2021").Has("#conditions details", "Broken wrist")
	p.Has("#medicines", "Amlodipine 5 mg", "one tablet in the morning").Has("#results", "HbA1c", "6.1%").Has("aside .vit", "Blood pressure")
	p.Has("#visits", "Blood-pressure review", "Dr Lena Ortiz").Has("#documents a").Has("#timeline .stop")
	p.Has(".since", "have not opened this chart before").Has(".opened", "Opened for care. Ada sees this on their page.")
	at := "/clients/" + string(h.Ada)
	p.Has(".opened a[href='"+at+"/glass']", "Need more than you see?").Has(".opened a[href='" + at + "/corrections']")
	p.SaysNot("Zebra", "ada-person", `style="`)
	if l := h.Looks(h.Ada, 1)[0]; l.Purpose != "care" || l.Refused || l.ID != "nurse" || !strings.Contains(l.Parts.String(), "results") {
		t.Errorf("the look says %+v", l)
	}
}

func TestTheFrontDeskSeesWhoAndWhen(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	desk := h.As("frontdesk")
	p := desk.Get("/clients/" + string(h.Ada)).Is(200)
	p.Has("h2#who", "Ada Nwosu").Has("#visits", "26 Nov", "10:30", "Dr Lena Ortiz").SaysNot("Blood-pressure", "Knee") // not why
	p.HasNot("a[href$='/glass']", "a[href$='/corrections']", "#alerts", "#conditions", "#medicines", "#results", "#documents", "#immunisations", ".vit").SaysNot("Penicillin", "Amlodipine", "HbA1c", "High blood pressure", "allerg")
	if l := h.Looks(h.Ada, 1)[0]; l.Parts != record.Person|record.Visits {
		t.Errorf("the look says %s", l.Parts)
	}
	nurse := h.As("nurse").Get("/clients/" + string(h.Ada))
	for _, sel := range []string{"#results a", "#documents a"} {
		desk.Get(nurse.Attr(sel, "href")).Is(404)
	}
}

func TestWhoMayNotIsToldNothing(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	for _, who := range []string{"manager", "ada", "bob", "nobody"} {
		want := 404
		if who == "nobody" {
			want = 401
		}
		h.As(who).Get("/clients/" + string(h.Ada)).Is(want).SaysNot("Nwosu")
		h.As(who).Get("/clients").Is(want).SaysNot("Nwosu", "Quaresma")
	}
	h.As("nurse").Get("/clients/aaaaaaaaaaaaaaaaaaaaaaaaaa").Is(404)
}

func TestPeopleAreFound(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	nurse := h.As("nurse")
	nurse.Get("/clients").Is(200).Has("#found", "Ada Nwosu", "Bob Quaresma", "14 Mar 1968, 58 years", "0118").Has("form.find[method=post][data-live-get]").SaysNot("Penicillin", "female")
	for q, want := range map[string]string{"nowsu": "Ada", "14/3/1968": "Ada", "0555": "Bob", "quares": "Bob"} {
		p := nurse.Post("/clients/find", url.Values{"q": {q}}).Is(200).Has("#found .rows", want)
		if n := p.Count("#found .rows a"); n != 1 {
			t.Errorf("%q found %d people", q, n)
		}
	}
	nurse.Post("/clients/find", url.Values{"q": {"zzzz"}}).Is(200).Has("#found", "Nobody fits")
	nurse.Fragment = true
	nurse.Post("/clients/find", url.Values{"q": {"ada"}}).Is(200).Has("#found[data-results]", "Ada Nwosu").HasNot("nav", "h1")
	nurse.Post("/clients/find", url.Values{"q": {""}}).Is(200).Has("#found", "Bob Quaresma")
	if strings.Contains(h.Log.String(), "nowsu") {
		t.Error("what was looked for is in the log")
	}
}

func TestWhatIsNewIsMarked(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	path := "/clients/" + string(h.Ada)
	h.As("nurse").Get(path).Is(200)
	h.Now.Add(3 * time.Hour)
	h.As("nurse").Get(path).Has(".since", "Nothing new since you last looked").HasNot(".dot-new")
	h.Now.Add(3 * time.Hour)
	put(t, h, h.Ada, `{"resourceType":"Observation","id":"k1","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}]},"subject":{"reference":"Patient/ada-person"},"effectiveDateTime":"2026-11-24T14:00:00Z","valueQuantity":{"value":6.3,"unit":"mmol/L","code":"mmol/L"},"referenceRange":[{"low":{"value":3.5},"high":{"value":5.3}}]}`,
		`{"resourceType":"Communication","id":"q1","status":"in-progress","category":[{"coding":[{"system":"urn:rapport:communication","code":"ledger-question"}]}],"subject":{"reference":"Patient/ada-person"},"sent":"2026-11-24T14:30:00Z","payload":[{"contentString":"Why did the pharmacy look?"}]}`)
	p := h.As("nurse").Get(path).Has(".since", "1 result", "1 message").Has("#results .dot-new").Has("#results tbody tr", "Potassium", "6.3", "High", "3.5 to 5.3")
	p.Has(".callout", "Ada asked about a look", "Why did the pharmacy look?")
}

func TestAResultHasItsOwnPage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	nurse := h.As("nurse")
	href := nurse.Get("/clients/"+string(h.Ada)).Attr("aside .vit a", "href")
	p := nurse.Get(href).Is(200).Has(".trend", "Blood pressure", "mmHg").Has(".tbl", "146/92").Has("svg[role=img]").SaysNot("Penicillin", "ada-person")
	if name := href[strings.LastIndex(href, "/")+1:]; len(name) != 26 { // a keyed hash, which may hold any letters
		t.Errorf("the address %q says which entry it is", href)
	}
	if l := h.Looks(h.Ada, 1)[0]; l.Parts != record.Person|record.Results {
		t.Errorf("the look says %s", l.Parts)
	}
	p.Has(".opened")
	nurse.Get("/clients/" + string(h.Bob) + href[strings.Index(href, "/results"):]).Is(404)
	nurse.Get("/clients/" + string(h.Ada) + "/results/nonsense").Is(404)
}

func TestADocumentIsRead(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	put(t, h, h.Ada, `{"resourceType":"DocumentReference","id":"pic","status":"current","subject":{"reference":"Patient/ada-person"},"date":"2026-11-23T09:00:00Z","description":"A scan","content":[{"attachment":{"contentType":"text/html","data":"PHNjcmlwdD4="}},{"attachment":{"contentType":"image/png","data":"AAAA"}},{"attachment":{"url":"https://elsewhere.example/x"}}]}`)
	nurse := h.As("nurse")
	list := nurse.Get("/clients/" + string(h.Ada))
	href := list.Attr("#documents a", "href")
	p := nurse.Get(href).Is(200).Has("h2#paper-h", "A scan").Has("img.letter-picture").Says("lies in another system").SaysNot("elsewhere.example")
	f := nurse.Get(href + "/files/0").Is(200)
	if f.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(f.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a page of HTML is handed out as %q, %q", f.Header.Get("Content-Type"), f.Header.Get("Content-Disposition"))
	}
	nurse.Get(p.Attr("img.letter-picture", "src")).Is(200)
	nurse.Get(href + "/files/7").Is(404)
	nurse.Get(list.Attr("#documents li:nth-child(2) a", "href")).Is(200).Has(".letter", "Knee is healing well.")
}

func TestTheTimelineGoesByYears(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	path := "/clients/" + string(h.Ada) + "/timeline"
	nurse := h.As("nurse")
	nurse.Get(path).Is(200).Has(".chips [aria-current]", "2026").Has(".tl", "November 2026", "Knee review")
	nurse.Get(path+"?year=2021").Is(200).Has(".tl", "High blood pressure").HasNot(".stop + .stop")
	nurse.Get(path + "?year=2019").Is(200).Says("Nothing in 2019.")
	nurse.Get(path+"?year=1066&from=x").Is(200).Has(".chips [aria-current]", "2026")
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	put(t, h, h.Ada, `{"resourceType":"Observation","id":"none","status":"final","code":{"text":"Lead [Mass/volume] in Blood"},"subject":{"reference":"Patient/ada-person"},"valueString":"seen"}`)
	for lang, foot := range map[string]string{"en": "Opened for care", "es": "Abierto para la atención", "fr": "Ouvert pour les soins"} {
		nurse := h.As("nurse")
		nurse.Language = lang
		p := nurse.Get("/clients/"+string(h.Ada)).Is(200).Has(".opened", foot)
		nurse.Get("/clients").Is(200)
		pages := []*webtest.Page{p}
		for _, href := range []string{p.Attr("#results a", "href"), p.Attr("#documents a", "href"), "/clients/" + string(h.Ada) + "/timeline"} {
			pages = append(pages, nurse.Get(href).Is(200).Has(".opened", foot))
		}
		for _, p := range pages {
			p.SaysNot("style=", "http://", "https://", "%!", "<no value>")
		}
	}
}

// put brings resources into a chart, as another system would.
func put(t testing.TB, h *webtest.House, whose fhir.ClientID, jsons ...string) {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), account.AsSystem(account.Importer), record.Importing, whose, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	var rs []fhir.Resource
	for _, j := range jsons {
		d, err := fhir.Parse([]byte(j))
		if err != nil {
			t.Fatal(err)
		}
		rs = append(rs, fhir.Resource{Type: d.Type(), ID: d.ID(), JSON: []byte(j)})
	}
	if _, err := c.Put(t.Context(), rs...); err != nil {
		t.Fatal(err)
	}
}

// fill makes a chart of about 2,000 entries, as a life of seventy years brings
// together.
func fill(t testing.TB, h *webtest.House) {
	t.Helper()
	var js []string
	add := func(format string, args ...any) {
		js = append(js, strings.ReplaceAll(fmt.Sprintf(format, args...), "SUBJECT", `{"reference":"Patient/ada-person"}`))
	}
	day := func(i int) string {
		return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC).AddDate(0, 0, -i).Format(time.RFC3339)
	}
	codes := []string{"8867-4", "29463-7", "39156-5", "8310-5", "2708-6", "4548-4", "2093-3", "2085-9", "13457-7", "2160-0", "33914-3", "2823-3", "2951-2", "718-7", "777-3", "6690-2"}
	for i := range 1300 {
		kind := "laboratory"
		if i%16 < 5 {
			kind = "vital-signs"
		}
		add(`{"resourceType":"Observation","id":"f%d","status":"final","category":[{"coding":[{"code":%q}]}],"code":{"coding":[{"system":"http://loinc.org","code":%q,"display":"Something measured in a laboratory"}]},"subject":SUBJECT,"effectiveDateTime":%q,"valueQuantity":{"value":%d.5,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"},"referenceRange":[{"low":{"value":10},"high":{"value":80}}]}`, i, kind, codes[i%16], day(i/16*30), i%100)
	}
	for i := range 200 {
		add(`{"resourceType":"Encounter","id":"v%d","status":"finished","class":{"code":"AMB"},"type":[{"text":"Review %d"}],"subject":SUBJECT,"period":{"start":%q}}`, i, i, day(i*40))
		add(`{"resourceType":"DiagnosticReport","id":"r%d","status":"final","code":{"text":"Blood test"},"subject":SUBJECT,"effectiveDateTime":%q,"conclusion":"All in range."}`, i, day(i*40))
	}
	for i := range 100 {
		add(`{"resourceType":"Condition","id":"k%d","code":{"text":"Condition number %d"},"subject":SUBJECT,"onsetDateTime":%q,"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":%q}]}}`, i, i, day(i*70), []string{"active", "resolved"}[i%2])
		add(`{"resourceType":"MedicationRequest","id":"m%d","status":%q,"intent":"order","medicationCodeableConcept":{"text":"Medicine %d 5 mg"},"subject":SUBJECT,"authoredOn":%q,"dosageInstruction":[{"text":"One each morning"}]}`, 100+i, []string{"active", "completed"}[i%2], i, day(i*70))
		add(`{"resourceType":"DocumentReference","id":"p%d","status":"current","subject":SUBJECT,"date":%q,"description":"Letter %d","content":[{"attachment":{"contentType":"text/plain","data":%q}}]}`, i, day(i*70), i, strings.Repeat("S25lZSBp", 200))
	}
	put(t, h, h.Ada, js...)
}

func TestALongChartStaysWithinItsBudget(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, clients.Routes()...)
	fill(t, h)
	nurse := h.As("nurse")
	for _, path := range []string{"", "/timeline"} {
		p := nurse.Get("/clients/" + string(h.Ada) + path).Is(200)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(p.Body)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if b.Len() > 20<<10 {
			t.Errorf("%q is %d bytes compressed, want at most 20 KB", path, b.Len())
		}
		t.Logf("%q: %d bytes, %d compressed", path, len(p.Body), b.Len())
	}
}

func BenchmarkShow(b *testing.B) {
	h := webtest.New(b, clients.Routes()...)
	fill(b, h)
	nurse := h.As("nurse")
	b.ResetTimer()
	for b.Loop() {
		nurse.Get("/clients/" + string(h.Ada)).Is(200)
	}
}
