package path_test

import (
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir/path"
)

func TestHostile(t *testing.T) {
	t.Parallel()
	p := patient(t)
	long := strings.Repeat("9", 1000)
	for name, src := range map[string]string{
		"explosion of replace":     "'aaaaaaaaaa'" + strings.Repeat(".replace('a','aaaaaaaaaa')", 10),
		"explosion of &":           "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|25).aggregate($total & $total & 'x')",
		"explosion of +":           "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|25).aggregate($total + $total, 'x')",
		"explosion of join":        "('a'|'b'|'c')" + strings.Repeat(".combine('a'|'b'|'c'|'d').select($this.toChars().combine('a'|'b'|'c'|'d'))", 12) + ".join('" + strings.Repeat("x", 1000) + "')",
		"explosion of combine":     "('a'|'b')" + strings.Repeat(".select('a'.combine('b'))", 40),
		"repeatAll without end":    "repeatAll($this)",
		"repeat that counts":       "(1).repeat($this + 1)",
		"repeat that grows":        "'a'.repeat($this + $this)",
		"numbers that grow":        "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20).aggregate($total * $total, 1.000000000000001)",
		"loops in loops":           "descendants().select(%resource.descendants().select(%resource.descendants().select(%resource.descendants().select(%resource.descendants()))))",
		"compare with each":        "descendants().where(%resource.descendants().where(%resource.descendants().where(%resource ~ %resource).empty()).exists())",
		"parentheses":              strings.Repeat("(", 10000) + "1" + strings.Repeat(")", 10000),
		"brackets":                 strings.Repeat("a[", 10000),
		"signs":                    strings.Repeat("-", 30000) + "1",
		"members":                  strings.Repeat("a.", 30000) + "a",
		"operators":                strings.Repeat("1+", 30000) + "1",
		"a long expression":        strings.Repeat(" ", 70000) + "1",
		"a huge number":            long,
		"a huge decimal":           "1." + long,
		"a huge Quantity":          long + " 'mg'",
		"an odd date":              "@2024-13-45",
		"a regular expression":     "'a'.matches('(((((((((a{1000}){1000}){1000}){1000})')",
		"no regular expression":    "'a'.matches('(')",
		"a long one":               "'a'.matches('" + strings.Repeat("a", 5000) + "')",
		"a string without end":     "'abc",
		"an escape that is none":   `'\q'`,
		"a comment without end":    "1 /* 2",
		"not UTF-8":                "'\xff'",
		"an unknown function":      "name.nothing()",
		"an unknown variable":      "%nothing",
		"too many arguments":       "name.first(1)",
		"an unknown type":          "name is Nothing",
		"several where one":        "name.given + 'a'",
		"unlike things":            "1 + 'a'",
		"slices":                   "name.slice('a', 'b')",
		"a definition":             "elementDefinition()",
		"value sets":               "name.memberOf('http://x')",
		"a profile":                "conformsTo('http://x')",
		"a variable defined twice": "defineVariable('a').defineVariable('a')",
		"a variable of FHIR":       "defineVariable('resource')",
		"nothing":                  "",
	} {
		start := time.Now()
		_, err := eval(t, nil, src, p)
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}

		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %v", name, d)
		}
		for _, content := range []string{"Chalmers", "ACME", "1974"} {
			if err != nil && strings.Contains(err.Error(), content) {
				t.Errorf("%s: the error says %s", name, content)
			}
		}
	}
}

// TestNothing is about what is asked for and cannot be said: nothing, not an
// error.
func TestNothing(t *testing.T) {
	t.Parallel()
	p := patient(t)
	for _, src := range []string{
		"1/0", "1 div 0", "1 mod 0", "1.0/0.0", "1 'mg' / 0 'mg'", "0.ln()", "(-1).sqrt()", "(-1).power(0.5)", "10.power(1000000000)",
		"9223372036854775807 + 1", "-9223372036854775807 - 2", "9223372036854775807 * 2", "1 = {}", "{} + 1", "{}.first()", "@2024 = @2024-01",
		"@2024 < @2024-06", "@9999-12-31 + 1 day", "@0001-01-01 - 1 year", "@2024-01-01 + 99999999999999 years", "@T10:00 > @T10:00:30",
		"1 'mg' = 1 's'", "1 'mg' > 1 'm'", "1 'mg' + 1 's'", "1 year = 1 'a'", "20 'Cel' + 1 'Cel'.toQuantity('K')", "repeat($this.nothing)", "'a'.toInteger()",
		"'1e5'.toDecimal()", "@2024.lowBoundary(5)", "'abc'.substring(5)", "name[9]", "name.skip(99)", "now()", "'x'.encode('rot13')",
	} {
		if got, err := eval(t, nil, src, p); err != nil || got != "" {
			t.Errorf("%s is %q (%v)", src, got, err)
		}
	}
}

func TestRepeatEnds(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"repeat($this).count()":             "1",
		"(1|2).repeat($this mod 2).count()": "2",
	} {
		if got, err := eval(t, nil, src, patient(t)); err != nil || got != want {
			t.Errorf("%s is %q (%v)", src, got, err)
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	if _, err := eval(t, &path.Env{Steps: 10}, "descendants().where($this is string)", patient(t)); !errs.Is(err, errs.Invalid) {
		t.Errorf("ten steps are enough: %v", err)
	}
	// A catastrophic expression for engines that go back.
	got, err := eval(t, nil, "'"+strings.Repeat("a", 50000)+"b'.matches('^(a+)+$')")
	if err != nil || got != "false" {
		t.Errorf("it is %q (%v)", got, err)
	}
}
