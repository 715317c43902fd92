package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
)

// home15 is a family in a world of its own: a girl of fifteen, her father, who is
// her guardian under the widest of the example rules, her grown cousin, who helps
// her with everything, and somebody who is nothing to them.
type home15 struct {
	t                    *testing.T
	v                    *record.Vault
	doors                *account.Doors
	web                  *web.Server
	girl, father, cousin fhir.ClientID
	stranger             fhir.ClientID
	now                  *clock.Fake
}

// dice draws the same bytes in both worlds.
func dice(seed uint64) io.Reader {
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	return rand.NewChaCha8(s)
}

// must returns a value, or ends the test.
func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func newHome15(t *testing.T, seed uint64) *home15 {
	t.Helper()
	h := &home15{t: t, now: clock.At(demoDay)}
	ctx := t.Context()
	v, err := record.Create(ctx, record.Config{Dir: filepath.Join(t.TempDir(), "data"), KeyFile: filepath.Join(t.TempDir(), "key"), Clock: h.now, Rand: dice(seed)})
	h.v = must(v, err)
	t.Cleanup(func() { h.v.Close() }) //nolint:errcheck // the test is over
	h.doors = account.New(h.v, h.v, h.now)
	importer := account.AsSystem(account.Importer)
	p := must(h.v.OpenPractice(ctx, importer, record.Importing))
	s := h.v.Settings()
	s.Name, s.Zone = "Rowan Street Practice", "Europe/London"
	s.Minors = record.Minors{ID: "example-texas", Version: 1, Reviewer: "Somebody", Reviewed: "2026-11-01", By: "Grace", Since: "2026-11-01"}
	if err := p.SetSettings(ctx, s); err != nil {
		t.Fatal(err)
	}
	if err := p.SetStaff(ctx, record.StaffMember{ID: "desk", Name: "Joe Park", Title: "Front desk", Roles: "frontdesk"}); err != nil {
		t.Fatal(err)
	}
	admit := func(id, name, birth string, more ...fhir.Resource) fhir.ClientID {
		c := must(h.v.Admit(ctx, importer, record.Importing))
		rs := append([]fhir.Resource{res("Patient", id, fmt.Sprintf(`"name":[{"given":[%q],"family":"Hale"}],"birthDate":%q`, name, birth))}, more...)
		must(c.Put(ctx, rs...))
		return c.Client()
	}
	h.girl = admit("girl", "Nora", "2011-03-09", open15("girl")...)
	h.father = admit("father", "Carl", "1979-05-02", open15("father")...)
	h.cousin = admit("cousin", "Ines", "1999-05-02")
	h.stranger = admit("stranger", "Zed", "1980-01-31")
	h.ties()
	base := &url.URL{Scheme: "https", Host: "practice.example"}
	if err := h.doors.Serve(base, func() string { return "Rowan Street Practice" }); err != nil {
		t.Fatal(err)
	}
	h.web = must(web.New(web.Config{Vault: h.v, Doors: h.doors, Clock: h.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Base: base, Home: home, Nav: nav}, routes()...))
	return h
}

func res(typ, id, rest string) fhir.Resource {
	return fhir.Resource{Type: typ, ID: id, JSON: []byte(fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, rest))}
}

// in signs somebody in.
func (h *home15) in(s account.Subject) (account.Actor, string) {
	h.t.Helper()
	link := must(h.doors.Invite(h.t.Context(), s, account.Demo))
	in := must(h.doors.Enter(h.t.Context(), link, account.Ask{}))
	return must(h.doors.Who(h.t.Context(), in.Token)), in.Token
}

func clientOf(c fhir.ClientID) account.Subject {
	return account.Subject{Kind: account.Client, ID: string(c)}
}

