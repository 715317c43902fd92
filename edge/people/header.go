package people

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rapport/errs"
)

// field is what a column holds. The zero field is not known.
type field uint8

const (
	_ field = iota
	givenName
	middleName
	familyName
	wholeName
	birthDate
	gender
	genderSpanish // in which M may be mujer
	phone
	mobile
	workPhone
	mail
	streetNumber
	addressLine
	suburb
	city
	region
	postcode
	country
	tongue
	recordNumber
	nhsNumber
)

// column is one column of a file.
type column struct {
	field  field
	name   string // as the file calls it, fit to be shown
	system string // of a number
}

// names are the names of columns, without case, marks, spaces and signs.
var names = func() map[string]field {
	out := map[string]field{}
	for f, list := range map[field]string{
		givenName:     "given givenname givennames first firstname firstnames forename forenames prenom prenoms nombre nombres primernombre vorname",
		middleName:    "middle middlename middlenames secondname segundonombre deuxiemeprenom",
		familyName:    "family familyname surname last lastname nom nomdefamille apellido apellidos nachname",
		wholeName:     "name fullname patientname clientname nomcomplet nombrecompleto",
		birthDate:     "dateofbirth dob birthdate birthday birth born datedenaissance naissance fechadenacimiento nacimiento geburtsdatum",
		gender:        "sex gender administrativegender sexe genre geschlecht",
		genderSpanish: "sexo genero",
		phone:         "phone phonenumber telephone telephonenumber tel homephone phonehome hometelephone contactnumber telefono telefon",
		mobile:        "mobile mobilephone mobilenumber cell cellphone phonemobile portable movil celular handy",
		workPhone:     "workphone phonework worktelephone businessphone",
		mail:          "email emailaddress mail courriel correo correoelectronico emailadresse",
		streetNumber:  "streetnumber streetno housenumber houseno",
		addressLine:   "address address1 address2 address3 addressline addressline1 addressline2 addressline3 street streetaddress streetname street1 street2 adresse adresse1 adresse2 direccion calle",
		suburb:        "suburb district",
		city:          "city town locality ville ciudad localidad municipality ort",
		region:        "state province region county provincia estado",
		postcode:      "postcode postalcode zip zipcode postcodezip codepostal codigopostal plz",
		country:       "country countrycode pays pais land",
		tongue:        "language preferredlanguage languagecode langue idioma",
		nhsNumber:     "nhsnumber nhsno nhs",
		recordNumber:  "id socsecid ssn socialsecuritynumber socialsecurityno recid recordid recordnumber mrn medicalrecordnumber patientid patientnumber clientid clientnumber medicarenumber chartnumber insurancenumber",
	} {
		for n := range strings.FieldsSeq(list) {
			out[n] = f
		}
	}
	return out
}()

// numbersAs are names of numbers that other names stand for, so that two files
// speak of one system.
var numbersAs = map[string]string{
	"socsecid": "soc_sec_id", "ssn": "soc_sec_id", "socialsecuritynumber": "soc_sec_id", "socialsecurityno": "soc_sec_id", "recid": "rec_id", "recordid": "rec_id",
	"recordnumber": "rec_id", "medicalrecordnumber": "mrn", "patientid": "patient_id", "patientnumber": "patient_id", "clientid": "client_id",
	"clientnumber": "client_id", "medicarenumber": "medicare_number", "chartnumber": "chart_number", "insurancenumber": "insurance_number",
}

// several are the fields that more than one column may hold.
var several = map[field]bool{addressLine: true, phone: true, mobile: true, workPhone: true, mail: true, recordNumber: true}

// key is a column's name as it is looked up: "Date of birth" is dateofbirth.
func key(name string) string {
	if len(name) > 200 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))
}

// header reads the first line that has something in it, and finds out what parts
// cells.
func (s *Sheet) header() error {
	for {
		l, err := s.lines.next()
		if err == io.EOF {
			return errs.E(errs.Invalid, "people: the file is empty")
		}
		if err != nil {
			return err
		}
		text := strings.TrimPrefix(string(l.text), "\ufeff")
		if !utf8.ValidString(text) {
			text = string(decode([]byte(text)))
		}
		if strings.Trim(clean(text), ",;\t\" ") == "" {
			continue
		}
		if l.long {
			return errs.E(errs.Invalid, "people: line %d is too long to be a header", l.n)
		}
		if sep, ok := strings.CutPrefix(strings.ToLower(text), "sep="); ok && len(sep) == 1 && strings.Contains(",;\t", sep) {
			s.comma = sep[0] // written by spreadsheets, above the header
			continue
		}
		return s.headerOf(text, l.n)
	}
}

func (s *Sheet) headerOf(text string, line int) error {
	commas := ",;\t"
	if s.comma != 0 {
		commas = string(s.comma)
	}
	var cells []string
	best := -1
	for i := range len(commas) {
		got, known := headings(text, commas[i])
		if n := known*(maxColumns+1) + len(got); known > 0 && n > best {
			best, cells, s.comma = n, got, commas[i]
		}
	}
	if len(cells) > maxColumns {
		return errs.E(errs.Invalid, "people: line %d has more than %d columns", line, maxColumns)
	}
	return s.assign(cells, line)
}

// headings parts a header, and counts the names that are known.
func headings(text string, comma byte) (cells []string, known int) {
	split([]byte(text), comma, quoted, func(b []byte) {
		if len(cells) > maxColumns {
			return
		}
		c := oneLine(clean(string(b)))
		cells = append(cells, c)
		if names[key(c)] != 0 {
			known++
		}
	})
	return cells, known
}

// assign says what each column holds.
func (s *Sheet) assign(cells []string, line int) error {
	has := map[field]bool{}
	for _, c := range cells {
		has[names[key(c)]] = true
	}
	if !has[givenName] && !has[familyName] && !has[wholeName] {
		// nothing of it is repeated: it may be a row of a file without a header
		return errs.E(errs.Invalid, "people: line %d is no header: none of its columns is a name", line)
	}
	taken := map[field]bool{}
	for i, c := range cells {
		k := key(c)
		f := names[k]
		col := column{field: f, name: shown(c, i)}
		why := ""
		switch {
		case c == "":
		case f == 0:
			why = "is not a column that is known, and was not read"
		case f == wholeName && has[givenName] && !has[familyName]:
			why = "may be the family name or the whole name, and was not read: call it family name or full name"
		case taken[f] && !several[f]:
			why = "says again what another column says, and was not read"
		case f == gender && taken[genderSpanish] || f == genderSpanish && taken[gender]:
			why = "says again what another column says, and was not read"
		}
		if why != "" {
			s.unknown = append(s.unknown, Problem{line, col.name, why})
			col.field = 0
		} else {
			taken[f] = true
		}
		if f == recordNumber {
			col.system = s.system(k)
		}
		s.columns = append(s.columns, col)
	}
	return nil
}

// system is that of a number which is unique only where the file came from.
func (s *Sheet) system(k string) string {
	if as, ok := numbersAs[k]; ok {
		k = as
	}
	if s.opt.Source != "" {
		k = s.opt.Source + ":" + k
	}
	return "urn:rapport:csv:" + k
}

// IsSource reports whether a text may name the system a file came from.
func IsSource(s string) bool {
	return len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// shown is a column's name if it looks like one, else its place.
func shown(name string, i int) string {
	digits := 0
	ok := name != "" && utf8.RuneCountInString(name) <= 40
	for _, r := range name {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r) || strings.ContainsRune(" _-./()#'", r):
		default:
			ok = false
		}
	}
	if !ok || digits > 2 {
		return "column " + strconv.Itoa(i+1)
	}
	return name
}
