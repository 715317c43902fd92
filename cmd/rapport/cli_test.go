package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite" // to tamper with a ledger as its owner could
)

// program builds the command once and returns its path.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rapport-test")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "rapport")
	out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// run runs the command and returns what it said and how it ended.
func run(t *testing.T, stdin string, args ...string) (out, errOut string, code int) {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatalf("build: %v: %s", err, bin)
	}
	var o, e bytes.Buffer
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &o, &e
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "RAPPORT_") })
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

var upRe = regexp.MustCompile(`Serving on (\S+)`)

// serving starts a server and returns its address, what it printed, and how to
// stop it.
func serving(t *testing.T, stdin string, args ...string) (base, said string, stop func() int) {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatalf("build: %v: %s", err, bin)
	}
	cmd := exec.Command(bin, append(args, "--addr", "127.0.0.1:0")...)
	cmd.Stdin = strings.NewReader(stdin)
	var e bytes.Buffer
	cmd.Stderr = &e
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() int {
		if cmd.ProcessState == nil {
			cmd.Process.Signal(os.Interrupt)
			cmd.Wait()
		}
		return cmd.ProcessState.ExitCode()
	}
	t.Cleanup(func() { stop() })
	for sc := bufio.NewScanner(out); sc.Scan(); {
		said += sc.Text() + "\n"
		if m := upRe.FindStringSubmatch(sc.Text()); m != nil {
			go io.Copy(io.Discard, out)
			return strings.TrimSuffix(m[1], "."), said, stop
		}
	}
	stop()
	t.Fatalf("did not come up: %s%s", said, e.String())
	return "", "", nil
}

// one checks that a command failed with one line that says something.
func one(t *testing.T, errOut string, code int, wants ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(errOut), "\n")
	if code == 0 || len(lines) != 1 || !strings.HasPrefix(errOut, "rapport: ") {
		t.Errorf("exit %d, %q; want one line and a failure", code, errOut)
	}
	for _, w := range wants {
		if !strings.Contains(errOut, w) {
			t.Errorf("%q does not say %q", errOut, w)
		}
	}
}

// founded makes an empty practice and returns its folder.
func founded(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "practice")
	_, said, stop := serving(t, "", "serve", "--dir", dir)
	if !strings.Contains(said, "/in/") || !strings.Contains(said, dir+".key") {
		t.Fatalf("a new practice printed no way in, or not where its key is: %s", said)
	}
	if code := stop(); code != 0 {
		t.Fatalf("serve ended with %d", code)
	}
	return dir
}

func TestAnEmptyPracticePrintsAOneTimeLinkThatWorksOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "practice")
	base, said, _ := serving(t, "", "serve", "--dir", dir)
	link := regexp.MustCompile(`http://\S+/in/\S+`).FindString(said)
	noFollow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if r, err := noFollow.Get(link); err != nil || r.StatusCode != 200 {
		t.Fatalf("the link shows %v, %v", r, err)
	}
	for i, want := range []int{303, 410} {
		press, err := http.NewRequestWithContext(t.Context(), http.MethodPost, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		press.Header.Set("Sec-Fetch-Site", "same-origin") // as a browser on the page says
		r, err := noFollow.Do(press)
		if err != nil || r.StatusCode != want {
			t.Errorf("pressing the button, time %d: %v, %v; want %d", i+1, r.StatusCode, err, want)
		}
	}
	if r, err := http.Get(base + "/ready"); err != nil || r.StatusCode != 200 {
		t.Errorf("/ready: %v, %v", r, err)
	}
}

// lind is a bundle with one person.
const lind = `{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:9a8f4f5e-0000-4000-8000-000000000001","resource":{"resourceType":"Patient","name":[{"family":"Lind"}]},"request":{"method":"POST","url":"Patient"}}]}`

