package post_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rapport/lang"
	"rapport/outbound"
	"rapport/post"
	"rapport/post/posttest"
)

var b64 = base64.RawURLEncoding

// browser is one that asked to be pushed to.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := browser{k, make([]byte, 16)}
	_, _ = rand.Read(b.auth)
	return b
}

// to is what it gives.
func (b browser) to(endpoint string) string {
	return fmt.Sprintf(`{"endpoint":%q,"keys":{"p256dh":%q,"auth":%q}}`, endpoint, b64.EncodeToString(b.key.PublicKey().Bytes()), b64.EncodeToString(b.auth))
}

// open opens what it was sent, as RFC 8291 and RFC 8188 say, without a line of the
// library that sealed it.
func (b browser) open(t *testing.T, body []byte) []byte {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	salt, size, n := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	theirs := body[21 : 21+n]
	pub, err := ecdh.P256().NewPublicKey(theirs)
	must(err)
	shared, err := b.key.ECDH(pub)
	must(err)
	info := "WebPush: info\x00" + string(b.key.PublicKey().Bytes()) + string(theirs)
	ikm, err := hkdf.Key(sha256.New, shared, b.auth, info, 32)
	must(err)
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	must(err)
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	must(err)
	block, err := aes.NewCipher(key)
	must(err)
	gcm, err := cipher.NewGCM(block)
	must(err)
	sealed := body[21+n:]
	if uint32(len(sealed)) > size {
		t.Fatalf("a record of %d is longer than it says, %d", len(sealed), size)
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	must(err)
	plain = []byte(strings.TrimRight(string(plain), "\x00"))
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		t.Fatal("the record does not end as the last one does")
	}
	return plain[:len(plain)-1]
}

var practiceSite = &url.URL{Scheme: "https", Host: "practice.example"}

// vouching are roots for an endpoint's certificate.
func vouching(p *posttest.Endpoint) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	return roots
}

// newPush returns one that goes out through the client serve uses, to which alone this
// machine is allowed.
func newPush(t *testing.T, p *posttest.Endpoint) (*post.Push, *ecdh.PrivateKey) {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := outbound.NewClient(outbound.HostPort(u), true, vouching(p), nil)
	return post.NewPush(k, practiceSite, c), k
}

func aLetter(kind post.Kind, by post.Way, to string) post.Letter {
	return post.Letter{ID: "aaaa", Once: "0011223344556677", Kind: kind, By: by, To: to, Lang: lang.English, Link: "https://practice.example/me/q7f/messages/c01"}
}

// indiscreet are words that say what a letter is about, of which none may stand on a
// lock screen. That it is a visit is said, as of old; whose and for what is not.
var indiscreet = []string{"doctor", "nurse", "clinic", "medicine", "result", "blood", "therapy", "diagnos", "médecin", "infirm", "médicament", "médico", "enfermer", "medicamento", "sangre", "sang"}

