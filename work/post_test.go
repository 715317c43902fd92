package work_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/clock"
	"rapport/errs"
	"rapport/post"
	"rapport/post/posttest"
	"rapport/work"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// box is an Outbox in memory.
type box struct {
	mu      sync.Mutex
	waiting []*slot
	fates   map[string]post.Fate
	leased  int
	broken  error // what Settle answers
}

type slot struct {
	post.Parcel
	due time.Time
}

func newBox(ids ...string) *box {
	b := &box{fates: map[string]post.Fate{}}
	for i, id := range ids {
		made := noon.Add(time.Duration(i-len(ids)) * time.Second)
		l := post.Letter{ID: id, Kind: post.SignIn, To: id + "@b.example", Link: "https://p.example/" + id}
		b.waiting = append([]*slot{{post.Parcel{ID: id, Letter: l, Made: made}, made}}, b.waiting...) // the newest lies on top
	}
	return b
}

func (b *box) Due(ctx context.Context, now time.Time, n int) ([]post.Parcel, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	slices.SortStableFunc(b.waiting, func(x, y *slot) int { return x.due.Compare(y.due) })
	var out []post.Parcel
	for _, s := range b.waiting {
		if len(out) < n && !s.due.After(now) {
			s.due = now.Add(post.Lease)
			b.leased++
			out = append(out, s.Parcel)
		}
	}
	return out, nil
}

func (b *box) Settle(ctx context.Context, id string, fate post.Fate, next time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := errors.Join(ctx.Err(), b.broken); err != nil {
		return err
	}
	i := slices.IndexFunc(b.waiting, func(s *slot) bool { return s.ID == id })
	if i < 0 {
		return errs.E(errs.NotFound, "no such parcel")
	}
	b.leased--
	b.fates[id] = fate
	if fate == post.Later {
		b.waiting[i].Tries++
		b.waiting[i].due = next
		return nil
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	return nil
}

func (b *box) fate(id string) post.Fate {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fates[id]
}

// due returns when the only parcel is due next.
func (b *box) due() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting[0].due
}

// sender is a post.Sender made of a function, which keeps what it was asked to send.
type sender struct {
	mu    sync.Mutex
	asked []string
	send  func(ctx context.Context, l post.Letter) error
}

func (s *sender) Send(ctx context.Context, l post.Letter) error {
	s.mu.Lock()
	s.asked = append(s.asked, l.ID)
	s.mu.Unlock()
	if s.send == nil {
		return nil
	}
	return s.send(ctx, l)
}

func (s *sender) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func tick(t *testing.T, p *work.Postman, want int) {
	t.Helper()
	if n, err := p.Tick(t.Context()); n != want || err != nil {
		t.Fatalf("a round sent %d letters, want %d: %v", n, want, err)
	}
}

