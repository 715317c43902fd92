package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sys/unix"

	"rapport/account"
	"rapport/clock"
	"rapport/edge/bundles"
	"rapport/edge/people"
	"rapport/errs"
	"rapport/record"
)

type importCmd struct {
	place
	Files  []string `arg:"" help:"FHIR R4 Bundles (.json) and NDJSON (.ndjson) files, and lists of people (.csv)." type:"path"`
	Quiet  bool     `help:"Show no progress bar."`
	Order  string   `name:"csv-order" help:"What comes first in dates such as 3/4/1980 in lists of people, day or month; without it they are left out." enum:",day,month" default:""`
	Source string   `name:"csv-source" help:"The system lists of people came from, in lowercase letters, digits and hyphens: number 12 of one system is not number 12 of another." placeholder:"NAME"`
}

// lists are the files among these that are lists of people.
func (c *importCmd) lists() (lists, rest []string) {
	for _, f := range c.Files {
		if strings.EqualFold(filepath.Ext(f), ".csv") {
			lists = append(lists, f)
		} else {
			rest = append(rest, f)
		}
	}
	return lists, rest
}

// Run implements the command.
func (c *importCmd) Run(ctx context.Context) error {
	if !people.IsSource(c.Source) {
		return errs.E(errs.Invalid, "--csv-source takes lowercase letters, digits and hyphens, at most 64")
	}
	v, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // what was acknowledged is on disk already
	var total int64
	for _, f := range c.Files {
		if st, err := os.Stat(f); err == nil {
			total += st.Size()
		}
	}
	var out io.Writer = os.Stderr
	if c.Quiet {
		out = io.Discard
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetDescription("Importing"))
	lists, rest := c.lists()
	left := 0
	if len(rest) > 0 {
		left, err = bring(ctx, v, rest, bar)
	}
	for _, f := range lists {
		if err == nil {
			var n int
			n, err = c.list(ctx, v, f, bar)
			left += n
		}
	}
	bar.Finish() //nolint:errcheck // a bar that cannot be drawn stops nothing
	switch {
	case err != nil && ctx.Err() != nil:
		return errs.E(errs.Unavailable, "stopped; what was taken is safe, and the same command goes on from here")
	case err != nil:
		return err
	case left > 0:
		return errs.E(errs.Invalid, "not everything was taken: %d refused, listed above; the rest is in", left)
	}
	return nil
}

// bring takes Bundles and NDJSON in, says what became of them, and returns how much
// was refused.
func bring(ctx context.Context, v *record.Vault, files []string, bar *progressbar.ProgressBar) (refused int, err error) {
	im, err := bundles.New(ctx, v, account.AsSystem(account.Importer), func(n int64) { bar.Add64(n) }) //nolint:errcheck // a bar that cannot be drawn stops nothing
	if err != nil {
		return 0, err
	}
	begun := clock.Wall{}.Now()
	rep, err := im.Files(ctx, files)
	bar.Clear() //nolint:errcheck // as above
	took := clock.Wall{}.Now().Sub(begun)
	fmt.Printf("New people: %d. Resources written: %d, of them shared by all: %d. There already: %d. Files taken before: %d. %.1f s.\n",
		rep.Clients, rep.Written, rep.Shared, rep.Unchanged, rep.Skipped, took.Seconds())
	if rep.Kept > 0 {
		fmt.Printf("Shared resources that differ from what is here, which stayed: %d.\n", rep.Kept)
	}
	proposed(rep.Proposals)
	for _, r := range rep.Refused {
		fmt.Fprintln(os.Stderr, "not taken: "+r.String())
	}
	return len(rep.Refused), err
}

func proposed(pairs int) {
	if pairs > 0 {
		fmt.Printf("Pairs that may be one person, for staff to decide: %d.\n", pairs)
	}
}

// list takes a list of people in, says what became of it by line and column, and
// returns how many rows were refused.
func (c *importCmd) list(ctx context.Context, v *record.Vault, file string, bar *progressbar.ProgressBar) (refused int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, errs.E(errs.Invalid, "%s cannot be read", file)
	}
	defer f.Close() //nolint:errcheck // only read
	im, err := people.New(ctx, v, account.AsSystem(account.Importer))
	if err != nil {
		return 0, err
	}
	order := map[string]people.Order{"day": people.DayFirst, "month": people.MonthFirst}[c.Order]
	rep, err := im.File(ctx, io.TeeReader(f, bar), people.Options{Order: order, Source: c.Source})
	if errs.Is(err, errs.Invalid) {
		return 0, errs.E(errs.Invalid, "%s: %w", file, err)
	}
	bar.Clear() //nolint:errcheck // a bar that cannot be drawn stops nothing
	fmt.Printf("%s: rows: %d. New people: %d. Known already: %d. Not taken: %d.\n", file, rep.Rows, rep.Taken, rep.Known, rep.NotTaken)
	proposed(rep.Proposals)
	for _, p := range rep.Problems {
		fmt.Fprintln(os.Stderr, file+": "+p.String())
	}
	if rep.More > 0 {
		fmt.Fprintf(os.Stderr, "%s: and %d more like these\n", file, rep.More)
	}
	return rep.NotTaken, err
}