func TestAPushIsReadByTheBrowserAloneAndSaysNothing(t *testing.T) {
	t.Parallel()
	p := posttest.NewEndpoint(t)
	push, key := newPush(t, p)
	b := newBrowser(t)
	n := 0
	for _, tag := range lang.All() {
		for _, k := range post.Kinds() {
			for _, name := range []string{"", "Rowan Street"} {
				l := aLetter(k, post.ByPush, b.to(p.URL+"/send/secret"))
				l.Lang, l.Practice = tag, name
				if err := push.Send(t.Context(), l); err != nil {
					t.Fatalf("%s in %s: %v", k, tag, err)
				}
				got := p.All()[n]
				n++
				var x map[string]string
				if err := json.Unmarshal(b.open(t, got.Body), &x); err != nil {
					t.Fatal(err)
				}
				if len(x) != 4 || x["id"] != l.Once || x["link"] != l.Link || x["text"] == "" || x["title"] == "" || utf8.RuneCountInString(x["text"]) > 80 {
					t.Errorf("%s in %s: %v", k, tag, x)
				}
				if (name == "") == strings.Contains(x["title"], "Rowan") {
					t.Errorf("%s: the practice is named %q, and it may be: %v", k, x["title"], name != "")
				}
				for _, w := range indiscreet {
					if strings.Contains(strings.ToLower(x["title"]+x["text"]), w) {
						t.Errorf("%s in %s says %q: %q", k, tag, w, x["text"])
					}
				}
			}
		}
	}
	got := p.All()[0]
	if got.Header.Get("Content-Encoding") != "aes128gcm" || got.Header.Get("Topic") != "0011223344556677" || got.Header.Get("Ttl") == "" {
		t.Errorf("headers %v", got.Header)
	}
	// whose it is, the service can check (RFC 8292)
	auth := got.Header.Get("Authorization")
	tok, k, _ := strings.Cut(strings.TrimPrefix(auth, "vapid t="), ", k=")
	if k != b64.EncodeToString(key.PublicKey().Bytes()) {
		t.Errorf("signed with another key than the practice's: %s", k)
	}
	parts := strings.Split(tok, ".")
	sig, err := b64.DecodeString(parts[2])
	if err != nil || len(sig) != 64 {
		t.Fatal("no signature")
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(pub, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		t.Error("the signature is not the practice's")
	}
	claims, err := b64.DecodeString(parts[1])
	if err != nil || !strings.Contains(string(claims), `"aud":"`+p.URL+`"`) || !strings.Contains(string(claims), `"sub":"https://practice.example"`) {
		t.Errorf("claims %s", claims)
	}
}

// alphabet is that of 3GPP TS 23.038, in which 160 characters are one text: with any
// other character it is 70. Those of its extension count twice.
const (
	alphabet  = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "^{}\\[~]|€"
)

// gsm is how much of one text s takes; -1 if it is not in the alphabet.
func gsm(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune(alphabet, r):
			n++
		case strings.ContainsRune(extension, r):
			n += 2
		default:
			return -1
		}
	}
	return n
}

func TestATextSaysNothingAndIsShort(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		for _, k := range post.Kinds() {
			l := aLetter(k, post.ByText, "+447700900118")
			l.Lang = tag
			s, err := post.Text(l)
			if n := gsm(s); err != nil || !strings.HasSuffix(s, l.Link) || strings.Contains(s, "\n") || strings.Contains(s, "?.") || n < 0 || n > 160 {
				t.Errorf("%s in %s: %q takes %d of one text, %v", k, tag, s, n, err)
			}
			for _, w := range indiscreet {
				if strings.Contains(strings.ToLower(s), w) {
					t.Errorf("%s in %s says %q: %q", k, tag, w, s)
				}
			}
			l.Practice = strings.Repeat("A long name ", 40)
			if s, err = post.Text(l); err != nil || gsm(s) < 0 || gsm(s) > 306 {
				t.Errorf("%s in %s with a long name: %q, %v", k, tag, s, err)
			}
		}
	}
	for _, to := range []string{"", "07700900118", "+0123456789", "+44 7700", "+4477009001180000000", "a@b.example", "+44770090011x"} {
		if _, err := post.Text(aLetter(post.Message, post.ByText, to)); post.VerdictOf(err) != post.Permanent {
			t.Errorf("%q is taken for a number: %v", to, err)
		}
	}
}

func TestAPracticesNameStaysReadableInAText(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Rowan Street":          "Rowan Street: ",
		"Clínica Ávila":         "Clinica Avila: ",
		"L’Été – cabinet":       "L'Été - cabinet: ",
		"Cœur & Forêt":          "Coeur & Foret: ",
		"Müller {Nord}":         "Müller {Nord}: ",
		"Łódź":                  "Łódź: ", // Ł is no L with a mark: the name stays as it is
		"Клиника":               "Клиника: ",
		"診療所":                   "診療所: ",
		strings.Repeat("診", 79): "", // three texts: it goes without
	} {
		l := aLetter(post.Message, post.ByText, "+447700900118")
		l.Practice = name
		s, err := post.Text(l)
		if err != nil || !strings.HasPrefix(s, want+"There is something for you to read. https://") {
			t.Errorf("%s: %q, %v", name, s, err)
		}
	}
}

// provider is one way over HTTP, and who stands at its end.
type provider struct {
	s    post.Sender
	p    *posttest.Endpoint
	by   post.Way
	to   string
	mark string // the header by which a second try is known
}

