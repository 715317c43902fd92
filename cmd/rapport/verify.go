package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"rapport/errs"
	"rapport/proof"
	"rapport/record"
)

// verifyCmd checks the ledger of a practice, or what a client saved of it: that needs
// neither the practice nor a key of it.
type verifyCmd struct {
	File       string `arg:"" optional:"" help:"A copy of the lines about a client, as they saved it (looks-….json), or their unlocked copy of everything (.zip)." type:"existingfile"`
	Receipt    string `help:"A receipt, as text or as a file that holds it, to hold FILE or DIR against." placeholder:"TEXT"`
	Dir        string `help:"The data folder, to check the ledger in it." env:"RAPPORT_DIR" type:"path"`
	KeyFile    string `help:"The master key's file, outside the data folder. Left out, it is DIR.key beside the folder." env:"RAPPORT_KEY_FILE" type:"path"`
	Passphrase bool   `help:"Unlock with a passphrase that is asked for."`
}

// Run implements the command.
func (c *verifyCmd) Run(ctx context.Context) error {
	switch {
	case c.File != "":
		return c.copied(os.Stdout)
	case c.Dir == "":
		return errs.E(errs.Invalid, "give the practice's folder with --dir, or the file a client saved")
	}
	r, err := c.paper()
	if err != nil {
		return err
	}
	var known []record.LedgerKnown
	if r != nil {
		known = append(known, record.LedgerKnown{Size: r.Size, Root: r.Root})
	}
	at := place{c.Dir, c.KeyFile, c.Passphrase}
	v, err := at.open(ctx)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // nothing was written
	if r != nil && !printed(v.LedgerKey(), r) {
		return errs.E(errs.Conflict, "the receipt is of another key than this practice signs with")
	}
	rep, err := v.Verify(ctx, known...)
	if err != nil {
		return err
	}
	fmt.Printf("The ledger is whole: %d entries, %d of them under the newest signed checkpoint.\nRoot %s\n", rep.Entries, rep.Signed, rep.Root)
	if rep.Unopened > 0 {
		fmt.Printf("%d entries are of people whose keys were destroyed; their hashes were checked, their content is gone.\n", rep.Unopened)
	}
	if r != nil {
		fmt.Printf("The receipt fits: the ledger still holds all %d lines it had on %s.\n", r.Size, r.Day)
	}
	return nil
}

// paper reads the receipt, if there is one: it is given as text, or as a file that holds it.
func (c *verifyCmd) paper() (*proof.Receipt, error) {
	if c.Receipt == "" {
		return nil, nil //nolint:nilnil // none was given
	}
	text := c.Receipt
	if b, err := os.ReadFile(text); err == nil && len(b) < 10_000 {
		text = string(b)
	}
	r, err := proof.ParseReceipt(text)
	if err != nil {
		return nil, errs.E(errs.Invalid, "the receipt cannot be read: type it as it stands on the paper, with a point between its parts")
	}
	return r, nil
}

// printed reports that a receipt is of a key.
func printed(key string, r *proof.Receipt) bool {
	p, err := proof.Print(key)
	return err == nil && p == r.Print
}

// copied checks what a client saved.
func (c *verifyCmd) copied(w io.Writer) error {
	raw, err := savedLines(c.File)
	if err != nil {
		return err
	}
	saved, err := proof.Parse(raw)
	if err != nil {
		return err
	}
	r, err := c.paper()
	if err != nil {
		return err
	}
	rep := saved.Check(r)
	if len(rep.Wrong) > 0 {
		for _, x := range rep.Wrong {
			fmt.Fprintln(w, faultOf(x)) //nolint:errcheck // a terminal
		}
		return errs.E(errs.Conflict, "something does not fit: keep the file and the receipt, and show them to somebody you trust")
	}
	fmt.Fprintf(w, "All %d lines fit: each is in the practice's signed book of %d lines, in its place, and none is missing from the first to the last of them.\n", rep.Lines, rep.Size) //nolint:errcheck // as above
	switch {
	case r != nil && rep.Unproven:
		fmt.Fprintf(w, "The line on the receipt fits. To check the whole book since, save a copy for a book of %d lines.\n", r.Size) //nolint:errcheck // as above
	case r != nil:
		fmt.Fprintf(w, "The receipt fits: the book still holds all %d lines it had on %s.\n", r.Size, r.Day) //nolint:errcheck // as above
	}
	return nil
}

// savedLines reads the lines out of what a client saved.
func savedLines(name string) ([]byte, error) {
	z, err := zip.OpenReader(name)
	if errors.Is(err, zip.ErrFormat) {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // only read
		return io.ReadAll(io.LimitReader(f, proof.Largest+1))
	}
	if err != nil {
		return nil, err
	}
	defer z.Close() //nolint:errcheck // only read
	for _, f := range z.File {
		if path.Base(path.Dir(f.Name))+"/"+path.Base(f.Name) != "looks/proof.json" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer r.Close() //nolint:errcheck // only read
		return io.ReadAll(io.LimitReader(r, proof.Largest+1))
	}
	return nil, errs.E(errs.Invalid, "%s holds no lines of the ledger: it is no copy of everything", name)
}

// faultOf says one thing that does not fit.
func faultOf(x proof.Wrong) string {
	line := fmt.Sprintf("line %d", x.Number)
	switch x.Kind {
	case proof.Key:
		return "the key is not what it says it is"
	case proof.Signature:
		return "the signature under the book does not fit"
	case proof.Altered:
		return line + " was altered: it is not in the book like this"
	case proof.Missing:
		if x.To > x.Number {
			return fmt.Sprintf("lines %d to %d were taken out", x.Number, x.To)
		}
		return line + " was taken out"
	case proof.Order:
		return line + " does not stand where it belongs"
	case proof.Dated:
		return line + " is dated before the one before it"
	case proof.Chain:
		return line + " does not follow the one before it"
	case proof.Other:
		return line + " is about somebody else, or of another book"
	case proof.ReceiptKey:
		return "the receipt is of another key"
	case proof.ReceiptShorter:
		return fmt.Sprintf("the book has %d lines, and on the receipt it had %d", x.Now, x.Was)
	case proof.ReceiptOther:
		return fmt.Sprintf("the book does not hold the %d lines that it held on the receipt", x.Was)
	case proof.ReceiptLine:
		return line + " is gone, or says something else than on the receipt"
	}
	return strings.TrimSpace(line + " " + string(x.Kind))
}
