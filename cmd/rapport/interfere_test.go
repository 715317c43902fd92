package main

import (
	"fmt"
	"maps"
	mrand "math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"rapport/fhir/label"
	"rapport/web"
	"rapport/web/webtest"
)

// request is one that is asked of both worlds.
type request struct {
	method, path string
	form         url.Values
	fragment     bool
	language     string
	span         string
}

func (q request) String() string {
	return strings.TrimSpace(fmt.Sprint(q.method, " ", q.path, " ", q.form.Encode()))
}

// answer is all that comes back: there is nothing in it that is not compared.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask asks one world.
func (w world) ask(d *same, seed uint64, q request) answer {
	d.throw(seed)
	w.v.Fragment, w.v.Language, w.v.Range = q.fragment, q.language, q.span
	p := w.v.Do(q.method, q.path, q.form)
	return answer{p.Status, p.Header, p.Body}
}

// differs says how two answers differ; "" if they do not.
func differs(a, b answer) string {
	if a.status != b.status {
		return fmt.Sprintf("status %d and %d", a.status, b.status)
	}
	if !maps.EqualFunc(a.header, b.header, slices.Equal) {
		for _, k := range sortedKeys(a.header) {
			if !slices.Equal(a.header[k], b.header[k]) {
				return fmt.Sprintf("header %s: %q and %q", k, a.header[k], b.header[k])
			}
		}
		return fmt.Sprintf("headers %v and %v", a.header, b.header)
	}
	if a.body == b.body {
		return ""
	}
	i := 0
	for i < len(a.body) && i < len(b.body) && a.body[i] == b.body[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, i-120):min(len(s), i+160)] }
	return fmt.Sprintf("at byte %d of %d and %d:\n\t%q\n\t%q", i, len(a.body), len(b.body), cut(a.body), cut(b.body))
}

// ends are the requests after which there is nobody to ask on as, and what waits for ever.
var ends = []string{"POST /out", "POST /away", "GET /live/{ticket}", "POST /account/drop", "POST /account/stop"}

// hash is a fingerprint, its beginning, or a signature over some. Who reads lines of their own ledger is given some that are made
// of every line of the practice, sealed: that the ledger as a whole is another is what they
// are there to say, and they say it of lines nobody can open. For those who have a ledger,
// at the addresses where it is read, one fingerprint is like another; how many there are,
// and where, is compared.
var hash = regexp.MustCompile(`[A-Za-z0-9+/]{43,}=*|\b[0-9a-f]{16}\b`)

var readsLedger = regexp.MustCompile(`^/me/[^/]+/(looks|trust|take)`)

// copies are asked for where one's own ledger goes along, packed and locked: those
// fingerprints make it some bytes longer or shorter. Whether it is given is compared.
func (o observer) alike(q request, a answer) answer {
	if !o.mirrored() || !readsLedger.MatchString(q.path) {
		return a
	}
	a.body = hash.ReplaceAllString(a.body, "HASH")
	if strings.HasSuffix(q.path, "/take") && q.method == "POST" && !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		a.body = ""
		a.header = a.header.Clone()
		a.header.Del("Content-Length")
	}
	return a
}

// script makes up requests, out of the routes and of what was found in answers.
type script struct {
	r      *mrand.Rand
	s      *scene
	routes []web.Route
	o      observer
	links  []string
	forms  []request
	refs   []string
	words  []string
}

var odds = []string{"c1", "1", "0", "-1", "99999", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "ada-person", "d1", "2026", "%00", "..", "%F0%9F%8E%88"}

var questions = []string{"", "?year=2026", "?year=2025", "?page=2", "?from=1", "?from=50", "?q=Zibet", "?tab=unassigned", "?tab=all", "?who=everyone", "?sort=name", "?kind=lab", "?date=2026-11-26", "?week=2026-W48", "?day=2026-11-20", "?before=2026-11-01", "?count=1", "?show=all", "?all=1"}

