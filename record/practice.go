package record

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/forms"
	"rapport/record/internal/ledger"
	"rapport/record/internal/pack"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Settings is what a practice says about itself. It is about no client, and lies
// readable on the disk.
type Settings struct {
	Name      string   // as people see it; "" until the manager has set it
	Mark      string   // which built-in mark
	Brand     string   // #rrggbb
	Accent    string   // #rrggbb
	Typeface  string   // figtree, atkinson or system
	Word      string   // what clients are called: client, patient or member
	Languages []string // BCP 47, the first is the practice's own
	Zone      string   // IANA time zone
	Phone     string   // the practice's own number
	Emergency string   // the emergency number where the practice is
	Crisis    string   // the number of somebody to talk to day and night; "" for none
	Places    []Place  // where the practice works; none means one place
	Minors    Minors   // the rules for guardians; nobody guards anybody without
	Keep      Keeping  // how long what is told is kept
}

// Place is one location of the practice.
type Place struct{ ID, Name string }

// Minors is which rules for guardians the practice has switched on, who read
// them, and who switched them on.
type Minors struct {
	ID       string // of Rules; "" is none
	Version  int
	Reviewer string // who at the practice, or for it, checked them against the law
	Reviewed string // date, YYYY-MM-DD
	By       string // the manager's name
	Since    string // date, YYYY-MM-DD, on which they were switched on
}

// Rules is what a guardian of a minor may see and do, by age, at one place.
type Rules = policy.Rules

// Band is one span of ages of Rules.
type Band = policy.Band

// ExampleRules returns the rules that come with this program. None is reviewed.
func ExampleRules() []Rules { return policy.Examples() }

// rulesOf returns the rules that settings switch on; nil for none.
func rulesOf(s Settings) *Rules {
	for _, r := range policy.Examples() {
		if s.Minors.ID != "" && r.ID == s.Minors.ID && r.Version == s.Minors.Version && s.Minors.Reviewer != "" {
			return &r
		}
	}
	return nil
}

// settle makes settings those in force.
func (v *Vault) settle(s Settings) {
	v.practice.Store(&s)
	v.minors.Store(rulesOf(s))
}

// StaffMember is one person who works for the practice.
type StaffMember struct {
	ID    string
	Name  string
	Title string // what they do, in the practice's own words
	Roles string // everywhere, as account.ParseRoles reads them
	Left  bool   // they may not come in any more
	// At is the roles somebody holds at one place only, by its id.
	At map[string]string `json:",omitempty"`
	// Frozen says that they may not come in until somebody has looked into what they did.
	Frozen bool `json:",omitempty"`
	// For is whose work they do for a while: whom these treat, they treat too.
	For []Cover `json:",omitempty"`
}

// defaultSettings is a practice nobody has set up yet.
func defaultSettings() Settings {
	return Settings{Mark: "rowan", Brand: "#0b5a5e", Accent: "#ffb930", Typeface: "figtree", Word: "client", Languages: []string{"en", "es", "fr"}, Zone: "UTC", Emergency: "112"}
}

var settingsKey = []byte("practice")

func (v *Vault) loadSettings(ctx context.Context) error {
	s := defaultSettings()
	err := v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.Settings, settingsKey)
		if errors.Is(err, store.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(o.Body, &s)
	})
	v.settle(s)
	return wrap("settings", err)
}

// Settings returns what the practice says about itself; anybody may know it.
func (v *Vault) Settings() Settings {
	s := *v.practice.Load()
	s.Languages, s.Places = slices.Clone(s.Languages), slices.Clone(s.Places)
	return s
}

// Practice is the opened practice: settings, staff and what is shared by all
// charts. The zero Practice is closed.
type Practice struct {
	v   *Vault
	who account.Actor
	why Purpose
	b   policy.Basis
}

// OpenPractice opens the practice's own side for its manager, or for software
// that brings records in.
func (v *Vault) OpenPractice(ctx context.Context, who account.Actor, why Purpose) (*Practice, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Roles: who.Roles(), Level: who.Level(), Purpose: why, Target: policy.Practice})
	if err := v.noted(ctx, who, why, "practice", d); err != nil {
		return nil, err
	}
	return &Practice{v, who, why, d.Basis}, nil
}