// ties makes the father the girl's guardian and the cousin her helper.
func (h *home15) ties() {
	h.t.Helper()
	ctx := h.t.Context()
	desk, _ := h.in(account.Subject{Kind: account.Staff, ID: "desk"})
	girl, _ := h.in(clientOf(h.girl))
	byDesk := must(h.v.Open(ctx, desk, record.Vouching, h.girl, record.Person|record.Agreements))
	byGirl := must(h.v.Open(ctx, girl, record.Sharing, h.girl, record.Agreements))
	father, _ := h.in(clientOf(h.father))
	must(h.v.TakeHelp(ctx, father, must(byDesk.Offer(ctx, record.Grant{Tie: record.Guardian, Name: "Carl"}, "", lang.English))))
	cousin, _ := h.in(clientOf(h.cousin))
	must(h.v.TakeHelp(ctx, cousin, must(byGirl.Offer(ctx, record.Grant{Tie: record.Helper, Name: "Ines", Reads: record.AllParts, Acts: record.AllParts}, "", lang.English))))
}

// kinds15 are things that lie in a chart, with a place for a number, a label and a
// date.
var kinds15 = []string{
	`Observation "status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2093-3"}],"text":"Secret test %[1]d"},"subject":{"reference":"Patient/%[2]s"},"effectiveDateTime":"%[3]s","valueQuantity":{"value":%[1]d,"unit":"mg/dL"}`,
	`Observation "status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}],"text":"Heart rate"},"subject":{"reference":"Patient/%[2]s"},"effectiveDateTime":"%[3]s","valueQuantity":{"value":6%[1]d,"unit":"/min"}`,
	`Condition "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Secret problem %[1]d"},"subject":{"reference":"Patient/%[2]s"},"recordedDate":"%[3]s"`,
	`MedicationRequest "status":"active","intent":"order","medicationCodeableConcept":{"text":"Secret tablet %[1]d"},"subject":{"reference":"Patient/%[2]s"},"authoredOn":"%[3]s"`,
	`AllergyIntolerance "code":{"text":"Secret allergy %[1]d"},"patient":{"reference":"Patient/%[2]s"},"recordedDate":"%[3]s"`,
	`Immunization "status":"completed","vaccineCode":{"text":"Secret vaccine %[1]d"},"patient":{"reference":"Patient/%[2]s"},"occurrenceDateTime":"%[3]s"`,
	`Encounter "status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"reasonCode":[{"text":"Secret visit %[1]d"}],"subject":{"reference":"Patient/%[2]s"},"period":{"start":"%[3]s","end":"%[3]s"}`,
	`Appointment "status":"booked","description":"Secret visit to come %[1]d","start":"2026-12-0%[4]dT10:00:00Z","end":"2026-12-0%[4]dT10:20:00Z","participant":[{"actor":{"reference":"Patient/%[2]s"},"status":"accepted"}]`,
	`DocumentReference "status":"current","type":{"text":"Secret letter %[1]d"},"date":"%[3]s","subject":{"reference":"Patient/%[2]s"},"content":[{"attachment":{"contentType":"text/plain","data":"c2VjcmV0","title":"Secret"}}]`,
	`Communication "status":"completed","sent":"%[3]s","subject":{"reference":"Patient/%[2]s"},"payload":[{"contentString":"Secret words %[1]d"}]`,
	`Procedure "status":"completed","code":{"text":"Secret procedure %[1]d"},"subject":{"reference":"Patient/%[2]s"},"performedDateTime":"%[3]s"`,
	`DiagnosticReport "status":"final","code":{"text":"Secret report %[1]d"},"subject":{"reference":"Patient/%[2]s"},"effectiveDateTime":"%[3]s","issued":"%[3]s"`,
	`CarePlan "status":"active","intent":"plan","title":"Secret plan %[1]d","subject":{"reference":"Patient/%[2]s"},"period":{"start":"%[3]s"}`,
	`Goal "lifecycleStatus":"active","description":{"text":"Secret goal %[1]d"},"subject":{"reference":"Patient/%[2]s"},"startDate":"2026-11-0%[4]d"`,
	`FamilyMemberHistory "status":"completed","relationship":{"text":"Secret kin %[1]d"},"patient":{"reference":"Patient/%[2]s"},"date":"%[3]s"`,
}

