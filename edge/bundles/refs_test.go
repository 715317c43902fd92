package bundles

import (
	"fmt"
	"strings"
	"testing"
)

const (
	uuidP = "0b0d4dc6-3b1c-4a1f-8a5c-6d2b0a9f0c11"
	uuidO = "9a1bd3b0-44a7-4c55-9d0e-0f3a1f6b7c22"
)

// res makes a resource of a type with an id and more properties.
func res(typ, id, more string) string {
	s := fmt.Sprintf(`{"resourceType":%q`, typ)
	if id != "" {
		s += fmt.Sprintf(`,"id":%q`, id)
	}
	if more != "" {
		s += "," + more
	}
	return s + "}"
}

func obs(id, more string) string {
	return res("Observation", id, `"status":"final","code":{"text":"x"}`+more)
}

func about(ref string) string { return fmt.Sprintf(`,"subject":{"reference":%q}`, ref) }

func npi(id, value string) string {
	return res("Practitioner", id, fmt.Sprintf(`"identifier":[{"system":"http://npi.example","value":%q}]`, value))
}

func performer(ref string) string { return fmt.Sprintf(`,"performer":[{"reference":%q}]`, ref) }

// ask is an entry with a request of more than a method and a url.
func ask(resource, request string) string {
	return `{"resource":` + resource + `,"request":{` + request + `}}`
}

// hashed is the id a resource gets that has none but a fullUrl.
func hashed(url string) string { return idFrom(url) }

// bundleCase is a Bundle, what must be kept of it and what must be said.
type bundleCase struct {
	name, bundle string
	keeps, says  string // space-separated keys; reasons joined by "; "
	holds        string // what some kept resource must hold, if anything
}

func tryBundles(t *testing.T, cases []bundleCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			f := file(t, "f.json", c.bundle)
			rep := bring(t, v, f)
			if got := strings.Join(reasons(rep), "; "); got != c.says {
				t.Errorf("said  %s\nwant  %s", got, c.says)
			}
			was := state(t, v)
			if got := keys(t, v); got != c.keeps {
				t.Errorf("keeps %s\nwant  %s", got, c.keeps)
			}
			if rep.Written != len(was) {
				t.Errorf("says that it wrote %d, and %d are there", rep.Written, len(was))
			}
			all := fmt.Sprint(was)
			if !strings.Contains(all, c.holds) {
				t.Errorf("nothing holds %s in %s", c.holds, all)
			}
			// the same content under another name, with other whitespace
			again := bring(t, v, file(t, "g.json", "\n "+strings.ReplaceAll(c.bundle, `","`, "\" ,\n\""))) // the fixtures hold no such string
			if again.Written != 0 || len(again.Refused) != len(rep.Refused) {
				t.Errorf("again: %+v", again)
			}
			sameState(t, state(t, v), was)
		})
	}
}