func TestTheLongestDueGoesFirstAndEachOnce(t *testing.T) {
	t.Parallel()
	b, s := newBox("a", "b", "c"), &sender{}
	p := work.NewPostman(b, s, clock.At(noon))
	tick(t, p, 3)
	tick(t, p, 0)
	if d := cmp.Diff([]string{"a", "b", "c"}, s.ids()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(work.Stats{Sent: 3}, p.Stats()); d != "" {
		t.Error(d)
	}
}

func TestTwoPostmenNeverSendOneTwice(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 50 {
		ids = append(ids, fmt.Sprint("l", i))
	}
	b, s := newBox(ids...), &sender{}
	// the first two letters wait for each other: the postmen are at it together
	both := make(chan struct{})
	s.send = func(_ context.Context, l post.Letter) error {
		switch l.ID {
		case "l0":
			both <- struct{}{}
		case "l1":
			<-both
		}
		return nil
	}
	var all sync.WaitGroup
	for range 2 {
		p := work.NewPostman(b, s, clock.At(noon))
		all.Go(func() {
			if _, err := p.Tick(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := s.ids()
	slices.Sort(got)
	slices.Sort(ids)
	if d := cmp.Diff(ids, got); d != "" {
		t.Error(d)
	}
}

func TestALeaseOutlastsAConversationAndIsTakenOverAfter(t *testing.T) {
	t.Parallel()
	now := clock.At(noon)
	b, s := newBox("a"), &sender{}
	if _, err := b.Due(t.Context(), noon, 1); err != nil { // somebody takes it and is never seen again
		t.Fatal(err)
	}
	p := work.NewPostman(b, s, now)
	now.Add(post.Conversation)
	tick(t, p, 0)
	now.Add(post.Lease - post.Conversation)
	tick(t, p, 1)
}

func TestItTriesAgainLessAndLessOftenForThreeDays(t *testing.T) {
	t.Parallel()
	now := clock.At(noon)
	b := newBox("a")
	s := &sender{send: func(context.Context, post.Letter) error { return errors.New("not now") }}
	p := work.NewPostman(b, s, now)
	var waits []time.Duration
	for b.fate("a") != post.Dropped {
		tick(t, p, 0)
		if b.fate("a") == post.Dropped {
			break
		}
		w := b.due().Sub(now.Now())
		waits = append(waits, w)
		tries := len(s.ids())
		now.Add(w - time.Second)
		tick(t, p, 0)
		if len(s.ids()) != tries {
			t.Fatalf("it tried again before the %d. wait of %s was over", tries, w)
		}
		now.Add(time.Second)
	}
	want := []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, 64 * time.Minute, 128 * time.Minute, 256 * time.Minute}
	for range 10 {
		want = append(want, 6*time.Hour)
	}
	if d := cmp.Diff(want, waits); d != "" {
		t.Error(d)
	}
	if age := now.Now().Sub(noon); age > 72*time.Hour || age < 66*time.Hour {
		t.Errorf("given up after %s", age)
	}
	if d := cmp.Diff(work.Stats{Later: 20, Expired: 1}, p.Stats()); d != "" {
		t.Error(d)
	}
}

func TestWhoIsAskedToWaitDoesWithinBounds(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{0: 30 * time.Second, time.Second: 30 * time.Second, 10 * time.Minute: 10 * time.Minute, 6 * time.Hour: 6 * time.Hour, 10000 * time.Hour: 6 * time.Hour} {
		now := clock.At(noon)
		b, s := newBox("a"), &sender{}
		s.send = func(context.Context, post.Letter) error {
			return &post.Failure{Verdict: post.Temporary, Step: post.Recipient, Wait: asked}
		}
		tick(t, work.NewPostman(b, s, now), 0)
		if w := b.due().Sub(noon); w != want {
			t.Errorf("asked to wait %s, it waits %s", asked, w)
		}
	}
}

func TestAnOldLetterIsNotSentAnyMore(t *testing.T) {
	t.Parallel()
	now := clock.At(noon)
	b, s := newBox("a"), &sender{}
	now.Add(72 * time.Hour)
	p := work.NewPostman(b, s, now)
	tick(t, p, 0)
	if len(s.ids()) != 0 || b.fate("a") != post.Dropped || p.Stats().Expired != 1 {
		t.Errorf("asked %v, fate %v, %+v", s.ids(), b.fate("a"), p.Stats())
	}
}

func TestAPanicIsAFailedTry(t *testing.T) {
	t.Parallel()
	now := clock.At(noon)
	b, s := newBox("a", "b"), &sender{}
	s.send = func(_ context.Context, l post.Letter) error {
		if l.ID == "a" && now.Now().Equal(noon) {
			panic(l.To)
		}
		return nil
	}
	p := work.NewPostman(b, s, now)
	tick(t, p, 1)
	now.Add(30 * time.Second)
	tick(t, p, 1)
	if d := cmp.Diff(work.Stats{Sent: 2, Later: 1, Panics: 1}, p.Stats()); d != "" {
		t.Error(d)
	}
}

func TestStoppingFinishesTheLetterOnTheWayAndLeasesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b, s := newBox("a", "b"), &sender{}
	s.send = func(ctx context.Context, _ post.Letter) error {
		cancel()
		return ctx.Err() // the letter is not torn off
	}
	p := work.NewPostman(b, s, clock.At(noon))
	n, err := p.Tick(ctx)
	if n != 1 || err != nil || b.fate("a") != post.Sent || b.leased != 0 || len(s.ids()) != 1 {
		t.Errorf("%d sent, %v; fate %v, %d leased, asked %v", n, err, b.fate("a"), b.leased, s.ids())
	}
	if n, err := p.Tick(ctx); n != 0 || err != nil || len(s.ids()) != 1 {
		t.Errorf("after the end: %d, %v, %v", n, err, s.ids())
	}
}

func TestABrokenOutboxEndsTheRound(t *testing.T) {
	t.Parallel()
	b, s := newBox("a", "b"), &sender{}
	b.broken = errs.E(errs.Unavailable, "the disk is full")
	p := work.NewPostman(b, s, clock.At(noon))
	n, err := p.Tick(t.Context())
	if n != 1 || !errs.Is(err, errs.Unavailable) || len(s.ids()) != 1 {
		t.Errorf("%d, %v, %v", n, err, s.ids())
	}
	if d := cmp.Diff(work.Stats{Sent: 1, Unsettled: 1}, p.Stats()); d != "" {
		t.Error(d)
	}
}

// stuck is an Outbox that forgets what it is told.
type stuck struct{ n int }

func (s *stuck) Due(context.Context, time.Time, int) ([]post.Parcel, error) {
	s.n++
	return []post.Parcel{{ID: "a", Letter: post.Letter{ID: "a"}, Made: noon}}, nil
}
func (*stuck) Settle(context.Context, string, post.Fate, time.Time) error { return nil }

func TestARoundEnds(t *testing.T) {
	t.Parallel()
	b := &stuck{}
	p := work.NewPostman(b, &sender{send: func(context.Context, post.Letter) error { return errors.New("no") }}, clock.At(noon))
	tick(t, p, 0)
	if b.n != 200 {
		t.Errorf("a round of %d", b.n)
	}
}

// relay returns a postman who sends to a sink over a real conversation.
func relay(t *testing.T, b work.Outbox, now clock.Clock) (*posttest.Sink, *work.Postman) {
	t.Helper()
	sink := posttest.New(t, posttest.Options{Security: posttest.StartTLS})
	s, err := post.NewSMTP(post.Relay{Host: sink.Host(), Port: sink.Port(), From: "post@p.example", Roots: sink.Roots()}, now)
	if err != nil {
		t.Fatal(err)
	}
	return sink, work.NewPostman(b, s, now)
}

func to(ms []posttest.Mail) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.To)
	}
	return out
}