func kind15(k, n int, of, id, security string, at time.Time) fhir.Resource {
	typ, rest, _ := strings.Cut(kinds15[k], " ")
	rest = fmt.Sprintf(rest, n, of, at.Format(time.RFC3339), 1+n%9)
	rest = regexp.MustCompile(`%!\(EXTRA[^)]*\)+$`).ReplaceAllString(rest, "")
	if security != "" {
		rest = `"meta":{"security":[` + security + `]},` + rest
	}
	return res(typ, id, rest)
}

// open15 is the part of a chart that is open to who looks after somebody.
func open15(of string) (out []fhir.Resource) {
	for k := range kinds15 {
		r := kind15(k, k+1, of, fmt.Sprintf("%s-open-%d", of, k), "", demoDay.Add(-time.Duration(k+1)*37*time.Hour))
		r.JSON = bytes.ReplaceAll(r.JSON, []byte("Secret"), []byte("Open"))
		out = append(out, r)
	}
	return out
}

// labels close what carries them.
var labels15 = []string{
	`{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}`,
	`{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"SEX"}`,
	`{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"N"},{"system":"https://elsewhere.example","code":"odd"}`,
}

// secrets adds confidential things, in some number of acts, to somebody's chart:
// the girl's in one world, a stranger's in the other, so that both did as much.
func (h *home15) secrets(seed uint64, of fhir.ClientID, person string) []record.Ref {
	h.t.Helper()
	r := rand.New(rand.NewPCG(seed, 15))
	var refs []record.Ref
	for act := range 1 + r.IntN(4) {
		var rs []fhir.Resource
		for n := range 1 + r.IntN(12) {
			k := r.IntN(len(kinds15))
			at := demoDay.Add(-time.Duration(r.IntN(60*24)) * time.Hour)
			rs = append(rs, kind15(k, r.IntN(90)+1, person, fmt.Sprintf("s-%d-%d", act, n), labels15[r.IntN(len(labels15))], at))
		}
		c := must(h.v.Into(h.t.Context(), account.AsSystem(account.Importer), record.Importing, of))
		must(c.Put(h.t.Context(), rs...))
		h.now.Add(11 * time.Minute)
		for _, x := range rs {
			refs = append(refs, c.Ref(x.Type, x.ID))
		}
	}
	return refs
}

// see asks for a page and returns all that comes back.
func (h *home15) see(token, path string) (string, string) {
	r := httptest.NewRequest(http.MethodGet, "https://practice.example"+path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: token})
	w := httptest.NewRecorder()
	h.web.ServeHTTP(w, r)
	var b strings.Builder
	fmt.Fprintln(&b, w.Code)
	for _, k := range slices.Sorted(maps.Keys(w.Header())) {
		fmt.Fprintln(&b, k, w.Header()[k])
	}
	b.WriteString(w.Body.String())
	return b.String(), w.Body.String()
}

var href15 = regexp.MustCompile(`href="(/[^"#]*)"`)

// drawn15 is what is drawn anew in each world: fingerprints of the ledger and what is
// signed of them, and the names of sessions.
var drawn15 = regexp.MustCompile(`[A-Za-z0-9+/]{43}=|— rapport[^\n<]*|value="[0-9a-f]{16}"`)

