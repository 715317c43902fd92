package path_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/fhir/path"
)

// answers is a QuestionnaireResponse of groups with items in them.
func answers(tb testing.TB, groups, items int) *fhir.Doc {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`{"resourceType":"QuestionnaireResponse","status":"in-progress","item":[`)
	for g := range groups {
		if g > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"linkId":"g%d","text":"A group of questions","item":[`, g)
		for i := range items {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"linkId":"g%d.%d","text":"How often in the last two weeks?","answer":[{"valueCoding":{"system":"http://loinc.org","code":"LA%d-8","display":"Several days"}}]}`, g, i, i)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}`)
	d, err := fhir.Parse([]byte(b.String()))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func compiled(tb testing.TB, src string) *path.Expr {
	tb.Helper()
	e, err := path.Compile(src)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

const enableWhen = "%resource.item.where(linkId='g3').item.where(linkId='g3.4').answer.value.code = 'LA4-8' and %resource.descendants().where(linkId='g5.5').answer.exists()"

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := path.Compile(enableWhen); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmark(b *testing.B, src string, want int) {
	d := answers(b, 20, 35)
	e := compiled(b, src)
	env := &path.Env{Resource: path.Of(d.Root())}
	b.ReportAllocs()
	for b.Loop() {
		vs, err := e.Eval(env, path.Of(d.Root()))
		if err != nil || len(vs) != want {
			b.Fatalf("%d items, %v", len(vs), err)
		}
	}
	b.ReportMetric(float64(len(d.Src)), "bytes")
}

func BenchmarkEvalEnableWhen(b *testing.B) { benchmark(b, enableWhen, 1) }
func BenchmarkEvalDescendants(b *testing.B) {
	benchmark(b, "%resource.descendants().where(linkId='g10.20').answer.value", 1)
}
func BenchmarkEvalPath(b *testing.B) {
	benchmark(b, "%resource.item.where(linkId='g10').item.where(linkId='g10.20').answer.value", 1)
}
func BenchmarkEvalRepeat(b *testing.B) {
	benchmark(b, "%resource.repeat(item).where(linkId='g10.20').answer.value", 1)
}
func BenchmarkEvalSlow(b *testing.B) {
	benchmark(b, "%resource.descendants().where(linkId.exists() and answer.exists()).answer.value.count()", 1)
}

// BenchmarkEvalForm is a whole form: 180 expressions over 700 items.
func BenchmarkEvalForm(b *testing.B) {
	d := answers(b, 20, 35)
	var es []*path.Expr
	for i := range 90 {
		g, k := i%20, i%35
		es = append(es, compiled(b, fmt.Sprintf("%%resource.descendants().where(linkId='g%d.%d').answer.value", g, k)),
			compiled(b, fmt.Sprintf("%%resource.item.where(linkId='g%d').item.where(linkId='g%d.%d').answer.value", g, g, k)))
	}
	env := &path.Env{Resource: path.Of(d.Root())}
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range es {
			if vs, err := e.Eval(env, path.Of(d.Root())); err != nil || len(vs) != 1 {
				b.Fatalf("%d items, %v", len(vs), err)
			}
		}
	}
}