func TestReferencesBetweenEntries(t *testing.T) {
	t.Parallel()
	urnP := "urn:uuid:" + uuidP
	at := "http://server.example/fhir/"
	pu := entryOf(urnP, res("Patient", "", ""), "POST Patient")
	tryBundles(t, []bundleCase{
		{"urn", bundleOf("transaction", pu, entryOf("", obs("o", about(urnP)), "POST Observation")),
			uuidP + "/Observation/o " + uuidP + "/Patient/" + uuidP, "", `"reference":"Patient/` + uuidP + `"`},
		{"urn, the target after", bundleOf("transaction", entryOf("", obs("o", about(urnP)), "POST Observation"), pu),
			uuidP + "/Observation/o " + uuidP + "/Patient/" + uuidP, "", ""},
		{"urn missing", bundleOf("transaction", pu, entryOf("", obs("o", about("urn:uuid:"+uuidO)), "POST Observation")),
			"", "entry 2: points at an entry that is not in the Bundle", ""},
		{"urn missing in a collection", bundleOf("collection", pu, entryOf("", obs("o", about("urn:uuid:"+uuidO)), "")),
			uuidP + "/Patient/" + uuidP, "entry 2: points at an entry that is not in the Bundle", ""},
		{"no fullUrl", collection(patient("p"), obs("o", about("Patient/p"))), "p/Observation/o p/Patient/p", "", ""},
		{"neither id nor fullUrl", collection(patient("p"), obs("", about("Patient/p"))),
			"p/Patient/p", "entry 2: has neither an id nor a fullUrl, so a second import could not know it again: give it an id", ""},
		{"absolute fullUrl, relative reference", bundleOf("collection", entryOf(at+"Patient/1", res("Patient", "1", ""), ""), entryOf(at+"Observation/2", obs("2", about("Patient/1")), "")),
			"1/Observation/2 1/Patient/1", "", ""},
		{"absolute fullUrl, absolute reference", bundleOf("collection", entryOf(at+"Patient/1", res("Patient", "1", ""), ""), entryOf(at+"Observation/2", obs("2", about(at+"Patient/1")), "")),
			"1/Observation/2 1/Patient/1", "", `"reference":"Patient/1"`},
		{"absolute fullUrl without ids", bundleOf("collection", entryOf(at+"Patient/1", res("Patient", "", ""), ""), entryOf(at+"Observation/2", obs("", about("Patient/1")), "")),
			hashed(at+"Patient/1") + "/Observation/" + hashed(at+"Observation/2") + " " + hashed(at+"Patient/1") + "/Patient/" + hashed(at+"Patient/1"), "", ""},
		{"a person of another server", bundleOf("collection", entryOf(at+"Patient/1", res("Patient", "1", ""), ""), entryOf(at+"Observation/2", obs("2", about("http://other.example/Patient/1")), "")),
			"1/Patient/1", "entry 2: is about a person on another server: give a Bundle with that Patient in it", ""},
		{"two servers, one id", bundleOf("searchset", entryOf(at+"Patient/1", res("Patient", "1", ""), ""), entryOf("http://other.example/fhir/Observation/2", obs("2", about("Patient/1")), "")),
			"1/Patient/1", "entry 2: is about a person on another server: give a Bundle with that Patient in it", ""},
		{"a performer on another server", bundleOf("collection", entryOf(at+"Patient/1", res("Patient", "1", ""), ""), entryOf(at+"Observation/2", obs("2", about("Patient/1")+performer("http://other.example/Practitioner/9")), "")),
			"1/Observation/2 1/Patient/1", "", "http://other.example/Practitioner/9"},
		{"in a circle", collection(patient("p"), obs("a", about("Patient/p")+`,"hasMember":[{"reference":"Observation/b"}]`), obs("b", about("Patient/p")+`,"hasMember":[{"reference":"Observation/a"}]`)),
			"p/Observation/a p/Observation/b p/Patient/p", "", ""},
		{"in a circle about nobody", collection(patient("p"), obs("a", `,"hasMember":[{"reference":"Observation/b"}]`), obs("b", `,"hasMember":[{"reference":"Observation/a"}]`)),
			"p/Patient/p", "entry 2: is about nobody: it names no person, and is not something a practice shares; entry 3: is about nobody: it names no person, and is not something a practice shares", ""},
		{"at itself", collection(patient("p"), obs("a", `,"hasMember":[{"reference":"Observation/a"}]`)),
			"p/Patient/p", "entry 2: is about nobody: it names no person, and is not something a practice shares", ""},
		{"contained", collection(patient("p"), obs("o", about("Patient/p")+performer("#doc")+`,"contained":[{"resourceType":"Practitioner","id":"doc"}]`)),
			"p/Observation/o p/Patient/p", "", `"reference":"#doc"`},
		{"keys with escapes", strings.NewReplacer(`"entry"`, `"\u0065ntry"`, `"resource"`, `"r\u0065source"`).Replace(collection(patient("p"), obs("o", about("Patient/p")))), "p/Observation/o p/Patient/p", "", ""},
		{"a version", collection(patient("p"), obs("o", about("Patient/p/_history/3"))), "p/Observation/o p/Patient/p", "", "Patient/p/_history/3"},
	})
}