type inviteCmd struct {
	place
	listen
	Staff  string `help:"The id of a member of staff; with --name, a new one is made." xor:"who" required:""`
	Name   string `help:"The name of a new member of staff."`
	Title  string `help:"What they do, in the practice's own words."`
	Roles  string `help:"What they may do: frontdesk nurse clinician coordinator editor manager privacy, joined by spaces."`
	Client string `help:"The id of a client, as it stands in their page's address." xor:"who" required:""`
}

// Run implements the command.
func (c *inviteCmd) Run(ctx context.Context) error {
	v, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // what was acknowledged is on disk already
	sub := account.Subject{Kind: account.Client, ID: c.Client}
	if c.Staff != "" {
		sub = account.Subject{Kind: account.Staff, ID: c.Staff}
		if c.Name != "" {
			p, err := v.OpenPractice(ctx, account.AsSystem(account.Importer), record.Importing)
			if err != nil {
				return err
			}
			m := record.StaffMember{ID: c.Staff, Name: c.Name, Title: c.Title, Roles: c.Roles}
			if old, err := p.StaffMember(ctx, c.Staff); err == nil { // what they may do at single places is said on a page
				m.At = old.At
			}
			if err := p.SetStaff(ctx, m); err != nil {
				return err
			}
		}
	}
	token, err := account.New(v, v, clock.Wall{}).Invite(ctx, sub, account.Once)
	if errs.Is(err, errs.NotFound) {
		return errs.E(errs.Invalid, "there is nobody with that id here")
	}
	if err != nil {
		return err
	}
	base := c.Base
	if base == "" {
		base = "http://" + local(c.Addr)
	}
	fmt.Printf("Works once, within a day:\n\n  %s/in/%s\n", strings.TrimRight(base, "/"), token)
	return nil
}

type doctorCmd struct {
	place
	reach
}

// finding is one thing the doctor looked at.
type finding struct {
	what, result string
	err          error
}

// Run implements the command.
func (c *doctorCmd) Run(ctx context.Context) error {
	found := []finding{c.machine(), c.space(), c.permissions()}
	v, err := c.open(ctx)
	found = append(found, finding{"opening", "the key fits, and the ledger matches its newest checkpoint", err})
	if err == nil {
		defer v.Close() //nolint:errcheck // nothing was written
		h, err := v.Check(ctx)
		found = append(found, finding{"data and keys", fmt.Sprintf("every page reads; %d keys open, for %d people", h.Keys, h.Clients), err})
		rep, err := v.Verify(ctx)
		found = append(found, finding{"ledger", fmt.Sprintf("%d entries, all as they were written", rep.Entries), err})
		found = append(found, c.time(ctx, v))
	}
	found = append(found, c.reach.findings(v)...)
	ill := 0
	for _, f := range found {
		if f.err != nil {
			ill++
			fmt.Printf("WRONG  %-14s %s\n", f.what, plain(f.err))
			continue
		}
		fmt.Printf("good   %-14s %s\n", f.what, f.result)
	}
	if ill > 0 {
		return errs.E(errs.Unavailable, "%d of %d things need attention", ill, len(found))
	}
	return nil
}

func (c *doctorCmd) machine() finding {
	return finding{what: "machine", result: fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())}
}

// leastSpace is what must be free: the fullest a practice's disk should get.
const leastSpace = 500 << 20

func (c *doctorCmd) space() finding {
	var st unix.Statfs_t
	if err := unix.Statfs(c.Dir, &st); err != nil {
		return finding{what: "disk", err: errs.E(errs.Unavailable, "%s cannot be looked at: %w", c.Dir, err)}
	}
	free := st.Bavail * uint64(st.Bsize) //nolint:gosec // a block size is not negative
	if free < leastSpace {
		return finding{what: "disk", err: errs.E(errs.Unavailable, "only %d MB free: make room before it is full", free>>20)}
	}
	return finding{what: "disk", result: fmt.Sprintf("%.1f GB free", float64(free)/(1<<30))}
}

// permissions looks for what of the practice others can read.
func (c *doctorCmd) permissions() finding {
	f := finding{what: "permissions", result: "nobody but this account can read the folder"}
	f.err = filepath.WalkDir(c.Dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return errs.E(errs.Unavailable, "%s cannot be looked at: %w", p, err)
		}
		st, err := d.Info()
		if err != nil {
			return errs.E(errs.Unavailable, "%s cannot be looked at: %w", p, err)
		}
		if st.Mode().Perm()&0o077 != 0 {
			return errs.E(errs.Unavailable, "others can read %s: run chmod go= %s", p, p)
		}
		return nil
	})
	return f
}

// time holds the machine's clock against the ledger: a clock that was behind is
// caught by the newest entry.
func (c *doctorCmd) time(ctx context.Context, v *record.Vault) finding {
	last, err := v.LastEntry(ctx)
	f := finding{what: "clock", result: "not before the newest entry of the ledger", err: err}
	if now := (clock.Wall{}).Now(); err == nil && now.Before(last) {
		f.err = errs.E(errs.Unavailable, "the machine's clock is %s behind the newest entry: set it right before serving", last.Sub(now).Round(time.Second))
	}
	return f
}
