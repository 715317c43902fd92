package path_test

import (
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir/path"
)

var seeds = []string{
	"Patient.name.where(use = 'official').given.first() & ' x'", "@2024-02-29T10:00:00.5+02:00 + 1 'wk' - 3 months", "5 'mg/dL' * 2 ~ 10 'g/L' / 100",
	"(1 | 2.50 | 'x').aggregate($total + $this, 0)", "descendants().where(linkId = 'a').answer.value is string", "name.select($index).repeat($this mod 3)",
	"iif(%resource.active, {}, name[0].given.join(','))", "'abc'.replaceMatches('(b)', '$1$1').matches('^a', 'i')", "1.5.lowBoundary(2) implies @T10:30.highBoundary()",
	"name.sort(-family, given.first() desc).trace('x').defineVariable('v').select(%v)", "`name`.as(HumanName) contains %`vs-x` or -1.power(3) div 2",
	"'a\\u0041'.encode('hex').decode('hex').escape('json')", "birthDate.extension('http://x/time').value.toDate() < today()", "(1).combine(2L).sum().toQuantity('kg')",
}

func FuzzCompile(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := path.Compile(src)
		if err != nil {
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%v", err)
			}
			return
		}
		if e.String() != src {
			t.Errorf("%q became %q", src, e.String())
		}
	})
}

func FuzzEval(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	p := patient(f)
	env := &path.Env{Now: time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC), Steps: 20_000}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := path.Compile(src)
		if err != nil {
			return
		}
		vs, err := e.Eval(env, p)
		if err != nil {
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%v", err)
			}
			return
		}
		for _, v := range vs {
			_, _, _ = v.Text(), v.JSON(), v.Type()
			if !v.OK() {
				t.Errorf("%q holds nothing", src)
			}
		}
		path.Truth(vs)
	})
}
