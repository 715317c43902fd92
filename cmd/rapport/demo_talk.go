package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"slices"
	"strings"
	"time"

	"rapport/cmd/rapport/demo"
	"rapport/fhir/thread"
	"rapport/media"
	"rapport/record"
)

// demoSaid is one thing that somebody made up wrote.
type demoSaid struct {
	story  string        // how the client's story begins
	thread string        // which of their threads, by any name
	ago    time.Duration // before now
	topic  string        // of a thread that begins
	title  string
	to     string // the role of who should answer
	by     string // the role of who says it; "" is the client
	note   bool
	photo  bool
	sealed bool // to whoever `to` is
	text   string
}

// demoTalk is what was written to and fro in the last days.
var demoTalk = []demoSaid{
	{story: "New knee", thread: "letter", ago: 12 * 24 * time.Hour, topic: "paper", text: "Could I have a letter for work, please? They would like to know until when I am off."},
	{story: "New knee", thread: "letter", ago: 12*24*time.Hour - 3*time.Hour, by: "frontdesk", text: "Your letter for work is ready to pick up, or to save from your documents. It says six weeks."},
	{story: "New knee", thread: "pressure", ago: 3 * 24 * time.Hour, topic: "care", title: "Blood pressure", to: "physician", text: "This week it was 128 over 79 on most mornings. Do I stay on the new dose?"},
	{story: "New knee", thread: "pressure", ago: 3*24*time.Hour - 2*time.Hour, by: "physician", text: "The new dose is working. Let us keep it, and look again when we speak on video."},
	{story: "Ninety-six", thread: "refill", ago: 40 * time.Hour, topic: "medicine", text: "I have five tablets left. Can I have the next ones?"},
	{story: "New knee", thread: "knee", ago: 15 * time.Hour, topic: "care", title: "Knee recovery", to: "therapist", photo: true, text: "The bend is easier, but my knee is puffy in the evening. Is that normal in week three?"},
	{story: "Warehouse worker", thread: "letter", ago: 5 * time.Hour, topic: "paper", text: "I need a note for work from Monday. My back is better, but not for lifting yet."},
	{story: "Asthma that came late", thread: "cough", ago: 4 * time.Hour, topic: "care", title: "The cough", to: "nurse", text: "The cough is worse at night and I sleep sitting up. I use the blue one every evening now."},
	{story: "Depression, much better", thread: "private", ago: 3 * time.Hour, topic: "care", title: "A heavier week", to: "physician", sealed: true, text: "I would rather write this to you alone. It has been a heavier week again."},
	{story: "Atrial fibrillation", thread: "time", ago: 150 * time.Minute, topic: "visit", text: "Friday does not work after all. Mornings are better for me."},
	{story: "New knee", thread: "knee", ago: 98 * time.Minute, by: "therapist", text: "Yes, some swelling in the evening is expected until about week six. Ice for ten minutes and put your leg up.\n\nKeep the heel on the floor when you slide, the angle makes a difference."},
	{story: "Type 2 diabetes; morning", thread: "sugar", ago: 40 * time.Minute, topic: "medicine", text: "14.8 before breakfast, the second day. I take both tablets. Should I change something?"},
	{story: "New knee", thread: "knee", ago: 12 * time.Minute, text: "Thank you. One more thing, since this morning my calf on the same side is sore and feels hot. Should I still walk today?"},
	{story: "New knee", thread: "knee", ago: 8 * time.Minute, by: "therapist", note: true, text: "Day 19 after surgery. Needs a same-day check for a clot before more exercise. Can you call?"},
}

// talks adds what was written to what happened in the last month.
func (m *madeUp) talks(events []event, now time.Time) []event {
	threads := map[string]string{}
	for i, s := range demoTalk {
		n := slices.IndexFunc(m.world.Clients, func(c demo.Client) bool { return strings.HasPrefix(c.Story, s.story) })
		if n < 0 {
			continue
		}
		of := m.world.Clients[n].ID
		events = append(events, event{at: now.Add(-s.ago), person: of, act: func(ctx context.Context) error {
			if err := m.says(ctx, of, fmt.Sprint("demo", i), s, threads); err != nil {
				return fmt.Errorf("message %d: %w", i, err)
			}
			return nil
		}})
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	return events
}

// says has somebody say one thing, and whoever it answers read what was said before.
func (m *madeUp) says(ctx context.Context, of, key string, s demoSaid, threads map[string]string) error {
	c, err := m.writes(ctx, of, s.by)
	if err != nil {
		return err
	}
	name := of + "/" + s.thread
	w := record.Message{Thread: threads[name], Key: key, Topic: s.topic, Title: s.title, Text: s.text, Note: s.note}
	if s.to != "" {
		w.To = m.who(s.to, 0).ID()
	}
	if s.sealed {
		w.Named = []thread.Party{{Ref: "Practitioner/" + w.To, Name: m.who(s.to, 0).Name()}}
	}
	if s.note {
		w.Calls = []string{m.who("nurse", 0).ID()}
	}
	if s.photo {
		p, err := media.Read(demoPhoto())
		if err != nil {
			return err
		}
		blob, err := c.Attach(ctx, p.Body)
		if err != nil {
			return err
		}
		w.Pieces = []thread.Piece{{Blob: blob, Type: p.Type, Size: int64(len(p.Body)), Cover: p.Thumb}}
	}
	if w.Thread != "" {
		if err := c.MarkRead(ctx, w.Thread); err != nil {
			return err
		}
	}
	threads[name], err = c.Say(ctx, w)
	return err
}

// reaches has somebody made up be told by a push to a browser that is not there, and then
// by a text: in the demo both stand on a page.
func (m *madeUp) reaches(ctx context.Context, of string) error {
	who, err := m.client(ctx, m.charts[of])
	if err != nil {
		return err
	}
	return m.v.SetNotices(ctx, who, func(n *record.Notices) error {
		n.Phone = "+447700900118"
		n.AddDevice(record.Device{Endpoint: "https://push.example/made-up", Key: "made-up", Auth: "made-up", Name: "A made-up phone", Since: m.at.Now()})
		return nil
	})
}

// writes opens a made-up person's chart for who writes: they, or somebody with a role.
func (m *madeUp) writes(ctx context.Context, of, role string) (*record.Chart, error) {
	switch role {
	case "":
		c, _, err := m.opened(ctx, of, record.Messaging, record.Person|record.Messages)
		return c, err
	case "frontdesk":
		return m.v.Open(ctx, m.who(role, 0), record.Replying, m.charts[of], record.Person|record.Messages)
	}
	return m.v.Open(ctx, m.who(role, 0), record.Care, m.charts[of], record.Person|record.Messages)
}

// demoPhoto is a photo of nobody: something like a knee, out of two ellipses.
func demoPhoto() []byte {
	const w, h = 640, 480
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := float64(x)/w, float64(y)/h
			leg := math.Exp(-math.Pow((v-.55-.12*math.Sin(3*u))/.22, 4))
			knee := math.Exp(-(math.Pow((u-.55)/.16, 2) + math.Pow((v-.5)/.18, 2)))
			mix := func(a, b, c float64) uint8 { return uint8(a + (b-a)*leg + (c-b)*leg*knee*.7) }
			m.SetRGBA(x, y, color.RGBA{mix(232, 158, 186), mix(220, 104, 98), mix(204, 70, 78), 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 85}) //nolint:errcheck // a buffer takes everything
	return b.Bytes()
}