// providers are the ways over HTTP, each to a provider of its own.
func providers(t *testing.T) map[string]provider {
	t.Helper()
	p := posttest.NewEndpoint(t)
	push, _ := newPush(t, p)
	out := map[string]provider{"push": {push, p, post.ByPush, newBrowser(t).to(p.URL + "/send/secret"), "Topic"}}
	for name, account := range map[string]string{"generic": "", "twilio": "AC0123"} {
		p := posttest.NewEndpoint(t)
		g, err := post.NewGateway(post.Gateway{Address: p.URL, Token: "hush-hush", Account: account, From: "+447700900999"})
		if err != nil {
			t.Fatal(err)
		}
		post.Trust(g, vouching(p))
		x := provider{g, p, post.ByText, "+447700900118", "Idempotency-Key"}
		if account != "" {
			x.mark = "I-Twilio-Idempotency-Token"
		}
		out[name] = x
	}
	return out
}

// send sends a letter; a provider that hushes is waited for until it does, and then left.
func (x provider) send(t *testing.T, do string) error {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	if do == "hush" {
		go func() {
			<-x.p.Quiet()
			leave()
		}()
	}
	return x.s.Send(ctx, aLetter(post.Message, x.by, x.to))
}

// secrets are what the letters and the providers below hold, and no error may.
var secrets = []string{"7700900", "secret", "hush-hush", "words of the other", "/me/", "AC0123", "/send/"}

func TestWhatAProviderDoesIsUnderstood(t *testing.T) {
	t.Parallel()
	for name, x := range providers(t) {
		for do, want := range map[string]post.Verdict{"201": 0, "200": 0, "202": 0, "400": post.Permanent, "404": post.Permanent, "410": post.Permanent, "413": post.Permanent,
			"408": post.Temporary, "401": post.Temporary, "403": post.Temporary, "429": post.Temporary, "500": post.Temporary, "503": post.Temporary, "lose": post.Temporary, "hush": post.Temporary, "garble": post.Temporary, "away": post.Permanent, "see": post.Permanent} {
			x.p.Plan("200", do) // the first, so that the second finds a connection that was used
			if err := x.send(t, ""); err != nil {
				t.Errorf("%s, before %s: %v", name, do, err)
			}
			before := len(x.p.All())
			err := x.send(t, do)
			if post.VerdictOf(err) != want {
				t.Errorf("%s, %s: %v, want verdict %d", name, do, err, want)
			}
			if n := len(x.p.All()) - before; n != 1 {
				t.Errorf("%s, %s: %d requests for one letter", name, do, n)
			}
			if post.General(err) {
				t.Errorf("%s, %s: one provider's trouble stops every letter", name, do)
			}
			if err != nil {
				for _, secret := range secrets {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("%s, %s: the error repeats %q: %v", name, do, secret, err)
					}
				}
			}
		}
		for _, g := range x.p.All() {
			if g.Path == "/elsewhere" {
				t.Errorf("%s follows where it is sent", name)
			}
		}
	}
}

func TestAProviderMayAskUsToWait(t *testing.T) {
	t.Parallel()
	for name, x := range providers(t) {
		for asked, want := range map[string]time.Duration{"": 0, "120": 2 * time.Minute, "0": 0, "-5": 0, "soon": 0, "99999999999999999999": (1<<31 - 1) * time.Second,
			"Thu, 26 Nov 2026 12:10:00 GMT": 10 * time.Minute, "Thu, 26 Nov 2026 11:00:00 GMT": 0} {
			for _, do := range []string{"429", "503"} {
				x.p.Plan(do + " " + asked)
				if err := x.send(t, do); post.WaitOf(err) != want || post.VerdictOf(err) != post.Temporary {
					t.Errorf("%s, %s with Retry-After %q: %v, %v", name, do, asked, post.WaitOf(err), err)
				}
			}
		}
	}
}

