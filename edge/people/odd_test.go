package people

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
)

func get(t testing.TB, r Row, path ...string) string {
	t.Helper()
	if r.Person.Type == "" {
		return ""
	}
	doc, err := fhir.Parse(r.Person.JSON)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root().Get(path...).Str()
}

func TestDates(t *testing.T) {
	t.Parallel()
	const exist, form, order, far = "is a date that does not exist", "is not a date in a form that is known",
		"is a date of which it was not said whether the day or the month comes first", "is a date too long ago or too far ahead"
	for _, c := range []struct {
		in    string
		order Order
		want  string
		why   string
	}{
		{"19801231", 0, "1980-12-31", ""}, {"1980-12-31", 0, "1980-12-31", ""}, {"1980/2/3", 0, "1980-02-03", ""}, {"1980.02.03", 0, "1980-02-03", ""},
		{"1980", 0, "1980", ""}, {"1980-02", 0, "1980-02", ""}, {"2000-02-29", 0, "2000-02-29", ""}, {"1996-02-29", 0, "1996-02-29", ""},
		{"1980-12-31 00:00:00", 0, "1980-12-31", ""}, {"1980-12-31T00:00:00.000Z", 0, "1980-12-31", ""},
		{"31/12/1980", DayFirst, "1980-12-31", ""}, {"12/31/1980", MonthFirst, "1980-12-31", ""}, {"3.4.1980", DayFirst, "1980-04-03", ""}, {"3-4-1980", MonthFirst, "1980-03-04", ""},
		{"31/12/1980", 0, "", order}, {"3/4/1980", 0, "", order}, {"31/12/1980", MonthFirst, "", exist}, {"12/31/1980", DayFirst, "", exist},
		{"1900-02-29", 0, "", exist}, {"1981-02-29", 0, "", exist}, {"19811301", 0, "", exist}, {"1981-00-01", 0, "", exist}, {"1981-04-31", 0, "", exist}, {"1981-04-00", 0, "", exist}, {"1981-13", 0, "", exist},
		{"00000000", 0, "", far}, {"31121980", 0, "", far}, {"0001-01-01", 0, "", far}, {"9999-12-31", 0, "", far}, {"04031968", 0, "", far},
		{"3/4/80", DayFirst, "", "is a date with two digits for the year"}, {"29586", 0, "", form}, {"801231", 0, "", form}, {"1980-12-31 10:30", 0, "", form},
		{"31 Dec 1980", DayFirst, "", form}, {"1980/12", 0, "", form}, {"1980-1", 0, "", form}, {"1980-12/31", 0, "", form}, {"-1980-12-31", 0, "", form}, {"１９８０-12-31", 0, "", form},
		{"1980-012-31", 0, "", form}, {"1980-12-031", 0, "", form}, {"1/2/3/1980", DayFirst, "", form}, {"031/12/1980", DayFirst, "", form}, {"+980-12-31", 0, "", form}, {"--", 0, "", form}, {marker, 0, "", form},
	} {
		got, why := birth(c.in, c.order)
		if got != c.want || why != c.why {
			t.Errorf("%s is %q (%s), want %q (%s)", c.in, got, why, c.want, c.why)
		}
	}
	_, rows := read(t, "name,dob\n"+marker+",1981-02-30\n", Options{})
	if told(rows) != "line 2, dob: is a date that does not exist, and was left out" || rows[0].Person.Type == "" {
		t.Errorf("%q", told(rows))
	}
}