func TestImportTellsWhatItDidAndFailsForWhatItDidNotTake(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	good, bad := filepath.Join(t.TempDir(), "good.json"), filepath.Join(t.TempDir(), "bad.json")
	for f, s := range map[string]string{good: lind, bad: lind[:100]} {
		if err := os.WriteFile(f, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, errOut, code := run(t, "", "import", "--quiet", "--dir", dir, good)
	if code != 0 || !strings.Contains(out, "New people: 1. Resources written: 1,") || errOut != "" {
		t.Errorf("import: exit %d, %q, %q", code, out, errOut)
	}
	out, _, code = run(t, "", "import", "--quiet", "--dir", dir, good)
	if code != 0 || !strings.Contains(out, "New people: 0. Resources written: 0,") {
		t.Errorf("a second import: exit %d, %q", code, out)
	}
	_, errOut, code = run(t, "", "import", "--quiet", "--dir", dir, bad)
	if code == 0 || !strings.Contains(errOut, "not taken: "+bad+": is cut short") {
		t.Errorf("a truncated file: exit %d, %q", code, errOut)
	}
	_, errOut, code = run(t, "", "import", "--quiet", "--dir", dir, filepath.Join(dir, "none.json"))
	if code == 0 || !strings.Contains(errOut, "none.json: cannot be read: no such file") {
		t.Errorf("a file that is not there: exit %d, %q", code, errOut)
	}
}

func TestASecondProcessIsToldToWait(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	serving(t, "", "serve", "--dir", dir)
	for _, args := range [][]string{{"verify"}, {"import", "--quiet", filepath.Join(dir, "lock")}, {"serve"}} {
		_, errOut, code := run(t, "", append(args, "--dir", dir)...)
		one(t, errOut, code, "another rapport is using", dir)
	}
}

func TestWrongKeysSayWhatToDo(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	other := founded(t)
	open := filepath.Join(t.TempDir(), "open.key")
	b, err := os.ReadFile(dir + ".key")
	if err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short.key")
	for f, mode := range map[string]os.FileMode{open: 0o644, short: 0o600} {
		if err := os.WriteFile(f, b[:len(b)/2], mode); err != nil {
			t.Fatal(err)
		}
	}
	for key, say := range map[string]string{
		other + ".key":               "does not fit",
		filepath.Join(dir, "no.key"): "inside the data folder",
		dir + ".nothing":             "is not there",
		open:                         "chmod 600",
		short:                        "is not a rapport key file",
	} {
		_, errOut, code := run(t, "", "verify", "--dir", dir, "--key-file", key)
		one(t, errOut, code, say)
		if strings.Contains(errOut, strings.TrimSpace(string(b[len(b)-20:]))) {
			t.Error("the error shows the key")
		}
	}
	_, errOut, code := run(t, "long enough to pass\n", "verify", "--dir", dir, "--passphrase")
	one(t, errOut, code, "key file")
	_, errOut, code = run(t, "", "verify", "--dir", filepath.Join(dir, "deeper"))
	one(t, errOut, code, "no practice")
}

func TestAPassphraseLocksAndUnlocks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "practice")
	_, errOut, code := run(t, "too short\n", "serve", "--dir", dir, "--passphrase")
	one(t, errOut, code, "at least 12")
	_, _, stop := serving(t, "correct horse battery\n", "serve", "--dir", dir, "--passphrase")
	stop()
	if _, err := os.Stat(dir + ".key"); err == nil {
		t.Error("a key file was made beside a passphrase")
	}
	out, errOut, code := run(t, "correct horse battery\n", "verify", "--dir", dir, "--passphrase")
	if code != 0 || !strings.Contains(out, "The ledger is whole") {
		t.Errorf("verify: %d %q %q", code, out, errOut)
	}
	_, errOut, code = run(t, "wrong horse battery\n", "verify", "--dir", dir, "--passphrase")
	one(t, errOut, code, "passphrase does not fit")
}

func TestVerifyNamesTheFirstWrongEntry(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	file := filepath.Join(t.TempDir(), "good.json")
	if err := os.WriteFile(file, []byte(lind), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "", "import", "--quiet", "--dir", dir, file)
	out, _, code := run(t, "", "verify", "--dir", dir)
	if code != 0 || !strings.Contains(out, "The ledger is whole") {
		t.Fatalf("verify: %d %q", code, out)
	}
	out, _, code = run(t, "", "doctor", "--dir", dir)
	if code != 0 || strings.Contains(out, "WRONG") || !strings.Contains(out, "ledger") {
		t.Errorf("doctor: %d %q", code, out)
	}
	if err := os.Chmod(filepath.Join(dir, "data.db"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _, code = run(t, "", "doctor", "--dir", dir)
	if code == 0 || !strings.Contains(out, "WRONG  permissions") || !strings.Contains(out, "chmod go=") {
		t.Errorf("doctor over data that others can read: %d %q", code, out)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`DROP TRIGGER entry_fixed`, `UPDATE entry SET body = (SELECT body FROM entry WHERE seq = 1) WHERE seq = 2`} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, errOut, code := run(t, "", "verify", "--dir", dir)
	one(t, errOut, code, "entry 2")
	out, _, code = run(t, "", "doctor", "--dir", dir)
	if code == 0 || !strings.Contains(out, "WRONG  ledger") {
		t.Errorf("doctor over a tampered ledger: %d %q", code, out)
	}
}

func TestInviteMakesAMemberOfStaffAndALink(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	out, errOut, code := run(t, "", "invite", "--dir", dir, "--staff", "priya", "--name", "Priya Raman", "--title", "Nurse", "--roles", "nurse")
	if code != 0 || !strings.Contains(out, "/in/") {
		t.Errorf("invite: %d %q %q", code, out, errOut)
	}
	_, errOut, code = run(t, "", "invite", "--dir", dir, "--staff", "nobody")
	one(t, errOut, code, "nobody with that id")
	_, errOut, code = run(t, "", "invite", "--dir", dir, "--staff", "x", "--name", "X", "--roles", "emperor")
	one(t, errOut, code, "roles")
}

func TestServeRefusesTheOpenNetworkInTheClear(t *testing.T) {
	t.Parallel()
	_, errOut, code := run(t, "", "serve", "--dir", filepath.Join(t.TempDir(), "p"), "--addr", "0.0.0.0:0")
	one(t, errOut, code, "--tls-cert")
}
