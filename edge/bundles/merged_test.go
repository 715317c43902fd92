package bundles

import (
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/record"
)

func TestWhoIsBroughtTwiceIsProposedAndWhoWasMergedIsNotBroughtAgain(t *testing.T) {
	t.Parallel()
	v := vault(t)
	twin := func(id, number string) string {
		return `{"resourceType":"Patient","id":"` + id + `","name":[{"family":"` + marker + `","given":["Ruth"]}],"birthDate":"1944-04-17","telecom":[{"system":"phone","value":"079 555 01 02"}],"identifier":[{"system":"urn:mrn","value":"` + number + `"}]}`
	}
	one := collection(twin("a", "1"), observation("o1", "Patient/a"))
	if rep := bring(t, v, file(t, "one.json", one)); rep.Proposals != 0 || rep.Clients != 1 {
		t.Fatalf("%+v", rep)
	}
	if rep := bring(t, v, file(t, "two.json", collection(twin("b", "2")))); rep.Proposals != 1 || rep.Clients != 1 {
		t.Fatalf("%+v", rep)
	}
	desk := deskOf(t, v)
	b, _ := desk.ByPerson("b")
	ds, err := desk.Doubles(t.Context())
	if err != nil || len(ds) != 1 {
		t.Fatalf("%+v, %v", ds, err)
	}
	if err := desk.Merge(t.Context(), ds[0].ID, b); err != nil {
		t.Fatal(err)
	}
	again := strings.Replace(one, "1.10", "2.20", 1) // another file, so that it is read
	rep := bring(t, v, file(t, "again.json", again))
	if rep.Clients != 0 || rep.Written != 0 || len(rep.Refused) != 2 || rep.Refused[0].Reason != mergedHere || rep.Refused[1].Reason != mergedHere {
		t.Errorf("%+v", rep)
	}
}

// deskOf opens the directory for somebody who vouches.
func deskOf(t *testing.T, v *record.Vault) *record.Directory {
	t.Helper()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	p, err := v.OpenPractice(ctx, account.AsSystem(account.Importer), record.Importing)
	do(err)
	do(p.SetStaff(ctx, record.StaffMember{ID: "desk", Name: "Joe", Roles: "frontdesk"}))
	doors := account.New(v, v, clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)))
	link, err := doors.Invite(ctx, account.Subject{Kind: account.Staff, ID: "desk"}, account.Demo)
	do(err)
	in, err := doors.Enter(ctx, link, account.Ask{})
	do(err)
	who, err := doors.Who(ctx, in.Token)
	do(err)
	desk, err := v.OpenDirectory(ctx, who, record.Vouching)
	do(err)
	return desk
}
