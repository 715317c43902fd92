package brief

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"rapport/fhir/form"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
)

// factView is one thing that the form states, with what can be done about it.
type factView struct {
	ID, Key    string
	Kind, Name string
	More       string
	Tags       []parts.TagView
	Here       string // how the record has it, "" if it has nothing of the kind
	Open       bool   // nobody has decided
	Keep       bool   // it can be taken into the record
	Done       string // who decided what
	Tone       parts.Tone
	Accept     string // what accepting means
	Texts      []parts.FieldView
	State      parts.ChoiceView // none without Options
	Why        string
	Problem    string // what is wrong with the reason
}

func (p *paper) factView(n int, x claim) factView {
	a := p.a
	v := factView{ID: anchor(n), Key: x.key(), Kind: kindWord(a.P, x.fact.Type), Name: cmp.Or(x.Name, a.P.BriefForm()), More: strings.Join(details(a.P, x.fact), " · "), Open: x.decided == nil, Keep: x.keep, Accept: a.P.BriefAccept()}
	if s, tone := stateWord(a.P, x.fact); s != "" {
		v.Tags = append(v.Tags, parts.TagView{Tone: tone, Text: s})
	}
	if d := x.decided; d != nil {
		v.decided(p, *d)
		return v
	}
	if k := x.about; k != nil {
		switch {
		case k.cannot:
			v.Tags = append(v.Tags, parts.TagView{Tone: parts.ToneInfo, Icon: "check", Text: a.P.BriefPrescribed()})
			v.Here = a.P.BriefHas(told(a, k.fact))
		case x.differs:
			v.Tags = append(v.Tags, parts.TagView{Tone: parts.ToneWarn, Icon: "history", Text: a.P.BriefDiffers()})
			v.Here, v.Accept = a.P.BriefHas(told(a, k.fact)), a.P.BriefUpdate()
		default:
			v.Tags = append(v.Tags, parts.TagView{Tone: parts.ToneOK, Icon: "check", Text: a.P.BriefThere()})
			v.Accept = a.P.BriefConfirm()
		}
	} else {
		v.Tags = append(v.Tags, parts.TagView{Tone: parts.ToneBrand, Text: a.P.BriefNew()})
	}
	if x.keep {
		v.edits(p, x.fact)
	}
	return v
}

// edits are the fields in which a fact is changed before it is taken.
func (v *factView) edits(p *paper, f fact) {
	for i, s := range f.Texts {
		label := p.a.P.BriefReads()
		if f.Type == "MedicationStatement" && i == 1 {
			label = p.a.P.BriefDose()
		}
		v.Texts = append(v.Texts, parts.FieldView{P: p.a.P, ID: v.ID + "-text" + strconv.Itoa(i), Name: "text" + strconv.Itoa(i), Label: label, Value: s, MaxLength: 400})
	}
	of := states[f.Type]
	if len(of.codes) == 0 || f.Wrong {
		return
	}
	v.State = parts.ChoiceView{P: p.a.P, ID: v.ID + "-state", Name: "state", Label: p.a.P.BriefState()}
	codes := of.codes
	if f.State != "" && !slices.Contains(codes, f.State) {
		codes = append([]string{f.State}, codes...)
	}
	for _, c := range codes {
		g := f
		g.State = c
		s, _ := stateWord(p.a.P, g)
		v.State.Options = append(v.State.Options, parts.Option{Value: c, Text: cmp.Or(s, c), Chosen: c == f.State})
	}
}

func (v *factView) decided(p *paper, d form.Decision) {
	a := p.a
	day := a.P.Short(a.Local(d.At))
	switch d.What {
	case form.Accepted:
		v.Done, v.Tone = a.P.BriefAccepted(d.Name, day), parts.ToneOK
	case form.Changed:
		v.Done, v.Tone = a.P.BriefChanged(d.Text, d.Name, day), parts.ToneOK
	default:
		v.Done, v.Tone = a.P.BriefAside(d.Name, day, d.Why), parts.TonePlain
	}
}

// told says a fact in one line.
func told(a *web.Ask, f fact) string {
	out := append([]string{f.Name}, details(a.P, f)...)
	if s, _ := stateWord(a.P, f); s != "" {
		out = append(out, s)
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), " · ")
}

// details are what else a fact says, codes in words.
func details(p lang.Printer, f fact) []string {
	var out []string
	for _, s := range f.More {
		switch s {
		case "mild":
			s = p.BriefMild()
		case "moderate":
			s = p.BriefModerate()
		case "severe":
			s = p.BriefSevere()
		}
		out = append(out, s)
	}
	return out
}

func kindWord(p lang.Printer, typ string) string {
	switch typ {
	case "Condition":
		return p.BriefKindCondition()
	case "AllergyIntolerance":
		return p.BriefKindAllergy()
	case "MedicationStatement":
		return p.BriefKindMedicine()
	case "FamilyMemberHistory":
		return p.BriefKindRelative()
	}
	return p.BriefKindOther()
}

func stateWord(p lang.Printer, f fact) (string, parts.Tone) {
	if f.Wrong {
		return p.BriefStateWrong(), parts.ToneWarn
	}
	switch f.State {
	case "active", "recurrence", "relapse":
		return p.BriefStateActive(), parts.TonePlain
	case "remission":
		return p.BriefStateRemission(), parts.TonePlain
	case "inactive":
		return p.BriefStateInactive(), parts.TonePlain
	case "resolved":
		return p.BriefStateResolved(), parts.TonePlain
	case "on-hold":
		return p.BriefStateHeld(), parts.TonePlain
	case "stopped":
		return p.BriefStateStopped(), parts.TonePlain
	case "completed":
		return p.BriefStateCompleted(), parts.TonePlain
	case "died":
		return p.BriefStateDied(), parts.TonePlain
	}
	return "", parts.TonePlain
}