// set keeps small objects with one ledger line.
func (p *Practice) set(ctx context.Context, act string, space store.Space, os []store.Object, after func()) error {
	if p == nil || p.v == nil || p.why == Writing && space != store.Definitions {
		return errRefused
	}
	return p.v.led.Commit(ctx, &ledger.Act{
		Lines: []*ledger.Line{p.v.line(ctx, p.who, p.why, act, p.b, 0)},
		Write: func(ctx context.Context, tx store.Tx) error {
			for _, o := range os {
				if err := tx.SetObject(ctx, space, o); err != nil {
					return err
				}
			}
			return nil
		},
		After: after,
	})
}

// SetSettings keeps what the practice says about itself. Its places and its rules
// for minors say who may do what, so they change only for who opened it for that.
func (p *Practice) SetSettings(ctx context.Context, s Settings) error {
	if p == nil || p.v == nil {
		return errRefused
	}
	if was := p.v.Settings(); p.staffed() != nil && (s.Minors != was.Minors || !slices.Equal(s.Places, was.Places)) {
		return errRefused
	}
	if s.Minors.ID != "" && rulesOf(s) == nil {
		return errs.E(errs.Invalid, "record: rules for minors that are not known, or that nobody read")
	}
	if k := s.Keep; min(k.Record, k.Minor) < 0 || max(k.Record, k.Minor) > 100 {
		return errs.E(errs.Invalid, "record: it is kept for no such number of years")
	}
	b, err := json.Marshal(s)
	if err != nil {
		return wrap("settings", err)
	}
	return wrap("settings", p.set(ctx, "settings", store.Settings, []store.Object{{Key: settingsKey, Body: b}}, func() { p.v.settle(s) }))
}

// Staff returns everyone who works or worked here, by name.
func (p *Practice) Staff(ctx context.Context) ([]StaffMember, error) {
	if p == nil || p.v == nil {
		return nil, errRefused
	}
	return p.v.staff(ctx)
}

func (v *Vault) staff(ctx context.Context) ([]StaffMember, error) {
	var out []StaffMember
	err := v.st.View(ctx, func(r store.Reader) error {
		all, err := staffAll(ctx, r)
		out = all
		return err
	})
	slices.SortFunc(out, func(a, b StaffMember) int { return strings.Compare(a.Name, b.Name) })
	return out, wrap("staff", err)
}

// Empty reports whether nobody works here yet: a practice to be set up.
func (v *Vault) Empty(ctx context.Context) (bool, error) {
	ms, err := v.staff(ctx)
	return len(ms) == 0, err
}

// Founder makes the first account of an empty practice, a manager, and refuses
// once there is any.
func (v *Vault) Founder(ctx context.Context, name string) (StaffMember, error) {
	empty, err := v.Empty(ctx)
	if err != nil {
		return StaffMember{}, err
	}
	if !empty {
		return StaffMember{}, errs.E(errs.Refused, "record: this practice has staff already")
	}
	m := StaffMember{ID: "manager", Name: name, Roles: account.Manager.String()}
	return m, v.founding().SetStaff(ctx, m)
}

func definitionKey(typ, id string) ([]byte, error) {
	tn, err := typeNumber(typ)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint16(nil, tn), id...), nil
}

