package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rapport/account"
	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

// payload would be a new element, a script or another direction, wherever it is
// not written as text.
const payload = "\u202e\"'><img src=x onerror=alert(1)><script>alert(1)</script><svg/onload=alert(1)>{{7*7}}javascript:alert(1)//"

// sown puts the payload wherever a resource takes it; keep says which names are
// left alone. It keeps what the record refuses as it was.
func sown(t *testing.T, line []byte, keep ...string) []byte {
	t.Helper()
	var root map[string]any
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	holds := func() ([]byte, bool) {
		b, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		_, err = fhir.Parse(b)
		return b, err == nil
	}
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(x)) {
				old, is := x[k].(string)
				if !is {
					walk(x[k])
					continue
				}
				if slices.Contains(keep, k) {
					continue
				}
				x[k] = payload
				if _, ok := holds(); !ok {
					x[k] = old
				}
			}
		case []any:
			for i := range x {
				old, is := x[i].(string)
				if !is {
					walk(x[i])
					continue
				}
				x[i] = payload
				if _, ok := holds(); !ok {
					x[i] = old
				}
			}
		}
	}
	walk(root)
	b, ok := holds()
	if !ok {
		t.Fatalf("%s does not hold any more", b)
	}
	return b
}

// crawl opens every page about a client that can be reached, as themselves and
// as a nurse.
func crawl(t *testing.T, h *webtest.House, nurse *webtest.Visitor, c *record.Chart, each func(*webtest.Page)) int {
	t.Helper()
	id := string(c.Client())
	own, seen := h.AsClient(id), map[string]bool{}
	queue := []string{"/clients/" + id, "/clients/" + id + "/timeline"}
	for _, p := range []string{"/today", "/health", "/health/results", "/health/timeline", "/health/documents", "/looks?who=everyone"} {
		queue = append(queue, "/me/"+id+p)
	}
	for len(queue) > 0 && len(seen) < 120 {
		path, _, _ := strings.Cut(queue[0], "#")
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		v := own
		if strings.HasPrefix(path, "/clients") {
			v = nurse
		}
		p := v.Get(path)
		each(p)
		for _, a := range addresses(p.Body) {
			if strings.Contains(a, id) && strings.Count(a, "/looks/") == 0 {
				queue = append(queue, a)
			}
		}
	}
	return len(seen)
}