func TestALetterGoesTwiceOnlyWhenItsAcknowledgementWasLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		plan posttest.Plan
		want []string // who got mail, in order
	}{
		{"all is well", posttest.Accept(), []string{"a@b.example", "b@b.example"}},
		{"the acknowledgement is lost", posttest.Lose(), []string{"a@b.example", "b@b.example", "a@b.example"}},
		{"it is greylisted", posttest.Answer(posttest.Rcpt, 451), []string{"b@b.example", "a@b.example"}},
		{"it hangs up before", posttest.HangUp(posttest.Data), []string{"b@b.example", "a@b.example"}},
		{"it is taken without goodbye", posttest.HangUp(posttest.Quit), []string{"a@b.example", "b@b.example"}},
		{"it is taken with a rude goodbye", posttest.Answer(posttest.Quit, 421), []string{"a@b.example", "b@b.example"}},
		{"it is refused", posttest.Answer(posttest.Rcpt, 550), []string{"b@b.example"}},
		{"it is refused whole", posttest.Answer(posttest.Ack, 554), []string{"b@b.example"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now := clock.At(noon)
			b := newBox("a", "b")
			sink, p := relay(t, b, now)
			sink.Next(c.plan)
			for range 10 {
				if _, err := p.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
				now.Add(time.Hour)
			}
			if d := cmp.Diff(c.want, to(sink.Mails())); d != "" {
				t.Errorf("%s\n%+v", d, p.Stats())
			}
			if len(b.waiting) != 0 {
				t.Errorf("%d parcels are left", len(b.waiting))
			}
		})
	}
}

func TestARelayThatIsDownIsAskedOnceARound(t *testing.T) {
	t.Parallel()
	now := clock.At(noon)
	b := newBox("a", "b", "c")
	sink, p := relay(t, b, now)
	sink.Next(posttest.Answer(posttest.Connect, 421), posttest.Answer(posttest.From, 451))
	for i := 1; i <= 2; i++ {
		n, err := p.Tick(t.Context())
		if n != 0 || !errs.Is(err, errs.Unavailable) || sink.Talks() != i {
			t.Errorf("%d sent, %d conversations: %v", n, sink.Talks(), err)
		}
		now.Add(time.Second)
	}
	tick(t, p, 1)
	now.Add(time.Minute)
	tick(t, p, 2)
	if d := cmp.Diff([]string{"c@b.example", "a@b.example", "b@b.example"}, to(sink.Mails())); d != "" {
		t.Error(d)
	}
}