// TestAPushReachesNobodyInHouse goes out through the client of serve as it is: to a push
// service that does answer, on this machine.
func TestAPushReachesNobodyInHouse(t *testing.T) {
	t.Parallel()
	p := posttest.NewEndpoint(t)
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := outbound.Public(vouching(p))
	push := post.NewPush(k, practiceSite, c)
	b := newBrowser(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(p.URL, "https://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]", "user@127.0.0.1"} {
		if err := push.Send(t.Context(), aLetter(post.Message, post.ByPush, b.to("https://"+host+":"+port+"/x"))); post.VerdictOf(err) != post.Permanent {
			t.Errorf("%s is tried again: %v", host, err)
		}
	}
	if n := len(p.All()); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
	in, _ := newPush(t, p) // which is let in, and shows that somebody was there to answer
	if err := in.Send(t.Context(), aLetter(post.Message, post.ByPush, b.to(p.URL+"/x"))); err != nil || len(p.All()) != 1 {
		t.Errorf("nobody is there: %v", err)
	}
}

func TestASecondTryCanBeKnownForOne(t *testing.T) {
	t.Parallel()
	for name, x := range providers(t) {
		x.p.Plan("lose")
		for try := range 2 {
			l := aLetter(post.Message, x.by, x.to)
			l.ID = fmt.Sprint("lease", try)
			if err := x.s.Send(t.Context(), l); (err == nil) != (try == 1) {
				t.Errorf("%s, try %d: %v", name, try, err)
			}
		}
		got := x.p.All()
		if len(got) != 2 || got[0].Header.Get(x.mark) == "" || got[0].Header.Get(x.mark) != got[1].Header.Get(x.mark) {
			t.Errorf("%s: %d tries, marked %q and %q", name, len(got), got[0].Header.Get(x.mark), got[len(got)-1].Header.Get(x.mark))
		}
	}
}

func TestTheGatewaysAreSpokenToAsTheyWant(t *testing.T) {
	t.Parallel()
	all := providers(t)
	for _, name := range []string{"generic", "twilio"} {
		if err := all[name].s.Send(t.Context(), aLetter(post.Message, post.ByText, "+447700900118")); err != nil {
			t.Fatal(err)
		}
	}
	g := all["generic"].p.All()[0]
	var x map[string]string
	if err := json.Unmarshal(g.Body, &x); err != nil || len(x) != 3 || x["to"] != "+447700900118" || x["id"] != "0011223344556677" || !strings.Contains(x["text"], "https://practice.example/") {
		t.Errorf("%s: %v", g.Body, err)
	}
	if g.Header.Get("Authorization") != "Bearer hush-hush" || g.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", g.Header)
	}
	w := all["twilio"].p.All()[0]
	form, err := url.ParseQuery(string(w.Body))
	if err != nil || form.Get("To") != "+447700900118" || form.Get("From") != "+447700900999" || form.Get("Body") != x["text"] {
		t.Errorf("%s: %v", w.Body, err)
	}
	if w.Path != "/2010-04-01/Accounts/AC0123/Messages.json" || w.Header.Get("Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("AC0123:hush-hush")) {
		t.Errorf("%s %v", w.Path, w.Header)
	}
}

func TestAWayThatIsNotThereIsRefusedAndMailWaits(t *testing.T) {
	t.Parallel()
	var w post.Ways
	for by, want := range map[post.Way]post.Verdict{post.ByMail: post.Temporary, post.ByPush: post.Permanent, post.ByText: post.Permanent} {
		if err := w.Send(t.Context(), aLetter(post.Message, by, "x")); post.VerdictOf(err) != want || post.General(err) {
			t.Errorf("%q: %v", by, err)
		}
	}
}

func TestWhatIsNoBrowserIsNotPushedTo(t *testing.T) {
	t.Parallel()
	p := posttest.NewEndpoint(t)
	push, _ := newPush(t, p)
	b := newBrowser(t)
	for _, to := range []string{"", "{}", "a@b.example", b.to("http://127.0.0.1/x"), b.to("file:///etc/passwd"), b.to("https://"), `{"endpoint":"` + p.URL + `","keys":{"p256dh":"AAAA","auth":"AAAA"}}`} {
		if err := push.Send(t.Context(), aLetter(post.Message, post.ByPush, to)); post.VerdictOf(err) == 0 {
			t.Errorf("%q is pushed to", to)
		}
	}
	if n := len(p.All()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestAGatewaysSettingsAreSentences(t *testing.T) {
	t.Parallel()
	for _, g := range []post.Gateway{{}, {Address: "texts.example"}, {Address: "http://texts.example/", Token: "x"}, {Address: "https://a:b@texts.example/", Token: "x"}, {Address: "https://texts.example/"}, {Account: "AC1", Token: "x"}, {Address: "ftp://texts.example", Token: "x"}} {
		if _, err := post.NewGateway(g); err == nil {
			t.Errorf("%+v is taken", g)
		}
	}
	for _, g := range []post.Gateway{{Address: "https://texts.example/send", Token: "x"}, {Address: "http://192.168.1.4:8080/", Token: "x"}, {Address: "http://localhost/", Token: "x"}, {Account: "AC1", Token: "x", From: "MG1"}} {
		if _, err := post.NewGateway(g); err != nil {
			t.Errorf("%+v: %v", g, err)
		}
	}
}
