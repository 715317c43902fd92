package people

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/fhir"
)

// marker stands in every value the tests make up. It must never be in a report.
const marker = "Zebrafink"

func byLine(line int, _ string) string { return fmt.Sprint("row-", line) }

// read reads a file whole. Every person must be a Patient with nothing wrong, and
// no report may hold content.
func read(t testing.TB, file string, opt Options) (*Sheet, []Row) {
	t.Helper()
	if opt.ID == nil {
		opt.ID = byLine
	}
	s, err := Read(strings.NewReader(file), opt)
	if err != nil {
		t.Fatal(err)
	}
	var out []Row
	for row, err := range s.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		sound(t, row)
		out = append(out, row)
	}
	for _, p := range s.Unknown() {
		if strings.Contains(p.String(), marker) {
			t.Errorf("a report holds content: %s", p)
		}
	}
	return s, out
}

func sound(t testing.TB, row Row) {
	t.Helper()
	for _, p := range row.Problems {
		if strings.Contains(p.String(), marker) || p.Line != row.Line || p.Reason == "" {
			t.Errorf("a report that should not be: %s", p)
		}
	}
	if row.Person.Type == "" {
		if len(row.Problems) == 0 {
			t.Errorf("line %d was not taken, and nobody knows why", row.Line)
		}
		return
	}
	doc, err := fhir.Parse(row.Person.JSON)
	if err != nil || len(doc.Issues()) > 0 || len(doc.Unknown()) > 0 {
		t.Fatalf("line %d: %v\n%s", row.Line, err, row.Person.JSON)
	}
	if doc.ID() != row.Person.ID || row.Person.Type != "Patient" || string(doc.Root().Get("id").Str()) == "" {
		t.Errorf("line %d is %s/%s, and says %s", row.Line, row.Person.Type, row.Person.ID, doc.ID())
	}
}

// told is what is reported of rows, in lines.
func told(rows []Row) string {
	var out []string
	for _, r := range rows {
		for _, p := range r.Problems {
			out = append(out, p.String())
		}
	}
	return strings.Join(out, "\n")
}

func unknown(s *Sheet) string {
	var out []string
	for _, p := range s.Unknown() {
		out = append(out, p.String())
	}
	return strings.Join(out, "\n")
}

func TestARowBecomesAPatient(t *testing.T) {
	t.Parallel()
	file := "\ufeffMRN,First Name,Middle name,LAST_NAME,Date of Birth,Sex,Phone,Mobile,E-Mail,Address 1,Address-2,Suburb,Town,State,Zip,Country,Language,NHS number\r\n" +
		`A-7,Ruth,Anna,"O""Brien, Dr",1944-04-17,F,079 000,079 111,r@mail.example,"18 Station Road` + "\r\n" + `Flat 2",Hill House,North,Baden,AG,05400,CH,de_CH,943 476 5919` + "\r\n"
	s, rows := read(t, file, Options{})
	if len(rows) != 1 || told(rows) != "" || unknown(s) != "" {
		t.Fatalf("%d rows, %s %s", len(rows), told(rows), unknown(s))
	}
	want := `{"resourceType":"Patient","id":"row-2","identifier":[{"system":"urn:rapport:csv:mrn","value":"A-7"},{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765919"}],` +
		`"name":[{"family":"O\"Brien, Dr","given":["Ruth","Anna"]}],"telecom":[{"system":"phone","value":"079 000"},{"system":"phone","value":"079 111","use":"mobile"},{"system":"email","value":"r@mail.example"}],` +
		`"gender":"female","birthDate":"1944-04-17","address":[{"line":["18 Station Road","Flat 2","Hill House"],"city":"Baden","district":"North","state":"AG","postalCode":"05400","country":"CH"}],` +
		`"communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"de-CH"}]}}]}`
	if diff := cmp.Diff(want, string(rows[0].Person.JSON)); diff != "" {
		t.Error(diff)
	}
}

