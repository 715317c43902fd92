package looks

import (
	"testing"
	"time"

	"rapport/lang"
	"rapport/record"
)

const me = "abcdefghijklmnopqrstuvwxyz"

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func nurseAt(seq int64, at time.Time) record.Look {
	return record.Look{Seq: seq, Number: seq, Time: at, Kind: "staff", ID: "n1", Name: "Priya Raman", Title: "Nurse", Act: "open", Purpose: "care", Parts: record.Results}
}

func TestWhatIsDoneAgainStandsOnce(t *testing.T) {
	t.Parallel()
	asked := nurseAt(3, noon.Add(-3*time.Hour))
	refused := nurseAt(2, noon.Add(-4*time.Hour))
	refused.Refused = true
	d := diary{me: me, base: "/b", now: noon, asked: map[int64]time.Time{3: noon}}
	ds := d.days([]record.Look{nurseAt(6, noon.Add(-time.Minute)), nurseAt(5, noon.Add(-time.Hour)), nurseAt(4, noon.Add(-2*time.Hour)), asked, refused, nurseAt(1, noon.AddDate(0, 0, -1))})
	if len(ds) != 2 || ds[0].Label != "Today" || ds[1].Label != "Yesterday" || len(ds[0].Lines) != 3 {
		t.Fatalf("%+v", ds)
	}
	first := ds[0].Lines[0]
	if len(first.Again) != 2 || first.AgainText != "2 more times that day" || first.Again[1].CheckHref != "/b/4" || first.AskHref != "/b/6/ask" {
		t.Errorf("%+v", first)
	}
	if l := ds[0].Lines[1]; l.Asked != "You asked about this on 24 Nov" || l.AskHref != "" {
		t.Errorf("%+v", l)
	}
	if l := ds[0].Lines[2]; !l.Flag {
		t.Errorf("%+v", l)
	}
}

func TestSumsLeaveOutTheClientAndTheOlder(t *testing.T) {
	t.Parallel()
	own := nurseAt(9, noon)
	own.Kind, own.ID = "client", me
	machine := record.Look{Time: noon.AddDate(0, 0, -2), Kind: "system", ID: "import", Act: "write"}
	refused := nurseAt(2, noon.AddDate(0, 0, -29))
	refused.Refused, refused.ID = true, "n2"
	got, heat := sums(lang.Printer{}, []record.Look{own, nurseAt(8, noon), nurseAt(7, noon), machine, refused, nurseAt(1, noon.AddDate(0, 0, -30))}, me, noon)
	if got[0].Number != "1" || got[1].Number != "3" || got[1].Text != "looks" || got[2].Number != "1" || got[2].Text != "turned away" {
		t.Errorf("%+v", got)
	}
	if len(heat.Days) != 30 || !heat.Days[0].Marked || heat.Days[29].Level != 1 || heat.Days[28].Level != 0 || heat.From != "26 Oct" {
		t.Errorf("%+v", heat)
	}
}

func TestQuestionsComeBackAsTheyWereAsked(t *testing.T) {
	t.Parallel()
	q := question{ID: idOf("ada", 41), Text: "Why?\n\"Really\"", Seq: 41, Sent: noon, State: waiting}
	r, err := q.resource("p-1")
	if err != nil || len(q.ID) != 26 {
		t.Fatal(err, q.ID)
	}
	got, err := readQuestion(r.JSON)
	if err != nil || got != q {
		t.Errorf("%+v, %v; want %+v", got, err, q)
	}
}

func TestAQuestionReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" why? ": "why?", "a\u202eb\u2066c\u200f": "abc", "a\nb\tc\x00": "a\nbc", "👩‍⚕️": "👩‍⚕️", "\u202e": "",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzReadQuestion(f *testing.F) {
	r, err := question{ID: "a", Text: "x", Seq: 1, Sent: noon}.resource("p")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.JSON)
	f.Fuzz(func(t *testing.T, b []byte) {
		if q, err := readQuestion(b); err == nil && q.State == 0 {
			t.Error("a question without a state")
		}
	})
}