func TestWhomAnEntryIsAbout(t *testing.T) {
	t.Parallel()
	binary := res("Binary", "b", `"contentType":"text/plain","data":"AAAA"`)
	doc := func(url string) string {
		return res("DocumentReference", "d", `"status":"current","content":[{"attachment":{"url":"`+url+`"}}],"subject":{"reference":"Patient/p"}`)
	}
	list := func(id, item string) string {
		return res("List", id, `"status":"current","mode":"working","entry":[{"item":{"reference":"`+item+`"}}]`)
	}
	nobody := "is about nobody: it names no person, and is not something a practice shares"
	two := "belongs to more than one person, through what it is connected with"
	tryBundles(t, []bundleCase{
		{"two people", collection(patient("p"), patient("q"), obs("a", about("Patient/p")), obs("b", about("Patient/q"))),
			"p/Observation/a p/Patient/p q/Observation/b q/Patient/q", "", ""},
		{"two people, one transaction", bundleOf("transaction", entryOf("", patient("p"), "PUT Patient/p"), entryOf("", patient("q"), "PUT Patient/q"), entryOf("", obs("b", about("Patient/q")), "PUT Observation/b")),
			"p/Patient/p q/Observation/b q/Patient/q", "", ""},
		{"one thing about two", collection(patient("p"), patient("q"), res("Group", "g", `"type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p"}},{"entity":{"reference":"Patient/q"}}]`)),
			"p/Patient/p q/Patient/q", "entry 3: is about more than one person", ""},
		{"one thing about two, in a transaction", bundleOf("transaction", entryOf("", patient("p"), "PUT Patient/p"), entryOf("", patient("q"), "PUT Patient/q"),
			entryOf("", res("Group", "g", `"type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p"}},{"entity":{"reference":"Patient/q"}}]`), "PUT Group/g")),
			"", "entry 3: is about more than one person", ""},
		{"a group of one", collection(patient("p"), res("Group", "g", `"type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p"}}]`)), "p/Group/g p/Patient/p", "", ""},
		{"nobody", collection(patient("p"), obs("o", "")), "p/Patient/p", "entry 2: " + nobody, ""},
		{"nobody, in a transaction", bundleOf("transaction", entryOf("", patient("p"), "PUT Patient/p"), entryOf("", obs("o", ""), "PUT Observation/o")), "", "entry 2: " + nobody, ""},
		{"somebody who is not here", collection(obs("o", about("Patient/z"))), "", "entry 1: is about a person who is not here: import the file with that Patient too", ""},
		{"a Patient who is not valid", collection(res("Patient", "p", `"gender":"?"`), obs("o", about("Patient/p"))), "",
			"entry 1: is not valid FHIR: Patient.gender: not a code of http://hl7.org/fhir/ValueSet/administrative-gender; entry 2: is about a person who is not here: import the file with that Patient too", ""},
		{"Provenance through its target", collection(patient("p"), obs("o", about("Patient/p")), res("Provenance", "v", `"target":[{"reference":"Observation/o"}],"recorded":"2020-01-01T00:00:00Z","agent":[{"who":{"display":"x"}}]`)),
			"p/Observation/o p/Patient/p p/Provenance/v", "", ""},
		{"List through its items", collection(patient("p"), obs("o", about("Patient/p")), list("l", "Observation/o")), "p/List/l p/Observation/o p/Patient/p", "", ""},
		{"List of two people's", collection(patient("p"), patient("q"), obs("o", about("Patient/p")), obs("r", about("Patient/q")), strings.Replace(list("l", "Observation/o"), `"entry":[`, `"entry":[{"item":{"reference":"Observation/r"}},`, 1)),
			"p/Observation/o p/Patient/p q/Observation/r q/Patient/q", "entry 5: " + two, ""},
		{"List of a List", collection(patient("p"), obs("o", about("Patient/p")), list("a", "List/b"), list("b", "List/c"), list("c", "Observation/o")),
			"p/List/a p/List/b p/List/c p/Observation/o p/Patient/p", "", ""},
		{"Binary through an attachment", collection(patient("p"), binary, doc("Binary/b")), "p/Binary/b p/DocumentReference/d p/Patient/p", "", ""},
		{"Binary through an attachment and a urn", bundleOf("collection", entryOf("", patient("p"), ""), entryOf("urn:uuid:"+uuidO, res("Binary", "", `"contentType":"text/plain","data":"AAAA"`), ""), entryOf("", doc("urn:uuid:"+uuidO), "")),
			"p/Binary/" + uuidO + " p/DocumentReference/d p/Patient/p", "", `"url":"Binary/` + uuidO + `"`},
		{"Binary nobody points at", collection(patient("p"), binary), "p/Patient/p", "entry 2: " + nobody, ""},
		{"Media by its subject", collection(patient("p"), res("Media", "m", `"status":"completed","content":{"url":"Binary/b"},"subject":{"reference":"Patient/p"}`), binary), "p/Binary/b p/Media/m p/Patient/p", "", ""},
		{"Device of a person", collection(patient("p"), res("Device", "d", `"patient":{"reference":"Patient/p"}`)), "p/Device/d p/Patient/p", "", ""},
		{"Device of nobody", collection(patient("p"), res("Device", "d", "")), "p/Patient/p shared/Device/d", "", ""},
	})
}