// Put keeps resources that every chart shares: Practitioner, Organization,
// Location, Medication and the like. What is there already is not written again.
func (p *Practice) Put(ctx context.Context, rs ...fhir.Resource) (Done, error) {
	if p == nil || p.v == nil {
		return Done{}, errRefused
	}
	var done Done
	var os []store.Object
	err := p.v.st.View(ctx, func(r store.Reader) error {
		for _, x := range rs {
			if len(x.JSON) > pack.Max {
				return errs.E(errs.Invalid, "record: %s is larger than %d MB", x.Type, pack.Max>>20)
			}
			doc, err := fhir.Parse(x.JSON)
			if err != nil {
				return err
			}
			if p.why == Writing && !slices.Contains(forms.Kinds, x.Type) {
				return errRefused
			}
			// they lie readable on the disk, so what could be about a person is not taken
			if of, _ := fhir.Compartment(doc); len(of) > 0 || !fhir.PracticeWide(x.Type) && x.Type != "Device" || doc.Type() != x.Type || doc.ID() != x.ID || x.ID == "" {
				return errs.E(errs.Refused, "record: %s is not shared by all", x.Type)
			}
			key, err := definitionKey(x.Type, x.ID)
			if err != nil {
				return err
			}
			body := pack.Pack(nil, doc.Compact())
			o, err := r.Object(ctx, store.Definitions, key)
			if err != nil && !errors.Is(err, store.ErrNotExist) {
				return err
			}
			if err == nil && string(o.Body) == string(body) {
				done.Unchanged++
				continue
			}
			done.Written++
			os = append(os, store.Object{Key: key, Body: body})
		}
		return nil
	})
	if err == nil && len(os) > 0 {
		err = p.set(ctx, "shared", store.Definitions, os, nil)
	}
	if err == nil && slices.ContainsFunc(os, func(o store.Object) bool { return slices.Contains(forms.Kinds, typeOf(o.Key)) }) {
		err = p.v.loadLibrary(ctx)
	}
	return done, wrap("share", err)
}

// Library returns the practice's forms and plan templates.
func (p *Practice) Library() *forms.Library {
	if p == nil || p.v == nil {
		return nil
	}
	return p.v.Library()
}

// Each calls f with every shared resource.
func (p *Practice) Each(ctx context.Context, f func(fhir.Resource) error) error {
	if p == nil || p.v == nil {
		return errRefused
	}
	return wrap("shared", p.v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Definitions, func(o store.Object) error {
			x, err := definition(o)
			if err != nil {
				return err
			}
			return f(x)
		})
	}))
}

// typeOf is the type of resource a key of what is shared is about.
func typeOf(key []byte) string {
	if len(key) < 3 {
		return ""
	}
	return fhir.TypeName(binary.BigEndian.Uint16(key))
}

func definition(o store.Object) (fhir.Resource, error) {
	typ := typeOf(o.Key)
	if typ == "" {
		return fhir.Resource{}, fmt.Errorf("a shared resource has no id")
	}
	b, err := pack.Unpack(nil, o.Body)
	return fhir.Resource{Type: typ, ID: string(o.Key[2:]), JSON: b}, err
}

// Shared returns a resource that every chart shares; errs.NotFound if there is
// none. It is about no client, so any open chart may ask.
func (c *Chart) Shared(ctx context.Context, typ, id string) (fhir.Resource, error) {
	if c == nil || c.v == nil {
		return fhir.Resource{}, errRefused
	}
	key, err := definitionKey(typ, id)
	if err != nil {
		return fhir.Resource{}, err
	}
	var out fhir.Resource
	err = c.v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.Definitions, key)
		if errors.Is(err, store.ErrNotExist) {
			return errAbsent
		}
		if err == nil {
			out, err = definition(o)
		}
		return err
	})
	return out, wrap("shared", err)
}

// Progress returns how far the import of a file with this digest came, and -1 if
// it is finished; 0 if it never began.
func (p *Practice) Progress(ctx context.Context, digest []byte) (int64, error) {
	if p == nil || p.v == nil {
		return 0, errRefused
	}
	var at int64
	err := p.v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.Imports, digest)
		if errors.Is(err, store.ErrNotExist) || err == nil && len(o.Body) != 8 {
			return nil
		}
		if err == nil {
			at = int64(binary.BigEndian.Uint64(o.Body)) //nolint:gosec // written by SetProgress
		}
		return err
	})
	return at, wrap("progress", err)
}

// SetProgress keeps how far an import came.
func (p *Practice) SetProgress(ctx context.Context, digest []byte, at int64) error {
	o := store.Object{Key: digest, Body: binary.BigEndian.AppendUint64(nil, uint64(at))} //nolint:gosec // read back the same way
	return wrap("progress", p.set(ctx, "import", store.Imports, []store.Object{o}, nil))
}
