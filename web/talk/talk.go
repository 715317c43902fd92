// Package talk draws what was said in a thread, and reads what is to be said: the same
// for the client and for staff. It refuses to show a photo before somebody taps it, to
// show anything as more than text, and to keep a file as it came.
package talk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir/thread"
	"rapport/lang"
	"rapport/media"
	"rapport/record"
	"rapport/web"
)

// The bounds of one message.
const (
	WordsMost = 10_000   // characters
	FilesMost = 4        // beside them
	TakesMost = 64 << 20 // bytes in all, as a route says it
)

// takesFiles is how many bytes of files a script takes along: the rest is for words.
// filesMost is how many files.
var takesFiles, filesMost = strconv.Itoa(TakesMost - 1<<20), strconv.Itoa(FilesMost)

// View is a thread as it is drawn.
type View struct {
	P    lang.Printer
	Days []Day
}

// Day is what was said on one day.
type Day struct {
	Text string // "Yesterday"
	ISO  string
	Said []Bubble
}

// Bubble is one thing that was said.
type Bubble struct {
	ID         string
	Name, Seed string
	Title      string // what somebody of the practice does
	Time       string
	Mine       bool // the side that reads it said it
	Staff      bool
	Note       bool   // for staff alone
	Gone       bool   // what was said is no more
	Stamp      string // "written by Ada for Bob"
	Paras      []Para
	Pieces     []PieceView
	Cards      []CardView
	Read       string // who has read until here
	Hot        string // the words in it that somebody should look at
}

// Para is a paragraph; Runs are its pieces, marked or not.
type Para struct{ Runs []Run }

// Run is a piece of a paragraph.
type Run struct {
	Text string
	Hot  bool
	End  bool // a line ends here
}

// PieceView is a photo, a recording or a file.
type PieceView struct {
	Kind           string // picture, video, voice or paper
	Href           string
	CoverHref      string
	WordsHref      string // the words of a recording, as WebVTT
	Type           string
	Name, Caption  string
	Length         string // "0:42"
	ShowText, Lang string
}

// CardView is something that can be done.
type CardView struct{ Icon, Title, Text, Href string }

// Reading is what a thread is drawn with.
type Reading struct {
	Base   string // the address of the thread
	Staff  bool   // it is staff who read it
	Me     string // the address of the client's pages, for cards
	Client string // what the client is called, for staff
	Seed   string // and of their face
	Titles map[string]record.Colleague
	Mark   func(text string) []Span // what to mark in a client's words; nil for nothing
}

// Span is a part of a text to be marked, by bytes, and its word.
type Span struct {
	From, To int
	Word     string
}

// Draw draws what was said.
func Draw(a *web.Ask, k record.Conversation, said []thread.Said, r Reading) View {
	v := View{P: a.P}
	for i, s := range said {
		at := a.Local(s.At)
		day := at.Format(time.DateOnly)
		if n := len(v.Days); n == 0 || v.Days[n-1].ISO != day {
			v.Days = append(v.Days, Day{Text: lang.Upper(Near(a, s.At)), ISO: day})
		}
		b := bubble(a, s, r)
		if last := i == len(said)-1 || said[i+1].Kind == thread.Message; last {
			b.Read = readBy(a, k.Talk, s, said[i+1:], r)
		}
		d := &v.Days[len(v.Days)-1]
		d.Said = append(d.Said, b)
	}
	return v
}

// Near names the day of a time: today, yesterday, tomorrow, or its date.
func Near(a *web.Ask, t time.Time) string {
	at := a.Local(t)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	switch day(at).Sub(day(a.Now)) {
	case 0:
		return a.P.MessagesToday()
	case -24 * time.Hour:
		return a.P.MessagesYesterday()
	case 24 * time.Hour:
		return a.P.MessagesTomorrow()
	}
	return a.P.Date(at, a.Now)
}

// By names a day and an hour.
func By(a *web.Ask, t time.Time) string {
	return a.P.AccountWhen(Near(a, t), a.P.Clock(a.Local(t)))
}