// chartOf admits somebody and keeps resources in their chart; what lies about
// "Patient/X" lies about them.
func chartOf(t *testing.T, h *webtest.House, person string, rs ...string) *record.Chart {
	t.Helper()
	c, err := h.Vault.Admit(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range append([]string{`{"resourceType":"Patient","id":"` + person + `","name":[{"text":"Test Person"}]}`}, rs...) {
		var x struct{ ResourceType, ID string }
		if err := json.Unmarshal([]byte(r), &x); err != nil {
			t.Fatal(err, r)
		}
		if x.ID == "" {
			x.ID = fmt.Sprint("r", i)
			r = strings.Replace(r, `{`, `{"id":"`+x.ID+`",`, 1)
		}
		r = strings.ReplaceAll(r, "Patient/X", "Patient/"+person)
		if x.ResourceType == "Patient" && i > 0 {
			x.ID = person
		}
		if _, err := c.Put(t.Context(), fhir.Resource{Type: x.ResourceType, ID: x.ID, JSON: []byte(r)}); err != nil {
			t.Fatal(err, r)
		}
	}
	return c
}

var ownAddress = regexp.MustCompile(`^(/([^/\\].*)?|#.*|tel:[0-9+]+)$`)

// TestNothingInARecordBecomesMoreThanText sows markup through every string of
// every resource, of the practice and of its staff, and opens every page.
func TestNothingInARecordBecomesMoreThanText(t *testing.T) {
	t.Parallel()
	people, err := os.ReadFile("../../web/webtest/people.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	h := webtest.New(t, routes()...)
	practice, err := h.Vault.OpenPractice(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	s := h.Vault.Settings()
	s.Name, s.Phone, s.Mark, s.Brand, s.Accent, s.Typeface = payload, payload, payload, payload, payload, payload
	if err := practice.SetSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	m := webtest.Staff["nurse"]
	m.Name, m.Title = payload, payload
	if err := practice.SetStaff(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	nurse, pages, said := h.As("nurse"), 0, 0
	check := func(p *webtest.Page) {
		pages++
		if p.Status != 200 && p.Status != 404 {
			t.Errorf("%s: status %d", p.Path, p.Status)
		}
		if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			return
		}
		said += strings.Count(p.Body, "&lt;script&gt;")
		p.HasNot("img[src=x]", "script:not([src^='/assets/'])", "[onerror]", "[onload]", "[style]", "style", "iframe", "object", "embed", "base", "meta[http-equiv]")
		for _, a := range addresses(p.Body) {
			if !ownAddress.MatchString(a) {
				t.Errorf("%s leads to %q", p.Path, a)
			}
		}
	}
	words := []string{"resourceType", "id", "reference", "status", "code", "system", "date", "url"}
	for i, keep := range [][]string{words, words[:3]} {
		var rs []string
		for _, line := range bytes.Split(bytes.TrimSpace(people), []byte("\n"))[:13] {
			rs = append(rs, strings.NewReplacer("Patient/ada-person", "Patient/X", `"ada-person"`, fmt.Sprintf(`"sown%d"`, i)).Replace(string(sown(t, line, keep...))))
		}
		crawl(t, h, nurse, chartOf(t, h, fmt.Sprint("sown", i), rs...), check)
	}
	check(h.As("manager").Get("/practice"))
	check(h.As("nobody").Get("/in"))
	check(nurse.Get("/clients"))
	check(nurse.Post("/clients/find", map[string][]string{"q": {payload}}))
	t.Logf("%d pages, the payload as text %d times", pages, said)
	if pages < 30 || said < 100 {
		t.Error("too little was tried")
	}
}

// odd are resources that hold what nobody expects and FHIR allows.
func odd() map[string][]string {
	const about = `"subject":{"reference":"Patient/X"}`
	out := map[string][]string{}
	result := func(code, more string) string {
		return `{"resourceType":"Observation","status":"final","code":` + code + `,` + about + more + `}`
	}
	for _, text := range []string{"a,b", `a\\`, `\\`, "$", "|", "a|b$c", ",", ",,", "*", "é", "ЖЖ", "<", "%00"} {
		for day := range 3 {
			out["signs of a search in words"] = append(out["signs of a search in words"], result(`{"text":"`+text+`"}`, fmt.Sprintf(`,"effectiveDateTime":"2026-11-0%d","valueQuantity":{"value":%d}`, day+1, day)))
		}
	}
	for _, code := range []string{`"system":"http://x|1","code":"a"`, `"code":"a,b"`, `"system":"http://x","code":"a|b"`, `"system":"http://x","code":"$"`, `"system":"http://x","code":"a\\b"`, `"system":"http://x"`, `"display":"Z"`} {
		for day := range 20 {
			out["signs of a search in codes"] = append(out["signs of a search in codes"], result(`{"coding":[{`+code+`}]}`, fmt.Sprintf(`,"effectiveDateTime":"2026-10-%02d","valueQuantity":{"value":%d,"unit":"%%"}`, day+1, day)))
		}
	}
	for _, n := range []string{"1e308", "-1e308", "1e-308", "99999999999999999999999999999999.00000000000000000001", "-0", "1E+5", "1" + strings.Repeat("0", 400), "0.0"} {
		lab := `,"category":[{"coding":[{"code":"laboratory"}]}],"valueQuantity":{"value":` + n + `,"unit":"%","comparator":"<"},"referenceRange":[{"low":{"value":` + n + `},"high":{"value":-1}}]`
		pair := `,"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":` + n + `}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":1}}]`
		for _, day := range []string{"01", "02"} {
			at := `,"effectiveDateTime":"2026-11-` + day + `"`
			out["numbers"] = append(out["numbers"], result(`{"coding":[{"system":"http://loinc.org","code":"4548-4"}]}`, at+lab), result(`{"coding":[{"system":"http://loinc.org","code":"85354-9"}]}`, at+pair))
		}
	}
	for _, at := range []string{"0001", "0001-01-01T00:00:00+14:00", "0202-03-04", "1066-10-14", "9999-12-31T23:59:59-12:00", "2027", ""} {
		when := func(name string) string {
			if at == "" {
				return ""
			}
			return `,"` + name + `":"` + at + `"`
		}
		out["dated "+at] = []string{
			result(`{"text":"D"}`, when("effectiveDateTime")+`,"valueQuantity":{"value":1}`), result(`{"text":"D"}`, when("effectiveDateTime")+`,"valueQuantity":{"value":2}`),
			`{"resourceType":"Condition","code":{"text":"C"},` + about + when("onsetDateTime") + `}`,
			`{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"M"},` + about + when("authoredOn") + `,"dosageInstruction":[{"timing":{"repeat":{"frequency":2147483647,"period":1e300,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1e300,"unit":"x"}}]}]}`,
			`{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},` + about + strings.Replace(when("start"), `,"start":"`+at+`"`, `,"period":{"start":"`+at+`","end":"`+at+`"}`, 1) + `}`,
			`{"resourceType":"Procedure","status":"completed","code":{"text":"P"},` + about + when("performedDateTime") + `}`,
			`{"resourceType":"DiagnosticReport","status":"final","code":{"text":"R"},` + about + when("effectiveDateTime") + `,"result":[{"reference":"Observation/gone"}]}`,
			`{"resourceType":"AllergyIntolerance","code":{"text":"A"},"patient":{"reference":"Patient/X"}` + when("onsetDateTime") + `}`,
			`{"resourceType":"DocumentReference","status":"current",` + about + `,"content":[{"attachment":{"contentType":"text/plain","data":"aGk="` + when("creation") + `}}]}`,
			`{"resourceType":"Communication","status":"completed",` + about + when("sent") + `,"payload":[{"contentString":"x"}]}`,
		}
	}
	var many []string
	for i := range 10_000 {
		many = append(many, fmt.Sprintf(`{"code":{"text":"k%d"},"valueQuantity":{"value":%d}}`, i, i))
	}
	out["size"] = []string{result(`{"text":"big"}`, `,"component":[`+strings.Join(many, ",")+`]`), result(`{"text":"`+strings.Repeat("L", 100_000)+`"}`, `,"valueString":"x"`)}
	return out
}

// TestStrangeRecordsAreShown opens every page of records that are odd and
// allowed: none may break, and none may be called the reader's mistake.
func TestStrangeRecordsAreShown(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	nurse, pages := h.As("nurse"), 0
	for i, name := range slices.Sorted(maps.Keys(odd())) {
		pages += crawl(t, h, nurse, chartOf(t, h, fmt.Sprint("odd", i), odd()[name]...), func(p *webtest.Page) {
			if p.Status != 200 && p.Status != 404 {
				t.Errorf("%s: %s: status %d", name, p.Path, p.Status)
			}
		})
	}
	if t.Logf("%d pages", pages); pages < 200 {
		t.Error("too little was tried")
	}
	if strings.Contains(h.Log.String(), "level=ERROR") {
		t.Error("the log has an error")
	}
}

// TestAttachmentsAreNeverServedAsWhatABrowserRuns tries every kind of file under
// every disguise.
func TestAttachmentsAreNeverServedAsWhatABrowserRuns(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	data := base64.StdEncoding.EncodeToString([]byte(`<script>alert(1)</script>`))
	var rs []string
	kinds := []string{"text/html", "TEXT/HTML", "text/html; charset=utf-7", "image/svg+xml", "application/xhtml+xml", "application/xml", "text/xml", "application/javascript", "multipart/x-mixed-replace; boundary=a",
		"message/rfc822", "text/css", "image/png", "application/pdf", "text/plain;text/html", "image/gif", "x"}
	for i, k := range kinds {
		rs = append(rs, fmt.Sprintf(`{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/X"},"date":"2026-11-%02dT00:00:00Z","description":"Letter","content":[{"attachment":{"contentType":"%s","title":"../x.html\u202e","data":"%s"}}]}`, i%28+1, k, data))
	}
	for _, at := range []string{"http://169.254.169.254/latest", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "Binary/gone", "Binary/../Patient/X", "//evil.example/x"} {
		rs = append(rs, `{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/X"},"description":"Elsewhere","content":[{"attachment":{"contentType":"text/html","url":"`+at+`"}}]}`)
	}
	files, name := 0, regexp.MustCompile(`^attachment; filename="document(-\d{4}-\d\d-\d\d)?\.[a-z]{3}"$`)
	runs := regexp.MustCompile(`(?i)html|xml|svg|script|css|multipart|rfc822`)
	check := func(p *webtest.Page) {
		for _, a := range addresses(p.Body) {
			if p.Header.Get("Content-Disposition") == "" && !ownAddress.MatchString(a) {
				t.Errorf("%s leads to %q", p.Path, a)
			}
		}
		d := p.Header.Get("Content-Disposition")
		if d == "" {
			return
		}
		files++
		if !name.MatchString(d) || runs.MatchString(p.Header.Get("Content-Type")) || p.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(p.Header.Get("Content-Security-Policy"), "; sandbox") {
			t.Errorf("%s: %v", p.Path, p.Header)
		}
	}
	crawl(t, h, h.As("nurse"), chartOf(t, h, "files", rs...), check)
	if files < 16 {
		t.Errorf("only %d files were handed out", files)
	}
}

// TestTheFrontDeskKnowsWhoAndWhen: why somebody comes says what they have.
func TestTheFrontDeskKnowsWhoAndWhen(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	const about = `"subject":{"reference":"Patient/X"}`
	c := chartOf(t, h, "desk",
		`{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},`+about+`,"period":{"start":"2026-11-01T10:00:00Z","end":"2026-11-01T10:20:00Z"},"reasonCode":[{"text":"Okapi reason"}],"participant":[{"individual":{"display":"Dr Lena Ortiz"}}]}`,
		`{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},`+about+`,"period":{"start":"2026-11-02T10:00:00Z","end":"2026-11-02T10:20:00Z"},"type":[{"text":"Okapi type"}]}`,
		`{"resourceType":"Appointment","status":"booked","description":"Okapi description","reasonCode":[{"text":"Okapi reason"}],"serviceType":[{"text":"Okapi service"}],"start":"2026-11-27T10:00:00Z","end":"2026-11-27T10:20:00Z","participant":[{"actor":{"reference":"Patient/X"},"status":"accepted"}]}`,
		`{"resourceType":"Communication","status":"completed",`+about+`,"sent":"2026-11-01T10:00:00Z","topic":{"text":"Okapi topic"},"payload":[{"contentString":"Okapi words"}]}`,
		`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Okapi result"},`+about+`,"effectiveDateTime":"2026-11-01","valueQuantity":{"value":1}}`,
		`{"resourceType":"DocumentReference","id":"d","status":"current",`+about+`,"description":"Okapi letter","content":[{"attachment":{"contentType":"text/plain","data":"T2thcGk="}}]}`)
	base := "/clients/" + string(c.Client())
	desk, nurse := h.As("frontdesk"), h.As("nurse")
	for _, fragment := range []bool{false, true} {
		desk.Fragment = fragment
		for _, path := range []string{"", "/timeline", "/timeline?year=2026", "/results/" + string(c.Ref("Observation", "o")), "/documents/" + string(c.Ref("DocumentReference", "d")), "/documents/" + string(c.Ref("DocumentReference", "d")) + "/files/0"} {
			desk.Get(base + path).SaysNot("Okapi")
		}
	}
	desk.Fragment = false
	desk.Get(base).Is(200).Says("2 Nov", "27 Nov", "Dr Lena Ortiz")
	desk.Get(base+"/timeline").Is(200).Says("2 Nov", "1 Nov")
	nurse.Get(base).Is(200).Says("Okapi type", "Okapi description")
	nurse.Get(base+"/timeline").Is(200).Says("Okapi type", "Okapi reason")
}
