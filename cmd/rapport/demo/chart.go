package demo

import (
	"fmt"
	"sort"
	"time"
)

// who is everything about a person that is not a finding.
type who struct {
	key           string // names the dice
	given, family string
	script        string // the name in its own letters, when these are not Latin
	gender        string // an R4 AdministrativeGender
	born          time.Time
	language      string   // the one to write in
	speaks        []string // other languages, BCP 47
	phone, mail   string   // made up when empty
	story         string
	household     string
	gp            string
	died          time.Time
	since         int // days ago when they joined the practice
	contact       *contact
}

// chart is one life being written down.
type chart struct {
	*practice
	*dice
	who
	id    string
	self  reference
	pages []page
	helps []Help
	seen  map[int]seen      // visits that took place, by the day asked for
	drawn map[int]time.Time // when blood was taken, by the day of the result
}

type page struct {
	Resource
	at time.Time
}

// secrecy labels a resource for those who must not see it by default.
type secrecy int

const (
	ordinary   secrecy = iota
	restricted         // confidentiality R, about sexuality and reproduction
)

func (s secrecy) codes() []coding {
	if s == restricted {
		return []coding{{hl7 + "v3-Confidentiality", "R"}, {actCode, "SEX"}}
	}
	return nil
}

// newChart opens the chart of w and writes its first page.
func (p *practice) newChart(w who) *chart {
	d := newDice(p.seed, w.key)
	if w.gp == "" {
		w.gp = pick(d, []string{lena, samir})
	}
	if w.since == 0 {
		w.since = max(3, min(366, p.daysSince(w.born)-4))
	}
	c := &chart{practice: p, dice: d, who: w, id: d.id(), seen: map[int]seen{}, drawn: map[int]time.Time{}}
	c.self = reference{person + "/" + c.id, c.full()}
	p.number += d.between(3, 40)
	p.charts = append(p.charts, c)
	c.first()
	return c
}

func (c *chart) full() string { return c.given + " " + c.family }

func (c *chart) first() {
	home := c.dice
	if c.household != "" {
		home = newDice(c.seed, "house "+c.household)
	}
	if c.phone == "" {
		c.phone = fmt.Sprintf("07700 900%03d", 200+len(c.charts))
	}
	if c.mail == "" {
		c.mail = mailFor(c.given, c.family)
	}
	gp := c.by(c.gp)
	w := &wirePerson{
		Identifier: []identifier{{"https://rowanstreet.example.org/number", fmt.Sprintf("RSP-%05d", c.number)}},
		Active:     yes(), Gender: c.gender, BirthDate: date(c.born), Name: c.names(),
		Telecom: c.telecoms(), Address: []address{home.address()},
		Communication: c.tongues(), GeneralPractitioner: []reference{gp.ref}, ManagingOrganization: &c.org,
	}
	if c.contact != nil {
		w.Contact = []contact{*c.contact}
	}
	at := c.clock(c.workday(c.since), 9*60+c.between(0, 40))
	if !c.died.IsZero() {
		w.Active, w.DeceasedDateTime = no(), instant(c.died)
		at = c.died.AddDate(0, 0, 1)
	}
	c.pages = append(c.pages, page{encode(person, c.id, &meta{LastUpdated: instant(at)}, w), time.Time{}})
}

func (c *chart) names() []humanName {
	latin := humanName{Use: "official", Text: c.full(), Family: c.family, Given: []string{c.given}}
	if c.script == "" {
		return []humanName{latin}
	}
	// The extension tells which spelling is which (ISO 21090 name use).
	const spelling = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
	latin.Use, latin.Extension = "usual", []extension{{spelling, "ABC"}}
	return []humanName{{Use: "official", Text: c.script, Extension: []extension{{spelling, "IDE"}}}, latin}
}

func (c *chart) telecoms() []telecom {
	if c.age(c.born) < 14 {
		return nil // a parent is called instead; see RelatedPerson
	}
	return []telecom{{"phone", c.phone, "mobile"}, {"email", c.mail, "home"}}
}

func (c *chart) tongues() []tongue {
	out := []tongue{{Language: language(c.language), Preferred: yes()}}
	for _, l := range c.speaks {
		out = append(out, tongue{Language: language(l)})
	}
	return out
}

func language(code string) concept {
	return of("urn:ietf:bcp:47", code, map[string]string{
		"en": "English", "es": "Spanish", "fr": "French", "ig": "Igbo", "pt": "Portuguese", "ar": "Arabic",
		"zh": "Chinese", "so": "Somali", "vi": "Vietnamese", "el": "Greek", "cs": "Czech", "sv": "Swedish",
		"pl": "Polish", "bn": "Bengali", "pa": "Punjabi", "it": "Italian", "gu": "Gujarati", "yo": "Yoruba", "ga": "Irish",
	}[code])
}

// keep writes one resource into the chart as of that moment.
func (c *chart) keep(kind string, at time.Time, label secrecy, b body) reference {
	m := &meta{LastUpdated: instant(at), Security: label.codes()}
	r := encode(kind, c.dice.id(), m, b)
	c.pages = append(c.pages, page{r, at})
	return reference{Reference: kind + "/" + r.ID}
}

// client closes the chart: the Patient first, then as it was written.
func (c *chart) client() Client {
	sort.SliceStable(c.pages, func(i, j int) bool { return c.pages[i].at.Before(c.pages[j].at) })
	out := Client{
		ID: c.id, Name: c.full(), Language: c.language, Story: c.story, Household: c.household, Helps: c.helps,
		Resources: make([]Resource, 0, len(c.pages)),
	}
	for _, p := range c.pages {
		out.Resources = append(out.Resources, p.Resource)
	}
	return out
}

// guarded notes the parent who comes along with a child and is no client here.
func (c *chart) guarded() {
	relation, code, gender := "mother", "MTH", "female"
	given := pick(c.dice, []string{"Anna", "Sofia", "Leah", "Karen"})
	if c.hits(0.35) {
		relation, code, gender, given = "father", "FTH", "male", pick(c.dice, []string{"Daniel", "Marek", "Adam", "Neil"})
	}
	c.keep("RelatedPerson", c.officeHour(c.since-1), ordinary, &wireRelated{
		Active: yes(), Whose: c.self, Relationship: []concept{of(hl7+"v3-RoleCode", code, relation)},
		Name:    []humanName{{Use: "official", Text: given + " " + c.family, Family: c.family, Given: []string{given}}},
		Telecom: []telecom{{"phone", c.phone, "mobile"}, {"email", mailFor(given, c.family), "home"}},
		Gender:  gender, Communication: c.tongues(),
	})
}

// helpedBy lets helper act for c: a RelatedPerson in this chart, a line in the
// helper's. Both charts stay closed to each other; only the identifier tells
// that the two are one person.
func (c *chart) helpedBy(helper *chart, relation, code string, ago int) {
	at := c.clock(c.workday(ago), 10*60+c.between(0, 100))
	r := c.keep("RelatedPerson", at, ordinary, &wireRelated{
		Identifier: []identifier{{"https://rowanstreet.example.org/client", helper.id}},
		Active:     yes(), Whose: c.self, Relationship: []concept{of(hl7+"v3-RoleCode", code, relation)},
		Name:    []humanName{{Use: "official", Text: helper.full(), Family: helper.family, Given: []string{helper.given}}},
		Telecom: []telecom{{"phone", helper.phone, "mobile"}, {"email", helper.mail, "home"}},
		Gender:  helper.gender, Communication: helper.tongues(),
	})
	helper.helps = append(helper.helps, Help{ClientID: c.id, RelatedPersonID: idOf(r), Relation: relation})
}
