// Command rapport is the whole program: it serves a practice, makes up one to
// look at, brings in records, and checks what it keeps. It refuses to start on
// anything it cannot prove whole, and says in one line what to do.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"rapport/clock"
	"rapport/errs"
	"rapport/record"
)

// cli is every command with its flags; docs/configuration.md is made from it.
type cli struct {
	Serve  serveCmd  `cmd:"" help:"Serve a practice. An empty folder becomes an empty practice."`
	Demo   demoCmd   `cmd:"" help:"Serve a made-up practice and print ways in."`
	Import importCmd `cmd:"" help:"Bring in people: FHIR R4 Bundles and NDJSON, and lists in CSV."`
	Invite inviteCmd `cmd:"" help:"Print a one-time sign-in link for somebody."`
	Verify verifyCmd `cmd:"" help:"Recompute the ledger from disk and name the first wrong entry."`
	Doctor doctorCmd `cmd:"" help:"Check keys, integrity, clock, disk and permissions."`

	Backup        backupCmd        `cmd:"" help:"Copy all data, while it is served, into one file that only the offline key opens. The keys are not in it."`
	KeyringBackup keyringBackupCmd `cmd:"" help:"Copy the keyring, apart from the data."`
	BackupKey     backupKeyCmd     `cmd:"" help:"Draw a key pair for backups, and print it."`
	Restore       restoreCmd       `cmd:"" help:"Bring a copy back: of the data under the keyring as it is, or of the keyring where there is none."`
	Keys          keysCmd          `cmd:"" help:"How the keys stand, and changing them."`
}

// place says where a practice's data lies and how it is unlocked.
type place struct {
	Dir        string `help:"The data folder." env:"RAPPORT_DIR" required:"" type:"path"`
	KeyFile    string `help:"The master key's file, outside the data folder. Left out, it is DIR.key beside the folder." env:"RAPPORT_KEY_FILE" type:"path"`
	Passphrase bool   `help:"Lock with a passphrase that is asked for at every start, instead of a key file."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	k := kong.Parse(&c, kong.Name("rapport"), kong.Description("The digital side of the relationship between a practice and the people it cares for."), kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "rapport: "+plain(err))
		os.Exit(1)
	}
}

// plain is what a person is told: the innermost text that was written for them.
func plain(err error) string {
	for e := err; e != nil; {
		var x *errs.Error
		if !errors.As(e, &x) {
			break
		}
		if x.Kind == errs.Unavailable || x.Kind == errs.Invalid || x.Kind == errs.Conflict {
			err = x
		}
		e = x.Err
	}
	return strings.TrimPrefix(err.Error(), "record: ")
}

// config turns flags into a record.Config, asking for the passphrase if there is
// one to ask for.
func (p place) config(fresh bool) (record.Config, error) {
	c := record.Config{Dir: p.Dir, KeyFile: p.KeyFile, Clock: clock.Wall{}}
	if c.KeyFile == "" {
		c.KeyFile = strings.TrimRight(p.Dir, "/") + ".key"
	}
	if p.Passphrase {
		pass, err := ask(fresh)
		if err != nil {
			return c, err
		}
		c.Passphrase, c.KeyFile = pass, ""
	}
	return c, nil
}

// open opens the practice, which must be there.
func (p place) open(ctx context.Context) (*record.Vault, error) {
	c, err := p.config(false)
	if err != nil {
		return nil, err
	}
	return record.Open(ctx, c)
}

// minPassphrase is what a new passphrase must have: below it, guessing is too
// easy for whoever holds a copy of the keyring.
const minPassphrase = 12

// stdin is read a line at a time: there may be an old passphrase in it, and a new one.
var stdin = bufio.NewReader(os.Stdin)

// ask reads the passphrase from the terminal, without showing it, or the first
// line of standard input when there is no terminal.
func ask(fresh bool) (string, error) {
	read := func(prompt string) (string, error) {
		if !term.IsTerminal(int(os.Stdin.Fd())) {
			line, err := stdin.ReadString('\n')
			if line == "" && err != nil {
				return "", errs.E(errs.Invalid, "no passphrase was given on standard input")
			}
			return strings.TrimRight(line, "\r\n"), nil
		}
		fmt.Fprint(os.Stderr, prompt)
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		return string(b), err
	}
	pass, err := read("Passphrase: ")
	if err != nil || !fresh {
		return pass, err
	}
	if len([]rune(pass)) < minPassphrase {
		return "", errs.E(errs.Invalid, "a passphrase needs at least %d characters: four or five unrelated words are good", minPassphrase)
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		again, err := read("Once more: ")
		if err != nil {
			return "", err
		}
		if again != pass {
			return "", errs.E(errs.Invalid, "the two passphrases differ: try again")
		}
	}
	return pass, nil
}