func TestWhatABundleAsksFor(t *testing.T) {
	t.Parallel()
	search := "is to be found by a search (ifNoneExist or a conditional PUT), which an import does only for what a practice shares: give it an id and leave the search out"
	cond := `"method":"POST","url":"Practitioner","ifNoneExist":"identifier=http://npi.example|1"`
	tryBundles(t, []bundleCase{
		{"PUT gives the id", bundleOf("transaction", entryOf("", res("Patient", "", ""), "PUT Patient/p")), "p/Patient/p", "", `"id":"p"`},
		{"PUT to an absolute url", bundleOf("transaction", entryOf("", patient("p"), "PUT http://a.example/fhir/Patient/p")), "p/Patient/p", "", ""},
		{"PUT to another id", bundleOf("transaction", entryOf("", patient("p"), "PUT Patient/q")), "", "entry 1: is put at another id than it has", ""},
		{"PUT to another type", bundleOf("transaction", entryOf("", patient("p"), "PUT Group/p")), "", "entry 1: is sent to the address of another type", ""},
		{"PUT to no address", bundleOf("transaction", entryOf("", patient("p"), "PUT Patient")), "", "entry 1: is put at no address: its request needs a url such as Type/id", ""},
		{"POST to another type", bundleOf("transaction", entryOf("", patient("p"), "POST Observation")), "", "entry 1: is sent to the address of another type", ""},
		{"DELETE in a transaction", bundleOf("transaction", entryOf("", patient("p"), "POST Patient"), entryOf("", "", "DELETE Patient/q")), "", "entry 2: asks for DELETE, which an import does not do", ""},
		{"DELETE in a batch", bundleOf("batch", entryOf("", patient("p"), "POST Patient"), entryOf("", "", "DELETE Patient/q")), "p/Patient/p", "entry 2: asks for DELETE, which an import does not do", ""},
		{"GET", bundleOf("batch", entryOf("", patient("p"), "POST Patient"), entryOf("", "", "GET Patient?name=Zebrafink")), "p/Patient/p", "entry 2: asks for GET, which an import does not do", ""},
		{"PATCH", bundleOf("batch", entryOf("", patient("p"), "PATCH Patient/p")), "", "entry 1: asks for PATCH, which an import does not do", ""},
		{"ifMatch", bundleOf("batch", ask(patient("p"), `"method":"PUT","url":"Patient/p","ifMatch":"W/\"3\""`)), "", "entry 1: asks for a certain version (ifMatch), and versions elsewhere are not versions here: leave it out", ""},
		{"an entry without a resource", bundleOf("collection", entryOf("", patient("p"), ""), entryOf("urn:uuid:"+uuidO, "", "")), "p/Patient/p", "entry 2: holds no resource", ""},
		{"ifNoneExist about a person", bundleOf("transaction", ask(patient("p"), `"method":"POST","url":"Patient","ifNoneExist":"identifier=a|b"`)), "", "entry 1: " + search, ""},
		{"a conditional PUT of a person", bundleOf("transaction", ask(patient("p"), `"method":"PUT","url":"Patient?identifier=a/b|c"`)), "", "entry 1: " + search, ""},
		{"ifNoneExist, and there is none", bundleOf("transaction", ask(npi("n", "1"), cond)), "shared/Practitioner/n", "", ""},
		{"ifNoneExist, and another entry has it", bundleOf("transaction", ask(npi("n", "1"), cond), ask(npi("m", "1"), cond), entryOf("", patient("p"), "POST Patient"), entryOf("", obs("o", about("Patient/p")+performer("Practitioner?identifier=http://npi.example|1")), "POST Observation")),
			"p/Observation/o p/Patient/p shared/Practitioner/n", "", `"reference":"Practitioner/n"`},
		{"ifNoneExist by something else", bundleOf("transaction", ask(npi("n", "1"), `"method":"POST","url":"Practitioner","ifNoneExist":"name=Zebrafink"`)), "",
			"entry 1: is to be found by a search an import cannot do: it looks for identifier=system|value only", ""},
		{"a conditional PUT of what is shared", bundleOf("transaction", ask(npi("", "1"), `"method":"PUT","url":"Practitioner?identifier=http://npi.example|1"`)), "shared/Practitioner/" + hashed("Practitioner?identifier=http://npi.example|1"), "", ""},
		{"one id twice, alike", collection(patient("p"), obs("o", about("Patient/p")), obs("o", about("Patient/p"))), "p/Observation/o p/Patient/p", "", ""},
		{"one id twice, not alike", collection(patient("p"), obs("o", about("Patient/p")), obs("o", about("Patient/p")+`,"effectiveDateTime":"2020"`)), "p/Observation/o p/Patient/p", "entry 3: is another Observation with the id of entry 2, and other content", ""},
		{"one id twice, in a transaction", bundleOf("transaction", entryOf("", patient("p"), "PUT Patient/p"), entryOf("", obs("o", about("Patient/p")), "PUT Observation/o"), entryOf("", obs("o", about("Patient/p")+`,"effectiveDateTime":"2020"`), "PUT Observation/o")),
			"", "entry 3: is another Observation with the id of entry 2, and other content", ""},
		{"one fullUrl twice", bundleOf("collection", entryOf("urn:uuid:"+uuidO, patient("p"), ""), entryOf("urn:uuid:"+uuidO, patient("q"), "")), "p/Patient/p", "entry 2: has the fullUrl of entry 1", ""},
		{"one id, two people", collection(patient("p"), res("Patient", "p", `"birthDate":"1999-09-09"`), obs("o", about("Patient/p"))), "",
			"entry 1: " + disputedPerson + "; entry 2: is another Patient with the id of entry 1, and other content; entry 3: " + disputedPerson, ""},
		{"a bundle in a bundle", collection(patient("p"), collection(patient("q"))), "p/Patient/p", "entry 2: has neither an id nor a fullUrl, so a second import could not know it again: give it an id", ""},
		{"an outcome", bundleOf("searchset", entryOf("", patient("p"), ""), entryOf("", res("OperationOutcome", "x", `"issue":[{"severity":"warning","code":"processing"}]`), "")), "p/Patient/p", "entry 2: is about nobody: it names no person, and is not something a practice shares", ""},
	})
}