func bubble(a *web.Ask, s thread.Said, r Reading) Bubble {
	id, staff := s.From.Staff()
	b := Bubble{ID: s.ID, Name: s.From.Name, Seed: cmp.Or(r.Seed, s.From.Ref), Time: a.P.Clock(a.Local(s.At)), Staff: staff, Mine: staff == r.Staff, Note: s.Kind == thread.Note}
	if staff {
		b.Seed = id
	}
	if c, ok := r.Titles[id]; ok && staff {
		b.Name, b.Title = c.Name, c.Title
	}
	if s.From.For != "" {
		b.Stamp = a.P.MessagesStamp(s.From.Name, s.From.For)
	}
	var marks []Span
	if r.Mark != nil && !staff {
		marks = r.Mark(s.Text)
		var words []string
		for _, m := range marks {
			if !slices.Contains(words, m.Word) {
				words = append(words, m.Word)
			}
		}
		b.Hot = strings.Join(words, ", ")
	}
	b.Paras = paras(s.Text, marks)
	if len(s.Words) > 0 { // in a sealed thread, long ago
		b.Paras, b.Gone = paras(a.P.MessagesGone(), nil), true
	}
	for _, p := range s.Pieces {
		b.Pieces = append(b.Pieces, pieceView(a.P, p, r.Base))
	}
	for _, c := range s.Cards {
		b.Cards = append(b.Cards, cardView(a.P, c, r))
	}
	return b
}

// paras cuts a text into paragraphs and lines, and what is marked out of them.
func paras(text string, marks []Span) []Para {
	var out []Para
	at := 0
	for _, block := range strings.Split(text, "\n\n") {
		var p Para
		for i, line := range strings.Split(block, "\n") {
			if i > 0 && len(p.Runs) > 0 {
				p.Runs[len(p.Runs)-1].End = true
			}
			p.Runs = append(p.Runs, runs(line, at, marks)...)
			at += len(line) + 1
		}
		at++
		if strings.TrimSpace(block) != "" {
			out = append(out, p)
		}
	}
	return out
}

func runs(line string, at int, marks []Span) []Run {
	var out []Run
	done := 0
	for _, m := range marks {
		from, to := max(m.From-at, done), min(m.To-at, len(line))
		if from >= to {
			continue
		}
		if from > done {
			out = append(out, Run{Text: line[done:from]})
		}
		out = append(out, Run{Text: line[from:to], Hot: true})
		done = to
	}
	return append(out, Run{Text: line[done:]})
}

func pieceView(p lang.Printer, x thread.Piece, base string) PieceView {
	v := PieceView{Href: base + "/file/" + x.Blob, Type: x.Type, Name: x.Name, Caption: x.Caption, Kind: "paper"}
	switch {
	case strings.HasPrefix(x.Type, "image/"):
		v.Kind, v.CoverHref, v.ShowText = "picture", v.Href+"/cover", p.MessagesShow()
	case strings.HasPrefix(x.Type, "video/"):
		v.Kind = "video"
	case strings.HasPrefix(x.Type, "audio/"):
		v.Kind = "voice"
	}
	if x.Caption != "" && (v.Kind == "video" || v.Kind == "voice") {
		v.WordsHref, v.Lang = v.Href+"/words", p.Tag().String()
	}
	if x.Seconds > 0 {
		v.Length = strconv.Itoa(x.Seconds/60) + ":" + twoDigits(x.Seconds%60)
	}
	if v.Name == "" {
		v.Name = p.MessagesFile()
	}
	return v
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func cardView(p lang.Printer, c thread.Card, r Reading) CardView {
	v := CardView{Title: c.Name}
	switch c.Type {
	case "Questionnaire":
		v.Icon, v.Text, v.Href = "clipboard-check", p.MessagesCardForm(), r.Me+"/forms"
	case "CarePlan":
		v.Icon, v.Text, v.Href = "plan", p.MessagesCardPlan(), r.Me+"/plan"
	case "Slot":
		v.Icon, v.Text, v.Href = "calendar-plus", p.MessagesCardTime(), r.Me+"/visits/hold"
	default:
		v.Icon, v.Text, v.Href = "calendar", p.MessagesCardVisit(), r.Me+"/visits"
	}
	if r.Staff {
		v.Href = ""
	}
	return v
}

// readBy says who has read until something, if nobody said anything they read after it.
func readBy(a *web.Ask, k record.Talk, s thread.Said, after []thread.Said, r Reading) string {
	_, staff := s.From.Staff()
	if s.Kind == thread.Note || slices.ContainsFunc(after, func(x thread.Said) bool {
		_, other := x.From.Staff()
		return x.Kind == thread.Message && other == staff
	}) {
		return ""
	}
	var out []string
	for who, at := range k.Reads {
		if at.Before(s.At) || staff == (who != record.ClientReads) || staff && !r.Staff {
			continue
		}
		name := r.Client
		if c, ok := r.Titles[who]; ok {
			name = c.Name
		} else if who != record.ClientReads {
			continue
		}
		out = append(out, a.P.MessagesRead(name, a.P.Clock(a.Local(at))))
	}
	slices.Sort(out)
	return strings.Join(out, " · ")
}

// Typed is what somebody wrote and sends.
type Typed struct {
	Text   string // as it was typed
	Key    string
	Files  []File
	Notice string // what is wrong with it; "" for nothing
}

// File is a file that was sent with it.
type File struct {
	Body    []byte
	Caption string
	Seconds int
}

// ReadForm reads a message out of a posted form.
func ReadForm(a *web.Ask) Typed {
	t := Typed{Text: a.Form("text"), Key: a.Form("key")}
	for n := range FilesMost {
		i := ""
		if n > 0 {
			i = strconv.Itoa(n + 1)
		}
		if b := a.File("file" + i); b != nil {
			s, _ := strconv.Atoi(a.Form("seconds" + i)) //nolint:errcheck // 0 is unknown
			t.Files = append(t.Files, File{Body: b, Caption: a.Form("caption" + i), Seconds: min(max(s, 0), 3600)})
		}
	}
	return t
}

// Words cleans what somebody wrote; nothing stays nothing.
func Words(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", nil
	}
	return media.Words(s, WordsMost)
}

