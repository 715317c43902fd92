package policy

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rapport/fhir"
)

var update = flag.Bool("update", false, "write the golden files")

func TestEveryResourceTypeLiesInExactlyOnePart(t *testing.T) {
	t.Parallel()
	listed := map[string]Parts{}
	for p, types := range byPart {
		if len(p.Each()) != 1 || p == Looks || p == Other {
			t.Errorf("a list is under %q, which is not one part", p)
		}
		for _, typ := range strings.Fields(types) {
			if _, ok := fhir.TypeNumber(typ); !ok {
				t.Errorf("%s in %q is no R4 type", typ, p)
			}
			if was, ok := listed[typ]; ok {
				t.Errorf("%s is in %q and in %q", typ, was, p)
			}
			listed[typ] = p
		}
	}
	var got strings.Builder
	for _, typ := range slices.Sorted(slices.Values(fhir.Types())) {
		p := PartOf(typ)
		if len(p.Each()) != 1 || p == Looks {
			t.Errorf("%s lies in %q", typ, p)
		}
		if p == Other && !fhir.PracticeWide(typ) {
			fmt.Fprintln(&got, typ)
		}
	}
	for _, typ := range []string{"", "Nonsense", "patient", "Looks"} {
		if PartOf(typ) != Other {
			t.Errorf("%q lies in %q, want other", typ, PartOf(typ))
		}
	}
	// The types that may lie in a chart and fall to Other: opened by few pages,
	// shown by none. A type that leaves or joins this list changes who reads it.
	golden(t, "testdata/other.txt", got.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.FromSlash(name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", path, d)
	}
}

func TestCodesOfPartsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Parts(rapid.Uint32().Draw(t, "parts")) & (AllParts | Looks)
		if got := ParseParts(p.String()); got != p {
			t.Fatalf("%q comes back as %q", p, got)
		}
		var sum Parts
		for _, x := range p.Each() {
			if x&(x-1) != 0 || sum&x != 0 {
				t.Fatalf("Each of %q gives %q", p, x)
			}
			sum |= x
		}
		if sum != p {
			t.Fatalf("Each of %q adds up to %q", p, sum)
		}
	})
	if ParseParts("results nonsense LOOKS results") != Results {
		t.Error("unknown codes are not left out")
	}
	if len((AllParts|Looks).Each()) != len(partCodes) || 1<<len(partCodes) != partsEnd {
		t.Error("a part has no code")
	}
}

func TestWhatEachBasisShows(t *testing.T) {
	t.Parallel()
	const (
		whole = "*"
		least = "resourceType id meta status"
		visit = "resourceType id meta status class subject participant period location serviceProvider appointment"
		times = "resourceType id meta status start end minutesDuration participant slot created appointmentType"
	)
	for _, c := range []struct {
		bases, types string
		want         string
	}{
		{"own careteam software", "Patient RelatedPerson Appointment Encounter Observation Communication Consent Basic", whole},
		{"frontdesk", "Patient Communication", whole}, // of the second, the administrative ones
		{"frontdesk link", "Appointment", times},
		{"frontdesk link", "Encounter", visit},
		{"link", "Communication", least},
		{"frontdesk link", "RelatedPerson Consent Observation EpisodeOfCare AppointmentResponse Basic", least},
		{"link", "Patient", least},
		{"helper guardian", "Patient", "resourceType id meta name birthDate gender"},
		{"helper guardian", "RelatedPerson Person Group", least},
		{"helper guardian", "Appointment Encounter Observation Communication MedicationRequest", whole},
		{"none manages nonsense", "Patient Appointment Observation", ""},
	} {
		for _, b := range basesNamed(c.bases) {
			for _, typ := range strings.Fields(c.types) {
				names, all := b.Elements(typ)
				got := strings.Join(names, " ")
				if all {
					got += whole
				}
				if got != c.want {
					t.Errorf("%s shows %q of a %s, want %q", b, got, typ, c.want)
				}
			}
		}
	}
}

// basesNamed returns the bases with these codes; one that is none for others.
func basesNamed(codes string) []Basis {
	var out []Basis
	for _, code := range strings.Fields(codes) {
		b := None
		for x := None; x < 50; x++ {
			if x.String() == code {
				b = x
				break
			}
			if code == "nonsense" {
				b = 49
			}
		}
		out = append(out, b)
	}
	return out
}

func TestNoSearchTellsWhatIsNotShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bases, typ string
		may, not   string
	}{
		{"own careteam software", "Patient", "name birthdate phone email address general-practitioner _security", ""},
		{"own careteam software", "Observation", "code value-quantity date _security", ""},
		{"frontdesk", "Patient", "name birthdate phone email address identifier", ""},
		{"frontdesk link", "Appointment", "date status part-status actor practitioner location patient slot appointment-type _id _lastUpdated", "reason-code reason-reference specialty service-type identifier supporting-info _security _tag"},
		{"frontdesk link", "Encounter", "date status class patient subject participant practitioner location service-provider appointment _id _lastUpdated", "reason-code diagnosis type length identifier _security"},
		{"frontdesk link", "RelatedPerson", "_id _lastUpdated", "name phone email address relationship"},
		{"link", "Communication", "status _lastUpdated", "category sent sender topic subject"},
		{"link", "Patient", "_id", "name birthdate phone"},
		{"helper guardian", "Patient", "name family given birthdate gender _id _lastUpdated", "phone email telecom address address-city identifier language deceased link general-practitioner organization _security _tag"},
		{"helper guardian", "RelatedPerson", "_id", "name phone email address relationship birthdate"},
		{"helper guardian", "Observation", "code value-quantity date", ""},
		{"none manages", "Appointment", "", "date status _id"},
		{"none manages", "Patient", "", "name _id"},
	} {
		for _, b := range basesNamed(c.bases) {
			for _, p := range strings.Fields(c.may) {
				if !b.Asks(c.typ, p) {
					t.Errorf("%s may not search a %s by %s", b, c.typ, p)
				}
			}
			for _, p := range strings.Fields(c.not) {
				if b.Asks(c.typ, p) {
					t.Errorf("%s searches a %s by %s, which is not shown", b, c.typ, p)
				}
			}
		}
	}
	for typ, s := range map[string]shown{"Appointment": whoAndWhen["Appointment"], "Encounter": whoAndWhen["Encounter"], "Patient": whoItIs["Patient"]} {
		for _, p := range strings.Fields(s.params) {
			if _, ok := fhir.ParamOf(typ, p); !ok && p != "_id" && p != "_lastUpdated" {
				t.Errorf("a %s has no search parameter %s", typ, p)
			}
		}
	}
}
