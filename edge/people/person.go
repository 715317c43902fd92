package people

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"golang.org/x/text/language"

	"rapport/errs"
	"rapport/fhir"
)

// patient is the part of a Patient a list can say, in the order of R4.
type patient struct {
	ResourceType  string    `json:"resourceType"`
	ID            string    `json:"id"`
	Identifier    []numeral `json:"identifier,omitempty"`
	Name          []human   `json:"name,omitempty"`
	Telecom       []contact `json:"telecom,omitempty"`
	Gender        string    `json:"gender,omitempty"`
	BirthDate     string    `json:"birthDate,omitempty"`
	Address       []address `json:"address,omitempty"`
	Communication []spoken  `json:"communication,omitempty"`
}

type numeral struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type human struct {
	Text   string   `json:"text,omitempty"`
	Family string   `json:"family,omitempty"`
	Given  []string `json:"given,omitempty"`
}

type contact struct {
	System string `json:"system"`
	Value  string `json:"value"`
	Use    string `json:"use,omitempty"`
}

type address struct {
	Line       []string `json:"line,omitempty"`
	City       string   `json:"city,omitempty"`
	District   string   `json:"district,omitempty"`
	State      string   `json:"state,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
	Country    string   `json:"country,omitempty"`
}

type spoken struct {
	Language concept `json:"language"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// draft is a Patient in the making.
type draft struct {
	patient
	name   human
	at     address
	house  string
	suburb string
	number string // the first record number
	system string // and its system
	say    func(column, reason string)
	order  Order
}

// person makes a Patient of s.cells, and says what is left out.
func (s *Sheet) person(line int, say func(column, reason string)) (person fhir.Resource, number string, err error) {
	d := draft{say: say, order: s.opt.Order}
	for i, c := range s.columns {
		if v := s.cells[i]; v != "" && c.field != 0 {
			d.read(&c, v)
		}
	}
	d.close()
	if len(d.Name) == 0 && len(d.Identifier) == 0 {
		say("", "has neither a name nor a number, and was not taken")
		return fhir.Resource{}, "", nil
	}
	d.ResourceType, d.ID = "Patient", s.opt.ID(line, d.number)
	if !isID(d.ID) {
		return fhir.Resource{}, "", errs.E(errs.Internal, "people: line %d was given an id that is none", line)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(d.patient); err != nil {
		return fhir.Resource{}, "", errs.E(errs.Internal, "people: line %d: %w", line, err)
	}
	if d.number != "" {
		number = d.system + "|" + d.number
	}
	return fhir.Resource{Type: "Patient", ID: d.ID, JSON: bytes.TrimSuffix(out.Bytes(), []byte{'\n'})}, number, nil
}

// isID reports whether s has the form of a FHIR id (R4 datatypes, id).
func isID(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") == ""
}

// read takes one cell.
func (d *draft) read(c *column, v string) {
	text := func() string { return d.short(c, oneLine(v)) }
	switch c.field {
	case givenName:
		d.name.Given = append([]string{text()}, d.name.Given...)
	case middleName:
		d.name.Given = append(d.name.Given, text())
	case familyName:
		d.name.Family = text()
	case wholeName:
		d.name.Text = text()
	case birthDate:
		d.BirthDate = d.either(c)(birth(v, d.order))
	case gender, genderSpanish:
		d.Gender = d.either(c)(genderOf(v, c.field))
	case phone, mobile, workPhone, mail:
		d.contact(c, oneLine(v))
	case streetNumber:
		d.house = text()
	case addressLine:
		for l := range strings.SplitSeq(v, "\n") {
			d.at.Line = append(d.at.Line, d.short(c, l))
		}
	case suburb:
		d.suburb = text()
	case city:
		d.at.City = text()
	case region:
		d.at.State = text()
	case postcode:
		d.at.PostalCode = text()
	case country:
		d.at.Country = text()
	case tongue:
		if tag := d.either(c)(languageOf(v)); tag != "" {
			d.Communication = []spoken{{concept{[]coding{{"urn:ietf:bcp:47", tag}}}}}
		}
	case recordNumber, nhsNumber:
		d.identify(c, oneLine(v))
	}
}

// short bounds a text, and says so.
func (d *draft) short(c *column, s string) string {
	s, long := cut(s)
	if long {
		d.say(c.name, "is longer than 256 characters, and was cut")
	}
	return s
}

// either takes a value, or says why there is none.
func (d *draft) either(c *column) func(v, why string) string {
	return func(v, why string) string {
		if why != "" {
			d.say(c.name, why+", and was left out")
		}
		return v
	}
}

// close puts together what several columns say.
func (d *draft) close() {
	if d.name.Text != "" || d.name.Family != "" || len(d.name.Given) > 0 {
		d.Name = []human{d.name}
	}
	if d.house != "" {
		if len(d.at.Line) == 0 {
			d.at.Line = []string{d.house}
		} else {
			d.at.Line[0] = d.house + " " + d.at.Line[0]
		}
	}
	if d.at.City == "" {
		d.at.City = d.suburb
	} else {
		d.at.District = d.suburb
	}
	if d.at.City != "" || len(d.at.Line) > 0 || d.at.State != "" || d.at.PostalCode != "" || d.at.Country != "" {
		d.Address = []address{d.at}
	}
}

// rounded is a number as spreadsheets spoil it: 6.1E+10.
var rounded = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+\d+$`)

func (d *draft) contact(c *column, v string) {
	t := contact{System: "phone", Value: v}
	why := ""
	switch c.field {
	case mobile:
		t.Use = "mobile"
	case workPhone:
		t.Use = "work"
	case mail:
		t.System = "email"
	}
	_, long := cut(v)
	digits := 0
	for _, r := range v {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	switch at := strings.IndexByte(v, '@'); {
	case long:
		why = "is longer than 256 characters"
	case c.field == mail && (at <= 0 || at != strings.LastIndexByte(v, '@') || at == len(v)-1 || strings.ContainsAny(v, " ,;")):
		why = "is not a mail address"
	case c.field != mail && rounded.MatchString(v):
		why = "was rounded by a spreadsheet"
	case c.field != mail && digits < 3:
		why = "is not a phone number"
	}
	if why != "" {
		d.say(c.name, why+", and was left out")
		return
	}
	d.Telecom = append(d.Telecom, t)
}

// identify takes a number. One that is not as it was is left out: a number in
// part is somebody else's.
func (d *draft) identify(c *column, v string) {
	system, why := c.system, ""
	if c.field == nhsNumber {
		system = "https://fhir.nhs.uk/Id/nhs-number"
		v = strings.NewReplacer(" ", "", "-", "").Replace(v)
		if !nhs(v) {
			why = "is not an NHS number"
		}
	}
	if _, long := cut(v); long {
		why = "is longer than 256 characters"
	} else if rounded.MatchString(v) {
		why = "was rounded by a spreadsheet"
	}
	if why != "" {
		d.say(c.name, why+", and was left out")
		return
	}
	if d.number == "" && c.field == recordNumber {
		d.number, d.system = v, system
	}
	d.Identifier = append(d.Identifier, numeral{system, v})
}

// nhs checks the last digit of an NHS number (modulus 11, NHS Data Dictionary).
func nhs(s string) bool {
	if len(s) != 10 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(s[i]-'0') * (10 - i)
	}
	return (11-sum%11)%11 == int(s[9]-'0') // 10 is no digit
}

// genders are how gender is written, in the languages of the columns.
var genders = map[string]string{
	"m": "male", "male": "male", "man": "male", "masculine": "male", "masculin": "male", "masculino": "male", "homme": "male", "hombre": "male", "h": "male", "boy": "male",
	"f": "female", "female": "female", "woman": "female", "w": "female", "feminine": "female", "feminin": "female", "femenino": "female", "femme": "female", "mujer": "female", "girl": "female",
	"o": "other", "x": "other", "other": "other", "nonbinary": "other", "diverse": "other", "autre": "other", "otro": "other",
	"u": "unknown", "unknown": "unknown", "notknown": "unknown", "notstated": "unknown", "inconnu": "unknown", "desconocido": "unknown",
}

func genderOf(v string, f field) (code, why string) {
	k := key(v)
	if f == genderSpanish && k == "m" {
		return "", "may be masculino or mujer"
	}
	if code = genders[k]; code == "" {
		return "", "is not a gender in a form that is known"
	}
	return code, ""
}

// tongues are languages by their names.
var tongues = map[string]string{"english": "en", "anglais": "en", "ingles": "en", "french": "fr", "francais": "fr", "frances": "fr", "spanish": "es", "espagnol": "es", "espanol": "es"}

var tag = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)

func languageOf(v string) (code, why string) {
	if code = tongues[key(v)]; code != "" {
		return code, ""
	}
	if len(v) <= 35 && tag.MatchString(v) {
		if t, err := language.Parse(v); err == nil {
			return t.String(), ""
		}
	}
	return "", "is not a language in a form that is known"
}
