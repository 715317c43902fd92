package alike

import (
	"fmt"
	"testing"
)

func BenchmarkCompare(b *testing.B) {
	b.ReportAllocs()
	other := but(ruth, func(p *Person) { p.Given, p.Family, p.Birth, p.Street = "Ruht", "Kelner", "1944-07-14", "18 Staton Rd" })
	for b.Loop() {
		Compare(ruth, other)
	}
}

// crowd is n made-up people of one town, with names as common as names are.
func crowd(n int) []Person {
	out := make([]Person, n)
	seed := uint32(1)
	next := func(n int) int {
		seed = seed*1664525 + 1013904223
		return int(seed>>8) % n
	}
	name := func(few, many int) int { // some are very common
		if next(3) == 0 {
			return next(few)
		}
		return next(many)
	}
	for i := range out {
		out[i] = Person{Given: fmt.Sprintf("given%c%d", 'a'+next(26), name(20, 3000)), Family: fmt.Sprintf("family%c%d", 'a'+next(26), name(50, 20_000)),
			Birth: fmt.Sprintf("%d-%02d-%02d", 1930+next(90), 1+next(12), 1+next(28)), Street: fmt.Sprintf("%d street%d", next(200), next(800)), City: "Millbrook",
			Postcode: fmt.Sprint(5000 + next(12)), Phones: []string{fmt.Sprint(600_000_000 + i/2)}, Numbers: []string{fmt.Sprint("mrn|", 1_000_000+i)}}
	}
	return out
}

func BenchmarkCandidates(b *testing.B) {
	var x Index
	people := crowd(100_000)
	for i, p := range people {
		x.Add(i, p)
	}
	b.ReportAllocs()
	i, found := 0, 0
	for b.Loop() {
		found += len(x.Candidates(people[i%len(people)]))
		i++
	}
	b.ReportMetric(float64(found)/float64(i), "candidates/op")
}

func BenchmarkAdd(b *testing.B) {
	people := crowd(100_000)
	b.ReportAllocs()
	for b.Loop() {
		var x Index
		for i, p := range people {
			x.Add(i, p)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(people)), "µs/person")
}
