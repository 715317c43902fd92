package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// good runs a command that must succeed, and returns what it said.
func good(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, errOut, code := run(t, stdin, args...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s%s", args, code, out, errOut)
	}
	return out + errOut
}

// TestADayOfKeysAndCopies does with real processes what docs/configuration.md says: backs
// up and rotates while the practice is served, loses the machine, and brings all back.
func TestADayOfKeysAndCopies(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	file := filepath.Join(t.TempDir(), "lind.json")
	if err := os.WriteFile(file, []byte(lind), 0o600); err != nil {
		t.Fatal(err)
	}
	good(t, "", "import", "--quiet", "--dir", dir, file)
	data, keys, offline := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "offline.txt")
	said := good(t, "", "backup-key")
	public := regexp.MustCompile(`age1[0-9a-z]+`).FindString(said)
	if err := os.WriteFile(offline, []byte(regexp.MustCompile(`AGE-SECRET-KEY-\S+`).FindString(said)), 0o600); err != nil || public == "" {
		t.Fatal(public, err)
	}
	_, _, stop := serving(t, "", "serve", "--dir", dir)
	good(t, "", "keys", "rotate", "--dir", dir)
	if out := good(t, "", "keys", "rotate", "--master", "--dir", dir); !strings.Contains(out, "Epoch 3") || !strings.Contains(out, "new master key") {
		t.Errorf("rotate: %s", out)
	}
	good(t, "", "keyring-backup", "--dir", dir, "--keyring-to", keys, "--keyring-for", public)
	if out := good(t, "", "backup", "--dir", dir, "--backup-to", data, "--backup-for", public); !strings.Contains(out, "keys are not in it") {
		t.Errorf("backup: %s", out)
	}
	if out := good(t, "", "keys", "status", "--dir", dir); !strings.Contains(out, "Locked with a key file. Epoch 3,") || !strings.Contains(out, "Nobody was erased") {
		t.Errorf("status: %s", out)
	}
	copyOf := func(in string) string {
		all, err := filepath.Glob(filepath.Join(in, "*.age"))
		if err != nil || len(all) != 1 {
			t.Fatalf("%v, %v", all, err)
		}
		return all[0]
	}
	_, errOut, code := run(t, "", "restore", "--dir", dir, "--from", copyOf(data), "--identity", offline)
	one(t, errOut, code, "another rapport is using")
	if code := stop(); code != 0 {
		t.Errorf("the server ended with %d", code)
	}
	out, _, code := run(t, "", "doctor", "--dir", dir)
	if code != 0 {
		t.Errorf("doctor: %s", out)
	}
	if err := os.RemoveAll(dir); err != nil { // the machine is lost; the key file was kept elsewhere
		t.Fatal(err)
	}
	_, errOut, code = run(t, "", "restore", "--dir", dir, "--from", copyOf(data), "--identity", offline)
	one(t, errOut, code, "no keyring")
	good(t, "", "restore", "--dir", dir, "--from", copyOf(keys), "--identity", offline)
	if out := good(t, "", "restore", "--dir", dir, "--from", copyOf(data), "--identity", offline); !strings.Contains(out, "1 people") {
		t.Errorf("restore: %s", out)
	}
	if out := good(t, "", "verify", "--dir", dir); !strings.Contains(out, "The ledger is whole") {
		t.Errorf("verify: %s", out)
	}
	if out := good(t, "", "import", "--quiet", "--dir", dir, file); !strings.Contains(out, "New people: 0.") {
		t.Errorf("who was there is new: %s", out)
	}
	_, errOut, code = run(t, "", "serve", "--dir", dir, "--backup-to", data)
	if code == 0 || !strings.Contains(errOut, "--backup-for") {
		t.Errorf("backups for nobody: %q", errOut)
	}
	_, errOut, code = run(t, "", "serve", "--dir", dir, "--backup-to", data, "--keyring-to", data, "--backup-for", public, "--keyring-for", public)
	one(t, errOut, code, "keep keys and data apart")
}

// TestTheMasterKeyBecomesAPassphrase changes it, and back, by the command.
func TestTheMasterKeyBecomesAPassphrase(t *testing.T) {
	t.Parallel()
	dir := founded(t)
	good(t, "correct horse battery\n", "keys", "rotate", "--dir", dir, "--to-passphrase")
	_, errOut, code := run(t, "", "verify", "--dir", dir)
	one(t, errOut, code, "locked with a passphrase")
	good(t, "correct horse battery\nanother horse battery\n", "keys", "rotate", "--dir", dir, "--passphrase", "--master", "--keep-this-epoch")
	_, errOut, code = run(t, "correct horse battery\n", "verify", "--dir", dir, "--passphrase")
	one(t, errOut, code, "does not fit")
	key := filepath.Join(t.TempDir(), "new.key")
	good(t, "another horse battery\n", "keys", "rotate", "--dir", dir, "--passphrase", "--to-new-key-file", key)
	good(t, "", "verify", "--dir", dir, "--key-file", key)
}
