package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alecthomas/kong"

	"rapport/errs"
	"rapport/lang"
	"rapport/post"
)

func TestTextFlagsSayWhatToDo(t *testing.T) {
	t.Parallel()
	good, open := secretFile(t, 0o600, "s3cret\n"), secretFile(t, 0o640, "s3cret\n")
	gateway, token, twilio, from := "--text-gateway=https://texts.example/send", "--text-token-file="+good, "--text-twilio=AC0123", "--text-from=+447700900999"
	for _, c := range []struct {
		want string // "" means it is fine
		args []string
	}{
		{"", []string{gateway, token}},
		{"", []string{"--text-gateway=http://192.168.1.4:8080/send", token}},
		{"", []string{"--text-gateway=http://[::1]/send", token}},
		{"", []string{twilio, token, from}},
		{"", []string{twilio, gateway, token, "--text-from=MG1"}},
		{"add --text-gateway or --text-twilio", []string{token}},
		{"add --text-gateway or --text-twilio", []string{from}},
		{"add --text-token-file", []string{gateway}},
		{"add --text-token-file", []string{twilio, from}},
		{"need a number to come from", []string{twilio, token}},
		{"must begin with https", []string{"--text-gateway=http://texts.example/", token}},
		{"must begin with https", []string{"--text-gateway=http://8.8.8.8/", token}},
		{"must be one such as", []string{"--text-gateway=texts.example", token}},
		{"must be one such as", []string{"--text-gateway=https://u:hidden@texts.example/", token}},
		{"chmod 600 " + open, []string{gateway, "--text-token-file=" + open}},
	} {
		var x struct{ text }
		k, err := kong.New(&x, kong.Exit(func(int) { t.Error("kong exits") }))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Parse(c.args); err != nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		s, err := x.sender()
		switch {
		case c.want == "" && (err != nil || s == nil):
			t.Errorf("%q: %v", c.args, err)
		case c.want != "" && (!errs.Is(err, errs.Invalid) || !strings.Contains(plain(err), c.want) || s != nil):
			t.Errorf("%q: want %q, got %v, %v", c.args, c.want, err, s)
		case err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "hidden")):
			t.Errorf("it prints a secret: %v", err)
		}
	}
}

func TestTextFlagsReachTheGateway(t *testing.T) {
	t.Parallel()
	var got map[string]string
	var bearer string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		bearer = r.Header.Get("Authorization")
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	s, err := text{Gateway: srv.URL, TokenFile: secretFile(t, 0o600, "s3 cret\r\n")}.sender()
	if err != nil {
		t.Fatal(err)
	}
	l := post.Letter{ID: "l", Once: "0011", Kind: post.Message, By: post.ByText, To: "+447700900118", Lang: lang.French, Link: "https://practice.example/x"}
	if err := s.Send(t.Context(), l); err != nil || bearer != "Bearer s3 cret" || got["to"] != l.To || !strings.HasSuffix(got["text"], l.Link) {
		t.Errorf("%v, %q, %v", err, bearer, got)
	}
}

func TestTheDoctorSaysHowPeopleAreToldAndSendsNothing(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	token := "--text-token-file=" + secretFile(t, 0o600, "s3cret\n")
	for _, c := range []struct {
		want []string
		bad  bool
		args []string
	}{
		{[]string{"good   mail           no mail server is named", "good   texts          no gateway is named", "good   pushes         the practice has its key"}, false, nil},
		{[]string{"good   mail           by way of mail.example, port 587, from post@practice.example; not tried", "good   texts          handed to " + host + ", in our own way; not tried"}, false,
			[]string{"--smtp-host=mail.example", "--mail-from=post@practice.example", "--text-gateway=" + srv.URL + "/send", token}},
		{[]string{"good   texts          handed to Twilio, from +447700900999; not tried"}, false, []string{"--text-twilio=AC0123", "--text-from=+447700900999", token}},
		{[]string{"good   texts          handed to " + host + ", in Twilio's way, from MG1; not tried"}, false, []string{"--text-twilio=AC0123", "--text-from=MG1", "--text-gateway=" + srv.URL, token}},
		{[]string{"WRONG  texts          a gateway for texts needs its token"}, true, []string{"--text-gateway=" + srv.URL}},
		{[]string{"WRONG  mail           --smtp-host is given", "good   pushes"}, true, []string{"--smtp-host=mail.example"}},
	} {
		out, errOut, code := run(t, "", append([]string{"doctor", "--dir", dir}, c.args...)...)
		for _, w := range c.want {
			if !strings.Contains(out, w) {
				t.Errorf("%q: nothing says %q:\n%s%s", c.args, w, out, errOut)
			}
		}
		if (code != 0) != c.bad || strings.Contains(out, "s3cret") || strings.Contains(out, "AC0123") {
			t.Errorf("%q: it ends with %d:\n%s", c.args, code, out)
		}
	}
	out, _, code := run(t, "wrong horse battery\n", "doctor", "--dir", dir, "--passphrase")
	if code == 0 || !strings.Contains(out, "WRONG  opening") || strings.Contains(out, "pushes") {
		t.Errorf("of a practice that does not open, it says something about its key: %d\n%s", code, out)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the gateway was asked %d times", n)
	}
}