// next is the next request.
func (x *script) next() request {
	q := request{method: "GET", fragment: x.r.IntN(6) == 0, language: pick(x.r, []string{"", "", "", "es", "fr"})}
	if x.r.IntN(12) == 0 {
		q.span = "bytes=0-9"
	}
	switch k := x.r.IntN(20); {
	case k < 8 && len(x.links) > 0:
		q.path = pick(x.r, x.links)
	case k < 12 && len(x.forms) > 0:
		f := pick(x.r, x.forms)
		q.method, q.path, q.form = f.method, f.path, x.fillIn(f.form)
		if q.method == "GET" {
			q.path, q.form = q.path+"?"+q.form.Encode(), nil
		}
	case k < 14 && len(x.refs) > 0: // what is in one world only
		q.path = pick(x.r, []string{"/me/", "/clients/", "/inbox/", "/desk/"}) + x.about() + pick(x.r, x.refs)
	default:
		rt := pick(x.r, x.routes)
		for try := 0; try < 3 && rt.Method() == "GET" && !x.likely(rt); try++ {
			rt = pick(x.r, x.routes)
		}
		q.method = rt.Method()
		_, path, _ := strings.Cut(strings.TrimSuffix(rt.Pattern, "{$}"), " ")
		q.path = param.ReplaceAllStringFunc(path, func(p string) string {
			if p == "{client}" {
				return x.about()
			}
			if len(x.refs) > 0 && x.r.IntN(3) == 0 {
				ref := pick(x.r, x.refs)
				return ref[strings.LastIndex(ref, "/")+1:]
			}
			return pick(x.r, odds)
		}) + pick(x.r, questions)
		if q.method == "POST" {
			q.form = x.fillIn(url.Values{"q": {""}, "id": {""}, "text": {""}, "name": {""}})
		}
	}
	return q
}

// likely reports that the observer may be shown something there: what is for others is
// tried too, and less often.
func (x *script) likely(rt web.Route) bool {
	if x.o.who == "nobody" {
		return true
	}
	staff := !slices.Contains([]string{"max", "bob", "gus", "nobody"}, x.o.who)
	return strings.Contains(rt.Pattern, "/me/") != staff
}

func (x *script) about() string {
	if x.r.IntN(12) == 0 {
		return pick(x.r, []string{string(x.s.h.Bob), string(x.s.carol), absent})
	}
	return string(x.s.h.Ada)
}

// fillIn fills a form in: what is hidden in it mostly stays as it is.
func (x *script) fillIn(form url.Values) url.Values {
	out := url.Values{}
	for _, k := range sortedKeys(form) {
		for _, v := range form[k] {
			if v == "" || x.r.IntN(8) == 0 {
				v = pick(x.r, x.words)
			}
			out.Add(k, v)
		}
	}
	return out
}

// learn takes the addresses and the forms of an answer.
func (x *script) learn(body string) {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if at, _, _ := strings.Cut(a.Val, "#"); (a.Key == "href" || a.Key == "src" || strings.HasPrefix(a.Key, "data-")) && strings.HasPrefix(at, "/") && !strings.HasPrefix(at, "/live/") && !strings.HasPrefix(at, "/assets/") && !slices.Contains(x.links, at) {
				x.links = append(x.links, at)
			}
		}
		if n.Type == html.ElementNode && n.Data == "form" {
			x.learnForm(n)
		}
	}
	x.links, x.forms = x.links[max(0, len(x.links)-200):], x.forms[max(0, len(x.forms)-60):]
}

func (x *script) learnForm(n *html.Node) {
	f := request{method: strings.ToUpper(valueOf(n, "method")), path: valueOf(n, "action"), form: url.Values{}}
	if f.method == "" {
		f.method = "GET"
	}
	if !strings.HasPrefix(f.path, "/") || slices.Contains(ends, f.method+" "+f.path) {
		return
	}
	for e := range n.Descendants() {
		if name := valueOf(e, "name"); name != "" && (e.Data == "input" || e.Data == "textarea" || e.Data == "select" || e.Data == "button") {
			f.form.Add(name, valueOf(e, "value"))
		}
		if e.Data == "option" && x.r.IntN(3) == 0 && e.Parent != nil && valueOf(e.Parent, "name") != "" {
			f.form.Set(valueOf(e.Parent, "name"), valueOf(e, "value"))
		}
	}
	x.forms = append(x.forms, f)
}

func valueOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// found is a difference between two worlds.
type found struct {
	who, route, how string
	secrets         []string
	after           int
}

