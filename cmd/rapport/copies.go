package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record"
)

// spares says where copies go.
type spares struct {
	BackupTo   string   `help:"The folder that backups of the data go to." env:"RAPPORT_BACKUP_TO" type:"path"`
	BackupFor  []string `help:"The public key that backups are made for (age1…); what opens them is kept offline. Several, joined by commas, each open them." env:"RAPPORT_BACKUP_FOR"`
	BackupKeep int      `help:"How many backups are kept; older ones go. 0 keeps all." env:"RAPPORT_BACKUP_KEEP" default:"14"`
}

func (s spares) data() record.Spare {
	return record.Spare{Dir: s.BackupTo, For: s.BackupFor, Keep: s.BackupKeep}
}

// ringSpares says where copies of the keyring go.
type ringSpares struct {
	KeyringTo   string   `help:"The folder that copies of the keyring go to: another than that of the data, on another machine." env:"RAPPORT_KEYRING_TO" type:"path"`
	KeyringFor  []string `help:"The public key that copies of the keyring are made for (age1…)." env:"RAPPORT_KEYRING_FOR"`
	KeyringDays int      `help:"For how many days copies of the keyring are kept, the newest apart. A copy opens whoever was erased after it was made." env:"RAPPORT_KEYRING_DAYS" default:"7"`
}

func (s ringSpares) ring() record.Spare {
	return record.Spare{Dir: s.KeyringTo, For: s.KeyringFor, Keep: 1, Days: s.KeyringDays}
}

// apart refuses to put the keyring where the data goes.
func apart(d spares, r ringSpares) error {
	if r.KeyringTo != "" && r.KeyringTo == d.BackupTo {
		return errs.E(errs.Invalid, "--keyring-to is the folder of the data's backups: keep keys and data apart")
	}
	if d.BackupTo != "" && len(d.BackupFor) == 0 || r.KeyringTo != "" && len(r.KeyringFor) == 0 {
		return errs.E(errs.Invalid, "copies have a folder and no key: give --backup-for and --keyring-for, which rapport backup-key makes")
	}
	return nil
}

// there is where a practice's data lies, for who needs no key.
type there struct {
	Dir string `help:"The data folder." env:"RAPPORT_DIR" required:"" type:"path"`
}

type backupCmd struct {
	there
	spares
}

// Run implements the command.
func (c *backupCmd) Run(ctx context.Context) error {
	if c.BackupTo == "" || len(c.BackupFor) == 0 {
		return errs.E(errs.Invalid, "say where with --backup-to, and for which key with --backup-for")
	}
	m, err := record.Backup(ctx, record.Config{Dir: c.Dir}, c.data())
	if err != nil {
		return err
	}
	fmt.Printf("Backed up: %s (%.1f MB). Older ones that went: %d.\nThe keys are not in it: rapport keyring-backup copies those, to another place.\n", m.Path, float64(m.Size)/1e6, m.Removed)
	return nil
}

type keyringBackupCmd struct {
	there
	ringSpares
}

// Run implements the command.
func (c *keyringBackupCmd) Run(ctx context.Context) error {
	if c.KeyringTo == "" || len(c.KeyringFor) == 0 {
		return errs.E(errs.Invalid, "say where with --keyring-to, and for which key with --keyring-for")
	}
	m, err := record.BackupKeyring(ctx, record.Config{Dir: c.Dir}, c.ring())
	if err != nil {
		return err
	}
	fmt.Printf("The keyring was copied: %s. Older ones that went: %d.\nKeep it apart from the data. It opens whoever is erased from now on, until it is gone too.\n", m.Path, m.Removed)
	return nil
}

type backupKeyCmd struct{}

// Run implements the command.
func (c *backupKeyCmd) Run(context.Context) error {
	secret, public, err := record.BackupKey()
	if err != nil {
		return err
	}
	fmt.Printf("# Opens the practice's backups. Keep this on paper or a stick, twice, never on the server.\n# Public key, for --backup-for: %s\n%s\n", public, secret)
	fmt.Fprintln(os.Stderr, "Public key: "+public)
	return nil
}

type restoreCmd struct {
	place
	From     string `help:"The copy: of the data, or of the keyring where there is none." required:"" type:"path"`
	Identity string `help:"The file with the offline key, which rapport backup-key printed." required:"" type:"path"`
}

// Run implements the command.
func (c *restoreCmd) Run(ctx context.Context) error {
	cfg, err := c.config(false)
	if err != nil {
		return err
	}
	r, err := record.Restore(ctx, cfg, c.From, c.Identity)
	if err != nil {
		return err
	}
	made := r.At.Local().Format("2 January 2006, 15:04")
	if r.Kind == "keyring" {
		fmt.Printf("The keyring of %s is back. Whoever was erased after that can be read again with it: erase them again, and say so to them.\nWho came after that has no key here.\nNow bring back the data: rapport restore with a backup of it.\n", made)
		return nil
	}
	if r.Resumed {
		fmt.Println("A restore had been interrupted. It is finished now.")
	}
	v, err := record.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // what was acknowledged is on disk already
	if err := v.WasRestored(ctx, account.AsSystem(account.Importer), r); err != nil {
		return err
	}
	fmt.Printf("The data of %s is back. Who was erased since stays erased; what came since is not in it.\nTried before it took its place: %d entries of the ledger, %d people, %d charts read whole.\n", made, r.Tried.Entries, r.Tried.Cards, r.Tried.Clients)
	if r.Before != "" {
		fmt.Printf("What was there before is in %s/%s: remove it when all is well.\n", c.Dir, r.Before)
	}
	return nil
}

