package demo

import "fmt"

// everybody lives a year. The order matters: the diary fills up in it.
func (p *practice) everybody() {
	p.amara()
	p.ruiz()
	p.moreau()
	p.mehtaWalsh()
	p.bianchi()
	p.clarke()
	p.inbox()
	p.others()
	p.neighbours()
}

// life is one of the ordinary stories, and who lives it.
type life struct {
	name     string
	people   int
	from, to int // years of age
	tell     func(*chart)
}

var lives = []life{
	{"type 2 diabetes", 4, 48, 79, (*chart).sweetBlood},
	{"asthma", 4, 11, 61, (*chart).wheeze},
	{"low back pain", 3, 28, 58, (*chart).soreBack},
	{"underactive thyroid", 3, 33, 66, (*chart).slowThyroid},
	{"well child", 7, 0, 9, (*chart).growing},
	{"well", 5, 21, 57, (*chart).steady},
	{"COPD", 3, 61, 82, (*chart).lungs},
	{"anxiety", 3, 19, 54, (*chart).worries},
	{"migraine", 2, 22, 46, (*chart).headaches},
	{"atrial fibrillation", 3, 68, 93, (*chart).flutter},
}

// neighbours makes up the rest of the practice.
func (p *practice) neighbours() {
	for _, l := range lives {
		for i := range l.people {
			key := fmt.Sprintf("%s %d", l.name, i)
			d := newDice(p.seed, "birth of "+key)
			// Ages are spread over the range, not left to chance.
			age := l.from + (l.to-l.from)*i/max(l.people-1, 1)
			w := p.somebody(d, key, age)
			w.story = fmt.Sprintf("%s, aged %d.", capital(l.name), age)
			c := p.newChart(w)
			l.tell(c)
		}
	}
}

func capital(s string) string {
	if s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