// interfere plays one script in two worlds and returns the first difference, if there is
// one, and how many answers were compared. Between is what a test puts before a world.
func (s *scene) interfere(t testing.TB, o observer, seed uint64, steps int, between func(int, *webtest.House, []secret, http.Handler) http.Handler) (*found, int) {
	t.Helper()
	ws := s.fork(t, o.who)
	r := mrand.New(mrand.NewPCG(seed, 1))
	s.dice.throw(seed)
	secrets := s.hide(t, ws[1].h, o, ws[1].h.Ada, r)
	if o.mirrored() {
		s.dice.throw(seed)
		s.hide(t, ws[0].h, o, s.carol, mrand.New(mrand.NewPCG(seed, 1)))
	}
	if o.of != "sealed" && r.IntN(4) == 0 {
		again := r.Uint64()
		s.hideVisit(t, ws[0].h, o, s.carol, mrand.New(mrand.NewPCG(again, 1)))
		secrets = append(secrets, s.hideVisit(t, ws[1].h, o, s.h.Ada, mrand.New(mrand.NewPCG(again, 1))))
	}
	if between != nil {
		for i := range ws {
			ws[i].v.Through(between(i, ws[i].h, secrets, ws[i].h.Web))
		}
	}
	x := &script{r: r, s: s, o: o, words: []string{"Penicillin", "Ada", "Nwosu", "Zibet", "2026-11-26", "on", "yes", "1", "en", "a b c", "10:30"}}
	for _, rt := range ws[0].h.Web.Routes() {
		if !slices.Contains(ends, rt.Pattern) {
			x.routes = append(x.routes, rt)
		}
	}
	var names []string
	for _, c := range secrets {
		names = append(names, c.name)
		x.refs, x.words = append(x.refs, c.refs...), append(x.words, c.told...)
	}
	x.links = append(x.links, "/clients/"+string(s.h.Ada), "/me/"+string(s.h.Ada)+"/today", "/inbox", "/day", "/family", "/practice", "/home")
	for n := range steps {
		q := x.next()
		at := seed*1_000_003 + uint64(n)
		a, b := ws[0].ask(s.dice, at, q), ws[1].ask(s.dice, at, q)
		s.seen.add(q, a)
		a, b = o.alike(q, a), o.alike(q, b)
		if d := differs(a, b); d != "" {
			return &found{who: o.who, route: q.String(), how: d, secrets: names, after: n + 1}, n + 1
		}
		if a.status == http.StatusOK && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			x.learn(a.body)
		}
		if n%40 == 39 {
			for i := range ws {
				ws[i].h.Now.Add(20 * time.Minute)
			}
		}
	}
	return nil, steps
}

// reached counts how somebody was answered, so that a test that only ever hears "no" is
// seen to be one.
type reached struct {
	status map[int]int
	kinds  map[string]bool // of pages that were shown
}

func (x *reached) add(q request, a answer) {
	x.status[a.status/100]++
	if a.status == http.StatusOK {
		x.kinds[q.method+" "+kindOf(q.path)] = true
	}
}

// TestNoWorldTellsWhatIsHiddenInIt builds pairs of worlds that differ in nothing but what
// somebody may not see, has them ask the same of both, and compares every byte.
func TestNoWorldTellsWhatIsHiddenInIt(t *testing.T) {
	s := setScene(t)
	rounds, steps := 12, 60
	if testing.Short() {
		rounds, steps = 1, 25
	}
	if n, err := strconv.Atoi(os.Getenv("RAPPORT_ROUNDS")); err == nil {
		rounds = n
	}
	begun := time.Now()
	answers, worlds, told := 0, 0, 0
	for i, o := range observers {
		s.seen = reached{map[int]int{}, map[string]bool{}}
		for round := range rounds {
			f, n := s.interfere(t, o, uint64(round*100+i), steps, nil)
			answers, worlds = answers+n, worlds+1
			if f != nil {
				told++
				t.Errorf("%s can tell %q apart by %s: %s", f.who, f.secrets, f.route, f.how)
			}
		}
		t.Logf("%s: %d kinds of page, answers by hundreds %v", o.who, len(s.seen.kinds), s.seen.status)
		if len(s.seen.kinds) < 5 && !testing.Short() {
			t.Errorf("%s was shown too little: %v", o.who, s.seen.kinds)
		}
	}
	t.Logf("TRUST non-interference: %d pairs of worlds, %d pairs of answers compared byte for byte, %d differ, %s", worlds, answers, told, time.Since(begun).Round(time.Second))
}

// TestWorldsDifferForWhoMaySee is the other side: for who may see what is in one world
// only, the two must differ, and soon.
func TestWorldsDifferForWhoMaySee(t *testing.T) {
	s := setScene(t)
	s.visitors["ada"] = s.h.As("ada")
	for _, who := range []string{"ada", "nurse"} {
		told, answers := 0, 0
		for seed := range uint64(10) {
			f, n := s.interfere(t, observer{who, "ada", label.All}, 900+seed, 120, nil)
			if answers += n; f != nil {
				told++
			}
		}
		if t.Logf("%s, who may see them, tells %d of 10 pairs apart, in %d answers", who, told, answers); told < 3 {
			t.Errorf("%s tells %d of 10 pairs apart: the worlds hardly differ", who, told)
		}
	}
}