func TestFEBRL(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../../shared/data/csv-patients/dev/febrl-dataset1.csv")
	if err != nil { // a worktree lies one folder deeper
		b, err = os.ReadFile("../../../../shared/data/csv-patients/dev/febrl-dataset1.csv")
	}
	if err != nil {
		t.Skip("the shared data is not here")
	}
	s, rows := read(t, string(b), Options{ID: func(_ int, number string) string { return number }})
	n, dated, problems := 0, 0, map[string]int{}
	for i, r := range rows {
		if r.Line != i+2 || r.Person.Type == "" {
			t.Errorf("row %d is of line %d: %q", i, r.Line, r.Problems)
		}
		n++
		if strings.Contains(string(r.Person.JSON), `"birthDate":`) {
			dated++
		}
		for _, p := range r.Problems {
			problems[p.Column+": "+p.Reason]++
		}
	}
	t.Logf("%d rows, %d with a birth date; %v", n, dated, problems)
	if n != 1000 || dated != 1000-41-problems["date_of_birth: is a date that does not exist, and was left out"] || len(problems) != 1 || unknown(s) != "" {
		t.Errorf("%d rows, %d dated, %v, %s", n, dated, problems, unknown(s))
	}
	want := `{"resourceType":"Patient","id":"rec-122-org","identifier":[{"system":"urn:rapport:csv:rec_id","value":"rec-122-org"},{"system":"urn:rapport:csv:soc_sec_id","value":"7364009"}],` +
		`"name":[{"family":"berry","given":["lachlan"]}],"birthDate":"1999-02-19","address":[{"line":["69 giblin street","killarney"],"city":"bittern","state":"qld","postalCode":"4814"}]}`
	if diff := cmp.Diff(want, string(rows[1].Person.JSON)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoListOfPeopleIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "people: the file is empty"},
		{"blank", "\ufeff\r\n ,,\n\t\n", "people: the file is empty"},
		{"spreadsheet", "PK\x03\x04" + marker, "people: the file is a spreadsheet or an archive: save it as CSV"},
		{"old spreadsheet", "\xd0\xcf\x11\xe0" + marker, "people: the file is a spreadsheet or an archive: save it as CSV"},
		{"gzip", "\x1f\x8b" + marker, "people: the file is compressed: unpack it first"},
		{"utf16", "\xff\xfen\x00a\x00", "people: the file is UTF-16: save it as UTF-8"},
		{"utf16 bare", "n\x00a\x00m\x00e\x00,\x00b\x00", "people: the file is no text: save it as CSV in UTF-8"},
		{"no header", marker + ",Ruth,1944-04-17\n", "people: line 1 is no header: none of its columns is a name"},
		{"no name", "\nid,dob,city\n1,1944-04-17," + marker, "people: line 2 is no header: none of its columns is a name"},
		{"long header", strings.Repeat(marker, maxLine/9+1), "people: line 1 is too long to be a header"},
		{"many columns", "name" + strings.Repeat(",x", maxColumns), "people: line 1 has more than 1000 columns"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(c.file), Options{ID: byLine})
			if !errs.Is(err, errs.Invalid) || err.Error() != c.want {
				t.Errorf("said %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, opt := range []Options{{}, {ID: byLine, Order: 3}, {ID: byLine, Source: "Main Office"}} {
		if _, err := Read(strings.NewReader("name\n"), opt); !errs.Is(err, errs.Internal) {
			t.Errorf("%+v: %v", opt.Order, err)
		}
	}
	for _, id := range []string{"", "a b", "é", strings.Repeat("x", 65)} {
		s, err := Read(strings.NewReader("name\nRuth"), Options{ID: func(int, string) string { return id }})
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range s.Rows() {
			if !errs.Is(err, errs.Internal) || row.Person.Type != "" {
				t.Errorf("an id that is none is taken: %v", err)
			}
		}
	}
}

func TestAReaderThatBreaks(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	if _, err := Read(iotest.ErrReader(boom), Options{ID: byLine}); !errs.Is(err, errs.Unavailable) || !errors.Is(err, boom) {
		t.Errorf("%v", err)
	}
	s, err := Read(io.MultiReader(strings.NewReader("name\n"+strings.Repeat("Ruth\n", 200)), iotest.ErrReader(boom)), Options{ID: byLine})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = range s.Rows() {
		n++
	}
	if n != 201 || !errs.Is(err, errs.Unavailable) || !errors.Is(err, boom) {
		t.Errorf("after %d rows: %v", n, err)
	}
}

// crowd is a file of n rows that is made while it is read.
type crowd struct {
	n, i int
	buf  []byte
}

func (c *crowd) Read(p []byte) (int, error) {
	for len(c.buf) < len(p) && c.i <= c.n {
		if c.i == 0 {
			c.buf = append(c.buf, "id,given name,family name,dob,phone\n"...)
		} else {
			c.buf = fmt.Appendf(c.buf, "%d,Ruth,Keller%d,19%02d-02-%02d,079%06d\n", c.i, c.i, c.i%100, 1+c.i%28, c.i)
		}
		c.i++
	}
	if len(c.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.buf)
	c.buf = append(c.buf[:0], c.buf[n:]...)
	return n, nil
}

func TestAMillionRowsTakeNoMoreRoomThanTen(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	s, err := Read(&crowd{n: n}, Options{ID: byLine})
	if err != nil {
		t.Fatal(err)
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	got, most := 0, uint64(0)
	for row, err := range s.Rows() {
		if err != nil || row.Person.Type == "" || len(row.Problems) > 0 {
			t.Fatal(err, row.Problems)
		}
		if got++; got%(n/5) == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	if got != n {
		t.Errorf("%d rows of %d", got, n)
	}
	if most > before.HeapAlloc+4<<20 {
		t.Errorf("%d MB at the start, %d MB on the way", before.HeapAlloc>>20, most>>20)
	}
}

func BenchmarkRows(b *testing.B) {
	b.ReportAllocs()
	s, err := Read(&crowd{n: b.N}, Options{ID: byLine})
	if err != nil {
		b.Fatal(err)
	}
	for _, err := range s.Rows() {
		if err != nil {
			b.Fatal(err)
		}
	}
}
