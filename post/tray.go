package post

import (
	"context"
	"slices"
	"sync"
	"time"

	"rapport/clock"
)

// trayHolds is how many letters a Tray keeps.
const trayHolds = 200

// Kept is one letter in a Tray, as its reader would have seen it.
type Kept struct {
	At     time.Time
	Letter Letter
	Mail   Mail
}

// Tray is a Sender that sends nothing and keeps the last 200 letters in memory,
// for the demo. It is safe for concurrent use.
type Tray struct {
	now clock.Clock

	mu   sync.Mutex
	kept []Kept // oldest first
}

// NewTray returns an empty Tray.
func NewTray(now clock.Clock) *Tray { return &Tray{now: now} }

// Send implements Sender; it fails only for a letter that cannot be written.
func (t *Tray) Send(_ context.Context, l Letter) error {
	m, err := written(l)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) == trayHolds {
		t.kept = slices.Delete(t.kept, 0, 1)
	}
	t.kept = append(t.kept, Kept{t.now.Now(), l, m})
	return nil
}

// written is a letter as whoever gets it sees it: of a push, what a lock screen shows.
func written(l Letter) (Mail, error) {
	switch l.By {
	case ByPush:
		n, err := Short(l)
		return Mail{n.Title, n.Text}, err
	case ByText:
		s, err := Text(l)
		return Mail{"", s}, err
	}
	return Write(l)
}

// Letters returns what the tray holds, newest first.
func (t *Tray) Letters() []Kept {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := slices.Clone(t.kept)
	slices.Reverse(out)
	return out
}