func TestConditionalReferences(t *testing.T) {
	t.Parallel()
	ref := "Practitioner?identifier=http://npi.example|1"
	doctors := collection(npi("n", "1"), npi("m", "2"), npi("a", "3"), npi("b", "3"))
	visit := func(ref string) string { return collection(patient("p"), obs("o", about("Patient/p")+performer(ref))) }
	for _, c := range []struct{ name, ref, says string }{
		{"found", ref, ""},
		{"without a system", "Practitioner?identifier=2", ""},
		{"escaped", "Practitioner?identifier=http%3A%2F%2Fnpi.example%7C1", ""},
		{"nobody", "Practitioner?identifier=http://npi.example|9", "entry 2: points at a Practitioner by an identifier nobody has: import the file with it too"},
		{"of another system", "Practitioner?identifier=http://other.example|1", "entry 2: points at a Practitioner by an identifier nobody has: import the file with it too"},
		{"more than one", "Practitioner?identifier=http://npi.example|3", "entry 2: points at a Practitioner by an identifier that more than one has"},
		{"not by an identifier", "Practitioner?name=Zebrafink", "entry 2: points at a Practitioner by a search an import cannot do: it looks for identifier=system|value only"},
		{"not by an identifier alone", ref + "&active=true", "entry 2: points at a Practitioner by a search an import cannot do: it looks for identifier=system|value only"},
		{"a person", "Patient?identifier=http://mrn.example|1", "entry 2: points at a Patient by an identifier, which is looked for in its own Bundle only: give its id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := vault(t)
			// the target comes in a later file of the same call
			rep := bring(t, v, file(t, "visit.json", visit(c.ref)), file(t, "doctors.json", doctors))
			if got := strings.Join(reasons(rep), "; "); got != c.says {
				t.Errorf("said %s\nwant %s", got, c.says)
			}
			if _, ok := state(t, v)["p/Observation/o"]; ok != (c.says == "") {
				t.Errorf("kept: %t", ok)
			}
		})
	}
	t.Run("the target comes another day", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		f := file(t, "visit.json", visit(ref))
		if rep := bring(t, v, f); len(rep.Refused) != 1 || rep.Written != 1 {
			t.Errorf("%+v", rep)
		}
		bring(t, v, file(t, "doctors.json", doctors))
		if rep := bring(t, v, f); len(rep.Refused) != 0 || rep.Written != 1 || rep.Unchanged != 1 {
			t.Errorf("%+v", rep)
		}
	})
	t.Run("a long chain, the last first", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		var files []string
		for i := 9; i >= 0; i-- {
			r := res("Organization", fmt.Sprint("g", i), fmt.Sprintf(`"identifier":[{"value":"%d"}],"name":"x","partOf":{"reference":"Organization?identifier=%d"}`, i, i-1))
			if i == 0 {
				r = res("Organization", "g0", `"identifier":[{"value":"0"}],"name":"x"`)
			}
			files = append(files, file(t, fmt.Sprint(i, ".json"), collection(r)))
		}
		if rep := bring(t, v, files...); rep.Written != 10 || len(rep.Refused) > 0 {
			t.Errorf("%+v", rep)
		}
	})
	t.Run("a person of the same Bundle", func(t *testing.T) {
		t.Parallel()
		v := vault(t)
		rep := bring(t, v, file(t, "f.json", collection(res("Patient", "p", `"identifier":[{"system":"http://mrn.example","value":"1"}]`), obs("o", about("Patient?identifier=http://mrn.example|1")))))
		if rep.Written != 2 || len(rep.Refused) > 0 {
			t.Errorf("%+v", rep)
		}
	})
}