func TestOddFiles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(marker, 120_000)
	for _, c := range []struct{ name, file, families, told string }{
		{"semicolons", "surname;dob\nKeller;1944-04-17\n", "Keller", ""},
		{"tabs", "surname\tfirst name\nKeller\tRuth, Anna\n", "Keller", ""},
		{"one column", "surname\nKeller\nWeiß", "Keller Weiß", ""},
		{"commas within semicolons", "surname;\"city, or town\";first name\nKeller;a,b;Ruth", "Keller", ""},
		{"a line that says what parts cells", "sep=;\r\nsurname;first name\r\nKeller;Ruth", "Keller", ""},
		{"CRLF", "surname,city\r\nKeller,Baden\r\n\r\nWeiß,Zug\r\n", "Keller Weiß", ""},
		{"CR", "surname,city\rKeller,Baden\rWeiß,Zug\r", "Keller Weiß", ""},
		{"no last line end", "surname,city\nKeller,Baden", "Keller", ""},
		{"empty rows", "surname,city\n,\n\n  , \nKeller,x\n\n", "Keller", ""},
		{"spaces and quotes", "surname , city\n  \"Keller\" , \"Zug\"\n", "Keller", ""},
		{"a quote in a cell", "surname,city\nO\"Neil,12\" Road\n", "O\"Neil", ""},
		{"Windows-1252", "surname,city\nLef\xe8vre,x\nM\x80\xfcller,\x93y\x94\nŠ,z\n", "Lefèvre M€üller Š", "line 2: is not UTF-8, and was read as Windows-1252, as others after it may be"},
		{"control characters", "surname,city\nKel\x00l\x1b[er\x7f,\u202eZ\n", "Kell[er", ""},
		{"NUL bytes alone", "surname,city\n\x00,\x00\nKeller,x", "Keller", ""},
		{"short", "surname,first name,city\nKeller\n" + marker + ",Ruth\n", "Keller " + marker, "line 2: has fewer cells than there are columns\nline 3: has fewer cells than there are columns"},
		{"long", "surname,city\nKeller,Zug,,\n" + marker + ",Zug," + marker + "\nWeiß,x", "Keller  Weiß", "line 3: has more cells than there are columns, and was not taken"},
		{"long by what cannot be seen", "surname\nKeller,\x00\n", "Keller", ""},
		{"nobody", "surname,city\n," + marker + "\n", "", "line 2: has neither a name nor a number, and was not taken"},
		{"a line break in a cell", "surname,city\n\"Kel\n\nler\",Zug\nWeiß,x", "Kel ler Weiß", ""},
		{"a quote never closed", "surname,city\n\"Keller,Zug\nWeiß,x\nHo,y", "\"Keller Weiß Ho", "line 2: a quote is opened and not closed"},
		{"a quote closed rows later", "surname,city\n\"Keller,Zug\nWeiß,x\n\"Ho\",y", "\"Keller Weiß Ho", "line 2: a quote is opened and not closed"},
		{"a quote that takes in the next row", "surname,city\n\"Keller,Zug\nWeiß\",x,y\nHo,z", "\"Keller  Ho", "line 2: a quote is opened and not closed\nline 3: has more cells than there are columns, and was not taken"},
		{"marks that turn text around", "surname\nKel\u202eler\u2066\n", "Keller", ""},
		{"two quotes never closed", "surname,city\n\"Keller,Zug\nWeiß,\"x\nHo,y", "\"Keller Weiß Ho", "line 2: a quote is opened and not closed\nline 3: a quote is opened and not closed"},
		{"a quote closed far below", "surname,city\n\"Keller,Zug\n" + strings.Repeat("Ho,y\n", maxSpan) + "\",z", "\"Keller" + strings.Repeat(" Ho", maxSpan) + " \"", "line 2: a quote is opened and not closed\nline 35: a quote is opened and not closed"},
		{"a line of a megabyte", "surname,city\n" + long + ",Zug\nWeiß,x", strings.Repeat(marker, 29)[:256] + " Weiß", "line 2, surname: is longer than 256 characters, and was cut"},
		{"a line that is too long", "surname,city\n" + long + long + ",Zug\nWeiß,x", " Weiß", "line 2: the line is too long to be a row, and was not taken"},
		{"a quote before a line that is too long", "surname,city\n\"Keller,Zug\n" + long + long + "\nWeiß,x", "\"Keller  Weiß", "line 2: a quote is opened and not closed\nline 3: the line is too long to be a row, and was not taken"},
		{"only commas", "surname,city\n" + strings.Repeat(",", 1<<20) + "\nKeller,x", "Keller", ""},
		{"256 characters", "surname\n" + strings.Repeat("é", 256), strings.Repeat("é", 256), ""},
		{"257 characters", "surname\n" + strings.Repeat("é", 257), strings.Repeat("é", 256), "line 2, surname: is longer than 256 characters, and was cut"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, rows := read(t, c.file, Options{})
			var got []string
			for _, r := range rows {
				got = append(got, get(t, r, "name", "family"))
			}
			if diff := cmp.Diff(c.families, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.told, told(rows)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestColumnsAreKnownOrReported(t *testing.T) {
	t.Parallel()
	const not, again = "is not a column that is known, and was not read", "says again what another column says, and was not read"
	for _, c := range []struct{ header, want string }{
		{"Given_Name,SURNAME,d.o.b.,e-mail,PRÉNOM", "line 1, PRÉNOM: " + again},
		{"name,Diagnosis,,Blood group", "line 1, Diagnosis: " + not + "\nline 1, Blood group: " + not},
		{"surname,dob,birthdate,phone,mobile,home phone", "line 1, birthdate: " + again},
		{"surname,sex,género", "line 1, género: " + again},
		{"surname,555 010 2020,a@b.example," + strings.Repeat("x", 50), "line 1, column 2: " + not + "\nline 1, column 3: " + not + "\nline 1, column 4: " + not},
		{"name,first name", "line 1, name: may be the family name or the whole name, and was not read: call it family name or full name"},
		{"name,first name,last name", ""},
	} {
		s, _ := read(t, c.header+"\n", Options{})
		if diff := cmp.Diff(c.want, unknown(s)); diff != "" {
			t.Errorf("%s: %s", c.header, diff)
		}
	}
	for name, f := range names {
		if f == 0 || key(name) != name {
			t.Errorf("%s is never found", name)
		}
	}
	for k := range numbersAs {
		if names[k] != recordNumber {
			t.Errorf("%s is no number", k)
		}
	}
}

func TestValuesThereIsOneWayToRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ column, value, path, want, why string }{
		{"sex", "M", "gender", "male", ""}, {"Gender", " Female ", "gender", "female", ""}, {"sexe", "Féminin", "gender", "female", ""}, {"sex", "x", "gender", "other", ""}, {"sex", "Unknown", "gender", "unknown", ""},
		{"sex", "1", "gender", "", "is not a gender in a form that is known, and was left out"}, {"sexo", "H", "gender", "male", ""}, {"sexo", "Mujer", "gender", "female", ""},
		{"sexo", "M", "gender", "", "may be masculino or mujer, and was left out"},
		{"phone", "+41 79 000", "telecom.value", "+41 79 000", ""}, {"phone", "none", "telecom.value", "", "is not a phone number, and was left out"},
		{"mobile", "6.1E+10", "telecom.value", "", "was rounded by a spreadsheet, and was left out"}, {"work phone", "0790", "telecom.use", "work", ""},
		{"phone", strings.Repeat("1", 300), "telecom.value", "", "is longer than 256 characters, and was left out"},
		{"email", "r@mail.example", "telecom.system", "email", ""}, {"email", "r at mail", "telecom.value", "", "is not a mail address, and was left out"},
		{"email", "a@b.example; c@d.example", "telecom.value", "", "is not a mail address, and was left out"}, {"email", "@b", "telecom.value", "", "is not a mail address, and was left out"},
		{"nhs_number", "943-476-5919", "identifier.value", "9434765919", ""}, {"nhs_number", "943 476 5918", "identifier.value", "", "is not an NHS number, and was left out"}, {"nhs_number", "12", "identifier.value", "", "is not an NHS number, and was left out"},
		{"ssn", "0012-3", "identifier.value", "0012-3", ""}, {"SSN", "0012-3", "identifier.system", "urn:rapport:csv:soc_sec_id", ""}, {"id", "12E5", "identifier.value", "12E5", ""},
		{"id", "7,36E+06", "identifier.value", "", "was rounded by a spreadsheet, and was left out"}, {"id", strings.Repeat("1", 257), "identifier.value", "", "is longer than 256 characters, and was left out"},
		{"language", "Español", "communication.language.coding.code", "es", ""}, {"language", "pt-BR", "communication.language.coding.code", "pt-BR", ""}, {"language", "Klingonish", "communication.language.coding.code", "", "is not a language in a form that is known, and was left out"},
		{"street number", "12", "address.line", "12", ""}, {"suburb", "Hill", "address.city", "Hill", ""},
	} {
		_, rows := read(t, "name,"+c.column+"\nKeller,\""+c.value+"\"\n", Options{})
		if got := get(t, rows[0], strings.Split(c.path, ".")...); got != c.want {
			t.Errorf("%s %.20s is %q, want %q", c.column, c.value, got, c.want)
		}
		want := ""
		if c.why != "" {
			want = "line 2, " + c.column + ": " + c.why
		}
		if told(rows) != want {
			t.Errorf("%s %.20s: said %q, want %q", c.column, c.value, told(rows), want)
		}
	}
}

// TestNoReportHoldsContent puts what cannot be read into every column there is.
func TestNoReportHoldsContent(t *testing.T) {
	t.Parallel()
	n := 0
	for name := range names {
		for _, v := range []string{marker, marker + strings.Repeat("1", 300), "\"" + marker, marker + "," + marker, "1.2E+5" + marker, marker + "@@", "\xff" + marker} {
			_, rows := read(t, "name,surname,"+name+"\nRuth,Keller,"+v+"\n", Options{})
			n += len(rows[0].Problems)
		}
	}
	if n < 7*len(names)/2 {
		t.Errorf("%d problems were reported: the test feeds nothing hard", n)
	}
}

func TestNumbersOfTwoSourcesAreTwo(t *testing.T) {
	t.Parallel()
	_, rows := read(t, "rec_id,name\n12,"+marker, Options{Source: "old-office"})
	if got := get(t, rows[0], "identifier", "system"); got != "urn:rapport:csv:old-office:rec_id" {
		t.Errorf("the number is of %q", got)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"name,dob\nRuth,1944-04-17\n", "sep=;\nsurname;id\n\"a\n;b\";1", "\ufeffid\tfirst name\n1\t\"x\r\ny\"\"\"\r", "surname,phone\n\xff\x00,\"123\n", "name,address,email,language,sex,nhs number\n a, b\u2028 ,c@d,en,f,9434765919,x\n",
		"given name,family name,street number,address 1,suburb,city\n\ufffe,\U0010ffff,1,2,3,4\n\"\",\"\",\"\"\"",
	} {
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, file []byte, order uint8) {
		s, err := Read(strings.NewReader(string(file)), Options{Order: Order(order % 3), ID: byLine})
		if err != nil {
			return
		}
		at, lines := 1, 1+strings.Count(string(file), "\n")+strings.Count(string(file), "\r")
		for row, err := range s.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			if row.Line <= at || row.Line > lines {
				t.Errorf("line %d after %d, of %d", row.Line, at, lines)
			}
			at = row.Line
			sound(t, row)
		}
	})
}