// reading is how many files are read at a time: a picture takes some thirty times its
// size while it is drawn anew.
var reading = make(chan struct{}, 2)

func read(ctx context.Context, body []byte) (media.Piece, error) {
	select {
	case reading <- struct{}{}:
		defer func() { <-reading }()
		return media.Read(body)
	case <-ctx.Done():
		return media.Piece{}, errs.E(errs.Unavailable, "talk: gave up before it was read")
	}
}

// Message makes what was typed a message, its files cleaned and kept: all of them, or
// none. What is wrong with it is a Notice to be shown, not an error.
func (t *Typed) Message(ctx context.Context, a *web.Ask, c *record.Chart) (record.Message, error) {
	m := record.Message{Key: t.Key}
	var err error
	if m.Text, err = Words(t.Text); err == nil && m.Text == "" && len(t.Files) == 0 {
		t.Notice = a.P.MessagesEmpty()
		return m, nil
	}
	bodies := make([][]byte, 0, len(t.Files))
	for _, f := range t.Files {
		if err != nil {
			break
		}
		var p media.Piece
		if p, err = read(ctx, f.Body); err != nil {
			break
		}
		x := thread.Piece{Type: p.Type, Size: int64(len(p.Body)), Cover: p.Thumb, Seconds: cmp.Or(p.Seconds, f.Seconds)}
		if x.Caption, err = Words(f.Caption); err != nil {
			break
		}
		m.Pieces, bodies = append(m.Pieces, x), append(bodies, p.Body)
	}
	if errs.Is(err, errs.Invalid) {
		t.Notice, _ = a.P.Say(errs.SayOf(err))
		return m, nil
	}
	for i := range m.Pieces {
		if err != nil {
			break
		}
		m.Pieces[i].Blob, err = c.Attach(ctx, bodies[i])
	}
	return m, err
}

// Serve answers with an attachment that was said in a thread: the piece itself, its
// cover, or its words.
func Serve(a *web.Ask, c *record.Chart, id, blob, part string) (web.Answer, error) {
	_, said, err := c.Thread(a.Context(), id)
	if err != nil {
		return web.Answer{}, err
	}
	for _, s := range said {
		for _, p := range s.Pieces {
			if p.Blob != blob {
				continue
			}
			switch part {
			case "cover":
				return web.Inline("image/jpeg", p.Cover), nil
			case "words":
				return web.Inline("text/vtt; charset=utf-8", media.Captions(p.Caption, p.Seconds)), nil
			}
			body, err := c.Attached(a.Context(), blob)
			if err != nil {
				return web.Answer{}, err
			}
			return web.Media(p.Type, "file.pdf", body), nil
		}
	}
	return web.Answer{}, errs.E(errs.NotFound, "talk: no such attachment in this thread")
}