type keysCmd struct {
	Status keysStatusCmd `cmd:"" help:"Say how the keys stand: the epoch, what was destroyed, and which copies still open it."`
	Rotate keysRotateCmd `cmd:"" help:"Put all keys under a new epoch, or a new master key, while the practice is served. Run it again if it was interrupted."`
	Forget keysForgetCmd `cmd:"" help:"Say that you destroyed the copies of the keyring made before a day."`
}

type keysStatusCmd struct{ there }

// Run implements the command.
func (c *keysStatusCmd) Run(ctx context.Context) error {
	k, err := record.KeysIn(ctx, c.Dir)
	if err != nil {
		return err
	}
	tell(k)
	return nil
}

// tell prints how the keys stand.
func tell(k record.Keys) {
	by := map[string]string{"file": "a key file", "passphrase": "a passphrase"}[k.Mode]
	fmt.Printf("Locked with %s. Epoch %d, %d keys.\n", by, k.Epoch, k.Keys)
	if k.Open > 1 || k.Behind > 0 {
		fmt.Printf("A rotation was interrupted: %d keys are still in the epoch before. Everything opens. Run rapport keys rotate to finish it.\n", k.Behind)
	}
	if k.Last.IsZero() {
		fmt.Println("Nobody was erased.")
		return
	}
	fmt.Printf("People erased: %d. The last erasure was on %s: their keys are nowhere in this folder.\n", k.Gone, k.Last.Local().Format("2 January 2006, 15:04"))
	if len(k.Spare()) == 0 {
		fmt.Println("We know of no copy of the keyring that still opens them. A copy you made in another way might.")
		return
	}
	fmt.Println("These copies of the keyring were made before, and still open them:")
	for _, x := range k.Spare() {
		state := "not found from here"
		if _, err := os.Stat(x.Path); err == nil {
			state = "is there"
		}
		fmt.Printf("  %s  %s (%s)\n", x.At.Local().Format("2006-01-02 15:04"), x.Path, state)
	}
	fmt.Println("To end that: make a new copy with rapport keyring-backup, destroy these wherever they are,\nthen run rapport keys forget --before with the day of the new one.")
}

type keysRotateCmd struct {
	place
	Master        bool   `help:"Change the master key too: a new key file in the place of the old, or a new passphrase."`
	ToPassphrase  bool   `help:"Lock with a new passphrase from now on, whatever it was locked with."`
	ToNewKeyFile  string `help:"Lock with a new key file from now on, made here." type:"path" placeholder:"FILE"`
	KeepThisEpoch bool   `help:"Change the master key only, and stay in the epoch."`
}

// Run implements the command.
func (c *keysRotateCmd) Run(ctx context.Context) error {
	cfg, err := c.config(false)
	if err != nil {
		return err
	}
	var k record.Keys
	if !c.KeepThisEpoch {
		if k, err = record.Rotate(ctx, cfg); err != nil {
			return err
		}
	}
	file, pass := cfg.KeyFile, ""
	switch {
	case c.ToNewKeyFile != "":
		file = c.ToNewKeyFile
	case c.ToPassphrase || c.Master && c.Passphrase:
		fmt.Fprintln(os.Stderr, "The new passphrase:")
		if pass, err = ask(true); err != nil {
			return err
		}
	case !c.Master:
		tell(k)
		return nil
	}
	if k, err = record.Remaster(ctx, cfg, file, pass); err != nil {
		return err
	}
	tell(k)
	if pass == "" {
		fmt.Printf("The new master key is in %s. Copies of the old key file open only copies of the keyring from before: copy the new one to where you kept the old.\n", file)
	} else if cfg.KeyFile != "" {
		fmt.Printf("The key file %s opens only copies of the keyring from before. Destroy it when you have a new copy of the keyring. From now on start with --passphrase.\n", cfg.KeyFile)
	}
	return nil
}

type keysForgetCmd struct {
	place
	Before string `help:"The day, as YYYY-MM-DD, of the first copy you kept." required:""`
}

// Run implements the command.
func (c *keysForgetCmd) Run(ctx context.Context) error {
	day, err := time.ParseInLocation(time.DateOnly, c.Before, time.Local)
	if err != nil {
		return errs.E(errs.Invalid, "--before takes a day such as 2026-11-27")
	}
	cfg, err := c.config(false)
	if err != nil {
		return err
	}
	k, err := record.ForgetCopies(ctx, cfg, day)
	if err != nil {
		return err
	}
	tell(k)
	return nil
}

// drilling makes the daily backup, and tries it.
type drilling struct {
	v          *record.Vault
	data, ring record.Spare
}

// Name implements work.Job.
func (drilling) Name() string { return "backup" }

// Run implements work.Job.
func (d drilling) Run(ctx context.Context) error {
	_, err := d.v.DrillDue(ctx, account.AsSystem(account.Promising), d.data, d.ring)
	return err
}