// whole is everything somebody can see: every page that any page leads to, every
// page there is about the girl, and what is asked for by name.
func (h *home15) whole(who fhir.ClientID, refs []record.Ref) map[string]string {
	h.t.Helper()
	_, token := h.in(clientOf(who))
	todo := []string{"/", "/family", "/account", "/me/" + string(who) + "/today", "/me/" + string(who) + "/looks", "/me/" + string(who) + "/helpers"}
	for _, rt := range h.web.Routes() {
		if rt.Method() == "GET" && strings.Contains(rt.Pattern, "{client}") {
			todo = append(todo, fill(rt, string(h.girl)))
		}
	}
	for _, ref := range refs {
		for _, at := range []string{"results", "documents"} {
			todo = append(todo, "/me/"+string(h.girl)+"/health/"+at+"/"+string(ref))
		}
	}
	out := map[string]string{}
	for len(todo) > 0 && len(out) < 400 {
		path := strings.ReplaceAll(todo[0], "&amp;", "&")
		todo = todo[1:]
		if _, seen := out[path]; seen || strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/in") || strings.Contains(path, "/looks/copy") || strings.HasSuffix(path, "/looks/receipt") || strings.HasSuffix(path, "/looks/book") || path == "/account/app" || path == "/me/"+string(who)+"/take" || path == "/take/open.html" {
			continue // a proof holds salts, an app's page a secret, one's own copy words: all are drawn. What opens a copy is the same for everybody
		}
		all, body := h.see(token, path)
		out[path] = drawn15.ReplaceAllString(all, "DRAWN")
		for _, m := range href15.FindAllStringSubmatch(body, -1) {
			todo = append(todo, m[1])
		}
	}
	return out
}

// TestWhoLooksAfterSomebodySeesNoTraceOfWhatIsClosed compares, byte for byte,
// everything a guardian and a helper can see in a world where a girl of fifteen has
// confidential things in her chart, and in one where she has none.
func TestWhoLooksAfterSomebodySeesNoTraceOfWhatIsClosed(t *testing.T) {
	t.Parallel()
	worlds := uint64(12)
	if testing.Short() {
		worlds = 3
	}
	pages := 0
	for seed := range worlds {
		with, without := newHome15(t, seed), newHome15(t, seed)
		if with.girl != without.girl || with.father != without.father {
			t.Fatal("the two worlds are not alike to begin with")
		}
		refs := with.secrets(seed, with.girl, "girl")
		without.secrets(seed, without.stranger, "stranger")
		for _, who := range []fhir.ClientID{with.father, with.cousin} {
			a, b := with.whole(who, refs), without.whole(who, refs)
			pages += len(a)
			for path := range a {
				if a[path] != b[path] {
					t.Errorf("world %d: %s differs: %s", seed, strings.ReplaceAll(path, string(with.girl), "{girl}"), firstDifference(a[path], b[path]))
				}
				if strings.Contains(a[path], "Secret") {
					t.Errorf("world %d: %s shows what is closed", seed, path)
				}
			}
			if len(a) != len(b) {
				t.Errorf("world %d: %d pages, and %d without", seed, len(a), len(b))
			}
		}
		if a, b := with.mail(), without.mail(); a != b {
			t.Errorf("world %d: letters %q, and %q without", seed, a, b)
		}
		if seed == 0 { // and she herself sees them, or the test compares nothing
			if _, own := with.see(must2(with.in(clientOf(with.girl))), "/me/"+string(with.girl)+"/health"); !strings.Contains(own, "Secret") {
				t.Error("the girl does not see her own")
			}
		}
	}
	t.Logf("%d pairs of worlds, %d pages compared", worlds, pages)
	if pages < 40*int(worlds) {
		t.Errorf("only %d pages were compared", pages)
	}
}

func must2(_ account.Actor, token string) string { return token }

// mail is every letter that waits, and to whom.
func (h *home15) mail() string {
	h.t.Helper()
	var out []string
	for _, p := range must(h.v.Due(h.t.Context(), 100)) {
		out = append(out, p.Letter.Kind+" "+p.Letter.To+" "+p.Letter.Path)
	}
	return strings.Join(out, "; ")
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return fmt.Sprintf("%q and %q", a[max(0, i-40):min(len(a), i+60)], b[max(0, i-40):min(len(b), i+60)])
}
