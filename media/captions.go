package media

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Captions makes captions (WebVTT) for a film of some seconds out of typed words: one
// cue for each sentence, one after the other, each as long as the others. When the
// length is not known (0 or less) each takes three seconds. Nothing typed becomes a
// time, a tag or a setting; words without anything to see make captions without cues.
func Captions(text string, seconds int) []byte {
	const each, day = 3, 24 * 60 * 60
	said := sentences(cleaned(text))
	if seconds <= 0 {
		seconds = each * len(said)
	}
	long := time.Duration(min(seconds, day)) * time.Second
	if shortest := time.Duration(len(said)) * time.Millisecond; long < shortest {
		long = shortest
	}
	var out strings.Builder
	out.WriteString("WEBVTT\n")
	for i, s := range said {
		from, to := long/time.Duration(len(said))*time.Duration(i), long/time.Duration(len(said))*time.Duration(i+1)
		fmt.Fprintf(&out, "\n%s --> %s\n%s\n", stamp(from), stamp(to), escape.Replace(s))
	}
	return []byte(out.String())
}

var (
	escape   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&nbsp;", " ", "&lrm;", "", "&rlm;", "", "&amp;", "&")
)

func stamp(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}

// sentences takes a text apart: at the end of a line, and behind a sign that ends a
// sentence when a space follows, or none is needed (Chinese, Japanese).
func sentences(text string) []string {
	const ends, endsAlone, closes, closesAlone = ".!?…۔।؟", "。！？", "\"'”’»)", "」』）"
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		from, ended, alone := 0, false, false
		for i, r := range line {
			more := strings.ContainsRune(endsAlone+closesAlone, r)
			if ended && unicode.IsSpace(r) || alone && !more {
				out, from = said(out, line[from:i]), i
			}
			ended = strings.ContainsRune(ends, r) || ended && strings.ContainsRune(closes, r)
			alone = strings.ContainsRune(endsAlone, r) || alone && more
		}
		out = said(out, line[from:])
	}
	return out
}

func said(out []string, s string) []string {
	if s = strings.TrimSpace(s); visible(s) {
		return append(out, s)
	}
	return out
}

// ParseCaptions returns what captions say, a cue to a line, clean as Words cleans. It
// reads captions that others made too, and passes over what it does not understand.
func ParseCaptions(vtt []byte) string {
	text := breaks.Replace(strings.TrimPrefix(strings.ToValidUTF8(string(vtt), "\ufffd"), "\ufeff"))
	var cues []string
	var cue []string
	timed := false
	end := func() {
		if len(cue) > 0 {
			cues = append(cues, strings.Join(cue, " "))
		}
		cue, timed = nil, false
	}
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "":
			end()
		case strings.Contains(line, "-->"):
			end()
			timed = true
		case timed:
			if s := strings.TrimSpace(unescape.Replace(untag(line))); s != "" {
				cue = append(cue, s)
			}
		}
	}
	end()
	return cleaned(strings.Join(cues, "\n"))
}

// untag takes out what stands between < and >.
func untag(s string) string {
	var out strings.Builder
	inside := false
	for _, r := range s {
		switch {
		case r == '<':
			inside = true
		case r == '>' && inside:
			inside = false
		case !inside:
			out.WriteRune(r)
		}
	}
	return out.String()
}
